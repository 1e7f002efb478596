// SPDX-License-Identifier: MIT

package tla

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/tools/prove/sany"
)

// A script has each declaration once, and asks what it is to ask.
func TestScriptsAreWhatIsAsked(t *testing.T) {
	x, y := variable("Net", 0), variable("Op", 1)
	n := app(Int, "n")
	edge := exists([]*Term{x, y}, app(Bool, "edge", x, y, app("Net", "first")))
	same := func(a, b *Term) *Term { return intern(&Term{Op: opEq, Args: []*Term{a, b}, Sort: Bool}) } // in this order
	word := same(app(Str, "s"), String("b"))
	for want, s := range map[string]Script{
		"(set-logic UFLIA)\n": {},
		`; two
; lines
(set-logic UFLIA)
(declare-sort Net 0)
(declare-sort Op 0)
(declare-sort Str 0)
(declare-fun |first| () Net)
(declare-fun |edge| (Net Op Net) Bool)
(declare-fun |s| () Str)
(declare-fun |n| () Int)
(declare-fun |known| (Str) Bool)
(declare-const |"a"| Str)
(declare-const |"b"| Str)
(assert (distinct |"a"| |"b"|))
(assert (exists ((net_0 Net)(op_1 Op)) (|edge| net_0 op_1 |first|)))
(push 1)
(assert (= |s| |"b"|))
(check-sat)
(pop 1)
(push 1)
(assert (forall ((net_0 Net)(op_1 Op)) (not (|edge| net_0 op_1 |first|))))
(check-sat)
(pop 1)
(push 1)
(assert (not (<= |n| (- 3))))
(check-sat)
(pop 1)
(push 1)
(assert (= (ite (= |s| |"b"|) |n| 7) (+ |n| 2)))
(check-sat)
(pop 1)
(push 1)
(assert (|known| |"a"|))
(check-sat)
(pop 1)
`: {Comment: "two\nlines\n", Asserts: []*Term{edge}, Goals: []*Term{word, not(edge), not(le(n, Integer(-3))),
			same(ite(word, n, Integer(7)), plus(n, Integer(2))), app(Bool, "known", String("a"))}},
		`(set-option :produce-models true)
(set-logic UFLIA)
(declare-sort Str 0)
(declare-fun |s| () Str)
(declare-fun |n| () Int)
(declare-const |"b"| Str)
(assert (= |s| |"b"|))
(check-sat)
(get-value (|n|
|"b"|
))
`: {Goals: []*Term{word}, Values: []*Term{n, String("b")}},
		`(set-option :produce-unsat-assumptions true)
(set-logic UFLIA)
(declare-fun |n| () Int)
(declare-fun |p| () Bool)
(declare-fun |q| () Bool)
(assert (<= 0 |n|))
(check-sat-assuming (|p| (not |q|) ))
(get-unsat-assumptions)
(check-sat-assuming (|q| ))
`: {Asserts: []*Term{le(Integer(0), n)}, Assume: [][]*Term{{app(Bool, "p"), not(app(Bool, "q"))}, {app(Bool, "q")}}, Core: true},
		`(set-logic UFLIA)
(declare-fun |p| () Bool)
(check-sat-assuming (|p| ))
`: {Assume: [][]*Term{{app(Bool, "p")}}},
	} {
		var out strings.Builder
		if err := s.Write(&out); err != nil || out.String() != want {
			t.Errorf("%v\n%s\nwant:\n%s", err, out.String(), want)
		}
	}
	for want, goal := range map[string]*Term{
		"no form in SMT-LIB":  eq(app(Model, "m"), Word("a")),
		"has no form":         eq(mirror(&Seq{id: "list"}, x).(*Term), x),
		"used with two sorts": and(app(Bool, "p"), app(Bool, "q", app(Int, "p"))),
	} {
		var out strings.Builder
		if err := (Script{Goals: []*Term{goal}}).Write(&out); err == nil || !strings.Contains(err.Error(), want) || out.Len() > 0 {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// The axioms on what evaluation has made are asked with what it was made for.
func TestAxiomsAreThoseOfTheTerms(t *testing.T) {
	of := func(names ...string) *Term {
		out := []*Term{app(Bool, "other")}
		for _, n := range names {
			out = append(out, app(Bool, "has", app("Op", n)))
		}
		return and(out...)
	}
	plain, chosen, further, size, two := of(), of("choice!1"), of("choice!1", "choice!2"), of("size!3"), of("choice!1", "size!3")
	axioms := []*Term{two, further, plain, chosen, size}
	for i, c := range []struct{ terms, want []*Term }{
		{nil, []*Term{plain}},
		{[]*Term{of("choice!1")}, []*Term{further, plain, chosen}},
		{[]*Term{of("choice!2")}, []*Term{further, plain, chosen}},
		{[]*Term{of("size!3")}, []*Term{two, further, plain, chosen, size}},
		{[]*Term{not(of("choice!1")), of("size!3")}, []*Term{two, further, plain, chosen, size}},
		{[]*Term{of("symbol")}, []*Term{plain}},
	} {
		if got := Related(axioms, c.terms); !slices.Equal(got, c.want) {
			t.Errorf("%d: %s", i, scriptOf(got))
		}
	}
}

// What uses a replaced operator is touched; a term is aside if it is about a
// variable that no other is about.
func TestWhatIsTouchedAndWhatIsAside(t *testing.T) {
	spec := readTestdata(t, "Symbols")
	for replaced, c := range map[string]struct{ yes, no string }{
		"Twice":   {"Twice F_fold", "Fold F_letOf Next"},
		"Place":   {"Place F_place F_place2", "F_before Before"},
		"Idle":    {"F_recs2 F_recs5 F_recs7", "F_recs Next Idle2"},
		"Inits":   {"F_mapped F_mapped3 Spread Next", "Wipe F_flat"},
		"Free":    {"F_sizeIn", "F_sizes"},
		"Flat":    {"Flat F_flat5", "F_kept"},
		"Rest":    {"Add Next Turn", "Wipe Pick"},
		"Kinds":   {"Types", "Kept"},
		"nothing": {"", "Next Types F_fold"},
	} {
		m := New(spec, false)
		if d := spec.Defs[replaced]; d != nil {
			m.Override[d] = d
		}
		touched := m.Touched()
		for _, name := range strings.Fields(c.yes) {
			if !touched[name] {
				t.Errorf("%s does not touch %s", replaced, name)
			}
		}
		for _, name := range strings.Fields(c.no) {
			if touched[name] {
				t.Errorf("%s touches %s", replaced, name)
			}
		}
		if replaced == "nothing" && len(touched) > 0 {
			t.Error(touched)
		}
	}
	m, err := Symbolic(spec, symbolSorts, spec.Defs["Types"].Body)
	if err != nil {
		t.Fatal(err)
	}
	f := func(name string) *Term { return m.Holds(spec.Defs[name].Body) }
	for _, c := range []struct {
		others, term string
		want         bool
	}{
		{"F_owner", "F_owner", false}, {"F_owner", "F_not", true}, {"F_not", "F_owner", true},
		{"F_not F_owner", "F_implies", false}, {"F_not", "F_implies", true}, {"F_implies", "F_not", false},
		{"F_recs", "F_recs3", false}, {"F_len0", "F_head", true}, {"F_len0 F_owner", "F_head", false}, {"", "F_len0", true},
		{"F_len0", "F_first", true}, {"F_first", "F_applyIf", true},
	} {
		var others []*Term
		for _, name := range strings.Fields(c.others) {
			others = append(others, f(name))
		}
		if got := m.Aside(others)(f(c.term)); got != c.want {
			t.Errorf("%s is aside of %s: %v", c.term, c.others, got)
		}
	}
	if m.Aside(nil)(eq(m.Constants[m.constantIndex("First")].(*Term), m.Constants[m.constantIndex("NoOp")].(*Term))) {
		t.Error("what is about no variable is aside")
	}
}

// What a definition is a conjunction of, by name and part.
func TestClaimsAreTheConjuncts(t *testing.T) {
	e := func(kind sany.Kind, name string, args ...*sany.Expr) *sany.Expr {
		return &sany.Expr{Kind: kind, Name: name, Args: args, Loc: sany.Loc{Module: "M", Line: 7, Col: 1}}
	}
	def := func(name string, body *sany.Expr) (*sany.Def, *sany.Expr) {
		d := &sany.Def{Name: name, Body: body}
		return d, &sany.Expr{Kind: sany.User, Def: d}
	}
	yes := func() *sany.Expr { return e(sany.Builtin, "TRUE") }
	_, one := def("One", yes())
	_, pair := def("Pair", e(sany.Builtin, `\land`, yes(), e(sany.Builtin, "FALSE")))
	_, implied := def("Implied", e(sany.Builtin, "=>", e(sany.Builtin, "FALSE"), e(sany.Builtin, "$ConjList", yes(), e(sany.Builtin, "=>", yes(), pair))))
	_, inLet := def("InLet", e(sany.Let, "", pair))
	_, boxed := def("Boxed", e(sany.Builtin, "[]", e(sany.Builtin, "$SquareAct", pair)))
	_, always := def("Always", e(sany.Builtin, "[]", yes()))
	_, either := def("Either", e(sany.Builtin, `\lor`, pair, one))
	of := func(x *sany.Param) *sany.Expr {
		return &sany.Expr{Kind: sany.User, Def: one.Def, Args: []*sany.Expr{yes()}}
	}
	_, called := def("Called", of(nil))
	all, _ := def("All", e(sany.Builtin, "$ConjList", one, pair, e(sany.Builtin, `\land`, implied, inLet), yes(), boxed, always, either, called))
	var got []string
	m := New(&sany.Spec{}, true)
	claims := m.Claims(all)
	for _, c := range claims {
		got = append(got, c.String())
	}
	want := "One Pair.1 Pair.2 Implied.1 Implied.2 Implied.3 InLet.1 InLet.2 M.tla:7:1 Boxed.1 Boxed.2 Always Either Called"
	if strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", got, want)
	}
	values := map[string]*Term{}
	for _, c := range claims {
		if strings.HasPrefix(c.Name, "Pair") || strings.HasPrefix(c.Name, "Implied") || strings.HasPrefix(c.Name, "InLet") {
			values[c.String()] = m.Formula(c)
		}
	}
	if !maps.Equal(values, map[string]*Term{"Pair.1": True, "Pair.2": False, "Implied.1": True, "Implied.2": True, "Implied.3": True, "InLet.1": True, "InLet.2": False}) {
		t.Error(values)
	}
	other, _ := def("Other", yes())
	m.Override[one.Def] = other
	if c := m.Claims(all)[0]; c.Name != "One" || c.Body != other.Body {
		t.Errorf("the claim %s is not replaced", c)
	}
}
