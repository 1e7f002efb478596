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

	"example.com/pernet/internal/jsonl"
)

// Exit statuses that several commands share.
const (
	statusBad         = 2   // bad input, bad usage, or no reading or writing
	statusBug         = 70  // an error of ours
	statusInterrupted = 130 // by SIGINT
)

// An exitError ends the program with its status, and its message on standard
// error if it has one. Any other error of a command ends it with statusBad.
type exitError struct {
	status int
	err    error // nil: there is nothing to say
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// errInterrupted is the cause of the commands' context once SIGINT has come.
var errInterrupted = errors.New("interrupted")

// run is the program: it returns the exit status.
func run(args []string, stdin, stdout, stderr *os.File) int {
	signal.Ignore(syscall.SIGPIPE) // a reader that goes away is an error of Write
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
	if _, ok := errors.AsType[*jsonl.Error](err); ok {
		fmt.Fprintln(stderr, err) // it begins with FILE:LINE
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
	root.AddCommand(newReplayCmd(), newLinCmd(), newExploreCmd(), newTLCTraceCmd())
	return root
}
