// SPDX-License-Identifier: MIT

package campaign

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"example.com/pernet/internal/plural"
)

// A Verdict is what is said of a mutant.
type Verdict string

const (
	Killed     Verdict = "killed"
	Equivalent Verdict = "equivalent" // the same program, for the reason that somebody gave
	Survived   Verdict = "survived"
	Unbuilt    Verdict = "unbuilt" // no program: it does not compile
	NotRun     Verdict = "not-run"
)

// A Finding is a verdict, how and where it was found and by the name of what
// and, where it is not Killed, its reason.
type Finding struct {
	Verdict                  Verdict
	How, Where, Name, Reason string
}

// A Result is one line of the file of results.
type Result struct {
	ID string
	Finding
	Digest string // of what the verdict rests on
	What   string // the change
}

// String is the verdict and what goes with it.
func (r Result) String() string {
	return strings.Join(strings.Fields(strings.Join([]string{string(r.Verdict), r.How, r.Where, r.Name, r.Reason}, " ")), " ")
}

const (
	columns = "mutant\tverdict\thow\twhere\tname\tdigest\tchange\treason"
	lastRun = "# last run: "
)

// results are the lines of the file.
type results struct {
	path  string
	notes string
	day   string // of the last run; "" when there was none
	lines []Result
}

// readResults reads the file; none yet is no error.
func readResults(path, notes string) (*results, error) {
	rs := &results{path: path, notes: notes}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return rs, nil
	}
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case strings.HasPrefix(line, lastRun):
			rs.day, _, _ = strings.Cut(strings.TrimPrefix(line, lastRun), ";")
		case line == "" || line == columns || strings.HasPrefix(line, "#"):
		default:
			r, err := parseResult(line)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
			}
			rs.lines = append(rs.lines, r)
		}
	}
	return rs, err
}

func parseResult(line string) (r Result, err error) {
	cells := strings.Split(line, "\t")
	if want := strings.Count(columns, "\t") + 1; len(cells) != want {
		return r, fmt.Errorf("%s where %d are expected", plural.N(len(cells), "column"), want)
	}
	for i := range cells {
		if cells[i] == "-" {
			cells[i] = ""
		}
	}
	r = Result{cells[0], Finding{Verdict(cells[1]), cells[2], cells[3], cells[4], cells[7]}, cells[5], cells[6]}
	switch {
	case strings.Count(r.ID, ":") < 3:
		return r, fmt.Errorf("%q is not FILE:LINE:KIND:HASH", r.ID)
	case !slices.Contains([]Verdict{Killed, Equivalent, Survived, Unbuilt, NotRun}, r.Verdict):
		return r, fmt.Errorf("%q is no verdict", r.Verdict)
	case r.Verdict == Killed && (r.How == "" || r.Where == ""):
		return r, errors.New("killed, but it does not say how and where")
	case r.Verdict == Equivalent && r.Reason == "":
		return r, errors.New("equivalent without a reason")
	}
	return r, nil
}

// write writes the file in one move: an interrupt leaves the old file or the new one.
func (rs *results) write() error {
	var b strings.Builder
	b.WriteString("# SPDX-License-Identifier: MIT\n" + rs.notes)
	if rs.day != "" {
		b.WriteString(lastRun + rs.day + "; " + strings.Join(rs.totals(), "; ") + "\n")
	}
	b.WriteString(columns + "\n")
	for _, r := range rs.lines {
		if r.Verdict == NotRun { // the totals count it
			continue
		}
		cells := []string{r.ID, string(r.Verdict), r.How, r.Where, r.Name, r.Digest, r.What, r.Reason}
		for i := range cells {
			if cells[i] = strings.Join(strings.Fields(cells[i]), " "); cells[i] == "" {
				cells[i] = "-"
			}
		}
		b.WriteString(strings.Join(cells, "\t") + "\n")
	}
	if err := os.WriteFile(rs.path+".new", []byte(b.String()), 0o644); err != nil {
		return err
	}
	return os.Rename(rs.path+".new", rs.path)
}

// find returns the line of a mutant, also when it has moved in its file; nil if there is none.
func (rs *results) find(m Mutant) *Result {
	for i := range rs.lines {
		if id := rs.lines[i].ID; strings.HasPrefix(id, m.File+":") && strings.HasSuffix(id, ":"+m.Kind+":"+m.Hash) {
			return &rs.lines[i]
		}
	}
	return nil
}

// arrange gives each mutant its line, in their order, and returns the verdicts on
// mutants that are no more.
func (rs *results) arrange(mutants []Mutant) (gone []Result) {
	var lines []Result
	kept := map[string]bool{}
	for _, m := range mutants {
		r := Result{Finding: Finding{Verdict: NotRun}, What: m.What}
		if old := rs.find(m); old != nil {
			kept[old.ID] = true
			r = *old
		}
		r.ID = m.ID()
		lines = append(lines, r)
	}
	for _, r := range rs.lines {
		if !kept[r.ID] && r.Verdict != NotRun {
			gone = append(gone, r)
		}
	}
	rs.lines = lines
	return gone
}

// totals counts the verdicts, folder by folder, or for a file that is in none.
func (rs *results) totals() (lines []string) {
	counts, hows := map[string]map[Verdict]int{}, map[string]map[string]int{}
	for _, r := range rs.lines {
		file, _, _ := strings.Cut(r.ID, ":")
		dir := path.Dir(file)
		if dir == "." {
			dir = file
		}
		if counts[dir] == nil {
			counts[dir], hows[dir] = map[Verdict]int{}, map[string]int{}
		}
		counts[dir][r.Verdict]++
		if r.Verdict == Killed {
			hows[dir][r.How]++
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(counts)) {
		all := 0
		for _, n := range counts[dir] {
			all += n
		}
		var by []string
		for _, how := range slices.Sorted(maps.Keys(hows[dir])) {
			by = append(by, fmt.Sprintf("%s %d", how, hows[dir][how]))
		}
		n := counts[dir]
		lines = append(lines, fmt.Sprintf("%s %s: %d killed (%s), %d equivalent, %d survived, %d unbuilt, %d not run",
			dir, plural.N(all, "mutant"), n[Killed], strings.Join(by, ", "), n[Equivalent], n[Survived], n[Unbuilt], n[NotRun]))
	}
	return lines
}
