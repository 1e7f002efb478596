// SPDX-License-Identifier: MIT

// Command mutants is `make mutants`: it changes one operator at a time in impl
// and model, and sees that `make test` fails.
//
//	go run ./internal/mutants [-only REGEXP] [-list] [-all] [PACKAGE...]
//
// Which changes there are is told by gremlins, which also runs the package's
// own tests on each. What they do not kill meets all other tests of the
// project, quick ones first. What is found stands in internal/mutants/result.tsv,
// written after each mutant: an interrupted run goes on where it was. Exit
// status: 0 if each mutant is killed or called equivalent with a reason, 1 if
// not, 2 if it could not be told, 130 when interrupted.
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
)

// The packages of which every mutant must be killed, and where the results are.
var (
	packages    = []string{"model", "impl"}
	resultsFile = filepath.Join("internal", "mutants", "result.tsv")
)

type options struct {
	root      string
	only      *regexp.Regexp
	list, all bool
	packages  []string
	gremlins  []string // the command
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
	if err != nil {
		return 2
	}
	return work(ctx, o, stdout, stderr)
}

func work(ctx context.Context, o options, stdout, stderr io.Writer) int {
	scratch, err := os.MkdirTemp("", "pernet-mutants-")
	if err != nil {
		fmt.Fprintln(stderr, "mutants:", err)
		return 2
	}
	defer os.RemoveAll(scratch)
	c, err := newCampaign(ctx, o, scratch, stdout)
	if err == nil && o.list {
		c.list()
		return 0
	}
	if err == nil {
		err = c.run(ctx)
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "mutants: interrupted; the next run goes on from here")
		return 130
	case err != nil:
		fmt.Fprintln(stderr, "mutants:", err)
		return 2
	}
	return c.verdict()
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	o := options{gremlins: gremlinsCommand}
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.root, "root", ".", "folder of the project")
	only := flags.String("only", "", "only the mutants of which id or change match this regular expression")
	flags.BoolVar(&o.list, "list", false, "list the mutants and what is known of each; test nothing")
	flags.BoolVar(&o.all, "all", false, "run also what stands in result.tsv for the code as it is")
	err := flags.Parse(args)
	if err != nil {
		return o, err
	}
	if *only != "" {
		o.only, err = regexp.Compile(*only)
	}
	if err == nil {
		o.root, err = filepath.Abs(o.root)
	}
	o.packages = packages
	if flags.NArg() > 0 {
		o.packages = flags.Args()
	}
	for i, name := range o.packages {
		o.packages[i] = strings.TrimPrefix(filepath.ToSlash(filepath.Clean(name)), "./")
	}
	if err != nil {
		fmt.Fprintln(stderr, "mutants:", err)
	}
	return o, err
}
