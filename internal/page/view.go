// SPDX-License-Identifier: MIT

package page

import (
	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/graph"
)

// A View is a state as a page draws it, with the names of its instance; "" means none.
type View struct {
	Ops      []OpsView
	List     []string // pernet_list
	First    string   // first_device; "" is the list head
	Locks    []Lock
	Nets     []NetView
	NetList  []string // net_namespace_list
	Queue    []string
	Deferred []Pair
	Threads  []ThreadView // the clients, then the worker
}

// An OpsView is an ops: its kind, and for each net the number of inits minus exits.
type OpsView struct {
	Name, Kind string
	Balance    []int
}

// A Lock is a lock: its name in C, the variable of the spec, and its owner.
type Lock struct{ Name, Variable, Owner string }

// A NetView is the slot of a net.
type NetView struct {
	Name, Phase string
	Count, Use  int
}

// A Pair is the deferred callback of an ops for a net.
type Pair struct{ Ops, Net string }

// A ThreadView is the point of a thread and its live locals.
type ThreadView struct {
	Name, At, Kind, Ops, Net, Other, Err string
	Waits                                []Pair
}

// An Instance is a discipline that names the threads of its schedules.
type Instance[S comparable] interface {
	explore.Discipline[S]
	Actor(thread string) string
}

// drawn draws a state of the code.
func drawn[S comparable](in Instance[S], s S) State {
	d := drawer{vars: map[string]graph.Value{}}
	for _, v := range in.Variables(&s) {
		d.vars[v.Name] = v.Value()
	}
	return d.draw(nil)
}
