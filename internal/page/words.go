// SPDX-License-Identifier: MIT

package page

import (
	"cmp"
	"slices"
	"strings"

	"example.com/pernet/internal/explore/clients"
)

// idle is the point of a thread outside any call.
const idle = "Idle"

// The words for the end of an action's name.
var outcomes = []struct{ end, words string }{
	{"InUse", "the net is in use and is kept"},
	{"Positive", "it returns a positive number"},
	{"Fail", "it fails"},
	{"Zero", "it was the last reference"},
	{"End", "the wait is over"},
	{"ENOENT", "it returns ENOENT"},
	{"EEXIST", "it returns EEXIST"},
	{"EINVAL", "it returns EINVAL"},
	{"EINTR", "it returns EINTR"},
}

// explain finds the row of a step and describes the step in words.
func (s *Step) explain(before *State) {
	r := s.State.rowOf(s.Action)
	if r == nil {
		r = s.guess(before)
	}
	what := "`" + s.Action + "`"
	if r != nil {
		s.Row, s.Spec, s.Code = r.id, r.spec, r.code
		what = r.c
		if s.Action != r.actions[0] {
			what += outcome(s.Action)
		}
	}
	if about := s.about(before); about != "" {
		what += " (" + about + ")"
	}
	s.Words = what
	if s.State.Algorithm {
		s.Words = cmp.Or(s.Actor, "a client") + ": " + what
	}
}

func outcome(action string) string {
	for _, o := range outcomes {
		if strings.HasSuffix(action, o.end) {
			return ": " + o.words
		}
	}
	return ""
}

// guess finds the row of a step whose action is not in the table, from the points of its
// actor before and after. Some modules use other names for the actions.
func (s *Step) guess(before *State) *row {
	from, to := place(before, s.Actor), place(&s.State, s.Actor)
	if from == nil || to == nil {
		return nil
	}
	action, r := s.State.stepAt(from.At, from.Err)
	if from.At == idle {
		action = cmp.Or(s.State.sketch.Begins[to.At], to.At)
		r = s.State.rowOf(action)
	}
	if r == nil {
		return nil
	}
	s.Note, s.Action = "TLC calls it "+s.Action+"; this name follows from the point of "+s.Actor, action
	return r
}

// about names the ops and the net of a step: the locals of its actor before the step, or
// after it if it begins a call; else the net whose counts changed.
func (s *Step) about(before *State) string {
	t := place(before, s.Actor)
	if t == nil || t.At == idle {
		t = place(&s.State, s.Actor)
	}
	if t != nil && t.At != idle {
		if words := strings.Fields(t.Kind + " " + t.Ops + " " + cmp.Or(t.Net, t.Other)); len(words) > 0 {
			return strings.Join(words, " ")
		}
	}
	for i, n := range s.State.Nets {
		if i < len(before.Nets) && (n.Count != before.Nets[i].Count || n.Use != before.Nets[i].Use) {
			return n.Name
		}
	}
	return ""
}

func place(s *State, name string) *ThreadView {
	for i := range s.Threads {
		if s.Threads[i].Name == name {
			return &s.Threads[i]
		}
	}
	return nil
}

// actor returns the thread that took a step, or the deferred callback: the thread whose
// point the action begins with, the worker, or the only thread that moved. It returns ""
// for a client that the states do not show.
func actor(action string, before, after *State, worker string) string {
	if !after.Algorithm {
		return ""
	}
	var moved []string
	for i, t := range after.Threads {
		if i < len(before.Threads) && (t.At != before.Threads[i].At || t.Ops != before.Threads[i].Ops || t.Net != before.Threads[i].Net) {
			moved = append(moved, t.Name)
			if at := before.Threads[i].At; at != idle && strings.HasPrefix(action, at) {
				return t.Name
			}
		}
	}
	switch {
	case strings.HasPrefix(action, "CleanupNet") || strings.HasPrefix(action, "NetNsInit"):
		return worker
	case len(moved) == 1:
		return moved[0]
	case len(moved) > 1:
		return ""
	}
	for i, l := range after.Locks {
		old := before.Locks[i].Holders
		for _, t := range slices.Concat(l.Holders, old) {
			if slices.Contains(l.Holders, t) != slices.Contains(old, t) {
				return t
			}
		}
	}
	for _, callback := range before.Deferred {
		if !slices.Contains(after.Deferred, callback) {
			return clients.DeferredCallback + callback
		}
	}
	return ""
}
