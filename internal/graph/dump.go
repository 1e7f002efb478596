// SPDX-License-Identifier: MIT

package graph

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// A dumpReader reads the state graph that TLC writes with "-dump dot,actionlabels". It
// calls state once for each state, the initial one first, and edge once for each edge,
// after state for both its ends, with what state returned for them.
type dumpReader[T any] struct {
	state func(text string) (T, error) // text: a line for each variable, "/\ name = value"
	edge  func(from, to T, label string)

	known   map[int64]T
	waiting []dumpEdge // edges read before the state that they lead to
}

type dumpEdge struct {
	from, to int64
	label    string
}

// ReadDump reads a whole dump as a Graph; parse makes a state of its text.
func ReadDump[S comparable](r io.Reader, parse func(text string) (S, error)) (*Graph[S], error) {
	g := New[S]()
	state := func(text string) (int32, error) {
		s, err := parse(text)
		if err != nil {
			return 0, err
		}
		id, fresh := g.Add(s)
		if !fresh {
			err = errors.New("two states of the dump are equal here: the comparison leaves out a variable")
		}
		return id, err
	}
	edge := func(from, to int32, label string) { g.Out[from] = append(g.Out[from], Edge{Label: label, To: to}) }
	return g, readDump(r, state, edge)
}

// DigestDump makes the digest of a dump while it is read. It keeps only a sum for each state.
func DigestDump[S comparable](r io.Reader, parse func(text string) (S, error), encode func([]byte, S) []byte) (*Digest, error) {
	var sum Digest
	state := func(text string) (Sum, error) {
		s, err := parse(text)
		return sum.State(encode(nil, s)), err
	}
	edge := func(from, to Sum, label string) { sum.Edge(from, label, to) }
	return &sum, readDump(r, state, edge)
}

// readDump reads a dump to its end. An error names the line.
func readDump[T any](r io.Reader, state func(text string) (T, error), edge func(from, to T, label string)) error {
	d := dumpReader[T]{state: state, edge: edge, known: map[int64]T{}}
	b := bufio.NewReaderSize(r, 1<<20)
	last := ""
	for line := 1; ; line++ {
		text, err := b.ReadString('\n')
		if err != nil && err != io.EOF {
			return err
		}
		if text = strings.TrimRight(text, "\n"); text != "" {
			last = text
			if err := d.line(text); err != nil {
				return fmt.Errorf("dump, line %d: %w", line, err)
			}
		}
		if err == io.EOF {
			if last != "}" || len(d.known) == 0 || len(d.waiting) > 0 {
				return fmt.Errorf("dump, line %d: it is cut off: the end that TLC writes is missing", line)
			}
			return nil
		}
	}
}

// line reads one line: a state, an edge, or another line of the drawing, which it skips.
func (d *dumpReader[T]) line(text string) error {
	if text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		return nil
	}
	head, rest, ok := strings.Cut(text, " [label=\"")
	if !ok {
		return fmt.Errorf("neither a state nor an edge: %.60q", text)
	}
	from, to, isEdge := strings.Cut(head, " -> ")
	id, err := strconv.ParseInt(from, 10, 64)
	if err != nil {
		return err
	}
	_, known := d.known[id]
	if isEdge {
		next, err := strconv.ParseInt(to, 10, 64)
		if err != nil {
			return err
		}
		label, _, ok := strings.Cut(rest, "\"")
		if !ok || !known {
			return fmt.Errorf("an edge from an unknown state: %.60q", text)
		}
		if to, known := d.known[next]; known {
			d.edge(d.known[id], to, label)
		} else {
			d.waiting = append(d.waiting, dumpEdge{id, next, label})
		}
		return nil
	}
	end := strings.LastIndex(rest, "\"")
	if end < 0 || !strings.HasSuffix(text, "]") && !strings.HasSuffix(text, "];") {
		return errors.New("a state that is cut off")
	}
	if known {
		return nil
	}
	d.known[id], err = d.state(unescaper.Replace(rest[:end]))
	d.release()
	return err
}

// release calls edge for the waiting edges whose states are now both known.
func (d *dumpReader[T]) release() {
	d.waiting = slices.DeleteFunc(d.waiting, func(e dumpEdge) bool {
		to, known := d.known[e.to]
		if known {
			d.edge(d.known[e.from], to, e.label)
		}
		return known
	})
}

var unescaper = strings.NewReplacer(`\n`, "\n", `\\`, `\`, `\"`, `"`)
