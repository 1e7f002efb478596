// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"slices"
)

// in is a formula that says that v is an element of the set.
func (m *Machine) in(v, set Value) *Term {
	switch s := set.(type) {
	case *Set:
		if s.has == nil {
			return m.inList(v, s.Elems)
		}
		if s.pos != nil {
			n, ok := v.(*Num)
			if ok && len(n.parts) == 1 && n.parts[0].kind == length && n.parts[0].coef == 1 && n.c == 0 && n.parts[0].seq.id == s.pos.id && s == s.pos.dom {
				return m.nonempty(s.pos)
			}
			if !ok || n.c != 0 || len(n.parts) != 1 || n.parts[0].kind != position || n.parts[0].coef != 1 || n.parts[0].seq.id != s.pos.id {
				panic(m.fail("%s in the domain of a sequence", describe(v)))
			}
			return s.has(n.parts[0].elem)
		}
		if t, ok := v.(Tuple); ok { // a tuple of another length is no element
			if u, ok := s.shape.(tupleShape); ok && len(t) != len(u) {
				return False
			}
		}
		m.wantShape(v, s.shape)
		return s.has(v)
	case *setOfFuncs:
		f, ok := v.(*Func)
		if !ok {
			if t, isTuple := v.(Tuple); isTuple {
				out := m.equal(m.domainOf(t).(*Set), s.dom)
				for _, x := range t {
					out = and(out, m.in(x, s.ran))
				}
				return out
			}
			panic(m.fail("%s in a set of functions", describe(v)))
		}
		return and(m.equal(f.domain(), s.dom), m.all(f.domain(), func(x Value) *Term { return m.in(m.apply(f, x), s.ran) }))
	case *setOfRecs:
		r, ok := v.(*Record)
		if !ok || len(r.Names) != len(s.names) {
			panic(m.fail("%s in a set of records of %v", describe(v), s.names))
		}
		out := True
		for i, name := range s.names {
			f, ok := r.field(name)
			if !ok {
				return False
			}
			out = and(out, m.in(f, s.of[i]))
		}
		return out
	case *setOfSeqs:
		switch q := v.(type) {
		case Tuple:
			out := True
			for _, x := range q {
				out = and(out, m.in(x, s.of))
			}
			return out
		case *Seq:
			return m.all(m.rangeSet(q), func(x Value) *Term { return m.in(x, s.of) })
		}
	case *powerSet:
		if sub, ok := v.(*Set); ok {
			return m.subset(sub, s.of)
		}
	case *numbers:
		switch n := v.(type) {
		case *Term:
			if isModel(n) {
				return False
			}
			if n.Sort != Int {
				break
			}
			if s.least == nil {
				return True
			}
			return le(s.least, n)
		case *Num:
			if s.least == nil {
				return True
			}
		}
	}
	panic(m.fail("whether %s is in %s", describe(v), describe(set)))
}

func (m *Machine) inList(v Value, elems []Value) *Term {
	out := False
	for _, e := range elems {
		if out = or(out, m.equal(v, e)); out == True {
			return True
		}
	}
	return out
}

func (m *Machine) wantShape(v Value, s shape) {
	if got := fmt.Sprint(m.shapeOf(v)); got != fmt.Sprint(s) {
		panic(m.fail("a value of the shape %v where elements have the shape %v", got, s))
	}
}

// each calls f for an element that stands for all: the elements, if they are
// listed, else one made of bound variables.
func (m *Machine) element(s *Set, f func(v Value, guard *Term, vars []*Term)) {
	live := m.live
	var vars []*Term
	v := m.fresh(s.shape, &vars)
	guard := s.has(v)
	if s.pos != nil {
		v = place(s.pos, v)
	}
	m.under(guard, func() { f(v, guard, vars) })
	m.live = live
}

// all is a formula that says that f is true of all elements.
func (m *Machine) all(set Value, f func(Value) *Term) *Term {
	s := m.set(set)
	out := True
	if s.has == nil {
		for _, e := range s.Elems {
			if out = and(out, f(e)); out == False {
				return False
			}
		}
		return out
	}
	m.element(s, func(v Value, guard *Term, vars []*Term) {
		for _, part := range Parts(f(v)) {
			out = and(out, forall(vars, implies(guard, part)))
		}
	})
	return out
}

func (m *Machine) any(set Value, f func(Value) *Term) *Term {
	s := m.set(set)
	out := False
	if s.has == nil {
		for _, e := range s.Elems {
			if out = or(out, f(e)); out == True {
				return True
			}
		}
		return out
	}
	m.element(s, func(v Value, guard *Term, vars []*Term) { out = exists(vars, and(guard, f(v))) })
	return out
}

func (m *Machine) set(v Value) *Set {
	if s, ok := v.(*Set); ok {
		return s
	}
	panic(m.fail("%s where a set is expected", describe(v)))
}

func (m *Machine) subset(a, b Value) *Term {
	if a == b {
		return True
	}
	return m.all(a, func(x Value) *Term { return m.in(x, b) })
}

// filter is the set of the elements of which p is true.
func (m *Machine) filter(s *Set, p func(Value) *Term) *Set {
	if s.has == nil {
		var out []Value
		sure := true
		for _, e := range s.Elems {
			switch p(e) {
			case True:
				out = append(out, e)
			case False:
			default:
				sure = false
			}
		}
		if sure {
			return &Set{Elems: out}
		}
		if m.Finite {
			panic(m.fail("a condition that is neither true nor false"))
		}
	}
	c := m.closure()
	return &Set{shape: m.shape(s), pos: s.pos, has: func(v Value) *Term {
		if s.pos != nil {
			guard := s.has(v)
			return and(guard, c.term(m, guard, func() *Term { return p(place(s.pos, v)) }))
		}
		guard := m.in(v, s)
		return and(guard, c.term(m, guard, func() *Term { return p(v) }))
	}}
}

// shape is what the elements look like; that of the empty set is not known.
func (m *Machine) shape(s *Set) shape {
	if s.has == nil && len(s.Elems) > 0 {
		return m.shapeOf(s.Elems[0])
	}
	return s.shape
}

func (m *Machine) union(a, b *Set) *Set {
	if a.has == nil && b.has == nil {
		out := slices.Clip(a.Elems)
		for _, e := range b.Elems {
			if !m.Finite || m.inList(e, a.Elems) != True {
				out = append(out, e)
			}
		}
		return &Set{Elems: out}
	}
	return m.combined(a, b, or)
}

func (m *Machine) intersect(a, b *Set) *Set {
	if known(a) && known(b) {
		return m.filter(a, func(v Value) *Term { return m.in(v, b) })
	}
	return m.combined(a, b, and)
}

func (m *Machine) minus(a, b *Set) *Set {
	if known(a) && known(b) {
		return m.filter(a, func(v Value) *Term { return not(m.in(v, b)) })
	}
	return m.combined(a, b, func(x ...*Term) *Term { return and(x[0], not(x[1])) })
}

func (m *Machine) combined(a, b *Set, op func(...*Term) *Term) *Set {
	if a.pos != nil || b.pos != nil {
		panic(m.fail("an operation on sets of positions"))
	}
	s := m.shape(a)
	if s == nil {
		s = m.shape(b)
	}
	return &Set{shape: s, has: func(v Value) *Term { return op(m.in(v, a), m.in(v, b)) }}
}

// product is a \X b \X ...
func (m *Machine) product(sets []Value) *Set {
	listed := true
	for _, s := range sets {
		listed = listed && m.set(s).has == nil
	}
	if listed {
		out := []Value{Tuple{}}
		for _, s := range sets {
			var longer []Value
			for _, t := range out {
				for _, e := range m.set(s).Elems {
					longer = append(longer, slices.Concat(t.(Tuple), Tuple{e}))
				}
			}
			out = longer
		}
		return &Set{Elems: out}
	}
	var s tupleShape
	for _, x := range sets {
		s = append(s, m.shape(m.set(x)))
	}
	return &Set{shape: s, of: sets, has: func(v Value) *Term {
		out := True
		for i, x := range v.(Tuple) {
			out = and(out, m.in(x, sets[i]))
		}
		return out
	}}
}

// positions is a listed set of positions of s, or one that is not listed.
func (m *Machine) positions(set *Set, s *Seq) *Set {
	if set.pos != nil {
		return set
	}
	for _, e := range set.Elems {
		m.owe(m.in(e, s.dom), "a position is one of the sequence")
	}
	return &Set{shape: s.shape, pos: s, has: func(x Value) *Term { return and(s.has(x), m.inList(place(s, x), set.Elems)) }}
}

func (m *Machine) mergePositions(c *Term, a, b *Set) *Set {
	s := a.pos
	if s == nil {
		s = b.pos
	}
	m.under(c, func() { a = m.positions(a, s) })
	m.under(not(c), func() { b = m.positions(b, s) })
	if a.pos == nil || a.pos.id != s.id || b.pos.id != s.id {
		panic(m.fail("an IF between positions of different sequences"))
	}
	return &Set{shape: s.shape, pos: s, has: func(x Value) *Term { return ite(c, a.has(x), b.has(x)) }}
}

// image is {f(x) : x \in s}.
func (m *Machine) image(s *Set, f func(Value) Value) *Set {
	if s.has == nil {
		var out []Value
		for _, e := range s.Elems {
			if v := f(e); !m.Finite || m.inList(v, out) != True {
				out = append(out, v)
			}
		}
		return &Set{Elems: out}
	}
	var out Set
	m.element(s, func(v Value, _ *Term, _ []*Term) {
		w := f(v)
		out.shape = m.shapeOf(w)
		if n, ok := v.(*Num); ok && s == s.pos.dom && same(w, n.parts[0].elem) {
			out.range_ = s.pos
		}
	})
	c := m.closure()
	out.has = func(v Value) (t *Term) {
		c.run(m, True, func() { t = m.any(s, func(x Value) *Term { return m.equal(v, f(x)) }) })
		return t
	}
	return &out
}
