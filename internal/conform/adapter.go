// SPDX-License-Identifier: MIT

package conform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"example.com/pernet/internal/kill"
	"example.com/pernet/internal/wire"
)

// A Trouble says why an adapter is of no more use: its verdict is Protocol, Crashed or Hung.
type Trouble struct {
	Verdict Verdict
	What    string
	Sent    string // the line that was to be answered
	Came    string // the line that came instead, if one did
	Stderr  string // the end of the adapter's standard error
	Reset   bool   // it came at the reset before a case
}

// Error says it in a few lines.
func (t *Trouble) Error() string {
	var b strings.Builder
	b.WriteString(t.What)
	for _, part := range [][2]string{{"sent", t.Sent}, {"came", t.Came}} {
		if part[1] != "" {
			fmt.Fprintf(&b, "\n%s: %s", part[0], cut(part[1]))
		}
	}
	if t.Stderr != "" {
		fmt.Fprintf(&b, "\nthe adapter's standard error ends in:\n  %s", strings.ReplaceAll(strings.TrimSpace(t.Stderr), "\n", "\n  "))
	}
	return b.String()
}

const cutAt = 2000

// cut shortens a line that is too long to be read.
func cut(line string) string {
	if len(line) <= cutAt {
		return line
	}
	return strings.ToValidUTF8(line[:cutAt], "") + "…"
}

// An adapter is a process that answers lines.
type adapter struct {
	cmd     *exec.Cmd
	stdin   *os.File
	ours    [3]*os.File            // our ends of its standard files; the first is stdin
	lines   chan string            // of its standard output, without their newlines; closed at its end
	part    atomic.Pointer[string] // what follows the last newline; nil if nothing does
	stderr  *tail
	ended   chan struct{} // closed when the process has ended
	timeout time.Duration // for an answer
	mark    string        // in the environment of the process and of all that it starts
}

// aheadLines is how many lines may be sent before the first of their answers is read.
const aheadLines = 200

// start starts the adapter. Its standard error is kept. The end of ctx kills it.
func start(ctx context.Context, command []string, timeout time.Duration) (*adapter, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	kill.Tree(cmd)
	mark := fmt.Sprintf("PERNET_ADAPTER=%d-%d", os.Getpid(), time.Now().UnixNano())
	cmd.Env = append(os.Environ(), mark)
	var ours, theirs [3]*os.File
	for i := range ours {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		if ours[i], theirs[i] = r, w; i == 0 {
			ours[i], theirs[i] = w, r
		}
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs[0], theirs[1], theirs[2]
	err := cmd.Start()
	for _, f := range theirs {
		f.Close()
	}
	if err != nil {
		for _, f := range ours {
			f.Close()
		}
		return nil, err
	}
	a := &adapter{cmd: cmd, stdin: ours[0], ours: ours, lines: make(chan string, 2*aheadLines), stderr: &tail{}, ended: make(chan struct{}), timeout: timeout, mark: mark}
	go a.read(ours[1])
	go io.Copy(a.stderr, ours[2])
	go func() {
		cmd.Wait()
		close(a.ended)
	}()
	return a, nil
}

// read passes the lines of standard output on.
func (a *adapter) read(stdout *os.File) {
	defer close(a.lines)
	var line []byte
	buf := make([]byte, 4096)
	for {
		n, err := stdout.Read(buf)
		for rest := buf[:n]; len(rest) > 0; {
			part, after, whole := bytes.Cut(rest, []byte("\n"))
			if len(line) <= wire.MaxLine+1 { // the reader of the line refuses more
				line = append(line, part...)
			}
			if rest = after; whole {
				a.part.Store(nil)
				a.lines <- string(line)
				line = line[:0]
			}
		}
		if len(line) > 0 {
			text := string(line[:min(len(line), 2*cutAt)])
			a.part.Store(&text)
		}
		if err != nil {
			return
		}
	}
}

// half shows a last line that has no end, if there is one.
func (a *adapter) half() string {
	if part := a.part.Load(); part != nil {
		return "; its last line has no end: " + cut(*part)
	}
	return ""
}

// send writes lines.
func (a *adapter) send(lines []byte) *Trouble {
	a.stdin.SetWriteDeadline(time.Now().Add(a.timeout))
	if _, err := a.stdin.Write(lines); errors.Is(err, os.ErrDeadlineExceeded) {
		return a.trouble(Hung, fmt.Sprintf("the adapter has not read its input for %v", a.timeout))
	}
	return nil // if the adapter has ended, its answer is missing
}

// next returns the next line of the adapter. what names the one that is waited for.
func (a *adapter) next(what string, timeout time.Duration) (string, *Trouble) {
	late := time.NewTimer(timeout)
	defer late.Stop()
	ended := a.ended
	for {
		select {
		case line, ok := <-a.lines:
			if ok {
				return line, nil
			}
			return "", a.gone(what)
		case <-ended: // what it wrote may still be on its way, and a child may keep its output open
			ended = nil
			late.Reset(min(timeout, time.Second/2))
		case <-late.C:
			if ended == nil {
				return "", a.gone(what)
			}
			text := fmt.Sprintf("no answer to %s within %v", what, timeout)
			text += a.half() + ": is the adapter's output line-buffered, or flushed after each answer?"
			return "", a.trouble(Hung, text)
		}
	}
}

// gone is the trouble of an adapter whose output has ended.
func (a *adapter) gone(what string) *Trouble {
	half := ""
	select {
	case _, open := <-a.lines:
		if !open {
			half = a.half()
		}
	default:
	}
	select {
	case <-a.ended:
		return a.trouble(Crashed, fmt.Sprintf("the adapter ended (%s) without an answer to %s%s", a.cmd.ProcessState, what, half))
	case <-time.After(time.Second):
		return a.trouble(Crashed, fmt.Sprintf("the adapter closed its output without an answer to %s%s", what, half))
	}
}

func (a *adapter) trouble(v Verdict, what string) *Trouble {
	return &Trouble{Verdict: v, What: what, Stderr: a.stderr.String()}
}

// stop ends the adapter: at the end of its input it must end with status 0 and answer no more.
// Whatever it has started is killed.
func (a *adapter) stop() *Trouble {
	defer a.kill()
	a.stdin.Close()
	line, t := a.next("the end of its input", a.timeout)
	switch {
	case t == nil:
		t = a.trouble(Protocol, "the adapter wrote a line that answers nothing")
		t.Came = line
		return t
	case t.Verdict == Hung || !isClosed(a.ended):
		return a.trouble(Hung, fmt.Sprintf("the adapter has not ended %v after the end of its input", a.timeout))
	case a.cmd.ProcessState.ExitCode() != 0:
		return a.trouble(Crashed, fmt.Sprintf("at the end of its input the adapter ended with %s; it must be exit status 0", a.cmd.ProcessState))
	}
	return nil
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// kill kills the adapter and all that it has started.
func (a *adapter) kill() {
	kill.Group(a.cmd)
	<-a.ended
	kill.Marked(a.mark)
	for _, f := range a.ours { // a process that has left the group may keep the other ends open
		f.Close()
	}
	for range a.lines { // until the reader has ended
	}
}

// A tail keeps the end of what is written.
type tail struct {
	mu   sync.Mutex
	text []byte
	all  int
}

func (t *tail) Write(p []byte) (int, error) {
	const keep = 2000
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all += len(p)
	t.text = append(t.text, p...)
	if len(t.text) > 2*keep {
		t.text = append(t.text[:0], t.text[len(t.text)-keep:]...)
	}
	return len(p), nil
}

// String returns the last lines, and says how much came before them.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := strings.ToValidUTF8(string(t.text), "?")
	if t.all > len(t.text) {
		if _, whole, found := strings.Cut(text, "\n"); found && whole != "" {
			text = whole // from the first whole line on
		}
		text = fmt.Sprintf("(%d bytes before)\n%s", t.all-len(text), text)
	}
	return text
}
