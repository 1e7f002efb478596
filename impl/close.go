// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"fmt"
	"slices"
)

// Close ends the registry. Calls that come to the lock later return ErrClosed; Close
// waits for those before it and for the queued cleanups, then takes down the
// nets that are left, newest first and the first net last, as their cleanup
// would, then waits for all deferred callbacks, and frees the nets. No goroutine is left.
//
// Close returns a *LeakError if somebody still had references on nets, or nets were
// kept because of their use count, and a copy that has not returned yet counts as
// somebody; the registry is closed then, and the nets
// that are only referenced are freed all the same. What exits panicked with is joined.
// It returns ErrInCallback if ctx is the context of a callback. If ctx ends first, it returns
// ErrInterrupted and says what it was waiting for. Unless that was the lock, the registry refuses new
// calls from then on, and another Close goes on where this one stopped. After one
// that came to its end, Close does nothing and returns nil.
func (r *Registry) Close(ctx context.Context) error {
	switch {
	case ctx == nil:
		return ErrInvalid
	case r.insideCallback(ctx):
		return ErrInCallback
	}
	if err := r.closing.lock(ctx); err != nil {
		return fmt.Errorf("%w: closing: waiting for its turn", err)
	}
	defer r.closing.unlock()
	if r.finished {
		return nil
	}
	c := call{r: r, ctx: ctx}
	c.close()
	return c.result()
}

func (c *call) close() {
	r := c.r
	if c.err = c.closeCalls(); c.err != nil {
		return
	}
	if r.door.Stepped {
		r.step(-1)
	}
	idle := func() bool { return !r.working && (r.door.Stepped || len(r.workQueue) == 0) }
	if c.err = c.await("queued cleanups", idle); c.err != nil {
		return
	}
	for c.closeNet() {
	}
	if c.err != nil {
		return
	}
	r.seal()
	quiet := func() bool { return !r.working && len(r.deferred) == 0 }
	if c.err = c.await("deferred callbacks", quiet); c.err != nil {
		return
	}
	for _, n := range r.torn {
		r.free(n)
	}
	r.torn, r.workQueue, r.finished = nil, nil, true
	if len(r.leaked)+len(r.kept) > 0 {
		c.err = &LeakError{Referenced: r.leaked, Kept: slices.Clone(r.kept)}
	}
}

// closeCalls refuses new calls, once the running ones have ended.
func (c *call) closeCalls() error {
	r := c.r
	if err := r.netMutex.lock(c.ctx); err != nil {
		return fmt.Errorf("%w: closing: calls are running", err)
	}
	r.closed.Store(true)
	r.netMutex.unlock()
	return nil
}

// closeNet takes down the newest net, and reports whether there was one.
func (c *call) closeNet() bool {
	r := c.r
	if err := r.netMutex.lock(c.ctx); err != nil {
		c.err = fmt.Errorf("%w: closing: nets are left", err)
		return false
	}
	defer r.netMutex.unlock()
	last := len(r.netList) - 1
	if last < 0 {
		return false
	}
	c.net = r.netList[last]
	count := c.net.count.Swap(0)
	if c.net == r.initNet {
		count--
	}
	if count > 0 {
		r.leaked = append(r.leaked, c.net)
	}
	r.torn = append(r.torn, c.net)
	c.endNet(last)
	return true
}

// seal lets nobody defer callbacks for the nets that Close took down, nor queue them.
func (r *Registry) seal() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.torn {
		n.sealed = true
	}
}

// await waits until what the registry does on its own is done. cond is called with mu held.
func (c *call) await(what string, cond func() bool) error {
	r := c.r
	for {
		r.mu.Lock()
		if cond() {
			r.mu.Unlock()
			return nil
		}
		if r.changed == nil {
			r.changed = make(chan struct{})
		}
		changed := r.changed
		r.mu.Unlock()
		select {
		case <-changed:
		case <-c.ctx.Done():
			return fmt.Errorf("%w: closing: waiting for %s", interrupted(c.ctx), what)
		}
	}
}

// change wakes who awaits. mu is held.
func (r *Registry) change() {
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}
