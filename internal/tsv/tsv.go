// SPDX-License-Identifier: MIT

// Package tsv keeps results in a file of the project, one line each, so that a
// long run can be interrupted at any time and people can add their reasons.
package tsv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/pernet/internal/plural"
)

// Read hands on the cells of each line of a file, where - stands for nothing,
// and each comment. The line of head is left out. No file yet is no error.
func Read(path, head string, row func(cells []string) error, comment func(line string)) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	columns := strings.Count(head, "\t") + 1
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
			comment(line)
			continue
		case line == "" || line == head:
			continue
		}
		cells := strings.Split(line, "\t")
		if len(cells) != columns {
			return fmt.Errorf("%s:%d: %s where %d are expected", path, i+1, plural.N(len(cells), "column"), columns)
		}
		for j := range cells {
			if cells[j] == "-" {
				cells[j] = ""
			}
		}
		if err := row(cells); err != nil {
			return fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
	}
	return nil
}

// Write writes the licence, top, head and the rows in one move: who stops it
// finds the old file or the new one.
func Write(path, top, head string, rows [][]string) error {
	var b strings.Builder
	b.WriteString("# SPDX-License-Identifier: MIT\n" + top + head + "\n")
	for _, cells := range rows {
		cells = slices.Clone(cells)
		for i, cell := range cells {
			if cells[i] = strings.Join(strings.Fields(cell), " "); cells[i] == "" {
				cells[i] = "-"
			}
		}
		b.WriteString(strings.Join(cells, "\t") + "\n")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temporary := path + ".new"
	if err := os.WriteFile(temporary, []byte(b.String()), 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
