// SPDX-License-Identifier: MIT

package conform

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestBrokenAdaptersGetTheirVerdicts: the verdict, the exit status and the message of each.
func TestBrokenAdaptersGetTheirVerdicts(t *testing.T) {
	const again = "an answer is missing, doubled or out of order"
	for _, c := range []struct {
		fault   string
		verdict Verdict
		status  int
		timeout time.Duration // 0: the verdict must not depend on time
		says    []string
	}{
		{"missing", Hung, 4, hangs, []string{"no answer to the line with id 10 within 3s: is the adapter's output line-buffered, or flushed after each answer?\n", `sent: {"id":10,"op":`}},
		{"doubled", Protocol, 2, 0, []string{"the answer to the line with id 11 must repeat the id: " + again, `came: {"op":`}},
		{"out of order", Protocol, 2, hangs, []string{"the answer to the line with id 10 must repeat the id: " + again}},
		{"half a line", Crashed, 4, 0, []string{"the adapter ended (exit status 0) without an answer to the line with id 10; its last line has no end: {\"op\":"}},
		{"half a line, then nothing", Hung, 4, hangs, []string{"no answer to the line with id 10 within 3s; its last line has no end: {\"op\":", ": is the adapter's output line-buffered, or flushed after each answer?"}},
		{"not JSON", Protocol, 2, 0, []string{"the line that came breaks the format: not valid JSON", "came: segmentation fault"}},
		{"unknown field", Protocol, 2, 0, []string{`the line that came breaks the format: unknown field "speed"`}},
		{"blank line", Protocol, 2, 0, []string{"the line that came breaks the format: blank line"}},
		{"long line", Protocol, 2, 0, []string{"the line that came breaks the format: line longer than 1 MiB"}},
		{"other version", Protocol, 2, 0, []string{"the adapter speaks version 2 of the protocol; this is version 1"}},
		{"refuses hello", Protocol, 2, 0, []string{"the adapter does not speak version 1 of the protocol"}},
		{"claims speed", Protocol, 2, 0, []string{`unknown feature "speed"`}},
		{"greets", Protocol, 2, 0, []string{"the line that came breaks the format: not valid JSON", "came: ready"}},
		{"exits", Crashed, 4, 0, []string{"the adapter ended (exit status 3) without an answer to the line with id 10", "standard error ends in:\n    out of luck"}},
		{"hangs", Hung, 4, hangs, []string{"no answer to the line with id 10 within 3s"}},
		{"deaf", Hung, 4, hangs, []string{"no answer to hello within 3s: is the adapter's output line-buffered, or flushed after each answer?"}},
		{"ends badly", Crashed, 4, 0, []string{"at the end of its input the adapter ended with exit status 7"}},
		{"never ends", Hung, 4, hangs, []string{"the adapter has not ended 3s after the end of its input"}},
		{"says goodbye", Protocol, 2, 0, []string{"the adapter wrote a line that answers nothing", `came: {"op":"list"}`}},
		{"resets nothing", Protocol, 2, 0, []string{"the registry is not a fresh one; the answer differs from the one that is due in"}},
		{"unsupported", Unsupported, 1, 0, []string{`read:   "ENOTSUP"`, "the answer to hello claims all that the line needs"}},
		{"wrong undo", Wrong, 1, 0, []string{"the answer differs from the one that is due in\n    calls\n", `["exit","a","n1"]`, `due:    [["init"`}},
		{"flood", Passed, 0, 0, []string{"conforms: sequential"}},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			cfg := config(t, c.fault, childVariable+"="+filepath.Join(t.TempDir(), "child"))
			if cfg.Sets = cfg.Sets[:1]; c.fault == "out of order" || c.fault == "wrong undo" {
				cfg.Sets = sets(t)[1:] // the order shows only where lines are sent ahead
			}
			if c.timeout > 0 {
				cfg.Timeout = c.timeout
			}
			r, out := conform(t, cfg)
			if r.Status != c.status {
				t.Errorf("status %d, want %d", r.Status, c.status)
			}
			if c.verdict.Failed() && !strings.Contains(out, strings.ToUpper(string(c.verdict))+" ") {
				t.Errorf("not %s", c.verdict)
			}
			contains(t, out, c.says...)
		})
	}
}

// TestNothingIsLeftBehind: a child of the adapter is killed, whether the adapter crashed or not.
func TestNothingIsLeftBehind(t *testing.T) {
	for _, fault := range []string{"leaves a child", "leaves a daemon", "never ends"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			if _, err := os.Stat("/proc/self/environ"); err != nil && fault == "leaves a daemon" {
				t.Skip("there is no /proc")
			}
			file := filepath.Join(t.TempDir(), "child")
			c := config(t, fault, childVariable+"="+file)
			c.Timeout, c.Sets = 5*time.Second, c.Sets[:1]
			conform(t, c)
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			pid, err := strconv.Atoi(string(text))
			if err != nil {
				t.Fatal(err)
			}
			for range 100 { // init may take a moment to reap it
				if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || zombie(pid) {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
			t.Errorf("process %d runs", pid)
		})
	}
}

// zombie reports whether a process has ended, but was not waited for.
func zombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && regexp.MustCompile(`\) Z `).Match(stat)
}

// TestEndOfStandardErrorIsKept, also of one long line.
func TestEndOfStandardErrorIsKept(t *testing.T) {
	for name, noise := range map[string]string{"lines": strings.Repeat("noise\n", 10_000), "one line": strings.Repeat("z", 100_000), "a newline at last": strings.Repeat("z", 100_000) + "\n"} {
		end := &tail{}
		if io.WriteString(end, noise); !strings.HasPrefix(name, "a ") {
			io.WriteString(end, "panic: out of luck")
		}
		if text := end.String(); !strings.HasPrefix(text, "(") || len(text) < 1000 || !strings.Contains(text[len(text)-30:], "zzz\n") && !strings.HasSuffix(text, "panic: out of luck") {
			t.Errorf("%s: %s", name, text)
		}
	}
}
