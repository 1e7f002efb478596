// SPDX-License-Identifier: MIT

package explore

import (
	"fmt"
	"slices"

	"example.com/pernet/internal/sched"
)

// A Player runs the code choice by choice and records the schedule.
type Player[S comparable] struct {
	run     Run[S]
	done    sched.Schedule
	choices []sched.Choice
}

// NewPlayer returns a Player before its first run.
func NewPlayer[S comparable](run Run[S]) *Player[S] { return &Player[S]{run: run} }

// Start ends the current run, as End does, and begins a new one.
func (p *Player[S]) Start() {
	_ = p.End() // reported before
	p.run.Reset()
	p.done = p.done[:0]
}

// Choices returns the threads that can move, each with the first option of its step. The
// slice is valid until the next call of Choices.
func (p *Player[S]) Choices() []sched.Choice {
	p.choices = p.choices[:0]
	s := p.run.Scheduler()
	for i := range s.Len() {
		if s.Enabled(i) {
			p.choices = append(p.choices, sched.Choice{Thread: s.Name(i)})
		}
	}
	return p.choices
}

// Take takes the step of a thread that can move, and returns the step's action and the number
// of its options. If the step does not have the option, it takes the first one.
func (p *Player[S]) Take(c sched.Choice) (label string, offers int) {
	p.done = append(p.done, c)
	label, offers = p.run.Take(c)
	if c.Option >= offers {
		p.done[len(p.done)-1].Option = 0
	}
	return label, offers
}

// State returns the state after the last step.
func (p *Player[S]) State() S { return p.run.State() }

// Schedule returns the choices taken since Start.
func (p *Player[S]) Schedule() sched.Schedule { return slices.Clone(p.done) }

// End ends the run: it runs the pending calls, in some order, until all have returned. It
// returns an error if one never does; the memory of such a run is not freed.
func (p *Player[S]) End() error {
	for c, ok := p.drain(); ok; c, ok = p.drain() {
		p.Take(c)
	}
	if s := p.run.Scheduler(); !s.AllAtRest(s.Len()) {
		return fmt.Errorf("%w:\n%s", sched.ErrDeadlock, s.Waiting())
	}
	return nil
}

// Close ends the threads that are between two calls. The Player must not be used afterwards.
func (p *Player[S]) Close() { p.run.Scheduler().Close() }

// drain returns a choice that continues a pending call, if there is one.
func (p *Player[S]) drain() (sched.Choice, bool) {
	s := p.run.Scheduler()
	for i := range s.Len() {
		if s.At(i).Name != sched.AtRest && s.Enabled(i) {
			return sched.Choice{Thread: s.Name(i)}, true
		}
	}
	return sched.Choice{}, false
}

// A TraceStep is one step of a run, and the state after it.
type TraceStep[S comparable] struct {
	Choice sched.Choice
	Label  string // the action in the spec
	State  S
}

// Trace runs a schedule on the code and returns the initial state and the steps. An error
// names the first choice that cannot be taken; the steps before it are returned as well.
func Trace[S comparable](d Discipline[S], schedule sched.Schedule) (start S, steps []TraceStep[S], err error) {
	p := NewPlayer(d.NewRun())
	p.Start()
	start = p.State()
	s := p.run.Scheduler()
	for i, c := range schedule {
		switch at := s.Find(c.Thread); {
		case at < 0:
			return start, steps, fmt.Errorf("schedule: step %d: there is no thread %s now", i+1, c.Thread)
		case !s.Enabled(at):
			return start, steps, fmt.Errorf("schedule: step %d: %s waits at %s", i+1, c.Thread, s.At(at).Name)
		}
		label, offers := p.Take(c)
		if c.Option >= offers {
			return start, steps, fmt.Errorf("schedule: step %d: %s has no option %d there; it has %d, counted from 0", i+1, c.Thread, c.Option, offers)
		}
		steps = append(steps, TraceStep[S]{c, label, p.State()})
	}
	_ = p.End() // the schedule may leave calls that never return
	p.Close()
	return start, steps, nil
}
