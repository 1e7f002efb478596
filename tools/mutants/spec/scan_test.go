// SPDX-License-Identifier: MIT

package spec

import "testing"

// TestBare: what TLC does not see is taken away, and nothing else.
func TestBare(t *testing.T) {
	const module = "---- MODULE A ----\nS == \"\\\"(*\" \\* a string\n\n(* two\n   lines *)\nT == 1\n====\n"
	const want = "---- MODULE A ----\nS == \"\\\"(*\"\nT == 1\n===="
	for text, want := range map[string]string{
		module:                     want,
		"(* not closed\n" + module: want,
		"note ---- MODULE A ----\n(*\n====\n*)\nV == 3\n": "     ---- MODULE A ----\nV == 3",
		"\\* of a cfg\nCONSTANT N = 1\n":                  "CONSTANT N = 1",
	} {
		if got := bare(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
