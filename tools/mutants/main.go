// SPDX-License-Identifier: MIT

// Command mutants is `make mutants` and `make mutants-spec`: it changes one thing
// at a time, in the code or in the spec, and sees that a check fails.
//
//	go run ./mutants [-only REGEXP] [-list] [-all] [-again] [-stale] [-jobs N] [-bound D] code
//	go run ./mutants [the same] [-tlc ROAD] spec
//
// The code's mutants are killed by the project's tests, those of the modules of spec/
// by TLC or by the graph of the code. The verdicts are in
// tools/mutants/code.tsv and spec.tsv beside it, one line a mutant, written after each: an
// interrupted run goes on where it was. Exit status: 0 if each mutant is killed,
// does not compile, or is called equivalent with a reason; 1 if not; 2 if it could not be told;
// 130 when interrupted.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"example.com/pernet/tools/mutants/campaign"
	"example.com/pernet/tools/mutants/code"
	"example.com/pernet/tools/mutants/spec"
	"example.com/pernet/tools/tlcrun"
)

type options struct {
	campaign.Options
	root, target, road string
	bound              time.Duration
}

func main() {
	// Here and not in run, which tests call: an interrupt is to end these.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stderr)
	ok := false
	if err == nil {
		ok, err = work(ctx, o, stdout)
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "mutants: interrupted; the next run goes on from here")
		return 130
	case err != nil:
		fmt.Fprintln(stderr, "mutants:", err)
		return 2
	case !ok:
		return 1
	}
	return 0
}

func work(ctx context.Context, o options, out io.Writer) (ok bool, err error) {
	scratch, err := os.MkdirTemp("", "pernet-mutants-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(scratch)
	var target campaign.Target
	if o.target == "code" {
		target, err = code.All(ctx, o.root, scratch, o.bound)
		o.Results, o.Notes = filepath.Join(o.root, "tools", "mutants", "code.tsv"), code.Notes
	} else {
		target, err = spec.New(o.root, scratch, spec.Options{Road: o.road, Jobs: o.Jobs, Bound: o.bound, Long: o.Again})
		o.Results, o.Notes = filepath.Join(o.root, "tools", "mutants", "spec.tsv"), spec.Notes
	}
	if err != nil {
		return false, err
	}
	return campaign.Run(ctx, target, o.Options, out)
}

func parseOptions(args []string, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.root, "root", "..", "folder of the project")
	flags.Func("only", "only the mutants of which ID or change match this regular `expression`", func(text string) error {
		o.Only, err = regexp.Compile(text)
		return err
	})
	flags.BoolVar(&o.List, "list", false, "list the mutants and what is known of each; run nothing")
	flags.BoolVar(&o.All, "all", false, "run also what has a verdict that is not stale")
	flags.BoolVar(&o.Again, "again", false, "run also what survived; spec: on the long cfgs, too")
	flags.BoolVar(&o.Stale, "stale", false, "run only what has a verdict that is stale")
	flags.IntVar(&o.Jobs, "jobs", 1, "how many mutants are run at one time")
	flags.DurationVar(&o.bound, "bound", 0, "what one run may take beyond what is measured or known (default 10s for code, 90s for spec)")
	flags.StringVar(&o.road, "tlc", os.Getenv("TLC"), "road to TLC: "+strings.Join(tlcrun.Roads, ", ")+" (default $TLC, else auto)")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.target = flags.Arg(0)
	switch {
	case flags.NArg() != 1 || o.target != "code" && o.target != "spec":
		return o, fmt.Errorf("%q: what is to be changed is code or spec", flags.Args())
	case o.Jobs < 1 || o.bound < 0:
		return o, fmt.Errorf("-jobs %d -bound %s: both must be positive", o.Jobs, o.bound)
	case o.All && o.Stale:
		return o, fmt.Errorf("-all -stale: one of the two")
	case o.bound == 0:
		o.bound = map[string]time.Duration{"code": 10 * time.Second, "spec": 90 * time.Second}[o.target]
	}
	if o.road == "" {
		o.road = "auto"
	}
	o.root, err = filepath.Abs(o.root)
	return o, err
}
