// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/pernet/tools/prove/tla"
)

// A Solver is a program that answers questions in SMT-LIB 2 on its standard input.
type Solver struct {
	Path    string
	Args    []string
	Quick   []string // more of them, with which most questions are answered sooner, and some not
	Version string
	Limit   time.Duration // for one question
}

// quickLimit is for a question among others. One that takes longer is asked again alone.
const quickLimit = 3 * time.Second

// FindSolver finds the solver that is named, or the first on PATH.
func FindSolver(ctx context.Context, named string, limit time.Duration) (*Solver, error) {
	tries := []string{"z3", "cvc5"}
	if named != "" {
		tries = []string{named}
	}
	for _, name := range tries {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		s := &Solver{Path: path, Limit: limit}
		switch base := filepath.Base(path); {
		case strings.HasPrefix(base, "z3"):
			s.Args, s.Quick = []string{"-in", "-smt2"}, []string{"smt.mbqi=false"}
		case strings.HasPrefix(base, "cvc5"):
			s.Args = []string{"--lang=smt2", "--quiet", "--incremental"}
		default:
			return nil, fmt.Errorf("%s is neither z3 nor cvc5 by its name", path)
		}
		out, err := exec.CommandContext(ctx, path, "--version").Output()
		if err != nil {
			return nil, fmt.Errorf("%s --version: %w", path, err)
		}
		s.Version, _, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
		return s, nil
	}
	return nil, fmt.Errorf("%w: %s not on PATH (Debian has z3 as a package; PROVE_SOLVER names another)", errNoSolver, strings.Join(tries, " and "))
}

var errNoSolver = errors.New("no solver")

// An Answer is what the solver said of a query.
type Answer struct {
	Query Query
	Says  string // "unsat", "sat", "unknown", "timeout"
	Took  time.Duration
}

// OK reports whether the answer is the one that the proof needs.
func (a Answer) OK() bool {
	if a.Query.Kind == Reach {
		return a.Says == "sat"
	}
	return a.Says == "unsat"
}

// Ask asks the questions of a batch. The first that takes too long takes the
// rest with it; they are asked again, without it.
func (s *Solver) Ask(ctx context.Context, b Batch, tell func(Answer)) error {
	for len(b.Queries) > 0 {
		says, took, err := s.run(ctx, b)
		if err != nil {
			return err
		}
		for i, answer := range says {
			tell(Answer{b.Queries[i], answer, took / time.Duration(len(says))})
		}
		if b.Queries = b.Queries[len(says):]; len(b.Queries) > 0 {
			tell(Answer{b.Queries[0], "timeout", took})
			b.Queries = b.Queries[1:]
		}
	}
	return nil
}

// run runs the solver on a batch, and returns the answers up to the first
// question that took longer than the limit.
func (s *Solver) run(ctx context.Context, b Batch) (says []string, took time.Duration, err error) {
	var errs bytes.Buffer
	script, err := written(b.Script())
	if err != nil {
		return nil, 0, err
	}
	limited, cancel := context.WithCancel(ctx)
	defer cancel()
	args, limit := s.Args, s.Limit
	if len(b.Queries) > 1 {
		args, limit = slices.Concat(args, s.Quick), min(limit, quickLimit)
	}
	cmd := exec.CommandContext(limited, s.Path, args...)
	cmd.Stdin, cmd.Stderr = script, &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, 0, err
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, 0, err
	}
	late := time.AfterFunc(limit, cancel)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		switch line := strings.TrimSpace(lines.Text()); line {
		case "sat", "unsat", "unknown":
			says = append(says, line)
			late.Reset(limit)
		case "":
		default:
			return nil, 0, fmt.Errorf("%s on %s: %s", s.Path, b.Queries[min(len(says), len(b.Queries)-1)].Name(), line)
		}
	}
	late.Stop()
	err = cmd.Wait()
	if ctx.Err() != nil {
		return nil, 0, ctx.Err()
	}
	if len(says) < len(b.Queries) && limited.Err() == nil {
		return nil, 0, fmt.Errorf("%s on %s ended early: %v: %s", s.Path, b.Queries[len(says)].Name(), err, errs.String())
	}
	return says, time.Since(start), nil
}

func written(s tla.Script) (*bytes.Buffer, error) {
	terms.Lock()
	defer terms.Unlock()
	var text bytes.Buffer
	if err := s.Write(&text); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Comment, err)
	}
	return &text, nil
}

// once asks one question, and returns what the solver writes after its answer.
func (s *Solver) once(ctx context.Context, script tla.Script) (says, rest string, err error) {
	in, err := written(script)
	if err != nil {
		return "", "", err
	}
	limited, cancel := context.WithTimeout(ctx, s.Limit)
	defer cancel()
	cmd := exec.CommandContext(limited, s.Path, s.Args...)
	cmd.Stdin = in
	out, _ := cmd.Output() // a solver that has no values to give after "unsat" ends with an error
	says, rest, _ = strings.Cut(string(out), "\n")
	switch says = strings.TrimSpace(says); {
	case ctx.Err() != nil:
		return "", "", ctx.Err()
	case limited.Err() != nil:
		return "timeout", "", nil
	case says == "sat" || says == "unsat" || says == "unknown":
		return says, rest, nil
	}
	return "", "", fmt.Errorf("%s on %s: %.500s", s.Path, script.Comment, out)
}

// inParallel calls f for each element, some at a time, up to the first error.
func inParallel[T any](ctx context.Context, workers int, list []T, f func(context.Context, T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	todo := make(chan T)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for x := range todo {
				if err := f(ctx, x); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, x := range list {
		if ctx.Err() != nil {
			break
		}
		todo <- x
	}
	close(todo)
	wg.Wait()
	return context.Cause(ctx)
}

// Keep writes the questions to a folder, a file each.
func Keep(dir string, list []Batch) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	n := 0
	for _, b := range list {
		for _, q := range b.Queries {
			text, err := written(b.with(q).Script())
			if err != nil {
				return err
			}
			n++
			name := fmt.Sprintf("%05d-%s.smt2", n, strings.NewReplacer(" ", "-", "/", ".", `\`, "").Replace(q.Name()))
			if err := os.WriteFile(filepath.Join(dir, name), text.Bytes(), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
