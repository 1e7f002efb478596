// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/explore/rwsem"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/page"
	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/sched"
)

type exploreFlags struct {
	cfg, compare, replay string
	before, html, dot    string
	programs             []string
	workers, maxStates   int
	memoryMiB            uint64
	timeout              time.Duration
	digest               bool
}

func newExploreCmd() *cobra.Command {
	var f exploreFlags
	cmd := &cobra.Command{
		Use:   "explore",
		Short: "Build the state graph of the implementation and compare it with TLC's",
		Long: `explore runs the code of impl under a scheduler that takes every choice from every
state that it reaches, in the finite instance of a spec/MCnetns*.cfg. A cfg whose name begins
with MCnetns_rwsem is one of the discipline since 4.17.

With --compare, it compares the graph with the one that TLC dumped for the same cfg
(-dump dot,actionlabels): all states and labelled edges, in both directions. It prints
the first difference. With --program, the clients make only the given calls. With
--replay, it runs one schedule and prints what each step changed.

Exit status: 0 complete, and equal where compared; 1 the graphs differ, a call never
returns, or the code is not deterministic; 2 bad input, or a read or write error;
3 incomplete: a bound was reached, or the run was interrupted.`,
		Example: `  pernet explore
  pernet explore --program copy0,put1 --program register_subsys0,unregister_subsys0
  pernet explore --replay 'T1:4,T1*3'
  pernet explore --digest --cfg spec/MCnetnsLarge3ops.cfg
  java -cp tla2tools.jar tlc2.TLC -dump dot,actionlabels /tmp/netns.dot MCnetns && pernet explore --compare /tmp/netns.dot`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := named(cmd, "cfg", "compare", "html", "dot"); err != nil {
				return err
			}
			if err := f.check(); err != nil {
				return err
			}
			if strings.HasPrefix(filepath.Base(f.cfg), "MCnetns_rwsem") {
				return exploreInstance[rwsem.State](cmd, &f, rwsem.ReadInstance, (*rwsem.Instance).With)
			}
			return exploreInstance[mutex.State](cmd, &f, mutex.ReadInstance, (*mutex.Instance).With)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.cfg, "cfg", "", "the instance: a cfg `file` (default spec/MCnetns.cfg of the checkout)")
	flags.StringArrayVar(&f.programs, "program", nil, "the `calls` of one client in order, such as copy0,put1; repeat the flag for each client")
	flags.StringVar(&f.before, "before", "", "`calls` to make before the clients start")
	flags.StringVar(&f.compare, "compare", "", "compare with TLC's dump in this `file`; - is standard input")
	flags.StringVar(&f.replay, "replay", "", "run this `schedule` and show its steps")
	flags.StringVar(&f.html, "html", "", "with --replay, write a page that steps through the schedule to this `file`")
	flags.StringVar(&f.dot, "dot", "", "write the graph to this `file` for Graphviz")
	flags.BoolVar(&f.digest, "digest", false, "print the digest of the graph")
	flags.IntVar(&f.workers, "workers", runtime.NumCPU(), "how many runs in parallel")
	flags.IntVar(&f.maxStates, "max-states", 0, "stop after this many states; 0: no bound")
	flags.Uint64Var(&f.memoryMiB, "memory", 0, "stop at this many MiB of memory; 0: no bound")
	flags.DurationVar(&f.timeout, "timeout", 0, "stop after this long; 0: no bound")
	return cmd
}

// check checks the numbers, and fills in the default cfg.
func (f *exploreFlags) check() error {
	if f.workers < 1 || f.maxStates < 0 || f.timeout < 0 {
		return errors.New("--workers must be at least 1; --max-states and --timeout must not be negative")
	}
	if f.cfg == "" {
		_, root, err := checkout("without one, --cfg must name an instance")
		if err != nil {
			return err
		}
		f.cfg = filepath.Join(root, "spec", "MCnetns.cfg")
	}
	return nil
}

// exploreInstance does what the flags say with the instance that they describe.
func exploreInstance[S comparable, D instance[S]](cmd *cobra.Command, f *exploreFlags,
	read func(cfg string) (D, error), with func(in D, before []clients.Call, programs ...[]clients.Call) (D, error)) error {
	in, err := read(f.cfg)
	if err != nil {
		return err
	}
	if f.before != "" || len(f.programs) > 0 {
		before, programs, err := f.calls()
		if err != nil {
			return err
		}
		if in, err = with(in, before, programs...); err != nil {
			return err
		}
	}
	replays := cmd.Flags().Changed("replay") // the schedule may be empty
	switch {
	case f.html != "" && !replays:
		return errors.New("--html needs --replay, which gives the schedule to draw")
	case replays:
		return exploreReplay[S](cmd, f, in)
	}
	return exploreAll[S](cmd, f, in)
}

// calls returns the calls of --before and of each --program.
func (f *exploreFlags) calls() (before []clients.Call, programs [][]clients.Call, err error) {
	if before, err = clients.ParseCalls(f.before); err != nil {
		return nil, nil, fmt.Errorf("--before: %w", err)
	}
	for _, text := range f.programs {
		calls, err := clients.ParseCalls(text)
		if err != nil {
			return nil, nil, fmt.Errorf("--program: %w", err)
		}
		programs = append(programs, calls)
	}
	return before, programs, nil
}

// An instance is an instance of a discipline that the command can explore.
type instance[S comparable] interface {
	page.Instance[S]
	ReplayLine(cfg string, s sched.Schedule) string
}

// exploreAll explores the instance and, with --compare, compares the graphs.
func exploreAll[S comparable](cmd *cobra.Command, f *exploreFlags, in instance[S]) error {
	ctx := cmd.Context()
	if f.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, f.timeout, fmt.Errorf("the limit of %s is reached", f.timeout))
		defer cancel()
	}
	opened := filesOf(cmd)
	defer opened.close()
	stdout := opened.stdout
	if err := opened.read("--cfg", f.cfg); err != nil {
		return err
	}
	drawing, err := opened.create("--dot", f.dot)
	if err != nil {
		return err
	}
	spec, err := readDump(opened, f.compare, in)
	if err != nil {
		return err
	}
	opt := explore.Options{Workers: f.workers, MaxStates: f.maxStates, MaxMemory: f.memoryMiB << 20}
	show, clear := exploreProgress(cmd.ErrOrStderr())
	opt.Progress = show
	start := time.Now()
	r := explore.Explore(ctx, in, opt)
	clear()
	took := time.Since(start)
	figures := fmt.Sprintf("%s, %s in %.2f s (%.0f states/s; %s, %s, %s taken again by another history)",
		plural.N(len(r.Graph.States), "state"), plural.N(r.Graph.Edges(), "edge"), took.Seconds(), float64(len(r.Graph.States))/took.Seconds(),
		plural.N(r.Runs, "run"), plural.N(r.Steps, "step"), plural.N(r.Again, "edge"))
	switch r.Verdict {
	case explore.Incomplete:
		fmt.Fprintf(stdout, "incomplete: %s\n", figures)
		why := "stopped: " + r.Problem
		if drawing != nil {
			why += "; the graph is incomplete, so " + f.dot + " is not written"
		}
		return &exitError{statusIncomplete, why}
	case explore.Failed:
		fmt.Fprintf(stdout, "FAIL: %s\n%s\nafter the schedule\n  %s\nrepeat it: %s\n", figures, r.Problem, r.Schedule, in.ReplayLine(f.cfg, r.Schedule))
		return &exitError{status: statusFail}
	}
	if spec != nil {
		if d := graph.Compare(spec, r.Graph, false); d != nil {
			fmt.Fprintf(stdout, "FAIL: %s\nTLC: %s, %s\n%srepeat it: %s\n", figures, plural.N(len(spec.States), "state"), plural.N(spec.Edges(), "edge"),
				d.Report("the spec", "the code", func(s S) string { return explore.Describe(in, s) }), in.ReplayLine(f.cfg, d.Schedule))
			return &exitError{status: statusFail}
		}
		figures += "; equal to TLC's"
	}
	if _, err := fmt.Fprintf(stdout, "complete: %s\n", figures); err != nil {
		return err
	}
	if drawing != nil { // Dot fails for a graph that is too large to draw
		if err := drawing.fill(func(w io.Writer) error { return page.Dot(w, r.Graph, page.ShortLabel(in)) }); err != nil {
			return err
		}
	}
	if f.digest {
		_, err = fmt.Fprintln(stdout, "digest:", r.Graph.Digest(explore.Encode[S]).String())
	}
	return err
}

func readDump[S comparable](opened *files, file string, in explore.Discipline[S]) (*graph.Graph[S], error) {
	if file == "" {
		return nil, nil
	}
	r, name, err := opened.open(file)
	if err != nil {
		return nil, err
	}
	g, err := graph.ReadDump(r, explore.Parser(in))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return g, nil
}

// exploreReplay runs one schedule and shows what each step changed.
func exploreReplay[S comparable](cmd *cobra.Command, f *exploreFlags, in instance[S]) error {
	schedule, err := sched.Parse(f.replay)
	if err != nil {
		return err
	}
	opened := filesOf(cmd)
	defer opened.close()
	w := opened.stdout
	if err := opened.read("--cfg", f.cfg); err != nil {
		return err
	}
	html, err := opened.page("--html", f.html)
	if err != nil {
		return err
	}
	start, steps, err := explore.Trace(in, schedule)
	if html != nil && err == nil {
		trace := page.FromSchedule(in, schedule, start, steps, in.ReplayLine(f.cfg, schedule))
		if err := html.fill(func(w io.Writer) error { return page.Write(w, trace) }); err != nil {
			return err
		}
	}
	if f.html == "-" {
		return err
	}
	state := start
	for i, s := range steps {
		fmt.Fprintf(w, "%d. %s: %s\n%s", i+1, s.Choice.Thread, s.Label, graph.Changes(explore.Describe(in, state), explore.Describe(in, s.State)))
		state = s.State
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "then\n%s", explore.Describe(in, state))
	return err
}
