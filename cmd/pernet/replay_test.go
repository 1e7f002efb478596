// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/pernet/internal/replay"
)

func TestReplayGivesTheExpectedResults(t *testing.T) {
	for _, base := range inputs(t, "../../testdata/scenarios/*.jsonl", 20) {
		out, bad, status := result(t, "", "replay", base+".jsonl")
		if out != read(t, base+".out") || bad != "" || status != 0 {
			t.Errorf("%s: status %d, %s\n%s", base, status, bad, out)
		}
	}
}

func TestReplayRejectsBadFiles(t *testing.T) {
	for _, base := range inputs(t, "../../testdata/bad/scenario-*.jsonl", 18) {
		dir, name := filepath.Split(base)
		out, bad, status := result(t, dir, "replay", name+".jsonl")
		if out != read(t, base+".out") || bad != read(t, base+".err") || status != 2 {
			t.Errorf("%s: status %d, %s\n%s", base, status, bad, out)
		}
	}
}

const list = `{"op":"list"}` + "\n"

const listed = `{"op":"list","err":"","calls":[],"freed":[],"pernet_list":[],"first_device":null,"nets":["init_net"]}` + "\n"

// talk starts a replay of standard input. It returns the ends of its pipes, and stop, which
// interrupts it.
func talk(t *testing.T) (in io.WriteCloser, out io.Reader, stop func() (status int, stderr string)) {
	t.Helper()
	return talkTo(t, "replay")
}

// talkTo is talk for any command that reads standard input.
func talkTo(t *testing.T, args ...string) (in io.WriteCloser, out io.Reader, stop func() (status int, stderr string)) {
	t.Helper()
	var bad bytes.Buffer
	cmd := command(t, args...)
	cmd.Stderr = &bad
	in, err1 := cmd.StdinPipe()
	answers, written, err2 := os.Pipe() // not StdoutPipe: Wait closes it before all is read
	cmd.Stdout = written
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	written.Close()
	t.Cleanup(func() { answers.Close() })
	return in, answers, func() (int, string) {
		t.Helper()
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		cmd.Wait()
		return cmd.ProcessState.ExitCode(), bad.String()
	}
}

func TestReplayAnswersEachLineAtOnceAndCanBeInterrupted(t *testing.T) {
	in, out, stop := talk(t)
	b := make([]byte, len(listed))
	for range 3 {
		if _, err := io.WriteString(in, list); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(out, b); err != nil || string(b) != listed {
			t.Fatalf("%s %v", b, err)
		}
	}
	if status, bad := stop(); status != 130 || bad != "pernet: interrupted\n" {
		t.Error(status, bad)
	}
}

// TestNoAdapterIsLeftBehind: whatever asks the command to end, it kills an adapter that hangs.
func TestNoAdapterIsLeftBehind(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if signal.Ignored(s) { // so it is under nohup, for the command, too
			continue
		}
		file := filepath.Join(t.TempDir(), "pid")
		cmd := command(t, "conform", "--timeout", "10m", "--", "sh", "-c", `echo $$ > "$0.new"; mv "$0.new" "$0"; exec sleep 600`, file)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var pid int
		for end := time.Now().Add(20 * time.Second); pid == 0 && time.Now().Before(end); time.Sleep(time.Millisecond) {
			text, _ := os.ReadFile(file)
			pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		}
		if err := cmd.Process.Signal(s); err != nil || pid == 0 {
			t.Fatal(pid, err)
		}
		cmd.Wait()
		if status := cmd.ProcessState.ExitCode(); status != statusInterrupted {
			t.Errorf("%v: status %d", s, status)
		}
		for end := time.Now().Add(20 * time.Second); syscall.Kill(pid, 0) == nil; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Errorf("%v: the adapter is left", s)
				syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
}

// TestCheckInterruptedWhileItWaits interrupts a comparison that waits for results.
func TestCheckInterruptedWhileItWaits(t *testing.T) {
	file := filepath.Join(t.TempDir(), "scenario")
	if err := os.WriteFile(file, []byte(list+list), 0o600); err != nil {
		t.Fatal(err)
	}
	in, _, stop := talkTo(t, "replay", "--check", "-", file)
	padded := strings.Replace(listed, `{`, `{"x_":"`+strings.Repeat("x", 1<<19)+`",`, 1) // more than a pipe holds
	if _, err := io.WriteString(in, padded); err != nil {
		t.Fatal(err)
	}
	if status, bad := stop(); status != statusInterrupted || bad != "pernet: interrupted\n" {
		t.Error(status, bad)
	}
}

// TestTLCTraceInterruptedWhileItWaits interrupts tlc-trace while it waits for more of TLC's
// output. It must write nothing.
func TestTLCTraceInterruptedWhileItWaits(t *testing.T) {
	in, out, stop := talkTo(t, "tlc-trace")
	line := []byte(strings.Repeat("x", 1023) + "\n")
	for range 1024 { // more than a pipe holds, so the command is reading when all is written
		if _, err := in.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	wrote := make(chan []byte)
	go func() { got, _ := io.ReadAll(out); wrote <- got }()
	if status, bad := stop(); status != statusInterrupted || bad != "pernet: interrupted\n" {
		t.Error(status, bad)
	}
	if got := <-wrote; len(got) > 0 {
		t.Errorf("it wrote %q", got)
	}
}

// TestReplayInterruptedWritesWholeLines interrupts a replay that is writing results.
func TestReplayInterruptedWritesWholeLines(t *testing.T) {
	in, out, stop := talk(t)
	go func() {
		for {
			if _, err := io.WriteString(in, strings.Repeat(list, 1000)); err != nil {
				return
			}
		}
	}()
	answers := make(chan []byte)
	started := make(chan bool)
	go func() {
		b := make([]byte, 10*len(listed))
		io.ReadFull(out, b)
		close(started)
		rest, _ := io.ReadAll(out)
		answers <- append(b, rest...)
	}()
	<-started
	status, bad := 0, ""
	stopped := make(chan bool)
	go func() { status, bad = stop(); close(stopped) }()
	got := string(<-answers)
	<-stopped
	if status != 130 || bad != "pernet: interrupted\n" {
		t.Error(status, bad)
	}
	if n := strings.Count(got, "\n"); got != strings.Repeat(listed, n) {
		t.Errorf("torn: %q", got[len(got)-200:])
	}
}

// TestReplayEndsWhenItsOutputIsNotRead interrupts a replay whose results are not read.
func TestReplayEndsWhenItsOutputIsNotRead(t *testing.T) {
	in, _, stop := talk(t)
	stuck := make(chan bool)
	go func() {
		for n := 0; ; n++ {
			if _, err := io.WriteString(in, strings.Repeat(list, 1000)); err != nil {
				return
			}
			if n == 30 { // both pipes are full then
				close(stuck)
			}
		}
	}()
	select {
	case <-stuck:
		t.Fatal("30,000 answers fit into a pipe")
	case <-time.After(500 * time.Millisecond):
	}
	if status, bad := stop(); status != 130 || bad != "pernet: interrupted\n" {
		t.Error(status, bad)
	}
}

func TestInterruptibleFinishesTheCurrentLine(t *testing.T) {
	in, end := io.Pipe() // nothing is ever written
	defer end.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	finished := false
	err := interruptible(ctx, in, time.Hour, func(in io.Reader) error {
		cancel(errInterrupted)
		time.Sleep(20 * time.Millisecond) // a wrong implementation returns meanwhile
		finished = true
		_, err := in.Read(make([]byte, 1))
		return err
	})
	if err != errInterrupted || !finished {
		t.Error(err, finished)
	}
}

func TestInterruptibleReturnsWhenPatienceIsOver(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	stuck := make(chan bool)
	defer close(stuck)
	err := interruptible(ctx, strings.NewReader(""), time.Millisecond, func(io.Reader) error {
		cancel(errInterrupted)
		<-stuck
		return nil
	})
	if err != errInterrupted {
		t.Error(err)
	}
}

func TestInterruptibleReturnsTheErrorOfItsWork(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	for _, interrupt := range []func(){func() {}, func() { cancel(errInterrupted) }} {
		var got []byte
		err := interruptible(ctx, strings.NewReader("abc"), time.Hour, func(in io.Reader) error {
			got, _ = io.ReadAll(in)
			interrupt()
			return io.EOF
		})
		if string(got) != "abc" || err != io.EOF {
			t.Errorf("%q %v", got, err)
		}
	}
}

func TestStatusOfAnError(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
	}{
		{fmt.Errorf("f:1: %w", &replay.Difference{Impl: "a", Model: "b"}), statusBug},
		{fmt.Errorf("x: %w", errInterrupted), statusInterrupted},
		{&exitError{status: statusFail}, statusFail},
		{io.EOF, statusBad},
	} {
		if got := statusOf(c.err); got != c.status {
			t.Errorf("%v: %d, want %d", c.err, got, c.status)
		}
	}
}

// TestProgressBarNeedsATerminal also tests that the bar does not write to stdout.
func TestProgressBarNeedsATerminal(t *testing.T) {
	big := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(big, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(big)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var stderr bytes.Buffer
	in, clear := withProgress(f, "replay", &stderr)
	clear()
	if in != io.Reader(f) || stderr.Len() != 0 {
		t.Error("a bar where no terminal is")
	}
	if sizeOf(f) != 2<<20 || sizeOf(os.Stdin) != 0 {
		t.Error(sizeOf(f))
	}
	b := newBar(2<<20, "replay", &stderr)
	if n, err := io.Copy(io.Discard, &barFile{f, b}); n != 2<<20 || err != nil {
		t.Error(n, err)
	}
	b.Clear()
	if !strings.Contains(stderr.String(), "replay") {
		t.Errorf("%q", stderr.String())
	}
}
