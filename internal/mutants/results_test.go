// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestResultsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "some", "result.tsv")
	rs, err := readResults(path)
	if err != nil || len(rs.lines) != 0 {
		t.Fatalf("of no file: %v, %v", rs, err)
	}
	rs.last = "2026-01-02, gremlins v0, p 3 mutants"
	rs.lines = []result{
		{"p/p.go:1:2:A:01", killed, catch{tests, own, "TestP"}, "d1", "f: a => b", ""},
		{"p/p.go:2:2:A:02", equivalent, catch{}, "d2", "f: c => d", "nobody can tell"},
		{"p/p.go:3:2:A:03", notRun, catch{}, "", "f: e => g", ""},
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
	path := filepath.Join(t.TempDir(), "result.tsv")
	for line, want := range map[string]string{
		"a\tb":                                      "2 columns",
		"a:1:2:g\tkilled\th\tc\tn\td\tw\t-":         "is not FILE:LINE:COLUMN:KIND:HASH",
		"a:1:2:g:f\tcaught\th\tc\tn\td\tw\t-":       `"caught" is no verdict`,
		"a:1:2:g:f\tkilled\t-\t-\t-\td\tw\t-":       "does not say how and where",
		"a:1:2:g:f\tequivalent\t-\t-\t-\td\tw\t-":   "without a reason",
		"a:1:2:g:f\tequivalent\t-\t-\t-\td\tw\t \t": "9 columns",
	} {
		if err := os.WriteFile(path, []byte(resultsHead+"\n"+line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readResults(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), ":2:") {
			t.Errorf("%q: %v, want %s", line, err, want)
		}
	}
}

// TestArrange: what was never run has a line, what is no mutant any more is
// given up aloud, and another package's lines are not this run's business.
func TestArrange(t *testing.T) {
	m := mutant{place: place{5, 2, "A"}, pkg: "p", file: "p/p.go", hash: "01", what: "f: a => b"}
	other := mutant{place: place{9, 2, "A"}, pkg: "p", file: "p/p.go", hash: "02", what: "f: c => d"}
	rs := results{lines: []result{
		{id: "q/q.go:1:2:A:09", verdict: survived},
		{id: "p/p.go:7:2:A:03", verdict: killed},
		{id: "p/p.go:1:2:A:01", verdict: equivalent, reason: "so it is"},
	}}
	gone := rs.arrange([]string{"p"}, []mutant{m, other})
	want := []result{
		{id: "p/p.go:5:2:A:01", verdict: equivalent, reason: "so it is"},
		{id: "p/p.go:9:2:A:02", verdict: notRun, what: "f: c => d"},
		{id: "q/q.go:1:2:A:09", verdict: survived},
	}
	if !reflect.DeepEqual(rs.lines, want) || len(gone) != 1 || gone[0].id != "p/p.go:7:2:A:03" {
		t.Errorf("%+v\ngone: %+v", rs.lines, gone)
	}
}

// TestReason: what is said of tests that failed is read from what Go prints.
func TestReason(t *testing.T) {
	for out, want := range map[string][2]string{
		"--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/b (0.00s)\nFAIL\n":                                  {tests, "TestA"},
		"    --- FAIL: TestA/b (0.00s)\n--- FAIL: TestA (0.00s)\n":                                        {tests, "TestA/b"},
		"panic: test timed out after 12s\n\trunning tests:\n\t\tTestSlow (12s)\n\ngoroutine 7 [running]:": {endless, "TestSlow"},
		"fatal error: all goroutines are asleep - deadlock!\n":                                            {tests, "fatal error: all goroutines are asleep - deadlock!"},
		"# example.com/p\n# [example.com/p]\np/p.go:3:4: suspect or: a\nFAIL\n":                           {vet, "suspect or: a"},
		"FAIL\texample.com/p\t0.1s\n":                                                                     {tests, ""},
	} {
		if how, name := reason(out); how != want[0] || name != want[1] {
			t.Errorf("%q: %s %q, want %q", out, how, name, want)
		}
	}
}
