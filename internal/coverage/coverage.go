// SPDX-License-Identifier: MIT

// Package coverage says which calls, answers and situations a run of a registry has met, and which
// of those that a good run meets it has not. Calls and answers are those of model.Calls, and the
// features that they need those of package replay; this package adds the situations that only
// concurrent calls bring about.
package coverage

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"example.com/pernet/internal/lin"
	"example.com/pernet/internal/replay"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// An Item is a call with an answer, or a situation.
type Item struct {
	Name     string   `json:"name"`
	Count    int      `json:"count"`
	Needs    []string `json:"needs,omitempty"`    // features of the port
	Optional bool     `json:"optional,omitempty"` // a good run may lack it
}

// LeastOverlap is how many calls of others a call must meet, or a run shows nothing.
const LeastOverlap = 1

// Of returns the items of a discipline, with what the runs have met.
func Of(m *lin.Met, d model.Discipline) (items []Item) {
	add := func(name string, count int, needs ...string) *Item {
		items = append(items, Item{Name: name, Count: count, Needs: needs})
		return &items[len(items)-1]
	}
	answer := func(a lin.Answer, name string, needs ...string) *Item { return add(name, m.Answers[a], needs...) }
	for _, c := range model.Calls {
		answer(lin.Answer{Op: c.Op}, c.Op, needs(c.Op, false, 0, d)...)
		for _, e := range c.Errs {
			i := answer(lin.Answer{Op: c.Op, Err: e}, c.Op+" "+e.String(), needs(c.Op, false, e, d)...)
			// A cancelled wait, a quota and a failed allocation are not the caller's to bring about.
			i.Optional = slices.Contains([]model.Err{model.EINTR, model.ENOSPC, model.ENOMEM}, e)
		}
		if c.Inits {
			answer(lin.Answer{Op: c.Op, Init: true}, c.Op+", its init fails")
		}
		if c.Op == wire.Copy {
			for _, e := range []model.Err{0, model.ENOENT} {
				answer(lin.Answer{Op: c.Op, Share: true, Err: e}, strings.TrimSpace("copy, newnet false "+e.String()), needs(c.Op, true, e, d)...)
			}
		}
	}
	for _, op := range []string{wire.Get, wire.Copy, wire.List} {
		add(op+" of a dying net", m.Dying[op])
	}
	add("put during a copy of its net", m.InCopies)
	if d == model.RWSem {
		add("cleanup of several nets", m.Batches)
	}
	add(fmt.Sprintf("a call meets %d of others", LeastOverlap), int(m.Overlap()/LeastOverlap))
	return items
}

// needs returns the features that a call with this answer needs. A refused get, hold or copy is of a
// net whose count is zero, where the discipline refuses that.
func needs(op string, share bool, e model.Err, d model.Discipline) []string {
	known := func(string) bool { return op != wire.Hold || d == model.RWSem }
	return replay.Needs(&wire.Line{Op: op, Share: share}, &wire.Line{Op: op, Err: e}, known)
}

// Missing returns the names of what a good run meets and this one has not. has reports whether the
// port has a feature.
func Missing(items []Item, has func(feature string) bool) (names []string, of int) {
	for _, i := range items {
		if i.Optional || slices.ContainsFunc(i.Needs, func(f string) bool { return !has(f) }) {
			continue
		}
		of++
		if i.Count == 0 {
			names = append(names, i.Name)
		}
	}
	return names, of
}

// Line says in one line what is missing of so many.
func Line(missing []string, of int) string {
	const shown = 3
	if len(missing) == 0 {
		return fmt.Sprintf("met all %d answers and situations that a good run meets", of)
	}
	text := strings.Join(missing[:min(shown, len(missing))], "; ")
	if more := len(missing) - shown; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return fmt.Sprintf("warning: not met, of %d answers and situations that a good run meets: %s", of, text)
}

// Table writes the items, one a line.
func Table(w io.Writer, items []Item) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, i := range items {
		note := strings.Join(i.Needs, ", ")
		if note != "" {
			note = " (needs " + note + ")"
		}
		if i.Optional {
			note += " (optional)"
		}
		fmt.Fprintf(table, "%d\t  %s%s\n", i.Count, i.Name, note)
	}
	table.Flush()
}
