// SPDX-License-Identifier: MIT

package tlc

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// write makes a folder of files for a test.
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

func TestReadCfg(t *testing.T) {
	dir := write(t, map[string]string{"A.cfg": `\* INVARIANT NotThis
SPECIFICATION Spec
CONSTANTS
  N = {N_1, N_2} (* INVARIANTS (* nor *) this *)
  S = "INVARIANT"
INVARIANTS
  TypeOK Second   \* and
  Third
PROPERTY Live
CONSTRAINT Small
INVARIANT Fourth
PROPERTIES Other Last
CHECK_DEADLOCK FALSE
`})
	c, err := ReadCfg(dir, "A.cfg")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"TypeOK", "Second", "Third", "Fourth"}; !slices.Equal(c.Invariants, want) {
		t.Errorf("invariants %q", c.Invariants)
	}
	if want := []string{"Live", "Other", "Last"}; !slices.Equal(c.Properties, want) {
		t.Errorf("properties %q", c.Properties)
	}
	if !c.NoDeadlock {
		t.Error("CHECK_DEADLOCK FALSE not seen")
	}
	if _, err := ReadCfg(dir, "B.cfg"); err == nil {
		t.Error("no error for a missing cfg")
	}
}

func TestModuleOf(t *testing.T) {
	dir := write(t, map[string]string{
		"MCa.tla": "", "MCab.tla": "", "MCaBugs.tla": "", "Other.tla": "",
		"MCa.cfg": "", "MCabLarge.cfg": "", "MCaBugUndo.cfg": "", "MCaSmall.cfg": "",
		"Named.cfg": `\* see Nothing.tla and Other.tla`, "None.cfg": "",
	})
	for name, want := range map[string]string{
		"MCa.cfg": "MCa", "MCabLarge.cfg": "MCab", "MCaBugUndo.cfg": "MCaBugs", "MCaSmall.cfg": "MCa", "Named.cfg": "Other", "None.cfg": "",
	} {
		c, err := ReadCfg(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ModuleOf(dir, c)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestFiles(t *testing.T) {
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

// TestCfgThatHidesStates: whatever lets TLC see less is noted.
func TestCfgThatHidesStates(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		"SPECIFICATION Spec\nVIEW View\n":                  "VIEW",
		"SPECIFICATION Spec\nCONSTRAINT Small\n":           "CONSTRAINT",
		"SPECIFICATION Spec\nACTION_CONSTRAINT Small\n":    "ACTION_CONSTRAINT",
		"SPECIFICATION Spec\nSYMMETRY Perms\n":             "SYMMETRY",
		"SPECIFICATION Spec\nINVARIANT CONSTRAINTisFine\n": "",
	} {
		if err := os.WriteFile(filepath.Join(dir, "MC.cfg"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := ReadCfg(dir, "MC.cfg")
		if err != nil || c.Cuts != want {
			t.Errorf("%q: %q %v, want %q", text, c.Cuts, err, want)
		}
	}
	for text, want := range map[string]string{"VIEW View\n": "", "VIEW Peek\n": "VIEW"} {
		if err := os.WriteFile(filepath.Join(dir, "MCnetnsRefineX.cfg"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := ReadCfg(dir, "MCnetnsRefineX.cfg")
		if err != nil || c.Cuts != want {
			t.Errorf("%q in a refinement: %q %v, want %q", text, c.Cuts, err, want)
		}
	}
}
