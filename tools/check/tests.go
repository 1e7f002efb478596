// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// testsFile lists the tests of all modules: what has gone is noticed here and nowhere else.
const testsFile = "tools/check/tests.tsv"

const testsRow = "every test is there"

const testsHead = `# SPDX-License-Identifier: MIT
# The files of tests, how many tests, fuzz targets, examples and benchmarks each has, and its build constraint.
# make check fails when a file says otherwise. Where that is meant, make list-tests writes this list anew.
`

// listTests returns a line for each test file below root, without its name, by name.
func listTests(root string) (map[string]string, error) {
	lines := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		switch {
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != ".":
			return fs.SkipDir
		case d.IsDir():
		case strings.HasSuffix(name, ".txtar"):
			lines[name] = "1\t-"
		case strings.HasSuffix(name, "_test.go"):
			lines[name], err = countTests(path)
		}
		return err
	})
	return lines, err
}

var testName = regexp.MustCompile(`^(Test|Fuzz|Example|Benchmark)($|[^a-z])`)

// countTests returns how many tests the file has, and its build constraint.
func countTests(path string) (string, error) {
	tree, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	n, built := 0, "-"
	for _, d := range tree.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && testName.MatchString(f.Name.Name) && f.Name.Name != "TestMain" {
			n++
		}
	}
	for _, group := range tree.Comments {
		for _, c := range group.List {
			if c.Pos() < tree.Package && constraint.IsGoBuild(c.Text) {
				built = strings.TrimPrefix(c.Text, "//go:build ")
			}
		}
	}
	return fmt.Sprintf("%d\t%s", n, built), nil
}

// writeTests writes the list of the tests below root.
func writeTests(root string) error {
	lines, err := listTests(root)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(testsHead + "file\ttests\tbuild\n")
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		b.WriteString(name + "\t" + lines[name] + "\n")
	}
	return os.WriteFile(filepath.Join(root, testsFile), []byte(b.String()), 0o644)
}

// testsThere adds the row that holds the tests below the root to the list.
func (c *checker) testsThere() {
	text, err := os.ReadFile(filepath.Join(c.root, testsFile))
	if err != nil {
		c.add(row{name: testsRow, verdict: fail, why: err.Error()})
		return
	}
	lines, err := listTests(c.root)
	if err != nil {
		c.add(row{name: testsRow, verdict: fail, why: err.Error()})
		return
	}
	var problems []string
	for line := range strings.Lines(string(text)) {
		file, want, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok || file == "file" || strings.HasPrefix(line, "#") {
			continue
		}
		switch now, there := lines[file]; {
		case !there:
			problems = append(problems, file+" is gone")
		case now != want:
			problems = append(problems, fmt.Sprintf("%s: tests and build constraint are %q, the list has %q", file, now, want))
		}
		delete(lines, file)
	}
	for _, file := range slices.Sorted(maps.Keys(lines)) {
		problems = append(problems, file+" is not in the list")
	}
	if len(problems) > 0 {
		problems[len(problems)-1] += " (where that is meant: make list-tests)"
	}
	c.verdictOf(testsRow, problems, "")
}
