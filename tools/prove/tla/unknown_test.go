// SPDX-License-Identifier: MIT

package tla

import (
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/graph"
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
			if err == nil || !strings.HasPrefix(err.Error(), "Some.tla:3:7: cannot evaluate") || e.Kind == sany.ParamRef != strings.Contains(err.Error(), "which nothing binds") {
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
		"a conjunction":                    {And(p, q), and(p, q)},
		"a disjunction":                    {Or(p, q), or(p, q)},
		"no disjunct":                      {Or(), False},
		"no conjunct":                      {And(), True},
		"a negation":                       {Not(p), not(p)},
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

// What only a mistake in this package leads to is a panic, no error of the specification.
func TestMistakesPanic(t *testing.T) {
	panics := func(f func()) (does bool) {
		defer func() { does = recover() != nil }()
		_ = Try(f)
		return false
	}
	x := variable("Op", 0)
	for name, f := range map[string]func(){
		"of another kind":    func() { panic("another") },
		"an unknown term":    func() { rewriter{}.build(&Term{Op: "none"}, nil) },
		"no identity":        func() { identity(&Set{}) },
		"no leaves":          func() { leaves(&Set{}) },
		"no place to change": func() { with(&Set{}, x, x) },
		"no key of TLC's": func() {
			FromTLC(graph.Value{Kind: graph.Function, Keys: []string{"<<"}, Items: []graph.Value{{Text: "1"}}})
		},
	} {
		if !panics(f) {
			t.Errorf("%s: no panic", name)
		}
	}
	m := New(&sany.Spec{}, false)
	var vars []*Term
	local := &sany.Def{Name: "f", Local: true}
	for name, f := range map[string]func(){
		"an element of no shape":      func() { m.fresh(nil, &vars) },
		"a definition of another LET": func() { m.Holds(&sany.Expr{Kind: sany.User, Def: local}) },
		"a constant without its value": func() {
			New(&sany.Spec{Constants: make([]*sany.Decl, 1)}, true).Holds(&sany.Expr{Kind: sany.DeclRef, Decl: &sany.Decl{Name: "C"}})
		},
	} {
		if err := Try(f); err == nil || !strings.Contains(err.Error(), "cannot evaluate ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if same(&Record{}, &Record{}) || !same(Tuple{x}, Tuple{x}) || same(Tuple{x}, x) || same(Tuple{x}, Tuple{x, x}) {
		t.Error("the same value")
	}
}

// A sequence of tuples has a symbol for each way to choose their strings.
func TestKindsAreTheStringsOfTuples(t *testing.T) {
	m := New(&sany.Spec{}, false)
	ops := &Set{shape: Sort("Op"), has: func(Value) *Term { return True }}
	words := func(list ...string) *Set {
		s := &Set{}
		for _, w := range list {
			s.Elems = append(s.Elems, String(w))
		}
		return s
	}
	o := app("Op", "o")
	kinds := m.kindsOf(&Set{of: []Value{words("a", "b"), ops, words("c", "d"), &Set{Elems: []Value{Integer(1)}}, &Set{Elems: []Value{app(Str, "s")}}}})
	var names []string
	for _, k := range kinds {
		is, rest := k.of(Tuple{String("a"), o, app(Str, "w"), Integer(1), String("x")})
		names = append(names, k.name+" "+scriptOf([]*Term{is}))
		if !slices.Equal(rest, []*Term{o, Integer(1), String("x")}) {
			t.Errorf("%s leaves %s", k.name, scriptOf(rest))
		}
		var vars []*Term
		v := k.fresh(m, tupleShape{Str, Sort("Op"), Str, Int, Str}, &vars).(Tuple)
		if len(vars) != 3 || v[0] != Value(k.words[0]) || v[2] != Value(k.words[2]) || v[1] != Value(vars[0]) {
			t.Errorf("%s: an element with %d variables", k.name, len(vars))
		}
	}
	want := []string{`.a.c (= |w| |"c"|)`, `.a.d (= |w| |"d"|)`, ".b.c false", ".b.d false"}
	for i, n := range names {
		if got := strings.ReplaceAll(strings.TrimSpace(n), `|"c"| |w|`, `|w| |"c"|`); strings.ReplaceAll(got, `|"d"| |w|`, `|w| |"d"|`) != want[i] {
			t.Errorf("%s, want %s", n, want[i])
		}
	}
	if kinds := m.kindsOf(&Set{of: []Value{ops}}); len(kinds) != 1 || kinds[0].name != "" {
		t.Error(kinds)
	}
}
