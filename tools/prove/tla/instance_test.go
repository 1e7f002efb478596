// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/tlc"
	"example.com/pernet/tools/prove/sany"
)

// TLC's graph of testdata/Ways.tla.
const waysGraph = "a5651a3a2792fd2a2e8096300d3742748ec54da6d763e504377bf5527ee40ccd"

func waysOfInstance(t *testing.T, spec *sany.Spec) *graph.Graph[string] {
	cfg, err := tlc.ReadCfg("testdata", "Ways.cfg")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Instance(spec, cfg)
	if err != nil {
		t.Fatal(err)
	}
	g, states, err := m.Graph(spec.Defs["Init"].Body, spec.Defs["Next"].Body)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range states {
		if text := m.StateText(s); text != g.States[i] {
			t.Fatalf("state %d is\n%s\nnot\n%s", i, text, g.States[i])
		}
	}
	return g
}

// The graph of an instance has TLC's states, and its edges, each as often.
func TestWaysAreThoseOfTLC(t *testing.T) {
	spec := readTestdata(t, "Ways")
	g := waysOfInstance(t, spec)
	if got := g.Digest(func(b []byte, s string) []byte { return append(b, s...) }).String(); got != waysGraph {
		t.Error(got)
	}
	// Init is the first state's, with a guard on what has its value already.
	m := New(spec, true)
	m.Constants[m.constantIndex("Start")] = Integer(1)
	m.Constants[m.constantIndex("Kept")] = True
	m.Starts(spec.Defs["Init"].Body, func() { t.Errorf("starts with\n%s", m.StateText(m.State)) })
	if slices.ContainsFunc(m.State, func(v Value) bool { return v != nil }) {
		t.Error("values of the start are left")
	}
	for _, name := range named(spec, "Half_") {
		err := Try(func() { New(spec, true).Starts(spec.Defs[name].Body, func() { t.Error(name + " starts") }) })
		if err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("Ways.tla:%d:", spec.Defs[name].Loc.Line)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheGraphOfWaysIsThatOfTLC(t *testing.T) {
	needTLC(t)
	want, err := graph.ReadDump(dump(t, "testdata", "Ways", "Ways"), graph.Canonical)
	if err != nil {
		t.Fatal(err)
	}
	if d := graph.Compare(want, waysOfInstance(t, readTestdata(t, "Ways")), false); d != nil {
		t.Fatalf("after %v, at\n%s\nonly TLC has %v, only the evaluator %v", d.Way, d.At, d.Spec, d.Code)
	}
}

// A cfg replaces what it says, and what it cannot replace is an error.
func TestACfgReplacesConstantsAndOperators(t *testing.T) {
	spec := readTestdata(t, "Ways")
	bound := *spec.Defs["Sooner"]
	bound.Loc.Module = bounds
	more := *spec
	more.Defs = map[string]*sany.Def{"Bound": &bound}
	for name, d := range spec.Defs {
		more.Defs[name] = d
	}
	replace := func(text string, constants bool) (*Machine, error) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "Some.cfg"), []byte("INIT Init\nNEXT Next\nCONSTANTS\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := tlc.ReadCfg(dir, "Some.cfg")
		if err != nil {
			t.Fatal(err)
		}
		m := New(&more, true)
		return m, m.Replace(cfg, constants)
	}
	for _, c := range []struct {
		text                  string
		constants, operators  string // names of what each has, with constants
		operatorsAlone, error string // and without; the error with constants
	}{
		{"Most = 2\nStart = 1\n", "Most 2, Start 1", "", "", ""},
		{"Few <- Sooner\nMost = 2\n", "Most 2", "Few Sooner", "Few Sooner", ""},
		{"May <- Sooner\nFew <- Sooner\n", "May Sooner", "Few Sooner", "Few Sooner", ""},
		{"Things <- Small\n", "Things Small", "", "", ""},
		{"Few <- Bound\nLimit <- Small\n", "", "Few Bound, Limit Small", "Limit Small", ""},
		{"Few <- None\n", "", "", "", "nothing defines None"},
		{"Nothing <- Sooner\n", "", "", "", "Sooner cannot stand in for Nothing"},
		{"Few <- NoMore\n", "", "", "", "NoMore cannot stand in for Few"},
		{"Less = 2\n", "", "", "", "no constant Less"},
		{"Most = {1\n", "", "", "", "Some.cfg"},
	} {
		for _, constants := range []bool{true, false} {
			m, err := replace(c.text, constants)
			if failed := c.error != "" && (constants || strings.Contains(c.text, "<-") || c.error == "Some.cfg"); (err != nil) != failed || failed && !strings.Contains(err.Error(), c.error) {
				t.Errorf("%q, constants %v: %v", c.text, constants, err)
				continue
			}
			wantConstants, wantOperators := c.constants, c.operators
			if !constants {
				wantConstants, wantOperators = "", c.operatorsAlone
			}
			var has []string
			for i, d := range spec.Constants {
				switch v := m.Constants[i].(type) {
				case nil:
				case *sany.Def:
					has = append(has, d.Name+" "+v.Name)
				default:
					has = append(has, d.Name+" "+Text(v))
				}
			}
			if got := strings.Join(has, ", "); got != wantConstants {
				t.Errorf("%q, constants %v: %s", c.text, constants, got)
			}
			var stand []string
			for old, with := range m.Override {
				name := with.Name
				if with == &bound {
					name = "Bound"
				}
				stand = append(stand, old.Name+" "+name)
			}
			slices.Sort(stand)
			if got := strings.Join(stand, ", "); got != wantOperators {
				t.Errorf("%q, constants %v: operators %s", c.text, constants, got)
			}
		}
	}
}

// What TLC prints is read as the value that it is.
func TestValuesAreThoseThatTLCPrints(t *testing.T) {
	for _, text := range []string{
		"TRUE", "FALSE", "3", "-3", "1000", `"a b"`, "o1", "<<>>", `<<1, "a", o1>>`, "{}", "{1, 2}", `[at |-> "x", n |-> 3]`,
		"(a :> 1 @@ b :> {})", `(1 :> "x" @@ 3 :> <<>>)`, `{[a |-> <<1>>], [a |-> <<2>>]}`, "(<<1, 2>> :> TRUE)",
	} {
		v, err := graph.ParseValue(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := Text(FromTLC(v)); got != text {
			t.Errorf("%s is read as %s", text, got)
		}
		if FromTLC(v) == Value(Word(text)) != (text == "o1") {
			t.Errorf("%s is a model value", text)
		}
	}
	rec, _ := graph.ParseValue("[b |-> 1, a |-> 2]")
	if r := FromTLC(rec).(*Record); Text(r) != "[a |-> 2, b |-> 1]" || r.Names[0] != "a" {
		t.Error(Text(r))
	}
	for want, v := range map[string]Value{
		"a sequence": &Seq{}, "<<>>": &Func{}, "{1, 2, 3}": &Set{Elems: []Value{Integer(3), Integer(1), Integer(2)}},
		"[]": &Record{}, `"x"`: String("x"), "x": Word("x"),
	} {
		if got := Text(v); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
