// SPDX-License-Identifier: MIT

package rwsem

import (
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/sched"
)

func instance(t testing.TB, cfg string) *Instance {
	t.Helper()
	in, err := ReadInstance("../../../spec/" + cfg)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// A heldAtEnd is an instance whose runs fail if a lock is held when all threads have ended: the states have
// the queue that the explorer keeps, and not what the lock itself says.
type heldAtEnd struct{ *Instance }

func (h heldAtEnd) NewRun() explore.Run[State] { return lockRun{h.Instance.NewRun().(*Run)} }

type lockRun struct{ *Run }

func (r lockRun) State() State {
	for _, l := range r.Locks() {
		if r.S.Len() == 0 && l.Held() {
			panic(l.Name + " is held, and all threads have ended")
		}
	}
	return r.Run.State()
}

// TestKilledCopyLeavesNothing: a copy that may be killed, the cleanup of another net, and a register, in
// every order. At each end no thread holds a lock, a net that is not listed is up on nothing, and no
// goroutine is left.
func TestKilledCopyLeavesNothing(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent()) // other tests stop threads in the middle of a call
	copies := []clients.Call{{Op: "copy"}}
	in, err := instance(t, "MCnetns_rwsemGraphCopies.cfg").With(copies, []clients.Call{{Op: "put", X: 1}}, copies,
		[]clients.Call{{Op: "register_device"}, {Op: "unregister_device"}})
	if err != nil {
		t.Fatal(err)
	}
	r := explore.Explore(t.Context(), heldAtEnd{in}, explore.Options{Workers: 2})
	if r.Verdict != explore.Complete {
		t.Fatalf("%s %s", r.Verdict, r.Problem)
	}
	killed, ends := 0, 0
	for i, s := range r.Graph.States {
		for _, e := range r.Graph.Out[i] {
			killed += holds(e.Label == "CopyNetNsLockEINTR")
		}
		if len(r.Graph.Out[i]) > 0 {
			continue
		}
		ends++
		sound := s.Rwsem == blank.Rwsem && s.Rtnl == none && s.NetRwsem == 0 && s.Cleanup == noNets && s.Balance == blank.Balance
		for n := range in.Nets {
			sound = sound && (s.Phase[n] == clients.Free || s.Phase[n] == dead && s.Count[n] == 0 || s.Phase[n] == clients.Listed && s.Count[n] == 1)
		}
		if !sound {
			t.Errorf("an end:\n%s", explore.Describe(in, s))
		}
	}
	if killed < 100 || ends < 2 {
		t.Errorf("%d copies killed, %d ends, of %d states", killed, ends, len(r.Graph.States))
	}
}

// TestBarrierOfAProgramIsThatOfTheSpec: the begin of the call is BarrierBegin, also with programs.
func TestBarrierOfAProgramIsThatOfTheSpec(t *testing.T) {
	in, err := instance(t, "MCnetns_rwsemPassive.cfg").With(nil, []clients.Call{{Op: "barrier"}})
	if err != nil {
		t.Fatal(err)
	}
	_, steps, err := explore.Trace(in, sched.Schedule{{Thread: "T1"}, {Thread: "T1"}})
	if err != nil {
		t.Fatal(err)
	}
	if at := steps[0].State.Threads[0]; steps[0].Label != "BarrierBegin" || at.Call != barrier || steps[1].Label != "RcuBarrierEnd" {
		t.Errorf("%s to\n%s, then %s", steps[0].Label, explore.Describe(in, steps[0].State), steps[1].Label)
	}
}

// TestLogThatIsTooLongFails: a round of three nets with all callbacks of four ops logs more than a State holds.
func TestLogThatIsTooLongFails(t *testing.T) {
	in := instance(t, "MCnetns_rwsemGraphRounds.cfg")
	in.Ops, in.Nets, in.Deferring = []string{"O_1", "O_2", "O_3", "O_4"}, []string{"N_0", "N_1", "N_2", "N_3"}, nil
	in.WithPreExit, in.WithExitRtnl, in.WithExitBatch = in.Ops, in.Ops, in.Ops
	var before []clients.Call
	for i := range 4 {
		before = append(before, clients.Call{Op: "register_device", X: i})
	}
	for range 3 {
		before = append(before, clients.Call{Op: "copy"})
	}
	for i := range 3 {
		before = append(before, clients.Call{Op: "put", X: i + 1})
	}
	with, err := in.With(before, []clients.Call{{Op: "list"}})
	if err != nil {
		t.Fatal(err)
	}
	if r := explore.Explore(t.Context(), with, explore.Options{}); r.Verdict != explore.Failed || !strings.Contains(r.Problem, "a call logs more than 24 callbacks") {
		t.Errorf("%s %q, want a log that is too long", r.Verdict, r.Problem)
	}
}

func TestInstancesThatCannotBeExplored(t *testing.T) {
	for cfg, want := range map[string]string{
		"MCnetns_rwsemBoot.cfg":   "the explorer needs Boot FALSE",
		"MCnetns_rwsemMisuse.cfg": "the explorer needs Nesting = {}",
		"MCnetns_rwsemKinds.cfg":  "RtnlReaders = {}",
		"MCnetns_rwsemNone.cfg":   "no such file",
	} {
		if _, err := ReadInstance("../../../spec/" + cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", cfg, err, want)
		}
	}
}

// TestSlotDanglesUntilItsIdIsUsedAgain: after an unregister the slot of the C points to what was freed. In Go it is empty.
func TestSlotDanglesUntilItsIdIsUsedAgain(t *testing.T) {
	for _, before := range []int{0, 2} { // how many calls are made before the program
		calls := []clients.Call{{Op: "register_subsys"}, {Op: "unregister_subsys"}, {Op: "register_device", X: 1}}
		in, err := instance(t, "MCnetns_rwsemGraphIds.cfg").With(calls[:before], calls[before:])
		if err != nil {
			t.Fatal(err)
		}
		r := explore.Explore(t.Context(), in, explore.Options{})
		if r.Verdict != explore.Complete {
			t.Fatal(r.Verdict, r.Problem)
		}
		has := func(gen, ids, data string) func(State) bool {
			return func(s State) bool {
				text := explore.Describe(in, s)
				return strings.Contains(text, "gen[N_1] = "+gen+"\n") && strings.Contains(text, ids) && strings.Contains(text, "\ndata = "+data+"\n")
			}
		}
		for _, want := range []func(State) bool{
			has("<<O_s>>", "ids[O_s] = 1\nids[O_d] = 0", "{<<O_s, N_1>>}"),
			has("<<O_s>>", "ids[O_s] = 1\nids[O_d] = 0", "{}"), // freed, and its barrier is to come
			has("<<O_s>>", "ids[O_s] = 0\nids[O_d] = 1", "{}"),
			has("<<O_d>>", "ids[O_s] = 0\nids[O_d] = 1", "{<<O_d, N_1>>}"),
		}[before:] {
			if !slices.ContainsFunc(r.Graph.States, want) {
				t.Errorf("%d calls before: a state is not reached", before)
			}
		}
	}
}

// TestWrongStatesAreNotRead: a dump with what the instance does not have is an error.
func TestWrongStatesAreNotRead(t *testing.T) {
	in := instance(t, "MCnetns_rwsemGraph.cfg")
	s := in.Blank()
	var b strings.Builder
	for _, v := range in.Variables(&s) {
		b.WriteString("/\\ " + v.Name + " = " + v.Value().String() + "\n")
	}
	parse := explore.Parser(in)
	if _, err := parse(b.String()); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{
		"initNetUp = TRUE":    "initNetUp = FALSE",
		"maxGenPtrs = 0":      "maxGenPtrs = 1000",
		"gen = (N_1 :> <<>>":  "gen = (N_1 :> <<O_s, O_d, O_s, O_d, O_s>>",
		"work = FALSE":        "work = TRUE",
		"deferFree = {}":      "deferFree = {N_9}",
		"rwsem = <<>>":        `rwsem = <<<<T_1>>>>`,
		"netRwsem = {}":       "netRwsem = <<>>",
		"/\\ deferred = {}":   "/\\ deferred = {<<O_s, N_1, 2>>}",
		"/\\ deferred = {}\n": "",
		"/\\ rwsem = <<>>\n":  `/\ rwsem = <<<<T_1, "R">>, <<T_1, "R">>, <<T_1, "R">>, <<T_1, "R">>, <<T_1, "R">>>>` + "\n",
	} {
		if !strings.Contains(b.String(), from) {
			t.Fatalf("there is no %q in\n%s", from, b.String())
		}
		if _, err := parse(strings.Replace(b.String(), from, to, 1)); err == nil {
			t.Errorf("%q was read for %q", to, from)
		}
	}
}
