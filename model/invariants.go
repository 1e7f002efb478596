// SPDX-License-Identifier: MIT

package model

import "slices"

// An Invariant is a claim of spec/registry.tla about every state, and the action and answer that
// led to it.
type Invariant struct {
	Name  string
	Holds func(s State, a Action, ans Answer) bool
}

// Invariants are the claims of spec/registry.tla, in its order. Most of TypeOK follows from
// Go's types; the rest is that lists have no repetitions.
var Invariants = []Invariant{
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
	{"RegisterRunsAll", registerRunsAll},
	{"UnregisterRunsAll", unregisterRunsAll},
	{"SetupRunsAll", setupRunsAll},
	{"CleanupRunsAll", cleanupRunsAll},
	{"CleanupTakesDead", cleanupTakesDead},
}

// Broken returns the first invariant that does not hold, or "".
func Broken(s State, a Action, ans Answer) string {
	for _, inv := range Invariants {
		if !inv.Holds(s, a, ans) {
			return inv.Name
		}
	}
	return ""
}

func typeOK(s State, _ Action, _ Answer) bool {
	for i, e := range s.List {
		if e.Ops <= NoOps || s.position(e.Ops) != i {
			return false
		}
	}
	for i, n := range s.Nets {
		if n <= NoNet || slices.Index(s.Nets, n) != i {
			return false
		}
	}
	for i, n := range s.Live {
		if n.Count < 0 || n.Use < 0 || i > 0 && s.Live[i-1].ID >= n.ID {
			return false
		}
	}
	return true
}

func linkedIfRegistered(s State, _ Action, _ Answer) bool {
	if s.NoNetNS {
		return len(s.List) == 0
	}
	return len(s.Unlinked) == 0 // the list has all registered ops
}

func subsysBeforeDevices(s State, _ Action, _ Answer) bool {
	return slices.IsSortedFunc(s.List, func(a, b Entry) int { return int(bit(a.Device)) - int(bit(b.Device)) })
}

func firstDeviceExact(s State, _ Action, _ Answer) bool {
	for _, e := range s.List {
		if e.Device {
			return s.FirstDevice == e.Ops
		}
	}
	return s.FirstDevice == NoOps
}

func listedIfOnList(s State, _ Action, _ Answer) bool {
	for _, n := range s.Live {
		if (n.Phase == Listed) != slices.Contains(s.Nets, n.ID) {
			return false
		}
	}
	return !slices.ContainsFunc(s.Nets, func(n NetID) bool { _, ok := s.find(n); return !ok })
}

func countedOnlyWhenListed(s State, _ Action, _ Answer) bool {
	return !slices.ContainsFunc(s.Live, func(n Net) bool { return n.Count > 0 && n.Phase != Listed })
}

// usedOnlyWhenThere: a dead init_net is not in use. A free net has no use count here.
func usedOnlyWhenThere(s State, _ Action, _ Answer) bool {
	return !slices.ContainsFunc(s.Live, func(n Net) bool { return n.Use > 0 && n.Phase == Dead })
}

func initNetStays(s State, _ Action, _ Answer) bool {
	n, ok := s.net(InitNet)
	return !ok || n.Phase == Dead || n.Phase == Listed && n.Count >= 1
}

// undoIsExact: after a failure the exits undo exactly what came before the failed init. For a
// register these are the nets before, in list order. For a set-up they are all ops before that
// have an exit, even without an init (hazard H9), backwards. A panic because of a positive number
// undoes nothing.
func undoIsExact(s State, a Action, ans Answer) bool {
	k := slices.IndexFunc(ans.Calls, func(c Callback) bool { return c.Exit })
	if k < 0 {
		k = len(ans.Calls)
	}
	inits, exits := ans.Calls[:k], ans.Calls[k:]
	if ans.Err == 0 || k == 0 || a.Kind == NetNsInit && ans.Err > 0 {
		return true
	}
	switch a.Kind {
	case RegisterSubsys, RegisterDevice:
		var want []Callback
		for _, c := range inits[:k-1] {
			if !a.NoExit {
				want = append(want, Callback{Exit: true, Ops: a.Ops, Net: c.Net})
			}
		}
		return slices.Equal(exits, want)
	case Copy, NetNsInit:
		failed := slices.IndexFunc(s.List, func(e Entry) bool { return e.Ops == inits[k-1].Ops })
		return failed >= 0 && slices.Equal(exits, exitsBack(s.List[:failed], a.subject()))
	}
	return false // no other call runs inits
}

// subject is the net that a set-up is for.
func (a *Action) subject() NetID {
	if a.Kind == NetNsInit {
		return InitNet
	}
	return a.Net
}

// exitsBack returns the exits of list on n, last first.
func exitsBack(list []Entry, n NetID) (want []Callback) {
	for _, e := range slices.Backward(list) {
		if !e.NoExit {
			want = append(want, Callback{Exit: true, Ops: e.Ops, Net: n})
		}
	}
	return want
}

func successUndoesNothing(_ State, _ Action, ans Answer) bool {
	mixed := slices.ContainsFunc(ans.Calls, func(c Callback) bool { return c.Exit != ans.Calls[0].Exit })
	return ans.Err != 0 || !mixed
}

func registerRunsAll(s State, a Action, ans Answer) bool {
	if a.Kind != RegisterSubsys && a.Kind != RegisterDevice || ans.Err != 0 {
		return true
	}
	return onEveryNet(s, a.Ops, false, a.NoInit, ans)
}

// unregisterRunsAll: the exit ran on every net, or on none. The ops is no longer on the list, so
// the first callback shows whether it had an exit.
func unregisterRunsAll(s State, a Action, ans Answer) bool {
	if a.Kind != UnregisterSubsys && a.Kind != UnregisterDevice || ans.Err != 0 {
		return true
	}
	return onEveryNet(s, a.Ops, true, len(ans.Calls) == 0, ans)
}

func onEveryNet(s State, o OpsID, exit, none bool, ans Answer) bool {
	var want []Callback
	for _, n := range s.Nets {
		if !none {
			want = append(want, Callback{Exit: exit, Ops: o, Net: n})
		}
	}
	return slices.Equal(ans.Calls, want)
}

func setupRunsAll(s State, a Action, ans Answer) bool {
	if a.Kind != Copy && a.Kind != NetNsInit || ans.Err != 0 {
		return true
	}
	var want []Callback
	for _, e := range s.List {
		if !e.NoInit {
			want = append(want, Callback{Ops: e.Ops, Net: a.subject()})
		}
	}
	return slices.Equal(ans.Calls, want)
}

// cleanupRunsAll: each net that went got every exit, backwards, and no other net got one.
func cleanupRunsAll(s State, a Action, ans Answer) bool {
	if a.Kind != Cleanup {
		return true
	}
	got := map[NetID][]Callback{}
	for _, c := range ans.Calls {
		got[c.Net] = append(got[c.Net], c)
	}
	for _, n := range ans.Nets {
		if !slices.Equal(got[n], exitsBack(s.List, n)) {
			return false
		}
		delete(got, n)
	}
	return len(got) == 0
}

// cleanupTakesDead: a cleanup took some nets, in 2009 one, and they are off the list.
func cleanupTakesDead(s State, a Action, ans Answer) bool {
	if a.Kind != Cleanup {
		return true
	}
	dying := func(id NetID) bool { n, ok := s.net(id); return ok && n.Phase == Dying }
	return (len(ans.Nets) == 1 || s.Modern && len(ans.Nets) > 1) &&
		!slices.ContainsFunc(ans.Nets, func(id NetID) bool { return !dying(id) })
}
