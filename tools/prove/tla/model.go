// SPDX-License-Identifier: MIT

package tla

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Example says what terms are in one universe, as a solver found it.
type Example struct {
	Names map[string]string // what constants are called, if not by their names

	u     Universe
	asked []*Term
	value map[*Term]*Term
}

// Ask lists the terms that a solver must give the values of, for States to show
// the states.
func (u Universe) Ask(states ...[]Value) *Example {
	m := &Example{u: u, value: map[*Term]*Term{}}
	for _, s := range u {
		for _, e := range s {
			m.term(e)
		}
	}
	for _, s := range states {
		for _, v := range s {
			m.concrete(v)
		}
	}
	return m
}

// Holds is whether a formula is true; what is not known yet is asked for.
func (m *Example) Holds(t *Term) bool { return m.term(t) == True }

// Terms are what is asked for.
func (m *Example) Terms() []*Term { return m.asked }

// term is the value of a term; while there is none, it is asked for.
func (m *Example) term(t *Term) *Term {
	if t.isLit() && t.Sort != Str {
		return t
	}
	t = (&grounder{u: m.u, done: map[*Term]*Term{}}).term(t)
	if t.isLit() && t.Sort != Str {
		return t
	}
	if v := m.value[t]; v != nil {
		return v
	}
	if !containsTerm(m.asked, t) {
		m.asked = append(m.asked, t)
	}
	if t.Sort == Bool {
		return True
	}
	return t
}

// Read takes the values in that a solver gave, in its order.
func (m *Example) Read(text string) error {
	words := sexprs(text)
	if len(words) != 1 || len(words[0].list) != len(m.asked) {
		return fmt.Errorf("values of %d terms were asked for: %.200s", len(m.asked), text)
	}
	elements := map[string]*Term{} // what the solver calls them
	for i, pair := range words[0].list {
		t, v := m.asked[i], pair.list[1].String()
		switch {
		case t.Sort == Bool:
			m.value[t] = truth(v == "true")
		case t.Sort == Int:
			n := 0
			if _, err := fmt.Sscan(strings.NewReplacer("(", "", ")", "", "- ", "-").Replace(v), &n); err != nil {
				return fmt.Errorf("no number: %s", v)
			}
			m.value[t] = Integer(n)
		default:
			if elements[string(t.Sort)+v] == nil {
				name := t
				if !t.isLit() {
					name = Word(cmp.Or(m.Names[t.Name], t.Name))
				}
				elements[string(t.Sort)+v] = name
			}
			m.value[t] = elements[string(t.Sort)+v]
		}
	}
	return nil
}

// State is the state in the model's universe.
func (m *Example) State(state []Value) []Value {
	out := make([]Value, len(state))
	for i, v := range state {
		out[i] = m.concrete(v)
	}
	return out
}

func (m *Example) concrete(v Value) Value {
	switch v := v.(type) {
	case *Term:
		return m.term(v)
	case Tuple:
		t := make(Tuple, len(v))
		for i, x := range v {
			t[i] = m.concrete(x)
		}
		return t
	case *Record:
		r := &Record{Names: v.Names}
		for _, x := range v.Vals {
			r.Vals = append(r.Vals, m.concrete(x))
		}
		return r
	case *Func:
		f := &Func{}
		for _, e := range m.elements(v.dom.shape, nil) {
			if key := m.concrete(e); m.term(v.dom.has(e)) == True && !slices.Contains(f.Keys, key) {
				f.Keys = append(f.Keys, key)
				f.Vals = append(f.Vals, m.concrete(applied(v, e)))
			}
		}
		return f
	case *Set:
		s := &Set{}
		for _, e := range m.elements(v.shape, v.Elems) {
			if v.has == nil || m.term(v.has(e)) == True {
				if x := m.concrete(e); !slices.ContainsFunc(s.Elems, func(y Value) bool { return Text(x) == Text(y) }) {
					s.Elems = append(s.Elems, x)
				}
			}
		}
		return s
	case *Seq:
		var list []Value
		for _, e := range m.elements(v.shape, nil) {
			if m.term(v.has(e)) == True {
				list = append(list, e)
			}
		}
		// What comes before what is asked of all pairs: a sort would want others of one
		// state than while nothing is known.
		after := make([]int, len(list))
		order := make([]int, len(list))
		for i := range list {
			order[i] = i
			for j := range i {
				if m.term(v.before(list[i], list[j])) == True {
					after[j]++
				} else {
					after[i]++
				}
			}
		}
		slices.SortFunc(order, func(i, j int) int { return after[i] - after[j] })
		var t Tuple
		for _, i := range order {
			if x := m.concrete(list[i]); !slices.ContainsFunc(t, func(y Value) bool { return Text(x) == Text(y) }) {
				t = append(t, x)
			}
		}
		return t
	}
	return v
}

// applied is f[e], without asking whether e is in the domain.
func applied(f *Func, e Value) Value {
	m := &Machine{silent: true}
	return m.applyUpdates(f, e, f.updates)
}

func (m *Example) elements(s shape, listed []Value) []Value {
	switch s := s.(type) {
	case Sort:
		var out []Value
		for _, e := range m.u[s] {
			out = append(out, e)
		}
		return out
	case tupleShape:
		out := []Value{Tuple{}}
		for _, part := range s {
			var longer []Value
			for _, t := range out {
				for _, e := range m.elements(part, nil) {
					longer = append(longer, append(t.(Tuple)[:len(t.(Tuple)):len(t.(Tuple))], e))
				}
			}
			out = longer
		}
		return out
	}
	return listed
}

type sexpr struct {
	word string
	list []sexpr
}

func (s sexpr) String() string {
	if s.list == nil {
		return s.word
	}
	parts := make([]string, len(s.list))
	for i, x := range s.list {
		parts[i] = x.String()
	}
	return "(" + strings.Join(parts, " ") + ")"
}

// sexprs reads what a solver prints.
func sexprs(text string) (list []sexpr) {
	stack := [][]sexpr{nil}
	for i := 0; i < len(text); i++ {
		top := len(stack) - 1
		switch c := text[i]; {
		case c == '(':
			stack = append(stack, []sexpr{})
		case c == ')' && top > 0:
			done := sexpr{list: stack[top]}
			stack = stack[:top]
			stack[top-1] = append(stack[top-1], done)
		case c == '|':
			end := strings.IndexByte(text[i+1:], '|')
			if end < 0 {
				return nil
			}
			stack[top] = append(stack[top], sexpr{word: text[i : i+end+2]})
			i += end + 1
		case strings.IndexByte(" \n\t\r)", c) >= 0:
		default:
			j := i
			for j < len(text) && strings.IndexByte(" \n\t\r()", text[j]) < 0 {
				j++
			}
			stack[top] = append(stack[top], sexpr{word: text[i:j]})
			i = j - 1
		}
	}
	return stack[0]
}
