// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/tlc"
	"example.com/pernet/tools/tlcrun"
)

// noRow is what is wrong with a cfg that is new, until it is measured.
const noRow = " has no row in models.tsv (make record measures it)"

// A model is one cfg with its row in the record, and what was found.
type model struct {
	cfg    *tlc.Cfg
	row    *tlcrun.Row
	isNew  bool              // the record has no row of it yet
	files  map[string]string // their digests when the run began
	result tlcrun.Result
	why    string // of a failure
	cover  bool   // with TLC's coverage
	ran    bool   // to an end that tells something
	stale  string // a file that is not the one that the row was measured on
	dump   string // where TLC has written the state graph, if it is compared
}

// modelSteps holds the record against the folder, and each cfg against the record.
func (c *checker) modelSteps() {
	const name = "TLC"
	c.say("== %s", name)
	spec, err := tlcrun.SpecDir(c.root)
	if err != nil {
		c.add(row{name: name, verdict: fail, why: err.Error()})
		return
	}
	path := filepath.Join(spec, "models.tsv")
	rec, err := tlcrun.ReadRecord(path)
	if err != nil {
		c.add(row{name: name, verdict: fail, why: err.Error()})
		return
	}
	models, problems := c.gather(spec, rec)
	runner, err := tlcrun.Find(c.ctx, c.road, spec, func(line string) { c.say("   %s", line) })
	if errors.Is(err, tlcrun.ErrUnusable) && !c.update { // what the record says is told all the same
		c.add(row{name: name, verdict: fail, why: err.Error()})
		c.noTLC, err = "what runs TLC is installed, and does not work", nil
	} else if err == nil && runner == nil && c.road == "auto" {
		c.noTLC = "neither Docker nor Java is installed"
	}
	if err == nil && runner == nil && c.update {
		err = errors.New("the record cannot be made from the record: no TLC to run")
	}
	if err != nil {
		verdict := fail
		if c.ctx.Err() != nil {
			verdict, err = incomplete, errors.New("interrupted")
		}
		c.add(row{name: name, verdict: verdict, why: err.Error()})
		return
	}
	c.askForCoverage(rec, models)
	if selected := c.selected(models); len(selected) == 0 {
		c.add(row{name: name, verdict: fail, why: c.noneSelected()})
	} else if runner == nil {
		c.fromRecord(spec, selected)
	} else {
		c.runAll(runner, spec, selected)
	}
	if c.only == nil && !c.long {
		c.reached(spec, rec, models, runner != nil)
	}
	if c.update {
		problems = c.write(path, rec, models, problems)
	}
	if c.only != nil && !c.update {
		problems = slices.DeleteFunc(problems, func(p string) bool { return !c.chosen(strings.FieldsFunc(p, unlikeName)[0]) })
		if len(problems) > 0 {
			c.verdictOf("each cfg that was chosen is in order", problems, "")
		}
		return
	}
	c.verdictOf("each cfg has its row", problems, plural.N(len(models), "cfg"))
	c.verdictOf("each invariant is violated by some cfg", unviolated(models), "")
}

func (c *checker) verdictOf(name string, problems []string, figures string) {
	r := row{name: name, verdict: pass, figures: figures}
	if len(problems) > 0 {
		r.verdict, r.why = fail, strings.Join(problems, "; ")
	}
	c.add(r)
}

// gather pairs cfgs with rows, and tells of those that have no partner, and of
// what a cfg must not do.
func (c *checker) gather(spec string, rec *tlcrun.Record) (models []*model, problems []string) {
	names, err := tlcrun.ListCfgs(spec)
	if err != nil {
		return nil, []string{err.Error()}
	}
	for _, name := range names {
		cfg, err := tlc.ReadCfg(spec, name)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		m := &model{cfg: cfg, row: rec.Find(name)}
		if m.row == nil {
			m.isNew = true
			m.row = &tlcrun.Row{Cfg: name, Verdict: tlcrun.Pass, Long: strings.Contains(name, large)}
			if m.row.Module, err = tlc.ModuleOf(spec, cfg); err != nil {
				problems = append(problems, err.Error())
				continue
			}
			if !c.update {
				problems = append(problems, name+noRow)
			}
		} else if mustFail(name) == (m.row.Verdict == tlcrun.Pass) {
			problems = append(problems, fmt.Sprintf("%s: a cfg is called Bug… or Probe… when it must be violated, and only then; the record has %s", name, m.row.Verdict))
		}
		if m.row.Long != strings.Contains(name, large) && !m.isNew && !mustFail(name) { // any fault may be left to make long
			problems = append(problems, name+": a cfg is called Large… when it is long, and only then")
		}
		if v := m.row.Violated; v != "" && !asks(cfg, v) {
			problems = append(problems, fmt.Sprintf("%s: the record has %s violated, which the cfg does not ask for", name, v))
		}
		if dropped := m.dropped(); len(dropped) > 0 {
			problems = append(problems, fmt.Sprintf("%s no longer checks %s, which the record has it check (to drop a claim, take it from spec/models.tsv, too)",
				name, strings.Join(dropped, ", ")))
		}
		if !mustFail(name) && len(cfg.Claims()) == 0 {
			problems = append(problems, name+" lists no invariant and no property")
		}
		if keyword := hides(cfg); keyword != "" {
			problems = append(problems, name+" hides states behind "+keyword)
		}
		if slices.Contains(cfg.Clause("CHECK_DEADLOCK"), "FALSE") {
			problems = append(problems, name+" switches the check for deadlock off")
		}
		models = append(models, m)
	}
	for _, r := range rec.Models {
		if !slices.Contains(names, r.Cfg) && !c.update {
			problems = append(problems, r.Cfg+" has a row, but is not in spec/")
		}
	}
	return models, problems
}

// hides returns a keyword of the cfg that hides states from TLC, or "". The View of
// MCnetnsRefine.tla leaves out only what no step reads.
func hides(cfg *tlc.Cfg) string {
	for _, keyword := range []string{"CONSTRAINT", "ACTION_CONSTRAINT", "SYMMETRY", "VIEW"} {
		names := cfg.Clause(keyword)
		sound := keyword == "VIEW" && (strings.HasPrefix(cfg.Name, "MCnetnsRefine") || strings.HasPrefix(cfg.Name, "MCnetns_rwsemRefine")) && slices.Equal(names, []string{"View"})
		if names != nil && !sound {
			return keyword
		}
	}
	return ""
}

// dropped are the claims that the instance was recorded to check and no longer lists.
func (m *model) dropped() (claims []string) {
	now := m.cfg.Claims()
	return slices.DeleteFunc(slices.Clone(m.row.Claims), func(c string) bool { return slices.Contains(now, c) })
}

// unlikeName ends the name of the cfg that a problem begins with.
func unlikeName(r rune) bool { return r == ':' || r == ' ' }

// asks reports whether a violation of that name can come of a cfg.
func asks(cfg *tlc.Cfg, name string) bool {
	return name == "Deadlock" || name == "Assumption" || slices.Contains(cfg.Invariants, name) || slices.Contains(cfg.Properties, name)
}

// mustFail goes by the name of a cfg: Bug… has a fault seeded, Probe… shows that something can be reached.
func mustFail(cfg string) bool { return strings.Contains(cfg, "Bug") || strings.Contains(cfg, "Probe") }
