// SPDX-License-Identifier: MIT

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
var measured = []string{"./impl", "./model", "./internal/wire", "./internal/replay", "./internal/lin"}

const profile = ".cache/check/cover.out" // below the root; always there, so that the go command can take its result from its cache

// measureCover runs the tests of the packages of the module at root, each measured
// by its own tests alone. It prints a line for each package, after a line for
// each stretch of statements that no test runs; one such statement is an error.
func measureCover(root string, packages []string, out io.Writer) error {
	file := filepath.Join(root, profile)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	args := append([]string{"test", "-timeout", testLimit, "-coverprofile", filepath.FromSlash(profile)}, packages...)
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
	return reportCover(module, packages, files, out)
}

func modulePath(root string) (string, error) {
	list := exec.Command("go", "list", "-m")
	list.Dir, list.Stderr = root, os.Stderr
	b, err := list.Output()
	return strings.TrimSpace(string(b)), err
}

// reportCover prints the lines, and returns an error if something was not run or not measured.
func reportCover(module string, packages []string, files []*cover.Profile, out io.Writer) error {
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
