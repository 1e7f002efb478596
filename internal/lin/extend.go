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
	grown := len(to.Nets) + len(to.List) - len(from.Nets) - len(from.List)
	if len(p) == 0 && grown <= 0 {
		return nil
	}
	done := c.done[i]
	first := s.firstMeetings(c, i, m)
	q := slices.Clone(p)
	for k, x := range q { // what comes after m comes after all that m comes after
		if x.reach != nil && x.reaches(i, done) {
			q.reachEarlier(k, first)
		}
	}
	if m.head != nil {
		s.stopShort(c, i, m, q, to)
	}
	if x := q.find(m.member()); grown < 0 && x != nil {
		q = q.remove(x)
	}
	if grown > 0 {
		y := &element{member: m.member(), reach: first}
		for k, x := range q {
			if x.reaches(i, done) {
				y.before++
			} else {
				addFree(q.own(k), y)
			}
		}
		q = append(q, y)
		slices.SortFunc(q, func(x, y *element) int { return x.compare(y.member) })
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
		for j < len(ms) && !(m.looksFor(&ms[j]) && ms[j].member().list == list) {
			j++
		}
		after[q] = int32(j)
	}
	for k, x := range p {
		if slices.ContainsFunc(met, func(m member) bool { y := p.find(m); return y != nil && (y.member == x.member || x.precedes(y)) }) {
			p.reachEarlier(k, after)
		}
	}
}

// looksFor reports whether a walk of m would meet what o adds.
func (m *moment) looksFor(o *moment) bool {
	return o.effect.adds && (m.reads&o.writes != 0 || m.readsNets && o.changesNets())
}

// met returns the list in which the walk of a failed register or copy broke off, and
// the members of that list that it has met.
func (c *call) met(s *model.State) (list listed, met []member) {
	if c.Op != wire.Copy {
		return nets, each(netsOf(only(c.calls, false)), netMember)
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

// firstMeetings returns, for each slot, the first of its remaining moments that
// comes after m because m bars it, or because it is m's own operation's.
func (s *search) firstMeetings(c *config, i int, m *moment) []int32 {
	first := make([]int32, len(s.slots))
	for q := range s.slots {
		ms := s.slots[q].moments
		j := min(int(c.done[q]), len(ms))
		if q == i {
			j++
		} else {
			for j < len(ms) && !s.bars(c, m, &ms[j]) {
				j++
			}
			for j < len(ms) && ms[j].with {
				j-- // m comes before the whole step
			}
		}
		first[q] = int32(j)
	}
	return first
}

// settle forgets what can make no difference any more, once slot i has taken one
// moment more than in c: how far an element reaches, if every pending moment that
// grows a list comes after it; and an element that has its place in its list for good.
func (s *search) settle(c *config, i int, p partial) partial {
	for k, x := range p {
		if x.reach != nil && !s.growsBeside(c, i, x) {
			p.own(k).reach = nil
		}
	}
	for {
		k := slices.IndexFunc(p, func(x *element) bool { return x.reach == nil && x.freeInList() < 0 })
		if k < 0 {
			break
		}
		p = p.remove(p[k])
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
			if s.slots[q].moments[j].effect.adds {
				return true
			}
		}
	}
	return false
}
