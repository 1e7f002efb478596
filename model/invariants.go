// SPDX-License-Identifier: MIT

package model

import "slices"

// An Invariant is one claim about every state and the answer that led to it,
// under the name that it has in spec/registry.tla.
type Invariant struct {
	Name  string
	Holds func(s State, k Kind, ans Answer) bool
}

// Invariants returns the claims of spec/registry.tla, in its order. TypeOK has
// no twin: Go's types say it, but for the lists without repetition.
func Invariants() []Invariant {
	return []Invariant{
		{"TypeOK", typeOK},
		{"LinkedIfRegistered", linkedIfRegistered},
		{"SubsysBeforeDevices", subsysBeforeDevices},
		{"FirstDeviceExact", firstDeviceExact},
		{"ListedIfOnList", listedIfOnList},
		{"CountedOnlyWhenListed", countedOnlyWhenListed},
		{"UsedOnlyWhenThere", usedOnlyWhenThere},
		{"InitNetStays", initNetStays},
		{"UndoIsExact", undoIsExact},
		{"SuccessUndoesNothing", successUndoesNothing},
		{"SetupRunsAll", setupRunsAll},
		{"CleanupRunsAll", cleanupRunsAll},
	}
}

// Broken returns the first invariant that does not hold, or "".
func Broken(s State, k Kind, ans Answer) string {
	for _, inv := range invariants {
		if !inv.Holds(s, k, ans) {
			return inv.Name
		}
	}
	return ""
}

var invariants = Invariants()

func typeOK(s State, _ Kind, _ Answer) bool {
	ops := make(map[OpsID]bool)
	for _, e := range s.List {
		if e.Ops <= NoOps || ops[e.Ops] {
			return false
		}
		ops[e.Ops] = true
	}
	nets := make(map[NetID]bool)
	for _, n := range s.Nets {
		if n <= NoNet || nets[n] {
			return false
		}
		nets[n] = true
	}
	for i, n := range s.Live {
		if n.Count < 0 || n.Use < 0 || i > 0 && s.Live[i-1].ID >= n.ID {
			return false
		}
	}
	return true
}

func linkedIfRegistered(s State, _ Kind, _ Answer) bool {
	if s.NoNetNS {
		return len(s.List) == 0
	}
	return len(s.Unlinked) == 0 // what is linked is what is registered: there is one list
}

func subsysBeforeDevices(s State, _ Kind, _ Answer) bool {
	device := false
	for _, e := range s.List {
		if device && !e.Device {
			return false
		}
		device = device || e.Device
	}
	return true
}

func firstDeviceExact(s State, _ Kind, _ Answer) bool {
	for _, e := range s.List {
		if e.Device {
			return s.FirstDevice == e.Ops
		}
	}
	return s.FirstDevice == NoOps
}

func listedIfOnList(s State, _ Kind, _ Answer) bool {
	listed := 0
	for _, n := range s.Live {
		if n.Phase == Listed {
			listed++
			if !slices.Contains(s.Nets, n.ID) {
				return false
			}
		}
	}
	return listed == len(s.Nets)
}

func countedOnlyWhenListed(s State, _ Kind, _ Answer) bool {
	return !slices.ContainsFunc(s.Live, func(n Net) bool { return n.Count > 0 && n.Phase != Listed })
}

// usedOnlyWhenThere: the use count lives in the net, so it goes with it; what
// is left to claim is that a dead init_net is not in use.
func usedOnlyWhenThere(s State, _ Kind, _ Answer) bool {
	return !slices.ContainsFunc(s.Live, func(n Net) bool { return n.Use > 0 && n.Phase == Dead })
}

func initNetStays(s State, _ Kind, _ Answer) bool {
	n, ok := s.net(InitNet)
	return !ok || n.Phase == Dead || n.Phase == Listed && n.Count >= 1
}

// undoIsExact: after a failure the exits undo just the inits before the one
// that failed; of a register in the same order, of a set-up in the reverse order.
func undoIsExact(s State, k Kind, ans Answer) bool {
	split := slices.IndexFunc(ans.Calls, func(c Callback) bool { return c.Exit })
	if split < 0 {
		split = len(ans.Calls)
	}
	inits, exits := ans.Calls[:split], ans.Calls[split:]
	if ans.Err == 0 || len(inits) == 0 {
		return true
	}
	done := inits[:len(inits)-1]
	switch k {
	case RegisterSubsys, RegisterDevice:
		return len(exits) == 0 || samePairs(done, exits) // an ops with no exit has none
	case Copy, NetNsInit:
		return undoes(s.List, done, exits)
	}
	return false // no other call runs inits
}

func samePairs(inits, exits []Callback) bool {
	return slices.EqualFunc(inits, exits, func(a, b Callback) bool {
		return b.Exit && a.Ops == b.Ops && a.Net == b.Net
	})
}

// undoes compares what was begun and ended of the ops with both callbacks.
func undoes(list []Entry, done, exits []Callback) bool {
	whole := func(c Callback) bool {
		return slices.ContainsFunc(list, func(e Entry) bool { return e.Ops == c.Ops && !e.NoInit && !e.NoExit })
	}
	begun, ended := filter(done, whole), filter(exits, whole)
	slices.Reverse(ended)
	return samePairs(begun, ended)
}

func filter(calls []Callback, keep func(Callback) bool) []Callback {
	var out []Callback
	for _, c := range calls {
		if keep(c) {
			out = append(out, c)
		}
	}
	return out
}

func successUndoesNothing(_ State, _ Kind, ans Answer) bool {
	if ans.Err != 0 {
		return true
	}
	exit := func(c Callback) bool { return c.Exit }
	init := func(c Callback) bool { return !c.Exit }
	return !slices.ContainsFunc(ans.Calls, exit) || !slices.ContainsFunc(ans.Calls, init)
}

func setupRunsAll(s State, k Kind, ans Answer) bool {
	if k != Copy && k != NetNsInit || ans.Err != 0 {
		return true
	}
	return inOrder(ans.Calls, s.List, func(e Entry) bool { return !e.NoInit })
}

func cleanupRunsAll(s State, k Kind, ans Answer) bool {
	if k != Cleanup {
		return true
	}
	list := slices.Clone(s.List)
	slices.Reverse(list)
	return inOrder(ans.Calls, list, func(e Entry) bool { return !e.NoExit })
}

// inOrder reports whether the calls went through all of list that has the callback, in order.
func inOrder(calls []Callback, list []Entry, has func(Entry) bool) bool {
	i := 0
	for _, e := range list {
		if !has(e) {
			continue
		}
		if i == len(calls) || calls[i].Ops != e.Ops {
			return false
		}
		i++
	}
	return i == len(calls)
}
