// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"slices"
)

// queue hands a net whose count has come to zero to the worker (__put_net). The
// worker's goroutine lives while there is work: it starts here.
func (r *Registry) queue(n *Net) {
	r.mu.Lock()
	if n.sealed { // Close has torn it down meanwhile
		r.mu.Unlock()
		return
	}
	if r.rw && !n.listed.Load() { // an init has put it; rounds run beside set-ups, so it waits until it is listed
		n.early = true
		r.mu.Unlock()
		return
	}
	r.workQueue = append(r.workQueue, n)
	start := !r.working && !r.hooks.Stepped
	if start {
		r.working = true
	}
	r.mu.Unlock()
	if start {
		r.start("worker", r.worker)
	}
}

// work runs at most max cleanups, or rounds, or all if max is below zero. The caller has
// set working and seen work in the queue; work gives working back.
func (r *Registry) work(max int) (n int) {
	ended := true
	defer func() {
		if ended { // an exit ended the goroutine
			r.rest(true)
		}
	}()
	for rests := false; !rests; rests = r.rest(n == max) {
		if r.rw {
			r.round()
		} else {
			r.cleanupNet()
		}
		n++
	}
	ended = false
	return n
}

// rest ends the work of this goroutine if none is left, or if it was enough, and
// reports that. What is left then is for another goroutine, unless the worker is stepped.
func (r *Registry) rest(enough bool) bool {
	r.mu.Lock()
	left := len(r.workQueue) > 0
	if left && !enough {
		r.mu.Unlock()
		return false
	}
	goOn := left && !r.hooks.Stepped
	r.working = goOn
	r.change()
	r.mu.Unlock()
	if goOn {
		r.start("worker", r.worker)
	}
	return true
}

// step is work for a tool that steps the worker by hand.
func (r *Registry) step(max int) int {
	r.mu.Lock()
	idle := !r.working && len(r.workQueue) > 0 && max != 0
	r.working = r.working || idle
	r.mu.Unlock()
	if !idle {
		return 0
	}
	return r.work(max)
}

// cleanupNet takes the oldest net off the queue and ends it (cleanup_net) [R60] to [R66].
func (r *Registry) cleanupNet() {
	c := call{r: r, op: opCleanup, ctx: context.Background(), plain: true}
	var done func(string, bool)
	if r.hooks.Cleanup != nil {
		done = r.hooks.Cleanup()
	}
	defer c.cleanupFree(done)
	defer c.cleanupBarrier()
	c.cleanupLocked()
}

// cleanupLocked takes the net off the lists and runs its exits, with netMutex held.
func (c *call) cleanupLocked() {
	r := c.r
	c.pointLock("CleanupNetLock") // [R60]
	_ = r.netMutex.lock(c.ctx)    // cannot fail: the context never ends
	defer c.cleanupUnlock()
	n := r.dequeue()
	if at := slices.Index(r.netList, n); at >= 0 { // else Close has torn it down meanwhile
		c.net = n
		c.endNet(at)
	}
}

// endNet takes the net of the call, which is netList[at], off the list and runs its exits, last ops first.
func (c *call) endNet(at int) {
	r := c.r
	c.pointRtnl("CleanupNetRtnlLock") // [R61]
	r.rtnl.Lock()
	c.point("CleanupNetUnlink") // [R62]
	r.netList = slices.Delete(r.netList, at, at+1)
	r.rtnl.Unlock()
	c.exitsOf("CleanupNetExit", *r.entries()) // [R63]
}

func (c *call) cleanupUnlock() {
	c.point("CleanupNetUnlock") // [R64]
	c.r.netMutex.unlock()
}

func (c *call) cleanupBarrier() {
	if c.net != nil {
		c.barrier("CleanupNetBarrier", "CleanupNetBarrierEnd") // [R65]
	}
}

func (c *call) cleanupFree(done func(net string, freed bool)) {
	if c.net == nil {
		return
	}
	c.point("CleanupNetFree") // [R66]
	if c.trouble != nil {
		c.net.panics = c.trouble.panics
		c.r.keepPanics(c.trouble.panics)
	}
	freed := c.r.free(c.net)
	if done != nil {
		done(c.net.name, freed)
	}
	c.r.roundEnded()
}

func (r *Registry) roundEnded() {
	if r.hooks.Round != nil {
		r.hooks.Round()
	}
}

func (r *Registry) dequeue() *Net {
	r.mu.Lock()
	n := r.workQueue[0]
	r.workQueue[0] = nil // a freed net must not stay reachable
	if len(r.workQueue) == 1 {
		r.workQueue = r.workQueue[:0] // keeps its room for the next one
	} else {
		r.workQueue = r.workQueue[1:]
	}
	r.mu.Unlock()
	return n
}

// panicsKept is how many panics in the exits of cleanups a registry keeps for Close.
const panicsKept = 100

// keepPanics keeps what exits of a cleanup panicked with, for Close, which looks once no cleanup runs.
func (r *Registry) keepPanics(panics []error) {
	kept := min(len(panics), panicsKept-len(r.panicked))
	r.panicked = append(r.panicked, panics[:kept]...)
	r.unkept += len(panics) - kept
}

// free ends a net, and logs if it is kept.
func (r *Registry) free(n *Net) (freed bool) {
	use := r.end(n)
	if use != 0 && !r.rw {
		r.sayKept(n, use)
	}
	return use == 0
}

// end ends a net that nothing can use any more (net_free), and its name. If its
// use count, which it returns, is not zero, the net is kept for ever, and so is its name; under RWSem
// until its last Release.
func (r *Registry) end(n *Net) int64 {
	if n.count.Load() != 0 { // of a set-up that failed, or of the first net
		n.count.Store(0)
	}
	r.mu.Lock()
	n.sealed = true
	if n.quota { // dec_net_namespaces
		n.quota = false
		r.counted--
	}
	use := n.useCount.Load()
	for ; use == 0 && !n.useCount.CompareAndSwap(0, freedUse); use = n.useCount.Load() {
	}
	if use == 0 {
		delete(r.names, n.name)
		r.forget(n)
	} else {
		n.kept = true
		r.kept = append(r.kept, n)
		if !r.rw { // under RWSem the undo has let go of the values
			n.gen.Store(nil)
		}
	}
	if n.ended != nil && n.isGone() {
		close(n.ended)
	}
	r.mu.Unlock()
	return use
}

// forget lets go of the values of a net that is freed. Under RWSem the net itself is let go of one
// round later. mu is held.
func (r *Registry) forget(n *Net) {
	n.gen.Store(nil)
	if !r.rw {
		return
	}
	if n.kept {
		r.kept = slices.DeleteFunc(r.kept, func(m *Net) bool { return m == n })
	}
	r.deferFree = append(r.deferFree, n) // [W28] [W87]
}
