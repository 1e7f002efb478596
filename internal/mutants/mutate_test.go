// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"go/token"
	"os"
	"strings"
	"testing"
)

// TestTableIsTheDocumentedOne: our table says what gremlins' documentation says, and no more.
func TestTableIsTheDocumentedOne(t *testing.T) {
	text, err := os.ReadFile("testdata/documented.tsv")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.SplitN(string(text), "\n", 2)[0], tableVersion) {
		t.Errorf("that documentation is not of %s", tableVersion)
	}
	documented := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[2:] {
		cells := strings.Split(line, "\t")
		documented[cells[0]+" "+cells[1]] = cells[2]
	}
	ours := 0
	for kind, table := range changes {
		for from, to := range table {
			ours++
			if want := documented[fmt.Sprint(kind, " ", from)]; want != to.String() {
				t.Errorf("%s: %s becomes %s, documented is %q", kind, from, to, want)
			}
		}
	}
	if ours != len(documented) {
		t.Errorf("%d changes, documented are %d", ours, len(documented))
	}
}

// TestMutants: the change is made where gremlins says, and to nothing else.
func TestMutants(t *testing.T) {
	for _, c := range []struct{ kind, src, want, what string }{
		{"CONDITIONALS_NEGATION", "func f(a int) bool { return a @== 1 }", "func f(a int) bool { return ((a )!=( 1)) }", "f: func f(a int) bool { return a == 1 } => func f(a int) bool { return a != 1 }"},
		{"CONDITIONALS_BOUNDARY", "var v = 1 @< 2", "var v = ((1) <=( 2))", "var: var v = 1 < 2 => var v = 1 <= 2"},
		{"ARITHMETIC_BASE", "var v = g(7@+1)", "var v = g(((7)-(1)))", "var: var v = g(7+1) => var v = g(7-1)"},
		{"INVERT_NEGATIVES", "const c = @-1", "const c = +1", "const: const c = -1 => const c = +1"},
		{"INCREMENT_DECREMENT", "func (s *S) f() { s.n@++ }", "func (s *S) f() { s.n-- }", "S.f: func (s *S) f() { s.n++ } => func (s *S) f() { s.n-- }"},
		{"INVERT_LOOPCTRL", "func (s S[T]) f() { for { @break } }", "func (s S[T]) f() { for { continue } }", "S.f: func (s S[T]) f() { for { break } } => func (s S[T]) f() { for { continue } }"},
		{"REMOVE_SELF_ASSIGNMENTS", "func f() { x @+= 2 }", "func f() { x = 2 }", "f: func f() { x += 2 } => func f() { x = 2 }"},
		{"INVERT_BITWISE", "var v = a @&^ b", "var v = ((a) &( b))", "var: var v = a &^ b => var v = a & b"},
		// What binds tighter than before still has the operands that it had.
		{"INVERT_LOGICAL", "var v = a @&& b && c", "var v = ((a) ||( b)) && c", "var: var v = a && b && c => var v = a || b && c"},
		{"INVERT_LOGICAL", "var v = a || b @|| c", "var v = ((a || b) &&( c))", "var: var v = a || b || c => var v = a || b && c"},
	} {
		src := "package p\n\n" + c.src + "\n"
		at := strings.Index(src, "@")
		line := strings.Count(src[:at], "\n") + 1
		col := at - strings.LastIndex(src[:at], "\n")
		src = strings.Replace(src, "@", "", 1)
		all, err := mutants("p", "p/p.go", []byte(src), []place{{line, col, c.kind}})
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		// Blanks tell nothing here, and which side of a bracket they stand is an accident.
		squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got := string(all[0].text); squeeze(got) != squeeze("package p\n\n"+c.want+"\n") || all[0].what != c.what {
			t.Errorf("%s: %s%s", c.src, got, all[0].what)
		}
	}
}

// TestIDs: a mutant is known again after the file has grown above it, and twice
// the same change in one function is two mutants.
func TestIDs(t *testing.T) {
	body := "func f() {\n\tx++\n\tx++\n}\n"
	made := func(above string) []mutant {
		first := 4 + strings.Count(above, "\n")
		all, err := mutants("p", "p/p.go", []byte("package p\n\n"+above+body), []place{{first + 1, 3, "INCREMENT_DECREMENT"}, {first, 3, "INCREMENT_DECREMENT"}})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	before, after := made(""), made("var y int\n\n")
	if before[0].line > before[1].line || before[0].hash == before[1].hash {
		t.Errorf("%s %s", before[0].id(), before[1].id())
	}
	for i := range before {
		rs := results{lines: []result{{id: before[1-i].id()}, {id: before[i].id()}}}
		if r := rs.find(after[i]); r == nil || r.id != before[i].id() || r.id == after[i].id() {
			t.Errorf("%s is not found again: %v", after[i].id(), r)
		}
	}
}

// TestWrongPlace: a change that is not possible is an error, not a mutant that
// is the code itself.
func TestWrongPlace(t *testing.T) {
	src := []byte("package p\n\nvar v = 1 < 2\n")
	for _, p := range []place{{3, 12, "CONDITIONALS_BOUNDARY"}, {3, 11, "ARITHMETIC_BASE"}, {3, 11, "NEW_KIND"}} {
		if all, err := mutants("p", "p/p.go", src, []place{p}); err == nil {
			t.Errorf("%v: %s", p, all[0].text)
		}
	}
	if _, err := mutants("p", "p/p.go", []byte("package"), nil); err == nil {
		t.Error("a file that is no Go")
	}
	for kind, table := range changes {
		for from, to := range table {
			if from == to || from == token.ILLEGAL {
				t.Errorf("%s changes nothing of %s", kind, from)
			}
		}
	}
}
