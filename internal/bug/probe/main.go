// SPDX-License-Identifier: MIT

// Command probe is built with a fault. It explores the faulty code, compares its graph with
// that of the unmodified code, and prints a shortest way to the first difference or broken
// invariant, in words. A fault that breaks the search ends it early; then the way is a
// shortest one in the part that was explored, and can differ between runs.
//
//	probe -cfg CFG -right FILE [-html FILE]
//
// Exit status: 0 if the graphs are equal, 1 if the fault shows, 2 for an error.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"example.com/pernet/internal/bug"
	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/explore/rwsem"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/page"
	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/sched"
)

// limit is longer than any instance takes.
const limit = 2 * time.Minute

func main() {
	cfg := flag.String("cfg", "", "instance")
	right := flag.String("right", "", "graph of the right code")
	html := flag.String("html", "", "write a page that steps through the schedule")
	flag.Parse()
	ctx, cancel := context.WithTimeoutCause(context.Background(), limit, fmt.Errorf("not done within %s", limit))
	defer cancel()
	var shows bool
	var err error
	if bug.IsRWSem(*cfg) {
		shows, err = probe[rwsem.State](ctx, os.Stdout, rwsem.ReadInstance, *cfg, *right, *html)
	} else {
		shows, err = probe[mutex.State](ctx, os.Stdout, mutex.ReadInstance, *cfg, *right, *html)
	}
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(2)
	case shows:
		os.Exit(1)
	}
}

func probe[S comparable, D page.Instance[S]](ctx context.Context, out io.Writer, read func(cfg string) (D, error), cfg, rightFile, html string) (shows bool, err error) {
	in, err := read(cfg)
	if err != nil {
		return false, err
	}
	right, err := bug.LoadRight[S](rightFile)
	if err != nil {
		return false, err
	}
	r := explore.Explore[S](ctx, in, explore.Options{Workers: runtime.NumCPU(), MaxStates: 2*len(right.States) + 10_000})
	if ctx.Err() != nil { // a slow machine is not a fault
		return false, context.Cause(ctx)
	}
	what, schedule := judge[S](in, right, r)
	if what == "" {
		return false, nil
	}
	fmt.Fprintln(out, what)
	return true, show[S](out, in, schedule, html)
}

// judge returns how the fault shows and after which schedule, or "".
func judge[S comparable](in explore.Discipline[S], right *graph.Graph[S], r explore.Result[S]) (what string, schedule sched.Schedule) {
	whole := r.Verdict == explore.Complete
	d := graph.Compare(right, r.Graph, !whole)
	var way sched.Schedule
	var err error
	if claimed, ok := in.(explore.Claimed[S]); ok {
		way, err = explore.CheckGraph(claimed, r.Graph)
	}
	switch {
	case err != nil:
		return claim(err), way
	case d != nil && whole:
		return fmt.Sprintf("the right code has %s and %s, the faulty code %d and %d\n%s",
			plural.N(len(right.States), "state"), plural.N(right.Edges(), "edge"), len(r.Graph.States), r.Graph.Edges(), words(in, d)), d.Schedule
	case d != nil:
		return words(in, d), d.Schedule
	case r.Verdict == explore.Failed:
		return r.Problem, r.Schedule
	case r.Verdict == explore.Incomplete:
		return fmt.Sprintf("the exploration of the faulty code does not end: %s, where the right code has %s", r.Problem, plural.N(len(right.States), "state")), nil
	}
	return "", nil
}

func words[S comparable](in explore.Discipline[S], d *graph.Difference[S]) string {
	return d.Report("the right code", "the faulty code", func(s S) string { return explore.Describe(in, s) })
}

// claim returns the name of the invariant and the problem, without the states.
func claim(err error) string {
	text, _, _ := strings.Cut(err.Error(), ", in the ")
	name, problem, _ := strings.Cut(text, ": ")
	return name + " does not hold: " + problem
}

// show prints the steps of a schedule in words.
func show[S comparable](out io.Writer, in page.Instance[S], schedule sched.Schedule, html string) (err error) {
	defer func() {
		if v := recover(); v != nil { // the faulty code reached something that a State cannot represent
			fmt.Fprintf(out, "the way there, %s, ends in a panic: %v\n", schedule, v)
		}
	}()
	start, steps, err := explore.Trace(in, schedule)
	if err != nil && html == "" { // the faulty code behaves differently in this run
		fmt.Fprintf(out, "the way there, %s, cannot be repeated: %v; the faulty code depends on more than its state\n", schedule, err)
		return nil
	}
	if err != nil {
		return err
	}
	trace := page.FromSchedule(in, schedule, start, steps, "")
	fmt.Fprintf(out, "the way there: %s\n", schedule)
	for i, s := range trace.Steps[1:] {
		fmt.Fprintf(out, "%3d. %s\n", i+1, s.Words)
	}
	if html == "" {
		return nil
	}
	f, err := os.Create(html)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := page.Write(f, trace); err != nil {
		return err
	}
	return f.Close()
}
