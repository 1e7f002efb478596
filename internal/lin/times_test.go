// SPDX-License-Identifier: MIT

package lin

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/race"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// both are two ops, a net and a second client; the times of one callback are put in below.
const timedRegister = `{"client":0,"call":0,"return":9,"op":"register_subsys","ops":"a","err":"","calls":[["init","a","init_net",2,4]]}
{"client":0,"call":10,"return":19,"op":"register_subsys","ops":"b","err":"","calls":[["init","b","init_net",12,14]]}
`

func TestCallbacksAreHeldToTheirTimes(t *testing.T) {
	const (
		copies = timedRegister + `{"client":1,"call":20,"return":60,"op":"copy","net":"n1","err":"","calls":[["init","a","n1",AA],["init","b","n1",AB]]}
{"client":2,"call":20,"return":60,"op":"copy","net":"n2","err":"","calls":[["init","a","n2",BA],["init","b","n2",BB]]}
`
		registers = timedRegister + `{"client":1,"call":20,"return":60,"op":"register_subsys","ops":"c","err":"","calls":[["init","c","init_net",AA]]}
{"client":2,"call":20,"return":60,"op":"copy","net":"n1","err":"","calls":[["init","a","n1",BA],["init","b","n1",BB],["init","c","n1",50,51]]}
`
		late = copies + `{"client":3,"call":20,"return":60,"op":"register_subsys","ops":"c","err":"","calls":[["init","c","init_net",CA],["init","c","n1",CB],["init","c","n2",CC]]}
`
		// n1 goes and comes again; what the callbacks say of the order is AA, BA, BB.
		again = timedRegister + `{"client":1,"call":20,"return":60,"op":"copy","net":"n1","err":"","calls":[["init","a","n1",22,23],["init","b","n1",24,25]]}
{"client":1,"call":70,"return":75,"op":"put","net":"n1","err":""}
{"client":-1,"call":70,"return":200,"op":"cleanup","nets":["n1"],"freed":["n1"],"calls":[["exit","b","n1",AA],["exit","a","n1",AB]]}
{"client":1,"call":80,"return":200,"op":"copy","net":"n1","err":"","calls":[["init","a","n1",BA],["init","b","n1",BB]]}
`
		rounds = copies + `{"client":1,"call":70,"return":75,"op":"put","net":"n1","err":""}
{"client":1,"call":76,"return":79,"op":"put","net":"n2","err":""}
{"client":-1,"call":80,"return":200,"op":"cleanup","nets":["n2","n1"],"freed":["n2","n1"],"calls":[["exit","b","n2",CA],["exit","b","n1",CB],["exit","a","n2",CC],["exit","a","n1",CD]]}
`
	)
	for name, c := range map[string]struct {
		history, times string
		mutex, rwsem   string // what is wrong; "" if nothing is
	}{
		"one after the other":     {copies, "AA=21,22 AB=22,24 BA=24,25 BB=30,60", "", ""},
		"an instant":              {copies, "AA=21,21 AB=21,21 BA=21,21 BB=30,60", "", ""},
		"before its call":         {copies, "AA=19,22 AB=23,24 BA=25,26 BB=30,60", "outside of its call, from 20 to 60", "outside of its call, from 20 to 60"},
		"after its call":          {copies, "AA=21,22 AB=23,24 BA=25,26 BB=30,61", "outside of its call, from 20 to 60", "outside of its call, from 20 to 60"},
		"out of order":            {copies, "AA=23,24 AB=21,22 BA=25,26 BB=30,31", "before the callback ended", "before the callback ended"},
		"two of one call at once": {copies, "AA=21,24 AB=22,26 BA=27,28 BB=30,31", "before the callback ended", "before the callback ended"},
		"set-ups side by side":    {copies, "AA=21,30 AB=40,50 BA=21,30 BB=40,50", "between the callbacks of that call", ""},
		"between two callbacks":   {copies, "AA=21,22 AB=40,50 BA=30,31 BB=51,52", "between the callbacks of that call", ""},
		"beside a register":       {registers, "AA=21,30 BA=25,26 BB=27,28", "between the callbacks of that call", "between the callbacks of that call"},
		"a register between":      {registers, "AA=25,26 BA=21,22 BB=27,28", "between the callbacks of that call", "between the callbacks of that call"},
		"within the first of two": {late, "AA=21,22 AB=49,50 BA=23,24 BB=25,26 CA=40,41 CB=42,43 CC=44,45", "between the callbacks of that call", "between the callbacks of that call"},
		"after the longer of two": {late, "AA=21,22 AB=39,40 BA=23,24 BB=25,26 CA=40,41 CB=42,43 CC=44,45", "between the callbacks of that call", ""},
		"after a register":        {registers, "AA=21,22 BA=23,24 BB=27,28", "", ""},
		"exits before inits":      {again, "AA=90,91 AB=92,93 BA=94,95 BB=96,97", "", ""},
		"inits before exits":      {again, "AA=94,95 AB=96,97 BA=90,91 BB=92,93", "though its init has run there, and no exit since", "though its init has run there, and no exit since"},
		"a round side by side":    {rounds, "AA=21,22 AB=22,23 BA=24,25 BB=26,27 CA=90,99 CB=90,99 CC=100,110 CD=99,120", "taken", ""},
		"a round out of order":    {rounds, "AA=21,22 AB=22,23 BA=24,25 BB=26,27 CA=90,99 CB=90,99 CC=100,110 CD=98,99", "taken", "before the callback ended"},
	} {
		text := c.history
		for _, at := range strings.Fields(c.times) {
			place, time, _ := strings.Cut(at, "=")
			text = strings.Replace(text, place+"]", time+"]", 1)
		}
		ops := readLines(t, strings.NewReader(text), name)
		for d, why := range map[model.Discipline]string{model.Mutex: c.mutex, model.RWSem: c.rwsem} {
			r, err := Check(t.Context(), d, ops)
			if err != nil || (r.Verdict == Linearizable) != (why == "") {
				t.Errorf("%s, %s: judged %s, %v\n%v", name, d, r.Verdict, err, r.Failure)
			} else if why != "" && why != "taken" && !strings.Contains(r.Failure.Differences[0], why) {
				t.Errorf("%s, %s: %v", name, d, r.Failure)
			}
		}
	}
}

// TestInitAndExitAlternate: what a register left out, or a line did not record, is no fault.
func TestInitAndExitAlternate(t *testing.T) {
	const again = `{"client":1,"call":20,"return":60,"op":"copy","net":"n1","err":"","calls":[["init","a","n1",22,23]]}
{"client":1,"call":70,"return":75,"op":"put","net":"n1","err":""}
{"client":-1,"call":70,"return":200,"op":"cleanup","nets":["n1"],"freed":["n1"],"calls":[["exit","a","n1",94,95]]}
{"client":1,"call":80,"return":200,"op":"copy","net":"n1","err":"","calls":[["init","a","n1",90,91]]}
`
	const register = `{"client":0,"call":0,"return":9,"op":"register_subsys","ops":"a","err":"","calls":[["init","a","init_net",2,4]]}` + "\n"
	const exits = `{"client":-1,"call":70,"return":90,"op":"cleanup","nets":["n1"],"freed":["n1"],"calls":[["exit","a","n1",80,81]]}` + "\n"
	failed := func(err, calls string) string {
		return `{"client":2,"call":10,"return":19,"op":"copy","net":"n1","err":` + err + `,"calls":[` + calls + `]}` + "\n"
	}
	twoInits := func(at int, err string) string {
		return fmt.Sprintf(`{"client":2,"call":%d,"return":%d,"op":"copy","net":"n1","err":%s,"calls":[["init","a","n1",%d,%d],["init","b","n1",%d,%d]]}`+"\n", at, at+9, err, at+1, at+2, at+3, at+4)
	}
	for name, c := range map[string]struct {
		history string
		want    Verdict
	}{
		"as it is":                       {register + again, Not},
		"a line does not record":         {strings.Replace(register, `[["init","a","init_net",2,4]]`, "null", 1) + again, Linearizable},
		"a callback without times":       {strings.Replace(register, ",2,4", "", 1) + again, Linearizable},
		"a call that never returned":     {register + again + `{"client":4,"call":5,"return":null,"op":"unregister_subsys","ops":"x"}` + "\n", Linearizable},
		"a get that never returned":      {register + again + `{"client":4,"call":5,"return":null,"op":"get","net":"n1"}` + "\n", Not},
		"an ops once had no exit":        {`{"client":0,"call":-9,"return":-8,"op":"register_subsys","ops":"a","exit":false,"err":"EINTR"}` + "\n" + register + again, Linearizable},
		"a copy that failed is down":     {register + failed(`"ENOMEM"`, `["init","a","n1",12,13]`) + again[:strings.Index(again, "\n")+1], Linearizable},
		"a positive register is undone":  {register + again[:strings.Index(again, "\n")+1] + `{"client":2,"call":70,"return":79,"op":"register_device","ops":"d","err":1,"calls":[["init","d","init_net",70,71],["init","d","n1",72,73],["exit","d","init_net",74,75]]}` + "\n", Linearizable},
		"a positive copy has no exit":    {timedRegister + twoInits(20, "1") + twoInits(30, `""`), Linearizable},
		"another init of the same comes": {register + again[:strings.Index(again, "\n")+1] + again[strings.Index(again, "\n")+1:strings.LastIndex(again, `{"client":-1`)] + exits, Linearizable},
	} {
		r, err := Check(t.Context(), model.Mutex, readLines(t, strings.NewReader(c.history), name))
		if err != nil || r.Verdict != c.want {
			t.Errorf("%s: judged %s, %v\n%v", name, r.Verdict, err, r.Failure)
		}
	}
}

// many returns operations of that instant, which change nothing: more than a window has at least.
func many(at int) string {
	return strings.Repeat(fmt.Sprintf(`{"client":9,"call":%d,"return":%[1]d,"op":"get","net":"none","err":"ENOENT"}`+"\n", at), minWindow+10)
}

// TestInitAndExitAlternateInALongHistory: the rule looks back over all windows, to the first of thousands of pairs.
func TestInitAndExitAlternateInALongHistory(t *testing.T) {
	const ops, nets = 40, 100
	callbacks := func(word, net string, at int) string {
		var calls []string
		for o := range ops {
			if word == "exit" {
				o = ops - 1 - o
			}
			calls = append(calls, fmt.Sprintf(`[%q,"o%d",%q,%d,%[4]d]`, word, o, net, at))
		}
		return strings.Join(calls, ",")
	}
	var b strings.Builder
	for o := range ops {
		fmt.Fprintf(&b, `{"client":1,"call":%d,"return":%[1]d,"op":"register_subsys","ops":"o%[1]d","err":"","calls":[["init","o%[1]d","init_net",%[1]d,%[1]d]]}`+"\n", o)
	}
	for n := range nets {
		net := fmt.Sprint("n", n)
		fmt.Fprintf(&b, `{"client":1,"call":%d,"return":%[1]d,"op":"copy","net":%q,"err":"","calls":[%s]}`+"\n", ops+n, net, callbacks("init", net, ops+n))
	}
	for name, c := range map[string]struct {
		exits, inits int
		want         Verdict
	}{
		"exits before inits": {390, 391, Linearizable},
		"inits before exits": {391, 390, Not},
	} {
		history := b.String() + many(200) + many(201) + `{"client":1,"call":300,"return":301,"op":"put","net":"n0","err":""}
{"client":-1,"call":302,"return":900,"op":"cleanup","nets":["n0"],"freed":["n0"],"calls":[` + callbacks("exit", "n0", c.exits) + `]}
{"client":1,"call":302,"return":900,"op":"copy","net":"n0","err":"","calls":[` + callbacks("init", "n0", c.inits) + `]}
`
		r, err := Check(t.Context(), model.Mutex, readLines(t, strings.NewReader(history), name))
		if err != nil || r.Verdict != c.want || r.Failure != nil && !strings.Contains(r.Failure.String(), "though its init has run there, and no exit since") {
			t.Errorf("%s: judged %s, %v\n%v", name, r.Verdict, err, r.Failure)
		}
	}
}

// TestExitWithoutItsInit: in real time an exit on a net comes before the init on it, though the calls
// overlap, so that some order explains their answers.
func TestExitWithoutItsInit(t *testing.T) {
	const history = `{"client":0,"call":0,"return":50,"op":"register_subsys","ops":"a","err":"","calls":[["init","a","init_net",30,31]]}
{"client":1,"call":0,"return":50,"op":"unregister_subsys","ops":"a","err":"","calls":[["exit","a","init_net",10,11]]}
`
	r, err := Check(t.Context(), model.Mutex, readLines(t, strings.NewReader(history), "f"))
	if err != nil || r.Verdict != Not || r.Failure.Line != 2 || !strings.Contains(r.Failure.String(), `calls: the exit of "a" on "init_net" ran from 10 to 11, though its init has not run there`) {
		t.Errorf("judged %s, %v\n%v", r.Verdict, err, r.Failure)
	}
}

// TestTimesMakeNoDifferenceToTheSearch: calls that ask and answer the same are twins also when their
// callbacks ran at other times.
func TestTimesMakeNoDifferenceToTheSearch(t *testing.T) {
	n := newNames()
	key := func(begin int64) string {
		o := wire.Line{Op: wire.Copy, Net: "n", From: wire.InitNet, Calls: []wire.Callback{{Ops: "a", Net: "n", Timed: true, Begin: begin, End: begin}}}
		return n.number(&o, 1, model.Mutex).key
	}
	if key(1) != key(2) {
		t.Error(key(1), key(2))
	}
}

// TestTwinsAskAndAnswerTheSame: calls that differ in anything but their times are no twins.
func TestTwinsAskAndAnswerTheSame(t *testing.T) {
	n, compared := newNames(), 0
	key := func(o wire.Line) string { return n.number(&o, 1, model.Mutex).key }
	for seed := range uint64(40) {
		for _, op := range simulate(model.Mutex, seed, 1, 6, false) {
			if op.Op == wire.Cleanup {
				continue
			}
			for change, list := range others(op, []string{"a", "b"}, []string{wire.InitNet, "n1"}) {
				for _, o := range list {
					if compared++; o.String() != op.String() && key(o) == key(op) {
						t.Fatalf("%s: the same key of\n%s\n%s", change, &op, &o)
					}
				}
			}
		}
	}
	if compared < 1000 {
		t.Error(compared)
	}
}

// serial returns a right history of calls that do not overlap, with the times of their callbacks.
func serial(d model.Discipline, seed uint64, n int) []wire.Line {
	s := newSimulation(d, seed, 1, []string{
		wire.RegisterSubsys, wire.RegisterDevice, wire.UnregisterSubsys, wire.UnregisterDevice, wire.Copy, wire.Copy, wire.Copy, wire.Put, wire.Put,
	})
	s.there, s.lacks = true, 100
	for len(s.ops) < n {
		c := s.rnd.IntN(len(s.clients))
		for s.turn(c); s.clients[c].op != nil; {
			s.turn(c)
		}
		s.now++
	}
	for i := range s.ops {
		o := &s.ops[i]
		o.Call, o.Return = int64(1000*i), int64(1000*i+900)
		for j := range o.Calls {
			o.Calls[j].Timed, o.Calls[j].Begin, o.Calls[j].End = true, o.Call+int64(10*j), o.Call+int64(10*j+9)
		}
	}
	return s.ops
}

// TestEveryCallIsHeldToTheTimesOfItsCallbacks: whatever a call answers, its callbacks ran inside it, one
// after the other on each net.
func TestEveryCallIsHeldToTheTimesOfItsCallbacks(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	for _, d := range []model.Discipline{model.Mutex, model.RWSem} {
		refused := map[string]int{}
		for _, call := range model.Calls {
			if call.Inits {
				refused[call.Op+" fails of an init"] = 0
			}
			if call.Exits {
				refused[answerOf(&wire.Line{Op: call.Op})] = 0
			}
		}
		for seed := range uint64(250) {
			ops := serial(d, seed, 12)
			judge := func(i, j int, begin, end int64, want Verdict) {
				other := slices.Clone(ops)
				if o := &other[i]; j >= 0 {
					o.Calls = slices.Clone(o.Calls)
					o.Calls[j].Begin, o.Calls[j].End = begin, end
				}
				if r, err := Check(t.Context(), d, other); err != nil || r.Verdict != want {
					t.Fatalf("%s, seed %d: judged %s, %v, want %s\n%s", d, seed, r.Verdict, err, want, text(other))
				}
			}
			judge(0, -1, 0, 0, Linearizable)
			for i, o := range ops {
				for j, cb := range o.Calls {
					judge(i, j, o.Call-1, cb.End, Not)
					judge(i, j, cb.Begin, o.Return+1, Not)
					if j > 0 && o.Calls[j-1].Net == cb.Net {
						judge(i, j, o.Calls[j-1].Begin, cb.End, Not)
					}
					refused[answerOf(&o)]++
				}
			}
		}
		for answer, n := range refused {
			if n < 10 {
				t.Errorf("%s: %s was judged %d times", d, answer, n)
			}
		}
	}
}
