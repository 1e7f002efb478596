// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.com/pernet/internal/conform"
	"example.com/pernet/internal/coverage"
	"example.com/pernet/internal/vectors"
	published "example.com/pernet/testdata/vectors"
)

type conformFlags struct {
	conform.Config
	locks       disciplineFlag
	sets        []string
	list, json  bool
	coverage    bool
	junit, html string
	failures    string
}

func newConformCmd() *cobra.Command {
	var flags conformFlags
	cmd := &cobra.Command{
		Use:   "conform [flags] -- COMMAND...",
		Short: "Check that a port conforms to the contract",
		Long: `conform starts COMMAND, the adapter of a port, and drives it over its standard input
and output: it sends lines of scenarios, one JSON object a line, and judges the
answers. docs/porting.md shows how to write an adapter; docs/formats.md describes the lines.

Level sequential gives it the published test vectors, or those of --vectors, each on a fresh
registry. Level concurrent gives it programs that it runs on threads of its own, and decides
whether each history is linearizable. Level scheduled gives it programs with schedules, which its
scheduler follows step by step, and compares what the calls returned. Without --level, each
level is run that the adapter claims in its answer to hello. What needs a feature that it does
not claim is skipped.

After programs, unless one failed, it says what the run has not met that a good run
meets; pernet lin --help names them. Those that need a feature count if the adapter claims
it. --coverage lists all with their counts; with --require, one that is not met is a failure.

A failure is shown as soon as it is found, with the shortest scenario that shows it. --only takes
the ids of cases; an id that ends in a slash means all that begin with it. --list lists the ids.

--failures writes a file for each failed case. --vectors reads it, so the failure is replayed
without the others; the line again: has the command. A program is run --runs times, or until it
fails, since it need not fail each time; pernet lin judges its refused history.

Exit status: 0 the port conforms to all that it claims; 1 an answer is wrong, or --require asks
for more; 2 bad input, or the adapter breaks the protocol; 3 undecided; 4 the adapter crashed or
hung; 130 when interrupted.`,
		Example: `  pernet conform -- pernet replay
  pernet conform --only smoke/ -- ./your-adapter
  pernet conform --junit report.xml --html report.html -- python3 your_adapter.py`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := named(cmd, "junit", "html", "failures"); err != nil {
				return err
			}
			if err := flags.check(cmd, args); err != nil {
				return usageError(cmd, err)
			}
			return flags.run(cmd, args)
		},
	}
	flags.locks.addTo(cmd)
	cmd.Flags().StringVar(&flags.Level, "level", "", "the highest `level` to run, whatever the adapter claims: "+strings.Join(conform.Levels, " or "))
	cmd.Flags().StringSliceVar(&flags.sets, "vectors", nil, "read the vectors from these `files` instead of the published ones")
	cmd.Flags().StringSliceVar(&flags.Only, "only", nil, "run the cases of these `ids` only")
	cmd.Flags().BoolVar(&flags.list, "list", false, "list the ids of the vectors, and start nothing")
	cmd.Flags().Uint64Var(&flags.Seed, "seed", 1, "of the programs")
	cmd.Flags().IntVar(&flags.Runs, "runs", 1000, "how many programs, and how often a program of --vectors is run")
	cmd.Flags().DurationVar(&flags.Timeout, "timeout", 5*time.Second, "how long an answer may take")
	cmd.Flags().BoolVar(&flags.coverage, "coverage", false, "list the answers and situations that the run has met")
	cmd.Flags().BoolVar(&flags.Require, "require", false, "fail if the run has not met what a good run meets")
	cmd.Flags().BoolVar(&flags.json, "json", false, "print one JSON object")
	cmd.Flags().StringVar(&flags.junit, "junit", "", "write a JUnit report to this `file`")
	cmd.Flags().StringVar(&flags.html, "html", "", "write the report as a page to this `file`")
	cmd.Flags().StringVar(&flags.failures, "failures", "", "write files that replay the failures to this `folder`, which must be new or empty")
	return cmd
}

func (f *conformFlags) check(cmd *cobra.Command, args []string) error {
	switch {
	case f.Level != "" && !slices.Contains(conform.Levels, f.Level):
		return fmt.Errorf("--level %s: the levels are %s", f.Level, strings.Join(conform.Levels, ", "))
	case f.Timeout <= 0:
		return fmt.Errorf("--timeout %s: must be positive", f.Timeout)
	case f.Runs < 1:
		return fmt.Errorf("--runs %d: must be positive", f.Runs)
	case len(args) == 0 && !f.list:
		return errors.New("name the command of the adapter, after --")
	case len(args) > 0 && f.list:
		return errors.New("--list starts no adapter")
	}
	return nil
}

func (f *conformFlags) run(cmd *cobra.Command, args []string) error {
	opened := filesOf(cmd)
	defer opened.close()
	read, err := f.open(opened)
	if err != nil {
		return err
	}
	f.Command, f.Read, f.Discipline = args, read, f.locks.Discipline
	if f.list || len(f.Only) > 0 || len(f.sets) > 0 {
		if f.Sets, err = read(); err != nil {
			return err
		}
		f.Read = nil
	}
	if err := f.Known(); err != nil {
		return usageError(cmd, err)
	}
	if f.list {
		return listVectors(opened.stdout, f.Sets)
	}
	junit, err := opened.create("--junit", f.junit)
	if err != nil {
		return err
	}
	page, err := opened.create("--html", f.html)
	if err != nil {
		return err
	}
	if f.failures != "" {
		if err := emptyFolder("--failures", f.failures); err != nil {
			return err
		}
	}
	var unwritten error
	f.Show = func(c *conform.Case) {
		unwritten = errors.Join(unwritten, f.again(cmd, args, c))
		if !f.json { // an adapter that hangs has a run of minutes
			c.Write(opened.stdout)
		}
	}
	report, failed := conform.Run(cmd.Context(), f.Config)
	if report == nil {
		return failed
	}
	if f.json {
		err = json.NewEncoder(opened.stdout).Encode(report)
	} else {
		if f.coverage {
			coverage.Table(opened.stdout, report.Coverage)
		}
		err = report.Write(opened.stdout)
	}
	for out, write := range map[*output]func(io.Writer) error{junit: report.JUnit, page: report.Page} {
		if err == nil && out != nil {
			err = out.fill(write)
		}
	}
	switch {
	case failed != nil:
		return failed // it was interrupted
	case unwritten != nil:
		return unwritten
	case err == nil && report.Status != 0:
		return &exitError{status: report.Status}
	}
	return err
}

// again says how the case is repeated, and writes the files for it.
func (f *conformFlags) again(cmd *cobra.Command, args []string, c *conform.Case) error {
	if c.ID == "hello" {
		return nil
	}
	flags, only := []string{"discipline", "level", "runs", "timeout", "vectors", "seed"}, c.ID
	again := "pernet conform "
	alone := f.failures != "" && c.Replay != nil
	if alone {
		v := &c.Replay.Vectors[0]
		flags, only = flags[:4], v.ID
		c.Replay.Name = filepath.Join(f.failures, strings.ReplaceAll(v.ID, "/", "-")+".jsonl")
		if err := writeNew(c.Replay.Name, c.Replay.Write); err != nil {
			return err
		}
		again += "--vectors " + c.Replay.Name + " "
	}
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if slices.Contains(flags, flag.Name) {
			again += fmt.Sprintf("--%s %s ", flag.Name, strings.Trim(flag.Value.String(), "[]"))
		}
	})
	c.Again = append(c.Again, again+"--only "+only+" -- "+strings.Join(args, " "))
	if !alone || !c.Refused {
		return nil
	}
	name := strings.TrimSuffix(c.Replay.Name, ".jsonl") + ".history.jsonl"
	c.Again = append(c.Again, fmt.Sprintf("pernet lin --discipline %s %s", f.Discipline, name))
	return writeNew(name, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, strings.Join(c.History, "\n"))
		return err
	})
}

// open opens the sets of --vectors, or the published ones, and returns what reads what is wanted of them.
func (f *conformFlags) open(opened *files) (func() ([]*vectors.Set, error), error) {
	var ins []io.Reader
	var names []string
	for _, name := range f.sets {
		in, name, err := opened.open(name)
		if err != nil {
			return nil, err
		}
		ins, names = append(ins, in), append(names, name)
	}
	if len(f.sets) == 0 {
		names = published.Names[f.locks.Discipline]
		for _, name := range names {
			in, err := published.Files.Open(name)
			if err != nil {
				return nil, err
			}
			ins = append(ins, in)
		}
	}
	return func() (sets []*vectors.Set, err error) {
		for i, in := range ins {
			set, err := vectors.ReadSome(in, names[i], f.Only)
			if err != nil {
				return nil, err
			}
			if set.Discipline != f.locks.Discipline {
				return nil, fmt.Errorf("%s: the vectors are of the discipline %s", names[i], set.Discipline)
			}
			if err := f.stale(set); err != nil {
				return nil, err
			}
			sets = append(sets, set)
		}
		return sets, nil
	}, nil
}

// stale refuses a set that was made for another graph than the published one of its id.
func (f *conformFlags) stale(set *vectors.Set) error {
	for _, name := range published.Names[set.Discipline] {
		in, err := published.Files.Open(name)
		if err != nil {
			return err
		}
		ours, err := vectors.ReadSome(in, name, []string{"none"}) // the head alone
		if err != nil {
			return err
		}
		if ours.ID == set.ID && set.Graph != "" && set.Graph != ours.Graph {
			return fmt.Errorf("%s: the set is stale: its graph is %s, and that of this pernet is %s; without --vectors the set of this pernet is used", set.Name, set.Graph, ours.Graph)
		}
	}
	return nil
}

// listVectors lists the vectors.
func listVectors(w io.Writer, sets []*vectors.Set) error {
	for _, set := range sets {
		for i := range set.Vectors {
			v := &set.Vectors[i]
			needs := ""
			if len(v.Needs) > 0 {
				needs = " (needs " + strings.Join(v.Needs, ", ") + ")"
			}
			if _, err := fmt.Fprintf(w, "%s: %s%s\n", v.ID, v.Why, needs); err != nil {
				return err
			}
		}
	}
	return nil
}
