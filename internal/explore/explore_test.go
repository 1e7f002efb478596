// SPDX-License-Identifier: MIT

package explore_test

import (
	"os"
	"strings"
	"testing"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/explore/rwsem"
	"example.com/pernet/internal/race"
)

// TestLookingAtEveryStateChangesNothing: the exploration that looks at every state of every run, so
// that each edge on its ways is taken again after another history, finds the same graph as the one
// that does not, with one worker or two. Of the larger graph, the long mode adds the other two
// explorations; make check compares the one with two workers that does not look with TLC's graph.
func TestLookingAtEveryStateChangesNothing(t *testing.T) {
	all := []explore.Options{{Workers: 1, Verify: true}, {Workers: 1}, {Workers: 2}, {Workers: 2, Verify: true}}
	opts := []explore.Options{{}, {Workers: 2, Verify: true}}
	switch {
	case race.Enabled:
		sameGraphs(t, mutex.ReadInstance, "MCnetns3nets.cfg", all[2:])
	case os.Getenv("PERNET_LONG") == "1":
		sameGraphs(t, mutex.ReadInstance, "MCnetns3nets.cfg", all)
		sameGraphs(t, mutex.ReadInstance, "MCnetns3ops.cfg", all)
	default:
		sameGraphs(t, mutex.ReadInstance, "MCnetns3nets.cfg", all)
		sameGraphs(t, mutex.ReadInstance, "MCnetns3ops.cfg", opts)
	}
	sameGraphs(t, rwsem.ReadInstance, "MCnetns_rwsemGraph.cfg", opts)
	sameGraphs(t, rwsem.ReadInstance, "MCnetns_rwsemPassive.cfg", opts)
}

func sameGraphs[S comparable, D explore.Discipline[S]](t *testing.T, read func(cfg string) (D, error), cfg string, opts []explore.Options) {
	in := instance(t, read, cfg)
	want := ""
	for _, opt := range opts {
		r := explore.Explore(t.Context(), in, opt)
		if r.Verdict != explore.Complete {
			t.Fatalf("%s, %+v: %s %s", cfg, opt, r.Verdict, r.Problem)
		}
		if opt.Verify && r.Again < 2*r.Graph.Edges() {
			t.Errorf("%s: only %d edges were taken again, of %d", cfg, r.Again, r.Graph.Edges())
		}
		if got := r.Graph.Digest(explore.Encode[S]).String(); want == "" {
			want = got
		} else if got != want {
			t.Errorf("%s, %+v: another graph", cfg, opt)
		}
	}
}

func instance[S comparable, D explore.Discipline[S]](t *testing.T, read func(cfg string) (D, error), cfg string) explore.Discipline[S] {
	t.Helper()
	in, err := read("../../spec/" + cfg)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// TestStatesReadBack: what a state prints is read as the same state.
func TestStatesReadBack(t *testing.T) {
	if race.Enabled {
		t.Skip("TestLookingAtEveryStateChangesNothing has two workers, too")
	}
	readBack(t, mutex.ReadInstance, "MCnetns3nets.cfg")
	readBack(t, rwsem.ReadInstance, "MCnetns_rwsemGraphRounds.cfg")
	readBack(t, rwsem.ReadInstance, "MCnetns_rwsemGraphChains.cfg")
	readBack(t, rwsem.ReadInstance, "MCnetns_rwsemSlots.cfg")
}

func readBack[S comparable, D explore.Discipline[S]](t *testing.T, read func(cfg string) (D, error), cfg string) {
	in := instance(t, read, cfg)
	parse := explore.Parser(in)
	g := explore.Explore(t.Context(), in, explore.Options{Workers: 2}).Graph
	for i, s := range g.States {
		if i%50 != 0 {
			continue
		}
		var b strings.Builder
		for _, v := range in.Variables(&s) {
			b.WriteString("/\\ " + v.Name + " = " + v.Value().String() + "\n")
		}
		if again, err := parse(b.String()); err != nil || again != s {
			t.Fatalf("%v: state\n%sis read as\n%s", err, explore.Describe(in, s), explore.Describe(in, again))
		}
	}
}

// An asked is an instance that counts which states and steps are held against its claims.
type asked struct {
	*rwsem.Instance
	states map[rwsem.State]int
	steps  map[[2]rwsem.State]int
}

func (a asked) Broken(s *rwsem.State) (claim, problem string) {
	a.states[*s]++
	return "", ""
}

func (a asked) BrokenStep(from, to *rwsem.State) (claim, problem string) {
	a.steps[[2]rwsem.State{*from, *to}]++
	return "", ""
}

// TestEveryStateAndEveryStepIsChecked: of a graph each state, and each step from it, also one that leads
// to a state that was met before, is held against the claims.
func TestEveryStateAndEveryStepIsChecked(t *testing.T) {
	in, err := rwsem.ReadInstance("../../spec/MCnetns_rwsemPassive.cfg")
	if err != nil {
		t.Fatal(err)
	}
	a := asked{in, map[rwsem.State]int{}, map[[2]rwsem.State]int{}}
	g := explore.Explore(t.Context(), explore.Discipline[rwsem.State](in), explore.Options{}).Graph
	if way, err := explore.CheckGraph(explore.Claimed[rwsem.State](a), g); way != nil || err != nil {
		t.Fatal(way, err)
	}
	for from, s := range g.States {
		if a.states[s] != 1 {
			t.Fatalf("state %d was checked %d times", from, a.states[s])
		}
		for _, e := range g.Out[from] {
			if a.steps[[2]rwsem.State{s, g.States[e.To]}] == 0 {
				t.Fatalf("the step from state %d by %s was not checked", from, e.Label)
			}
		}
	}
}
