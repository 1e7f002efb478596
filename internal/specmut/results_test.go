// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestResultsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mutants.tsv")
	rs, err := readResults(path)
	if err != nil || len(rs.lines) != 0 {
		t.Fatalf("of no file: %v, %v", rs, err)
	}
	rs.full = "2026-01-02, TLC 2.18, 3 mutants"
	rs.lines = []result{
		{"netns.tla:1:guard:00000001", caught, catch{byProperty, "MC.cfg", "TypeOK"}, "d1", "A: x -> TRUE", ""},
		{"netns.tla:2:guard:00000002", equivalent, catch{}, "d2", "B: y -> TRUE", "z implies it"},
		{"netns.tla:3:guard:00000003", survived, catch{}, "d3", "C: y -> TRUE", ""},
	}
	if err := rs.write(); err != nil {
		t.Fatal(err)
	}
	again, err := readResults(path)
	if err != nil || !reflect.DeepEqual(again, rs) {
		t.Errorf("%+v, %v", again, err)
	}
	text, _ := os.ReadFile(path)
	if !strings.HasPrefix(string(text), "# SPDX-License-Identifier: MIT\n") || strings.Contains(string(text), "\t\t") {
		t.Errorf("%s", text)
	}
}

func TestResultsThatAreWrong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mutants.tsv")
	for line, want := range map[string]string{
		"a\tb":                                  "2 columns",
		"a:1:g\tcaught\th\tc\tn\td\tw\t-":       "is not FILE:LINE:KIND:HASH",
		"a:1:g:f\tkilled\th\tc\tn\td\tw\t-":     `"killed" is no verdict`,
		"a:1:g:f\tcaught\t-\t-\t-\td\tw\t-":     "no cfg is named",
		"a:1:g:f\tequivalent\t-\t-\t-\td\tw\t-": "without a reason",
	} {
		if err := os.WriteFile(path, []byte(resultsHead+"\n"+line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readResults(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), ":2:") {
			t.Errorf("%q: %v, want %s", line, err, want)
		}
	}
}

// TestResultsFollowTheirMutant: a line is found when its mutant has moved, told
// from one of another definition, and given up when the mutant is gone.
func TestResultsFollowTheirMutant(t *testing.T) {
	m := mutant{kind: kindGuard, definition: "A", line: 9, from: "x", with: "TRUE", hash: "00000001"}
	other := m
	other.definition, other.line = "B", 8
	rs := &results{lines: []result{
		{id: "netns.tla:1:guard:00000001", verdict: equivalent, what: m.what(), reason: "so it is"},
		{id: "netns.tla:2:guard:00000002", verdict: caught, what: "C: y -> TRUE"},
	}}
	if r := rs.find(m); r == nil || r.reason != "so it is" {
		t.Errorf("moved: %+v", r)
	}
	if r := rs.find(other); r != nil {
		t.Errorf("of another definition: %+v", r)
	}
	gone := rs.arrange([]mutant{other, m})
	if len(gone) != 1 || gone[0].id != "netns.tla:2:guard:00000002" || len(rs.lines) != 1 {
		t.Errorf("gone %+v, left %+v", gone, rs.lines)
	}
	rs.put(m, result{id: m.id(specFile)})
	rs.put(other, result{id: other.id(specFile)})
	if ids := []string{rs.lines[0].id, rs.lines[1].id}; !slices.Equal(ids, []string{"netns.tla:9:guard:00000001", "netns.tla:8:guard:00000001"}) {
		t.Errorf("%q", ids)
	}
}
