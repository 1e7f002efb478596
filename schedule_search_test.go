// SPDX-License-Identifier: MIT

package pernet_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/sched"
)

// errBound ends a search that has not run every schedule.
var errBound = errors.New("incomplete: the bound is reached and there are more schedules")

// searchOptions say which schedules of fixed programs are run.
type searchOptions struct {
	// reduced runs one schedule of each class: the schedules of a class differ only in
	// the order of independent steps.
	reduced bool

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
func runSchedules(ctx context.Context, in *mutex.Instance, opt searchOptions, visit func(*played) error) (searchCounts, error) {
	code, rec := recordedRun(in)
	s := search{searchOptions: opt, code: code, p: explore.NewPlayer(code)}
	for more := true; more; more = s.advance() {
		switch {
		case ctx.Err() != nil:
			return s.counts, context.Cause(ctx)
		case s.max > 0 && s.counts.schedules+s.counts.cut >= s.max:
			return s.counts, errBound
		}
		whole, err := s.run()
		if err == nil && whole {
			err = visit(&played{s.p, rec.history()})
		}
		if err != nil {
			return s.counts, fmt.Errorf("%w\n%s", err, s.p.Schedule())
		}
	}
	return s.counts, nil
}

// search goes through the tree of schedules, depth first.
type search struct {
	searchOptions
	code   *mutex.Run
	p      *explore.Player[mutex.State]
	path   []fork
	counts searchCounts
}

// A fork is one decision of the current run.
type fork struct {
	choices []sched.Choice
	at      int // which of them is taken
	option  int
	offers  int // how many options its step had
	step    footprint
	sleep   []sleeper // asleep when the run arrives, and those taken here since
}

// A sleeper is a thread whose next step another branch of the search has taken. Its step
// leads to nothing new until a step that does not commute with it has been taken.
type sleeper struct {
	thread string
	step   footprint
}

// run follows the path and continues to the end of a schedule, unless it is cut.
func (s *search) run() (whole bool, err error) {
	defer explore.Recover(&err)
	s.p.Start()
	for depth := 0; ; depth++ {
		if depth == len(s.path) {
			f := fork{choices: slices.Clone(s.p.Choices())}
			if len(f.choices) == 0 {
				s.counts.schedules++
				return true, s.p.End()
			}
			if depth > 0 {
				f.sleep = s.path[depth-1].stillAsleep()
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
		if s.reduced {
			f.step = footprintOf(s.code, c.Thread)
		}
		_, f.offers = s.p.Take(c)
		s.counts.steps++
	}
}

// stillAsleep returns the threads that still sleep after the step of this fork.
func (f *fork) stillAsleep() (out []sleeper) {
	for _, s := range f.sleep {
		if s.step.commutes(f.step) {
			out = append(out, s)
		}
	}
	return out
}

// wake moves on to a choice that does not sleep, if there is one.
func (f *fork) wake() bool {
	for ; f.at < len(f.choices); f.at++ {
		thread := f.choices[f.at].Thread
		if !slices.ContainsFunc(f.sleep, func(s sleeper) bool { return s.thread == thread }) {
			return true
		}
	}
	return false
}

// advance moves to the next schedule, if there is one.
func (s *search) advance() bool {
	for len(s.path) > 0 {
		f := &s.path[len(s.path)-1]
		if f.option++; f.option < f.offers {
			return true
		}
		if s.reduced {
			f.sleep = append(f.sleep, sleeper{f.choices[f.at].Thread, f.step})
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
