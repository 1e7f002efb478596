// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"fmt"
	"slices"
)

// A closing is what Close does, in a goroutine of its own, and how far it has come. Its
// fields are guarded by Registry.mu, but for those that only the goroutine uses.
type closing struct {
	call     call   // of the goroutine
	waits    string // what the goroutine may be blocked on; "" while it is on nothing
	finished bool
	result   error // of a finished one, until a Close has returned it

	torn   []*Net // unlinked, exits run, not freed; of the goroutine
	leaked []*Net // torn down while references were left; of the goroutine
}

// Close ends the registry, as http.Server.Shutdown ends a server. From its first moment, even
// if ctx has already ended, calls that begin later return ErrClosed. Then a goroutine waits for the
// calls that have begun and for the queued cleanups, takes down the
// nets that are left, newest first and the first net last, as their cleanup
// would, waits for all deferred callbacks, and frees the nets. Its exits get the values of
// ctx of the first Close, but not its end.
//
// Close blocks until all this is done, or until ctx ends. Then it returns ErrInterrupted,
// and its message says what was waited for. The rest goes on all the same, as far as
// callbacks return; a later Close waits for it and returns its result. If ctx has already
// ended, Close still does what needs no waiting. That is all if no call and no cleanup is under way (a
// cleanup ends a moment after Wait of its net returns), no ops has an exit, no deferred callback is
// pending, and no net is kept, which is logged: then Close returns as if ctx had not ended.
//
// A Close that saw the end returns a *[LeakError] if nets still had references, or were kept because of
// their use count; the net of a copy that has not returned yet has one. The
// registry is closed then, and the nets that are only referenced are freed all the same.
// The panics of exits are joined: of those that Close ran, and of the first 100 in cleanups
// before it. Close returns this once; after that it does nothing and returns nil, even if ctx has ended.
//
// It returns ErrInvalid for a nil context, and ErrInCallback if ctx is the context of a
// callback; then nothing has changed. With any other context, a callback that calls Close
// deadlocks until that context ends.
func (r *Registry) Close(ctx context.Context) error {
	c := call{r: r, op: opClose, ctx: ctx}
	if c.err = c.enter(); c.err != nil && c.err != ErrClosed {
		return c.result(nil, nil, "")
	}
	r.closed.Store(true)
	r.beginClosing(ctx)
	if c.err = c.awaitClosed(); c.err != nil {
		return c.result(nil, nil, "")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.closing.result
	r.closing.result = nil
	return err
}

// beginClosing starts the goroutine, once.
func (r *Registry) beginClosing(ctx context.Context) {
	r.mu.Lock()
	if r.closing != nil {
		r.mu.Unlock()
		return
	}
	x := &closing{call: call{r: r, op: opClose, ctx: context.WithoutCancel(ctx)}}
	r.closing = x
	r.mu.Unlock()
	go x.run()
}

// awaitClosed waits until the goroutine has finished. If the context ends, it waits only
// until the goroutine may be blocked.
func (c *call) awaitClosed() error {
	r := c.r
	for {
		ended := c.ctx.Err() != nil // looked at before the goroutine is: what it has finished by then counts
		r.mu.Lock()
		finished, waits, changed := r.closing.finished, r.closing.waits, r.nextChange()
		r.mu.Unlock()
		switch {
		case finished:
			return nil
		case waits == "":
			<-changed
		case ended:
			return c.refuse(interrupted(c.ctx), r.closingWaits(waits))
		default:
			select {
			case <-changed:
			case <-c.ctx.Done():
			}
		}
	}
}

// closingWaits says what the goroutine waits for.
func (r *Registry) closingWaits(what string) string {
	s := "waiting for " + what
	if busy := r.busyWith(""); busy != "" {
		s += ": " + busy
	}
	return s
}

// run goes on to the end. If an exit ends the goroutine, another one goes on.
func (x *closing) run() {
	ended := true
	defer func() {
		if ended {
			go x.run()
		}
	}()
	x.close()
	ended = false
}

func (x *closing) close() {
	c := &x.call
	r := c.r
	x.lock("calls and cleanups that have begun")
	r.down = true
	r.netMutex.unlock()
	if r.hooks.Stepped {
		x.wait("queued cleanups")
		r.step(-1)
	}
	x.await("queued cleanups", func() bool {
		return !r.working && (r.hooks.Stepped || len(r.workQueue) == 0)
	})
	for x.takeDown() {
	}
	x.seal()
	x.await("deferred callbacks", func() bool { return !r.working && len(r.deferred) == 0 })
	for _, n := range x.torn {
		x.free(n)
	}
	x.finish()
}

// lock takes netMutex, and says that it may block on what unless it is free.
func (x *closing) lock(what string) {
	r := x.call.r
	if r.netMutex.tryLock() {
		return
	}
	x.wait(what)
	_ = r.netMutex.lock(context.Background()) // cannot fail: the context never ends
	x.wait("")
}

// wait says what the goroutine may be blocked on.
func (x *closing) wait(what string) {
	r := x.call.r
	r.mu.Lock()
	x.waits = what
	r.change()
	r.mu.Unlock()
}

// await waits until cond, which is called with mu held, is true.
func (x *closing) await(what string, cond func() bool) {
	r := x.call.r
	r.mu.Lock()
	defer r.mu.Unlock()
	for !cond() {
		x.waits = what
		r.change()
		changed := r.nextChange()
		r.mu.Unlock()
		<-changed
		r.mu.Lock()
	}
	x.waits = ""
}

// takeDown takes down the nets that come next, and reports whether there were any.
func (x *closing) takeDown() bool {
	c := &x.call
	r := c.r
	x.lock("a cleanup")
	defer r.netMutex.unlock()
	nets := x.next()
	if len(nets) == 0 {
		r.dismissAll()
		return false
	}
	for _, n := range nets {
		count := n.count.Swap(0)
		if n == r.initNet {
			count--
		}
		if count > 0 {
			x.leaked = append(x.leaked, n)
		}
	}
	if r.undoMayBlock() {
		x.wait("exits")
		defer x.wait("")
	}
	t := c.troubled()
	before := len(t.panics)
	defer func() { setPanics(nets, t.panics[before:len(t.panics):len(t.panics)]) }()
	if r.rw {
		r.netRwsem.Lock()
		r.unlist(nets)
		r.netRwsem.Unlock()
		c.undo(*r.entries(), nets)
		return true
	}
	c.net = nets[0]
	c.endNet(len(r.netList) - 1)
	return true
}

// free frees a net that was taken down. If it is kept, a handler of the log may take its time.
func (x *closing) free(n *Net) {
	if use := x.call.r.end(n); use != 0 {
		x.wait("the log")
		x.call.r.sayKept(n, use)
		x.wait("")
	}
}

// next adds to torn, and returns, the newest net; under RWSem all nets, newest first, and then the first one.
func (x *closing) next() []*Net {
	list, before := x.call.r.netList, len(x.torn)
	to := max(len(list)-1, 0)
	if x.call.r.rw {
		to = min(to, 1)
	}
	for _, n := range slices.Backward(list[to:]) {
		x.torn = append(x.torn, n)
	}
	return x.torn[before:]
}

// undoMayBlock reports whether taking nets down may block on something.
func (r *Registry) undoMayBlock() bool {
	return slices.ContainsFunc(*r.entries(), entry.hasExit) || r.grace != nil || r.readers.now.Load() != nil
}

// seal closes the nets that were taken down: Defer refuses them, and they are not queued.
func (x *closing) seal() {
	r := x.call.r
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range x.torn {
		n.sealed = true
	}
}

// finish makes the result, and keeps nothing else alive.
func (x *closing) finish() {
	r := x.call.r
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(x.leaked)+len(r.kept) > 0 {
		x.call.err = &LeakError{Referenced: x.leaked, Kept: slices.Clone(r.kept)}
	}
	if r.unkept > 0 {
		r.panicked = append(r.panicked, fmt.Errorf("pernet: %d more exits of cleanups panicked, see the log", r.unkept))
	}
	t := x.call.troubled()
	t.panics = append(r.panicked, t.panics...)
	x.finished, x.result = true, x.call.result(nil, nil, "")
	x.call, x.torn, x.leaked, r.workQueue, r.panicked = call{r: r}, nil, nil, nil, nil
	r.deferFree, r.freeing = nil, nil // no other round will run
	r.change()
}

// nextChange returns what change closes. mu is held.
func (r *Registry) nextChange() <-chan struct{} {
	if r.changed == nil {
		r.changed = make(chan struct{})
	}
	return r.changed
}

// change wakes those that wait for the next change. mu is held.
func (r *Registry) change() {
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}
