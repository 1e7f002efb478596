// SPDX-License-Identifier: MIT

package mutex

import (
	"fmt"
	"slices"
	"strings"

	"example.com/pernet/internal/explore/clients"
)

// Claims are the invariants of spec/netns.tla, except KindMatchesList: here an ops has a kind
// exactly if it is linked. Each returns the problem, or "".
var Claims = []struct {
	Name string
	Of   func(in *Instance, s *State) string
}{
	{"TypeOK", typeOK},
	{"ListsHaveNoDoubles", listsHaveNoDoubles},
	{"SubsysBeforeDevices", subsysBeforeDevices},
	{"FirstDeviceExact", firstDeviceExact},
	{"InitExitBalance", initExitBalance},
	{"UndoIsExact", undoIsExact},
	{"ExitReversesInit", exitReversesInit},
	{"ListedOnlyWhenWhole", listedOnlyWhenWhole},
	{"NothingRunsOnFreed", nothingRunsOnFreed},
	{"FreedIsUnused", freedIsUnused},
	{"QueuedOnce", queuedOnce},
	{"InitNetStays", initNetStays},
	{"NetMutexWhereHeld", func(in *Instance, s *State) string { return whereHeld(in, s, netMutex, s.NetMutex) }},
	{"RtnlWhereHeld", func(in *Instance, s *State) string { return whereHeld(in, s, rtnl, s.Rtnl) }},
	{"LocksInOrder", locksInOrder},
	{"NoSelfWait", noSelfWait},
	{"BarrierWaitsForPending", barrierWaitsForPending},
}

// stepClaims are the claims of spec/netns.tla about every step.
var stepClaims = []struct {
	Name string
	Of   func(in *Instance, from, to *State) string
}{
	{"NoRiseFromZeroProp", noRiseFromZero},
	{"KeptStaysProp", keptStays},
	{"BarrierOutlastsProp", barrierOutlasts},
}

// Broken returns the first of Claims that s breaks, and how.
func (in *Instance) Broken(s *State) (claim, problem string) {
	for _, c := range Claims {
		if problem := c.Of(in, s); problem != "" {
			return c.Name, problem
		}
	}
	return "", ""
}

// BrokenStep returns the first of stepClaims that the step breaks, and how.
func (in *Instance) BrokenStep(from, to *State) (claim, problem string) {
	for _, c := range stepClaims {
		if problem := c.Of(in, from, to); problem != "" {
			return c.Name, problem
		}
	}
	return "", ""
}

// filled returns a list without its padding.
func filled(s []uint8) []uint8 {
	if i := slices.Index(s, none); i >= 0 {
		return s[:i]
	}
	return s
}

func (s *State) list() []uint8 { return filled(s.List[:]) }
func (s *State) nets() []uint8 { return filled(s.Nets[:]) }

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

// isUp reports whether an ops has run its init on a net and not its exit.
func (s *State) isUp(o, n uint8) bool { return s.Balance[o][n] == 1 }

// leftOn returns an ops with a nonzero balance on a net, or "".
func (in *Instance) leftOn(s *State, n uint8) string {
	for o := range in.Ops {
		if s.Balance[o][n] != 0 {
			return in.Ops[o]
		}
	}
	return ""
}

// typeOK: lists are padded at the end, and every number is in the instance.
func typeOK(in *Instance, s *State) string {
	for _, l := range []struct {
		name  string
		list  []uint8
		limit int
	}{{"pernetList", s.List[:], len(in.Ops)}, {"netList", s.Nets[:], len(in.Nets)}, {"workQueue", s.Queue[:], len(in.Nets)}} {
		for i, x := range l.list {
			if x != none && (int(x) >= l.limit || i >= len(filled(l.list))) {
				return fmt.Sprintf("%s holds %d at %d", l.name, x, i)
			}
		}
	}
	for t, r := range s.Threads {
		for _, n := range []uint8{r.Net, r.Other} {
			if r.At >= stateful || n != none && int(n) >= len(in.Nets) {
				return fmt.Sprintf("thread %d is at no point, or has an unknown net", t)
			}
		}
	}
	if s.First != none && !slices.Contains(s.list(), s.First) {
		return "firstDevice is not linked"
	}
	return ""
}

// listsHaveNoDoubles: nothing is linked, listed or queued twice.
func listsHaveNoDoubles(_ *Instance, s *State) string {
	names := [...]string{"pernetList", "netList", "workQueue"}
	for l, list := range [...][]uint8{s.list(), s.nets(), filled(s.Queue[:])} {
		for i, x := range list {
			if slices.Contains(list[:i], x) {
				return names[l] + " has an element twice"
			}
		}
	}
	return ""
}

// subsysBeforeDevices: no device comes before a subsystem.
func subsysBeforeDevices(in *Instance, s *State) string {
	list := s.list()
	for i, o := range list {
		if i > 0 && s.Kind[o] == subsys && s.Kind[list[i-1]] == device {
			return "subsystem " + in.Ops[o] + " is behind a device"
		}
	}
	return ""
}

// firstDeviceExact: firstDevice is the first device, or the list head if there is none.
func firstDeviceExact(in *Instance, s *State) string {
	first := uint8(none)
	if i := slices.IndexFunc(s.list(), func(o uint8) bool { return s.Kind[o] == device }); i >= 0 {
		first = s.List[i]
	}
	if s.NetMutex == none && s.First != first {
		return "firstDevice is not the first device"
	}
	return ""
}

// initExitBalance: inits and exits alternate; only registered ops on listed nets have one more init.
func initExitBalance(in *Instance, s *State) string {
	for o := range uint8(len(in.Ops)) {
		for n := range uint8(len(in.Nets)) {
			b := s.Balance[o][n]
			want := s.isRegistered(o) && slices.Contains(s.nets(), n)
			if in.HasBoth(int(o)) && (b != 0 && b != 1 || s.NetMutex == none && s.isUp(o, n) != want) {
				return fmt.Sprintf("balance of %s on %s is %d", in.Ops[o], in.Nets[n], b)
			}
		}
	}
	return ""
}

// undoIsExact: an undo has exactly the inits left that it still has to undo, and none at its end.
func undoIsExact(in *Instance, s *State) string {
	for _, r := range s.Threads {
		switch pointNames[r.At] {
		case "RegisterUndo":
			from, to := slices.Index(s.nets(), r.Net), slices.Index(s.nets(), r.Other)
			for i, n := range s.nets() {
				if in.HasBoth(int(r.Ops)) && s.isUp(r.Ops, n) != (i >= from && i < to) {
					return fmt.Sprintf("in an undo the balance of %s on %s is %d", in.Ops[r.Ops], in.Nets[n], s.Balance[r.Ops][n])
				}
			}
		case "RegisterUnlock":
			for o := range uint8(len(in.Ops)) {
				if r.Err != 0 && !slices.Contains(s.list(), o) && s.Balance[o] != [clients.MaxNets]int8{} {
					return "a failed register leaves inits of " + in.Ops[o]
				}
			}
		case "SetupNetBarrier", "SetupNetBarrierEnd", "CopyNetNsUnlockFail":
			if o := in.leftOn(s, r.Net); o != "" {
				return "a failed set-up leaves the init of " + o + " on " + in.Nets[r.Net]
			}
		}
	}
	return ""
}

// exitReversesInit: exactly the current ops and those before it have not run their exit.
func exitReversesInit(in *Instance, s *State) string {
	for _, r := range s.Threads {
		if at := pointNames[r.At]; at != "SetupNetUndo" && at != "CleanupNetExit" {
			continue
		}
		here := slices.Index(s.list(), r.Ops)
		for i, o := range s.list() {
			if in.HasBoth(int(o)) && s.isUp(o, r.Net) != (i <= here) {
				return fmt.Sprintf("at the exit of %s on %s the balance of %s is %d", in.Ops[r.Ops], in.Nets[r.Net], in.Ops[o], s.Balance[o][r.Net])
			}
		}
	}
	return ""
}

// listedOnlyWhenWhole: every registered ops has run its init on a listed net, and not its exit.
func listedOnlyWhenWhole(in *Instance, s *State) string {
	for n := range uint8(len(in.Nets)) {
		isListed := slices.Contains(s.nets(), n)
		if isListed != (s.Phase[n] == listed) {
			return in.Nets[n] + " is listed, or not, against its phase"
		}
		for _, o := range s.list() {
			if isListed && in.HasBoth(int(o)) && s.isRegistered(o) && !s.isUp(o, n) {
				return in.Nets[n] + " is listed without " + in.Ops[o]
			}
		}
	}
	return ""
}

// nothingRunsOnFreed: no list, callback or thread has a freed net.
func nothingRunsOnFreed(in *Instance, s *State) string {
	for n := range uint8(len(in.Nets)) {
		if s.Phase[n] != free {
			continue
		}
		if slices.Contains(s.nets(), n) || slices.Contains(s.Queue[:], n) {
			return in.Nets[n] + " is free, and listed or queued"
		}
		for o := range uint8(len(in.Ops)) {
			if s.Deferred&clients.Pair(o, n) != 0 {
				return in.Nets[n] + " is free, and a callback is pending on it"
			}
		}
		for t, r := range s.Threads {
			if r.Net == n || r.Other == n {
				return fmt.Sprintf("%s is free, and thread %d uses it", in.Nets[n], t)
			}
		}
	}
	return ""
}

// freedIsUnused: a freed net has no references and no uses, and is not set up.
func freedIsUnused(in *Instance, s *State) string {
	for n := range uint8(len(in.Nets)) {
		switch {
		case s.Phase[n] != free:
		case s.Count[n] != 0 || s.Use[n] != 0:
			return in.Nets[n] + " is free, and its count or use count is not zero"
		case in.leftOn(s, n) != "":
			return in.Nets[n] + " is free, and set up"
		}
	}
	return ""
}

// queuedOnce: a net whose count is zero is in exactly one cleanup, and other nets are in none.
func queuedOnce(in *Instance, s *State) string {
	worker := len(in.Threads)
	for n := range uint8(len(in.Nets)) {
		cleanups, want, phase := 0, 0, s.Phase[n]
		for _, q := range s.Queue {
			if q == n {
				cleanups++
			}
		}
		for t, r := range s.Threads {
			at := pointNames[r.At]
			if at == "PutNetQueue" && r.Net == n || at == "CopyNetNsQueue" && r.Other == n || t == worker && r.Net == n && phase != fresh {
				cleanups++
			}
		}
		if phase == listed && s.Count[n] == 0 || phase == dying {
			want = 1
		}
		if cleanups != want {
			return fmt.Sprintf("%s is in %d cleanups", in.Nets[n], cleanups)
		}
	}
	return ""
}

// initNetStays: init_net is listed and keeps its own reference.
func initNetStays(_ *Instance, s *State) string {
	if s.Phase[0] != listed || s.Count[0] < 1 {
		return "init_net is " + phases[s.Phase[0]] + ", or has no reference"
	}
	return ""
}

// whereHeld: the owner of a lock is the thread at a point that holds it.
func whereHeld(in *Instance, s *State, lock int, owner uint8) string {
	for t := range len(in.Threads) + 1 {
		if p := points[s.Threads[t].At]; (owner == uint8(t)) != p.holds.has(lock) {
			return fmt.Sprintf("thread %d is at %s, and the owner is thread %d", t, p.name, owner)
		}
	}
	return ""
}

// locksInOrder: rtnl is taken inside net_mutex, or alone by a reader that takes no other lock.
func locksInOrder(_ *Instance, s *State) string {
	if s.Rtnl == none {
		return ""
	}
	p := points[s.Threads[s.Rtnl].At]
	if s.NetMutex != s.Rtnl && p.name != "ListNetsRead" || p.takes.has(netMutex) {
		return fmt.Sprintf("thread %d holds rtnl at %s", s.Rtnl, p.name)
	}
	return ""
}

// noSelfWait: no thread waits for a lock that it holds.
func noSelfWait(in *Instance, s *State) string {
	for t := range len(in.Threads) + 1 {
		p := points[s.Threads[t].At]
		if p.takes.has(netMutex) && s.NetMutex == uint8(t) || p.takes.has(rtnl) && s.Rtnl == uint8(t) {
			return fmt.Sprintf("thread %d waits at %s for a lock that it holds", t, p.name)
		}
	}
	return ""
}

// barrierWaitsForPending: only a barrier waits for callbacks, and only for pending ones.
func barrierWaitsForPending(_ *Instance, s *State) string {
	for t, r := range s.Threads {
		allowed := s.Deferred
		if !strings.HasSuffix(pointNames[r.At], "BarrierEnd") {
			allowed = 0
		}
		if r.Waits&^allowed != 0 {
			return fmt.Sprintf("thread %d waits for a callback that is not pending", t)
		}
	}
	return ""
}

// noRiseFromZero: only a set-up raises a count from zero.
func noRiseFromZero(in *Instance, from, to *State) string {
	for n := range in.Nets {
		if from.Count[n] == 0 && to.Count[n] > 0 && from.Phase[n] != fresh {
			return "the count of " + in.Nets[n] + " rises from zero"
		}
	}
	return ""
}

// keptStays: a kept net stays kept; only a net in use is kept.
func keptStays(in *Instance, from, to *State) string {
	for n := range in.Nets {
		was, is := from.Phase[n] == kept, to.Phase[n] == kept
		if was && !is || is && !was && from.Use[n] == 0 {
			return in.Nets[n] + " becomes kept without a use, or stops being kept"
		}
	}
	return ""
}

// barrierOutlasts: a barrier waits for each of its callbacks until it has run.
func barrierOutlasts(_ *Instance, from, to *State) string {
	for t, r := range from.Threads {
		if r.Waits&^to.Threads[t].Waits&to.Deferred != 0 {
			return fmt.Sprintf("thread %d stops waiting for a pending callback", t)
		}
	}
	return ""
}
