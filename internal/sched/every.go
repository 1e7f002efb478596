// SPDX-License-Identifier: MIT

package sched

import (
	"errors"
	"fmt"
	"iter"
)

// A Decider returns which of n threads moves, or which of n options a step takes. It decides
// one run.
type Decider func(n int) int

// Every yields a Decider for each schedule of a program, depth first. Use:
//
//	for decide := range Every() { start the program; s.Run(decide, max) }
//
// The number of schedules grows as a factorial. For every state rather than every schedule,
// use package explore.
func Every() iter.Seq[Decider] {
	type branch struct{ taken, of int } // a decision, and the number of alternatives
	return func(yield func(Decider) bool) {
		var path []branch
		for {
			at := 0
			decide := func(n int) int {
				if at == len(path) {
					path = append(path, branch{0, n})
				}
				b := path[at]
				if b.of != n {
					panic("sched: the program is not deterministic: something outside the schedule decides")
				}
				at++
				return b.taken
			}
			if !yield(decide) {
				return
			}
			last := len(path) - 1
			for last >= 0 && path[last].taken+1 == path[last].of {
				last--
			}
			if last < 0 {
				return
			}
			path = path[:last+1]
			path[last].taken++
		}
	}
}

// ErrDeadlock ends a run when no thread can move and not all are at rest.
var ErrDeadlock = errors.New("deadlock")

// errTooLong ends a run at its bound.
var errTooLong = errors.New("the run is longer than its bound")

// Run runs the threads as decide says until all are at rest or over, and returns the schedule. It
// fails after max steps.
func (s *Scheduler) Run(decide Decider, max int) (done Schedule, err error) {
	var movable []int
	for len(done) < max {
		movable = movable[:0]
		for i := range s.threads {
			if s.Enabled(i) {
				movable = append(movable, i)
			}
		}
		switch {
		case len(movable) == 0 && s.AllAtRest(s.Len()):
			return done, nil
		case len(movable) == 0:
			return done, fmt.Errorf("%w:\n%s", ErrDeadlock, s.Waiting())
		}
		i := movable[decide(len(movable))]
		name := s.threads[i].name
		option, _ := s.step(i, decide)
		done = append(done, Choice{name, option})
	}
	return done, errTooLong
}
