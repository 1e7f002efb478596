// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/pernet/internal/bug"
	"example.com/pernet/internal/plural"
)

// tryFaults tries the faults, with histories alone if there are seeds.
func tryFaults(cmd *cobra.Command, f *bugFlags, faults []bug.Fault) error {
	opened := filesOf(cmd)
	defer opened.close()
	if _, err := opened.create("--html", f.html); err != nil { // the probe writes it by its name
		return err
	}
	root, _, err := checkout("a fault is built from the sources")
	if err != nil {
		return err
	}
	bench, err := bug.NewBench(root)
	if err != nil {
		return err
	}
	defer bench.Close()
	if f.seeds > 0 {
		return trySeeds(cmd.Context(), bench, f, faults, opened.stdout)
	}
	return tryLayers(cmd.Context(), bench, f, faults, opened)
}

// tryLayers tries each fault, shows its report, and lists the checks that failed to catch it.
func tryLayers(ctx context.Context, bench *bug.Bench, f *bugFlags, faults []bug.Fault, opened *files) error {
	record, err := bug.ReadResults(bench.Root)
	if err != nil {
		return err
	}
	var table, page *output
	if f.write {
		if table, err = opened.create("--write", filepath.Join(bench.Root, "docs", "bugs.tsv")); err != nil {
			return err
		}
		if page, err = opened.create("--write", filepath.Join(bench.Root, "docs", "bugs.md")); err != nil {
			return err
		}
	}
	w, start := opened.stdout, time.Now()
	reports, err := bench.TryAll(ctx, faults, f.jobs, f.everyLayer, f.html, func(r bug.Report) { showReport(w, r, len(faults) == 1) })
	if err != nil {
		return err
	}
	missing := bug.Missing(reports)
	if f.write && slices.ContainsFunc(reports, func(r bug.Report) bool { return len(r.Skipped) > 0 }) {
		missing = append(missing, "a layer was skipped: the table cannot be written")
	}
	if f.write && len(missing) == 0 {
		record.Add(reports)
		if err := errors.Join(table.fill(record.Write), page.fill(record.WritePage)); err != nil {
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

// rewritePage writes docs/bugs.md from the record.
func rewritePage(cmd *cobra.Command) error {
	root, _, err := checkout("docs/bugs.md is made of its records")
	if err != nil {
		return err
	}
	record, err := bug.ReadResults(root)
	if err != nil {
		return err
	}
	opened := filesOf(cmd)
	defer opened.close()
	page, err := opened.create("--write", filepath.Join(root, "docs", "bugs.md"))
	if err != nil {
		return err
	}
	return page.fill(record.WritePage)
}

// trySeeds tries faults with histories alone.
func trySeeds(ctx context.Context, bench *bug.Bench, f *bugFlags, faults []bug.Fault, w io.Writer) error {
	for _, fault := range faults {
		took, err := bench.Seeds(ctx, fault, f.seeds)
		fmt.Fprintf(w, "%-4s caught with %d of %s, the slowest in %.1f s\n", fault.ID, len(took), plural.N(f.seeds, "seed"), slices.Max(append(took, 0)).Seconds())
		if ctx.Err() != nil {
			return err
		}
		if err != nil {
			return &exitError{statusFail, err.Error()}
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
