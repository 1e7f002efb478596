// SPDX-License-Identifier: MIT

package impl

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"example.com/pernet/internal/race"
)

// A Callback is a callback that runs, as [Registry.Running] shows it.
type Callback struct {
	Kind string // "init", "exit" or "deferred"; under RWSem also "pre_exit", "exit_rtnl", "exit_batch" and "grace period"
	Ops  *Ops   // whose callback it is; nil for a deferred one and for a grace period
	Net  *Net   // the net that it was given, or whose Defer was called; the first net of an exit_batch
	Call string // the method that runs it, such as "Copy", or "cleanup"; "Defer" for a deferred one

	// Since is when Defer was called, or when the registry first saw the init or exit run. It
	// looks once a millisecond while callbacks run, and less often on a busy machine. If it has
	// not seen an init or exit yet, Running sees it first.
	Since time.Time
}

// String describes the callback and how long it has been running.
func (c Callback) String() string {
	s := c.Kind
	switch {
	case c.Ops != nil:
		s += " of " + strconv.Quote(opsName(c.Ops))
	case s != kindNames[aGracePeriod]:
		s += " callback"
	}
	return fmt.Sprintf("%s on net %q (%s), running for %v", s, c.Net.Name(), c.Call, time.Since(c.Since).Round(time.Millisecond))
}

// Running returns the callbacks that run now: at most one init or exit, and the deferred
// callbacks that have not returned, in no order. It is a sample: when it returns, the
// callback may have ended. It never blocks on a callback, and callbacks may use it.
//
// Under RWSem, one callback of each call and of a cleanup may run.
func (r *Registry) Running() []Callback {
	if !r.made() {
		return nil
	}
	list := r.inCalls()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range r.deferred {
		for d := range b.calls {
			list = append(list, d.callback())
		}
	}
	return list
}

// inCalls returns the callbacks that run in calls and cleanups, the oldest first.
func (r *Registry) inCalls() (list []Callback) {
	look := func(w *running) {
		if s, since, ok := w.look(); ok {
			list = append(list, Callback{kindNames[s.kind], s.ops, s.net, s.op.name, since})
		}
	}
	look(&r.running)
	for _, w := range r.records() {
		look(w)
	}
	slices.SortStableFunc(list, func(a, b Callback) int { return a.Since.Compare(b.Since) })
	return list
}

// culprit says what a call that waits for the registry is waiting for. ended: its context had
// ended before, so that it takes no lock, not even one that it could have.
func (c *call) culprit(ended bool) string {
	state := c.r.netMutex.state.Load()
	if ended && (state == lockFree || c.read && state > lockFree) {
		return "the context ended before the call"
	}
	return "waiting for " + c.r.busyWith("other calls")
}

// busyWith names a callback that runs, and says how many more run in calls; what if none does.
func (r *Registry) busyWith(what string) string {
	list := r.Running()
	if len(list) == 0 {
		return what
	}
	s := list[0].String()
	if more := len(r.inCalls()) - 1; more > 0 {
		s += fmt.Sprintf(", and %d more", more)
	}
	return s
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
	opNetNsBarrier     = &operation{"NetNsBarrier"}
	opClose            = &operation{"Close"}
)

// A kind is a kind of callback.
type kind uint8

const (
	anInit kind = iota
	anExit
	aPreExit
	anExitRTNL
	anExitBatch
	aGracePeriod
)

var kindNames = [...]string{"init", "exit", "pre_exit", "exit_rtnl", "exit_batch", "grace period"}

// running is the callback that runs now. The call that holds netMutex writes it before each
// walk and before each callback; any goroutine may read it at any time, so that a callback that
// hangs can be named. Walks of calls that hold netMutex to read have a record each.
//
// The writes are plain stores, as cheap as WRITE_ONCE in the kernel: an atomic store costs
// more than an empty callback. Each field is one word, which a read finds whole, and what
// the pointers point at was complete before netMutex was taken. While the walk moves on, a
// read may mix two callbacks; once a callback hangs, all fields are its own. Within a walk
// only the place changes: to store a pointer costs more, for the garbage collector.
//
// The race detector does not know of this, and would report a read of the name of an Ops that
// Running returned. So a build with the race detector begins a walk under mu: the walk's ops and nets
// were there before.
type running struct {
	op    *operation // nil: none runs
	kind  kind
	ops   *Ops // of all callbacks of the walk; nil: of those on the list of ops
	net   *Net // of all callbacks of the walk; nil: of those on the list of nets
	place int  // on that list; below zero: the first callback comes
	walks uint // how many walks have ended

	shared bool        // it is in Registry.shared
	busy   atomic.Bool // a walk has this shared record

	// The walks do not read the clock. While there are any, a look every tick notes
	// since when the callback has been the same.
	ticks atomic.Bool // looks are taken
	timer *time.Timer

	mu    sync.Mutex // guards what follows, and timer
	list  []entry    // the array of the registry's list of ops, all of it
	nets  []*Net     // the array of the registry's list of nets, all of it
	last  sample     // what the last look saw
	since time.Time  // since when looks have seen it
}

// A sample is a callback that runs, in one walk.
type sample struct {
	op   *operation
	kind kind
	ops  *Ops
	net  *Net
	walk uint // which one
}

const tickTime = time.Millisecond

// begin opens a walk of callbacks for op: those of o on the nets of the list, or those of the
// ops of the list on n. The other one is nil. The walk calls timed next: the two are apart so
// that both are inlined.
//
//go:norace
func (w *running) begin(op *operation, k kind, o *Ops, n *Net) {
	race.Lock(&w.mu)
	w.op, w.kind, w.ops, w.net, w.place = op, k, o, n, -1
	race.Unlock(&w.mu)
}

// timed starts the looks that note since when a callback runs, if none are taken now.
func (w *running) timed() {
	if !w.ticks.Load() {
		w.startTicks()
	}
}

// at says that the callback at this place of the list comes next in the walk.
//
//go:norace
func (w *running) at(place int) {
	w.place = place
}

// on says that this callback comes next in a walk of several kinds.
//
//go:norace
func (w *running) on(k kind, o *Ops, n *Net) {
	w.kind, w.ops, w.net = k, o, n
}

// end closes the walk. It keeps nothing alive.
//
//go:norace
func (w *running) end() {
	w.op, w.ops, w.net = nil, nil, nil
	w.walks++
	if w.shared {
		w.busy.Store(false)
	}
}

// record returns the record for a walk of the call.
func (c *call) record() *running {
	if !c.read {
		return &c.r.running
	}
	for {
		for _, w := range c.r.records() {
			if w.busy.CompareAndSwap(false, true) {
				return w
			}
		}
		c.r.addRecord()
	}
}

// records returns the records of the walks that run side by side, those that are not busy too.
func (r *Registry) records() []*running {
	if list := r.shared.Load(); list != nil {
		return *list
	}
	return nil
}

func (r *Registry) addRecord() {
	r.running.mu.Lock()
	defer r.running.mu.Unlock()
	w := &running{shared: true, list: r.running.list}
	w.ticks.Store(r.watched())
	list := append(slices.Clip(r.records()), w)
	r.shared.Store(&list)
}

// lists takes note of the registry's lists. It is called when their arrays have changed.
func (w *running) lists(list []entry, nets []*Net) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list, w.nets = list[:cap(list)], nets[:cap(nets)]
}

// read reads the walk, over the arrays list and nets. Beyond the end of a list its array holds nil.
//
//go:norace
func (w *running) read(list []entry, nets []*Net) sample {
	s := sample{w.op, w.kind, w.ops, w.net, w.walks}
	place := uint(w.place)
	if s.ops == nil && place < uint(len(list)) {
		s.ops = list[place].ops
	}
	if s.net == nil && place < uint(len(nets)) {
		s.net = nets[place]
	}
	return s
}

// look returns the callback that runs now and since when looks have seen it; ok is false if none runs.
func (w *running) look() (s sample, since time.Time, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s = w.read(w.list, w.nets)
	grace := s.kind == aGracePeriod
	if grace {
		s.ops = nil // if the read mixed two
	}
	if ok = s.op != nil && s.net != nil && (s.ops != nil || grace); !ok {
		s = sample{} // keeps nothing alive
	}
	if s != w.last {
		w.last, w.since = s, time.Now()
	}
	return s, w.since, ok
}

// startTicks is called with netMutex held.
//
//go:noinline
func (w *running) startTicks() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ticks.Store(true)
	if w.timer == nil {
		w.timer = time.AfterFunc(tickTime, w.tick)
	} else {
		w.timer.Reset(tickTime)
	}
}

// tick takes a look, and another one a tick later if a callback runs. One that begins
// just as the looks end has the time of the next look that is taken.
func (w *running) tick() {
	_, _, ok := w.look()
	if w.ticks.Store(ok); ok {
		w.timer.Reset(tickTime)
	}
}
