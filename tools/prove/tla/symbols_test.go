// SPDX-License-Identifier: MIT

package tla

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/race"
	"example.com/pernet/tools/prove/sany"
)

var symbolSorts = map[string]string{"Ops": "set Op", "NoOp": "Op", "Nets": "set Net", "NoNet": "Net", "First": "Op"}

// symbolInstance is a small instance of testdata/Symbols.tla.
func symbolInstance(spec *sany.Spec) *Machine {
	m := New(spec, true)
	for name, v := range map[string]Value{
		"Ops": &Set{Elems: []Value{Word("o1"), Word("o2"), Word("o3")}}, "NoOp": Word("NoOp"), "First": Word("o1"),
		"Nets": &Set{Elems: []Value{Word("n1"), Word("n2")}}, "NoNet": Word("NoNet"),
	} {
		m.Constants[m.constantIndex(name)] = v
	}
	return m
}

// anyState is a state that has the types of the specification.
func anyState(r *rand.Rand, m *Machine) []Value {
	state := make([]Value, len(m.Spec.Variables))
	for _, e := range m.Spec.Defs["Types"].Body.Args {
		for _, in := range append(slices.Clone(e.Args), e) {
			if in.Kind == sany.Builtin && in.Name == `\in` && in.Args[0].Kind == sany.DeclRef {
				state[in.Args[0].Decl.Index] = anyOf(r, m, m.Eval(in.Args[1]))
			}
		}
	}
	return state
}

// anyOf is an element of a set.
func anyOf(r *rand.Rand, m *Machine, set Value) Value {
	switch s := set.(type) {
	case *Set:
		return s.Elems[r.IntN(len(s.Elems))]
	case *numbers:
		return Integer(r.IntN(4))
	case *setOfSeqs:
		all := slices.Clone(s.of.(*Set).Elems)
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		return Tuple(all[:r.IntN(min(3, len(all))+1)])
	case *powerSet:
		sub := &Set{}
		odds := r.IntN(5)
		for _, e := range s.of.(*Set).Elems {
			if r.IntN(4) < odds {
				sub.Elems = append(sub.Elems, e)
			}
		}
		return sub
	case *setOfFuncs:
		f := &Func{Keys: s.dom.(*Set).Elems}
		for range f.Keys {
			f.Vals = append(f.Vals, anyOf(r, m, s.ran))
		}
		return f
	case *setOfRecs:
		rec := &Record{Names: s.names}
		for _, of := range s.of {
			rec.Vals = append(rec.Vals, anyOf(r, m, of))
		}
		return rec
	}
	panic(describe(set))
}

// Each formula of testdata/Symbols.tla has the value, as a term, that it has in
// each of many states, and is true in some and false in others. Where it has no
// value, it owes something that is false there.
func TestTermsHaveTheValuesOfTheStates(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	spec := readTestdata(t, "Symbols")
	f := symbolInstance(spec)
	r := rand.New(rand.NewPCG(5, 6))
	var states [][]Value
	for range 150 {
		states = append(states, anyState(r, f))
	}
	m, err := Symbolic(spec, symbolSorts, spec.Defs["Types"].Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range named(spec, "F_") {
		var term *Term
		m.Obligations = nil
		if err := Try(func() { term = m.Holds(spec.Defs[name].Body) }); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		mayFail := slices.ContainsFunc(m.Obligations, func(o Obligation) bool { return !isOfDoubles(o) })
		seen := map[*Term]int{}
		for i, s := range states {
			f.State = s
			var want *Term
			failed := Try(func() { want = f.Holds(spec.Defs[name].Body) })
			in := newInterpretation(f, symbolSorts, s)
			in.knows(m)
			double, owes := in.owes(m)
			if double || failed != nil && strings.Contains(failed.Error(), "or several") {
				continue
			}
			if (failed != nil) != owes {
				t.Fatalf("%s: it owes what is false: %v; %v, at\n%s", name, owes, failed, f.StateText(s))
			}
			if failed != nil {
				seen[nil]++
				continue
			}
			got := map[*Term]bool{}
			in.anyValues(m, term, got)
			if len(got) != 1 || !got[want] {
				t.Fatalf("%s is %s, the term is %v, at\n%s", name, Text(want), got, f.StateText(s))
			}
			if seen[want]++; seen[True] >= 4 && seen[False] >= 4 && (!mayFail || seen[nil] >= 3 || i >= 20) {
				break
			}
		}
		if seen[True] == 0 && seen[False] == 0 || seen[True]*seen[False]+seen[nil] == 0 {
			t.Errorf("%s is true %d times, false %d times, and has no value %d times", name, seen[True], seen[False], seen[nil])
		}
	}
}

// The steps of testdata/Symbols.tla lead where those of the finite evaluation do,
// and the formulas on a step have its values.
func TestStepsAreThoseOfTheStates(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	spec := readTestdata(t, "Symbols")
	m, err := Symbolic(spec, symbolSorts, spec.Defs["Types"].Body)
	if err != nil {
		t.Fatal(err)
	}
	names := named(spec, "P_")
	terms := map[string][]*Term{} // of each way
	ways := waysOf(t, m, func() {
		for _, name := range names {
			terms[name] = append(terms[name], m.FormulaStep(Claim{Name: name, Body: spec.Defs[name].Body}))
		}
	})
	if !slices.Equal(m.Barren, []string{"Stuck"}) {
		t.Errorf("no state takes %v", m.Barren)
	}
	f := symbolInstance(spec)
	r := rand.New(rand.NewPCG(7, 8))
	taken, seen := map[string]int{}, map[string]map[*Term]int{}
	for range 60 {
		s := anyState(r, f)
		f.State = s
		if Try(func() { f.Steps(spec.Defs["Next"].Body, func() {}) }) != nil {
			continue // something has no value
		}
		values := map[string][]string{} // of a step: those of the formulas, finite
		f.Steps(spec.Defs["Next"].Body, func() {
			key := f.Name().Def.Name + "\n" + f.StateText(f.Next)
			for _, name := range names {
				v := f.FormulaStep(Claim{Body: spec.Defs[name].Body})
				if seen[name] == nil {
					seen[name] = map[*Term]int{}
				}
				seen[name][v]++
				values[key] = append(values[key], Text(v))
			}
		})
		d := stepsDiffer(m, ways, f, symbolSorts, s, taken, func(in *interpretation, i int, next []Value) {
			of := values[ways[i].name+"\n"+f.StateText(next)] // none if the step differs
			for j, name := range names {
				got := map[*Term]bool{}
				in.anyValues(m, terms[name][i], got)
				if of != nil && (len(got) != 1 || !got[truth(of[j] == "TRUE")]) {
					t.Fatalf("%s of %s is %s, the term is %v, from\n%s\nto\n%s", name, ways[i].name, of[j], got, f.StateText(s), f.StateText(next))
				}
			}
		})
		if d != "" {
			t.Fatal(d)
		}
	}
	for _, name := range []string{"Add", "Cut", "Own", "Turn", "Spread", "Wipe", "Pick"} {
		if taken[name] == 0 {
			t.Errorf("no step of %s in %v", name, taken)
		}
	}
	for name, n := range seen {
		if n[True] == 0 || n[False] == 0 {
			t.Errorf("%s is true %d times and false %d times", name, n[True], n[False])
		}
	}
}

// What a lazy next value owes is known when the step is.
func TestNextValuesOwe(t *testing.T) {
	spec := readTestdata(t, "Symbols")
	names := named(spec, "O_")
	for _, name := range names {
		m, err := Symbolic(spec, symbolSorts, spec.Defs["Types"].Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := Try(func() { m.Steps(spec.Defs[name].Body, func() {}) }); err != nil {
			t.Error(err)
		}
		if !slices.ContainsFunc(m.Obligations, func(o Obligation) bool { return strings.Contains(o.What, "in the domain of the function") }) {
			t.Errorf("%s owes %v", name, m.Obligations)
		}
	}
	if len(names) != 7 {
		t.Error(names)
	}
}

// owes reports whether what a machine owes is false: that nothing occurs twice
// in a sequence, which the finite evaluator does not need, or anything else.
func (in *interpretation) owes(m *Machine) (double, other bool) {
	for _, o := range m.Obligations {
		got := map[*Term]bool{}
		in.anyValues(m, o.Claim, got)
		if got[False] {
			if isOfDoubles(o) {
				double = true
			} else {
				other = true
			}
		}
	}
	return double, other
}

func isOfDoubles(o Obligation) bool { return strings.Contains(o.What, "twice") }

// anyValues are the values that a formula can have, also where nothing is said of
// a symbol that evaluation has made.
func (in *interpretation) anyValues(m *Machine, t *Term, got map[*Term]bool) {
	var try func()
	try = func() {
		v, open := in.try(t)
		if open == nil {
			got[v] = true
			return
		}
		for _, e := range in.elements[open.Sort] {
			in.made[open.Name] = e
			try()
		}
		delete(in.made, open.Name)
	}
	in.solutions(axiomsOn(m, []*Term{t}), try)
}

func named(spec *sany.Spec, prefix string) (names []string) {
	for name := range spec.Defs {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
