// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/pernet/tools/prove/tla"
)

// fake is a solver that does what the shell script says.
func fake(t *testing.T, script string) *Solver {
	path := filepath.Join(t.TempDir(), "z3")
	text := "#!/bin/sh\nif [ \"$1\" = --version ]; then echo fake 1; exit; fi\ncat >/dev/null\n" + script + "\n"
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	s, err := FindSolver(context.Background(), path, 300*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func questions(n int) Batch {
	b := Batch{}
	for range n {
		b.Queries = append(b.Queries, Query{Kind: Consecution, Goal: tla.And()})
	}
	return b
}

func TestOnlyUnsatProves(t *testing.T) {
	for script, want := range map[string]string{
		"echo unsat; echo unsat":            "unsat unsat",
		"echo unsat; echo sat":              "unsat sat",
		"echo unknown; echo unsat":          "unknown unsat",
		"echo unsat; exec sleep 5":          "unsat timeout",
		"echo '(error \"no\")'; echo unsat": "error",
		"echo unsat":                        "error",
		"echo unsat; exit 1":                "error",
		"":                                  "error",
	} {
		var says []string
		proved := 0
		err := fake(t, script).Ask(context.Background(), questions(2), func(a Answer) {
			says = append(says, a.Says)
			if a.OK() {
				proved++
			}
		})
		got := strings.Join(says, " ")
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q: %s %v, want %s", script, got, err, want)
		}
		if err == nil && proved != strings.Count(want, "unsat") {
			t.Errorf("%q: %d proved", script, proved)
		}
	}
}

// A result is a proof only if all was asked, and each answer was the right one.
func TestPartOfTheQuestionsIsNoProof(t *testing.T) {
	plan := &Plan{Queries: 2}
	for name, c := range map[string]struct {
		r    *Result
		want string
	}{
		"all":             {&Result{Plan: plan, Asked: 2, Proved: 2}, "proved"},
		"one is open":     {&Result{Plan: plan, Asked: 2, Proved: 1, Open: 1}, "incomplete"},
		"one is not told": {&Result{Plan: plan, Asked: 1, Proved: 1}, "incomplete"},
		"a part":          {&Result{Plan: plan, Asked: 2, Proved: 2, Partial: true}, "incomplete"},
		"nothing":         {&Result{Plan: &Plan{}}, "incomplete"},
		"one is refuted":  {&Result{Plan: plan, Asked: 2, Proved: 1, Refuted: 1}, "refuted"},
	} {
		if c.r.conclude(); c.r.Verdict != c.want {
			t.Errorf("%s: %s, want %s", name, c.r.Verdict, c.want)
		}
	}
}

// The record serves the files that it was made of.
func TestTheRecordServesItsFiles(t *testing.T) {
	const specs = "../../spec"
	t.Setenv("PATH", "") // without Java
	if err := serve(t.Context(), specs, netns, io.Discard); err != nil {
		t.Error(err)
	}
	dir := t.TempDir()
	for _, name := range append([]string{recordFile}, netns.Files...) {
		text, err := os.ReadFile(filepath.Join(specs, name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "netns.tla" {
			text = append(text, '\n')
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := serve(t.Context(), dir, netns, io.Discard); !errors.Is(err, errChanged) || !strings.Contains(err.Error(), "netns.tla") {
		t.Error(err)
	}
}
