// SPDX-License-Identifier: MIT

package tla

import (
	"strings"
	"testing"

	"example.com/pernet/tools/prove/sany"
)

// What the evaluator does not know is an error with file and line.
func TestUnknownOperatorsAreErrors(t *testing.T) {
	at := sany.Loc{Module: "Some", Line: 3, Col: 7}
	for name, e := range map[string]*sany.Expr{
		"of the language":      {Kind: sany.Builtin, Name: "ENABLED", Loc: at},
		"of a standard module": {Kind: sany.User, Def: &sany.Def{Name: "Bags", Standard: true}, Loc: at},
		"an unbound parameter": {Kind: sany.ParamRef, Param: &sany.Param{Name: "x"}, Loc: at},
	} {
		for _, finite := range []bool{true, false} {
			err := Try(func() { New(&sany.Spec{}, finite).Holds(e) })
			if err == nil || !strings.HasPrefix(err.Error(), "Some.tla:3:7: cannot evaluate") {
				t.Errorf("%s, finite %v: %v", name, finite, err)
			}
		}
	}
}

// The simplifications of terms keep what they mean.
func TestTermsKeepTheirMeaning(t *testing.T) {
	p, q := app(Bool, "p"), app(Bool, "q")
	x, y := variable("Net", 0), variable("Net", 1)
	in := func(v *Term) *Term { return app(Bool, "in", v) }
	for name, c := range map[string]struct{ got, want *Term }{
		"p and not p":                      {and(p, not(p)), False},
		"p or not p":                       {or(p, not(p)), True},
		"an equation gives the variable":   {exists([]*Term{x}, and(eq(x, y), in(x))), in(y)},
		"a variable that is not there":     {forall([]*Term{x}, p), p},
		"two strings":                      {eq(String("a"), String("b")), False},
		"two model values":                 {eq(Word("a"), Word("b")), False},
		"a choice between strings":         {eq(ite(p, String("a"), String("b")), String("a")), p},
		"no equation under not":            {exists([]*Term{x}, not(eq(x, y))), intern(&Term{Op: opExists, Vars: []*Term{x}, Args: []*Term{not(eq(x, y))}, Sort: Bool})},
		"assuming p":                       {assume(or(not(p), q), p), q},
		"assuming not p":                   {assume(or(p, q), not(p)), q},
		"x <= x":                           {le(app(Int, "n"), app(Int, "n")), True},
		"the order of two symbols is open": {le(app(Int, "n"), app(Int, "m")), intern(&Term{Op: opLe, Args: []*Term{app(Int, "n"), app(Int, "m")}, Sort: Bool})},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v", name, c.got)
		}
	}
	// A bound variable does not catch another of its name.
	inner := exists([]*Term{x}, and(in(x), app(Bool, "edge", x, y)))
	if r := replace(inner, y, x); !occurs(x, r) {
		t.Error("the variable was caught")
	}
}
