// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/pernet/internal/bug"
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
				return writePage(out)
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
