// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/pernet/internal/tlc"
)

// tableVersion is the version of gremlins that the table of changes is of.
const tableVersion = "v0.6.0"

var gremlinsCommand = []string{"go", "tool", "-modfile=tools/go.mod", "gremlins"}

// gremlinsFlags: every kind of mutant, one at a time. The limit is three times
// what the tests took with their coverage; what passes it is tried again.
var gremlinsFlags = []string{
	"--invert-logical", "--invert-loopctrl", "--invert-assignments", "--invert-bitwise", "--invert-bwassign",
	"--remove-self-assignments", "--workers", "1", "--timeout-coefficient", "3",
}

// gremlinKilled is what gremlins says of a mutant that the package's own tests fail on.
const gremlinKilled = "KILLED"

// gremlinsOn gives the command that runs gremlins on a package. -count=1: else
// the limit may be taken from a run that Go remembered.
func (c *campaign) gremlinsOn(ctx context.Context, pkg string, more ...string) *exec.Cmd {
	args := append(slices.Concat(c.gremlins[1:], []string{"unleash", "./" + pkg}, gremlinsFlags), more...)
	cmd := exec.CommandContext(ctx, c.gremlins[0], args...)
	tlc.KillTree(cmd)
	cmd.Dir = c.root
	cmd.Env = append(os.Environ(), "TMPDIR="+c.scratch, "GOFLAGS="+strings.TrimSpace(c.goflags+" -count=1"))
	return cmd
}

// A listedFile is what the report of gremlins says of one file.
type listedFile struct {
	Name      string `json:"file_name"`
	Mutations []struct {
		Type         string
		Line, Column int
	}
}

// listMutants asks gremlins where it would change what.
func (c *campaign) listMutants(ctx context.Context, pkg string) ([]mutant, error) {
	report := filepath.Join(c.scratch, "gremlins.json")
	out, err := c.gremlinsOn(ctx, pkg, "--dry-run", "--output", report).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("gremlins on %s: %w\n%s", pkg, err, out)
	}
	text, err := os.ReadFile(report)
	if err != nil {
		return nil, fmt.Errorf("gremlins on %s: %w\n%s", pkg, err, out)
	}
	var listed struct{ Files []listedFile }
	if err := json.Unmarshal(text, &listed); err != nil {
		return nil, err
	}
	slices.SortFunc(listed.Files, func(a, b listedFile) int { return strings.Compare(a.Name, b.Name) })
	var all []mutant
	for _, f := range listed.Files {
		src, err := os.ReadFile(filepath.Join(c.root, pkg, f.Name))
		if err != nil {
			return nil, err
		}
		var places []place
		for _, m := range f.Mutations {
			places = append(places, place{m.Line, m.Column, m.Type})
		}
		made, err := mutants(pkg, pkg+"/"+filepath.ToSlash(f.Name), src, places)
		if err != nil {
			return nil, err
		}
		all = append(all, made...)
	}
	return all, nil
}

// told is a line of what gremlins prints as it goes.
var told = regexp.MustCompile(`^ *(KILLED|LIVED|NOT COVERED|TIMED OUT|NOT VIABLE|RUNNABLE|SKIPPED) ([A-Z_]+) at (.+):(\d+):(\d+)$`)

// unleash has gremlins run the package's own tests on all mutants of one file,
// and hands on what it says of each as soon as it says so.
func (c *campaign) unleash(ctx context.Context, pkg, file string, hear func(place, string) error) error {
	var others []string
	entries, err := os.ReadDir(filepath.Join(c.root, pkg))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			others = append(others, "--exclude-files", "^"+regexp.QuoteMeta(e.Name())+"/")
		} else if strings.HasSuffix(e.Name(), ".go") && e.Name() != file {
			others = append(others, "--exclude-files", "^"+regexp.QuoteMeta(e.Name())+"$")
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	cmd := c.gremlinsOn(ctx, pkg, others...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	pipe, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return err
	}
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		words := told.FindStringSubmatch(lines.Text())
		if words == nil || words[3] != file {
			continue
		}
		line, _ := strconv.Atoi(words[4])
		col, _ := strconv.Atoi(words[5])
		if err := hear(place{line, col, words[2]}, words[1]); err != nil {
			cancel(err)
			break
		}
	}
	err = cmd.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err != nil {
		return fmt.Errorf("gremlins on %s/%s: %w\n%s", pkg, file, err, stderr.Bytes())
	}
	return nil
}

var required = regexp.MustCompile(`github.com/go-gremlins/gremlins (v\S+)`)

// gremlinsVersion reads which gremlins the tools' module names.
func gremlinsVersion(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, "tools", "go.mod"))
	if err != nil {
		return "", err
	}
	version := required.FindStringSubmatch(string(text))
	switch {
	case version == nil:
		return "", errors.New("tools/go.mod does not name gremlins")
	case version[1] != tableVersion:
		return "", errors.New("gremlins " + version[1] + " is not " + tableVersion + ", of which internal/mutants knows the changes")
	}
	return version[1], nil
}
