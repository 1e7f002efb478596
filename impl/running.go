// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"
)

// A Callback is a callback that runs, as [Registry.Running] shows it.
type Callback struct {
	Kind  string    // "init", "exit" or "deferred"
	Ops   *Ops      // whose callback it is; nil for a deferred one
	Net   *Net      // the net that it was given, or that deferred it
	Call  string    // the method that runs it, such as "Copy", or "cleanup"; "Defer" for a deferred one
	Since time.Time // when it began; an init or exit may have begun a few milliseconds later than this
}

// String describes the callback and how long it has been running.
func (c Callback) String() string {
	s := c.Kind + " callback"
	if c.Ops != nil {
		s = c.Kind + " of " + strconv.Quote(opsName(c.Ops))
	}
	return fmt.Sprintf("%s on net %q (%s), running for %v", s, c.Net.Name(), c.Call, time.Since(c.Since).Round(time.Millisecond))
}

// Running returns the callbacks that run now: at most one init or exit, and the deferred
// callbacks that have not returned, in no order. It is a sample: when it returns, the
// callback may have ended. It never blocks on a callback, and callbacks may use it.
func (r *Registry) Running() []Callback {
	if !r.made() {
		return nil
	}
	var list []Callback
	if cb, ok := r.running.load(); ok {
		list = append(list, cb)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range r.deferred {
		for d := range b.calls {
			list = append(list, d.callback())
		}
	}
	return list
}

// culprit says what a call that waits for the registry is waiting for.
func (r *Registry) culprit() string {
	if list := r.Running(); len(list) > 0 {
		return "waiting for " + list[0].String()
	}
	return "waiting for other calls"
}

// WithSlowCallback logs, at level Warn, each init and exit that runs for longer than d:
// once while it runs, and once more when it has ended. Zero or less logs none.
func WithSlowCallback(d time.Duration) Option { return func(c *config) { c.slow = d } }

// An operation is a call as errors and Running name it.
type operation struct{ name string }

var (
	opNew              = &operation{"New"}
	opRegisterSubsys   = &operation{"RegisterSubsys"}
	opRegisterDevice   = &operation{"RegisterDevice"}
	opUnregisterSubsys = &operation{"UnregisterSubsys"}
	opUnregisterDevice = &operation{"UnregisterDevice"}
	opCopy             = &operation{"Copy"}
	opShare            = &operation{"Share"}
	opLookup           = &operation{"Lookup"}
	opSnapshot         = &operation{"Snapshot"}
	opBarrier          = &operation{"Barrier"}
	opCleanup          = &operation{"cleanup"}
	opClose            = &operation{"Close"}
)

// running is the callback that runs now. The call that holds netMutex writes it before each
// callback; anybody reads it at any time, so that a callback that hangs can be named.
//
// The writes are plain stores, as cheap as WRITE_ONCE in the kernel: an atomic store costs
// more than an empty callback. Each field is one word, which a read finds whole, and what
// the pointers point at was complete before netMutex was taken. While the walk moves on, a
// read may mix two callbacks; once a callback hangs, all fields are its own.
type running struct {
	op   *operation // nil: none runs
	exit bool
	ops  *Ops
	net  *Net

	// since is read from the clock before the first callback after stale was set, which
	// timer does a millisecond after the last such reading: so the clock is not read for each callback.
	since time.Duration // after epoch
	stale atomic.Bool
	timer *time.Timer
}

const stampAge = time.Millisecond

var epoch = time.Now()

// begin opens a walk of callbacks for op. Of the two, o and n, the one that all have is given.
//
//go:norace
func (w *running) begin(op *operation, exit bool, o *Ops, n *Net) {
	w.op, w.exit, w.ops, w.net = op, exit, o, n
}

// atNet says that the callback on n comes next in the walk.
//
//go:norace
func (w *running) atNet(n *Net) {
	w.net = n
	if w.stale.Load() {
		w.stamp()
	}
}

// atOps says that the callback of o comes next in the walk.
//
//go:norace
func (w *running) atOps(o *Ops) {
	w.ops = o
	if w.stale.Load() {
		w.stamp()
	}
}

// end closes the walk. It keeps nothing alive.
//
//go:norace
func (w *running) end() { w.op, w.ops, w.net = nil, nil, nil }

//go:norace
func (w *running) load() (Callback, bool) {
	op, exit, o, n, since := w.op, w.exit, w.ops, w.net, w.since
	if op == nil || n == nil || o == nil {
		return Callback{}, false
	}
	kind := "init"
	if exit {
		kind = "exit"
	}
	return Callback{kind, o, n, op.name, epoch.Add(since)}, true
}

//go:norace
//go:noinline
func (w *running) stamp() {
	w.since = time.Since(epoch)
	w.stale.Store(false)
	if w.timer == nil {
		w.timer = time.AfterFunc(stampAge, func() { w.stale.Store(true) })
		return
	}
	w.timer.Reset(stampAge)
}

// slowly runs f, the callback cb, and logs if it takes longer than the registry's limit.
func (r *Registry) slowly(ctx context.Context, cb Callback, f func()) {
	log := func(message string) {
		r.logger().WarnContext(ctx, message,
			"kind", cb.Kind, "ops", cb.Ops.Name, "net", cb.Net.name, "call", cb.Call, "for", time.Since(cb.Since))
	}
	timer := time.AfterFunc(r.slow, func() { log("pernet: slow callback") })
	defer func() {
		if !timer.Stop() {
			log("pernet: slow callback has ended")
		}
	}()
	f()
}
