// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/pernet/internal/bug"
	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/tlc"
)

type bugFlags struct {
	all, write  bool
	everyLayer  bool
	cfg         bool
	html        string
	overlay     string
	jobs, seeds int
}

func newBugCmd() *cobra.Command {
	var f bugFlags
	cmd := &cobra.Command{
		Use:   "bug [FAULT...]",
		Short: "Show how a fault that the kernel had is caught here",
		Long: `bug lists the faults of the track record. For those that are named it builds the code
with the fault laid over it, in a checkout, and asks each layer of checks: the state
graph, interleavings, schedules, histories, random programs, the tests. It shows which
named check noticed, and, where the graph shows the fault, the shortest way to it in
words; a fault that breaks the search itself ends it early, and then it is a short way.

Exit status: 0 each fault was caught by the layers that must catch it; 1 one was not;
2 a wrong call, no checkout, or no build; 130 interrupted.`,
		Example: `  pernet bug
  pernet bug K5
  pernet bug K5 --html k5.html
  pernet bug K5 --overlay /tmp/k5 && go test -overlay /tmp/k5/overlay.json ./...
  pernet bug K8 --cfg >/tmp/k8.cfg && cd spec && java -cp tla2tools.jar tlc2.TLC -config /tmp/k8.cfg MCnetnsBugs`,
		RunE: func(cmd *cobra.Command, ids []string) error {
			if err := named(cmd, "html", "overlay"); err != nil {
				return err
			}
			if f.cfg {
				return f.printCfg(cmd.OutOrStdout(), ids)
			}
			faults, err := f.faults(ids)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			switch {
			case len(faults) == 0 && f.write:
				return writePage()
			case len(faults) == 0:
				return listFaults(out)
			case f.overlay != "":
				return writeOverlay(out, faults[0], f.overlay)
			}
			html, err := filesOf(out).create("--html", f.html) // what explores the faulty code writes it by its name
			if err != nil {
				return err
			}
			defer html.close()
			if f.seeds > 0 {
				err = trySeeds(cmd.Context(), &f, faults, out)
			} else {
				err = tryFaults(cmd.Context(), &f, faults, out)
			}
			if errors.Is(err, errInterrupted) {
				return &exitError{statusInterrupted, errInterrupted}
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.all, "all", false, "try every fault, and end in the table")
	flags.BoolVar(&f.everyLayer, "every-layer", false, "ask also the layers that need not catch the fault")
	flags.BoolVar(&f.write, "write", false, "write what caught the faults to docs/bugs.tsv, and docs/bugs.md anew; with no fault, docs/bugs.md alone")
	flags.StringVar(&f.html, "html", "", "write a page that steps through the counterexample to this `file`")
	flags.StringVar(&f.overlay, "overlay", "", "write the faulty files and overlay.json into this `folder`, and run nothing")
	flags.BoolVar(&f.cfg, "cfg", false, "print the cfg of the fault, or of the instance of that name, for TLC by hand, and run nothing")
	flags.IntVar(&f.seeds, "seeds", 0, "show each fault by histories of free-running goroutines alone, with so many seeds")
	flags.IntVar(&f.jobs, "jobs", runtime.NumCPU()+1, "how many faults are tried at one time; some of them wait for tests that hang")
	return cmd
}

// faults are those that the call names.
func (f *bugFlags) faults(ids []string) (faults []bug.Fault, err error) {
	for _, id := range ids {
		fault, err := bug.Find(id)
		if err != nil {
			return nil, err
		}
		faults = append(faults, fault)
	}
	switch {
	case f.all && len(ids) > 0:
		return nil, errors.New("--all names every fault; name none beside it")
	case f.write && (f.everyLayer || f.seeds > 0):
		return nil, errors.New("--write takes neither --every-layer nor --seeds: the table has the layers that must catch a fault")
	case (f.html != "" || f.overlay != "") && len(ids) != 1:
		return nil, errors.New("--html and --overlay are for one fault")
	case f.html != "" && !faults[0].HasGraph():
		return nil, fmt.Errorf("--html draws what the graph shows, and of %s it shows nothing", faults[0].ID)
	case f.overlay != "" && faults[0].NoGo != "":
		return nil, fmt.Errorf("%s is no fault of the code: %s", faults[0].ID, faults[0].NoGo)
	case f.jobs < 1 || f.seeds < 0:
		return nil, errors.New("--jobs takes a number from 1 up, --seeds none below zero")
	case f.seeds > 0 && len(ids) == 0:
		return nil, errors.New("--seeds needs the names of faults")
	case f.seeds > 0 && len(noHistories(faults)) > 0:
		return nil, fmt.Errorf("--seeds shows faults by histories, which need not catch %s", strings.Join(noHistories(faults), ", "))
	case f.all:
		return append([]bug.Fault{bug.Control}, bug.All()...), nil
	}
	return faults, nil
}

// noHistories are the faults that histories need not catch.
func noHistories(faults []bug.Fault) (ids []string) {
	for _, f := range faults {
		if !f.HasHistories() {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

func listFaults(w io.Writer) error {
	for _, f := range bug.All() {
		if _, err := fmt.Fprintf(w, "%-5s %s\n", f.ID, f.Title); err != nil {
			return err
		}
	}
	return nil
}

func writeOverlay(w io.Writer, f bug.Fault, dir string) error {
	root, _, err := checkout("a fault is built from the sources")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	overlay, err := f.Overlay(root, dir)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\ngo test -overlay %s ./...\n", strings.TrimSuffix(f.Diff(), "\n"), overlay)
	return err
}

// printCfg prints the cfg that faults.tsv makes of the fault, or of the instance
// of that name.
func (f *bugFlags) printCfg(w io.Writer, ids []string) error {
	if len(ids) != 1 || f.all || f.html != "" || f.overlay != "" || f.seeds > 0 {
		return errors.New("--cfg is for one fault, and for nothing beside it")
	}
	name := strings.TrimSuffix(ids[0], ".cfg")
	if !strings.HasPrefix(name, "MC") {
		fault, err := bug.Find(name)
		switch {
		case err != nil:
			return err
		case len(fault.Cfgs) == 0:
			return fmt.Errorf("%s is in no spec: %s", fault.ID, fault.NoSpec)
		case len(fault.Cfgs) > 1:
			return fmt.Errorf("%s has %d cfgs: name one of MC%s", fault.ID, len(fault.Cfgs), strings.Join(fault.Cfgs, ", MC"))
		}
		name = "MC" + fault.Cfgs[0]
	}
	root, _, err := checkout("a cfg is made of those in spec/")
	if err != nil {
		return err
	}
	spec := filepath.Join(root, "spec")
	names, err := tlc.ListCfgs(spec)
	if err != nil {
		return err
	}
	if !slices.Contains(names, name+".cfg") {
		return fmt.Errorf("no instance in spec/ is called %q", name)
	}
	cfg, err := tlc.ReadCfg(spec, name+".cfg")
	if err != nil {
		return err
	}
	module, err := tlc.ModuleOf(spec, cfg)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\\* %s, of %s.tla. %s\n%s", cfg.Name, module, cfg.About, cfg.Text())
	return err
}

// checkout is the one around the folder that pernet runs in: its path, and the
// same as seen from here. The error ends in why one is needed.
func checkout(why string) (root, relative string, err error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", "", err
	}
	if root, err = bug.Root(dir); err != nil {
		return "", "", fmt.Errorf("%w: %s", err, why)
	}
	relative, err = filepath.Rel(dir, root)
	return root, relative, err
}

// tryFaults tries each, shows what came of it, and says what is missing.
func tryFaults(ctx context.Context, f *bugFlags, faults []bug.Fault, w io.Writer) error {
	root, _, err := checkout("a fault is built from the sources")
	if err != nil {
		return err
	}
	table, err := bug.NewTable(root)
	if err != nil {
		return err
	}
	var results, page *output
	if f.write {
		files := filesOf(w)
		if results, err = files.create("--write", filepath.Join(root, "docs", "bugs.tsv")); err != nil {
			return err
		}
		defer results.close()
		if page, err = files.create("--write", filepath.Join(root, "docs", "bugs.md")); err != nil {
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
	missing := table.Missing(reports)
	if f.write && slices.ContainsFunc(reports, func(r bug.Report) bool { return len(r.Skipped) > 0 }) {
		missing = append(missing, "a layer was skipped: the table cannot be written")
	}
	if f.write && len(missing) == 0 {
		table.Add(reports)
		if err := results.fill(table.WriteResults); err != nil {
			return err
		}
		if err := page.fill(table.WritePage); err != nil {
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

// writePage makes docs/bugs.md of what is recorded.
func writePage() error {
	root, _, err := checkout("docs/bugs.md is made of its records")
	if err != nil {
		return err
	}
	table, err := bug.NewTable(root)
	if err != nil {
		return err
	}
	page, err := filesOf(os.Stdout).create("--write", filepath.Join(root, "docs", "bugs.md"))
	if err != nil {
		return err
	}
	defer page.close()
	return page.fill(table.WritePage)
}

// trySeeds shows faults by histories alone.
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

// showReport shows which checks caught a fault; of one alone also what it is, and the counterexample.
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
