// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
)

// freedUse is the use count of a net that is freed. It never changes again.
const freedUse = -1

// A Net is one network namespace: struct net. A registry makes it. All methods may be
// called by any number of goroutines, and all but Wait from callbacks. Those of a nil or
// zero Net return ErrInvalid or "".
//
// A net that is freed, by its cleanup or by Close, stays safe to use: Get, Put,
// Hold, Release and Defer return ErrNotFound then, and Wait returns at once.
type Net struct {
	r    *Registry
	name string

	count    atomic.Int64                           // [R06] [W08] references; never rises from zero
	useCount atomic.Int64                           // [R07] [W09] what keeps the net from being freed; freedUse once it is
	listed   atomic.Bool                            // it has been on the list of nets; never cleared
	gen      atomic.Pointer[[]atomic.Pointer[cell]] // [W16] the values of slots, by their ids
	dying    atomic.Bool                            // under RWSem: it was taken off the list; written under r.netRwsem

	early  bool          // under RWSem: the last reference was put before the net was listed; guarded by r.mu
	sealed bool          // the last barrier for it has begun; guarded by r.mu
	quota  bool          // it counts against Registry.maxNets; guarded by r.mu
	kept   bool          // its use count kept it from being freed; guarded by r.mu
	ended  chan struct{} // closed when the net is freed or kept; created by the waiter; guarded by r.mu
	panics []error       // what exits panicked with when it was taken down; written before it is freed or kept, and read after
}

// newNet makes a net with room for the values of the slots that are registered now. [W22]
func newNet(r *Registry, name string) *Net {
	n := &Net{r: r, name: name}
	if slots := r.maxGenPtrs.Load(); slots > 0 {
		gen := make([]atomic.Pointer[cell], slots)
		n.gen.Store(&gen)
	}
	return n
}

// Name returns the name that the net was made with; "" if it has none.
func (n *Net) Name() string {
	if n == nil {
		return ""
	}
	return n.name
}

// String returns the name, for messages.
func (n *Net) String() string { return n.Name() }

// made reports whether n is a net that a registry made.
func (n *Net) made() bool { return n != nil && n.r != nil }

// fail returns the error of a method of the net. It is kept out of line, so that the
// methods stay small.
//
//go:noinline
func (n *Net) fail(op string, err error, detail string) error {
	if !n.made() {
		err, detail = ErrInvalid, "the net is nil or was not made by a registry"
	}
	return &Error{Op: op, Net: n, Err: err, detail: detail}
}

const (
	countIsZero  = "the count of the net is zero"
	netIsFreed   = "the net is freed"
	lastOfInit   = "the last reference of the first net cannot be put"
	useIsZero    = "the use count of the net is zero"
	barrierBegan = "the last barrier of the net has begun"
)

// Get takes a reference (get_net). It never blocks. It returns ErrNotFound
// if the count is zero, for such a net is on its way out; then nothing has changed.
func (n *Net) Get() error {
	if !n.made() {
		return n.fail("Get", nil, "")
	}
	n.point("GetNet") // [R50] [W30]
	if !n.get() {
		return n.fail("Get", ErrNotFound, countIsZero)
	}
	return nil
}

// get adds a reference, but never the first one, and reports whether it did.
func (n *Net) get() bool {
	for {
		count := n.count.Load()
		if count == 0 {
			return false
		}
		if n.count.CompareAndSwap(count, count+1) {
			return true
		}
	}
}

// Put gives a reference back (put_net). It never blocks: the call that
// brings the count to zero queues the net, and the worker cleans it up (see Wait).
//
// A reference is put once, by its owner: the registry cannot tell who owns a reference, so a
// second Put by the same caller drops somebody else's, and returns nil.
//
// It returns ErrNotFound if the net is freed, and ErrInvalid if the count is zero
// and for the last reference of the first net; then nothing has changed. An init
// that puts the reference of the Copy that called it takes the net from its caller.
func (n *Net) Put() error {
	if !n.made() {
		return n.fail("Put", nil, "")
	}
	n.point("PutNet") // [R51]
	zero, detail, err := n.put()
	if err != nil {
		return n.fail("Put", err, detail)
	}
	if zero {
		n.point("PutNetQueue") // [R52] [W31]
		n.r.queue(n)
	}
	return nil
}

// put takes a reference away, but never one that is not there, and reports whether it was the last.
func (n *Net) put() (zero bool, detail string, err error) {
	for {
		count := n.count.Load()
		switch {
		case count > 1, count == 1 && n != n.r.initNet:
			if n.count.CompareAndSwap(count, count-1) {
				return count == 1, "", nil
			}
		case count == 1:
			return false, lastOfInit, ErrInvalid
		case n.useCount.Load() == freedUse:
			return false, netIsFreed, ErrNotFound
		default:
			return false, countIsZero, ErrInvalid
		}
	}
}

// Hold adds one to the use count (hold_net). A net whose use count is not zero when its
// cleanup would free it is kept for ever, with its name, even if Release is called later:
// use Hold only where the kernel does.
//
// It never blocks, and a net that waits for its cleanup can be held too. It
// returns ErrNotFound if the net is freed.
//
// Under RWSem, Hold also returns ErrNotFound if the count is zero, and a net that is in use when its
// cleanup would free it is freed by its last Release.
func (n *Net) Hold() error {
	if !n.made() {
		return n.fail("Hold", nil, "")
	}
	n.point("HoldNet") // [R53]
	if n.r.rw {
		return n.holdRW()
	}
	for {
		use := n.useCount.Load()
		if use == freedUse {
			return n.fail("Hold", ErrNotFound, netIsFreed)
		}
		if n.useCount.CompareAndSwap(use, use+1) {
			return nil
		}
	}
}

// Release takes one from the use count (release_net). It never blocks. A net
// that was kept because of its use count is not freed by it. It returns ErrNotFound if
// the net is freed, ErrInvalid if the use count is zero; then nothing has changed.
func (n *Net) Release() error {
	if !n.made() {
		return n.fail("Release", nil, "")
	}
	n.point("ReleaseNet") // [R53]
	if n.r.rw {
		return n.releaseRW()
	}
	for {
		use := n.useCount.Load()
		switch {
		case use == freedUse:
			return n.fail("Release", ErrNotFound, netIsFreed)
		case use == 0:
			return n.fail("Release", ErrInvalid, useIsZero)
		case n.useCount.CompareAndSwap(use, use-1):
			return nil
		}
	}
}

// Wait blocks until the net is freed, whichever call puts its last reference and however
// long that takes. It changes nothing. For a net that is freed it returns at once, even if
// ctx has ended.
//
// It returns nil when the net is freed, or ErrInUse if the net is kept for ever
// because of its use count, as it is under Mutex: under RWSem, Wait also waits for the last
// Release. The panics of the exits that took the net down are joined to either. It returns
// ErrInterrupted if ctx ends first, ErrInvalid for a nil context, and ErrInCallback if ctx is
// the context of a callback. A callback that waits with any other context deadlocks; so does a
// deferred callback that waits for its own net.
func (n *Net) Wait(ctx context.Context) error {
	switch {
	case !n.made():
		return n.fail("Wait", nil, "")
	case ctx == nil:
		return n.fail("Wait", ErrInvalid, "the context is nil")
	case n.r.insideCallback(ctx):
		return n.fail("Wait", ErrInCallback, "the context is that of a callback")
	}
	if err := n.await(ctx); err != nil {
		return n.fail("Wait", err, n.missing())
	}
	switch {
	case n.useCount.Load() != freedUse:
		return errors.Join(append([]error{n.fail("Wait", ErrInUse, "")}, n.panics...)...)
	case len(n.panics) > 0:
		return errors.Join(n.panics...)
	}
	return nil
}

// missing says what keeps the net from being freed.
func (n *Net) missing() string {
	switch count := n.count.Load(); {
	case count == 1:
		return "the net has 1 reference"
	case count > 1:
		return fmt.Sprintf("the net has %d references", count)
	}
	n.r.mu.Lock()
	kept, use := n.kept, n.useCount.Load()
	n.r.mu.Unlock()
	if kept && use > 0 {
		return fmt.Sprintf("the use count of the net is %d", use)
	}
	return "waiting for " + n.r.busyWith("other calls")
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
func (n *Net) isGone() bool { return n.kept && !n.r.rw || n.useCount.Load() == freedUse }

// holdRW and releaseRW move the use count, which is net->passive without the registry's own one
// [W32]. They hold mu, so that a hold sees the count that no release has gone beyond.
func (n *Net) holdRW() error {
	n.r.mu.Lock()
	defer n.r.mu.Unlock()
	switch {
	case n.isGone():
		return n.fail("Hold", ErrNotFound, netIsFreed)
	case n.count.Load() == 0:
		return n.fail("Hold", ErrNotFound, countIsZero)
	}
	n.useCount.Add(1)
	return nil
}

func (n *Net) releaseRW() error {
	n.r.mu.Lock()
	use := n.useCount.Load()
	if use > 0 {
		n.useCount.Store(use - 1)
	}
	last := use == 1 && n.kept
	n.r.mu.Unlock()
	switch {
	case use == freedUse:
		return n.fail("Release", ErrNotFound, netIsFreed)
	case use == 0:
		return n.fail("Release", ErrInvalid, useIsZero)
	case last:
		n.point("ReleaseNetFree")
		n.r.free(n)
	}
	return nil
}
