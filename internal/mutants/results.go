// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"example.com/pernet/internal/tsv"
)

// What is said of a mutant.
const (
	killed     = "killed"
	equivalent = "equivalent" // the same program, for the reason that somebody gave
	survived   = "survived"
	unbuilt    = "unbuilt" // no program: it does not compile
	notRun     = "not-run"
)

// How a mutant was killed.
const (
	tests   = "tests"
	vet     = "vet"     // by the vet that go test runs
	endless = "endless" // a test did not end in time
)

// A catch is how a mutant was killed: on which rung, and by which test.
type catch struct{ how, rung, name string }

// A result is one line of result.tsv.
type result struct {
	id      string
	verdict string
	catch
	digest string // of what the line rests on
	what   string // the change
	reason string // why it is equivalent; of what does not compile: the compiler's
}

const (
	resultsHead = "mutant\tverdict\thow\trung\tname\tdigest\tchange\treason"
	lastRun     = "# last run: "
	resultsTop  = `# Mutants of model and impl, one changed operator each, and what kills each (make mutants).
# mutant: file, line, column, kind, hash of the change. verdict: killed, equivalent (reason says why), survived, unbuilt (does not compile), not-run.
# how: tests, vet (go test's own), endless (did not end in three times the time of the unchanged code). rung, name: which tests, and the first that failed.
# Rung own is the package's own tests; where its name is gremlins, gremlins ran them and does not say which failed, or whether it was vet.
# digest: of what the line rests on: for rung own the packages that those tests are built from, for all else the whole module; and spec/ and testdata/ where they could be read.
# While it is the same, the mutant is not run again.
# To call a survivor equivalent, change its verdict and give the reason. A line that is killed all the same loses both.
`
)

// results are the lines of result.tsv.
type results struct {
	path  string
	last  string // the line on the last run, without its beginning
	lines []result
}

// readResults reads result.tsv; none yet is no error.
func readResults(path string) (*results, error) {
	rs := &results{path: path}
	err := tsv.Read(path, resultsHead, func(cells []string) error {
		r := result{cells[0], cells[1], catch{cells[2], cells[3], cells[4]}, cells[5], cells[6], cells[7]}
		rs.lines = append(rs.lines, r)
		return r.wrong()
	}, func(line string) {
		if last, ok := strings.CutPrefix(line, lastRun); ok {
			rs.last = last
		}
	})
	if err != nil {
		return nil, err
	}
	return rs, nil
}

func (r result) wrong() error {
	switch {
	case strings.Count(r.id, ":") != 4:
		return fmt.Errorf("%q is not FILE:LINE:COLUMN:KIND:HASH", r.id)
	case !slices.Contains([]string{killed, equivalent, survived, unbuilt, notRun}, r.verdict):
		return fmt.Errorf("%q is no verdict", r.verdict)
	case r.verdict == killed && (r.how == "" || r.rung == ""):
		return errors.New("killed, but it does not say how and where")
	case r.verdict == equivalent && r.reason == "":
		return errors.New("equivalent without a reason")
	}
	return nil
}

// write writes result.tsv in one move.
func (rs *results) write() error {
	top := resultsTop
	if rs.last != "" {
		top += lastRun + rs.last + "\n"
	}
	var rows [][]string
	for _, r := range rs.lines {
		rows = append(rows, []string{r.id, r.verdict, r.how, r.rung, r.name, r.digest, r.what, r.reason})
	}
	return tsv.Write(rs.path, top, resultsHead, rows)
}

// find gives the line of a mutant, also when it has moved in its file.
func (rs *results) find(m mutant) *result {
	for i := range rs.lines {
		r := &rs.lines[i]
		if strings.HasPrefix(r.id, m.file+":") && strings.HasSuffix(r.id, ":"+m.kind+":"+m.hash) {
			return r
		}
	}
	return nil
}

// put takes the result of a mutant in the place of the one before.
func (rs *results) put(m mutant, r result) {
	if old := rs.find(m); old != nil {
		*old = r
		return
	}
	rs.lines = append(rs.lines, r)
}

// arrange puts the lines of some packages in the order of their mutants, and
// adds those that were never run; lines of other packages stay. What is no
// mutant any more comes back, so that somebody is told.
func (rs *results) arrange(packages []string, mutants []mutant) (gone []result) {
	var lines []result
	kept := map[string]bool{}
	for _, m := range mutants {
		r := result{verdict: notRun, what: m.what}
		if old := rs.find(m); old != nil {
			kept[old.id] = true
			r = *old
		}
		r.id = m.id()
		lines = append(lines, r)
	}
	for _, r := range rs.lines {
		dir, _, _ := strings.Cut(r.id, ":")
		switch {
		case !slices.Contains(packages, filepath.ToSlash(filepath.Dir(dir))):
			lines = append(lines, r)
		case !kept[r.id]:
			gone = append(gone, r)
		}
	}
	rs.lines = lines
	return gone
}
