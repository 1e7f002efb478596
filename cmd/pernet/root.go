// SPDX-License-Identifier: MIT

// Command pernet runs scenarios on the pernet registry, decides whether histories of it
// are linearizable, explores the code, and shows how its faults are caught. See pernet help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"example.com/pernet/internal/replay"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// The exit statuses.
const (
	statusFail        = 1   // the answer is no: not linearizable, not equal, not caught
	statusBad         = 2   // bad input, bad usage, or a read or write error
	statusIncomplete  = 3   // no answer: a bound was reached, or lin or explore was interrupted
	statusBug         = 70  // an error in pernet
	statusInterrupted = 130 // by SIGINT, SIGTERM or SIGHUP
	statusPipe        = 141 // the reader of standard output is gone, as if by SIGPIPE
)

// An exitError sets the exit status and the message on standard error; "" is none.
type exitError struct {
	status  int
	message string
}

func (e *exitError) Error() string { return e.message }

// statusOf returns the exit status of an error.
func statusOf(err error) int {
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.status
	}
	switch {
	case errors.Is(err, errInterrupted):
		return statusInterrupted
	case errors.Is(err, replay.ErrPernet):
		return statusBug
	}
	return statusBad
}

// errInterrupted is the cause of the context after a signal that asks the program to end.
var errInterrupted = errors.New("interrupted")

// run is the program: it returns the exit status.
func run(args []string, stdin, stdout, stderr *os.File) int {
	signal.Ignore(syscall.SIGPIPE) // a closed reader is a write error, after which files are closed
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup
		signal.Notify(interrupts, syscall.SIGHUP)
	}
	defer signal.Stop(interrupts)
	go func() {
		select {
		case <-interrupts:
			cancel(errInterrupted)
		case <-ctx.Done():
		}
	}()

	out := &standardOutput{file: stdout}
	root := newRootCmd(out)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if bad := out.err(); bad != nil && !errors.Is(err, errInterrupted) {
		err = bad // also where the command did not look, as help does not
	}
	if err == nil {
		return 0
	}
	status := statusOf(err)
	if errors.Is(err, syscall.EPIPE) && out.err() != nil {
		return statusPipe // like head's other writers, without a message
	}
	if status == statusInterrupted {
		err = errInterrupted // nothing else is worth saying
	}
	if _, ok := errors.AsType[*wire.Error](err); ok {
		fmt.Fprintln(stderr, err) // begins with FILE:LINE
	} else if msg := err.Error(); msg != "" {
		fmt.Fprintln(stderr, "pernet: "+msg)
	}
	return status
}

func newRootCmd(stdout io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "pernet",
		Short: "The Linux pernet registry: replay scenarios, check histories",
		Long: `pernet works on the registry of network namespaces and of the operations that
run for each of them, as in Linux's net/core/net_namespace.c.`,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(newReplayCmd(), newLinCmd(), newVectorsCmd(), newConformCmd(), newExploreCmd(), newBugCmd(), newTLCTraceCmd())
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if number, ok := errors.AsType[*strconv.NumError](err); ok { // it names a function of Go
			err = errors.New(strings.Replace(err.Error(), number.Error(), number.Err.Error(), 1))
		}
		return usageError(cmd, err)
	})
	root.SetOut(stdout) // the completion command takes it from here
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "completion": // else cobra prints help for an unknown shell
			cmd.Args, cmd.RunE = oneOfItsCommands, root.RunE
		case "help":
			cmd.Use, cmd.Short, cmd.Long, cmd.Run, cmd.RunE = "help [COMMAND]", "Show help for a command", "", nil, help
		}
	}
	pointToHelp(root)
	return root
}

// A disciplineFlag is the flag --discipline of a command.
type disciplineFlag struct{ model.Discipline }

func (d *disciplineFlag) addTo(cmd *cobra.Command) {
	d.Discipline = model.Mutex
	cmd.Flags().Var(d, "discipline", "how the registry locks: mutex as in 2009, or rwsem since Linux 4.17")
}

func (d *disciplineFlag) String() string { return string(d.Discipline) }
func (d *disciplineFlag) Type() string   { return "mutex|rwsem" }

func (d *disciplineFlag) Set(word string) error {
	if d.Discipline = model.Discipline(word); d.Discipline != model.Mutex && d.Discipline != model.RWSem {
		return errors.New("it is mutex or rwsem")
	}
	return nil
}

// usageError adds to err where to read the usage.
func usageError(cmd *cobra.Command, err error) error {
	return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
}

// pointToHelp turns argument errors of a command and its subcommands into usage errors.
func pointToHelp(cmd *cobra.Command) {
	if right := cmd.Args; right != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := right(cmd, args); err != nil {
				return usageError(cmd, err)
			}
			return nil
		}
	}
	for _, c := range cmd.Commands() {
		pointToHelp(c)
	}
}

// oneOfItsCommands rejects arguments that name no subcommand.
func oneOfItsCommands(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())
	}
	return nil
}

// help prints the help of a command. An unknown command is an error, which it is not in
// cobra's own help.
func help(cmd *cobra.Command, args []string) error {
	about, left, err := cmd.Root().Find(args)
	if err == nil {
		err = oneOfItsCommands(about, left)
	}
	if err != nil {
		return usageError(about, err)
	}
	about.InitDefaultHelpFlag()
	return about.Help()
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
