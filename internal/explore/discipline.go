// SPDX-License-Identifier: MIT

// Package explore builds the state graph of code: it runs the code under a
// scheduler that takes every choice from every state that it reaches, and gives
// states and steps the form that TLC gives those of a spec, so that the two
// graphs can be compared. It also runs every schedule of fixed programs, whole or
// reduced. It knows nothing of what it runs: that is a Discipline.
package explore

import (
	"fmt"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/sched"
)

// A Discipline is an algorithm as its spec and its code have it, in one finite
// instance. S is a state: equal as S exactly when the states of the spec are.
type Discipline[S comparable] interface {
	// NewRun returns a run of the code; its Reset has not been called.
	NewRun() Run[S]

	// Blank returns a state in which what no variable describes is as in any other.
	Blank() S

	// Variables returns the spec's variables in the memory of s. Reading TLC's
	// states, describing states and drawing them follow from it.
	Variables(s *S) []graph.Variable

	// Encode appends an exact encoding of s.
	Encode(b []byte, s S) []byte

	// Broken returns the first claim about states that s breaks, and how; or "".
	Broken(s *S) (claim, problem string)

	// BrokenStep does the same for a step.
	BrokenStep(from, to *S) (claim, problem string)
}

// A Run is the code under a scheduler, one run after the other. Only one
// goroutine may use it.
type Run[S comparable] interface {
	// Reset leaves the run that was there, and begins one from the start.
	Reset()

	Scheduler() *sched.Scheduler

	// Take lets a thread that can move take its step. It returns the step's
	// action in the spec and how many options it had.
	Take(c sched.Choice) (label string, offers int)

	// State returns the state between two steps.
	State() S

	// Footprint returns what the next step of a thread may touch, whichever its option.
	Footprint(thread string) Footprint
}

// Parser returns a function that reads states of d as TLC prints them
// ("/\ variable = value" lines). Only one goroutine may call it.
func Parser[S comparable](d Discipline[S]) func(text string) (S, error) {
	s := d.Blank()
	vars := d.Variables(&s)
	return func(text string) (S, error) {
		err := graph.ReadVariables(text, vars)
		return s, err
	}
}

// Describe prints a state in the spec's terms.
func Describe[S comparable](d Discipline[S], s S) string { return graph.Describe(d.Variables(&s)) }

// CheckState returns the first claim that the state breaks, as an error.
func CheckState[S comparable](d Discipline[S], s *S) error {
	claim, problem := d.Broken(s)
	if claim == "" {
		return nil
	}
	return fmt.Errorf("%s: %s, in the state\n%s", claim, problem, Describe(d, *s))
}

// CheckStep does the same for a step.
func CheckStep[S comparable](d Discipline[S], from, to *S) error {
	claim, problem := d.BrokenStep(from, to)
	if claim == "" {
		return nil
	}
	return fmt.Errorf("%s: %s, in the step from\n%sto\n%s", claim, problem, Describe(d, *from), Describe(d, *to))
}

// CheckGraph checks every state and every step of a graph, breadth-first, and
// returns the first problem with a shortest schedule that leads there.
func CheckGraph[S comparable](d Discipline[S], g *graph.Graph[S]) (way sched.Schedule, err error) {
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

// A Footprint is what a step reads and writes, as bits that a discipline gives a meaning.
//
// Two steps that are possible in one state are independent if, taken in either
// order, they lead to the same state by the same labels with the same options,
// and neither keeps the other from being possible. A step that writes nothing
// that the other reads or writes is independent of it.
//
// One thing more does not commute, for the sake of histories: that a call ends and that
// another begins, for the order of these two says whether one came before the
// other. So all schedules of a class have not only the same answers and the same
// end, but the same history up to the numbers of the steps. The order of two ends, or
// of two begins, says nothing.
type Footprint struct {
	Reads, Writes uint64
	Begins, Ends  bool // may begin, may end a call or a cleanup
}

// Commutes reports whether two steps are independent.
func (a Footprint) Commutes(b Footprint) bool {
	return a.Writes&(b.Reads|b.Writes) == 0 && b.Writes&a.Reads == 0 &&
		!(a.Begins && b.Ends) && !(a.Ends && b.Begins)
}
