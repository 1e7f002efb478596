// SPDX-License-Identifier: MIT

//go:build unix

package main

import (
	"archive/zip"
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/tools/mutants/spec"
	"example.com/pernet/tools/tlcrun"
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

// newSpec is a project of a small spec, with a TLC that knows it.
func newSpec(t *testing.T) *root {
	r := &root{t: t, dir: t.TempDir(), results: "tools/mutants/spec.tsv", args: []string{"spec"}}
	t.Setenv("JAVA_HOME", r.dir)
	t.Setenv("CALLS", filepath.Join(r.dir, "calls"))
	t.Setenv("BROKEN", "")
	t.Setenv("TLC", "java")
	t.Setenv("TLC_JAR", filepath.Join(r.dir, "any.jar"))
	old := spec.Subjects
	spec.Subjects = []spec.Subject{{Module: "netns", Next: "Next", Cfgs: "MCnetns", Ladder: []string{"MCnetnsSmall.cfg"}}}
	t.Cleanup(func() { spec.Subjects = old })
	r.write("tools/mutants/empty", "")
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

// record measures the spec.
func (r *root) record(more ...tlcrun.Row) {
	r.t.Helper()
	rows := append([]tlcrun.Row{
		{Cfg: "MCnetnsSmall.cfg", Module: "MCnetns", Verdict: tlcrun.Pass, Distinct: 4, Generated: 5, Depth: 4},
		{Cfg: "MCnetnsBugX.cfg", Module: "MCnetnsBugs", Verdict: tlcrun.Safety, Violated: "Inv"},
	}, more...)
	for i := range rows {
		files, err := rows[i].Digests(filepath.Join(r.dir, "spec"))
		if err != nil {
			r.t.Fatal(err)
		}
		rows[i].Files = files
	}
	if err := (&tlcrun.Record{Models: rows}).Write(filepath.Join(r.dir, "spec/models.tsv")); err != nil {
		r.t.Fatal(err)
	}
}

// tlc runs the campaign, and returns its exit status and how often TLC was called.
func (r *root) tlc(more ...string) (status, calls int) {
	before := strings.Count(r.read("calls"), "\n")
	status = r.run(more...)
	return status, strings.Count(r.read("calls"), "\n") - before
}

func TestSpec(t *testing.T) {
	r := newSpec(t)
	if status, calls := r.tlc("-list"); status != 0 || calls != 0 || strings.Count(r.out.String(), "not-run") != 8 {
		t.Errorf("-list: status %d, %d runs\n%s", status, calls, r.out.String())
	}
	want := []string{
		"Next: x < 3 -> TRUE: killed endless MCnetnsSmall.cfg many more states",
		"Next: x # 7 -> TRUE: survived",
		"Next: Deep(x) -> TRUE: survived",
		"Next: x + 1 -> x: survived", // other counts than the recorded ones show nothing,
		"Deep: n # 8 -> TRUE: killed error MCnetnsSmall.cfg exit status 75: Deep is strange",
		`Inv: x \in 0..3 -> TRUE: killed fault MCnetnsBugX.cfg not Inv`,
		"Inv: x >= 0 -> TRUE: survived",
		`Inv: x \in 0..3 /\ x >= 0 -> TRUE: killed fault MCnetnsBugX.cfg not Inv`,
	}
	if status, _ := r.tlc(); status != 1 || !slices.Equal(r.verdicts(), want) {
		t.Fatalf("status %d\n%s\nwant:\n%s\n%s", status, strings.Join(r.verdicts(), "\n"), strings.Join(want, "\n"), r.out.String())
	}
	if status, calls := r.tlc(); status != 1 || calls != 0 {
		t.Errorf("again: status %d, %d runs", status, calls)
	}
	t.Setenv("BROKEN", "yes")
	if status, calls := r.tlc("-all"); status != 2 || calls == 0 || !strings.Contains(r.out.String(), "no TLC here") {
		t.Errorf("TLC that does not start: status %d, %d runs\n%s", status, calls, r.out.String())
	}
	t.Setenv("BROKEN", "")
	if status, calls := r.tlc("-all", "-tlc", "record"); status != 2 || calls != 0 {
		t.Errorf("no TLC: status %d, %d runs\n%s", status, calls, r.out.String())
	}

	r.write("spec/netns.tla", strings.Replace(smallSpec, "VARIABLE", `\* moved`+"\nVARIABLE", 1))
	if status, calls := r.tlc("-all"); status != 2 || calls != 0 || !strings.Contains(r.out.String(), "measure it first") {
		t.Errorf("an old record: status %d, %d runs\n%s", status, calls, r.out.String())
	}
	r.record()
	before := r.read(r.results)
	if status, calls := r.tlc(); status != 1 || calls != 0 || len(r.verdicts()) != 8 || r.read(r.results) == before {
		t.Errorf("a comment more: status %d, %d runs\n%s", status, calls, r.out.String())
	}
	r.write("spec/netns.tla", strings.Replace(smallSpec, "VARIABLE", "EXTENDS TLC\nVARIABLE", 1))
	r.record()
	if status, calls := r.tlc("-only", `Inv: x .in`); status != 0 || calls == 0 || !strings.Contains(r.out.String(), "has changed: 6 verdicts") {
		t.Errorf("some of a changed spec: status %d, %d runs\n%s", status, calls, r.out.String())
	}
	if status, calls := r.tlc(); status != 1 || calls == 0 || !slices.Equal(r.verdicts(), want) {
		t.Errorf("a changed spec: status %d, %d runs\n%s", status, calls, r.out.String())
	}
	r.write(r.results, strings.Replace(r.read(r.results), "\tendless\tMCnetnsSmall.cfg\t", "\tendless\tMCnetnsGone.cfg\t", 1))
	if status, calls := r.tlc("-list"); status != 0 || calls != 0 || strings.Count(r.out.String(), "to run again, was: killed endless MCnetnsGone.cfg") != 1 {
		t.Errorf("an instance that is gone: status %d, %d runs\n%s", status, calls, r.out.String())
	}
}

// TestNewInstance: one that is not on the ladder is tried on what has survived the others.
func TestNewInstance(t *testing.T) {
	r := newSpec(t)
	r.tlc("-only", "Next: x # 7")
	r.write("spec/MCnetnsNew.cfg", "INVARIANT Inv\n")
	r.record(tlcrun.Row{Cfg: "MCnetnsNew.cfg", Module: "MCnetns", Verdict: tlcrun.Pass, Distinct: 4, Generated: 5, Depth: 4})
	r.write("bin/java", strings.Replace(smallTLC, `case "$*" in
*MCnetnsBug*)`, `case "$*" in
*MCnetnsNew*)
  grep -q 'x # 7' netns.tla && pass 5
  say 2110:1 'Invariant Inv is violated.'
  say 2217:4 '1: <Initial predicate>'
  say 2199:0 '2 states generated, 2 distinct states found, 1 states left on queue.'
  finish 12 ;;
*MCnetnsBug*)`, 1))
	if status, _ := r.tlc("-only", "Next: x # 7"); status != 0 || !slices.Equal(r.verdicts(), []string{"Next: x # 7 -> TRUE: killed property MCnetnsNew.cfg Inv"}) {
		t.Errorf("status %d\n%s%q", status, r.out.String(), r.verdicts())
	}
}

// TestSpecThatIsKilledItself: then no verdict would mean anything.
func TestSpecThatIsKilledItself(t *testing.T) {
	r := newSpec(t)
	r.write("bin/java", strings.ReplaceAll(smallTLC, "pass 5", "pass 9"))
	if status, _ := r.tlc(); status != 2 || !strings.Contains(r.out.String(), "without any change is killed: not as recorded") {
		t.Errorf("status %d\n%s", status, r.out.String())
	}
}

// TestSlowRun: a run that is not over in time kills nothing.
func TestSlowRun(t *testing.T) {
	r := newSpec(t)
	r.write("bin/java", strings.ReplaceAll(smallTLC, "progress 1,000", "progress 3"))
	if status, _ := r.tlc("-only", "x < 3", "-bound", "3s"); status != 1 || !slices.Equal(r.verdicts(), []string{"Next: x < 3 -> TRUE: survived"}) ||
		!strings.Contains(r.read(r.results), "MCnetnsSmall.cfg: not done within 3.012s") {
		t.Errorf("status %d\n%s", status, r.out.String())
	}
}
