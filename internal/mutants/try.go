// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.com/pernet/internal/tlc"
)

// A rung is some packages' tests; a mutant meets one rung after the other
// until tests fail.
type rung struct {
	name     string
	packages []string
}

// own is the first rung, the tests of the mutant's package.
const own = "own"

// first are the rungs after it that come before the rest, quick and sharp ones first.
var first = []string{".", "./internal/scenario", "./internal/square", "./internal/history", "./internal/explore"}

// allowance is what a rung may take on top of three times its time without any
// change, since others use the machine, too.
var allowance = 10 * time.Second

// A tester runs the project's tests with one file replaced.
type tester struct {
	dir, module, scratch, goflags string
	rest                          []string // packages that are no rung of their own
	clean                         map[string]time.Duration
	files                         map[string][]string // package -> those that Go builds it from
	exports                       map[string]string   // package -> its compiled types
}

// newTester looks at what the module has. The driver's own tests tell nothing
// of a mutant and are left out.
func newTester(ctx context.Context, root, scratch, goflags string) (*tester, error) {
	t := &tester{dir: root, scratch: scratch, goflags: goflags, clean: map[string]time.Duration{}, files: map[string][]string{}, exports: map[string]string{}}
	module, err := t.goCmd(ctx, "", "list", "-m")
	if err != nil {
		return nil, err
	}
	t.module = strings.TrimSpace(module)
	list, err := t.goCmd(ctx, "", "list", "./...")
	if err != nil {
		return nil, err
	}
	for _, p := range strings.Fields(list) {
		short := "." + strings.TrimPrefix(p, t.module)
		if !slices.Contains(first, short) && short != "./internal/mutants" {
			t.rest = append(t.rest, short)
		}
	}
	return t, nil
}

func ownRung(pkg string) rung { return rung{own, []string{"./" + pkg}} }

// others are the rungs after a package's own tests, first the one that killed the mutant last.
func (t *tester) others(pkg, last string) (ladder []rung) {
	for _, p := range first {
		if dir, err := os.Stat(filepath.Join(t.dir, p)); err == nil && dir.IsDir() {
			ladder = append(ladder, rung{p, []string{p}})
		}
	}
	if rest := slices.DeleteFunc(slices.Clone(t.rest), func(p string) bool { return p == "./"+pkg }); len(rest) > 0 {
		ladder = append(ladder, rung{"rest", rest})
	}
	slices.SortStableFunc(ladder, func(a, b rung) int {
		switch last {
		case a.name:
			return -1
		case b.name:
			return 1
		}
		return 0
	})
	return ladder
}

// goCmd runs the go command, with an overlay if there is one.
func (t *tester) goCmd(ctx context.Context, overlay string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	tlc.KillTree(cmd)
	cmd.Dir = t.dir
	flags := t.goflags
	if overlay != "" { // by GOFLAGS, so that it holds for what the tests build, too
		flags = strings.TrimSpace(flags + " -overlay=" + overlay)
	}
	cmd.Env = append(os.Environ(), "GOFLAGS="+flags)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return string(out) + stderr.String(), fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return string(out), nil
}

// limit measures a rung without any change, once, and fails when its tests do.
func (t *tester) limit(ctx context.Context, r rung) (time.Duration, error) {
	key := strings.Join(r.packages, " ")
	if took, ok := t.clean[key]; ok {
		return 3*took + allowance, nil
	}
	began := time.Now()
	out, err := t.goCmd(ctx, "", slices.Concat([]string{"test", "-count=1", "-timeout", "10m"}, r.packages)...)
	if err != nil {
		return 0, fmt.Errorf("without any change: %w\n%s", err, out)
	}
	t.clean[key] = time.Since(began)
	return 3*t.clean[key] + allowance, nil
}

// try gives what kills a mutant on these rungs; nothing when no test does.
func (t *tester) try(ctx context.Context, m mutant, rungs []rung) (*catch, error) {
	file := filepath.Join(t.scratch, "mutant.go")
	overlay := filepath.Join(t.scratch, "overlay.json")
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(t.dir, filepath.FromSlash(m.file)): file}})
	if err == nil {
		err = errors.Join(os.WriteFile(file, m.text, 0o644), os.WriteFile(overlay, replace, 0o644))
	}
	if err != nil {
		return nil, err
	}
	for _, r := range rungs {
		limit, err := t.limit(ctx, r)
		if err != nil {
			return nil, err
		}
		whole, cancel := context.WithTimeout(ctx, 2*limit+5*time.Minute) // what Go's own limit does not end
		out, err := t.goCmd(whole, overlay, slices.Concat([]string{"test", "-failfast", "-timeout", limit.String()}, r.packages)...)
		late := whole.Err() != nil
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err == nil:
			continue
		case late:
			return &catch{endless, r.name, "stopped from outside"}, nil
		}
		how, name := reason(out)
		return &catch{how, r.name, name}, nil
	}
	return nil, nil
}

var (
	timedOut   = regexp.MustCompile(`(?m)^panic: test timed out after`)
	failedTest = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)
	stillRuns  = regexp.MustCompile(`(?m)^\s+(Test\S+) \(`)
	panicked   = regexp.MustCompile(`(?m)^(?:panic|fatal error): (.*)`)
	vetFailed  = regexp.MustCompile(`(?m)^# .*\n(?:# .*\n)?(?:vet: )?(?:\S+:\d+:\d+: )?(.*)`)
)

// reason reads from the output of failed tests what failed.
func reason(out string) (how, name string) {
	if timedOut.MatchString(out) {
		if test := stillRuns.FindStringSubmatch(out); test != nil {
			name = test[1]
		}
		return endless, name
	}
	if test := failedTest.FindStringSubmatch(out); test != nil {
		return tests, test[1]
	}
	if why := panicked.FindStringSubmatch(out); why != nil {
		return tests, why[0]
	}
	if why := vetFailed.FindStringSubmatch(out); why != nil { // it has the right types: that is seen first
		return vet, why[1]
	}
	return tests, ""
}

// compiles reports whether a mutant is a program at all, or what the type
// checker says.
func (t *tester) compiles(ctx context.Context, m mutant) (ok bool, why string, err error) {
	if t.files[m.pkg] == nil {
		list, err := t.goCmd(ctx, "", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "./"+m.pkg)
		if err != nil {
			return false, "", err
		}
		for line := range strings.Lines(list) {
			if path, export, _ := strings.Cut(strings.TrimSpace(line), " "); export != "" {
				t.exports[path] = export
			}
		}
		names, err := t.goCmd(ctx, "", "list", "-f", `{{join .GoFiles "\n"}}`, "./"+m.pkg)
		if err != nil {
			return false, "", err
		}
		t.files[m.pkg] = strings.Fields(names)
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range t.files[m.pkg] {
		path := filepath.Join(t.dir, m.pkg, name)
		var src any
		if name == filepath.Base(m.file) {
			src = m.text
		}
		file, err := parser.ParseFile(set, path, src, parser.SkipObjectResolution)
		if list := (scanner.ErrorList{}); errors.As(err, &list) {
			return false, list[0].Msg, nil
		}
		if err != nil {
			return false, "", err
		}
		files = append(files, file)
	}
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(t.exports[path]) }
	config := types.Config{Importer: importer.ForCompiler(set, "gc", lookup)}
	if _, err := config.Check(t.module+"/"+m.pkg, set, files, nil); err != nil {
		var wrong types.Error
		if errors.As(err, &wrong) {
			return false, wrong.Msg, nil
		}
		return false, "", err
	}
	return true, "", nil
}
