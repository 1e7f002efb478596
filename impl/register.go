// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"slices"
)

// RegisterSubsys registers a subsystem: it goes in before the first device, and
// its init runs on every listed net, in list order (register_pernet_subsys).
//
// Once its turn has come, RegisterSubsys runs to its end: a ctx that ends then does not
// stop it, however many nets there are. Only the init that runs can see that ctx has ended;
// if it returns an error, the register is undone.
//
// It blocks while other calls hold the registry and while callbacks run. From
// a callback it returns ErrInCallback if it is given the callback's context;
// with any other context it deadlocks until that context ends.
//
// It returns ErrInvalid for a nil argument and for ops that the registry cannot have, ErrInterrupted
// if ctx ends before its turn has come, ErrClosed, ErrExist if o is registered already, or an *InitError. After any
// of them o is not registered (after ErrExist: as it was) and each net where init
// had succeeded has seen exit, in list order. The panics of those exits are joined to the error.
func (r *Registry) RegisterSubsys(ctx context.Context, o *Ops) error {
	return r.register(ctx, opRegisterSubsys, o, false)
}

// RegisterDevice registers a device: as RegisterSubsys, but it goes in at the end,
// after all other ops, and becomes the first device if there was none
// (register_pernet_device).
func (r *Registry) RegisterDevice(ctx context.Context, o *Ops) error {
	return r.register(ctx, opRegisterDevice, o, true)
}

// UnregisterSubsys takes a subsystem off the list and runs its exit on every
// listed net, in list order (unregister_pernet_subsys). When it
// returns, no init or exit of o runs or will run; what its exits deferred may still run:
// see [Registry.Barrier].
//
// It blocks as RegisterSubsys does, cannot be stopped half-way either, and the same holds
// for callbacks. It returns ErrInvalid for a nil argument, ErrInterrupted, ErrClosed,
// ErrNotFound if o is not registered, or ErrInvalid if
// it is registered as a device; then nothing has changed. If exits panicked,
// it returns that, and o is unregistered all the same.
func (r *Registry) UnregisterSubsys(ctx context.Context, o *Ops) error {
	return r.unregister(ctx, opUnregisterSubsys, o, false)
}

// UnregisterDevice takes a device off the list: as UnregisterSubsys. If o was
// the first device, the next one is now (unregister_pernet_device).
func (r *Registry) UnregisterDevice(ctx context.Context, o *Ops) error {
	return r.unregister(ctx, opUnregisterDevice, o, true)
}

func (r *Registry) register(ctx context.Context, op *operation, o *Ops, device bool) error {
	c := call{r: r, op: op, ctx: ctx}
	if c.enterWith(o, "RegisterLock") { // [R10]
		c.register(device)
	}
	return c.result(o, nil, "")
}

// enterWith is enter, and takes netMutex, for a call on o. It reports whether the call goes on.
func (c *call) enterWith(o *Ops, row string) bool {
	c.ops = o
	err := c.enter()
	switch {
	case err != nil:
	case o == nil:
		err = c.refuse(ErrInvalid, "the ops are nil")
	default:
		err = c.lock(row)
	}
	if err != nil {
		c.err = err
	}
	return err == nil
}

// register goes on with netMutex held, and lets go of it.
func (c *call) register(device bool) {
	r := c.r
	defer c.registerUnlock(device)
	first := r.firstDevice
	if device {
		first = nil // it goes in at the end
	}
	list := *r.entries()
	at := len(list)
	for i := range list {
		switch list[i].ops {
		case c.ops:
			c.err = c.refuse(ErrExist, list[i].registeredAs())
			return
		case first:
			at = i
		}
	}
	if c.err = c.admit(c.ops); c.err != nil {
		return
	}
	if !r.noNetNS {
		c.pointMutex("RegisterLink") // [R12]
	}
	if len(*r.entries()) == cap(*r.entries()) {
		r.growEntries()
	}
	r.insert(at, entry{c.ops, device})
	if c.ops.Init != nil {
		c.inits(r.netList) // [R13]
	}
}

// registerUndo undoes a register whose init failed on the net after the first c.at in the list.
func (c *call) registerUndo() {
	r := c.r
	if r.rw { // the init that failed unlinks
		r.remove(r.find(c.ops))
		if c.net = nil; r.noNetNS { // nothing to undo, and the barrier all the same
			c.barrier("RcuBarrier", "RcuBarrierEnd") // [W45]
		} else {
			c.undoOps(r.netList[:c.at])
		}
		return
	}
	c.net = r.netList[c.at]
	if !r.noNetNS {
		c.point("RegisterUnlink") // [R14]
	}
	r.remove(r.find(c.ops))
	if c.ops.Exit != nil {
		c.net, c.other = nil, c.net
		c.exits("RegisterUndo", r.netList[:c.at]) // [R15]
	}
}

func (c *call) registerUnlock(device bool) {
	r, o := c.r, c.ops
	if c.err != nil {
		c.ops, c.net, c.other = nil, nil, nil
	}
	c.pointUnlock("RegisterUnlock") // [R11] [R16] [R17] [W64] [W65]
	if c.err != nil && !c.refused() {
		r.dismiss(o)
	}
	if c.err == nil && device && r.firstDevice == nil && !r.noNetNS {
		r.firstDevice = o
	}
	c.release()
}

func (r *Registry) unregister(ctx context.Context, op *operation, o *Ops, device bool) error {
	c := call{r: r, op: op, ctx: ctx}
	if c.enterWith(o, "UnregisterLock") { // [R20]
		c.unregister(device)
	}
	return c.result(o, nil, "")
}

// unregister goes on with netMutex held, and lets go of it.
func (c *call) unregister(device bool) {
	r := c.r
	defer c.unregisterUnlock()
	at := r.find(c.ops)
	if at < 0 {
		c.err = c.refuse(ErrNotFound, "the ops are not registered")
		return
	}
	list := *r.entries()
	if list[at].device != device {
		c.err = c.refuse(ErrInvalid, list[at].registeredAs())
		return
	}
	if !r.noNetNS {
		c.pointMutex("UnregisterUnlink") // [R22]
	}
	if r.firstDevice == c.ops {
		r.firstDevice = nil
		if at+1 < len(list) {
			r.firstDevice = list[at+1].ops
		}
	}
	r.remove(at)
	if r.rw {
		c.undoOps(r.netList)
		return
	}
	if c.ops.Exit != nil {
		c.exits("UnregisterExit", r.netList) // [R23]
	}
}

func (c *call) unregisterUnlock() {
	o := c.ops
	if c.err != nil {
		c.ops = nil
	}
	c.pointUnlock("UnregisterUnlock") // [R21] [R24] [W73]
	if c.err == nil {
		c.r.dismiss(o)
	}
	c.release()
}

func (e entry) registeredAs() string {
	if e.device {
		return "the ops are registered as a device"
	}
	return "the ops are registered as a subsystem"
}

// entries returns the list of registered ops: pernetList, or unlinked in a build without namespaces.
func (r *Registry) entries() *[]entry {
	if r.noNetNS {
		return &r.unlinked
	}
	return &r.pernetList
}

// link makes list the list of ops.
func (r *Registry) link(list []entry) {
	r.pernetList = list
	r.running.lists(list, r.netList)
	if i := slices.IndexFunc(list, func(e entry) bool { return e.device }); i >= 0 {
		r.firstDevice = list[i].ops
	}
}

// insert puts e at the place at. It is slices.Insert, but quicker.
func (r *Registry) insert(at int, e entry) {
	list := append(*r.entries(), e)
	if at < len(list)-1 {
		copy(list[at+1:], list[at:])
		list[at] = e
	}
	*r.entries() = list
}

// remove deletes the entry at index at, as slices.Delete does.
func (r *Registry) remove(at int) {
	list := *r.entries()
	last := len(list) - 1
	if at < last {
		copy(list[at:], list[at+1:])
	}
	list[last] = entry{}
	*r.entries() = list[:last]
}

// growEntries makes room on the list of ops.
func (r *Registry) growEntries() {
	*r.entries() = slices.Grow(*r.entries(), 1)
	r.running.lists(*r.entries(), r.netList)
	for _, w := range r.records() {
		w.lists(*r.entries(), nil)
	}
}

// find returns the index of o, or -1.
func (r *Registry) find(o *Ops) int {
	list := *r.entries()
	for i := range list {
		if list[i].ops == o {
			return i
		}
	}
	return -1
}
