// SPDX-License-Identifier: MIT

package explore

import (
	"fmt"
	"runtime/debug"

	"example.com/pernet/internal/sched"
)

// A run is one run of the code from the start.
type run struct {
	e       *explorer
	w       *world
	done    sched.Schedule
	movable []sched.Choice
}

// run leads the code to state target, takes choice c there, and goes on. It stops
// where there is no room for a state.
func (r *run) run(target int32, c sched.Choice, way sched.Schedule) (problem string) {
	w := r.w
	defer func() {
		if v := recover(); v != nil {
			problem = fmt.Sprintf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	w.reset()
	at := int32(0)
	for _, c := range way {
		r.done = append(r.done, c)
		label, offers := w.take(c)
		if r.e.opt.Verify {
			if at, problem = r.again(at, c, label, offers); problem != "" || at == full {
				return problem
			}
		}
	}
	if s := w.state(); s != r.stateOf(target) {
		return fmt.Sprintf("not deterministic: a way that led to\n%snow leads to\n%s",
			indent(r.e.in.Describe(r.stateOf(target))), indent(r.e.in.Describe(s)))
	}
	at = target
	for ok := true; ok; {
		r.done = append(r.done, c)
		label, offers := w.take(c)
		if at, c, ok, problem = r.record(at, c, label, offers); problem != "" || at == full {
			return problem
		}
		if !ok && r.e.opt.Verify {
			c, ok = w.drain()
		}
	}
	for c, ok := w.drain(); ok; c, ok = w.drain() {
		r.done = append(r.done, c)
		w.take(c)
	}
	return w.atRest()
}

func (r *run) stateOf(id int32) State {
	r.e.mu.Lock()
	defer r.e.mu.Unlock()
	return r.e.res.Graph.States[id]
}

// record records a step, and returns the next choice that nobody has taken, if there is one here.
func (r *run) record(at int32, c sched.Choice, label string, offers int) (to int32, next sched.Choice, ok bool, problem string) {
	s := r.w.state()
	r.movable = appendChoices(r.movable[:0], r.w)
	r.e.mu.Lock()
	defer r.e.mu.Unlock()
	if to, problem = r.e.record(at, c, label, offers, s, r.movable); to == full {
		return full, next, false, ""
	}
	next, ok = r.e.pop(to)
	return to, next, ok, problem
}

// again records a step that was taken before.
func (r *run) again(at int32, c sched.Choice, label string, offers int) (to int32, problem string) {
	s := r.w.state()
	r.movable = appendChoices(r.movable[:0], r.w)
	r.e.mu.Lock()
	defer r.e.mu.Unlock()
	return r.e.record(at, c, label, offers, s, r.movable)
}

// atRest reports a deadlock if some call has not returned and nobody can move.
func (w *world) atRest() string {
	for i := range w.s.Len() {
		if w.s.At(i).Name != sched.AtRest {
			return "deadlock:\n" + w.s.Waiting()
		}
	}
	return ""
}
