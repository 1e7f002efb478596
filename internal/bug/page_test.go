// SPDX-License-Identifier: MIT

package bug

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestPageIsOfTheseFaults: docs/bugs.md was written from the list as it stands,
// with the marks of the layers that must catch each fault, and what TLC finds in each cfg.
func TestPageIsOfTheseFaults(t *testing.T) {
	page := read(t, filepath.Join(root, "docs", "bugs.md"))
	table, err := NewTable(root, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range All() {
		r := Report{Fault: f}
		for _, layer := range f.Caught {
			r.Catches = append(r.Catches, Catch{Layer: layer, By: "\x00"})
		}
		var row, section strings.Builder
		table.row(&row, r)
		table.section(&section, r)
		if !strings.Contains(page, row.String()) {
			t.Errorf("docs/bugs.md does not have the row of %s as it should be (make bugs writes it):\n%s", f.ID, row.String())
		}
		for i, part := range strings.Split(section.String(), "\x00") { // between the names of checks
			if !strings.Contains(page, part) {
				t.Errorf("docs/bugs.md does not have %s as it should be, part %d (make bugs writes it):\n%s", f.ID, i, part)
			}
		}
	}
	for _, r := range slices.Concat(Waiting, Outside) {
		if !strings.Contains(page, r.Why) {
			t.Errorf("docs/bugs.md does not have %s as it stands (make bugs writes it)", r.ID)
		}
	}
}

// TestChecksOfThePageExist: every check that the page names stands in the tests.
func TestChecksOfThePageExist(t *testing.T) {
	var tests strings.Builder
	for _, l := range Layers {
		for _, of := range l.run {
			files, err := filepath.Glob(filepath.Join(root, of.pkg, "*_test.go"))
			if err != nil || len(files) == 0 {
				t.Fatalf("%s: %d files, %v", of.pkg, len(files), err)
			}
			for _, file := range files {
				tests.WriteString(read(t, file))
			}
		}
	}
	named := regexp.MustCompile("(?m)^- [a-z]+: `(Test[A-Za-z0-9_]+)").FindAllStringSubmatch(read(t, filepath.Join(root, "docs", "bugs.md")), -1)
	if len(named) < 200 {
		t.Errorf("the page names %d checks", len(named))
	}
	for _, n := range named {
		if !strings.Contains(tests.String(), "func "+n[1]+"(") {
			t.Errorf("docs/bugs.md names %s, which is no test", n[1])
		}
	}
}
