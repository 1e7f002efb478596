// SPDX-License-Identifier: MIT

package page

import (
	"regexp"
	"slices"
	"strings"

	"example.com/pernet/docs"
	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/explore/mutex"
)

// places returns for each thread its next step in C, spec and code, the locks that it
// holds, and what it waits for.
func places(s State, worker string) (out []Place) {
	for _, t := range s.Threads {
		p := Place{Name: t.Name, At: t.At, Locals: locals(t)}
		if t.At != idle {
			action, r := stepAt(t.At, t.Err)
			p.Spec = "`" + action + "`"
			if r != nil {
				p.Row, p.C, p.Code = r.id, r.c, r.code
			}
		}
		for _, l := range s.Locks {
			if l.Owner == t.Name {
				p.Holds = append(p.Holds, l.Name)
			}
		}
		p.WaitsFor = waitsFor(s, t, t.Name == worker)
		out = append(out, p)
	}
	return out
}

// waitsFor returns what blocks a thread: locks and deferred callbacks. The state does not
// show which lock an idle client will take next, but the worker's next step is known.
func waitsFor(s State, t ThreadView, isWorker bool) (out []string) {
	at := t.At
	switch {
	case at == idle && isWorker && len(s.Queue) > 0:
		at = "CleanupNetLock"
	case at == idle:
		return nil
	}
	for i, l := range s.Locks {
		if mutex.Takes(at, i) && l.Owner != "" {
			out = append(out, l.Name+", which "+l.Owner+" holds")
		}
	}
	if strings.HasSuffix(t.At, "BarrierEnd") {
		for _, p := range t.Waits {
			out = append(out, "the "+clients.DeferredCallback(p.Ops, p.Net))
		}
	}
	return out
}

func locals(t ThreadView) (out []Var) {
	for _, v := range []Var{{"kind", t.Kind}, {"ops", t.Ops}, {"net", t.Net}, {"other", t.Other}, {"err", t.Err}} {
		if v.Value != "" && v.Value != "none" {
			out = append(out, v)
		}
	}
	return out
}

// A row is a step of the C in docs/correspondence.md.
type row struct {
	id, c, spec, code string
	actions           []string
}

// The table of steps, read once: rows by the actions that they name.
var table = readTable(docs.Correspondence)

var (
	rowID  = regexp.MustCompile(`^R\d\d$`)
	ticked = regexp.MustCompile("`([A-Za-z.]+)`")
	link   = regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`)
)

// readTable reads the rows of every table that has the column of the C steps.
func readTable(page string) map[string]*row {
	byAction := map[string]*row{}
	var columns []string
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = link.ReplaceAllString(strings.TrimSpace(cells[i]), "$1")
		}
		if cells[0] == "id" {
			columns = cells
		}
		c := slices.Index(columns, "C: function, step")
		if !rowID.MatchString(cells[0]) || c < 0 || len(cells) != len(columns) {
			continue
		}
		cell := func(column string) string { return cells[slices.Index(columns, column)] }
		r := &row{id: cells[0], c: cells[c], spec: cell("TLA+"), code: cell("Impl")}
		for _, m := range ticked.FindAllStringSubmatch(r.spec, -1) {
			r.actions = append(r.actions, m[1])
			byAction[m[1]] = r
		}
	}
	return byAction
}

// stepAt returns the next action of a thread at a point, and its row. The name of a point
// lacks the outcome of the step, so the error so far helps to find the action.
func stepAt(at, err string) (action string, r *row) {
	outcomes := []string{"", err}
	if err != "" {
		outcomes = []string{err, "Fail", ""}
	}
	for _, o := range outcomes {
		if r := table[at+o]; r != nil {
			return at + o, r
		}
	}
	return at, nil
}
