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
	for folder, want := range map[string]int{"right": 0, "wrong": statusFail, "rwsem-right": 0, "rwsem-wrong": statusFail} {
		discipline := "mutex"
		if strings.HasPrefix(folder, "rwsem") {
			discipline = "rwsem"
		}
		for _, base := range inputs(t, "../../testdata/histories/"+folder+"/*.jsonl", 13) {
			out, bad, status := result(t, "", "lin", "--discipline", discipline, base+".jsonl")
			if status != want || bad != "" {
				t.Errorf("%s: exit status %d\n%s%s", base, status, out, bad)
			}
		}
	}
}

// TestDisciplineIsOneOfTwo: each command refuses another word, and one that the scenario does not ask for.
func TestDisciplineIsOneOfTwo(t *testing.T) {
	const scenario = "../../testdata/scenarios/rwsem/the_last_release_frees"
	if out, bad, status := result(t, "", "replay", "--discipline", "rwsem", scenario+".jsonl"); status != 0 || bad != "" || out != read(t, scenario+".out") {
		t.Errorf("exit status %d\n%s%s", status, out, bad)
	}
	if out, bad, status := result(t, "", "replay", "--discipline", "rwsem", "--check", scenario+".out", scenario+".jsonl"); status != 0 || bad != "" {
		t.Errorf("exit status %d\n%s%s", status, out, bad)
	}
	for args, want := range map[string]string{
		"replay " + scenario + ".jsonl":       scenario + ".jsonl:1: the line asks for the discipline rwsem, this run is of the discipline mutex\n",
		"replay --discipline rcu " + scenario: "pernet: invalid argument \"rcu\" for \"--discipline\" flag: it is mutex or rwsem; see pernet replay --help\n",
		"lin --discipline rcu " + scenario:    "pernet: invalid argument \"rcu\" for \"--discipline\" flag: it is mutex or rwsem; see pernet lin --help\n",
	} {
		if _, bad, status := result(t, "", strings.Fields(args)...); status != statusBad || bad != want {
			t.Errorf("%s: exit status %d, %q", args, status, bad)
		}
	}
}

func TestLinRejectsBadHistories(t *testing.T) {
	for _, base := range inputs(t, "../../testdata/bad/history-*.jsonl", 14) {
		out, bad, status := result(t, filepath.Dir(base), "lin", filepath.Base(base)+".jsonl")
		if status != statusBad || out != "" || bad != read(t, base+".err") {
			t.Errorf("%s: exit status %d\n%s%s", base, status, out, bad)
		}
	}
}

// TestLinInterruptedIsUndecided interrupts lin while it waits for input.
func TestLinInterruptedIsUndecided(t *testing.T) {
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
	for range 2000 { // more than a pipe holds, so lin is reading when all is written
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
	if cmd.ProcessState.ExitCode() != statusIncomplete || !strings.Contains(out.String(), `"verdict":"undecided"`) ||
		!strings.Contains(out.String(), `"reason":"interrupted"`) {
		t.Errorf("exit status %d: %s", cmd.ProcessState.ExitCode(), out.String())
	}
}

// TestLinJSONNamesTheFault tests that line, operation and difference are fields.
func TestLinJSONNamesTheFault(t *testing.T) {
	out, _, status := result(t, "", "lin", "--json", "../../testdata/histories/wrong/get_after_zero.jsonl")
	if status != statusFail {
		t.Errorf("exit status %d", status)
	}
	for _, want := range []string{
		`"line":3,"operation":{"client":1,"call":20,"return":25,"op":"get","net":"n1","err":""},"difference":["err: answered \"\", the model answers \"ENOENT\""]`,
		`"state":"net n1 is listed, count 0, use 0"`, `"hazard":"K5: `, `"prefix":2`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
}

// TestLinShrinkWritesTheSmallestPart of a file and of standard input. A linearizable history
// creates no file and does not change an existing one.
func TestLinShrinkWritesTheSmallestPart(t *testing.T) {
	small := filepath.Join(t.TempDir(), "small.jsonl")
	wrong := read(t, "../../testdata/histories/wrong/cleanup_two_nets.jsonl")
	for _, args := range [][]string{{"../../testdata/histories/wrong/cleanup_two_nets.jsonl"}, {"-"}} {
		cmd := command(t, append([]string{"lin", "--shrink", small}, args...)...)
		cmd.Stdin = strings.NewReader(wrong)
		out, _ := cmd.CombinedOutput()
		const want = `{"client":-1,"call":40,"return":45,"op":"cleanup","nets":["n1","n2"],"freed":["n1","n2"]}` + "\n"
		if got := read(t, small); cmd.ProcessState.ExitCode() != statusFail || got != want {
			t.Errorf("%v: exit status %d, %s\n%s", args, cmd.ProcessState.ExitCode(), got, out)
		}
	}
	before := read(t, small)
	other := filepath.Join(t.TempDir(), "other.jsonl")
	for _, file := range []string{small, other} {
		if out, bad, status := result(t, "", "lin", "--shrink", file, "../../testdata/histories/right/no_callbacks.jsonl"); status != 0 {
			t.Errorf("exit status %d\n%s%s", status, out, bad)
		}
	}
	if read(t, small) != before {
		t.Error("a linearizable history changes the file")
	}
	if _, err := os.Stat(other); !os.IsNotExist(err) {
		t.Errorf("a linearizable history leaves a file: %v", err)
	}
}

// TestLinOpensOutputsFirst tests that an unwritable output is an error before lin reads anything.
func TestLinOpensOutputsFirst(t *testing.T) {
	for _, flag := range []string{"--shrink", "--html"} {
		out, bad, status := result(t, "", "lin", flag, filepath.Join(t.TempDir(), "no", "file"), "../../testdata/bad/history-half-a-line.jsonl")
		if status != statusBad || out != "" || !strings.Contains(bad, "no such file or directory") {
			t.Errorf("%s: exit status %d\n%s%s", flag, status, out, bad)
		}
	}
}

// asWritten is a history whose lines differ from what our writer would write.
const asWritten = `{"op":"copy", "newnet":true,"from":"init_net","net":"n1","client":0,"call":0,"return":5,"err":"","calls":[],"id":7,"x_why":"<&>"}` + "\r\n" +
	`{"x_long":"LONG","op":"register_subsys","ops":"a\u0062","init":true,"exit":true,"client":1,"call":10,"return":15,"err":"EEXIST","calls":[],"id":8}` + "\n"

// TestLinPrintsLinesUnchanged in the text, in --json and in the file of --shrink. Only the
// text cuts long lines.
func TestLinPrintsLinesUnchanged(t *testing.T) {
	for long, cut := range map[string]bool{"<short> é": false, strings.Repeat("x", 5000): true} {
		dir := t.TempDir()
		history := strings.Replace(asWritten, "LONG", long, 1)
		if err := os.WriteFile(filepath.Join(dir, "h"), []byte(history), 0o666); err != nil {
			t.Fatal(err)
		}
		first, second, _ := strings.Cut(history, "\n")
		out, _, _ := result(t, dir, "lin", "--shrink", "part", "h")
		shown := "    " + second
		if cut {
			shown = "    " + second[:1000] + "…\n"
		}
		if !strings.Contains(out, "\n"+shown) {
			t.Errorf("%s\nhas not\n%s", out, shown)
		}
		if got := read(t, filepath.Join(dir, "part")); got != second {
			t.Errorf("--shrink writes\n%s\nof\n%s", got, history)
		}
		if out, _, _ = result(t, dir, "lin", "--json", "h"); !strings.Contains(out, `"operation":`+strings.TrimSpace(second)+",") {
			t.Errorf("--json prints\n%s\nof\n%s", out, second)
		}
		// A line that ends in a carriage return keeps it.
		wrong := strings.Replace(first, `"err":""`, `"err":"EEXIST"`, 1)
		if err := os.WriteFile(filepath.Join(dir, "h"), []byte(wrong), 0o666); err != nil {
			t.Fatal(err)
		}
		result(t, dir, "lin", "--shrink", "part", "h")
		if got := read(t, filepath.Join(dir, "part")); got != wrong+"\n" {
			t.Errorf("--shrink writes %q of %q", got, wrong)
		}
	}
}
