// SPDX-License-Identifier: MIT

package tlcrun

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// avoided are forms that some version of TLC evaluates wrongly, each with an example.
// docs/tlc.md describes them.
var avoided = []struct {
	what, example string
	form          *regexp.Regexp
}{
	{"a function whose domain is a set of functions or records, which stays unevaluated under EXCEPT", `[s \in [Ops -> Nets] |-> 0]`,
		regexp.MustCompile(`\[\s*\w+\s*\\in\s*\[[^\]]*(->|:)[^\]]*\]\s*\|->`)},
	{"SubSeq of an EXCEPT", `SubSeq([f EXCEPT ![2] = 1], 2, 2)`, regexp.MustCompile(`\b(SubSeq|SelectSeq|Head|Tail|Append)\(\s*\[[^\]]*\bEXCEPT\b`)},
	{"an equality of sets of functions", `[Ops -> Nets] = [Ops -> {}]`, regexp.MustCompile(`\[[^\[\]|]*->[^\[\]]*\]\s*[=#]|[=#]\s*\[[^\[\]|]*->`)},
	{"SelectSeq by a primed variable, which ENABLED mixes up through INSTANCE", `SelectSeq(s, LAMBDA e : e # x')`,
		regexp.MustCompile(`\bLAMBDA\b[^)]*'`)},
	{"P => <>[]Q", `x = 0 => <>[](x = 3)`, regexp.MustCompile(`=>\s*<>\s*\[\]`)},
}

// TestSpecsAvoidFaultsOfTLC tests that no spec has such a form, as docs/tlc.md says.
func TestSpecsAvoidFaultsOfTLC(t *testing.T) {
	specs, err := filepath.Glob("../../spec/*.tla")
	if err != nil || len(specs) == 0 {
		t.Fatal(specs, err)
	}
	for _, a := range avoided {
		if !a.form.MatchString(a.example) {
			t.Errorf("%s: the form does not match %s", a.what, a.example)
		}
		for _, path := range specs {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			code := Code(string(text))
			if found := a.form.FindString(code); found != "" {
				t.Errorf("%s has %s: %s", path, a.what, found)
			}
		}
	}
}
