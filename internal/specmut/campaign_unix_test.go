// SPDX-License-Identifier: MIT

//go:build unix

package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/tlc"
)

const smallSpec = `---- MODULE netns ----
VARIABLE x
Next == /\ x < 3
        /\ x # 7 /\ Deep(x)
        /\ x' = x + 1
Deep(n) == n # 8
Inv == x \in 0..3 /\ x >= 0
====
`

// smallTLC knows smallSpec, and what TLC would say of each of its mutants.
const smallTLC = `#!/bin/sh
say() { printf '@!@!@STARTMSG %s @!@!@\n%s\n@!@!@ENDMSG %s @!@!@\n' "$1" "$2" "${1%:*}"; }
case "$*" in -version) echo 'openjdk version "17.0.1"'; exit 0 ;; esac
echo "$*" >> "$CALLS"
test -z "$BROKEN" || { echo "Error: no TLC here" >&2; exit 1; }
say 2262:0 'TLC2 Version 2.18 of Day Month 20??'
finish() { say 2186:0 'Finished in 1s'; exit $1; }
pass() {
  say 2193:0 'Model checking completed. No error has been found.'
  say 2199:0 "$1 states generated, 4 distinct states found, 0 states left on queue."
  say 2194:0 'The depth of the complete state graph search is 4.'
  finish 0
}
progress() {
  say 2200:0 "Progress(9) at 2026-01-01 01:01:01: $1 states generated (1 s/min), $1 distinct states found (1 ds/min), 1 states left on queue."
  exec sleep 60
}
if grep -q "Deep(n) == TRUE" netns.tla; then
  say 2171:1 'Deep is strange'; finish 75
fi
case "$*" in
*MCnetnsBug*)
  if grep -q 'Inv == TRUE' netns.tla; then
    progress 200,000
  fi
  if grep -q 'x .in 0..3' netns.tla; then
    say 2110:1 'Invariant Inv is violated.'
    say 2217:4 '1: <Initial predicate>'
    say 2199:0 '2 states generated, 2 distinct states found, 1 states left on queue.'
    finish 12
  fi
  pass 5 ;;
esac
if ! grep -q 'x < 3' netns.tla; then
  progress 1,000
fi
grep -q "x' = x + 1" netns.tla || pass 6
pass 5
`

// A root is a project of a small spec, with a TLC that knows it.
type root struct {
	t   *testing.T
	dir string
	out bytes.Buffer
}

func newRoot(t *testing.T) *root {
	r := &root{t: t, dir: t.TempDir()}
	t.Setenv("JAVA_HOME", r.dir)
	t.Setenv("CALLS", filepath.Join(r.dir, "calls"))
	t.Setenv("BROKEN", "")
	t.Setenv("TLC_JAR", filepath.Join(r.dir, "any.jar"))
	r.write("any.jar", jarOfTLC(t))
	r.write("calls", "")
	r.write("bin/java", smallTLC)
	r.write("spec/netns.tla", smallSpec)
	r.write("spec/MCnetns.tla", "---- MODULE MCnetns ----\nEXTENDS netns\n====\n")
	r.write("spec/MCnetnsBugs.tla", "---- MODULE MCnetnsBugs ----\nEXTENDS netns\n====\n")
	r.write("spec/MCnetnsSmall.cfg", "INVARIANT Inv\n")
	r.write("spec/MCnetnsBugX.cfg", "INVARIANT Inv\n")
	r.record()
	return r
}

// jarOfTLC is a jar with TLC's name in it, and nothing else.
func jarOfTLC(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if _, err := w.Create("tlc2/TLC.class"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
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

// record measures the spec.
func (r *root) record(more ...tlc.Row) {
	r.t.Helper()
	rows := []tlc.Row{
		{Cfg: "MCnetnsSmall.cfg", Module: "MCnetns", Verdict: tlc.Pass, Distinct: 4, Generated: 5, Depth: 4},
		{Cfg: "MCnetnsBugX.cfg", Module: "MCnetnsBugs", Verdict: tlc.Safety, Violated: "Inv"},
	}
	rows = append(rows, more...)
	for i := range rows {
		files, err := rows[i].Digests(filepath.Join(r.dir, "spec"))
		if err != nil {
			r.t.Fatal(err)
		}
		rows[i].Files = files
	}
	if err := (&tlc.Record{Models: rows}).Write(filepath.Join(r.dir, "spec/models.tsv")); err != nil {
		r.t.Fatal(err)
	}
}

// run runs the command, and gives its exit status and how often TLC was called.
func (r *root) run(args ...string) (status, calls int) {
	r.t.Helper()
	before := strings.Count(r.read("calls"), "\n")
	r.out.Reset()
	old := ladder
	ladder = []string{"MCnetnsSmall.cfg"}
	defer func() { ladder = old }()
	status = run(r.t.Context(), append([]string{"-root", r.dir, "-tlc", "java"}, args...), &r.out, &r.out)
	return status, strings.Count(r.read("calls"), "\n") - before
}

// verdicts are the lines of mutants.tsv, without ids and digests.
func (r *root) verdicts() []string {
	rs, err := readResults(filepath.Join(r.dir, "spec/mutants.tsv"))
	if err != nil {
		r.t.Fatal(err)
	}
	var all []string
	for _, line := range rs.lines {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s: %s %s %s", line.what, line.verdict, line.how, line.name)))
	}
	return all
}

func TestCampaign(t *testing.T) {
	r := newRoot(t)
	status, _ := r.run()
	want := []string{
		"Next: x < 3 -> TRUE: caught record more states",
		"Next: x # 7 -> TRUE: survived",
		"Next: Deep(x) -> TRUE: survived",
		"Next: x + 1 -> x: caught record counts",
		"Deep: n # 8 -> TRUE: caught error exit status 75: Deep is strange",
		`Inv: x \in 0..3 -> TRUE: caught fault not Inv`,
		"Inv: x >= 0 -> TRUE: survived",
		`Inv: x \in 0..3 /\ x >= 0 -> TRUE: caught fault not Inv`,
	}
	if got := r.verdicts(); status != 1 || !slices.Equal(got, want) {
		t.Fatalf("status %d\n%s\nwant:\n%s\n%s", status, strings.Join(got, "\n"), strings.Join(want, "\n"), r.out.String())
	}
	const total = "8 mutants: 5 caught (error 1, fault 2, record 2), 0 equivalent, 3 survived"
	if text := r.read("spec/mutants.tsv"); !strings.Contains(text, ", TLC 2.18, "+total+"\n") || strings.Count(r.out.String(), "SURVIVED") != 3 {
		t.Errorf("%s%s", text, r.out.String())
	}
	if status, calls := r.run(); status != 1 || calls != 0 {
		t.Errorf("again: status %d, %d runs", status, calls)
	}

	r.write("spec/mutants.tsv", strings.NewReplacer("\tsurvived\t", "\tequivalent\t", "TRUE\t-\n", "TRUE\tit never is\n").Replace(r.read("spec/mutants.tsv")))
	t.Setenv("BROKEN", "yes")
	if status, calls := r.run(); status != 0 || calls != 0 || !strings.Contains(r.read("spec/mutants.tsv"), ", TLC 2.18, 8 mutants: 5 caught (error 1, fault 2, record 2), 3 equivalent, 0 survived\n") {
		t.Errorf("with reasons: status %d, %d runs\n%s", status, calls, r.out.String())
	}
	if status, calls := r.run("-all"); status != 2 || calls == 0 || !strings.Contains(r.out.String(), "no TLC here") {
		t.Errorf("TLC that does not start: status %d, %d runs\n%s", status, calls, r.out.String())
	}
	t.Setenv("BROKEN", "")

	r.write("spec/netns.tla", strings.Replace(smallSpec, "VARIABLE", `\* moved`+"\nVARIABLE", 1))
	if status, calls := r.run(); status != 2 || calls != 0 || !strings.Contains(r.out.String(), "measure it first") {
		t.Errorf("an old record: status %d, %d runs\n%s", status, calls, r.out.String())
	}
	r.record()
	before := r.read("spec/mutants.tsv")
	if status, calls := r.run(); status != 0 || calls != 0 || len(r.verdicts()) != 8 || r.read("spec/mutants.tsv") == before {
		t.Errorf("a comment more: status %d, %d runs\n%s", status, calls, r.out.String())
	}
	r.write("spec/netns.tla", strings.Replace(smallSpec, "VARIABLE", "EXTENDS TLC\nVARIABLE", 1))
	r.record()
	if status, calls := r.run("-only", "Inv"); status != 0 || calls == 0 || !strings.Contains(r.out.String(), "5 not run") {
		t.Errorf("one of a changed spec: status %d, %d runs\n%s", status, calls, r.out.String())
	}
	if status, calls := r.run(); status != 0 || calls == 0 || len(r.verdicts()) != 8 {
		t.Errorf("a changed spec: status %d, %d runs\n%s", status, calls, r.out.String())
	}

	r.write("spec/mutants.tsv", strings.Replace(r.read("spec/mutants.tsv"), "\tcaught\trecord\tMCnetnsSmall.cfg\tcounts\t", "\tequivalent\t-\t-\t-\t", 1))
	r.write("spec/mutants.tsv", strings.Replace(r.read("spec/mutants.tsv"), "x + 1 -> x\t-", "x + 1 -> x\ta claim", 1))
	if _, _ = r.run("-all"); !strings.Contains(r.out.String(), "NOT EQUIVALENT") || !slices.Equal(r.verdicts()[3:4], want[3:4]) {
		t.Errorf("a claim that is false: %s", r.out.String())
	}
}

// TestNewInstance: one that nobody has put on the ladder is tried on what has
// survived the others, also where somebody had a reason.
func TestNewInstance(t *testing.T) {
	r := newRoot(t)
	r.run("-only", "Next: x # 7")
	r.write("spec/mutants.tsv", strings.NewReplacer("\tsurvived\t", "\tequivalent\t", "TRUE\t-\n", "TRUE\tit never is\n").Replace(r.read("spec/mutants.tsv")))
	r.write("spec/MCnetnsNew.cfg", "INVARIANT Inv\n")
	r.record(tlc.Row{Cfg: "MCnetnsNew.cfg", Module: "MCnetns", Verdict: tlc.Pass, Distinct: 4, Generated: 5, Depth: 4})
	r.write("bin/java", strings.Replace(smallTLC, `case "$*" in
*MCnetnsBug*)`, `case "$*" in
*MCnetnsNew*) grep -q 'x # 7' netns.tla || pass 8; pass 5 ;;
*MCnetnsBug*)`, 1))
	if status, _ := r.run("-only", "Next: x # 7"); status != 0 || !strings.Contains(r.out.String(), "NOT EQUIVALENT") ||
		!slices.Equal(r.verdicts(), []string{"Next: x # 7 -> TRUE: caught record counts"}) {
		t.Errorf("status %d\n%s%q", status, r.out.String(), r.verdicts())
	}
}

// TestSpecThatIsCaughtItself: then no catch would mean anything.
func TestSpecThatIsCaughtItself(t *testing.T) {
	r := newRoot(t)
	r.write("bin/java", strings.ReplaceAll(smallTLC, "pass 5", "pass 9"))
	if status, _ := r.run(); status != 2 || !strings.Contains(r.out.String(), "without any change is caught: record counts") {
		t.Errorf("status %d\n%s", status, r.out.String())
	}
	if _, err := os.Stat(filepath.Join(r.dir, "spec/mutants.tsv")); err == nil {
		t.Error("something was written")
	}
}

// TestSlowRun: a run that is not over in time catches nothing.
func TestSlowRun(t *testing.T) {
	r := newRoot(t)
	r.write("bin/java", strings.ReplaceAll(smallTLC, "progress 1,000", "progress 3"))
	if status, _ := r.run("-only", "x < 3", "-bound", "3s"); status != 1 || !strings.Contains(r.read("spec/mutants.tsv"), "survived\t-\t-\t-\t") ||
		!strings.Contains(r.out.String(), "MCnetnsSmall.cfg: not done within 3.012s") {
		t.Errorf("status %d\n%s", status, r.out.String())
	}
}

func TestWrongCalls(t *testing.T) {
	r := newRoot(t)
	for _, args := range [][]string{{"-jobs", "0"}, {"extra"}, {"-only", "("}, {"-bound", "0s"}, {"-nope"}, {"-only", "no such mutant"}, {"-tlc", "record"}} {
		if status, calls := r.run(args...); status != 2 || calls != 0 {
			t.Errorf("%q: status %d, %d runs", args, status, calls)
		}
	}
	if status, calls := r.run("-list"); status != 0 || calls != 0 || strings.Count(r.out.String(), "not run") != 8 {
		t.Errorf("-list: status %d, %d runs\n%s", status, calls, r.out.String())
	}
}
