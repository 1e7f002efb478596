// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"slices"
	"strings"
)

// A Value is a *Term, a Tuple, a *Record, a *Func, a *Set, a *Seq, a *Num, or one
// of the sets that are too large to be listed: *setOfFuncs, *setOfSeqs, *powerSet.
type Value any

// A Tuple is a sequence of known length.
type Tuple []Value

// A Record has its fields in the order of their names.
type Record struct {
	Names []string
	Vals  []Value
}

// A Func is a function: listed, or given by what it is at an argument.
type Func struct {
	Keys, Vals []Value // listed
	dom        *Set
	at         func(Value) Value // else
	updates    []update          // over at, the last one first
}

type update struct{ key, val Value }

// A Set is a set: listed, or given by what is in it.
type Set struct {
	Elems  []Value // listed, if has is nil
	shape  shape
	has    func(Value) *Term
	pos    *Seq    // its elements are the positions of this sequence,
	prefix *Seq    // and they are the first ones: those of this part of it
	range_ *Seq    // it is the set of the elements of this sequence
	of     []Value // it is the product of these sets
}

type (
	setOfFuncs struct{ dom, ran Value }
	setOfRecs  struct {
		names []string
		of    []Value
	}
	setOfSeqs struct{ of Value }
	powerSet  struct{ of Value }
	numbers   struct{ least *Term } // Nat, or Int without a least one
)

// A shape is what the elements of a set look like: a Sort, a tupleShape, a recordShape.
type shape any

type (
	tupleShape  []shape
	recordShape struct {
		names []string
		of    []shape
	}
)

func (r *Record) field(name string) (Value, bool) {
	i, ok := slices.BinarySearch(r.Names, name)
	if !ok {
		return nil, false
	}
	return r.Vals[i], true
}

func newRecord(names []string, vals []Value) *Record {
	order := make([]int, len(names))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return strings.Compare(names[i], names[j]) })
	r := &Record{}
	for _, i := range order {
		r.Names, r.Vals = append(r.Names, names[i]), append(r.Vals, vals[i])
	}
	return r
}

// shapeOf is the shape of a value that may be an element of a symbolic set.
func (m *Machine) shapeOf(v Value) shape {
	switch v := v.(type) {
	case *Term:
		return v.Sort
	case Tuple:
		s := make(tupleShape, len(v))
		for i, x := range v {
			s[i] = m.shapeOf(x)
		}
		return s
	case *Record:
		s := recordShape{names: v.Names}
		for _, x := range v.Vals {
			s.of = append(s.of, m.shapeOf(x))
		}
		return s
	}
	panic(m.fail("a set with an element that is %s", describe(v)))
}

// fresh makes a value of the shape out of new bound variables.
func (m *Machine) fresh(s shape, vars *[]*Term) Value {
	v := built(s, func(sort Sort) *Term {
		v := variable(sort, len(m.live))
		m.live = append(m.live[:len(m.live):len(m.live)], v)
		*vars = append(*vars, v)
		return v
	})
	if v == nil {
		panic(m.fail("a quantifier over a set of nothing known"))
	}
	return v
}

// built makes a value of the shape; nil if the shape is not known.
func built(s shape, leaf func(Sort) *Term) Value {
	switch s := s.(type) {
	case Sort:
		return leaf(s)
	case tupleShape:
		t := make(Tuple, len(s))
		for i := range s {
			t[i] = built(s[i], leaf)
		}
		return t
	case recordShape:
		r := &Record{Names: s.names}
		for i := range s.of {
			r.Vals = append(r.Vals, built(s.of[i], leaf))
		}
		return r
	}
	return nil
}

func sameShape(a, b shape) bool { return fmt.Sprint(a) == fmt.Sprint(b) }

// same reports whether two values are the same term, or made of the same terms.
func same(a, b Value) bool {
	switch x := a.(type) {
	case *Term:
		return Value(x) == b
	case Tuple:
		y, ok := b.(Tuple)
		return ok && slices.EqualFunc(x, y, func(v, w Value) bool { return same(v, w) })
	}
	return false
}

func describe(v Value) string {
	switch v := v.(type) {
	case *Term:
		if v.isLit() {
			return Text(v)
		}
		return "a term of the sort " + string(v.Sort)
	case Tuple:
		return "a tuple"
	case *Record:
		return "a record"
	case *Func:
		return "a function"
	case *Set:
		return "a set"
	case *Seq:
		return "a sequence"
	case *Num:
		return "a position"
	}
	return fmt.Sprintf("a %T", v)
}

// known reports whether a value has no symbol in it.
func known(v Value) bool {
	switch v := v.(type) {
	case *Term:
		return v.isLit()
	case Tuple:
		return !slices.ContainsFunc(v, func(x Value) bool { return !known(x) })
	case *Record:
		return !slices.ContainsFunc(v.Vals, func(x Value) bool { return !known(x) })
	case *Func:
		return v.at == nil && len(v.updates) == 0 && !slices.ContainsFunc(v.Vals, func(x Value) bool { return !known(x) })
	case *Set:
		return v.has == nil && v.pos == nil && !slices.ContainsFunc(v.Elems, func(x Value) bool { return !known(x) })
	}
	return false
}

// domain is the set of a function's arguments.
func (f *Func) domain() *Set {
	if f.at == nil {
		return &Set{Elems: f.Keys}
	}
	return f.dom
}

// equal is a formula that says that two values are equal.
func (m *Machine) equal(a, b Value) *Term {
	switch x := a.(type) {
	case *Term:
		if y, ok := b.(*Term); ok {
			return m.equalTerms(x, y)
		}
	case Tuple:
		switch y := b.(type) {
		case Tuple:
			if len(x) != len(y) {
				return False
			}
			return m.equalLists(x, y)
		case *Seq:
			return m.equalSeqs(m.asSeq(x, y.shape), y)
		case *Func:
			if len(x) == 0 && y.at == nil {
				return truth(len(y.Keys) == 0)
			}
		}
	case *Record:
		if y, ok := b.(*Record); ok {
			if !slices.Equal(x.Names, y.Names) {
				return False
			}
			return m.equalLists(x.Vals, y.Vals)
		}
	case *Set:
		if y, ok := b.(*Set); ok {
			return and(m.subset(x, y), m.subset(y, x))
		}
	case *Func:
		switch y := b.(type) {
		case *Func:
			return m.equalFuncs(x, y)
		case Tuple:
			return m.equal(y, x)
		}
	case *Seq:
		switch y := b.(type) {
		case *Seq:
			return m.equalSeqs(x, y)
		case Tuple:
			return m.equalSeqs(x, m.asSeq(y, x.shape))
		}
	case *Num:
		return m.compare(x, "=", b)
	}
	if _, ok := b.(*Num); ok {
		return m.compare(a, "=", b)
	}
	if m.Finite { // values of different kinds; TLC refuses some of these, and so do we, but for model values
		if isModel(a) || isModel(b) {
			return False
		}
	}
	panic(m.fail("%s is compared with %s", describe(a), describe(b)))
}

func isModel(v Value) bool { t, ok := v.(*Term); return ok && t.Sort == Model }

func (m *Machine) equalTerms(a, b *Term) *Term {
	if a.Sort != b.Sort {
		if a.Sort == Model || b.Sort == Model {
			return False
		}
		panic(m.fail("%s is compared with %s", describe(a), describe(b)))
	}
	return eq(a, b)
}

func (m *Machine) equalLists(a, b []Value) *Term {
	out := True
	for i := range a {
		if out = and(out, m.equal(a[i], b[i])); out == False {
			return False
		}
	}
	return out
}

func (m *Machine) equalFuncs(f, g *Func) *Term {
	if f == g {
		return True
	}
	same := m.equal(f.domain(), g.domain())
	if same == False {
		return False
	}
	return and(same, m.all(f.domain(), func(x Value) *Term { return m.equal(m.apply(f, x), m.apply(g, x)) }))
}

// merge is the value that is a if c holds, else b.
func (m *Machine) merge(c *Term, a, b Value) Value {
	switch x := a.(type) {
	case *Term:
		if y, ok := b.(*Term); ok && x.Sort == y.Sort {
			return ite(c, x, y)
		}
	case *Record:
		if y, ok := b.(*Record); ok && slices.Equal(x.Names, y.Names) {
			return &Record{Names: x.Names, Vals: m.mergeLists(c, x.Vals, y.Vals)}
		}
	case Tuple:
		if y, ok := b.(Tuple); ok && len(x) == len(y) {
			return Tuple(m.mergeLists(c, x, y))
		}
		if y, ok := b.(*Seq); ok {
			return m.mergeSeqs(c, m.asSeq(x, y.shape), y)
		}
		if y, ok := b.(Tuple); ok && !m.Finite {
			of := m.shapeOf(slices.Concat(x, y)[0])
			return m.mergeSeqs(c, m.asSeq(x, of), m.asSeq(y, of))
		}
	case *Seq:
		switch y := b.(type) {
		case *Seq:
			return m.mergeSeqs(c, x, y)
		case Tuple:
			return m.mergeSeqs(c, x, m.asSeq(y, x.shape))
		}
	case *Set:
		if y, ok := b.(*Set); ok {
			if x.pos != nil || y.pos != nil {
				return m.mergePositions(c, x, y)
			}
			s := m.shape(x)
			if s == nil {
				s = m.shape(y)
			}
			if s == nil {
				return x // both are empty
			}
			under := m.closure()
			return &Set{shape: s, has: func(v Value) *Term {
				return ite(c, under.term(m, c, func() *Term { return m.in(v, x) }), under.term(m, not(c), func() *Term { return m.in(v, y) }))
			}}
		}
	case *Func:
		if y, ok := b.(*Func); ok {
			if x == y {
				return x
			}
			m.owe(m.equal(x.domain(), y.domain()), "the functions of an IF have one domain")
			under := m.closure()
			return &Func{dom: x.domain(), at: func(v Value) Value {
				p := under.value(m, c, func() Value { return m.apply(x, v) })
				q := under.value(m, not(c), func() Value { return m.apply(y, v) })
				return m.merge(c, p, q)
			}}
		}
	}
	panic(m.fail("an IF between %s and %s", describe(a), describe(b)))
}

func (m *Machine) mergeLists(c *Term, a, b []Value) []Value {
	out := make([]Value, len(a))
	for i := range a {
		out[i] = m.merge(c, a[i], b[i])
	}
	return out
}
