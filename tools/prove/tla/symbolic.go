// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"slices"
	"strings"

	"example.com/pernet/tools/prove/sany"
)

// Symbolic returns a machine whose constants and variables are symbols. sorts
// says of each constant what it is: a sort, "set SORT" or "list SORT". types is a
// conjunction of "variable \in set", from which each variable takes its form.
// The assumptions of the specification are axioms.
func Symbolic(spec *sany.Spec, sorts map[string]string, types *sany.Expr) (*Machine, error) {
	m := New(spec, false)
	return m, Try(func() {
		for i, d := range spec.Constants {
			if s, ok := sorts[d.Name]; ok {
				m.Constants[i] = m.constantOf(d.Name, s)
			}
		}
		for _, a := range spec.Assumes {
			m.assumption(a)
		}
		m.variables(types)
		if i := slices.Index(m.State, nil); i >= 0 {
			m.loc = types.Loc
			panic(m.fail("%s, of which the types say nothing", spec.Variables[i].Name))
		}
	})
}

// assumption takes an assumption in, unless it is about constants that have no value here.
func (m *Machine) assumption(a *sany.Expr) { m.axiom(m.formula(a, nil)) }

func (m *Machine) constantOf(name, what string) Value {
	if sort, ok := strings.CutPrefix(what, "set "); ok {
		return &Set{shape: Sort(sort), has: func(v Value) *Term { return m.Declare(Bool, name, v.(*Term)) }}
	}
	if sort, ok := strings.CutPrefix(what, "list "); ok {
		return m.list(name, Sort(sort))
	}
	return m.Declare(Sort(what), name)
}

// list is a sequence that is a symbol: its elements, in a total order.
func (m *Machine) list(name string, sort Sort, args ...*Term) *Seq {
	id := name
	for _, a := range args {
		id += fmt.Sprint(",", a.id)
	}
	with := func(more ...*Term) []*Term { return append(slices.Clone(args), more...) }
	s := newSeq(id, sort,
		func(x *Term) *Term { return m.Declare(Bool, name+".in", with(x)...) },
		func(x, y *Term) *Term {
			if x == y {
				return False
			}
			return m.Declare(Bool, name+".before", with(x, y)...)
		})
	live := m.live
	var vars []*Term
	x, y, z := m.fresh(sort, &vars).(*Term), m.fresh(sort, &vars).(*Term), m.fresh(sort, &vars).(*Term)
	for _, law := range []*Term{
		implies(s.before(x, y), and(s.has(x), s.has(y))),
		not(m.Declare(Bool, name+".before", with(x, x)...)),
		implies(and(s.before(x, y), s.before(y, z)), s.before(x, z)),
		implies(and(s.has(x), s.has(y)), or(eq(x, y), s.before(x, y), s.before(y, x))),
	} {
		m.axiom(forall(vars, law))
	}
	m.live = live
	return s
}

func (m *Machine) variables(types *sany.Expr) {
	if types.Kind == sany.Builtin && (types.Name == "$ConjList" || types.Name == `\land`) {
		for _, a := range types.Args {
			m.variables(a)
		}
		return
	}
	if types.Kind != sany.Builtin || types.Name != `\in` || types.Args[0].Kind != sany.DeclRef || !types.Args[0].Decl.Var {
		m.loc = types.Loc
		panic(m.fail("a type that is not of the form: variable \\in set"))
	}
	set := m.eval(types.Args[1], nil)
	m.loc = types.Loc
	m.State[types.Args[0].Decl.Index] = m.member(types.Args[0].Decl.Name, set, nil)
}

// member is a symbol that stands for any element of the set.
func (m *Machine) member(name string, set Value, args []*Term) Value {
	switch s := set.(type) {
	case *Set:
		if sort, ok := m.shape(s).(Sort); ok {
			return m.Declare(sort, name, args...)
		}
	case *numbers:
		return m.Declare(Int, name, args...)
	case *setOfFuncs:
		return &Func{dom: m.set(s.dom), at: func(v Value) Value {
			return m.member(name, s.ran, append(slices.Clone(args), leaves(v)...))
		}}
	case *setOfRecs:
		r := &Record{Names: s.names}
		for i, f := range s.names {
			r.Vals = append(r.Vals, m.member(name+"."+f, s.of[i], args))
		}
		return r
	case *setOfSeqs:
		if sort, ok := m.shape(m.set(s.of)).(Sort); ok {
			return m.list(name, sort, args...)
		}
	case *powerSet:
		return &Set{shape: m.shape(m.set(s.of)), has: func(v Value) *Term {
			return m.Declare(Bool, name, append(slices.Clone(args), leaves(v)...)...)
		}}
	}
	panic(m.fail("%s, a variable in %s", name, describe(set)))
}

// leaves are the terms that a value is made of.
func leaves(v Value) []*Term {
	switch v := v.(type) {
	case *Term:
		return []*Term{v}
	case Tuple:
		var out []*Term
		for _, x := range v {
			out = append(out, leaves(x)...)
		}
		return out
	case *Record:
		return leaves(Tuple(v.Vals))
	}
	panic(fmt.Sprintf("tla: the leaves of %s", describe(v)))
}

// A Claim is a conjunct of what is claimed.
type Claim struct {
	Name string // of the operator that it is part of
	Part int    // which of its conjuncts, from 1 on; 0 if it has one
	Body *sany.Expr
}

func (c Claim) String() string {
	if c.Part == 0 {
		return c.Name
	}
	return fmt.Sprintf("%s.%d", c.Name, c.Part)
}

// Claims are the conjuncts of a definition that is a conjunction of names. A
// name is taken apart as well: into conjuncts, also those after a "\A", a LET and
// an "=>".
func (m *Machine) Claims(d *sany.Def) (list []Claim) {
	var part func(e *sany.Expr, name string, wrap func(*sany.Expr) *sany.Expr)
	part = func(e *sany.Expr, name string, wrap func(*sany.Expr) *sany.Expr) {
		last := len(e.Args) - 1
		switch {
		case isConjunction(e):
			for _, a := range e.Args {
				part(a, name, wrap)
			}
		case e.Kind == sany.Builtin && (e.Name == "$BoundedForall" || e.Name == "=>"), e.Kind == sany.Let:
			part(e.Args[last], name, func(inner *sany.Expr) *sany.Expr {
				outer := *e
				outer.Args = append(slices.Clone(e.Args[:last]), inner)
				return wrap(&outer)
			})
		default:
			list = append(list, Claim{name, 1, wrap(e)})
		}
	}
	var walk func(e *sany.Expr)
	walk = func(e *sany.Expr) {
		if isConjunction(e) {
			for _, a := range e.Args {
				walk(a)
			}
			return
		}
		name, body := e.Loc.String(), e
		if e.Kind == sany.User && len(e.Args) == 0 {
			def, _ := m.lookup(e.Def, nil)
			name, body = e.Def.Name, def.Body
		}
		first := len(list)
		part(body, name, func(inner *sany.Expr) *sany.Expr { return inner })
		for i := range list[first:] {
			if list[first+i].Part = i + 1; len(list) == first+1 {
				list[first].Part = 0
			}
		}
	}
	walk(d.Body)
	return list
}

func isConjunction(e *sany.Expr) bool {
	return e.Kind == sany.Builtin && (e.Name == "$ConjList" || e.Name == `\land`)
}

// Parts are the conjuncts of a formula.
func Parts(t *Term) []*Term {
	switch {
	case t == True:
		return nil
	case t.Op == opAnd:
		return t.Args
	}
	return []*Term{t}
}

// Formula is the claim in the present state; what it owes is noted.
func (m *Machine) Formula(c Claim) *Term { return m.formula(c.Body, nil) }

// FormulaNext is the claim in the next state.
func (m *Machine) FormulaNext(c Claim) (t *Term) {
	m.silently(func() {
		m.primed = true
		t = m.formula(c.Body, nil)
		m.primed = false
	})
	return t
}

// FormulaStep is a claim on the step from the present state to the next one.
func (m *Machine) FormulaStep(c Claim) (t *Term) {
	m.silently(func() { t = m.formula(c.Body, nil) })
	return t
}

func (m *Machine) silently(f func()) {
	guards, silent := m.guards, m.silent
	m.silent = true
	f()
	m.guards, m.silent = guards, silent
}

// Not is the negation.
func Not(t *Term) *Term { return not(t) }

// And is the conjunction.
func And(ts ...*Term) *Term { return and(ts...) }

// Or is the disjunction.
func Or(ts ...*Term) *Term { return or(ts...) }
