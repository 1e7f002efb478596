// SPDX-License-Identifier: MIT

// Command check is `make check`: it runs every check of this project and ends
// in one table of verdicts.
//
//	go run ./check -root .. [-tlc ROAD] [-only REGEXP] [-models] [-long] [-update]
//	go run ./check -root .. -cover
//	go run ./check -root .. -explore
//	go run ./check -root .. -tests
//
// The checks are format, vet, staticcheck, tidy modules, the Go tests (with
// their coverage, and again under the race detector where there is a C compiler), the
// list of all tests, pernet conform on each port, the tests of ports/rust, and TLC on each cfg in spec/, held against spec/models.tsv. A
// row that is stale, of a mutation campaign, is no failure. Exit status: 0 if all
// pass, 1 if not, 2 for a wrong call, 130 when interrupted.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"

	"example.com/pernet/tools/tlcrun"
)

type options struct {
	root    string
	road    string
	only    *regexp.Regexp // cfgs to run; nil for all
	models  bool           // TLC's rows alone
	long    bool           // the long cfgs instead of the quick ones
	update  bool           // measure the record anew
	cover   bool           // the coverage alone
	explore bool           // ports/rust under shuttle and loom alone
	tests   bool           // write the list of tests
	jobs    int

	patience time.Duration // with a run of TLC that does nothing
}

// A checker runs the steps and gathers their rows.
type checker struct {
	options
	ctx   context.Context
	out   io.Writer
	rows  []row
	noTLC string // why the record was taken unasked
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if err != nil {
		return 2
	}
	if o.cover {
		if err := measureCover(o.root, measured, stdout); err != nil {
			fmt.Fprintln(stderr, "cover:", err)
			return 1
		}
		return 0
	}
	if o.tests {
		if err := writeTests(o.root); err != nil {
			fmt.Fprintln(stderr, "check:", err)
			return 1
		}
		return 0
	}
	if _, err := tlcrun.ListCfgs(filepath.Join(o.root, "spec")); err != nil {
		fmt.Fprintln(stderr, "check:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := &checker{options: o, ctx: ctx, out: &lineWriter{to: stdout}}
	if !o.models {
		// There before the tests run: the go command runs those again that look at
		// the root when a folder has come there since.
		_ = os.MkdirAll(filepath.Dir(filepath.Join(c.root, logs)), 0o755) // the step that needs it reports the error
		c.goSteps()
		c.testsThere()
		c.ports()
		c.campaigns()
	}
	if !c.models || c.explore || c.long && c.only == nil && !c.update {
		c.crate()
	}
	if !c.explore {
		c.modelSteps()
	}
	if c.only == nil && !c.update && (c.long || !c.models) {
		c.proof()
	}
	c.table()
	switch {
	case ctx.Err() != nil:
		return 130
	case c.failed() > 0:
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.root, "root", ".", "folder of the project")
	flags.StringVar(&o.road, "tlc", cmp.Or(os.Getenv("TLC"), "auto"), "road to TLC: "+strings.Join(tlcrun.Roads, ", ")+" (default $TLC, else auto)")
	only := flags.String("only", "", "run TLC on the cfgs whose name, with .cfg or without, matches this regular expression, and nothing else")
	flags.BoolVar(&o.models, "models", false, "run TLC on the cfgs and nothing else")
	flags.BoolVar(&o.long, "long", false, "run TLC on the long cfgs, explore ports/rust, and nothing else")
	flags.BoolVar(&o.explore, "explore", false, "explore ports/rust with shuttle and loom, and nothing else")
	flags.BoolVar(&o.update, "update", false, "measure the cfgs anew and write spec/models.tsv")
	flags.BoolVar(&o.cover, "cover", false, "list the statements that no test of their own package runs, and nothing else")
	flags.BoolVar(&o.tests, "tests", false, "write "+testsFile+", the list of all tests, and nothing else")
	flags.IntVar(&o.jobs, "jobs", min(runtime.NumCPU(), 4), "how many quick cfgs are run at a time")
	flags.DurationVar(&o.patience, "patience", tlcrun.Patience, "end a run of TLC that has written nothing and used no CPU for so long, and run it again")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	var err error
	if *only != "" {
		if o.only, err = regexp.Compile(*only); err != nil {
			err = fmt.Errorf("-only (ONLY): %w", err)
		}
	}
	if flags.NArg() > 0 {
		err = fmt.Errorf("%q: check takes no arguments", flags.Arg(0))
	}
	if o.jobs < 1 {
		err = fmt.Errorf("-jobs %d: at least 1", o.jobs)
	}
	if o.patience < time.Second/10 {
		err = fmt.Errorf("-patience %s: at least 0.1s", o.patience)
	}
	if err != nil {
		fmt.Fprintln(stderr, "check:", err)
		return o, err
	}
	o.models = o.models || o.explore || o.long || o.update || o.only != nil
	o.root, err = filepath.Abs(o.root)
	return o, err
}

// say writes one line of progress.
func (c *checker) say(format string, args ...any) {
	fmt.Fprintf(c.out, format+"\n", args...)
}
