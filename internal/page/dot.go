// SPDX-License-Identifier: MIT

package page

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"example.com/pernet/internal/graph"
)

// MaxDotStates is how many states a graph may have to be drawn: a picture of more
// cannot be read, and Graphviz takes minutes over it.
const MaxDotStates = 2000

// Dot writes a state graph in the language of Graphviz: every state with its
// label, the initial one first and framed twice, and every edge with its
// action and, in a graph of the code, the thread as schedules name it; parallel
// ones and loops too. ShortLabel makes labels for the states of an instance. A
// graph of more than MaxDotStates is an error, and nothing is written.
func Dot[S comparable](w io.Writer, g *graph.Graph[S], label func(S) string) error {
	if n := len(g.States); n > MaxDotStates {
		return fmt.Errorf("the graph has %d states; one of more than %d is not drawn: take a smaller instance or fewer calls", n, MaxDotStates)
	}
	b := bufio.NewWriter(w)
	fmt.Fprint(b, "digraph pernet {\n  node [shape=box, style=rounded, fontname=\"monospace\", fontsize=10];\n  edge [fontname=\"monospace\", fontsize=9];\n")
	for i, s := range g.States {
		more := ""
		if i == 0 {
			more = ", peripheries=2"
		}
		fmt.Fprintf(b, "  s%d [label=%s%s];\n", i, quote(label(s)), more)
	}
	for i, out := range g.Out {
		for _, e := range out {
			text := e.Label
			if e.Choice.Thread != "" {
				text = e.Choice.Thread + ": " + text
			}
			fmt.Fprintf(b, "  s%d -> s%d [label=%s];\n", i, e.To, quote(text))
		}
	}
	fmt.Fprint(b, "}\n")
	return b.Flush()
}

var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// quote writes a text as Graphviz reads it.
func quote(s string) string { return `"` + escapes.Replace(s) + `"` }

// ShortLabel returns the labels of an instance's states, of two to five short
// lines: the ops, with "|" before first_device; the nets that there are,
// with their counts; what is queued and deferred; the point of each thread inside a
// call, with the locks that it holds.
func ShortLabel[S comparable](in Instance[S]) func(S) string {
	return func(s S) string {
		v := drawn(in, s).View
		lines := []string{opsLine(v), netsLine(v)}
		if len(v.Queue) > 0 {
			lines = append(lines, "queue "+strings.Join(v.Queue, " "))
		}
		if len(v.Deferred) > 0 {
			lines = append(lines, "deferred "+pairs(v.Deferred))
		}
		for _, t := range v.Threads {
			held := ""
			for _, l := range v.Locks {
				if l.Owner == t.Name {
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
	var out []string
	for _, o := range v.List {
		if o == v.First {
			out = append(out, "|")
		}
		out = append(out, o)
	}
	if v.First == "" {
		out = append(out, "|")
	}
	return "[" + strings.Join(out, " ") + "]"
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
