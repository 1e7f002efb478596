// SPDX-License-Identifier: MIT

package lin

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// A search goes through a part of a history in order of time and keeps the set
// of configurations in which every operation that has returned is complete.
// An operation takes its moments as late as it can: at its own return, or when
// another needs them. Of time itself only the order of calls and returns counts.
type search struct {
	set    set
	slots  []slot
	where  map[int64]int // owner of calls -> slot, while it has one
	free   []int         // slots without an owner
	seen   set           // scratch of complete
	steps  int           // moments tried
	ask    int           // at so many steps it asks again whether its context has ended
	peak   int           // largest set
	limit  int           // of configurations at once
	beam   int           // once it has seen so many at a return it goes on with those that it has
	cut    bool          // it did so, so that not to find a way says nothing
	ctx    context.Context
	stuck  *call  // the operation that no configuration could complete
	member []bool // scratch of expand
	order  []int
	ready  []int
	coming coming // what is still to be called
	called int    // how many of the window's calls were called
}

// A slot holds the open operations of one owner: one, or several that follow
// each other within one instant, of which only the first may take moments until
// it has taken all.
type slot struct {
	owner   int64
	moments []moment
	lens    []int // how many moments each of the operations has
}

var errTooMany = errors.New("too many configurations")

// clone returns a search that starts where s is, between two windows.
func (s *search) clone() *search {
	t := &search{
		where: map[int64]int{}, // only calls that never returned are open, and no call asks for their slots
		free:  slices.Clone(s.free),
		slots: slices.Clone(s.slots), limit: s.limit, beam: s.limit, cut: s.cut, ctx: s.ctx,
	}
	t.set.items = slices.Clone(s.set.items)
	for i := range t.slots {
		t.slots[i].moments = slices.Clone(t.slots[i].moments)
		t.slots[i].lens = slices.Clone(t.slots[i].lens)
	}
	return t
}

// run takes the window's events in order of time, calls before returns of the
// same instant. Only the first horizon returns count; an operation that returns
// later is taken as one that never returned. It returns how many returned and
// still fit; fewer than horizon means that the next one did not.
func (s *search) run(w *window, horizon int) (int, error) { return s.runTo(w, horizon, horizon) }

// runTo is run, but stops after so many returns.
func (s *search) runTo(w *window, stop, horizon int) (int, error) {
	open := make(map[*call]bool) // returns too late
	for _, c := range w.returns[horizon:] {
		open[c] = true
	}
	s.coming, s.called = newComing(w, open), 0
	for fit, c := range w.returns[:stop] {
		for s.called < len(w.calls) && w.calls[s.called].Call <= c.Return {
			s.call(w.calls[s.called], open[w.calls[s.called]])
			s.called++
		}
		ok, err := s.complete(s.where[c.owner])
		if err != nil || !ok {
			s.stuck = c
			return fit, err
		}
		s.leave(s.where[c.owner])
	}
	if stop == len(w.returns) {
		for ; s.called < len(w.calls); s.called++ { // those that never return
			s.call(w.calls[s.called], true)
		}
	}
	return stop, nil
}

// call opens an operation.
func (s *search) call(c *call, open bool) {
	i, ok := s.where[c.owner]
	if !ok {
		i = s.takeSlot(c.owner)
	}
	ms := momentsOf(c, open)
	s.slots[i].moments = append(s.slots[i].moments, ms...)
	s.slots[i].lens = append(s.slots[i].lens, len(ms))
}

func (s *search) takeSlot(owner int64) int {
	var i int
	if n := len(s.free); n > 0 {
		i = s.free[n-1]
		s.free = s.free[:n-1]
	} else {
		i = len(s.slots)
		s.slots = append(s.slots, slot{})
		for j := range s.set.items {
			c := &s.set.items[j]
			c.done = append(slices.Clone(c.done), 0)
		}
		s.set.index = nil
	}
	s.slots[i].owner = owner
	s.where[owner] = i
	return i
}

// leave closes the first operation of the slot, which every configuration has completed.
func (s *search) leave(i int) {
	sl := &s.slots[i]
	n := sl.lens[0]
	sl.lens = slices.Delete(sl.lens, 0, 1)
	sl.moments = slices.Delete(sl.moments, 0, n)
	if len(sl.lens) == 0 {
		delete(s.where, sl.owner)
		s.free = append(s.free, i)
	}
	for j := range s.set.items {
		c := &s.set.items[j]
		done := slices.Clone(c.done)
		done[i] -= int32(n)
		c.order, c.done = c.order.leave(i, int32(n)), done
	}
	s.set.index = nil
}

// complete brings every configuration to where the slot's first operation has
// taken all its moments; false if none can.
func (s *search) complete(i int) (bool, error) {
	need := int32(s.slots[i].lens[0])
	var out set
	s.seen.reset()
	queue := slices.Clone(s.set.items) // those with the fewest moments first
	for at := 0; at < len(queue); at++ {
		c := s.saturate(queue[at])
		queue[at] = config{}
		if c.done[i] >= need {
			out.add(c)
			continue
		}
		if s.steps >= s.ask {
			if s.ask = s.steps + 256; s.ctx.Err() != nil {
				return false, s.ctx.Err()
			}
		}
		if len(out.items) > 0 && len(s.seen.items)+len(out.items) > s.beam {
			s.cut = true
			break
		}
		s.expand(&c, i, func(next config) {
			if s.seen.add(next) {
				queue = append(queue, next)
			}
		})
		if len(s.seen.items)+len(out.items) > s.limit {
			return false, fmt.Errorf("%w: more than %d at once", errTooMany, s.limit)
		}
	}
	if len(out.items) == 0 {
		return false, nil // s.set and s.seen stay for the diagnosis
	}
	s.prune(&out)
	s.set = out
	s.set.index = nil
	s.peak = max(s.peak, len(out.items))
	return true, nil
}
