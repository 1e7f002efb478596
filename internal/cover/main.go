// SPDX-License-Identifier: MIT

// Command cover is `make cover`: it runs the tests of the packages that the
// project stands on, each measured by its own tests alone, and lists the
// statements that no test runs. Nothing is left out: one such statement fails
// it, and who adds one writes a test or takes the statement away.
//
//	go run ./internal/cover
//
// Exit status: 0 if every statement is run, 1 if not or if a test fails, 2 for
// a call with arguments.
package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/tools/cover"
)

// measured are the packages of which every statement is run: the registry, its
// contract, and what reads and writes the formats.
var measured = []string{"./impl", "./model", "./internal/jsonl", "./internal/scenario", "./internal/history"}

const profile = ".cache/cover.out" // below the root; always there, so that the go command can take its result from its cache

func main() {
	if len(os.Args) > 1 {
		fmt.Fprintf(os.Stderr, "cover: %q: it takes no arguments\n", os.Args[1])
		os.Exit(2)
	}
	if err := run(".", measured, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "cover:", err)
		os.Exit(1)
	}
}

// run measures the packages of the module at root and prints a line for each,
// after a line for each stretch that no test runs.
func run(root string, packages []string, out io.Writer) error {
	file := filepath.Join(root, profile)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	args := append([]string{"test", "-timeout", "5m", "-coverprofile", filepath.FromSlash(profile)}, packages...)
	tests := exec.Command("go", args...)
	tests.Dir, tests.Stdout, tests.Stderr = root, out, out
	if err := tests.Run(); err != nil {
		return fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	module, err := modulePath(root)
	if err != nil {
		return err
	}
	files, err := cover.ParseProfiles(file)
	if err != nil {
		return err
	}
	return report(module, packages, files, out)
}

func modulePath(root string) (string, error) {
	list := exec.Command("go", "list", "-m")
	list.Dir, list.Stderr = root, os.Stderr
	b, err := list.Output()
	return strings.TrimSpace(string(b)), err
}

// report prints the lines, and returns an error if something was not run or not measured.
func report(module string, packages []string, files []*cover.Profile, out io.Writer) error {
	type count struct{ run, all int }
	counts := map[string]*count{}
	for _, p := range packages {
		counts[path.Join(module, p)] = &count{}
	}
	missed := 0
	for _, f := range files {
		n := counts[path.Dir(f.FileName)]
		for _, b := range f.Blocks {
			n.all += b.NumStmt
			if b.Count > 0 {
				n.run += b.NumStmt
			} else if b.NumStmt > 0 {
				missed += b.NumStmt
				fmt.Fprintf(out, "%s:%d: run by no test of its package (statements: %d)\n", strings.TrimPrefix(f.FileName, module+"/"), b.StartLine, b.NumStmt)
			}
		}
	}
	var empty []string
	for _, p := range packages {
		n := counts[path.Join(module, p)]
		fmt.Fprintf(out, "%-20s %4d of %4d statements\n", path.Clean(p), n.run, n.all)
		if n.all == 0 {
			empty = append(empty, path.Clean(p))
		}
	}
	switch {
	case len(empty) > 0:
		return fmt.Errorf("nothing was measured of %s", strings.Join(empty, ", "))
	case missed > 0:
		return fmt.Errorf("statements that no test runs: %d", missed)
	}
	return nil
}
