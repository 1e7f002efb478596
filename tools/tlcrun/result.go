// SPDX-License-Identifier: MIT

package tlcrun

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A Result is what one run of TLC said.
type Result struct {
	Verdict   Verdict
	Name      string        // what was violated, as the cfg calls it
	Distinct  int64         // states
	Generated int64         // states, with those seen before
	Depth     int           // of the complete search
	Took      time.Duration // wall clock, of the last run
	CPU       time.Duration // of the last run; 0 where it is not known, in a container
	Hangs     int           // runs that were ended because they hung
	Version   string        // of TLC: "2.18"
	Actions   []Action      // with Job.Coverage: how often each action was taken
	Problem   string        // for Broken and Incomplete: why, in one line
}

// Judge compares what a run found with a row of the record. It returns "" where they
// agree, else what does not. The depth counts only for a run of one worker:
// several may reach a state by a longer way first.
func (r Result) Judge(row Row, workers int) string {
	if r.Verdict == Broken || r.Verdict == Incomplete {
		return r.Problem
	}
	if r.Verdict != row.Verdict || r.Name != row.Violated {
		return fmt.Sprintf("expected %s, found %s", outcome(row.Verdict, row.Violated), outcome(r.Verdict, r.Name))
	}
	if row.Verdict != Pass {
		return ""
	}
	if row.Distinct == 0 {
		return "not measured yet: run make record"
	}
	if r.Distinct != row.Distinct || r.Generated != row.Generated {
		return fmt.Sprintf("the record has %d distinct and %d generated states, TLC found %d and %d",
			row.Distinct, row.Generated, r.Distinct, r.Generated)
	}
	if workers == 1 && r.Depth != row.Depth {
		return fmt.Sprintf("the record has depth %d, TLC found %d", row.Depth, r.Depth)
	}
	return ""
}

func outcome(v Verdict, name string) string {
	if name == "" {
		return string(v)
	}
	return string(v) + " of " + name
}

// Measure takes the run's figures into a row of the record, and the digests of its
// files, which the caller took before the run.
func (r Result) Measure(row *Row, files map[string]string) {
	row.Files, row.TLC = files, r.Version
	row.Distinct, row.Generated, row.Depth = 0, 0, 0
	if now := cmp.Or(r.CPU, r.Took); now < row.Took/2 || now > row.Took*3/2 {
		row.Took = now
	}
	if r.Verdict == Pass {
		row.Distinct, row.Generated, row.Depth = r.Distinct, r.Generated, r.Depth
	}
}

// An Action is one line of TLC's coverage.
type Action struct {
	Module, Name string
	Taken        int64 // steps generated
}

// found is what one violation message stands for: the verdict, and the exit
// status that goes with it.
type found struct {
	verdict Verdict
	exit    int
}

var violations = map[int]found{
	codeAssumption:       {Assumption, 10},
	codeDeadlock:         {Deadlock, 11},
	codeInvariant:        {Safety, 12},
	codeInvariantInitial: {Safety, 12},
	codeActionProperty:   {Safety, 13},
	codePropertyInitial:  {Safety, 13},
	codeTemporal:         {Liveness, 13},
}

var (
	versionLine  = regexp.MustCompile(`Version (\S+)`)
	statsLine    = regexp.MustCompile(`^([\d,]+) states generated, ([\d,]+) distinct states found, ([\d,]+) states left on queue\.`)
	depthLine    = regexp.MustCompile(`^The depth of the complete state graph search is (\d+)\.`)
	coverageLine = regexp.MustCompile(`^<(\S+) line .* of module (\w+)(?: \(([\d ]+)\))?>: (\d+):(\d+)$`)
	violatedLine = regexp.MustCompile(`^(?:Invariant|Action property|Property) (.*?) is violated`)
)

// An interpreter gathers a run's messages into a Result.
type interpreter struct {
	result    Result
	violated  []message
	errors    []message // severity 1 and 2 that are no violation
	plain     []string  // lines outside of messages
	temporal  bool      // there are temporal properties to check
	success   bool
	finished  bool
	stats     bool
	depth     bool
	leftOver  int64
	trace     bool   // a state of a counterexample was shown
	malformed string // a message that TLC should not have written
}

func (in *interpreter) take(m message) {
	switch m.code {
	case 0:
		in.plain = append(in.plain, m.text)
	case codeVersion:
		if v := versionLine.FindStringSubmatch(m.text); v != nil {
			in.result.Version = v[1]
		}
	case codeTemporalCheck:
		in.temporal = true
	case codeSuccess:
		in.success = true
	case codeFinished:
		in.finished = true
	case codeStats:
		in.takeStats(m)
	case codeDepth:
		d := depthLine.FindStringSubmatch(m.text)
		if d == nil {
			in.malformed = m.text
			return
		}
		in.result.Depth, _ = strconv.Atoi(d[1])
		in.depth = true
	case codeCoverageStart: // each report counts from the start
		in.result.Actions = nil
	case codeCoverageNext:
		in.takeCoverage(m)
	case codeState:
		in.trace = true
	case codeBehavior, codeCounterExample: // headings of a trace
	default:
		if _, ok := violations[m.code]; ok {
			in.violated = append(in.violated, m)
		} else if isError(m) {
			in.errors = append(in.errors, m)
		}
	}
}

// isError also knows the errors that TLC writes with no severity, inside of
// another message.
func isError(m message) bool {
	return m.severity == 1 || m.severity == 2 || m.code == codeAssertFailed || codeCfgFirst <= m.code && m.code <= codeCfgLast
}

func (in *interpreter) takeStats(m message) {
	s := statsLine.FindStringSubmatch(m.text)
	if s == nil {
		in.malformed = m.text
		return
	}
	in.result.Generated, in.result.Distinct, in.leftOver = number(s[1]), number(s[2]), number(s[3])
	in.stats = true
}

// takeCoverage keeps one action. A step that has no name of its own is told by
// its place in the action around it.
func (in *interpreter) takeCoverage(m message) {
	c := coverageLine.FindStringSubmatch(m.text)
	if c == nil {
		in.malformed = m.text
		return
	}
	a := Action{Module: c[2], Name: c[1], Taken: number(c[5])}
	if c[3] != "" {
		a.Name += " (" + c[3] + ")"
	}
	in.result.Actions = append(in.result.Actions, a)
}

// number reads digits that may be grouped by commas.
func number(s string) int64 {
	n, _ := strconv.ParseInt(strings.ReplaceAll(s, ",", ""), 10, 64)
	return n
}
