// SPDX-License-Identifier: MIT

package bug

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/tlc"
)

// A Table is the track record as it was measured.
type Table struct {
	Reports []Report
	Record  *tlc.Record // what TLC found
	spec    string
}

// NewTable reads the record of the checkout.
func NewTable(root string, reports []Report) (*Table, error) {
	spec := filepath.Join(root, "spec")
	rec, err := tlc.ReadRecord(filepath.Join(spec, "models.tsv"))
	return &Table{reports, rec, spec}, err
}

// Missing says what is not as it should be: a layer that must catch a fault and
// did not, a cfg that the record has no violation of, a fault that too few catch.
func (t *Table) Missing() (problems []string) {
	for _, r := range t.Reports {
		f := r.Fault
		caught := r.Caught()
		if f.isControl() {
			for _, layer := range caught {
				problems = append(problems, layer+" accuses the right code")
			}
			continue
		}
		for _, layer := range f.Caught {
			if !slices.Contains(caught, layer) && !slices.Contains(r.Skipped, layer) {
				problems = append(problems, fmt.Sprintf("%s is not caught by %s", f.ID, layer))
			}
		}
		if len(f.Edits) > 0 && len(caught)+len(r.Skipped) < 2 {
			problems = append(problems, fmt.Sprintf("%s is caught by %s of the code; two must", f.ID, plural.N(len(caught), "layer")))
		}
		for _, cfg := range f.Cfgs {
			if _, why := t.violated(cfg); why != "" {
				problems = append(problems, f.ID+": "+why)
			}
		}
	}
	return problems
}

// Skipped reports whether a layer could not be asked.
func (t *Table) Skipped() bool {
	return slices.ContainsFunc(t.Reports, func(r Report) bool { return len(r.Skipped) > 0 })
}

// violated returns what TLC found violated in a cfg, or why that cannot be said.
func (t *Table) violated(cfg string) (name, why string) {
	row := t.Record.Find("MC" + cfg + ".cfg")
	switch {
	case row == nil:
		return "", "MC" + cfg + ".cfg has no row in models.tsv"
	case row.Violated == "":
		return "", "MC" + cfg + ".cfg is not violated"
	}
	if stale := row.Stale(t.spec); stale != "" {
		return "", "MC" + cfg + ".cfg: " + stale + " (make record measures it)"
	}
	return row.Violated, ""
}

// Write writes the page: one table, then each fault.
func (t *Table) Write(w io.Writer) error {
	var b strings.Builder
	b.WriteString(introduction)
	b.WriteString("| fault | | TLC |")
	for _, l := range Layers {
		fmt.Fprintf(&b, " %s |", l.Name)
	}
	b.WriteString("\n|---|---|:-:|" + strings.Repeat(":-:|", len(Layers)) + "\n")
	faults := slices.DeleteFunc(slices.Clone(t.Reports), func(r Report) bool { return r.Fault.isControl() })
	for _, r := range faults {
		t.row(&b, r)
	}
	b.WriteString("\n" + legend)
	for _, l := range Layers {
		fmt.Fprintf(&b, "- **%s**: %s.\n", l.Name, l.What)
	}
	for _, r := range faults {
		t.section(&b, r)
	}
	rows(&b, "Waiting for the modern discipline", Waiting)
	rows(&b, "Outside", Outside)
	_, err := io.WriteString(w, b.String())
	return err
}

func (t *Table) row(b *strings.Builder, r Report) {
	f := r.Fault
	fmt.Fprintf(b, "| [%s](#%s) | %s | %s |", f.ID, strings.ToLower(f.ID), f.Title, mark(len(f.Cfgs) > 0, f.NoSpec != ""))
	caught := r.Caught()
	for _, l := range Layers {
		fmt.Fprintf(b, " %s |", mark(slices.Contains(caught, l.Name), len(f.Edits) == 0))
	}
	b.WriteString("\n")
}

// mark is a cell: caught; not to be had, for a reason; or not by this layer.
func mark(caught, none bool) string {
	switch {
	case caught:
		return "●"
	case none:
		return "–"
	}
	return ""
}

func (t *Table) section(b *strings.Builder, r Report) {
	f := r.Fault
	fmt.Fprintf(b, "\n### %s\n\n%s.\n", f.ID, upper(f.Title))
	if f.Source != "" {
		fmt.Fprintf(b, "In the kernel: %s.\n", f.Source)
	}
	if f.Differs != "" {
		fmt.Fprintf(b, "Not the same as there: %s.\n", f.Differs)
	}
	fmt.Fprintf(b, "Breaks `%s`. To see it: %s.\n\n", f.Breaks, f.Story)
	for _, cfg := range f.Cfgs {
		name, _ := t.violated(cfg)
		fmt.Fprintf(b, "- TLC: `MC%s.cfg` violates `%s`\n", cfg, name)
	}
	if f.NoSpec != "" {
		fmt.Fprintf(b, "- no cfg: %s\n", f.NoSpec)
	}
	for _, c := range r.Catches {
		if c.By != "" {
			fmt.Fprintf(b, "- %s: `%s`\n", c.Layer, c.By)
		}
	}
	if f.NoGo != "" {
		fmt.Fprintf(b, "- not in the code: %s\n", f.NoGo)
		return
	}
	fmt.Fprintf(b, "\n`pernet bug %s`\n\n```diff\n%s```\n", f.ID, f.Diff())
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func rows(b *strings.Builder, title string, rows []Row) {
	fmt.Fprintf(b, "\n## %s\n\n| | | in the kernel | why it has no switch here |\n|---|---|---|---|\n", title)
	for _, r := range rows {
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", r.ID, r.Title, r.Source, r.Why)
	}
}

const introduction = `# The track record

A check that never failed proves nothing. Each row is a fault after one that the kernel had in and around this code (K; where it
is not the same mechanism, its section says so), that can be read off the C and that a port gets wrong easily (H), that only concurrency shows (C), or our own (P; F in the specs alone), and the
checks that catch it. ` + "`make bugs`" + ` tries them all and writes this page; a fault that a layer must catch and does not fails it.

A fault is not in the code. ` + "`pernet bug K5`" + ` builds a copy with the lines below laid over it (` + "`go build -overlay`" + `), as a
row of ` + "`spec/faults.tsv`" + ` replaces one operator of a spec; it shows which named check notices, and, where the graph shows the fault, steps through the shortest
way to it in words (a short one where the fault breaks the search itself). ` + "`pernet bug K5 --overlay DIR`" + ` writes the faulty files, for ` + "`go test -overlay DIR/overlay.json ./...`" + ` by hand;
` + "`pernet bug K8 --cfg`" + ` prints the cfg that TLC is given.

`

const legend = `● caught; – there is nothing to catch it in, and the section of the fault says why; empty: not by this layer.
TLC's verdicts stand in spec/models.tsv, and make check holds TLC to them. The layers of the code:

`
