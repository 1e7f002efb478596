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
	skips := c.count(func(r row) bool { return r.verdict == skipped })
	closing := fmt.Sprintf("%d passed, %d failed", len(c.rows)-c.failed()-skips, c.failed())
	if skips > 0 {
		closing += fmt.Sprintf(", %d skipped", skips)
	}
	c.say("%s", closing)
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
