// SPDX-License-Identifier: MIT

package bug

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/pernet/internal/kill"
	"example.com/pernet/internal/plural"
)

// A Bench builds and tries faults. It has a checkout, a folder for binaries, and the graphs
// of the unmodified code.
type Bench struct {
	Root  string
	dir   string
	right map[string]func(context.Context) (string, error) // by instance: returns the file with its graph, which the first call makes
}

// NewBench returns a Bench for a checkout. Close removes its files.
func NewBench(root string) (*Bench, error) {
	dir, err := os.MkdirTemp("", "pernet-bug-")
	if err != nil {
		return nil, err
	}
	b := &Bench{Root: root, dir: dir, right: map[string]func(context.Context) (string, error){}}
	for _, cfg := range slices.Concat(mutexCfgs, rwsemCfgs) {
		var once sync.Once
		var made error
		path := filepath.Join(dir, cfg+".graph")
		b.right[cfg] = func(ctx context.Context) (string, error) {
			once.Do(func() { made = storeRight(ctx, filepath.Join(root, "spec", cfg), path) })
			return path, made
		}
	}
	return b, nil
}

// Close removes the files of the Bench.
func (b *Bench) Close() { os.RemoveAll(b.dir) }

// A Catch is the result of one layer for a fault.
type Catch struct {
	Layer string
	By    string // the check that failed, or ""
	Took  time.Duration
	Text  string // its output
}

// A Report has the results of all layers for a fault.
type Report struct {
	Fault   Fault
	Catches []Catch  // in the order of the layers
	Skipped []string // layers that cannot run on this machine
}

// Missing returns the problems in the reports: a layer that must catch a fault and did not, a
// layer that rejects the unmodified code, a fault that fewer than two layers catch.
func Missing(reports []Report) (problems []string) {
	for _, r := range reports {
		f := r.Fault
		var caught []string
		for _, c := range r.Catches {
			if c.By != "" {
				caught = append(caught, c.Layer)
			}
		}
		if f.isControl() {
			for _, layer := range caught {
				problems = append(problems, layer+" rejects the unmodified code")
			}
			continue
		}
		for _, layer := range f.Caught {
			if !slices.Contains(caught, layer) && !slices.Contains(r.Skipped, layer) {
				problems = append(problems, fmt.Sprintf("%s is not caught by %s", f.ID, layer))
			}
		}
		if len(f.Edits) > 0 && len(caught)+len(r.Skipped) < 2 {
			problems = append(problems, fmt.Sprintf("%s is caught by %s of the code; at least two are required", f.ID, plural.N(len(caught), "layer")))
		}
	}
	return problems
}

// Story returns the output of the layer, shortened if it is the log of a test.
func (c Catch) Story() string {
	if c.Layer == layerGraph || c.Layer == layerRWSem || len(c.Text) < 4000 {
		return c.Text
	}
	return "...\n" + c.Text[len(c.Text)-4000:]
}

// TryAll tries faults, up to jobs in parallel, with the layers that must catch each or with
// every layer. It calls show with each report, never two at a time.
func (b *Bench) TryAll(ctx context.Context, faults []Fault, jobs int, every bool, html string, show func(Report)) ([]Report, error) {
	reports, errs := make([]Report, len(faults)), make([]error, len(faults))
	var mu sync.Mutex // held while show runs
	var running sync.WaitGroup
	slots := make(chan struct{}, jobs)
	for i, f := range faults {
		slots <- struct{}{}
		if ctx.Err() != nil {
			errs[i] = context.Cause(ctx)
			break
		}
		running.Go(func() {
			defer func() { <-slots }()
			if reports[i], errs[i] = b.Try(ctx, f, layersOf(f, every), html); errs[i] == nil {
				mu.Lock()
				defer mu.Unlock()
				show(reports[i])
			}
		})
	}
	running.Wait()
	return reports, errors.Join(errs...)
}

// Try builds the fault and runs the layers, each until its first check fails. Unless html is
// "", it writes a page that steps through the counterexample to that file.
func (b *Bench) Try(ctx context.Context, f Fault, layers []Layer, html string) (Report, error) {
	r := Report{Fault: f}
	if f.NoGo != "" {
		return r, nil
	}
	dir, err := b.build(ctx, f, layers)
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	for _, l := range layers {
		if l.race && RaceDetectorMissing(ctx) != "" {
			r.Skipped = append(r.Skipped, l.Name)
			continue
		}
		start := time.Now()
		by, text, err := l.ask(ctx, b, f, dir, html)
		if ctx.Err() != nil {
			return r, context.Cause(ctx)
		}
		if err != nil {
			return r, fmt.Errorf("%s, %s: %w", f.ID, l.Name, err)
		}
		r.Catches = append(r.Catches, Catch{l.Name, by, time.Since(start), text})
	}
	return r, nil
}

// build builds the probe and the tests that the layers need with the fault, in a folder that
// the caller removes.
func (b *Bench) build(ctx context.Context, f Fault, layers []Layer) (dir string, err error) {
	if dir, err = os.MkdirTemp(b.dir, f.ID+"-"); err != nil {
		return "", err
	}
	overlay, err := f.Overlay(b.Root, dir)
	if err != nil {
		return "", err
	}
	err = b.goCommand(ctx, "build", "-overlay", overlay, "-o", filepath.Join(dir, "probe"), "./internal/bug/probe")
	if tests := slices.ContainsFunc(layers, func(l Layer) bool { return l.run != nil }); err == nil && tests {
		err = b.goCommand(ctx, "test", "-c", "-vet=off", "-overlay", overlay, "-o", dir+"/", ".", "./impl", "./internal/replay", "./"+usersPkg)
	}
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil:
		return "", fmt.Errorf("%s: %w", f.ID, err)
	}
	return dir, nil
}

func (b *Bench) goCommand(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = b.Root
	kill.Tree(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", args[0], err, out)
	}
	return nil
}

// test runs tests of a binary until one fails, and returns its name; "" if all pass.
func (b *Bench) test(ctx context.Context, binary string, t tests, limit time.Duration, env ...string) (by, text string, err error) {
	args := []string{"-test.run", t.pattern, "-test.v", "-test.failfast", "-test.timeout", limit.String(), "-test.paniconexit0"}
	if t.pkg == "." || t.pkg == usersPkg {
		args = append(args, noFailFile)
	}
	bounded, cancel := context.WithTimeout(ctx, limit+10*time.Second) // for a test whose own timeout does not work
	defer cancel()
	cmd := exec.CommandContext(bounded, binary, args...)
	cmd.Dir = filepath.Join(b.Root, t.pkg)
	cmd.Env = append(os.Environ(), env...)
	kill.Tree(cmd)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	text = out.String()
	if ctx.Err() != nil {
		return "", text, context.Cause(ctx)
	}
	if err == nil {
		if !strings.Contains(text, "--- PASS") {
			return "", text, fmt.Errorf("%s has no test %s", t.pkg, t.pattern)
		}
		return "", text, nil
	}
	if !isExit(err) || cmd.ProcessState.ExitCode() < 0 || !runLine.MatchString(text) { // killed, or failed before any test
		return "", text, fmt.Errorf("%s: %w\n%s", t.pattern, err, lastLines(text, 10))
	}
	return failed(text), text, nil
}

func isExit(err error) bool {
	_, ok := errors.AsType[*exec.ExitError](err)
	return ok
}

var (
	failLine = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)
	runLine  = regexp.MustCompile(`(?m)^=== RUN\s+(\S+)`)
)

// neverEnded follows the name of a test that timed out.
const neverEnded = " (never ended)"

func hung(by string) bool { return strings.HasSuffix(by, neverEnded) }

// failed returns the name of the innermost test that failed. After a crash or a timeout it
// returns the test that ran last.
func failed(out string) string {
	name := ""
	for _, m := range failLine.FindAllStringSubmatch(out, -1) {
		if name == "" || strings.HasPrefix(m[1], name+"/") {
			name = m[1]
		}
	}
	if name != "" {
		return name
	}
	for _, m := range runLine.FindAllStringSubmatch(out, -1) {
		name = m[1]
	}
	if strings.Contains(out, "panic: test timed out") {
		return name + neverEnded
	}
	return name + " (crashed)"
}
