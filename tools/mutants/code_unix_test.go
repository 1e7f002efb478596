// SPDX-License-Identifier: MIT

//go:build unix

package main

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/race"
)

const smallCode = `package model

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

func init() { count++ }

func init() { count++ } // a package may have several of that name
`

const smallTest = `package model

import "testing"

func TestAll(t *testing.T) {
	if Sum(3) != 6 || Max(1, 2) != 2 || Max(2, 1) != 2 || !Odd(3) || name != "ab" {
		t.Fatal()
	}
}
`

const smallJudge = `package tlcrun

import "example.com/small/model"

var _ = model.Odd // keeps the import

func Judge(n int) (ok bool) {
	ok = model.Max(n, 7) == 7
	return ok
}
`

const smallJudgeTest = `package tlcrun

import "testing"

func TestJudge(t *testing.T) {
	if !Judge(3) {
		t.Fatal()
	}
}
`

const rootTest = `package small

import (
	"testing"

	"example.com/small/model"
)

func TestMinus(t *testing.T) {
	if model.Minus(1) != -1 {
		t.Fatal()
	}
}
`

// newCode is a small project of code, and the campaign on some of its mutants.
func newCode(t *testing.T) (r *root) {
	r = &root{t: t, dir: t.TempDir(), results: "tools/mutants/code.tsv", args: []string{"-bound", "1s", "-only",
		"i <= n;.*i > n;|i--|a >= b|INVERT_NEGATIVES|\\|\\| n|- \"b\"|\\|count|model.Max", "code"}}
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOWORK", "off")
	r.write("go.mod", "module example.com/small\n\ngo 1.26\n")
	r.write("tools/mutants/empty", "")
	r.write("model/model.go", smallCode)
	r.write("model/model_test.go", smallTest)
	r.write("impl/impl.go", "package impl\n")
	for _, judge := range []string{"lin", "graph", "replay"} {
		r.write("internal/"+judge+"/j.go", "package "+judge+"\n")
	}
	r.write("tools/go.mod", "module example.com/small/tools\n\ngo 1.26\n\nrequire example.com/small v0.0.0\n\nreplace example.com/small => ../\n")
	r.write("tools/compare/compare.go", "package compare\n")
	r.write("tools/prove/tla/tla.go", "package tla\n")
	r.write("tools/tlcrun/conclude.go", smallJudge)
	r.write("tools/tlcrun/messages.go", "package tlcrun\n")
	r.write("tools/tlcrun/result.go", "package tlcrun\n")
	r.write("tools/tlcrun/other.go", "package tlcrun\n\nfunc other(n int) int { return n + 7 } // model.Max: no file of the campaign's\n\nvar _ = other\n")
	r.write("tools/tlcrun/judge_test.go", smallJudgeTest)
	r.write("root.go", "package small\n")
	r.write("root_test.go", rootTest)
	return r
}

func TestCode(t *testing.T) {
	r := newCode(t)
	want := []string{
		"Sum: for i := 1; i <= n; i++ { => for i := 1; i > n; i++ {: killed tests own TestAll",
		"Sum: for i := 1; i <= n; i++ { => for i := 1; i <= n; i-- {: killed endless own TestAll",
		"Max: if a > b { => if a >= b {: survived",
		`Minus: func Minus(n int) int { return -n } => func Minus(n int) int { return +n }: killed tests . TestMinus`,
		"Odd: func Odd(n int) bool { return n != 4 && n != 2 } => func Odd(n int) bool { return n != 4 || n != 2 }: killed vet own suspect or: n != 4 || n != 2",
		`const: const name = "a" + "b" => const name = "a" - "b": unbuilt`,
		"var: var count, first = 0, &count => var count, first = 0, |count: unbuilt",
		"Judge: ok = model.Max(n, 7) == 7 => nothing: killed tests own TestJudge",
		"Judge: ok = model.Max(n, 7) == 7 => ok = model.Max(n, 7) != 7: killed tests own TestJudge",
	}
	if status := r.run("-jobs", "2"); status != 1 || !slices.Equal(r.verdicts(), want) {
		t.Fatalf("status %d\n%s\nwant:\n%s\n%s", status, strings.Join(r.verdicts(), "\n"), strings.Join(want, "\n"), r.out.String())
	}
	for _, reason := range []string{"invalid operation: operator - not defined", "syntax error: unexpected |"} {
		if !strings.Contains(r.read(r.results), reason) {
			t.Errorf("it does not say %q:\n%s", reason, r.read(r.results))
		}
	}
	again := func(why string, status int, want string) {
		t.Helper()
		if got := r.run(); got != status || !strings.Contains(r.out.String(), want) {
			t.Errorf("%s: status %d, want %d and %q\n%s", why, got, status, want, r.out.String())
		}
	}
	again("nothing has changed", 1, "9 mutants, 0 to run")
	r.write("root.go", "package small // changed\n")
	again("the module has changed, not what the package's own tests are made from", 1, "9 mutants, 2 to run")

	// A file of the spec counts if the tests could read it.
	r.args[3] = "i <= n;.*i > n;"
	r.write("spec/a.tla", "one\n")
	again("nothing reads it", 0, "1 mutant, 0 to run")
	r.write("model/read_test.go", "package model\n\nimport \"os\"\n\nvar _, _ = os.ReadFile(\"../spec/a.tla\")\n")
	again("the tests are others", 0, "1 mutant, 1 to run")
	r.write("spec/a.tla", "two\n")
	again("the tests read it", 0, "1 mutant, 1 to run")
	r.write("model/data.txt", "one\n")
	again("a file beside the tests", 0, "1 mutant, 1 to run")
}

// TestEquivalentRestsOnItsFile: other packages' tests are not run for it.
func TestEquivalentRestsOnItsFile(t *testing.T) {
	if race.Enabled {
		t.Skip("one mutant at a time; TestCode runs several")
	}
	r := newCode(t)
	r.args[3] = "a >= b|INVERT_NEGATIVES"
	run := func(what, toRun, want string) {
		t.Helper()
		if status := r.run(); status != 0 || !strings.Contains(r.out.String(), toRun) || !slices.Contains(r.verdicts(), want) {
			t.Errorf("%s: status %d, %q, want %s\n%s", what, status, r.verdicts(), want, r.out.String())
		}
	}
	r.run()
	old := regexp.MustCompile(`survived\t-\t-\t-\t\w+\t(.*)\t-\n`)
	r.write(r.results, old.ReplaceAllString(r.read(r.results), "equivalent\t-\t-\t-\t-\t$1\ta is b then\n"))
	const max = "Max: if a > b { => if a >= b {: equivalent"
	run("it has no digest", "2 mutants, 0 to run", max)
	r.write("model/model_test.go", strings.Replace(smallTest, "Max(1, 2) != 2", "Max(1, 3) != 3", 1))
	run("a test has changed", "2 mutants, 1 to run", max)
	r.write("model/model.go", "// changed\n"+smallCode)
	run("its file has changed", "2 mutants, 2 to run", max)
}

// TestCodeThatFailsAnyway: where the tests fail without any change, nothing is killed.
func TestCodeThatFailsAnyway(t *testing.T) {
	r := newCode(t)
	r.write("model/model_test.go", strings.Replace(smallTest, "!= 6", "!= 7", 1))
	if status := r.run(); status != 2 || !strings.Contains(r.out.String(), "without any change") || strings.Contains(r.out.String(), "killed  ") {
		t.Errorf("status %d\n%s", status, r.out.String())
	}
}

// TestInterrupt: what was found before an interrupt stays.
func TestInterrupt(t *testing.T) {
	r := newCode(t)
	r.args[3] = "i <= n;.*i > n;|a >= b|model.Max"
	ctx, cancel := context.WithCancel(context.Background())
	status := run(ctx, append([]string{"-root", r.dir}, r.args...), stopper{"killed  ", cancel}, &r.out)
	if status != 130 || !strings.Contains(r.out.String(), "goes on from here") || strings.Count(r.read(r.results), "\tkilled\t") != 1 {
		t.Errorf("status %d\n%s\n%s", status, r.out.String(), r.read(r.results))
	}
	if status := r.run(); status != 1 || !strings.Contains(r.out.String(), "4 mutants, 3 to run") {
		t.Errorf("status %d\n%s", status, r.out.String())
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
