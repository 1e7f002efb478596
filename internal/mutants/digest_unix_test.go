// SPDX-License-Identifier: MIT

//go:build unix

package main

import (
	"strings"
	"testing"
)

// TestWhatTestsRead: a file of the spec makes the package's own tests run again
// only if they could read it.
func TestWhatTestsRead(t *testing.T) {
	r := newRoot(t)
	again := func(why, want string) {
		t.Helper()
		if status, _ := r.run("-only", "CONDITIONALS_NEGATION"); status != 0 || !strings.Contains(r.out.String(), want) {
			t.Errorf("%s: status %d, want %s\n%s", why, status, want, r.out.String())
		}
	}
	again("nothing is known", "1 mutant, 1 to run")
	r.write("spec/a.tla", "one\n")
	again("nothing reads it", "1 mutant, 0 to run")
	r.write("p/read_test.go", "package p\n\nimport \"os\"\n\nvar _, _ = os.ReadFile(\"../spec/a.tla\")\n")
	again("the tests are others", "1 mutant, 1 to run")
	again("nothing has changed", "1 mutant, 0 to run")
	r.write("spec/a.tla", "two\n")
	again("the tests read it", "1 mutant, 1 to run")
	r.write("p/data.txt", "one\n")
	r.write("p/read_test.go", "package p\n\nimport _ \"embed\"\n\n//go:embed data.txt\nvar _ string\n")
	again("the tests are others again", "1 mutant, 1 to run")
	r.write("p/data.txt", "two\n")
	again("the tests embed it", "1 mutant, 1 to run")
	r.write("spec/a.tla", "three\n")
	again("what embeds one file might embed another", "1 mutant, 1 to run")
}
