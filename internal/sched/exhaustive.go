// SPDX-License-Identifier: MIT

package sched

// Exhaustive takes every schedule of a program, one a run, depth first. Use:
//
//	for e := NewExhaustive(); e.More(); { start the program; s.Run(e, max) }
//
// It is for programs whose schedules are few; they grow as a factorial. Who
// wants every state rather than every way to it explores with a set of states.
type Exhaustive struct {
	path []branch
	at   int
	runs int
}

// A branch is one decision of the run, and how many there are in its place.
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

// Thread is Strategy's.
func (e *Exhaustive) Thread(names []string) (int, error) { return e.decide(len(names)), nil }

// Option is Strategy's.
func (e *Exhaustive) Option(n int) int { return e.decide(n) }

func (e *Exhaustive) decide(n int) int {
	if e.at == len(e.path) {
		e.path = append(e.path, branch{0, n})
	}
	b := e.path[e.at]
	if b.of != n {
		panic("sched: the program does not repeat itself: something outside the schedule decides")
	}
	e.at++
	return b.taken
}
