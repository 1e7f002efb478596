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
		Short: "Show which checks catch a bug that the kernel had",
		Long: `bug lists the faults of the track record. For each fault that is named, it builds the
code with the fault laid over it and runs each layer of checks: the state graph,
interleavings, schedules, histories, random programs, the tests. It prints the check
that failed in each layer. Where the state graph shows the fault, it also prints a
shortest counterexample in words; if the fault breaks the search itself, the
counterexample may not be the shortest. It needs a checkout.

Exit status: 0 each fault was caught by the layers that must catch it; 1 one was not;
2 bad usage, no checkout, or the build failed; 130 interrupted.`,
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
			switch {
			case len(faults) == 0 && f.write:
				return rewritePage(cmd)
			case len(faults) == 0:
				return listFaults(cmd.OutOrStdout())
			case f.overlay != "":
				return writeOverlay(cmd.OutOrStdout(), faults[0], f.overlay)
			}
			return tryFaults(cmd, &f, faults)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.all, "all", false, "try every fault and compare the results with the table")
	flags.BoolVar(&f.everyLayer, "every-layer", false, "also run the layers that need not catch the fault")
	flags.BoolVar(&f.write, "write", false, "write the results to docs/bugs.tsv and rewrite docs/bugs.md; without a fault, rewrite docs/bugs.md alone")
	flags.StringVar(&f.html, "html", "", "write a page that steps through the counterexample to this `file`")
	flags.StringVar(&f.overlay, "overlay", "", "write the faulty files and overlay.json into this `folder` and run nothing")
	flags.BoolVar(&f.cfg, "cfg", false, "print the cfg of the fault, or of the instance of that name, for a run of TLC by hand")
	flags.IntVar(&f.seeds, "seeds", 0, "run only histories of free-running goroutines, with this many seeds")
	flags.IntVar(&f.jobs, "jobs", runtime.NumCPU()+1, "how many faults are tried at one time; some wait for tests that hang")
	return cmd
}

// faults returns the faults that the arguments name.
func (f *bugFlags) faults(ids []string) (faults []bug.Fault, err error) {
	var noHistories []string
	for _, id := range ids {
		fault, err := bug.Find(id)
		if err != nil {
			return nil, err
		}
		if !fault.HasHistories() {
			noHistories = append(noHistories, fault.ID)
		}
		faults = append(faults, fault)
	}
	switch {
	case f.all && len(ids) > 0:
		return nil, errors.New("--all tries every fault; name none with it")
	case f.write && (f.everyLayer || f.seeds > 0):
		return nil, errors.New("--write cannot be used with --every-layer or --seeds: the table has only the layers that must catch a fault")
	case (f.html != "" || f.overlay != "") && len(ids) != 1:
		return nil, errors.New("--html and --overlay need exactly one fault")
	case f.html != "" && !faults[0].HasGraph():
		return nil, fmt.Errorf("--html needs a fault that the state graph shows; it does not show %s", faults[0].ID)
	case f.overlay != "" && faults[0].NoGo != "":
		return nil, fmt.Errorf("%s is not a fault of the code: %s", faults[0].ID, faults[0].NoGo)
	case f.jobs < 1 || f.seeds < 0:
		return nil, errors.New("--jobs must be at least 1, and --seeds must not be negative")
	case f.seeds > 0 && len(ids) == 0:
		return nil, errors.New("--seeds needs at least one fault")
	case f.seeds > 0 && len(noHistories) > 0:
		return nil, fmt.Errorf("--seeds runs histories, which need not catch %s", strings.Join(noHistories, ", "))
	case f.all:
		return append([]bug.Fault{bug.Control}, bug.All()...), nil
	}
	return faults, nil
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

// printCfg prints the cfg of a fault, or of the instance of that name.
func (f *bugFlags) printCfg(w io.Writer, ids []string) error {
	if len(ids) != 1 || f.all || f.html != "" || f.overlay != "" || f.seeds > 0 {
		return errors.New("--cfg needs exactly one fault and no other flag")
	}
	name := strings.TrimSuffix(ids[0], ".cfg")
	if !strings.HasPrefix(name, "MC") {
		fault, err := bug.Find(name)
		switch {
		case err != nil:
			return err
		case len(fault.Cfgs) == 0:
			return fmt.Errorf("no spec has %s: %s", fault.ID, fault.NoSpec)
		case len(fault.Cfgs) > 1:
			return fmt.Errorf("%s has %d cfgs; name one: MC%s", fault.ID, len(fault.Cfgs), strings.Join(fault.Cfgs, ", MC"))
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

// checkout returns the path of the checkout that contains the working directory, absolute
// and relative. The error ends in why a checkout is needed.
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
