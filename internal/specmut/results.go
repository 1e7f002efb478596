// SPDX-License-Identifier: MIT

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/pernet/internal/tsv"
)

// What is said of a mutant.
const (
	caught     = "caught"
	equivalent = "equivalent" // the same spec, for the reason that somebody gave
	survived   = "survived"
)

// A result is one line of mutants.tsv.
type result struct {
	id      string
	verdict string
	catch          // of what is caught
	digest  string // of the files that this rests on
	what    string // the change
	reason  string // why it is equivalent; of what survived: what could not be told
}

const (
	resultsHead = "mutant\tverdict\thow\tcfg\tname\tdigest\tchange\treason"
	fullRun     = "# last full run: "
	resultsTop  = `# Mutants of netns.tla: one change each, and what shows that it is none of the spec (make mutants-spec).
# mutant: file, line, kind, hash of what the definition then says. verdict: caught, equivalent (reason says why), survived.
# how: error (TLC's parser or evaluation), property (an invariant or property is violated, or a deadlock), record (other counts than those in models.tsv),
# graph (another state graph than the code's), refinement (of registry.tla), fault (a seeded fault is not found, or as another). cfg, name: where, and as what.
# digest: of the spec files that the line rests on, without their comments; while they are the same, it is not run again.
# To call a survivor equivalent, change its verdict and give the reason. A line that is caught all the same loses both.
`
)

// results are the lines of mutants.tsv.
type results struct {
	path  string
	full  string // the line on the last full run, without its beginning
	lines []result
}

// readResults reads mutants.tsv; none yet is no error.
func readResults(path string) (*results, error) {
	rs := &results{path: path}
	err := tsv.Read(path, resultsHead, func(cells []string) error {
		r := result{cells[0], cells[1], catch{cells[2], cells[3], cells[4]}, cells[5], cells[6], cells[7]}
		rs.lines = append(rs.lines, r)
		return r.wrong()
	}, func(line string) {
		if full, ok := strings.CutPrefix(line, fullRun); ok {
			rs.full = full
		}
	})
	if err != nil {
		return nil, err
	}
	return rs, nil
}

func (r result) wrong() error {
	switch {
	case strings.Count(r.id, ":") != 3:
		return fmt.Errorf("%q is not FILE:LINE:KIND:HASH", r.id)
	case !slices.Contains([]string{caught, equivalent, survived}, r.verdict):
		return fmt.Errorf("%q is no verdict", r.verdict)
	case r.verdict == caught && r.cfg == "":
		return errors.New("caught, but no cfg is named")
	case r.verdict == equivalent && r.reason == "":
		return errors.New("equivalent without a reason")
	}
	return nil
}

// write writes mutants.tsv in one move.
func (rs *results) write() error {
	top := resultsTop
	if rs.full != "" {
		top += fullRun + rs.full + "\n"
	}
	var rows [][]string
	for _, r := range rs.lines {
		rows = append(rows, []string{r.id, r.verdict, r.how, r.cfg, r.name, r.digest, r.what, r.reason})
	}
	return tsv.Write(rs.path, top, resultsHead, rows)
}

// find gives the line of a mutant, also when its line has moved.
func (rs *results) find(m mutant) *result {
	var moved *result
	for i := range rs.lines {
		r := &rs.lines[i]
		switch {
		case r.id == m.id(specFile):
			return r
		case strings.HasSuffix(r.id, ":"+m.kind+":"+m.hash) && strings.HasPrefix(r.what, m.definition+":"):
			moved = r
		}
	}
	return moved
}

// put takes the result of a mutant in the place of the one before.
func (rs *results) put(m mutant, r result) {
	if old := rs.find(m); old != nil {
		*old = r
		return
	}
	rs.lines = append(rs.lines, r)
}

// arrange puts the lines in the order of the mutants. Those of mutants that are
// no more come back, so that somebody is told.
func (rs *results) arrange(mutants []mutant) (gone []result) {
	var lines []result
	kept := map[*result]bool{}
	for _, m := range mutants {
		if r := rs.find(m); r != nil {
			kept[r] = true
			line := *r
			line.id = m.id(specFile) // its line may be another
			lines = append(lines, line)
		}
	}
	for i := range rs.lines {
		if r := &rs.lines[i]; !kept[r] {
			gone = append(gone, *r)
		}
	}
	rs.lines = lines
	return gone
}

// digest is one of all the files that a verdict on the mutant rests on.
func (p *plan) digest(m mutant, cfg string) (string, error) {
	files, err := p.files(m, cfg)
	if err != nil {
		return "", err
	}
	all := sha256.New()
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(p.dir, name))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(all, "%s %x\n", name, sha256.Sum256([]byte(bare(string(text)))))
	}
	return hex.EncodeToString(all.Sum(nil)[:8]), nil
}

// bare is what TLC sees of a file: no comments, no empty lines.
func bare(text string) string {
	var kept []string
	for line := range strings.Lines(blank(text)) {
		if line = strings.TrimRight(line, " \r\n"); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// stands reports whether a line needs no new run. What survived is told anew
// only when something of the spec has changed, too.
func (p *plan) stands(m mutant, r *result) bool {
	if r == nil {
		return false
	}
	now, err := p.digest(m, r.cfg)
	return err == nil && now == r.digest
}
