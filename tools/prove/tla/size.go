// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"slices"

	"example.com/pernet/tools/prove/sany"
)

// A size is a symbol for how many elements a set has, which is taken to be finite.
type size struct {
	term *Term
	live []*Term // what the set depends on
	vars []*Term // an element,
	in   *Term   // and that it is in the set
}

// cardinality of a finite set.
func (m *Machine) cardinality(s *Set) Value {
	if s.range_ != nil {
		return &Num{parts: []numPart{{coef: 1, kind: length, seq: s.range_}}}
	}
	if s.has == nil && known(s) {
		var seen []Value
		for _, e := range s.Elems {
			if m.inList(e, seen) != True {
				seen = append(seen, e)
			}
		}
		return Integer(len(seen))
	}
	return m.size(s)
}

// size makes the symbol. What is known of it: when it is 0 and when it is 1, and
// how the size in the next state differs from that in this one if at most one
// element comes or goes.
func (m *Machine) size(s *Set) *Term {
	live := m.live
	defer func() { m.live = live }()
	x := size{live: live}
	v := m.fresh(m.shape(s), &x.vars)
	if s.has == nil {
		x.in = m.inList(v, s.Elems)
	} else {
		x.in = s.has(v)
	}
	key := fmt.Sprint("size ", x.in.id, x.vars, live)
	if t := m.firsts[key]; t != nil {
		return t.(*Term)
	}
	var others []*Term
	w := m.fresh(m.shape(s), &others)
	m.live = live
	x.term = m.symbol(Int, "size")
	m.firsts[key] = x.term
	m.sized[x.term] = x
	same := m.equal(v, w)
	only := exists(x.vars, and(x.in, forall(others, implies(substitute(x.in, x.vars, others), same))))
	m.axiom(le(Integer(0), x.term))
	m.axiom(eq(eq(x.term, Integer(0)), forall(x.vars, not(x.in))))
	m.axiom(eq(eq(x.term, Integer(1)), only))
	if m.sizes == nil {
		m.sizes = map[sany.Loc]size{}
	}
	now, ok := m.sizes[m.loc]
	switch {
	case s.pos != nil || s.range_ != nil:
	case !m.primed && !ok:
		m.sizes[m.loc] = x
	case m.primed && slices.Equal(now.live, x.live) && slices.Equal(now.vars, x.vars):
		m.differ(now, x, others, same)
		m.differ(x, now, others, same)
	}
	return x.term
}

// differ says that b is one more than a if one element more is in its set, and
// equal if the sets are.
func (m *Machine) differ(a, b size, others []*Term, same *Term) {
	but := forall(a.vars, or(same, eq(a.in, b.in)))
	comes := and(substitute(b.in, b.vars, others), not(substitute(a.in, a.vars, others)), but)
	m.axiom(implies(forall(a.vars, eq(a.in, b.in)), eq(a.term, b.term)))
	m.axiom(forall(others, implies(comes, eq(b.term, plus(a.term, Integer(1))))))
}

// relate says of two sizes what follows if the elements of the one set have those
// of the other as a part, or are the same: of finite sets, a part that is another
// one in each element is as large only if it is all.
func (m *Machine) relate(t, u *Term) {
	a, b := m.sized[t], m.sized[u]
	if a.term == nil || b.term == nil || !slices.Equal(a.live, b.live) {
		return
	}
	if len(a.vars) < len(b.vars) {
		a, b = b, a
	}
	part := partOf(a.vars, b.vars)
	key := fmt.Sprint("relation of ", a.term.id, b.term.id)
	if part == nil || m.firsts[key] != nil {
		return
	}
	m.firsts[key] = True
	live := m.live
	defer func() { m.live = live }()
	another := func(vars []*Term) (out []*Term) {
		for _, v := range vars {
			m.fresh(v.Sort, &out)
		}
		return out
	}
	m.live = a.live
	x, y, z := another(a.vars), another(a.vars), another(b.vars)
	inA := func(x []*Term) *Term { return substitute(a.in, a.vars, x) }
	inB := func(z []*Term) *Term { return substitute(b.in, b.vars, z) }
	equal := func(x, y []*Term) *Term {
		out := True
		for i := range x {
			out = and(out, eq(x[i], y[i]))
		}
		return out
	}
	image := func(x []*Term) []*Term {
		out := make([]*Term, len(part))
		for i, j := range part {
			out[i] = x[j]
		}
		return out
	}
	into := forall(x, implies(inA(x), inB(image(x))))
	onto := forall(z, implies(inB(z), exists(x, and(inA(x), equal(image(x), z)))))
	once := forall(slices.Concat(x, y), implies(and(inA(x), inA(y), equal(image(x), image(y))), equal(x, y)))
	less := func(t, u *Term) *Term { return le(plus(t, Integer(1)), u) }
	m.axiom(implies(and(into, onto, once), eq(a.term, b.term)))
	m.axiom(implies(and(into, once, not(onto)), less(a.term, b.term)))
	m.axiom(implies(and(into, onto, not(once)), less(b.term, a.term)))
}

// partOf tells where in an element of the one set that of the other one is: for
// each of its variables the only one of the same sort. It is nil if there is none.
func partOf(a, b []*Term) (at []int) {
	for i, v := range b {
		found := -1
		for j, w := range a {
			switch {
			case w.Sort != v.Sort || len(a) == len(b) && i != j:
			case found >= 0:
				return nil
			default:
				found = j
			}
		}
		if found < 0 {
			return nil
		}
		at = append(at, found)
	}
	return at
}

func substitute(t *Term, old, what []*Term) *Term {
	for i := range old {
		t = replace(t, old[i], what[i])
	}
	return t
}
