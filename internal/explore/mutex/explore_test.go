// SPDX-License-Identifier: MIT

package mutex

import (
	"context"
	"strings"
	"testing"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/plural"
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

// TestStoppedExplorationIsIncomplete: whichever bound stops it, and it says which.
func TestStoppedExplorationIsIncomplete(t *testing.T) {
	in := instance(t, "MCnetns3ops.cfg")
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	for want, do := range map[string]func() explore.Result[State]{
		"more than 100 states": func() explore.Result[State] {
			return explore.Explore(context.Background(), in, explore.Options{MaxStates: 100})
		},
		"bytes of memory": func() explore.Result[State] {
			return explore.Explore(context.Background(), in, explore.Options{MaxMemory: 1})
		},
		"context canceled": func() explore.Result[State] { return explore.Explore(stopped, in, explore.Options{Workers: 2}) },
	} {
		if r := do(); r.Verdict != explore.Incomplete || !strings.Contains(r.Problem, want) {
			t.Errorf("%s %q, want incomplete: %s", r.Verdict, r.Problem, want)
		}
	}
}

// TestExplorationStopsAtItsBound: no state beyond the bound is in the graph, and a bound that is just enough stops nothing.
func TestExplorationStopsAtItsBound(t *testing.T) {
	in := programmed(t, "copy0|put1,copy0|register_subsys0,unregister_subsys0")
	whole := explore.Explore(t.Context(), in, explore.Options{Workers: 2})
	for _, bound := range []int{1, 2, 100, len(whole.Graph.States) - 1} {
		r := explore.Explore(t.Context(), in, explore.Options{Workers: 2, MaxStates: bound})
		if r.Verdict != explore.Incomplete || len(r.Graph.States) != bound || r.Problem != "more than "+plural.N(bound, "state") {
			t.Errorf("bound %d: %s %q with %d states", bound, r.Verdict, r.Problem, len(r.Graph.States))
		}
	}
	if r := explore.Explore(t.Context(), in, explore.Options{MaxStates: len(whole.Graph.States)}); r.Verdict != explore.Complete || len(r.Graph.States) != len(whole.Graph.States) {
		t.Errorf("%s %q with %d states", r.Verdict, r.Problem, len(r.Graph.States))
	}
}

// A changed is an instance whose runs a test has changed.
type changed struct {
	*Instance
	change func(*Run) explore.Run[State]
}

func (c changed) NewRun() explore.Run[State] { return c.change(c.Instance.NewRun().(*Run)) }

// withInside returns the instance with f called in each init.
func withInside(in *Instance, f func(*Run)) changed {
	return changed{in, func(r *Run) explore.Run[State] {
		r.Inside = func() { f(r) }
		return r
	}}
}

// A blindRun leaves something out of its states.
type blindRun struct {
	*Run
	hide func(*State)
}

func (r blindRun) State() State {
	s := r.Run.State()
	r.hide(&s)
	return s
}

// TestAMissingComponentFailsTheExploration: with the use counts left out of the state, two
// histories of what looks like one state lead to different ones; with what is deferred
// left out, other threads can move there; and when a later run differs from those before
// it, a way no longer leads where it did.
func TestAMissingComponentFailsTheExploration(t *testing.T) {
	looks := 0
	for want, c := range map[string]struct {
		verify bool
		states int
		hide   func(*State)
	}{
		"from the state": {true, 50_000, func(s *State) { s.Use = [clients.MaxNets]uint8{} }},
		"a way that led to": {false, 500, func(s *State) {
			if looks++; looks > 20 {
				s.Use[0]++
			}
		}},
		"could move": {false, 500, func(s *State) {
			s.Deferred = 0
			for i := range s.Threads {
				s.Threads[i].Waits = 0
			}
		}},
	} {
		in := changed{instance(t, "MCnetns.cfg"), func(r *Run) explore.Run[State] { return blindRun{r, c.hide} }}
		r := explore.Explore(context.Background(), in, explore.Options{Workers: 1, Verify: c.verify, MaxStates: c.states})
		start := want == "a way that led to" // the way of no step
		if r.Verdict != explore.Failed || !strings.Contains(r.Problem, "not deterministic") || !strings.Contains(r.Problem, want) || (len(r.Schedule) == 0) != start {
			t.Errorf("%s %q, want %s", r.Verdict, r.Problem, want)
		}
	}
}

// A fickleRun calls a step otherwise once many have been taken.
type fickleRun struct {
	*Run
	taken *int
}

func (r fickleRun) Take(c sched.Choice) (label string, offers int) {
	label, offers = r.Run.Take(c)
	if *r.taken++; *r.taken > 5000 && label == "PutNetZero" {
		label = "PutNet"
	}
	return label, offers
}

// TestAnEdgeThatHasAnotherLabelFailsTheExploration: though it leads to the same state as before.
func TestAnEdgeThatHasAnotherLabelFailsTheExploration(t *testing.T) {
	for _, verify := range []bool{false, true} {
		taken := 0
		in := changed{instance(t, "MCnetns3nets.cfg"), func(r *Run) explore.Run[State] { return fickleRun{r, &taken} }}
		r := explore.Explore(context.Background(), in, explore.Options{Verify: verify})
		if r.Verdict != explore.Failed || !strings.Contains(r.Problem, "once led by PutNetZero to") || !strings.Contains(r.Problem, "and now by PutNet to") {
			t.Errorf("%s %q, after %d steps", r.Verdict, r.Problem, taken)
		}
	}
}

// TestFailureHasASchedule that leads there again.
func TestFailureHasASchedule(t *testing.T) {
	in := withInside(programmed(t, "copy0|register_device1,unregister_device1,register_device1|copy1"), func(w *Run) {
		if w.S.Current() == "T2" && w.Deferred != 0 {
			w.S.Point(hook.Point{Name: "RegisterUnlink", Ready: func() bool { return false }})
		}
	})
	r := explore.Explore(context.Background(), in, explore.Options{})
	if r.Verdict != explore.Failed || !strings.HasPrefix(r.Problem, "deadlock:") || !strings.Contains(r.Problem, "T2 waits at RegisterUnlink") {
		t.Fatalf("%s %s", r.Verdict, r.Problem)
	}
	_, steps, err := explore.Trace(in, r.Schedule)
	if err != nil || len(steps) != len(r.Schedule) {
		t.Fatal(len(steps), err)
	}

	in = withInside(instance(t, "MCnetns3nets.cfg"), func(w *Run) {
		if w.S.Current() == "T1" && w.Balance[0][0] > 0 {
			w.S.Point(hook.Point{Name: "NoSuchPoint"})
		}
	})
	r = explore.Explore(context.Background(), in, explore.Options{Workers: 2})
	if r.Verdict != explore.Failed || !strings.Contains(r.Problem, "no point NoSuchPoint") || len(r.Schedule) < 5 {
		t.Fatalf("%s %s after %s", r.Verdict, r.Problem, r.Schedule)
	}
}

func TestExplorationShowsItsProgress(t *testing.T) {
	in := instance(t, "MCnetns3nets.cfg")
	var shown []explore.ProgressReport
	explore.Explore(context.Background(), in, explore.Options{MaxStates: 2000, Progress: func(p explore.ProgressReport) { shown = append(shown, p) }})
	if len(shown) == 0 || shown[0].States == 0 || shown[0].Edges == 0 || shown[0].Elapsed == 0 {
		t.Errorf("%+v", shown)
	}
}

// TestScheduleRepeatsTheRun: the same schedule twice, the same steps and states.
func TestScheduleRepeatsTheRun(t *testing.T) {
	in := instance(t, "MCnetns.cfg")
	r := explore.Explore(context.Background(), in, explore.Options{MaxStates: 2000})
	last := len(r.Graph.States) - 1
	deep := r.Graph.States[last]
	way, _ := r.Graph.Walk(func(at int32) bool { return at != int32(last) })
	schedule := graph.ScheduleOf(way)
	for range 2 {
		_, steps, err := explore.Trace(in, schedule)
		if err != nil || len(steps) != len(schedule) || steps[len(steps)-1].State != deep {
			t.Fatalf("%v: it did not lead there again", err)
		}
	}
}

// TestTraceRejectsImpossibleSchedules: one clear error that names the step.
func TestTraceRejectsImpossibleSchedules(t *testing.T) {
	in := instance(t, "MCnetns.cfg")
	for want, s := range map[string]sched.Schedule{
		"step 1: there is no thread X now":  {{Thread: "X"}},
		"step 1: there is no thread W now":  {{Thread: "W"}},
		"step 1: T1 has no option 99 there": {{Thread: "T1", Option: 99}},
		"step 4: T2 waits at CopyNetNsLock": {{Thread: "T1"}, {Thread: "T2"}, {Thread: "T2"}, {Thread: "T2"}},
	} {
		if _, _, err := explore.Trace(in, s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", s, err, want)
		}
	}
}

// TestParserRejectsOtherStates: a state of another instance, or none at all, is refused.
func TestParserRejectsOtherStates(t *testing.T) {
	in := instance(t, "MCnetns3nets.cfg")
	text := in.tla()
	first := explore.Explore(context.Background(), in, explore.Options{MaxStates: 1}).Graph.States[0]
	if s, err := explore.Parser(in)(text); err != nil || s != first {
		t.Fatalf("%v\n%s", err, text)
	}
	for name, change := range map[string][2]string{
		"another thread":           {"T_2 :>", "T_9 :>"},
		"another owner":            {"netMutex = T_none", "netMutex = Somebody"},
		"a net for an ops":         {"firstDevice = O_head", "firstDevice = N_1"},
		"a number out of range":    {"N_1 :> 1", "N_1 :> 257"},
		"a net less":               {" @@ N_3 :> \"free\"", ""},
		"another phase":            {`"free"`, `"gone"`},
		"a variable less":          {`/\ rtnl = T_none` + "\n", ""},
		"a variable of other name": {`/\ rtnl`, `/\ rtln`},
		"more after a value":       {"deferred = {}", "deferred = {} {}"},
	} {
		if !strings.Contains(text, change[0]) {
			t.Fatalf("%s: there is no %q in\n%s", name, change[0], text)
		}
		if _, err := explore.Parser(in)(strings.Replace(text, change[0], change[1], 1)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

// tla prints an initial state as TLC does.
func (in *Instance) tla() string {
	fn := func(names []string, value string) string {
		var out []string
		for _, n := range names {
			out = append(out, n+" :> "+value)
		}
		return "(" + strings.Join(out, " @@ ") + ")"
	}
	first := func(one, rest string) string {
		return strings.Replace(fn(in.Nets, rest), in.Nets[0]+" :> "+rest, in.Nets[0]+" :> "+one, 1)
	}
	idle := `[kind |-> "none", at |-> "Idle", ops |-> O_none, net |-> N_none, other |-> N_none, err |-> "", waits |-> {}]`
	return `/\ balance = ` + fn(in.Ops, fn(in.Nets, "0")) + "\n" +
		`/\ kind = ` + fn(in.Ops, `"none"`) + "\n" +
		`/\ netMutex = T_none` + "\n" + `/\ netList = <<N_1>>` + "\n" +
		`/\ count = ` + first("1", "0") + "\n" + `/\ pernetList = <<>>` + "\n" +
		`/\ phase = ` + first(`"listed"`, `"free"`) + "\n" + `/\ workQueue = <<>>` + "\n" +
		`/\ rtnl = T_none` + "\n" + `/\ thread = ` + fn(append(append([]string{}, in.Threads...), in.Worker), idle) + "\n" +
		`/\ deferred = {}` + "\n" + `/\ useCount = ` + fn(in.Nets, "0") + "\n" + `/\ firstDevice = O_head`
}
