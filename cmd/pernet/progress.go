// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/plural"
)

// withProgress returns in with a progress bar, if stderr is a terminal and in is a large
// file, and a function that clears the bar.
func withProgress(in io.Reader, command string, stderr io.Writer) (_ io.Reader, clear func()) {
	f, ok := in.(*os.File)
	if !ok || sizeOf(f) < 1<<20 || !isTerminal(stderr) {
		return in, func() {}
	}
	bar := newBar(sizeOf(f), command, stderr)
	return &barFile{f, bar}, func() { bar.Clear() }
}

func newBar(size int64, command string, stderr io.Writer) *progressbar.ProgressBar {
	return progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(stderr),
		progressbar.OptionSetDescription(command),
		progressbar.OptionShowBytes(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)
}

// A barFile shows how much of the file has been read, also when it is read again.
type barFile struct {
	f   *os.File
	bar *progressbar.ProgressBar
}

func (b *barFile) Read(p []byte) (int, error) {
	n, err := b.f.Read(p)
	b.bar.Add(n)
	return n, err
}

func (b *barFile) Seek(offset int64, whence int) (int64, error) {
	at, err := b.f.Seek(offset, whence)
	if err == nil {
		b.bar.Set64(at)
	}
	return at, err
}

// sizeOf returns the size of a regular file, 0 of anything else.
func sizeOf(f fs.File) int64 {
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		return info.Size()
	}
	return 0
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}

// exploreProgress shows the progress: one line that changes on a terminal, else a line
// every ten seconds.
func exploreProgress(stderr io.Writer) (show func(explore.ProgressReport), clear func()) {
	line := func(p explore.ProgressReport) string {
		return fmt.Sprintf("%s, %s, %.0f states/s, frontier %d", plural.N(p.States, "state"), plural.N(p.Edges, "edge"), float64(p.States)/p.Elapsed.Seconds(), p.Frontier)
	}
	if isTerminal(stderr) {
		return func(p explore.ProgressReport) { fmt.Fprintf(stderr, "\r\x1b[K%s", line(p)) },
			func() { fmt.Fprint(stderr, "\r\x1b[K") }
	}
	last := time.Duration(0)
	return func(p explore.ProgressReport) {
		if p.Elapsed-last >= 10*time.Second {
			last = p.Elapsed
			fmt.Fprintln(stderr, line(p))
		}
	}, func() {}
}
