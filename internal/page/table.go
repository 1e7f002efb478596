// SPDX-License-Identifier: MIT

package page

import (
	"regexp"
	"slices"
	"strings"

	"example.com/pernet/docs"
)

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
