// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/tools/prove/sany"
)

// What testdata/Refused.tla says is an error with file and line.
func TestWhatIsRefused(t *testing.T) {
	spec := readTestdata(t, "Refused")
	symbols, err := Symbolic(spec, map[string]string{"Ops": "set Op", "First": "Op"}, spec.Defs["Types"].Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Concat(named(spec, "R_"), named(spec, "X_"), named(spec, "RF_"), named(spec, "A_"), named(spec, "XA_")) {
		for _, m := range []*Machine{New(spec, true), symbols} {
			if m.Finite && strings.HasPrefix(name, "X") || !m.Finite && strings.HasPrefix(name, "RF_") {
				continue
			}
			var v *Term
			m.primed, m.at, m.path, m.live, m.guards = false, nil, nil, nil, nil // an error leaves them as they were
			def := spec.Defs[name]
			err := Try(func() {
				if strings.Contains(name, "A_") {
					m.Steps(def.Body, func() {})
				} else {
					v = m.Holds(def.Body)
				}
			})
			if err == nil {
				t.Fatalf("%s, finite %v: %s", name, m.Finite, Text(v))
			}
			if place := fmt.Sprintf("Refused.tla:%d:", def.Loc.Line); !strings.HasPrefix(err.Error(), place) || !strings.Contains(err.Error(), ": cannot evaluate ") {
				t.Fatalf("%s, finite %v: %v", name, m.Finite, err)
			}
		}
	}
}

// A finite value with a symbol in it is refused where it must be known, as is the
// name of a step that has none.
func TestWhatIsNotKnownIsRefused(t *testing.T) {
	spec := readTestdata(t, "Refused")
	var names []string
	for _, name := range named(spec, "N_") {
		m := New(spec, true)
		m.State[spec.Variables[slices.IndexFunc(spec.Variables, func(d *sany.Decl) bool { return d.Name == "flag" })].Index] = app(Bool, "p")
		err := Try(func() { m.Steps(spec.Defs[name].Body, func() {}) })
		if err == nil || !strings.Contains(err.Error(), "cannot evaluate ") {
			t.Errorf("%s: %v", name, err)
		}
		names = append(names, name)
	}
	if len(names) != 4 {
		t.Error(names)
	}
	m := New(spec, true)
	if err := Try(func() { m.Steps(&sany.Expr{Kind: sany.Builtin, Name: "TRUE"}, func() { m.Name() }) }); err == nil {
		t.Error("a step of no action has a name")
	}
}

// What does not say of each variable what it is makes no symbols.
func TestTypesSayWhatEachVariableIs(t *testing.T) {
	spec := readTestdata(t, "Refused")
	for _, name := range named(spec, "T_") {
		_, err := Symbolic(spec, map[string]string{"Ops": "set Op", "First": "Op"}, spec.Defs[name].Body)
		if err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("Refused.tla:%d:", spec.Defs[name].Loc.Line)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A model value equals nothing but itself, as for TLC.
func TestModelValuesEqualThemselves(t *testing.T) {
	m := New(&sany.Spec{}, true)
	a := Word("a")
	for _, v := range []Value{Word("b"), Integer(1), String("a"), True, Tuple{}, &Set{}, &Record{}, &Func{}} {
		if m.equal(a, v) != False || m.equal(v, a) != False {
			t.Errorf("it equals %s", Text(v))
		}
	}
	if m.equal(a, a) != True || m.in(a, &numbers{}) != False || m.in(a, &numbers{Integer(0)}) != False {
		t.Error("it is not itself, or a number")
	}
	// Of other values of two kinds nothing is said, nor of a constant with too few arguments.
	for _, v := range []Value{Integer(1), True, &Set{}, &Record{}} {
		if err := Try(func() { m.equal(String("a"), v) }); err == nil {
			t.Errorf("a string is compared with %s", Text(v))
		}
	}
	if err := Try(func() { m.call(&sany.Def{Params: []*sany.Param{{Name: "x"}}}, nil, nil) }); err == nil {
		t.Error("a call without its argument")
	}
}

// A record has its fields, and a tuple its places; a term that is no known string or
// number names none of them.
func TestOnlyFieldsAndPlacesHaveValues(t *testing.T) {
	m := New(&sany.Spec{}, false)
	for _, f := range []Value{&Record{Names: []string{"", "a"}, Vals: []Value{True, True}}, Tuple{True, True}} {
		for _, x := range []Value{Tuple{}, &Set{}, Word("a"), Word(""), app(Str, "a"), app("Op", "a"), app(Int, "a"), True, False, Integer(0), Integer(3), Integer(-1), variable(Int, 1), variable(Str, 1), String("b")} {
			if err := Try(func() { m.apply(f, x) }); err == nil {
				t.Errorf("%s has a value at %s", describe(f), describe(x))
			}
		}
	}
}
