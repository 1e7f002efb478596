// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLinJudgesAllHistories(t *testing.T) {
	for folder, want := range map[string]int{"right": 0, "wrong": statusNot} {
		for _, base := range inputs(t, "../../testdata/histories/"+folder+"/*.jsonl", 25) {
			out, bad, status := result(t, "", "lin", base+".jsonl")
			if status != want || bad != "" {
				t.Errorf("%s: exit status %d\n%s%s", base, status, out, bad)
			}
		}
	}
}

func TestLinRefusesBadHistories(t *testing.T) {
	for _, base := range inputs(t, "../../testdata/bad/history-*.jsonl", 14) {
		out, bad, status := result(t, filepath.Dir(base), "lin", filepath.Base(base)+".jsonl")
		if status != statusBad || out != "" || bad != read(t, base+".err") {
			t.Errorf("%s: exit status %d\n%s%s", base, status, out, bad)
		}
	}
}

// TestLinInterrupted interrupts lin while it waits for input.
func TestLinInterrupted(t *testing.T) {
	cmd := command(t, "lin", "--json")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(in)
	for range 2000 { // more than a pipe holds: when all is written, lin is reading
		w.WriteString(`{"client":0,"call":0,"return":0,"op":"list","nets":["init_net"],"x_pad":"` + strings.Repeat("x", 200) + "\"}\n")
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		cmd.Process.Kill()
		t.Fatal("it goes on")
	}
	if cmd.ProcessState.ExitCode() != statusUndecided || !strings.Contains(out.String(), `"verdict":"undecided"`) ||
		!strings.Contains(out.String(), `"reason":"interrupted"`) {
		t.Errorf("exit status %d: %s", cmd.ProcessState.ExitCode(), out.String())
	}
}
