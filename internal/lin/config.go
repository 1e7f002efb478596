// SPDX-License-Identifier: MIT

package lin

import (
	"iter"
	"slices"

	"example.com/pernet/model"
)

// A config is one way that the history can have gone so far, but for the orders
// that nothing has shown: the state, and how many moments each open operation has taken.
type config struct {
	state model.State
	order partial // shared, as done is
	done  []int32 // by slot; shared, so it is copied before it is written
}

// with returns c after slot took a moment that led to s and order.
func (c *config) with(s model.State, order partial, slot int) config {
	done := slices.Clone(c.done)
	done[slot]++
	return config{s, order, done}
}

// key is a hash of what c and the configurations that it may cover have in common: all but orders.
func (c *config) key() uint64 {
	h := uint64(14695981039346656037)
	mix := func(v uint64) uint64 { v *= 0x9e3779b97f4a7c15; v ^= v >> 29; return v * 0xbf58476d1ce4e5b9 }
	for _, d := range c.done {
		h = mix(h ^ uint64(d))
	}
	for _, n := range c.state.Nets { // in any order
		h += mix(uint64(n)<<2 | 1)
	}
	for _, e := range c.state.List {
		h += mix(uint64(e.Ops)<<2 | 2)
	}
	for _, n := range c.state.Live {
		h += mix(uint64(n.ID)<<34 ^ uint64(n.Count)<<18 ^ uint64(n.Use)<<2 ^ uint64(n.Phase)<<50 ^ 3)
	}
	return h
}

// covers reports whether every way to go on from d is one from c: the two differ
// in orders alone, and c leaves open what d leaves open.
func (c *config) covers(d *config) bool {
	return slices.Equal(c.done, d.done) && slices.Equal(c.state.Live, d.state.Live) && slices.Equal(c.state.Copies, d.state.Copies) &&
		c.order.covers(d.order, &c.state, &d.state)
}

// covers reports whether p, with the lists of s, leaves open all that q leaves
// open with the lists of t.
func (p partial) covers(q partial, s, t *model.State) bool {
	if p.equal(q) && slices.Equal(s.Nets, t.Nets) && slices.Equal(s.List, t.List) {
		return true
	}
	for _, y := range q {
		x := p.find(y.member)
		if x == y {
			continue
		}
		if x == nil || x.reach == nil && y.reach != nil || !includes(x.free, y.free) {
			return false
		}
		for slot, r := range y.reach {
			if x.reach != nil && r > 0 && (slot >= len(x.reach) || x.reach[slot] < r) {
				return false
			}
		}
	}
	others := make([]*element, len(p)) // q's, nil where it has none
	var differ []int                   // the rest have just as much before them, and as much on either side
	for i, x := range p {
		y := q.find(x.member)
		if others[i] = y; y != x && (y == nil || y.before != x.before || !slices.Equal(y.free, x.free)) {
			differ = append(differ, i)
		}
	}
	for _, i := range differ {
		for j := range p {
			if !keeps(p[i], p[j], others[i], others[j]) || !keeps(p[j], p[i], others[j], others[i]) {
				return false
			}
		}
	}
	return len(s.Nets) == len(t.Nets) && len(s.List) == len(t.List) && allows(p, s.Nets, t.Nets, netMember) && allows(p, s.List, t.List, entryMember)
}

// keeps reports whether x and y, which stand for a and b in another partial, are in the order that a and b must be in, if any.
func keeps(a, b, x, y *element) bool {
	if !a.precedes(b) {
		return true
	}
	if x == nil || y == nil {
		return a.list == b.list // lists tell of the others
	}
	return x.precedes(y)
}

// includes reports whether all, which is sorted, has what some, which is sorted, too, has.
func includes(all, some []member) bool {
	if len(some) > 0 && len(all) == len(some) && &all[0] == &some[0] {
		return true
	}
	for _, m := range some {
		for len(all) > 0 && all[0].compare(m) < 0 {
			all = all[1:]
		}
		if len(all) == 0 || all[0] != m {
			return false
		}
	}
	return true
}

// allows reports whether the second of two lists, of which p has the first, is one that p leaves open.
func allows[E comparable](p partial, have, other []E, memberOf func(E) member) bool {
	if slices.Equal(have, other) {
		return true
	}
	rank := make(map[E]int, len(have))
	for i, e := range have {
		rank[e] = i
	}
	for i, e := range other {
		at, ok := rank[e]
		if !ok {
			return false
		}
		for _, d := range other[:i] { // d precedes e there
			if rank[d] < at {
				continue
			}
			if x := p.find(memberOf(d)); x == nil || !x.isFree(memberOf(e)) {
				return false
			}
		}
	}
	return true
}

// A set is a set of configs, in the order in which they came, none of which was
// covered by one that came before it.
type set struct {
	items []config
	index map[uint64][]int // by key; nil as long as there are few, or items were changed
}

const manyConfigs = 12

func (s *set) reset() {
	clear(s.items)
	s.items = s.items[:0]
	s.index = nil
}

// near returns where the items are that may have to do with c.
func (s *set) near(c *config) iter.Seq[int] {
	if s.index == nil && len(s.items) > manyConfigs {
		s.index = make(map[uint64][]int, 4*manyConfigs)
		for i := range s.items {
			k := s.items[i].key()
			s.index[k] = append(s.index[k], i)
		}
	}
	return func(yield func(int) bool) {
		if s.index == nil {
			for i := range s.items {
				if !yield(i) {
					return
				}
			}
			return
		}
		for _, i := range s.index[c.key()] {
			if !yield(i) {
				return
			}
		}
	}
}

// add puts c in, unless it is covered, and reports whether it did.
func (s *set) add(c config) bool {
	for i := range s.near(&c) {
		if s.items[i].covers(&c) {
			return false
		}
	}
	if s.index != nil {
		k := c.key()
		s.index[k] = append(s.index[k], len(s.items))
	}
	s.items = append(s.items, c)
	return true
}
