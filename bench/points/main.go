// SPDX-License-Identifier: MIT

// Command points measures what the yield points cost where no tool watches: it
// builds impl a second time with the points taken out, and lets calls of the two
// take turns in one process. It prints the median of the ratios.
//
//	go run ./points
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// cuts are what is taken out of impl: each stands once in its file.
var cuts = []struct{ file, old, new string }{
	{"point.go", "return r.door.Point != nil", "return false"},
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "points:", err)
		os.Exit(1)
	}
}

func run() error {
	dir, err := os.MkdirTemp("", "pernet-points-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	overlay, err := bare("../impl", dir)
	if err != nil {
		return err
	}
	cmd := exec.Command("go", "run", "-tags", "bare", "-overlay", overlay, "./points/turns")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// bare writes impl without its points into dir, and the overlay that makes a
// package of it, bench/points/bare.
func bare(impl, dir string) (overlay string, err error) {
	files, err := filepath.Glob(filepath.Join(impl, "*.go"))
	if err != nil {
		return "", err
	}
	folder, err := filepath.Abs("points/bare")
	if err != nil {
		return "", err
	}
	replace, left := map[string]string{}, len(cuts)
	for _, f := range files {
		name := filepath.Base(f)
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			return "", err
		}
		s := string(text)
		for _, c := range cuts {
			if c.file == name && strings.Count(s, c.old) == 1 {
				s = strings.Replace(s, c.old, c.new, 1)
				left--
			}
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(s), 0o666); err != nil {
			return "", err
		}
		replace[filepath.Join(folder, name)] = path
	}
	if left != 0 {
		return "", fmt.Errorf("%d of the texts that are to be taken out of %s no longer stand there", left, impl)
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o666)
}
