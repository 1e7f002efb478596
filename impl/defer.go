// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"log/slog"
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
		r.mu.Unlock()
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
			r.say(r.inside, slog.LevelError, "pernet: deferred callback panicked",
				slog.String("net", n.name), slog.Any("panic", v), slog.String("stack", string(debug.Stack())))
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
	c.point("DeferredRun") // [R80] [W88]
	f()
}

// Barrier waits until the deferred callbacks that are pending when it is called, on any net
// of the registry, have returned (rcu_barrier). It does not wait for callbacks that are
// deferred later, not even by a callback that it waits for.
//
// Under Mutex, an unregister does not wait for the callbacks that its exits deferred. A module that is
// about to go away unregisters its ops first and then calls Barrier. After that, none of the
// callbacks that its exits deferred runs or will run.
//
// Barrier blocks on the pending callbacks alone. It holds no lock while it waits, so other
// calls go on, and it does not wait for calls that hold the registry. It works also while the
// registry is being closed, and when it is closed. A deferred callback must not call Barrier:
// the call waits for that same callback and returns only when ctx ends.
//
// It returns ErrInvalid for a nil ctx, ErrInCallback if ctx is the context of an init or exit
// of the same registry, and ErrInterrupted if ctx ends while a callback is pending: the message
// names one, and they run all the same. If none is pending, it returns nil, even if ctx has
// already ended.
func (r *Registry) Barrier(ctx context.Context) error {
	c := call{r: r, op: opBarrier, ctx: ctx}
	if c.err = c.enter(); c.err == nil || c.err == ErrClosed { // a closed registry has a barrier too
		c.err = c.rcuBarrier(ctx, "RcuBarrier", "RcuBarrierEnd") // [R71]
	}
	return c.result(nil, nil, "")
}

// barrier is the last barrier for the call's net. The caller's context does not end it.
func (c *call) barrier(begin, end string) {
	_ = c.rcuBarrier(context.Background(), begin, end) // cannot fail: the context never ends
}

// rcuBarrier [W38] waits for the deferred callbacks of the whole registry that are pending when it
// begins, or until ctx ends. If the call has a net, Defer refuses it from then on.
func (c *call) rcuBarrier(ctx context.Context, begin, end string) error {
	r := c.r
	c.point(begin) // [R36] [R65] [R71]
	r.mu.Lock()
	switch {
	case c.net != nil && (!r.rw || c.op == opNew):
		c.net.sealed = true
	case c.op == opCleanup:
		r.freeing, r.deferFree = r.deferFree, r.freeing[:0] // before the barrier begins, unlike the kernel [H11]
	}
	pending := slices.Clone(r.deferred)
	r.open = nil
	r.mu.Unlock()

	c.pointBarrier(ctx, end, pending) // [R36] [R65] [R71]
	for _, b := range pending {
		if !b.wait(ctx) {
			return c.refuse(interrupted(ctx), "waiting for "+r.oneOf(b))
		}
	}
	return nil
}

// oneOf names a callback of the batch that has not returned.
func (r *Registry) oneOf(b *batch) (name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for d := range b.calls {
		name = d.callback().String()
	}
	return name
}

// wait waits until the callbacks of the batch have returned, and reports that, or until ctx ends.
func (b *batch) wait(ctx context.Context) bool {
	select {
	case <-b.done:
		return true
	default:
	}
	select {
	case <-b.done:
		return true
	case <-ctx.Done():
		return false
	}
}
