// SPDX-License-Identifier: MIT

// Command points measures what two things cost that nobody asks for: the yield points where
// no tool watches, and the recording of which callback runs, for Registry.Running. It
// builds impl a second time with one of them taken out, and lets calls of the two
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

// A cut is a text of impl that is taken out: it stands once in its file.
type cut struct{ file, old, new string }

// parts are what is taken out in turn.
var parts = []struct {
	name string
	cuts []cut
}{
	{"its yield points", []cut{
		{"point.go", "return r.hooks.Point != nil", "return false"},
	}},
	{"the record of the callback that runs", []cut{
		{"running.go", "\tw.op, w.kind, w.ops, w.net, w.place = op, k, o, n, -1\n", ""},
		{"running.go", "\tif !w.ticks.Load() {\n\t\tw.startTicks()\n\t}\n", ""},
		{"running.go", "\tw.place = place\n", ""},
		{"running.go", "\tw.op, w.ops, w.net = nil, nil, nil\n\tw.walks++\n", ""},
	}},
}

func main() {
	for _, p := range parts {
		if err := run(p.name, p.cuts); err != nil {
			fmt.Fprintln(os.Stderr, "points:", err)
			os.Exit(1)
		}
	}
}

// run measures impl beside impl without what cuts take out.
func run(part string, cuts []cut) error {
	dir, err := os.MkdirTemp("", "pernet-points-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	overlay, err := bare("../impl", dir, cuts)
	if err != nil {
		return err
	}
	cmd := exec.Command("go", "run", "-tags", "bare", "-overlay", overlay, "./points/turns", part)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// bare writes impl without what cuts take out into dir, and the overlay that makes a
// package of it, bench/points/bare.
func bare(impl, dir string, cuts []cut) (overlay string, err error) {
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
