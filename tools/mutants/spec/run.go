// SPDX-License-Identifier: MIT

package spec

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"example.com/pernet/tools/compare"
	"example.com/pernet/tools/mutants/campaign"
	"example.com/pernet/tools/tlcrun"
)

// How a mutant is killed, by TLC on one cfg.
const (
	byError      = "error"      // the parser or the evaluation
	byProperty   = "property"   // an invariant, a property or a deadlock
	byEndless    = "endless"    // so many states that a run may never end
	byGraph      = "graph"      // another state graph than the code's
	byRefinement = "refinement" // not as registry.tla promises
	byFault      = "fault"      // a seeded fault is not found, or as another
)

// perState is how much longer a run may take for each state that it should find.
const perState = 3 * time.Millisecond

// manyTimes the recorded states are too many.
const manyTimes = 4

// climb runs TLC on one cfg of a copy of the spec, with that text for one of its files, or as it
// is if file is "". A mutant that survives has a reason if it could not be told.
func (t *Target) climb(ctx context.Context, file, text string, r rung) (found campaign.Finding, err error) {
	dir, err := t.copySpec(file, text)
	if err != nil {
		return found, err
	}
	defer os.RemoveAll(dir)
	bound := t.Bound + time.Duration(r.row.Distinct)*perState
	limited, cancel := context.WithTimeoutCause(ctx, bound, fmt.Errorf("not done within %s", bound))
	defer cancel()
	watch := &watcher{limit: manyTimes * r.row.Distinct, stop: cancel}
	if r.row.Verdict != tlcrun.Pass {
		watch.limit = manyTimes * fewStates // any seeded fault is found within a few thousand
	}
	job := tlcrun.Job{Spec: dir, Module: r.row.Module, Cfg: r.cfg, Workers: 1, Beside: t.Jobs,
		Expect: r.row.Took, Log: watch, Show: func(string) {}, Quiet: true}
	if r.comparesGraph() {
		folder := filepath.Join(dir, "dump")
		if err := errors.Join(os.Mkdir(folder, 0o777), os.Chmod(folder, 0o777)); err != nil {
			return found, err
		}
		job.Dump = filepath.Join(folder, "graph.dot")
	}
	result, err := tlcrun.Run(limited, t.runner, job)
	killed := func(how, name string) (campaign.Finding, error) {
		return campaign.Finding{Verdict: campaign.Killed, How: how, Where: r.cfg.Name, Name: short(name)}, nil
	}
	found.Verdict = campaign.Survived
	switch {
	case err != nil:
		return found, err
	case ctx.Err() != nil:
		return found, ctx.Err()
	case watch.over && r.row.Verdict != tlcrun.Pass:
		return killed(byFault, "not "+r.row.Violated)
	case watch.over:
		return killed(byEndless, "many more states")
	case result.Verdict == tlcrun.Broken && result.Version == "":
		return found, errors.New(result.Problem)
	case result.Verdict == tlcrun.Broken:
		return killed(byError, result.Problem)
	case result.Verdict == tlcrun.Incomplete:
		found.Reason = result.Problem
		return found, nil
	case file == "" && result.Judge(*r.row, 1) != "":
		return killed("", "not as recorded")
	case r.row.Verdict == tlcrun.Pass && result.Verdict == tlcrun.Pass && job.Dump != "":
		difference, err := t.compare(ctx, job.Dump, r)
		if difference != "" {
			return killed(byGraph, difference)
		}
		return found, err
	case r.row.Verdict == tlcrun.Pass && result.Verdict == tlcrun.Pass, r.row.Verdict != tlcrun.Pass && result.Judge(*r.row, 1) == "":
		return found, nil
	case r.row.Verdict != tlcrun.Pass:
		return killed(byFault, "not "+r.row.Violated)
	case strings.HasPrefix(result.Name, "Registry") || strings.HasPrefix(result.Name, "Calls") || strings.Contains(result.Name, "of Registry"):
		return killed(byRefinement, result.Name)
	}
	return killed(byProperty, result.Name)
}

// copySpec makes a folder with the files of the spec, and text as one of them.
func (t *Target) copySpec(file, text string) (string, error) {
	dir, err := os.MkdirTemp(t.scratch, "")
	if err != nil {
		return "", err
	}
	err = os.Chmod(dir, 0o755) // TLC's container reads it
	for _, pattern := range []string{"*.tla", "*.cfg"} {
		paths, globErr := filepath.Glob(filepath.Join(t.dir, pattern))
		err = errors.Join(err, globErr)
		for _, path := range paths {
			content, readErr := os.ReadFile(path)
			if filepath.Base(path) == file {
				content = []byte(text)
			}
			err = errors.Join(err, readErr, os.WriteFile(filepath.Join(dir, filepath.Base(path)), content, 0o644))
		}
	}
	return dir, err
}

// compare says how the dump differs from the graph of spec and code that the
// record has the digest of, or "".
func (t *Target) compare(ctx context.Context, dump string, r rung) (difference string, err error) {
	f, err := os.Open(dump)
	if err != nil {
		return "", err
	}
	defer f.Close()
	o, err := compare.Graphs(ctx, r.row.Code, filepath.Join(t.dir, r.cfg.Name), compare.Options{Dump: f, DigestOnly: true})
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil: // a state that the code cannot be in
		return err.Error(), nil
	case o.Digest != r.row.Graph:
		return "digest", nil
	}
	return "", nil
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
