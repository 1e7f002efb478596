// SPDX-License-Identifier: MIT

package page

import (
	"strings"
	"testing"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/explore/rwsem"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/sched"
)

// rounds is an instance of the discipline since 4.17 with all kinds of callbacks, in which the inits
// of the device may fail.
func rounds(t *testing.T, before string, programs ...string) *rwsem.Instance {
	t.Helper()
	in, err := rwsem.ReadInstance("../../spec/MCnetns_rwsemGraphRounds.cfg")
	if err != nil {
		t.Fatal(err)
	}
	in.Failing = in.Ops[1:]
	if in, err = in.With(calls(t, before), each(programs, func(p string) []clients.Call { return calls(t, p) })...); err != nil {
		t.Fatal(err)
	}
	return in
}

func calls(t *testing.T, text string) []clients.Call {
	t.Helper()
	c, err := clients.ParseCalls(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// rwsemSchedule runs a schedule in which a register waits behind two copies in the queue of
// pernet_ops_rwsem, a reader of the list keeps them off it, and a round takes two nets.
func rwsemSchedule(t *testing.T) Trace {
	t.Helper()
	in := rounds(t, "register_subsys0", "copy0,put1", "copy0,put2", "register_device1,list,lookup0")
	s, err := sched.Parse(rwsemChoices)
	if err != nil {
		t.Fatal(err)
	}
	start, steps, err := explore.Trace(in, s)
	if err != nil {
		t.Fatal(err, steps[len(steps)-1].Label, explore.Describe(in, steps[len(steps)-1].State))
	}
	return FromSchedule(in, s, start, steps, in.ReplayLine("spec/MCnetns_rwsemGraphRounds.cfg", s))
}

const rwsemChoices = "T1*6,T2*6,T3*1,T1*4,T2*4,W*2,T3*7,T3,W*6,T3,W*15,D0.1,D0.2,W*4"

// TestThreadsWaitExactlyWhereTheyCannotMove: in every state of both disciplines, the page says that
// a thread inside a call waits for something exactly if the code cannot take its step.
func TestThreadsWaitExactlyWhereTheyCannotMove(t *testing.T) {
	in, err := mutex.ReadInstance("../../spec/MCnetnsLiveDeferred.cfg")
	if err != nil {
		t.Fatal(err)
	}
	in, err = in.With(calls(t, "register_device0"), calls(t, "list,barrier"), calls(t, "copy0,put1"), calls(t, "unregister_device0"))
	if err != nil {
		t.Fatal(err)
	}
	waitsAsTheCode(t, in, "net_mutex", "rtnl", "the deferred callback of O_d on N_2")
	waitsAsTheCode(t, rounds(t, "register_subsys0", "copy0,put1", "list,lookup0", "register_device1"),
		"pernet_ops_rwsem", "net_rwsem", "the deferred callback of O_s on N_2", "the RCU reader T_2")
	waitsAsTheCode(t, rounds(t, "register_subsys0,register_device1,copy0", "put1", "copy0"), "rtnl")
}

// waitsAsTheCode compares each state of the graph, in which there must be each of these waits.
func waitsAsTheCode[S comparable](t *testing.T, in Instance[S], want ...string) {
	t.Helper()
	r := explore.Explore(t.Context(), in, explore.Options{Workers: 2})
	waits := map[string]int{}
	for i, s := range r.Graph.States {
		state := drawn(in, s)
		moves := map[string]bool{}
		for _, e := range r.Graph.Out[i] {
			moves[in.Actor(e.Choice.Thread)] = true
		}
		for _, p := range places(state) {
			what, _, _ := strings.Cut(strings.Join(p.WaitsFor, "; "), ",")
			waits[what]++
			if p.At != idle && moves[p.Name] != (what == "") {
				t.Fatalf("%s moves: %v, waits for %q in\n%s", p.Name, moves[p.Name], what, explore.Describe(in, s))
			}
		}
	}
	for _, w := range want {
		if waits[w] == 0 {
			t.Errorf("no thread waits for %s, of %v", w, waits)
		}
	}
}

// TestRwsemStatesAreDrawn tests the queue, the waits, the batch and the log at steps of the schedule.
func TestRwsemStatesAreDrawn(t *testing.T) {
	trace := rwsemSchedule(t)
	for _, c := range []struct {
		step       int
		what, want string
	}{
		{9, "pernet_ops_rwsem", "T_1, T_2 to read"},
		{13, "pernet_ops_rwsem", "T_1, T_2 to read, then T_3 (to write)"},
		{18, "pernet_ops_rwsem", "T_3 to write"},
		{22, "cleanup_list, newest first", "N_3, N_2 → empty"},
		{23, "pernet_ops_rwsem", "T_3 to write, then T_worker (to read)"},
		{29, "net_rwsem", "T_3 to read"},
		{37, "T_worker", "OpsUndoListGraceEnd, undo O_d, O_s, nets N_3, N_2, waits for the readers T_3"},
		{42, "callbacks of T_worker", "pre_exit O_d N_3, pre_exit O_d N_2, pre_exit O_s N_3, pre_exit O_s N_2, grace, exit_rtnl O_d N_3, exit_rtnl O_s N_3"},
		{58, "passive of N_3", "0"},
		{58, "defer_free_list", "N_3"},
	} {
		found := ""
		for _, change := range trace.Steps[c.step].Changes {
			if change.Name == c.what {
				found = change.From + " → " + change.To
			}
		}
		if !strings.HasSuffix(found, c.want) {
			t.Errorf("step %d: %s: %q, want %q", c.step, c.what, found, c.want)
		}
	}
	for step, want := range map[int]string{
		13: "T_3: pernet_ops_rwsem, which T_1 and T_2 hold to read",
		23: "T_worker: pernet_ops_rwsem, which T_3 holds to write",
		29: "T_worker: net_rwsem, which T_3 holds to read",
		37: "T_worker: the RCU reader T_3",
		53: "T_worker: the deferred callback of O_s on N_2; the deferred callback of O_s on N_3",
	} {
		var waits []string
		for _, p := range trace.Steps[step].Threads {
			if len(p.WaitsFor) > 0 {
				waits = append(waits, p.Name+": "+strings.Join(p.WaitsFor, "; "))
			}
		}
		if got := strings.Join(waits, "\n"); got != want {
			t.Errorf("step %d: %q, want %q", step, got, want)
		}
	}
	if vars := trace.Steps[0].State.Vars; len(vars) != 8 {
		t.Errorf("shown as text: %v", vars)
	}
}

// TestReaderBehindAWriter tests what a thread waits for that is not first among those that wait.
func TestReaderBehindAWriter(t *testing.T) {
	d := drawer{}
	l := Lock{Name: "pernet_ops_rwsem", Queue: true}
	queue, err := graph.ParseValue(`<<<<T_1, "R">>, <<T_2, "W">>, <<T_3, "R">>>>`)
	if err != nil {
		t.Fatal(err)
	}
	d.queue(&l, queue.Items, []string{"T_1", "T_2", "T_3"})
	s := State{View: View{Locks: []Lock{l}}}
	want := []string{"", "pernet_ops_rwsem, which T_1 holds to read", "pernet_ops_rwsem, which T_1 holds to read, behind T_2 (to write)"}
	for i, name := range []string{"T_1", "T_2", "T_3"} {
		if got := strings.Join(waitsFor(&s, &ThreadView{Name: name}), "; "); got != want[i] {
			t.Errorf("%s waits for %q, want %q", name, got, want[i])
		}
	}
}

// TestRowsOfPoints tests that the error so far decides the row of the next step.
func TestRowsOfPoints(t *testing.T) {
	for at, want := range map[string]string{
		"RegisterUnlock,": "R16 W64", "RegisterUnlock,EEXIST": "R11 W61", "RegisterUnlock,1": "R17 W65", "UnregisterUnlock,ENOENT": "R21 W71",
		"CopyNetNsPut,ENOMEM": "R44 W29", "RcuBarrierEnd,": "R71 W45",
	} {
		point, err, _ := strings.Cut(at, ",")
		var got []string
		for _, k := range sketches {
			if _, r := (&State{sketch: k}).stepAt(point, err); r != nil {
				got = append(got, r.id)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s is of the rows %v, want %s", at, got, want)
		}
	}
}

// TestBeginsAreSteps tests that the steps that begin calls are in the tables.
func TestBeginsAreSteps(t *testing.T) {
	for _, k := range sketches {
		for at, begin := range k.Begins {
			if s := (&State{sketch: k}); s.rowOf(begin) == nil {
				t.Errorf("no row has %s, which leads to %s", begin, at)
			}
		}
	}
}
