// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"example.com/pernet/internal/replay"
)

// statusDifferent is the exit status of replay --check for a difference.
const statusDifferent = 1

func newReplayCmd() *cobra.Command {
	var results string
	cmd := &cobra.Command{
		Use:   "replay [FILE]",
		Short: "Run a scenario line by line",
		Long: `replay reads a scenario, one JSON object a line, and writes one result for each
line: the answer, every callback that ran, and the registry's lists afterwards.
Without FILE, or with -, it reads standard input, and answers each line at once.

Each line is done twice, by the implementation and by the model of the contract;
should the two differ, that is an error in pernet, and the exit status is 70.

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
			file := "-"
			if len(args) == 1 {
				file = args[0]
			}
			if cmd.Flags().Changed("check") {
				if results == "-" && file == "-" {
					return usageError(cmd, errors.New("--check -: standard input cannot be the scenario too"))
				}
				return replayStatus(check(cmd.Context(), file, results, cmd.InOrStdin(), cmd.OutOrStdout()))
			}
			return replayStatus(replayFile(cmd.Context(), file, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()))
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"jsonl"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	cmd.Flags().StringVar(&results, "check", "", "compare the results in this `file`; - is standard input")
	return cmd
}

// replayStatus gives errors other than bad input their exit statuses.
func replayStatus(err error) error {
	if errors.Is(err, replay.ErrDifferent) { // the difference is printed already
		return &exitError{status: statusDifferent}
	}
	if errors.Is(err, errInterrupted) {
		return &exitError{statusInterrupted, errInterrupted}
	}
	if errors.Is(err, replay.ErrPernet) {
		return &exitError{statusBug, err}
	}
	return err
}

// replayFile runs the scenario in the file.
func replayFile(ctx context.Context, file string, stdin io.Reader, stdout, stderr io.Writer) error {
	in, name, closeIn, err := filesOf(stdout).open(file, stdin)
	if err != nil {
		return err
	}
	defer closeIn()
	in, clear := withProgress(in, stdout, stderr)
	defer clear()
	err = interruptible(ctx, in, patience, func(in io.Reader) error {
		return replay.Replay(ctx, in, name, stdout)
	})
	if errors.Is(err, replay.ErrEmpty) { // valid, but seldom intended
		fmt.Fprintf(stderr, "pernet: %s: warning: %v, so nothing was answered\n", name, err)
		return nil
	}
	return err
}

// check runs the scenario in one file and compares the results in the other.
func check(ctx context.Context, file, results string, stdin io.Reader, stdout io.Writer) error {
	opened, inputs := filesOf(stdout), [2]replay.Input{}
	for i, name := range []string{file, results} {
		in, called, closeIn, err := opened.open(name, stdin)
		if err != nil {
			return err
		}
		defer closeIn()
		inputs[i] = replay.Input{Name: called, In: in}
	}
	return interruptible(ctx, inputs[1].In, patience, func(in io.Reader) error {
		inputs[1].In = in
		return replay.Check(ctx, inputs[0], inputs[1], stdout)
	})
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

// withProgress returns in with a progress bar, if stderr is a terminal, stdout is not, and in
// is a large file, and a function that clears the bar.
func withProgress(in io.Reader, stdout, stderr io.Writer) (_ io.Reader, clear func()) {
	size := sizeOf(in)
	if size < 1<<20 || !isTerminal(stderr) || isTerminal(stdout) {
		return in, func() {}
	}
	b := newBar(size, "replay", stderr)
	r := progressbar.NewReader(in, b)
	return &r, func() { b.Clear() }
}

func newBar(size int64, command string, stderr io.Writer) *progressbar.ProgressBar {
	return progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(stderr),
		progressbar.OptionSetDescription(command),
		progressbar.OptionShowBytes(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)
}

// sizeOf returns the size of a regular file, 0 of anything else.
func sizeOf(r io.Reader) int64 {
	f, ok := r.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return 0
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		return info.Size()
	}
	return 0
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}
