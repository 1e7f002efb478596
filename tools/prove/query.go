// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"example.com/pernet/tools/prove/sany"
	"example.com/pernet/tools/prove/tla"
)

// A Query is one question to the solver.
type Query struct {
	Kind    Kind
	Claim   string // what is claimed; of an obligation, what must hold
	Of      string // the conjunct of the invariant that it is part of, or is owed by
	Action  string // and of which step, with its way
	Given   []*tla.Term
	Goal    *tla.Term
	Now     []tla.Value // the state that it is about
	Call    tla.Call    // of a step: the action with its arguments,
	Next    []tla.Value // the next state,
	OnSteps bool        // and whether the claim is about both states
}

// A Batch is queries with the same assumptions.
type Batch struct {
	Queries []Query
	Axioms  []*tla.Term
	Rest    []*tla.Term // more that is true, of variables that no question is about
	Plain   *tla.Term   // of an example, where it can be true
	Machine *tla.Machine
}

// with is the batch of one question with the same assumptions, and the axioms on
// what it speaks of.
func (b Batch) with(q Query) Batch {
	terms.Lock()
	defer terms.Unlock()
	b.Queries = []Query{q}
	b.Axioms = tla.Related(b.Axioms, append(slices.Clone(q.Given), q.Goal))
	return b
}

// whole is the batch with nothing put aside.
func (b Batch) whole() Batch {
	b.Axioms, b.Rest = slices.Concat(b.Axioms, b.Rest), nil
	return b
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
	Conjuncts      []Conjunct // of the invariant
	Batches        []Batch
}

// A Conjunct of the invariant, and the formulas that it is.
type Conjunct struct {
	Name     string
	Formulas []*tla.Term
}

// A Part says which questions to ask. The zero value is all that a proof needs.
type Part struct {
	Drop    string                   // a conjunct that is left out of the invariant
	Steps   func(action string) bool // the actions to ask of; nil for all
	Implied bool                     // ask of each step what is implied, too: a fault shows itself in known claims
}

// NewPlan works out what to ask.
func NewPlan(m *tla.Machine, t Target, part Part) (*Plan, error) {
	terms.Lock()
	defer terms.Unlock()
	if part.Steps == nil {
		part.Steps = func(string) bool { return true }
	}
	p := &Plan{}
	b := &builder{m: m, plan: p, part: part, known: map[*tla.Term]bool{}, actions: map[string]int{}}
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
		for _, c := range m.Claims(defs[t.Inductive]) {
			if b.claims = append(b.claims, c); c.Part < 2 {
				p.Claims++
			}
			if c.Name != part.Drop && c.String() != part.Drop {
				first := len(m.Obligations)
				formulas := tla.Parts(m.Formula(c))
				for i := range m.Obligations[first:] {
					m.Obligations[first+i].Of = c.String()
				}
				b.hyps = append(b.hyps, formulas...)
				p.Conjuncts = append(p.Conjuncts, Conjunct{c.String(), formulas})
			}
		}
		for _, h := range b.hyps {
			b.known[h] = true
		}
		p.Parts = len(b.claims)
		if t.Implied != "" {
			b.implied = m.Claims(defs[t.Implied])
			for _, c := range b.implied {
				if c.Part < 2 {
					p.Implied++
				}
				f := m.Formula(c)
				for i, part := range tla.Parts(f) {
					b.ask(Query{Kind: Implication, Claim: name(c, i, f), Given: b.hyps, Goal: tla.Not(part), Now: m.State})
				}
			}
			b.flush()
		}
		if t.Steps != "" {
			b.steps = m.Claims(defs[t.Steps])
			for _, c := range b.steps {
				if c.Part < 2 {
					p.Steps++
				}
			}
		}
		m.Starts(defs[t.Init].Body, func() {
			state := slices.Clone(m.State)
			for _, c := range b.claims {
				f := m.Formula(c)
				for i, part := range tla.Parts(f) {
					b.ask(Query{Kind: Initiation, Claim: name(c, i, f), Given: m.Guards(), Goal: tla.Not(part), Now: state})
				}
			}
			b.flush()
		})
		m.Steps(defs[t.Next].Body, b.path)
		for _, action := range m.Barren {
			b.ask(Query{Kind: Reach, Action: action, Given: b.hyps, Goal: tla.Or(), Now: m.State})
			b.flush()
		}
		for _, o := range m.Obligations {
			b.ask(Query{Kind: Obligation, Of: o.Of, Claim: fmt.Sprintf("%s: %s", o.Loc, o.What), Given: b.hyps, Goal: tla.Not(o.Claim), Now: m.State})
			if len(b.batch) == 40 {
				b.flush()
			}
		}
		b.flush()
		plain := tla.And()
		if d := m.Spec.Defs[t.Plain]; d != nil {
			plain = m.FormulaStep(tla.Claim{Name: t.Plain, Body: d.Body})
		}
		p.close(m, b.hyps, plain)
	})
	p.Actions = len(b.actions)
	return p, err
}

// name tells the parts of a claim's formula apart.
func name(c tla.Claim, i int, f *tla.Term) string {
	if len(tla.Parts(f)) == 1 {
		return c.String()
	}
	return fmt.Sprintf("%s.%d", c, i+1)
}

type builder struct {
	m       *tla.Machine
	plan    *Plan
	part    Part
	claims  []tla.Claim
	implied []tla.Claim
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
	if !b.part.Steps(call.Def.Name) {
		return
	}
	step := Query{Kind: Reach, Action: fmt.Sprintf("%s/%d", call.Def.Name, b.actions[call.Def.Name]),
		Given: b.hyps, Goal: tla.And(b.m.Guards()...), Now: b.m.State, Call: call, Next: slices.Clone(b.m.Next)}
	b.ask(step)
	b.flush()
	step.Kind, step.Given = Consecution, slices.Concat(b.hyps, b.m.Guards())
	claims := b.claims
	if b.part.Implied {
		claims = slices.Concat(claims, b.implied)
	}
	for n, c := range claims {
		f := b.m.FormulaNext(c)
		if step.Of = ""; n < len(b.claims) {
			step.Of = c.String()
		}
		for i, part := range tla.Parts(f) {
			if b.known[part] {
				b.plan.Unchanged++
				continue
			}
			step.Claim, step.Goal = name(c, i, f), tla.Not(part)
			b.ask(step)
		}
	}
	step.OnSteps, step.Of = true, ""
	for _, c := range b.steps {
		f := b.m.FormulaStep(c)
		for i, part := range tla.Parts(f) {
			step.Claim, step.Goal = name(c, i, f), tla.Not(part)
			b.ask(step)
		}
	}
	b.flush()
}

func (b *builder) ask(q Query) {
	if q.Claim != "" && (q.Claim == b.part.Drop || strings.HasPrefix(q.Claim, b.part.Drop+".")) {
		return
	}
	if len(b.batch) > 0 && !slices.Equal(b.batch[0].Given, q.Given) {
		panic("prove: a batch with two assumptions: " + q.Name())
	}
	b.batch = append(b.batch, q)
}

func (b *builder) flush() {
	if len(b.batch) > 0 {
		b.plan.Queries += len(b.batch)
		b.plan.Batches = append(b.plan.Batches, Batch{Queries: b.batch})
	}
	b.batch = nil
}

// close gives each batch the axioms on what it speaks of. What is known of
// variables that no question on a step is about is put aside.
func (p *Plan) close(m *tla.Machine, hyps []*tla.Term, plain *tla.Term) {
	for i := range p.Batches {
		b := &p.Batches[i]
		given := b.Queries[0].Given
		var goals []*tla.Term
		for _, q := range b.Queries {
			goals = append(goals, q.Goal)
		}
		axioms := m.Axioms
		if b.Queries[0].Kind == Obligation { // such an axiom may hold only because of what is owed
			axioms = slices.DeleteFunc(slices.Clone(axioms), func(a *tla.Term) bool { return m.Late[a] })
		}
		all := tla.Related(axioms, slices.Concat(given, goals))
		b.Axioms, b.Plain, b.Machine = all, plain, m
		if b.Queries[0].Kind != Consecution {
			continue
		}
		isAside := m.Aside(slices.Concat(given[len(hyps):], goals))
		given = slices.DeleteFunc(slices.Clone(given), isAside)
		for j := range b.Queries {
			b.Queries[j].Given = given
		}
		b.Axioms = slices.DeleteFunc(tla.Related(m.Axioms, slices.Concat(given, goals)), isAside)
		b.Rest = slices.DeleteFunc(slices.Concat(hyps, all), func(t *tla.Term) bool { return slices.Contains(given, t) || slices.Contains(b.Axioms, t) })
	}
}

// unbounded is whether a way can be taken, asked for any number.
func (q Query) unbounded() Query {
	q.Kind, q.Given = "dead", slices.Concat(q.Given, []*tla.Term{q.Goal})
	q.Goal = tla.And()
	return q
}

// terms are made by one goroutine at a time.
var terms sync.Mutex

// Script is the questions of the batch. Whether a way can be taken is asked in a
// universe with one element of each sort beside the constants.
func (b Batch) Script() tla.Script {
	s := tla.Script{Comment: b.Queries[0].Name(), Asserts: slices.Concat(b.Axioms, b.Queries[0].Given)}
	for _, q := range b.Queries {
		s.Goals = append(s.Goals, q.Goal)
	}
	if b.Queries[0].Kind == Reach {
		terms.Lock()
		defer terms.Unlock()
		all := append(s.Asserts, s.Goals...)
		s.Asserts, s.Goals = nil, []*tla.Term{tla.And(b.Machine.NewUniverse(1, all).Ground(all)...)}
	}
	return s
}
