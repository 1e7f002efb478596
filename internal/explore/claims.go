// SPDX-License-Identifier: MIT

package explore

import (
	"fmt"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/sched"
)

// A Claim is an invariant of the states S of instances I. Of returns what of the state breaks it, or "".
type Claim[I, S any] = struct {
	Name, Text string
	Of         func(in I, s *S) string
}

// A StepClaim is a claim about every step.
type StepClaim[I, S any] = struct {
	Name, Text string
	Holds      func(in I, from, to *S) bool
}

// OfState is the Of of a claim that says something of the state as a whole.
func OfState[I, S any](holds func(in I, s *S) bool) func(I, *S) string {
	return func(in I, s *S) string {
		if holds(in, s) {
			return ""
		}
		return "the state"
	}
}

// Broken returns the first of the claims that s breaks, and the problem.
func Broken[I, S any](claims []Claim[I, S], in I, s *S) (claim, problem string) {
	for _, c := range claims {
		if what := c.Of(in, s); what != "" {
			return c.Name, what + " breaks the claim that " + c.Text
		}
	}
	return "", ""
}

// BrokenStep returns the first of the claims that the step breaks, and the problem.
func BrokenStep[I, S any](claims []StepClaim[I, S], in I, from, to *S) (claim, problem string) {
	for _, c := range claims {
		if !c.Holds(in, from, to) {
			return c.Name, "the step breaks the claim that " + c.Text
		}
	}
	return "", ""
}

// CheckState returns an error for the first claim that the state breaks.
func CheckState[S comparable](d Claimed[S], s *S) error {
	claim, problem := d.Broken(s)
	if claim == "" {
		return nil
	}
	return fmt.Errorf("%s: %s, in the state\n%s", claim, problem, Describe(d, *s))
}

// CheckStep returns an error for the first claim that the step breaks.
func CheckStep[S comparable](d Claimed[S], from, to *S) error {
	claim, problem := d.BrokenStep(from, to)
	if claim == "" {
		return nil
	}
	return fmt.Errorf("%s: %s, in the step from\n%sto\n%s", claim, problem, Describe(d, *from), Describe(d, *to))
}

// CheckGraph checks every state and step of a graph, breadth-first. It returns the first
// problem and a shortest schedule that leads there.
func CheckGraph[S comparable](d Claimed[S], g *graph.Graph[S]) (way sched.Schedule, err error) {
	var last []graph.Edge
	edges, _ := g.Walk(func(at int32) bool {
		if err = CheckState(d, &g.States[at]); err != nil {
			return false
		}
		for _, e := range g.Out[at] {
			if err = CheckStep(d, &g.States[at], &g.States[e.To]); err != nil {
				last = []graph.Edge{e}
				return false
			}
		}
		return true
	})
	if err == nil {
		return nil, nil
	}
	return graph.ScheduleOf(append(edges, last...)), err
}
