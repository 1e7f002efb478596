// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"slices"

	"example.com/pernet/tools/prove/sany"
)

// A Call is an action with its arguments.
type Call struct {
	Def  *sany.Def
	Args []Value
}

// Steps calls f for each way to take a step by the action. m.Next then holds the
// next values, m.Guards() what must be true for this way; the last call of
// m.Calls() is the step's name.
func (m *Machine) Steps(action *sany.Expr, f func()) {
	clear(m.Next)
	m.act(action, nil, true, f)
}

// Guards are what the way that is being taken needs.
func (m *Machine) Guards() []*Term { return slices.Clone(m.guards) }

// Name is the action that is being taken.
func (m *Machine) Name() Call {
	if len(m.labels) == 0 {
		panic(m.fail("a step of no action that has a name"))
	}
	return m.labels[len(m.labels)-1]
}

// act goes on with then for each way to satisfy e. On top are the disjunctions
// and quantifiers that part one named action from another.
func (m *Machine) act(e *sany.Expr, at *env, top bool, then func()) {
	if e.Level < 2 && !m.Finite { // TLC parts ways at disjunctions of a state, too
		m.guard(m.formula(e, at), then)
		return
	}
	switch e.Kind {
	case sany.Let:
		m.act(e.Args[0], let(e, at), top, then)
		return
	case sany.User:
		if e.Def.Standard {
			break
		}
		def, inner := m.lookup(e.Def, at)
		args := m.args(e.Args, at)
		for i, p := range def.Params {
			inner = inner.bind(p, args[i])
		}
		if !top {
			m.act(def.Body, inner, false, then)
			return
		}
		m.labels = append(m.labels, Call{e.Def, args})
		taken := false
		m.act(def.Body, inner, true, func() {
			taken = true
			then()
		})
		m.labels = m.labels[:len(m.labels)-1]
		if !taken {
			m.Barren = append(m.Barren, e.Def.Name)
		}
		return
	case sany.Builtin:
		switch e.Name {
		case "$ConjList", `\land`:
			m.actAll(e.Args, at, then)
			return
		case "$DisjList", `\lor`:
			for _, a := range e.Args {
				m.act(a, at, top, then)
			}
			return
		case "$BoundedExists":
			m.actSome(e, at, top, then)
			return
		case "$IfThenElse":
			m.decide(m.formula(e.Args[0], at), func(yes bool) {
				if yes {
					m.act(e.Args[1], at, false, then)
				} else {
					m.act(e.Args[2], at, false, then)
				}
			})
			return
		case "$Case":
			if m.Finite {
				m.act(m.arm(e, at), at, false, then)
				return
			}
		case "=":
			if v := primedVar(e.Args[0]); v != nil && m.Next[v.Index] == nil {
				val := m.eval(e.Args[1], at)
				m.loc = e.Loc
				m.assign(v, val, then)
				return
			}
		case "UNCHANGED":
			m.keep(e.Args[0], at, then)
			return
		}
	}
	m.guard(m.formula(e, at), then)
}

func primedVar(e *sany.Expr) *sany.Decl {
	if e.Kind == sany.Builtin && e.Name == "'" && e.Args[0].Kind == sany.DeclRef && e.Args[0].Decl.Var {
		return e.Args[0].Decl
	}
	return nil
}

func (m *Machine) actAll(list []*sany.Expr, at *env, then func()) {
	if len(list) == 0 {
		then()
		return
	}
	m.act(list[0], at, false, func() { m.actAll(list[1:], at, then) })
}

// actSome takes each element, or one that is a new symbol.
func (m *Machine) actSome(e *sany.Expr, at *env, top bool, then func()) {
	type one struct {
		param *sany.Param
		set   Value
	}
	var todo []one
	for _, b := range e.Bounds {
		s := m.eval(b.Set, at)
		if b.Tuple {
			panic(m.fail("an action for a tuple"))
		}
		for _, p := range b.Params {
			todo = append(todo, one{p, s})
		}
	}
	var run func(i int, at *env)
	run = func(i int, at *env) {
		if i == len(todo) {
			m.act(e.Args[0], at, top, then)
			return
		}
		if m.Finite {
			for _, v := range m.listed(todo[i].set) {
				run(i+1, at.bind(todo[i].param, v))
			}
			return
		}
		v := m.someElement(todo[i].set, todo[i].param.Name)
		m.guard(m.in(v, todo[i].set), func() { run(i+1, at.bind(todo[i].param, v)) })
	}
	run(0, at)
}

// listed are the elements of a finite set.
func (m *Machine) listed(v Value) []Value {
	p, ok := v.(*powerSet)
	if !ok {
		return m.set(v).Elems
	}
	out := []Value{&Set{}}
	for _, e := range m.listed(p.of) {
		for _, s := range out {
			elems := s.(*Set).Elems
			out = append(out, &Set{Elems: append(elems[:len(elems):len(elems)], e)})
		}
	}
	return out
}

// someElement makes an element of a set out of new symbols.
func (m *Machine) someElement(v Value, name string) Value {
	if p, ok := v.(*powerSet); ok {
		of := m.shape(m.set(p.of))
		m.symbols++
		symbol, live := fmt.Sprintf("%s!%d", name, m.symbols), m.live
		return &Set{shape: of, has: func(x Value) *Term { return m.Declare(Bool, symbol, slices.Concat(live, leaves(x))...) }}
	}
	s := m.set(v)
	x := m.constant(m.shape(s), name)
	if s.pos != nil {
		return place(s.pos, x)
	}
	return x
}

// constant makes a value of the shape out of new symbols.
func (m *Machine) constant(s shape, name string) Value {
	v := built(s, func(sort Sort) *Term { return m.symbol(sort, name) })
	if v == nil {
		panic(m.fail("an element of a set of nothing known"))
	}
	return v
}

func (m *Machine) guard(g *Term, then func()) {
	if g == False || containsTerm(m.guards, not(g)) {
		return
	}
	if g == True || containsTerm(m.guards, g) {
		then()
		return
	}
	if m.Finite {
		panic(m.fail("a guard that is neither true nor false"))
	}
	n := len(m.guards)
	if g.Op == opAnd {
		m.guards = append(m.guards, g.Args...)
	} else {
		m.guards = append(m.guards, g)
	}
	then()
	m.guards = m.guards[:n]
}

func (m *Machine) decide(c *Term, f func(yes bool)) {
	m.guard(c, func() { f(true) })
	m.guard(not(c), func() { f(false) })
}

func (m *Machine) keep(e *sany.Expr, at *env, then func()) {
	switch {
	case e.Kind == sany.DeclRef && e.Decl.Var:
		if m.Next[e.Decl.Index] == nil {
			m.set1(e.Decl, m.State[e.Decl.Index], then)
			return
		}
		m.guard(m.equal(m.Next[e.Decl.Index], m.State[e.Decl.Index]), then)
	case e.Kind == sany.Builtin && e.Name == "$Tuple":
		m.keepAll(e.Args, at, then)
	case e.Kind == sany.User && len(e.Args) == 0 && !e.Def.Standard:
		def, inner := m.lookup(e.Def, at)
		m.keep(def.Body, inner, then)
	default:
		m.loc = e.Loc
		panic(m.fail("UNCHANGED of what is no variable"))
	}
}

func (m *Machine) keepAll(list []*sany.Expr, at *env, then func()) {
	if len(list) == 0 {
		then()
		return
	}
	m.keep(list[0], at, func() { m.keepAll(list[1:], at, then) })
}

func (m *Machine) set1(v *sany.Decl, val Value, then func()) {
	m.Next[v.Index] = val
	then()
	m.Next[v.Index] = nil
}

// assign gives a primed variable its value. Where a string in it depends on a
// condition, as the next point of a thread does, there are two ways.
func (m *Machine) assign(v *sany.Decl, val Value, then func()) {
	if m.Finite {
		m.set1(v, val, then)
		return
	}
	if c := m.branches(val); c != nil {
		m.decide(c, func(yes bool) {
			if !yes {
				m.assign(v, m.resolved(val, not(c)), then)
			} else {
				m.assign(v, m.resolved(val, c), then)
			}
		})
		return
	}
	next := m.like(m.State[v.Index], val)
	m.touch(next)
	m.set1(v, next, then)
}

// branches gives the condition of a choice between strings in the value.
func (m *Machine) branches(v Value) (c *Term) {
	switch v := v.(type) {
	case *Term:
		if v.Sort == Str {
			if v.Op == opIte {
				return v.Args[0]
			}
		}
	case *Record:
		for _, f := range v.Vals {
			if c = m.branches(f); c != nil {
				return c
			}
		}
	case *Func:
		for _, u := range v.updates {
			if c = m.branches(u.val); c != nil {
				return c
			}
		}
	}
	return nil
}

// resolved is the value where c is true.
func (m *Machine) resolved(v Value, c *Term) Value {
	switch v := v.(type) {
	case *Term:
		return assume(v, c)
	case *Record:
		r := &Record{Names: v.Names}
		for _, f := range v.Vals {
			r.Vals = append(r.Vals, m.resolved(f, c))
		}
		return r
	case *Func:
		f := &Func{dom: v.dom, at: v.at, Keys: v.Keys, Vals: v.Vals}
		for _, u := range v.updates {
			f.updates = append(f.updates, update{u.key, m.resolved(u.val, c)})
		}
		return f
	}
	return v
}

// like is the value in the form that the variable has.
func (m *Machine) like(now, next Value) Value {
	if r, ok := now.(*Record); ok {
		t, ok := next.(*Record)
		if !ok || !slices.Equal(r.Names, t.Names) {
			panic(m.fail("a variable that was a record becomes another, or %s", describe(next)))
		}
		out := &Record{Names: t.Names}
		for i, v := range t.Vals {
			out.Vals = append(out.Vals, m.like(r.Vals[i], v))
		}
		return out
	}
	if s, ok := now.(*Seq); ok {
		if t, ok := next.(Tuple); ok {
			return m.asSeq(t, s.shape)
		}
	}
	if f, ok := now.(*Func); ok {
		g, ok := next.(*Func)
		if !ok {
			panic(m.fail("a variable that was a function becomes %s", describe(next)))
		}
		if g.domain() != f.domain() {
			m.owe(m.equal(g.domain(), f.domain()), "the function keeps its domain")
		}
	}
	if s, ok := now.(*Set); ok {
		if t, ok := next.(*Set); ok && t.has == nil {
			return &Set{shape: s.shape, has: func(v Value) *Term { return m.inList(v, t.Elems) }}
		}
	}
	if a, ok := now.(*Term); ok {
		m.term(next, a.Sort)
	}
	return next
}

// touch evaluates all that is lazy in a value once, so that what it owes is known.
// A sequence owes what it does where it is made.
func (m *Machine) touch(v Value) {
	switch v := v.(type) {
	case *Record:
		for _, f := range v.Vals {
			m.touch(f)
		}
	case *Func:
		if v.at != nil {
			m.element(v.dom, func(x Value, _ *Term, _ []*Term) { m.touch(m.apply(v, x)) })
		}
	case *Set:
		if v.has != nil {
			m.element(v, func(Value, *Term, []*Term) {})
		}
	}
}
