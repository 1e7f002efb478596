// SPDX-License-Identifier: MIT

package tlcrun

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"example.com/pernet/internal/tlc"
)

// A Job is one cfg to be checked.
type Job struct {
	Spec     string // folder of the specs, absolute
	Module   string // without .tla
	Cfg      *tlc.Cfg
	Workers  int  // 0: one for each processor
	Beside   int  // how many jobs run at a time, this one included; 0 is 1
	Coverage bool // count how often each action is taken

	Expect   time.Duration // how long the run should take, by the record; 0 when unknown
	Limit    time.Duration // of one run of TLC; 0 for none
	Patience time.Duration // a run that neither writes nor computes for so long is ended and repeated; 0 for Patience

	Dump string // write the state graph here, as dot with the actions' names; "" for not at all

	Log   io.Writer    // takes all that TLC writes
	Show  func(string) // takes what a person would want to see, as it comes
	Quiet bool         // a violation is expected: do not show its trace

	made string // the folder, as TLC sees it, of a cfg that has no file in Spec
}

// tlcArguments are TLC's own. The coverage is written at the end of a run and
// every so many minutes: only the end is wanted.
func tlcArguments(job Job, states, dump string) []string {
	workers := "auto"
	if job.Workers > 0 {
		workers = strconv.Itoa(job.Workers)
	}
	args := []string{"-tool", "-workers", workers, "-metadir", states, "-config", path.Join(job.made, job.Cfg.Name)}
	if job.isBrief() { // the table of fingerprints may take a hundredth of the heap, not a quarter: it is cleared first
		args = append(args, "-fpmem", "0.01")
	}
	if job.Coverage {
		args = append(args, "-coverage", "1000")
	}
	if dump != "" {
		args = append(args, "-dump", "dot,actionlabels", dump)
	}
	return append(args, job.Module)
}

// Run checks one cfg and says what TLC found. When ctx ends, it ends TLC too,
// and the Result is Incomplete, as for every run that has no whole output. A
// run that hangs is ended and repeated; if the last one hangs too, the Result is
// Incomplete. The error is for a run that could not be started at all.
func Run(ctx context.Context, runner Runner, job Job) (Result, error) {
	if runner == nil {
		return Result{}, errors.New("no TLC to run")
	}
	if job.Patience == 0 {
		job.Patience = Patience
	}
	if job.Cfg.Made {
		var err error
		if job.made, err = writeTemp(job.Cfg); err != nil {
			return Result{}, err
		}
		defer os.RemoveAll(job.made)
	}
	log := &logWriter{to: job.Log}
	for hangs := 0; ; {
		r, ended, err := runOnce(ctx, runner, job, log)
		hang, isHang := ended.(*hangError)
		if isHang {
			hangs++
		}
		r.Hangs = hangs
		var line string
		switch {
		case err != nil || ended == nil || ctx.Err() != nil:
			return r, err
		case hangs == maxRuns:
			r.Problem = fmt.Sprintf("%v, in each of %d runs", hang, maxRuns)
			return r, nil
		case isHang:
			line = fmt.Sprintf("%v: ended, and run again (%d of %d)", hang, hangs, maxRuns-1)
		default:
			line = fmt.Sprintf("TLC %s %v: run again with one", r.Version, ended)
			job.Workers = 1
		}
		job.Show(line)
		fmt.Fprintf(log, "\n== %s\n", line)
		if job.Dump != "" {
			if err := os.Remove(job.Dump); err != nil && !errors.Is(err, os.ErrNotExist) {
				return r, err
			}
		}
	}
}

// writeTemp writes a cfg to a folder of its own, which TLC's container may read.
func writeTemp(c *tlc.Cfg) (dir string, err error) {
	if dir, err = os.MkdirTemp("", "pernet-cfg-"); err != nil {
		return "", err
	}
	return dir, errors.Join(os.Chmod(dir, 0o755), os.WriteFile(filepath.Join(dir, c.Name), []byte(c.Text()), 0o644))
}

// errWorkers ends a run that could pass in spite of a violation (docs/tlc.md).
var errWorkers = errors.New("can miss violations of temporal properties with more than one worker")

// missesTemporal reports whether that goes for a version of TLC: it was mended in 2.19.
func missesTemporal(version string) bool {
	var major, minor int
	_, err := fmt.Sscanf(version, "%d.%d", &major, &minor)
	return err != nil || major < 2 || major == 2 && minor < 19
}

// runOnce runs TLC once. ended says why the run must be repeated, if it must.
func runOnce(ctx context.Context, runner Runner, job Job, log *logWriter) (r Result, ended, err error) {
	if job.Limit > 0 {
		limited, cancel := context.WithTimeoutCause(ctx, job.Limit, fmt.Errorf("not done within %s", job.Limit))
		defer cancel()
		ctx = limited
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	p, err := runner.command(ctx, job)
	if err != nil {
		return Result{}, nil, err
	}
	defer p.release()
	var problems bytes.Buffer
	p.cmd.Stderr = io.MultiWriter(&problems, log)
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return Result{}, nil, err
	}
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return Result{}, nil, err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	var watching sync.WaitGroup
	watching.Go(func() { watchRun(running, job.Patience, log, p.use, end) })
	in := &interpreter{}
	show := &shower{job: job, last: began}
	readErr := readMessages(io.TeeReader(stdout, log), func(m message) {
		in.take(m)
		show.message(m)
		if m.code == codeTemporalCheck && job.Workers != 1 && missesTemporal(in.result.Version) {
			end(errWorkers)
		}
	})
	if readErr != nil { // let it write on, so that it can end
		_, _ = io.Copy(log, stdout)
	}
	_ = p.cmd.Wait() // how it ended is read from its state
	stop()
	watching.Wait()
	signal, _ := strings.CutPrefix(p.cmd.ProcessState.String(), "signal: ")
	how := ending{
		exit:        p.cmd.ProcessState.ExitCode(),
		signal:      signal,
		interrupted: interruption(ctx),
		read:        readErr,
		stderr:      lastLine(problems.String()),
	}
	if cause := context.Cause(ctx); isRepeated(cause) {
		ended = cause
	}
	r = in.conclude(how, job.Cfg)
	r.Took = time.Since(began)
	if runner.Road() == Java {
		r.CPU = p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
	}
	return r, ended, nil
}

// isRepeated reports whether we ended a run to repeat it.
func isRepeated(cause error) bool {
	_, isHang := cause.(*hangError)
	return isHang || cause == errWorkers
}

// interruption says why ctx has ended, if it has.
func interruption(ctx context.Context) string {
	cause := context.Cause(ctx)
	switch {
	case cause == nil:
		return ""
	case ctx.Err() == context.DeadlineExceeded || isRepeated(cause):
		return cause.Error()
	}
	return "interrupted"
}

// A logWriter takes both of TLC's outputs, and counts them. Its errors are not TLC's.
type logWriter struct {
	mu      sync.Mutex
	to      io.Writer // nil: nowhere
	written atomic.Int64
}

func (w *logWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.written.Add(int64(len(p)))
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
