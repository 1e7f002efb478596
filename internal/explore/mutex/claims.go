// SPDX-License-Identifier: MIT

package mutex

import (
	"slices"
	"strings"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
)

// Claims are the invariants of spec/netns.tla, except KindMatchesList: here an ops has a kind
// exactly if it is linked. Of returns what breaks the claim, or "".
var Claims = []explore.Claim[*Instance, State]{
	{"TypeOK", "lists are padded at the end, and every number is in the instance", explore.OfState(typeOK)},
	{"ListsHaveNoDoubles", "nothing is linked, listed or queued twice", explore.OfState(listsHaveNoDoubles)},
	{"SubsysBeforeDevices", "no device comes before a subsystem", explore.OfState(subsysBeforeDevices)},
	{"FirstDeviceExact", "firstDevice is the first device, or the list head if there is none", explore.OfState(firstDeviceExact)},
	{"InitExitBalance", "inits and exits alternate; only registered ops on listed nets have one more init", ofNets(initExitBalance)},
	{"UndoIsExact", "an undo has exactly the inits left that it still has to undo, and none at its end", ofThreads(undoIsExact)},
	{"ExitReversesInit", "exactly the current ops and those before it have not run their exit", ofThreads(exitReversesInit)},
	{"ListedOnlyWhenWhole", "every registered ops has run its init on a listed net, and not its exit", ofNets(listedOnlyWhenWhole)},
	{"NothingRunsOnFreed", "no list, callback or thread has a freed net", ofNets(nothingRunsOnFreed)},
	{"FreedIsUnused", "a freed net has no references and no uses, and is not set up", ofNets(freedIsUnused)},
	{"NewIsOwned", "a net in its set-up is in the hand of a thread", ofNets(newIsOwned)},
	{"QueuedOnce", "a net whose count is zero is in exactly one cleanup, and other nets are in none", ofNets(queuedOnce)},
	{"InitNetStays", "init_net is listed and keeps its own reference", explore.OfState(initNetStays)},
	{"NetMutexWhereHeld", "the owner of net_mutex is the thread at a point that holds it", ofThreads(netMutexWhereHeld)},
	{"RtnlWhereHeld", "the owner of rtnl is the thread at a point that holds it", ofThreads(rtnlWhereHeld)},
	{"LocksInOrder", "rtnl is taken inside net_mutex, or alone by a reader that takes no other lock", ofThreads(locksInOrder)},
	{"NoSelfWait", "no thread waits for a lock that it holds", ofThreads(noSelfWait)},
	{"BarrierWaitsForPending", "only a barrier waits for callbacks, and only for pending ones", ofThreads(barrierWaitsForPending)},
}

// ofNets and ofThreads make a claim of what holds in a state of each net or each thread.
func ofNets(holds func(in *Instance, s *State, n uint8) bool) func(*Instance, *State) string {
	return func(in *Instance, s *State) string {
		for n, name := range in.Nets {
			if !holds(in, s, uint8(n)) {
				return name
			}
		}
		return ""
	}
}

func ofThreads(holds func(in *Instance, s *State, t uint8, r Thread) bool) func(*Instance, *State) string {
	return func(in *Instance, s *State) string {
		for t := range len(in.Threads) + 1 {
			if !holds(in, s, uint8(t), s.Threads[t]) {
				return in.Everyone()[t]
			}
		}
		return ""
	}
}

// stepClaims are the claims of spec/netns.tla about every step.
var stepClaims = []explore.StepClaim[*Instance, State]{
	{"NoRiseFromZeroProp", "only a set-up raises a count from zero", noRiseFromZero},
	{"KeptStaysProp", "a kept net stays kept; only a net in use is kept", keptStays},
	{"BarrierTakesAllProp", "a barrier that begins waits for all that is pending then", barrierTakesAll},
	{"BarrierOutlastsProp", "a barrier waits for each of its callbacks until it has run", barrierOutlasts},
}

// Broken returns the first of Claims that s breaks, and how.
func (in *Instance) Broken(s *State) (claim, problem string) { return explore.Broken(Claims, in, s) }

// BrokenStep returns the first of stepClaims that the step breaks.
func (in *Instance) BrokenStep(from, to *State) (claim, problem string) {
	return explore.BrokenStep(stepClaims, in, from, to)
}

func (s *State) list() []uint8 { return clients.Filled(s.List[:]) }
func (s *State) nets() []uint8 { return clients.Filled(s.Nets[:]) }

// isRegistered reports whether an ops is on the list and its register call is past the inits.
func (s *State) isRegistered(o uint8) bool {
	for _, t := range s.Threads {
		switch pointNames[t.At] {
		case "RegisterLink", "RegisterInit", "RegisterUnlink", "RegisterUnlock":
			if t.Ops == o {
				return false
			}
		}
	}
	return slices.Contains(s.list(), o)
}

// isComing reports whether a register is at the inits of an ops, or about to unlink it.
func (s *State) isComing(o uint8) bool {
	return slices.ContainsFunc(s.Threads[:], func(r Thread) bool {
		return r.Ops == o && (pointNames[r.At] == "RegisterInit" || pointNames[r.At] == "RegisterUnlink")
	})
}

// isUp reports whether an ops has run its init on a net and not its exit.
func (s *State) isUp(o, n uint8) bool { return s.Balance[o][n] == 1 }

// isSetUp reports whether an ops has a nonzero balance on a net.
func (in *Instance) isSetUp(s *State, n uint8) bool {
	return slices.ContainsFunc(s.Balance[:len(in.Ops)], func(b [clients.MaxNets]int8) bool { return b[n] != 0 })
}

func typeOK(in *Instance, s *State) bool {
	for _, l := range []struct {
		list  []uint8
		limit int
	}{{s.List[:], len(in.Ops)}, {s.Nets[:], len(in.Nets)}, {s.Queue[:], len(in.Nets)}} {
		for i, x := range l.list {
			if x != none && (int(x) >= l.limit || i >= len(clients.Filled(l.list))) {
				return false
			}
		}
	}
	within := func(x uint8, limit int) bool { return x == none || int(x) < limit }
	pairs := uint16(0)
	for o := range uint8(len(in.Ops)) {
		for n := range uint8(len(in.Nets)) {
			pairs |= clients.Pair(o, n)
		}
	}
	for _, r := range s.Threads {
		if int(r.At) >= len(statePoints) || !within(r.Net, len(in.Nets)) || !within(r.Other, len(in.Nets)) ||
			!within(r.Ops, len(in.Ops)) || int(r.Err) >= len(clients.ErrWords) || r.Kind > clients.Device || r.Waits&^pairs != 0 {
			return false
		}
	}
	if s.Deferred&^pairs != 0 || slices.Max(s.Phase[:]) > clients.Kept || slices.Max(s.Kind[:]) > clients.Device ||
		!within(s.NetMutex, len(in.Threads)+1) || !within(s.Rtnl, len(in.Threads)+1) {
		return false
	}
	return s.First == none || slices.Contains(s.list(), s.First)
}

func listsHaveNoDoubles(_ *Instance, s *State) bool {
	return clients.NoDoubles(s.list(), s.nets(), clients.Filled(s.Queue[:]))
}

func subsysBeforeDevices(_ *Instance, s *State) bool { return clients.SubsysFirst(s.list(), s.Kind[:]) }

func firstDeviceExact(_ *Instance, s *State) bool {
	return s.NetMutex != none || s.First == clients.FirstDevice(s.list(), s.Kind[:])
}

func initExitBalance(in *Instance, s *State, n uint8) bool {
	for o := range uint8(len(in.Ops)) {
		b := s.Balance[o][n]
		want := s.isRegistered(o) && slices.Contains(s.nets(), n)
		if in.HasBoth(int(o)) && (b != 0 && b != 1 || s.NetMutex == none && s.isUp(o, n) != want) {
			return false
		}
	}
	return true
}

func undoIsExact(in *Instance, s *State, _ uint8, r Thread) bool {
	switch pointNames[r.At] {
	case "RegisterUndo":
		from, to := slices.Index(s.nets(), r.Net), slices.Index(s.nets(), r.Other)
		for i, n := range s.nets() {
			if in.HasBoth(int(r.Ops)) && s.isUp(r.Ops, n) != (i >= from && i < to) {
				return false
			}
		}
	case "RegisterUnlock":
		for o := range uint8(len(in.Ops)) {
			if r.Err != 0 && !slices.Contains(s.list(), o) && s.Balance[o] != [clients.MaxNets]int8{} {
				return false
			}
		}
	case "SetupNetBarrier", "SetupNetBarrierEnd", "CopyNetNsUnlockFail":
		return !in.isSetUp(s, r.Net)
	}
	return true
}

func exitReversesInit(in *Instance, s *State, _ uint8, r Thread) bool {
	if at := pointNames[r.At]; at != "SetupNetUndo" && at != "CleanupNetExit" {
		return true
	}
	here := slices.Index(s.list(), r.Ops)
	for i, o := range s.list() {
		if in.HasBoth(int(o)) && s.isUp(o, r.Net) != (i <= here) {
			return false
		}
	}
	return true
}

func listedOnlyWhenWhole(in *Instance, s *State, n uint8) bool {
	isListed := slices.Contains(s.nets(), n)
	for _, o := range s.list() {
		if isListed && in.HasBoth(int(o)) && !s.isComing(o) && !s.isUp(o, n) {
			return false
		}
	}
	return isListed == (s.Phase[n] == clients.Listed)
}

func nothingRunsOnFreed(in *Instance, s *State, n uint8) bool {
	if s.Phase[n] != clients.Free {
		return true
	}
	for o := range uint8(len(in.Ops)) {
		if s.Deferred&clients.Pair(o, n) != 0 {
			return false
		}
	}
	return !slices.Contains(s.nets(), n) && !slices.Contains(s.Queue[:], n) &&
		!slices.ContainsFunc(s.Threads[:], func(r Thread) bool { return r.Net == n || r.Other == n })
}

func freedIsUnused(in *Instance, s *State, n uint8) bool {
	return s.Phase[n] != clients.Free || s.Count[n] == 0 && s.Use[n] == 0 && !in.isSetUp(s, n)
}

func newIsOwned(_ *Instance, s *State, n uint8) bool {
	return s.Phase[n] != clients.Fresh || slices.ContainsFunc(s.Threads[:], func(r Thread) bool { return r.Net == n })
}

func queuedOnce(in *Instance, s *State, n uint8) bool {
	cleanups, want, phase := 0, 0, s.Phase[n]
	if slices.Contains(s.Queue[:], n) {
		cleanups++ // ListsHaveNoDoubles: it is queued once
	}
	for t, r := range s.Threads {
		at, isWorker := pointNames[r.At], t == len(in.Threads)
		if at == "PutNetQueue" && r.Net == n || at == "CopyNetNsQueue" && r.Other == n || isWorker && r.Net == n && phase != clients.Fresh {
			cleanups++
		}
	}
	if phase == clients.Listed && s.Count[n] == 0 || phase == clients.Dying {
		want = 1
	}
	return cleanups == want
}

func initNetStays(_ *Instance, s *State) bool { return s.Phase[0] == clients.Listed && s.Count[0] >= 1 }

func netMutexWhereHeld(_ *Instance, s *State, t uint8, r Thread) bool {
	return (s.NetMutex == t) == points[r.At].holds.has(netMutex)
}

func rtnlWhereHeld(_ *Instance, s *State, t uint8, r Thread) bool {
	return (s.Rtnl == t) == points[r.At].holds.has(rtnl)
}

func locksInOrder(_ *Instance, s *State, t uint8, r Thread) bool {
	p := points[r.At]
	return s.Rtnl != t || (s.NetMutex == t || p.holds == onlyRtnl) && !p.takes.has(netMutex)
}

func noSelfWait(_ *Instance, s *State, t uint8, r Thread) bool {
	takes := points[r.At].takes
	return !(takes.has(netMutex) && s.NetMutex == t) && !(takes.has(rtnl) && s.Rtnl == t)
}

func barrierWaitsForPending(_ *Instance, s *State, _ uint8, r Thread) bool {
	allowed := s.Deferred
	if !strings.HasSuffix(pointNames[r.At], "BarrierEnd") {
		allowed = 0
	}
	return r.Waits&^allowed == 0
}

func noRiseFromZero(in *Instance, from, to *State) bool {
	for n := range in.Nets {
		if from.Count[n] == 0 && to.Count[n] > 0 && from.Phase[n] != clients.Fresh {
			return false
		}
	}
	return true
}

func keptStays(in *Instance, from, to *State) bool {
	for n := range in.Nets {
		was, is := from.Phase[n] == clients.Kept, to.Phase[n] == clients.Kept
		if was && !is || is && !was && from.Use[n] == 0 {
			return false
		}
	}
	return true
}

func barrierTakesAll(_ *Instance, from, to *State) bool {
	in := func(r Thread) bool { return strings.HasSuffix(pointNames[r.At], "BarrierEnd") }
	for t, r := range from.Threads {
		if now := to.Threads[t]; !in(r) && in(now) && now.Waits != from.Deferred {
			return false
		}
	}
	return true
}

func barrierOutlasts(_ *Instance, from, to *State) bool {
	for t, r := range from.Threads {
		if r.Waits&^to.Threads[t].Waits&to.Deferred != 0 {
			return false
		}
	}
	return true
}
