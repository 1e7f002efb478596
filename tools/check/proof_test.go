// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"strings"
	"testing"
)

// Only a proof passes, and one by the record is no pass.
func TestRowOfTheProofSaysWhatWasProved(t *testing.T) {
	for _, c := range []struct {
		out, errs string
		err       error
		verdict   string
		says      string
	}{
		{"no state takes this way\nproved: 9 questions\n", "", nil, pass, "9 questions"},
		{"proved, by the record: 9 questions\n", "", nil, record, "not asked again"},
		{"no solver: z3\nproved, by the record: 9 questions\n", "", nil, record, "9 questions"},
		{"incomplete: 9 questions\n", "", nil, fail, "incomplete"},
		{"proved: 9 questions\n", "prove: killed\nexit status 1\n", errors.New("exit status 1"), fail, "killed"},
		{"", "prove: the questions have changed\nexit status 1\n", errors.New("exit status 1"), fail, "changed"},
		{"", "", nil, fail, "nothing of a proof"},
	} {
		r := proofRow(c.out, c.errs, c.err)
		if r.verdict != c.verdict || !strings.Contains(r.figures+r.why, c.says) {
			t.Errorf("%q %q: %+v", c.out, c.errs, r)
		}
	}
}
