// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"slices"
	"strings"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/tlc"
	"example.com/pernet/tools/prove/sany"
)

// Instance returns a machine with the constants of a cfg.
func Instance(spec *sany.Spec, cfg *tlc.Cfg) (*Machine, error) {
	m := New(spec, true)
	return m, m.Replace(cfg, true)
}

// bounds is the module whose definitions bound an instance.
const bounds = "MCnetns"

// Replace takes over what a cfg says of constants and operators, or of the
// operators alone, without those that bound the instance.
func (m *Machine) Replace(cfg *tlc.Cfg, constants bool) error {
	if cfg.Err() != nil {
		return cfg.Err()
	}
	for line := range strings.Lines(cfg.Text()) {
		line = strings.TrimSpace(line)
		if name, def, ok := strings.Cut(line, " <- "); ok {
			with := m.Spec.Defs[def]
			if with == nil {
				return fmt.Errorf("%s: nothing defines %s", cfg.Name, def)
			}
			if i := m.constantIndex(name); i >= 0 {
				if constants {
					m.Constants[i] = with
				}
				continue
			}
			if !constants && with.Loc.Module == bounds {
				continue
			}
			old := m.Spec.Defs[name]
			if old == nil || len(old.Params) != len(with.Params) {
				return fmt.Errorf("%s: %s cannot stand in for %s", cfg.Name, def, name)
			}
			m.Override[old] = with
		} else if name, text, ok := strings.Cut(line, " = "); ok && constants {
			i := m.constantIndex(name)
			if i < 0 {
				return fmt.Errorf("%s: no constant %s", cfg.Name, name)
			}
			v, err := graph.ParseValue(text)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", cfg.Name, name, err)
			}
			m.Constants[i] = FromTLC(v)
		}
	}
	return nil
}

func (m *Machine) constantIndex(name string) int {
	return slices.IndexFunc(m.Spec.Constants, func(d *sany.Decl) bool { return d.Name == name })
}

// StateText writes the state as graph.Canonical does.
func (m *Machine) StateText(state []Value) string {
	order := make([]int, len(state))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return strings.Compare(m.Spec.Variables[i].Name+" ", m.Spec.Variables[j].Name+" ") })
	var b []byte
	for n, i := range order {
		if n > 0 {
			b = append(b, '\n')
		}
		b = append(append(b, m.Spec.Variables[i].Name...), " = "...)
		b = appendText(b, state[i])
	}
	return string(b)
}

// Starts calls f for each initial state, which m.State then is.
func (m *Machine) Starts(init *sany.Expr, f func()) {
	forms := m.State
	m.State = make([]Value, len(forms))
	m.initial(init, nil, forms, func() {
		if i := slices.Index(m.State, nil); i >= 0 {
			m.loc = init.Loc
			panic(m.fail("%s, which has no initial value", m.Spec.Variables[i].Name))
		}
		f()
	})
	m.State = forms
}

// initial is act for a predicate of states that gives each variable its value.
func (m *Machine) initial(e *sany.Expr, at *env, forms []Value, then func()) {
	switch {
	case e.Kind == sany.User && !e.Def.Standard:
		def, inner := m.lookup(e.Def, at)
		for i, v := range m.args(e.Args, at) {
			inner = inner.bind(def.Params[i], v)
		}
		m.initial(def.Body, inner, forms, then)
	case e.Kind == sany.Builtin && (e.Name == "$ConjList" || e.Name == `\land`):
		var next func(i int)
		next = func(i int) {
			if i == len(e.Args) {
				then()
				return
			}
			m.initial(e.Args[i], at, forms, func() { next(i + 1) })
		}
		next(0)
	case e.Kind == sany.Builtin && e.Name == "=" && e.Args[0].Kind == sany.DeclRef && e.Args[0].Decl.Var && m.State[e.Args[0].Decl.Index] == nil:
		i := e.Args[0].Decl.Index
		m.State[i] = m.like(forms[i], m.eval(e.Args[1], at))
		then()
	default:
		m.guard(m.formula(e, at), then)
	}
}

// Graph makes the state graph of a finite instance.
func (m *Machine) Graph(init, next *sany.Expr) (g *graph.Graph[string], states [][]Value, err error) {
	g = graph.New[string]()
	add := func(s []Value) int32 {
		id, fresh := g.Add(m.StateText(s))
		if fresh {
			states = append(states, s)
		}
		return id
	}
	err = Try(func() {
		m.Starts(init, func() { add(slices.Clone(m.State)) })
		for at := 0; at < len(states); at++ {
			m.State = states[at]
			m.Steps(next, func() {
				to := add(slices.Clone(m.Next))
				g.Out[at] = append(g.Out[at], graph.Edge{Label: m.Name().Def.Name, To: to})
			})
		}
	})
	return g, states, err
}
