// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/pernet/internal/coverage"
	"example.com/pernet/internal/lin"
	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// pictureTime bounds the search for the orders in a picture.
const pictureTime = 10 * time.Second

type linFlags struct {
	discipline disciplineFlag
	timeout    time.Duration
	json       bool
	html       string
	shrink     string
	coverage   bool
	require    bool
}

func newLinCmd() *cobra.Command {
	var flags linFlags
	cmd := &cobra.Command{
		Use:   "lin [FILE]",
		Short: "Decide whether a history is linearizable",
		Long: `lin reads a history of concurrent calls, one operation a line in any order, and
decides whether the calls can have happened one after the other, each inside its
interval, with just these answers. Without FILE, or with -, it reads standard input.

If they cannot, it names the operation that no order explains, with its line, and
says what the contract would have answered in the nearest state, and what of that
state matters. Where the evidence fits one, it names the likely hazard of
docs/divergences.md (H) or docs/bugs.md (K, P). The prefix is how many operations,
in order of return, fit when every later return is taken as null. --shrink writes a
smallest part that is still refused for the same reason: without any one of its operations
it is not. Its lines are as they were read. Where an earlier line contradicts the operation, it is named too.

The field "calls" lists the callbacks that ran. Without it none ran. If they were not
recorded, write "calls":null: then the operation is judged by the rest of its answer.
A callback may say when it began and ended; docs/formats.md says what is checked then.

A run of the worker takes exactly one net. With --discipline rwsem, the locking since
Linux 4.17, it may take several, and runs may overlap; docs/formats.md says what else differs.
A cleanup that never returned may leave out nets: then it may have taken any, or none.

A name may not be in two copies that overlap: that is bad input. Give each client
names of its own.

Memory stays bounded where the lines are roughly in order of time and there are
moments at which nothing is pending; otherwise it grows with the history. At most
200,000 ways that the history may have gone are kept at once, about a kilobyte each;
where there are more, the history is undecided. The order of calls that overlap counts
as one way until an answer shows it. To have fewer, record every callback in calls, add
list and state operations, or let fewer calls overlap.

Of a history that is linearizable, it also says which answers and situations it has not
met that a good run meets: each call with each answer that needs no feature of a port, an
init that fails, a get, a copy and a list of a net whose count is zero, a put during a
copy of its net, with rwsem a cleanup of several nets, calls that overlap. --coverage
lists all, also those that need a feature, with counts. With --require, one that is not
met is a failure.

An empty history is linearizable; a warning says so.

Exit status: 0 linearizable; 1 not, or --require asks for more; 2 bad input or no reading or
writing; 3 undecided: out of time, interrupted, or too many possibilities at once.`,
		Example: `  pernet lin testdata/histories/wrong/get_after_zero.jsonl
  pernet lin --json --html picture.html history.jsonl
  pernet lin --shrink small.jsonl history.jsonl`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if flags.timeout < 0 {
				return usageError(cmd, fmt.Errorf("--timeout %s: must not be negative", flags.timeout))
			}
			if err := named(cmd, "html", "shrink"); err != nil {
				return err
			}
			return judge(cmd, flags, inputOf(args))
		},
	}
	flags.discipline.addTo(cmd)
	cmd.Flags().DurationVar(&flags.timeout, "timeout", 60*time.Second, "stop after this long; 0: no bound")
	cmd.Flags().BoolVar(&flags.json, "json", false, "print one JSON object")
	cmd.Flags().StringVar(&flags.html, "html", "", "write a picture of the history, or of where it fails, to this `file`")
	cmd.Flags().StringVar(&flags.shrink, "shrink", "", "write the smallest part of a refused history that is still refused to this `file`")
	cmd.Flags().BoolVar(&flags.coverage, "coverage", false, "list the answers and situations that the history has met")
	cmd.Flags().BoolVar(&flags.require, "require", false, "fail if the history has not met what a good run meets")
	return cmd
}

// judge judges the history in the file. It opens its outputs first.
func judge(cmd *cobra.Command, flags linFlags, file string) error {
	ctx, opened, stderr := cmd.Context(), filesOf(cmd), cmd.ErrOrStderr()
	defer opened.close()
	in, name, err := opened.open(file)
	if err != nil {
		return err
	}
	picture, err := opened.create("--html", flags.html)
	if err != nil {
		return err
	}
	part, err := opened.create("--shrink", flags.shrink)
	if err != nil {
		return err
	}
	var all bytes.Buffer // what was read, for --shrink
	in, clear := withProgress(in, "lin", stderr)
	if flags.shrink != "" {
		in = io.TeeReader(in, &all)
	}
	start := time.Now()
	limited := ctx
	if flags.timeout > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, flags.timeout)
		defer cancel()
	}
	h := lin.File{Name: name, In: in, Discipline: flags.discipline.Discipline}
	c, err := h.Check(limited)
	clear()
	if err != nil {
		return err
	}
	res := c.Result()
	if res.Operations == 0 && res.Verdict == lin.Linearizable { // valid, but seldom intended
		fmt.Fprintf(stderr, "pernet: %s: warning: the history is empty, so nothing was checked\n", name)
	}
	met := metOf(&res, h.Discipline)
	if err := printResult(opened.stdout, &flags, res, met, time.Since(start)); err != nil {
		return err
	}
	if picture != nil && ctx.Err() == nil {
		if err := picture.fill(func(w io.Writer) error { return c.Picture(ctx, w, pictureTime) }); err != nil {
			return err
		}
	}
	if part != nil && res.Verdict == lin.Not {
		if err := shrink(limited, h.Discipline, part, all.Bytes(), name, stderr); err != nil {
			return err
		}
	}
	switch res.Verdict {
	case lin.Not:
		return &exitError{status: statusFail}
	case lin.Undecided:
		return &exitError{status: statusIncomplete}
	}
	if flags.require && len(met.missing) > 0 {
		return &exitError{statusFail, "not met, which --require asks for: " + strings.Join(met.missing, "; ")}
	}
	return nil
}

// A metItems is what a history has met, and what it has not of that which a good run meets on any port.
type metItems struct {
	items   []coverage.Item
	missing []string
	of      int
}

func metOf(r *lin.Result, d model.Discipline) (m metItems) {
	m.items = coverage.Of(&r.Met, d)
	m.missing, m.of = coverage.Missing(m.items, func(string) bool { return false })
	return m
}

// shrink writes the smallest part of the history that is still refused, each line as it was read.
func shrink(ctx context.Context, d model.Discipline, to *output, text []byte, name string, stderr io.Writer) error {
	var ops []wire.Line
	r := lin.NewReader(bytes.NewReader(text), name)
	for op, err := r.Next(); err != io.EOF; op, err = r.Next() {
		if err != nil {
			return err
		}
		ops = append(ops, op)
	}
	ops, smallest := lin.Shrink(ctx, d, ops)
	if !smallest {
		fmt.Fprintf(stderr, "pernet: %s: warning: time ran out, so a smaller part may be refused too\n", name)
	}
	return to.fill(func(w io.Writer) error {
		lines := bytes.Split(text, []byte("\n"))
		for _, op := range ops {
			if _, err := fmt.Fprintf(w, "%s\n", lines[op.Number-1]); err != nil {
				return err
			}
		}
		return nil
	})
}

// linResult is what --json prints.
type linResult struct {
	Verdict    lin.Verdict `json:"verdict"`
	Operations int         `json:"operations"`
	Clients    int         `json:"clients"`
	Seconds    float64     `json:"seconds"`
	Prefix     *int        `json:"prefix,omitempty"`

	// PrefixAtLeast is true if time or memory ran out: the prefix may be longer.
	PrefixAtLeast bool `json:"prefix_at_least,omitempty"`

	Line       int             `json:"line,omitempty"`       // of the operation that no order explains
	Operation  json.RawMessage `json:"operation,omitempty"`  // that line
	Difference []string        `json:"difference,omitempty"` // between its answer and the model's, in the nearest state
	State      string          `json:"state,omitempty"`      // what matters of that state
	WithLine   int             `json:"with_line,omitempty"`  // of the operation whose answer leaves no place for it, if that is another
	Hazard     string          `json:"hazard,omitempty"`

	Reason string `json:"reason,omitempty"` // why undecided

	Coverage []coverage.Item `json:"coverage,omitempty"` // with --coverage
	NotMet   []string        `json:"not_met,omitempty"`  // with --coverage or --require: what a good run meets
}

func printResult(w io.Writer, flags *linFlags, r lin.Result, met metItems, took time.Duration) error {
	var text bytes.Buffer
	if flags.json {
		out := linResult{Verdict: r.Verdict, Operations: r.Operations, Clients: r.Clients, Seconds: took.Seconds(), Reason: r.Reason}
		if f := r.Failure; f != nil {
			out.Prefix, out.PrefixAtLeast = &f.Prefix, f.AtLeast
			out.Line, out.Operation, out.WithLine = f.Line, json.RawMessage(cmp.Or(f.Text, f.Op.String())), f.WithLine
			out.Difference, out.State, out.Hazard = f.Differences, f.State, f.Hazard
		}
		if flags.coverage {
			out.Coverage = met.items
		}
		if flags.coverage || flags.require {
			out.NotMet = met.missing
		}
		to := json.NewEncoder(&text)
		to.SetEscapeHTML(false) // print the operation as it is in the file
		if err := to.Encode(out); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(&text, "%s: %s of %s in %.2f s; a call meets %.1f calls of others\n",
			verdictText(r), plural.N(r.Operations, "operation"), plural.N(r.Clients, "client"), took.Seconds(), r.Met.Overlap())
		if r.Failure != nil {
			text.WriteString(r.Failure.String())
		}
		if r.Verdict == lin.Linearizable && r.Operations > 0 {
			fmt.Fprintln(&text, coverage.Line(met.missing, met.of))
		}
		if flags.coverage {
			coverage.Table(&text, met.items)
		}
	}
	_, err := w.Write(text.Bytes())
	return err
}

func verdictText(r lin.Result) string {
	switch r.Verdict {
	case lin.Not:
		return "not linearizable"
	case lin.Undecided:
		return "undecided, " + r.Reason
	}
	return string(r.Verdict)
}
