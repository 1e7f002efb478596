// SPDX-License-Identifier: MIT

package tla

import (
	"slices"
	"strings"

	"example.com/pernet/tools/prove/sany"
)

// Touched are the definitions that what is replaced takes part in.
func (m *Machine) Touched() map[string]bool {
	uses := map[*sany.Def]bool{}
	done := map[*sany.Def]bool{}
	var walk func(e *sany.Expr) bool
	def := func(d *sany.Def) bool {
		if !done[d] {
			done[d] = true
			uses[d] = m.Override[d] != nil || d.Body != nil && walk(d.Body)
		}
		return uses[d]
	}
	walk = func(e *sany.Expr) (found bool) {
		if e.Def != nil {
			found = def(e.Def)
		}
		for _, d := range e.Defs {
			found = def(d) || found
		}
		for _, b := range e.Bounds {
			found = b.Set != nil && walk(b.Set) || found
		}
		for _, a := range e.Args {
			found = walk(a) || found
		}
		return found
	}
	out := map[string]bool{}
	for name, d := range m.Spec.Defs {
		if def(d) {
			out[name] = true
		}
	}
	return out
}

// Aside tells which terms say something of variables of the state that none of
// the others is about.
func (m *Machine) Aside(others []*Term) func(*Term) bool {
	about := map[string]bool{}
	for _, t := range others {
		for _, v := range m.variablesIn(t) {
			about[v] = true
		}
	}
	return func(t *Term) bool {
		return slices.ContainsFunc(m.variablesIn(t), func(v string) bool { return !about[v] })
	}
}

// variablesIn are the variables of the state that t is about.
func (m *Machine) variablesIn(t *Term) []string {
	if names, ok := m.about[t]; ok {
		return names
	}
	var names []string
	add := func(n string) {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	if t.Op == opApp {
		name, _, _ := strings.Cut(t.Name, ".")
		if slices.ContainsFunc(m.Spec.Variables, func(d *sany.Decl) bool { return d.Name == name }) {
			add(name)
		}
	}
	for _, a := range t.Args {
		for _, n := range m.variablesIn(a) {
			add(n)
		}
	}
	m.about[t] = names
	return names
}
