// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"slices"
	"strings"

	"example.com/pernet/tools/prove/sany"
	"example.com/pernet/tools/prove/tla"
)

// A Target is a specification and what is proved of it.
type Target struct {
	Module        string            // what SANY reads
	Strengthening string            // the module with the invariant
	Sorts         map[string]string // of the constants
	Types         string            // operators of the module: the form of the state,
	Inductive     string            // the invariant,
	Implied       string            // what is true where it is,
	Steps         string            // what each step keeps, or "",
	Init, Next    string
	Dead          map[string]int // how many ways of an action no state takes
}

// A Query is one question to the solver.
type Query struct {
	Kind   Kind
	Claim  string // what is claimed; of an obligation, what must hold
	Action string // and of which step, with its way
	Given  []*tla.Term
	Goal   *tla.Term
	Now    []tla.Value // the state that it is about
	Next   []tla.Value // and the next one, of a step
}

// A Batch is queries with the same assumptions.
type Batch struct {
	Queries []Query
	Axioms  []*tla.Term
	Machine *tla.Machine
}

// A Kind of query.
type Kind string

// The kinds. All but the last must be refuted, the last one must not.
const (
	Initiation  Kind = "init"
	Consecution Kind = "step"
	Obligation  Kind = "obligation"
	Implication Kind = "implied"
	Reach       Kind = "reach"
)

// Name names the query, for a file and in a table.
func (q Query) Name() string {
	return strings.Join(slices.DeleteFunc([]string{string(q.Kind), q.Action, q.Claim}, func(s string) bool { return s == "" }), " ")
}

// A Plan is all the questions whose answers are a proof.
type Plan struct {
	Claims, Parts  int // invariants, and the conjuncts that they are made of
	Steps, Implied int // claims on steps, and those that follow from the invariant
	Actions, Paths int
	Unchanged      int // conjuncts that a path leaves as they are, word for word
	Queries        int
	Batches        []Batch
}

// NewPlan works out what to ask. drop leaves a claim out of the invariant.
func NewPlan(m *tla.Machine, t Target, drop string) (*Plan, error) {
	p := &Plan{}
	b := &builder{m: m, plan: p, known: map[*tla.Term]bool{}, actions: map[string]int{}}
	defs := map[string]*sany.Def{}
	for _, name := range []string{t.Inductive, t.Implied, t.Steps, t.Init, t.Next} {
		if name == "" {
			continue
		}
		if defs[name] = m.Spec.Defs[name]; defs[name] == nil {
			return nil, fmt.Errorf("%s.tla: no operator %s", t.Module, name)
		}
		if d := m.Override[defs[name]]; d != nil {
			defs[name] = d
		}
	}
	err := tla.Try(func() {
		for _, c := range tla.Claims(defs[t.Inductive]) {
			if c.Name == drop {
				continue
			}
			f := m.Formula(c)
			b.claims = append(b.claims, c)
			b.hyps = append(b.hyps, tla.Parts(f)...)
			p.Claims++
		}
		for _, h := range b.hyps {
			b.known[h] = true
		}
		p.Parts = len(b.hyps)
		if t.Implied != "" {
			for _, c := range tla.Claims(defs[t.Implied]) {
				p.Implied++
				f := m.Formula(c)
				for i, part := range tla.Parts(f) {
					b.ask(Query{Implication, name(c, i, f), "", b.hyps, tla.Not(part), m.State, nil})
				}
			}
			b.flush()
		}
		if t.Steps != "" {
			b.steps = tla.Claims(defs[t.Steps])
			p.Steps = len(b.steps)
		}
		m.Starts(defs[t.Init].Body, func(state []tla.Value) {
			for _, c := range b.claims {
				f := m.Formula(c)
				for i, part := range tla.Parts(f) {
					b.ask(Query{Initiation, name(c, i, f), "", m.Guards(), tla.Not(part), m.State, nil})
				}
			}
			b.flush()
		})
		m.Steps(defs[t.Next].Body, b.path)
		for _, o := range m.Obligations {
			b.ask(Query{Obligation, fmt.Sprintf("%s: %s", o.Loc, o.What), "", b.hyps, tla.Not(o.Claim), m.State, nil})
			if len(b.batch) == 40 {
				b.flush()
			}
		}
		b.flush()
	})
	p.Actions = len(b.actions)
	return p, err
}

// name tells the parts of a claim apart.
func name(c tla.Claim, i int, f *tla.Term) string {
	if len(tla.Parts(f)) == 1 {
		return c.Name
	}
	return fmt.Sprintf("%s.%d", c.Name, i+1)
}

type builder struct {
	m       *tla.Machine
	plan    *Plan
	claims  []tla.Claim
	steps   []tla.Claim
	hyps    []*tla.Term
	known   map[*tla.Term]bool
	actions map[string]int // how many paths each has
	batch   []Query
}

// path asks what there is to ask of one way to take a step.
func (b *builder) path() {
	b.plan.Paths++
	call := b.m.Name()
	b.actions[call.Def.Name]++
	action := fmt.Sprintf("%s/%d", call.Def.Name, b.actions[call.Def.Name])
	guards := b.m.Guards()
	b.ask(Query{Reach, "", action, b.hyps, tla.And(guards...), b.m.State, nil})
	b.flush()
	given, next := slices.Concat(b.hyps, guards), slices.Clone(b.m.Next)
	for _, c := range b.claims {
		f := b.m.FormulaNext(c)
		for i, part := range tla.Parts(f) {
			if b.known[part] {
				b.plan.Unchanged++
				continue
			}
			b.ask(Query{Consecution, name(c, i, f), action, given, tla.Not(part), b.m.State, next})
		}
	}
	for _, c := range b.steps {
		f := b.m.FormulaStep(c)
		for i, part := range tla.Parts(f) {
			b.ask(Query{Consecution, name(c, i, f), action, given, tla.Not(part), b.m.State, next})
		}
	}
}

func (b *builder) ask(q Query) { b.batch = append(b.batch, q) }

func (b *builder) flush() {
	if len(b.batch) > 0 {
		b.plan.Queries += len(b.batch)
		b.plan.Batches = append(b.plan.Batches, Batch{Queries: b.batch})
	}
	b.batch = nil
}

// Close gives each batch the axioms on what it speaks of.
func (p *Plan) Close(m *tla.Machine) {
	for i := range p.Batches {
		b := &p.Batches[i]
		terms := slices.Clone(b.Queries[0].Given)
		for _, q := range b.Queries {
			terms = append(terms, q.Goal)
		}
		b.Axioms, b.Machine = tla.Related(m.Axioms, terms), m
	}
}

// unbounded is whether a way can be taken, asked for any number.
func (q Query) unbounded() Query {
	q.Kind, q.Given = "dead", slices.Concat(q.Given, []*tla.Term{q.Goal})
	q.Goal = tla.And()
	return q
}

// Script are the questions of the batch. Whether a way can be taken is asked in
// a small universe.
func (b Batch) Script() tla.Script {
	s := tla.Script{Comment: b.Queries[0].Name(), Asserts: slices.Concat(b.Axioms, b.Queries[0].Given)}
	for _, q := range b.Queries {
		s.Goals = append(s.Goals, q.Goal)
	}
	if b.Queries[0].Kind == Reach {
		all := append(s.Asserts, s.Goals...)
		s.Asserts, s.Goals = nil, []*tla.Term{tla.And(b.Machine.NewUniverse(small, all).Ground(all)...)}
	}
	return s
}

// small is how many elements each sort has, beside the constants, where an
// example is looked for.
const small = 2
