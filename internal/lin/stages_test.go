// SPDX-License-Identifier: MIT

package lin

import (
	"fmt"
	"strings"
	"testing"

	"example.com/pernet/model"
)

// undone2 is two ops, two nets, and their cleanup as one round; CALLS are its callbacks.
const undone2 = `{"client":0,"call":0,"return":9,"op":"register_subsys","ops":"a","err":"","calls":[["init","a","init_net"]]}
{"client":0,"call":10,"return":19,"op":"register_subsys","ops":"b","err":"","calls":[["init","b","init_net"]]}
{"client":0,"call":20,"return":29,"op":"copy","net":"m","err":"","calls":[["init","a","m"],["init","b","m"]]}
{"client":0,"call":30,"return":39,"op":"copy","net":"n","err":"","calls":[["init","a","n"],["init","b","n"]]}
{"client":0,"call":40,"return":41,"op":"put","net":"m","err":""}
{"client":0,"call":42,"return":43,"op":"put","net":"n","err":""}
{"client":-1,"call":50,"return":99,"op":"cleanup","nets":["n","m"],"freed":["n","m"],"calls":[CALLS]}
`

func TestStagesOfAnUndoAreHeldToTheirOrder(t *testing.T) {
	for name, c := range map[string]struct{ calls, want string }{
		"none":                {"exit b n, exit b m, exit a n, exit a m", ""},
		"all":                 {"pre_exit b n, pre_exit b m, pre_exit a n, pre_exit a m, exit_rtnl b n, exit_rtnl a n, exit_rtnl b m, exit_rtnl a m, exit b n, exit b m, exit_batch b n+m, exit a n, exit a m, exit_batch a n+m", ""},
		"net by net":          {"pre_exit b n, pre_exit a n, pre_exit b m, pre_exit a m, exit b n, exit a n, exit b m, exit a m", ""},
		"one ops has some":    {"pre_exit a n, pre_exit a m, exit b n, exit b m, exit a n, exit a m, exit_batch a m+n", ""},
		"within an instant":   {"pre_exit b n 60 60, pre_exit b m 60 60, exit b n 60 61, exit b m 60 62, exit_batch b n+m 62 62, exit a n, exit a m", ""},
		"pre_exit late":       {"pre_exit b n, exit b n, pre_exit b m, exit b m, exit a n, exit a m", `the pre_exit of "b" on "m" ran after the exit of "b" on "n"`},
		"exit_rtnl early":     {"exit_rtnl b n, exit_rtnl b m, pre_exit b n, pre_exit b m, exit b n, exit b m, exit a n, exit a m", `the pre_exit of "b" on "n" ran after the exit_rtnl of "b" on "m"`},
		"exit_rtnl late":      {"exit b n, exit b m, exit_rtnl b n, exit_rtnl b m, exit a n, exit a m", `the exit_rtnl of "b" on "n" ran after the exit of "b" on "m"`},
		"pre_exits forwards":  {"pre_exit a n, pre_exit a m, pre_exit b n, pre_exit b m, exit b n, exit b m, exit a n, exit a m", `the exit of "a" on "n" ran after that of "b", but came before it in an earlier stage`},
		"exit_rtnls forwards": {"pre_exit b n, pre_exit b m, pre_exit a n, pre_exit a m, exit_rtnl a n, exit_rtnl b n, exit_rtnl a m, exit_rtnl b m, exit b n, exit b m, exit a n, exit a m", `the exit_rtnl of "b" on "n" ran after that of "a", but came before it in an earlier stage`},
		"batches at the end":  {"exit b n, exit b m, exit a n, exit a m, exit_batch b n+m", `the exit of "a" on "n" ran before the exit_batch of "b", whose exits had begun`},
		"a batch early":       {"exit b n, exit_batch b n+m, exit b m, exit a n, exit a m", `the exit of "b" on "m" ran after its exit_batch`},
		"two batches":         {"exit b n, exit_batch b n, exit b m, exit_batch b m, exit a n, exit a m", `a second exit_batch of "b" ran`},
		"a batch of one":      {"exit b n, exit b m, exit_batch b n, exit a n, exit a m", `no exit_batch of "b" on "m", where its exit ran`},
		"a net forgotten":     {"pre_exit b n, exit b n, exit b m, exit a n, exit a m", `no pre_exit of "b" on "m", where its exit ran`},
		"a net too many":      {"pre_exit b n, pre_exit b m, pre_exit b init_net, exit b n, exit b m, exit a n, exit a m", `the pre_exit of "b" on "init_net" ran, which the call does not undo`},
		"a batch too many":    {"exit b n, exit b m, exit_batch b n+m, exit a n, exit a m, exit_batch a n+m+init_net", `the exit_batch of "a" on "init_net" ran, which the call does not undo`},
		"stages overlap":      {"pre_exit b n 80 81, pre_exit b m 61 62, exit b n 82 83, exit b m 70 71, exit a n 84 85, exit a m 72 73", `the exit of "b" on "m" ran from 70 to 71, before the pre_exit of "b" on "n" ended`},
		"twice":               {"pre_exit b n, pre_exit b n, pre_exit b m, exit b n, exit b m, exit a n, exit a m", `the pre_exit of "b" on "n" ran twice`},
		"before its call":     {"pre_exit b n 49 60, pre_exit b m, exit b n, exit b m, exit a n, exit a m", `the pre_exit of "b" on "n" ran from 49 to 60, outside of its call, from 50 to 99`},
		"after its call":      {"exit b n, exit b m, exit_batch b n+m 98 100, exit a n, exit a m", `the exit_batch of "b" on "n" ran from 98 to 100, outside of its call, from 50 to 99`},
		"at the same time":    {"exit b n 60 62, exit b m 60 70, exit_batch b n+m 69 71, exit a n 72 73, exit a m 72 73", `the exit_batch of "b" on "n" ran from 69 to 71, before the exit of "b" on "m" ended`},
	} {
		history := strings.Replace(undone2, "CALLS", callsOf(c.calls), 1)
		r, err := Check(t.Context(), model.RWSem, readLines(t, strings.NewReader(history), name))
		switch {
		case err != nil || (r.Verdict == Linearizable) != (c.want == ""):
			t.Errorf("%s: judged %s, %v\n%v", name, r.Verdict, err, r.Failure)
		case c.want != "" && (r.Failure.Differences[0] != "calls: "+c.want || r.Failure.Line != 7):
			t.Errorf("%s: line %d, %s", name, r.Failure.Line, r.Failure.Differences)
		}
	}
}

// callsOf turns "exit a n 3 4, exit_batch a n+m" into the elements of a field calls.
func callsOf(text string) string {
	var calls []string
	for _, one := range strings.Split(text, ", ") {
		f := strings.Fields(one)
		net := fmt.Sprintf("%q", f[2])
		if f[0] == "exit_batch" {
			net = `["` + strings.ReplaceAll(f[2], "+", `","`) + `"]`
		}
		calls = append(calls, fmt.Sprintf("[%q,%q,%s]", f[0], f[1], strings.Join(append([]string{net}, f[3:]...), ",")))
	}
	return strings.Join(calls, ",")
}

// TestOnlyAnUndoHasStages. A history that is also wrong for another reason is refused for that one.
func TestOnlyAnUndoHasStages(t *testing.T) {
	const register = `{"client":0,"call":0,"return":9,"op":"register_subsys","ops":"a","err":"","calls":[["init","a","init_net"]]}` + "\n"
	copies := func(at int, err, calls string) string {
		return fmt.Sprintf(`{"client":0,"call":%d,"return":%d,"op":"copy","net":"n","err":%q,"calls":[%s]}`+"\n", at, at+9, err, callsOf(calls))
	}
	unregister := func(err, calls string) string {
		return fmt.Sprintf(`{"client":0,"call":50,"return":59,"op":"unregister_subsys","ops":"a","err":%q,"calls":[%s]}`+"\n", err, callsOf(calls))
	}
	again := func(at int, op, asks, calls string) string {
		op = map[string]string{"subsys": "register_subsys", "unregister": "unregister_subsys"}[op]
		return fmt.Sprintf(`{"client":0,"call":%d,"return":%d,"op":%q,%s,"err":"","calls":[%s]}`+"\n", at, at+9, op, asks, callsOf(calls))
	}
	const second = `{"client":0,"call":10,"return":19,"op":"register_device","ops":"d","err":"","calls":[["init","d","init_net"]]}` + "\n"
	for name, c := range map[string]struct {
		history, want string
		rwsem         bool
	}{
		"a copy that failed":      {register + second + copies(20, "ENOMEM", "init a n, init d n, pre_exit a n, exit a n"), "", true},
		"a copy that succeeded":   {register + copies(20, "", "init a n, pre_exit a n"), `the pre_exit of "a" ran, though nothing is undone`, true},
		"before the inits":        {register + copies(20, "ENOMEM", "pre_exit a n, init a n"), `the pre_exit of "a" ran, though nothing is undone`, true},
		"an unregister":           {register + unregister("", "pre_exit a init_net, exit a init_net, exit_batch a init_net"), "", true},
		"an unregister of 2009":   {register + unregister("", "pre_exit a init_net, exit a init_net"), `the pre_exit of "a": --discipline mutex has inits and exits alone`, false},
		"a refused unregister":    {strings.Replace(register, "subsys", "device", 1) + unregister("EINVAL", "exit_rtnl a init_net"), `the exit_rtnl of "a" ran, though nothing is undone`, true},
		"once with, once without": {register + second + copies(20, "ENOMEM", "init a n, init d n, pre_exit a n, exit a n") + unregister("", "exit a init_net"), `the undo of "a" had exit, that in line 3 had exit, pre_exit`, true},
		"on the failed net":       {register + second + copies(20, "ENOMEM", "init a n, init d n, pre_exit d n, pre_exit a n, exit a n"), `the pre_exit of "d" on "n" ran, though its init failed there`, true},
		"of the first init":       {register + copies(20, "ENOMEM", "init a n, pre_exit a n"), `the pre_exit of "a" on "n" ran, though its init failed there`, true},
		"on another net":          {register + second + copies(20, "ENOMEM", "init a n, init d n, pre_exit a init_net, exit a n"), `the pre_exit of "a" on "init_net" ran, which the call does not undo`, true},
		"of another ops":          {register + second + unregister("", "pre_exit d init_net, exit a init_net"), `the pre_exit of "d" on "init_net" ran, which the call does not undo`, true},
		"beside the inits":        {register + second + copies(20, "ENOMEM", "init a n 21 26, init d n, pre_exit a n 22 23, exit a n 27 28"), `the pre_exit of "a" on "n" ran from 22 to 23, before the init of "a" on "n" ended`, true},
		"another of the name":     {register + unregister("", "pre_exit a init_net, exit a init_net") + again(60, "subsys", `"ops":"a","exit":false`, "init a init_net") + again(70, "unregister", `"ops":"a"`, "pre_exit a init_net"), "", true},
		"then not recorded": {register + second + copies(20, "ENOMEM", "init a n, init d n, pre_exit a n, exit a n") +
			`{"client":0,"call":50,"return":59,"op":"unregister_subsys","ops":"a","err":"","calls":null}` + "\n", "", true},
		"never returned": {register + second + copies(20, "ENOMEM", "init a n, init d n, pre_exit a n, exit a n") +
			`{"client":0,"call":50,"return":null,"op":"unregister_subsys","ops":"a"}` + "\n", "", true},
		"the answer is wrong too": {register + copies(20, "", "init a n, pre_exit a n, exit a n"), `answered [["init","a","n"],["exit","a","n"]], the model answers`, true},
	} {
		d := model.Mutex
		if c.rwsem {
			d = model.RWSem
		}
		r, err := Check(t.Context(), d, readLines(t, strings.NewReader(c.history), name))
		switch {
		case err != nil || (r.Verdict == Linearizable) != (c.want == ""):
			t.Errorf("%s: judged %s, %v\n%v", name, r.Verdict, err, r.Failure)
		case c.want != "" && !strings.Contains(r.Failure.Differences[0], c.want):
			t.Errorf("%s: %s", name, r.Failure.Differences)
		}
	}
}

// TestStagesAreRememberedAsLongAsTheOps: what an ops had in one undo it has in each later cleanup, unless
// another ops may have its name by then.
func TestStagesAreRememberedAsLongAsTheOps(t *testing.T) {
	const (
		nets = `{"client":0,"call":0,"return":9,"op":"register_subsys","ops":"a","exit":false,"err":"","calls":[["init","a","init_net"]]}
{"client":0,"call":20,"return":29,"op":"copy","net":"m","err":"","calls":[["init","a","m"]]}
{"client":0,"call":30,"return":39,"op":"copy","net":"n","err":"","calls":[["init","a","n"]]}
{"client":0,"call":40,"return":41,"op":"put","net":"m","err":""}
{"client":-1,"call":50,"return":59,"op":"cleanup","nets":["m"],"freed":["m"],"calls":[["pre_exit","a","m"]]}
{"client":0,"call":60,"return":61,"op":"put","net":"n","err":""}
`
		silent = `{"client":-1,"call":80,"return":89,"op":"cleanup","nets":["n"],"freed":["n"]}` + "\n"
	)
	for name, c := range map[string]struct{ between, want string }{
		"nothing between":             {"", `the undo of "a" had no callback, that in line 5 had pre_exit`},
		"a register that was refused": {`{"client":1,"call":62,"return":63,"op":"register_subsys","ops":"a","err":"EEXIST"}` + "\n", ""},
		"an unregister beside it":     {`{"client":1,"call":79,"return":90,"op":"unregister_subsys","ops":"a","err":"","calls":[["pre_exit","a","init_net"]]}` + "\n", ""},
		"an unregister of another":    {`{"client":1,"call":79,"return":90,"op":"unregister_subsys","ops":"b","err":"ENOENT"}` + "\n", `the undo of "a" had no callback, that in line 5 had pre_exit`},
		"one that never returned":     {`{"client":1,"call":45,"return":null,"op":"unregister_subsys","ops":"a"}` + "\n", ""},
		"two windows between":         {many(62) + many(64), `the undo of "a" had no callback, that in line 5 had pre_exit`},
		"one long ago":                {`{"client":1,"call":1,"return":null,"op":"unregister_subsys","ops":"a"}` + "\n" + `{"client":2,"call":65,"return":66,"op":"register_subsys","ops":"a","err":"EINTR"}` + "\n", ""},
	} {
		r, err := Check(t.Context(), model.RWSem, readLines(t, strings.NewReader(nets+c.between+silent), name))
		switch {
		case err != nil || (r.Verdict == Linearizable) != (c.want == ""):
			t.Errorf("%s: judged %s, %v\n%v", name, r.Verdict, err, r.Failure)
		case c.want != "" && r.Failure.Differences[0] != "calls: "+c.want:
			t.Errorf("%s: %s", name, r.Failure.Differences)
		}
	}
}

// TestStagesExcludeOthers: a register holds the registry from its first callback to its last, stages too.
func TestStagesExcludeOthers(t *testing.T) {
	history := timedRegister + `{"client":1,"call":20,"return":60,"op":"unregister_subsys","ops":"b","err":"","calls":[["pre_exit","b","init_net",22,24],["exit","b","init_net",40,41],["exit_batch","b",["init_net"],50,55]]}
{"client":2,"call":20,"return":60,"op":"copy","net":"n1","err":"","calls":[["init","a","n1",AT]]}
`
	for at, right := range map[string]bool{"21,22": true, "23,25": false, "30,31": false, "45,46": false, "55,56": true} {
		r, err := Check(t.Context(), model.RWSem, readLines(t, strings.NewReader(strings.Replace(history, "AT", at, 1)), "f"))
		if err != nil || (r.Verdict == Linearizable) != right {
			t.Errorf("at %s: judged %s, %v\n%v", at, r.Verdict, err, r.Failure)
		}
	}
}
