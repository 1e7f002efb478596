// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/pernet/internal/tlc"
	"example.com/pernet/tools/prove/sany"
	"example.com/pernet/tools/prove/tla"
)

// controls looks for the counterexamples that wrong specifications must have. It
// asks nothing that the right one has been asked.
type controls struct {
	spec    *sany.Spec
	solver  *Solver
	target  Target
	dir     string
	workers int
	known   map[string]bool // the claims of base.cfg
	asked   map[*tla.Term]bool
	hyps    []*tla.Term
}

// control runs the controls that are asked for.
func control(ctx context.Context, o options, t Target, spec *sany.Spec, solver *Solver, out io.Writer) error {
	c := &controls{spec: spec, solver: solver, target: t, dir: o.spec, workers: o.workers, known: map[string]bool{}, asked: map[*tla.Term]bool{}}
	cfg, err := tlc.ReadCfg(c.dir, t.Cfg)
	if err != nil {
		return err
	}
	for _, name := range slices.Concat(cfg.Invariants, cfg.Properties) {
		c.known[strings.TrimSuffix(name, "Prop")] = true
	}
	m, err := machine(c.dir, spec, t, "")
	if err != nil {
		return err
	}
	p, err := NewPlan(m, t, Part{Steps: func(string) bool { return false }})
	if err != nil {
		return err
	}
	for _, b := range p.Batches {
		for _, q := range b.Queries {
			if q.Kind == Obligation {
				c.asked[q.Goal], c.hyps = true, q.Given
			}
		}
	}
	if o.fault != "" {
		return c.show(ctx, o.fault, out)
	}
	if o.faults {
		err = c.refuseAll(ctx, out)
	}
	if o.drops {
		err = errors.Join(err, c.dropAll(ctx, out))
	}
	return err
}

// each runs a control for each name, and tells how many of them failed.
func (c *controls) each(ctx context.Context, names []string, what string, out io.Writer, control func(context.Context, string) (string, bool, error)) error {
	var mu sync.Mutex
	bad := 0
	start := time.Now()
	err := inParallel(ctx, c.workers, names, func(ctx context.Context, name string) error {
		start := time.Now()
		verdict, ok, err := control(ctx, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		mu.Lock()
		defer mu.Unlock()
		if !ok {
			bad++
		}
		fmt.Fprintf(out, "%-36s %5.1f s  %s\n", name, time.Since(start).Seconds(), verdict)
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d of %d %s, %.0f s\n", len(names)-bad, len(names), what, time.Since(start).Seconds())
	if bad > 0 || len(names) == 0 {
		return fmt.Errorf("%d are not %s", bad, what)
	}
	return nil
}

// faults are the instances with a seeded fault that violates what is proved.
func (c *controls) faults() (list []string, err error) {
	names, err := tlc.ListCfgs(c.dir)
	if err != nil {
		return nil, err
	}
	proved := map[string]bool{}
	for _, operator := range []string{c.target.Inductive, c.target.Implied, c.target.Steps} {
		for _, claim := range tla.New(c.spec, false).Claims(c.spec.Defs[operator]) {
			proved[claimOf(claim.Name)] = true
		}
	}
	for _, name := range names {
		if !strings.HasPrefix(name, c.target.Faults) {
			continue
		}
		cfg, err := tlc.ReadCfg(c.dir, name)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(cfg.Claims(), func(claim string) bool { return proved[strings.TrimSuffix(claim, "Prop")] }) {
			list = append(list, strings.TrimSuffix(name, ".cfg"))
		}
	}
	return list, nil
}

// refuse looks for a counterexample that the fault makes: first of the actions
// that it takes part in, in small universes, and best of the claim of its row.
func (c *controls) refuse(ctx context.Context, fault string) (*Example, *tla.Machine, error) {
	cfg, err := tlc.ReadCfg(c.dir, fault+".cfg")
	if err != nil {
		return nil, nil, err
	}
	violates := map[string]bool{}
	for _, name := range cfg.Claims() {
		violates[strings.TrimSuffix(name, "Prop")] = true
	}
	rank := func(q Query) int {
		switch claim := claimOf(q.Claim); {
		case violates[claim]:
			return 0
		case c.known[claim]:
			return 1
		}
		return 2
	}
	m, err := machine(c.dir, c.spec, c.target, fault)
	if err != nil {
		return nil, nil, err
	}
	touched := m.Touched()
	for _, steps := range []func(string) bool{
		func(action string) bool { return touched[action] },
		func(action string) bool { return !touched[action] },
	} {
		p, err := NewPlan(m, c.target, Part{Steps: steps, Implied: true})
		if err != nil {
			return nil, nil, err
		}
		for n := 1; n <= largest; n++ {
			var best *Example
			for _, b := range c.sorted(p.Batches) {
				e, err := c.solver.Example(ctx, b, n, rank)
				if err != nil {
					return nil, nil, err
				}
				if e != nil && (best == nil || rank(e.Query) < rank(best.Query)) {
					best = e
				}
				if best != nil && rank(best.Query) == 0 {
					break
				}
			}
			if best != nil {
				return best, m, nil
			}
		}
	}
	return nil, m, nil
}

// claimOf is the operator that a question is about, without the condition that
// the strengthening puts before some.
func claimOf(claim string) string {
	name, _, _ := strings.Cut(claim, ".")
	name, _, _ = strings.Cut(name, "Unless")
	return strings.TrimSuffix(name, "Prop")
}

// sorted are the batches in which an example may be found: those of steps first,
// and no question of the unchanged specification.
func (c *controls) sorted(batches []Batch) (list []Batch) {
	order := map[Kind]int{Initiation: 1, Consecution: 2, Obligation: 3, Implication: 4}
	for _, b := range batches {
		b.Queries = slices.DeleteFunc(slices.Clone(b.Queries), func(q Query) bool {
			return q.Kind == Obligation && c.asked[q.Goal] && slices.Equal(q.Given, c.hyps)
		})
		if len(b.Queries) > 0 && order[b.Queries[0].Kind] > 0 {
			list = append(list, b)
		}
	}
	slices.SortStableFunc(list, func(a, b Batch) int { return cmp.Compare(order[a.Queries[0].Kind], order[b.Queries[0].Kind]) })
	return list
}

// refuseAll shows that no fault that is about safety can be proved.
func (c *controls) refuseAll(ctx context.Context, out io.Writer) error {
	names, err := c.faults()
	if err != nil {
		return err
	}
	return c.each(ctx, names, "faults refused", out, func(ctx context.Context, fault string) (string, bool, error) {
		e, _, err := c.refuse(ctx, fault)
		if e == nil {
			return "ACCEPTED in small universes", false, err
		}
		return "refused: " + e.Query.Name(), true, nil
	})
}

// show prints the counterexample of one fault.
func (c *controls) show(ctx context.Context, fault string, out io.Writer) error {
	e, m, err := c.refuse(ctx, fault)
	if err != nil {
		return err
	}
	if e == nil {
		return fmt.Errorf("%s is not refused in small universes", fault)
	}
	fmt.Fprintf(out, "%s: %s\n%s", fault, e.Query.Name(), e.Text(m))
	return nil
}
