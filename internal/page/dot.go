// SPDX-License-Identifier: MIT

package page

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"example.com/pernet/internal/graph"
)

// maxDotStates bounds the graphs that are drawn. A larger picture cannot be read, and
// Graphviz needs minutes for it.
const maxDotStates = 2000

// Dot writes a state graph in the language of Graphviz: every state with its label, the
// initial state first and in a double frame, and every edge with its action. In a graph of
// the code an edge also has the thread, as schedules name it. ShortLabel makes labels. For
// a graph of more than maxDotStates, Dot returns an error and writes nothing.
func Dot[S comparable](w io.Writer, g *graph.Graph[S], label func(S) string) error {
	if n := len(g.States); n > maxDotStates {
		return fmt.Errorf("the graph has %d states, and the limit for drawing is %d: take a smaller instance or fewer calls", n, maxDotStates)
	}
	b := bufio.NewWriter(w)
	fmt.Fprint(b, "digraph pernet {\n  node [shape=box, style=rounded, fontname=\"monospace\", fontsize=10];\n  edge [fontname=\"monospace\", fontsize=9];\n")
	for i, s := range g.States {
		more := ""
		if i == 0 {
			more = ", peripheries=2"
		}
		fmt.Fprintf(b, "  s%d [label=%q%s];\n", i, label(s), more)
	}
	for i, out := range g.Out {
		for _, e := range out {
			text := e.Label
			if e.Choice.Thread != "" {
				text = e.Choice.Thread + ": " + text
			}
			fmt.Fprintf(b, "  s%d -> s%d [label=%q];\n", i, e.To, text)
		}
	}
	fmt.Fprint(b, "}\n")
	return b.Flush()
}

// ShortLabel returns a function that labels states with a few short lines: the ops, with
// "|" before first_device; the nets with their counts; the lists for the worker; the deferred
// callbacks; the point of each thread inside a call, with the locks that it holds.
func ShortLabel[S comparable](in Instance[S]) func(S) string {
	return func(s S) string {
		v := drawn(in, s).View
		lines := []string{opsLine(v), netsLine(v)}
		for _, l := range v.Lists {
			if name, _, _ := strings.Cut(l.Name, ","); len(l.Items) > 0 {
				lines = append(lines, name+" "+strings.Join(l.Items, " "))
			}
		}
		if len(v.Deferred) > 0 {
			lines = append(lines, "deferred "+strings.Join(v.Deferred, ", "))
		}
		for _, t := range v.Threads {
			held := ""
			for _, l := range v.Locks {
				if slices.Contains(l.Holders, t.Name) {
					held += " +" + l.Name
				}
			}
			if t.At != idle || held != "" {
				lines = append(lines, t.Name+" "+t.At+held)
			}
		}
		return strings.Join(lines, "\n")
	}
}

func opsLine(v View) string {
	at := len(v.List)
	if v.First != "" {
		at = slices.Index(v.List, v.First)
	}
	return "[" + strings.Join(slices.Insert(slices.Clone(v.List), at, "|"), " ") + "]"
}

func netsLine(v View) string {
	var out []string
	for _, n := range v.Nets {
		if n.Phase == "free" {
			continue
		}
		text := fmt.Sprintf("%s=%d", n.Name, n.Count)
		if n.Use > 0 {
			text += fmt.Sprintf("+%d", n.Use)
		}
		if n.Phase != "listed" {
			text += " " + n.Phase
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}
