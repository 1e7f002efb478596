// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

// What a row of the table may say.
const (
	pass       = "pass"
	record     = "record" // not run: the record holds for the files as they are
	skipped    = "skipped"
	fail       = "FAIL"
	incomplete = "incomplete"
)

type row struct {
	name    string
	verdict string
	figures string // counts, seconds, road
	why     string // of what is no pass
}

func (r row) isFailure() bool { return r.verdict == fail || r.verdict == incomplete }

// add takes a row and says it at once, in one line.
func (c *checker) add(r row) {
	c.rows = append(c.rows, r)
	c.say("-- %s: %s", r.name, strings.Join(strings.Fields(r.verdict+" "+r.figures+" "+r.why), " "))
}

func (c *checker) count(is func(row) bool) int {
	n := 0
	for _, r := range c.rows {
		if is(r) {
			n++
		}
	}
	return n
}

// failed counts what is no success: a failure, or what was not done to its end.
func (c *checker) failed() int { return c.count(row.isFailure) }

// table writes every row, the reasons of those that failed, and the closing line.
func (c *checker) table() {
	name, figures := len("check"), len("figures")
	for _, r := range c.rows {
		name, figures = max(name, utf8.RuneCountInString(r.name)), max(figures, utf8.RuneCountInString(r.figures))
	}
	line := func(cells ...any) {
		c.say("%s", strings.TrimRight(fmt.Sprintf("%-*s  %-10s  %s", append([]any{name}, cells...)...), " "))
	}
	c.say("")
	line("check", "verdict", "figures")
	c.say("%s", strings.Repeat("-", name+2+10+2+figures))
	for _, r := range c.rows {
		note := r.figures
		if r.why != "" && !r.isFailure() {
			note = strings.TrimSpace(note + "  " + r.why)
		}
		line(r.name, r.verdict, note)
		if r.isFailure() && r.why != "" {
			c.say("    %s", r.why)
		}
	}
	c.say("")
	c.say("%s", c.closing())
}

// closing counts the rows by what they say. Passed and failed are always named,
// and what rests on the record or was not done to its end is neither. That the
// record was taken unasked is said here, too.
func (c *checker) closing() string {
	var counts []string
	for _, kind := range []struct {
		verdict, word string
		always        bool
	}{
		{pass, "passed", true}, {record, "by the record", false}, {fail, "failed", true},
		{incomplete, "incomplete", false}, {skipped, "skipped", false}, {stale, "stale", false},
	} {
		n := c.count(func(r row) bool { return r.verdict == kind.verdict })
		if n > 0 || kind.always {
			counts = append(counts, fmt.Sprintf("%d %s", n, kind.word))
		}
	}
	closing := strings.Join(counts, ", ")
	if c.noTLC != "" {
		closing += "; TLC was not run: " + c.noTLC
	}
	return closing
}

// A lineWriter lets several goroutines write lines to one place.
type lineWriter struct {
	mu sync.Mutex
	to io.Writer
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}
