// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/tlc"
)

// run tries each selected mutant of which no line stands, jobs at a time.
func (c *campaign) run(ctx context.Context) error {
	for _, r := range c.known.arrange(c.mutants) {
		c.say("gone from mutants.tsv: %s %s %s", r.id, r.verdict, r.reason)
	}
	var todo []mutant
	for _, m := range c.selected {
		r := c.known.find(m)
		if c.all || !c.stands(m, r) || c.long && r.verdict == survived {
			todo = append(todo, m)
		}
	}
	c.say("%s, %d to run", plural.N(len(c.selected), "mutant"), len(todo))
	if len(todo) == 0 {
		return nil
	}
	t, err := c.tester(ctx)
	if err != nil {
		return err
	}
	hard, err := c.pass(ctx, todo, func(ctx context.Context, m mutant) (bool, error) { return c.one(ctx, t, m, false) })
	if err != nil || len(hard) == 0 {
		return err
	}
	c.say("%d left for the large instances", len(hard))
	_, err = c.pass(ctx, hard, func(ctx context.Context, m mutant) (bool, error) { return c.one(ctx, t, m, true) })
	return err
}

// pass does one thing with each mutant, jobs at a time, and gives those of
// which nothing was told.
func (c *campaign) pass(ctx context.Context, todo []mutant, try func(context.Context, mutant) (bool, error)) (left []mutant, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan mutant)
	var workers sync.WaitGroup
	for range c.jobs {
		workers.Go(func() {
			for m := range queue {
				told, err := try(ctx, m)
				if err != nil {
					cancel(err)
					return
				}
				if !told {
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

func (c *campaign) tester(ctx context.Context) (*tester, error) {
	cache, err := tlc.CacheDir()
	if err != nil {
		return nil, err
	}
	say := func(line string) { c.say("%s", line) }
	runner, err := tlc.Find(ctx, tlc.Options{
		Want: c.road, Spec: c.dir, BaseTag: os.Getenv("TLC_BASE"), JavaHome: os.Getenv("JAVA_HOME"), Say: say,
		Jars: tlc.NewJars(os.Getenv("TLC_JAR"), cache, say),
	})
	if err == nil && runner == nil {
		err = errors.New("mutants are to be run, and there is no TLC")
	}
	return &tester{plan: c.plan, runner: runner, bound: c.bound, jobs: c.jobs, long: c.long, base: map[string]*baseline{}}, err
}

// one tries a mutant and keeps what was found; what the small instances do not
// catch is told only after the large ones.
func (c *campaign) one(ctx context.Context, t *tester, m mutant, large bool) (told bool, err error) {
	c.mu.Lock()
	var old result
	if r := c.known.find(m); r != nil {
		old = *r
	}
	c.mu.Unlock()
	began := time.Now()
	found, untold, err := t.try(ctx, m, old.cfg, large)
	if err != nil {
		return false, fmt.Errorf("%s: %w", m.id(specFile), err)
	}
	r := result{id: m.id(specFile), what: m.what()}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case found != nil:
		r.verdict, r.catch = caught, *found
	case !large && slices.ContainsFunc(t.rungs(m, false), rung.isLarge):
		c.say("not yet    %s  %s  %s", r.id, r.what, strings.Join(untold, "; "))
		c.untold[r.id] = untold
		return false, nil
	case old.verdict == equivalent:
		r.verdict, r.reason = equivalent, old.reason
	default:
		r.verdict, r.reason = survived, strings.Join(append(c.untold[r.id], untold...), "; ")
	}
	if r.digest, err = c.digest(m, r.cfg); err != nil {
		return false, err
	}
	c.known.put(m, r)
	if found != nil && old.verdict == equivalent {
		c.say("NOT EQUIVALENT after all: %s (was: %s)", r.id, old.reason)
	}
	t.mu.Lock()
	c.version = t.version
	t.mu.Unlock()
	c.say("%-10s %s  %s  %s  %.1fs", r.verdict, r.id, r.what, strings.TrimSpace(strings.Join([]string{r.how, r.cfg, r.name, r.reason}, " ")), time.Since(began).Seconds())
	return true, c.known.write()
}

// verdict counts, and says when all of it was told.
func (c *campaign) verdict() int {
	c.known.arrange(c.mutants)
	counts, hows := map[string]int{}, map[string]int{}
	status := 0
	for _, m := range c.mutants {
		r := c.known.find(m)
		asked := slices.ContainsFunc(c.selected, func(o mutant) bool { return o.id(specFile) == m.id(specFile) })
		if !c.stands(m, r) {
			counts["not run"]++
			continue
		}
		counts[r.verdict]++
		if r.verdict == caught {
			hows[r.how]++
		}
		if r.verdict == survived && asked {
			c.say("SURVIVED %s  %s  %s", r.id, r.what, r.reason)
			status = 1
		}
	}
	var by []string
	for _, how := range slices.Sorted(maps.Keys(hows)) {
		by = append(by, fmt.Sprintf("%s %d", how, hows[how]))
	}
	total := fmt.Sprintf("%s: %d caught (%s), %d equivalent, %d survived", plural.N(len(c.mutants), "mutant"), counts[caught],
		strings.Join(by, ", "), counts[equivalent], counts[survived])
	if n := counts["not run"]; n > 0 {
		c.say("%s, %d not run", total, n)
		return status
	}
	c.say("%s", total)
	if err := c.full(total); err != nil {
		c.say("%v", err)
		return 2
	}
	return status
}

// full writes the line on the last full run. Its day and TLC stay when nothing
// was run, or only some.
func (c *campaign) full(total string) error {
	when := time.Now().UTC().Format(time.DateOnly) + ", TLC " + c.version
	if cells := strings.SplitN(c.known.full, ", ", 3); (c.version == "" || c.only != nil) && len(cells) == 3 {
		when = cells[0] + ", " + cells[1]
	}
	c.known.full = when + ", " + total
	return c.known.write()
}
