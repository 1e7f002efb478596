// SPDX-License-Identifier: MIT

package page

import (
	"cmp"
	"fmt"
	"strings"
)

// A Change is a change that a step made. Key names the part of the page.
type Change struct{ Key, Name, From, To string }

// A cell is a part of a state that can change.
type cell struct{ key, name, value string }

// changes compares two states cell by cell.
func changes(from, to *State) (out []Change) {
	before := map[string]string{}
	for _, c := range cells(from) {
		before[c.key] = c.value
	}
	for _, c := range cells(to) {
		if old, ok := before[c.key]; ok && old != c.value {
			out = append(out, Change{c.key, c.name, old, c.value})
		}
	}
	return out
}

// cells lists what the page shows of a state.
func cells(s *State) (out []cell) {
	add := func(key, name, value string) { out = append(out, cell{key, name, value}) }
	if s.Drawn {
		add("pernetList", "pernet_list", list(s.List))
		add("firstDevice", "first_device", cmp.Or(s.First, "the list head"))
		for _, o := range s.Ops {
			add("kind."+o.Name, "kind of "+o.Name, o.Kind)
		}
		add("netList", "net_namespace_list", list(s.NetList))
		for _, n := range s.Nets {
			add("phase."+n.Name, "phase of "+n.Name, n.Phase)
			add("count."+n.Name, "count of "+n.Name, fmt.Sprint(n.Count))
			add("use."+n.Name, s.Use+" of "+n.Name, fmt.Sprint(n.Use))
		}
	}
	if s.Algorithm {
		algorithmCells(s, add)
	}
	for _, v := range s.Vars {
		add("var."+v.Name, v.Name, v.Value)
	}
	return out
}

func algorithmCells(s *State, add func(key, name, value string)) {
	for _, l := range s.Locks {
		add(l.Variable, l.Name, l.String())
	}
	for _, l := range s.Lists {
		add(l.Variable, l.Name, list(l.Items))
	}
	add("deferred", "deferred callbacks", cmp.Or(strings.Join(s.Deferred, ", "), "none"))
	for _, o := range s.Ops {
		for i, n := range s.Nets {
			if i < len(o.Balance) {
				add("balance."+o.Name+"."+n.Name, "balance of "+o.Name+" on "+n.Name, fmt.Sprint(o.Balance[i]))
			}
		}
	}
	for _, t := range s.Threads {
		add("thread."+t.Name, t.Name, t.String())
		if s.sketch.Log != "" {
			add("ran."+t.Name, "callbacks of "+t.Name, list(t.Ran))
		}
	}
}

// String names the threads that hold a lock and, of a queue, those that wait in it.
func (l *Lock) String() string {
	text := "free"
	if len(l.Holders) > 0 {
		text = strings.TrimSpace(strings.Join(l.Holders, ", ") + " " + l.Mode)
	}
	if l.Queue && len(l.Waiting) > 0 {
		text += ", then " + l.waiting(len(l.Waiting))
	}
	return text
}

// String says where a thread is, with its locals.
func (t *ThreadView) String() string {
	text := t.At
	for _, v := range t.Locals {
		text += ", " + v.Name + " " + v.Value
	}
	if len(t.Waits) > 0 {
		text += ", waits for " + strings.Join(t.Waits, ", ")
	}
	if len(t.Readers) > 0 {
		text += ", waits for the readers " + strings.Join(t.Readers, ", ")
	}
	return text
}

func list(names []string) string { return cmp.Or(strings.Join(names, ", "), "empty") }
