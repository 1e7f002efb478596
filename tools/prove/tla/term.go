// SPDX-License-Identifier: MIT

// Package tla evaluates TLA+. Its values are finite, or symbolic: terms of
// first-order logic over unbounded sorts. One evaluator serves both; what it
// makes of finite values is compared with TLC, what it makes of symbolic ones is
// handed to a solver.
package tla

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Sort is a sort of first-order logic.
type Sort string

// The sorts that every specification has. Model is that of the model values of a
// finite instance, which are equal to nothing but themselves.
const (
	Bool  Sort = "Bool"
	Int   Sort = "Int"
	Str   Sort = "Str"
	Model Sort = "Model"
)

// A Term is a term of first-order logic. Equal terms are one pointer.
type Term struct {
	Op   string // see below
	Name string
	N    int
	Args []*Term
	Vars []*Term // of a quantifier
	Sort Sort

	id   int
	vars uint64 // a filter of the bound variables that occur in it
}

// The operators of terms.
const (
	opLit    = "lit" // a value that differs from all others: TRUE, 3, "device"
	opVar    = "var" // a bound variable
	opApp    = "app" // a symbol that the solver may interpret, applied
	opNot    = "not"
	opAnd    = "and"
	opOr     = "or"
	opEq     = "="
	opIte    = "ite"
	opAdd    = "+"
	opSub    = "-"
	opLe     = "<="
	opForall = "forall"
	opExists = "exists"
)

var table = map[string]*Term{}

// True and False are the truth values.
var (
	True  = literal(Bool, "true", 1)
	False = literal(Bool, "false", 0)
)

// Forget begins anew: what terms were made before does not change the form of
// those that are made after.
func Forget() {
	table = map[string]*Term{key(True): True, key(False): False}
	smallInts = [256]*Term{}
}

func key(t *Term) string {
	b := make([]byte, 0, 64)
	b = append(b, t.Op...)
	b = append(b, 0)
	b = append(b, t.Name...)
	b = append(b, 0)
	b = append(b, t.Sort...)
	b = strconv.AppendInt(append(b, 0), int64(t.N), 10)
	for _, a := range t.Args {
		b = strconv.AppendInt(append(b, 1), int64(a.id), 36)
	}
	for _, v := range t.Vars {
		b = strconv.AppendInt(append(b, 2), int64(v.id), 36)
	}
	return string(b)
}

func intern(t *Term) *Term {
	k := key(t)
	if old := table[k]; old != nil {
		return old
	}
	t.id = len(table)
	if t.Op == opVar {
		t.vars = 1 << (t.N % 64)
	}
	for _, a := range t.Args {
		t.vars |= a.vars
	}
	table[k] = t
	return t
}

func literal(s Sort, name string, n int) *Term {
	return intern(&Term{Op: opLit, Name: name, N: n, Sort: s})
}

var smallInts [256]*Term

// Integer is a number.
func Integer(n int) *Term {
	if n < -64 || n >= len(smallInts)-64 {
		return literal(Int, "", n)
	}
	if smallInts[n+64] == nil {
		smallInts[n+64] = literal(Int, "", n)
	}
	return smallInts[n+64]
}

// String is a string.
func String(s string) *Term { return literal(Str, s, 0) }

// Word is a model value of a finite instance.
func Word(s string) *Term { return literal(Model, s, 0) }

func truth(b bool) *Term {
	if b {
		return True
	}
	return False
}

func variable(s Sort, depth int) *Term {
	return intern(&Term{Op: opVar, Name: fmt.Sprintf("%s_%d", strings.ToLower(string(s)), depth), N: depth, Sort: s})
}

func app(s Sort, name string, args ...*Term) *Term {
	return intern(&Term{Op: opApp, Name: name, Args: args, Sort: s})
}

func (t *Term) isLit() bool { return t.Op == opLit }

func not(a *Term) *Term {
	switch {
	case a == True:
		return False
	case a == False:
		return True
	case a.Op == opNot:
		return a.Args[0]
	}
	return intern(&Term{Op: opNot, Args: []*Term{a}, Sort: Bool})
}

func and(args ...*Term) *Term { return junction(opAnd, True, False, args) }
func or(args ...*Term) *Term  { return junction(opOr, False, True, args) }

// junction flattens, drops what says nothing and what is said twice.
func junction(op string, unit, zero *Term, args []*Term) *Term {
	var out []*Term
	var add func(*Term) bool
	add = func(a *Term) bool {
		if a == zero {
			return false
		}
		if a.Op == op {
			for _, b := range a.Args {
				if !add(b) {
					return false
				}
			}
			return true
		}
		if a != unit && !containsTerm(out, a) {
			if containsTerm(out, not(a)) || a.Op == opNot && a.Args[0].Op == op && !slices.ContainsFunc(a.Args[0].Args, func(b *Term) bool { return !containsTerm(out, b) }) {
				return false
			}
			out = append(out, a)
		}
		return true
	}
	for _, a := range args {
		if !add(a) {
			return zero
		}
	}
	switch len(out) {
	case 0:
		return unit
	case 1:
		return out[0]
	}
	return intern(&Term{Op: op, Args: out, Sort: Bool})
}

func containsTerm(list []*Term, a *Term) bool {
	for _, b := range list {
		if a == b {
			return true
		}
	}
	return false
}

func implies(a, b *Term) *Term { return or(not(a), b) }

// eq is equality of two terms of one sort.
func eq(a, b *Term) *Term {
	switch {
	case a == b:
		return True
	case a.isLit() && b.isLit():
		return False
	case a.Sort == Bool && a.isLit():
		return ifTrue(a == True, b)
	case b.Sort == Bool && b.isLit():
		return ifTrue(b == True, a)
	case a.Op == opIte && (b.isLit() || branchIs(a, b)):
		return ite(a.Args[0], eq(a.Args[1], b), eq(a.Args[2], b))
	case b.Op == opIte && (a.isLit() || branchIs(b, a)):
		return ite(b.Args[0], eq(a, b.Args[1]), eq(a, b.Args[2]))
	}
	if a.id > b.id {
		a, b = b, a
	}
	return intern(&Term{Op: opEq, Args: []*Term{a, b}, Sort: Bool})
}

func branchIs(choice, t *Term) bool { return choice.Args[1] == t || choice.Args[2] == t }

func ifTrue(yes bool, t *Term) *Term {
	if yes {
		return t
	}
	return not(t)
}

func ite(c, a, b *Term) *Term {
	switch {
	case c == True || a == b:
		return a
	case c == False:
		return b
	case c.Op == opNot:
		return ite(c.Args[0], b, a)
	case a.Sort == Bool:
		return and(or(not(c), a), or(c, b))
	}
	return intern(&Term{Op: opIte, Args: []*Term{c, a, b}, Sort: a.Sort})
}

func plus(a, b *Term) *Term {
	switch {
	case a.isLit() && b.isLit():
		return Integer(a.N + b.N)
	case a.isLit() && a.N == 0:
		return b
	case b.isLit() && b.N == 0:
		return a
	}
	return intern(&Term{Op: opAdd, Args: []*Term{a, b}, Sort: Int})
}

func minus(a, b *Term) *Term {
	switch {
	case a == b:
		return Integer(0)
	case a.isLit() && b.isLit():
		return Integer(a.N - b.N)
	case b.isLit() && b.N == 0:
		return a
	}
	return intern(&Term{Op: opSub, Args: []*Term{a, b}, Sort: Int})
}

func le(a, b *Term) *Term {
	switch {
	case a == b:
		return True
	case a.isLit() && b.isLit():
		return truth(a.N <= b.N)
	}
	return intern(&Term{Op: opLe, Args: []*Term{a, b}, Sort: Bool})
}

func forall(vars []*Term, body *Term) *Term { return not(exists(vars, not(body))) }

// exists binds the variables. A conjunct "x = t" takes its variable away.
func exists(vars []*Term, body *Term) *Term {
	if slices.ContainsFunc(vars, func(v *Term) bool { return v.Sort == Str && occurs(v, body) }) {
		body = inward(body)
	}
	if body.isLit() {
		return body // every sort has an element
	}
	if body.Op == opOr {
		out := make([]*Term, len(body.Args))
		for i, a := range body.Args {
			out[i] = exists(vars, a)
		}
		return or(out...)
	}
	conjuncts := conjunctsOf(body)
	for i, v := range vars {
		if t := valueOf(v, conjuncts); t != nil {
			rest := slices.Concat(vars[:i], vars[i+1:])
			return exists(rest, replace(body, v, t))
		}
	}
	if i, list := wordCases(vars, conjuncts); list != nil {
		out := make([]*Term, len(list))
		for j, c := range list {
			out[j] = exists(vars, and(append(append([]*Term{c}, conjuncts[:i]...), conjuncts[i+1:]...)...))
		}
		return or(out...)
	}
	var used, free []*Term
	for _, v := range vars {
		if occurs(v, body) {
			used = append(used, v)
		}
	}
	if len(used) == 0 {
		return body
	}
	var bound []*Term
	for _, c := range conjuncts {
		if anyOccurs(used, c) {
			bound = append(bound, c)
		} else {
			free = append(free, c)
		}
	}
	inner := and(bound...)
	return and(append(free, intern(&Term{Op: opExists, Vars: used, Args: []*Term{inner}, Sort: Bool}))...)
}

// inward is t with a negation of a disjunction or of an equivalence as one of its
// parts.
func inward(t *Term) *Term {
	var out []*Term
	if t.Op == opAnd {
		for _, a := range t.Args {
			out = append(out, inward(a))
		}
		return and(out...)
	}
	if t.Op != opNot {
		return t
	}
	switch a := t.Args[0]; {
	case a.Op == opOr:
		for _, b := range a.Args {
			out = append(out, inward(not(b)))
		}
		return and(out...)
	case a.Op == opEq && a.Args[0].Sort == Bool:
		p, q := a.Args[0], a.Args[1]
		return or(and(p, inward(not(q))), and(inward(not(p)), q))
	}
	return t
}

// wordCases finds a conjunct that is a disjunction, each part of which says which
// string one of the variables is.
func wordCases(vars, conjuncts []*Term) (at int, list []*Term) {
	for _, v := range vars {
		for i, c := range conjuncts {
			if v.Sort == Str && c.Op == opOr && !slices.ContainsFunc(c.Args, func(d *Term) bool { return valueOf(v, conjunctsOf(d)) == nil }) {
				return i, c.Args
			}
		}
	}
	return 0, nil
}

func conjunctsOf(t *Term) []*Term {
	if t.Op == opAnd {
		return t.Args
	}
	return []*Term{t}
}

func valueOf(v *Term, conjuncts []*Term) *Term {
	for _, c := range conjuncts {
		if c.Op != opEq {
			continue
		}
		for i := range 2 {
			if c.Args[i] == v && !occurs(v, c.Args[1-i]) {
				return c.Args[1-i]
			}
		}
	}
	return nil
}

func anyOccurs(vars []*Term, t *Term) bool {
	for _, v := range vars {
		if occurs(v, t) {
			return true
		}
	}
	return false
}

func occurs(v, t *Term) bool {
	if t == v {
		return true
	}
	if t.vars&v.vars == 0 || containsTerm(t.Vars, v) {
		return false
	}
	for _, a := range t.Args {
		if occurs(v, a) {
			return true
		}
	}
	return false
}
