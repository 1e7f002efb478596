// SPDX-License-Identifier: MIT

package explore

import (
	"context"
	"strings"
	"testing"

	"example.com/pernet/internal/sched"
)

func instance(t testing.TB, cfg string) *Instance {
	t.Helper()
	in, err := ReadInstance("../../spec/" + cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &in
}

// TestLookingAtEveryStateChangesNothing: the exploration that looks at every
// state of every run, so that each edge on its ways is taken again after another
// history, finds the same graph as the one that does not, with one worker or two.
func TestLookingAtEveryStateChangesNothing(t *testing.T) {
	for _, cfg := range []string{"MCnetns3ops.cfg", "MCnetns3nets.cfg"} {
		in := instance(t, cfg)
		want := ""
		for _, opt := range []Options{{Workers: 1, Verify: true}, {Workers: 1}, {Workers: 2}, {Workers: 2, Verify: true}} {
			r := in.Explore(context.Background(), opt)
			if r.Verdict != Complete {
				t.Fatalf("%s, %+v: %s %s", cfg, opt, r.Verdict, r.Problem)
			}
			if opt.Verify && r.Again < 2*r.Graph.Edges() {
				t.Errorf("%s: only %d edges were taken again, of %d", cfg, r.Again, r.Graph.Edges())
			}
			if got := r.Graph.Digest(Encode).String(); want == "" {
				want = got
			} else if got != want {
				t.Errorf("%s, %+v: another graph", cfg, opt)
			}
		}
	}
}

// TestStoppedExplorationIsIncomplete: whichever bound stops it, and it says which.
func TestStoppedExplorationIsIncomplete(t *testing.T) {
	in := instance(t, "MCnetns3ops.cfg")
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	for want, do := range map[string]func() Result{
		"more than 100 states": func() Result { return in.Explore(context.Background(), Options{MaxStates: 100}) },
		"bytes of memory":      func() Result { return in.Explore(context.Background(), Options{MaxMemory: 1}) },
		"context canceled":     func() Result { return in.Explore(stopped, Options{Workers: 2}) },
	} {
		if r := do(); r.Verdict != Incomplete || !strings.Contains(r.Problem, want) {
			t.Errorf("%s %q, want incomplete: %s", r.Verdict, r.Problem, want)
		}
	}
}

// TestStateThatLacksAComponentIsNoticed: with the use counts left out of the
// state, two histories of what looks like one state lead to different ones.
func TestStateThatLacksAComponentIsNoticed(t *testing.T) {
	in := instance(t, "MCnetns.cfg")
	in.blind = func(s *State) { s.Use = [maxNets]uint8{} }
	r := in.Explore(context.Background(), Options{Workers: 1, Verify: true, MaxStates: 50_000})
	if r.Verdict != Failed || !strings.Contains(r.Problem, "not deterministic") || len(r.Schedule) == 0 {
		t.Errorf("%s %q", r.Verdict, r.Problem)
	}
}

// TestScheduleRepeatsItself: the same schedule twice, the same steps and states.
func TestScheduleRepeatsItself(t *testing.T) {
	in := instance(t, "MCnetns.cfg")
	r := in.Explore(context.Background(), Options{MaxStates: 2000})
	deep := r.Graph.States[len(r.Graph.States)-1]
	schedule := WayTo(r.Graph, int32(len(r.Graph.States)-1))
	for range 2 {
		_, steps, err := in.Trace(schedule)
		if err != nil || len(steps) != len(schedule) || steps[len(steps)-1].State != deep {
			t.Fatalf("%v: it did not lead there again", err)
		}
	}
}

// TestScheduleThatCannotBeTaken: one clear error that names the step.
func TestScheduleThatCannotBeTaken(t *testing.T) {
	in := instance(t, "MCnetns.cfg")
	for want, s := range map[string]sched.Schedule{
		"step 1: there is no thread X now":  {{Thread: "X"}},
		"step 1: there is no thread W now":  {{Thread: "W"}},
		"step 1: T1 has no option 99 there": {{Thread: "T1", Option: 99}},
		"step 4: T2 waits at CopyNetNsLock": {{Thread: "T1"}, {Thread: "T2"}, {Thread: "T2"}, {Thread: "T2"}},
	} {
		if _, _, err := in.Trace(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", s, err, want)
		}
	}
}
