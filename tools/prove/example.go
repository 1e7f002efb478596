// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"example.com/pernet/tools/prove/tla"
)

// largest is how many elements each sort has at most, beside the constants, where
// an example is looked for.
const largest = 3

// An Example is a state, and of a step also the next one, in which a claim is false.
type Example struct {
	Query  Query
	Values *tla.Example
}

// Example looks in a universe with n elements of each sort for an example of what
// one of the questions asks for. Those of the lowest rank come first.
func (s *Solver) Example(ctx context.Context, b Batch, n int, rank func(Query) int) (*Example, error) {
	terms.Lock()
	defer terms.Unlock()
	all := slices.Concat(b.Axioms, b.Rest, b.Queries[0].Given)
	given := len(all)
	for _, q := range b.Queries {
		all = append(all, q.Goal)
	}
	all = append(all, b.Plain)
	u := b.Machine.NewUniverse(n, all)
	ground := u.Ground(all)
	goals, plain := ground[given:given+len(b.Queries)], ground[given+len(b.Queries)]
	asserts := slices.Concat(ground[:given], ground[len(all):])
	var ranks []int
	byRank := map[int][]*tla.Term{}
	for i, q := range b.Queries {
		if byRank[rank(q)] == nil {
			ranks = append(ranks, rank(q))
		}
		byRank[rank(q)] = append(byRank[rank(q)], goals[i])
	}
	slices.Sort(ranks)
	ask := func(all ...*tla.Term) (*tla.Example, error) {
		values := u.Ask(constants(b.Machine), b.Queries[0].Now, b.Queries[0].Call.Args, b.Queries[0].Next)
		values.Names = b.Machine.Names
		for _, g := range goals {
			values.Holds(g)
		}
		script := tla.Script{Comment: b.Queries[0].Name(), Asserts: asserts, Goals: []*tla.Term{tla.And(all...)}, Values: values.Terms()}
		terms.Unlock()
		says, text, err := s.once(ctx, script)
		terms.Lock()
		if err != nil || says != "sat" {
			return nil, err
		}
		return values, values.Read(text)
	}
	if values, err := ask(tla.Or(goals...)); err != nil || values == nil {
		return nil, err
	}
	if b.Queries[0].Kind == Reach {
		return &Example{Query: b.Queries[0]}, nil
	}
	for _, r := range ranks {
		for _, looks := range []*tla.Term{plain, tla.And()} {
			values, err := ask(tla.Or(byRank[r]...), looks)
			if err != nil {
				return nil, err
			}
			if values == nil {
				continue
			}
			for i, q := range b.Queries {
				if rank(q) == r && values.Holds(goals[i]) {
					return &Example{q, values}, nil
				}
			}
		}
	}
	return nil, fmt.Errorf("%s: the solver's example is none", b.Queries[0].Name())
}

func constants(m *tla.Machine) []tla.Value {
	return slices.DeleteFunc(slices.Clone(m.Constants), func(v tla.Value) bool { return v == nil })
}

// Text writes the example as TLC writes a counterexample; pernet tlc-trace reads it.
func (e *Example) Text(m *tla.Machine) string {
	terms.Lock()
	defer terms.Unlock()
	var out strings.Builder
	for i, v := range m.Constants {
		if v != nil {
			fmt.Fprintf(&out, "  %s = %s\n", m.Spec.Constants[i].Name, e.text(v))
		}
	}
	q := e.Query
	state := func(vars []tla.Value) {
		for i, v := range m.Spec.Variables {
			fmt.Fprintf(&out, "/\\ %s = %s\n", v.Name, e.text(vars[i]))
		}
		out.WriteByte('\n')
	}
	switch q.Kind {
	case Initiation:
		fmt.Fprintf(&out, "Error: Invariant %s is violated by the initial state:\n", q.Claim)
	case Obligation:
		at, what, _ := strings.Cut(q.Claim, ": ")
		fmt.Fprintf(&out, "It is not so that %s.\nError: Evaluating %s failed.\nError: The behavior up to this point is:\nState 1: <Inductive>\n", what, at)
	default:
		kind := "Invariant"
		if q.OnSteps {
			kind = "Action property"
		}
		fmt.Fprintf(&out, "Error: %s %s is violated.\nError: The behavior up to this point is:\nState 1: <Inductive>\n", kind, q.Claim)
	}
	state(q.Now)
	if q.Next != nil {
		args := make([]string, len(q.Call.Args))
		for i, a := range q.Call.Args {
			args[i] = e.text(a)
		}
		call := q.Call.Def.Name
		if len(args) > 0 {
			call += "(" + strings.Join(args, ",") + ")"
		}
		l := q.Call.Def.Loc
		fmt.Fprintf(&out, "State 2: <%s line %d, col %d to line %d, col %d of module %s>\n", call, l.Line, l.Col, l.Line, l.Col, l.Module)
		state(q.Next)
		out.WriteString("End of the example.\n")
	}
	return out.String()
}

func (e *Example) text(v tla.Value) string { return tla.Text(e.Values.State([]tla.Value{v})[0]) }
