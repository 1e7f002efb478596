// SPDX-License-Identifier: MIT

package impl

import (
	"slices"

	"example.com/pernet/internal/hook"
)

// view shows a tool the shared variables between two steps. No other goroutine runs
// then, so view takes no lock that a stopped thread may hold.
func (r *Registry) view(v *hook.View) {
	v.PernetList = v.PernetList[:0]
	for _, e := range r.pernetList {
		v.PernetList = append(v.PernetList, hook.ViewOps{Name: e.ops.Name, Device: e.device})
	}
	v.FirstDevice = ""
	if r.firstDevice != nil {
		v.FirstDevice = r.firstDevice.Name
	}
	v.Slots = v.Slots[:0]
	for _, o := range r.slots {
		v.Slots = append(v.Slots, opsName(o))
	}
	v.MaxGenPtrs = int(r.maxGenPtrs.Load())
	v.NetList = appendNames(v.NetList[:0], r.netList)
	v.WorkQueue = appendNames(v.WorkQueue[:0], r.workQueue)
	v.Nets = v.Nets[:0]
	for name, n := range r.names {
		v.Nets = append(v.Nets, hook.ViewNet{
			Net: n, Name: name, Count: n.count.Load(), Use: n.useCount.Load(),
			Listed: slices.Contains(r.netList, n), Kept: n.kept, Gen: n.slotNames(),
		})
	}
	v.DeferFree = appendNames(v.DeferFree[:0], r.deferFree)
	v.Freeing = appendNames(v.Freeing[:0], r.freeing)
}

// slotNames returns the names of the ops whose values are in the slots of n.
func (n *Net) slotNames() (names []string) {
	if gen := n.gen.Load(); gen != nil {
		for i := range *gen {
			if c := (*gen)[i].Load(); c != nil {
				names = append(names, c.owner.Name)
			} else {
				names = append(names, "")
			}
		}
	}
	return names
}

// locks gives a tool the locks, outermost first.
func (r *Registry) locks() []hook.Lock {
	if r.rw {
		return []hook.Lock{
			{Name: "pernet_ops_rwsem", Held: func() bool { return !r.netMutex.free() }, Written: r.netMutex.written},
			{Name: "rtnl", Held: func() bool { return !r.rtnlFree() }},
			{Name: "net_rwsem", Held: func() bool { return !r.netRwsemFree() }},
		}
	}
	return []hook.Lock{
		{Name: "net_mutex", Held: func() bool { return !r.netMutex.free() }},
		{Name: "rtnl", Held: func() bool { return !r.rtnlFree() }},
	}
}

func (r *Registry) rtnlFree() bool {
	free := r.rtnl.TryLock()
	if free {
		r.rtnl.Unlock()
	}
	return free
}

func (r *Registry) netRwsemFree() bool {
	free := r.netRwsem.TryLock()
	if free {
		r.netRwsem.Unlock()
	}
	return free
}

func appendNames(names []string, nets []*Net) []string {
	for _, n := range nets {
		names = append(names, n.name)
	}
	return names
}
