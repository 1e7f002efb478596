// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/pernet/tools/prove/tla"
)

// dropAll shows of each conjunct of the invariant that the proof needs it: it is
// one of the claims, or without it there is an example of a question about
// something else, or of what something else owes.
func (c *controls) dropAll(ctx context.Context, out io.Writer) error {
	start := time.Now()
	m, err := machine(c.dir, c.spec, c.target, "")
	if err != nil {
		return err
	}
	p, err := NewPlan(m, c.target, Part{})
	if err != nil {
		return err
	}
	d := &drops{plan: p, solver: c.solver, out: out, needed: map[string]bool{}}
	for _, conjunct := range p.Conjuncts {
		switch {
		case c.known[claimOf(conjunct.Name)]:
			d.need(conjunct.Name, "a claim is not proved")
		case claimOf(conjunct.Name) == c.target.Types:
			d.need(conjunct.Name, "a variable has no form")
		case slices.Contains(c.target.Lemmas, conjunct.Name):
			d.need(conjunct.Name, "a question has no answer")
		}
	}
	for _, steps := range []bool{false, true} { // the others are few
		batches := slices.DeleteFunc(slices.Clone(p.Batches), func(b Batch) bool { return (b.Queries[0].Kind == Consecution) != steps })
		for n := 1; n <= largest; n++ {
			err := inParallel(ctx, c.workers, batches, func(ctx context.Context, b Batch) error { return d.try(ctx, b, n) })
			if err != nil {
				return err
			}
		}
	}
	unneeded := d.open()
	fmt.Fprintf(out, "%d of %d conjuncts needed, %.0f s\n", len(p.Conjuncts)-len(unneeded), len(p.Conjuncts), time.Since(start).Seconds())
	if len(unneeded) > 0 {
		return fmt.Errorf("not needed in small universes: %s", strings.Join(unneeded, ", "))
	}
	return nil
}

type drops struct {
	plan   *Plan
	solver *Solver
	out    io.Writer
	mu     sync.Mutex
	needed map[string]bool
}

// need notes that a conjunct is needed, and tells what fails without it.
func (d *drops) need(name, why string) {
	d.needed[name] = true
	fmt.Fprintf(d.out, "without %-32s %s\n", name, why)
}

// open are the conjuncts of which it is not known that they are needed.
func (d *drops) open() (list []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.plan.Conjuncts {
		if !d.needed[c.Name] {
			list = append(list, c.Name)
		}
	}
	return list
}

// try finds out which conjuncts the questions of the batch need. First the solver
// says which it has used; those are left out in turn, and with each the questions
// about it.
func (d *drops) try(ctx context.Context, b Batch, n int) error {
	if k := b.Queries[0].Kind; k == Initiation || k == Reach || len(d.open()) == 0 {
		return nil
	}
	script, used, asked := d.script(b, n)
	script.Assume, script.Core = [][]*tla.Term{slices.Concat(values(used), values(asked))}, true
	says, rest, err := d.solver.once(ctx, script)
	if err != nil || says != "unsat" {
		return err
	}
	var todo []string
	script.Assume, script.Core = nil, false
	terms.Lock()
	for _, name := range d.open() {
		if !strings.Contains(rest, used[name].Name+"|") {
			continue
		}
		var list []*tla.Term
		for other, t := range used {
			if other != name {
				list = append(list, t)
			}
		}
		for of, t := range asked {
			if of == name {
				t = tla.Not(t)
			}
			list = append(list, t)
		}
		todo = append(todo, name)
		script.Assume = append(script.Assume, list)
	}
	terms.Unlock()
	if len(todo) == 0 {
		return nil
	}
	says, rest, err = d.solver.once(ctx, script)
	if err != nil {
		return err
	}
	answers := strings.Fields(says + " " + rest)
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, name := range todo {
		if i < len(answers) && answers[i] == "sat" && !d.needed[name] {
			q := b.Queries[0]
			d.need(name, fmt.Sprintf("%s fails, with %d of each", strings.TrimSpace(string(q.Kind)+" "+q.Action), n))
		}
	}
	return nil
}

// script says in a universe of n that each conjunct is true whose symbol is, and
// that some claim is false whose symbol is true.
func (d *drops) script(b Batch, n int) (s tla.Script, used, asked map[string]*tla.Term) {
	terms.Lock()
	defer terms.Unlock()
	used, asked = map[string]*tla.Term{}, map[string]*tla.Term{}
	inInvariant := map[*tla.Term]bool{}
	for _, c := range d.plan.Conjuncts {
		for _, f := range c.Formulas {
			inInvariant[f] = true
		}
	}
	all := slices.DeleteFunc(slices.Concat(b.Axioms, b.Rest), func(t *tla.Term) bool { return inInvariant[t] })
	for _, c := range d.plan.Conjuncts {
		used[c.Name] = b.Machine.Declare(tla.Bool, "use "+c.Name)
		for _, f := range c.Formulas {
			all = append(all, tla.Or(tla.Not(used[c.Name]), f))
		}
	}
	for _, g := range b.Queries[0].Given {
		if !inInvariant[g] {
			all = append(all, g)
		}
	}
	var goals []*tla.Term
	for _, q := range b.Queries {
		goal := q.Goal
		if q.Of != "" {
			if asked[q.Of] == nil {
				asked[q.Of] = b.Machine.Declare(tla.Bool, "ask "+q.Of)
			}
			goal = tla.And(goal, asked[q.Of])
		}
		goals = append(goals, goal)
	}
	all = append(all, tla.Or(goals...))
	return tla.Script{Comment: b.Queries[0].Name(), Asserts: b.Machine.NewUniverse(n, all).Ground(all)}, used, asked
}

func values(m map[string]*tla.Term) (list []*tla.Term) {
	for _, t := range m {
		list = append(list, t)
	}
	return list
}
