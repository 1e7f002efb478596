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
	asked bool // the step that is running has asked for its option
	err   error
}

// NewReplay returns a Replay of s.
func NewReplay(s Schedule) *Replay { return &Replay{left: s} }

// Thread is Strategy's. At the end of the schedule it fails with ErrEnd.
func (r *Replay) Thread(names []string) (int, error) {
	if r.missed(); r.err != nil {
		return 0, r.err
	}
	if len(r.left) == 0 {
		return 0, ErrEnd
	}
	r.now, r.left = r.left[0], r.left[1:]
	r.taken++
	r.asked = false
	i := slices.Index(names, r.now.Thread)
	if i < 0 {
		return 0, fmt.Errorf("schedule: step %d: %s cannot move; %v can", r.taken, r.now.Thread, names)
	}
	return i, nil
}

// Option is Strategy's. One that the step does not have fails the next Thread, and Err.
func (r *Replay) Option(n int) int {
	r.asked = true
	if r.now.Option >= n {
		r.err = fmt.Errorf("schedule: step %d: option %d of %d, counted from 0", r.taken, r.now.Option, n)
		return 0
	}
	return r.now.Option
}

// missed sees an option that the step before did not even ask for.
func (r *Replay) missed() {
	if r.err == nil && !r.asked && r.now.Option > 0 {
		r.err = fmt.Errorf("schedule: step %d: %s has no options there", r.taken, r.now.Thread)
	}
}

// Err returns why the run that is over was not the schedule's, or nil.
func (r *Replay) Err() error {
	if r.missed(); r.err == nil && len(r.left) > 0 {
		return fmt.Errorf("schedule: all threads are at rest after step %d, and %d are left", r.taken, len(r.left))
	}
	return r.err
}

// ErrEnd is what a run ends in when its schedule is over before its threads are at rest.
var ErrEnd = fmt.Errorf("the schedule is over")
