// SPDX-License-Identifier: MIT

package bug

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/tlc"
)

// A Table is the measured track record.
type Table struct {
	record  *tlc.Record // TLC's results
	results map[string]Result
	spec    string
}

// NewTable reads the two records of the checkout: that of TLC and that of the code.
func NewTable(root string) (*Table, error) {
	spec := filepath.Join(root, "spec")
	rec, err := tlc.ReadRecord(filepath.Join(spec, "models.tsv"))
	if err != nil {
		return nil, err
	}
	results, err := readResults(root)
	return &Table{rec, results, spec}, err
}

// Missing returns the problems in the reports: a layer that must catch a fault and did not, a
// layer that rejects the unmodified code, a cfg without a recorded violation, a fault that
// fewer than two layers catch.
func (t *Table) Missing(reports []Report) (problems []string) {
	for _, r := range reports {
		f := r.Fault
		caught := r.Caught()
		if f.isControl() {
			for _, layer := range caught {
				problems = append(problems, layer+" rejects the unmodified code")
			}
			continue
		}
		for _, layer := range f.Caught {
			if !slices.Contains(caught, layer) && !slices.Contains(r.Skipped, layer) {
				problems = append(problems, fmt.Sprintf("%s is not caught by %s", f.ID, layer))
			}
		}
		if len(f.Edits) > 0 && len(caught)+len(r.Skipped) < 2 {
			problems = append(problems, fmt.Sprintf("%s is caught by %s of the code; at least two are required", f.ID, plural.N(len(caught), "layer")))
		}
		for _, cfg := range f.Cfgs {
			if why := t.notViolated(cfg); why != "" {
				problems = append(problems, f.ID+": "+why)
			}
		}
	}
	return problems
}

// notViolated returns why the record does not show a violation of the cfg, or "".
func (t *Table) notViolated(cfg string) string {
	row := t.record.Find("MC" + cfg + ".cfg")
	switch {
	case row == nil:
		return "MC" + cfg + ".cfg has no row in models.tsv"
	case row.Violated == "":
		return "MC" + cfg + ".cfg is not violated"
	}
	if stale := row.Stale(t.spec); stale != "" {
		return "MC" + cfg + ".cfg: " + stale + " (make record measures it)"
	}
	return ""
}

// Add adds the results of the reports.
func (t *Table) Add(reports []Report) {
	for _, r := range reports {
		if len(r.Fault.Edits) == 0 {
			continue
		}
		by := map[string]string{}
		for _, c := range r.Catches {
			by[c.Layer] = c.By
		}
		t.results[r.Fault.ID] = Result{r.Fault.Digest(), by}
	}
}

// WriteResults writes docs/bugs.tsv.
func (t *Table) WriteResults(w io.Writer) error { return writeResults(w, t.results) }

// WritePage writes docs/bugs.md: a table for each group of faults, and a list of the faults
// that are only described.
func (t *Table) WritePage(w io.Writer) error {
	var b strings.Builder
	b.WriteString(introduction)
	for _, l := range Layers {
		b.WriteString(wrap(fmt.Sprintf("- **%s**: %s.", l.Name, l.What)))
	}
	for faults := table(); len(faults) > 0; {
		n := 1
		for n < len(faults) && faults[n].Group == faults[0].Group {
			n++
		}
		t.group(&b, faults[:n])
		faults = faults[n:]
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// wrap breaks an item of a list into lines of at most 100 columns.
func wrap(item string) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(item) {
		switch width := utf8.RuneCountInString(word); {
		case i == 0:
			column = width
		case column+1+width > 100:
			b.WriteString("\n  ")
			column = 2 + width
		default:
			b.WriteByte(' ')
			column += 1 + width
		}
		b.WriteString(word)
	}
	return b.String() + "\n"
}

func (t *Table) group(b *strings.Builder, faults []Fault) {
	fmt.Fprintf(b, "\n## %s\n\n", faults[0].Group)
	if faults[0].Outside != "" {
		for _, f := range faults {
			source := ""
			if f.Source != "" {
				source = " Source: " + f.Source + "."
			}
			b.WriteString(wrap(fmt.Sprintf("- **%s**: %s.%s %s.", f.ID, f.Title, source, upper(f.Outside))))
		}
		return
	}
	sources := slices.ContainsFunc(faults, func(f Fault) bool { return f.Source != "" })
	row := func(id, title, source, caught string) {
		if sources {
			title += " | " + source
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", id, title, caught)
	}
	row("fault", "what goes wrong", "in the kernel", "caught by")
	row("---", "---", "---", "---")
	for _, f := range faults {
		var by []string
		if len(f.Cfgs) > 0 {
			by = append(by, "TLC")
		}
		if len(f.Edits) > 0 {
			by = append(by, t.results[f.ID].layers())
		}
		row(f.ID, f.Title, f.Source, strings.Join(by, ", "))
	}
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

const introduction = `# The track record

A check that never failed proves nothing. Each row is a fault: one that the kernel had in and around
this code (K), one that a port of the C easily introduces (H), one that only concurrency shows (C), or
one of our own (P, and F in the specs alone). The last column lists the layers of checks that catch
it. ` + "`make bugs`" + ` tries every fault and writes this page. It fails if a layer that must catch a fault
does not.

The faults are not in the code. ` + "`pernet bug K5`" + ` builds a copy with the lines of the fault laid over it
(` + "`go build -overlay`" + `), much as a row of ` + "`spec/faults.tsv`" + ` replaces one operator of a spec. It prints
those lines, the claim that breaks, how the fault differs from the kernel's, and the check of each
layer that catches it. If the graph shows the fault, the command describes the shortest way to it step
by step (a short one where the fault breaks the search itself).
` + "`pernet bug K5 --overlay DIR`" + ` writes the faulty files, for ` + "`go test -overlay DIR/overlay.json ./...`" + `
by hand; ` + "`pernet bug K8 --cfg`" + ` prints the cfg that TLC is given.

The faults are in internal/bug/faults.txt. [bugs.tsv](bugs.tsv) names the check of each layer that
caught them. TLC's verdicts are in spec/models.tsv, and ` + "`make check`" + ` compares TLC with them. The
layers of the code:

`
