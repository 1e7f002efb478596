// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"example.com/pernet/internal/race"
)

func TestMain(m *testing.M) {
	os.Setenv("GORACE", noSleep) // for the processes that the tests start
	testscript.Main(m, map[string]func(){"pernet": main})
}

// noSleep keeps each process from taking a second to end under -race.
const noSleep = "atexit_sleep_ms=0"

// TestScripts runs the scripts in testdata: commands with their output and exit status.
func TestScripts(t *testing.T) {
	testdata, err := filepath.Abs("../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:       "testdata",
		Setup:     func(e *testscript.Env) error { e.Setenv("TESTDATA", testdata); e.Setenv("GORACE", noSleep); return nil },
		Cmds:      map[string]func(*testscript.TestScript, bool, []string){"status": status},
		Condition: condition,
	})
}

// condition reports whether a condition of the scripts holds that testscript does not know.
func condition(name string) (bool, error) {
	if name != "race" {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	return race.Enabled, nil
}

// status N command... runs the command, and fails unless it ends with status N.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// command returns a process of the program: this test binary under the name pernet.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Args = append([]string{"pernet"}, args...)
	return cmd
}

// result runs the program in dir and returns its output and exit status.
func result(t *testing.T, dir string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, bad bytes.Buffer
	cmd := command(t, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &bad
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), bad.String(), cmd.ProcessState.ExitCode()
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// inputs returns the paths that match, without .jsonl. Under the race detector, where each process of the
// program takes long to start, it returns one in eight: the goroutines of the program are the same for each
// file, and the tests of lin and replay read all of them.
func inputs(t *testing.T, pattern string, min int) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) < min {
		t.Fatalf("%s: %d files, want %d or more; %v", pattern, len(found), min, err)
	}
	for i := range found {
		found[i] = strings.TrimSuffix(found[i], ".jsonl")
	}
	if !race.Enabled {
		return found
	}
	var some []string
	for part := range slices.Chunk(found, 8) {
		some = append(some, part[0])
	}
	return some
}
