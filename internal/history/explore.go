// SPDX-License-Identifier: MIT

package history

import (
	"slices"

	"example.com/pernet/model"
)

// Three reductions keep the set of configurations small. All rest on the same
// fact: what is pending at a return was called before it, so that in the order
// looked for its moments may stand anywhere before that return.
//
// Eager moments. A moment that changes nothing but its own progress (a refused
// call, a list, the second moment of a copy that failed) is taken at once where
// it fits. Let C lead to C' by such a moment m, and let x m y be a way to go on
// from C. Then x y is one from C', since m changes nothing that x or y read. So
// C' can do all that C can, and C is dropped.
//
// Persistent sets. To complete operation X, not every pending client is tried,
// only those of a set T that holds X's client and, with each client P, every
// client Q one of whose remaining moments meets P's next one. A way to go on
// takes X's moments, so some client of T moves; what clients outside T do before
// the first such move commutes with it, and cannot have made it possible. So
// that move may stand first, and trying T's moves from here loses nothing.
//
// Dominance. Of two configurations in which X is complete, one that the other
// reaches by a pending moment is dropped: the other can still do so at the next return.

// expand calls yield for the configurations that one moment from c leads to,
// as far as completing the operation of slot target needs them.
func (s *search) expand(c *config, target int, yield func(config)) {
	if cap(s.member) < len(s.slots) {
		s.member = make([]bool, len(s.slots))
	}
	in := s.member[:len(s.slots)]
	clear(in)
	in[target] = true
	s.order = append(s.order[:0], target)
	for k := 0; k < len(s.order); k++ {
		p := s.order[k]
		m := s.next(c, p) // there is one: the target is not complete, the others have some left
		if m.eager() {
			if next, ok := s.take(c, p, m, 0); ok {
				yield(next)
				return
			}
		}
		s.addDependent(c, m, in)
	}
	for _, p := range s.order {
		m := s.next(c, p)
		if m.eager() {
			continue // an eager one was tried above
		}
		for option := range m.options() {
			if next, ok := s.take(c, p, m, option); ok {
				yield(next)
			}
		}
	}
}

// next returns the moment that comes next in the slot, or nil.
func (s *search) next(c *config, i int) *moment {
	if ms := s.slots[i].moments; int(c.done[i]) < len(ms) {
		return &ms[c.done[i]]
	}
	return nil
}

func (s *search) take(c *config, i int, m *moment, option int) (config, bool) {
	s.steps++
	if m.appends && s.tooEarly(c, m) {
		return config{}, false
	}
	t, ok := m.step(c.state, option)
	if !ok {
		return config{}, false
	}
	if m.appends && len(t.Nets) > len(c.state.Nets) {
		s.hints.settle(m, t.Nets)
	}
	return c.with(t, i), true
}

// tooEarly reports whether a net that was seen before that of m is still to be
// listed by a pending copy.
func (s *search) tooEarly(c *config, m *moment) bool {
	y := s.hints.of[m.call]
	for q := range s.slots {
		ms := s.slots[q].moments
		for j := int(c.done[q]); j < len(ms); j++ {
			if ms[j].appends && y != 0 && ms[j].call != m.call && s.hints.relation(s.hints.of[ms[j].call], y) > 0 {
				return true
			}
		}
	}
	return false
}

// addDependent adds to the set the slots with a remaining moment that meets m.
func (s *search) addDependent(c *config, m *moment, in []bool) {
	safe := func(n model.NetID, uses bool) bool { return s.safe(c, n, uses) }
	for q := range s.slots {
		if in[q] {
			continue
		}
		rest := s.slots[q].moments[min(int(c.done[q]), len(s.slots[q].moments)):]
		for i := range rest {
			if m.meets(&rest[i].foot, safe) || m.appends && rest[i].appends && s.hints.appendsMeet(m, &rest[i]) {
				in[q] = true
				s.order = append(s.order, q)
				break
			}
		}
	}
}

// safe reports whether no order of what is pending can bring the net's count
// down to where a put is refused or a cleanup possible (uses: its use count to
// where a release is refused). A copy that has not taken its reference yet gives
// back only what it took.
func (s *search) safe(c *config, n model.NetID, uses bool) bool {
	i, ok := slices.BinarySearchFunc(c.state.Live, n, func(l model.Net, n model.NetID) int { return int(l.ID) - int(n) })
	if !ok {
		return false
	}
	spare, less := int(c.state.Live[i].Count)-1, dec
	if uses {
		spare, less = int(c.state.Live[i].Use), unuse
	}
	for q := range s.slots {
		ms := s.slots[q].moments
		for j := int(c.done[q]); j < len(ms); j++ {
			m := &ms[j]
			if m.on != less || m.net != n {
				continue
			}
			if m.act.Kind == model.CopyPut && int(c.done[q]) <= j-2 {
				continue // its own get comes first
			}
			spare--
		}
	}
	return spare >= 0
}

// prune drops the configurations that others dominate.
func (s *search) prune(out *set) {
	const few = 4 // below that, looking costs more than it saves
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
					if j := out.find(&next); j >= 0 {
						drop[j] = true
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
