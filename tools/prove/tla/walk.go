// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"slices"

	"example.com/pernet/tools/prove/sany"
)

// generic calls f with a value that stands for any element of the sequence. No
// quantifier binds the variables that it is made of; with puts another value in
// their place.
func (m *Machine) generic(s *Seq, f func(x Value)) {
	live := m.live
	m.spares++
	i := 0
	x := built(s.shape, func(sort Sort) *Term {
		i++
		v := variable(sort, spare*(m.spares+1)+i)
		m.live = append(m.live[:len(m.live):len(m.live)], v)
		return v
	})
	m.under(s.has(x), func() { f(x) })
	m.spares--
	m.live = live
}

// spare variables are those from here on.
const spare = 1000

// nameOf is a text that is the same wherever v is made of an element x.
func nameOf(v, x Value, of shape) string {
	i := 0
	return identity(with(v, x, built(of, func(sort Sort) *Term {
		i++
		return variable(sort, spare+i)
	})))
}

// with is v with y in the place of x.
func with(v, x, y Value) Value {
	switch v := v.(type) {
	case *Term:
		return substitute(v, leaves(x), leaves(y))
	case Tuple:
		out := make(Tuple, len(v))
		for i := range v {
			out[i] = with(v[i], x, y)
		}
		return out
	}
	panic("tla: something else in the place of a part of " + describe(v))
}

// selected is SelectSeq.
func (m *Machine) selected(s *Seq, p func(Value) *Term) (out *Seq) {
	m.generic(s, func(x Value) {
		is := p(x)
		out = part(s, fmt.Sprintf("select(%s,%s)", s.id, nameOf(is, x, s.shape)), func(y Value) *Term { return with(is, x, y).(*Term) })
	})
	return out
}

// mapped is the sequence of f(x), for each element x of s.
func (m *Machine) mapped(s *Seq, f func(Value) Value) (out *Seq) {
	m.generic(s, func(x Value) {
		v := f(x)
		if same(v, x) {
			out = s
			return
		}
		some := func(p func(y Value) *Term) *Term { return m.any(m.rangeSet(s), p) }
		of := func(y Value) Value { return with(v, x, y) }
		out = newSeq(fmt.Sprintf("map(%s,%s)", s.id, nameOf(v, x, s.shape)), m.shapeOf(v),
			func(w Value) *Term { return some(func(y Value) *Term { return m.equal(w, of(y)) }) },
			func(u, w Value) *Term {
				return some(func(y Value) *Term {
					return and(m.equal(u, of(y)), some(func(z Value) *Term { return and(s.before(y, z), m.equal(w, of(z))) }))
				})
			},
			func() *Term {
				return and(s.once(), m.all(m.rangeSet(s), func(y Value) *Term {
					return m.all(m.rangeSet(s), func(z Value) *Term { return implies(m.equal(of(y), of(z)), m.equal(y, z)) })
				}))
			})
		m.owe(m.all(m.rangeSet(s), func(y Value) *Term { return implies(m.equal(v, of(y)), m.equal(x, y)) }), "nothing occurs twice in a sequence that is made of another one")
	})
	return out
}

// isRecursive reports whether a definition is in terms of itself.
func (m *Machine) isRecursive(def *sany.Def) bool {
	is, ok := m.recursive[def]
	if !ok {
		var uses func(e *sany.Expr) bool
		uses = func(e *sany.Expr) bool {
			return e.Def == def || slices.ContainsFunc(e.Args, uses) ||
				slices.ContainsFunc(e.Bounds, func(b sany.Bound) bool { return b.Set != nil && uses(b.Set) }) ||
				slices.ContainsFunc(e.Defs, func(d *sany.Def) bool { return uses(d.Body) })
		}
		is = uses(def.Body)
		m.recursive[def] = is
	}
	return is
}

// joins is F(s), where F(p) == IF p = <<>> THEN <<>> ELSE g(p[1]) \o F(Tail(p)):
// the g(x), one after the other.
func (m *Machine) joins(def *sany.Def, args []Value) (out *Seq) {
	g := joined(def)
	s, ok := args[0].(*Seq)
	if g == nil || !ok {
		panic(m.fail("the recursive operator %s, of a form that is not known", def.Name))
	}
	m.generic(s, func(x Value) {
		var of *Seq
		switch v := m.eval(g, (*env)(nil).bind(def.Params[0], Tuple{x})).(type) {
		case *Seq:
			of = v
		case Tuple:
			of = m.asSeq(v, m.shapeOf(slices.Concat(v, Tuple{x})[0]))
		default:
			panic(m.fail("%s among sequences that are joined", describe(v)))
		}
		some := func(p func(y Value) *Term) *Term { return m.any(m.rangeSet(s), p) }
		has := func(y, v Value) *Term { return with(of.has(v), x, y).(*Term) }
		out = newSeq(fmt.Sprintf("join(%s,%s)", s.id, of.id), of.shape,
			func(v Value) *Term { return some(func(y Value) *Term { return has(y, v) }) },
			func(u, v Value) *Term {
				return some(func(y Value) *Term {
					return or(with(of.before(u, v), x, y).(*Term),
						and(has(y, u), some(func(z Value) *Term { return and(s.before(y, z), has(z, v)) })))
				})
			},
			func() *Term {
				return and(s.once(), m.all(m.rangeSet(s), func(y Value) *Term {
					return and(with(of.once(), x, y).(*Term), m.all(m.rangeSet(s), func(z Value) *Term {
						return or(m.equal(y, z), m.all(m.rangeSet(of), func(v Value) *Term { return not(and(has(y, v), has(z, v))) }))
					}))
				}))
			})
		m.owe(m.all(m.rangeSet(s), func(y Value) *Term {
			return or(m.equal(x, y), m.all(m.rangeSet(of), func(v Value) *Term { return not(has(y, v)) }))
		}), "nothing occurs twice in sequences that are joined")
	})
	return out
}

// joined is the expression g(p[1]) of a definition that joins.
func joined(def *sany.Def) *sany.Expr {
	is := func(e *sany.Expr, name string, args int) bool {
		return (e.Kind == sany.Builtin && e.Name == name || e.Kind == sany.User && e.Def.Standard && e.Def.Name == name) && len(e.Args) == args
	}
	p := func(e *sany.Expr) bool {
		return e.Kind == sany.ParamRef && e.Param == def.Params[0] && len(e.Args) == 0
	}
	if len(def.Params) != 1 || !is(def.Body, "$IfThenElse", 3) {
		return nil
	}
	empty, none, more := def.Body.Args[0], def.Body.Args[1], def.Body.Args[2]
	if !is(empty, "=", 2) || !p(empty.Args[0]) || !is(empty.Args[1], "$Tuple", 0) || !is(none, "$Tuple", 0) || !is(more, `\o`, 2) {
		return nil
	}
	g, rest := more.Args[0], more.Args[1]
	if rest.Kind != sany.User || rest.Def != def || !is(rest.Args[0], "Tail", 1) || !p(rest.Args[0].Args[0]) {
		return nil
	}
	var firstOnly func(e *sany.Expr) bool
	firstOnly = func(e *sany.Expr) bool {
		if is(e, "$FcnApply", 2) && p(e.Args[0]) && e.Args[1].Kind == sany.Number && e.Args[1].Int == 1 || is(e, "Head", 1) && p(e.Args[0]) {
			return true
		}
		if p(e) || e.Def == def {
			return false
		}
		for _, b := range e.Bounds {
			if b.Set != nil && !firstOnly(b.Set) {
				return false
			}
		}
		for _, a := range e.Args {
			if !firstOnly(a) {
				return false
			}
		}
		return e.Kind != sany.Let && e.Kind != sany.Operator
	}
	if !firstOnly(g) {
		return nil
	}
	return g
}
