// SPDX-License-Identifier: MIT

package bug

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
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
