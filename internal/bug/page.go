// SPDX-License-Identifier: MIT

package bug

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

//go:embed introduction.md
var introduction string

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
