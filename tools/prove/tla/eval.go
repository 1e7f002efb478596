// SPDX-License-Identifier: MIT

package tla

import (
	"example.com/pernet/tools/prove/sany"
)

// An env binds parameters and the definitions of a LET.
type env struct {
	param *sany.Param
	val   Value
	def   *sany.Def // of a LET
	defAt *env      // what its body sees
	up    *env
}

// A test is a constant that is an operator with one argument, and a truth value.
type test func(Value) *Term

// An operator is an argument that is one.
type operator struct {
	def *sany.Def
	at  *env
}

func (e *env) bind(p *sany.Param, v Value) *env { return &env{param: p, val: v, up: e} }

// Eval returns the value of an expression without parameters.
func (m *Machine) Eval(e *sany.Expr) Value { return m.eval(e, nil) }

// Holds returns the formula that an expression is.
func (m *Machine) Holds(e *sany.Expr) *Term { return m.formula(e, nil) }

func (m *Machine) formula(e *sany.Expr, at *env) *Term {
	v := m.eval(e, at)
	if t, ok := v.(*Term); ok && t.Sort == Bool {
		return t
	}
	m.loc = e.Loc
	panic(m.fail("%s where TRUE or FALSE is expected", describe(v)))
}

func (m *Machine) eval(e *sany.Expr, at *env) Value {
	switch e.Kind {
	case sany.String:
		return String(e.Name)
	case sany.Number:
		return Integer(e.Int)
	case sany.At:
		return m.at[len(m.at)-1]
	case sany.ParamRef:
		for b := at; b != nil; b = b.up {
			if b.param == e.Param {
				if op, ok := b.val.(operator); ok {
					return m.call(op.def, op.at, m.args(e.Args, at))
				}
				return b.val
			}
		}
		m.loc = e.Loc
		panic(m.fail("%s, which nothing binds", e.Param.Name))
	case sany.DeclRef:
		return m.decl(e, at)
	case sany.Let:
		return m.eval(e.Args[0], let(e, at))
	case sany.Operator:
		def, inner := m.lookup(e.Def, at)
		if e.Def.Name == "LAMBDA" {
			inner = at
		}
		return operator{def, inner}
	case sany.User:
		return m.user(e, at)
	}
	m.loc = e.Loc
	f := builtins[e.Name]
	if f == nil {
		panic(m.fail("the operator %s, which is not known", e.Name))
	}
	return f(m, e, at)
}

func let(e *sany.Expr, at *env) *env {
	for _, d := range e.Defs {
		at = &env{def: d, up: at}
		at.defAt = at // a definition sees those before it
	}
	return at
}

func (m *Machine) decl(e *sany.Expr, at *env) Value {
	d := e.Decl
	list := m.Constants
	if d.Var {
		if list = m.State; m.primed {
			list = m.Next
		}
	}
	v := list[d.Index]
	if v == nil {
		m.loc = e.Loc
		panic(m.fail("%s, which has no value here", d.Name))
	}
	switch op := v.(type) {
	case *sany.Def: // a constant that a definition stands in for
		return m.call(op, nil, m.args(e.Args, at))
	case test:
		return op(m.args(e.Args, at)[0])
	}
	return v
}

func (m *Machine) user(e *sany.Expr, at *env) Value {
	if e.Def.Standard {
		m.loc = e.Loc
		f := standard[e.Def.Name]
		if f == nil {
			panic(m.fail("the operator %s, which is not known", e.Def.Name))
		}
		return f(m, e, at)
	}
	def, inner := m.lookup(e.Def, at)
	args := m.args(e.Args, at)
	if !m.Finite && m.isRecursive(def) && !known(Tuple(args)) {
		m.loc = e.Loc
		return m.joins(def, args)
	}
	return m.call(def, inner, args)
}

// lookup gives the definition that stands in for def, and what its body sees.
func (m *Machine) lookup(def *sany.Def, at *env) (*sany.Def, *env) {
	if def.Local && def.Name != "LAMBDA" {
		for b := at; b != nil; b = b.up {
			if b.def == def {
				return def, b.defAt
			}
		}
		panic(m.fail("%s, which is defined elsewhere", def.Name))
	}
	if d := m.Override[def]; d != nil {
		return d, nil
	}
	return def, nil
}

func (m *Machine) args(list []*sany.Expr, at *env) []Value {
	vals := make([]Value, len(list))
	for i, a := range list {
		vals[i] = m.eval(a, at)
	}
	return vals
}

func (m *Machine) call(def *sany.Def, at *env, args []Value) Value {
	if len(args) != len(def.Params) {
		panic(m.fail("%s with %d arguments", def.Name, len(args)))
	}
	for i, p := range def.Params {
		at = at.bind(p, args[i])
	}
	return m.eval(def.Body, at)
}

// bindings calls f for each way to bind the parameters of a quantifier, from the
// outermost on; quantify is all or any.
func (m *Machine) bindings(e *sany.Expr, at *env, quantify func(Value, func(Value) *Term) *Term) *Term {
	type one struct {
		bound sany.Bound
		param *sany.Param
		set   Value
	}
	var todo []one
	for _, b := range e.Bounds {
		set := m.eval(b.Set, at)
		if b.Tuple {
			todo = append(todo, one{bound: b, set: set})
			continue
		}
		for _, p := range b.Params {
			todo = append(todo, one{b, p, set})
		}
	}
	var run func(i int, at *env) *Term
	run = func(i int, at *env) *Term {
		if i == len(todo) {
			return m.formula(e.Args[0], at)
		}
		return quantify(todo[i].set, func(v Value) *Term {
			if todo[i].param != nil {
				return run(i+1, at.bind(todo[i].param, v))
			}
			return run(i+1, m.bindTuple(todo[i].bound, v, at))
		})
	}
	return run(0, at)
}

func (m *Machine) bindTuple(b sany.Bound, v Value, at *env) *env {
	t, ok := v.(Tuple)
	if !ok || len(t) != len(b.Params) {
		panic(m.fail("%s where a tuple of %d is expected", describe(v), len(b.Params)))
	}
	for i, p := range b.Params {
		at = at.bind(p, t[i])
	}
	return at
}

// single is the one bound of an expression that has one, with one parameter or a tuple.
func (m *Machine) single(e *sany.Expr) func(v Value, at *env) *env {
	if len(e.Bounds) != 1 || e.Bounds[0].Set == nil || !e.Bounds[0].Tuple && len(e.Bounds[0].Params) != 1 {
		panic(m.fail("an expression that binds more than one variable"))
	}
	b := e.Bounds[0]
	return func(v Value, at *env) *env {
		if b.Tuple {
			return m.bindTuple(b, v, at)
		}
		return at.bind(b.Params[0], v)
	}
}
