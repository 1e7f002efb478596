// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"example.com/pernet/internal/hook"
)

// Ops are the callbacks that one part of a program registers (struct pernet_operations).
// A registry knows them by their address. They may be
// registered with several registries, and must not be changed while they are registered.
type Ops struct {
	Name string // for messages

	// Init is called once for each net: when the net is made, or, for the nets that are
	// listed already, when the ops are registered. An error is a failure, and the call that
	// ran Init is undone. Nil counts as success.
	Init func(ctx context.Context, n *Net) error

	// Exit undoes Init. Its context is never cancelled. Nil: there is nothing to undo.
	Exit func(ctx context.Context, n *Net)

	// PreExit, ExitRTNL and ExitBatch are for RWSem; a registry of Mutex returns ErrInvalid for ops that
	// have one. They run where an Exit would run, with its context. The PreExits of all ops come first,
	// then a grace period, then the ExitRTNLs, net by net, then the Exits. Only one ExitRTNL of a registry
	// runs at a time. ExitBatch runs once, with all nets, after the Exits of its ops and before those of
	// the next.
	PreExit   func(ctx context.Context, n *Net)
	ExitRTNL  func(ctx context.Context, n *Net)
	ExitBatch func(ctx context.Context, nets []*Net)

	slot *slot // of the ops of a Slot
}

// An entry is one place in the list of ops.
type entry struct {
	ops    *Ops
	device bool
}

// A Registry keeps ops and nets together: for each listed net and each
// registered ops, init has run and exit has not. New makes one. A nil or zero Registry
// has no nets: its methods return ErrInvalid, nil or nothing. All methods may be called
// by any number of goroutines.
type Registry struct {
	// Invariants, whenever netMutex is free: subsystems come before devices in
	// pernetList; firstDevice is the first device, or nil when there is none; no ops
	// and no net is there twice; nets are listed in the order in which their set-up ended,
	// init_net first; a net that has a name is in names from its allocation until it is freed.
	//
	// Locks, in the order in which they are taken: netMutex, rtnl, then mu or running.mu. Callbacks
	// run with netMutex held and never with rtnl or mu.

	pernetList  []entry      // [R01] [W01] guarded by netMutex
	firstDevice *Ops         // [R02] [W02] nil is the list's head; guarded by netMutex
	netMutex    lock         // [R03] [W04] guards the lists, and is held while callbacks run
	netList     []*Net       // [R04] [W07] changed under netMutex and rtnl, read under either
	rtnl        sync.Mutex   // [R05] lets readers see the list of nets while callbacks run; under RWSem, [W06] held for exit_rtnl
	netRwsem    sync.RWMutex // [W05] takes the place of rtnl under RWSem: netList is written under it
	unlinked    []entry      // what is registered in a build without namespaces, where nothing is linked
	down        bool         // Close takes the nets down, or has; guarded by netMutex, never cleared
	closed      atomic.Bool  // Close has been called; never cleared
	inside      *callbackCtx // what callbacks get from calls with the background context
	running     running      // the init or exit that runs now; written with netMutex held
	slots       []*Ops       // [W14] by id; guarded by netMutex
	one         [1]entry     // what a register or unregister undoes; guarded by netMutex
	undos       *[2]undo     // see newUndo; nil under Mutex
	maxGenPtrs  atomic.Int32 // [W15] len(slots)

	panicked []error // the panics of exits in cleanups; the worker's, and Close's once no cleanup runs
	unkept   int     // the number of panics beyond those

	readers readers                    // those that a grace period waits for
	shared  atomic.Pointer[[]*running] // the records of walks that hold netMutex to read

	mu        sync.Mutex      // guards what follows; never held across a yield point
	names     map[string]*Net // nets that are not freed and have a name
	workQueue []*Net          // [R08] [W10] [W11] nets whose count has come to zero, oldest first
	batch     []*Net          // under RWSem: the array of the nets that the round under way has taken
	working   bool            // a goroutine runs cleanups
	deferred  []*batch        // [R09] [W13] deferred callbacks that have not returned, oldest first
	open      *batch          // the last of deferred, if no barrier has begun since; or nil
	kept      []*Net          // nets not freed because of their use count
	deferFree []*Net          // [W12] under RWSem: nets that are freed, until the next round
	freeing   []*Net          // the same, of the round whose barrier has begun
	changed   chan struct{}   // closed when working, deferred or closing has changed; created by the waiter
	closing   *closing        // what Close has begun, or nil
	counted   int             // nets that count against maxNets

	initNet *Net
	worker  func() // runs cleanups until none is left; made once, so that starting it allocates nothing
	maxNets int    // the quota of nets beside the first, or noQuota
	noNetNS bool
	rw      bool          // the discipline is RWSem
	grace   func()        // what the grace period waits for beside the readers; or nil
	log     *slog.Logger  // nil: slog.Default() at the time of the message
	slow    time.Duration // how long a callback may run before it is logged; zero or less: no limit
	hooks   hook.Hooks    // zero unless New was given one
}

// made reports whether r is a registry that New made.
func (r *Registry) made() bool { return r != nil && r.initNet != nil }

// InitNet returns the first net. It is there until Close, and its last reference cannot be put.
func (r *Registry) InitNet() *Net {
	if !r.made() {
		return nil
	}
	return r.initNet
}

// Nets returns the listed nets in list order, as for_each_net sees them: a
// snapshot that is taken when the iteration begins. Nets whose count
// is zero are among them until their cleanup. It never blocks on a callback. The
// body of the loop may call anything, callbacks may use it, and after Close it is empty.
func (r *Registry) Nets() iter.Seq[*Net] {
	return func(yield func(*Net) bool) {
		if !r.made() {
			return
		}
		for _, n := range r.listNets() {
			if !yield(n) {
				return
			}
		}
	}
}

func (r *Registry) listNets() []*Net {
	if r.rw {
		r.point("ListNetsLock") // [W33]
		r.netRwsem.RLock()
		defer r.netRwsem.RUnlock()
		r.point("ListNetsRead") // [W33]
		return slices.Clone(r.netList)
	}
	r.pointRtnl("ListNetsLock") // [R70]
	r.rtnl.Lock()
	r.point("ListNetsRead") // [R70]
	nets := slices.Clone(r.netList)
	r.rtnl.Unlock()
	return nets
}

// Lookup returns the listed net that has this name, with a reference taken that is the
// caller's. It never blocks on a callback, and callbacks may use it.
//
// It returns ErrNotFound if there is no such net, if it is still being set up, or if its
// count is zero; ErrInvalid for "", since any number of nets may have no name; or ErrClosed.
// Then nothing has changed.
func (r *Registry) Lookup(name string) (*Net, error) {
	c := call{r: r, op: opLookup, ctx: context.Background()}
	if c.err = c.enter(); c.err != nil {
		return nil, c.result(nil, nil, name)
	}
	if name == "" {
		c.err = c.refuse(ErrInvalid, "the name is empty")
		return nil, c.result(nil, nil, name)
	}
	var n *Net
	if r.rw {
		n, c.err = c.lookupRW(name)
	} else {
		n, c.err = c.lookup(name)
	}
	if c.err != nil {
		return nil, c.result(nil, nil, name)
	}
	return n, nil
}

func (c *call) lookup(name string) (*Net, error) {
	r := c.r
	if r.watched() {
		r.hooks.Point(hook.Point{Name: "GetNet", Net: name}) // [R50]
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n, err := c.named(name)
	if err == nil {
		err = c.get(n)
	}
	return n, err
}

// lookupRW finds the net as a reader, and gets it after that.
func (c *call) lookupRW(name string) (*Net, error) {
	c.point("RcuWalk") // [W34]
	defer c.r.readers.enter().leave()
	c.r.mu.Lock()
	n, err := c.named(name)
	c.r.mu.Unlock()
	if c.net = n; err == nil {
		c.point("MaybeGetNet") // [W35]
		err = c.get(n)
	}
	return n, err
}

// named finds the listed net of that name. mu is held.
func (c *call) named(name string) (*Net, error) {
	n := c.r.names[name]
	switch {
	case n == nil:
		return nil, c.refuse(ErrNotFound, "no net has this name")
	case !n.listed.Load() || n.dying.Load():
		return nil, c.refuse(ErrNotFound, "the net is not listed")
	}
	return n, nil
}

// A Snapshot is the state of a registry's lists at one moment. The slices are the caller's.
type Snapshot struct {
	PernetList  []*Ops // in list order: subsystems, then devices
	FirstDevice *Ops   // nil if there is no device
	Nets        []*Net // in list order
}

// Snapshot returns the lists at a moment when no call is half done: it blocks while other
// calls hold the registry. It returns ErrInterrupted if ctx ends first, ErrClosed,
// ErrInvalid for a nil context, or ErrInCallback; it changes nothing.
func (r *Registry) Snapshot(ctx context.Context) (Snapshot, error) {
	c := call{r: r, op: opSnapshot, ctx: ctx}
	if c.err = c.enter(); c.err != nil {
		return Snapshot{}, c.result(nil, nil, "")
	}
	if c.err = c.lock("Snapshot"); c.err != nil {
		return Snapshot{}, c.result(nil, nil, "")
	}
	defer c.release()
	r.netRwsem.RLock()
	defer r.netRwsem.RUnlock()
	s := Snapshot{FirstDevice: r.firstDevice, Nets: slices.Clone(r.netList)}
	for _, e := range r.pernetList {
		s.PernetList = append(s.PernetList, e.ops)
	}
	return s, nil
}

// NetNsBarrier waits until the calls and cleanups that hold the registry, and those that came to wait
// for it earlier, have let go of it (net_ns_barrier). It changes nothing. When it returns nil, no init or
// exit of a cleanup that had taken its nets off the list is still to come: call it before you take away
// what such exits use. It does not wait for queued cleanups, nor for deferred callbacks, which Barrier
// does. Calls that come later wait behind it.
//
// It blocks and returns as Snapshot does; also if nothing holds the registry, it returns ErrInterrupted
// if ctx has ended. Once Close has begun, it waits for nothing and returns ErrClosed. From a callback,
// with another context than that of the callback, it deadlocks until that context ends.
func (r *Registry) NetNsBarrier(ctx context.Context) error {
	c := call{r: r, op: opNetNsBarrier, ctx: ctx}
	if c.err = c.enter(); c.err == nil {
		if c.err = c.lock("NetNsBarrier"); c.err == nil { // [W38]
			c.release()
		}
	}
	return c.result(nil, nil, "")
}

// start runs f in a goroutine of the registry's own.
func (r *Registry) start(name string, f func()) {
	if r.hooks.Go != nil {
		r.hooks.Go(name, f)
	} else {
		go f()
	}
}
