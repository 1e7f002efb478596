// SPDX-License-Identifier: MIT

package graph

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A dumpReader reads the state graph that TLC writes with "-dump dot,actionlabels". It
// calls State once for each state, the initial one first, and Edge once for each edge,
// after State for both its ends.
type dumpReader struct {
	State func(id int64, text string) error // text: a line for each variable, "/\ name = value"
	Edge  func(from, to int64, label string) error

	seen    map[int64]bool
	waiting []dumpEdge // edges read before the state that they lead to
}

type dumpEdge struct {
	from, to int64
	label    string
}

// ReadDump reads a whole dump as a Graph; parse makes a state of its text.
func ReadDump[S comparable](r io.Reader, parse func(text string) (S, error)) (*Graph[S], error) {
	g := New[S]()
	ids := map[int64]int32{}
	d := dumpReader{}
	d.State = func(id int64, text string) error {
		s, err := parse(text)
		if err != nil {
			return err
		}
		n, fresh := g.Add(s)
		if !fresh {
			return errors.New("two states of the dump are equal here: the comparison leaves out a variable")
		}
		ids[id] = n
		return nil
	}
	d.Edge = func(from, to int64, label string) error {
		g.Out[ids[from]] = append(g.Out[ids[from]], Edge{Label: label, To: ids[to]})
		return nil
	}
	return g, d.Read(r)
}

// DigestDump makes the digest of a dump while it is read. It keeps only a sum for each state.
func DigestDump[S comparable](r io.Reader, parse func(text string) (S, error), encode func([]byte, S) []byte) (*Digest, error) {
	var sum Digest
	var buf []byte
	sums := map[int64]Sum{}
	d := dumpReader{}
	d.State = func(id int64, text string) error {
		s, err := parse(text)
		buf = encode(buf[:0], s)
		sums[id] = sum.State(buf)
		return err
	}
	d.Edge = func(from, to int64, label string) error {
		sum.Edge(sums[from], label, sums[to])
		return nil
	}
	return &sum, d.Read(r)
}

// Read reads a dump to its end. An error names the line.
func (d *dumpReader) Read(r io.Reader) error {
	b := bufio.NewReaderSize(r, 1<<20)
	d.seen = map[int64]bool{}
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
			if last != "}" || len(d.seen) == 0 || len(d.waiting) > 0 {
				return fmt.Errorf("dump, line %d: it is cut off: the end that TLC writes is missing", line)
			}
			return nil
		}
	}
}

// line reads one line: a state, an edge, or another line of the drawing, which it skips.
func (d *dumpReader) line(text string) error {
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
	if isEdge {
		next, err := strconv.ParseInt(to, 10, 64)
		if err != nil {
			return err
		}
		label, _, ok := strings.Cut(rest, "\"")
		if !ok || !d.seen[id] {
			return fmt.Errorf("an edge from an unknown state: %.60q", text)
		}
		if !d.seen[next] {
			d.waiting = append(d.waiting, dumpEdge{id, next, label})
			return nil
		}
		return d.Edge(id, next, label)
	}
	end := strings.LastIndex(rest, "\"")
	if end < 0 || !strings.HasSuffix(text, "]") && !strings.HasSuffix(text, "];") {
		return errors.New("a state that is cut off")
	}
	if d.seen[id] {
		return nil
	}
	d.seen[id] = true
	if err := d.State(id, unescaper.Replace(rest[:end])); err != nil {
		return err
	}
	return d.release()
}

// release calls Edge for the waiting edges whose states are now both known.
func (d *dumpReader) release() error {
	left := d.waiting[:0]
	for _, e := range d.waiting {
		if !d.seen[e.to] {
			left = append(left, e)
		} else if err := d.Edge(e.from, e.to, e.label); err != nil {
			return err
		}
	}
	d.waiting = left
	return nil
}

var unescaper = strings.NewReplacer(`\n`, "\n", `\\`, `\`, `\"`, `"`)
