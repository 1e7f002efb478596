// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"strings"
)

// A Seq is a finite sequence in which nothing occurs twice: its elements, and
// their order. before is false of what is not in the sequence.
// What makes a sequence owes that no element occurs twice in it.
type Seq struct {
	id     string // equal sequences may have two, one id is one sequence
	sort   Sort
	has    func(x *Term) *Term
	before func(x, y *Term) *Term
	dom    *Set
}

func newSeq(id string, sort Sort, has func(x *Term) *Term, before func(x, y *Term) *Term) *Seq {
	s := &Seq{id: id, sort: sort, has: has, before: before}
	s.dom = &Set{shape: sort, pos: s, has: func(v Value) *Term { return has(v.(*Term)) }}
	return s
}

// rangeSet is the set of the elements.
func (m *Machine) rangeSet(s *Seq) *Set {
	return &Set{shape: s.sort, range_: s, has: func(v Value) *Term { return s.has(v.(*Term)) }}
}

// mirror stands for the element at the place that x would have, were the
// sequence read backwards. It is no term for a solver.
func mirror(s *Seq, x *Term) *Term { return app(s.sort, "mirror "+s.id, x) }

func reverse(s *Seq) *Seq {
	return newSeq("reverse("+s.id+")", s.sort, s.has, func(x, y *Term) *Term { return s.before(y, x) })
}

func (m *Machine) term(v Value, sort Sort) *Term {
	if t, ok := v.(*Term); ok && t.Sort == sort {
		return t
	}
	panic(m.fail("%s where an element of the sort %s is expected", describe(v), sort))
}

// asSeq makes a sequence of a tuple.
func (m *Machine) asSeq(t Tuple, sort Sort) *Seq {
	terms := make([]*Term, len(t))
	ids := make([]string, len(t))
	for i, v := range t {
		terms[i] = m.term(v, sort)
		ids[i] = fmt.Sprint(terms[i].id)
		for _, u := range terms[:i] {
			m.owe(not(eq(u, terms[i])), "nothing occurs twice in a tuple")
		}
	}
	return newSeq("<<"+strings.Join(ids, ",")+">>", sort, func(x *Term) *Term {
		out := False
		for _, u := range terms {
			out = or(out, eq(x, u))
		}
		return out
	}, func(x, y *Term) *Term {
		out := False
		for i, u := range terms {
			for _, w := range terms[i+1:] {
				out = or(out, and(eq(x, u), eq(y, w)))
			}
		}
		return out
	})
}

// concat is a \o b.
func (m *Machine) concat(a, b *Seq) *Seq {
	m.owe(not(m.any(m.rangeSet(a), func(x Value) *Term { return b.has(x.(*Term)) })), "nothing occurs twice in a \\o b")
	return newSeq("("+a.id+" o "+b.id+")", a.sort,
		func(x *Term) *Term { return or(a.has(x), b.has(x)) },
		func(x, y *Term) *Term { return or(a.before(x, y), b.before(x, y), and(a.has(x), b.has(y))) })
}

// part is the part of s whose elements satisfy p.
func part(s *Seq, id string, p func(x *Term) *Term) *Seq {
	return newSeq(id, s.sort, func(x *Term) *Term { return and(s.has(x), p(x)) },
		func(x, y *Term) *Term { return and(s.before(x, y), p(x), p(y)) })
}

func (m *Machine) mergeSeqs(c *Term, a, b *Seq) *Seq {
	if a.sort != b.sort {
		panic(m.fail("an IF between sequences of %s and of %s", a.sort, b.sort))
	}
	if a.id == b.id {
		return a
	}
	return newSeq(fmt.Sprintf("if(%d,%s,%s)", c.id, a.id, b.id), a.sort,
		func(x *Term) *Term { return ite(c, a.has(x), b.has(x)) },
		func(x, y *Term) *Term { return ite(c, a.before(x, y), b.before(x, y)) })
}

func (m *Machine) equalSeqs(a, b *Seq) *Term {
	if a.sort != b.sort {
		panic(m.fail("a sequence of %s is compared with one of %s", a.sort, b.sort))
	}
	if a.id == b.id {
		return True
	}
	live := m.live
	var vars []*Term
	x := m.fresh(a.sort, &vars).(*Term)
	elems := forall(vars, eq(a.has(x), b.has(x)))
	y := m.fresh(a.sort, &vars).(*Term)
	order := forall(vars, eq(a.before(x, y), b.before(x, y)))
	m.live = live
	return and(elems, order)
}

// first is the first element of a sequence, if it is not empty: each nonempty
// finite list has one, which is the one axiom.
func (m *Machine) first(s *Seq) *Term {
	key := fmt.Sprint(s.id, m.live)
	if t := m.firsts[key]; t != nil {
		return t
	}
	t := m.symbol(s.sort, "first")
	m.firsts[key] = t
	m.leastAxiom(s.dom, s, t)
	return t
}

// leastAxiom says that if the set of positions of s is not empty, then least is
// in it, and nothing of it comes earlier.
func (m *Machine) leastAxiom(set *Set, s *Seq, least *Term) {
	live := m.live
	var vars []*Term
	x := m.fresh(s.sort, &vars).(*Term)
	says := forall(vars, implies(set.has(x), and(set.has(least), not(s.before(x, least)))))
	m.live = live
	m.axiom(says)
}

// subSeq is SubSeq(s, from, to), where from and to are the ends of s or beside an
// element of it.
func (m *Machine) subSeq(s *Seq, from, to Value) *Seq {
	p, q := m.num(from), m.num(to)
	id := fmt.Sprintf("sub(%s,%s,%s)", s.id, p.key(), q.key())
	after := func(*Term) *Term { return True }
	if !(len(p.parts) == 0 && p.c == 1) {
		x := m.beside(s, p, "the first argument of SubSeq")
		switch p.c {
		case 0:
			after = func(y *Term) *Term { return or(eq(x, y), s.before(x, y)) }
		case 1:
			after = func(y *Term) *Term { return s.before(x, y) }
		default:
			panic(m.fail("SubSeq from %d after an element", p.c))
		}
	}
	before := func(*Term) *Term { return True }
	if !(len(q.parts) == 1 && q.c == 0 && q.parts[0].kind == length && q.parts[0].coef == 1 && q.parts[0].seq.id == s.id) {
		x := m.beside(s, q, "the last argument of SubSeq")
		switch q.c {
		case 0:
			before = func(y *Term) *Term { return or(eq(x, y), s.before(y, x)) }
		case -1:
			before = func(y *Term) *Term { return s.before(y, x) }
		default:
			panic(m.fail("SubSeq to %d after an element", q.c))
		}
	}
	return part(s, id, func(x *Term) *Term { return and(after(x), before(x)) })
}

// beside gives the element that n is the position of, give or take a number.
func (m *Machine) beside(s *Seq, n *Num, what string) *Term {
	if len(n.parts) == 1 && n.parts[0].kind == position && n.parts[0].coef == 1 && n.parts[0].seq.id == s.id {
		return n.parts[0].term
	}
	panic(m.fail("%s is neither an end of the sequence nor beside an element of it", what))
}

// at is s[i].
func (m *Machine) seqAt(s *Seq, i Value) *Term {
	n := m.num(i)
	switch {
	case len(n.parts) == 0 && n.c == 1:
		m.owe(m.any(m.rangeSet(s), func(Value) *Term { return True }), "the sequence has a first element")
		return m.first(s)
	case len(n.parts) == 1 && n.c == 0:
		x := m.beside(s, n, "an index")
		m.owe(s.has(x), "an index is in the domain of the sequence")
		return x
	case len(n.parts) == 2 && n.c == 1:
		for i, p := range n.parts {
			q := n.parts[1-i]
			if p.kind == length && p.coef == 1 && p.seq.id == s.id && q.kind == position && q.coef == -1 && q.seq.id == s.id {
				m.owe(s.has(q.term), "an index is in the domain of the sequence")
				return mirror(s, q.term)
			}
		}
	}
	panic(m.fail("an index that is no position of the sequence"))
}
