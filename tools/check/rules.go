// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"example.com/pernet/internal/plural"
	"example.com/pernet/tools/tlcrun"
)

// fromRecord takes the record in place of runs.
func (c *checker) fromRecord(spec string, models []*model) {
	for _, m := range models {
		r := row{name: m.cfg.Name, verdict: record}
		r.figures = fmt.Sprintf("%12s states, TLC %s as recorded", tlcrun.Group(m.row.Distinct), cmp.Or(m.row.TLC, "?"))
		if m.row.Violated != "" {
			r.figures = fmt.Sprintf("%s violated, TLC %s as recorded", m.row.Violated, cmp.Or(m.row.TLC, "?"))
		}
		switch stale := m.row.Stale(spec); {
		case m.isNew:
			r.verdict, r.why = fail, m.cfg.Name+noRow
		case stale != "":
			r.verdict, r.why = fail, stale+", and there is no TLC to run"
		case m.row.TLC == "":
			r.verdict, r.why = fail, "not measured yet"
		}
		c.add(r)
	}
	c.sortModelRows(models)
	c.graphs(spec, models)
}

// mayCover: what a seeded fault makes reachable shows nothing, and how far a
// search comes that ends early may vary.
func mayCover(m *model) bool {
	return !m.row.Long && m.row.Verdict == tlcrun.Pass && max(m.row.Distinct, m.result.Distinct) <= fewStates
}

// askForCoverage marks the cfgs that run with TLC's coverage, which makes a run
// up to twice as long: for make record all that may, else those that it chose.
func (c *checker) askForCoverage(rec *tlcrun.Record, models []*model) {
	var chosen []string
	for _, a := range rec.Actions {
		chosen = append(chosen, a.Cfgs...)
	}
	for _, m := range models {
		m.cover = mayCover(m) && (c.update || slices.Contains(chosen, strings.TrimSuffix(m.cfg.Name, ".cfg")))
	}
}

// reached adds a row for each module of which every action must be taken in
// some quick cfg of few states.
func (c *checker) reached(spec string, rec *tlcrun.Record, models []*model, ran bool) {
	if missing := noActions(rec, models); len(missing) > 0 {
		c.add(row{name: "every action reached", verdict: fail, why: "models.tsv has no count of actions of " + strings.Join(missing, ", ")})
	}
	for i := range rec.Actions {
		a := &rec.Actions[i]
		r := row{name: "every action of " + a.Module + " reached", verdict: pass}
		now, err := tlcrun.Digest(spec, a.Module+".tla")
		taken := takenIn(models, a.Module)
		r.figures = plural.N(len(taken), "action")
		never := untaken(taken)
		switch {
		case err != nil:
			r.verdict, r.why = fail, err.Error()
		case ran && slices.ContainsFunc(models, func(m *model) bool { return m.cover && !m.ran }):
			r.verdict, r.why = incomplete, "not all quick cfgs ran to their end"
		case ran && len(taken) == 0:
			r.verdict, r.why = fail, "TLC's coverage has no action of "+a.Module
		case len(never) > 0 && c.update:
			r.verdict, r.why = fail, fmt.Sprintf("in no quick cfg of up to %s states that passes: ", tlcrun.Group(fewStates))+strings.Join(never, ", ")
		case len(never) > 0:
			r.verdict, r.why = fail, "in none of "+strings.Join(a.Cfgs, ", ")+": "+strings.Join(never, ", ")
		case c.update:
			a.Count, a.SHA256, a.Cfgs = len(taken), now, suffice(models, a.Module)
		case ran && len(taken) != a.Count:
			r.verdict, r.why = fail, fmt.Sprintf("the record has %s, TLC found %d", plural.N(a.Count, "action"), len(taken))
		case a.SHA256 != now: // also after a run of TLC: the record is for machines without it
			r.verdict, r.why = fail, a.Module+".tla has changed since the record was made: measure it anew (make record)"
		case !ran:
			r.verdict, r.figures = record, plural.N(a.Count, "action")+" as recorded"
		}
		c.add(r)
	}
}

// suffice gives the names of cfgs that together take every action of a module
// that any takes: again and again the one with the most new ones for its states.
func suffice(models []*model, module string) []string {
	missing := map[string]bool{}
	count := func(m *model) (n int) {
		for name, taken := range takenIn([]*model{m}, module) {
			if taken > 0 && missing[name] {
				n++
			}
		}
		return n
	}
	for name, taken := range takenIn(models, module) {
		missing[name] = taken > 0
	}
	var names []string
	for slices.ContainsFunc(models, func(m *model) bool { return count(m) > 0 }) {
		best := slices.MaxFunc(models, func(a, b *model) int {
			const start = 500 // states that TLC could look at while its JVM starts
			return cmp.Compare(float64(count(a))/float64(start+a.result.Distinct), float64(count(b))/float64(start+b.result.Distinct))
		})
		names = append(names, strings.TrimSuffix(best.cfg.Name, ".cfg"))
		for name, taken := range takenIn([]*model{best}, module) {
			missing[name] = missing[name] && taken == 0
		}
	}
	slices.Sort(names)
	return names
}

// noActions gives the specs of the cfgs whose actions the record does not count.
func noActions(rec *tlcrun.Record, models []*model) []string {
	var missing []string
	for _, m := range models {
		spec := strings.TrimSuffix(specOf(m.cfg.Name), ": ")
		counted := slices.ContainsFunc(rec.Actions, func(a tlcrun.ActionsRow) bool { return spec == "" || a.Module == spec })
		if !counted && !slices.Contains(missing, cmp.Or(spec, "any spec")) {
			missing = append(missing, cmp.Or(spec, "any spec"))
		}
	}
	return missing
}

// takenIn adds up how often each action of a module was taken.
func takenIn(models []*model, module string) map[string]int64 {
	taken := map[string]int64{}
	for _, m := range models {
		for _, a := range m.result.Actions {
			if a.Module == module && m.cover {
				taken[a.Name] += a.Taken
			}
		}
	}
	return taken
}

func untaken(taken map[string]int64) []string {
	var never []string
	for _, name := range slices.Sorted(maps.Keys(taken)) {
		if taken[name] == 0 {
			never = append(never, name)
		}
	}
	return never
}

// unviolated gives the invariants and properties of the cfgs that pass which no
// other cfg shows violated.
//
// A name counts for its own spec: both have a TypeOK. A Probe… cfg shows what
// the C does, so it is no fault that a check has caught.
func unviolated(models []*model) (problems []string) {
	holds, violated := map[string]bool{}, map[string]bool{}
	for _, m := range models {
		if m.isNew && m.row.TLC == "" { // not measured: its own row says so
			continue
		}
		if m.row.Verdict != tlcrun.Pass {
			if !strings.Contains(m.cfg.Name, "Probe") {
				violated[specOf(m.cfg.Name)+m.row.Violated] = true
			}
			continue
		}
		for _, name := range slices.Concat(m.cfg.Invariants, m.cfg.Properties) {
			holds[specOf(m.cfg.Name)+name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(holds)) {
		if !violated[name] {
			problems = append(problems, name+" is violated by no cfg")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(violated)) {
		if !holds[name] && strings.Contains(name, ": ") && !strings.HasSuffix(name, ": Deadlock") {
			problems = append(problems, name+" is violated by a cfg, but claimed by none that passes")
		}
	}
	return problems
}

var specName = regexp.MustCompile(`^MC([a-z_]+)`)

// specOf is what to put before a name of a cfg's spec: MCnetnsBoot.cfg is of "netns: ".
func specOf(cfg string) string {
	if m := specName.FindStringSubmatch(cfg); m != nil {
		return m[1] + ": "
	}
	return ""
}

// write takes what was measured into the record. A cfg that failed keeps the
// row it had; a row whose cfg is gone goes too.
func (c *checker) write(path string, rec *tlcrun.Record, models []*model, problems []string) []string {
	if c.ctx.Err() != nil {
		return append(problems, "interrupted: the record is left as it was")
	}
	var rows []tlcrun.Row
	for _, m := range models {
		measured := *m.row
		if m.ran && m.why == "" {
			if m.isNew {
				measured.Verdict, measured.Violated = m.result.Verdict, m.result.Name
				measured.Long = m.row.Long || m.result.Distinct > manyStates
				c.say("   new in the record: %s: %s %s", m.cfg.Name, measured.Verdict, measured.Violated)
			}
			m.result.Measure(&measured, m.files)
			if measured.Verdict == tlcrun.Pass && len(m.dropped()) == 0 {
				measured.Claims = m.cfg.Claims()
			}
		} else if m.isNew {
			problems = append(problems, m.cfg.Name+gotNoRow(m))
			continue
		}
		*m.row = measured
		rows = append(rows, measured)
	}
	for _, old := range rec.Models {
		if !slices.ContainsFunc(models, func(m *model) bool { return m.cfg.Name == old.Cfg }) {
			c.say("   gone from the record: %s", old.Cfg)
		}
	}
	rec.Models = rows
	if err := rec.Write(path); err != nil {
		return append(problems, err.Error())
	}
	return problems
}

func gotNoRow(m *model) string {
	if m.row.Long && !m.ran {
		return " got no row (make record LONG=1 measures it)"
	}
	return " got no row"
}
