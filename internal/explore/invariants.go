// SPDX-License-Identifier: MIT

package explore

import (
	"fmt"
	"slices"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/sched"
)

// An Invariant is a claim of spec/netns.tla about every state, under its name
// there. It returns what is wrong, or "".
type Invariant struct {
	Name string
	Of   func(in *Instance, s *State) string
}

// Invariants are those of spec/netns.tla that a State can show. KindMatchesList
// is not among them, for here an ops has a kind just when it is linked.
var Invariants = []Invariant{
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
	{"NetMutexWhereHeld", netMutexWhereHeld},
	{"RtnlWhereHeld", rtnlWhereHeld},
	{"LocksInOrder", locksInOrder},
	{"NoSelfWait", noSelfWait},
	{"BarrierWaitsForPending", barrierWaitsForPending},
}

// A StepInvariant is a claim about every step.
type StepInvariant struct {
	Name string
	Of   func(in *Instance, from, to *State) string
}

// StepInvariants are the claims of spec/netns.tla about every step.
var StepInvariants = []StepInvariant{
	{"NoRiseFromZeroProp", noRiseFromZero},
	{"KeptStaysProp", keptStays},
	{"BarrierOutlastsProp", barrierOutlasts},
}

// CheckState returns the first invariant that the state breaks, and how; or nil.
func (in *Instance) CheckState(s *State) error {
	for _, i := range Invariants {
		if problem := i.Of(in, s); problem != "" {
			return fmt.Errorf("%s: %s, in the state\n%s", i.Name, problem, in.Describe(*s))
		}
	}
	return nil
}

// CheckStep does the same for a step.
func (in *Instance) CheckStep(from, to *State) error {
	for _, i := range StepInvariants {
		if problem := i.Of(in, from, to); problem != "" {
			return fmt.Errorf("%s: %s, in the step from\n%sto\n%s", i.Name, problem, in.Describe(*from), in.Describe(*to))
		}
	}
	return nil
}

// CheckGraph checks every state and every step of a graph, and returns the first
// problem in the order of the states, with a shortest schedule that leads there.
func (in *Instance) CheckGraph(g *graph.Graph[State]) (sched.Schedule, error) {
	for i := range g.States {
		if err := in.CheckState(&g.States[i]); err != nil {
			return WayTo(g, int32(i)), err
		}
		for _, e := range g.Out[i] {
			if err := in.CheckStep(&g.States[i], &g.States[e.To]); err != nil {
				return append(WayTo(g, int32(i)), e.Choice), err
			}
		}
	}
	return nil, nil
}

// WayTo returns a shortest schedule from the first state to that one.
func WayTo(g *graph.Graph[State], target int32) (s sched.Schedule) {
	from := make([]int32, len(g.States))
	by := make([]sched.Choice, len(g.States))
	for i := range from {
		from[i] = -1
	}
	todo := []int32{0}
	for i := 0; i < len(todo) && from[target] < 0; i++ {
		for _, e := range g.Out[todo[i]] {
			if e.To != 0 && from[e.To] < 0 {
				from[e.To], by[e.To] = todo[i], e.Choice
				todo = append(todo, e.To)
			}
		}
	}
	for at := target; at != 0; at = from[at] {
		s = append(s, by[at])
	}
	slices.Reverse(s)
	return s
}

// What the invariants are made of.

// filled returns a list without what fills it up.
func filled(s []uint8) []uint8 {
	if i := slices.Index(s, none); i >= 0 {
		return s[:i]
	}
	return s
}

func has(s []uint8, x uint8) bool { return slices.Contains(s, x) }

// withBoth reports whether the balance of an ops is kept: it has init and exit.
func (in *Instance) withBoth(o uint8) bool {
	return !in.has(in.NoInit, in.Ops[o]) && !in.has(in.NoExit, in.Ops[o])
}

func (in *Instance) worker() uint8 { return uint8(len(in.Threads)) }

// everyone is the clients and the worker.
func (in *Instance) everyone(s *State) []Thread { return s.Threads[:len(in.Threads)+1] }

func at(t Thread) string { return points[t.At] }

// registered reports whether an ops is on the list and its register is over, as kind says in the spec.
func (in *Instance) registered(s *State, o uint8) bool {
	if !has(filled(s.List[:]), o) {
		return false
	}
	for _, t := range in.everyone(s) {
		switch at(t) {
		case "RegisterLink", "RegisterInit", "RegisterUnlink", "RegisterUnlock":
			if t.Ops == o {
				return false
			}
		}
	}
	return true
}

func isDevice(s *State, o uint8) bool { return kinds[s.Kind[o]] == "device" }

func (in *Instance) op(o uint8) string  { return nameAt(in.Ops, o) }
func (in *Instance) net(n uint8) string { return nameAt(in.Nets, n) }

// stands is who does or does not stand where a lock is held.
func stands(t Thread, set pointSet) bool { return set[t.At] }

type pointSet [64]bool // by code

func setOf(names ...string) (s pointSet) {
	for _, n := range names {
		s[pointCode[n]] = true
	}
	return s
}

var (
	inNetMutex = setOf("RegisterLink", "RegisterInit", "RegisterUnlink", "RegisterUndo", "RegisterUnlock",
		"UnregisterUnlink", "UnregisterExit", "UnregisterUnlock", "SetupNetInit", "SetupNetUndo", "SetupNetBarrier",
		"SetupNetBarrierEnd", "CopyNetNsUnlockFail", "CopyNetNsRtnlLock", "CopyNetNsListAdd", "CopyNetNsUnlock",
		"CleanupNetRtnlLock", "CleanupNetUnlink", "CleanupNetExit", "CleanupNetUnlock")
	inRtnl           = setOf("CopyNetNsListAdd", "CleanupNetUnlink", "ListNetsRead")
	inBarrier        = setOf("SetupNetBarrierEnd", "CleanupNetBarrierEnd", "RcuBarrierEnd")
	waitsForNetMutex = setOf("Idle", "CopyNetNsLock", "RegisterLock", "UnregisterLock")
	waitsForRtnl     = setOf("Idle", "ListNetsLock", "CopyNetNsRtnlLock", "CleanupNetRtnlLock")
)
