// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/pernet/internal/bug"
	"example.com/pernet/internal/kill"
)

// A step is one command in one or more folders.
type step struct {
	name    string
	folders []string // relative to the root
	command []string
	silent  bool // any output is a failure, whatever the exit status
}

// detector is the step that needs a C compiler.
const detector = "go test -race"

// The limits of one package's tests. They end a test that hangs, and no other:
// on a machine that others use, internal/explore took six minutes of what it
// does in one. make test and make race have the same.
const (
	testLimit = "20m"
	raceLimit = "40m"
)

// steps are those that need nothing but Go.
func (c *checker) steps() []step {
	all := c.modules("", "tools", "bench")
	return []step{
		{name: "gofmt", folders: []string{""}, command: []string{"gofmt", "-l", "."}, silent: true},
		{name: "go mod tidy", folders: all, command: []string{"go", "mod", "tidy", "-diff"}},
		{name: "go vet", folders: all, command: []string{"go", "vet", "./..."}},
		{name: "staticcheck", folders: all, command: []string{"go", "tool",
			"-modfile=" + filepath.Join(c.root, "tools", "go.mod"), "staticcheck", "./..."}},
		{name: "go test", folders: all, command: []string{"go", "test", "-timeout", testLimit, "./..."}},
		// Again: the go command would take a result from its cache, for the pages are in another module.
		{name: "figures of the pages", folders: c.modules("tools"), command: []string{"go", "test", "-count=1", "-run", "^TestPages", "./check"}},
		{name: "coverage", folders: []string{""}, command: []string{"go", "run", "-C", "tools", "./check", "-root", "..", "-cover"}},
	}
}

// withSpec adds to a go test of the module in folder tools a flag that changes with the specs. Its
// tests read them, and the go command looks at no file outside of the module before it takes
// a result from its cache. The linker is told to set a variable that there is not.
func (c *checker) withSpec(folder string, command []string) ([]string, error) {
	if folder != "tools" || !slices.Equal(command[:2], []string{"go", "test"}) {
		return command, nil
	}
	all := sha256.New()
	files, err := os.ReadDir(filepath.Join(c.root, "spec"))
	for _, f := range files {
		text, readErr := os.ReadFile(filepath.Join(c.root, "spec", f.Name()))
		err = errors.Join(err, readErr)
		all.Write(text)
	}
	last := len(command) - 1
	return slices.Insert(slices.Clone(command), last, fmt.Sprintf("-ldflags=-X=main.spec=%x", all.Sum(nil)[:8])), err
}

// goSteps runs what needs no TLC.
func (c *checker) goSteps() {
	for _, s := range c.steps() {
		c.step(s)
	}
	if why := bug.RaceDetectorMissing(c.ctx); why != "" && c.ctx.Err() == nil { // interrupted: step says so
		c.add(row{name: detector, verdict: skipped, why: why})
		return
	}
	// One package more at a time than there are processors: some tests wait for a time that they have set.
	more := strconv.Itoa(runtime.GOMAXPROCS(0) + 1)
	c.step(step{name: detector, folders: c.modules("", "tools"), command: []string{"go", "test", "-race", "-p", more, "-timeout", raceLimit, "./..."}})
}

// modules keeps those of the folders that hold a Go module.
func (c *checker) modules(folders ...string) []string {
	var there []string
	for _, f := range folders {
		if _, err := os.Stat(filepath.Join(c.root, f, "go.mod")); err == nil {
			there = append(there, f)
		}
	}
	return there
}

// step runs one step and adds its row. Output is shown as it comes.
func (c *checker) step(s step) {
	if c.ctx.Err() != nil {
		c.add(row{name: s.name, verdict: incomplete, why: "interrupted before it began"})
		return
	}
	c.say("== %s", strings.Join(s.command, " "))
	began := time.Now()
	r := row{name: s.name, verdict: pass}
	for _, folder := range s.folders {
		if why := c.command(s, folder); why != "" {
			r.verdict, r.why = fail, why
			break
		}
	}
	if c.ctx.Err() != nil {
		r.verdict, r.why = incomplete, "interrupted"
	}
	r.figures = seconds(time.Since(began))
	c.add(r)
}

// command gives "" or why it failed.
func (c *checker) command(s step, folder string) string {
	command, err := c.withSpec(folder, s.command)
	if err != nil {
		return err.Error()
	}
	cmd := exec.CommandContext(c.ctx, command[0], command[1:]...)
	cmd.Dir = filepath.Join(c.root, folder)
	// The road is for TLC, and a shell keeps PWD as it goes. The go command's cache would take no result
	// of another road, or with another PWD where a test asks for its folder.
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "TLC=") || strings.HasPrefix(v, "TLC_BASE=") || strings.HasPrefix(v, "PWD=")
	}), "PWD="+cmd.Dir)
	kill.Tree(cmd)
	var out bytes.Buffer
	cmd.Stdout = io.MultiWriter(c.out, &out)
	cmd.Stderr = cmd.Stdout
	where := ""
	if folder != "" {
		where = " (in " + folder + ")"
	}
	if err := cmd.Run(); err != nil {
		return fmt.Sprintf("%v%s: %s", err, where, telling(out.String()))
	}
	if s.silent && out.Len() > 0 {
		return strings.Join(strings.Fields(out.String()), " ") + where
	}
	return ""
}

// telling is the line of a failed command's output that says most: the first
// that names a failed test or package, or sums up, else the first.
func telling(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	for _, prefix := range []string{"--- FAIL", "panic:", "FAIL\t", "WARNING: DATA RACE", "cover: "} {
		for _, line := range lines {
			if strings.HasPrefix(line, prefix) {
				return line
			}
		}
	}
	return lines[0]
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
