// SPDX-License-Identifier: MIT

package code

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/pernet/tools/mutants/campaign"
)

// TestMutants: each change is made to the operator that is meant (@), and to nothing else.
func TestMutants(t *testing.T) {
	for _, c := range []struct{ kind, src, want, what string }{
		{"CONDITIONALS_NEGATION", "func f(a int) bool { return a @== 1 }", "func f(a int) bool { return ((a )!=( 1)) }", "f: func f(a int) bool { return a == 1 } => func f(a int) bool { return a != 1 }"},
		{"CONDITIONALS_BOUNDARY", "var v = 1 @< 2", "var v = ((1) <=( 2))", "var: var v = 1 < 2 => var v = 1 <= 2"},
		{"ARITHMETIC_BASE", "var v = g(7@+1)", "var v = g(((7)-(1)))", "var: var v = g(7+1) => var v = g(7-1)"},
		{"INVERT_NEGATIVES", "const c = @-1", "const c = +1", "const: const c = -1 => const c = +1"},
		{"INCREMENT_DECREMENT", "func (s *S) f() { s.n@++ }", "func (s *S) f() { s.n-- }", "S.f: func (s *S) f() { s.n++ } => func (s *S) f() { s.n-- }"},
		{"INVERT_LOOPCTRL", "func (s S[T, U]) f() { for { @break } }", "func (s S[T, U]) f() { for { continue } }", "S.f: func (s S[T, U]) f() { for { break } } => func (s S[T, U]) f() { for { continue } }"},
		{"REMOVE_SELF_ASSIGNMENTS", "func f() { x @+= 2 }", "func f() { x = 2 }", "f: func f() { x += 2 } => func f() { x = 2 }"},
		{"INVERT_ASSIGNMENTS", "func f() { x @%= 2 }", "func f() { x *= 2 }", "f: func f() { x %= 2 } => func f() { x *= 2 }"},
		{"INVERT_BWASSIGN", "func f() { x @^= 2 }", "func f() { x &= 2 }", "f: func f() { x ^= 2 } => func f() { x &= 2 }"},
		{"INVERT_BITWISE", "var v = a @&^ b", "var v = ((a) &( b))", "var: var v = a &^ b => var v = a & b"},
		// What binds tighter than before still has the operands that it had.
		{"INVERT_LOGICAL", "var v = a @&& b && c", "var v = ((a) ||( b)) && c", "var: var v = a && b && c => var v = a || b && c"},
		{"INVERT_LOGICAL", "var v = a || b @|| c", "var v = ((a || b) &&( c))", "var: var v = a || b || c => var v = a || b && c"},
	} {
		src := "package p\n\n" + c.src + "\n"
		at := strings.Index(src, "@")
		src = strings.Replace(src, "@", "", 1)
		all, err := mutate("p/p.go", []byte(src))
		// Blanks tell nothing here, and which side of a bracket they stand is an accident.
		squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if !slices.ContainsFunc(all, func(m mutant) bool {
			return m.Kind == c.kind && m.What == c.what && squeeze(string(m.text)) == squeeze("package p\n\n"+c.want+"\n") &&
				m.At == "3:"+columnOf(src, at)
		}) {
			t.Errorf("%s: %v in\n%+v", c.src, err, all)
		}
	}
	if all, err := mutate("p/p.go", []byte("package p\n\nvar a, b = f(1), []int{2}\n")); len(all) > 0 || err != nil {
		t.Error(all, err)
	}
	if _, err := mutate("p/p.go", []byte("package")); err == nil {
		t.Error("a file that is no Go")
	}
}

// TestNothingIsKilledByTestsThatAlwaysFail: tests that fail without any change would kill every mutant.
func TestNothingIsKilledByTestsThatAlwaysFail(t *testing.T) {
	for name, c := range map[string]struct {
		clean, changed error
		want           campaign.Verdict // "" if there must be none
	}{
		"the tests fail only where it is changed": {nil, errors.New("failed"), campaign.Killed},
		"they never fail":                         {nil, nil, campaign.Survived},
		"they always fail":                        {errors.New("failed"), errors.New("failed"), ""},
		"they fail only where nothing is changed": {errors.New("failed"), nil, ""},
	} {
		target := &Target{clean: map[string]time.Duration{}}
		found, err := target.climb(t.Context(), own, "p", func(_ context.Context, changed bool, _ string) (string, error) {
			if changed {
				return "--- FAIL: TestX\n", c.changed
			}
			return "--- FAIL: TestX\n", c.clean
		})
		if found.Verdict != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}

// TestShapes: the changes that are of no operator, and no others.
func TestShapes(t *testing.T) {
	for src, want := range map[string][]string{
		"func f() { a(); b() }": {
			"STATEMENT_DROPPED f: a() => nothing | func f() { ; b() }",
			"STATEMENTS_SWAPPED f: a() => after b() | func f() { b(); a() }",
			"STATEMENT_DROPPED f: b() => nothing | func f() { a();  }",
		},
		"func f() { if a { b() // why\n }; return }": {
			"STATEMENT_DROPPED f: if a { b() } => nothing | func f() { ; return }",
			"STATEMENT_DROPPED f: b() => nothing | func f() { if a {  // why\n }; return }",
			"STATEMENT_DROPPED f: return => nothing | func f() { if a { b() // why\n };  }",
		},
		"func f() { m.RLock(); defer m.RUnlock() }": { // the other way round they do the same
			"STATEMENT_DROPPED f: m.RLock() => nothing | func f() { ; defer m.RUnlock() }",
			"STATEMENT_DROPPED f: defer m.RUnlock() => nothing | func f() { m.RLock();  }",
			"DEFER_PLAIN f: defer m.RUnlock() => m.RUnlock() | func f() { m.RLock(); m.RUnlock() }",
		},
		"func f() { m.Lock(); defer n.Unlock() }": {
			"STATEMENT_DROPPED f: m.Lock() => nothing | func f() { ; defer n.Unlock() }",
			"STATEMENTS_SWAPPED f: m.Lock() => after defer n.Unlock() | func f() { defer n.Unlock(); m.Lock() }",
			"STATEMENT_DROPPED f: defer n.Unlock() => nothing | func f() { m.Lock();  }",
			"DEFER_PLAIN f: defer n.Unlock() => n.Unlock() | func f() { m.Lock(); n.Unlock() }",
		},
		"func f() { defer m.Unlock() }": {
			"STATEMENT_DROPPED f: defer m.Unlock() => nothing | func f() {  }",
			"DEFER_PLAIN f: defer m.Unlock() => m.Unlock() | func f() { m.Unlock() }",
		},
		"func f() []int { return slices.Clone(x.y) }": {
			"COPY_LEFT_OUT f: slices.Clone(x.y) => x.y | func f() []int { return x.y }\n\nvar _ = slices.Clone[[]int]",
		},
		"func f(c []T) { switch x { case 1: c = append([]T(nil), y...); case 2: c = append([]T{}, y...); default: c = append(c, y...) } }": {
			"STATEMENT_DROPPED f: c = append([]T(nil), y...) => nothing | func f(c []T) { switch x { case 1: ; case 2: c = append([]T{}, y...); default: c = append(c, y...) } }",
			"COPY_LEFT_OUT f: append([]T(nil), y...) => y | func f(c []T) { switch x { case 1: c = y; case 2: c = append([]T{}, y...); default: c = append(c, y...) } }",
			"STATEMENT_DROPPED f: c = append([]T{}, y...) => nothing | func f(c []T) { switch x { case 1: c = append([]T(nil), y...); case 2: ; default: c = append(c, y...) } }",
			"COPY_LEFT_OUT f: append([]T{}, y...) => y | func f(c []T) { switch x { case 1: c = append([]T(nil), y...); case 2: c = y; default: c = append(c, y...) } }",
			"STATEMENT_DROPPED f: c = append(c, y...) => nothing | func f(c []T) { switch x { case 1: c = append([]T(nil), y...); case 2: c = append([]T{}, y...); default:  } }",
		},
		// What the block needs stays: what it declares, what it returns, the other way of an if.
		"func f() int { a := 1; if a == 2 { return a } else { return 3 }; return a }": nil,
		"func f() { a(); a() }": {
			"STATEMENT_DROPPED f: a() => nothing | func f() { ; a() }",
			"STATEMENT_DROPPED f: a() => nothing | func f() { a();  }",
		},
	} {
		all, err := mutate("p/p.go", []byte("package p\n\n"+src+"\n"))
		var got []string
		for _, m := range all {
			if operators[m.Kind] == nil {
				got = append(got, m.Kind+" "+m.What+" | "+strings.TrimSpace(strings.TrimPrefix(string(m.text), "package p\n\n")))
			}
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v\n%s\nwant\n%s", src, err, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func columnOf(src string, at int) string {
	return strconv.Itoa(at - strings.LastIndex(src[:at], "\n"))
}

// TestOperatorsChange: no kind replaces an operator by itself.
func TestOperatorsChange(t *testing.T) {
	for kind, table := range operators {
		for from, to := range table {
			if from == to {
				t.Errorf("%s changes nothing of %s", kind, from)
			}
		}
	}
}

// TestHashesStay: a mutant has the same hash after the file has grown above it,
// and the same change twice in one function is two mutants.
func TestHashesStay(t *testing.T) {
	made := func(above string) []mutant {
		all, err := mutate("p/p.go", []byte("package p\n\n"+above+"func f() {\n\tx++\n\tx++\n}\n"))
		all = slices.DeleteFunc(all, func(m mutant) bool { return m.Kind == dropped })
		if err != nil || len(all) != 2 {
			t.Fatal(all, err)
		}
		return all
	}
	before, after := made(""), made("var y int\n\n")
	if before[0].Hash == before[1].Hash || before[0].Hash != after[0].Hash || before[1].Hash != after[1].Hash || before[0].At == after[0].At {
		t.Errorf("%+v\n%+v", before, after)
	}
}

// TestReason: what is said of tests that failed is read from what Go prints.
func TestReason(t *testing.T) {
	for out, want := range map[string][2]string{
		"--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/b (0.00s)\nFAIL\n":                                  {tests, "TestA"},
		"    --- FAIL: TestA/b (0.00s)\n--- FAIL: TestA (0.00s)\n":                                        {tests, "TestA/b"},
		"panic: test timed out after 12s\n\trunning tests:\n\t\tTestSlow (12s)\n\ngoroutine 7 [running]:": {endless, "TestSlow"},
		"fatal error: all goroutines are asleep - deadlock!\n":                                            {tests, "fatal error: all goroutines are asleep - deadlock!"},
		"# example.com/p\n# [example.com/p]\np/p.go:3:4: suspect or: a\nFAIL\n":                           {vet, "suspect or: a"},
		"FAIL\texample.com/p\t0.1s\n":                                                                     {tests, ""},
	} {
		if how, name := reason(out); how != want[0] || name != want[1] {
			t.Errorf("%q: %s %q, want %q", out, how, name, want)
		}
	}
}
