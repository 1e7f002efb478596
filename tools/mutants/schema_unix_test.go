// SPDX-License-Identifier: MIT

//go:build unix

package main

import (
	"slices"
	"strings"
	"testing"
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

func unused(int) int { return 1 + 1 }

func Used() int { x := 1; x = 2; return unused(x) }

var Three = 1 + 2
`

const smallTLATest = `package tla

import "testing"

func TestTwice(t *testing.T) {
	if Twice(3) != 6 {
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
		"unused: func unused(int) int { return 1 + 1 } => func unused(int) int { return 1 - 1 }: survived",
		"Used: x = 2 => nothing: survived",
		"var: var Three = 1 + 2 => var Three = 1 - 2: survived",
	}
	if status := r.run(); status != 1 || !slices.Equal(r.verdicts(), want) {
		t.Fatalf("status %d\n%s\nwant:\n%s\n%s", status, strings.Join(r.verdicts(), "\n"), strings.Join(want, "\n"), r.out.String())
	}
}
