// SPDX-License-Identifier: MIT

package model

import (
	"slices"
	"testing"
)

// TestCallsAreThoseOfStep holds the table of calls to the contract: in an instance in
// which everything can go wrong, each call answers just the errnos and runs just the
// callbacks that its row says, and each kind of action is a moment of one call.
func TestCallsAreThoseOfStep(t *testing.T) {
	in := Instance{Ops: 2, Nets: 2, Copies: 1, Cancel: true, Quota: true, MaxCount: 2, MaxUse: 1}
	type seen struct {
		errs         map[Err]bool
		inits, exits bool
	}
	by := map[Kind]*seen{}
	states := map[string]bool{}
	todo := []State{in.Start()}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		in.Each(s, func(a Action) {
			next, ans, ok := s.Step(a)
			if !ok {
				return
			}
			if by[a.Kind] == nil {
				by[a.Kind] = &seen{errs: map[Err]bool{}}
			}
			sees := by[a.Kind]
			if ans.Err != 0 && len(a.Fails) == 0 { // else an init answered it
				sees.errs[ans.Err] = true
			}
			for _, c := range ans.Calls {
				sees.inits, sees.exits = sees.inits || !c.Exit, sees.exits || c.Exit
			}
			if key := string(next.AppendKey(nil)); !states[key] {
				states[key] = true
				todo = append(todo, next)
			}
		})
	}
	for _, c := range Calls {
		all := seen{errs: map[Err]bool{}}
		for _, k := range c.Moments {
			sees := by[k]
			if sees == nil {
				t.Errorf("%s: %s never happens", c.Op, k)
				continue
			}
			for e := range sees.errs {
				all.errs[e] = true
			}
			all.inits, all.exits = all.inits || sees.inits, all.exits || sees.exits
			delete(by, k)
		}
		for e := range all.errs {
			if !slices.Contains(c.Errs, e) {
				t.Errorf("%s answers %s, and its row does not say so", c.Op, e)
			}
		}
		for _, e := range c.Errs {
			if !all.errs[e] {
				t.Errorf("%s never answers %s", c.Op, e)
			}
		}
		if all.inits != c.Inits || all.exits != c.Exits {
			t.Errorf("%s runs inits: %v, exits: %v", c.Op, all.inits, all.exits)
		}
		if got := CallOf(c.Op); got == nil || got.Op != c.Op || c.Fails() != (len(all.errs) > 0) {
			t.Errorf("%s: %v", c.Op, got)
		}
	}
	delete(by, Share) // a copy with newnet false
	for k := range by {
		t.Errorf("%s is a moment of no call", k)
	}
	if CallOf("nothing") != nil {
		t.Error("there is a call of no word of the formats")
	}
}
