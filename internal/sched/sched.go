// SPDX-License-Identifier: MIT

// Package sched runs concurrent code one step at a time, in an order that is
// chosen from outside. Threads are coroutines; a thread runs from one yield
// point to the next, and nothing else runs meanwhile. So a run is decided by
// the choices alone, and a list of choices, which prints as a short string,
// repeats it.
//
// What is controlled is what the code offers as yield points. A step between
// two of them is taken to be one step: whether that is right is for the author
// of the points to argue, and for the race detector to check on free-running
// threads.
package sched

import (
	"fmt"
	"iter"
	"strings"

	"example.com/pernet/internal/hook"
)

// A Scheduler holds the threads of one run. It is not for use by several
// goroutines.
type Scheduler struct {
	threads []*thread
	current *thread // the one that is running now; nil between steps

	choose func(n int) int // which of n options the step that is running takes; nil: wanted
	wanted int             // that one
	option int             // the one that it took
	offers int             // how many it had; 0 until it asks
}

type thread struct {
	name string
	at   hook.Point
	next func() (struct{}, bool)
	stop func()
	out  func(struct{}) bool // the coroutine's yield
	rest bool                // between two calls: stop ends it
	over bool
}

// Go starts a thread and runs it to its first yield point. Threads may start
// others. Names must be unlike those of all threads that are not over.
func (s *Scheduler) Go(name string, f func()) {
	t := &thread{name: name}
	t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		t.out = yield
		f()
	})
	s.threads = append(s.threads, t)
	s.resume(t)
}

// resume runs t to its next yield point, or its end.
func (s *Scheduler) resume(t *thread) {
	outer := s.current
	s.current = t
	_, more := t.next()
	s.current = outer
	if !more {
		t.over = true
		s.forget(t)
	}
}

func (s *Scheduler) forget(t *thread) {
	for i, u := range s.threads {
		if u == t {
			s.threads = append(s.threads[:i], s.threads[i+1:]...)
			return
		}
	}
}

// Point is a yield point: it parks the thread that calls it before the step p.
// The thread goes on when a Step chooses it.
func (s *Scheduler) Point(p hook.Point) {
	t := s.current
	if t == nil {
		panic("sched: yield point " + p.Name + " outside any thread")
	}
	t.at, t.rest = p, false
	t.out(struct{}{})
}

// Rest is a yield point between two calls of a thread. It returns false when
// the scheduler has been closed: then the thread must end.
func (s *Scheduler) Rest(p hook.Point) bool {
	t := s.current
	t.at, t.rest = p, true
	return t.out(struct{}{})
}

// Close ends all threads that are in Rest. Others, in the middle of a call, are
// left where they are and keep their memory: let a run come to rest first.
func (s *Scheduler) Close() {
	for _, t := range s.threads {
		if t.rest {
			t.stop()
		}
	}
	s.threads = nil
}

// AllAtRest reports whether there are n threads, all between two calls.
func (s *Scheduler) AllAtRest(n int) bool {
	for _, t := range s.threads {
		if t.at.Name != AtRest {
			return false
		}
	}
	return len(s.threads) == n
}

// AtRest is the name of the point of a thread between two calls.
const AtRest = "Idle"

// Option says which of n options the running step takes. A step asks at most
// once; an exploration takes it again with each of the others.
func (s *Scheduler) Option(n int) int {
	if s.offers != 0 {
		panic("sched: a step asked for an option twice")
	}
	s.offers, s.option = n, s.wanted
	if s.choose != nil {
		s.option = s.choose(n)
	}
	if s.option < 0 || s.option >= n {
		s.option = 0 // the number of options says that there was none such
	}
	return s.option
}

// Step lets thread i take its next step, with the given option if the step has
// so many, else with option 0, and returns how many it had: 1 if it asked for none.
func (s *Scheduler) Step(i, option int) (offers int) {
	s.wanted = option
	_, offers = s.step(i, nil)
	return offers
}

func (s *Scheduler) step(i int, choose func(n int) int) (option, offers int) {
	s.choose, s.option, s.offers = choose, 0, 0
	s.resume(s.threads[i])
	return s.option, max(s.offers, 1)
}

// Len returns how many threads are not over.
func (s *Scheduler) Len() int { return len(s.threads) }

// Name returns the name of thread i.
func (s *Scheduler) Name(i int) string { return s.threads[i].name }

// At returns where thread i waits.
func (s *Scheduler) At(i int) hook.Point { return s.threads[i].at }

// Enabled reports whether thread i could take a step now.
func (s *Scheduler) Enabled(i int) bool {
	ready := s.threads[i].at.Ready
	return ready == nil || ready()
}

// Find returns the thread of that name, or -1.
func (s *Scheduler) Find(name string) int {
	for i, t := range s.threads {
		if t.name == name {
			return i
		}
	}
	return -1
}

// Current returns the name of the thread that is running; "" between steps.
func (s *Scheduler) Current() string {
	if s.current == nil {
		return ""
	}
	return s.current.name
}

// Waiting describes every thread that cannot move, for a report of a deadlock.
func (s *Scheduler) Waiting() string {
	var b strings.Builder
	for i, t := range s.threads {
		if !s.Enabled(i) {
			fmt.Fprintf(&b, "%s waits at %s (ops %q, net %q)\n", t.name, t.at.Name, t.at.Ops, t.at.Net)
		}
	}
	return b.String()
}
