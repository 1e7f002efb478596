// SPDX-License-Identifier: MIT

package impl

import "example.com/pernet/internal/door"

// restore gives the shared variables the values that a tool has seen in view,
// or made up. Nobody else runs. The lists are new ones: a thread that is parked
// in a walk keeps the list that it walks.
//
// What is deferred next comes into a batch of its own, never into one of v's:
// so a batch of one callback stays one.
func (r *Registry) restore(v *door.View, netMutex, rtnl bool) {
	if !r.mu.TryLock() {
		panic("pernet: mu is held between two steps")
	}
	defer r.mu.Unlock()
	r.restoreNets(v)
	r.restoreLists(v)
	r.restoreBatches(v)
	r.working = v.Working

	r.netMutex.state.Store(lockFree)
	if netMutex {
		r.netMutex.state.Store(lockHeld)
	}
	r.rtnl.TryLock() // whether it was held or not, it is now
	if !rtnl {
		r.rtnl.Unlock()
	}
}

func (r *Registry) restoreNets(v *door.View) {
	clear(r.names)
	r.kept = r.kept[:0]
	for i := range v.Nets {
		s := &v.Nets[i]
		n, ok := s.Net.(*Net)
		if !ok {
			n = newNet(r, s.Name)
			s.Net = n
		}
		n.count.Store(s.Count)
		n.useCount.Store(s.Use)
		n.sealed, n.kept = s.Sealed, s.Kept
		r.names[s.Name] = n
		if s.Kept {
			r.kept = append(r.kept, n)
		}
	}
	for _, freed := range v.Freed {
		n := freed.(*Net)
		n.count.Store(0)
		n.useCount.Store(freedUse)
		n.sealed, n.kept = true, false
	}
}

func (r *Registry) restoreLists(v *door.View) {
	r.firstDevice, _ = v.First.(*Ops) // on the list or not: that is for the code to get right
	r.pernetList = nil
	if len(v.PernetList) > 0 {
		r.pernetList = make([]entry, len(v.PernetList))
	}
	for i, e := range v.PernetList {
		r.pernetList[i] = entry{e.Ops.(*Ops), e.Device}
	}
	r.netList = make([]*Net, len(v.NetList))
	for i, name := range v.NetList {
		r.netList[i] = r.named(name, v.Freed)
	}
	r.workQueue = r.workQueue[:0]
	for _, name := range v.WorkQueue {
		r.workQueue = append(r.workQueue, r.named(name, v.Freed))
	}
}

// named returns the net of that name, or else a freed one that had it.
func (r *Registry) named(name string, freed []any) *Net {
	n := r.names[name]
	for i := 0; n == nil; i++ {
		if f := freed[i].(*Net); f.name == name {
			n = f
		}
	}
	return n
}

func (r *Registry) restoreBatches(v *door.View) {
	r.deferred, r.open = r.deferred[:0], nil
	for i := range v.Batches {
		s := &v.Batches[i]
		b, ok := s.Batch.(*batch)
		if !ok {
			b = new(batch)
			s.Batch = b
		}
		b.restore(s.Left)
		if s.Left > 0 {
			r.deferred = append(r.deferred, b)
		}
	}
}

// restore makes left callbacks be missing. With none missing, done is closed; else it is open.
func (b *batch) restore(left int) {
	ended := false
	if b.done != nil {
		select {
		case <-b.done:
			ended = true
		default:
		}
	}
	if b.done == nil || ended && left > 0 {
		b.done, ended = make(chan struct{}), false
	}
	if left == 0 && !ended {
		close(b.done)
	}
	b.left = left
}
