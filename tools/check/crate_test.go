// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestRowOfACrateCountsItsTests: a row passes if cargo does and as many tests as are due.
func TestRowOfACrateCountsItsTests(t *testing.T) {
	const out = "running 2 tests\n..\ntest result: ok. 2 passed; 0 failed\n\nrunning 1 test\n.\ntest result: ok. 1 passed; 0 failed\n"
	for _, c := range []struct {
		out  string
		err  error
		want string
	}{
		{out, nil, "pass 3 tests, 1.0 s"},
		{strings.Replace(out, "ok. 1", "ok. 0", 1), nil, "FAIL 2 tests, 1.0 s 2 tests passed, 3 are due"},
		{strings.Replace(out, "ok. 1", "ok. 2", 1), nil, "FAIL 4 tests, 1.0 s 4 tests passed, 3 are due"},
		{out, errors.New("exit status 101"), "FAIL 3 tests, 1.0 s exit status 101: running 2 tests"},
		{out + "test undo ... FAILED\nerror: test failed\n", errors.New("exit status 101"), "FAIL 3 tests, 1.0 s exit status 101: test undo ... FAILED"},
		{"error[E0432]: no such name\n", errors.New("exit status 101"), "FAIL 0 tests, 1.0 s exit status 101: error[E0432]: no such name"},
		{"", nil, "FAIL 0 tests, 1.0 s 0 tests passed, 3 are due"},
	} {
		r := crateRow(crateTest{tests: 3}, c.out, c.err, time.Second)
		if got := strings.Join(strings.Fields(r.verdict+" "+r.figures+" "+r.why), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.out, got, c.want)
		}
	}
}
