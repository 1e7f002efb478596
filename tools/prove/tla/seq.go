// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"strings"
)

// A Seq is a finite sequence in which nothing occurs twice: its elements, and
// their order. before is false of what is not in the sequence.
// What makes a sequence owes that no element occurs twice in it, where it is made:
// elsewhere, as on another way to take a step, it need not be so.
type Seq struct {
	id     string // equal sequences may have two, one id is one sequence
	shape  shape
	has    func(x Value) *Term
	before func(x, y Value) *Term
	once   func() *Term // it holds that nothing occurs twice; else before is no order, and has perhaps no least element
	dom    *Set
}

func newSeq(id string, of shape, has func(x Value) *Term, before func(x, y Value) *Term, once func() *Term) *Seq {
	s := &Seq{id: id, shape: of, has: has, before: before, once: once}
	s.dom = &Set{shape: of, pos: s, prefix: s, has: has}
	return s
}

// rangeSet is the set of the elements.
func (m *Machine) rangeSet(s *Seq) *Set { return &Set{shape: s.shape, range_: s, has: s.has} }

// mirror stands for the element at the place that x would have, were the
// sequence read backwards. It is no term for a solver.
func mirror(s *Seq, x Value) Value {
	if t, ok := x.(*Term); ok {
		return app(t.Sort, "mirror "+s.id, t)
	}
	out := make(Tuple, len(x.(Tuple)))
	for i, y := range x.(Tuple) {
		out[i] = mirror(s, y)
	}
	return out
}

func reverse(s *Seq) *Seq {
	return newSeq("reverse("+s.id+")", s.shape, s.has, func(x, y Value) *Term { return s.before(y, x) }, s.once)
}

func (m *Machine) term(v Value, sort Sort) *Term {
	if t, ok := v.(*Term); ok && t.Sort == sort {
		return t
	}
	panic(m.fail("%s where an element of the sort %s is expected", describe(v), sort))
}

// asSeq makes a sequence of a tuple.
func (m *Machine) asSeq(t Tuple, of shape) *Seq {
	for i, v := range t {
		m.wantShape(v, of)
		for _, u := range t[:i] {
			m.owe(not(m.equal(u, v)), "nothing occurs twice in a tuple")
		}
	}
	return newSeq(identity(t), of, func(x Value) *Term {
		return m.inList(x, t)
	}, func(x, y Value) *Term {
		out := False
		for i, u := range t {
			for _, w := range t[i+1:] {
				out = or(out, and(m.equal(x, u), m.equal(y, w)))
			}
		}
		return out
	}, func() *Term {
		out := True
		for i, v := range t {
			out = and(out, not(m.inList(v, t[:i])))
		}
		return out
	})
}

// concat is a \o b.
func (m *Machine) concat(a, b *Seq) *Seq {
	apart := func() *Term { return not(m.any(m.rangeSet(a), func(x Value) *Term { return b.has(x) })) }
	m.owe(apart(), "nothing occurs twice in a \\o b")
	return newSeq("("+a.id+" o "+b.id+")", a.shape,
		func(x Value) *Term { return or(a.has(x), b.has(x)) },
		func(x, y Value) *Term { return or(a.before(x, y), b.before(x, y), and(a.has(x), b.has(y))) },
		func() *Term { return and(a.once(), b.once(), apart()) })
}

// part is the part of s whose elements satisfy p.
func part(s *Seq, id string, p func(x Value) *Term) *Seq {
	return newSeq(id, s.shape, func(x Value) *Term { return and(s.has(x), p(x)) },
		func(x, y Value) *Term { return and(s.before(x, y), p(x), p(y)) }, s.once)
}

func (m *Machine) mergeSeqs(c *Term, a, b *Seq) *Seq {
	if !sameShape(a.shape, b.shape) {
		panic(m.fail("an IF between sequences of %v and of %v", a.shape, b.shape))
	}
	if a.id == b.id {
		return a
	}
	one := func(x, y *Term) *Term {
		switch False {
		case x:
			return and(not(c), y)
		case y:
			return and(c, x)
		}
		return ite(c, x, y)
	}
	return newSeq(fmt.Sprintf("if(%d,%s,%s)", c.id, a.id, b.id), a.shape,
		func(x Value) *Term { return one(a.has(x), b.has(x)) },
		func(x, y Value) *Term { return one(a.before(x, y), b.before(x, y)) },
		func() *Term { return ite(c, a.once(), b.once()) })
}

func (m *Machine) equalSeqs(a, b *Seq) *Term {
	if !sameShape(a.shape, b.shape) {
		panic(m.fail("a sequence of %v is compared with one of %v", a.shape, b.shape))
	}
	if a.id == b.id {
		return True
	}
	live := m.live
	var vars []*Term
	x := m.fresh(a.shape, &vars)
	elems := forall(vars, eq(a.has(x), b.has(x)))
	if a.id == identity(Tuple{}) || b.id == identity(Tuple{}) {
		m.live = live
		return elems
	}
	y := m.fresh(a.shape, &vars)
	order := forall(vars, eq(a.before(x, y), b.before(x, y)))
	m.live = live
	return and(elems, order)
}

func (m *Machine) nonempty(s *Seq) *Term {
	return m.any(m.rangeSet(s), func(Value) *Term { return True })
}

// isLast says that nothing comes after x.
func (m *Machine) isLast(s *Seq, x Value) *Term {
	return not(m.any(m.rangeSet(s), func(y Value) *Term { return s.before(x, y) }))
}

// first is the first element of a sequence, if it is not empty: each nonempty
// finite list has one, which is the one axiom.
func (m *Machine) first(s *Seq) Value {
	key := fmt.Sprint(s.id, identity(m.live))
	if t := m.firsts[key]; t != nil {
		return t
	}
	t := m.constant(s.shape, "first")
	m.firsts[key] = t
	m.leastAxiom(s.dom, s, t)
	return t
}

// leastAxiom says that if the set of positions of s is not empty, then least is
// in it, and nothing of it comes earlier. That is so of what is a sequence.
func (m *Machine) leastAxiom(set *Set, s *Seq, least Value) {
	live := m.live
	var vars []*Term
	x := m.fresh(s.shape, &vars)
	says := forall(vars, implies(set.has(x), and(set.has(least), not(s.before(x, least)))))
	m.live = live
	m.silently(func() { says = implies(s.once(), says) })
	m.axiom(says)
}

// subSeq is SubSeq(s, from, to), where from and to are the ends of s or beside an
// element of it.
func (m *Machine) subSeq(s *Seq, from, to Value) *Seq {
	p, q := m.num(from), m.num(to)
	id := fmt.Sprintf("sub(%s,%s,%s)", s.id, p.key(), q.key())
	after := func(Value) *Term { return True }
	if !(len(p.parts) == 0 && p.c == 1) {
		x := m.beside(s, p, "the first argument of SubSeq")
		switch p.c {
		case 0:
			after = func(y Value) *Term { return or(m.equal(x, y), s.before(x, y)) }
		case 1:
			after = func(y Value) *Term { return s.before(x, y) }
		default:
			panic(m.fail("SubSeq from %d after an element", p.c))
		}
	}
	return part(s, id, func(x Value) *Term { return and(after(x), m.upTo(s, x, q, "the last argument of SubSeq")) })
}

// upTo says that the position of x is at most n.
func (m *Machine) upTo(s *Seq, x Value, n *Num, what string) *Term {
	if len(n.parts) == 1 && n.parts[0].kind == length && n.parts[0].coef == 1 && n.parts[0].seq.id == s.id {
		switch n.c {
		case 0:
			return True
		case -1:
			return not(m.isLast(s, x))
		}
	} else {
		switch y := m.beside(s, n, what); n.c {
		case 0:
			return or(m.equal(y, x), s.before(x, y))
		case -1:
			return s.before(x, y)
		}
	}
	panic(m.fail("%s is %d away from a place in the sequence", what, n.c))
}

// beside gives the element that n is the position of, give or take a number.
func (m *Machine) beside(s *Seq, n *Num, what string) Value {
	if len(n.parts) == 1 && n.parts[0].kind == position && n.parts[0].coef == 1 && n.parts[0].seq.id == s.id {
		return n.parts[0].elem
	}
	panic(m.fail("%s is neither an end of the sequence nor beside an element of it", what))
}

// seqAt is s[i].
func (m *Machine) seqAt(s *Seq, i Value) Value {
	n := m.num(i)
	switch {
	case len(n.parts) == 0 && n.c == 1:
		m.owe(m.nonempty(s), "the sequence has a first element")
		return m.first(s)
	case len(n.parts) == 1 && n.parts[0].kind == length && n.parts[0].coef == 1 && n.parts[0].seq.id == s.id && n.c == 0:
		m.owe(m.nonempty(s), "the sequence has a last element")
		return m.first(reverse(s))
	case len(n.parts) == 1 && n.c == 0:
		x := m.beside(s, n, "an index")
		m.owe(s.has(x), "an index is in the domain of the sequence")
		return x
	case len(n.parts) == 1 && n.c == 1:
		x := m.beside(s, n, "an index")
		m.owe(and(s.has(x), not(m.isLast(s, x))), "an index is in the domain of the sequence")
		return m.first(part(s, fmt.Sprintf("after(%s,%s)", s.id, identity(x)), func(y Value) *Term { return s.before(x, y) }))
	case len(n.parts) == 2 && n.c == 1:
		for i, p := range n.parts {
			q := n.parts[1-i]
			if p.kind == length && p.coef == 1 && p.seq.id == s.id && q.kind == position && q.coef == -1 && q.seq.id == s.id {
				m.owe(s.has(q.elem), "an index is in the domain of the sequence")
				return mirror(s, q.elem)
			}
		}
	}
	panic(m.fail("an index that is no position of the sequence"))
}

// identity is a text that equal values of a known form share.
func identity(v Value) string {
	switch v := v.(type) {
	case *Term:
		return fmt.Sprint(v.id)
	case []*Term:
		return fmt.Sprint(v)
	case Tuple:
		ids := make([]string, len(v))
		for i, x := range v {
			ids[i] = identity(x)
		}
		return "<<" + strings.Join(ids, ",") + ">>"
	}
	panic("tla: the identity of " + describe(v))
}
