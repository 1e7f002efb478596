// SPDX-License-Identifier: MIT

package conform

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"example.com/pernet/internal/coverage"
	"example.com/pernet/internal/plural"
)

// Write writes what follows the cases that were shown: the table, and the verdict in the last line.
func (r *Report) Write(w io.Writer) error {
	var out strings.Builder
	r.table(&out)
	if r.Operations > 0 {
		fmt.Fprintf(&out, "programs: %s; a call meets %.1f calls of others\n", plural.N(r.Operations, "operation"), r.Overlap)
		if r.Status != statusNot && r.Status != statusProtocol && r.Status != statusDied { // what ended early meets little
			fmt.Fprintln(&out, coverage.Line(r.NotMet, r.Good))
		}
	}
	if len(r.Works) > 0 {
		fmt.Fprintf(&out, "not claimed, but works where it was tried: %s\n", strings.Join(r.Works, ", "))
	}
	if len(r.NotTried) > 0 {
		fmt.Fprintf(&out, "not claimed, and not tried: %s\n", strings.Join(r.NotTried, ", "))
	}
	fmt.Fprintln(&out, r.Verdict)
	_, err := io.WriteString(w, out.String())
	return err
}

// shown reports whether the text shows the case.
func (c *Case) shown() bool { return c.Verdict.Failed() || c.Verdict == Undecided }

// Write writes the case as text.
func (c *Case) Write(out io.Writer) error {
	w := &strings.Builder{}
	fmt.Fprintf(w, "%s %s: %s\n", strings.ToUpper(string(c.Verdict)), c.ID, c.Why)
	if c.Reason != "" {
		fmt.Fprintf(w, "  %s\n", c.Reason)
	}
	fmt.Fprintf(w, "%s\n", c.text("  "))
	_, err := io.WriteString(out, w.String())
	return err
}

// text is what the report says of a failure, with an indent.
func (c *Case) text(indent string) string {
	w := &strings.Builder{}
	if c.Details != "" {
		fmt.Fprintf(w, "%s%s\n", indent, strings.ReplaceAll(c.Details, "\n", "\n"+indent))
	}
	for _, line := range c.Scenario {
		fmt.Fprintf(w, "%s  %s\n", indent, line)
	}
	if c.Shows != "" {
		fmt.Fprintf(w, "%s%s:\n", indent, c.Shows)
	}
	for _, line := range c.History {
		fmt.Fprintf(w, "%s  %s\n", indent, line)
	}
	for _, hazard := range c.Hazards() {
		fmt.Fprintf(w, "%shazard: %s\n", indent, hazard)
	}
	for _, command := range c.Again {
		fmt.Fprintf(w, "%sagain: %s\n", indent, command)
	}
	return w.String()
}

// table writes a row for each group.
func (r *Report) table(out *strings.Builder) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "group\tcases\tpassed\tfailed\tskipped\twhy skipped, undecided")
	for _, g := range r.Groups {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%s\n", g.Name, len(g.Cases), g.Count(Passed), g.Failed(), g.Count(Skipped), g.Reasons())
	}
	w.Flush()
	lines := strings.Split(out.String(), "\n")
	out.Reset()
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	out.WriteString(strings.Join(lines, "\n"))
}

// Reasons counts why cases were skipped or are undecided.
func (g *Group) Reasons() string {
	var order []string
	counts := map[string]int{}
	for _, c := range g.Cases {
		if c.Reason != "" {
			if counts[c.Reason]++; counts[c.Reason] == 1 {
				order = append(order, c.Reason)
			}
		}
	}
	for i, reason := range order {
		order[i] = fmt.Sprintf("%d: %s", counts[reason], reason)
	}
	return strings.Join(order, "; ")
}
