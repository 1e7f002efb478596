// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"example.com/pernet/internal/wire"
)

// Exit statuses that several commands share.
const (
	statusBad         = 2   // bad input, bad usage, or a read or write error
	statusBug         = 70  // an error in pernet
	statusInterrupted = 130 // by SIGINT
)

// An exitError sets the exit status and, if err is not nil, the message on standard
// error. Any other error of a command exits with statusBad.
type exitError struct {
	status int
	err    error // nil: no message
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// errInterrupted is the cause of the context after SIGINT.
var errInterrupted = errors.New("interrupted")

// run is the program: it returns the exit status.
func run(args []string, stdin, stdout, stderr *os.File) int {
	signal.Ignore(syscall.SIGPIPE) // a closed reader is a write error
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	go func() {
		select {
		case <-interrupts:
			cancel(errInterrupted)
		case <-ctx.Done():
		}
	}()

	root := newRootCmd()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if _, ok := errors.AsType[*wire.Error](err); ok {
		fmt.Fprintln(stderr, err) // begins with FILE:LINE
	} else if msg := err.Error(); msg != "" {
		fmt.Fprintln(stderr, "pernet: "+msg)
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.status
	}
	return statusBad
}

func newRootCmd() *cobra.Command {
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
	root.AddCommand(newReplayCmd(), newLinCmd(), newExploreCmd(), newBugCmd(), newTLCTraceCmd())
	root.SetHelpCommand(newHelpCmd())
	root.SetFlagErrorFunc(usageError)
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" { // else cobra prints help for an unknown shell
			cmd.Args, cmd.RunE = oneOfItsCommands, root.RunE
		}
	}
	pointToHelp(root)
	return root
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

// newHelpCmd is cobra's help command, except that an unknown command is an error.
func newHelpCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show help for a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, left, err := cmd.Root().Find(args)
			if err == nil {
				err = oneOfItsCommands(about, left)
			}
			if err != nil {
				return usageError(about, err)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
			about, _, _ := cmd.Root().Find(args)
			for _, c := range about.Commands() {
				if c.IsAvailableCommand() {
					names = append(names, c.Name())
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}
