// SPDX-License-Identifier: MIT

package explore

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"example.com/pernet/internal/sched"
	"example.com/pernet/internal/wire"
)

// ErrBound is what a search ends in that has not seen everything.
var ErrBound = errors.New("incomplete: the bound is reached and there are more schedules")

// Every says which schedules of its programs an instance is to run.
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

// A Played is one run that came to its end.
type Played struct {
	Schedule sched.Schedule
	Labels   []string // of the steps
	History  []wire.Line
	End      State
}

// Run runs the programs of the instance under every schedule, each from a fresh
// registry, and calls visit after each. It stops at the first error: visit's,
// a deadlock or a panic, with the schedule; ErrBound, or the context's.
//
// A reduced search puts threads to sleep (sleep sets): when a thread's step has been taken
// in a state, the branches that begin with another thread's step leave it out
// until a step has been taken that does not commute with it.
func (e Every) Run(ctx context.Context, in *Instance, visit func(*Played) error) (Counts, error) {
	s := search{Every: e, p: NewPlay(in)}
	for more := true; more; more = s.advance() {
		switch {
		case ctx.Err() != nil:
			return s.counts, context.Cause(ctx)
		case e.Max > 0 && s.counts.Schedules+s.counts.Cut >= e.Max:
			return s.counts, ErrBound
		}
		played, err := s.run()
		if err == nil && played != nil {
			err = visit(played)
		}
		if err != nil {
			return s.counts, fmt.Errorf("%w\n%s", err, s.p.Schedule())
		}
	}
	return s.counts, nil
}

// Recover, deferred, makes an error of a panic of the code that is run.
func Recover(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
	}
}

// search goes through the tree of schedules, depth first.
type search struct {
	Every
	p      *Play
	path   []fork
	counts Counts
}

// A fork is one decision of the run that is under way.
type fork struct {
	choices []sched.Choice
	at      int // which of them is taken
	option  int
	offers  int // how many options its step had
	step    footprint
	sleep   []sleeper // when the run comes here, and those taken here already
}

// run follows the path, and goes on to the end of a schedule. It returns nil for
// one that is cut.
func (s *search) run() (_ *Played, err error) {
	p := s.p
	defer Recover(&err)
	p.Start()
	cut := false
	for depth := 0; !cut; depth++ {
		if depth == len(s.path) {
			f := fork{choices: slices.Clone(p.Choices())}
			if len(f.choices) == 0 {
				break
			}
			if depth > 0 {
				last := &s.path[depth-1]
				f.sleep = asleep(last.sleep, last.step)
			}
			if cut = !f.wake(); cut {
				break
			}
			s.path = append(s.path, f)
		}
		f := &s.path[depth]
		c := f.choices[f.at]
		c.Option = f.option
		if s.Reduced {
			f.step = p.footprint(c.Thread)
		}
		_, f.offers = p.Take(c)
		s.counts.Steps++
	}
	if cut {
		s.counts.Cut++
		return nil, p.End()
	}
	s.counts.Schedules++
	if err := p.End(); err != nil {
		return nil, err
	}
	end := p.State()
	return &Played{p.Schedule(), p.Labels(), p.History(), end}, nil
}

// wake moves on to a choice that does not sleep, if there is one.
func (f *fork) wake() bool {
	for ; f.at < len(f.choices); f.at++ {
		if !sleeps(f.sleep, f.choices[f.at]) {
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
