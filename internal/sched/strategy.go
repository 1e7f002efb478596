// SPDX-License-Identifier: MIT

package sched

import (
	"errors"
	"fmt"
)

// A Strategy decides a run: which thread moves, and which option a step takes.
type Strategy interface {
	// Thread returns which of the threads that can move does; names has at
	// least one.
	Thread(names []string) (int, error)

	// Option returns which of n options the step takes, from 0 up.
	Option(n int) int
}

// ErrDeadlock is what a run ends in when no thread can move and not all are at rest.
var ErrDeadlock = errors.New("deadlock")

// ErrTooLong is what a run ends in at its bound. Such a run has shown nothing.
var ErrTooLong = errors.New("the run is longer than its bound")

// Run lets threads move until all are at rest or over, as the strategy decides,
// and returns what was decided. After at most max steps it gives up.
func (s *Scheduler) Run(st Strategy, max int) (done Schedule, err error) {
	var names []string
	var movable []int
	for len(done) < max {
		names, movable = names[:0], movable[:0]
		resting := true
		for i := range s.threads {
			resting = resting && s.threads[i].at.Name == AtRest
			if s.Enabled(i) {
				names, movable = append(names, s.threads[i].name), append(movable, i)
			}
		}
		switch {
		case len(movable) == 0 && resting:
			return done, nil
		case len(movable) == 0:
			return done, fmt.Errorf("%w:\n%s", ErrDeadlock, s.Waiting())
		}
		i, err := st.Thread(names)
		if err != nil {
			return done, err
		}
		option, _ := s.step(movable[i], st.Option)
		done = append(done, Choice{names[i], option})
	}
	return done, ErrTooLong
}
