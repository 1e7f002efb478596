// SPDX-License-Identifier: MIT

package lin

import (
	"slices"

	"example.com/pernet/model"
)

// Registers and copies add to the tail of a list, and only a later walk shows in which
// order. The search does not guess: a configuration represents all orders that its moments
// may have had, and keeps what is known of them.
//
// A partial is a partial order on the members of the lists. A member x comes before a
// member y if x was added before y and something forces that: the operation of y began
// after x had been added, or a chain of moments leads from x to y, each of which bars the
// next (footprint.go). Two other members may be in either order, for then their moments can
// change places. A walk that shows their order adds it, with all that follows from it; a
// walk that contradicts the partial does not fit. So the orders that the partial allows are
// just those that some order of the moments brings about. Members of several lists share
// one partial: a chain may lead from a register to a copy.
//
// The state of the configuration has one of these orders. By (before, member) is another.
type partial []*element // sorted by member; the elements are shared: see own

// An element is a member whose place is open: the order with another member of its list is
// not known, or may not be with one that is still to come.
type element struct {
	member
	before int      // how many elements come before it in every order
	free   []member // sorted, shared: the elements that may be on either side of it; few, even of a long list
	reach  []int32  // by slot: the first moment that comes after it; nil: all that are still to be taken
}

// A member is an element of one of the lists.
type member struct {
	id   int32
	list listed
}

type listed int8

const (
	subsystems listed = iota
	devices
	nets
)

func (a member) compare(b member) int {
	if a.list != b.list {
		return int(a.list) - int(b.list)
	}
	return int(a.id) - int(b.id)
}

func netMember(n model.NetID) member { return member{int32(n), nets} }

func entryMember(e model.Entry) member {
	if e.Device {
		return member{int32(e.Ops), devices}
	}
	return member{int32(e.Ops), subsystems}
}

// find returns the element of m, or nil.
func (p partial) find(m member) *element {
	if i, ok := slices.BinarySearchFunc(p, m, func(x *element, m member) int { return x.compare(m) }); ok {
		return p[i]
	}
	return nil
}

// own returns the element at i, as one that may be changed. The slice is the caller's own.
func (p partial) own(i int) *element {
	x := *p[i]
	p[i] = &x
	return p[i]
}

// reachEarlier notes that what comes after the element at i may come as early as that. The slice is the caller's own.
func (p partial) reachEarlier(i int, reach []int32) {
	if r := earlier(p[i].reach, reach); !slices.Equal(r, p[i].reach) || (r == nil) != (p[i].reach == nil) {
		p.own(i).reach = r
	}
}

// precedes reports whether x comes before y in every order.
func (x *element) precedes(y *element) bool { return x.before < y.before && !x.isFree(y.member) }

func (x *element) isFree(m member) bool {
	_, ok := slices.BinarySearchFunc(x.free, m, member.compare)
	return ok
}

// freeInList returns where in x.free another member of its list is, or -1.
func (x *element) freeInList() int {
	return slices.IndexFunc(x.free, func(m member) bool { return m.list == x.list })
}

// open reports whether some list may be in more than one order.
func (p partial) open() bool {
	return slices.ContainsFunc(p, func(x *element) bool { return x.freeInList() >= 0 })
}

// addFree notes that x and y, the caller's own, may be in either order.
func addFree(x, y *element) {
	for _, pair := range [][2]*element{{x, y}, {y, x}} {
		free := pair[0].free
		i, _ := slices.BinarySearchFunc(free, pair[1].member, member.compare)
		pair[0].free = slices.Insert(slices.Clone(free), i, pair[1].member)
	}
}

func (x *element) dropFree(m member) {
	x.free = slices.DeleteFunc(slices.Clone(x.free), func(y member) bool { return y == m })
}

// reaches reports whether moment j of the slot, which is still to be taken, comes after x.
func (x *element) reaches(slot int, j int32) bool {
	return x.reach == nil || slot >= len(x.reach) || j >= x.reach[slot]
}

// demand puts x before y, with all that follows; false if y comes before x. The slice is
// the caller's own.
func (p partial) demand(x, y *element) bool {
	if !x.isFree(y.member) {
		return x.before < y.before
	}
	var first, last []*element // x and what comes before it, y and what comes after it
	for i, a := range p {
		if a == x || a.precedes(x) {
			first = append(first, p.own(i))
		} else if a == y || y.precedes(a) {
			last = append(last, p.own(i))
		}
	}
	for _, a := range first {
		for _, b := range last {
			if a.isFree(b.member) {
				a.dropFree(b.member)
				b.dropFree(a.member)
				b.before++
			}
		}
		a.reach = earlier(a.reach, y.reach)
	}
	return true
}

// earlier returns the smaller of each pair. It may be a itself.
func earlier(a, b []int32) []int32 {
	if a == nil || b == nil {
		return nil
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] <= b[i] {
		i++
	}
	if i == len(a) {
		return a
	}
	out := make([]int32, min(len(a), len(b))) // a slot that is missing is reached from the start
	for i := range out {
		out[i] = min(a[i], b[i])
	}
	return out
}

// remove takes x out. The slice is the caller's own.
func (p partial) remove(x *element) partial {
	for i, y := range p {
		if y.isFree(x.member) {
			p.own(i).dropFree(x.member)
		} else if y.before > x.before {
			p.own(i).before--
		}
	}
	return slices.DeleteFunc(p, func(y *element) bool { return y == x })
}

// arrange returns s with the elements in an order that p allows, each list's in the places
// that its elements have. The others have no element between them that could change sides.
func (p partial) arrange(s model.State) model.State {
	s.Nets = arranged(p, s.Nets, netMember)
	s.List = arranged(p, s.List, entryMember)
	if i := slices.IndexFunc(s.List, func(e model.Entry) bool { return e.Device }); i >= 0 {
		s.FirstDevice = s.List[i].Ops
	}
	return s
}

func arranged[E any](p partial, list []E, memberOf func(E) member) []E {
	type placed struct {
		of   E
		what *element
	}
	var places []int
	var open []placed
	for i, e := range list {
		if x := p.find(memberOf(e)); x != nil {
			places, open = append(places, i), append(open, placed{e, x})
		}
	}
	order := func(a, b placed) int {
		if a.what.list != b.what.list {
			return int(a.what.list) - int(b.what.list)
		}
		return a.what.before - b.what.before
	}
	if slices.IsSortedFunc(open, order) {
		return list
	}
	slices.SortStableFunc(open, order)
	out := slices.Clone(list)
	for i, at := range places {
		out[at] = open[i].of
	}
	return out
}

// leave returns p once the first n moments of the slot are over.
func (p partial) leave(slot int, n int32) partial {
	if !slices.ContainsFunc(p, func(x *element) bool { return slot < len(x.reach) }) {
		return p
	}
	q := slices.Clone(p)
	for i := range q {
		if slot < len(q[i].reach) {
			x := q.own(i)
			x.reach = slices.Clone(x.reach)
			x.reach[slot] = max(0, x.reach[slot]-n)
		}
	}
	return q
}

func (p partial) equal(q partial) bool {
	return slices.EqualFunc(p, q, func(x, y *element) bool {
		return x == y || x.member == y.member && x.before == y.before && (x.reach == nil) == (y.reach == nil) &&
			slices.Equal(x.free, y.free) && slices.Equal(x.reach, y.reach)
	})
}
