// SPDX-License-Identifier: MIT

package sched

import (
	"fmt"
	"slices"
)

// Replay takes the choices of a schedule, and fails at one that cannot be taken.
type Replay struct {
	left  Schedule
	taken int
	now   Choice
	err   error
}

// NewReplay returns a Replay of s.
func NewReplay(s Schedule) *Replay { return &Replay{left: s} }

// Thread is Strategy's. At the end of the schedule it fails with ErrEnd.
func (r *Replay) Thread(names []string) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if len(r.left) == 0 {
		return 0, ErrEnd
	}
	r.now, r.left = r.left[0], r.left[1:]
	r.taken++
	i := slices.Index(names, r.now.Thread)
	if i < 0 {
		return 0, fmt.Errorf("schedule: step %d: %s cannot move; %v can", r.taken, r.now.Thread, names)
	}
	return i, nil
}

// Option is Strategy's. One that the step does not have fails the next Thread, and Err.
func (r *Replay) Option(n int) int {
	if r.now.Option >= n {
		r.err = fmt.Errorf("schedule: step %d: option %d of %d, counted from 0", r.taken, r.now.Option, n)
		return 0
	}
	return r.now.Option
}

// Err returns why the run is not the schedule's, or nil.
func (r *Replay) Err() error { return r.err }

// ErrEnd is what a run ends in when its schedule is over before its threads are at rest.
var ErrEnd = fmt.Errorf("the schedule is over")
