// SPDX-License-Identifier: MIT

package mutex

import (
	"strings"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
)

// The locks, by their index in hook.Hooks.Locks.
const (
	netMutex = iota
	rtnl
)

// Locks are the names of the locks in C, and the variables of the spec for their owners.
var Locks = []struct{ Name, Variable string }{{"net_mutex", "netMutex"}, {"rtnl", "rtnl"}}

// Takes reports whether the step at a point takes a lock.
func Takes(at string, lock int) bool {
	code, ok := pointCode[at]
	return ok && points[code].takes.has(lock)
}

// A set is a set of locks.
type set uint8

const (
	onlyMutex set = 1 << netMutex
	onlyRtnl  set = 1 << rtnl
	both          = onlyMutex | onlyRtnl
)

func (s set) has(lock int) bool { return s&(1<<lock) != 0 }

// A point is where a thread waits to be chosen: before a step of spec/netns.tla.
type point struct {
	name  string
	holds set // the locks that a thread there holds
	takes set // the lock that the step takes
	touch touch
}

// A touch is a footprint for any ops and nets.
type touch struct {
	reads, writes uint64
	begins, ends  bool
}

// The things that a step can read and write.
//
//   - Only the holder of net_mutex touches what it guards (pernet_list, first_device, the
//     balance of inits and exits). So a step under net_mutex that touches nothing else
//     commutes with all steps that other threads can take meanwhile.
//   - net_namespace_list is written under both locks and read under either: the two
//     writes (CopyNetNsListAdd, CleanupNetUnlink) do not commute with a reader
//     under rtnl.
//   - Any thread writes counts and use counts, which are separate for each net. Freeing a net
//     counts as a write of its use count; a put that finds zero and a copy (Gone) read it.
//   - An exit may defer a callback. The exit, the callback, and the begin of a barrier, which
//     reads the pending callbacks, do not commute. The end of a barrier touches nothing.
//   - An allocation takes the lowest free slot, and a free returns it.
//   - The work queue is first in, first out. A thread that queues a net checks whether the
//     worker runs, and the worker checks the queue after each net.
//   - A client uses the net that was last listed in a slot.
//
// A test takes every pair of independent steps in both orders, in every state of some
// programs.
const (
	theNetMutex = 1 << iota
	theRtnl
	guarded // by net_mutex
	netList
	slots
	queue

	// For the ops and nets of the step; footprint replaces them by bits for each ops and net.
	slot       // the net that was last listed in the slot
	count      // of the net
	use        // of the net
	otherCount // of the other net
	otherUse   // of the other net
	deferral   // of the ops and the net, if the ops defers callbacks

	net      = count | use
	symbols  = slot | net | otherCount | otherUse | deferral
	ofNet    = 16 // the first bit of slots, counts and use counts
	ofPair   = 32 // the first bit of the pairs
	allPairs = 0xffff << ofPair
)

// points is the table of the points: first the points of a State, by their codes, then those
// that a State has as Idle.
var points = []point{
	{name: "Idle", takes: both},
	{"RegisterLink", onlyMutex, 0, touch{reads: netList, writes: guarded}},
	{"RegisterInit", onlyMutex, 0, touch{reads: netList, writes: guarded}},
	{"RegisterUnlink", onlyMutex, 0, touch{reads: netList, writes: guarded}},
	{"RegisterUndo", onlyMutex, 0, touch{reads: netList, writes: guarded | deferral}},
	{"RegisterUnlock", onlyMutex, 0, touch{writes: theNetMutex | guarded, ends: true}},
	{"UnregisterUnlink", onlyMutex, 0, touch{reads: netList, writes: guarded}},
	{"UnregisterExit", onlyMutex, 0, touch{reads: netList, writes: guarded | deferral}},
	{"UnregisterUnlock", onlyMutex, 0, touch{writes: theNetMutex | guarded, ends: true}},
	{"CopyNetNsAlloc", 0, 0, touch{writes: slots}},
	{"CopyNetNsLock", 0, onlyMutex, touch{reads: guarded, writes: theNetMutex | net}},
	{"SetupNetInit", onlyMutex, 0, touch{writes: guarded}},
	{"SetupNetUndo", onlyMutex, 0, touch{reads: netList, writes: guarded | deferral}},
	{"SetupNetBarrier", onlyMutex, 0, touch{reads: allPairs}},
	{"SetupNetBarrierEnd", onlyMutex, 0, touch{}},
	{"CopyNetNsUnlockFail", onlyMutex, 0, touch{writes: theNetMutex}},
	{"CopyNetNsRtnlLock", onlyMutex, onlyRtnl, touch{writes: theRtnl}},
	{"CopyNetNsListAdd", both, 0, touch{reads: guarded, writes: theRtnl | netList | slot}},
	{"CopyNetNsUnlock", onlyMutex, 0, touch{writes: theNetMutex}},
	{"CopyNetNsPut", 0, 0, touch{reads: otherCount | otherUse, writes: otherCount, ends: true}},
	{"CopyNetNsQueue", 0, 0, touch{writes: queue, begins: true, ends: true}},
	{"CopyNetNsFree", 0, 0, touch{writes: slots | net, ends: true}},
	{"PutNetQueue", 0, 0, touch{writes: queue, begins: true, ends: true}},
	{"ListNetsRead", onlyRtnl, 0, touch{reads: netList, writes: theRtnl, ends: true}},
	{"CleanupNetRtnlLock", onlyMutex, onlyRtnl, touch{writes: theRtnl}},
	{"CleanupNetUnlink", both, 0, touch{reads: guarded, writes: theRtnl | netList}},
	{"CleanupNetExit", onlyMutex, 0, touch{reads: netList, writes: guarded | deferral}},
	{"CleanupNetUnlock", onlyMutex, 0, touch{writes: theNetMutex}},
	{"CleanupNetBarrier", 0, 0, touch{reads: allPairs}},
	{"CleanupNetBarrierEnd", 0, 0, touch{}},
	{"CleanupNetFree", 0, 0, touch{writes: slots | queue | net, begins: true, ends: true}},
	{"RegisterLock", 0, onlyMutex, touch{reads: guarded, writes: theNetMutex}}, // from here on: of instances with programs
	{"UnregisterLock", 0, onlyMutex, touch{reads: guarded, writes: theNetMutex}},
	{"ListNetsLock", 0, onlyRtnl, touch{writes: theRtnl}},
	{"RcuBarrierEnd", 0, 0, touch{}},

	{"CleanupNetLock", 0, onlyMutex, touch{reads: guarded | netList, writes: theNetMutex | queue}},
	{"DeferredRun", 0, 0, touch{writes: deferral}},
	{name: "NetNsInitLock", takes: onlyMutex}, // in no explored instance
	{name: "NetNsInitRtnlLock", holds: onlyMutex, takes: onlyRtnl},

	// The begins of calls. With programs, a call that takes a lock begins by waiting for it.
	{"register_subsys", 0, onlyMutex, touch{begins: true}},
	{"register_device", 0, onlyMutex, touch{begins: true}},
	{"unregister_subsys", 0, onlyMutex, touch{begins: true}},
	{"unregister_device", 0, onlyMutex, touch{begins: true}},
	{"copy", 0, 0, touch{reads: slot, writes: count, begins: true, ends: true}},
	{"share", 0, 0, touch{reads: slot, writes: count, begins: true, ends: true}},
	{"get", 0, 0, touch{reads: slot, writes: count, begins: true, ends: true}},
	{"put", 0, 0, touch{reads: slot | use, writes: count, begins: true, ends: true}},
	{"hold", 0, 0, touch{reads: slot, writes: use, begins: true, ends: true}},
	{"release", 0, 0, touch{reads: slot, writes: use, begins: true, ends: true}},
	{"list", 0, onlyRtnl, touch{begins: true}},
	{"barrier", 0, 0, touch{reads: allPairs}}, // not in histories
	{name: clients.Begins},
}

const stateful = 35 // the number of points of a State

var (
	pointNames []string // of the points of a State
	pointCode  = map[string]uint8{}
)

func init() {
	for i, p := range points {
		pointCode[p.name] = uint8(i)
		if i < stateful {
			pointNames = append(pointNames, p.name)
		}
	}
}

// pointOf returns the row of a point, or of the begin of a call.
func pointOf(name string) *point {
	code, ok := pointCode[name]
	if !ok {
		panic("explore: the table of points has no " + name)
	}
	return &points[code]
}

// Footprint returns what the next step of a thread may touch with any option.
func (r *Run) Footprint(thread string) explore.Footprint {
	at := r.S.At(r.S.Find(thread))
	if at.Name == clients.Begins {
		c := r.Next(r.Number(thread))
		return r.footprint(pointOf(c.Op).touch, none, uint8(c.X), none)
	}
	if o, n, ok := strings.Cut(thread, "."); ok { // a deferred callback, D0.1
		at.Ops, at.Net = o[1:], n
	}
	return r.footprint(pointOf(at.Name).touch, slotOf(at.Ops), slotOf(at.Net), slotOf(at.Other))
}

// footprint returns the footprint of a touch with these ops and nets.
func (r *Run) footprint(t touch, ops, net, other uint8) explore.Footprint {
	bits := func(set uint64) uint64 {
		out := set &^ symbols
		add := func(symbol uint64, known bool, bit uint8) {
			if set&symbol != 0 && known {
				out |= 1 << bit
			}
		}
		add(slot, net != none, ofNet+net)
		add(count, net != none, ofNet+clients.MaxNets+net)
		add(use, net != none, ofNet+2*clients.MaxNets+net)
		add(otherCount, other != none, ofNet+clients.MaxNets+other)
		add(otherUse, other != none, ofNet+2*clients.MaxNets+other)
		add(deferral, ops != none && r.Defers(ops), ofPair+ops*clients.MaxNets+net)
		return out
	}
	return explore.Footprint{Reads: bits(t.reads), Writes: bits(t.writes), Begins: t.begins, Ends: t.ends}
}

func slotOf(name string) uint8 {
	if name == "" {
		return none
	}
	return clients.Slot(name)
}
