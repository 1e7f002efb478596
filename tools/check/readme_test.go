// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/race"
	"example.com/pernet/tools/tlcrun"
)

// wanted returns what the rows of a whole make check count, by name, on the
// tree as it is, how many there are, and the version of TLC; what a fault violates has no count.
func wanted(t *testing.T) (counts map[string]string, rows int, version string) {
	t.Helper()
	rec, err := tlcrun.ReadRecord("../../spec/models.tsv")
	if err != nil {
		t.Fatal(err)
	}
	counts = map[string]string{detector: "", testsRow: ""}
	for _, s := range (&checker{options: options{root: "../.."}}).steps() {
		counts[s.name] = ""
	}
	for _, p := range ports {
		due, err := p.due()
		if err != nil {
			t.Fatal(err)
		}
		counts[p.name] = strings.TrimSpace(due)
	}
	for _, c := range crateTests {
		if !c.long {
			counts[c.name] = fmt.Sprintf("%d tests", c.tests)
		}
	}
	for _, r := range rec.Models {
		if r.Long {
			continue
		}
		counts[r.Cfg] = tlcrun.Group(r.Distinct) + " states"
		if r.Verdict != tlcrun.Pass {
			counts[r.Cfg] = cmp.Or(r.Violated, "deadlock") + " violated"
		}
		if r.Code != "" {
			counts[graphName(&r)] = fmt.Sprintf("%s states, %s edges", tlcrun.Group(r.Distinct), tlcrun.Group(r.Generated-1))
		}
	}
	for _, a := range rec.Actions {
		counts["every action of "+a.Module+" reached"] = fmt.Sprintf("%d actions", a.Count)
	}
	counts["each cfg has its row"] = fmt.Sprintf("%d cfgs", len(rec.Models))
	counts["each invariant is violated by some cfg"] = ""
	return counts, len(counts), rec.Models[0].TLC
}

var tableRow = regexp.MustCompile(`^(\S.*?)  +(\S+)(?:  +(.*))?$`)

// TestPagesShowThisTree: each row of make check that README and docs/evidence.md
// show is one of this tree, with the counts of the record, and so is the sum. The
// evidence shows every row but those of cfgs, of which it chooses some. Times vary.
func TestPagesShowThisTree(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	if shown := holdTable(t, "README.md", false); shown < 5 {
		t.Errorf("README.md: only %d rows were found", shown)
	}
	if shown := holdTable(t, "docs/evidence.md", true); shown < 20 {
		t.Errorf("docs/evidence.md: only %d rows were found", shown)
	}
}

// holdTable holds the table of a page to the tree, and returns how many rows it shows.
func holdTable(t *testing.T, page string, all bool) (shown int) {
	t.Helper()
	_, table, _ := strings.Cut(read(t, "../../"+page), "$ make check\n")
	table, _, ok := strings.Cut(table, "\n```")
	if !ok {
		t.Fatalf("%s shows no make check", page)
	}
	_, table, _ = strings.Cut(table, "---\n")
	campaigns := map[string]string{} // what their rows say after the number of stale verdicts, which changes with the code
	for _, m := range mutations {
		verdicts := len(regexp.MustCompile(`(?m)^[^#\t]+:\w+\t(killed|equivalent|survived|unbuilt)\t`).FindAllString(read(t, "../../"+m.results), -1))
		campaigns[m.name] = fmt.Sprintf(" of %d verdicts predate %s", verdicts, m.of)
	}
	proofs := map[string]string{} // what their rows say, by the record
	for _, m := range regexp.MustCompile(`(?m)^(\w+)\tproved\t(\d+)\t\d+\t(\d+)\t(\d+)\t\d+\t\d+\t(\d+)\t`).FindAllStringSubmatch(read(t, "../../spec/proof.tsv"), -1) {
		proofs[m[1]+anyNumber] = fmt.Sprintf("%s claims, %s that follow, %s on steps, %s questions, ", m[2], m[3], m[4], m[5])
	}
	counts, rows, version := wanted(t)
	for line := range strings.Lines(table) {
		line = strings.TrimRight(line, "\n")
		if line == "" || line == "..." {
			continue
		}
		if strings.Contains(line, " failed") {
			if want := fmt.Sprintf("%d passed, %d by the record, 0 failed", rows, len(proofs)); line != want && line != fmt.Sprintf("%s, %d stale", want, len(campaigns)) {
				t.Errorf("%s ends in %q, it would be %q", page, line, want)
			}
			continue
		}
		m := tableRow.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("%s: %q is no row", page, line)
			continue
		}
		want, ok := counts[m[1]]
		switch {
		case campaigns[m[1]] != "":
			if m[2] != pass && m[2] != stale || !strings.Contains(m[3], campaigns[m[1]]) {
				t.Errorf("%s: %q: it would be %s or %s, N%s", page, m[1], pass, stale, campaigns[m[1]])
			}
		case proofs[m[1]] != "":
			if m[2] != record || !strings.HasPrefix(m[3], proofs[m[1]]) {
				t.Errorf("%s: %q: it would be %s, %s", page, m[1], record, proofs[m[1]])
			}
		case !ok:
			t.Errorf("%s: %q: no such row", page, m[1])
		case m[2] != pass, want != "" && !strings.Contains(", "+m[3]+",", ", "+want+","):
			t.Errorf("%s: %q: it would be %s, %q", page, m[1], pass, want)
		case strings.HasSuffix(m[1], ".cfg") && !strings.HasSuffix(m[3], " TLC "+version):
			t.Errorf("%s: %q: it would be by TLC %s", page, m[1], version)
		}
		delete(counts, m[1])
		shown++
	}
	for _, name := range slices.Sorted(maps.Keys(proofs)) {
		if all && !strings.Contains(table, "\n"+name+" ") {
			t.Errorf("%s does not show %q", page, name)
		}
	}
	for name := range campaigns {
		if !strings.Contains(table, "\n"+name+" ") {
			t.Errorf("%s does not show %q", page, name)
		}
	}
	for name := range counts {
		if all && !strings.HasSuffix(name, ".cfg") {
			t.Errorf("%s does not show %q", page, name)
		}
	}
	return shown
}
