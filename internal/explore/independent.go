// SPDX-License-Identifier: MIT

package explore

import (
	"strings"

	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/sched"
)

// Which steps commute.
//
// Two steps that are possible in one state are independent if, taken in either
// order, they lead to the same state by the same labels with the same options,
// and neither keeps the other from being possible. What a step reads and writes
// decides it: independent is what writes nothing that the other reads or writes.
//
//   - What net_mutex guards (pernet_list, first_device, the balance of inits and
//     exits) is touched by its holder alone. So a step under net_mutex that touches
//     nothing more commutes with all that another thread can do meanwhile; with a
//     step that takes or drops the lock there is nothing to commute, for then the
//     lock is held or the other is not possible.
//   - net_namespace_list is written under both locks and read under either: the two
//     writes (CopyNetNsListAdd, CleanupNetUnlink) do not commute with a reader
//     under rtnl.
//   - Counts and use counts are written by anybody, each net's for itself. That a net is freed
//     is written in its use count, and read by a put that finds zero and by whoever
//     counts on it (Gone).
//   - An exit may defer a callback; the callback and the exit do not commute, nor does
//     either with the begin of a barrier, which reads which are pending. The end of a
//     barrier is possible when those have run, and then touches nothing.
//   - The lowest free slot is what an allocation takes and a free gives back.
//   - The work queue is first in, first out; whoever queues looks whether the worker
//     is there, and the worker, when it has freed a net, whether there is more.
//   - Which net a client means by a slot is settled when one is listed there.
//
// One thing more does not commute, for the sake of histories: that a call ends and that
// another begins, for the order of these two says whether one came before the
// other. So all schedules of a class have not only the same answers and the same
// end, but the same history up to the numbers of the steps. The order of two ends, or
// of two begins, says nothing.
//
// The tests take every pair that is called independent, in every state of
// the programs, in both orders.
type footprint struct {
	reads, writes uint64
	begins, ends  bool // may begin, may end a call or a cleanup
}

// What can be read and written. Nets and pairs have a bit each.
const (
	touchNetMutex = 1 << iota
	touchRtnl
	touchGuarded // by net_mutex
	touchNetList
	touchSlots
	touchQueue
)

func touchBound(n uint8) uint64   { return 1 << (8 + n) } // what a client means by a slot
func touchCount(n uint8) uint64   { return 1 << (12 + n) }
func touchUse(n uint8) uint64     { return 1 << (16 + n) }
func touchPair(o, n uint8) uint64 { return 1 << (32 + o*maxNets + n) }
func touchNet(n uint8) uint64     { return touchCount(n) | touchUse(n) }

const touchPairs = 0xffff << 32

// commutes reports whether two steps are independent.
func (a footprint) commutes(b footprint) bool {
	return a.writes&(b.reads|b.writes) == 0 && b.writes&a.reads == 0 &&
		!(a.begins && b.ends) && !(a.ends && b.begins)
}

// footprint is what the next step of a thread may touch, whichever its option.
func (p *Play) footprint(thread string) footprint {
	w := p.w
	stands := w.s.At(w.s.Find(thread))
	if stands.Name == begins {
		t := w.number(thread)
		return callFootprint(p.in.Programs[t][w.pc[t]])
	}
	return p.stepFootprint(thread, stands)
}

// callFootprint is that of a call's first step.
func callFootprint(c Call) footprint {
	n := uint8(c.X)
	switch c.Op {
	case "copy":
		return footprint{reads: touchBound(n), writes: touchCount(n), begins: true, ends: true}
	case "get", "share":
		return footprint{reads: touchBound(n), writes: touchCount(n), begins: true, ends: true}
	case "put":
		return footprint{reads: touchBound(n) | touchUse(n), writes: touchCount(n), begins: true, ends: true}
	case "hold", "release":
		return footprint{reads: touchBound(n), writes: touchUse(n), begins: true, ends: true}
	case "barrier": // no history has it
		return footprint{reads: touchPairs}
	}
	return footprint{begins: true} // it goes to wait for its lock
}

// stepFootprint is that of a step inside a call, a cleanup or a deferred callback.
func (p *Play) stepFootprint(thread string, at hook.Point) footprint {
	net, other := uint64(0), uint64(0)
	if at.Net != "" {
		net = touchNet(digit(at.Net))
	}
	if at.Other != "" {
		other = touchNet(digit(at.Other))
	}
	switch at.Name {
	case "RegisterLock", "UnregisterLock":
		return footprint{reads: touchGuarded, writes: touchNetMutex}
	case "ListNetsLock":
		return footprint{writes: touchRtnl}
	case "RegisterLink", "RegisterInit", "RegisterUnlink", "UnregisterUnlink":
		return footprint{reads: touchNetList, writes: touchGuarded}
	case "SetupNetInit":
		return footprint{writes: touchGuarded}
	case "RegisterUndo", "UnregisterExit", "SetupNetUndo", "CleanupNetExit":
		f := footprint{reads: touchNetList, writes: touchGuarded}
		if o := digit(at.Ops); p.w.defers[o] {
			f.writes |= touchPair(o, digit(at.Net))
		}
		return f
	case "RegisterUnlock", "UnregisterUnlock":
		return footprint{writes: touchNetMutex | touchGuarded, ends: true}
	case "CopyNetNsAlloc":
		return footprint{writes: touchSlots}
	case "CopyNetNsLock":
		return footprint{reads: touchGuarded, writes: touchNetMutex | net}
	case "SetupNetBarrier", "CleanupNetBarrier":
		return footprint{reads: touchPairs}
	case "SetupNetBarrierEnd", "CleanupNetBarrierEnd", "RcuBarrierEnd":
		return footprint{}
	case "CopyNetNsUnlock", "CleanupNetUnlock":
		return footprint{writes: touchNetMutex}
	case "CopyNetNsRtnlLock", "CleanupNetRtnlLock":
		return footprint{writes: touchRtnl}
	case "CopyNetNsListAdd":
		return footprint{reads: touchGuarded, writes: touchRtnl | touchNetList | touchBound(digit(at.Net))}
	case "CopyNetNsPut":
		return footprint{reads: other, writes: other & touchCounts, ends: true}
	case "CopyNetNsQueue", "PutNetQueue":
		return footprint{writes: touchQueue, begins: true, ends: true}
	case "CopyNetNsFree":
		return footprint{writes: touchSlots | net, ends: true}
	case "ListNetsRead":
		return footprint{reads: touchNetList, writes: touchRtnl, ends: true}
	case "CleanupNetLock":
		return footprint{reads: touchGuarded | touchNetList, writes: touchNetMutex | touchQueue}
	case "CleanupNetUnlink":
		return footprint{reads: touchGuarded, writes: touchRtnl | touchNetList}
	case "CleanupNetFree":
		return footprint{writes: touchSlots | touchQueue | net, begins: true, ends: true}
	case "DeferredRun":
		o, n, _ := strings.Cut(thread[1:], ".")
		return footprint{writes: touchPair(digit(o), digit(n))}
	}
	panic("explore: nobody has said what " + at.Name + " touches")
}

// touchCounts is the counts of all nets.
const touchCounts = 0xf << 12

// A sleeper is a thread whose next step another branch of the search has taken
// already; until something that it does not commute with is done, taking it here
// gives nothing new.
type sleeper struct {
	thread string
	footprint
}

// asleep returns those that still sleep after a step.
func asleep(sleepers []sleeper, step footprint) (out []sleeper) {
	for _, s := range sleepers {
		if s.commutes(step) {
			out = append(out, s)
		}
	}
	return out
}

func sleeps(sleepers []sleeper, c sched.Choice) bool {
	for _, s := range sleepers {
		if s.thread == c.Thread {
			return true
		}
	}
	return false
}
