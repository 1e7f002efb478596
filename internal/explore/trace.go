// SPDX-License-Identifier: MIT

package explore

import (
	"fmt"

	"example.com/pernet/internal/sched"
)

// A TraceStep is one step of a run, and the state after it.
type TraceStep struct {
	Choice sched.Choice
	Label  string // the action of spec/netns.tla that it was
	State  State
}

// Trace runs a schedule on the code and returns the state that it starts in and
// its steps. An error names the first choice that cannot be taken; what was
// done before it is returned all the same.
func (in *Instance) Trace(schedule sched.Schedule) (start State, steps []TraceStep, err error) {
	w := newWorld(in)
	start = w.state()
	for i, c := range schedule {
		if err := w.takeable(c); err != nil {
			return start, steps, fmt.Errorf("schedule: step %d: %w", i+1, err)
		}
		label, offers := w.take(c)
		if c.Option >= offers {
			return start, steps, fmt.Errorf("schedule: step %d: %s has no option %d there; it has %d, counted from 0", i+1, c.Thread, c.Option, offers)
		}
		steps = append(steps, TraceStep{c, label, w.state()})
	}
	w.end()
	return start, steps, nil
}

// takeable reports why a choice cannot be taken now, or nil.
func (w *world) takeable(c sched.Choice) error {
	i := w.s.Find(c.Thread)
	switch {
	case i < 0:
		return fmt.Errorf("there is no thread %s now", c.Thread)
	case !w.s.Enabled(i):
		return fmt.Errorf("%s waits at %s", c.Thread, w.s.At(i).Name)
	}
	return nil
}

// end lets every call return, so that no coroutine is left, and closes the run.
func (w *world) end() {
	for {
		c, ok := w.drain()
		if !ok {
			break
		}
		w.take(c)
	}
	w.s.Close()
}

// drain returns a choice that brings some call nearer to its end, if one can move.
func (w *world) drain() (sched.Choice, bool) {
	for i := range w.s.Len() {
		if w.s.At(i).Name != sched.AtRest && w.s.Enabled(i) {
			return sched.Choice{Thread: w.s.Name(i)}, true
		}
	}
	return sched.Choice{}, false
}
