// SPDX-License-Identifier: MIT

// Package code is the target of a campaign that is Go code: one operator or
// statement is changed at a time, and the project's tests must fail.
package code

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/pernet/internal/kill"
	"example.com/pernet/tools/mutants/campaign"
)

// How a mutant was killed.
const (
	tests   = "tests"
	vet     = "vet"     // by the vet that go test runs
	endless = "endless" // a test did not end in time
)

// Notes are what a file of results says of its columns.
const Notes = `# Mutants of the code: one changed operator, a statement dropped or swapped with the next, a defer made plain, a copy left out; and what kills each (make mutants).
# mutant: file, line, column, kind, hash of the change. verdict: killed, equivalent (reason says why), survived, unbuilt (does not compile). One without a line was not run.
# how: tests, vet (go test's own), endless (did not end in three times the time of the unchanged code). where, name: which tests, and the first that failed.
# where own: the package's own tests. name gremlins: an earlier campaign had gremlins run them, which does not say which test failed, or whether it was vet.
# digest: of what the line rests on: for own the packages that those tests are built from, for all else the whole module; and spec/ and testdata/ where they could be read.
# While it is the same, the mutant is not run again.
# To call a mutant equivalent, give its line this verdict, - for the digest, and the reason. It then rests on its file: once that has changed,
# the package's own tests are run on the mutant again. A line that is killed all the same loses both.
`

// own are the tests of the mutant's package. After them come the others, first
// those that are quick and sharp.
const own = "own"

var first = map[string][]string{
	"":      {".", "./internal/replay", "./internal/lin", "./internal/explore/mutex"},
	"tools": {"./prove", "./check", "./compare"},
}

// A Target is some packages of a module. Files and packages are named from the
// project's root, which may be above the module's.
type Target struct {
	root, scratch string
	module        string        // its folder
	packages      []string      // folders, as in model, or files
	bound         time.Duration // what tests may take beyond three times their time without any change
	goflags       string
	race          []string // the flag for it, where there is a C compiler

	mutants map[string]mutant
	schemas map[string]*schema // by package, built when first needed
	own     map[string]string  // package -> digest of what its own tests are made from
	whole   string             // digest of all
	files   map[string]string  // file with mutants -> its digest

	mu    sync.Mutex
	clean map[string]time.Duration // packages -> time of their tests without any change
	rest  []string                 // packages that are not in first
}

// New returns the target of the module in that folder of the project at root. Scratch is a folder for its files.
func New(ctx context.Context, root, module, scratch string, bound time.Duration, packages ...string) (*Target, error) {
	t := &Target{root: root, module: module, scratch: scratch, packages: packages, bound: bound,
		mutants: map[string]mutant{}, schemas: map[string]*schema{}, own: map[string]string{}, files: map[string]string{}, clean: map[string]time.Duration{}}
	env, err := t.goCmd(ctx, "", "env", "GOFLAGS", "CGO_ENABLED")
	flags, cgo, _ := strings.Cut(env, "\n")
	t.goflags = strings.TrimSpace(flags)
	if strings.TrimSpace(cgo) == "1" {
		t.race = []string{"-race"}
	}
	return t, err
}

// Mutants is campaign.Target's.
func (t *Target) Mutants(ctx context.Context) (all []campaign.Mutant, err error) {
	if t.whole, err = t.wholeDigest(); err != nil {
		return nil, err
	}
	for _, pkg := range t.packages {
		only := ""
		if strings.HasSuffix(pkg, ".go") {
			pkg, only = path.Dir(pkg), path.Base(pkg)
		}
		if t.own[pkg], err = t.ownDigest(ctx, pkg); err != nil {
			return nil, err
		}
		names, err := t.goCmd(ctx, "", "list", "-f", `{{join .GoFiles " "}}`, t.pattern(pkg))
		if err != nil {
			return nil, err
		}
		for _, name := range strings.Fields(names) {
			if only != "" && name != only {
				continue
			}
			src, err := os.ReadFile(filepath.Join(t.root, pkg, name))
			if err != nil {
				return nil, err
			}
			t.files[path.Join(pkg, name)] = digestOf(src)
			made, err := mutate(path.Join(pkg, name), src)
			if err != nil {
				return nil, err
			}
			for _, m := range made {
				t.mutants[m.ID()] = m
				all = append(all, m.Mutant)
			}
		}
	}
	return all, nil
}

// Start is campaign.Target's.
func (t *Target) Start(ctx context.Context, _ func(string)) error {
	module, err := t.goCmd(ctx, "", "list", "-m")
	if err != nil {
		return err
	}
	list, err := t.goCmd(ctx, "", "list", "./...")
	for _, p := range strings.Fields(list) {
		if short := "." + strings.TrimPrefix(p, strings.TrimSpace(module)); !slices.Contains(first[t.module], short) {
			t.rest = append(t.rest, short)
		}
	}
	return err
}

// pattern is a package as the go command knows it in the module's folder.
func (t *Target) pattern(pkg string) string {
	return "./" + strings.TrimPrefix(strings.TrimPrefix(pkg, t.module), "/")
}

// A rung is some packages' tests.
type rung struct {
	name     string
	packages []string // after flags of go test, if any
}

// Try is campaign.Target's. What is quick is the compiler, and the package's own tests, under the race detector if they have passed without it and any package may use theirs.
func (t *Target) Try(ctx context.Context, cm campaign.Mutant, thorough bool, before campaign.Result) (found campaign.Finding, err error) {
	m := t.mutants[cm.ID()]
	if thorough && before.Verdict == campaign.Equivalent {
		return campaign.Finding{Verdict: campaign.Survived}, nil
	}
	users, inOne := Schemata[path.Dir(m.File)]
	if inOne && !thorough {
		if found, err = t.trySchema(ctx, m, before); found.Verdict != "" || err != nil {
			return found, err
		}
	}
	overlay, err := t.overlay(m)
	if err != nil {
		return found, err
	}
	defer os.RemoveAll(filepath.Dir(overlay))
	pkg := t.pattern(path.Dir(m.File))
	rungs := []rung{{own, []string{pkg}}}
	switch {
	case thorough && users != nil:
		rungs = nil // nothing else rests on it
	case thorough:
		rungs = t.others(path.Dir(m.File), before.Where)
	default: // no copy of it is in the binary
		if out, err := t.goCmd(ctx, overlay, "build", pkg); err != nil {
			return campaign.Finding{Verdict: campaign.Unbuilt, Reason: compilerSays(out)}, ctx.Err()
		}
		for _, p := range users {
			rungs = append(rungs, rung{t.pattern(p), []string{t.pattern(p)}})
		}
	}
	if inOne && !thorough { // in no binary
		rungs[0].packages = append(slices.Clone(t.race), pkg)
	}
	found = campaign.Finding{Verdict: campaign.Survived}
	for _, r := range rungs {
		if found, err = t.climb(ctx, r.name, strings.Join(r.packages, " "), t.goTest(overlay, r.packages)); found.Verdict != campaign.Survived || err != nil {
			break
		}
	}
	return found, err
}

// others are the rungs after a package's own tests, first the one that killed the mutant last.
func (t *Target) others(pkg, last string) (ladder []rung) {
	for _, p := range first[t.module] {
		if _, err := os.Stat(filepath.Join(t.root, t.module, p)); err == nil {
			ladder = append(ladder, rung{p, []string{p}})
		}
	}
	if rest := slices.DeleteFunc(slices.Clone(t.rest), func(p string) bool { return p == t.pattern(pkg) }); len(rest) > 0 {
		ladder = append(ladder, rung{"rest", rest})
	}
	if i := slices.IndexFunc(ladder, func(r rung) bool { return r.name == last }); i > 0 {
		ladder = slices.Insert(slices.Delete(slices.Clone(ladder), i, i+1), 0, ladder[i])
	}
	return ladder
}

// overlay writes the changed file and the list that has the go command read it
// instead of the file that is there.
func (t *Target) overlay(m mutant) (string, error) {
	dir, err := os.MkdirTemp(t.scratch, "")
	if err != nil {
		return "", err
	}
	file, overlay := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(t.root, filepath.FromSlash(m.File)): file}})
	return overlay, errors.Join(err, os.WriteFile(file, m.text, 0o644), os.WriteFile(overlay, replace, 0o644))
}

// A runner runs tests, of the changed code or of the unchanged, which may take limit.
type runner func(ctx context.Context, changed bool, limit string) (out string, err error)

// goTest runs the tests of packages by the go command.
func (t *Target) goTest(overlay string, packages []string) runner {
	return func(ctx context.Context, changed bool, limit string) (string, error) {
		with := overlay
		if !changed {
			with = ""
		}
		return t.goCmd(ctx, with, slices.Concat([]string{"test", "-count=1", "-failfast", "-timeout", limit}, packages)...)
	}
}

// climb runs the tests of a rung, which key names.
func (t *Target) climb(ctx context.Context, where, key string, run runner) (found campaign.Finding, err error) {
	limit, err := t.limit(ctx, key, run)
	if err != nil {
		return found, err
	}
	whole, cancel := context.WithTimeout(ctx, 2*limit+5*time.Minute) // what Go's own limit does not end
	defer cancel()
	out, err := run(whole, true, limit.String())
	found = campaign.Finding{Verdict: campaign.Killed, Where: where}
	switch {
	case ctx.Err() != nil:
		return found, ctx.Err()
	case err == nil:
		return campaign.Finding{Verdict: campaign.Survived}, nil
	case whole.Err() != nil:
		found.How, found.Name = endless, "stopped from outside"
	default:
		found.How, found.Name = reason(out)
	}
	return found, nil
}

// limit measures a rung without any change, once, and fails when its tests do.
func (t *Target) limit(ctx context.Context, key string, run runner) (time.Duration, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.clean[key]; !ok {
		began := time.Now()
		out, err := run(ctx, false, "20m")
		if err != nil {
			return 0, fmt.Errorf("without any change: %w\n%s", err, out)
		}
		t.clean[key] = time.Since(began)
	}
	return 3*t.clean[key] + t.bound, nil
}

// goCmd runs the go command, with an overlay if there is one.
func (t *Target) goCmd(ctx context.Context, overlay string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	kill.Tree(cmd)
	cmd.Dir = filepath.Join(t.root, t.module)
	if overlay != "" { // by GOFLAGS, so that it holds for what the tests build, too
		cmd.Env = append(os.Environ(), "GOFLAGS="+strings.TrimSpace(t.goflags+" -overlay="+overlay))
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return string(out) + stderr.String(), fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return string(out), nil
}
