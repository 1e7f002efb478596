// SPDX-License-Identifier: MIT

package explore

import (
	"fmt"
	"slices"

	"example.com/pernet/internal/sched"
)

// A Player takes runs of the code through schedules, choice by choice.
type Player[S comparable] struct {
	run     Run[S]
	done    sched.Schedule
	labels  []string
	choices []sched.Choice
}

// NewPlayer returns a Player before its first run.
func NewPlayer[S comparable](run Run[S]) *Player[S] { return &Player[S]{run: run} }

// Start leaves the run that was there, as End does, and begins one.
func (p *Player[S]) Start() {
	_ = p.End() // it was reported before
	p.run.Reset()
	p.done, p.labels = p.done[:0], p.labels[:0]
}

// Choices returns the threads that can move, each with the first option of its
// step. The next call of Choices uses the slice again.
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

// Take lets a thread that can move take its step, and returns the step's action
// and how many options it had. An option that it does not have is the first.
func (p *Player[S]) Take(c sched.Choice) (label string, offers int) {
	p.done = append(p.done, c)
	label, offers = p.run.Take(c)
	if c.Option >= offers {
		p.done[len(p.done)-1].Option = 0
	}
	p.labels = append(p.labels, label)
	return label, offers
}

// State returns the state after the last step.
func (p *Player[S]) State() S { return p.run.State() }

// Schedule returns the choices taken since Start.
func (p *Player[S]) Schedule() sched.Schedule { return slices.Clone(p.done) }

// Labels returns the actions of the steps taken since Start.
func (p *Player[S]) Labels() []string { return slices.Clone(p.labels) }

// End ends the run: calls that are under way go on until all have returned, in
// some order. It fails if one never returns; such a run keeps its memory.
func (p *Player[S]) End() error {
	for c, ok := p.drain(); ok; c, ok = p.drain() {
		p.Take(c)
	}
	s := p.run.Scheduler()
	for i := range s.Len() {
		if s.At(i).Name != sched.AtRest {
			return fmt.Errorf("%w:\n%s", sched.ErrDeadlock, s.Waiting())
		}
	}
	return nil
}

// Close lets the threads go that are between two calls. The Player must not be used after it.
func (p *Player[S]) Close() { p.run.Scheduler().Close() }

// drain returns a choice that brings some call nearer to its end, if one can move.
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
	Label  string // the action of the spec that it was
	State  S
}

// Trace runs a schedule on the code and returns the state that it starts in and
// its steps. An error names the first choice that cannot be taken; what was
// done before it is returned all the same.
func Trace[S comparable](d Discipline[S], schedule sched.Schedule) (start S, steps []TraceStep[S], err error) {
	p := NewPlayer(d.NewRun())
	p.Start()
	start = p.State()
	for i, c := range schedule {
		if err := p.takeable(c); err != nil {
			return start, steps, fmt.Errorf("schedule: step %d: %w", i+1, err)
		}
		label, offers := p.Take(c)
		if c.Option >= offers {
			return start, steps, fmt.Errorf("schedule: step %d: %s has no option %d there; it has %d, counted from 0", i+1, c.Thread, c.Option, offers)
		}
		steps = append(steps, TraceStep[S]{c, label, p.State()})
	}
	_ = p.End() // a call that never returns is no part of the schedule
	p.Close()
	return start, steps, nil
}

// takeable reports why a choice cannot be taken now, or nil.
func (p *Player[S]) takeable(c sched.Choice) error {
	s := p.run.Scheduler()
	i := s.Find(c.Thread)
	switch {
	case i < 0:
		return fmt.Errorf("there is no thread %s now", c.Thread)
	case !s.Enabled(i):
		return fmt.Errorf("%s waits at %s", c.Thread, s.At(i).Name)
	}
	return nil
}
