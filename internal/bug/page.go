// SPDX-License-Identifier: MIT

package bug

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// WritePage writes docs/bugs.md: a table for each group of faults, and a list of the faults
// that are only described.
func (all Results) WritePage(w io.Writer) error {
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
		all.group(&b, faults[:n])
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

func (all Results) group(b *strings.Builder, faults []Fault) {
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
			by = append(by, all[f.ID].layers())
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
