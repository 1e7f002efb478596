// SPDX-License-Identifier: MIT

package impl

import (
	"runtime/debug"
	"slices"
	"time"
)

// A batch is the deferred callbacks that were queued between two barriers.
type batch struct {
	left  int                        // how many have not returned; guarded by Registry.mu
	calls map[*deferredCall]struct{} // which; guarded by Registry.mu
	done  chan struct{}              // closed when none is left
}

// A deferredCall is one deferred callback that has not returned.
type deferredCall struct {
	net   *Net
	since time.Time
}

func (d *deferredCall) callback() Callback {
	return Callback{Kind: "deferred", Net: d.net, Call: "Defer", Since: d.since}
}

// Defer runs f later, in a goroutine of its own (call_rcu). The net is freed only
// after f has returned, if f was deferred before the last barrier of the net began.
//
// Defer never blocks. It may be called from an init, before the net is listed, from
// an exit, and from another deferred callback. f must not call the registry and wait: a
// failed Copy waits for all deferred callbacks while it holds the registry. If f panics, that is logged.
//
// It returns ErrInvalid for nil. Once the last barrier of the net has begun, after
// the exits of its cleanup or of its failed set-up, no other would wait for f: then Defer
// returns ErrInvalid, and ErrNotFound when the net is freed. In all these cases f never runs.
func (n *Net) Defer(f func()) error {
	switch {
	case !n.made():
		return n.fail("Defer", nil, "")
	case f == nil:
		return n.fail("Defer", ErrInvalid, "the function is nil")
	}
	r := n.r
	r.mu.Lock()
	if n.sealed {
		defer r.mu.Unlock()
		if n.useCount.Load() == freedUse {
			return n.fail("Defer", ErrNotFound, netIsFreed)
		}
		return n.fail("Defer", ErrInvalid, barrierBegan)
	}
	if r.open == nil {
		r.open = &batch{done: make(chan struct{}), calls: make(map[*deferredCall]struct{})}
		r.deferred = append(r.deferred, r.open)
	}
	b, d := r.open, &deferredCall{n, time.Now()}
	b.left++
	b.calls[d] = struct{}{}
	r.mu.Unlock()
	r.start("deferred", func() { r.runDeferred(d, b, f) })
	return nil
}

func (r *Registry) runDeferred(d *deferredCall, b *batch, f func()) {
	n := d.net
	defer func() {
		if v := recover(); v != nil {
			r.logger().Error("pernet: deferred callback panicked", "net", n.name, "panic", v, "stack", string(debug.Stack()))
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(b.calls, d)
		if b.left--; b.left > 0 {
			return
		}
		close(b.done)
		r.deferred = slices.DeleteFunc(r.deferred, func(d *batch) bool { return d == b })
		if r.open == b {
			r.open = nil
		}
		r.change()
	}()
	c := call{r: r, net: n}
	c.point("DeferredRun") // [R80]
	f()
}

// barrier is rcu_barrier: it waits for the deferred callbacks of the whole registry that
// are pending when it begins. It is the last one for the call's net.
func (c *call) barrier(begin, end string) {
	r := c.r
	c.point(begin) // [R36] [R65]
	r.mu.Lock()
	c.net.sealed = true
	pending := slices.Clone(r.deferred)
	r.open = nil
	r.mu.Unlock()

	c.pointBarrier(end, pending) // [R36] [R65]
	for _, b := range pending {
		<-b.done
	}
}
