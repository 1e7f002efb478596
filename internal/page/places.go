// SPDX-License-Identifier: MIT

package page

import (
	"regexp"
	"slices"
	"strings"

	"example.com/pernet/docs"
	"example.com/pernet/internal/explore/clients"
)

// places returns for each thread its next step in C, spec and code, the locks that it
// holds, and what it waits for.
func places(s State) (out []Place) {
	for i := range s.Threads {
		t := &s.Threads[i]
		p := Place{Name: t.Name, At: t.At, Locals: t.Locals, Ran: t.Ran, WaitsFor: waitsFor(&s, t)}
		if t.At != idle {
			action, r := s.stepAt(t.At, t.Err)
			p.Spec = "`" + action + "`"
			if r != nil {
				p.Row, p.C, p.Code = r.id, r.c, r.code
			}
		}
		for _, l := range s.Locks {
			if slices.Contains(l.Holders, t.Name) {
				p.Holds = append(p.Holds, strings.TrimSpace(l.Name+" "+l.Mode))
			}
		}
		out = append(out, p)
	}
	return out
}

// waitsFor returns what blocks a thread: locks, deferred callbacks, readers under RCU. The state
// does not show which lock an idle client will take next, but the worker's next step is known.
func waitsFor(s *State, t *ThreadView) (out []string) {
	for _, l := range s.Locks {
		at := slices.IndexFunc(l.Waiting, func(w Waiter) bool { return w.Thread == t.Name })
		if at < 0 {
			continue
		}
		text := l.Name + ", which " + l.holders()
		if l.Queue && at > 0 {
			text += ", behind " + l.waiting(at)
		}
		out = append(out, text)
	}
	for _, callback := range t.Waits {
		out = append(out, "the "+clients.DeferredCallback+callback)
	}
	for _, reader := range t.Readers {
		out = append(out, "the RCU reader "+reader)
	}
	return out
}

// holders names the threads that hold a lock: "T_1 and T_2 hold to read".
func (l *Lock) holders() string {
	verb := "holds"
	if len(l.Holders) > 1 {
		verb = "hold"
	}
	return strings.TrimSpace(strings.Join(l.Holders, " and ") + " " + verb + " " + l.Mode)
}

// waiting lists the first n threads that wait for a lock: "T_1 (to write), T_2 (to read)".
func (l *Lock) waiting(n int) string {
	var out []string
	for _, w := range l.Waiting[:n] {
		out = append(out, w.String())
	}
	return strings.Join(out, ", ")
}

// A row is a step of the C in docs/correspondence.md.
type row struct {
	id, c, spec, code string
	actions           []string
}

// The tables of steps, read once: rows by their letter and the actions that they name.
var tables = readTables(docs.Correspondence)

var (
	rowID  = regexp.MustCompile(`^[A-Z]\d\d$`)
	ticked = regexp.MustCompile("`([A-Za-z0-9.]+)`")
	link   = regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`)
)

// readTables reads the rows of every table that has the column of the C steps.
func readTables(page string) map[string]map[string]*row {
	byLetter := map[string]map[string]*row{}
	var columns []string
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = link.ReplaceAllString(strings.TrimSpace(cells[i]), "$1")
		}
		if cells[0] == "id" {
			columns = cells
		}
		if !rowID.MatchString(cells[0]) || !slices.Contains(columns, "C: function, step") || len(cells) != len(columns) {
			continue
		}
		cell := func(column string) string {
			if i := slices.Index(columns, column); i >= 0 {
				return cells[i]
			}
			return "" // the tables of rwsem have no column of the code
		}
		r := &row{id: cells[0], c: cell("C: function, step"), spec: cell("TLA+"), code: cell("Impl")}
		byAction := byLetter[r.id[:1]]
		if byAction == nil {
			byAction = map[string]*row{}
			byLetter[r.id[:1]] = byAction
		}
		for _, m := range ticked.FindAllStringSubmatch(r.spec, -1) {
			r.actions = append(r.actions, m[1])
			byAction[m[1]] = r
		}
	}
	return byLetter
}

// rowOf returns the row of an action in the tables of the state's discipline.
func (s *State) rowOf(action string) *row { return tables[s.sketch.Rows][action] }

// stepAt returns the next action of a thread at a point, and its row. The name of a point
// lacks the outcome of the step, so the error so far helps to find the action.
func (s *State) stepAt(at, err string) (action string, r *row) {
	outcomes := []string{"", err}
	if err != "" {
		outcomes = []string{err, "Fail", ""}
	}
	for _, o := range outcomes {
		if r := s.rowOf(at + o); r != nil {
			return at + o, r
		}
	}
	return at, nil
}
