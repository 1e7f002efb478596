// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"slices"

	"example.com/pernet/tools/prove/sany"
)

// A Machine evaluates expressions of one specification.
type Machine struct {
	Spec      *sany.Spec
	Finite    bool
	Constants []Value // by index; nil if not set
	State     []Value // of the variables
	Next      []Value // of the primed variables; nil if not assigned
	Override  map[*sany.Def]*sany.Def
	Names     map[string]string // what examples call constants, if not by their names

	// What a symbolic evaluation leaves.
	Axioms      []*Term
	Late        map[*Term]bool // the axioms on what a claim makes in the next state
	Obligations []Obligation
	Symbols     []Symbol
	Barren      []string // actions for which Steps found no way to take them

	primed    bool
	at        []Value // of @, the innermost last
	live      []*Term // bound variables in scope
	path      []*Term // what is assumed here
	firsts    map[string]Value
	sized     map[*Term]size
	about     map[*Term][]string
	recursive map[*sany.Def]bool
	spares    int               // how many generic elements are in scope
	sizes     map[sany.Loc]size // of sets in the present state, the first that is evaluated
	symbols   int
	loc       sany.Loc
	silent    bool // no obligations
	guards    []*Term
	labels    []Call
}

// An Obligation is what must hold for an expression to have a value.
type Obligation struct {
	Claim *Term  // closed
	Of    string // the claim that the expression is part of, if it is
	What  string
	Loc   sany.Loc
}

// A Symbol is one that a solver may interpret.
type Symbol struct {
	Name string
	Args []Sort
	Sort Sort
}

// A Failure is an expression that cannot be evaluated.
type Failure struct {
	Loc  sany.Loc
	What string
}

func (f Failure) Error() string { return fmt.Sprintf("%s: %s", f.Loc, f.What) }

// New returns a machine without a state.
func New(spec *sany.Spec, finite bool) *Machine {
	return &Machine{Spec: spec, Finite: finite, Constants: make([]Value, len(spec.Constants)),
		State: make([]Value, len(spec.Variables)), Next: make([]Value, len(spec.Variables)), Override: map[*sany.Def]*sany.Def{},
		firsts: map[string]Value{}, sized: map[*Term]size{}, about: map[*Term][]string{}, recursive: map[*sany.Def]bool{}}
}

// Try returns the failure that f ended with.
func Try(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			bad, ok := r.(Failure)
			if !ok {
				panic(r)
			}
			err = bad
		}
	}()
	f()
	return nil
}

func (m *Machine) fail(format string, args ...any) Failure {
	return Failure{m.loc, "cannot evaluate " + fmt.Sprintf(format, args...)}
}

// under has f run with one more assumption.
func (m *Machine) under(c *Term, f func()) {
	if c == True {
		f()
		return
	}
	old := m.path
	m.path = append(m.path[:len(m.path):len(m.path)], c)
	f()
	m.path = old
}

// A closure keeps which state the variables are of in something lazy. It is used
// where it was made, or under more assumptions.
type closure struct {
	loc    sany.Loc
	state  []Value
	primed bool
	at     []Value
}

func (m *Machine) closure() closure {
	return closure{m.loc, m.State, m.primed, slices.Clone(m.at)}
}

func (c closure) run(m *Machine, also *Term, f func()) {
	now := m.closure()
	m.loc, m.State, m.primed, m.at = c.loc, c.state, c.primed, c.at
	m.under(also, f)
	m.loc, m.State, m.primed, m.at = now.loc, now.state, now.primed, now.at
}

func (c closure) term(m *Machine, also *Term, f func() *Term) (t *Term) {
	if also == False {
		return False
	}
	c.run(m, also, func() { t = f() })
	return t
}

func (c closure) value(m *Machine, also *Term, f func() Value) (v Value) {
	c.run(m, also, func() { v = f() })
	return v
}

// owe notes that the claim must hold here.
func (m *Machine) owe(claim *Term, what string) {
	if claim == True || m.silent || containsTerm(m.path, claim) || containsTerm(m.path, False) {
		return
	}
	if m.Finite || claim == False && len(m.path) == 0 && len(m.guards) == 0 {
		panic(m.fail("this: it does not hold that %s", what))
	}
	all := close(implies(and(slices.Concat(m.guards, m.path)...), claim))
	for _, o := range m.Obligations {
		if o.Claim == all {
			return
		}
	}
	if all != True {
		m.Obligations = append(m.Obligations, Obligation{Claim: all, What: what, Loc: m.loc})
	}
}

// axiom notes what a new symbol must satisfy.
func (m *Machine) axiom(a *Term) {
	a = close(a)
	if containsTerm(m.Axioms, a) {
		return
	}
	if m.Axioms = append(m.Axioms, a); m.silent {
		if m.Late == nil {
			m.Late = map[*Term]bool{}
		}
		m.Late[a] = true
	}
}

// close binds the variables that are free in t.
func close(t *Term) *Term {
	if vars := free(t); len(vars) > 0 {
		return forall(vars, t)
	}
	return t
}

func free(t *Term) (vars []*Term) {
	var walk func(t *Term, bound []*Term)
	done := map[*Term]bool{}
	walk = func(t *Term, bound []*Term) {
		switch {
		case t.vars == 0 || len(bound) == 0 && done[t]:
			return
		case t.Op == opVar:
			if !containsTerm(bound, t) && !containsTerm(vars, t) {
				vars = append(vars, t)
			}
			return
		}
		inner := append(bound[:len(bound):len(bound)], t.Vars...)
		for _, a := range t.Args {
			walk(a, inner)
		}
		if len(bound) == 0 {
			done[t] = true
		}
	}
	walk(t, nil)
	return vars
}

// symbol makes a new one, which may depend on the variables in scope.
func (m *Machine) symbol(sort Sort, name string) *Term {
	m.symbols++
	return m.Declare(sort, fmt.Sprintf("%s!%d", name, m.symbols), m.live...)
}

// Declare returns the symbol applied to the arguments, and notes it.
func (m *Machine) Declare(sort Sort, name string, args ...*Term) *Term {
	if !slices.ContainsFunc(m.Symbols, func(s Symbol) bool { return s.Name == name }) {
		s := Symbol{Name: name, Sort: sort}
		for _, a := range args {
			s.Args = append(s.Args, a.Sort)
		}
		m.Symbols = append(m.Symbols, s)
	}
	return app(sort, name, args...)
}
