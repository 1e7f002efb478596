// SPDX-License-Identifier: MIT

//go:build unix

package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestMakeTestsWithTheFlagOfMakeCheck: else each would run the tests of tools again that the other has run.
func TestMakeTestsWithTheFlagOfMakeCheck(t *testing.T) {
	c := &checker{options: options{root: "../.."}}
	command, err := c.withSpec("tools", []string{"go", "test", "./..."})
	if err != nil || len(command) != 4 {
		t.Fatal(command, err)
	}
	for _, target := range []string{"test", "race", "long"} {
		cmd := exec.CommandContext(t.Context(), "make", "-n", target)
		cmd.Dir = "../.."
		if out, err := cmd.Output(); err != nil || !strings.Contains(string(out), command[2]) {
			t.Errorf("make %s lacks the flag %s: %v\n%s", target, command[2], err, out)
		}
	}
	for folder, command := range map[string][]string{"": {"go", "test", "./..."}, "bench": {"go", "test", "./..."}, "tools": {"go", "vet", "./..."}} {
		if with, err := c.withSpec(folder, command); err != nil || len(with) != len(command) {
			t.Errorf("%q in folder %q: %v, %v", command, folder, with, err)
		}
	}
	if _, err := (&checker{options: options{root: "nowhere"}}).withSpec("tools", []string{"go", "test", "./..."}); err == nil {
		t.Error("no folder spec/, and no error")
	}
}
