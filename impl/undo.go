// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"log/slog"
	"slices"
)

// The stages of an undo, in order.
const (
	preExits = iota
	gracePeriod
	exitRTNLs
	exits
	frees
	undone
)

// An undo is the one walk of RWSem that takes down (ops_undo_list): of a cleanup (its batch, all
// ops), a failed set-up (one net, the ops before), a failed register (the nets before, one ops) and
// an unregister (the listed nets, one ops). Each stage is over before the next one begins. The ops
// go last to first, each over the nets in their order; only exit_rtnl goes net by net.
//
// The place that comes next is in the undo, so that the walk goes on behind a callback that panics.
type undo struct {
	call    call // a copy, so that the call itself stays on its stack
	list    []entry
	nets    []*Net
	running *running
	ctx     context.Context

	stage    int
	ops, net int  // how far the stage has come, counted from the end of list and the begin of nets
	rtnl     bool // it has been taken
	inside   bool // a callback runs

	hasPreExit, hasExitRTNL, hasSlot bool // one of the ops has it
}

// undo runs the walk to its end.
func (c *call) undo(list []entry, nets []*Net) {
	u := c.newUndo()
	u.call, u.list, u.nets, u.running, u.ctx = *c, list, nets, c.record(), c.exitContext(1)
	u.call.ops, u.call.net = nil, nil
	u.look()
	u.running.begin(c.op, aPreExit, nil, nil)
	u.running.timed()
	defer func() {
		u.running.end()
		c.trouble = u.call.trouble
		*u = undo{}
	}()
	u.goOn()
}

// look finds out which stages there are, and ends the use of the slots.
func (u *undo) look() {
	for _, e := range u.list {
		u.hasPreExit = u.hasPreExit || e.ops.PreExit != nil
		u.hasExitRTNL = u.hasExitRTNL || e.ops.ExitRTNL != nil
		if e.ops.slot != nil {
			u.hasSlot = true
			for _, n := range u.nets {
				n.endUse(e.ops)
			}
		}
	}
}

// newUndo returns an undo for the walk of the call. Two of the registry are used again: that of a
// cleanup, and that of a call that holds netMutex to write. On the stack they would make it grow.
func (c *call) newUndo() *undo {
	switch {
	case !c.read:
		return &c.r.undos[0]
	case c.op == opCleanup:
		return &c.r.undos[1]
	}
	return new(undo)
}

// undoOps undoes the ops of the call on nets, and waits for the deferred callbacks that are pending then.
func (c *call) undoOps(nets []*Net) {
	one := &c.r.one // a slice made here would be on the heap
	one[0].ops, c.net = c.ops, nil
	defer func() { one[0].ops = nil }()
	defer c.barrier("RcuBarrier", "RcuBarrierEnd") // [W45]
	c.undo(one[:], nets)
}

// goOn goes on whatever a callback does, as exits does.
func (u *undo) goOn() {
	for u.stage < undone {
		u.toPanic()
	}
}

// toPanic goes on until a callback panics.
func (u *undo) toPanic() {
	c := &u.call
	defer func() {
		if !u.inside { // the walk is at its end, or what is not a callback has ended it
			return
		}
		u.inside = false
		if v := recover(); v != nil {
			u.panicked(v)
		} else if !c.troubled().away {
			c.elsewhere(func(*call) { u.goOn() })
		}
	}()
	for ; u.stage < undone; u.stage, u.ops, u.net = u.stage+1, 0, 0 {
		switch u.stage {
		case preExits: // [W40]
			if u.hasPreExit {
				u.opsOuter(aPreExit)
			}
		case gracePeriod: // [W41]
			u.waitForReaders()
		case exitRTNLs: // [W42]
			if u.hasExitRTNL && len(u.nets) > 0 {
				u.netsOuter()
			}
		case exits: // [W43]
			u.opsOuter(anExit)
		case frees: // [W44]
			if u.hasSlot {
				u.freeSlots()
			}
		}
	}
}

// freeSlots lets go of the values of all ops on all nets (ops_free_list).
func (u *undo) freeSlots() {
	u.call.point("OpsUndoListFree")
	for _, e := range u.list {
		for _, n := range u.nets {
			n.clearSlot(e.ops)
		}
	}
}

// opsOuter runs a callback of each ops on each net; after the exits of an ops its exit_batch.
func (u *undo) opsOuter(k kind) {
	for ; u.ops < len(u.list); u.ops, u.net = u.ops+1, 0 {
		o := u.list[len(u.list)-1-u.ops].ops
		f := o.Exit
		if k == aPreExit {
			f = o.PreExit
		}
		if f != nil {
			u.onNets(k, o, f)
		}
		if k == anExit && o.ExitBatch != nil && len(u.nets) > 0 && u.net <= len(u.nets) {
			u.net = len(u.nets) + 1
			nets := slices.Clone(u.nets)
			u.run(anExitBatch, o, nets[0], func(ctx context.Context, _ *Net) { o.ExitBatch(ctx, nets) })
		}
	}
}

// onNets runs f, a callback of o, on the nets that are left.
func (u *undo) onNets(k kind, o *Ops, f func(context.Context, *Net)) {
	if u.call.hooked() {
		f = u.call.hookUndo(k, o, f)
	}
	for u.net < len(u.nets) {
		n := u.nets[u.net]
		u.net++
		u.running.on(k, o, n)
		u.inside = true
		f(u.ctx, n)
		u.inside = false
	}
}

// netsOuter runs the exit_rtnl of each net, with rtnl held.
func (u *undo) netsOuter() {
	if !u.rtnl {
		u.call.pointRtnl("OpsUndoListRtnlLock")
		u.call.r.rtnl.Lock()
		u.rtnl = true
	}
	for ; u.net < len(u.nets); u.net, u.ops = u.net+1, 0 {
		for u.ops < len(u.list) {
			o := u.list[len(u.list)-1-u.ops].ops
			u.ops++
			if o.ExitRTNL != nil {
				u.run(anExitRTNL, o, u.nets[u.net], o.ExitRTNL)
			}
		}
	}
	u.call.point("OpsUndoListRtnlUnlock")
	u.call.r.rtnl.Unlock()
}

// waitForReaders is the grace period.
func (u *undo) waitForReaders() {
	c := &u.call
	r := c.r
	var n *Net
	if len(u.nets) > 0 {
		n = u.nets[0]
	}
	u.running.on(aGracePeriod, nil, n)
	c.point("OpsUndoListGrace")
	epochs := r.readers.inside()
	c.pointReaders("OpsUndoListGraceEnd", epochs)
	await(epochs)
	if r.grace != nil && u.net == 0 {
		u.net++ // not again if it panics
		u.inside = true
		r.grace()
		u.inside = false
	}
	u.running.on(anExit, nil, nil) // none runs
}

var undoRows = [...]string{
	anExit: "OpsUndoListExit", aPreExit: "OpsUndoListPreExit", anExitRTNL: "OpsUndoListExitRtnl", anExitBatch: "OpsUndoListExitBatch",
}

// run runs f, a callback of o on n, the first net of an exit_batch.
func (u *undo) run(k kind, o *Ops, n *Net, f func(context.Context, *Net)) {
	if u.call.hooked() {
		f = u.call.hookUndo(k, o, f)
	}
	u.running.on(k, o, n)
	u.inside = true
	f(u.ctx, n)
	u.inside = false
}

// hookUndo returns f with what happens round each callback.
//
//go:noinline
func (c *call) hookUndo(k kind, o *Ops, f func(context.Context, *Net)) func(context.Context, *Net) {
	at := *c // c stays on its stack
	return func(ctx context.Context, n *Net) {
		at.hooks(ctx, undoRows[k], kindNames[k], o, n, func() { f(ctx, n) })
	}
}

// panicked keeps and logs what the callback that came last panicked with.
func (u *undo) panicked(v any) {
	c, w := &u.call, u.running
	switch w.kind {
	case aGracePeriod:
		c.r.say(u.ctx, slog.LevelError, "pernet: grace period panicked", slog.Any("panic", v))
	case anExitBatch:
		c.exitPanicked(u.ctx, v, w.kind, w.ops, nil)
	default:
		c.exitPanicked(u.ctx, v, w.kind, w.ops, w.net)
	}
}

// endUse lets no Use begin with the value of o in n. The grace period waits for those that have begun.
func (n *Net) endUse(o *Ops) {
	if c := n.cellOf(o); c != nil {
		c.state.Store(cellOver)
	}
}
