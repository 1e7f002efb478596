// SPDX-License-Identifier: MIT

package lin

import (
	"cmp"
	"slices"

	"example.com/pernet/model"
)

// Registers and copies add to the tail of a list, and nothing but a later walk
// shows in which order. The search does not guess: a configuration stands for
// all orders that its moments may have had, and keeps what is known of them.
//
// A partial is a partial order on the members of the lists. A member x comes
// before a member y if x was added before y and something forces that: the
// operation of y began after x had been added, or a chain of moments leads from
// x to y, each of which bars the next (foot.go). Members with no such chain may
// stand in either order, for then their moments can change places. A walk that shows their
// order adds to the partial what it shows, with all that follows from it; a walk
// that contradicts it does not fit. So the orders that the partial allows are
// just those that some order of the moments brings about. Members of several
// lists share one partial: a chain may lead from a register to a copy.
//
// The state of the configuration has one of these orders. By (before, member) is another.
type partial []strand // sorted by member

// A strand is a member whose place is open: the order with another member of its
// list is not known, or may not be with one that is still to come.
type strand struct {
	member member
	before int32    // how many strands come before it in every order
	free   []member // sorted: the strands that may stand on either side of it
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
	return cmp.Or(cmp.Compare(a.list, b.list), cmp.Compare(a.id, b.id))
}

func netMember(n model.NetID) member { return member{int32(n), nets} }

func entryMember(e model.Entry) member {
	if e.Device {
		return member{int32(e.Ops), devices}
	}
	return member{int32(e.Ops), subsystems}
}

func (p partial) find(m member) int {
	if i, ok := slices.BinarySearchFunc(p, m, func(x strand, m member) int { return x.member.compare(m) }); ok {
		return i
	}
	return -1
}

// before reports whether x comes before y.
func (x *strand) precedes(y *strand) bool { return x.before < y.before && !x.isFree(y.member) }

func (x *strand) isFree(m member) bool {
	_, ok := slices.BinarySearchFunc(x.free, m, member.compare)
	return ok
}

// freeInList reports whether some other member of its list may stand on either side of x.
func (x *strand) freeInList() bool {
	return slices.ContainsFunc(x.free, func(m member) bool { return m.list == x.member.list })
}

// open reports whether some list may be in more than one order.
func (p partial) open() bool {
	return slices.ContainsFunc(p, func(x strand) bool { return x.freeInList() })
}

func (x *strand) addFree(m member) {
	i, _ := slices.BinarySearchFunc(x.free, m, member.compare)
	x.free = slices.Insert(slices.Clone(x.free), i, m)
}

func (x *strand) dropFree(m member) {
	if i, ok := slices.BinarySearchFunc(x.free, m, member.compare); ok {
		x.free = slices.Delete(slices.Clone(x.free), i, i+1)
	}
}

// reaches reports whether moment j of the slot comes after x.
func (x *strand) reaches(slot int, j int32) bool {
	return x.reach == nil || slot >= len(x.reach) || j >= x.reach[slot]
}

// demand puts x before y, with all that follows; false if y comes before x. The
// partial is the caller's own.
func (p partial) demand(x, y member) bool {
	i, k := p.find(x), p.find(y)
	if !p[i].isFree(y) {
		return p[i].before < p[k].before
	}
	var ups, downs []int // x and what comes before it, y and what comes after it
	for j := range p {
		if j == i || p[j].precedes(&p[i]) {
			ups = append(ups, j)
		}
		if j == k || p[k].precedes(&p[j]) {
			downs = append(downs, j)
		}
	}
	for _, a := range ups {
		for _, b := range downs {
			if p[a].isFree(p[b].member) {
				p[a].dropFree(p[b].member)
				p[b].dropFree(p[a].member)
				p[b].before++
			}
		}
		p[a].reach = earlier(p[a].reach, p[k].reach)
	}
	return true
}

// earlier returns the smaller of each pair.
func earlier(a, b []int32) []int32 {
	if a == nil || b == nil {
		return nil
	}
	out := make([]int32, min(len(a), len(b))) // a slot that is missing is reached from the start
	for i := range out {
		out[i] = min(a[i], b[i])
	}
	return out
}

// remove takes the strand at i out.
func (p partial) remove(i int) partial {
	m := p[i].member
	for j := range p {
		if p[j].isFree(m) {
			p[j].dropFree(m)
		} else if p[j].before > p[i].before {
			p[j].before--
		}
	}
	return slices.Delete(p, i, i+1)
}

// arrange returns s with the strands in an order that p allows, each list's in the places
// that its strands have. The others have no strand between them that could change sides.
func (p partial) arrange(s model.State) model.State {
	if places, from, same := p.places(len(s.Nets), func(i int) member { return netMember(s.Nets[i]) }); !same {
		s.Nets = moved(s.Nets, places, from)
	}
	if places, from, same := p.places(len(s.List), func(i int) member { return entryMember(s.List[i]) }); !same {
		s.List = moved(s.List, places, from)
	}
	if i := slices.IndexFunc(s.List, func(e model.Entry) bool { return e.Device }); i >= 0 {
		s.FirstDevice = s.List[i].Ops
	}
	return s
}

// places returns where a list of n members has strands, and from where in the
// list each of these places is to be filled; same says that nothing moves.
func (p partial) places(n int, at func(i int) member) (places, from []int, same bool) {
	type held struct {
		*strand
		place int
	}
	var by [3][]held
	for i := range n {
		m := at(i)
		if k := p.find(m); k >= 0 {
			by[m.list] = append(by[m.list], held{&p[k], i})
		}
	}
	for _, list := range by {
		for _, h := range list {
			places = append(places, h.place)
		}
		slices.SortFunc(list, func(a, b held) int { return cmp.Or(cmp.Compare(a.before, b.before), cmp.Compare(a.place, b.place)) })
		for _, h := range list {
			from = append(from, h.place)
		}
	}
	return places, from, slices.Equal(places, from)
}

// moved returns list with its element from[i] at places[i].
func moved[E any](list []E, places, from []int) []E {
	out := slices.Clone(list)
	for i, at := range places {
		out[at] = list[from[i]]
	}
	return out
}

// leave returns p once the first n moments of the slot are over.
func (p partial) leave(slot int, n int32) partial {
	if !slices.ContainsFunc(p, func(x strand) bool { return slot < len(x.reach) }) {
		return p
	}
	q := slices.Clone(p)
	for i := range q {
		if x := &q[i]; slot < len(x.reach) {
			x.reach = slices.Clone(x.reach)
			x.reach[slot] = max(0, x.reach[slot]-n)
		}
	}
	return q
}

func (p partial) equal(q partial) bool {
	return slices.EqualFunc(p, q, func(x, y strand) bool {
		return x.member == y.member && x.before == y.before && (x.reach == nil) == (y.reach == nil) &&
			slices.Equal(x.free, y.free) && slices.Equal(x.reach, y.reach)
	})
}
