// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/pernet/internal/kill"
	contract "example.com/pernet/model"
	"example.com/pernet/testdata/vectors"
	"example.com/pernet/tools/tlcrun"
)

// A port is an adapter that must conform.
type port struct {
	name, folder string // no row where the folder is not there
	discipline   string
	tool         string     // what it needs; "" is nothing but Go
	fetch        []string   // what must succeed, or the row is skipped: the libraries that it needs are not there
	build        [][]string // how it is built, from the root
	command      []string
	sets         []string // files of vectors; none is all that are published
	runs         int      // how many programs
	lacks        []string // the features that it must not claim; it must claim all others
}

// built is where adapters are built.
const built = ".cache/check/ports"

// smallSets are those that an adapter of any speed answers in seconds; with schedules for one that follows them.
var (
	smallSets      = []string{"testdata/vectors/smoke.jsonl", "testdata/vectors/edges-core.jsonl.gz"}
	scheduled      = append(slices.Clone(smallSets), "testdata/vectors/schedules.jsonl.gz")
	rwsemScheduled = []string{"testdata/vectors/rwsem-smoke.jsonl", "testdata/vectors/rwsem-edges-core.jsonl.gz", "testdata/vectors/rwsem-schedules.jsonl.gz"}
)

// steps is the feature of following schedules. Without it the level is the one below.
const steps = "steps"

var (
	shuttleLacks = []string{"positive-init", "fail-alloc"}
	rustLacks    = append(slices.Clone(shuttleLacks), steps)
)

// ports are those of this repository, and its own implementation.
var ports = []port{
	{name: "pernet replay conforms", folder: "cmd/pernet", discipline: "mutex", sets: scheduled, runs: 100,
		command: []string{"go", "run", "./cmd/pernet", "replay"}},
	{name: "pernet replay conforms, rwsem", folder: "cmd/pernet", discipline: "rwsem", sets: rwsemScheduled, runs: 100,
		command: []string{"go", "run", "./cmd/pernet", "replay", "--discipline", "rwsem"}},
	{name: "ports/python conforms", folder: "ports/python", discipline: "mutex", tool: "python3", sets: scheduled, runs: 100,
		command: []string{"python3", "ports/python/adapter.py"}},
	{name: "ports/c conforms", folder: "ports/c", discipline: "mutex", tool: "cc", runs: 300,
		sets: append(slices.Clone(smallSets), "testdata/vectors/edges-all.jsonl.gz"), lacks: []string{"misuse", steps},
		build: [][]string{{"cc", "-std=gnu11", "-O2", "-pthread", "-o", built + "/c", "ports/c/pernet.c", "ports/c/adapter.c",
			"ports/c/world.c", "ports/c/json.c"}},
		command: []string{built + "/c"}},
	{name: "ports/rust conforms", folder: "ports/rust", discipline: "mutex", tool: "rustc", runs: 300, lacks: rustLacks,
		build: rustc("rust"), command: []string{built + "/rust"}},
	{name: "ports/rust conforms, rwsem", folder: "ports/rust", discipline: "rwsem", tool: "rustc", runs: 300, lacks: rustLacks,
		build: rustc("rust-rwsem", "--cfg", `feature="rwsem"`), command: []string{built + "/rust-rwsem"}},
	{name: "ports/rust with shuttle conforms", folder: "ports/rust", discipline: "mutex", tool: "cargo", sets: scheduled, runs: 100, lacks: shuttleLacks,
		fetch: cargo("fetch"), build: shuttle("shuttle"), command: []string{built + "/shuttle/release/examples/adapter"}},
	{name: "ports/rust with shuttle conforms, rwsem", folder: "ports/rust", discipline: "rwsem", tool: "cargo", sets: rwsemScheduled, runs: 100, lacks: shuttleLacks,
		fetch: cargo("fetch"), build: shuttle("shuttle,rwsem"), command: []string{built + "/shuttle/release/examples/adapter"}},
}

// cargo is a command of cargo for ports/rust.
func cargo(command string, flags ...string) []string {
	return append([]string{"cargo", command, "--quiet", "--locked", "--manifest-path", "ports/rust/Cargo.toml"}, flags...)
}

// shuttle builds the adapter of ports/rust that follows schedules.
func shuttle(features string) [][]string {
	return [][]string{cargo("build", "--release", "--target-dir", built+"/shuttle", "--features", features, "--example", "adapter")}
}

// rustc builds the adapter of ports/rust without cargo, which wants to read the index of its registry.
func rustc(adapter string, flags ...string) [][]string {
	rustc := []string{"rustc", "--edition", "2021", "-O"}
	lib := func(name, source string) []string {
		return slices.Concat(rustc, []string{"--crate-name", name, "--crate-type", "lib", "--out-dir", built, source})
	}
	return [][]string{
		lib("pernet", "ports/rust/src/lib.rs"),
		lib("pernet_protocol", "ports/rust/protocol/src/lib.rs"),
		slices.Concat(rustc, flags, []string{"-L", built, "--extern", "pernet", "--extern", "pernet_protocol",
			"-o", built + "/" + adapter, "ports/rust/examples/adapter.rs"}),
	}
}

// ports adds a row for each port.
func (c *checker) ports() {
	for _, p := range ports {
		if _, err := os.Stat(filepath.Join(c.root, p.folder)); err == nil {
			c.add(c.port(p))
		}
	}
}

func (c *checker) port(p port) row {
	r := row{name: p.name, verdict: incomplete, why: "interrupted"}
	if _, err := exec.LookPath(p.tool); p.tool != "" && err != nil {
		return row{name: p.name, verdict: skipped, why: "there is no " + p.tool}
	}
	if err := os.MkdirAll(filepath.Join(c.root, built), 0o755); err != nil {
		return row{name: p.name, verdict: fail, why: err.Error()}
	}
	began := time.Now()
	if p.fetch != nil {
		if _, errs, err := c.try(p.fetch); err != nil && c.ctx.Err() == nil {
			return notThere(p.name, errs)
		}
	}
	var out, errs string
	err := error(nil)
	for _, command := range append(slices.Clone(p.build), p.conform()) {
		if out, errs, err = c.try(command); err != nil {
			break
		}
	}
	if c.ctx.Err() != nil {
		return r
	}
	took := time.Since(began)
	due, dueErr := p.due()
	if dueErr != nil {
		return row{name: p.name, verdict: fail, why: dueErr.Error()}
	}
	return portRow(p, due, []byte(out), errs, err, took)
}

// try runs a command from the root, and returns what it wrote.
func (c *checker) try(command []string) (out, errs string, err error) {
	c.say("== %s", strings.Join(command, " "))
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(c.ctx, command[0], command[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.root, &stdout, &stderr
	kill.Tree(cmd)
	err = cmd.Run()
	return stdout.String(), stderr.String(), err
}

// notThere is the row of what cannot be built for want of its libraries.
func notThere(name, errs string) row {
	return row{name: name, verdict: skipped, why: "its libraries are not there: " + tlcrun.FirstLine(errs)}
}

// conform is the command that checks the port.
func (p *port) conform() []string {
	command := []string{"go", "run", "./cmd/pernet", "conform", "--json", "--runs", strconv.Itoa(p.runs), "--discipline", p.discipline}
	if slices.Contains(p.lacks, steps) {
		command = append(command, "--level", "concurrent")
	}
	if len(p.sets) > 0 {
		command = append(command, "--vectors", strings.Join(p.sets, ","))
	}
	return slices.Concat(command, []string{"--"}, p.command)
}

// conforming is how the verdict on a port begins; with schedules, the level scheduled follows.
const conforming = "conforms: sequential, concurrent"

// A kitReport is what a row needs of the report of pernet conform.
type kitReport struct {
	Groups []struct {
		Name, Level string
		Cases       []struct{ ID, Verdict string }
	}
	Verdict string
	Status  int
}

// undecided is the exit status of pernet conform that is neither a pass nor a failure.
const undecided = 3

// portRow concludes from the report of pernet conform, or from what was written instead. The figures of
// a port that passes must be those that are due: else the kit ran less than it was asked for.
func portRow(p port, due string, out []byte, errs string, err error, took time.Duration) row {
	r := row{name: p.name, verdict: fail}
	var report kitReport
	if json.Unmarshal(out, &report) != nil || report.Verdict == "" {
		r.why = cmp.Or(tlcrun.FirstLine(errs), fmt.Sprint(err))
		return r
	}
	passed, left, first := map[string]int{}, 0, ""
	for _, g := range report.Groups {
		for _, c := range g.Cases {
			switch {
			case c.Verdict == "skipped":
				left++
			case c.Verdict == "passed" && g.Name != "end":
				passed[g.Level]++
			case c.Verdict != "passed" && first == "":
				first = ": " + c.ID
			}
		}
	}
	figures := portFigures(passed["sequential"], passed["concurrent"], passed["scheduled"], left, p.lacks)
	r.figures = fmt.Sprintf("%s, %s", figures, seconds(took))
	all := conforming
	if !slices.Contains(p.lacks, steps) {
		all += ", scheduled"
	}
	levels, claims, _ := strings.Cut(report.Verdict, "; not claimed: ")
	switch {
	case report.Status == undecided:
		r.verdict, r.why = incomplete, report.Verdict+first
	case report.Status != 0 || levels != all:
		r.why = report.Verdict + first
	case claims != strings.Join(p.lacks, ", "):
		r.why = fmt.Sprintf("it must claim every feature but %s; %s", cmp.Or(strings.Join(p.lacks, ", "), "none"), report.Verdict)
	case figures != due:
		r.why = "it conforms, but to other figures than the sets of vectors have: " + strings.TrimSpace(due)
	default:
		r.verdict = pass
	}
	return r
}

// due returns the figures of the port if it passes. They are counted in the sets themselves, apart from the kit.
func (p *port) due() (string, error) {
	files := p.sets
	if len(files) == 0 {
		files = vectors.Names[contract.Discipline(p.discipline)]
	}
	passed, followed, left := 0, 0, 0
	for _, name := range files {
		count := &passed
		if strings.Contains(name, "schedules") {
			if count = &followed; slices.Contains(p.lacks, steps) {
				continue
			}
		}
		file, err := vectors.Files.Open(filepath.Base(name))
		if err != nil {
			return "", err
		}
		in := io.Reader(file)
		if strings.HasSuffix(name, ".gz") {
			if in, err = gzip.NewReader(file); err != nil {
				return "", err
			}
		}
		lines := bufio.NewScanner(in)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() { // decoded they would cost seconds
			_, needs, _ := strings.Cut(lines.Text(), `"needs":[`)
			needs, _, _ = strings.Cut(needs, "]")
			if slices.ContainsFunc(p.lacks, func(f string) bool { return strings.Contains(needs, `"`+f+`"`) }) {
				left++
			} else {
				*count++
			}
		}
		if err := lines.Err(); err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		*count-- // the head
	}
	return portFigures(passed, p.runs, followed, left, p.lacks), nil
}

// portFigures is what a row says of a port beside the time.
func portFigures(vectors, programs, schedules, left int, lacks []string) string {
	text := fmt.Sprintf("%12s vectors, %s programs, ", tlcrun.Group(int64(vectors)), tlcrun.Group(int64(programs)))
	if !slices.Contains(lacks, steps) {
		text += tlcrun.Group(int64(schedules)) + " schedules, "
	}
	text += tlcrun.Group(int64(left)) + " skipped"
	if len(lacks) > 0 {
		text += " (" + strings.Join(lacks, ", ") + ")"
	}
	return text
}
