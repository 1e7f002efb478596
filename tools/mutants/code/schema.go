// SPDX-License-Identifier: MIT

package code

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"example.com/pernet/internal/kill"
	"example.com/pernet/tools/mutants/campaign"
)

// Schemata are the packages of which one binary of tests has all mutants, chosen
// by an environment variable: a build for each takes longer than its tests. The
// tests of such a package build nothing, nor do those of the packages that are
// named with it, the only ones that use it; with none, any may.
var Schemata = map[string][]string{
	"impl": nil, "model": nil, "internal/graph": nil, "internal/lin": nil, "internal/replay": nil,
	"tools/prove/tla": {"tools/prove"},
}

const (
	chosen    = "PERNET_MUTANT"
	unchanged = -1 // chooses a copy without a change in each function: no test may fail for the copy's sake
)

// A schema is a package in which each function calls, where a mutant of it is
// chosen, a copy with the change.
type schema struct {
	numbers map[string]int    // mutant -> its number, if it is part of it
	unbuilt map[string]string // and what the compiler says, if it is not
	vetted  map[string]string // what vet says of it, if anything
	tests   []built
	race    func() (built, error) // the package's own, under the race detector: built when first needed
}

// built are the tests of a package, built: what they are run with, one after the
// other, first without the slow ones.
type built struct {
	pkg, bin string
	stages   [][]string
}

// schemaOf builds the schema of a package.
func (t *Target) schemaOf(ctx context.Context, pkg string) (*schema, error) {
	s := &schema{numbers: map[string]int{}, unbuilt: map[string]string{}, vetted: map[string]string{}}
	byFile := map[string][]mutant{}
	for _, m := range t.mutants {
		if path.Dir(m.File) == pkg {
			byFile[m.File] = append(byFile[m.File], m)
		}
	}
	files := map[string][]*variant{}
	number := 0
	for file, list := range byFile {
		src, err := os.ReadFile(filepath.Join(t.root, file))
		if err != nil {
			return nil, err
		}
		slices.SortFunc(list, func(a, b mutant) int { return strings.Compare(a.ID(), b.ID()) })
		for _, m := range list {
			number++
			if c := copyOf(src, m, number); c != nil {
				files[file] = append(files[file], c)
			}
		}
	}
	dir, err := os.MkdirTemp(t.scratch, "schema-")
	if err != nil {
		return nil, err
	}
	for range 20 { // the compiler does not say all at once
		overlay, err := t.writeSchema(dir, pkg, files)
		if err != nil {
			return nil, err
		}
		out, err := t.goCmd(ctx, overlay, "build", "-gcflags=-e", t.pattern(pkg))
		if err == nil {
			if out, err := t.goCmd(ctx, overlay, append(goTestsVet, t.pattern(pkg))...); err != nil {
				s.complaints(out, files, func(c *variant, says string) { s.vetted[c.id] = says })
			}
			return s, t.buildTests(ctx, s, dir, overlay, pkg, files)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !s.drop(out, files) {
			return nil, fmt.Errorf("all mutants of %s in one: %w", pkg, err)
		}
	}
	return nil, errors.New("the compiler finds more at each build of all mutants of " + pkg)
}

// buildTests builds the tests of the package and of those that use it.
func (t *Target) buildTests(ctx context.Context, s *schema, dir, overlay, pkg string, files map[string][]*variant) error {
	for _, list := range files {
		for _, c := range list {
			s.numbers[c.id] = c.number
		}
	}
	for _, p := range append([]string{pkg}, Schemata[pkg]...) {
		b, err := t.built(ctx, p, filepath.Join(dir, path.Base(p)+".test"), overlay)
		if err != nil {
			return err
		}
		s.tests = append(s.tests, b)
	}
	s.race = sync.OnceValues(func() (built, error) {
		return t.built(ctx, pkg, filepath.Join(dir, path.Base(pkg)+".race"), overlay, t.race...)
	})
	return nil
}

// built builds the tests of a package, and sees which are slow.
func (t *Target) built(ctx context.Context, pkg, bin, overlay string, flags ...string) (built, error) {
	b := built{pkg: pkg, bin: bin, stages: [][]string{nil}}
	if _, err := t.goCmd(ctx, overlay, slices.Concat([]string{"test", "-c", "-vet=off", "-o", bin}, flags, []string{t.pattern(pkg)})...); err != nil {
		return b, err
	}
	out, err := t.runTests(ctx, b, unchanged, "-test.v")
	if err != nil {
		return b, fmt.Errorf("without any change: %w\n%s", err, out)
	}
	if slow := slowTests(out); slow != "" {
		b.stages = [][]string{{"-test.skip=" + slow}, {"-test.run=" + slow}}
	}
	return b, nil
}

var passedTest = regexp.MustCompile(`(?m)^--- PASS: (\S+) \(([0-9.]+)s\)`)

// slowTests matches the tests that took over half a second, by their output; "" if none did.
func slowTests(out string) string {
	var names []string
	for _, m := range passedTest.FindAllStringSubmatch(out, -1) {
		if took, _ := strconv.ParseFloat(m[2], 64); took > 0.5 {
			names = append(names, m[1])
		}
	}
	if names == nil {
		return ""
	}
	return "^(" + strings.Join(names, "|") + ")$"
}

// writeSchema writes the files of the package with the copies, and the overlay.
func (t *Target) writeSchema(dir, pkg string, files map[string][]*variant) (overlay string, err error) {
	replace := map[string]string{}
	put := func(name string, text []byte) {
		made := filepath.Join(dir, path.Base(name))
		replace[filepath.Join(t.root, filepath.FromSlash(name))] = made
		err = errors.Join(err, os.WriteFile(made, text, 0o644))
	}
	put(path.Join(pkg, "chosen_mutant.go"), fmt.Appendf(nil, "package %s\n\nimport (\n\t\"os\"\n\t\"strconv\"\n)\n\nvar chosenMutant, _ = strconv.Atoi(os.Getenv(%q))\n", path.Base(pkg), chosen))
	for name, list := range files {
		src, failed := os.ReadFile(filepath.Join(t.root, name))
		if failed != nil {
			return "", failed
		}
		text, failed := withCopies(src, list)
		if failed != nil {
			return "", failed
		}
		put(name, text)
	}
	text, failed := json.Marshal(map[string]any{"Replace": replace})
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, errors.Join(err, failed, os.WriteFile(overlay, text, 0o644))
}

var complaintAt = regexp.MustCompile(`(?m)^(\S+\.go):(\d+):\d+: (.*)$`)

// goTestsVet is the vet that go test runs.
var goTestsVet = []string{"vet", "-atomic", "-bool", "-buildtags", "-directive", "-errorsas", "-ifaceassert", "-nilfunc", "-printf", "-stringintconv", "-tests"}

// complaints calls f for each copy that the compiler or vet complains about.
func (s *schema) complaints(out string, files map[string][]*variant, f func(c *variant, says string)) {
	for _, c := range complaintAt.FindAllStringSubmatch(out, -1) {
		line, _ := strconv.Atoi(c[2])
		for name, list := range files {
			for _, v := range list {
				if path.Base(name) == filepath.Base(c[1]) && v.lines[0] <= line && line <= v.lines[1] {
					f(v, c[3])
				}
			}
		}
	}
}

// drop takes the copies out that the compiler complains about, and reports whether there are any.
func (s *schema) drop(out string, files map[string][]*variant) (any bool) {
	s.complaints(out, files, func(c *variant, says string) { s.unbuilt[c.id], any = says, true })
	for name, list := range files {
		files[name] = slices.DeleteFunc(list, func(c *variant) bool { return s.unbuilt[c.id] != "" })
	}
	return any
}

// trySchema judges a mutant that is part of a schema; no verdict if it is not.
func (t *Target) trySchema(ctx context.Context, m mutant, before campaign.Result) (found campaign.Finding, err error) {
	pkg := path.Dir(m.File)
	s, err := t.schemaFor(ctx, pkg)
	if err != nil {
		return found, err
	}
	if says, ok := s.unbuilt[m.ID()]; ok {
		return campaign.Finding{Verdict: campaign.Unbuilt, Reason: says}, nil
	}
	number, ok := s.numbers[m.ID()]
	if !ok {
		return found, nil
	}
	if says, ok := s.vetted[m.ID()]; ok {
		return campaign.Finding{Verdict: campaign.Killed, How: vet, Where: own, Name: says}, nil
	}
	killer := [][]string{{"-test.run=^" + before.Name + "$"}} // what killed it last goes before all else
	if !testName.MatchString(before.Name) {
		killer = [][]string{}
	}
	for _, b := range s.tests {
		if before.Where != t.where(b, pkg) {
			continue
		}
		if found, err = t.tryBuilt(ctx, b, pkg, number, killer); found.Verdict == campaign.Killed || err != nil {
			return found, err
		}
	}
	if before.Where == own && len(killer) > 0 {
		if found, err = t.tryRace(ctx, s, pkg, number, killer); found.Verdict == campaign.Killed || err != nil {
			return found, err
		}
	}
	for _, b := range s.tests {
		if found, err = t.tryBuilt(ctx, b, pkg, number, b.stages); found.Verdict != campaign.Survived || err != nil {
			return found, err
		}
	}
	return t.tryRace(ctx, s, pkg, number, nil)
}

// where names the tests as seen from the package of the mutants.
func (t *Target) where(b built, pkg string) string {
	if b.pkg == pkg {
		return own
	}
	return t.pattern(b.pkg)
}

// tryRace is tryBuilt under the race detector, where there is one and any package may use theirs; nil stages are all.
func (t *Target) tryRace(ctx context.Context, s *schema, pkg string, number int, stages [][]string) (campaign.Finding, error) {
	if t.race == nil || Schemata[pkg] != nil {
		return campaign.Finding{Verdict: campaign.Survived}, nil
	}
	b, err := s.race()
	if err != nil {
		return campaign.Finding{}, err
	}
	if stages == nil {
		stages = b.stages
	}
	return t.tryBuilt(ctx, b, pkg, number, stages)
}

// tryBuilt runs tests of the schema of a package with a mutant.
func (t *Target) tryBuilt(ctx context.Context, b built, pkg string, number int, stages [][]string) (found campaign.Finding, err error) {
	for _, stage := range stages {
		found, err = t.climb(ctx, t.where(b, pkg), fmt.Sprint(b.bin, stage), func(ctx context.Context, changed bool, limit string) (string, error) {
			n := number
			if !changed {
				n = unchanged
			}
			return t.runTests(ctx, b, n, slices.Concat([]string{"-test.failfast", "-test.timeout=" + limit}, stage)...)
		})
		if found.Verdict != campaign.Survived || err != nil {
			break
		}
	}
	return found, err
}

var testName = regexp.MustCompile(`^(Test|Example|Fuzz)\w*$`)

// schemaFor builds the schema of a package once.
func (t *Target) schemaFor(ctx context.Context, pkg string) (*schema, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.schemas[pkg] == nil {
		s, err := t.schemaOf(ctx, pkg)
		if err != nil {
			return nil, err
		}
		t.schemas[pkg] = s
	}
	return t.schemas[pkg], nil
}

// runTests runs a binary of tests with a mutant, or unchanged.
func (t *Target) runTests(ctx context.Context, b built, number int, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, b.bin, args...)
	kill.Tree(cmd)
	cmd.Dir = filepath.Join(t.root, b.pkg)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", chosen, number), "PROVE_QUESTIONS=1")
	out, err := cmd.CombinedOutput()
	return string(out), err
}
