// SPDX-License-Identifier: MIT

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// opened opens an output, or fails the test.
func opened(t *testing.T, file string) *output {
	t.Helper()
	out, err := (&files{stdout: io.Discard}).create("--out", file)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// write writes the text as a result.
func write(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func TestOutputKeepsTheOldContentUntilTheResult(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(file, []byte(strings.Repeat("before ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	failed := opened(t, file)
	if err := failed.fill(func(w io.Writer) error { write("half")(w); return io.EOF }); err != io.EOF {
		t.Error(err)
	}
	failed.close()
	if got := read(t, file); got != strings.Repeat("before ", 100) {
		t.Errorf("work that failed left %q", got)
	}
	done := opened(t, file)
	if err := done.fill(write("after")); err != nil {
		t.Error(err)
	}
	done.close()
	if got := read(t, file); got != "after" {
		t.Errorf("the result is %q", got)
	}
}

func TestOutputWithoutAResultLeavesNoFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out")
	out := opened(t, file)
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	out.close()
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("it is left: %v", err)
	}
	for _, text := range []string{"", "a result"} { // an empty result is a result
		out := opened(t, file)
		if err := out.fill(write(text)); err != nil {
			t.Error(err)
		}
		out.close()
		if got := read(t, file); got != text {
			t.Errorf("%q, want %q", got, text)
		}
	}
}

func TestOutputMayBeADevice(t *testing.T) {
	out := opened(t, os.DevNull)
	if err := out.fill(write("a result")); err != nil {
		t.Error(err)
	}
	out.close()
	if none, err := (&files{stdout: io.Discard}).create("--out", ""); none != nil || err != nil {
		t.Errorf("%v, %v", none, err)
	}
}

// TestOutputMustNotBeAnotherFileOfTheCommand tests every pair of files, under the same path,
// another path, and a link.
func TestOutputMustNotBeAnotherFileOfTheCommand(t *testing.T) {
	wrong := read(t, "../../testdata/histories/wrong/get_after_zero.jsonl")
	dir := t.TempDir()
	for name, text := range map[string]string{
		"h": wrong, "sub/s": list, "out.dot": "", "tlc": "TLC2 Version\n", "c.cfg": read(t, "../../spec/MCnetns.cfg"),
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, link := range []error{os.Symlink("h", filepath.Join(dir, "link")), os.Link(filepath.Join(dir, "h"), filepath.Join(dir, "hard"))} {
		if link != nil {
			t.Fatal(link)
		}
	}
	for _, c := range []struct{ command, want string }{
		{"lin --shrink h h", "--shrink h and h are the same file"},
		{"lin --html ./sub/../h h", "--html ./sub/../h and h are the same file"},
		{"lin --shrink link h", "--shrink link and h are the same file"},
		{"lin --shrink hard h", "--shrink hard and h are the same file"},
		{"lin --shrink new --html ./new h", "--shrink new and --html ./new are the same file"},
		{"lin --shrink - h", "--shrink -: name a file, because standard output has the result; ./- is a file of that name"},
		{"lin --html - h", "--html -: name a file, because standard output has the result; ./- is a file of that name"},
		{"tlc-trace --html tlc tlc", "--html tlc and tlc are the same file"},
		{"tlc-trace --html c.cfg --cfg c.cfg tlc", "--html c.cfg and --cfg c.cfg are the same file"},
		{"explore --dot c.cfg --cfg c.cfg", "--dot c.cfg and --cfg c.cfg are the same file"},
		{"explore --dot out.dot --compare out.dot --cfg c.cfg", "out.dot and --dot out.dot are the same file"},
		{"explore --replay  --html c.cfg --cfg c.cfg", "--html c.cfg and --cfg c.cfg are the same file"},
		{"replay --check sub/s ./sub/s", "sub/s and ./sub/s are the same file"},
		{"lin --shrink= h", "--shrink: the file name is empty; see pernet lin --help"},
		{"lin --html= h", "--html: the file name is empty; see pernet lin --help"},
		{"tlc-trace --cfg= tlc", "--cfg: the file name is empty; see pernet tlc-trace --help"},
		{"explore --dot=", "--dot: the file name is empty; see pernet explore --help"},
		{"bug K5 --overlay=", "--overlay: the file name is empty; see pernet bug --help"},
		{"lin ", "the name of the input is empty"},
		{"replay --check= h", "the name of the input is empty"},
		{"lin sub", "sub is a directory"},
		{"replay sub", "sub is a directory"},
		{"tlc-trace sub", "sub is a directory"},
		{"bug K5 --html -", "--html -: name a file, because standard output has the result; ./- is a file of that name"},
	} {
		before := content(t, dir)
		out, bad, status := result(t, dir, strings.Split(c.command, " ")...)
		if status != statusBad || out != "" || bad != "pernet: "+c.want+"\n" {
			t.Errorf("%s: exit status %d\n%s%s", c.command, status, out, bad)
		}
		if after := content(t, dir); after != before {
			t.Errorf("%s changes the files\n%s\nto\n%s", c.command, before, after)
		}
	}
	// Standard input and standard output count as well.
	for _, args := range [][]string{{"replay", "sub/s"}, {"replay"}, {"lin", "--html", "sub/s", "h"}} {
		cmd := command(t, args...)
		cmd.Dir = dir
		file, err := os.OpenFile(filepath.Join(dir, "sub/s"), os.O_RDWR|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		var bad strings.Builder
		cmd.Stdin, cmd.Stdout, cmd.Stderr = file, file, &bad
		cmd.Run()
		file.Close()
		if cmd.ProcessState.ExitCode() != statusBad || !strings.HasSuffix(bad.String(), " and standard output are the same file\n") || read(t, filepath.Join(dir, "sub/s")) != list {
			t.Errorf("%v: exit status %d\n%s", args, cmd.ProcessState.ExitCode(), bad.String())
		}
	}
}

// content returns the names and texts of the files in a folder.
func content(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range found {
		if info, err := os.Stat(file); err == nil && !info.IsDir() {
			all.WriteString(filepath.Base(file) + ":\n" + read(t, file))
		}
	}
	return all.String()
}

// TestWriteErrorsOfStandardOutput tests the status and the message on a full disk and in a pipe that
// has no reader, also of a command that ignores the error.
func TestWriteErrorsOfStandardOutput(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	out, pipe, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out.Close()
	defer pipe.Close()
	for _, args := range []string{
		"help", "--help", "completion bash", "replay", "bug", "lin ../../testdata/histories/wrong/get_after_zero.jsonl",
		"vectors --ops 1", "vectors --check ../../testdata/vectors/smoke.jsonl", "explore --program list", "explore --replay T1",
	} {
		for to, want := range map[*os.File]struct {
			status int
			text   string
		}{full: {statusBad, "pernet: write /dev/stdout: no space left on device\n"}, pipe: {statusPipe, ""}} {
			var bad strings.Builder
			cmd := command(t, strings.Split(args, " ")...)
			cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(strings.Repeat(list, 100)), to, &bad
			cmd.Run()
			if got := cmd.ProcessState.ExitCode(); got != want.status || !strings.HasSuffix(bad.String(), want.text) || want.text == "" && strings.Contains(bad.String(), "pernet:") {
				t.Errorf("%s: exit status %d, %q; want %d, %q", args, got, bad.String(), want.status, want.text)
			}
		}
	}
}

// TestOutputKeepsItsLinkAndMode tests that a file that is replaced keeps its mode, and a link to it,
// its target.
func TestOutputKeepsItsLinkAndMode(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "out")
	if err := os.WriteFile(file, []byte("before"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("out", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	out := opened(t, filepath.Join(dir, "link"))
	if err := out.fill(write("after")); err != nil {
		t.Fatal(err)
	}
	out.close()
	info, err := os.Lstat(file)
	if err != nil || info.Mode().Perm() != 0o640 || read(t, file) != "after" {
		t.Errorf("%v, %v, %q", err, info.Mode(), read(t, file))
	}
	if to, err := os.Readlink(filepath.Join(dir, "link")); to != "out" || err != nil {
		t.Errorf("the link is %q, %v", to, err)
	}
	if err := replace(filepath.Join(dir, "none"), 0o666, nil); err == nil {
		t.Error("a file that is gone was replaced")
	}
}

// TestFileTooLargeLeavesWhatThereWas tests a result that exceeds a limit: no part of it is left, and
// no new file.
func TestFileTooLargeLeavesWhatThereWas(t *testing.T) {
	sh, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("ulimit needs bash")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	history, err := filepath.Abs("../../testdata/histories/wrong/get_after_zero.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), sh, "-c", `ulimit -f 1 && exec -a pernet "$0" lin --html page.html "$1"`, exe, history)
	cmd.Dir = dir
	out, _ := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != statusBad || !strings.HasSuffix(string(out), "pernet: write page.html: file too large\n") {
		t.Errorf("exit status %d\n%s", cmd.ProcessState.ExitCode(), out)
	}
	if left := content(t, dir); left != "" {
		t.Errorf("it leaves\n%s", left)
	}
	if err := os.WriteFile(filepath.Join(dir, "page.html"), []byte("before"), 0o666); err != nil {
		t.Fatal(err)
	}
	again := exec.CommandContext(t.Context(), cmd.Args[0], cmd.Args[1:]...)
	again.Dir = dir
	again.Run()
	if left := content(t, dir); left != "page.html:\nbefore" {
		t.Errorf("a file that was there before is now\n%s", left)
	}
}
