// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/tools/prove/sany"
)

// A universe of testdata/Symbols.tla, and what a solver says of its elements. One
// element has two names, and some have the names of constants.
var (
	elements = map[string]string{"First": "o1", "NoOp": "NoOp", "O_1": "o2", "O_2": "o3", "O_3": "o1", "NoNet": "NoNet", "N_1": "n1", "N_2": "n2", "N_3": "n1"}
	shown    = map[string]string{"o1": "First", "o2": "second", "o3": "O_2", "n1": "N_1", "n2": "N_2"}
)

// withElements is a small instance in which the elements of the universe are constants.
func withElements(spec *sany.Spec) *Machine {
	f := symbolInstance(spec)
	more := *spec
	more.Constants = slices.Clone(spec.Constants)
	f.Spec = &more
	for name, word := range elements {
		if f.constantIndex(name) < 0 {
			more.Constants = append(more.Constants, &sany.Decl{Name: name})
			f.Constants = append(f.Constants, Word(word))
		}
	}
	return f
}

// said is the answer of a solver that knows the state.
func said(in *interpretation, asked []*Term) string {
	var b strings.Builder
	b.WriteString("(")
	for _, t := range asked {
		b.WriteString("(")
		write(&b, t)
		switch v := in.eval(t); {
		case t.Sort == Bool:
			fmt.Fprintf(&b, "\t%s)\n", v.Name)
		case t.Sort == Int && v.N < 0:
			fmt.Fprintf(&b, " (- %d))", -v.N)
		case t.Sort == Int:
			fmt.Fprintf(&b, " %d)\r\n", v.N)
		default:
			fmt.Fprintf(&b, " |%s (%s)|) ", t.Sort, v.Name)
		}
	}
	return b.String() + ")\n"
}

// What is read from a solver's answer is the state that the answer is about, and
// the formulas have its values.
func TestExamplesAreTheStatesOfTheSolver(t *testing.T) {
	spec := readTestdata(t, "Symbols")
	m, err := Symbolic(spec, symbolSorts, spec.Defs["Types"].Body)
	if err != nil {
		t.Fatal(err)
	}
	var formulas []*Term
	for _, name := range named(spec, "F_") {
		if f := m.Holds(spec.Defs[name].Body); madeIn(f) == nil {
			formulas = append(formulas, f)
		}
	}
	u := m.NewUniverse(3, formulas)
	f := withElements(spec)
	r := rand.New(rand.NewPCG(9, 10))
	seen := map[bool]int{}
	for i := range 4 {
		formulas := formulas[len(formulas)*i/4 : len(formulas)*(i+1)/4]
		s := anyState(r, f)
		in := newInterpretation(f, symbolSorts, s)
		ex := u.Ask(m.State, []Value{m.Constants[m.constantIndex("First")], Tuple{Integer(-1), app(Int, "n")}})
		ex.Names = map[string]string{"O_1": "second"}
		for _, g := range formulas {
			ex.Holds(g)
		}
		if err := ex.Read(said(in, ex.Terms())); err != nil {
			t.Fatal(err)
		}
		if got, want := f.StateText(ex.State(m.State)), f.StateText(renamedWords(s)); got != want {
			t.Fatalf("%s\nwant:\n%s", got, want)
		}
		for i, g := range formulas {
			if got, want := ex.Holds(g), in.eval(g) == True; got != want {
				t.Fatalf("formula %d is %v: %v", i, want, got)
			} else {
				seen[got]++
			}
		}
	}
	if seen[true] < 20 || seen[false] < 20 {
		t.Error(seen)
	}
}

// renamedWords is the state with the names that an example has.
func renamedWords(s []Value) []Value {
	var of func(v Value) Value
	list := func(vals []Value) (out []Value) {
		for _, v := range vals {
			out = append(out, of(v))
		}
		return out
	}
	of = func(v Value) Value {
		switch v := v.(type) {
		case *Term:
			if name := shown[v.Name]; v.Sort == Model && name != "" {
				return Word(name)
			}
			return v
		case Tuple:
			return Tuple(list(v))
		case *Record:
			return &Record{Names: v.Names, Vals: list(v.Vals)}
		case *Func:
			return &Func{Keys: list(v.Keys), Vals: list(v.Vals)}
		case *Set:
			return &Set{Elems: list(v.Elems)}
		}
		panic(describe(v))
	}
	return list(s)
}

// What is no answer to what was asked is an error.
func TestOnlyAnswersAreRead(t *testing.T) {
	u := Universe{"Op": {app("Op", "O_1"), app("Op", "O_2")}}
	for text, want := range map[string]string{
		"((O_1 a) (O_2 b) (n 3))":       "<<O_1, O_2, 3>>",
		"((O_1 a) (O_2 a) (n (- 3)))":   "<<O_1, O_1, -3>>",
		"((O_1 |a b|) (O_2 b)\n(n -3))": "<<O_1, O_2, -3>>",
		"((O_1 a) (O_2 b))":             "error",
		"((O_1 a) (O_2 b) (n 3)) ()":    "error",
		"((O_1 a) (O_2 b) (n x))":       "error",
		"((O_1 |a) (O_2 b) (n 3))":      "error",
		"(error \"no\")":                "error",
		"":                              "error",
		")":                             "error",
	} {
		state := []Value{Tuple{app("Op", "O_1"), app("Op", "O_2"), app(Int, "n")}}
		ex := u.Ask(state)
		got := "error"
		if err := ex.Read(text); err == nil {
			got = Text(ex.State(state)[0])
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// Listed sets are shown by their elements, each once; what is true or false in
// the universe is not asked for.
func TestExamplesShowListedSets(t *testing.T) {
	a, b := app("Op", "O_1"), app("Op", "O_2")
	u := Universe{"Op": {a, b}}
	state := []Value{&Set{Elems: []Value{a, b}}, test(nil)}
	ex := u.Ask(state)
	if ex.Holds(exists([]*Term{variable("Net", 0)}, app(Bool, "up", variable("Net", 0)))) || len(ex.Terms()) != 2 {
		t.Error("what has no element holds, or is asked for")
	}
	if err := ex.Read("((O_1 x) (O_2 x))"); err != nil {
		t.Fatal(err)
	}
	if got := Text(ex.State(state)[0]); got != "{O_1}" {
		t.Error(got)
	}
}

// A formula without quantifiers says in its universe what the formula says, and
// each value is one of the elements.
func TestGroundFormulasKeepTheirMeaning(t *testing.T) {
	a, b := app("Op", "a"), app("Op", "b")
	u := Universe{"Op": {a, b}, Str: {String("x")}}
	x, y := variable("Op", 0), variable("Op", 1)
	in := func(v *Term) *Term { return app(Bool, "in", v) }
	edge := func(v, w *Term) *Term { return app(Bool, "edge", v, w) }
	next := func(v *Term) *Term { return app("Op", "next", v) }
	is := func(v, w *Term) *Term { return intern(&Term{Op: opEq, Args: []*Term{v, w}, Sort: Bool}) }
	isOne := func(v *Term) *Term { return or(is(v, a), is(v, b)) }
	all := func(v, w *Term) *Term { return not(or(not(v), not(w))) }
	n := app(Int, "n")
	for name, c := range map[string]struct {
		of   *Term
		want []*Term
	}{
		"some":             {exists([]*Term{x}, in(x)), []*Term{or(in(a), in(b))}},
		"all":              {forall([]*Term{x}, in(x)), []*Term{all(in(a), in(b))}},
		"two":              {exists([]*Term{x, y}, edge(x, y)), []*Term{or(edge(a, a), edge(a, b), edge(b, a), edge(b, b))}},
		"nested":           {exists([]*Term{x}, forall([]*Term{y}, edge(x, y))), []*Term{or(all(edge(a, a), edge(a, b)), all(edge(b, a), edge(b, b)))}},
		"a number":         {le(plus(n, Integer(1)), app(Int, "m")), []*Term{le(plus(n, Integer(1)), app(Int, "m"))}},
		"a value":          {in(next(a)), []*Term{in(next(a)), isOne(next(a))}},
		"a value twice":    {or(in(next(a)), edge(a, next(a))), []*Term{or(in(next(a)), edge(a, next(a))), isOne(next(a))}},
		"a value of it":    {in(next(next(a))), []*Term{in(next(next(a))), isOne(next(next(a))), isOne(next(a))}},
		"each value":       {forall([]*Term{x}, in(next(x))), []*Term{all(in(next(a)), in(next(b))), isOne(next(a)), isOne(next(b))}},
		"an element":       {in(a), []*Term{in(a)}},
		"a known string":   {eq(app(Str, "s"), String("x")), []*Term{eq(app(Str, "s"), String("x")), is(app(Str, "s"), String("x"))}},
		"a string that is": {not(exists([]*Term{variable(Str, 0)}, app(Bool, "p", variable(Str, 0)))), []*Term{not(app(Bool, "p", String("x")))}},
	} {
		got := u.Ground([]*Term{c.of})
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %s", name, scriptOf(got))
		}
	}
	m := New(&sany.Spec{Constants: make([]*sany.Decl, 4)}, false)
	m.Constants = []Value{a, Integer(3), True, &Set{}}
	made := m.NewUniverse(2, []*Term{eq(app(Str, "s"), String("x")), eq(app(Str, "t"), String("x")), le(n, Integer(5)), exists([]*Term{variable("Net", 0)}, app(Bool, "up", variable("Net", 0)))})
	want := map[Sort]string{Str: `x`, Int: "5", "Op": "a O_1 O_2", "Net": "N_1 N_2"}
	got := map[Sort]string{}
	for s, list := range made {
		var names []string
		for _, e := range list {
			if name := e.Name; e.Sort != Int {
				names = append(names, name)
			} else {
				names = append(names, fmt.Sprint(e.N))
			}
		}
		got[s] = strings.Join(names, " ")
	}
	if !maps.Equal(got, want) {
		t.Error(got)
	}
}

func scriptOf(list []*Term) string {
	var b strings.Builder
	for _, t := range list {
		write(&b, t)
		b.WriteByte('\n')
	}
	return b.String()
}
