// SPDX-License-Identifier: MIT

package tlcrun

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write writes files into a new folder.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestModulesOfARunAreFound tests that Files follows EXTENDS and INSTANCE, but not in comments
// and strings.
func TestModulesOfARunAreFound(t *testing.T) {
	dir := write(t, map[string]string{
		"A.cfg": "",
		"MC.tla": `(* INSTANCE Unused, and TLC reads none of this
---- MODULE MC ----
EXTENDS Naturals, Base,
  Second
\* EXTENDS Unused
(* INSTANCE Unused (* INSTANCE Unused *) INSTANCE Unused *)
S == "INSTANCE Unused"
C == INSTANCE Contract WITH x <- y
Q == "\"(*"
(*
====
*)
LOCAL INSTANCE Helper
====`,
		"Base.tla": "EXTENDS Deep", "Deep.tla": "EXTENDS Base", "Second.tla": "", "Contract.tla": "", "Helper.tla": "", "Unused.tla": "",
	})
	got, err := Files(dir, "A.cfg", "MC")
	if err != nil {
		t.Fatal(err)
	}
	if want := "A.cfg Base.tla Contract.tla Deep.tla Helper.tla MC.tla Second.tla"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %s", got, want)
	}
	if _, err := Files(dir, "A.cfg", "Missing"); err == nil {
		t.Error("no error for a missing module")
	}
}

// smallSpecs are a base, a faults.tsv, and their modules.
var smallSpecs = map[string]string{
	"MCa.tla":     "EXTENDS a",
	"MCaBugs.tla": "EXTENDS MCa\nBugStep(x) == TRUE\nBugSpec == TRUE\n",
	"a.tla":       "Step(x) ==\n  FALSE\nSpec == TRUE\nOne == 1\n",
	"MCa.cfg": `\* The base, an instance of a.tla.
SPECIFICATION Spec
CONSTANTS N = {1, 2}  M <- One  Text = "a b"
INVARIANTS TypeOK Other
PROPERTY LiveProp
CHECK_DEADLOCK TRUE
`,
	"faults.tsv": "instance\tbase\twith\tviolates" + `
# a comment
MCaSmall	MCa	N = {1}; M = 3	-

MCaBugStep	MCaSmall	Step <- BugStep; N = {1, 3}	Other
MCaBugLive	MCaSmall	SPECIFICATION BugSpec	LiveProp
`,
}

// TestDigestOfARowIsThatOfItsCfg tests that the digest depends only on the cfg that TLC reads.
func TestDigestOfARowIsThatOfItsCfg(t *testing.T) {
	digest := func(file, old, new string) string {
		files := maps.Clone(smallSpecs)
		if files[file] = strings.Replace(files[file], old, new, 1); old != "" && files[file] == smallSpecs[file] {
			t.Fatalf("%s has no %q", file, old)
		}
		d, err := Digest(write(t, files), "MCaBugStep.cfg")
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	was := digest("MCa.cfg", "", "")
	for _, same := range [][3]string{
		{"MCa.cfg", "The base", "Another comment"}, {"MCa.cfg", "LiveProp", "LiveProp MoreProp"}, {"MCa.cfg", "N = {1, 2}  M", "N = {}\nM"},
		{"faults.tsv", "N = {1}; ", ""}, {"faults.tsv", "# a comment", ""}, {"faults.tsv", "MCaBugLive", "MCaBugLives"},
	} {
		if digest(same[0], same[1], same[2]) != was {
			t.Errorf("%q: another digest of what is the same to TLC", same)
		}
	}
	for _, other := range [][3]string{{"MCa.cfg", "a b", "a c"}, {"faults.tsv", "M = 3", "M = 4"}, {"faults.tsv", "Other", "TypeOK"}} {
		if digest(other[0], other[1], other[2]) == was {
			t.Errorf("%q: the same digest of another instance", other)
		}
	}
}

// TestCfgOfARowIsReadAsAFile tests that ReadFile returns the cfg that TLC reads.
func TestCfgOfARowIsReadAsAFile(t *testing.T) {
	const want = "SPECIFICATION BugSpec\nCHECK_DEADLOCK TRUE\nCONSTANTS\n  N = {1}\n  M = 3\n  Text = \"a b\"\nPROPERTY LiveProp\n"
	if text, err := ReadFile(write(t, smallSpecs), "MCaBugLive.cfg"); err != nil || string(text) != want {
		t.Errorf("%v, file\n%s", err, text)
	}
}

// TestRowsWithoutADefinitionAreRejected tests that the error has the file and the line.
func TestRowsWithoutADefinitionAreRejected(t *testing.T) {
	for row, want := range map[string]string{
		"MCaBugX\tMCa\tStep <- BugStop\tOther":      "neither MCaBugs.tla nor a module that it uses defines BugStop",
		"MCaBugX\tMCa\tStop <- BugStep\tOther":      "neither MCaBugs.tla nor a module that it uses defines Stop",
		"MCaBugX\tMCa\tSPECIFICATION NoSpec\tOther": "neither MCaBugs.tla nor a module that it uses defines NoSpec",
		"MCzBugX\tMCa\tN = 1\tOther":                "MCzBugX.cfg: no module in DIR fits: begin its name with that of a module, or name NAME.tla in a comment",
	} {
		files := maps.Clone(smallSpecs)
		files["faults.tsv"] += row + "\n"
		dir := write(t, files)
		name, _, _ := strings.Cut(row, "\t")
		want = filepath.Join(dir, "faults.tsv") + ":7: " + name + ": " + strings.ReplaceAll(want, "DIR", dir)
		if _, err := ListCfgs(dir); err == nil || err.Error() != want {
			t.Errorf("%q:\n%v, want\n%s", row, err, want)
		}
	}
}
