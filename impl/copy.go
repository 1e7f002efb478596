// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"fmt"
	"math"
)

// Copy makes a net (copy_net_ns with CLONE_NEWNET): the inits of all ops run on it in list order,
// and it is listed, with one reference, owned by the caller. The call holds a reference on from
// until it returns. The name must not be in use, and it is until its net is freed, after
// the last Put: Wait tells when. With "" the net has no name, and any number of nets may have none.
//
// It blocks while other calls hold the registry, while callbacks run and, after a
// failed init, on the callbacks deferred so far. Once its turn has come, a ctx that ends does
// not stop it, but the inits can see that it has. From a callback it returns ErrInCallback if
// it is given the callback's context; with any other context it deadlocks until that context ends.
//
// It returns, the first that applies: ErrInvalid for a nil context; ErrClosed; ErrInvalid if from is
// nil or of another registry, or if there are no namespaces; ErrNotFound if the count of from is zero;
// ErrExist if the name is in use; ErrQuota; ErrNoMemory; ErrInterrupted if ctx ends before its turn has
// come; ErrClosed if Close has begun to take the nets down by then; an *InitError, joined with
// the panics of exits in the undo. Then the exits of
// the ops whose init had succeeded have run, last first, the net is gone, its name
// is free again, and the reference on from is given back.
func (r *Registry) Copy(ctx context.Context, from *Net, name string) (*Net, error) {
	c := call{r: r, op: opCopy, ctx: ctx, other: from}
	var n *Net
	if c.err = c.copyFrom(from); c.err == nil {
		n = c.copy(name)
	}
	return n, c.result(nil, from, name)
}

// copyFrom takes the reference on from.
func (c *call) copyFrom(from *Net) error {
	if err := c.enter(); err != nil {
		return err
	}
	if err := c.mine(from); err != nil {
		return err
	}
	if c.r.noNetNS {
		c.point("CopyNetNs") // CopyNetNsEINVAL
		return c.refuse(ErrInvalid, "the registry has no namespaces")
	}
	c.point("CopyNetNsGet") // [R30] [W19]
	return c.get(from)
}

// mine refuses a net that is not one of the registry's.
func (c *call) mine(from *Net) error {
	switch {
	case from == nil:
		return c.refuse(ErrInvalid, "the net to copy is nil")
	case from.r != c.r:
		return c.refuse(ErrInvalid, "the net to copy is not of this registry")
	}
	return nil
}

// get takes a reference on n.
func (c *call) get(n *Net) error {
	if !n.get() {
		return c.refuse(ErrNotFound, "the count of the net is zero")
	}
	return nil
}

// copy goes on with a reference on c.other, and gives it back. It returns the new net if it is listed.
func (c *call) copy(name string) *Net {
	defer c.copyFree()
	defer c.copyPut()
	c.point("CopyNetNsAlloc") // [R32] [W21]
	if c.err = c.alloc(name); c.err != nil {
		return nil
	}
	if c.err = c.lock("CopyNetNsLock"); c.err != nil { // [R33]
		return nil
	}
	return c.copyLocked()
}

// copyLocked goes on with netMutex held, and lets go of it.
func (c *call) copyLocked() (n *Net) {
	defer c.copyUnlock()
	c.setupNet()
	if c.err == nil {
		c.listNet("CopyNetNsRtnlLock", "CopyNetNsListAdd") // [R38] [R39]
		n, c.net = c.net, nil
	}
	return n
}

func (c *call) copyUnlock() {
	c.point("CopyNetNsUnlock") // [R37] [R40] [W27]
	c.release()
}

// copyPut gives back the reference on the old net [W29].
func (c *call) copyPut() {
	c.point("CopyNetNsPut") // [R44]
	if zero, _, _ := c.other.put(); zero {
		c.point("CopyNetNsQueue") // [R45]
		c.r.queue(c.other)
	}
	c.other = nil
}

func (c *call) copyFree() {
	if c.net != nil { // not listed
		c.point("CopyNetNsFree") // [R46]
		c.r.free(c.net)
	}
}

// alloc makes the net of a copy (net_alloc) and gives it its name.
func (c *call) alloc(name string) error {
	r := c.r
	if fails := r.hooks.AllocFail; fails != nil && r.mayAdd(name) {
		if err := fails(); err != nil {
			return err
		}
	}
	if name == "" && r.hooks.AllocName != nil {
		name = r.hooks.AllocName()
	}
	n := newNet(r, name)
	if r.rw {
		n.count.Store(1) // [W22]
	}
	if name != "" || r.maxNets != noQuota {
		if err := c.enlist(n); err != nil {
			return err
		}
	}
	c.net = n
	return nil
}

// noQuota is a quota that no registry reaches.
const noQuota = math.MaxInt

// enlist gives a new net its name and counts it (inc_net_namespaces).
func (c *call) enlist(n *Net) error {
	r := c.r
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case n.name != "" && r.names[n.name] != nil:
		return c.refuse(ErrExist, "a net has this name")
	case r.counted >= r.maxNets:
		return c.refuse(ErrQuota, fmt.Sprintf("the quota is %d", r.maxNets))
	case n.name != "":
		r.names[n.name] = n
	}
	if r.maxNets != noQuota {
		n.quota = true
		r.counted++
	}
	return nil
}

// mayAdd reports whether enlist would take a net of this name.
func (r *Registry) mayAdd(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.names[name] == nil && r.counted < r.maxNets
}

// setupNet runs the inits of all ops on the net of the call (setup_net), and
// undoes them if one fails [W25]. netMutex is held.
func (c *call) setupNet() {
	c.net.count.Store(1)
	defer c.setupNetUndo()
	c.initsOf(c.r.pernetList) // [R34]
}

// setupNetUndo walks back from the ops before the one whose init failed, if one did.
func (c *call) setupNetUndo() {
	if c.at < len(c.r.pernetList) && c.r.rw {
		defer c.barrier("RcuBarrier", "RcuBarrierEnd") // [W45]
		c.undo(c.r.pernetList[:c.at], []*Net{c.net})
	} else if c.at < len(c.r.pernetList) {
		defer c.barrier("SetupNetBarrier", "SetupNetBarrierEnd") // [R36]
		c.exitsOf("SetupNetUndo", c.r.pernetList[:c.at])         // [R35]
	}
}

// listNet puts the net of the call at the end of the list.
func (c *call) listNet(lock, add string) {
	r := c.r
	if r.rw {
		c.listNetRW()
		return
	}
	c.pointRtnl(lock)
	r.rtnl.Lock()
	c.point(add)
	c.addNet()
	r.rtnl.Unlock()
}

func (c *call) listNetRW() {
	r, n := c.r, c.net
	c.pointList("SetupNetListAdd") // [W26]
	r.netRwsem.Lock()
	c.addNet()
	r.netRwsem.Unlock()
	r.mu.Lock()
	early := n.early
	r.mu.Unlock()
	if early {
		r.queue(n)
	}
}

func (c *call) addNet() {
	r := c.r
	room := cap(r.netList)
	r.netList = append(r.netList, c.net)
	if cap(r.netList) > room {
		r.running.lists(*r.entries(), r.netList)
	}
	c.net.listed.Store(true)
}

// Share takes a reference on from and returns it (copy_net_ns without
// CLONE_NEWNET). It never blocks, and callbacks may use it. Without
// namespaces it takes none. It returns ErrInvalid if from is nil or of another
// registry, ErrNotFound if its count is zero, or ErrClosed; then nothing has changed.
func (r *Registry) Share(from *Net) (*Net, error) {
	c := call{r: r, op: opShare, ctx: context.Background(), other: from}
	if c.err = c.share(from); c.err != nil {
		return nil, c.result(nil, from, "")
	}
	return from, nil
}

func (c *call) share(from *Net) error {
	if err := c.enter(); err != nil {
		return err
	}
	if err := c.mine(from); err != nil {
		return err
	}
	c.point("CopyNetNsShare") // [R31] [W20]
	if c.r.noNetNS {
		return nil
	}
	return c.get(from)
}
