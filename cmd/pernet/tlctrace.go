// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"example.com/pernet/internal/page"
	"example.com/pernet/internal/plural"
)

func newTLCTraceCmd() *cobra.Command {
	var cfg, html string
	cmd := &cobra.Command{
		Use:   "tlc-trace [FILE]",
		Short: "Make a page of a counterexample that TLC printed",
		Long: `tlc-trace reads the output of TLC, with or without -tool and -difftrace, and makes a
page that steps through the first counterexample: the lists, the nets, the holder and
the waiters of each lock, the next step of each thread in C, spec and code, and what
each step changed. Without FILE, or with -, it reads standard input. The page is one
HTML file that loads nothing else. If TLC itself failed, its error is shown.

It draws counterexamples of spec/netns.tla, of spec/netns_rwsem.tla and of modules that
extend them, and the variables of spec/registry.tla that they share; the variables of any
other module are shown as text. --cfg names the cfg that TLC was given. It gives the order of ops and
nets, the worker, and the name of a violated property, which TLC does not print.

Exit status: 0 the page is written; 2 bad input, or a read or write error; 130 when
interrupted.`,
		Example: `  pernet bug MCnetnsBugSubsysAtTail --cfg >/tmp/bug.cfg
  cd spec && java -cp tla2tools.jar tlc2.TLC -config /tmp/bug.cfg MCnetnsBugs >/tmp/tlc.out
  pernet tlc-trace /tmp/tlc.out --cfg /tmp/bug.cfg --html trace.html`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := named(cmd, "html", "cfg"); err != nil {
				return err
			}
			return tlcTrace(cmd, inputOf(args), cfg, html)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&cfg, "cfg", "", "the cfg that TLC was given: a `file`, or spec/NAME.cfg for a row of spec/faults.tsv")
	flags.StringVar(&html, "html", "-", "write the page to this `file`; - is standard output")
	cmd.MarkFlagFilename("cfg", "cfg")
	cmd.MarkFlagFilename("html", "html")
	return cmd
}

// tlcTrace makes the page. Nothing is written if any of the input is wrong.
func tlcTrace(cmd *cobra.Command, file, cfg, html string) error {
	opened := filesOf(cmd)
	defer opened.close()
	var names page.Names
	command := "pernet tlc-trace " + shellQuote(file)
	if cfg != "" {
		var err error
		if names, err = page.ReadNames(cfg); err != nil {
			return err
		}
		if err := opened.read("--cfg", cfg); err != nil {
			return err
		}
		command += " --cfg " + shellQuote(cfg)
	}
	in, name, err := opened.open(file)
	if err != nil {
		return err
	}
	out, err := opened.page("--html", html)
	if err != nil {
		return err
	}
	read := make(chan page.Counterexample, 1) // a channel, because an interrupted reader is left behind
	if err := interruptible(cmd.Context(), in, patience, func(in io.Reader) error {
		c, err := page.ReadCounterexample(in, name)
		read <- c
		return err
	}); err != nil {
		return err
	}
	c := <-read
	trace, err := page.FromTLC(c, names, command+" --html "+shellQuote(html))
	if err != nil {
		return err
	}
	if err := out.fill(func(w io.Writer) error { return page.Write(w, trace) }); err != nil {
		return err
	}
	if html != "-" {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s. %s\n", html, plural.N(len(trace.Steps), "state"), trace.Problem)
	}
	return nil
}

var plainWord = regexp.MustCompile(`^[a-zA-Z0-9_\-./:,=@%+]+$`)

// shellQuote quotes a word for the shell.
func shellQuote(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
