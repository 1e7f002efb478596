// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"example.com/pernet/internal/door"
)

// Ops are what a part of a program wants done for each net: struct
// pernet_operations. A registry knows them by their address. They may be
// registered with several registries, and must not be changed meanwhile.
type Ops struct {
	Name string // for messages

	// Init is called for each net that comes to be, and at registration for
	// each that is there. Any error means failure, and what was done for the
	// call that asked for it is undone. Nil: counts as done.
	Init func(ctx context.Context, n *Net) error

	// Exit undoes Init. Nil: there is nothing to undo.
	Exit func(ctx context.Context, n *Net)
}

// An entry is one place in the list of ops.
type entry struct {
	ops    *Ops
	device bool
}

// A Registry keeps ops and nets together: for each listed net and each
// registered ops, init has run and exit has not. Make one with New. The zero Registry has
// no first net and can get none, so no callback ever runs: InitNet returns nil, Nets is empty, Copy and
// Share return ErrInvalid. All methods may be called by any number of goroutines.
//
// Invariants, whenever netMutex is free: subsystems stand before devices in
// pernetList; firstDevice is the first device, or nil when there is none; no ops
// and no net stands twice; nets are listed in the order in which their set-up ended,
// init_net first; a net that has a name is in names from its allocation until it is freed.
//
// Locks, in the order in which they are taken: closing, netMutex, rtnl, mu. Callbacks
// run with netMutex held and never with rtnl or mu.
type Registry struct {
	pernetList  []entry      // [R01] guarded by netMutex
	firstDevice *Ops         // [R02] nil is the list's head; guarded by netMutex
	netMutex    lock         // [R03] guards the lists, and is held while callbacks run
	netList     []*Net       // [R04] changed under netMutex and rtnl, read under either
	rtnl        sync.Mutex   // [R05] lets readers see the list of nets while callbacks run
	unlinked    []entry      // what is registered in a build without namespaces, where nothing is linked
	closed      atomic.Bool  // set under netMutex, never cleared
	inside      *callbackCtx // what callbacks get from calls with the background context

	mu        sync.Mutex      // guards what follows; never held across a yield point
	names     map[string]*Net // nets that are not freed and have a name
	workQueue []*Net          // [R08] nets put down, oldest first
	working   bool            // somebody runs cleanups
	deferred  []*batch        // [R09] deferred callbacks that have not returned, oldest first
	open      *batch          // the last of deferred, if no barrier has begun since; or nil
	kept      []*Net          // nets not freed because of their use count
	changed   chan struct{}   // closed when working or deferred has changed; made by who waits

	closing  lock   // held by Close; guards what follows
	torn     []*Net // unlinked by Close, exits run, not freed
	leaked   []*Net // torn down while somebody still had a reference
	finished bool

	initNet *Net
	worker  func() // runs cleanups until none is left; made once, so that starting it allocates nothing
	noNetNS bool
	log     *slog.Logger // nil: slog.Default() at the time of the message
	door    door.Door    // zero unless New was given one
}

// InitNet returns the first net. It is there until Close, and its last reference cannot be put.
func (r *Registry) InitNet() *Net { return r.initNet }

// Nets returns the listed nets in list order, as for_each_net sees them: the
// snapshot is taken under rtnl when the iteration begins [R70]. Nets whose count
// is zero are among them until their cleanup. It blocks for no callback. The
// body of the loop may call anything, callbacks may use it, and after Close it is empty.
func (r *Registry) Nets() iter.Seq[*Net] {
	return func(yield func(*Net) bool) {
		for _, n := range r.listNets() {
			if !yield(n) {
				return
			}
		}
	}
}

func (r *Registry) listNets() []*Net {
	r.pointRtnl("ListNetsLock") // [R70]
	r.rtnl.Lock()
	r.point("ListNetsRead") // [R70]
	nets := slices.Clone(r.netList)
	r.rtnl.Unlock()
	return nets
}

// A Snapshot is the state of a registry's lists at one moment.
type Snapshot struct {
	PernetList  []*Ops // in list order: subsystems, then devices
	FirstDevice *Ops   // nil: the list's head
	Nets        []*Net // in list order
}

// Snapshot returns the lists as they stand when no call is half done: it waits
// for netMutex. It returns ErrInterrupted if ctx ends first, ErrClosed, or
// ErrInCallback, and changes nothing.
func (r *Registry) Snapshot(ctx context.Context) (Snapshot, error) {
	c := call{r: r, ctx: ctx}
	if err := c.enter(); err != nil {
		return Snapshot{}, err
	}
	if err := c.lock("Snapshot"); err != nil {
		return Snapshot{}, err
	}
	defer r.netMutex.unlock()
	s := Snapshot{FirstDevice: r.firstDevice, Nets: slices.Clone(r.netList)}
	for _, e := range r.pernetList {
		s.PernetList = append(s.PernetList, e.ops)
	}
	return s, nil
}

func (r *Registry) logger() *slog.Logger {
	if r.log != nil {
		return r.log
	}
	return slog.Default()
}
