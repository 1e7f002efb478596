// SPDX-License-Identifier: MIT

package tlcrun

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"example.com/pernet/internal/tlc"
)

// An ending is how the process that ran TLC ended.
type ending struct {
	exit        int    // -1 if a signal ended it
	signal      string // its name
	interrupted string // why we ended it; "" if we did not
	read        error  // of readMessages
	stderr      string // its last line
}

// conclude gives the verdict. The exit status and the messages must agree;
// where they do not, and where the output is not whole, nothing was shown.
func (in *interpreter) conclude(e ending, cfg *tlc.Cfg) Result {
	r := in.result
	fail := func(v Verdict, format string, args ...any) Result {
		r.Verdict, r.Problem = v, fmt.Sprintf(format, args...)
		return r
	}
	switch {
	case e.interrupted != "":
		return fail(Incomplete, "%s", e.interrupted)
	case in.mentions(codeOutOfMemory, "OutOfMemoryError", e.stderr):
		return fail(Incomplete, "TLC ran out of memory")
	case in.mentions(0, "No space left on device", e.stderr):
		return fail(Incomplete, "no disk space left for TLC's states")
	case e.exit < 0:
		return fail(Incomplete, "TLC was ended by a signal (%s)", e.signal)
	case !in.finished && in.result.Version == "":
		return fail(Broken, "TLC did not start: exit status %d: %s", e.exit, cmp.Or(e.stderr, in.reason()))
	case e.read != nil:
		return fail(Incomplete, "%v", e.read)
	case !in.finished:
		return fail(Incomplete, "TLC's output is not whole: its closing message is missing (exit status %d)", e.exit)
	case in.malformed != "":
		return fail(Broken, "TLC's output cannot be read: %q", in.malformed)
	case in.temporal && folds(cfg) != "":
		return fail(Broken, "temporal properties are checked under %s, where TLC can miss violations", folds(cfg))
	case len(in.errors) > 0:
		return fail(Broken, "exit status %d: %s", e.exit, in.reason())
	case len(in.violated) > 0:
		return in.concludeViolation(e, cfg)
	case e.exit != 0:
		return fail(Broken, "exit status %d, but TLC's output tells of no error", e.exit)
	case !in.success:
		return fail(Broken, "exit status 0, but TLC's output does not say that checking was completed")
	case !in.stats || !in.depth:
		return fail(Broken, "TLC's output has no count of states or no depth")
	case in.leftOver != 0:
		return fail(Broken, "exit status 0, but %d states were left on the queue", in.leftOver)
	}
	r.Verdict = Pass
	return r
}

func (in *interpreter) concludeViolation(e ending, cfg *tlc.Cfg) Result {
	r := in.result
	m := in.violated[0]
	v := violations[m.code]
	if e.exit != v.exit || in.success {
		r.Verdict = Broken
		r.Problem = fmt.Sprintf("exit status %d does not go with TLC's message: %s", e.exit, FirstLine(m.text))
		return r
	}
	if tracing[m.code] && (!in.trace || !in.stats) {
		r.Verdict = Broken
		r.Problem = fmt.Sprintf("no counterexample, or no count of states, goes with TLC's message: %s", FirstLine(m.text))
		return r
	}
	r.Verdict, r.Name = v.verdict, violatedName(m, cfg)
	return r
}

// tracing are the violations that TLC shows a way to; the others are of the
// initial states, or of no state at all.
var tracing = map[int]bool{codeDeadlock: true, codeInvariant: true, codeActionProperty: true, codeTemporal: true}

// violatedName is what the cfg calls the thing that m says is violated. TLC
// does not name a temporal property, nor a property that comes from an
// instanced module: where the cfg has one property only, it is that one.
func violatedName(m message, cfg *tlc.Cfg) string {
	switch m.code {
	case codeDeadlock:
		return "Deadlock"
	case codeAssumption:
		return "Assumption"
	}
	name := ""
	if n := violatedLine.FindStringSubmatch(m.text); n != nil {
		name = n[1]
	}
	isProperty := m.code == codeActionProperty || m.code == codePropertyInitial || m.code == codeTemporal
	switch {
	case !isProperty:
		return name
	case len(cfg.Properties) == 1:
		return cfg.Properties[0]
	case slices.Contains(cfg.Properties, name):
		return name
	}
	return "one of " + strings.Join(cfg.Properties, ", ") + " (TLC does not say which: list it alone)"
}

// mentions reports whether an error of TLC's, or the last line on standard
// error, has the code or the words.
func (in *interpreter) mentions(code int, words, stderr string) bool {
	for _, m := range in.errors {
		if m.code == code || strings.Contains(m.text, words) {
			return true
		}
	}
	return strings.Contains(stderr, words)
}

// reason is the most telling part of what TLC said went wrong. Parse errors
// are outside of its messages, which only say that there were some.
func (in *interpreter) reason() string {
	if told := in.parseErrors(); told != "" {
		return told
	}
	for _, m := range in.errors {
		if m.code == codeGeneral { // a heading of four lines
			m.text = lastLine(m.text)
		}
		if words := strings.Fields(m.text); len(words) > 0 {
			return strings.Join(words, " ")
		}
	}
	return "TLC does not say why"
}

// parseErrors is the first six lines of what the parser complains of.
func (in *interpreter) parseErrors() string {
	begins := func(line string) bool {
		return strings.HasPrefix(line, "***") || strings.HasPrefix(line, "Semantic errors") || strings.HasPrefix(line, "Fatal errors")
	}
	first := slices.IndexFunc(in.plain, begins)
	if first < 0 {
		return ""
	}
	var told []string
	for _, line := range in.plain[first:] {
		if line = strings.TrimSpace(line); line != "" && len(told) < 6 {
			told = append(told, line)
		}
	}
	return strings.Join(told, " | ")
}

// FirstLine returns the first line of s that is not blank, without spaces at its begin.
func FirstLine(s string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return first
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return strings.TrimLeft(s[strings.LastIndexByte(s, '\n')+1:], ": ")
}

// folds returns the keyword by which different states count as one, or "".
func folds(cfg *tlc.Cfg) string {
	for _, keyword := range []string{"VIEW", "SYMMETRY"} {
		if cfg.Clause(keyword) != nil {
			return keyword
		}
	}
	return ""
}
