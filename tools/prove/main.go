// SPDX-License-Identifier: MIT

// Command prove proves the invariants of specifications for any number of what
// they are about: SANY reads one, package tla makes questions of it, an SMT solver
// answers them. It is run in the folder tools.
package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.com/pernet/internal/tlc"
	"example.com/pernet/tools/prove/sany"
	"example.com/pernet/tools/prove/tla"
	"example.com/pernet/tools/tlcrun"
)

type options struct {
	spec, of, keep, only, drop, fault string
	record, faults, drops, update     bool
	limit                             time.Duration
	workers                           int
}

func main() {
	var o options
	flag.StringVar(&o.spec, "spec", "../spec", "the `folder` of the specs")
	flag.StringVar(&o.of, "of", "", "prove this `module` alone, without .tla")
	flag.StringVar(&o.keep, "keep", "", "write each question to a file in this `folder`")
	flag.StringVar(&o.only, "only", "", "ask the questions whose names this `regexp` matches; that is no proof")
	flag.StringVar(&o.drop, "drop", "", "leave this `conjunct` out of the invariant; that is no proof")
	flag.StringVar(&o.fault, "fault", "", "show a counterexample of the spec with what this `row` of faults.tsv replaces")
	flag.BoolVar(&o.faults, "faults", false, "each row of faults.tsv that is about safety must be refused")
	flag.BoolVar(&o.drops, "drops", false, "without any conjunct of the invariant the proof must fail")
	flag.BoolVar(&o.record, "record", false, "ask nothing if the record has these questions")
	flag.BoolVar(&o.update, "update", false, "write the record")
	flag.DurationVar(&o.limit, "limit", time.Minute, "the time that one question may take")
	flag.IntVar(&o.workers, "workers", 2, "how many solvers run at a time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "prove:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out io.Writer) error {
	chosen := slices.DeleteFunc(slices.Clone(targets), func(t Target) bool {
		return o.of != "" && o.of != t.Name || o.fault != "" && !strings.HasPrefix(o.fault, t.Faults)
	})
	if len(chosen) == 0 {
		return fmt.Errorf("nothing is proved of %s", cmp.Or(o.fault, o.of))
	}
	var failed error
	for _, t := range chosen {
		tla.Forget()
		if err := runOne(ctx, o, t, out); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s.tla: %w", t.Name, err))
		}
	}
	return failed
}

func runOne(ctx context.Context, o options, t Target, out io.Writer) error {
	if o.record {
		if err := serve(ctx, o.spec, t, out); !errors.Is(err, errChanged) {
			return err
		}
	}
	solver, err := FindSolver(ctx, os.Getenv("PROVE_SOLVER"), o.limit)
	if errors.Is(err, errNoSolver) && os.Getenv("PROVE_SOLVER") == "" && !o.faults && !o.drops && !o.update && o.fault+o.drop+o.only+o.keep == "" {
		fmt.Fprintln(out, err)
		return serve(ctx, o.spec, t, out)
	}
	if err != nil {
		return err
	}
	files, err := digests(o.spec, t) // before, for they may change meanwhile
	if err != nil {
		return err
	}
	spec, err := ReadSpec(ctx, o.spec, t.Module)
	if err != nil {
		return err
	}
	if o.faults || o.drops || o.fault != "" {
		return control(ctx, o, t, spec, solver, out)
	}
	m, err := machine(o.spec, spec, t, "")
	if err != nil {
		return err
	}
	r, err := prove(ctx, o, m, t, solver, out)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, r.summary())
	switch {
	case r.Verdict != "proved":
		return fmt.Errorf("the proof is %s", r.Verdict)
	case o.update:
		return r.write(o.spec, files)
	}
	return nil
}

// ReadSpec has SANY read a module.
func ReadSpec(ctx context.Context, dir, module string) (*sany.Spec, error) {
	cache, err := tlcrun.CacheDir()
	if err != nil {
		return nil, err
	}
	jar, err := tlcrun.NewJars(os.Getenv("TLC_JAR"), cache, func(string) {}).Get(ctx)
	if err != nil {
		return nil, err
	}
	xml, err := sany.Cached(ctx, cache, "java", jar.Path, dir, module)
	if err != nil {
		return nil, err
	}
	return sany.Read(bytes.NewReader(xml))
}

// machine is the specification with symbols, and with what a fault replaces.
func machine(dir string, spec *sany.Spec, t Target, fault string) (*tla.Machine, error) {
	base, err := tlc.ReadCfg(dir, t.Cfg)
	if err != nil {
		return nil, err
	}
	terms.Lock()
	defer terms.Unlock()
	m, err := tla.Symbolic(spec, t.Sorts, spec.Defs[t.Types].Body)
	if err != nil {
		return nil, err
	}
	m.Names = map[string]string{}
	for _, d := range spec.Constants {
		if sort := t.Sorts[d.Name]; sort != "" && sort != "Bool" && !strings.Contains(sort, " ") {
			m.Names[d.Name] = base.Word(d.Name)
		}
	}
	if fault == "" {
		return m, nil
	}
	cfg, err := tlc.ReadCfg(dir, fault+".cfg")
	if err != nil {
		return nil, err
	}
	return m, m.Replace(cfg, false)
}

// prove asks all there is to ask of a target.
func prove(ctx context.Context, o options, m *tla.Machine, t Target, solver *Solver, out io.Writer) (*Result, error) {
	start := time.Now()
	p, err := NewPlan(m, t, Part{Drop: o.drop})
	if err != nil {
		return nil, err
	}
	list, err := chosen(p, o.only)
	if err != nil {
		return nil, err
	}
	if o.keep != "" {
		if err := Keep(o.keep, list); err != nil {
			return nil, err
		}
	}
	r := &Result{Plan: p, Solver: solver.Version, Target: t, dead: map[string]int{}, Partial: o.only != "" || o.drop != ""}
	err = inParallel(ctx, o.workers, list, func(ctx context.Context, b Batch) error { return r.ask(ctx, solver, b, out) })
	if err != nil {
		return nil, err
	}
	r.Took = time.Since(start)
	r.conclude()
	return r, nil
}

func chosen(p *Plan, only string) ([]Batch, error) {
	re, err := regexp.Compile(only)
	if err != nil {
		return nil, err
	}
	var list []Batch
	for _, b := range p.Batches {
		b.Queries = slices.DeleteFunc(slices.Clone(b.Queries), func(q Query) bool { return !re.MatchString(q.Name()) })
		if len(b.Queries) > 0 {
			list = append(list, b)
		}
	}
	return list, nil
}
