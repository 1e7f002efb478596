// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/tlc"
)

// How a mutant is caught, by TLC on one cfg.
const (
	byError      = "error"      // the parser or the evaluation
	byProperty   = "property"   // an invariant, a property or a deadlock
	byRecord     = "record"     // other counts than those in the record
	byGraph      = "graph"      // another state graph than the code's
	byRefinement = "refinement" // not as registry.tla promises
	byFault      = "fault"      // a seeded fault is not found, or as another
)

// perState is how much longer a run may take for each state that it should find.
const perState = 3 * time.Millisecond

// faultStates are enough for any seeded fault: each is found within a few thousand.
const faultStates = 20_000

// A catch is what showed a mutant to be none of the spec.
type catch struct{ how, cfg, name string }

// A tester runs TLC on changed copies of the spec.
type tester struct {
	*plan
	runner tlc.Runner
	bound  time.Duration // of one run, and perState
	jobs   int
	long   bool // the long instances too

	mu      sync.Mutex
	base    map[string]*baseline
	version string
}

type baseline struct {
	once sync.Once
	err  error
}

// try gives what catches the mutant, or nil and what could not be told: first
// by the small instances, with the one before them that caught it before, then
// by the large ones.
func (t *tester) try(ctx context.Context, m mutant, before string, large bool) (*catch, []string, error) {
	dir, err := t.copySpec(m.apply(t.src))
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	var first, then []rung
	for _, r := range t.rungs(m, true) {
		switch {
		case r.cfg.Name == before && !large:
			first = append(first, r)
		case r.row.Long && !t.long, r.isLarge() != large:
		default:
			then = append(then, r)
		}
	}
	var untold []string
	for _, r := range append(first, then...) {
		if err := t.asRecorded(ctx, r); err != nil {
			return nil, nil, err
		}
		c, why, err := t.climb(ctx, dir, r)
		if c != nil || err != nil {
			return c, nil, err
		}
		if why != "" {
			untold = append(untold, r.cfg.Name+": "+why)
		}
	}
	return nil, untold, nil
}

// asRecorded runs the spec as it is on a cfg, once: if that were caught too, no
// catch would mean anything.
func (t *tester) asRecorded(ctx context.Context, r rung) error {
	t.mu.Lock()
	b := t.base[r.cfg.Name]
	if b == nil {
		b = &baseline{}
		t.base[r.cfg.Name] = b
	}
	t.mu.Unlock()
	b.once.Do(func() {
		dir, err := t.copySpec(t.src)
		if err != nil {
			b.err = err
			return
		}
		defer os.RemoveAll(dir)
		c, why, err := t.climb(ctx, dir, r)
		switch {
		case err != nil:
			b.err = err
		case c != nil:
			b.err = fmt.Errorf("%s: the spec without any change is caught: %s %s", r.cfg.Name, c.how, c.name)
		case why != "":
			b.err = fmt.Errorf("%s: of the spec without any change: %s", r.cfg.Name, why)
		}
	})
	return b.err
}

// copySpec makes a folder with the files of the spec, and text as the module.
func (t *tester) copySpec(text string) (string, error) {
	dir, err := os.MkdirTemp("", "pernet-specmut-")
	if err != nil {
		return "", err
	}
	err = os.Chmod(dir, 0o755) // TLC's container reads it
	for _, pattern := range []string{"*.tla", "*.cfg"} {
		paths, globErr := filepath.Glob(filepath.Join(t.dir, pattern))
		err = errors.Join(err, globErr)
		for _, path := range paths {
			content, readErr := os.ReadFile(path)
			err = errors.Join(err, readErr, os.WriteFile(filepath.Join(dir, filepath.Base(path)), content, 0o644))
		}
	}
	return dir, errors.Join(err, os.WriteFile(filepath.Join(dir, specFile), []byte(text), 0o644))
}

// climb runs one cfg: caught; not caught; or not to be told, and why.
func (t *tester) climb(ctx context.Context, dir string, r rung) (*catch, string, error) {
	bound := t.bound + time.Duration(r.row.Distinct)*perState
	limited, cancel := context.WithTimeoutCause(ctx, bound, fmt.Errorf("not done within %s", bound))
	defer cancel()
	watch := &watcher{limit: r.row.Distinct, stop: cancel}
	if r.row.Verdict != tlc.Pass {
		watch.limit = faultStates
	}
	job := tlc.Job{Spec: dir, Module: r.row.Module, Cfg: r.cfg, Workers: 1, Beside: t.jobs,
		Brief: r.row.Distinct <= fewStates, Log: watch, Show: func(string) {}, Quiet: true}
	if r.comparesGraph() {
		folder, err := os.MkdirTemp("", "pernet-specmut-dump-")
		if err != nil {
			return nil, "", err
		}
		defer os.RemoveAll(folder)
		if err := os.Chmod(folder, 0o777); err != nil {
			return nil, "", err
		}
		job.Dump = filepath.Join(folder, "graph.dot")
	}
	result, err := tlc.Run(limited, t.runner, job)
	t.mu.Lock()
	if result.Version != "" {
		t.version = result.Version
	}
	t.mu.Unlock()
	caught := func(how, name string) (*catch, string, error) { return &catch{how, r.cfg.Name, name}, "", nil }
	switch {
	case err != nil:
		return nil, "", err
	case ctx.Err() != nil:
		return nil, "", ctx.Err()
	case watch.over && r.row.Verdict != tlc.Pass:
		return caught(byFault, "not "+r.row.Violated)
	case watch.over:
		return caught(byRecord, "more states")
	case result.Verdict == tlc.Broken && result.Version == "":
		return nil, "", errors.New(result.Problem)
	case result.Verdict == tlc.Broken:
		return caught(byError, short(result.Problem))
	case result.Verdict == tlc.Incomplete:
		return nil, result.Problem, nil
	case r.row.Judge(result, 1) == "" && job.Dump != "":
		return t.compare(dir, job.Dump, r)
	case r.row.Judge(result, 1) == "":
		return nil, "", nil
	case r.row.Verdict != tlc.Pass:
		return caught(byFault, "not "+r.row.Violated)
	case result.Verdict == tlc.Pass:
		return caught(byRecord, "counts")
	case strings.HasPrefix(result.Name, "Registry") || strings.HasPrefix(result.Name, "Calls") || strings.Contains(result.Name, "of Registry"):
		return caught(byRefinement, short(result.Name))
	}
	return caught(byProperty, short(result.Name))
}

// compare holds the dump against the digest that the record has of the graph of
// spec and code.
func (t *tester) compare(dir, dump string, r rung) (*catch, string, error) {
	in, err := r.instance(dir)
	if err != nil {
		return nil, "", err
	}
	f, err := os.Open(dump)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	g, err := graph.ReadDump(f, in.ParseState)
	if err != nil { // a state that the code cannot be in
		return &catch{byGraph, r.cfg.Name, short(err.Error())}, "", nil
	}
	if g.Digest(explore.Encode).String() != r.row.Graph {
		return &catch{byGraph, r.cfg.Name, "digest"}, "", nil
	}
	return nil, "", nil
}

// short makes a reason fit for one cell of a table.
func short(s string) string {
	s, _, _ = strings.Cut(oneLine(s), " (TLC does not say which")
	if r := []rune(s); len(r) > 80 {
		s = string(r[:77]) + "..."
	}
	return s
}

var distinctStates = regexp.MustCompile(` states generated.*?, ([\d,]+) distinct states found`)

// A watcher reads what TLC writes, and stops a run that has found more states
// than there should be: it may never end.
type watcher struct {
	limit int64
	stop  func()
	over  bool
	part  string // of a line
}

func (w *watcher) Write(b []byte) (int, error) {
	lines := strings.Split(w.part+string(b), "\n")
	w.part = lines[len(lines)-1]
	for _, line := range lines[:len(lines)-1] {
		m := distinctStates.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if n, _ := strconv.ParseInt(strings.ReplaceAll(m[1], ",", ""), 10, 64); n > w.limit && !w.over {
			w.over = true
			w.stop()
		}
	}
	return len(b), nil
}
