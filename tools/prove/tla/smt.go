// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Script is questions to a solver, in SMT-LIB 2: for each goal, whether it can
// be true together with the assertions.
type Script struct {
	Comment string
	Asserts []*Term
	Goals   []*Term
	Values  []*Term // to be told if they can

	// Instead of goals: whether the assertions can be true with each list of
	// symbols and negated symbols. Core asks which of the first list exclude it.
	Assume [][]*Term
	Core   bool
}

// Related are the axioms that say something of the symbols in the terms which
// evaluation has made, and all that are about other symbols.
func Related(axioms, terms []*Term) (out []*Term) {
	made := map[string]bool{}
	note := func(t *Term) {
		for _, n := range madeIn(t) {
			made[n] = true
		}
	}
	for _, t := range terms {
		note(t)
	}
	in := make([]bool, len(axioms))
	for again := true; again; {
		again = false
		for i, a := range axioms {
			if in[i] {
				continue
			}
			names := madeIn(a)
			if len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return made[n] }) && sizesIn(names, made) {
				in[i], again = true, true
				note(a)
			}
		}
	}
	for i, a := range axioms {
		if in[i] {
			out = append(out, a)
		}
	}
	return out
}

// sizesIn reports whether the sizes that an axiom is about are in the terms.
func sizesIn(names []string, made map[string]bool) bool {
	return !slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "size!") && !made[n] })
}

var madeNames = map[*Term][]string{}

// madeIn are the symbols in t that evaluation has made.
func madeIn(t *Term) []string {
	if names, ok := madeNames[t]; ok {
		return names
	}
	var names []string
	if t.Op == opApp && strings.Contains(t.Name, "!") {
		names = []string{t.Name}
	}
	for _, a := range t.Args {
		for _, n := range madeIn(a) {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	madeNames[t] = names
	return names
}

// Write writes the script.
func (s Script) Write(out io.Writer) error {
	p := &printer{decls: map[string]string{}, strings: map[string]bool{}, sorts: map[Sort]bool{}, done: map[*Term]bool{}}
	for _, t := range slices.Concat(append([][]*Term{s.Asserts, s.Goals, s.Values}, s.Assume...)...) {
		p.declare(t)
	}
	if p.err != nil {
		return p.err
	}
	var b strings.Builder
	for line := range strings.Lines(s.Comment) {
		b.WriteString("; " + strings.TrimRight(line, "\n") + "\n")
	}
	if len(s.Values) > 0 {
		b.WriteString("(set-option :produce-models true)\n")
	}
	if s.Core {
		b.WriteString("(set-option :produce-unsat-assumptions true)\n")
	}
	b.WriteString("(set-logic UFLIA)\n")
	for _, sort := range sorted(p.sorts) {
		fmt.Fprintf(&b, "(declare-sort %s 0)\n", sort)
	}
	for _, name := range p.order {
		b.WriteString(p.decls[name] + "\n")
	}
	var words []string
	for _, w := range sorted(p.strings) {
		fmt.Fprintf(&b, "(declare-const %s Str)\n", stringName(w))
		words = append(words, stringName(w))
	}
	if len(words) > 1 {
		fmt.Fprintf(&b, "(assert (distinct %s))\n", strings.Join(words, " "))
	}
	assert := func(t *Term) {
		b.WriteString("(assert ")
		write(&b, t)
		b.WriteString(")\n")
	}
	for _, t := range s.Asserts {
		assert(t)
	}
	for _, t := range s.Goals {
		if len(s.Goals) == 1 {
			assert(t)
			b.WriteString("(check-sat)\n")
			continue
		}
		b.WriteString("(push 1)\n")
		assert(t)
		b.WriteString("(check-sat)\n(pop 1)\n")
	}
	for i, list := range s.Assume {
		b.WriteString("(check-sat-assuming (")
		for _, t := range list {
			write(&b, t)
			b.WriteByte(' ')
		}
		b.WriteString("))\n")
		if s.Core && i == 0 {
			b.WriteString("(get-unsat-assumptions)\n")
		}
	}
	if len(s.Values) > 0 {
		b.WriteString("(get-value (")
		for _, t := range s.Values {
			write(&b, t)
			b.WriteByte('\n')
		}
		b.WriteString("))\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func sorted[K ~string](set map[K]bool) (list []K) {
	for k := range set {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

type printer struct {
	decls   map[string]string
	order   []string
	strings map[string]bool
	sorts   map[Sort]bool
	done    map[*Term]bool
	err     error
}

func (p *printer) declare(t *Term) {
	if p.done[t] {
		return
	}
	p.done[t] = true
	switch t.Sort {
	case Bool, Int:
	default:
		p.sorts[t.Sort] = true
	}
	for _, v := range t.Vars {
		p.declare(v)
	}
	for _, a := range t.Args {
		p.declare(a)
	}
	switch {
	case t.Op == opLit && t.Sort == Str:
		p.strings[t.Name] = true
	case t.Op == opLit && t.Sort == Model, strings.HasPrefix(t.Name, "mirror "):
		p.err = fmt.Errorf("%s has no form in SMT-LIB", describe(t))
	case t.Op == opApp:
		args := make([]string, len(t.Args))
		for i, a := range t.Args {
			args[i] = string(a.Sort)
		}
		d := fmt.Sprintf("(declare-fun |%s| (%s) %s)", t.Name, strings.Join(args, " "), t.Sort)
		switch old := p.decls[t.Name]; {
		case old == "":
			p.decls[t.Name] = d
			p.order = append(p.order, t.Name)
		case old != d:
			p.err = fmt.Errorf("the symbol %s is used with two sorts: %s, %s", t.Name, old, d)
		}
	}
}

func stringName(s string) string { return `|"` + s + `"|` }

func write(b *strings.Builder, t *Term) {
	switch t.Op {
	case opLit:
		switch {
		case t.Sort == Str:
			b.WriteString(stringName(t.Name))
		case t.Sort == Int && t.N < 0:
			fmt.Fprintf(b, "(- %d)", -t.N)
		case t.Sort == Int:
			fmt.Fprint(b, t.N)
		default:
			b.WriteString(t.Name)
		}
		return
	case opVar:
		b.WriteString(t.Name)
		return
	case opNot:
		if e := t.Args[0]; e.Op == opExists {
			b.WriteString("(forall (")
			writeVars(b, e.Vars)
			b.WriteString(") ")
			write(b, not(e.Args[0]))
			b.WriteByte(')')
			return
		}
	case opApp:
		if len(t.Args) == 0 {
			b.WriteString("|" + t.Name + "|")
			return
		}
	}
	b.WriteByte('(')
	switch t.Op {
	case opApp:
		b.WriteString("|" + t.Name + "|")
	case opExists:
		b.WriteString("exists (")
		writeVars(b, t.Vars)
		b.WriteByte(')')
	default:
		b.WriteString(t.Op)
	}
	for _, a := range t.Args {
		b.WriteByte(' ')
		write(b, a)
	}
	b.WriteByte(')')
}

func writeVars(b *strings.Builder, vars []*Term) {
	for _, v := range vars {
		fmt.Fprintf(b, "(%s %s)", v.Name, v.Sort)
	}
}
