// SPDX-License-Identifier: MIT

// Command probe is built with a fault laid over the code. It explores the
// faulty code, compares its graph with that of the right code, and shows the
// shortest way to the first difference, or to a broken invariant, in words. A
// fault that breaks the search ends it early: then the way is the shortest of
// what was seen by then, and not the same in each run.
//
//	probe -cfg CFG -right FILE [-html FILE]
//
// Exit status: 0 if the graphs are equal, 1 if the fault shows, 2 if neither can be said.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"example.com/pernet/internal/bug"
	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/page"
	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/sched"
)

// limit is what no instance takes on any machine.
const limit = 2 * time.Minute

func main() {
	cfg := flag.String("cfg", "", "instance")
	right := flag.String("right", "", "graph of the right code")
	html := flag.String("html", "", "write a page that steps through the schedule")
	flag.Parse()
	ctx, cancel := context.WithTimeoutCause(context.Background(), limit, fmt.Errorf("not done within %s", limit))
	defer cancel()
	shows, err := probe(ctx, os.Stdout, *cfg, *right, *html)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(2)
	case shows:
		os.Exit(1)
	}
}

func probe(ctx context.Context, out io.Writer, cfg, rightFile, html string) (shows bool, err error) {
	in, err := explore.ReadInstance(cfg)
	if err != nil {
		return false, err
	}
	right, err := bug.LoadRight(rightFile)
	if err != nil {
		return false, err
	}
	r := in.Explore(ctx, explore.Options{Workers: runtime.NumCPU(), MaxStates: 2*len(right.States) + 10_000})
	if ctx.Err() != nil { // slow is not wrong
		return false, context.Cause(ctx)
	}
	what, schedule := judge(&in, right, r)
	if what == "" {
		return false, nil
	}
	fmt.Fprintln(out, what)
	return true, show(out, &in, schedule, html)
}

// judge says how the fault shows, and after which schedule; "" if it does not.
func judge(in *explore.Instance, right *graph.Graph[explore.State], r explore.Result) (what string, schedule sched.Schedule) {
	whole := r.Verdict == explore.Complete
	d := graph.ComparePart(right, r.Graph)
	if whole {
		d = graph.Compare(right, r.Graph)
	}
	name, way := broken(in, r.Graph)
	switch {
	case name != "":
		return name, way
	case d != nil && whole:
		return fmt.Sprintf("the right code has %s and %s, the faulty code %d and %d\n%s",
			plural.N(len(right.States), "state"), plural.N(right.Edges(), "edge"), len(r.Graph.States), r.Graph.Edges(), words(in, d)), d.Schedule
	case d != nil:
		return words(in, d), d.Schedule
	case r.Verdict == explore.Failed:
		return r.Problem, r.Schedule
	case r.Verdict == explore.Incomplete:
		return fmt.Sprintf("the faulty code has no end: %s, where the right code has %s", r.Problem, plural.N(len(right.States), "state")), nil
	}
	return "", nil
}

func words(in *explore.Instance, d *graph.Difference[explore.State]) string {
	return d.Words("the right code", "the faulty code", in.Describe)
}

// broken returns the invariant that breaks first, breadth-first, and the way there.
func broken(in *explore.Instance, g *graph.Graph[explore.State]) (name string, way sched.Schedule) {
	from := make([]int32, len(g.States)) // one more than the state
	by := make([]sched.Choice, len(g.States))
	wayTo := func(at int32) (s sched.Schedule) {
		for ; at != 0; at = from[at] - 1 {
			s = append(s, by[at])
		}
		slices.Reverse(s)
		return s
	}
	for queue := []int32{0}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if err := in.CheckState(&g.States[at]); err != nil {
			return claim(err), wayTo(at)
		}
		for _, e := range g.Out[at] {
			if err := in.CheckStep(&g.States[at], &g.States[e.To]); err != nil {
				return claim(err), append(wayTo(at), e.Choice)
			}
			if e.To != 0 && from[e.To] == 0 {
				from[e.To], by[e.To] = at+1, e.Choice
				queue = append(queue, e.To)
			}
		}
	}
	return "", nil
}

// claim is the name of the invariant and what is wrong, without the states.
func claim(err error) string {
	text, _, _ := strings.Cut(err.Error(), ", in the ")
	name, problem, _ := strings.Cut(text, ": ")
	return name + " does not hold: " + problem
}

// show steps through a schedule in words.
func show(out io.Writer, in *explore.Instance, schedule sched.Schedule, html string) (err error) {
	defer func() {
		if v := recover(); v != nil { // the faulty code reached what no state can hold
			fmt.Fprintf(out, "the way there, %s, ends in a panic: %v\n", schedule, v)
		}
	}()
	start, steps, err := in.Trace(schedule)
	if err != nil && html == "" { // the faulty code goes on otherwise than when it was explored
		fmt.Fprintf(out, "the way there, %s, cannot be taken again: %v; the faulty code depends on more than its state\n", schedule, err)
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
