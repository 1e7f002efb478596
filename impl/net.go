// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"runtime"
	"sync/atomic"
)

// freedUse is the use count of a net that is freed. It never changes again.
const freedUse = -1

// A Net is one network namespace: struct net. A registry makes it; the zero Net
// is not usable. All methods may be called by any number of goroutines, and all
// but Wait from callbacks.
//
// A net that is freed, by its cleanup or by Close, stays safe to use: Get, Put,
// Hold, Release and Defer return ErrNotFound then, and Wait nil.
type Net struct {
	r    *Registry
	name string

	count    atomic.Int64 // [R06] references; never rises from zero
	useCount atomic.Int64 // [R07] what keeps the net from being freed; freedUse once it is

	sealed bool          // the last barrier for it has begun; guarded by r.mu
	kept   bool          // not freed for ever, because of its use count; guarded by r.mu
	ended  chan struct{} // closed when the net is freed or kept; made by who waits; guarded by r.mu
}

func newNet(r *Registry, name string) *Net {
	return &Net{r: r, name: name}
}

// Name returns the name that the net was made with; "" if it has none.
func (n *Net) Name() string { return n.name }

// String returns the name, for messages.
func (n *Net) String() string { return n.name }

// Get takes a reference (get_net) [R50]. It never blocks. It returns ErrNotFound
// if the count is zero, for such a net is on its way out; then nothing has changed.
func (n *Net) Get() error {
	n.point("GetNet") // [R50]
	return n.get()
}

// get adds a reference, but never the first one.
func (n *Net) get() error {
	for {
		count := n.count.Load()
		if count == 0 {
			return ErrNotFound
		}
		if n.count.CompareAndSwap(count, count+1) {
			return nil
		}
	}
}

// Put gives a reference back (put_net) [R51] [R52]. It never blocks: the one that
// brings the count to zero queues the net, and the worker cleans it up (see Wait).
//
// It returns ErrNotFound if the net is freed, and ErrInvalid if the count is zero
// and for the last reference of the first net; then nothing has changed. An init
// that puts the reference of the Copy that called it takes the net from its caller.
func (n *Net) Put() error {
	n.point("PutNet") // [R51]
	zero, err := n.put()
	if zero {
		n.point("PutNetQueue") // [R52]
		n.r.queue(n)
	}
	return err
}

// put takes a reference away, but never one that is not there, and reports whether it was the last.
func (n *Net) put() (zero bool, err error) {
	for {
		count := n.count.Load()
		switch {
		case count == 0 && n.useCount.Load() == freedUse:
			return false, ErrNotFound
		case count == 0, count == 1 && n == n.r.initNet:
			return false, ErrInvalid
		case n.count.CompareAndSwap(count, count-1):
			return count == 1, nil
		}
	}
}

// Hold adds one to the use count, which refuses the free of the net (hold_net)
// [R53]. It never blocks, and a net that waits for its cleanup can be held too. It
// returns ErrNotFound if the net is freed.
func (n *Net) Hold() error {
	n.point("HoldNet") // [R53]
	for {
		use := n.useCount.Load()
		if use == freedUse {
			return ErrNotFound
		}
		if n.useCount.CompareAndSwap(use, use+1) {
			return nil
		}
	}
}

// Release takes one from the use count (release_net) [R53]. It never blocks. A net
// that was kept because of its use count is not freed by it. It returns ErrNotFound if
// the net is freed, ErrInvalid if the use count is zero; then nothing has changed.
func (n *Net) Release() error {
	n.point("ReleaseNet") // [R53]
	for {
		use := n.useCount.Load()
		switch {
		case use == freedUse:
			return ErrNotFound
		case use == 0:
			return ErrInvalid
		case n.useCount.CompareAndSwap(use, use-1):
			return nil
		}
	}
}

// Wait blocks until the net is freed, whoever puts its last reference and however
// long that takes. It returns nil then, ErrInUse if the net is kept for ever
// because of its use count, ErrInterrupted if ctx ends first, and ErrInCallback if ctx is the context
// of a callback. It changes nothing. A callback that waits with another context
// waits for itself; so does a deferred callback that waits for its own net.
func (n *Net) Wait(ctx context.Context) error {
	switch {
	case ctx == nil:
		return ErrInvalid
	case n.r.insideCallback(ctx):
		return ErrInCallback
	}
	if err := n.await(ctx); err != nil {
		return err
	}
	if n.useCount.Load() != freedUse {
		return ErrInUse
	}
	return nil
}

// await waits until the net is freed or kept, or returns an error when ctx ends
// first. Often the worker is next in line on this processor, and done sooner than
// the caller would be asleep: so it lets others run before it makes something to wait for.
func (n *Net) await(ctx context.Context) error {
	if !n.gone() {
		runtime.Gosched()
	}
	ended, cancelled := n.ending(), ctx.Done()
	switch {
	case ended == nil:
		return nil
	case cancelled == nil: // one channel is less work than two
		<-ended
		return nil
	}
	select {
	case <-ended:
		return nil
	case <-cancelled:
		return interrupted(ctx)
	}
}

// ending returns what is closed when the net is freed or kept, or nil if it is already.
func (n *Net) ending() <-chan struct{} {
	n.r.mu.Lock()
	defer n.r.mu.Unlock()
	if n.isGone() {
		return nil
	}
	if n.ended == nil {
		n.ended = make(chan struct{})
	}
	return n.ended
}

// gone reports whether the net is freed or kept.
func (n *Net) gone() bool {
	n.r.mu.Lock()
	defer n.r.mu.Unlock()
	return n.isGone()
}

// isGone is gone with mu held.
func (n *Net) isGone() bool { return n.kept || n.useCount.Load() == freedUse }
