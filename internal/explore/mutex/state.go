// SPDX-License-Identifier: MIT

package mutex

import (
	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/graph"
)

const none = clients.None

// A State is a state of spec/netns.tla in small numbers: the indices of ops, nets and threads in
// the instance, or none. The worker is the thread after the clients. Two States are equal
// exactly if the states of the spec are. The exact encoding has the fields in this order.
type State struct {
	List     [clients.MaxOps]uint8 // padded with none
	First    uint8
	NetMutex uint8
	Rtnl     uint8
	Kind     [clients.MaxOps]uint8
	Nets     [clients.MaxNets]uint8 // netList
	Phase    [clients.MaxNets]uint8
	Count    [clients.MaxNets]uint8
	Use      [clients.MaxNets]uint8
	Queue    [clients.MaxNets]uint8
	PC       [clients.MaxThreads]uint8 // calls begun, of threads with a program
	Deferred uint16                    // see clients.Pair
	Balance  [clients.MaxOps][clients.MaxNets]int8
	Threads  [clients.MaxThreads]Thread
}

// A Thread is the point of a thread and its live locals.
type Thread struct {
	At, Kind, Ops, Net, Other, Err uint8
	Waits                          uint16
}

var (
	idle  = Thread{Ops: none, Net: none, Other: none}
	blank = State{
		List: [...]uint8{none, none, none, none}, First: none, NetMutex: none, Rtnl: none,
		Nets: [...]uint8{none, none, none, none}, Queue: [...]uint8{none, none, none, none},
		Threads: [...]Thread{idle, idle, idle, idle},
	}
)

// Blank returns a state in which everything outside the instance has its constant value.
func (in *Instance) Blank() State { return blank }

// Variables returns the variables of spec/netns.tla as parts of s.
func (in *Instance) Variables(s *State) []graph.Variable {
	ops, net, thread := in.Domains()
	pairs := func(bits *uint16) graph.Field { return graph.Pairs(bits, ops, net, clients.MaxNets) }
	return []graph.Variable{
		{Name: "pernetList", Field: graph.List(s.List[:], ops)},
		{Name: "firstDevice", Field: graph.Member(&s.First, graph.Domain{Names: in.Ops, None: in.ListHead})},
		{Name: "kind", Field: graph.Fun(ops, func(o int) graph.Field { return graph.String(&s.Kind[o], clients.Kinds) })},
		{Name: "netMutex", Field: graph.Member(&s.NetMutex, thread)},
		{Name: "rtnl", Field: graph.Member(&s.Rtnl, thread)},
		{Name: "netList", Field: graph.List(s.Nets[:], net)},
		{Name: "phase", Field: graph.Fun(net, func(n int) graph.Field { return graph.String(&s.Phase[n], clients.Phases) })},
		{Name: "count", Field: graph.Fun(net, func(n int) graph.Field { return graph.Number(&s.Count[n]) })},
		{Name: "useCount", Field: graph.Fun(net, func(n int) graph.Field { return graph.Number(&s.Use[n]) })},
		{Name: "workQueue", Field: graph.List(s.Queue[:], net)},
		{Name: "deferred", Field: pairs(&s.Deferred)},
		{Name: "balance", Field: graph.Fun(ops, func(o int) graph.Field {
			return graph.Fun(net, func(n int) graph.Field { return graph.Number(&s.Balance[o][n]) })
		})},
		{Name: "thread", Field: graph.Fun(thread, func(i int) graph.Field {
			t := &s.Threads[i]
			return graph.Rec(
				graph.Variable{Name: "at", Field: graph.String(&t.At, pointNames)},
				graph.Variable{Name: "kind", Field: graph.String(&t.Kind, clients.Kinds)},
				graph.Variable{Name: "ops", Field: graph.Member(&t.Ops, ops)},
				graph.Variable{Name: "net", Field: graph.Member(&t.Net, net)},
				graph.Variable{Name: "other", Field: graph.Member(&t.Other, net)},
				graph.Variable{Name: "err", Field: graph.String(&t.Err, clients.ErrWords)},
				graph.Variable{Name: "waits", Field: pairs(&t.Waits)})
		})},
	}
}
