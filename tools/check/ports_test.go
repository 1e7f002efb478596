// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestRowOfAPortSaysWhatConforms: a port passes with status 0, all its levels and the claims that it should have.
func TestRowOfAPortSaysWhatConforms(t *testing.T) {
	const inside = `
		{"name":"smoke","level":"sequential","cases":[{"id":"a","verdict":"passed"},{"id":"b","verdict":"skipped"}]},
		{"name":"concurrent","level":"concurrent","cases":[{"id":"c","verdict":"passed"},{"id":"d","verdict":"passed"}]},
		{"name":"end","level":"sequential","cases":[{"id":"end","verdict":"passed"}]}`
	const groups = `"groups":[` + inside + `]`
	const figures = "1 vectors, 2 programs, 1 skipped (misuse, steps), 1.0 s"
	lacks := []string{"misuse", steps}
	for _, c := range []struct{ out, errs, want string }{
		{`{"status":0,"verdict":"conforms: sequential, concurrent; not claimed: misuse, steps",` + groups + `}`, "", "pass " + figures},
		{`{"status":0,"verdict":"conforms: sequential, concurrent; not claimed: misuse, steps","groups":[` + strings.Replace(inside, `{"id":"c","verdict":"passed"},`, "", 1) + `]}`, "",
			"FAIL 1 vectors, 1 programs, 1 skipped (misuse, steps), 1.0 s it conforms, but to other figures than the sets of vectors have: 1 vectors, 2 programs, 1 skipped (misuse, steps)"},
		{`{"status":0,"verdict":"conforms: sequential, concurrent",` + groups + `}`, "",
			"FAIL " + figures + " it must claim every feature but misuse, steps; conforms: sequential, concurrent"},
		{`{"status":0,"verdict":"conforms: sequential; not claimed: misuse, run",` + groups + `}`, "", "FAIL " + figures + " conforms: sequential; not claimed: misuse, run"},
		{`{"status":3,"verdict":"undecided: 1 passed, 1 undecided","groups":[
			{"name":"concurrent","level":"concurrent","cases":[{"id":"c","verdict":"passed"},{"id":"d","verdict":"undecided"}]}]}`, "",
			"incomplete 0 vectors, 1 programs, 0 skipped (misuse, steps), 1.0 s undecided: 1 passed, 1 undecided: d"},
		{`{"status":1,"verdict":"does not conform: 1 wrong","groups":[{"name":"smoke","level":"sequential","cases":[{"id":"a","verdict":"wrong"}]}]}`, "",
			"FAIL 0 vectors, 0 programs, 0 skipped (misuse, steps), 1.0 s does not conform: 1 wrong: a"},
		{"", "error: no such file\nexit status 1\n", "FAIL error: no such file"},
		{"", "", "FAIL exit status 1"},
	} {
		r := portRow(port{lacks: lacks}, portFigures(1, 2, 0, 1, lacks), []byte(c.out), c.errs, errors.New("exit status 1"), time.Second)
		if got := strings.Join(strings.Fields(r.verdict+" "+r.figures+" "+r.why), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.out, got, c.want)
		}
	}
	for levels, verdict := range map[string]string{"sequential, concurrent": fail, "sequential, concurrent, scheduled": pass} {
		if r := portRow(port{}, portFigures(0, 0, 0, 0, nil), []byte(`{"status":0,"verdict":"conforms: `+levels+`"}`), "", nil, time.Second); r.verdict != verdict {
			t.Errorf("a port that follows schedules and conforms to %s: %s", levels, r.verdict)
		}
	}
}
