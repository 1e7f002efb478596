// SPDX-License-Identifier: MIT

// Package campaign runs mutation testing: it has a target judge each of its
// mutants, and keeps the verdicts in a file of the project. The file is written
// after each mutant, so an interrupted campaign goes on where it was.
package campaign

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"example.com/pernet/internal/plural"
)

// A Mutant is one change of one file of a target. Its ID names it in the
// results, where it is found again by file, kind and hash: lines move.
type Mutant struct {
	File string // slashes between folders
	At   string // line, or line:column
	Kind string
	Hash string // of the change
	What string // the change, in a line
}

// ID returns the name of the mutant.
func (m Mutant) ID() string { return strings.Join([]string{m.File, m.At, m.Kind, m.Hash}, ":") }

// A Target is what is changed, and what must notice it. Try may be called by
// several goroutines.
type Target interface {
	// Mutants lists the mutants of the target as it is.
	Mutants(ctx context.Context) ([]Mutant, error)

	// Start is called once, before the first Try.
	Start(ctx context.Context, say func(line string)) error

	// Try judges a mutant: Killed, Unbuilt, or Survived, with a reason where
	// something could not be told. First comes what is quick and, if the mutant
	// survives that, the rest, with thorough set. Before is what is known of the mutant.
	Try(ctx context.Context, m Mutant, thorough bool, before Result) (Finding, error)

	// Digest returns a digest of what a verdict on the mutant rests on.
	Digest(m Mutant, f Finding) (string, error)
}

// Options say what of a campaign is run.
type Options struct {
	Results string         // the file of results
	Notes   string         // what the file says of its columns: lines of comment
	Only    *regexp.Regexp // the mutants of which ID or change match; nil: all
	List    bool           // list what is known, and run nothing
	All     bool           // run also what has a verdict that is not stale
	Again   bool           // run also what survived
	Stale   bool           // run only what has a verdict that is stale
	Jobs    int            // how many mutants at one time
}

// A State is how many verdicts a campaign has, and how many of them rest on what has changed since.
type State struct {
	Verdicts, Stale int
	NotRun          int // mutants without a verdict
}

// ReadState returns the state of the campaign on the target as it is.
func ReadState(ctx context.Context, target Target, o Options) (s State, err error) {
	c := &campaign{Options: o, target: target}
	if c.results, err = readResults(o.Results, o.Notes); err != nil {
		return s, err
	}
	if c.mutants, err = target.Mutants(ctx); err != nil {
		return s, err
	}
	gone := c.results.arrange(c.mutants) // they rest on code that is no more
	s.Verdicts, s.Stale = len(gone), len(gone)
	for _, m := range c.mutants {
		r := *c.results.find(m)
		stale, err := c.stale(m, r)
		if err != nil {
			return s, err
		}
		switch {
		case r.Verdict == NotRun:
			s.NotRun++
			continue
		case stale:
			s.Stale++
		}
		s.Verdicts++
	}
	return s, nil
}

type campaign struct {
	Options
	target   Target
	mutants  []Mutant
	selected []Mutant
	out      io.Writer

	mu      sync.Mutex
	results *results
	untold  map[string]string // by ID: the reason that the quick part gave
}

// Run runs a campaign and reports to out. It returns whether each selected
// mutant was killed, does not compile, or is called equivalent with a reason.
func Run(ctx context.Context, target Target, o Options, out io.Writer) (ok bool, err error) {
	c := &campaign{Options: o, target: target, out: out, untold: map[string]string{}}
	if c.results, err = readResults(o.Results, o.Notes); err != nil {
		return false, err
	}
	if c.mutants, err = target.Mutants(ctx); err != nil {
		return false, err
	}
	for _, m := range c.mutants {
		if o.Only == nil || o.Only.MatchString(m.ID()) || o.Only.MatchString(m.What) {
			c.selected = append(c.selected, m)
		}
	}
	if len(c.selected) == 0 {
		return false, errors.New("no mutant to run")
	}
	gone := c.results.arrange(c.mutants)
	if o.List {
		return true, c.list()
	}
	if err := c.judged(); err != nil {
		return false, err
	}
	for _, r := range gone {
		c.say("gone from %s: %s %s", filepath.Base(o.Results), r.ID, r)
	}
	if err := c.runAll(ctx); err != nil {
		return false, err
	}
	return c.report()
}

func (c *campaign) say(format string, args ...any) { fmt.Fprintf(c.out, format+"\n", args...) }

func (c *campaign) list() error {
	for _, m := range c.selected {
		r := *c.results.find(m)
		stale, err := c.stale(m, r)
		if err != nil {
			return err
		}
		known := r.String()
		if stale {
			known = "to run again, was: " + known
		}
		c.say("%s\t%s\t%s", m.ID(), m.What, known)
	}
	c.say("%s", plural.N(len(c.selected), "mutant"))
	return nil
}

// stale reports whether what a verdict rests on has changed since it was found.
func (c *campaign) stale(m Mutant, r Result) (bool, error) {
	if r.Verdict == NotRun {
		return false, nil
	}
	now, err := c.target.Digest(m, r.Finding)
	return now != r.Digest, err
}

// judged gives a mutant that somebody has called equivalent just now the digest of the present.
func (c *campaign) judged() (err error) {
	for _, m := range c.mutants {
		if r := c.results.find(m); r.Verdict == Equivalent && r.Digest == "" && err == nil {
			r.Digest, err = c.target.Digest(m, r.Finding)
		}
	}
	return err
}

// runAll tries each selected mutant that has no verdict, or a stale one: first
// the quick part of all, then the rest of those that survived it.
func (c *campaign) runAll(ctx context.Context) error {
	var todo []Mutant
	for _, m := range c.selected {
		r := *c.results.find(m)
		stale, err := c.stale(m, r)
		if err != nil {
			return err
		}
		if stale || c.All || !c.Stale && (r.Verdict == NotRun || r.Verdict == Survived && c.Again) {
			todo = append(todo, m)
		}
	}
	c.say("%s, %d to run", plural.N(len(c.selected), "mutant"), len(todo))
	if len(todo) == 0 {
		return nil
	}
	if err := c.target.Start(ctx, func(line string) { c.say("%s", line) }); err != nil {
		return err
	}
	left, err := c.pass(ctx, todo, false)
	if err != nil || len(left) == 0 {
		return err
	}
	c.say("%d left for the thorough part", len(left))
	_, err = c.pass(ctx, left, true)
	return err
}

// pass tries mutants, Jobs at one time, and returns those that survive its part.
func (c *campaign) pass(ctx context.Context, todo []Mutant, thorough bool) (left []Mutant, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan Mutant)
	var workers sync.WaitGroup
	for range c.Jobs {
		workers.Go(func() {
			for m := range queue {
				survived, err := c.try(ctx, m, thorough)
				if err != nil {
					cancel(fmt.Errorf("%s: %w", m.ID(), err))
					return
				}
				if survived {
					c.mu.Lock()
					left = append(left, m)
					c.mu.Unlock()
				}
			}
		})
	}
feed:
	for _, m := range todo {
		select {
		case queue <- m:
		case <-ctx.Done():
			break feed
		}
	}
	close(queue)
	workers.Wait()
	return left, context.Cause(ctx)
}

// try tries a mutant and keeps the verdict. One that survives the quick part has none yet.
func (c *campaign) try(ctx context.Context, m Mutant, thorough bool) (survived bool, err error) {
	c.mu.Lock()
	before := *c.results.find(m)
	c.mu.Unlock()
	began := time.Now()
	found, err := c.target.Try(ctx, m, thorough, before)
	if err != nil {
		return false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	took := time.Since(began).Seconds()
	if found.Verdict == Survived {
		if !thorough {
			c.untold[m.ID()] = found.Reason
			c.say("not yet    %s  %s  %s  %.1fs", m.ID(), m.What, found.Reason, took)
			return true, nil
		}
		found.Reason = strings.Trim(c.untold[m.ID()]+"; "+found.Reason, "; ")
		if before.Verdict == Equivalent {
			found = before.Finding
		}
	}
	r := Result{ID: m.ID(), Finding: found, What: m.What}
	if r.Digest, err = c.target.Digest(m, found); err != nil {
		return false, err
	}
	*c.results.find(m) = r
	if before.Verdict == Equivalent && found.Verdict != Equivalent {
		c.say("NOT EQUIVALENT after all: %s (was: %s)", r.ID, before.Reason)
	}
	c.say("%-10s %s  %s  %s  %.1fs", found.Verdict, r.ID, r.What, strings.TrimSpace(strings.TrimPrefix(r.String(), string(found.Verdict))), took)
	c.results.day = time.Now().UTC().Format(time.DateOnly)
	return false, c.results.write()
}

// report names the survivors, counts, and writes the results once more: a reason may have come by hand.
func (c *campaign) report() (ok bool, err error) {
	ok = true
	for _, m := range c.selected {
		if r := c.results.find(m); r.Verdict == Survived {
			c.say("SURVIVED   %s  %s  %s", r.ID, r.What, r.Reason)
			ok = false
		}
	}
	for _, line := range c.results.totals() {
		c.say("%s", line)
	}
	stale := 0
	for _, m := range c.mutants {
		old, err := c.stale(m, *c.results.find(m))
		if err != nil {
			return false, err
		}
		if old {
			stale++
		}
	}
	if stale > 0 {
		c.say("stale, for what they rest on has changed: %s", plural.N(stale, "verdict"))
	}
	return ok, c.results.write()
}
