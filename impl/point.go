// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"slices"
	"time"

	"example.com/pernet/internal/hook"
)

// point is a yield point: it is called before the step row. Without a tool that
// watches it costs one branch.
func (c *call) point(row string) {
	if c.watched() {
		c.stop(row, nil)
	}
}

// watched says whether a tool watches.
func (r *Registry) watched() bool { return r.hooks.Point != nil }

func (c *call) watched() bool { return c.r.watched() }

// point is a yield point of a call that has nothing but its net.
func (n *Net) point(row string) {
	if n.r.watched() {
		n.stop(row)
	}
}

//go:noinline
func (n *Net) stop(row string) { n.r.hooks.Point(hook.Point{Name: row, Net: n.name}) }

// point is a yield point of a call that has nothing at all: it is too short to
// fill in a call that no tool looks at.
func (r *Registry) point(row string) {
	if r.watched() {
		r.hooks.Point(hook.Point{Name: row})
	}
}

// pointRtnl is pointRtnl of a call that has nothing at all.
func (r *Registry) pointRtnl(row string) {
	if r.watched() {
		(&call{r: r}).stopRtnl(row)
	}
}

// pointLock is called before a step that takes netMutex, or gives up when the call's context has ended.
func (c *call) pointLock(row string) {
	if c.watched() {
		c.stopLock(row)
	}
}

// pointMutex is called before a step that RWSem joins with the step before it.
func (c *call) pointMutex(row string) {
	if c.watched() && !c.r.rw {
		c.stop(row, nil)
	}
}

// pointUnlock is called before an unlock. A refusal of RWSem unlocks in the step that finds the reason.
func (c *call) pointUnlock(row string) {
	if c.watched() && !(c.r.rw && c.refused()) {
		c.stop(row, nil)
	}
}

// pointGranted is called, under RWSem, before the first step that needs the lock that w asked for in row.
func (c *call) pointGranted(row string, w waiter) {
	if c.watched() {
		c.stopGranted(granted(row), w)
	}
}

// pointList is called before a step that writes the list of nets under RWSem.
func (c *call) pointList(row string) {
	if c.watched() {
		c.stop(row, c.r.netRwsemFree)
	}
}

// pointReaders is called before the end of a wait for readers.
func (c *call) pointReaders(row string, epochs []*epoch) {
	if c.watched() {
		c.stop(row, func() bool { return !slices.ContainsFunc(epochs, func(e *epoch) bool { return !e.empty() }) })
	}
}

// pointRtnl is called before a step that takes rtnl.
func (c *call) pointRtnl(row string) {
	if c.watched() {
		c.stopRtnl(row)
	}
}

// pointBarrier is called before the end of a barrier that waits for batches, or until ctx ends.
func (c *call) pointBarrier(ctx context.Context, row string, batches []*batch) {
	if c.watched() {
		c.stopBarrier(ctx, row, batches)
	}
}

func (c *call) stopLock(row string) {
	r, ctx := c.r, c.ctx
	c.stop(row, func() bool { return r.netMutex.free() || ctx.Err() != nil })
}

func (c *call) stopGranted(row string, w waiter) {
	if row == "" {
		return
	}
	r, ctx := c.r, c.ctx
	c.stop(row, func() bool {
		switch {
		case row == "CleanupNetUnlink" && !r.netRwsemFree():
			return false
		case w.handed == nil || ctx.Err() != nil:
			return true
		}
		select {
		case <-w.handed:
			return true
		default:
			return false
		}
	})
}

func (c *call) stopRtnl(row string) { c.stop(row, c.r.rtnlFree) }

// stopBarrier is kept out of line, or else pointBarrier were too large to be inlined.
//
//go:noinline
func (c *call) stopBarrier(ctx context.Context, row string, batches []*batch) {
	c.stop(row, func() bool {
		for _, b := range batches {
			select {
			case <-b.done:
			default:
				return ctx.Err() != nil
			}
		}
		return true
	})
}

// stop tells the tool where the call is. ready says whether a step that waits
// can be taken now; nil means always.
func (c *call) stop(row string, ready func() bool) {
	p := hook.Point{Name: row, Err: c.err, Ready: ready}
	if c.ops != nil {
		p.Ops = c.ops.Name
	}
	if c.net != nil {
		p.Net = c.net.name
	}
	if other := c.other; other != nil {
		p.Other = other.name
		p.Gone = func() bool { return other.useCount.Load() == freedUse }
	}
	c.r.hooks.Point(p)
}

// stopAssign is called before a slot is assigned, where a tool may make it fail. Mutex joins this step with the next.
//
//go:noinline
func (c *call) stopAssign(o *Ops, n *Net) error {
	at := *c // c stays on its stack
	at.ops, at.net = o, n
	if c.r.rw {
		at.stop("OpsInitAssign", nil) // [W50]
	}
	if fails := c.r.hooks.AssignFail; fails != nil {
		return fails(o.Name)
	}
	return nil
}

// hooked says whether something happens round each callback.
func (c *call) hooked() bool { return c.watched() || c.r.slow > 0 }

// hookOps returns ops with the callbacks of o, with stop before each if a tool
// watches, and with a timer if slow callbacks are logged.
//
//go:noinline
func (c *call) hookOps(row string, o *Ops) *Ops {
	at, hooked := *c, *o // c stays on its stack
	if o.Init != nil {
		hooked.Init = func(ctx context.Context, n *Net) (err error) {
			at.hooks(ctx, row, "init", o, n, func() { err = o.Init(ctx, n) })
			return err
		}
	}
	if o.Exit != nil {
		hooked.Exit = func(ctx context.Context, n *Net) {
			at.hooks(ctx, row, "exit", o, n, func() { o.Exit(ctx, n) })
		}
	}
	return &hooked
}

// hookList is hookOps for each of list.
//
//go:noinline
func (c *call) hookList(row string, list []entry) []entry {
	hooked := slices.Clone(list)
	for i, e := range list {
		hooked[i].ops = c.hookOps(row, e.ops)
	}
	return hooked
}

// hooks runs f, a callback of o on n, with what happens round it.
func (c *call) hooks(ctx context.Context, row, kind string, o *Ops, n *Net, f func()) {
	if c.watched() {
		c.ops, c.net = o, n
		c.stop(row, nil)
	}
	if c.r.slow > 0 {
		c.r.slowly(ctx, Callback{kind, o, n, c.op.name, time.Now()}, f)
		return
	}
	f()
}
