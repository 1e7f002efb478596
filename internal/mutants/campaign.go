// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.com/pernet/internal/plural"
)

// A campaign is all mutants of the packages as they are, and what is known of them.
type campaign struct {
	options
	*tester
	out      io.Writer
	mutants  []mutant
	selected []mutant
	known    *results
	version  string
	own      map[string]string // package -> digest of what its own tests are made from
	whole    string
	began    time.Time
}

func newCampaign(ctx context.Context, o options, scratch string, out io.Writer) (*campaign, error) {
	c := &campaign{options: o, out: out, own: map[string]string{}}
	env := exec.CommandContext(ctx, "go", "env", "GOFLAGS")
	env.Dir = o.root
	flags, err := env.Output()
	if err != nil {
		return nil, err
	}
	if c.tester, err = newTester(ctx, o.root, scratch, strings.TrimSpace(string(flags))); err != nil {
		return nil, err
	}
	if c.version, err = gremlinsVersion(o.root); err != nil {
		return nil, err
	}
	if c.whole, err = c.wholeDigest(); err != nil {
		return nil, err
	}
	for _, pkg := range o.packages {
		if c.own[pkg], err = c.ownDigest(ctx, pkg); err != nil {
			return nil, err
		}
		made, err := c.listMutants(ctx, pkg)
		if err != nil {
			return nil, err
		}
		c.mutants = append(c.mutants, made...)
	}
	for _, m := range c.mutants {
		if o.only == nil || o.only.MatchString(m.id()) || o.only.MatchString(m.what) {
			c.selected = append(c.selected, m)
		}
	}
	if len(c.selected) == 0 {
		return nil, fmt.Errorf("no mutant to run")
	}
	c.known, err = readResults(filepath.Join(o.root, resultsFile))
	return c, err
}

func (c *campaign) say(format string, args ...any) { fmt.Fprintf(c.out, format+"\n", args...) }

func (c *campaign) list() {
	for _, m := range c.selected {
		verdict := "not run"
		if r := c.known.find(m); r != nil {
			verdict = r.String()
			if !c.stands(m, r) {
				verdict = "to run again, was: " + verdict
			}
		}
		c.say("%s\t%s\t%s", m.id(), m.what, verdict)
	}
	c.say("%s", plural.N(len(c.selected), "mutant"))
}

func (r result) String() string {
	return strings.Join(strings.Fields(strings.Join([]string{r.verdict, r.how, r.rung, r.name, r.reason}, " ")), " ")
}

// stands reports whether a line needs no new run: what its own package's tests
// killed, when they are made from the same files; all else, when the module is the same.
func (c *campaign) stands(m mutant, r *result) bool {
	return r != nil && r.verdict != notRun && r.digest == c.digestOf(m, *r)
}

func (c *campaign) digestOf(m mutant, r result) string {
	if r.verdict == unbuilt || r.verdict == killed && r.rung == own {
		return c.own[m.pkg]
	}
	return c.whole
}

// run tries each selected mutant of which no line stands, file by file.
func (c *campaign) run(ctx context.Context) error {
	for _, r := range c.known.arrange(c.packages, c.mutants) {
		c.say("gone from result.tsv: %s %s", r.id, r)
	}
	if err := c.known.write(); err != nil {
		return err
	}
	todo := map[string][]mutant{}
	var files []string
	count := 0
	for _, m := range c.selected {
		if !c.all && c.stands(m, c.known.find(m)) {
			continue
		}
		if todo[m.file] == nil {
			files = append(files, m.file)
		}
		todo[m.file] = append(todo[m.file], m)
		count++
	}
	c.say("%s, %d to run", plural.N(len(c.selected), "mutant"), count)
	var hard []mutant
	for _, file := range files {
		left, err := c.runFile(ctx, file, todo[file])
		if err != nil {
			return err
		}
		hard = append(hard, left...)
	}
	if len(hard) > 0 {
		c.say("%d left for the other tests", len(hard))
	}
	for _, m := range hard {
		c.began = time.Now()
		last := ""
		if r := c.known.find(m); r != nil {
			last = r.rung
		}
		found, err := c.try(ctx, m, c.others(m.pkg, last))
		if err == nil {
			err = c.keep(ctx, m, found)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// runFile runs the package's own tests on the mutants of a file, and gives those
// that they do not kill. It is gremlins that runs them, if all mutants of the
// file are to run: it cannot do some. The rest, and what gremlins does not kill, we try.
func (c *campaign) runFile(ctx context.Context, file string, todo []mutant) (hard []mutant, err error) {
	ours := todo
	if ofFile := func(m mutant) bool { return m.file == file }; len(todo) == count(c.mutants, ofFile) {
		if ours, err = c.byGremlins(ctx, file, todo); err != nil {
			return nil, err
		}
	}
	for _, m := range ours {
		c.began = time.Now()
		ok, _, err := c.compiles(ctx, m)
		var found *catch
		if err == nil && ok {
			found, err = c.try(ctx, m, []rung{ownRung(m.pkg)})
		}
		switch {
		case err != nil:
			return nil, err
		case ok && found == nil:
			c.say("not yet    %s  %s  %.1fs", m.id(), m.what, time.Since(c.began).Seconds())
			hard = append(hard, m)
		default:
			err = c.keep(ctx, m, found)
		}
		if err != nil {
			return nil, err
		}
	}
	return hard, nil
}

// byGremlins has gremlins run a file's mutants, and gives those that it does
// not kill, or does not speak of.
func (c *campaign) byGremlins(ctx context.Context, file string, todo []mutant) (left []mutant, err error) {
	if _, err := c.limit(ctx, ownRung(todo[0].pkg)); err != nil {
		return nil, err
	}
	c.began = time.Now()
	dead := map[place]bool{}
	err = c.unleash(ctx, todo[0].pkg, path.Base(file), func(at place, status string) error {
		i := slices.IndexFunc(todo, func(m mutant) bool { return m.place == at })
		if i < 0 {
			return fmt.Errorf("gremlins ran a mutant that it did not list: %s:%d:%d %s", file, at.line, at.col, at.kind)
		}
		if status == gremlinKilled {
			dead[at] = true
			return c.keep(ctx, todo[i], &catch{tests, own, "gremlins"})
		}
		c.say("%-10s %s  says gremlins", strings.ToLower(status), todo[i].id())
		c.began = time.Now()
		return nil
	})
	for _, m := range todo {
		if !dead[m.place] {
			left = append(left, m)
		}
	}
	return left, err
}

func count(all []mutant, which func(mutant) bool) (n int) {
	for _, m := range all {
		if which(m) {
			n++
		}
	}
	return n
}
