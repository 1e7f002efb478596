// SPDX-License-Identifier: MIT

package explore

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/sched"
)

const programsCfg = "testdata/programs.cfg"

func programsInstance(t testing.TB) Instance {
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
	var parts [][]Call
	for part := range strings.SplitSeq(text, "|") {
		calls, err := ParseCalls(strings.TrimSpace(part))
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

func TestCallsAsAString(t *testing.T) {
	for _, text := range append(slices.Clone(SingleCalls), "", "copy0,put1,list", Starts[8].Calls) {
		calls, err := ParseCalls(text)
		if err != nil || FormatCalls(calls) != text {
			t.Errorf("%q is read as %v, %v", text, calls, err)
		}
	}
	for _, text := range []string{",", "copy", "list1", "barrier0", "copy0,", "leap0", "copy0 put1", "copy-1"} {
		if calls, err := ParseCalls(text); err == nil {
			t.Errorf("%q is read as %v", text, calls)
		}
	}
}

func TestWithRefusesWhatTheInstanceHasNot(t *testing.T) {
	in := programsInstance(t)
	one := []Call{{Op: "list"}}
	for _, c := range []struct {
		before   []Call
		programs [][]Call
		want     string
	}{
		{nil, nil, "0 programs"},
		{nil, [][]Call{one, one, one, one}, "4 programs"},
		{nil, [][]Call{{{"copy", 3}}}, "3 nets"},
		{[]Call{{"register_subsys", 2}}, [][]Call{one}, "2 ops"},
		{nil, [][]Call{one, {{"get", -1}}}, "counted from 0"},
		{[]Call{{Op: "barrier"}}, [][]Call{one}, "would block for ever"},
	} {
		if with, err := in.With(c.before, c.programs...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, %v; want %q", c.programs, with, err, c.want)
		}
	}
	in.Threads = in.Threads[:1]
	with, err := in.With(nil, one, one)
	if err != nil || !slices.Equal(with.Threads, []string{"T_1", "T_2"}) {
		t.Errorf("an instance of one client, with two programs: %v, %v", with.Threads, err)
	}
}

func TestReplayLine(t *testing.T) {
	in := programmed(t, "copy0,hold1|put1,list|get1")
	got := in.ReplayLine("F.cfg", sched.Schedule{{Thread: "T1"}, {Thread: "T2", Option: 1}})
	want := "pernet explore --replay 'T1,T2:1' --cfg F.cfg --before copy0,hold1 --program put1,list --program get1"
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// Every start is another state, and leads to every call's refusal or success.
func TestStartsDiffer(t *testing.T) {
	seen := map[State]string{}
	for _, s := range Starts {
		start, _, err := programmed(t, s.Calls+"|list").Trace(nil)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[start]; ok {
			t.Errorf("%q and %q are one state", s.Name, other)
		}
		seen[start] = s.Name
	}
}

// Clients that have not begun when an exploration ends must not stay for ever.
func TestExplorationLeavesNoGoroutine(t *testing.T) {
	in := programmed(t, "register_device1,unregister_device1|copy0|list")
	before := runtime.NumGoroutine()
	for range 20 {
		in.Explore(t.Context(), Options{Workers: 2})
		if _, _, err := in.Trace(nil); err != nil {
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
	if n, err := Schedules(g); n != 5 || err != nil {
		t.Error(n, err)
	}
	g.Out[2] = []graph.Edge{{To: 1}}
	if n, err := Schedules(g); err == nil {
		t.Error("a cycle has", n, "ways")
	}
	g.Out[2] = []graph.Edge{{To: 0}}
	if n, err := Schedules(g); err == nil {
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
		"register_device1,copy0|put1|copy1|list",
		"register_device1,copy0|unregister_device1|put1|copy0",
		"register_subsys0,copy0,hold1|put1|release1|share1",
		"register_device1,copy0,unregister_device1,put1|register_device1|get1|list",
		"register_subsys0,register_device1,copy0|put1,list|unregister_device1,list",
		"copy0,copy0|put1|put2|copy1",
		"register_device1,copy0|unregister_device1,barrier|put1|barrier",
	} {
		in := programmed(t, text)
		g := in.Explore(t.Context(), Options{}).Graph
		p := NewPlay(in)
		for s := range g.States {
			p.Start()
			for _, c := range WayTo(g, int32(s)) {
				p.Take(c)
			}
			for i, a := range g.Out[s] {
				for _, b := range g.Out[s][i+1:] {
					if a.Choice.Thread == b.Choice.Thread {
						continue
					}
					problem := commute(g, s, a, b)
					switch independent := p.footprint(a.Choice.Thread).commutes(p.footprint(b.Choice.Thread)); {
					case independent && problem != "":
						t.Errorf("%s: %s and %s are called independent in\n%sbut %s", text, a.Label, b.Label, in.Describe(g.States[s]), problem)
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
