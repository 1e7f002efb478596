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
	"strings"
	"sync"
	"time"

	"example.com/pernet/internal/kill"
	"example.com/pernet/internal/race"
)

// A Bench is where faults are built and tried: a checkout, a folder for what is
// built, and the graphs of the right code.
type Bench struct {
	Root  string
	dir   string
	right []func(context.Context) (string, error) // by instance: the file with the graph of the right code, made when it is first asked for
}

// NewBench returns a bench for the faults of a checkout. Close removes its files.
func NewBench(root string) (*Bench, error) {
	dir, err := os.MkdirTemp("", "pernet-bug-")
	if err != nil {
		return nil, err
	}
	b := &Bench{Root: root, dir: dir}
	for _, cfg := range instances {
		var once sync.Once
		var made error
		path := filepath.Join(dir, cfg+".graph")
		b.right = append(b.right, func(ctx context.Context) (string, error) {
			once.Do(func() { made = storeRight(ctx, filepath.Join(root, "spec", cfg), path) })
			return path, made
		})
	}
	return b, nil
}

// Close removes what the Bench has made.
func (b *Bench) Close() { os.RemoveAll(b.dir) }

// A Catch is what one layer made of a fault.
type Catch struct {
	Layer string
	By    string // the named check that noticed; "" if none did
	Took  time.Duration
	Text  string // what it said
}

// A Report is what all layers made of a fault.
type Report struct {
	Fault   Fault
	Catches []Catch  // in the order of the layers that were asked
	Skipped []string // layers that cannot be asked here
}

// Caught returns the names of the layers that noticed.
func (r Report) Caught() (names []string) {
	for _, c := range r.Catches {
		if c.By != "" {
			names = append(names, c.Layer)
		}
	}
	return names
}

// Story is what the layer said, without the noise of a test's log.
func (c Catch) Story() string {
	if c.Layer == layerGraph || len(c.Text) < 4000 {
		return c.Text
	}
	return "...\n" + c.Text[len(c.Text)-4000:]
}

// TryAll tries faults, some at a time, each with the layers that must catch it
// or with every layer. show is called once for each, one at a time, as they end.
func (b *Bench) TryAll(ctx context.Context, faults []Fault, jobs int, every bool, html string, show func(Report)) ([]Report, error) {
	reports, errs := make([]Report, len(faults)), make([]error, len(faults))
	var mu sync.Mutex // held in show
	var running sync.WaitGroup
	places := make(chan int, len(faults))
	for i := range faults {
		places <- i
	}
	close(places)
	for range jobs {
		running.Go(func() {
			for i := range places {
				if ctx.Err() != nil {
					errs[i] = context.Cause(ctx)
					return
				}
				reports[i], errs[i] = b.Try(ctx, faults[i], layersOf(faults[i], every), html)
				if errs[i] == nil {
					mu.Lock()
					show(reports[i])
					mu.Unlock()
				}
			}
		})
	}
	running.Wait()
	return reports, errors.Join(errs...)
}

// Try builds the fault and asks the layers, each until its first check fails.
// A page that steps through the counterexample goes to html unless it is "".
func (b *Bench) Try(ctx context.Context, f Fault, layers []Layer, html string) (Report, error) {
	r := Report{Fault: f}
	if f.NoGo != "" {
		return r, nil
	}
	dir, err := b.build(ctx, f)
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	for _, l := range layers {
		if l.race && race.Missing(ctx) != "" {
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

// build builds the probe, and the tests that the layers run, with the fault laid over the
// code, into a folder that the caller removes.
func (b *Bench) build(ctx context.Context, f Fault) (dir string, err error) {
	if dir, err = os.MkdirTemp(b.dir, f.ID+"-"); err != nil {
		return "", err
	}
	overlay, err := f.Overlay(b.Root, dir)
	if err != nil {
		return "", err
	}
	err = b.goCommand(ctx, "build", "-overlay", overlay, "-o", filepath.Join(dir, "probe"), "./internal/bug/probe")
	if err == nil {
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
func (b *Bench) test(ctx context.Context, binary, pkg, pattern string, limit time.Duration, env ...string) (by, text string, err error) {
	args := []string{"-test.run", pattern, "-test.v", "-test.failfast", "-test.timeout", limit.String(), "-test.paniconexit0"}
	if pkg == "." || pkg == usersPkg {
		args = append(args, noFailFile)
	}
	ctx, cancel := context.WithTimeout(ctx, limit+10*time.Second) // a test that cannot even time out
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = filepath.Join(b.Root, pkg)
	cmd.Env = append(os.Environ(), env...)
	kill.Tree(cmd)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	text = out.String()
	if err == nil {
		if !strings.Contains(text, "--- PASS") {
			return "", text, fmt.Errorf("%s has no test %s", pkg, pattern)
		}
		return "", text, nil
	}
	if !isExit(err) || cmd.ProcessState.ExitCode() < 0 || !runLine.MatchString(text) { // ended by a signal, or before any test
		return "", text, fmt.Errorf("%s: %w\n%s", pattern, err, lastLines(text, 10))
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

// neverEnded follows the name of a test that was ended.
const neverEnded = " (never ended)"

func hung(by string) bool { return strings.HasSuffix(by, neverEnded) }

// failed returns the name of the test that failed, the innermost; for a crash or
// a test that never ended the one that ran last.
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
