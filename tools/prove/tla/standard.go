// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"

	"example.com/pernet/tools/prove/sany"
)

// standard are the operators of the standard modules.
var standard map[string]builtin

func init() {
	standard = map[string]builtin{
		"Nat":    func(*Machine, *sany.Expr, *env) Value { return &numbers{Integer(0)} },
		"Int":    func(*Machine, *sany.Expr, *env) Value { return &numbers{} },
		"+":      with2(func(m *Machine, a, b Value) Value { return m.sum(a, b, 1) }),
		"-":      with2(func(m *Machine, a, b Value) Value { return m.sum(a, b, -1) }),
		"*":      with2(times),
		"-.":     with1(func(m *Machine, a Value) Value { return m.sum(Integer(0), a, -1) }),
		"<":      with2(func(m *Machine, a, b Value) Value { return m.compare(a, "<", b) }),
		">":      with2(func(m *Machine, a, b Value) Value { return m.compare(b, "<", a) }),
		`\leq`:   with2(func(m *Machine, a, b Value) Value { return m.compare(a, "<=", b) }),
		`\geq`:   with2(func(m *Machine, a, b Value) Value { return m.compare(b, "<=", a) }),
		"..":     with2(interval),
		`\o`:     with2(func(m *Machine, a, b Value) Value { return m.joined(a, b) }),
		"Append": with2(func(m *Machine, s, x Value) Value { return m.joined(s, Tuple{x}) }),
		"Seq":    with1(func(m *Machine, s Value) Value { return &setOfSeqs{s} }),
		"Len": with1(func(m *Machine, s Value) Value {
			switch s := s.(type) {
			case Tuple:
				return Integer(len(s))
			case *Seq:
				return &Num{parts: []numPart{{coef: 1, kind: length, seq: s}}}
			}
			panic(m.fail("the length of %s", describe(s)))
		}),
		"Head":   with1(func(m *Machine, s Value) Value { return m.apply(s, Integer(1)) }),
		"Tail":   with1(tail),
		"SubSeq": subSeq,
		"SelectSeq": with2(func(m *Machine, s, test Value) Value {
			op := test.(operator)
			p := func(x Value) *Term { return m.call(op.def, op.at, []Value{x}).(*Term) }
			if s, ok := s.(*Seq); ok {
				return m.selected(s, p)
			}
			t, ok := s.(Tuple)
			if !ok {
				panic(m.fail("SelectSeq of %s", describe(s)))
			}
			var out Tuple
			for _, x := range t {
				switch p(x) {
				case True:
					out = append(out, x)
				case False:
				default:
					panic(m.fail("SelectSeq by what is neither true nor false"))
				}
			}
			return out
		}),
		"Cardinality": with1(func(m *Machine, s Value) Value { return m.cardinality(m.set(s)) }),
	}
}

func with1(f func(m *Machine, a Value) Value) builtin {
	return func(m *Machine, e *sany.Expr, at *env) Value {
		a := m.eval(e.Args[0], at)
		m.loc = e.Loc
		return f(m, a)
	}
}

// times is a product of two numbers of which one is known.
func times(m *Machine, a, b Value) Value {
	x, y := m.num(a), m.num(b)
	if len(x.parts) > 0 {
		x, a, b = y, b, a
	}
	if len(x.parts) > 0 || x.c < 0 {
		panic(m.fail("%s times %s", describe(a), describe(b)))
	}
	var sum Value = Integer(0)
	for range x.c {
		sum = m.sum(sum, b, 1)
	}
	return sum
}

func interval(m *Machine, a, b Value) Value {
	x, ok := a.(*Term)
	if n, isNum := b.(*Num); isNum && ok && x == Integer(1) && len(n.parts) == 1 && n.parts[0].seq != nil {
		s := n.parts[0].seq
		first := part(s, fmt.Sprintf("upto(%s,%s)", s.id, n.key()), func(x Value) *Term { return m.upTo(s, x, n, "the end of an interval") })
		return &Set{shape: s.shape, pos: s, prefix: first, has: first.has}
	}
	y, ok2 := b.(*Term)
	if !ok || !ok2 || x.Sort != Int || y.Sort != Int || !x.isLit() || !y.isLit() {
		panic(m.fail("an interval from %s to %s", describe(a), describe(b)))
	}
	s := &Set{}
	for i := x.N; i <= y.N; i++ {
		s.Elems = append(s.Elems, Integer(i))
	}
	return s
}

// joined is a \o b.
func (m *Machine) joined(a, b Value) Value {
	s, aIsSeq := a.(*Seq)
	t, bIsSeq := b.(*Seq)
	if !aIsSeq && !bIsSeq {
		x, ok := a.(Tuple)
		y, ok2 := b.(Tuple)
		if !ok || !ok2 {
			panic(m.fail("%s \\o %s", describe(a), describe(b)))
		}
		return append(x[:len(x):len(x)], y...)
	}
	if !aIsSeq {
		s = m.asSeq(a.(Tuple), t.shape)
	}
	if !bIsSeq {
		t = m.asSeq(b.(Tuple), s.shape)
	}
	return m.concat(s, t)
}

func tail(m *Machine, v Value) Value {
	switch s := v.(type) {
	case Tuple:
		if len(s) > 0 {
			return s[1:]
		}
	case *Seq:
		h := m.seqAt(s, Integer(1)) // owes that there is one
		return part(s, "tail("+s.id+")", func(x Value) *Term { return not(m.equal(x, h)) })
	}
	panic(m.fail("the tail of %s", describe(v)))
}

func subSeq(m *Machine, e *sany.Expr, at *env) Value {
	args := m.args(e.Args, at)
	m.loc = e.Loc
	if s, ok := args[0].(*Seq); ok {
		return m.subSeq(s, args[1], args[2])
	}
	t, ok := args[0].(Tuple)
	from, to := m.num(args[1]), m.num(args[2])
	if !ok || len(from.parts)+len(to.parts) > 0 {
		panic(m.fail("SubSeq of %s", describe(args[0])))
	}
	if from.c > to.c {
		return Tuple{}
	}
	if from.c < 1 || to.c > len(t) {
		panic(m.fail("SubSeq from %d to %d of a sequence of %d", from.c, to.c, len(t)))
	}
	return t[from.c-1 : to.c]
}
