// SPDX-License-Identifier: MIT

package page

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/jsonl"
	"example.com/pernet/internal/sched"
)

// counterexample reads a fixture, what TLC printed for the cfg beside it.
func counterexample(t *testing.T, name string) Trace {
	t.Helper()
	f, err := os.Open("testdata/" + name + ".out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := ReadCounterexample(f, name+".out")
	if err != nil {
		t.Fatal(err)
	}
	names, err := ReadNames("testdata/" + strings.TrimSuffix(name, ".tool") + ".cfg")
	if err != nil {
		t.Fatal(err)
	}
	trace, err := FromTLC(c, names, "pernet tlc-trace "+name+".out")
	if err != nil {
		t.Fatal(err)
	}
	return trace
}

// schedule runs a schedule that registers, copies, puts and cleans up.
func schedule(t *testing.T) (explore.Instance, Trace) {
	t.Helper()
	in, err := explore.ReadInstance("../../spec/MCnetns.cfg")
	if err != nil {
		t.Fatal(err)
	}
	in.Programs = [][]explore.Call{{{Op: "register_device", X: 1}, {Op: "copy", X: 0}}, {{Op: "register_subsys", X: 0}, {Op: "put", X: 1}}}
	s, err := sched.Parse("T1*4,T2*4,T1*2,T1*6,T2*2,W*7,D1.1,W*2")
	if err != nil {
		t.Fatal(err)
	}
	start, steps, err := in.Trace(s)
	if err != nil {
		t.Fatal(err)
	}
	return in, FromSchedule(&in, s, start, steps, "pernet explore --replay '"+s.String()+"'")
}

// Every form of a counterexample: what was violated, how it ends, its last step.
func TestFromTLC(t *testing.T) {
	for _, c := range []struct {
		name, problem string
		states        int
		end           string // of what kind, and the words of the last step
	}{
		{"MCnetnsBugSubsysAtTail", "The invariant SubsysBeforeDevices is violated.", 9,
			"T_1: `register_pernet_device`: `first_device` set, `mutex_unlock` (subsys O_s)"},
		{"MCnetnsBugUnfairWorker", "The property PutIsFreedProp is violated.", 20,
			"back to 17 by ReleaseNet; T_1: `for_each_net` of a reader"},
		{"MCnetnsBugUnfairSetup.tool", "The property CallReturnsProp is violated.", 13, "back to 12 by ListNetsLock; T_1: `for_each_net` of a reader"},
		{"MCnetnsRefineBugReturnsEarly", "The action property RegistryStepsProp is violated.", 8, ""},
		{"MCregistryBugForwards", "The invariant CleanupRunsAll is violated.", 7, "`Cleanup`"},
	} {
		trace := counterexample(t, c.name)
		if len(trace.About) != 1 {
			t.Errorf("%s: about: %q", c.name, trace.About)
		}
		last := trace.Steps[len(trace.Steps)-1]
		end := last.Words
		if trace.Loops {
			end = "back to " + string(rune('0'+trace.Number(trace.Back)/10)) + string(rune('0'+trace.Number(trace.Back)%10)) + " by " + trace.BackAction + "; " + end
		}
		if trace.Problem.What != c.problem || len(trace.Steps) != c.states || c.end != "" && end != c.end {
			t.Errorf("%s: %s, %d states, %s", c.name, trace.Problem.What, len(trace.Steps), end)
		}
	}
}

// The states that this package reads are those that explore reads.
func TestStatesAreThoseOfExplore(t *testing.T) {
	in := explore.Instance{Ops: []string{"O_d"}, Nets: []string{"N_1", "N_2"}, Threads: []string{"T_1", "T_2"}, Worker: "T_worker",
		Nones: []string{"O_none", "N_none", "T_none", "O_head"}}
	f, err := os.Open("testdata/MCnetnsBugUnfairWorker.out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := ReadCounterexample(f, "")
	if err != nil {
		t.Fatal(err)
	}
	c.States = append(c.States, withDeferred(c.States[len(c.States)-1]))
	trace, err := FromTLC(c, Names{}, "")
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range c.States {
		var lines []string
		for _, v := range s.Vars {
			lines = append(lines, `/\ `+v.Name+" = "+v.Value)
		}
		state, err := in.ParseState(strings.Join(lines, "\n"))
		if err != nil {
			t.Fatal(err)
		}
		want := drawn(&in, state)
		if diff := changes(&want, &trace.Steps[i].State); len(diff) > 0 {
			t.Errorf("state %d: %+v", i+1, diff)
		}
	}
	if last := trace.Steps[len(trace.Steps)-1].State; len(last.Deferred) != 1 || len(last.Threads[0].Waits) != 1 {
		t.Errorf("no deferred callback was read: %+v", last)
	}
}

// withDeferred returns the state with a deferred callback that every thread waits for.
func withDeferred(s TLCState) TLCState {
	s.Vars = slices.Clone(s.Vars)
	for i, v := range s.Vars {
		s.Vars[i].Value = strings.ReplaceAll(v.Value, "waits |-> {}", "waits |-> {<<O_d, N_2>>}")
		if v.Name == "deferred" {
			s.Vars[i].Value = "{<<O_d, N_2>>}"
		}
	}
	return s
}

// Every step of netns.tla is found in the table, in a schedule and in a counterexample, and says who took it.
func TestStepsHaveRowsAndWords(t *testing.T) {
	_, s := schedule(t)
	for _, trace := range []Trace{s, counterexample(t, "MCnetnsBugSubsysAtTail"), counterexample(t, "MCnetnsRefineBugReturnsEarly")} {
		for i, step := range trace.Steps[1:] {
			if step.Row == "" || step.Code == "" || step.Spec == "" || step.Actor == "" || len(step.Changes) == 0 {
				t.Errorf("%s, step %d: %+v", trace.Problem, i+1, step)
			}
			for _, p := range step.Threads {
				if p.At != idle && (p.Row == "" || p.C == "" || p.Code == "") {
					t.Errorf("step %d: %+v", i+1, p)
				}
			}
		}
	}
	var rows []string
	for _, step := range s.Steps {
		rows = append(rows, step.Row)
	}
	for _, want := range []string{"R12", "R16", "R34", "R39", "R51", "R62", "R63", "R65", "R66", "R80"} {
		if !slices.Contains(rows, want) {
			t.Errorf("the schedule has no step of row %s: %v", want, rows)
		}
	}
}

// A step whose action has another name is found by where its actor stood and stands.
func TestStepsAreFoundByTheirPlaces(t *testing.T) {
	_, s := schedule(t)
	for _, trace := range []Trace{s, counterexample(t, "MCnetnsBugUnfairWorker")} {
		for i, step := range trace.Steps[1:] {
			if place(&step.State, step.Actor) == nil {
				continue // a deferred callback, or a call that leaves no trace of who made it
			}
			other := Step{Actor: step.Actor, Action: "AnswersNext", State: step.State}
			other.explain(&trace.Steps[i].State)
			if other.Row != step.Row || other.Note == "" {
				t.Errorf("step %d, %s: found row %s, want %s", i+1, step.Action, other.Row, step.Row)
			}
		}
	}
}

// A thread that waits is said to wait, and for whom.
func TestPlacesSayWhoWaitsForWhom(t *testing.T) {
	s := State{Algorithm: true, View: explore.View{
		NetMutex: "T_1", Rtnl: "T_2", Queue: []string{"N_2"},
		Threads: []explore.ThreadView{
			{Name: "T_1", At: "CopyNetNsRtnlLock"},
			{Name: "T_2", At: "CopyNetNsLock"},
			{Name: "T_3", At: "SetupNetBarrierEnd", Waits: []explore.Pair{{Ops: "O_d", Net: "N_2"}}},
			{Name: "T_4", At: idle},
			{Name: "T_worker", At: idle},
		},
	}}
	want := []string{"rtnl, which T_2 holds", "net_mutex, which T_1 holds", "the deferred callback of O_d on N_2", "", "net_mutex, which T_1 holds"}
	for i, p := range places(s, "T_worker") {
		if got := strings.Join(p.WaitsFor, "; "); got != want[i] {
			t.Errorf("%s waits for %q, want %q", p.Name, got, want[i])
		}
	}
	for at, want := range map[string]string{"RegisterUnlock,": "R16", "RegisterUnlock,EEXIST": "R11", "RegisterUnlock,1": "R17", "UnregisterUnlock,ENOENT": "R21", "CopyNetNsPut,ENOMEM": "R44", "RcuBarrierEnd,": "R71"} {
		point, err, _ := strings.Cut(at, ",")
		if _, r := stepAt(point, err); r == nil || r.id != want {
			t.Errorf("%s is row %+v, want %s", at, r, want)
		}
	}
}

// A thread that stands after a call's first step has begun that call.
func TestBeginOfACall(t *testing.T) {
	for at, want := range map[string]string{"RegisterLink": "RegisterLock", "PutNetQueue": "PutNetZero", "RcuBarrierEnd": "RcuBarrier"} {
		if got := beginOf(at); got != want || table[got] == nil {
			t.Errorf("%s: the call begins with %s, want %s", at, got, want)
		}
	}
}

// What is no counterexample gets one error, with the line.
func TestBadOutput(t *testing.T) {
	good, err := os.ReadFile("testdata/MCnetnsBugSubsysAtTail.out")
	if err != nil {
		t.Fatal(err)
	}
	text := string(good)
	at := func(what string) int { return strings.Index(text, what) }
	for name, c := range map[string]struct{ text, want string }{
		"nothing":           {"", "f:1: this is no output of TLC's: no state was found in it"},
		"something else":    {"hello\nyou\n", "f:2: this is no output of TLC's: no state was found in it"},
		"no error":          {"TLC2 Version 2.18\nModel checking completed. No error has been found.\n", "f:2: TLC found no error: there is no counterexample"},
		"no counterexample": {"TLC2 Version 2.18\nParsing file x\n", "f:2: TLC's output ends without a counterexample"},
		"no states":         {text[:at("Error: The behavior")], "f:22: Invariant SubsysBeforeDevices is violated. But no states follow."},
		"cut in a state":    {text[:at("State 3")+170], "f:54: state 3 has 2 variables, the first has 13: is the output cut off?"},
		"cut in a value":    {text[:strings.LastIndex(text, "firstDevice = ")+14], "f:157: firstDevice: no value of TLA+: no name before \"\""},
		"a state left out":  {text[:at("State 3")] + text[at("State 4"):], "f:54: state 4, where state 3 should come"},
		"a wrong value":     {strings.Replace(text, "netList = <<N_1>>", "netList = <<N_1", 1), "f:28: netList: no value of TLA+: no , before \"\""},
		"a changed name":    {strings.Replace(text, "netMutex = T_1", "netMutx = T_1", 1), "f:42: netMutx, where the first state has netMutex"},
		"garbage":           {"State 1: <Initial predicate>\n???\n", "f:2: no variable of state 1: \"???\""},
		"back too far":      {"State 1: <Initial predicate>\nx = 1\n\nBack to state 2: <A line 1, col 1 to line 1, col 2 of module M>\n", "f:4: back to state 2, but the states are 1 to 1"},
		"no number":         {strings.Replace(text, "N_2 :> 0)\n", "N_2 :> x)\n", 1), "f:29: count: it has no number for N_2"},
		"an unknown net":    {strings.Replace(text, "netList = <<N_1>>", "netList = <<N_9>>", 1), "f:28: netList: it holds \"N_9\", which is none of N_1, N_2"},
		"a word for a list": {strings.Replace(text, "workQueue = <<>>", "workQueue = N_1", 1), "f:32: workQueue: it is no sequence"},
		"a word, no thread": {strings.Replace(text, "at |-> \"Idle\"", "on |-> \"Idle\"", 1), "f:34: thread: T_1 has no field at"},
		"too deep":          {"State 1: <Initial predicate>\nx = " + strings.Repeat("<<", 5000) + "\n", "f:2: x: no value of TLA+: it is nested too deep"},
		"other instance":    {strings.ReplaceAll(text, "O_s", "O_x"), "f:26: kind: it is of O_x, O_d, but MCnetnsBugSubsysAtTail.cfg has O_s, O_d: it is another instance's"},
	} {
		got, err := ReadCounterexample(strings.NewReader(c.text), "f")
		if err == nil {
			_, err = FromTLC(got, Names{Cfg: "MCnetnsBugSubsysAtTail.cfg", Ops: []string{"O_s", "O_d"}}, "")
		}
		if e, ok := errors.AsType[*jsonl.Error](err); !ok || e.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// Other modules, wrapped values, a violation in the initial state, stuttering.
func TestOtherOutput(t *testing.T) {
	for name, c := range map[string]struct{ text, problem, value string }{
		"one variable":         {"Error: Invariant Low is violated.\nState 1: <Initial predicate>\nx = 1\n\n", "The invariant Low is violated.", "1"},
		"initial state":        {"Error: Invariant Low is violated by the initial state:\n/\\ x = 1\n/\\ y = 2\n\nFinished.\n", "The invariant Low is violated.", "1"},
		"wrapped":              {"Error: Deadlock reached.\nState 1: <Initial predicate>\n/\\ x = << 1,\n   2 >>\n/\\ y = 3\n\n", "Deadlock reached.", "<< 1, 2 >>"},
		"carriage returns":     {"Error: Deadlock reached.\r\nState 1: <Initial predicate>\r\n/\\ x = 1\r\n/\\ y = 2\r\n", "Deadlock reached.", "1"},
		"the first of several": {"Error: Invariant A is violated.\nState 1: <Initial predicate>\nx = 1\n\nState 2: <B line 1, col 1 to line 1, col 2 of module M>\nx = 2\n\nError: Invariant B is violated.\nState 1: <Initial predicate>\nx = 3\n\nFinished.\n", "The invariant A is violated.", "1"},
	} {
		got, err := ReadCounterexample(strings.NewReader(c.text), "f")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		trace, err := FromTLC(got, Names{}, "")
		if noted := len(trace.About) > 0; noted == strings.HasSuffix(c.text, "Finished.\n") {
			t.Errorf("%s: about: %q", name, trace.About)
		}
		if err != nil || trace.Problem.What != c.problem || trace.Steps[0].State.Vars[0].Value != c.value {
			t.Errorf("%s: %v, %+v", name, err, trace)
		}
	}
}

// The page holds all of itself, and nothing in a trace can break out of its place.
func TestWrite(t *testing.T) {
	_, trace := schedule(t)
	trace.Problem = &Problem{What: "</script><b>", Detail: "a <i> b"}
	trace.Steps[1].Words = "<script>alert(1)</script>"
	var b bytes.Buffer
	if err := Write(&b, trace); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, bad := range []string{"http:", "https:", "<b>", "a <i> b", "<script>alert", "@import", "url("} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if n := strings.Count(page, "</script>"); n != 2 {
		t.Errorf("%d script elements, want 2", n)
	}
}

// Whatever is read, either a page comes of it or an error that names a line.
func FuzzTLCOutput(f *testing.F) {
	text, err := os.ReadFile("testdata/MCnetnsBugSubsysAtTail.out")
	if err != nil {
		f.Fatal(err)
	}
	_, states, _ := strings.Cut(string(text), "State 1:")
	state, _, _ := strings.Cut(states, "State 2:")
	f.Add("State 1:" + state) // long inputs make it slow
	f.Add("Error: Deadlock reached.\nState 1: <Initial predicate>\nx = <<1, {N_1}>>\n\nBack to state 1: <A line 1, col 1 to line 1, col 2 of module M>\n")
	f.Add("@!@!@STARTMSG 2217:4 @!@!@\n1: <Initial predicate>\n/\\ x = [a |-> \"b\"]\n\n@!@!@ENDMSG 2217 @!@!@\n@!@!@STARTMSG 2218:4 @!@!@\n2: Stuttering\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ReadCounterexample(strings.NewReader(text), "f")
		var trace Trace
		if err == nil {
			trace, err = FromTLC(c, Names{}, "")
		}
		if err == nil {
			err = Write(io.Discard, trace)
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		if e, ok := errors.AsType[*jsonl.Error](err); !ok || e.Line < 1 || strings.Contains(e.Msg, "\n") {
			t.Fatalf("%v", err)
		}
	})
}
