// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"example.com/pernet/internal/plural"
	"example.com/pernet/tools/tlcrun"
)

// A crateTest is a build of ports/rust, and how many tests it must pass.
type crateTest struct {
	name  string
	flags []string
	tests int
	long  bool // not in make check but in make long and CI: it explores for half a minute, or builds for as long
}

var crateTests = []crateTest{
	{name: "ports/rust, cargo test", tests: 24},
	{name: "ports/rust, cargo test, rwsem", flags: []string{"--features", "rwsem"}, tests: 24},
	{name: "ports/rust, explored by shuttle", flags: []string{"--features", "shuttle"}, tests: 8, long: true},
	{name: "ports/rust, explored by shuttle, rwsem", flags: []string{"--features", "shuttle,rwsem"}, tests: 5, long: true},
	{name: "ports/rust, explored by loom", flags: []string{"--features", "loom", "--test", "loom"}, tests: 1, long: true},
}

// crate adds a row for each build's tests.
func (c *checker) crate() {
	if _, err := os.Stat(filepath.Join(c.root, "ports/rust/Cargo.toml")); err != nil {
		return
	}
	for _, t := range crateTests {
		if t.long == (c.long || c.explore) {
			c.add(c.crateTest(t))
		}
	}
}

func (c *checker) crateTest(t crateTest) row {
	if _, err := exec.LookPath("cargo"); err != nil {
		return row{name: t.name, verdict: skipped, why: "there is no cargo"}
	}
	began := time.Now()
	if _, errs, err := c.try(cargo("fetch")); err != nil && c.ctx.Err() == nil {
		return notThere(t.name, errs)
	}
	out, errs, err := c.try(cargo("test", append([]string{"--release", "--target-dir", built + "/shuttle"}, t.flags...)...))
	if c.ctx.Err() != nil {
		return row{name: t.name, verdict: incomplete, why: "interrupted"}
	}
	return crateRow(t, out+errs, err, time.Since(began))
}

var crateResult = regexp.MustCompile(`(?m)^test result: ok\. (\d+) passed`)

// crateRow concludes from what cargo test wrote. As many tests as are due must have passed: else some are gone.
func crateRow(t crateTest, out string, err error, took time.Duration) row {
	passed := 0
	for _, m := range crateResult.FindAllStringSubmatch(out, -1) {
		n, _ := strconv.Atoi(m[1])
		passed += n
	}
	r := row{name: t.name, verdict: pass, figures: fmt.Sprintf("%18s, %s", plural.N(passed, "test"), seconds(took))}
	switch {
	case err != nil:
		r.verdict, r.why = fail, fmt.Sprintf("%v: %s", err, crateFailure(out))
	case passed != t.tests:
		r.verdict, r.why = fail, fmt.Sprintf("%s passed, %d are due", plural.N(passed, "test"), t.tests)
	}
	return r
}

// crateFailure is the line that says most.
func crateFailure(out string) string {
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "test ") && strings.HasSuffix(line, "FAILED\n") || strings.HasPrefix(line, "error") {
			return strings.TrimSpace(line)
		}
	}
	return tlcrun.FirstLine(out)
}
