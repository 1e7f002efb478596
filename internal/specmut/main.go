// SPDX-License-Identifier: MIT

// Command specmut is `make mutants-spec`: it changes spec/netns.tla in one place
// at a time, and sees that TLC, the record or the graph of the code shows it.
//
//	go run ./internal/specmut [-only REGEXP] [-list] [-all] [-long] [-jobs N] [-bound 90s] [-tlc ROAD]
//
// What it finds stands in spec/mutants.tsv, one line a mutant, written after
// each: an interrupted run goes on where it was. Exit status: 0 if each mutant
// is caught or called equivalent with a reason, 1 if not, 2 if it could not be
// told, 130 when interrupted.
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
	"sync"
	"syscall"
	"time"

	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/tlc"
)

type options struct {
	root, road string
	only       *regexp.Regexp
	list, all  bool
	long       bool
	jobs       int
	bound      time.Duration
	ladder     []string
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
	c, err := newCampaign(o, stdout)
	if err == nil && o.list {
		c.list()
		return 0
	}
	if err == nil {
		err = c.run(ctx)
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "specmut: interrupted; the next run goes on from here")
		return 130
	case err != nil:
		fmt.Fprintln(stderr, "specmut:", err)
		return 2
	}
	return c.verdict()
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	o := options{ladder: ladder}
	flags := flag.NewFlagSet("specmut", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.root, "root", ".", "folder of the project")
	flags.StringVar(&o.road, "tlc", os.Getenv("TLC"), "road to TLC: "+strings.Join(tlc.Roads, ", ")+" (default $TLC, else auto)")
	only := flags.String("only", "", "only the mutants of which id or change match this regular expression")
	flags.BoolVar(&o.list, "list", false, "list the mutants and what is known of each; run nothing")
	flags.BoolVar(&o.all, "all", false, "run also what stands in spec/mutants.tsv for the spec as it is")
	flags.BoolVar(&o.long, "long", false, "run also what survived, and try the long cfgs on it")
	flags.IntVar(&o.jobs, "jobs", 1, "how many mutants are run at a time")
	flags.DurationVar(&o.bound, "bound", 90*time.Second, "longest time for one run of TLC, to which "+perState.String()+" come for each state of the instance")
	err := flags.Parse(args)
	if err != nil {
		return o, err
	}
	if o.road == "" {
		o.road = "auto"
	}
	if *only != "" {
		o.only, err = regexp.Compile(*only)
	}
	switch {
	case err != nil:
	case flags.NArg() > 0:
		err = fmt.Errorf("%q: specmut takes no arguments", flags.Arg(0))
	case o.jobs < 1 || o.bound <= 0:
		err = fmt.Errorf("-jobs %d -bound %s: both must be positive", o.jobs, o.bound)
	}
	if err != nil {
		fmt.Fprintln(stderr, "specmut:", err)
	}
	return o, err
}

// A campaign is all mutants of the spec as it is, and what is known of them.
type campaign struct {
	options
	*plan
	out      io.Writer
	selected []mutant

	mu      sync.Mutex
	known   *results
	untold  map[string][]string // of those left for the large instances: why small ones told nothing
	version string              // of TLC, once it has run
}

func newCampaign(o options, out io.Writer) (*campaign, error) {
	dir, err := tlc.SpecDir(o.root)
	if err != nil {
		return nil, err
	}
	src, err := os.ReadFile(filepath.Join(dir, specFile))
	if err != nil {
		return nil, err
	}
	c := &campaign{options: o, out: out, untold: map[string][]string{}}
	if c.plan, err = newPlan(dir, string(src), o.ladder); err != nil {
		return nil, err
	}
	for _, m := range c.mutants {
		if o.only == nil || o.only.MatchString(m.id(specFile)) || o.only.MatchString(m.what()) {
			c.selected = append(c.selected, m)
		}
	}
	if len(c.selected) == 0 {
		return nil, fmt.Errorf("no mutant to run")
	}
	c.known, err = readResults(filepath.Join(dir, "mutants.tsv"))
	return c, err
}

func (c *campaign) say(format string, args ...any) { fmt.Fprintf(c.out, format+"\n", args...) }

func (c *campaign) list() {
	for _, m := range c.selected {
		verdict := "not run"
		if r := c.known.find(m); c.stands(m, r) {
			verdict = strings.TrimSpace(strings.Join([]string{r.verdict, r.how, r.cfg, r.name, r.reason}, " "))
		}
		c.say("%s\t%s\t%s", m.id(specFile), m.what(), verdict)
	}
	c.say("%s", plural.N(len(c.selected), "mutant"))
}
