// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"example.com/pernet/internal/replay"
	"example.com/pernet/model"
)

func newReplayCmd() *cobra.Command {
	var results string
	var discipline disciplineFlag
	cmd := &cobra.Command{
		Use:   "replay [FILE]",
		Short: "Run a scenario line by line",
		Long: `replay reads a scenario, one JSON object a line, and writes one result for each
line: the answer, every callback that ran, and the registry's lists afterwards.
Without FILE, or with -, it reads standard input, and answers each line at once.

Each line is done twice, by the implementation and by the model of the contract;
should the two differ, that is an error in pernet, and the exit status is 70. With
--discipline rwsem, both have the locking since Linux 4.17.

With --check it compares the results that another program gave to the scenario with
its own, and shows the first line that differs, field by field. Spaces, the order of
fields and the spelling of strings do not count, nor does who answers hello. To a
line that needs a feature which the answer to hello leaves out, err ENOTSUP is right
too, if nothing has changed; such a line is skipped.

An empty scenario is answered by nothing; a warning says so. With --check it is bad input.

Exit status: 0 at the end of the input, and equal where compared; 1 the results
differ; 2 for bad input or no reading or writing; 130 when interrupted.`,
		Example: `  pernet replay testdata/scenarios/undo_register_in_list_order.jsonl
  printf '%s\n' '{"op":"register_subsys","ops":"lo"}' '{"op":"copy","net":"n1"}' | pernet replay
  ./your-port <scenario.jsonl | pernet replay --check - scenario.jsonl`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file := inputOf(args)
			if cmd.Flags().Changed("check") {
				if results == "-" && file == "-" {
					return usageError(cmd, errors.New("--check -: standard input cannot be the scenario too"))
				}
				return check(cmd, discipline.Discipline, file, results)
			}
			return replayFile(cmd, discipline.Discipline, file)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"jsonl"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	discipline.addTo(cmd)
	cmd.Flags().StringVar(&results, "check", "", "compare the results in this `file`; - is standard input")
	return cmd
}

// replayFile runs the scenario in the file.
func replayFile(cmd *cobra.Command, d model.Discipline, file string) error {
	opened, stderr := filesOf(cmd), cmd.ErrOrStderr()
	defer opened.close()
	in, name, err := opened.open(file)
	if err != nil {
		return err
	}
	if !isTerminal(opened.stdout) {
		var clear func()
		in, clear = withProgress(in, "replay", stderr)
		defer clear()
	}
	err = interruptible(cmd.Context(), in, patience, func(in io.Reader) error {
		return replay.Replay(cmd.Context(), d, in, name, opened.stdout)
	})
	if errors.Is(err, replay.ErrEmpty) { // valid, but seldom intended
		fmt.Fprintf(stderr, "pernet: %s: warning: %v, so nothing was answered\n", name, err)
		return nil
	}
	return err
}

// check runs the scenario in one file and compares the results in the other.
func check(cmd *cobra.Command, d model.Discipline, file, results string) error {
	opened, inputs := filesOf(cmd), [2]replay.Input{}
	defer opened.close()
	for i, name := range []string{file, results} {
		var err error
		if inputs[i].In, inputs[i].Name, err = opened.open(name); err != nil {
			return err
		}
	}
	err := interruptible(cmd.Context(), inputs[1].In, patience, func(in io.Reader) error {
		inputs[1].In = in
		return replay.Check(cmd.Context(), d, inputs[0], inputs[1], opened.stdout)
	})
	if errors.Is(err, replay.ErrDifferent) { // the difference is printed already
		return &exitError{status: statusFail}
	}
	return err
}

// patience is how long an interrupted command may take to finish the current line.
const patience = 200 * time.Millisecond

// interruptible runs work until it returns or ctx ends. After ctx ends, it returns when
// work blocks on input, because the current line is then finished, or when patience is
// over. The goroutine of work is then left behind.
func interruptible(ctx context.Context, in io.Reader, patience time.Duration, work func(io.Reader) error) error {
	g := &gate{in: in, busy: make(chan struct{}, 1)}
	done := make(chan error, 1)
	g.busy <- struct{}{}
	go func() { done <- work(g) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case g.busy <- struct{}{}: // work blocks on input, and stays blocked
	case <-time.After(patience):
	}
	return context.Cause(ctx)
}

// A gate is a reader that shows whether a Read is in progress: busy is empty during a
// Read. Filling it then blocks the reader after that Read.
type gate struct {
	in   io.Reader
	busy chan struct{}
}

func (g *gate) Read(p []byte) (int, error) {
	<-g.busy
	n, err := g.in.Read(p)
	g.busy <- struct{}{}
	return n, err
}
