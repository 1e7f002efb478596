// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/pernet/tools/tlcrun"
)

// A cfg that is new to the record is put down as long if it is called Large, or
// turns out to have many states.
const (
	large      = "Large"
	manyStates = 200_000
)

// fewStates is up to where make record asks for TLC's coverage.
const fewStates = 30_000

// chosen reports whether -only takes a cfg, by its name with .cfg or without.
func (o *options) chosen(cfg string) bool {
	return o.only == nil || o.only.MatchString(cfg) || o.only.MatchString(strings.TrimSuffix(cfg, ".cfg"))
}

// noneSelected says why there is no cfg to run.
func (o *options) noneSelected() string {
	switch {
	case o.only != nil:
		return fmt.Sprintf("no cfg to run: %s matches no name of a cfg in spec/, with .cfg or without", o.only)
	case o.long:
		return "no cfg to run: none in spec/ is long"
	}
	return "no cfg to run: none in spec/ is quick"
}

// selected are the cfgs to be run now, those that take longest first, so that
// no processor waits at the end: properties cost more than states tell.
func (c *checker) selected(models []*model) []*model {
	var chosen []*model
	for _, m := range models {
		switch {
		case !c.chosen(m.cfg.Name):
		case c.only != nil, m.row.Long == c.long:
			chosen = append(chosen, m)
		}
	}
	cost := func(m *model) int64 {
		if len(m.cfg.Properties) > 0 && m.row.Verdict == tlcrun.Pass {
			return m.row.Distinct + manyStates
		}
		return m.row.Distinct
	}
	slices.SortStableFunc(chosen, func(a, b *model) int { return cmp.Compare(cost(b), cost(a)) })
	return chosen
}

// runAll runs quick cfgs several at a time, each with one worker, and long ones
// one after the other with all workers.
func (c *checker) runAll(runner tlcrun.Runner, spec string, models []*model) {
	jobs := c.jobs
	if c.long {
		jobs = 1
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
				workers := 1 // also where long cfgs are measured too: several may find another depth
				if m.row.Long {
					workers = 0
				}
				rows <- c.runModel(runner, tlcrun.Job{Spec: spec, Module: m.row.Module, Cfg: m.cfg, Workers: workers, Beside: jobs}, m)
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
	c.graphs(spec, models)
}

// sortModelRows puts the rows of the cfgs, which came as they ended, into order.
func (c *checker) sortModelRows(models []*model) {
	first := len(c.rows) - len(models)
	slices.SortFunc(c.rows[first:], func(a, b row) int { return strings.Compare(a.name, b.name) })
}

// limit is how long one run of a quick row may take. A run that hangs is noticed
// without it; it ends a run that goes on for ever, and no other: the machine
// may be 30 times as busy as, or slower than, the one of the record, and the
// shortest run starts a JVM and perhaps a container. A row with no time yet has ten minutes.
func limit(took time.Duration) time.Duration {
	if took == 0 {
		return 10 * time.Minute
	}
	return max(3*time.Minute, 30*took)
}

// runModel runs one cfg and judges what TLC found.
func (c *checker) runModel(runner tlcrun.Runner, job tlcrun.Job, m *model) row {
	r := row{name: m.cfg.Name, verdict: incomplete, why: "interrupted before it began"}
	if c.ctx.Err() != nil {
		return r
	}
	if !m.row.Long {
		job.Limit = limit(m.row.Took)
	}
	var err error
	if m.files, err = m.row.Digests(job.Spec); err != nil {
		return row{name: m.cfg.Name, verdict: fail, why: err.Error()}
	}
	if stale := m.row.Stale(job.Spec); stale != "" && len(m.row.Files) > 0 { // TLC may find what it found before, for a claim that has gone
		m.stale = stale + ": measure it anew (make record)"
	}
	log, path, err := c.logFile(m.cfg.Name)
	if err != nil {
		return row{name: m.cfg.Name, verdict: fail, why: err.Error()}
	}
	defer log.Close()
	job.Log = log
	job.Show = func(line string) { c.say("   %s  %s", m.cfg.Name, line) }
	job.Quiet = mustFail(m.cfg.Name)
	job.Coverage = m.cover
	job.Expect, job.Patience = m.row.Took, c.patience
	if job.Dump, err = c.dumpFile(m); err != nil {
		return row{name: m.cfg.Name, verdict: fail, why: err.Error()}
	}
	m.dump = job.Dump
	if m.result, err = tlcrun.Run(c.ctx, runner, job); err != nil {
		return row{name: m.cfg.Name, verdict: fail, why: err.Error()}
	}
	m.ran = m.result.Verdict != tlcrun.Incomplete && m.result.Verdict != tlcrun.Broken
	m.why = c.judge(m, job.Workers)
	r.why, r.verdict = m.why, pass
	switch {
	case m.result.Verdict == tlcrun.Incomplete:
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
		return fmt.Sprintf("%s%s; TLC found: %s", m.cfg.Name, noRow, strings.TrimSpace(cmp.Or(m.result.Problem, string(m.result.Verdict)+" "+m.result.Name)))
	}
	if !c.update {
		if why := m.result.Judge(*m.row, workers); why != "" {
			return why
		}
		return m.stale
	}
	asked := *m.row
	if m.isNew && m.result.Verdict != tlcrun.Broken && m.result.Verdict != tlcrun.Incomplete {
		if mustFail(m.cfg.Name) == (m.result.Verdict == tlcrun.Pass) {
			return fmt.Sprintf("by its name it %s be violated, but TLC found: %s %s",
				map[bool]string{true: "must", false: "must not"}[mustFail(m.cfg.Name)], m.result.Verdict, m.result.Name)
		}
		asked.Verdict, asked.Violated = m.result.Verdict, m.result.Name
	}
	asked.Distinct, asked.Generated, asked.Depth = m.result.Distinct, m.result.Generated, m.result.Depth
	if m.result.Verdict == tlcrun.Pass && m.result.Distinct == 0 {
		return "no state found"
	}
	return m.result.Judge(asked, workers)
}

func figures(r tlcrun.Result, runner tlcrun.Runner) string {
	f := fmt.Sprintf("%12s states", tlcrun.Group(r.Distinct))
	if r.Name != "" {
		f += ", " + r.Name + " violated"
	}
	f = fmt.Sprintf("%s, %s, %s TLC %s", f, seconds(r.Took), runner.Road(), cmp.Or(r.Version, "?"))
	if runner.Jar().Named {
		f += " of TLC_JAR, not pinned"
	}
	if r.Hangs > 0 {
		f += ", " + []string{"hung once", "hung twice", "hung each time"}[r.Hangs-1]
	}
	return f
}

// logs is where TLC's output goes.
const logs = ".cache/check/tlc"

// logFile is where all that TLC writes goes.
func (c *checker) logFile(cfg string) (io.WriteCloser, string, error) {
	relative := filepath.Join(logs, strings.TrimSuffix(cfg, ".cfg")+".out")
	path := filepath.Join(c.root, relative)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, "", err
	}
	f, err := os.Create(path)
	return f, relative, err
}
