// SPDX-License-Identifier: MIT

package tlc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Job is one cfg to be checked.
type Job struct {
	Spec     string // folder of the specs, absolute
	Module   string // without .tla
	Cfg      *Cfg
	Workers  int  // 0: one for each processor
	Beside   int  // how many jobs run at a time, this one included; 0 is 1
	Coverage bool // count how often each action is taken
	Brief    bool // over within seconds: a faster start is worth more than faster code

	Dump string // write the state graph here, as dot with the actions' names; "" for not at all

	Log   io.Writer    // takes all that TLC writes
	Show  func(string) // takes what a person would want to see, as it comes
	Quiet bool         // a violation is expected: do not show its trace
}

// jvmOptions are the JVM's: TLC asks for the parallel collector, and the first
// compiler alone saves a third of a run that is over in a second. The heap may
// grow to a share of the memory that the JVM sees.
func jvmOptions(job Job, share int) []string {
	options := []string{"-XX:+UseParallelGC", fmt.Sprintf("-XX:MaxRAMPercentage=%d", share)}
	if job.Brief {
		options = append(options, "-XX:TieredStopAtLevel=1")
	}
	return options
}

// tlcArguments are TLC's own. The coverage is written at the end of a run and
// every so many minutes: only the end is wanted.
func tlcArguments(job Job, states, dump string) []string {
	workers := "auto"
	if job.Workers > 0 {
		workers = strconv.Itoa(job.Workers)
	}
	args := []string{"-tool", "-workers", workers, "-metadir", states, "-config", job.Cfg.Name}
	if job.Coverage {
		args = append(args, "-coverage", "1000")
	}
	if dump != "" {
		args = append(args, "-dump", "dot,actionlabels", dump)
	}
	return append(args, job.Module)
}

// Run checks one cfg and says what TLC found. When ctx ends it ends TLC too,
// and the Result is Incomplete, as for every run that has no whole output. The
// error is for a run that could not be started at all.
func Run(ctx context.Context, runner Runner, job Job) (Result, error) {
	if runner == nil {
		return Result{}, errors.New("no TLC to run")
	}
	cmd, release, err := runner.command(ctx, job)
	if err != nil {
		return Result{}, err
	}
	defer release()
	log := &lockedWriter{to: job.Log}
	var problems bytes.Buffer
	cmd.Stderr = io.MultiWriter(&problems, log)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return Result{}, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return Result{}, err
	}
	in := &interpreter{}
	show := newShower(job, began)
	readErr := readMessages(io.TeeReader(stdout, log), func(m message) {
		in.take(m)
		show.message(m)
	})
	if readErr != nil { // let it write on, so that it can end
		_, _ = io.Copy(log, stdout)
	}
	_ = cmd.Wait() // how it ended is read from its state
	end := ending{
		exit:        cmd.ProcessState.ExitCode(),
		signal:      signalOf(cmd.ProcessState),
		interrupted: interruption(ctx),
		read:        readErr,
		stderr:      lastLine(problems.String()),
	}
	r := in.conclude(end, job.Cfg)
	r.Took = time.Since(began)
	return r, nil
}

// interruption says why ctx has ended, if it has.
func interruption(ctx context.Context) string {
	switch ctx.Err() {
	case nil:
		return ""
	case context.DeadlineExceeded:
		return context.Cause(ctx).Error()
	}
	return "interrupted"
}

// A shower turns messages into what a person wants to see.
type shower struct {
	job       Job
	last      time.Time
	generated int64
	over      bool // the verdict was said: TLC's last count stands in the table
}

func newShower(job Job, began time.Time) *shower { return &shower{job: job, last: began} }

var progressLine = regexp.MustCompile(`: ([\d,]+) states generated.*?, ([\d,]+) distinct states found.*?, ([\d,]+) states left on queue`)

func (s *shower) message(m message) {
	isTrace := m.code == codeState || m.code == codeStuttering || m.code == codeBackToState || m.code == codeBehavior || m.code == codeCounterExample
	_, isViolation := violations[m.code]
	s.over = s.over || isViolation || m.code == codeSuccess
	switch {
	case m.code == codeProgress && s.over:
	case m.code == codeProgress:
		s.progress(m.text)
	case isTrace, isViolation:
		if !s.job.Quiet {
			s.lines(m.text)
		}
	case m.code == 0:
		if !strings.HasPrefix(m.text, "Parsing file ") && !strings.HasPrefix(m.text, "Semantic processing ") {
			s.lines(m.text)
		}
	case m.severity != 0:
		s.lines(m.text)
	}
}

// progress shows the rate since the last line. TLC's own rates are for a whole
// minute, also in its first line, which comes after three seconds.
func (s *shower) progress(text string) {
	p := progressLine.FindStringSubmatch(text)
	if p == nil {
		return
	}
	now, generated := time.Now(), number(p[1])
	rate := float64(generated-s.generated) / max(now.Sub(s.last).Seconds(), 0.001)
	s.job.Show(fmt.Sprintf("%s distinct, %s generated, %s left on the queue; %s states/s",
		Group(number(p[2])), Group(generated), Group(number(p[3])), Group(int64(rate))))
	s.last, s.generated = now, generated
}

func (s *shower) lines(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) != "" {
			s.job.Show(line)
		}
	}
}

// Group writes a number with commas between groups of three digits.
func Group(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// A lockedWriter takes both of TLC's outputs. Its errors are not TLC's.
type lockedWriter struct {
	mu sync.Mutex
	to io.Writer
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.to != nil {
		_, _ = w.to.Write(p)
	}
	return len(p), nil
}

// SpecDir gives the absolute path of the folder of specs under root.
func SpecDir(root string) (string, error) {
	dir, err := filepath.Abs(filepath.Join(root, "spec"))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(dir); err != nil {
		return "", fmt.Errorf("no folder of specs: %w", err)
	}
	return filepath.EvalSymlinks(dir)
}
