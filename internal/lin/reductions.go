// SPDX-License-Identifier: MIT

package lin

import "slices"

// These reductions keep the set of configurations small. All rest on the same
// fact: what is pending at a return was called before it, so that in the order
// looked for its moments may come anywhere before that return.
//
// Open orders. What nothing has shown yet of the order of a list stays open: partial.go.
//
// Eager moments. A moment that changes nothing but its own progress (a refused
// call, a list, the second moment of a copy that failed) is taken at once where
// it fits, if it leaves all orders as open as they were. Let C lead to C' by such a
// moment m, and let x m y be a way to go on from C. Then x y is one from C', since m
// changes nothing that x or y read. So C' can do all that C can, and C is dropped.
//
// References. A moment m that takes a reference to a net other than init_net is taken at
// once where the net has one already and nothing can make a net of that name anew before
// m's operation returns (references.go). Let x m y be a way to go on from C. A count that
// reached zero never rises, so it is above zero all through x, and one more changes no
// answer of x: m x y is a way to go on, too. It orders no more than x m y does. What m
// must come before is its own operation's next moment and what needs the net to have no
// reference, and all of that comes after m in x m y as well.
//
// Persistent sets. To complete operation X, not every pending client is tried, only
// those of a set T that holds X's client and, with each client P,
//   - if a moment of Q must come before P's next one (first.go), one such Q;
//   - else every client Q with a remaining moment that bars P's next one (footprint.go), but
//     for those of which P's next one must come first.
//
// A way to go on takes X's moments, so some client of T moves. The first to do so is
// none of the former kind: another of T would have moved before. What clients outside T
// do before that move does not bar it: the move can change places with each of them, from
// the last to the first. So that move may come first, and trying the moves of T from
// here loses nothing.
//
// Walks that broke off. A register that failed on a net, or a copy that failed in an ops,
// saw a list only up to there. What is added behind that place does not bar it, nor does it
// bar that, and it does not bar what is taken away behind it. (A subsystem may go in front
// of a device, so it does bar a copy, and a copy it.) Only the order that it shows must be
// the same both ways: what it met comes before what is in the list and before what is still
// to be added (extend.go). So what was added before the members that it met, for
// other reasons, is not put before what is still to be added.
//
// Steps. The unlinks of a cleanup of several nets are moments of their own, which are taken
// together, as one step: what bars one of them bars the step.
//
// Twins. Of two pending calls that ask and answer the same, the one that returns
// first is taken first: they can change places.
//
// Dominance. Of two configurations in which X is complete, one that the other
// reaches by a pending moment is dropped: the other can still do so at the next
// return. So is one of two that differ in orders alone, if the other leaves open all that it does.

// expand calls yield for the configurations that one moment from c leads to,
// as far as completing the operation of slot target needs them.
func (s *search) expand(c *config, target int, yield func(config)) {
	if cap(s.member) < len(s.slots) {
		s.member = make([]bool, len(s.slots))
	}
	in := s.member[:len(s.slots)]
	clear(in)
	in[target] = true
	s.order, s.ready = append(s.order[:0], target), s.ready[:0]
	for k := 0; k < len(s.order); k++ {
		p := s.order[k]
		step := s.step(c, p) // it has a moment: the target is not complete, the others have some left
		if q := s.blocker(c, p, step, in); q < 0 {
			s.ready = append(s.ready, p)
			s.addDependent(c, step, in)
		} else if !in[q] {
			in[q] = true
			s.order = append(s.order, q)
		}
	}
	for _, p := range s.ready {
		m := s.next(c, p)
		if s.twin(c, p, m) {
			continue
		}
		for option := range m.options() {
			if next, ok := s.take(c, p, m, option); ok {
				yield(next)
			}
		}
	}
}

// saturate takes every eager moment that fits and leaves everything as it is, and
// every one that takes a reference and can be taken at once.
func (s *search) saturate(c config) config {
	for q := range s.slots {
		for m := s.next(&c, q); m != nil; m = s.next(&c, q) {
			counts := s.counts(&c, q, m)
			if !counts && !m.eager() {
				break
			}
			next, ok := s.take(&c, q, m, 0)
			if !ok || !counts && (!next.order.equal(c.order) || len(next.state.Live) != len(c.state.Live)) {
				break
			}
			c = next
		}
	}
	return c
}

// blocker returns a slot with a moment that must come before one of the next step of slot
// p; one of the set if there is one. -1: there is none.
func (s *search) blocker(c *config, p int, step []moment, in []bool) int {
	found := -1
	for q := range s.slots {
		if q != p && (found < 0 || in[q]) && s.anyFirst(c, q, step) {
			if found = q; in[q] {
				break
			}
		}
	}
	return found
}

// anyFirst reports whether some remaining moment of slot q must come before one of the step.
func (s *search) anyFirst(c *config, q int, step []moment) bool {
	rest := s.rest(c, q)
	for i := range rest {
		for j := range step {
			if s.first(c, &rest[i], &step[j]) {
				return true
			}
		}
	}
	return false
}

// twin reports whether another of the tried slots has just the same to do and
// returns earlier. What the later one does first, the earlier one can, if nothing
// follows in the later one's slot. (Copies that are alike do not overlap, so each has one moment.)
func (s *search) twin(c *config, p int, m *moment) bool {
	return m.call.key != "" && !m.open && len(s.slots[p].lens) == 1 && slices.ContainsFunc(s.ready, func(q int) bool {
		o := s.next(c, q)
		return q != p && o.call.key == m.call.key && !o.open && (o.call.Return < m.call.Return || o.call.Return == m.call.Return && q < p)
	})
}

// rest returns the moments that are to come in the slot.
func (s *search) rest(c *config, q int) []moment {
	ms := s.slots[q].moments
	return ms[min(int(c.done[q]), len(ms)):]
}

// next returns the moment that comes next in the slot, or nil.
func (s *search) next(c *config, q int) *moment {
	if rest := s.rest(c, q); len(rest) > 0 {
		return &rest[0]
	}
	return nil
}

// step returns the moments that come next in the slot, as one step: one, or the unlinks of a
// cleanup of several nets.
func (s *search) step(c *config, q int) []moment {
	rest := s.rest(c, q)
	n := min(1, len(rest))
	for n < len(rest) && rest[n].with {
		n++
	}
	return rest[:n]
}

// take takes the step that begins with m, in its way of that number.
func (s *search) take(c *config, i int, m *moment, option int) (next config, ok bool) {
	next, ok = s.takeOne(c, i, m, option)
	for step := s.step(c, i)[1:]; ok && len(step) > 0; step = step[1:] {
		next, ok = s.takeOne(&next, i, &step[0], option)
	}
	return next, ok
}

func (s *search) takeOne(c *config, i int, m *moment, option int) (config, bool) {
	s.steps++
	if m.misses(&c.state) {
		return config{}, false
	}
	from, order := c.state, c.order
	if order.open() {
		seen, ok := order.see(m.sights(&from))
		if !ok {
			return config{}, false
		}
		if &seen[0] != &order[0] {
			order, from = seen, seen.arrange(from)
		}
	}
	t, ok := m.step(from, option)
	if !ok {
		return config{}, false
	}
	return c.with(t, s.follow(c, i, m, order, &from, &t), i), true
}

// addDependent adds to the set the slots with a remaining moment that bars one of the step.
func (s *search) addDependent(c *config, step []moment, in []bool) {
	for q := range s.slots {
		if in[q] {
			continue
		}
		rest := s.rest(c, q)
		for i := range rest {
			if s.dependent(c, &rest[i], step) {
				in[q] = true
				s.order = append(s.order, q)
				break
			}
		}
	}
}

// dependent reports whether m bars one of the step, which need not come before m.
func (s *search) dependent(c *config, m *moment, step []moment) bool {
	for i := range step {
		if s.bars(c, m, &step[i]) && !s.first(c, &step[i], m) {
			return true
		}
	}
	return false
}

// prune drops the configurations that others dominate.
func (s *search) prune(out *set) {
	const few = 16 // below that, looking costs more than it saves
	if len(out.items) <= few {
		return
	}
	drop := make([]bool, len(out.items))
	for i := range out.items {
		c := &out.items[i]
		for q := range s.slots {
			m := s.next(c, q)
			for option := 0; m != nil && option < m.options(); option++ {
				if next, ok := s.take(c, q, m, option); ok {
					for j := range out.near(&next) {
						drop[j] = drop[j] || next.covers(&out.items[j])
					}
				}
			}
		}
	}
	kept := out.items[:0]
	for i := range out.items {
		if !drop[i] {
			kept = append(kept, out.items[i])
		}
	}
	out.items = kept
}
