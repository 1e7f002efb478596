// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"slices"
)

// A Universe lists the elements of each sort, so that quantifiers are
// conjunctions: what is true in some universe can be found and shown.
type Universe map[Sort][]*Term

// NewUniverse has the constants of the machine, n more elements of each sort that
// occurs in the terms, named by its first letter, and the strings that do.
func (m *Machine) NewUniverse(n int, terms []*Term) Universe {
	u := Universe{}
	done := map[*Term]bool{}
	var walk func(t *Term)
	walk = func(t *Term) {
		if done[t] {
			return
		}
		done[t] = true
		if t.Sort != Bool {
			u[t.Sort] = u[t.Sort][:len(u[t.Sort]):len(u[t.Sort])]
			if t.isLit() {
				u[t.Sort] = append(u[t.Sort], t)
			}
		}
		for _, a := range append(t.Args[:len(t.Args):len(t.Args)], t.Vars...) {
			walk(a)
		}
	}
	for _, t := range terms {
		walk(t)
	}
	for _, c := range m.Constants {
		if t, ok := c.(*Term); ok && t.Sort != Bool && t.Sort != Int {
			u[t.Sort] = append(u[t.Sort], t)
		}
	}
	for s := range u {
		for i := range n {
			if s != Str && s != Int { // of numbers those that occur are tried
				u[s] = append(u[s], app(s, fmt.Sprintf("%c_%d", s[0], i+1)))
			}
		}
	}
	return u
}

// Ground are formulas without quantifiers that say the same in the universe.
func (u Universe) Ground(terms []*Term) (out []*Term) {
	g := &grounder{u: u, done: map[*Term]*Term{}}
	for _, t := range terms {
		out = append(out, g.term(t))
	}
	// Each value is one of the elements.
	done := map[*Term]bool{}
	var walk func(t *Term)
	walk = func(t *Term) {
		if done[t] {
			return
		}
		done[t] = true
		if t.Op == opApp && t.Sort != Bool && t.Sort != Int && !slices.Contains(u[t.Sort], t) {
			is := False
			for _, e := range u[t.Sort] {
				is = or(is, intern(&Term{Op: opEq, Args: []*Term{t, e}, Sort: Bool}))
			}
			out = append(out, is)
		}
		for _, a := range t.Args {
			walk(a)
		}
	}
	for _, t := range out {
		walk(t)
	}
	return out
}

type grounder struct {
	u    Universe
	done map[*Term]*Term
}

func (g *grounder) term(t *Term) *Term {
	if len(t.Args) == 0 {
		return t
	}
	if d := g.done[t]; d != nil {
		return d
	}
	var d *Term
	if t.Op == opExists {
		all := []*Term{t.Args[0]}
		for _, v := range t.Vars {
			var more []*Term
			for _, b := range all {
				for _, e := range g.u[v.Sort] {
					more = append(more, replace(b, v, e))
				}
			}
			all = more
		}
		for i, b := range all {
			all[i] = g.term(b)
		}
		d = or(all...)
	} else {
		args := make([]*Term, len(t.Args))
		for i, a := range t.Args {
			args[i] = g.term(a)
		}
		d = rewriter{}.build(t, args)
	}
	g.done[t] = d
	return d
}
