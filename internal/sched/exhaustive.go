// SPDX-License-Identifier: MIT

package sched

import (
	"errors"
	"fmt"
)

// Exhaustive takes every schedule of a program, one a run, depth first. Use:
//
//	for e := NewExhaustive(); e.More(); { start the program; s.Run(e, max) }
//
// The number of schedules grows as a factorial. For every state rather than every schedule,
// use package explore.
type Exhaustive struct {
	path []branch
	at   int
	runs int
}

// A branch is one decision of the run, and the number of alternatives.
type branch struct{ taken, of int }

// NewExhaustive returns an Exhaustive before its first run.
func NewExhaustive() *Exhaustive { return &Exhaustive{} }

// More begins the next run, and reports whether there is one.
func (e *Exhaustive) More() bool {
	e.at = 0
	if e.runs == 0 {
		e.runs = 1
		return true
	}
	for len(e.path) > 0 {
		last := &e.path[len(e.path)-1]
		if last.taken++; last.taken < last.of {
			e.runs++
			return true
		}
		e.path = e.path[:len(e.path)-1]
	}
	return false
}

// Runs returns how many runs have begun.
func (e *Exhaustive) Runs() int { return e.runs }

// decide returns which of n threads moves, or which of n options a step takes.
func (e *Exhaustive) decide(n int) int {
	if e.at == len(e.path) {
		e.path = append(e.path, branch{0, n})
	}
	b := e.path[e.at]
	if b.of != n {
		panic("sched: the program is not deterministic: something outside the schedule decides")
	}
	e.at++
	return b.taken
}

// ErrDeadlock ends a run when no thread can move and not all are at rest.
var ErrDeadlock = errors.New("deadlock")

// errTooLong ends a run at its bound.
var errTooLong = errors.New("the run is longer than its bound")

// Run runs the threads as e decides until all are at rest or over, and returns the schedule. It
// fails after max steps.
func (s *Scheduler) Run(e *Exhaustive, max int) (done Schedule, err error) {
	var movable []int
	for len(done) < max {
		movable = movable[:0]
		resting := true
		for i := range s.threads {
			resting = resting && s.threads[i].at.Name == AtRest
			if s.Enabled(i) {
				movable = append(movable, i)
			}
		}
		switch {
		case len(movable) == 0 && resting:
			return done, nil
		case len(movable) == 0:
			return done, fmt.Errorf("%w:\n%s", ErrDeadlock, s.Waiting())
		}
		i := movable[e.decide(len(movable))]
		name := s.threads[i].name
		option, _ := s.step(i, e.decide)
		done = append(done, Choice{name, option})
	}
	return done, errTooLong
}
