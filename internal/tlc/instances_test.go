// SPDX-License-Identifier: MIT

package tlc

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// smallSpecs are a base, a faults.tsv, and their modules.
var smallSpecs = map[string]string{
	"MCa.tla":     "EXTENDS a",
	"MCaBugs.tla": "EXTENDS MCa\nBugStep(x) == TRUE\nBugSpec == TRUE\n",
	"a.tla":       "Step(x) ==\n  FALSE\nSpec == TRUE\nOne == 1\nProbeProp == TRUE\n",
	"MCa.cfg": `\* The base, an instance of a.tla.
SPECIFICATION Spec
CONSTANTS N = {1, 2}  M <- One  Text = "a b"
INVARIANTS TypeOK Other
PROPERTY LiveProp
CHECK_DEADLOCK TRUE
`,
	"faults.tsv": faultsHead + `
# a comment
MCaSmall	MCa	N = {1}; M = 3	-

MCaBugStep	MCaSmall	Step <- BugStep; N = {1, 3}	Other
MCaBugLive	MCaSmall	SPECIFICATION BugSpec	LiveProp
MCaMore	MCaSmall	M = 4	none
MCaProbe	MCa	-	ProbeProp
`,
}

// TestRowMakesAnInstanceOfItsBase tests that an instance has the replacements of its row and
// one claim or all, and that a row without a claim is not listed.
func TestRowMakesAnInstanceOfItsBase(t *testing.T) {
	dir := write(t, smallSpecs)
	names, err := ListCfgs(dir)
	if err != nil || strings.Join(names, " ") != "MCa.cfg MCaBugLive.cfg MCaBugStep.cfg MCaMore.cfg MCaProbe.cfg" {
		t.Fatalf("%q, %v", names, err)
	}
	for name, want := range map[string]string{
		"MCaBugStep.cfg": "SPECIFICATION Spec\nCHECK_DEADLOCK TRUE\nCONSTANTS\n  N = {1, 3}\n  M = 3\n  Text = \"a b\"\n  Step <- BugStep\nINVARIANT Other\n",
		"MCaProbe.cfg":   "SPECIFICATION Spec\nCHECK_DEADLOCK TRUE\nCONSTANTS\n  N = {1, 2}\n  M <- One\n  Text = \"a b\"\nPROPERTY ProbeProp\n",
		"MCaBugLive.cfg": "SPECIFICATION BugSpec\nCHECK_DEADLOCK TRUE\nCONSTANTS\n  N = {1}\n  M = 3\n  Text = \"a b\"\nPROPERTY LiveProp\n",
		"MCaMore.cfg":    "SPECIFICATION Spec\nCHECK_DEADLOCK TRUE\nCONSTANTS\n  N = {1}\n  M = 4\n  Text = \"a b\"\nINVARIANT TypeOK Other\nPROPERTY LiveProp\n",
	} {
		c, err := ReadCfg(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		if c.Text() != want {
			t.Errorf("%s:\n%swant\n%s", name, c.Text(), want)
		}
		if again := parseCfg(name, c.Text()); again.Text() != want {
			t.Errorf("%s, read again:\n%s", name, again.Text())
		}
		wantModule := map[string]string{"MCaMore.cfg": "MCa", "MCaProbe.cfg": "a"}[name] // a Probe's base names a.tla
		if wantModule == "" {
			wantModule = "MCaBugs"
		}
		if module, err := ModuleOf(dir, c); err != nil || module != wantModule {
			t.Errorf("%s: module %s, %v", name, module, err)
		}
	}
	c, _ := ReadCfg(dir, "MCaBugStep.cfg")
	if c.About != "MCaSmall with Step <- BugStep; N = {1, 3}." {
		t.Errorf("about %q", c.About)
	}
}

// TestBadRowsAreRejected tests that each bad row is one error with the file and the line.
func TestBadRowsAreRejected(t *testing.T) {
	for row, want := range map[string]string{
		"MCaBugX\tMCa\tN = 1":                           "3 columns where 4 are expected (instance, base, with, violates)",
		"MCaBugStep\tMCa\tN = 1\tOther":                 "the row in line 5 has the same name",
		"MCa\tMCaSmall\tN = 1\tOther":                   "the file MCa.cfg has the same name",
		"MCaBugX\tMCb\tN = 1\tOther":                    "the base MCb is neither a cfg file nor a row above",
		"MCaBugX\tMCaBugX\tN = 1\tOther":                "the base MCaBugX is neither a cfg file nor a row above",
		"MCaBugX\tMCa\tN == 1\tOther":                   `"N == 1" is none of NAME = VALUE, NAME <- OPERATOR, SPECIFICATION NAME`,
		"MCaBugX\tMCa\t-\tOther":                        `"-" is none of NAME = VALUE, NAME <- OPERATOR, SPECIFICATION NAME`,
		"MCaBugX\tMCa\tK = 1\tOther":                    "MCa has no constant K",
		"MCaBugX\tMCa\tStep <- BugStep\tNever":          "MCa has no invariant or property Never",
		"MCaBugX\tMCaBugStep\tN = 1\tTypeOK":            "MCaBugStep has no invariant or property TypeOK",
		"MCaBugX\tMCa\tN = 1;Step <- BugStep\tLiveProp": `"N = 1;Step <- BugStep" is none of NAME = VALUE, NAME <- OPERATOR, SPECIFICATION NAME`,
	} {
		files := maps.Clone(smallSpecs)
		files["faults.tsv"] += row + "\n"
		dir := write(t, files)
		name, _, _ := strings.Cut(row, "\t")
		want = filepath.Join(dir, "faults.tsv") + ":9: " + name + ": " + want
		_, err := ListCfgs(dir)
		if err == nil {
			_, err = ReadCfg(dir, name+".cfg")
		}
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n%v, want\n%s", row, err, want)
		}
	}
	dir := write(t, map[string]string{"A.cfg": ""})
	if err := os.Mkdir(filepath.Join(dir, "faults.tsv"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := ListCfgs(dir); err == nil {
		t.Error("a table that cannot be read is none")
	}
}
