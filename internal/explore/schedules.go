// SPDX-License-Identifier: MIT

package explore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"example.com/pernet/internal/sched"
)

// ErrBound is what a search ends in that has not seen everything.
var ErrBound = errors.New("incomplete: the bound is reached and there are more schedules")

// Every says which schedules of fixed programs are to be run.
type Every struct {
	// Reduced takes one schedule of each class of those that differ in the order of
	// independent steps alone.
	Reduced bool

	// Max bounds the runs, the cut ones included; 0 means no bound. A search that
	// comes to it fails with ErrBound.
	Max int
}

// Counts are how far a search went.
type Counts struct {
	Schedules int // that were run to their end
	Cut       int // begun, and found to be of a class that was run already
	Steps     int
}

// EverySchedule takes p through every schedule, each from the start, and calls
// visit after each; what was done is p's to say. It stops at the first error: visit's,
// a deadlock or a panic, with the schedule; ErrBound, or the context's.
//
// A reduced search puts threads to sleep (sleep sets): when a thread's step has been taken
// in a state, the branches that begin with another thread's step leave it out
// until a step has been taken that does not commute with it.
func EverySchedule[S comparable](ctx context.Context, p *Player[S], every Every, visit func() error) (Counts, error) {
	s := search[S]{Every: every, p: p}
	for more := true; more; more = s.advance() {
		switch {
		case ctx.Err() != nil:
			return s.counts, context.Cause(ctx)
		case s.Max > 0 && s.counts.Schedules+s.counts.Cut >= s.Max:
			return s.counts, ErrBound
		}
		whole, err := s.run()
		if err == nil && whole {
			err = visit()
		}
		if err != nil {
			return s.counts, fmt.Errorf("%w\n%s", err, p.Schedule())
		}
	}
	return s.counts, nil
}

// search goes through the tree of schedules, depth first.
type search[S comparable] struct {
	Every
	p      *Player[S]
	path   []fork
	counts Counts
}

// A fork is one decision of the run that is under way.
type fork struct {
	choices []sched.Choice
	at      int // which of them is taken
	option  int
	offers  int // how many options its step had
	step    Footprint
	sleep   []sleeper // when the run comes here, and those taken here already
}

// A sleeper is a thread whose next step another branch of the search has taken
// already; until something that it does not commute with is done, taking it here
// gives nothing new.
type sleeper struct {
	thread string
	step   Footprint
}

// run follows the path, and goes on to the end of a schedule, unless that is cut.
func (s *search[S]) run() (whole bool, err error) {
	defer Recover(&err)
	s.p.Start()
	for depth := 0; ; depth++ {
		if depth == len(s.path) {
			f := fork{choices: slices.Clone(s.p.Choices())}
			if len(f.choices) == 0 {
				s.counts.Schedules++
				return true, s.p.End()
			}
			if depth > 0 {
				f.sleep = s.path[depth-1].stillAsleep()
			}
			if !f.wake() {
				s.counts.Cut++
				return false, s.p.End()
			}
			s.path = append(s.path, f)
		}
		f := &s.path[depth]
		c := f.choices[f.at]
		c.Option = f.option
		if s.Reduced {
			f.step = s.p.run.Footprint(c.Thread)
		}
		_, f.offers = s.p.Take(c)
		s.counts.Steps++
	}
}

// stillAsleep returns those that sleep after the step that is taken.
func (f *fork) stillAsleep() (out []sleeper) {
	for _, s := range f.sleep {
		if s.step.Commutes(f.step) {
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
func (s *search[S]) advance() bool {
	for len(s.path) > 0 {
		f := &s.path[len(s.path)-1]
		if f.option++; f.option < f.offers {
			return true
		}
		if s.Reduced {
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
