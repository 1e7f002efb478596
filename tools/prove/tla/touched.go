// SPDX-License-Identifier: MIT

package tla

import "example.com/pernet/tools/prove/sany"

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
