// SPDX-License-Identifier: MIT

package mutex

import (
	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
	"runtime"
	"strings"
	"testing"

	"example.com/pernet/internal/graph"
)

const programsCfg = "testdata/programs.cfg"

func programsInstance(t testing.TB) *Instance {
	t.Helper()
	in, err := ReadInstance(programsCfg)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// programmed gives the instance its programs, written "before | T1 | T2".
func programmed(t testing.TB, text string) *Instance {
	t.Helper()
	var parts [][]clients.Call
	for part := range strings.SplitSeq(text, "|") {
		calls, err := clients.ParseCalls(strings.TrimSpace(part))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, calls)
	}
	with, err := programsInstance(t).With(parts[0], parts[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	return with
}

// Clients that have not begun when an exploration ends must not stay for ever.
func TestExplorationLeavesNoGoroutine(t *testing.T) {
	in := programmed(t, "register_device1,unregister_device1|copy0|list")
	before := runtime.NumGoroutine()
	for range 20 {
		explore.Explore(t.Context(), in, explore.Options{Workers: 2})
		if _, _, err := explore.Trace(in, nil); err != nil {
			t.Fatal(err)
		}
	}
	if after := runtime.NumGoroutine(); after > before+5 {
		t.Errorf("%d goroutines, and %d before", after, before)
	}
}

func TestSchedulesCountsWays(t *testing.T) {
	// A ladder: two ways at each of two rungs, and one way out early.
	g := graph.New[State]()
	for i := range uint8(4) {
		g.Add(State{First: i})
	}
	g.Out[0] = []graph.Edge{{To: 1}, {To: 1}, {To: 3}}
	g.Out[1] = []graph.Edge{{To: 2}, {To: 2}}
	if n, err := g.Schedules(); n != 5 || err != nil {
		t.Error(n, err)
	}
	g.Out[2] = []graph.Edge{{To: 1}}
	if n, err := g.Schedules(); err == nil {
		t.Error("a cycle has", n, "ways")
	}
	g.Out[2] = []graph.Edge{{To: 0}}
	if n, err := g.Schedules(); err == nil {
		t.Error("a cycle through the first state has", n, "ways")
	}
}

// The steps that are called independent commute, in every state of these
// programs: both orders are possible, with the same labels and the same
// options, and lead to the same state.
func TestIndependentStepsCommute(t *testing.T) {
	pairs, dependent, apart := 0, 0, 0
	for _, text := range []string{
		"|register_subsys0,unregister_subsys0|copy0,put1",
		"|copy0|get1|hold1",
		"register_device1,copy0|put1|copy1|list",
		"register_device1,copy0|unregister_device1|put1|copy0",
		"register_subsys0,copy0,hold1|put1|release1|share1",
		"register_device1,copy0,unregister_device1,put1|register_device1|get1|list",
		"register_subsys0,register_device1,copy0|put1,list|unregister_device1,list",
		"copy0,copy0|put1|put2|copy1",
		"register_device1,copy0|unregister_device1,barrier|put1|barrier",
	} {
		in := programmed(t, text)
		g := explore.Explore(t.Context(), in, explore.Options{}).Graph
		run := in.NewRun()
		p := explore.NewPlayer(run)
		for s := range g.States {
			p.Start()
			for _, c := range g.WayTo(int32(s)) {
				p.Take(c)
			}
			for i, a := range g.Out[s] {
				for _, b := range g.Out[s][i+1:] {
					if a.Choice.Thread == b.Choice.Thread {
						continue
					}
					problem := commute(g, s, a, b)
					switch independent := run.Footprint(a.Choice.Thread).Commutes(run.Footprint(b.Choice.Thread)); {
					case independent && problem != "":
						t.Errorf("%s: %s and %s are called independent in\n%sbut %s", text, a.Label, b.Label, explore.Describe(in, g.States[s]), problem)
					case independent:
						pairs++
					default:
						dependent++
						if problem != "" {
							apart++
						}
					}
				}
			}
			if err := p.End(); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d pairs of independent steps; of %d that are called dependent, %d do not commute", pairs, dependent, apart)
	if pairs < 1000 || apart < 100 {
		t.Error("too few to show anything")
	}
}

// commute says why two edges from a state do not, or "".
func commute(g *graph.Graph[State], s int, a, b graph.Edge) string {
	if optionsOf(g, int32(s), b) != optionsOf(g, a.To, b) || optionsOf(g, int32(s), a) != optionsOf(g, b.To, a) {
		return "one changes how many options the other has"
	}
	ab, ba := follow(g, a.To, b), follow(g, b.To, a)
	if ab < 0 || ba < 0 || ab != ba {
		return "the two orders differ"
	}
	return ""
}

func optionsOf(g *graph.Graph[State], at int32, e graph.Edge) (n int) {
	for _, out := range g.Out[at] {
		if out.Choice.Thread == e.Choice.Thread {
			n++
		}
	}
	return n
}

// follow takes the same choice from another state, if it is the same step there.
func follow(g *graph.Graph[State], at int32, e graph.Edge) int32 {
	for _, out := range g.Out[at] {
		if out.Choice == e.Choice && out.Label == e.Label {
			return out.To
		}
	}
	return -1
}
