// SPDX-License-Identifier: MIT

package page

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/wire"
)

// A Counterexample is a counterexample that TLC printed.
type Counterexample struct {
	File       string
	Problem    string // TLC's sentence: "Invariant X is violated."
	States     []TLCState
	Back       int // number of the state that the last state leads back to; 0 for none
	BackAction string
	Stutters   bool
	Ended      bool // output follows the last state, so it was not cut off there
}

// A TLCState is a state of a counterexample, with the action that led to it.
type TLCState struct {
	Line           int // where it begins in the file
	Action, Module string
	Vars           []Var // as printed, wrapped values joined; with -difftrace also the unchanged ones
	lines          []int // the line where each variable was printed last
}

// initially ends the sentence about a violation that no step led to.
const initially = " by the initial state:"

// The kinds of lines in TLC's output. A state begins with "State" and its number or, with
// -tool, with the number alone.
var (
	stateLine   = regexp.MustCompile(`^(?:State )?(\d+): <(.*)>$`)
	actionPart  = regexp.MustCompile(`^(\w+)(?:\(.*\))? line .* of module (\w+)$`)
	stateBegins = regexp.MustCompile(`^(?:State \d+:|\d+: <)`)
	stutterLine = regexp.MustCompile(`^(?:State )?(\d+): Stuttering$`)
	backLine    = regexp.MustCompile(`^(?:Back to state (\d+)|(\d+): Back to state)(?:: <(\w+).*>)?$`)
	variable    = regexp.MustCompile(`^/\\ (\w+) = (.*)$`)
	onlyVar     = regexp.MustCompile(`^(\w+) = (.*)$`) // of a module with one variable
	wrong       = regexp.MustCompile(`^(?:Error: )?((?:Invariant|Action property|Property) .* is violated.*|Temporal properties were violated\.|Deadlock reached\.|The first argument of Assert evaluated to FALSE.*|TLC threw an unexpected exception\.|Evaluating .* failed\.|In evaluation, .*)$`)
	violation   = regexp.MustCompile(`^(?:Invariant|Action property|Property|Temporal properties|Deadlock)`)
	mark        = regexp.MustCompile(`^@!@!@(?:START|END)MSG \d+(?::\d+)? @!@!@$`)
)

// ReadCounterexample reads TLC's output and returns its first counterexample. An error is
// a *wire.Error with the name and the line.
func ReadCounterexample(r io.Reader, name string) (Counterexample, error) {
	p := outputReader{c: Counterexample{File: name}}
	in := bufio.NewScanner(r)
	in.Buffer(nil, 16<<20)
	for in.Scan() && !p.over {
		p.line++
		if err := p.take(in.Text()); err != nil {
			return p.c, err
		}
	}
	if in.Err() != nil {
		return p.c, p.bad(p.line+1, "cannot be read: %v", in.Err())
	}
	return p.c, p.end()
}

// outputReader is the state of a reading.
type outputReader struct {
	c       Counterexample
	line    int
	inState bool // variables are expected
	over    bool // the counterexample is complete
	noError bool // TLC reports no error
	isTLC   bool
	failure failure
}

func (p *outputReader) bad(line int, format string, args ...any) error {
	return &wire.Error{File: p.c.File, Line: max(line, 1), Msg: fmt.Sprintf(format, args...)}
}

func (p *outputReader) take(line string) error {
	p.isTLC = p.isTLC || strings.HasPrefix(line, "TLC2 Version") || mark.MatchString(line)
	p.noError = p.noError || strings.Contains(line, "No error has been found")
	if len(p.c.States) == 0 {
		p.failure.take(line, p.line)
	}
	if m := stateLine.FindStringSubmatch(line); m != nil {
		return p.state(m[1], m[2])
	}
	if m := stutterLine.FindStringSubmatch(line); m != nil && len(p.c.States) > 0 {
		p.c.Stutters, p.over = true, true
		return nil
	}
	if m := backLine.FindStringSubmatch(line); m != nil && len(p.c.States) > 0 {
		n, _ := strconv.Atoi(m[1] + m[2])
		if n < 1 || n > len(p.c.States) {
			return p.bad(p.line, "back to state %d, where the states are 1 to %d", n, len(p.c.States))
		}
		p.c.Back, p.c.BackAction, p.over = n, m[3], true
		return nil
	}
	if stateBegins.MatchString(line) && len(p.c.States) > 0 {
		return p.bad(p.line, "the action of this state is incomplete: is the output cut off?")
	}
	if m := wrong.FindStringSubmatch(line); m != nil && len(p.c.States) == 0 {
		p.c.Problem = m[1]
		if strings.HasSuffix(line, initially) {
			p.begin("Initial predicate")
		}
		return nil
	}
	return p.value(line)
}

// state begins a state.
func (p *outputReader) state(number, what string) error {
	n, err := strconv.Atoi(number)
	if n == 1 && len(p.c.States) > 0 {
		p.over = true // the next counterexample
		return nil
	}
	if want := len(p.c.States) + 1; err != nil || n != want {
		return p.bad(p.line, "state %s where state %d is expected", number, want)
	}
	if err := p.complete(true); err != nil {
		return err
	}
	p.begin(what)
	return nil
}

func (p *outputReader) begin(what string) {
	s := TLCState{Line: p.line, Action: what}
	if m := actionPart.FindStringSubmatch(what); m != nil {
		s.Action, s.Module = m[1], m[2]
	}
	p.c.States = append(p.c.States, s)
	p.inState, p.c.Ended = true, false
}

// value takes a line of a state and skips any other.
func (p *outputReader) value(line string) error {
	if !p.inState {
		p.c.Ended = p.c.Ended || len(p.c.States) > 0 && line != "" && !mark.MatchString(line)
		return nil
	}
	s := &p.c.States[len(p.c.States)-1]
	switch m := variable.FindStringSubmatch(line); {
	case m != nil:
		s.add(m[1], m[2], p.line)
	case line == "" || mark.MatchString(line):
		p.inState = len(s.Vars) == 0 && len(p.c.States) == 1 // a later state without variables equals the one before
	case len(s.Vars) > 0: // a long value goes on
		s.Vars[len(s.Vars)-1].Value += " " + strings.TrimSpace(line)
	default:
		m := onlyVar.FindStringSubmatch(line)
		if m == nil {
			return p.bad(p.line, "not a variable of state %d: %.30q", len(p.c.States), line)
		}
		s.add(m[1], m[2], p.line)
	}
	return nil
}

func (s *TLCState) add(name, value string, line int) {
	s.Vars = append(s.Vars, Var{name, value})
	s.lines = append(s.lines, line)
}

// complete checks the last state and adds the variables that -difftrace leaves out because
// they have not changed. A printed variable of such a state must have changed, except that
// TLC may print the very last state whole.
func (p *outputReader) complete(followed bool) error {
	n := len(p.c.States)
	switch {
	case n == 0:
		return nil
	case len(p.c.States[0].Vars) == 0:
		return p.bad(p.c.States[0].Line, "state 1 has no variable: is the output cut off?")
	case n == 1:
		return nil
	}
	last := &p.c.States[n-1]
	before, printed := p.c.States[n-2], *last
	all := len(before.Vars)
	partial := len(printed.Vars) < all
	if partial && !followed {
		return p.bad(last.Line, "state %d has %d of %s and is the end of the output: is it cut off?", n, len(printed.Vars), plural.N(all, "variable"))
	}
	last.Vars, last.lines = nil, nil
	i := 0 // of what was printed
	for j, v := range before.Vars {
		switch {
		case i == len(printed.Vars) || printed.Vars[i].Name != v.Name:
			last.add(v.Name, v.Value, before.lines[j])
			continue
		case partial && printed.Vars[i].Value == v.Value:
			return p.bad(printed.lines[i], "state %d has %d of %s, but %s has not changed: is a part of the state lost?", n, len(printed.Vars), plural.N(all, "variable"), v.Name)
		}
		last.add(v.Name, printed.Vars[i].Value, printed.lines[i])
		i++
	}
	if i < len(printed.Vars) {
		return p.bad(printed.lines[i], "%s is not in the first state, or not in this order", printed.Vars[i].Name)
	}
	return nil
}

// end checks that the counterexample is there and complete.
func (p *outputReader) end() error {
	reason, line := p.failure.reason()
	switch {
	case len(p.c.States) > 0:
		p.c.Ended = p.c.Ended || p.over
		p.c.Problem = cmp.Or(reason, p.c.Problem)
		return p.complete(p.c.Ended)
	case p.noError:
		return p.bad(p.line, "TLC found no error: there is no counterexample")
	case violation.MatchString(p.c.Problem):
		return p.bad(p.line, "%s But no states follow.", p.c.Problem)
	case reason != "" && p.isTLC:
		return p.bad(line, "TLC failed: %s", reason)
	case reason != "":
		return p.bad(line, "no counterexample, but an error: %s", reason)
	case p.isTLC:
		return p.bad(p.line, "TLC's output ends without a counterexample")
	}
	return p.bad(p.line, "not the output of TLC: it contains no state")
}

// A failure collects the first error that TLC reports, and the errors of its parser,
// which come before that.
type failure struct {
	parser, told         []string
	parserLine, toldLine int
	inParser, inTold     bool
}

var (
	errorBegins  = regexp.MustCompile(`^(?:Error: |Exception in thread |@!@!@STARTMSG \d+:[12] @!@!@$)`)
	errorEnds    = regexp.MustCompile(`^(?:$|Error: |Finished in |\d+ states generated|\tat |@!@!@ENDMSG )`)
	parserBegins = regexp.MustCompile(`^(?:\*\*\*|Semantic errors|Fatal errors)`)
	parserEnds   = regexp.MustCompile(`^(?:Starting\.\.\.|SANY finished|@!@!@)`)
	anyMark      = regexp.MustCompile(`@!@!@(?:START|END)MSG \d+(?::\d+)? @!@!@`)
)

func (f *failure) take(line string, number int) {
	if parserBegins.MatchString(line) && f.parser == nil {
		f.inParser, f.parserLine = true, number
	}
	if f.inParser = f.inParser && !parserEnds.MatchString(line); f.inParser {
		f.parser = append(f.parser, strings.TrimSpace(line))
	}
	switch {
	case errorBegins.MatchString(line) && f.told == nil:
		f.inTold, f.toldLine = true, number
		line = strings.TrimPrefix(line, "Error: ")
	case errorEnds.MatchString(line) || stateLine.MatchString(line):
		f.inTold = false
	}
	if f.inTold {
		f.told = append(f.told, anyMark.ReplaceAllString(line, ""))
	}
}

// reason returns the error in one line and the number of its first line; "" for none. It
// leaves out the heading that TLC prints above an exception.
func (f *failure) reason() (text string, line int) {
	if f.parser != nil {
		lines := slices.DeleteFunc(f.parser, func(l string) bool { return l == "" })
		return strings.Join(lines[:min(len(lines), 6)], " | "), f.parserLine
	}
	told := f.told
	if i := slices.IndexFunc(told, func(l string) bool { return strings.HasPrefix(l, ": ") }); i > 0 {
		told = append([]string{told[i][2:]}, told[i+1:]...)
	}
	return strings.Join(strings.Fields(strings.Join(told, " ")), " "), f.toldLine
}
