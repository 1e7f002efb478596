// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"slices"
	"strings"

	"example.com/pernet/tools/prove/sany"
)

// Symbolic returns a machine whose constants and variables are symbols. sorts
// says of each constant what it is: a sort, "set SORT", "list SORT" or "test SORT". types is a
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
		return m.list(name, &Set{shape: Sort(sort)})
	}
	if _, ok := strings.CutPrefix(what, "test "); ok {
		return test(func(v Value) *Term { return m.Declare(Bool, name, leaves(v)...) })
	}
	return m.Declare(Sort(what), name)
}

// list is a sequence that is a symbol: its elements, in a total order. Where a
// part of an element is one of a few strings, there are symbols for each of them.
func (m *Machine) list(name string, of *Set, args ...*Term) *Seq {
	id := name
	for _, a := range args {
		id += fmt.Sprint(",", a.id)
	}
	kinds := m.kindsOf(of)
	says := func(what string, elems ...Value) *Term {
		out := []*Term{True}
		names := []string{name + "." + what}
		terms := [][]*Term{args}
		for _, e := range elems {
			var more []*Term
			var moreNames []string
			var moreTerms [][]*Term
			for i := range out {
				for _, k := range kinds {
					is, rest := k.of(e)
					more = append(more, and(out[i], is))
					moreNames = append(moreNames, names[i]+k.name)
					moreTerms = append(moreTerms, slices.Concat(terms[i], rest))
				}
			}
			out, names, terms = more, moreNames, moreTerms
		}
		for i := range out {
			if out[i] != False {
				out[i] = and(out[i], m.Declare(Bool, names[i], terms[i]...))
			}
		}
		return or(out...)
	}
	s := newSeq(id, m.shape(of),
		func(x Value) *Term { return says("in", x) },
		func(x, y Value) *Term { return says("before", x, y) }, func() *Term { return True })
	live := m.live
	for _, i := range kinds {
		for _, j := range kinds {
			for _, k := range kinds {
				var vars []*Term
				x, y, z := i.fresh(m, s.shape, &vars), j.fresh(m, s.shape, &vars), k.fresh(m, s.shape, &vars)
				for _, law := range []*Term{
					implies(s.before(x, y), and(s.has(x), s.has(y))),
					not(says("before", x, x)),
					implies(and(s.before(x, y), s.before(y, z)), s.before(x, z)),
					implies(and(s.has(x), s.has(y)), or(m.equal(x, y), s.before(x, y), s.before(y, x))),
				} {
					m.axiom(forall(vars, law))
				}
				m.live = live
			}
		}
	}
	return s
}

// A kindOf is the elements that have the same strings in the same places.
type kindOf struct {
	name  string
	words map[int]*Term
}

// kindsOf are the kinds of elements that a set has, by the parts of them that are
// one of a few strings.
func (m *Machine) kindsOf(set *Set) []kindOf {
	kinds := []kindOf{{"", nil}}
	for i, part := range set.of {
		words, ok := part.(*Set)
		if !ok || words.has != nil || m.shape(words) != Str || !known(words) {
			continue
		}
		var more []kindOf
		for _, k := range kinds {
			for _, w := range words.Elems {
				both := map[int]*Term{i: w.(*Term)}
				for j, v := range k.words {
					both[j] = v
				}
				more = append(more, kindOf{k.name + "." + w.(*Term).Name, both})
			}
		}
		kinds = more
	}
	return kinds
}

// of says that an element is of the kind, and gives the rest of it.
func (k kindOf) of(e Value) (is *Term, rest []*Term) {
	is = True
	if k.words == nil {
		return is, leaves(e)
	}
	for i, x := range e.(Tuple) {
		if w := k.words[i]; w != nil {
			is = and(is, eq(x.(*Term), w))
		} else {
			rest = append(rest, leaves(x)...)
		}
	}
	return is, rest
}

func (k kindOf) fresh(m *Machine, s shape, vars *[]*Term) Value {
	if k.words == nil {
		return m.fresh(s, vars)
	}
	out := make(Tuple, len(s.(tupleShape)))
	for i, part := range s.(tupleShape) {
		if out[i] = k.words[i]; k.words[i] == nil {
			out[i] = m.fresh(part, vars)
		}
	}
	return out
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
			return m.member(name, s.ran, slices.Concat(args, leaves(v)))
		}}
	case *setOfRecs:
		r := &Record{Names: s.names}
		for i, f := range s.names {
			r.Vals = append(r.Vals, m.member(name+"."+f, s.of[i], args))
		}
		return r
	case *setOfSeqs:
		if of := m.set(s.of); m.shape(of) != nil {
			return m.list(name, of, args...)
		}
	case *powerSet:
		return &Set{shape: m.shape(m.set(s.of)), has: func(v Value) *Term {
			return m.Declare(Bool, name, slices.Concat(args, leaves(v))...)
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
// an "=>", and those of a name there.
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
				outer.Args = slices.Concat(e.Args[:last], []*sany.Expr{inner})
				return wrap(&outer)
			})
		case e.Kind == sany.User && len(e.Args) == 0 && !e.Def.Local && !e.Def.Standard:
			def, _ := m.lookup(e.Def, nil)
			part(def.Body, name, wrap)
		case e.Kind == sany.Builtin && e.Name == "[]" && e.Args[0].Kind == sany.Builtin && e.Args[0].Name == "$SquareAct": // shown of every step
			part(e.Args[0].Args[0], name, wrap)
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

// FormulaStep is a claim on the step from the present state to the next one; what it owes is noted.
func (m *Machine) FormulaStep(c Claim) *Term {
	guards := m.guards
	defer func() { m.guards = guards }()
	return m.formula(c.Body, nil)
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
