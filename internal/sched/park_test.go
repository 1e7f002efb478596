// SPDX-License-Identifier: MIT

package sched

import (
	"runtime"
	"testing"

	"example.com/pernet/internal/door"
)

// A parked thread is no part of the run until it is given back, and then goes on where it stood.
func TestParkedThreadGoesOn(t *testing.T) {
	var tp tape
	tp.steps("a", 2)
	tp.locks("b", 1)
	tp.s.Step(tp.s.Find("a"), 0)
	a := tp.s.Park(tp.s.Find("a"))
	if tp.s.Len() != 1 || tp.s.Find("a") >= 0 || a.Name() != "a" || a.At().Name != "step" || !a.Ready() {
		t.Fatalf("%d threads, parked %s at %v", tp.s.Len(), a.Name(), a.At())
	}
	b := tp.s.Park(tp.s.Find("b"))
	tp.held = true
	if b.Ready() {
		t.Error("b could take the lock that is held")
	}
	tp.held = false
	if !b.Ready() {
		t.Error("b could not take the free lock")
	}
	tp.s.Unpark(b)
	tp.s.Unpark(a)
	for tp.s.Len() > 0 {
		tp.s.Step(0, 0)
	}
	if tp.text != "aba" {
		t.Errorf("wrote %q", tp.text)
	}
}

// Finish runs a thread to its end past all points, options and rests.
func TestFinishLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	var s Scheduler
	var options []int
	ended := false
	s.Go("a", func() {
		for s.Rest(door.Point{Name: AtRest}) {
			s.Point(door.Point{Name: "one"})
			options = append(options, s.Option(3), s.Option(2))
			s.Point(door.Point{Name: "two"})
			if !s.Finishing() || s.Current() != "a" {
				t.Errorf("finishing %v, current %q", s.Finishing(), s.Current())
			}
		}
		ended = true
	})
	s.Step(0, 0)
	p := s.Park(0)
	s.Finish(p)
	if !ended || len(options) != 2 || options[0]+options[1] != 0 || s.Len() != 0 || s.Finishing() || s.Current() != "" {
		t.Errorf("ended %v, options %v, %d threads, current %q", ended, options, s.Len(), s.Current())
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, and %d before", after, before)
	}
}
