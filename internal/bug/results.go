// SPDX-License-Identifier: MIT

package bug

import (
	"cmp"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Result names the check of each layer that caught a fault in its last trial.
type Result struct {
	Digest string            // of the edits at that time
	By     map[string]string // by layer
}

// Results are those of docs/bugs.tsv by fault.
type Results map[string]Result

// resultsFile is the record from which the page is made.
var resultsFile = filepath.Join("docs", "bugs.tsv")

// Digest is a digest of the edits of the fault and of their context lines.
func (f Fault) Digest() string {
	sum := sha256.Sum256([]byte(f.Diff()))
	return fmt.Sprintf("%x", sum[:8])
}

func resultsHead() string {
	names := []string{"fault", "digest"}
	for _, l := range Layers {
		names = append(names, l.Name)
	}
	return strings.Join(names, "\t")
}

// ReadResults reads the results of a checkout. A missing file means no results.
func ReadResults(root string) (Results, error) {
	path := filepath.Join(root, resultsFile)
	text, err := os.ReadFile(path)
	results := Results{}
	if errors.Is(err, os.ErrNotExist) {
		return results, nil
	}
	if err != nil {
		return nil, err
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		if strings.HasPrefix(line, "#") || line == resultsHead() {
			continue
		}
		cells := strings.Split(line, "\t")
		if want := len(Layers) + 2; len(cells) != want {
			return nil, fmt.Errorf("%s:%d: %d columns where %d are expected (%s)", path, i+1, len(cells), want, strings.ReplaceAll(resultsHead(), "\t", ", "))
		}
		r := Result{Digest: cells[1], By: map[string]string{}}
		for j, by := range cells[2:] {
			if by != "-" {
				r.By[Layers[j].Name] = by
			}
		}
		results[cells[0]] = r
	}
	return results, nil
}

// Add adds the results of the reports.
func (all Results) Add(reports []Report) {
	for _, r := range reports {
		if len(r.Fault.Edits) == 0 {
			continue
		}
		by := map[string]string{}
		for _, c := range r.Catches {
			by[c.Layer] = c.By
		}
		all[r.Fault.ID] = Result{r.Fault.Digest(), by}
	}
}

// Write writes docs/bugs.tsv, in the order of the faults, without the results of deleted faults.
func (all Results) Write(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# The check of each layer that caught a fault when it was last tried (make bugs; pernet bug ID --write tries one).\n" +
		"# digest: of the edits of the fault; where it is another now, the row is stale.\n" + resultsHead() + "\n")
	for _, f := range All() {
		r, ok := all[f.ID]
		if !ok {
			continue
		}
		cells := []string{f.ID, r.Digest}
		for _, l := range Layers {
			cells = append(cells, cmp.Or(r.By[l.Name], "-"))
		}
		b.WriteString(strings.Join(cells, "\t") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Result) layers() string {
	var names []string
	for _, l := range Layers {
		if r.By[l.Name] != "" {
			names = append(names, l.Name)
		}
	}
	return cmp.Or(strings.Join(names, ", "), "none")
}

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
