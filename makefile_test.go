// SPDX-License-Identifier: MIT

//go:build unix

package pernet_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMakeStopsAtTheFirstFailure: a target that goes through the modules fails when the first
// of them does, whatever the others do; where Go is may be asked before.
func TestMakeStopsAtTheFirstFailure(t *testing.T) {
	if _, err := os.ReadFile("Makefile"); err != nil { // so that the go command's cache knows of it
		t.Fatal(err)
	}
	for _, target := range []string{"test", "race", "lint", "long", "bench"} {
		bin := t.TempDir()
		calls := filepath.Join(bin, "calls")
		failsOnce := "#!/bin/sh\ntest \"$1\" != env || exit 0\necho x >>" + calls + "\ntest $(wc -l <" + calls + ") -gt 1\n"
		if err := os.WriteFile(filepath.Join(bin, "go"), []byte(failsOnce), 0o755); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("make", target)
		for _, v := range os.Environ() {
			if !strings.HasPrefix(v, "MAKE") && !strings.HasPrefix(v, "MFLAGS") { // of a make that runs this test
				cmd.Env = append(cmd.Env, v)
			}
		}
		cmd.Env = append(cmd.Env, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if _, failed := err.(*exec.ExitError); !failed {
			t.Errorf("make %s: %v, and its first call of go fails:\n%s", target, err, out)
		}
		if text, _ := os.ReadFile(calls); len(text) != len("x\n") {
			t.Errorf("make %s calls go %d times, not once:\n%s", target, strings.Count(string(text), "x"), out)
		}
	}
}
