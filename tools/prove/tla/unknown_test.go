// SPDX-License-Identifier: MIT

package tla

import (
	"slices"
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
	word := variable(Str, 0)
	is := func(s string) *Term { return eq(word, String(s)) }
	either := or(and(is("a"), p), and(is("b"), q))
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
		"p, q, and not both":               {and(p, q, not(and(p, q))), False},
		"p or q, or neither":               {or(p, q, not(or(p, q))), True},
		"each word apart":                  {exists([]*Term{word}, and(either, not(is("c")))), or(p, q)},
		"no such word":                     {exists([]*Term{word}, and(either, is("c"))), False},
		"a word under a negation":          {forall([]*Term{word}, implies(either, is("a"))), not(q)},
		"words of an equivalence":          {forall([]*Term{word}, eq(and(is("a"), p), and(is("a"), q))), not(or(and(p, not(q)), and(not(p), q)))},
		"x <= x":                           {le(app(Int, "n"), app(Int, "n")), True},
		"the order of two symbols is open": {le(app(Int, "n"), app(Int, "m")), intern(&Term{Op: opLe, Args: []*Term{app(Int, "n"), app(Int, "m")}, Sort: Bool})},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v", name, c.got)
		}
	}
	// A part of each element is known by its sort, if no other has it.
	net, op := variable("Net", 2), variable("Op", 3)
	for name, c := range map[string]struct {
		a, b []*Term
		want []int
	}{
		"the same":    {[]*Term{x, op}, []*Term{y, variable("Op", 4)}, []int{0, 1}},
		"one of two":  {[]*Term{op, x}, []*Term{net}, []int{1}},
		"which of it": {[]*Term{x, y}, []*Term{net}, nil},
		"none of it":  {[]*Term{x}, []*Term{op}, nil},
	} {
		if got := partOf(c.a, c.b); !slices.Equal(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%s: %v", name, got)
		}
	}
	// A bound variable does not catch another of its name.
	inner := exists([]*Term{x}, and(in(x), app(Bool, "edge", x, y)))
	if r := replace(inner, y, x); !occurs(x, r) {
		t.Error("the variable was caught")
	}
}
