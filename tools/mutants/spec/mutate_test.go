// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/race"
)

// changes are the mutants of a module, each as "kind definition: from -> with".
func changes(t *testing.T, src string, invariants, properties []string) []string {
	t.Helper()
	mutants, err := mutate("a.tla", src, "", "Next", invariants, properties)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range mutants {
		all = append(all, fmt.Sprintf("%s %s: %s -> %s", m.Kind, m.definition, m.from, oneLine(m.with)))
	}
	return all
}

func TestMutants(t *testing.T) {
	for name, c := range map[string]struct {
		src                    string
		invariants, properties []string
		want                   []string
	}{
		"a list of conjuncts": {src: `
Next ==
  /\ x = 1 /\ Low(x)
  /\ x' = 2
  /\ UNCHANGED y
Low(n) == n < 3   \* the whole of it`,
			want: []string{"guard Next: x = 1 -> TRUE", "guard Next: Low(x) -> TRUE", "unchanged Next: 2 -> x", "guard Low: n < 3 -> TRUE"}},
		"in one line": {src: `Next == On /\ (x = 1 \/ x = 2) /\ UNCHANGED x`,
			want: []string{"guard Next: On -> TRUE", `guard Next: (x = 1 \/ x = 2) -> TRUE`}},
		"comments and strings are none": {src: "Next == /\\ s = \"(* /\\ *)\" (* /\\ t (* u *) *)\n        /\\ x' = x \\* /\\ v",
			want: []string{`guard Next: s = "(* /\ *)" -> TRUE`}},
		"IF, LET and a quantifier": {src: `
Next == LET a == x
            b(n) == n
        IN  IF a = 1 /\ b(x) = 1 THEN x' = 2
            ELSE \E i \in S : /\ i > x
                              /\ x' = i`,
			want: []string{"guard Next: a = 1 -> TRUE", "guard Next: b(x) = 1 -> TRUE", "guard Next: i > x -> TRUE", "unchanged Next: 2 -> x", "unchanged Next: i -> x",
				`branch Next: IF a = 1 /\ b(x) = 1 THEN x' = 2 ELSE \E i \in S : /\ i > x /\ x' = i -> x' = 2`,
				`branch Next: IF a = 1 /\ b(x) = 1 THEN x' = 2 ELSE \E i \in S : /\ i > x /\ x' = i -> \E i \in S : /\ i > x /\ x' = i`}},
		"the arms of a CASE": {src: `
Next == \/ x' = CASE x = 1 -> 2
                  [] x = 2 -> 3
                  [] OTHER -> x
        \/ SaysNet(x)
Map == CASE x -> R!A(1) [] y -> R!B [] OTHER -> R!C
R == INSTANCE r WITH a <- IF x THEN 1 ELSE 2, b <- y`, invariants: []string{"Map"},
			want: []string{"unchanged Next: CASE x = 1 -> 2 [] x = 2 -> 3 [] OTHER -> x -> x", "silent Next: SaysNet(x) -> answer' = R!NoAnswer /\\ UNCHANGED call",
				"branch Next: 2 -> x", "branch Next: 3 -> x", "whole Map: CASE x -> R!A(1) [] y -> R!B [] OTHER -> R!C -> TRUE", "branch Map: R!A(1) -> TRUE", "branch Map: R!B -> TRUE",
				"branch R: IF x THEN 1 ELSE 2 -> 1", "branch R: IF x THEN 1 ELSE 2 -> 2"}},
		"a step in an operator is no guard": {src: `
Next == Go /\ Far /\ x = 1
Go == x' = 1
Far == Go`,
			want: []string{"guard Next: x = 1 -> TRUE", "unchanged Go: 1 -> x"}},
		"a variable that an operator sets": {src: `
Next == Move(t, Stand(a, b)) \/ SetPhase(n, "free") \/ AddCount(n, IF A THEN 1 ELSE 0)
Move(t, where) == thread' = where`,
			want: []string{"unchanged Next: Stand(a, b) -> thread[t]", `unchanged Next: "free" -> phase[n]`, "unchanged Next: IF A THEN 1 ELSE 0 -> 0",
				"branch Next: IF A THEN 1 ELSE 0 -> 1", "branch Next: IF A THEN 1 ELSE 0 -> 0", "unchanged Move: where -> thread"}},
		"EXCEPT": {src: `
Next == x' = [x EXCEPT !.a = 1, ![2] = f(3, 4)] \/ y' = [y EXCEPT !.a = 1] \/ Step(t, [On(t) EXCEPT !.c = 1])
Step(t, w) == thread' = w`,
			want: []string{"unchanged Next: [x EXCEPT !.a = 1, ![2] = f(3, 4)] -> x", "except Next: !.a = 1, -> ", "except Next: , ![2] = f(3, 4) -> ",
				"unchanged Next: [y EXCEPT !.a = 1] -> y", "unchanged Next: [On(t) EXCEPT !.c = 1] -> thread[t]", "except Next: [On(t) EXCEPT !.c = 1] -> On(t)",
				"unchanged Step: w -> thread"}},
		"invariants, and what they are made of": {src: `
Next == Ready /\ x' = 1
Ready == x = 0
Fairness == /\ \A t \in T : WF_x(Next) /\ SF_x(A(t))
            /\ WF_x(B)
Inv == \A n \in N : Ready /\ Part(n) => ~ /\ n = 1
                                          /\ x = 2
Part(n) == n = 3 \/ n = 4
Prop == [][x = 1 /\ x' = 2 => Ready]_x
Unused == x = 1 /\ x = 2`, invariants: []string{"Inv"}, properties: []string{"Prop"},
			want: []string{"guard Next: Ready -> TRUE", "unchanged Next: 1 -> x", "guard Ready: x = 0 -> TRUE",
				`fairness Fairness: \A t \in T : WF_x(Next) /\ SF_x(A(t)) -> TRUE`, "fairness Fairness: WF_x(B) -> TRUE",
				"fairness Fairness: WF_x(Next) -> TRUE", "fairness Fairness: SF_x(A(t)) -> TRUE",
				"fairness Fairness: SF_x -> WF_x", `fairness Fairness: /\ \A t \in T : WF_x(Next) /\ SF_x(A(t)) /\ WF_x(B) -> (/\ \A t \in T : WF_x(Next) /\ SF_x(A(t)) /\ WF_x(B)) /\ WF_vars(Next)`,
				"conjunct Inv: Ready -> TRUE", "conjunct Inv: Part(n) -> TRUE", "conjunct Inv: n = 1 -> TRUE", "conjunct Inv: x = 2 -> TRUE",
				`whole Inv: \A n \in N : Ready /\ Part(n) => ~ /\ n = 1 /\ x = 2 -> TRUE`, `whole Part: n = 3 \/ n = 4 -> TRUE`,
				"conjunct Prop: x = 1 -> TRUE", "conjunct Prop: x' = 2 -> TRUE", "whole Prop: [][x = 1 /\\ x' = 2 => Ready]_x -> [][TRUE]_vars"}},
		"a list that ends before an arrow": {src: `
Inv ==
  \/ A
  \/ B /\ C
  => D /\ E`, invariants: []string{"Inv"},
			want: []string{"conjunct Inv: B -> TRUE", "conjunct Inv: C -> TRUE", "conjunct Inv: D -> TRUE", "conjunct Inv: E -> TRUE",
				`whole Inv: \/ A \/ B /\ C => D /\ E -> TRUE`}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := changes(t, c.src, c.invariants, c.properties); !slices.Equal(got, c.want) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// TestWeakens: what is dropped at a place where the whole can only become weaker.
func TestWeakens(t *testing.T) {
	mutants, err := mutate("a.tla", `
Next == x' = 1
Inv == /\ \A n \in N : a /\ b => c /\ (d /\ e)
       /\ LET m == x IN ~ (f /\ g) \/ (h /\ {y \in S : i /\ j} = {})
Prop == [][k /\ (l /\ m => n)]_vars`, "", "Next", []string{"Inv"}, []string{"Prop"})
	if err != nil {
		t.Fatal(err)
	}
	var weaker, other []string
	for _, m := range mutants {
		switch {
		case m.Kind == kindConjunct && m.weakens:
			weaker = append(weaker, m.from)
		case m.Kind == kindConjunct:
			other = append(other, m.from)
		case m.Kind == kindWhole && !m.weakens:
			t.Errorf("%s: not weaker?", m.What)
		}
	}
	slices.Sort(weaker)
	slices.Sort(other)
	if got, want := strings.Join(weaker, "; "), `(d /\ e); (l /\ m => n); LET m == x IN ~ (f /\ g) \/ (h /\ {y \in S : i /\ j} = {}); `+
		`\A n \in N : a /\ b => c /\ (d /\ e); c; d; e; h; k; {y \in S : i /\ j} = {}`; got != want {
		t.Errorf("weaker:\n%s\nwant:\n%s", got, want)
	}
	if got, want := strings.Join(other, "; "), "a; b; f; g; i; j; l; m"; got != want {
		t.Errorf("other: %s, want %s", got, want)
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	for src, want := range map[string]string{
		`A == /\ x /\ y \/ z`:           "brackets around a mixture",
		`A == CASE x -> 1 [] OTHER = 2`: "-> expected, but the definition ends",
		`A == INSTANCE b WITH x = 1`:    "< expected",
		"A == x = (1":                   "an expression expected, but the definition ends",
		"A == x = 1)":                   `the end expected at line 1: ")"`,
		"A == IF x THEN y":              "ELSE expected",
		"A == /\\ x\n     /\\\n":        "an expression expected",
	} {
		if _, err := parseModule(src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", src, err, want)
		}
	}
}

// TestApply: what stands behind a change stays in its column.
func TestApply(t *testing.T) {
	const src = "A == /\\ f(1,\n          2) /\\ /\\ x\n                /\\ y\n     /\\ b'= 1\n"
	for from, c := range map[string]struct{ with, want string }{
		"f(1,\n          2)": {"TRUE", "A == /\\ TRUE\n             /\\ /\\ x\n                /\\ y\n     /\\ b'= 1\n"},
		"f(1,":               {"nothing at all", "A == /\\ nothing at all\n          2) /\\ /\\ x\n                /\\ y\n     /\\ b'= 1\n"},
		"x":                  {"TRUE", "A == /\\ f(1,\n          2) /\\ /\\ TRUE\n                /\\ y\n     /\\ b'= 1\n"},
		"(1,\n          2)":  {"too long", "A == /\\ ftoo long\n             /\\ /\\ x\n                /\\ y\n     /\\ b'= 1\n"},
	} {
		start := strings.Index(src, from)
		if got := (mutant{start: start, end: start + len(from), with: c.with}).apply(src); got != c.want {
			t.Errorf("%q -> %s:\n%s\nwant:\n%s", from, c.with, got, c.want)
		}
	}
}

const specs = "../../../spec"

// A parsed module: its text, its definitions and its mutants.
type parsed struct {
	text    string
	defs    []*definition
	mutants []mutant
}

var modules = map[string]parsed{}

// mutantsOf are the text of a module as it stands, its definitions and its mutants.
func mutantsOf(t *testing.T, sub Subject) (string, []*definition, []mutant) {
	t.Helper()
	if p, ok := modules[sub.Module]; ok {
		return p.text, p.defs, p.mutants
	}
	text, err := os.ReadFile(filepath.Join(specs, sub.file()))
	if err != nil {
		t.Fatal(err)
	}
	defs, err := parseModule(string(text))
	if err != nil {
		t.Fatal(err)
	}
	passing, _, err := readRungs(specs, sub, false)
	if err != nil {
		t.Fatal(err)
	}
	invariants, properties := claims(sub, passing)
	extended := []byte{}
	if sub.Extends != "" {
		if extended, err = os.ReadFile(filepath.Join(specs, sub.Extends+".tla")); err != nil {
			t.Fatal(err)
		}
	}
	mutants, err := mutate(sub.file(), string(text), string(extended), sub.Next, invariants, properties)
	if err != nil {
		t.Fatal(err)
	}
	modules[sub.Module] = parsed{string(text), defs, mutants}
	return string(text), defs, mutants
}

// subjectOf is the subject of a module.
func subjectOf(module string) Subject {
	return Subjects[slices.IndexFunc(Subjects, func(s Subject) bool { return s.Module == module })]
}

// TestEveryActionHasAMutant takes the actions from the alternatives of Next.
func TestEveryActionHasAMutant(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	_, defs, mutants := mutantsOf(t, subjectOf("netns"))
	has := map[string]bool{}
	for _, m := range mutants {
		has[m.definition] = true
	}
	step := steps(defs)
	var actions []string
	var open func(name string)
	open = func(name string) {
		d := defs[slices.IndexFunc(defs, func(d *definition) bool { return d.name == name })]
		isChoice := d.name == "Next" || d.name == "Begin" || d.name == "Continue" || strings.HasPrefix(d.name, "Take") || strings.HasPrefix(d.name, "Worker") || d.name == "SetupNet"
		if !isChoice {
			actions = append(actions, name)
			return
		}
		for _, token := range d.tokens {
			if step[token.text] {
				open(token.text)
			}
		}
	}
	open("Next")
	actions = sorted(actions)
	for _, name := range actions {
		if !has[name] {
			t.Errorf("no mutant of %s", name)
		}
	}
	if len(actions) < 70 {
		t.Errorf("only %d actions: %q", len(actions), actions)
	}
}

// TestEveryClaimHasAMutant: each invariant and property of the cfgs that is
// defined here is dropped whole, and may be caught by a seeded fault.
func TestEveryClaimHasAMutant(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	for module, want := range map[string]int{"netns": 24, "netns_answers": 5, "netns_rwsem": 50, "registry": 15, "users": 7} {
		_, _, mutants := mutantsOf(t, subjectOf(module))
		wholes := map[string]bool{}
		for _, m := range mutants {
			if m.Kind == kindWhole && slices.Contains(m.claims, m.definition) {
				wholes[m.definition] = true
			}
		}
		if len(wholes) < want {
			t.Errorf("%s: only %d: %v", module, len(wholes), wholes)
		}
	}
}

// TestMutantsDiffer: ids are unique, and each change leaves all other lines and
// the columns of all bullets as they are.
func TestMutantsDiffer(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	for _, sub := range Subjects {
		src, defs, mutants := mutantsOf(t, sub)
		ids := map[string]bool{}
		lines := strings.Split(src, "\n")
		for _, m := range mutants {
			if id := m.ID(); ids[id] {
				t.Errorf("%s twice", id)
			} else {
				ids[id] = true
			}
			whole := m.apply(src)
			changed := strings.Split(whole, "\n")
			if len(changed) != len(lines) {
				t.Errorf("%s: %d lines became %d", m.What, len(lines), len(changed))
				continue
			}
			first, last := strings.Count(src[:m.start], "\n"), strings.Count(src[:m.end], "\n")
			for i := range lines {
				if lines[i] != changed[i] && (i < first || i > last) {
					t.Errorf("%s: line %d changed too", m.What, i+1)
				}
			}
			d := defs[slices.IndexFunc(defs, func(d *definition) bool { return d.name == m.definition })]
			text := whole[d.head : d.body.end+len(whole)-len(src)]
			if again, err := parseModule(text); err != nil || len(again) != 1 {
				t.Errorf("%s: %v in %s", m.What, err, text)
			}
		}
	}
}

// TestStandsStill: every operator of the spec that is told where a thread goes
// is known.
func TestStandsStill(t *testing.T) {
	src, defs, _ := mutantsOf(t, subjectOf("netns"))
	step := steps(defs)
	takesWhere := regexp.MustCompile(`(?m)^(\w+)\([^)]*\bwhere\)\s*==`)
	found := 0
	for _, m := range takesWhere.FindAllStringSubmatch(src, -1) {
		found++
		if _, ok := standsStill[m[1]]; !ok || !step[m[1]] {
			t.Errorf("%s is no step that is known", m[1])
		}
	}
	if found < 9 {
		t.Errorf("only %d", found)
	}
	for name := range standsStill {
		if !slices.ContainsFunc(defs, func(d *definition) bool { return d.name == name }) {
			t.Errorf("%s is not in the spec", name)
		}
	}
}
