// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"strings"
	"testing"
)

// Only a proof passes, and one by the record is no pass.
func TestRowOfTheProofSaysWhatWasProved(t *testing.T) {
	failed := errors.New("exit status 1")
	for _, c := range []struct {
		out, errs string
		err       error
		want      string
	}{
		{"some way\na: proved: 9 questions; 1 s\nb: proved: 3 questions; 1 s\n", "", nil, "pass 9 questions|pass 3 questions"},
		{"a: proved, by the record: 9 questions; the questions are those\n", "", nil, record + " 9 questions; the questions are those"},
		{"no solver\na: proved, by the record: 9 questions\n", "", nil, record + " 9 questions"},
		{"a: incomplete: 9 questions\n", "", nil, "FAIL nothing is proved: make prove"},
		{"a: proved: 9 questions\nb: refuted: 3 questions\n", "prove: b.tla: refuted\nexit status 1\n", failed, "pass 9 questions|FAIL prove: b.tla: refuted: make prove"},
		{"a: proved: 9 questions\n", "prove: killed\nexit status 1\n", failed, "pass 9 questions|FAIL prove: killed: make prove"},
		{"", "", nil, "FAIL nothing is proved: make prove"},
	} {
		var got []string
		for _, r := range proofRows(c.out, c.errs, c.err) {
			got = append(got, strings.TrimSpace(r.verdict+" "+r.figures+r.why))
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%q %q: %q, want %q", c.out, c.errs, got, c.want)
		}
	}
}
