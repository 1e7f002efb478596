// SPDX-License-Identifier: MIT

package pernet_test

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/lin"
	"example.com/pernet/internal/race"
	"example.com/pernet/internal/sched"
	"example.com/pernet/internal/wire"
)

// The programs whose schedules are all run, one by one, "before | T1 | T2 | T3".
var schedulePrograms = []string{
	"|register_subsys0|copy0",
	"|register_subsys0|register_device1|list",
	"|copy0|copy0",
	"|copy0,put1|list,list",
	"register_device1|unregister_device1|copy0",
	"register_device1,unregister_device1|copy0|list",
	"register_subsys0,copy0|unregister_subsys0|put1",
	"copy0|put1|copy1",
	"copy0|put1|get1|hold1",
	"copy0|put1|register_subsys0,list",
	"copy0|share1,put1|put1,list",
	"copy0,get1|put1|put1|list",
	"copy0,hold1,put1|release1|get1",
	"register_device1,copy0|put1|list",
}

// More programs for the long mode.
var longSchedulePrograms = []string{
	"register_device1|unregister_device1|copy0,put1",
	"|register_subsys0,unregister_subsys0|copy0,put1",
	"|register_subsys0|register_device1|copy0",
	"|copy0|copy0|list",
	"register_device1,copy0|put1|copy0",
	"|copy0,put1|copy0,put1",
}

// Programs with too many schedules to take them all in the short mode, and two with too many for the
// long one.
var reducedPrograms = append(slices.Clone(longSchedulePrograms),
	"register_subsys0,register_device1,copy0|put1,list|unregister_device1,list",
	"register_device1,copy0|copy1|put1|unregister_device1",
)

// mostSchedules is the most that are all run.
const mostSchedules = 100_000

// sample is all of them, or one under the race detector: see stride.
func sample(programs []string) []string {
	if race.Enabled {
		return programs[:1]
	}
	return programs
}

// outcomes are what schedules end in, each with one that does: every answer, every callback, the end state.
type outcomes map[string]sched.Schedule

// outcomesOf runs the schedules of a program, hands each history to the
// linearizability check, and returns what they end in.
func outcomesOf[S comparable](t *testing.T, s *system[S], text string, opt searchOptions[S]) (outcomes, searchCounts) {
	found := outcomes{}
	counts := everySchedule(t, s, text, opt, func(p *played[S]) {
		found[answers(p.history)+"\x00"+string(explore.Encode(nil, p.State()))] = p.Schedule()
	})
	return found, counts
}

// played is a run that came to its end.
type played[S comparable] struct {
	*explore.Player[S]
	history []wire.Line
}

// everySchedule runs the schedules of a program and hands each history to the
// linearizability check. A search that has not seen everything fails the test.
func everySchedule[S comparable](t *testing.T, s *system[S], text string, opt searchOptions[S], visit func(*played[S])) searchCounts {
	in := s.program(t, text)
	counts, err := runSchedules(t.Context(), in, opt, func(p *played[S]) error {
		visit(p)
		if err := s.linearizable(p.history); err != nil {
			return fmt.Errorf("%w\n%s", err, in.ReplayLine(s.cfg, p.Schedule()))
		}
		return nil
	})
	if err != nil {
		t.Errorf("%s: after %d schedules: %v", text, counts.schedules, err)
	}
	return counts
}

// linearizable judges the history.
func (s *system[S]) linearizable(ops []wire.Line) error {
	r, err := lin.Check(context.Background(), s.discipline, ops)
	switch {
	case err != nil:
		return fmt.Errorf("the history is not one: %w\n%s", err, lines(ops))
	case r.Verdict != lin.Linearizable:
		return fmt.Errorf("the history is %s: %s\n%v\n%s", r.Verdict, r.Reason, r.Failure, lines(ops))
	}
	return nil
}

// sameOutcomes compares what two searches of one program found.
func sameOutcomes[S comparable](t *testing.T, sys *system[S], text string, full, reduced outcomes) {
	for o, s := range full {
		if _, ok := reduced[o]; !ok {
			o, _, _ = strings.Cut(o, "\x00")
			t.Errorf("%s: no schedule of the reduced search ends as this one does:\n%s\n%s\n%s", text, s, sys.program(t, text).ReplayLine(sys.cfg, s), o)
		}
	}
	for o, s := range reduced {
		if _, ok := full[o]; !ok {
			t.Errorf("%s: the reduced search has a schedule that the full one has not: %s", text, s)
		}
	}
}

// TestReducedSearchLosesNothing runs every schedule of some programs, and one of
// each class: the answers and the end states must be the same. That no schedule is
// left out by the full search is counted on the state graph.
func TestReducedSearchLosesNothing(t *testing.T) {
	t.Run("mutex", func(t *testing.T) { reducedLosesNothing(t, mutexSystem()) })
	t.Run("rwsem", func(t *testing.T) { reducedLosesNothing(t, rwsemSystem()) })
}

func reducedLosesNothing[S comparable](t *testing.T, s *system[S]) {
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "before | clients\tstates\tschedules\treduced\tcut\tfactor\toutcomes")
	programs, more := schedulePrograms, reducedPrograms
	if long {
		programs = append(slices.Clone(programs), longSchedulePrograms...)
	}
	for _, text := range sample(programs) {
		g, count := exploreAndCheck(t, s, text)
		if count > mostSchedules {
			more = append(slices.Clone(more), text)
			continue
		}
		full, all := outcomesOf(t, s, text, searchOptions[S]{})
		reduced, some := outcomesOf(t, s, text, searchOptions[S]{reduced: g})
		if float64(all.schedules) != count {
			t.Errorf("%s: %d schedules were run, but the graph has %.0f ways", text, all.schedules, count)
		}
		sameOutcomes(t, s, text, full, reduced)
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%.1f\t%d\n", text, len(g.States), all.schedules, some.schedules, some.cut,
			float64(all.schedules)/float64(some.schedules), len(reduced))
	}
	for _, text := range sample(more) {
		g, count := exploreAndCheck(t, s, text)
		reduced, some := outcomesOf(t, s, text, searchOptions[S]{reduced: g})
		fmt.Fprintf(w, "%s\t%d\t(%.0f)\t%d\t%d\t%.1f\t%d\n", text, len(g.States), count, some.schedules, some.cut, count/float64(some.schedules), len(reduced))
	}
	w.Flush()
	t.Logf("each history linearizable, and nothing lost; in brackets: counted, not run\n%s", table.String())
}

// TestEveryPairIsLinearizable checks the history of one schedule of each class,
// of every pair of calls from every start, and where there are few schedules runs them all.
func TestEveryPairIsLinearizable(t *testing.T) {
	var commute [2]map[string]bool
	t.Run("mutex", func(t *testing.T) { commute[0] = pairsAreLinearizable(t, mutexSystem()) })
	t.Run("rwsem", func(t *testing.T) { commute[1] = pairsAreLinearizable(t, rwsemSystem()) })
	var table strings.Builder
	for _, text := range slices.Sorted(maps.Keys(commute[1])) {
		if mutex, rwsem := commute[0][text], commute[1][text]; mutex != rwsem {
			fmt.Fprintf(&table, "%s\tmutex: %v, rwsem: %v\n", text, mutex, rwsem)
		}
	}
	t.Logf("before | clients: where nothing fails, whether each order of the steps has the same answers\n%s", table.String())
}

// pairsAreLinearizable also returns, of each program, whether its two calls commute: all schedules in which no
// init and no allocation fails have the same answers, callbacks and lists.
func pairsAreLinearizable[S comparable](t *testing.T, s *system[S]) map[string]bool {
	few := 60.0
	if long {
		few = 20_000
	}
	var schedules, reduced, compared, run atomic.Int64
	var mu sync.Mutex
	commute := map[string]bool{}
	programs := everyProgram(t, s.starts(), s.everyPair, func(text string) {
		r := s.exploreOnce(t, text)
		count, err := schedulesOf(r.Graph)
		if err != nil || r.Verdict != explore.Complete {
			t.Errorf("%s: %s %s %v", text, r.Verdict, r.Problem, err)
			return
		}
		schedules.Add(int64(count))
		found, some := outcomesOf(t, s, text, searchOptions[S]{reduced: r.Graph})
		reduced.Add(int64(some.schedules))
		mu.Lock()
		commute[text] = len(withoutFailures(found)) == 1
		mu.Unlock()
		if count <= few {
			full, all := outcomesOf(t, s, text, searchOptions[S]{})
			sameOutcomes(t, s, text, full, found)
			compared.Add(1)
			run.Add(int64(all.schedules))
		}
	})
	t.Logf("%d programs: %d histories stand for %d schedules, a factor of %.0f; in %d programs all %d schedules were run as well",
		programs, reduced.Load(), schedules.Load(), float64(schedules.Load())/float64(reduced.Load()), compared.Load(), run.Load())
	return commute
}

// withoutFailures returns the answers of the schedules that take the first option of every step.
func withoutFailures(found outcomes) map[string]bool {
	some := map[string]bool{}
	for o, s := range found {
		if !slices.ContainsFunc(s, func(c sched.Choice) bool { return c.Option > 0 }) {
			o, _, _ = strings.Cut(o, "\x00")
			some[o] = true
		}
	}
	return some
}

// TestEveryScheduleRepeats runs each schedule of some programs again, by a used player and by
// Trace. The choices alone must decide the run.
func TestEveryScheduleRepeats(t *testing.T) {
	t.Run("mutex", func(t *testing.T) { schedulesRepeat(t, mutexSystem()) })
	t.Run("rwsem", func(t *testing.T) { schedulesRepeat(t, rwsemSystem()) })
}

func schedulesRepeat[S comparable](t *testing.T, sys *system[S]) {
	schedules, steps := 0, 0
	for _, text := range sample(schedulePrograms) {
		in := sys.program(t, text)
		code, rec := recordedRun(in)
		again := explore.NewPlayer(code)
		opt := searchOptions[S]{}
		if !long {
			opt.reduced, _ = exploreAndCheck(t, sys, text)
		}
		_, err := runSchedules(t.Context(), in, opt, func(p *played[S]) error {
			again.Start()
			schedule := p.Schedule()
			_, trace, err := explore.Trace(in, schedule)
			if err != nil {
				return err
			}
			for i, c := range schedule {
				label, _ := again.Take(c)
				if again.State() != trace[i].State {
					return fmt.Errorf("after step %d of %s the state is\n%s, and was\n%s", i+1, schedule, explore.Describe(in, again.State()), explore.Describe(in, trace[i].State))
				}
				if label != trace[i].Label {
					return fmt.Errorf("step %d of %s is %s, and was %s", i+1, schedule, label, trace[i].Label)
				}
			}
			if err := again.End(); err != nil {
				return err
			}
			if s, h := again.Schedule(), rec.history(); !slices.Equal(s, schedule) || !reflect.DeepEqual(h, p.history) || again.State() != p.State() {
				return fmt.Errorf("%s was followed by\n%s\nwhere it was followed by\n%s", s, lines(h), lines(p.history))
			}
			schedules, steps = schedules+1, steps+len(schedule)
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	t.Logf("%d schedules, %d steps", schedules, steps)
}

// TestSearchSaysWhatItLeavesOut tests that a search that reaches its bound is not a success.
func TestSearchSaysWhatItLeavesOut(t *testing.T) {
	in := mutexSystem().program(t, "|register_subsys0|copy0")
	visit := func(*played[mutex.State]) error { return nil }
	for _, max := range []int{1, 352, 353, 354} {
		counts, err := runSchedules(t.Context(), in, searchOptions[mutex.State]{max: max}, visit)
		if want := min(max, 353); counts.schedules != want || (err == nil) != (max >= 353) || err != nil && err != errBound {
			t.Errorf("bound %d: %d schedules, %v", max, counts.schedules, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := runSchedules(ctx, in, searchOptions[mutex.State]{}, visit); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
}

// answers returns the answers of each client, without their times.
func answers(ops []wire.Line) string {
	var lines []string
	made := map[int64]int{} // operations, by client
	for _, o := range ops {
		o.Call, o.Return = 0, 0
		lines = append(lines, fmt.Sprintf("%3d %4d %s", o.Client, made[o.Client], o.String()))
		made[o.Client]++
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// schedulesOf returns the number of schedules: the ways from the initial state to a state
// without edges. It fails if the graph has a cycle.
func schedulesOf[S comparable](g *graph.Graph[S]) (float64, error) {
	ways := make([]float64, len(g.States))
	waiting := make([]int, len(g.States)) // edges into the state that are not counted yet
	for _, out := range g.Out {
		for _, e := range out {
			waiting[e.To]++
		}
	}
	ways[0] = 1
	total, seen := 0.0, 0
	for todo := []int32{0}; len(todo) > 0; {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		seen++
		if len(g.Out[s]) == 0 {
			total += ways[s]
		}
		for _, e := range g.Out[s] {
			ways[e.To] += ways[s]
			if waiting[e.To]--; waiting[e.To] == 0 {
				todo = append(todo, e.To)
			}
		}
	}
	if seen != len(g.States) {
		return 0, fmt.Errorf("the graph has a cycle, which %d of %d states precede", seen, len(g.States))
	}
	return total, nil
}

func TestSchedulesCountsWays(t *testing.T) {
	// A ladder: two ways at each of two rungs, and one way out early.
	g := graph.New[mutex.State]()
	for i := range uint8(4) {
		g.Add(mutex.State{First: i})
	}
	g.Out[0] = []graph.Edge{{To: 1}, {To: 1}, {To: 3}}
	g.Out[1] = []graph.Edge{{To: 2}, {To: 2}}
	if n, err := schedulesOf(g); n != 5 || err != nil {
		t.Error(n, err)
	}
	g.Out[2] = []graph.Edge{{To: 1}}
	if n, err := schedulesOf(g); err == nil {
		t.Error("a cycle has", n, "ways")
	}
	g.Out[2] = []graph.Edge{{To: 0}}
	if n, err := schedulesOf(g); err == nil {
		t.Error("a cycle through the first state has", n, "ways")
	}
}
