// SPDX-License-Identifier: MIT

package impl

// A Discipline is how a registry keeps its calls apart.
type Discipline int

const (
	// Mutex lets one call at a time run callbacks, as Linux did in 2009.
	Mutex Discipline = iota

	// RWSem lets creations and cleanups run side by side, as Linux has done since 4.17.
	RWSem
)

// defaultDiscipline is what tests change to run again under the other one.
var defaultDiscipline = Mutex

// WithDiscipline chooses the discipline. Without it, it is Mutex. The package doc has what changes.
func WithDiscipline(d Discipline) Option { return func(c *config) { c.discipline = d } }

// WithGracePeriod adds a call of wait to each grace period of RWSem, after the registry's own readers
// have left. wait is called with the registry held, so it must not call anything that blocks on the
// registry. If it panics, that is logged. Mutex has no grace periods.
func WithGracePeriod(wait func()) Option { return func(c *config) { c.grace = wait } }

// What differs between the disciplines, but for the walks that undo (undo.go) and the worker's
// cleanups (cleanup.go, round.go):
//
//	                            Mutex                             RWSem
//	Copy, cleanup               alone                             side by side
//	the list of nets            net_mutex and rtnl                net_rwsem
//	a cleanup takes             the oldest net                    all that wait, newest first
//	the last init positive      the set-up fails                  a copy succeeds, New fails
//	a net in use                is kept for ever                  waits for its last Release
//	a net that is freed         is forgotten                      is kept until the next round
//	an unregister               waits for no deferred callback    waits for those that are pending
//
// The names of the steps differ where the steps do: see docs/correspondence.md.

// reads reports whether the call takes the lock to read, under RWSem.
func (o *operation) reads() bool { return o == opCopy || o == opCleanup || o == opSnapshot }

// granted returns what follows, under RWSem, the step that asks for the lock: the first step that
// needs it.
func granted(row string) string {
	switch row {
	case "CopyNetNsLock": // [W23]
		return "SetupNetBegin" // [W24]
	case "CleanupNetLock": // [W81]
		return "CleanupNetUnlink" // [W82]
	case "Snapshot":
		return ""
	case "RegisterLock": // [W60]
		return "RegisterLink" // [W61] [W62]
	case "UnregisterLock": // [W70]
		return "UnregisterUnlink" // [W71] [W72]
	case "NetNsBarrier":
		return "NetNsBarrierEnd" // [W38]
	}
	return "SetupNetBegin" // of net_ns_init [W90]
}

// acquire waits for the lock. It does not look whether the registry is closed. ended: the context had
// ended before.
func (c *call) acquire(row string) (ended bool, err error) {
	if c.r.rw {
		return c.acquireRW(row)
	}
	c.pointLock(row)
	ended = !c.plain && c.ctx.Err() != nil
	if ended || !c.r.netMutex.tryLock() { // most calls need no more than this
		err = c.r.netMutex.lock(c.ctx)
	}
	return ended, err
}

// acquireRW asks in one step, and has the lock in another one.
func (c *call) acquireRW(row string) (ended bool, err error) {
	l := &c.r.netMutex
	c.read = c.op.reads()
	c.point(row)
	if !c.plain && c.ctx.Err() != nil {
		return true, interrupted(c.ctx)
	}
	var w waiter
	if !(c.read && l.tryRLock() || !c.read && l.tryLock()) {
		w = l.ask(c.read)
	}
	c.pointGranted(row, w)
	if w.handed != nil {
		err = l.await(c.ctx, w)
	}
	return false, err
}

// release gives the lock back as acquire took it.
func (c *call) release() { c.r.netMutex.release(c.read) }
