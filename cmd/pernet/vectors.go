// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"example.com/pernet/internal/vectors"
)

func newVectorsCmd() *cobra.Command {
	var bounds vectors.Bounds
	var discipline disciplineFlag
	var output, checked string
	var schedules bool
	cmd := &cobra.Command{
		Use:   "vectors",
		Short: "Make or check test vectors for ports",
		Long: `vectors makes a set of test vectors: scenarios of at most 100 calls, each with the
answers that are due. Together they take every edge of the contract's graph within
the bounds: each call in each state that one thread can bring about, and each
init that can fail in it. docs/formats.md describes the file.

The nets of --nets are beside init_net. --features adds the calls that need a feature;
a use count above 0 needs use-count. The set is recounted before it is written.

With --schedules it makes the set of the level scheduled: programs with schedules, which
take every edge of the graphs of these programs, and try each step that has to wait.

With --check it reads a set instead, does each line anew on the implementation and on the
model, compares the answers, and counts the edges that the vectors take. It prints what
is wrong. Files may be compressed with gzip.

Exit status: 0 the set is whole; 1 an edge is missing, an answer differs or the set is
stale; 2 for bad input or no reading or writing; 130 when interrupted.`,
		Example: `  pernet vectors --ops 2 --nets 1 --max-count 2 --output vectors.jsonl
  pernet vectors --schedules --discipline rwsem --output schedules.jsonl
  pernet vectors --check testdata/vectors/smoke.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := named(cmd, "output", "check"); err != nil {
				return err
			}
			if checked != "" {
				return checkVectors(cmd, checked)
			}
			return makeVectors(cmd, output, func() (*vectors.Set, error) {
				if schedules {
					return vectors.Schedules(cmd.Context(), discipline.Discipline, output)
				}
				set, err := vectors.Generate(discipline.Discipline, bounds, output)
				if err != nil {
					err = usageError(cmd, err)
				}
				return set, err
			})
		},
	}
	discipline.addTo(cmd)
	cmd.Flags().IntVar(&bounds.Ops, "ops", 2, "how many ops")
	cmd.Flags().IntVar(&bounds.Nets, "nets", 1, "how many nets beside init_net")
	cmd.Flags().Int32Var(&bounds.MaxCount, "max-count", 2, "the most references on a net")
	cmd.Flags().Int32Var(&bounds.MaxUse, "max-use", 0, "the highest use count")
	cmd.Flags().StringSliceVar(&bounds.Features, "features", nil, "the `features` that calls may need")
	cmd.Flags().BoolVar(&schedules, "schedules", false, "make programs with schedules")
	cmd.Flags().StringVar(&output, "output", "-", "write to this `file`, compressed if it ends in .gz; - is standard output")
	cmd.Flags().StringVar(&checked, "check", "", "check the set in this `file`; - is standard input")
	bound := []string{"ops", "nets", "max-count", "max-use", "features"}
	for _, flag := range append(bound, "schedules", "discipline", "output") {
		cmd.MarkFlagsMutuallyExclusive("check", flag)
	}
	for _, flag := range bound {
		cmd.MarkFlagsMutuallyExclusive("schedules", flag)
	}
	return cmd
}

// makeVectors makes a set, recounts it and writes it.
func makeVectors(cmd *cobra.Command, name string, generate func() (*vectors.Set, error)) error {
	opened := filesOf(cmd)
	defer opened.close()
	out, err := opened.page("--output", name)
	if err != nil {
		return err
	}
	set, err := generate()
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := set.Write(&file); err != nil {
		return err
	}
	written, err := vectors.Read(bytes.NewReader(file.Bytes()), name)
	if err != nil {
		return err
	}
	if err := recount(cmd, written, cmd.ErrOrStderr()); err != nil {
		return err
	}
	return out.fill(func(w io.Writer) error { _, err := w.Write(file.Bytes()); return err })
}

// checkVectors checks the set in the file.
func checkVectors(cmd *cobra.Command, name string) error {
	opened := filesOf(cmd)
	defer opened.close()
	in, name, err := opened.open(name)
	if err != nil {
		return err
	}
	set, err := vectors.Read(in, name)
	if err != nil {
		return err
	}
	return recount(cmd, set, opened.stdout)
}

// recount checks the set and writes what it finds.
func recount(cmd *cobra.Command, set *vectors.Set, to io.Writer) error {
	report, err := vectors.Check(cmd.Context(), set)
	if err != nil {
		return err
	}
	for _, p := range report.Problems {
		fmt.Fprintln(to, p)
	}
	if report.More > 0 {
		fmt.Fprintf(to, "and %d more\n", report.More)
	}
	if _, err := fmt.Fprintln(to, report.Summary(set)); err != nil {
		return err
	}
	if len(report.Problems) > 0 {
		return &exitError{status: statusFail}
	}
	if len(set.Vectors) == 0 {
		return errors.New("the set has no vector")
	}
	return nil
}
