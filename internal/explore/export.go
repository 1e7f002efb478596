// SPDX-License-Identifier: MIT

package explore

import (
	"fmt"
	"slices"
)

// A View is a state in the names of the instance; what is absent is "".
type View struct {
	Ops      []OpsView
	List     []string // pernet_list
	First    string   // first_device; "" is the list head
	NetMutex string   // its owner
	Rtnl     string   // its owner
	Nets     []NetView
	NetList  []string // net_namespace_list
	Queue    []string
	Deferred []Pair
	Threads  []ThreadView // the clients, then the worker
}

// An OpsView is what an ops is registered as, and for each net its inits minus its exits.
type OpsView struct {
	Name, Kind string
	Balance    []int
}

// A NetView is the slot of a net.
type NetView struct {
	Name, Phase string
	Count, Use  int
}

// A Pair is a deferred callback: of which ops, for which net.
type Pair struct{ Ops, Net string }

// A ThreadView is where a thread stands, and its live locals.
type ThreadView struct {
	Name, At, Kind, Ops, Net, Other, Err string
	Waits                                []Pair
}

// View gives the state its names.
func (in *Instance) View(s State) View {
	everyone := append(slices.Clone(in.Threads), in.Worker)
	v := View{
		List: named(in.Ops, s.List[:]), First: nameAt(in.Ops, s.First),
		NetMutex: nameAt(everyone, s.NetMutex), Rtnl: nameAt(everyone, s.Rtnl),
		NetList: named(in.Nets, s.Nets[:]), Queue: named(in.Nets, s.Queue[:]), Deferred: in.pairs(s.Deferred),
	}
	for i, o := range in.Ops {
		view := OpsView{Name: o, Kind: kinds[s.Kind[i]]}
		for n := range in.Nets {
			view.Balance = append(view.Balance, int(s.Balance[i][n]))
		}
		v.Ops = append(v.Ops, view)
	}
	for i, n := range in.Nets {
		v.Nets = append(v.Nets, NetView{n, phases[s.Phase[i]], int(s.Count[i]), int(s.Use[i])})
	}
	for i, name := range everyone {
		t := s.Threads[i]
		v.Threads = append(v.Threads, ThreadView{
			Name: name, At: points[t.At], Kind: kinds[t.Kind], Ops: nameAt(in.Ops, t.Ops),
			Net: nameAt(in.Nets, t.Net), Other: nameAt(in.Nets, t.Other), Err: errs[t.Err], Waits: in.pairs(t.Waits),
		})
	}
	return v
}

// Actor returns the name in the instance of a thread of a schedule: "T1", "W",
// or "D0.1" for the deferred callback of an ops and a net, which has no name of
// its own there.
func (in *Instance) Actor(thread string) (name string, p Pair) {
	var a, b int
	if n, _ := fmt.Sscanf(thread, "D%d.%d", &a, &b); n == 2 && a < len(in.Ops) && b < len(in.Nets) {
		return "", Pair{in.Ops[a], in.Nets[b]}
	}
	if n, _ := fmt.Sscanf(thread, "T%d", &a); n == 1 && a >= 1 && a <= len(in.Threads) {
		return in.Threads[a-1], Pair{}
	}
	return in.Worker, Pair{}
}

func (in *Instance) pairs(bits uint16) (out []Pair) {
	for o := range in.Ops {
		for n := range in.Nets {
			if bits&(1<<(o*maxNets+n)) != 0 {
				out = append(out, Pair{in.Ops[o], in.Nets[n]})
			}
		}
	}
	return out
}

func named(names []string, places []uint8) (out []string) {
	for _, i := range places {
		if i != none {
			out = append(out, nameAt(names, i))
		}
	}
	return out
}

func nameAt(names []string, i uint8) string {
	if int(i) < len(names) {
		return names[i]
	}
	return ""
}
