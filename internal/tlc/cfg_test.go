// SPDX-License-Identifier: MIT

package tlc

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

func TestCfgHasItsClausesAndClaims(t *testing.T) {
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
	for keyword, want := range map[string]string{"CHECK_DEADLOCK": "FALSE", "CONSTRAINT": "Small", "SPECIFICATION": "Spec", "VIEW": ""} {
		if got := strings.Join(c.Clause(keyword), " "); got != want {
			t.Errorf("%s %q, want %q", keyword, got, want)
		}
	}
	if c.Replaces("N") || c.Replaces("TypeOK") {
		t.Error("something is replaced")
	}
	if c := parseCfg("A.cfg", "SPECIFICATION FairSpec\nCONSTANT N <- M"); !c.Replaces("N") {
		t.Error("N is not replaced")
	}
	if _, err := ReadCfg(dir, "B.cfg"); err == nil {
		t.Error("no error for a missing cfg")
	}
}

func TestConstantsHaveTheirTypes(t *testing.T) {
	dir := write(t, map[string]string{"A.cfg": `\* An
\* instance.
CONSTANTS
  Ops = {O_a,
         O_b}
  Empty = {}
  N_1 = N_1  N_2 = N_x
  Slots <- TwoSlots
  Max = 3
  On = TRUE
CONSTANT Off = FALSE Text = "On = 1"
`})
	read := func() *Cfg {
		c, err := ReadCfg(dir, "A.cfg")
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := read()
	if got := c.Set("Ops"); !slices.Equal(got, []string{"O_a", "O_b"}) {
		t.Errorf("Ops = %q", got)
	}
	if len(c.Set("Empty")) != 0 || c.Word("N_2") != "N_x" || c.Override("Slots") != "TwoSlots" || c.Number("Max") != 3 || !c.Bool("On") || c.Bool("Off") || c.Word("Text") != `"On = 1"` {
		t.Error("some constant is not what the file says")
	}
	if got := c.Slots(); !slices.Equal(got, []string{"N_1", "N_x"}) || c.About != "An instance." || c.Err() != nil {
		t.Errorf("slots %q, about %q, %v", got, c.About, c.Err())
	}
	for want, ask := range map[string]func(*Cfg){
		"no value for Nets":                  func(c *Cfg) { c.Set("Nets") },
		"no value for Most":                  func(c *Cfg) { c.Number("Most") },
		`Max is "3", not a set`:              func(c *Cfg) { c.Set("Max") },
		`On is "TRUE", not a number`:         func(c *Cfg) { c.Number("On") },
		`Max is "3", neither TRUE nor FALSE`: func(c *Cfg) { c.Bool("Max") },
		"no value for Gone":                  func(c *Cfg) { c.Bool("Gone"); c.Set("Nets") },
		"no value for Ops":                   func(c *Cfg) { c.Override("Ops") },
	} {
		c := read()
		if ask(c); c.Err() == nil || c.Err().Error() != filepath.Join(dir, "A.cfg")+": "+want {
			t.Errorf("%v, want %s", c.Err(), want)
		}
	}
}

// TestBadConstantsAreRejected tests that a cfg with such a constant is an error, and a row of
// faults.tsv with such a base.
func TestBadConstantsAreRejected(t *testing.T) {
	for text, word := range map[string]string{
		"CONSTANTS N = 1  M {2}": "M", "CONSTANTS N = 1  M": "M", "CONSTANT M = {{{1}}} N = 1": "{{1}}", "CONSTANT M < 3": "M",
		"CONSTANT M =\nINVARIANT X": "X",
	} {
		dir := write(t, map[string]string{"A.cfg": text, "A.tla": "", "faults.tsv": "ABug\tA\tN = 2\t-\n"})
		problem := fmt.Sprintf("%s: %q among the constants", filepath.Join(dir, "A.cfg"), word)
		if c, err := ReadCfg(dir, "A.cfg"); err != nil || c.Err() == nil || !strings.Contains(c.Err().Error(), problem) {
			t.Errorf("%q: %v, want %s", text, c.Err(), problem)
		}
		if _, err := ReadCfg(dir, "ABug.cfg"); err == nil || !strings.Contains(err.Error(), "faults.tsv:1: ABug: "+problem) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestModuleFollowsFromTheNameOrAComment(t *testing.T) {
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
