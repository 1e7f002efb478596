// SPDX-License-Identifier: MIT

package mutex

import (
	"strings"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
)

// The locks, by their places in hook.Hooks.Locks.
const (
	netMutex = iota
	rtnl
)

// Locks are their names in C, and the variables of the spec that have their owners.
var Locks = []struct{ Name, Variable string }{{"net_mutex", "netMutex"}, {"rtnl", "rtnl"}}

// Takes reports whether a thread at a point waits for a lock, if it is not free.
func Takes(at string, lock int) bool {
	code, ok := pointCode[at]
	return ok && points[code].takes.has(lock)
}

// A set is a few locks, as bits.
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
	holds set // the locks that a thread there has
	takes set // the lock that it waits for
	touch touch
}

// A touch is a footprint before it is known which ops and nets the step is about.
type touch struct {
	reads, writes uint64
	begins, ends  bool
}

// What can be read and written.
//
//   - What net_mutex guards (pernet_list, first_device, the balance of inits and
//     exits) is touched by its holder alone. So a step under net_mutex that touches
//     nothing more commutes with all that another thread can do meanwhile; with a
//     step that takes or drops the lock there is nothing to commute, for then the
//     lock is held or the other is not possible.
//   - net_namespace_list is written under both locks and read under either: the two
//     writes (CopyNetNsListAdd, CleanupNetUnlink) do not commute with a reader
//     under rtnl.
//   - Any thread writes counts and use counts, each net's for itself. That a net is freed
//     is written in its use count, and read by a put that finds zero and by a copy that
//     counts on it (Gone).
//   - An exit may defer a callback; the callback and the exit do not commute, nor does
//     either with the begin of a barrier, which reads which are pending. The end of a
//     barrier is possible when those have run, and then touches nothing.
//   - The lowest free slot is what an allocation takes and a free gives back.
//   - The work queue is first in, first out; a thread that queues looks whether the worker
//     is there, and the worker, when it has freed a net, whether there is more.
//   - Which net a client means by a slot is settled when one is listed there.
//
// The tests take every pair of steps that is called independent, in every state of
// the programs, in both orders.
const (
	theNetMutex = 1 << iota
	theRtnl
	guarded // by net_mutex
	netList
	slots
	queue

	// These are of the ops and nets at hand, and become bits of theirs.
	slot       // what a client means by the net's slot
	count      // of the net
	use        // of the net
	otherCount // of the other net
	otherUse   // of the other net
	deferral   // of the ops and the net, if the exit of the ops defers

	net      = count | use
	symbols  = slot | net | otherCount | otherUse | deferral
	ofNet    = 16 // the first of the bits that slots, counts and use counts have
	ofPair   = 32 // the first of those that pairs have
	allPairs = 0xffff << ofPair
)

// points is the table of the points: those of the state in the order of their codes, and
// after them those that are Idle there.
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
	{"RegisterLock", 0, onlyMutex, touch{reads: guarded, writes: theNetMutex}}, // of an instance with programs
	{"UnregisterLock", 0, onlyMutex, touch{reads: guarded, writes: theNetMutex}},
	{"ListNetsLock", 0, onlyRtnl, touch{writes: theRtnl}},
	{"RcuBarrierEnd", 0, 0, touch{}},

	{"CleanupNetLock", 0, onlyMutex, touch{reads: guarded | netList, writes: theNetMutex | queue}},
	{"DeferredRun", 0, 0, touch{writes: deferral}},
	{name: "NetNsInitLock", takes: onlyMutex}, // no explored instance has these
	{name: "NetNsInitRtnlLock", holds: onlyMutex, takes: onlyRtnl},

	// The begins of calls, by their ops. With programs, a call that takes a lock begins by waiting for it.
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
	{"barrier", 0, 0, touch{reads: allPairs}}, // no history has it
	{name: clients.Begins},
}

const stateful = 35 // points of the state

var (
	pointNames []string // of the points of the state
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

// pointOf is the row of a point or of the begin of a call.
func pointOf(name string) *point {
	code, ok := pointCode[name]
	if !ok {
		panic("explore: the table of points has no " + name)
	}
	return &points[code]
}

// Footprint returns what the next step of a thread may touch, whichever its option.
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

// footprint is a touch of these ops and nets.
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
