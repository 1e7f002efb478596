// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.com/pernet/internal/plural"
)

// keep writes what was found of a mutant. What does not compile was killed by no test.
func (c *campaign) keep(ctx context.Context, m mutant, found *catch) error {
	var old result
	if r := c.known.find(m); r != nil {
		old = *r
	}
	r := result{id: m.id(), what: m.what}
	ok, why, err := c.compiles(ctx, m)
	switch {
	case err != nil:
		return err
	case !ok:
		r.verdict, r.reason = unbuilt, why
	case found != nil:
		r.verdict, r.catch = killed, *found
	case old.verdict == equivalent:
		r.verdict, r.reason = equivalent, old.reason
	default:
		r.verdict = survived
	}
	r.digest = c.digestOf(m, r)
	c.known.put(m, r)
	if old.verdict == equivalent && r.verdict != equivalent {
		c.say("NOT EQUIVALENT after all: %s (was: %s)", r.id, old.reason)
	}
	c.say("%-10s %s  %s  %s  %.1fs", r.verdict, r.id, r.what, strings.TrimSpace(strings.TrimPrefix(r.String(), r.verdict)), time.Since(c.began).Seconds())
	c.began = time.Now()
	c.known.last = c.last()
	return c.known.write()
}

// last is the line on the last run: its day, gremlins, and what is known of each package.
func (c *campaign) last() string {
	cells := []string{time.Now().UTC().Format(time.DateOnly) + ", gremlins " + c.version}
	for _, pkg := range c.packages {
		cells = append(cells, c.totals(pkg))
	}
	return strings.Join(cells, "; ")
}

// totals counts what is known of a package.
func (c *campaign) totals(pkg string) string {
	verdicts, where, all, claimed := map[string]int{}, map[string]int{}, 0, 0
	for _, m := range c.mutants {
		if m.pkg != pkg {
			continue
		}
		all++
		r := c.known.find(m)
		if !c.stands(m, r) {
			verdicts[notRun]++
			if r != nil && r.verdict == equivalent {
				claimed++
			}
			continue
		}
		verdicts[r.verdict]++
		if r.verdict == killed {
			where[strings.ReplaceAll(r.rung+" "+r.how, " tests", "")]++
		}
	}
	var by []string
	for _, name := range slices.Sorted(maps.Keys(where)) {
		by = append(by, fmt.Sprintf("%s %d", name, where[name]))
	}
	text := fmt.Sprintf("%s %s: %d killed (%s), %d equivalent, %d survived, %d unbuilt, %d not run", pkg, plural.N(all, "mutant"),
		verdicts[killed], strings.Join(by, ", "), verdicts[equivalent], verdicts[survived], verdicts[unbuilt], verdicts[notRun])
	if claimed > 0 {
		text += fmt.Sprintf(" (of which %d are called equivalent and have not met all other tests)", claimed)
	}
	return text
}

// verdict counts, and says when all of what was asked was told.
func (c *campaign) verdict() int {
	status := 0
	for _, m := range c.selected {
		if r := c.known.find(m); c.stands(m, r) && r.verdict == survived {
			c.say("SURVIVED %s  %s", r.id, r.what)
			status = 1
		}
	}
	for _, pkg := range c.packages {
		c.say("%s", c.totals(pkg))
	}
	if c.known.last != "" { // a reason may have come since
		day, _, _ := strings.Cut(c.known.last, ", ")
		_, rest, _ := strings.Cut(c.last(), ", ")
		c.known.last = day + ", " + rest
		if err := c.known.write(); err != nil {
			c.say("%v", err)
			return 2
		}
	}
	return status
}
