// SPDX-License-Identifier: MIT

package impl

import (
	"context"

	"example.com/pernet/internal/door"
)

// point is a yield point: it stands before the step row. Without a tool that
// watches it costs one branch.
func (c *call) point(row string) {
	if c.watched() {
		c.stop(row, nil)
	}
}

// watched says whether a tool watches.
func (r *Registry) watched() bool { return r.door.Point != nil }

func (c *call) watched() bool { return c.r.watched() }

// point is a yield point of a call that has nothing but its net.
func (n *Net) point(row string) {
	if n.r.watched() {
		n.r.door.Point(door.Point{Name: row, Net: n.name})
	}
}

// point is a yield point of a call that has nothing at all: it is too short to
// fill in a call that nobody looks at.
func (r *Registry) point(row string) {
	if r.watched() {
		r.door.Point(door.Point{Name: row})
	}
}

// pointRtnl is pointRtnl of a call that has nothing at all.
func (r *Registry) pointRtnl(row string) {
	if r.watched() {
		(&call{r: r}).stopRtnl(row)
	}
}

// pointLock stands before a step that takes netMutex, or gives up when the call's context has ended.
func (c *call) pointLock(row string) {
	if c.watched() {
		c.stopLock(row)
	}
}

// pointRtnl stands before a step that takes rtnl.
func (c *call) pointRtnl(row string) {
	if c.watched() {
		c.stopRtnl(row)
	}
}

// pointBarrier stands before the end of a barrier that waits for batches.
func (c *call) pointBarrier(row string, batches []*batch) {
	if c.watched() {
		c.stopBarrier(row, batches)
	}
}

func (c *call) stopLock(row string) {
	r, ctx := c.r, c.ctx
	c.stop(row, func() bool { return r.netMutex.free() || ctx.Err() != nil })
}

func (c *call) stopRtnl(row string) {
	r := c.r
	c.stop(row, func() bool {
		free := r.rtnl.TryLock()
		if free {
			r.rtnl.Unlock()
		}
		return free
	})
}

// stopBarrier is kept out of line, or else pointBarrier were too large to be inlined.
//
//go:noinline
func (c *call) stopBarrier(row string, batches []*batch) {
	c.stop(row, func() bool {
		for _, b := range batches {
			select {
			case <-b.done:
			default:
				return false
			}
		}
		return true
	})
}

// stop tells the tool where the call is. ready says whether a step that waits
// can be taken now; nil means always.
func (c *call) stop(row string, ready func() bool) {
	p := door.Point{Name: row, Err: c.err, Ready: ready}
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
	c.r.door.Point(p)
}

// stopAt is stop in a walk, before the callback of o on n. Kept out of line, it
// leaves the loop of the walk small.
//
//go:noinline
func (c *call) stopAt(row string, o *Ops, n *Net) {
	at := *c
	at.ops, at.net = o, n
	at.stop(row, nil)
}

// watchInit returns the init of the call's ops, with stopAt before it if a tool
// watches: the loop that calls it need not ask each time.
func (c *call) watchInit(row string) func(context.Context, *Net) error {
	init := c.ops.Init
	if !c.watched() {
		return init
	}
	return func(ctx context.Context, n *Net) error {
		c.stopAt(row, c.ops, n)
		return init(ctx, n)
	}
}

// watchExit is watchInit for the exit.
func (c *call) watchExit(row string) func(context.Context, *Net) {
	exit := c.ops.Exit
	if !c.watched() {
		return exit
	}
	return func(ctx context.Context, n *Net) {
		c.stopAt(row, c.ops, n)
		exit(ctx, n)
	}
}
