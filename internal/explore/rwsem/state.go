// SPDX-License-Identifier: MIT

package rwsem

import (
	"fmt"
	"slices"

	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/graph"
)

const none = clients.None

var (
	phases   = append(slices.Clone(clients.Phases), "dead")
	callsOf  = []string{"none", "register", "unregister", "setup", "cleanup", "barrier"}
	logWords = []string{"", "init", "pre_exit", "grace", "exit_rtnl", "exit", "exit_batch"}
)

// The codes of what else a state names: a phase, calls, and what is logged.
const (
	dead = clients.Kept + 1

	register   = 1
	unregister = 2
	setup      = 3
	cleanup    = 4
	barrier    = 5

	logInit      = 1
	logPreExit   = 2
	logGrace     = 3
	logExitRtnl  = 4
	logExit      = 5
	logExitBatch = 6
)

// noSlot is what State.Gen has behind the end of an array.
const noSlot = none - 1

// logged is the number of callbacks that one call can run in an instance.
const logged = 24

// points are the points of a State: the steps of the spec before which a thread can be.
var points = []string{
	"Idle", "RegisterLink", "RegisterInit", "RegisterUnlock", "UnregisterUnlink", "UnregisterUnlock",
	"CopyNetNsAlloc", "CopyNetNsLock", "SetupNetBegin", "SetupNetInit", "SetupNetListAdd", "CopyNetNsUnlock",
	"CopyNetNsPut", "CopyNetNsQueue", "CopyNetNsFree", "PutNetQueue", "ReleaseNetFree", "ListNetsRead",
	"OpsUndoListPreExit", "OpsUndoListGrace", "OpsUndoListGraceEnd", "OpsUndoListRtnlLock", "OpsUndoListExitRtnl",
	"OpsUndoListRtnlUnlock", "OpsUndoListExit", "OpsUndoListExitBatch", "RcuBarrier", "RcuBarrierEnd",
	"CleanupNetLock", "CleanupNetUnlink", "CleanupNetUnlock", "CleanupNetBarrier", "NetCompleteFree", "CleanupNetPut",
	"MaybeGetNet", "NetNsBarrierEnd", "OpsInitAssign", "OpsUndoListFree",
}

// asIdle are the points of the code at which the spec has a thread as Idle.
var asIdle = []string{"CleanupNet", "DeferredRun", clients.Begins}

// A State is a state of spec/netns_rwsem.tla in small numbers, as mutex.State is of netns.tla.
// What no instance of the explorer changes is left out: see Instance.
type State struct {
	List      [clients.MaxOps]uint8
	First     uint8
	Kind      [clients.MaxOps]uint8
	Rwsem     [clients.MaxThreads]Entry // a thread is none where the queue is over
	Rtnl      uint8
	NetRwsem  uint8                  // a set of threads
	Nets      [clients.MaxNets]uint8 // netList
	Phase     [clients.MaxNets]uint8
	Count     [clients.MaxNets]uint8
	Passive   [clients.MaxNets]uint8
	Cleanup   [clients.MaxNets]uint8 // cleanupList
	DeferFree uint8                  // a set of nets
	Deferred  uint32                 // see clients.Pair
	Balance   [clients.MaxOps][clients.MaxNets]int8

	Ids        [clients.MaxOps]uint8 // from 1 on
	MaxGenPtrs uint8
	Gen        [clients.MaxNets][clients.MaxOps]uint8 // an ops, none, or noSlot behind the end
	GenLen     [clients.MaxNets]uint8
	Data       uint16 // a set of pairs

	Threads [clients.MaxThreads]Thread
	PC      [clients.MaxThreads]uint8
}

// An Entry of the lock's queue.
type Entry struct{ Thread, Write uint8 }

// A Thread is the point of a thread, its live locals, and its log.
type Thread struct {
	At, Call, Kind, Ops, Net, Other, Err uint8
	Waits                                uint32
	Readers                              uint8 // a set of threads
	Undo                                 [clients.MaxOps]uint8
	Nets                                 [clients.MaxNets]uint8
	Log                                  [logged]Logged
}

// A Logged is one callback, or a grace period; What is 0 where the log is over.
type Logged struct{ What, Ops, Net uint8 }

var (
	noNets  = [...]uint8{none, none, none, none}
	idle    = Thread{Ops: none, Net: none, Other: none, Undo: noNets, Nets: noNets}
	noArray = [...]uint8{noSlot, noSlot, noSlot, noSlot}
	blank   = State{
		Gen:  [...][clients.MaxOps]uint8{noArray, noArray, noArray, noArray},
		List: noNets, First: none, Rtnl: none, Nets: noNets, Cleanup: noNets,
		Rwsem:   [...]Entry{{Thread: none}, {Thread: none}, {Thread: none}, {Thread: none}},
		Threads: [...]Thread{idle, idle, idle, idle},
	}
)

// Blank returns a state in which everything outside the instance has its constant value.
func (in *Instance) Blank() State { return blank }

// Variables returns the variables of spec/netns_rwsem.tla as parts of s.
func (in *Instance) Variables(s *State) []graph.Variable {
	ops, net, thread := in.Domains()
	ofNet := func(field func(n int) graph.Field) graph.Field { return graph.Fun(net, field) }
	return []graph.Variable{
		{Name: "pernetList", Field: graph.List(s.List[:], ops)},
		{Name: "firstDevice", Field: graph.Member(&s.First, graph.Domain{Names: in.Ops, None: in.ListHead})},
		{Name: "kind", Field: graph.Fun(ops, func(o int) graph.Field { return graph.String(&s.Kind[o], clients.Kinds) })},
		{Name: "initNetUp", Field: constant("TRUE")},
		{Name: "rwsem", Field: queue(&s.Rwsem, thread)},
		{Name: "netRwsem", Field: graph.Members(&s.NetRwsem, thread)},
		{Name: "rtnl", Field: graph.Member(&s.Rtnl, thread)},
		{Name: "netList", Field: graph.List(s.Nets[:], net)},
		{Name: "phase", Field: ofNet(func(n int) graph.Field { return graph.String(&s.Phase[n], phases) })},
		{Name: "count", Field: ofNet(func(n int) graph.Field { return graph.Number(&s.Count[n]) })},
		{Name: "passive", Field: ofNet(func(n int) graph.Field { return graph.Number(&s.Passive[n]) })},
		{Name: "cleanupList", Field: graph.List(s.Cleanup[:], net)},
		{Name: "work", Field: isNotEmpty(&s.Cleanup)},
		{Name: "deferFree", Field: graph.Members(&s.DeferFree, net)},
		{Name: "deferred", Field: in.Callbacks(&s.Deferred)},
		{Name: "ids", Field: graph.Fun(ops, func(o int) graph.Field { return graph.Number(&s.Ids[o]) })},
		{Name: "maxGenPtrs", Field: graph.Number(&s.MaxGenPtrs)},
		{Name: "gen", Field: ofNet(func(n int) graph.Field { return gen(&s.Gen[n], ops) })},
		{Name: "genLen", Field: ofNet(func(n int) graph.Field { return graph.Number(&s.GenLen[n]) })},
		{Name: "data", Field: graph.Pairs(&s.Data, ops, net, clients.MaxNets)},
		{Name: "nsids", Field: ofNet(func(int) graph.Field { return constant("{}") })},
		{Name: "balance", Field: graph.Fun(ops, func(o int) graph.Field {
			return ofNet(func(n int) graph.Field { return graph.Number(&s.Balance[o][n]) })
		})},
		{Name: "log", Field: graph.Fun(thread, func(i int) graph.Field { return log(&s.Threads[i].Log, ops, net) })},
		{Name: "thread", Field: graph.Fun(thread, func(i int) graph.Field {
			t := &s.Threads[i]
			return graph.Rec(
				graph.Variable{Name: "at", Field: graph.String(&t.At, points)},
				graph.Variable{Name: "call", Field: graph.String(&t.Call, callsOf)},
				graph.Variable{Name: "kind", Field: graph.String(&t.Kind, clients.Kinds)},
				graph.Variable{Name: "ops", Field: graph.Member(&t.Ops, ops)},
				graph.Variable{Name: "net", Field: graph.Member(&t.Net, net)},
				graph.Variable{Name: "other", Field: graph.Member(&t.Other, net)},
				graph.Variable{Name: "err", Field: graph.String(&t.Err, clients.ErrWords)},
				graph.Variable{Name: "waits", Field: in.Callbacks(&t.Waits)},
				graph.Variable{Name: "readers", Field: graph.Members(&t.Readers, thread)},
				graph.Variable{Name: "undo", Field: list(t.Undo[:], ops)},
				graph.Variable{Name: "nets", Field: list(t.Nets[:], net)})
		})},
	}
}

// list is a sequence that means none if it is empty.
func list(cells []uint8, d graph.Domain) graph.Field {
	f := graph.List(cells, d)
	return graph.Field{Read: f.Read, Value: func() graph.Value {
		v := f.Value()
		v.None = len(v.Items) == 0
		return v
	}}
}

// constant is a variable, or a part of one, that the instances of the explorer do not change.
func constant(text string) graph.Field {
	value := graph.Value{Text: text, None: true}
	switch text {
	case "{}":
		value = graph.Value{Kind: graph.Set, None: true}
	case "<<>>":
		value = graph.Value{Kind: graph.Seq, None: true}
	}
	return graph.Field{
		Read: func(v graph.Value) error {
			if v.String() != text {
				return fmt.Errorf("%s is not %s, which no step of the explorer changes", v, text)
			}
			return nil
		},
		Value: func() graph.Value { return value },
	}
}

// isNotEmpty is work, which is not stored: the list says it.
func isNotEmpty(list *[clients.MaxNets]uint8) graph.Field {
	value := func() graph.Value {
		return graph.Value{Text: map[bool]string{true: "TRUE", false: "FALSE"}[list[0] != none], None: list[0] == none}
	}
	return graph.Field{Read: func(v graph.Value) error {
		if want := value(); v.Text != want.Text { // cleanupList comes before work
			return fmt.Errorf("work is %s, and cleanupList says %s", v, want)
		}
		return nil
	}, Value: value}
}

// gen is the array of slots of a net: a sequence that may have none in it.
func gen(cells *[clients.MaxOps]uint8, ops graph.Domain) graph.Field {
	slot := func(i int) graph.Field { return graph.Member(&cells[i], ops) }
	return graph.Sequence(len(cells), slot, func(i int) bool { return cells[i] == noSlot }, func(i int) { cells[i] = noSlot })
}

func queue(q *[clients.MaxThreads]Entry, thread graph.Domain) graph.Field {
	return graph.Tuples(len(q), func(i int) []graph.Field {
		return []graph.Field{graph.Member(&q[i].Thread, thread), graph.String(&q[i].Write, []string{"R", "W"})}
	}, func(i int) bool { return q[i].Thread == none }, func(i int) { q[i] = Entry{Thread: none} })
}

func log(l *[logged]Logged, ops, net graph.Domain) graph.Field {
	return graph.Tuples(len(l), func(i int) []graph.Field {
		return []graph.Field{graph.String(&l[i].What, logWords), graph.Member(&l[i].Ops, ops), graph.Member(&l[i].Net, net)}
	}, func(i int) bool { return l[i].What == 0 }, func(i int) { l[i] = Logged{} })
}
