// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"strconv"

	"example.com/pernet/tools/prove/sany"
)

type builtin func(m *Machine, e *sany.Expr, at *env) Value

// builtins are the operators of the language by SANY's names for them. What is
// not here is not known.
var builtins map[string]builtin

func init() {
	builtins = map[string]builtin{
		"TRUE":    func(*Machine, *sany.Expr, *env) Value { return True },
		"FALSE":   func(*Machine, *sany.Expr, *env) Value { return False },
		"BOOLEAN": func(*Machine, *sany.Expr, *env) Value { return &Set{Elems: []Value{False, True}} },

		`\land`: conjunction, "$ConjList": conjunction,
		`\lor`: disjunction, "$DisjList": disjunction,
		`\lnot`: func(m *Machine, e *sany.Expr, at *env) Value { return not(m.formula(e.Args[0], at)) },
		"=>": func(m *Machine, e *sany.Expr, at *env) Value {
			a := m.formula(e.Args[0], at)
			return implies(a, m.formulaUnder(a, e.Args[1], at))
		},
		`\equiv`: func(m *Machine, e *sany.Expr, at *env) Value {
			return eq(m.formula(e.Args[0], at), m.formula(e.Args[1], at))
		},
		"$IfThenElse":    ifThenElse,
		"$Case":          cases,
		"$BoundedForall": func(m *Machine, e *sany.Expr, at *env) Value { return m.bindings(e, at, m.all) },
		"$BoundedExists": func(m *Machine, e *sany.Expr, at *env) Value { return m.bindings(e, at, m.any) },
		"$BoundedChoose": choose,

		"=":          with2(func(m *Machine, a, b Value) Value { return m.equal(a, b) }),
		"/=":         with2(func(m *Machine, a, b Value) Value { return not(m.equal(a, b)) }),
		`\in`:        with2(func(m *Machine, a, b Value) Value { return m.in(a, b) }),
		`\notin`:     with2(func(m *Machine, a, b Value) Value { return not(m.in(a, b)) }),
		`\subseteq`:  with2(func(m *Machine, a, b Value) Value { return m.subset(m.set(a), b) }),
		`\union`:     with2(func(m *Machine, a, b Value) Value { return m.union(m.set(a), m.set(b)) }),
		`\intersect`: with2(func(m *Machine, a, b Value) Value { return m.intersect(m.set(a), m.set(b)) }),
		`\`:          with2(func(m *Machine, a, b Value) Value { return m.minus(m.set(a), m.set(b)) }),
		"$CartesianProd": func(m *Machine, e *sany.Expr, at *env) Value {
			sets := m.args(e.Args, at)
			m.loc = e.Loc
			return m.product(sets)
		},
		"SUBSET":        func(m *Machine, e *sany.Expr, at *env) Value { return &powerSet{m.eval(e.Args[0], at)} },
		"$SetEnumerate": func(m *Machine, e *sany.Expr, at *env) Value { return m.enumerate(m.args(e.Args, at)) },
		"$SubsetOf": func(m *Machine, e *sany.Expr, at *env) Value {
			bind := m.single(e)
			s := m.set(m.eval(e.Bounds[0].Set, at))
			m.loc = e.Loc
			return m.filter(s, func(v Value) *Term { return m.formula(e.Args[0], bind(v, at)) })
		},
		"$SetOfAll": func(m *Machine, e *sany.Expr, at *env) Value {
			bind := m.single(e)
			s := m.set(m.eval(e.Bounds[0].Set, at))
			return m.image(s, func(v Value) Value { return m.eval(e.Args[0], bind(v, at)) })
		},

		"$Tuple":          func(m *Machine, e *sany.Expr, at *env) Value { return Tuple(m.args(e.Args, at)) },
		"$RcdConstructor": record,
		"$SetOfRcds":      recordSet,
		"$RcdSelect": func(m *Machine, e *sany.Expr, at *env) Value {
			r := m.eval(e.Args[0], at)
			m.loc = e.Loc
			return m.apply(r, String(e.Args[1].Name))
		},
		"$FcnApply":       with2(func(m *Machine, f, x Value) Value { return m.apply(f, x) }),
		"$FcnConstructor": function,
		"$SetOfFcns":      with2(func(m *Machine, a, b Value) Value { return &setOfFuncs{a, b} }),
		"$Except":         except,
		"DOMAIN": func(m *Machine, e *sany.Expr, at *env) Value {
			f := m.eval(e.Args[0], at)
			m.loc = e.Loc
			return m.domainOf(f)
		},

		"'": func(m *Machine, e *sany.Expr, at *env) Value {
			if m.primed {
				panic(m.fail("a prime inside a prime"))
			}
			m.primed = true
			v := m.eval(e.Args[0], at)
			m.primed = false
			return v
		},
		"UNCHANGED": func(m *Machine, e *sany.Expr, at *env) Value {
			now := m.eval(e.Args[0], at)
			m.primed = true
			next := m.eval(e.Args[0], at)
			m.primed = false
			return m.equal(next, now)
		},
	}
}

func with2(f func(m *Machine, a, b Value) Value) builtin {
	return func(m *Machine, e *sany.Expr, at *env) Value {
		a := m.eval(e.Args[0], at)
		b := m.eval(e.Args[1], at)
		m.loc = e.Loc
		return f(m, a, b)
	}
}

func (m *Machine) formulaUnder(c *Term, e *sany.Expr, at *env) (t *Term) {
	if c == False {
		return True // whatever it is
	}
	m.under(c, func() { t = m.formula(e, at) })
	return t
}

func conjunction(m *Machine, e *sany.Expr, at *env) Value {
	old := m.path
	defer func() { m.path = old }()
	out := True
	for _, a := range e.Args {
		t := m.formula(a, at)
		if out = and(out, t); out == False {
			return False
		}
		if t != True {
			m.path = append(m.path[:len(m.path):len(m.path)], t)
		}
	}
	return out
}

func disjunction(m *Machine, e *sany.Expr, at *env) Value {
	old := m.path
	defer func() { m.path = old }()
	out := False
	for _, a := range e.Args {
		t := m.formula(a, at)
		if out = or(out, t); out == True {
			return True
		}
		if t != False {
			m.path = append(m.path[:len(m.path):len(m.path)], not(t))
		}
	}
	return out
}

func ifThenElse(m *Machine, e *sany.Expr, at *env) Value {
	c := m.formula(e.Args[0], at)
	switch c {
	case True:
		return m.eval(e.Args[1], at)
	case False:
		return m.eval(e.Args[2], at)
	}
	var a, b Value
	m.under(c, func() { a = m.eval(e.Args[1], at) })
	m.under(not(c), func() { b = m.eval(e.Args[2], at) })
	m.loc = e.Loc
	return m.merge(c, a, b)
}

func cases(m *Machine, e *sany.Expr, at *env) Value { return m.eval(m.arm(e, at), at) }

// arm is the arm of a CASE that is taken; which one must not depend on symbols.
func (m *Machine) arm(e *sany.Expr, at *env) *sany.Expr {
	for _, arm := range e.Args {
		c := True
		if arm.Args[0].Kind != sany.Builtin || arm.Args[0].Name != "$Other" {
			c = m.formula(arm.Args[0], at)
		}
		if c == True {
			return arm.Args[1]
		}
		if c != False {
			break
		}
	}
	m.loc = e.Loc
	panic(m.fail("a CASE of which no arm is known to be true"))
}

func (m *Machine) enumerate(list []Value) *Set {
	if !m.Finite {
		return &Set{Elems: list}
	}
	s := &Set{}
	for _, v := range list {
		if m.inList(v, s.Elems) != True {
			s.Elems = append(s.Elems, v)
		}
	}
	return s
}

func record(m *Machine, e *sany.Expr, at *env) Value {
	var names []string
	var vals []Value
	for _, pair := range e.Args {
		names, vals = append(names, pair.Args[0].Name), append(vals, m.eval(pair.Args[1], at))
	}
	return newRecord(names, vals)
}

func recordSet(m *Machine, e *sany.Expr, at *env) Value {
	r := record(m, e, at).(*Record)
	return &setOfRecs{r.Names, r.Vals}
}

func (m *Machine) domainOf(f Value) Value {
	switch f := f.(type) {
	case *Func:
		return f.domain()
	case *Seq:
		return f.dom
	case Tuple:
		s := &Set{}
		for i := range f {
			s.Elems = append(s.Elems, Integer(i+1))
		}
		return s
	case *Record:
		s := &Set{}
		for _, n := range f.Names {
			s.Elems = append(s.Elems, String(n))
		}
		return s
	}
	panic(m.fail("the domain of %s", describe(f)))
}

// apply is f[x].
func (m *Machine) apply(f, x Value) Value {
	switch f := f.(type) {
	case *Record:
		if t, ok := x.(*Term); ok && t.isLit() && t.Sort == Str {
			if v, ok := f.field(t.Name); ok {
				return v
			}
		}
	case Tuple:
		if t, ok := x.(*Term); ok && t.isLit() && t.Sort == Int && 1 <= t.N && t.N <= len(f) {
			return f[t.N-1]
		}
	case *Seq:
		return m.seqAt(f, x)
	case *Func:
		if f.at == nil {
			for i, k := range f.Keys {
				if m.equal(k, x) == True {
					return f.Vals[i]
				}
			}
			break
		}
		m.owe(m.in(x, f.dom), "the argument is in the domain of the function")
		return m.applyUpdates(f, x, f.updates)
	}
	panic(m.fail("%s at %s, where it has no value", describe(f), describe(x)))
}

func (m *Machine) applyUpdates(f *Func, x Value, updates []update) (v Value) {
	if len(updates) == 0 {
		return f.at(x)
	}
	same := m.equal(x, updates[0].key)
	if same == True {
		return updates[0].val
	}
	m.under(not(same), func() { v = m.applyUpdates(f, x, updates[1:]) })
	return m.merge(same, updates[0].val, v)
}

func function(m *Machine, e *sany.Expr, at *env) Value {
	bind := m.single(e)
	s := m.set(m.eval(e.Bounds[0].Set, at))
	m.loc = e.Loc
	if s.has != nil {
		if s.pos != nil {
			return m.rearranged(s, func(v Value) Value { return m.eval(e.Args[0], bind(v, at)) })
		}
		c := m.closure()
		return &Func{dom: s, at: func(v Value) Value {
			return c.value(m, True, func() Value { return m.eval(e.Args[0], bind(v, at)) })
		}}
	}
	if !known(s) {
		panic(m.fail("a function over a set that is listed and not known"))
	}
	f := &Func{}
	isSeq := true
	for i, k := range s.Elems {
		v := m.eval(e.Args[0], bind(k, at))
		f.Keys, f.Vals, isSeq = append(f.Keys, k), append(f.Vals, v), isSeq && k == Value(Integer(i+1))
	}
	if isSeq {
		return Tuple(f.Vals)
	}
	return f
}

// rearranged is a function on the first positions of a sequence: the sequence
// itself, its reverse, or what its elements are mapped to.
func (m *Machine) rearranged(dom *Set, f func(Value) Value) (out Value) {
	s := dom.pos
	if dom.prefix == nil {
		panic(m.fail("a function on positions of a sequence that are not its first ones"))
	}
	m.generic(dom.prefix, func(x Value) {
		if same(f(place(s, x)), mirror(s, x)) && dom == s.dom {
			out = reverse(s)
		}
	})
	if out == nil {
		out = m.mapped(dom.prefix, func(x Value) Value { return f(place(s, x)) })
	}
	return out
}

func except(m *Machine, e *sany.Expr, at *env) Value {
	f := m.eval(e.Args[0], at)
	for _, pair := range e.Args[1:] {
		path := m.args(pair.Args[0].Args, at)
		m.loc = e.Loc
		f = m.changed(f, path, func(old Value) Value {
			m.at = append(m.at, old)
			v := m.eval(pair.Args[1], at)
			m.at = m.at[:len(m.at)-1]
			return v
		})
	}
	return f
}

// changed is f with another value at the path.
func (m *Machine) changed(f Value, path []Value, val func(old Value) Value) Value {
	if len(path) == 0 {
		return val(f)
	}
	v := m.changed(m.apply(f, path[0]), path[1:], val)
	switch f := f.(type) {
	case *Record:
		r := &Record{Names: f.Names, Vals: append([]Value(nil), f.Vals...)}
		for i, n := range r.Names {
			if n == path[0].(*Term).Name {
				r.Vals[i] = v
			}
		}
		return r
	case Tuple:
		t := append(Tuple(nil), f...)
		t[path[0].(*Term).N-1] = v
		return t
	case *Func:
		if f.at != nil {
			return &Func{dom: f.dom, at: f.at, updates: append([]update{{path[0], v}}, f.updates...)}
		}
		g := &Func{Keys: f.Keys, Vals: append([]Value(nil), f.Vals...)}
		for i, k := range g.Keys {
			if m.equal(k, path[0]) == True {
				g.Vals[i] = v
			}
		}
		return g
	}
	panic(m.fail("EXCEPT of %s", describe(f)))
}

func choose(m *Machine, e *sany.Expr, at *env) Value {
	bind := m.single(e)
	s := m.set(m.eval(e.Bounds[0].Set, at))
	p := func(v Value) *Term { return m.formula(e.Args[0], bind(v, at)) }
	if s.has == nil {
		var found Value
		for _, v := range s.Elems {
			switch c := p(v); {
			case c == True && found == nil:
				found = v
			case c != False:
				m.loc = e.Loc
				panic(m.fail("a CHOOSE that has no choice or several: %s too", describe(v)))
			}
		}
		if found == nil {
			m.loc = e.Loc
			panic(m.fail("a CHOOSE without a choice"))
		}
		return found
	}
	if _, ok := s.shape.(Sort); !ok {
		panic(m.fail("a CHOOSE from a set of %s", strconv.Quote("no atoms")))
	}
	return m.chosen(s, p)
}

// chosen is the element of a symbolic set that CHOOSE gives. An equation gives
// it at once; else it is a symbol that satisfies what it is chosen for, if
// anything does.
func (m *Machine) chosen(s *Set, p func(Value) *Term) (out Value) {
	value := func(x *Term) Value {
		if s.pos != nil {
			return place(s.pos, x)
		}
		return x
	}
	var body, x *Term
	m.element(s, func(v Value, guard *Term, vars []*Term) { x, body = vars[0], and(guard, p(v)) })
	conjuncts := []*Term{body}
	if body.Op == opAnd {
		conjuncts = body.Args
	}
	if t := valueOf(x, conjuncts); t != nil {
		m.owe(replace(body, x, t), "a CHOOSE has a choice")
		return value(t)
	}
	m.owe(exists([]*Term{x}, body), "a CHOOSE has a choice")
	key := fmt.Sprint("choice of ", body.id, x.id, m.live)
	if t := m.firsts[key]; t != nil {
		return value(t.(*Term)) // the same as before
	}
	t := m.symbol(x.Sort, "choice")
	m.firsts[key] = t
	if s.pos == nil {
		m.axiom(forall([]*Term{x}, implies(body, replace(body, x, t))))
		return value(t)
	}
	least := m.symbol(x.Sort, "least")
	m.leastAxiom(s, s.pos, least)
	m.axiom(implies(replace(body, x, least), replace(body, x, t)))
	return value(t)
}
