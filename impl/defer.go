// SPDX-License-Identifier: MIT

package impl

import (
	"runtime/debug"
	"slices"
)

// A batch is the deferred callbacks that were queued between two barriers.
type batch struct {
	left int           // how many have not returned; guarded by Registry.mu
	done chan struct{} // closed when none is left
}

// Defer runs f later, in a goroutine of its own (call_rcu) [R80]. The net is freed only
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
	if f == nil {
		return ErrInvalid
	}
	r := n.r
	r.mu.Lock()
	if n.sealed {
		defer r.mu.Unlock()
		if n.useCount.Load() == freedUse {
			return ErrNotFound
		}
		return ErrInvalid
	}
	if r.open == nil {
		r.open = &batch{done: make(chan struct{})}
		r.deferred = append(r.deferred, r.open)
	}
	b := r.open
	b.left++
	r.mu.Unlock()
	if r.door.Go != nil {
		r.door.Go("deferred", func() { r.runDeferred(n, b, f) })
	} else {
		go r.runDeferred(n, b, f)
	}
	return nil
}

func (r *Registry) runDeferred(n *Net, b *batch, f func()) {
	defer func() {
		if v := recover(); v != nil {
			r.logger().Error("pernet: deferred callback panicked", "net", n.name, "panic", v, "stack", string(debug.Stack()))
		}
		r.mu.Lock()
		defer r.mu.Unlock()
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
