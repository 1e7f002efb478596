// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"example.com/pernet/internal/square"
	"example.com/pernet/internal/tlc"
)

// wanted returns what the rows of a whole make check count, by name, on the
// tree as it is; what a fault violates has no count.
func wanted(t *testing.T) (counts map[string]string, rows int) {
	t.Helper()
	rec, err := tlc.ReadRecord("../../spec/models.tsv")
	if err != nil {
		t.Fatal(err)
	}
	counts = map[string]string{detector: ""}
	for _, s := range (&checker{options: options{root: "../.."}}).steps() {
		counts[s.name] = ""
	}
	for _, r := range rec.Models {
		if r.Long {
			continue
		}
		counts[r.Cfg] = tlc.Group(r.Distinct) + " states"
		if r.Verdict != tlc.Pass {
			counts[r.Cfg] = orElse(r.Violated, "deadlock") + " violated"
		}
		if sides := square.Rows[r.Cfg]; sides != "" {
			name := fmt.Sprintf("%s (%s)", sides, strings.TrimSuffix(r.Cfg, ".cfg"))
			counts[name] = fmt.Sprintf("%s states, %s edges", tlc.Group(r.Distinct), tlc.Group(r.Generated-1))
		}
	}
	for _, a := range rec.Actions {
		counts["every action of "+a.Module+" reached"] = fmt.Sprintf("%d actions", a.Count)
	}
	counts["each cfg has its row"] = fmt.Sprintf("%d cfgs", len(rec.Models))
	counts["each invariant is violated by some cfg"] = ""
	return counts, len(counts)
}

var tableRow = regexp.MustCompile(`^(\S.*?)  +(\S+)(?:  +(.*))?$`)

// TestReadmeShowsThisTree: the table of make check in README is one of this
// tree: its rows are there, their counts are those of the record, so is the
// sum. Which of the cfgs are shown is README's choice, and times vary.
func TestReadmeShowsThisTree(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "$ make check\n")
	table, _, ok := strings.Cut(table, "\n```")
	if !ok {
		t.Fatal("README shows no make check")
	}
	_, table, _ = strings.Cut(table, "---\n")
	counts, rows := wanted(t)
	shown := 0
	for line := range strings.Lines(table) {
		line = strings.TrimRight(line, "\n")
		if line == "" || line == "..." {
			continue
		}
		if strings.HasSuffix(line, " failed") {
			if want := fmt.Sprintf("%d passed, 0 failed", rows); line != want {
				t.Errorf("README ends in %q, it would be %q", line, want)
			}
			continue
		}
		m := tableRow.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("%q is no row", line)
			continue
		}
		want, ok := counts[m[1]]
		switch {
		case !ok:
			t.Errorf("%q: no such row", m[1])
		case m[2] != pass, want != "" && !strings.Contains(", "+m[3]+",", ", "+want+","):
			t.Errorf("%q: it would be %s, %q", line, pass, want)
		}
		delete(counts, m[1])
		shown++
	}
	for name := range counts {
		if !strings.HasSuffix(name, ".cfg") {
			t.Errorf("README does not show %q", name)
		}
	}
	if shown < 20 {
		t.Errorf("only %d rows were found", shown)
	}
}
