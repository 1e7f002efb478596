// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.com/pernet/internal/bug"
	"example.com/pernet/internal/plural"
)

// tryFaults tries each fault, shows its report, and lists the checks that failed to catch it.
func tryFaults(ctx context.Context, f *bugFlags, faults []bug.Fault, w io.Writer) error {
	root, _, err := checkout("a fault is built from the sources")
	if err != nil {
		return err
	}
	results, err := bug.ReadResults(root)
	if err != nil {
		return err
	}
	var table, page *output
	if f.write {
		written := filesOf(w)
		if table, err = written.create("--write", filepath.Join(root, "docs", "bugs.tsv")); err != nil {
			return err
		}
		defer table.close()
		if page, err = written.create("--write", filepath.Join(root, "docs", "bugs.md")); err != nil {
			return err
		}
		defer page.close()
	}
	start := time.Now()
	bench, err := bug.NewBench(root)
	if err != nil {
		return err
	}
	defer bench.Close()
	reports, err := bench.TryAll(ctx, faults, f.jobs, f.everyLayer, f.html, func(r bug.Report) { showReport(w, r, len(faults) == 1) })
	if err != nil {
		return err
	}
	missing := bug.Missing(reports)
	if f.write && slices.ContainsFunc(reports, func(r bug.Report) bool { return len(r.Skipped) > 0 }) {
		missing = append(missing, "a layer was skipped: the table cannot be written")
	}
	if f.write && len(missing) == 0 {
		results.Add(reports)
		if err := table.fill(results.Write); err != nil {
			return err
		}
		if err := page.fill(results.WritePage); err != nil {
			return err
		}
	}
	for _, m := range missing {
		fmt.Fprintln(w, "FAIL:", m)
	}
	fmt.Fprintf(w, "faults: %d, checks missing: %d, %.0f s\n", len(faults), len(missing), time.Since(start).Seconds())
	if len(missing) > 0 {
		return &exitError{status: statusFail}
	}
	return nil
}

// writePage writes docs/bugs.md from the records.
func writePage(w io.Writer) error {
	root, _, err := checkout("docs/bugs.md is made of its records")
	if err != nil {
		return err
	}
	results, err := bug.ReadResults(root)
	if err != nil {
		return err
	}
	page, err := filesOf(w).create("--write", filepath.Join(root, "docs", "bugs.md"))
	if err != nil {
		return err
	}
	defer page.close()
	return page.fill(results.WritePage)
}

// trySeeds tries faults with histories alone.
func trySeeds(ctx context.Context, f *bugFlags, faults []bug.Fault, w io.Writer) error {
	root, _, err := checkout("a fault is built from the sources")
	if err != nil {
		return err
	}
	bench, err := bug.NewBench(root)
	if err != nil {
		return err
	}
	defer bench.Close()
	for _, fault := range faults {
		took, err := bench.Seeds(ctx, fault, f.seeds)
		worst := time.Duration(0)
		for _, t := range took {
			worst = max(worst, t)
		}
		fmt.Fprintf(w, "%-4s caught with %d of %s, the slowest in %.1f s\n", fault.ID, len(took), plural.N(f.seeds, "seed"), worst.Seconds())
		if err != nil {
			return &exitError{statusFail, err}
		}
	}
	return nil
}

// showReport prints the checks that caught a fault. For a single fault it also prints the
// fault and the counterexample.
func showReport(w io.Writer, r bug.Report, alone bool) {
	fmt.Fprintf(w, "%-4s %s\n", r.Fault.ID, r.Fault.Title)
	if alone {
		showFault(w, r.Fault)
	}
	for _, c := range r.Catches {
		fmt.Fprintf(w, "     %-14s %5.1f s  %s\n", c.Layer, c.Took.Seconds(), cmp.Or(c.By, "not caught"))
	}
	for _, layer := range r.Skipped {
		fmt.Fprintf(w, "     %-14s          skipped: the race detector needs a C compiler\n", layer)
	}
	if alone && len(r.Catches) > 0 {
		fmt.Fprintf(w, "\n%s\n", strings.TrimSpace(r.Catches[0].Story()))
	}
}

func showFault(w io.Writer, f bug.Fault) {
	if f.Source != "" {
		fmt.Fprintf(w, "     in the kernel: %s\n", f.Source)
	}
	if f.Differs != "" {
		fmt.Fprintf(w, "     not the same as there: %s\n", f.Differs)
	}
	fmt.Fprintf(w, "     breaks %s: %s\n", f.Breaks, f.Story)
	for _, cfg := range f.Cfgs {
		fmt.Fprintf(w, "     in the spec: MC%s (pernet bug MC%[1]s --cfg)\n", cfg)
	}
	if f.NoSpec != "" {
		fmt.Fprintf(w, "     not in the spec: %s\n", f.NoSpec)
	}
	if f.NoGo != "" {
		fmt.Fprintf(w, "     not in the code: %s\n", f.NoGo)
		return
	}
	fmt.Fprintf(w, "\n%s\n", f.Diff())
}
