// SPDX-License-Identifier: MIT

package mutex

import (
	"slices"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
)

// The locks, by their index in hook.Hooks.Locks.
const (
	netMutex = iota
	rtnl
)

// Sketch is how a page draws a State.
var Sketch = explore.Sketch{
	Rows: "R",
	Locks: []explore.Lock{
		{Named: explore.Named{Variable: "netMutex", Name: "net_mutex"}, Takes: pointsThatTake(netMutex)},
		{Named: explore.Named{Variable: "rtnl", Name: "rtnl"}, Takes: pointsThatTake(rtnl)},
	},
	Use:   explore.Named{Variable: "useCount", Name: "use count"},
	Lists: []explore.Named{{Variable: "workQueue", Name: "work queue"}},
	Works: "CleanupNetLock",
	Begins: map[string]string{
		"RegisterLink": "RegisterLock", "RegisterInit": "RegisterLock", "RegisterUnlock": "RegisterLock",
		"UnregisterUnlink": "UnregisterLock", "UnregisterExit": "UnregisterLock", "UnregisterUnlock": "UnregisterLock",
		"CopyNetNsAlloc": "CopyNetNsGet", "PutNetQueue": "PutNetZero", "ListNetsRead": "ListNetsLock",
		"RcuBarrierEnd": "RcuBarrier", "CleanupNetRtnlLock": "CleanupNetLock",
	},
}

// pointsThatTake returns the points inside calls whose step takes the lock.
func pointsThatTake(lock int) (names []string) {
	for _, p := range points[1:] { // Idle is outside
		if p.takes.has(lock) {
			names = append(names, p.name)
		}
	}
	return names
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
}

// points is the table of the points: those of a State, by their codes, then the others.
var points = slices.Concat(statePoints, otherPoints)

// statePoints are the points that a State tells apart.
var statePoints = []point{
	{name: "Idle", takes: both},
	{"RegisterLink", onlyMutex, 0},
	{"RegisterInit", onlyMutex, 0},
	{"RegisterUnlink", onlyMutex, 0},
	{"RegisterUndo", onlyMutex, 0},
	{"RegisterUnlock", onlyMutex, 0},
	{"UnregisterUnlink", onlyMutex, 0},
	{"UnregisterExit", onlyMutex, 0},
	{"UnregisterUnlock", onlyMutex, 0},
	{"CopyNetNsAlloc", 0, 0},
	{"CopyNetNsLock", 0, onlyMutex},
	{"SetupNetInit", onlyMutex, 0},
	{"SetupNetUndo", onlyMutex, 0},
	{"SetupNetBarrier", onlyMutex, 0},
	{"SetupNetBarrierEnd", onlyMutex, 0},
	{"CopyNetNsUnlockFail", onlyMutex, 0},
	{"CopyNetNsRtnlLock", onlyMutex, onlyRtnl},
	{"CopyNetNsListAdd", both, 0},
	{"CopyNetNsUnlock", onlyMutex, 0},
	{"CopyNetNsPut", 0, 0},
	{"CopyNetNsQueue", 0, 0},
	{"CopyNetNsFree", 0, 0},
	{"PutNetQueue", 0, 0},
	{"ListNetsRead", onlyRtnl, 0},
	{"CleanupNetRtnlLock", onlyMutex, onlyRtnl},
	{"CleanupNetUnlink", both, 0},
	{"CleanupNetExit", onlyMutex, 0},
	{"CleanupNetUnlock", onlyMutex, 0},
	{"CleanupNetBarrier", 0, 0},
	{"CleanupNetBarrierEnd", 0, 0},
	{"CleanupNetFree", 0, 0},
	{"RegisterLock", 0, onlyMutex}, // from here on: of instances with programs
	{"UnregisterLock", 0, onlyMutex},
	{"ListNetsLock", 0, onlyRtnl},
	{"RcuBarrierEnd", 0, 0},
	{"NetNsBarrier", 0, onlyMutex}, // which the spec of 2009 has not
}

// otherPoints are those that a State has as Idle.
var otherPoints = []point{
	{"CleanupNetLock", 0, onlyMutex},
	{"DeferredRun", 0, 0},
	{name: "NetNsInitLock", takes: onlyMutex}, // in no explored instance
	{name: "NetNsInitRtnlLock", holds: onlyMutex, takes: onlyRtnl},

	// The begins of calls. With programs, a call that takes a lock begins by waiting for it.
	{"register_subsys", 0, onlyMutex},
	{"register_device", 0, onlyMutex},
	{"unregister_subsys", 0, onlyMutex},
	{"unregister_device", 0, onlyMutex},
	{"copy", 0, 0},
	{"share", 0, 0},
	{"get", 0, 0},
	{"put", 0, 0},
	{"hold", 0, 0},
	{"release", 0, 0},
	{"list", 0, onlyRtnl},
	{"barrier", 0, 0},
	{"lookup", 0, 0},
	{"net_ns_barrier", 0, onlyMutex},
	{name: clients.Begins},
}

var (
	pointNames []string // of statePoints
	pointCode  = map[string]uint8{}
)

func init() {
	for i, p := range points {
		pointCode[p.name] = uint8(i)
		if i < len(statePoints) {
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
