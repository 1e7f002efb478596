// SPDX-License-Identifier: MIT

// Command prove proves the invariants of a specification for any number of
// ops, nets and threads: SANY reads it, package tla makes questions of it, an SMT
// solver answers them. It is run in the folder tools.
package main

import (
	"bytes"
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

var netns = Target{
	Module: "MCnetnsInductive", Strengthening: "netns_inductive",
	Types: "Types", Inductive: "Inductive", Implied: "Implied", Steps: "Steps", Init: "Init", Next: "Next",
	Sorts: map[string]string{
		"Ops": "set Op", "ListHead": "Op", "NoOps": "Op", "NoInit": "set Op", "NoExit": "set Op", "Deferring": "set Op", "Failing": "set Op",
		"Slots": "list Net", "NoNet": "Net",
		"Threads": "set Thread", "Worker": "Thread", "Nobody": "Thread",
		"Positive": "Bool", "Cancel": "Bool", "NetNs": "Bool", "Boot": "Bool",
	},
	Dead: map[string]int{
		"CopyNetNsLock":      1, // the worker makes no copy
		"SetupNetBarrierEnd": 1, // a copy whose set-up has failed is not listed
	},
}

type options struct {
	spec, keep, only, drop, fault string
	faults, update                bool
	limit                         time.Duration
	workers                       int
}

func main() {
	var o options
	flag.StringVar(&o.spec, "spec", "../spec", "the `folder` of the specs")
	flag.StringVar(&o.keep, "keep", "", "write each question to a file in this `folder`")
	flag.StringVar(&o.only, "only", "", "ask the questions whose names this `regexp` matches; that is no proof")
	flag.StringVar(&o.drop, "drop", "", "leave this `conjunct` out of the invariant")
	flag.StringVar(&o.fault, "fault", "", "with what this `row` of faults.tsv replaces: it must be refused")
	flag.BoolVar(&o.faults, "faults", false, "each row of faults.tsv that is about safety must be refused")
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
	solver, err := FindSolver(ctx, os.Getenv("PROVE_SOLVER"), o.limit)
	if errors.Is(err, errNoSolver) && os.Getenv("PROVE_SOLVER") == "" && !o.faults && !o.update && o.fault+o.drop+o.only+o.keep == "" {
		fmt.Fprintln(out, err)
		return serve(o.spec, out)
	}
	if err != nil {
		return err
	}
	spec, err := ReadSpec(ctx, o.spec, netns.Module)
	if err != nil {
		return err
	}
	if o.faults {
		return refuseAll(ctx, o, spec, solver, out)
	}
	r, err := prove(ctx, o, spec, solver, out)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, r.summary())
	switch {
	case o.fault+o.drop != "":
		if r.Refuted == 0 {
			return errors.New("nothing is refuted")
		}
		return nil
	case r.Verdict != "proved":
		return fmt.Errorf("the proof is %s", r.Verdict)
	case o.update:
		return r.write(o.spec)
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
	xml, err := sany.Export(ctx, "java", jar.Path, dir, module)
	if err != nil {
		return nil, err
	}
	return sany.Read(bytes.NewReader(xml))
}

// machine is the specification with symbols, and with what a fault replaces.
func machine(o options, spec *sany.Spec, fault string) (*tla.Machine, error) {
	m, err := tla.Symbolic(spec, netns.Sorts, spec.Defs[netns.Types].Body)
	if err != nil || fault == "" {
		return m, err
	}
	cfg, err := tlc.ReadCfg(o.spec, fault+".cfg")
	if err != nil {
		return nil, err
	}
	return m, m.Replace(cfg, false)
}

// prove asks all there is to ask.
func prove(ctx context.Context, o options, spec *sany.Spec, solver *Solver, out io.Writer) (*Result, error) {
	start := time.Now()
	files, err := digests(o.spec) // before, for they may change meanwhile
	if err != nil {
		return nil, err
	}
	m, err := machine(o, spec, o.fault)
	if err != nil {
		return nil, err
	}
	p, err := NewPlan(m, netns, o.drop)
	if err != nil {
		return nil, err
	}
	p.Close(m)
	list, err := chosen(p, o.only)
	if err != nil {
		return nil, err
	}
	if o.keep != "" {
		if err := Keep(o.keep, list); err != nil {
			return nil, err
		}
	}
	r := &Result{Plan: p, Solver: solver.Version, files: files, dead: map[string]int{}, Partial: o.only != "" || o.drop != "" || o.fault != ""}
	var open []Answer
	err = solver.AskAll(ctx, list, o.workers, func(a Answer) {
		r.add(a)
		if !a.OK() {
			open = append(open, a)
		}
	})
	if err != nil {
		return nil, err
	}
	for _, a := range open {
		if err := r.settle(ctx, solver, a, out); err != nil {
			return nil, err
		}
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

// settle looks at a question that was not answered as the proof needs: it tries
// once more, alone, and looks for an example.
func (r *Result) settle(ctx context.Context, s *Solver, a Answer, out io.Writer) error {
	if a.Query.Kind == Reach {
		return r.settleReach(ctx, s, a, out)
	}
	found, text, err := s.Example(ctx, r.Plan, a.Query, small)
	if err != nil {
		return err
	}
	if found {
		r.settled(a, false, true)
		fmt.Fprintf(out, "\nrefuted: %s\n%s", a.Query.Name(), text)
		return nil
	}
	var again Answer
	err = s.Ask(ctx, r.Plan.alone(a.Query), func(b Answer) { again = b })
	r.settled(a, again.OK(), false)
	if !again.OK() {
		fmt.Fprintf(out, "%s: %s\n", strings.ReplaceAll(a.Says, "sat", "refuted, without a small example"), a.Query.Name())
	}
	return err
}

// settleReach looks for a step in a larger universe; else no state may take the
// way, and it must be one of those that are known for that.
func (r *Result) settleReach(ctx context.Context, s *Solver, a Answer, out io.Writer) error {
	found, _, err := s.Example(ctx, r.Plan, a.Query, small+1)
	if err != nil || found {
		r.settled(a, found, false)
		return err
	}
	b := r.Plan.alone(a.Query)
	b.Queries = []Query{a.Query.unbounded()}
	says := ""
	if err := s.Ask(ctx, b, func(b Answer) { says = b.Says }); err != nil {
		return err
	}
	action, _, _ := strings.Cut(a.Query.Action, "/")
	r.dead[action]++
	if says == "unsat" && r.dead[action] <= netns.Dead[action] {
		r.settled(a, true, false)
		return nil
	}
	r.settled(a, false, false)
	fmt.Fprintf(out, "no state takes this way (%s): %s\n", says, a.Query.Name())
	return nil
}
