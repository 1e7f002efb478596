// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/pernet/internal/tlc"
)

// noRow is what is wrong with a cfg that is new, until it is measured.
const noRow = " has no row in models.tsv (make record measures it)"

// A model is one cfg with its row in the record, and what was found.
type model struct {
	cfg    *tlc.Cfg
	row    *tlc.Row
	isNew  bool              // the record has no row of it yet
	files  map[string]string // their digests when the run began
	result tlc.Result
	why    string // of a failure
	ran    bool   // to an end that tells something
}

// quickLimit ends a quick cfg that would go on for ever.
const quickLimit = 10 * time.Minute

// A cfg that is new to the record is put down as long if it is called Large, or
// turns out to have many states.
const (
	large      = "Large"
	manyStates = 200_000
)

// fewStates is up to where TLC's coverage is asked for, which makes a run half
// as long again, and where it does not pay to have the JVM compile twice.
const fewStates = 30_000

// modelSteps holds the record against the folder, and each cfg against the record.
func (c *checker) modelSteps() {
	const name = "TLC"
	c.say("== %s", name)
	spec, err := tlc.SpecDir(c.root)
	if err != nil {
		c.add(row{name: name, verdict: fail, why: err.Error()})
		return
	}
	path := filepath.Join(spec, "models.tsv")
	rec, err := tlc.ReadRecord(path)
	if err != nil {
		c.add(row{name: name, verdict: fail, why: err.Error()})
		return
	}
	models, problems := c.gather(spec, rec)
	runner, err := c.road(spec)
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
	if selected := c.selected(models); len(selected) == 0 {
		c.add(row{name: name, verdict: fail, why: "no cfg to run"})
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
		return
	}
	c.verdictOf("each cfg has its row", problems, fmt.Sprintf("%d cfgs", len(models)))
	c.verdictOf("each invariant is violated by some cfg", unviolated(rec, models), "")
}

func (c *checker) verdictOf(name string, problems []string, figures string) {
	r := row{name: name, verdict: pass, figures: figures}
	if len(problems) > 0 {
		r.verdict, r.why = fail, strings.Join(problems, "; ")
	}
	c.add(r)
}

func (c *checker) road(spec string) (tlc.Runner, error) {
	cache, err := tlc.CacheDir()
	if err != nil {
		return nil, err
	}
	say := func(line string) { c.say("   %s", line) }
	return tlc.Find(c.ctx, tlc.Options{
		Want: c.options.road, Spec: spec, BaseTag: os.Getenv("TLC_BASE"), JavaHome: os.Getenv("JAVA_HOME"), Say: say,
		Jars: tlc.NewJars(os.Getenv("TLC_JAR"), cache, say),
	})
}

// gather pairs cfgs with rows, and tells of those that have no partner, and of
// what a cfg must not do.
func (c *checker) gather(spec string, rec *tlc.Record) (models []*model, problems []string) {
	names, err := tlc.ListCfgs(spec)
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
			m.row = &tlc.Row{Cfg: name, Verdict: tlc.Pass, Long: strings.Contains(name, large)}
			if m.row.Module, err = tlc.ModuleOf(spec, cfg); err != nil {
				problems = append(problems, err.Error())
				continue
			}
			if !c.update {
				problems = append(problems, name+noRow)
			}
		} else if mustFail(name) == (m.row.Verdict == tlc.Pass) {
			problems = append(problems, fmt.Sprintf("%s: a cfg is called Bug… or Probe… when it must be violated, and only then; the record has %s", name, m.row.Verdict))
		}
		if cfg.NoDeadlock {
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

// mustFail goes by the name of a cfg: Bug… has a fault seeded, Probe… shows that something can be reached.
func mustFail(cfg string) bool { return strings.Contains(cfg, "Bug") || strings.Contains(cfg, "Probe") }

// selected are the cfgs to be run now, those that take longest first, so that
// no processor waits at the end: properties cost more than states tell.
func (c *checker) selected(models []*model) []*model {
	var chosen []*model
	for _, m := range models {
		switch {
		case c.only != nil && !c.only.MatchString(m.cfg.Name):
		case c.only != nil, m.row.Long == c.long:
			chosen = append(chosen, m)
		}
	}
	cost := func(m *model) int64 {
		if len(m.cfg.Properties) > 0 && m.row.Verdict == tlc.Pass {
			return m.row.Distinct + manyStates
		}
		return m.row.Distinct
	}
	slices.SortStableFunc(chosen, func(a, b *model) int { return cmp.Compare(cost(b), cost(a)) })
	return chosen
}

// runAll runs quick cfgs several at a time, each with one worker, and long ones
// one after the other with all workers.
func (c *checker) runAll(runner tlc.Runner, spec string, models []*model) {
	jobs, workers := c.jobs, 1
	if c.long {
		jobs, workers = 1, 0
	}
	queue := make(chan *model, len(models))
	for _, m := range models {
		queue <- m
	}
	close(queue)
	rows := make(chan row)
	var running sync.WaitGroup
	for range min(jobs, len(models)) {
		running.Go(func() {
			for m := range queue {
				rows <- c.runModel(runner, tlc.Job{Spec: spec, Module: m.row.Module, Cfg: m.cfg, Workers: workers, Beside: jobs}, m)
			}
		})
	}
	go func() {
		running.Wait()
		close(rows)
	}()
	for r := range rows {
		c.add(r)
	}
	c.sortModelRows(models)
}

// sortModelRows puts the rows of the cfgs, which came as they ended, into order.
func (c *checker) sortModelRows(models []*model) {
	first := len(c.rows) - len(models)
	slices.SortFunc(c.rows[first:], func(a, b row) int { return strings.Compare(a.name, b.name) })
}

// runModel runs one cfg and judges what TLC found.
func (c *checker) runModel(runner tlc.Runner, job tlc.Job, m *model) row {
	r := row{name: m.cfg.Name, verdict: incomplete, why: "interrupted before it began"}
	if c.ctx.Err() != nil {
		return r
	}
	ctx := c.ctx
	if !c.long {
		limited, cancel := context.WithTimeoutCause(ctx, quickLimit, fmt.Errorf("not done within %s", quickLimit))
		defer cancel()
		ctx = limited
	}
	var err error
	if m.files, err = m.row.Digests(job.Spec); err != nil {
		return row{name: m.cfg.Name, verdict: fail, why: err.Error()}
	}
	log, path, err := c.logFile(m.cfg.Name)
	if err != nil {
		return row{name: m.cfg.Name, verdict: fail, why: err.Error()}
	}
	defer log.Close()
	job.Log = log
	job.Show = func(line string) { c.say("   %s  %s", m.cfg.Name, line) }
	job.Quiet = mustFail(m.cfg.Name)
	job.Coverage = countsForCoverage(m)
	job.Brief = mustFail(m.cfg.Name) || isSmall(m) && !m.isNew
	if m.result, err = tlc.Run(ctx, runner, job); err != nil {
		return row{name: m.cfg.Name, verdict: fail, why: err.Error()}
	}
	m.ran = m.result.Verdict != tlc.Incomplete && m.result.Verdict != tlc.Broken
	m.why = c.judge(m, job.Workers)
	r.why, r.verdict = m.why, pass
	switch {
	case m.result.Verdict == tlc.Incomplete:
		r.verdict = incomplete
	case m.why != "":
		r.verdict = fail
	}
	if m.why != "" {
		r.why += " (TLC's output: " + path + ")"
	}
	r.figures = figures(m.result, runner)
	return r
}

// judge holds the result against the row; with -update, only what must not
// change by a new measuring.
func (c *checker) judge(m *model, workers int) string {
	if !c.update && m.isNew {
		return fmt.Sprintf("%s%s; TLC found: %s", m.cfg.Name, noRow, strings.TrimSpace(orElse(m.result.Problem, string(m.result.Verdict)+" "+m.result.Name)))
	}
	if !c.update {
		return m.row.Judge(m.result, workers)
	}
	asked := *m.row
	if m.isNew && m.result.Verdict != tlc.Broken && m.result.Verdict != tlc.Incomplete {
		if mustFail(m.cfg.Name) == (m.result.Verdict == tlc.Pass) {
			return fmt.Sprintf("by its name it %s be violated, but TLC found: %s %s",
				map[bool]string{true: "must", false: "must not"}[mustFail(m.cfg.Name)], m.result.Verdict, m.result.Name)
		}
		asked.Verdict, asked.Violated = m.result.Verdict, m.result.Name
	}
	asked.Distinct, asked.Generated, asked.Depth = m.result.Distinct, m.result.Generated, m.result.Depth
	if m.result.Verdict == tlc.Pass && m.result.Distinct == 0 {
		return "no state found"
	}
	return asked.Judge(m.result, workers)
}

func figures(r tlc.Result, runner tlc.Runner) string {
	f := fmt.Sprintf("%12s states", tlc.Group(r.Distinct))
	if r.Name != "" {
		f += ", " + r.Name + " violated"
	}
	f = fmt.Sprintf("%s, %s, %s TLC %s", f, seconds(r.Took), runner.Road(), orElse(r.Version, "?"))
	if runner.Jar().Named {
		f += " of TLC_JAR, not pinned"
	}
	return f
}

// logFile is where all that TLC writes goes.
func (c *checker) logFile(cfg string) (io.WriteCloser, string, error) {
	relative := filepath.Join(".cache", "tlc", strings.TrimSuffix(cfg, ".cfg")+".out")
	path := filepath.Join(c.root, relative)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, "", err
	}
	f, err := os.Create(path)
	return f, relative, err
}
