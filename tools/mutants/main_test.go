// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A root is a small project, and a campaign on it.
type root struct {
	t       *testing.T
	dir     string
	results string
	args    []string
	out     bytes.Buffer
}

func (r *root) write(name, text string) {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		r.t.Fatal(err)
	}
}

func (r *root) read(name string) string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

// run runs the campaign, with more flags, and returns its exit status.
func (r *root) run(more ...string) int {
	r.t.Helper()
	r.out.Reset()
	return run(r.t.Context(), append(append([]string{"-root", r.dir}, more...), r.args...), &r.out, &r.out)
}

// verdicts are the lines of the results: change, verdict, how, where and name.
func (r *root) verdicts() (all []string) {
	r.t.Helper()
	for line := range strings.Lines(r.read(r.results)) {
		cells := strings.Split(line, "\t")
		if strings.HasPrefix(line, "#") || cells[0] == "mutant" || cells[1] == "not-run" {
			continue
		}
		all = append(all, strings.TrimRight(cells[6]+": "+strings.Join(cells[1:5], " "), "- "))
	}
	return all
}

func TestWrongCalls(t *testing.T) {
	r := &root{t: t, dir: t.TempDir()}
	for text, want := range map[string]string{
		"":                 "what is to be changed is code or spec",
		"model":            "what is to be changed is code or spec",
		"code spec":        "what is to be changed is code or spec",
		"-jobs 0 code":     "must be positive",
		"-bound -1s spec":  "must be positive",
		"-all -stale code": "one of the two",
		"-only ( spec":     "missing closing )",
		"-nope spec":       "flag provided but not defined",
		"spec":             "no folder of specs",
		"code":             "go env GOFLAGS",
	} {
		if text == "code" {
			r.dir = filepath.Join(r.dir, "nowhere")
		}
		if status := r.run(strings.Fields(text)...); status != 2 || !strings.Contains(r.out.String(), want) {
			t.Errorf("%q: status %d, want %q\n%s", text, status, want, r.out.String())
		}
	}
}
