// SPDX-License-Identifier: MIT

package pernet_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/sched"
)

// errBound ends a search that has not run every schedule.
var errBound = errors.New("incomplete: the bound is reached and there are more schedules")

// searchOptions say which schedules of fixed programs are run.
type searchOptions[S comparable] struct {
	// reduced is the state graph of the programs, if only one schedule of each class is to be
	// run: the schedules of a class differ only in the order of independent steps.
	reduced *graph.Graph[S]

	// max bounds the runs, the cut ones included; 0 means no bound. At the bound the
	// search returns errBound.
	max int
}

// searchCounts say how far a search went.
type searchCounts struct {
	schedules int // run to their end
	cut       int // abandoned: a schedule of the same class had been run
	steps     int
}

// runSchedules runs every schedule of the programs of an instance, each from the start,
// and calls visit after each. It returns the first error with its schedule: visit's, a
// deadlock, a panic; or errBound, or the context's error.
//
// A reduced search uses sleep sets: after it has taken a thread's step in a state, the
// branches that begin there with another thread's step leave that thread out until a step
// that does not commute with its step has been taken.
func runSchedules[S comparable](ctx context.Context, in explore.Discipline[S], opt searchOptions[S], visit func(*played[S]) error) (searchCounts, error) {
	code, rec := recordedRun(in)
	s := search[S]{searchOptions: opt, rec: rec, p: explore.NewPlayer(code)}
	for more := true; more; more = s.advance() {
		switch {
		case ctx.Err() != nil:
			return s.counts, context.Cause(ctx)
		case s.max > 0 && s.counts.schedules+s.counts.cut >= s.max:
			return s.counts, errBound
		}
		whole, err := s.run()
		if err == nil && whole {
			err = visit(&played[S]{s.p, rec.history()})
		}
		if err != nil {
			return s.counts, fmt.Errorf("%w\n%s", err, s.p.Schedule())
		}
	}
	return s.counts, nil
}

// search goes through the tree of schedules, depth first.
type search[S comparable] struct {
	searchOptions[S]
	p      *explore.Player[S]
	rec    *explorationRecorder
	path   []fork
	counts searchCounts
}

// A fork is one decision of the current run.
type fork struct {
	choices []sched.Choice
	at      int // which of them is taken
	option  int
	offers  int       // how many options its step had
	sleeper           // the thread that is taken
	sleep   []sleeper // asleep when the run arrives, and those taken here since

	state int32 // in the graph, before the step
	taken graph.Edge
}

// A sleeper is a thread whose next step another branch of the search has taken. Its step
// leads to nothing new until a step that does not commute with it has been taken.
type sleeper struct {
	thread       string
	begins, ends bool // with some option the step begins, or ends, a call or a cleanup
}

// run follows the path and continues to the end of a schedule, unless it is cut.
func (s *search[S]) run() (whole bool, err error) {
	defer explore.Recover(&err)
	s.p.Start()
	state := int32(0)
	for depth := 0; ; depth++ {
		if depth == len(s.path) {
			f := fork{choices: slices.Clone(s.p.Choices()), state: state}
			if len(f.choices) == 0 {
				s.counts.schedules++
				return true, s.p.End()
			}
			if depth > 0 && s.reduced != nil {
				f.sleep = stillAsleep(s.reduced, &s.path[depth-1])
			}
			if !f.wake() {
				s.counts.cut++
				return false, s.p.End()
			}
			s.path = append(s.path, f)
		}
		f := &s.path[depth]
		c := f.choices[f.at]
		c.Option = f.option
		begun, ended := s.rec.begun, len(s.rec.ops)
		_, f.offers = s.p.Take(c)
		f.begins, f.ends = f.begins || s.rec.begun > begun, f.ends || len(s.rec.ops) > ended
		s.counts.steps++
		if s.reduced != nil {
			f.taken = edgeOf(s.reduced, state, c)
			state = f.taken.To
		}
	}
}

// stillAsleep returns the threads that still sleep after the step of a fork.
//
// The end of a call and the begin of another do not commute, because histories record their order.
// So all schedules of a class have the same history, except for the numbers of the steps. The order
// of two ends, or of two begins, does not matter.
func stillAsleep[S comparable](g *graph.Graph[S], f *fork) (out []sleeper) {
	for _, s := range f.sleep {
		if !(s.begins && f.ends) && !(s.ends && f.begins) && independent(g, f.state, f.taken, s.thread) {
			out = append(out, s)
		}
	}
	return out
}

// independent reports whether a step and the next step of another thread, with each of its options, are
// possible in both orders from a state, with the same labels and options, and both orders lead to one state.
func independent[S comparable](g *graph.Graph[S], state int32, step graph.Edge, thread string) bool {
	for _, other := range g.Out[state] {
		if other.Choice.Thread != thread {
			continue
		}
		if optionsOf(g, state, other) != optionsOf(g, step.To, other) || optionsOf(g, state, step) != optionsOf(g, other.To, step) {
			return false
		}
		if ab, ba := follow(g, step.To, other), follow(g, other.To, step); ab < 0 || ab != ba {
			return false
		}
	}
	return true
}

// optionsOf returns how many options the thread of an edge has in a state.
func optionsOf[S comparable](g *graph.Graph[S], at int32, e graph.Edge) (n int) {
	for _, out := range g.Out[at] {
		if out.Choice.Thread == e.Choice.Thread {
			n++
		}
	}
	return n
}

// follow takes the same choice from another state, if it is the same step there.
func follow[S comparable](g *graph.Graph[S], at int32, e graph.Edge) int32 {
	for _, out := range g.Out[at] {
		if out.Choice == e.Choice && out.Label == e.Label {
			return out.To
		}
	}
	return -1
}

func edgeOf[S comparable](g *graph.Graph[S], at int32, c sched.Choice) graph.Edge {
	i := slices.IndexFunc(g.Out[at], func(e graph.Edge) bool { return e.Choice == c })
	if i < 0 {
		panic(fmt.Sprintf("the state graph has no step %v here", c))
	}
	return g.Out[at][i]
}

// wake moves on to a choice that does not sleep, if there is one.
func (f *fork) wake() bool {
	for ; f.at < len(f.choices); f.at++ {
		thread := f.choices[f.at].Thread
		if !slices.ContainsFunc(f.sleep, func(s sleeper) bool { return s.thread == thread }) {
			f.sleeper = sleeper{thread: thread}
			return true
		}
	}
	return false
}

// advance moves to the next schedule, if there is one.
func (s *search[S]) advance() bool {
	for len(s.path) > 0 {
		f := &s.path[len(s.path)-1]
		if f.option++; f.option < f.offers {
			return true
		}
		if s.reduced != nil {
			f.sleep = append(f.sleep, f.sleeper)
		}
		f.option = 0
		f.at++
		if f.wake() {
			return true
		}
		s.path = s.path[:len(s.path)-1]
	}
	return false
}
