// SPDX-License-Identifier: MIT

//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const smallCode = `package p

func Sum(n int) (s int) {
	for i := 1; i <= n; i++ {
		s += i
	}
	return s
}

func Max(a, b int) int {
	if a > b {
		return a
	}
	return b
}

func Minus(n int) int { return -n }

func Odd(n int) bool { return n != 4 && n != 2 }

const name = "a" + "b"

var count, first = 0, &count
`

const smallTest = `package p

import "testing"

func TestAll(t *testing.T) {
	if Sum(3) != 6 || Max(1, 2) != 2 || Max(2, 1) != 2 || !Odd(3) || name != "ab" {
		t.Fatal()
	}
}
`

const rootTest = `package small

import (
	"testing"

	"example.com/small/p"
)

func TestMinus(t *testing.T) {
	if p.Minus(1) != -1 {
		t.Fatal()
	}
}
`

// What the fake gremlins says of each mutant, and what we then find.
var small = []struct{ at, kind, said, found string }{
	{"i <= n", "CONDITIONALS_NEGATION", "KILLED", "killed tests own gremlins"},
	{"i++", "INCREMENT_DECREMENT", "TIMED OUT", "killed endless own TestAll"},
	{"a > b", "CONDITIONALS_BOUNDARY", "LIVED", "survived"},
	{"-n }", "INVERT_NEGATIVES", "NOT COVERED", "killed tests . TestMinus"},
	{"&& n", "INVERT_LOGICAL", "LIVED", "killed vet own suspect or: n != 4 || n != 2"},
	{`+ "b"`, "ARITHMETIC_BASE", "KILLED", "unbuilt"},
	{"&count", "INVERT_BITWISE", "KILLED", "unbuilt"},
}

// A root is a small project, with a gremlins that knows it.
type root struct {
	t   *testing.T
	dir string
	out bytes.Buffer
}

func newRoot(t *testing.T) *root {
	r := &root{t: t, dir: t.TempDir()}
	r.write("go.mod", "module example.com/small\n\ngo 1.26\n")
	r.write("tools/go.mod", "module example.com/small/tools\n\nrequire github.com/go-gremlins/gremlins "+tableVersion+"\n")
	r.write("p/p.go", smallCode)
	r.write("p/p_test.go", smallTest)
	r.write("root.go", "package small\n")
	r.write("root_test.go", rootTest)
	r.write("gremlins", `#!/bin/sh
echo "$*" >> '`+r.dir+`/calls'
while test $# -gt 0; do
  if test "$1" = --output; then cp '`+r.dir+`/list.json' "$2"; exit 0; fi
  shift
done
cat '`+r.dir+`/said'
`)
	r.write("calls", "")
	r.gremlins()
	oldCommand, oldPackages, oldAllowance := gremlinsCommand, packages, allowance
	gremlinsCommand, packages, allowance = []string{filepath.Join(r.dir, "gremlins")}, []string{"p"}, time.Second
	t.Cleanup(func() { gremlinsCommand, packages, allowance = oldCommand, oldPackages, oldAllowance })
	return r
}

// gremlins writes what the fake one says.
func (r *root) gremlins() {
	r.t.Helper()
	var listed []map[string]any
	said := "Starting...\n"
	for _, m := range small {
		at := strings.Index(smallCode, m.at) + strings.IndexAny(m.at, "<>+-&")
		line, col := strings.Count(smallCode[:at], "\n")+1, at-strings.LastIndex(smallCode[:at], "\n")
		listed = append(listed, map[string]any{"type": m.kind, "status": m.said, "line": line, "column": col})
		said += fmt.Sprintf("%12s %s at p.go:%d:%d\n", m.said, m.kind, line, col)
	}
	text, err := json.Marshal(map[string]any{"files": []any{map[string]any{"file_name": "p.go", "mutations": listed}}})
	if err != nil {
		r.t.Fatal(err)
	}
	r.write("list.json", string(text))
	r.write("said", said)
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
	text, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

// run runs the command, and gives its exit status and how often gremlins ran tests.
func (r *root) run(args ...string) (status, unleashed int) {
	r.t.Helper()
	r.out.Reset()
	r.write("calls", "")
	status = run(r.t.Context(), append([]string{"-root", r.dir}, args...), &r.out, &r.out)
	return status, strings.Count(r.read("calls"), "\n") - strings.Count(r.read("calls"), "--dry-run")
}

// found are the lines of result.tsv, short.
func (r *root) found() (all []string) {
	rs, err := readResults(filepath.Join(r.dir, resultsFile))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, line := range rs.lines {
		if line.verdict == unbuilt {
			line.reason = "" // the compiler's words are Go's
		}
		all = append(all, line.String())
	}
	return all
}

func wanted() (all []string) {
	for _, m := range small {
		all = append(all, m.found)
	}
	return all
}

func TestCampaign(t *testing.T) {
	r := newRoot(t)
	status, unleashed := r.run()
	if got := r.found(); status != 1 || unleashed != 1 || !slices.Equal(got, wanted()) {
		t.Fatalf("status %d\n%s\nwant:\n%s\n%s", status, strings.Join(got, "\n"), strings.Join(wanted(), "\n"), r.out.String())
	}
	const total = "p 7 mutants: 4 killed (. 1, own 1, own endless 1, own vet 1), 0 equivalent, 1 survived, 2 unbuilt, 0 not run"
	if !strings.Contains(r.read(resultsFile), ", gremlins "+tableVersion+"; "+total+"\n") || strings.Count(r.out.String(), "SURVIVED") != 1 {
		t.Errorf("%s%s", r.read(resultsFile), r.out.String())
	}
	if status, unleashed := r.run(); status != 1 || unleashed != 0 || !strings.Contains(r.out.String(), "7 mutants, 0 to run") {
		t.Errorf("again: status %d\n%s", status, r.out.String())
	}
	if status, unleashed := r.run("-list"); status != 0 || unleashed != 0 || !strings.Contains(r.out.String(), "\tsurvived\n") {
		t.Errorf("-list: status %d\n%s", status, r.out.String())
	}

	r.claim("CONDITIONALS_BOUNDARY", "at equality both are the same")
	if status, _ := r.run(); status != 0 || !strings.Contains(r.read(resultsFile), "1 equivalent, 0 survived") {
		t.Errorf("with a reason: status %d\n%s", status, r.out.String())
	}
	r.write("root.go", "package small // changed\n")
	if status, unleashed := r.run(); status != 0 || unleashed != 0 || !strings.Contains(r.out.String(), "7 mutants, 2 to run") || !strings.Contains(r.out.String(), "\nequivalent p/p.go:11:7:") {
		t.Errorf("the module has changed, not what p's own tests are made from: status %d\n%s", status, r.out.String())
	}
}

// claim calls a mutant equivalent by hand.
func (r *root) claim(kind, why string) {
	lines := strings.Split(r.read(resultsFile), "\n")
	for i, line := range lines {
		if cells := strings.Split(line, "\t"); len(cells) == 8 && strings.Contains(cells[0], ":"+kind+":") {
			lines[i] = strings.Join([]string{cells[0], equivalent, "-", "-", "-", cells[5], cells[6], why}, "\t")
		}
	}
	r.write(resultsFile, strings.Join(lines, "\n"))
}

// TestFalseClaim: a reason does not help a mutant that a test kills.
func TestFalseClaim(t *testing.T) {
	r := newRoot(t)
	r.write("root_test.go", "package small\n")
	if status, _ := r.run("-only", "Minus"); status != 1 || !strings.Contains(r.out.String(), "SURVIVED") {
		t.Fatalf("status %d\n%s", status, r.out.String())
	}
	r.claim("INVERT_NEGATIVES", "nobody needs the sign")
	if status, _ := r.run("-only", "Minus"); status != 0 {
		t.Fatalf("status %d\n%s", status, r.out.String())
	}
	r.write("root_test.go", rootTest)
	if status, _ := r.run("-only", "Minus"); status != 0 || !strings.Contains(r.out.String(), "NOT EQUIVALENT after all") || strings.Contains(r.read(resultsFile), "nobody needs") {
		t.Errorf("status %d\n%s", status, r.out.String())
	}
	if text := r.read(resultsFile); strings.Count(text, "\tnot-run\t") != 6 || !strings.Contains(text, "6 not run") {
		t.Errorf("what was not run is not said:\n%s", text)
	}
}

// A stopper ends the context when the output has some words in it.
type stopper struct {
	words string
	stop  context.CancelFunc
}

func (s stopper) Write(p []byte) (int, error) {
	if strings.Contains(string(p), s.words) {
		s.stop()
	}
	return len(p), nil
}

// TestInterrupted: what was found before stays, and is not run again.
func TestInterrupted(t *testing.T) {
	r := newRoot(t)
	ctx, cancel := context.WithCancel(context.Background())
	o, err := parseOptions([]string{"-root", r.dir}, &r.out)
	if err != nil {
		t.Fatal(err)
	}
	if status := work(ctx, o, stopper{"endless", cancel}, &r.out); status != 130 || !strings.Contains(r.out.String(), "goes on from here") {
		t.Fatalf("status %d\n%s", status, r.out.String())
	}
	if got := strings.Join(r.found(), "\n"); strings.Count(got, "killed") != 2 || strings.Count(got, "not-run") != 3 {
		t.Errorf("after the interrupt:\n%s", got)
	}
	status, unleashed := r.run()
	if got := r.found(); status != 1 || unleashed != 0 || !slices.Equal(got, wanted()) || !strings.Contains(r.out.String(), "7 mutants, 3 to run") {
		t.Errorf("status %d, gremlins ran %d times\n%s\n%s", status, unleashed, strings.Join(got, "\n"), r.out.String())
	}
}

// TestCannotTell: without sound ground nothing is written as killed.
func TestCannotTell(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"tests that fail anyway": {"p/p_test.go", strings.Replace(smallTest, "!= 6", "!= 7", 1), "without any change"},
		"another gremlins":       {"tools/go.mod", "require github.com/go-gremlins/gremlins v0.0.1\n", "is not " + tableVersion},
		"no gremlins":            {"tools/go.mod", "module x\n", "does not name gremlins"},
		"gremlins that fails":    {"gremlins", "#!/bin/sh\necho no space left >&2; exit 3\n", "no space left"},
		"another list":           {"said", "KILLED ARITHMETIC_BASE at p.go:1:1\n", "did not list"},
		"a broken result":        {resultsFile, "a\tb\n", "2 columns where 8 are expected"},
		"no reason":              {resultsFile, "p/p.go:1:1:X:0\tequivalent\t-\t-\t-\t-\t-\t-\n", "without a reason"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoot(t)
			r.write(c.file, c.text)
			if status, _ := r.run(); status != 2 || !strings.Contains(r.out.String(), c.want) || strings.Contains(r.out.String(), "killed  ") {
				t.Errorf("status %d\n%s", status, r.out.String())
			}
		})
	}
	r := newRoot(t)
	for _, args := range [][]string{{"-only", "("}, {"-nope"}, {"-only", "no such mutant"}, {"q"}} {
		if status, unleashed := r.run(args...); status != 2 || unleashed != 0 {
			t.Errorf("%q: status %d\n%s", args, status, r.out.String())
		}
	}
}
