// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// check waits until no call is half done, and returns what is wrong with the
// registry's data: the invariants that Registry names. All that changes the lists holds netMutex.
func (r *Registry) check() error {
	_ = r.netMutex.lock(context.Background()) // cannot fail: the context never ends
	defer r.netMutex.unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.checkOps(), r.checkSlots(), r.checkNets(), r.checkWork())
}

// checkOps looks at the list of ops. netMutex is held.
func (r *Registry) checkOps() error {
	if r.noNetNS && (r.pernetList != nil || r.firstDevice != nil) {
		return errors.New("ops are linked in a build without namespaces")
	}
	var firstDevice *Ops
	seen := make(map[*Ops]bool)
	for i, e := range *r.entries() {
		switch {
		case e.ops == nil || seen[e.ops]:
			return fmt.Errorf("ops at %d are nil or occur twice", i)
		case firstDevice != nil && !e.device && !r.noNetNS:
			return fmt.Errorf("subsystem %q is behind device %q", e.ops.Name, firstDevice.Name)
		case firstDevice == nil && e.device:
			firstDevice = e.ops
		}
		seen[e.ops] = true
	}
	if r.firstDevice != firstDevice && !r.noNetNS {
		return errors.New("firstDevice is not the first device")
	}
	return nil
}

// checkSlots looks at the ids of slots. netMutex is held.
func (r *Registry) checkSlots() error {
	for id, o := range r.slots {
		if o != nil && (o.slot.r.Load() != r || o.slot.id.Load() != int32(id) || r.find(o) < 0) {
			return fmt.Errorf("slot %q does not have the id %d, or is not registered", o.Name, id)
		}
	}
	return nil
}

// checkNets looks at the list of nets and their names. netMutex and mu are held.
func (r *Registry) checkNets() error {
	if len(r.netList) > 0 && r.netList[0] != r.initNet {
		return errors.New("the first net is not the first in the list")
	}
	seen := make(map[*Net]bool)
	for i, n := range r.netList {
		switch {
		case n == nil || seen[n]:
			return fmt.Errorf("net at %d is nil or occurs twice", i)
		case n.sealed || n.dying.Load() || n.useCount.Load() == freedUse:
			return fmt.Errorf("net %q is listed and on its way out", n.name)
		case n.name != "" && r.names[n.name] != n:
			return fmt.Errorf("listed net %q does not have its name", n.name)
		case n == r.initNet && n.count.Load() == 0:
			return errors.New("the first net has no reference")
		}
		seen[n] = true
	}
	for name, n := range r.names {
		if n.name != name || n.useCount.Load() == freedUse {
			return fmt.Errorf("name %q belongs to net %q, which may be freed", name, n.name)
		}
	}
	return nil
}

// checkWork looks at what waits for the worker and for a barrier. mu is held.
func (r *Registry) checkWork() error {
	for _, n := range r.workQueue {
		if n == nil || n.count.Load() != 0 {
			return errors.New("a net in the queue is nil or has references")
		}
	}
	if len(r.workQueue) > 0 && !r.working && !r.hooks.Stepped {
		return errors.New("nets are queued and no worker runs")
	}
	for _, b := range r.deferred {
		if b.left <= 0 {
			return errors.New("a batch of deferred callbacks is empty")
		}
	}
	if r.open != nil && (len(r.deferred) == 0 || r.open != r.deferred[len(r.deferred)-1]) {
		return errors.New("the open batch is not the last one")
	}
	for _, n := range slices.Concat(r.deferFree, r.freeing) {
		if !r.rw || n.useCount.Load() != freedUse {
			return fmt.Errorf("net %q waits for the next round, and is not freed", n.name)
		}
	}
	for _, n := range r.kept {
		if !n.kept || n.useCount.Load() == freedUse || n.name != "" && r.names[n.name] != n {
			return fmt.Errorf("net %q is kept and freed, or has lost its name", n.name)
		}
	}
	return nil
}
