// SPDX-License-Identifier: MIT

package explore

import (
	"fmt"
	"slices"
)

// typeOK: what is absent is absent everywhere; nothing is named that the instance does not have.
func typeOK(in *Instance, s *State) string {
	lists := []struct {
		name  string
		list  []uint8
		limit int
	}{{"pernetList", s.List[:], len(in.Ops)}, {"netList", s.Nets[:], len(in.Nets)}, {"workQueue", s.Queue[:], len(in.Nets)}}
	for _, l := range lists {
		for i, x := range l.list {
			if x != none && int(x) >= l.limit || x != none && i >= len(filled(l.list)) {
				return fmt.Sprintf("%s holds %d at %d", l.name, x, i)
			}
		}
	}
	for t, r := range in.everyone(s) {
		if int(r.At) >= len(points) || r.Net != none && int(r.Net) >= len(in.Nets) || r.Other != none && int(r.Other) >= len(in.Nets) {
			return fmt.Sprintf("thread %d stands nowhere, or has a net that is none", t)
		}
	}
	if s.First != none && !has(filled(s.List[:]), s.First) {
		return "firstDevice is not linked"
	}
	return ""
}

// listsHaveNoDoubles: nothing is linked, listed or queued twice.
func listsHaveNoDoubles(in *Instance, s *State) string {
	names := [...]string{"pernetList", "netList", "workQueue"}
	for i, list := range [...][]uint8{filled(s.List[:]), filled(s.Nets[:]), filled(s.Queue[:])} {
		for j, x := range list {
			if has(list[:j], x) {
				return names[i] + " holds one twice"
			}
		}
	}
	return ""
}

// subsysBeforeDevices: no device stands before a subsystem.
func subsysBeforeDevices(in *Instance, s *State) string {
	device := false
	for _, o := range filled(s.List[:]) {
		if device && kinds[s.Kind[o]] == "subsys" {
			return "subsystem " + in.op(o) + " stands behind a device"
		}
		device = device || isDevice(s, o)
	}
	return ""
}

// firstDeviceExact: firstDevice is the first device, or the list head if there is none.
func firstDeviceExact(in *Instance, s *State) string {
	if s.NetMutex != none {
		return ""
	}
	first := uint8(none)
	for _, o := range filled(s.List[:]) {
		if isDevice(s, o) {
			first = o
			break
		}
	}
	if s.First != first {
		return fmt.Sprintf("firstDevice is %q, the first device %q", in.op(s.First), in.op(first))
	}
	return ""
}

// initExitBalance: inits and exits alternate, and are even but for registered ops on listed nets.
func initExitBalance(in *Instance, s *State) string {
	for o := range uint8(len(in.Ops)) {
		if !in.withBoth(o) {
			continue
		}
		for n := range uint8(len(in.Nets)) {
			b, want := s.Balance[o][n], int8(0)
			if in.registered(s, o) && has(filled(s.Nets[:]), n) {
				want = 1
			}
			if b != 0 && b != 1 || s.NetMutex == none && b != want {
				return fmt.Sprintf("balance of %s on %s is %d", in.op(o), in.net(n), b)
			}
		}
	}
	return ""
}

// undoIsExact: what an undo still has to undo is what it has before it, no more
// and no less; at its end nothing is left.
func undoIsExact(in *Instance, s *State) string {
	nets := filled(s.Nets[:])
	for t, r := range in.everyone(s) {
		switch at(r) {
		case "RegisterUndo":
			from, to := slices.Index(nets, r.Net), slices.Index(nets, r.Other)
			for i, n := range nets {
				if in.withBoth(r.Ops) && (s.Balance[r.Ops][n] == 1) != (i >= from && i < to) {
					return fmt.Sprintf("thread %d undoes: balance of %s on %s is %d", t, in.op(r.Ops), in.net(n), s.Balance[r.Ops][n])
				}
			}
		case "RegisterUnlock":
			for o := range uint8(len(in.Ops)) {
				if r.Err != 0 && !has(filled(s.List[:]), o) && s.Balance[o] != [maxNets]int8{} {
					return "a failed register leaves inits of " + in.op(o)
				}
			}
		case "SetupNetBarrier", "SetupNetBarrierEnd", "CopyNetNsUnlockFail":
			for o := range in.Ops {
				if s.Balance[o][r.Net] != 0 {
					return "a failed set-up leaves inits on " + in.net(r.Net)
				}
			}
		}
	}
	return ""
}

// exitReversesInit: the ops that still have their exit to come are the one at hand and those before it.
func exitReversesInit(in *Instance, s *State) string {
	list := filled(s.List[:])
	for _, r := range in.everyone(s) {
		if at(r) != "SetupNetUndo" && at(r) != "CleanupNetExit" {
			continue
		}
		here := slices.Index(list, r.Ops)
		for i, o := range list {
			if in.withBoth(o) && (s.Balance[o][r.Net] == 1) != (i <= here) {
				return fmt.Sprintf("at the exit of %s on %s the balance of %s is %d", in.op(r.Ops), in.net(r.Net), in.op(o), s.Balance[o][r.Net])
			}
		}
	}
	return ""
}

// listedOnlyWhenWhole: a listed net has had the init of every registered ops, and not its exit.
func listedOnlyWhenWhole(in *Instance, s *State) string {
	for n := range uint8(len(in.Nets)) {
		listed := has(filled(s.Nets[:]), n)
		if listed != (phases[s.Phase[n]] == "listed") {
			return in.net(n) + " is listed, or not, against its phase"
		}
		for _, o := range filled(s.List[:]) {
			if listed && in.withBoth(o) && in.registered(s, o) && s.Balance[o][n] != 1 {
				return in.net(n) + " is listed without " + in.op(o)
			}
		}
	}
	return ""
}

// nothingRunsOnFreed: whatever is still to be done to a net is done before it is freed.
func nothingRunsOnFreed(in *Instance, s *State) string {
	for n := range uint8(len(in.Nets)) {
		if phases[s.Phase[n]] != "free" {
			continue
		}
		if has(filled(s.Nets[:]), n) || has(filled(s.Queue[:]), n) {
			return in.net(n) + " is free, and listed or queued"
		}
		for o := range in.Ops {
			if s.Deferred&(1<<(o*maxNets+int(n))) != 0 {
				return in.net(n) + " is free, and a callback is pending on it"
			}
		}
		for t, r := range in.everyone(s) {
			if r.Net == n || r.Other == n {
				return fmt.Sprintf("%s is free, and thread %d has it", in.net(n), t)
			}
		}
	}
	return ""
}

// freedIsUnused: a net that is freed is not referred to, not in use and not set up.
func freedIsUnused(in *Instance, s *State) string {
	for n := range in.Nets {
		if phases[s.Phase[n]] != "free" {
			continue
		}
		if s.Count[n] != 0 || s.Use[n] != 0 {
			return in.net(uint8(n)) + " is free, and has a count or is in use"
		}
		for o := range in.Ops {
			if s.Balance[o][n] != 0 {
				return in.net(uint8(n)) + " is free, and set up"
			}
		}
	}
	return ""
}

// queuedOnce: a net whose count is zero is on its way through one cleanup, and no other net is.
func queuedOnce(in *Instance, s *State) string {
	for n := range uint8(len(in.Nets)) {
		cleanups, want, phase := 0, 0, phases[s.Phase[n]]
		for _, q := range filled(s.Queue[:]) {
			if q == n {
				cleanups++
			}
		}
		for t, r := range in.everyone(s) {
			if at(r) == "PutNetQueue" && r.Net == n || at(r) == "CopyNetNsQueue" && r.Other == n ||
				uint8(t) == in.worker() && r.Net == n && phase != "new" {
				cleanups++
			}
		}
		if phase == "listed" && s.Count[n] == 0 || phase == "dying" {
			want = 1
		}
		if cleanups != want {
			return fmt.Sprintf("%s is in %d cleanups", in.net(n), cleanups)
		}
	}
	return ""
}

// initNetStays: init_net is never without its own reference.
func initNetStays(in *Instance, s *State) string {
	if phases[s.Phase[0]] != "listed" || s.Count[0] < 1 {
		return "it is " + phases[s.Phase[0]] + ", or has no reference"
	}
	return ""
}

// netMutexWhereHeld: net_mutex is owned by the one thread that stands inside it, or by nobody.
func netMutexWhereHeld(in *Instance, s *State) string {
	return whereHeld(in, s, s.NetMutex, inNetMutex)
}

// rtnlWhereHeld: the same of rtnl.
func rtnlWhereHeld(in *Instance, s *State) string { return whereHeld(in, s, s.Rtnl, inRtnl) }

func whereHeld(in *Instance, s *State, owner uint8, inside pointSet) string {
	for t, r := range in.everyone(s) {
		if (owner == uint8(t)) != stands(r, inside) {
			return fmt.Sprintf("thread %d stands at %s, and the owner is thread %d", t, at(r), owner)
		}
	}
	return ""
}

// locksInOrder: rtnl is taken inside net_mutex, or alone by a reader, who takes nothing more.
func locksInOrder(in *Instance, s *State) string {
	if s.Rtnl == none {
		return ""
	}
	owner := s.Threads[s.Rtnl]
	if s.NetMutex != s.Rtnl && at(owner) != "ListNetsRead" || stands(owner, waitsForNetMutex) {
		return fmt.Sprintf("thread %d has rtnl at %s", s.Rtnl, at(owner))
	}
	return ""
}

// noSelfWait: nobody waits for a lock that is its own.
func noSelfWait(in *Instance, s *State) string {
	for t, r := range in.everyone(s) {
		if stands(r, waitsForNetMutex) && s.NetMutex == uint8(t) || stands(r, waitsForRtnl) && s.Rtnl == uint8(t) {
			return fmt.Sprintf("thread %d waits at %s for itself", t, at(r))
		}
	}
	return ""
}

// barrierWaitsForPending: a barrier waits for callbacks that are pending, and only while it lasts.
func barrierWaitsForPending(in *Instance, s *State) string {
	for t, r := range in.everyone(s) {
		allowed := uint16(0)
		if stands(r, inBarrier) {
			allowed = s.Deferred
		}
		if r.Waits&^allowed != 0 {
			return fmt.Sprintf("thread %d waits for a callback that is not pending", t)
		}
	}
	return ""
}

// noRiseFromZero: a count that is zero rises in a set-up alone.
func noRiseFromZero(in *Instance, from, to *State) string {
	for n := range in.Nets {
		if from.Count[n] == 0 && to.Count[n] > 0 && phases[from.Phase[n]] != "new" {
			return "the count of " + in.net(uint8(n)) + " rises from zero"
		}
	}
	return ""
}

// keptStays: a net that was kept is kept for ever; only one in use is kept.
func keptStays(in *Instance, from, to *State) string {
	for n := range in.Nets {
		was, is := phases[from.Phase[n]] == "kept", phases[to.Phase[n]] == "kept"
		if was && !is || is && !was && from.Use[n] == 0 {
			return in.net(uint8(n)) + " is kept, or is no more, against its use"
		}
	}
	return ""
}

// barrierOutlasts: a callback that a barrier waits for is waited for until it has run.
func barrierOutlasts(in *Instance, from, to *State) string {
	for t, r := range in.everyone(from) {
		if r.Waits&^to.Threads[t].Waits&to.Deferred != 0 {
			return fmt.Sprintf("thread %d waits no longer for a callback that is pending", t)
		}
	}
	return ""
}
