// SPDX-License-Identifier: MIT

package graph

import (
	"fmt"
	"strings"

	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/sched"
)

// A Difference is the first state, breadth-first from the initial one, at which two graphs
// do not have the same edges.
type Difference[S comparable] struct {
	Where    string // "" for a difference at a state; else what is wrong with the graphs
	At       S
	Schedule sched.Schedule // leads the code there; its choices are empty for the model
	Way      []Edge         // a shortest way there
	Spec     []Step[S]      // edges that only the spec has
	Code     []Step[S]      // edges that only the code has
}

// A Step is an edge with the state that it leads to.
type Step[S comparable] struct {
	Label string
	To    S
}

// Compare walks the graphs of spec and code side by side and returns the first difference.
// It returns nil if both have the same states and the same labelled edges, each edge the
// same number of times.
func Compare[S comparable](spec, code *Graph[S]) *Difference[S] {
	return compare(spec, code, false)
}

// ComparePart is Compare for an incomplete graph of the code. It ignores missing edges, so
// nil does not mean that the graphs are equal.
func ComparePart[S comparable](spec, code *Graph[S]) *Difference[S] {
	return compare(spec, code, true)
}

func compare[S comparable](spec, code *Graph[S], part bool) *Difference[S] {
	if len(spec.States) == 0 || len(code.States) == 0 || spec.States[0] != code.States[0] {
		d := &Difference[S]{}
		for _, s := range spec.States[:min(1, len(spec.States))] {
			d.Spec = append(d.Spec, Step[S]{"Init", s})
		}
		for _, s := range code.States[:min(1, len(code.States))] {
			d.Code = append(d.Code, Step[S]{"Init", s})
		}
		return d
	}
	var d *Difference[S]
	way, met := code.Walk(func(at int32) bool {
		s := code.States[at]
		onlySpec, onlyCode := diff(spec.steps(spec.ids[s]), code.steps(at))
		if part {
			onlySpec = nil
		}
		if len(onlySpec)+len(onlyCode) > 0 {
			d = &Difference[S]{At: s, Spec: onlySpec, Code: onlyCode}
		}
		return d == nil
	})
	if d != nil {
		d.Way, d.Schedule = way, ScheduleOf(way)
		return d
	}
	if part {
		return nil
	}
	if a, b := len(spec.States), met; a != b {
		return &Difference[S]{Where: "the dump of the spec has " + plural.N(a-b, "state") + " that no step leads to"}
	}
	if a, b := len(code.States), met; a != b {
		return &Difference[S]{Where: "the graph of the code has " + plural.N(a-b, "state") + " that no step leads to"}
	}
	return nil
}

func (g *Graph[S]) steps(id int32) []Step[S] {
	out := make([]Step[S], len(g.Out[id]))
	for i, e := range g.Out[id] {
		out[i] = Step[S]{e.Label, g.States[e.To]}
	}
	return out
}

// diff returns the multiset differences a - b and b - a.
func diff[S comparable](a, b []Step[S]) (onlyA, onlyB []Step[S]) {
	count := map[Step[S]]int{}
	for _, s := range b {
		count[s]++
	}
	for _, s := range a {
		if count[s]--; count[s] < 0 {
			onlyA = append(onlyA, s)
		}
	}
	for _, s := range b {
		if count[s] > 0 {
			onlyB = append(onlyB, s)
			count[s]--
		}
	}
	return onlyA, onlyB
}

// Report describes the difference: the state, the way there, and for each side its own
// edges, with the variables that they change.
func (d *Difference[S]) Report(describe func(S) string) string {
	return d.Words("the spec", "the code", describe)
}

// Words is Report with names for the two sides.
func (d *Difference[S]) Words(spec, code string, describe func(S) string) string {
	if d.Where != "" {
		return d.Where + "\n"
	}
	var b strings.Builder
	labels := make([]string, len(d.Way))
	for i, e := range d.Way {
		labels[i] = e.Label
	}
	where := fmt.Sprintf("after the schedule %q (%s)", d.Schedule, strings.Join(labels, ", "))
	switch {
	case len(d.Way) == 0:
		where = "at the start"
	case d.Schedule[0].Thread == "": // the model has no threads
		where = "after " + strings.Join(labels, ", ")
	}
	fmt.Fprintf(&b, "the graphs differ %s, in the state\n%s", where, Indent(describe(d.At)))
	side := func(name string, steps []Step[S]) {
		for _, s := range steps {
			fmt.Fprintf(&b, "only %s has %s, which changes\n%s", name, s.Label, Indent(Changes(describe(d.At), describe(s.To))))
		}
	}
	side(spec, d.Spec)
	side(code, d.Code)
	return b.String()
}

// Changes lists the variables that differ between two descriptions.
func Changes(from, to string) string {
	a, b := strings.Split(from, "\n"), strings.Split(to, "\n")
	var out strings.Builder
	for i := range a {
		if a[i] != b[i] {
			name, old, _ := strings.Cut(a[i], " = ")
			fmt.Fprintf(&out, "%s: %s -> %s\n", name, old, strings.TrimPrefix(b[i], name+" = "))
		}
	}
	if out.Len() == 0 {
		return "nothing\n"
	}
	return out.String()
}

// Indent indents each line.
func Indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n  ") + "\n"
}
