// SPDX-License-Identifier: MIT

//go:build unix

package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/race"
)

const smallTLA = `package tla

type N int

func Twice(n int) int { return n + n }

func (n N) Sum(more ...int) (s int) {
	for _, m := range more {
		s += m
	}
	return s + int(n)
}

func Odd(n int) bool { return n != 4 && n != 2 }

func unused(int) int { return 1 + 1 }

func Used() int { x := 1; x = 2; return unused(x) }

var Three = 1 + 2
`

const smallTLATest = `package tla

import "testing"

func TestTwice(t *testing.T) {
	if Twice(3) != 6 || !Odd(3) {
		t.Fatal()
	}
}
`

const smallProveTest = `package prove

import (
	"testing"

	"example.com/small/tools/prove/tla"
)

func TestSum(t *testing.T) {
	if tla.N(1).Sum(2, 3) != 6 {
		t.Fatal()
	}
}
`

// TestSchema: all mutants in one binary have the verdicts that each has alone.
func TestSchema(t *testing.T) {
	r := newCode(t)
	r.args[3] = "tools/prove/tla"
	r.write("tools/prove/tla/tla.go", smallTLA)
	r.write("tools/prove/tla/tla_test.go", smallTLATest)
	r.write("tools/prove/prove.go", "package prove\n")
	r.write("tools/prove/prove_test.go", smallProveTest)
	want := []string{
		"Twice: func Twice(n int) int { return n + n } => func Twice(n int) int { return n - n }: killed tests own TestTwice",
		"N.Sum: s += m => nothing: unbuilt",
		"N.Sum: s += m => s -= m: killed tests ./prove TestSum",
		"N.Sum: s += m => s = m: killed tests ./prove TestSum",
		"N.Sum: return s + int(n) => return s - int(n): killed tests ./prove TestSum",
		"Odd: func Odd(n int) bool { return n != 4 && n != 2 } => func Odd(n int) bool { return n == 4 && n != 2 }: killed tests own TestTwice",
		"Odd: func Odd(n int) bool { return n != 4 && n != 2 } => func Odd(n int) bool { return n != 4 || n != 2 }: killed vet own suspect or: n != 4 || n != 2",
		"Odd: func Odd(n int) bool { return n != 4 && n != 2 } => func Odd(n int) bool { return n != 4 && n == 2 }: killed tests own TestTwice",
		"unused: func unused(int) int { return 1 + 1 } => func unused(int) int { return 1 - 1 }: survived",
		"Used: x = 2 => nothing: survived",
		"var: var Three = 1 + 2 => var Three = 1 - 2: survived",
	}
	if status := r.run(); status != 1 || !slices.Equal(r.verdicts(), want) {
		t.Fatalf("status %d\n%s\nwant:\n%s\n%s", status, strings.Join(r.verdicts(), "\n"), strings.Join(want, "\n"), r.out.String())
	}
}

const racyTest = `package model

import (
	"os"
	"testing"
	"time"
)

func TestAll(t *testing.T) {
	file, _ := os.OpenFile("../ran", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	file.WriteString("all ")
	if Sum(3) != 6 {
		t.Fatal()
	}
}

func TestOdd(t *testing.T) {
	if !Odd(3) || Odd(2) {
		t.Fatal()
	}
}

func TestSlow(t *testing.T) {
	time.Sleep(600 * time.Millisecond)
	if Max(1, 2) != 2 {
		t.Fatal()
	}
}
`

// TestKillerGoesFirst: slow tests come last, and what killed a mutant comes
// first the next time, with no other test before it.
func TestKillerGoesFirst(t *testing.T) {
	if race.Enabled {
		t.Skip("one mutant at a time; TestCode runs several")
	}
	r := newCode(t)
	r.write("model/model_test.go", racyTest)
	for only, want := range map[string]string{
		"n != 4.*n == 4": "killed tests own TestOdd",
		"a > b.*a <= b":  "killed tests own TestSlow",
	} {
		r.args[3] = only
		for _, ran := range []string{"all all all ", "all "} { // with copies without a change twice, then with the mutant; to list them alone
			r.write("ran", "")
			if status := r.run("-all"); status != 0 || !strings.Contains(strings.Join(r.verdicts(), "\n")+"\n", want+"\n") || r.read("ran") != ran {
				t.Errorf("%s: status %d, %q, ran: %q, want %s, %q\n%s", only, status, r.verdicts(), r.read("ran"), want, ran, r.out.String())
			}
		}
	}
}

const lockedCode = `package model

import "sync"

func Count() (n int) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			mu.Lock()
			n++
			mu.Unlock()
		})
	}
	all.Wait()
	return n
}
`

const countTest = `package model

import "testing"

func TestCount(t *testing.T) {
	if Count() == 0 {
		t.Fatal()
	}
}
`

// TestRace: what only the race detector sees is killed where there is a C compiler for it.
func TestRace(t *testing.T) {
	if out, err := exec.Command("go", "env", "CGO_ENABLED").Output(); err != nil || strings.TrimSpace(string(out)) != "1" {
		t.Skipf("no C compiler: %s %v", out, err)
	}
	r := newCode(t)
	r.write("model/model.go", lockedCode)
	r.write("model/model_test.go", countTest)
	r.write("small_test.go", "package small\n")
	r.write("tools/tlcrun/conclude.go", "package tlcrun\n")
	r.write("tools/tlcrun/judge_test.go", "package tlcrun\n")
	r.args[3] = "after n\\+\\+"
	want := []string{"Count: mu.Lock() => after n++: killed tests own TestCount"}
	if status := r.run(); status != 0 || !slices.Equal(r.verdicts(), want) {
		t.Errorf("status %d, %q, want %q\n%s", status, r.verdicts(), want, r.out.String())
	}
}
