// SPDX-License-Identifier: MIT

package sched

import "example.com/pernet/internal/door"

// A Parked is a thread between two steps that no scheduler has. It can be kept,
// and given to the scheduler that it is from whenever the data that its code
// works on is again as it may find it.
type Parked struct{ t *thread }

// At returns where the thread stands.
func (p Parked) At() door.Point { return p.t.at }

// Name returns the name of the thread.
func (p Parked) Name() string { return p.t.name }

// Ready reports whether the thread could take a step now.
func (p Parked) Ready() bool { return p.t.at.Ready == nil || p.t.at.Ready() }

// Park takes thread i out of the scheduler.
func (s *Scheduler) Park(i int) Parked {
	t := s.threads[i]
	s.forget(t)
	return Parked{t}
}

// Unpark gives a thread back to its scheduler.
func (s *Scheduler) Unpark(p Parked) { s.threads = append(s.threads, p.t) }

// Finish runs a parked thread to its end at once: it stops at no point more, each
// step that asks for an option takes option 0, and Rest returns false. What it
// would wait for must be there.
func (s *Scheduler) Finish(p Parked) {
	s.Unpark(p)
	s.current, s.finishing = p.t, true
	defer func() {
		s.current, s.finishing = nil, false
		s.forget(p.t)
	}()
	p.t.stop()
	p.t.over = true
}

// Finishing reports whether the running thread is in Finish.
func (s *Scheduler) Finishing() bool { return s.finishing }
