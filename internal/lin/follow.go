// SPDX-License-Identifier: MIT

package lin

import (
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// follow returns the partial after moment m of slot i, which led from the state
// from to the state to. p is what was known when m was taken; c is the
// configuration before m.
func (s *search) follow(c *config, i int, m *moment, p partial, from, to *model.State) partial {
	added, removed := changed(from, to)
	if len(p) == 0 && added == nil {
		return nil
	}
	done := c.done[i]
	first := s.firstMeetings(c, i, m)
	q := slices.Clone(p)
	for k := range q { // what comes after m comes after all that m comes after
		if x := &q[k]; x.reach != nil && x.reaches(i, done) {
			x.reach = earlier(x.reach, first)
		}
	}
	if m.head != nil {
		s.stopShort(c, i, m, q, to)
	}
	if removed != nil && q.find(*removed) != nil {
		q = q.remove(q.find(*removed))
	}
	if added != nil {
		y := element{member: *added, reach: first}
		for k := range q {
			if x := &q[k]; x.reaches(i, done) {
				y.before++
			} else {
				addFree(x, &y)
			}
		}
		q = append(q, y)
		slices.SortFunc(q, func(x, y element) int { return x.compare(y.member) })
	}
	return s.settle(c, i, q)
}

// stopShort notes what a walk that broke off says of what is still to be added: in the
// list where it broke off, all that it would have met comes after all that it has met. (What
// adds again what it has met comes later still.)
func (s *search) stopShort(c *config, i int, m *moment, p partial, now *model.State) {
	list, met := m.call.met(now)
	after := make([]int32, len(s.slots))
	for q := range s.slots {
		ms := s.slots[q].moments
		j := min(int(c.done[q]), len(ms))
		if q == i {
			j++
		}
		for j < len(ms) && !(m.looksFor(&ms[j]) && ms[j].list() == list) {
			j++
		}
		after[q] = int32(j)
	}
	for k := range p {
		x := &p[k]
		if slices.ContainsFunc(met, func(m member) bool { y := p.find(m); return y == x || y != nil && x.precedes(y) }) {
			x.reach = earlier(x.reach, after)
		}
	}
}

// looksFor reports whether a walk of m would meet what o adds.
func (m *moment) looksFor(o *moment) bool {
	return o.effect.adds && (m.reads&o.writes != 0 || m.readsNets && o.changesNets)
}

// met returns the list in which the walk of a failed register or copy broke off, and
// the members of that list that it has met.
func (c *call) met(s *model.State) (list listed, met []member) {
	if c.Op != wire.Copy {
		for _, n := range c.shownNets(false) {
			met = append(met, member{n, nets})
		}
		return nets, met
	}
	walked := c.walk(s)
	inits := walked[0].chain
	list = inits[len(inits)-1].list
	for _, w := range walked {
		for _, m := range w.chain {
			if m.list == list {
				met = append(met, m)
			}
		}
	}
	return list, met
}

// changed returns the member that a moment has added to a list, and the one that
// it has taken out.
func changed(from, to *model.State) (added, removed *member) {
	var m member
	switch {
	case len(to.Nets) > len(from.Nets):
		m = netMember(to.Nets[len(to.Nets)-1])
		return &m, nil
	case len(to.List) > len(from.List):
		m = entryMember(missing(to.List, from.List))
		return &m, nil
	case len(to.Nets) < len(from.Nets):
		m = netMember(missing(from.Nets, to.Nets))
		return nil, &m
	case len(to.List) < len(from.List):
		m = entryMember(missing(from.List, to.List))
		return nil, &m
	}
	return nil, nil
}

// missing returns the element of long that short lacks.
func missing[E comparable](long, short []E) E {
	for i := range short {
		if long[i] != short[i] {
			return long[i]
		}
	}
	return long[len(long)-1]
}

// firstMeetings returns, for each slot, the first of its remaining moments that
// comes after m because m bars it, or because it is m's own operation's.
func (s *search) firstMeetings(c *config, i int, m *moment) []int32 {
	spare := func(n model.NetID, uses bool) int { return s.spare(c, n, uses) }
	first := make([]int32, len(s.slots))
	for q := range s.slots {
		ms := s.slots[q].moments
		j := min(int(c.done[q]), len(ms))
		if q == i {
			j++
		} else {
			for j < len(ms) && !m.bars(&ms[j].foot, spare) {
				j++
			}
		}
		first[q] = int32(j)
	}
	return first
}

// settle forgets what can make no difference any more, once slot i has taken one
// moment more than in c: how far a strand reaches, if every pending moment that
// grows a list comes after it; and a strand that has its place in its list for good.
func (s *search) settle(c *config, i int, p partial) partial {
	for k := range p {
		if x := &p[k]; x.reach != nil && !s.growsBeside(c, i, x) {
			x.reach = nil
		}
	}
	for {
		k := slices.IndexFunc(p, func(x element) bool { return x.reach == nil && x.freeInList() < 0 })
		if k < 0 {
			break
		}
		p = p.remove(&p[k])
	}
	if len(p) == 0 {
		return nil
	}
	return p
}

// growsBeside reports whether a pending moment that grows a list does not come after x.
func (s *search) growsBeside(c *config, i int, x *element) bool {
	for q := range min(len(s.slots), len(x.reach)) {
		j := c.done[q]
		if q == i {
			j++
		}
		for ; j < x.reach[q]; j++ {
			if s.slots[q].moments[j].grows {
				return true
			}
		}
	}
	return false
}
