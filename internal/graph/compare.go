// SPDX-License-Identifier: MIT

package graph

import (
	"fmt"
	"slices"
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
// same number of times. With part, the graph of the code is incomplete: missing edges are
// ignored, so nil does not mean that the graphs are equal.
func Compare[S comparable](spec, code *Graph[S], part bool) *Difference[S] {
	if first, other := spec.initial(), code.initial(); len(first) == 0 || !slices.Equal(first, other) {
		return &Difference[S]{Spec: first, Code: other}
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
	switch {
	case d != nil:
		d.Way, d.Schedule = way, ScheduleOf(way)
	case part:
	case len(spec.States) != met:
		return &Difference[S]{Where: "the dump of the spec has " + plural.N(len(spec.States)-met, "state") + " that no step leads to"}
	case len(code.States) != met:
		return &Difference[S]{Where: "the graph of the code has " + plural.N(len(code.States)-met, "state") + " that no step leads to"}
	}
	return d
}

// initial returns a step to the initial state, if the graph has one.
func (g *Graph[S]) initial() (out []Step[S]) {
	for _, s := range g.States[:min(1, len(g.States))] {
		out = append(out, Step[S]{"Init", s})
	}
	return out
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

// Report describes the difference: the state, the way there, and for each of the two sides,
// which it names, its own edges, with the variables that they change.
func (d *Difference[S]) Report(spec, code string, describe func(S) string) string {
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
