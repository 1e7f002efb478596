// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"slices"
)

// round is a cleanup of RWSem: it takes all nets that wait, newest first, and ends them together
// (cleanup_net) [W80] to [W87].
func (r *Registry) round() {
	c := call{r: r, op: opCleanup, ctx: context.Background(), plain: true}
	c.point("CleanupNet") // [W80]
	var done func(string, bool)
	if r.hooks.Cleanup != nil {
		done = r.hooks.Cleanup()
	}
	nets := r.dequeueAll()
	defer c.roundEnd(&nets, done)
	defer c.roundBarrier(&nets)
	c.roundLocked(&nets)
}

// roundLocked takes the nets off the list at once and runs their exits, with netMutex held to read.
func (c *call) roundLocked(nets *[]*Net) {
	r := c.r
	_, _ = c.acquire("CleanupNetLock") // [W81]; cannot fail: the context never ends
	defer c.roundUnlock(nets)
	r.netRwsem.Lock()
	*nets = slices.DeleteFunc(*nets, func(n *Net) bool { return n.dying.Load() }) // Close has torn it down meanwhile
	r.unlist(*nets)                                                               // [W82]
	r.netRwsem.Unlock()
	if len(*nets) > 0 {
		c.undo(r.pernetList, *nets)
	}
}

// unlist takes nets off the list. netRwsem is held to write.
func (r *Registry) unlist(nets []*Net) {
	for _, n := range nets {
		n.dying.Store(true)
	}
	if len(nets) == 1 { // compares addresses, and reads no other net
		at := slices.Index(r.netList, nets[0])
		r.netList = slices.Delete(r.netList, at, at+1)
		return
	}
	r.netList = slices.DeleteFunc(r.netList, func(n *Net) bool { return n.dying.Load() })
}

func (c *call) roundUnlock(nets *[]*Net) {
	if len(*nets) > 0 {
		c.point("CleanupNetUnlock") // [W84]
	}
	c.release()
}

// roundBarrier also frees the memory of what was freed before it began.
func (c *call) roundBarrier(nets *[]*Net) {
	if len(*nets) == 0 {
		return
	}
	c.barrier("CleanupNetBarrier", "RcuBarrierEnd") // [W85]
	c.point("NetCompleteFree")                      // [W86]
	c.r.completeFree()
}

// completeFree lets go of the nets that were freed before the round's barrier began (net_complete_free).
func (r *Registry) completeFree() {
	r.mu.Lock()
	clear(r.freeing)
	r.freeing = r.freeing[:0]
	r.mu.Unlock()
}

// roundEnd ends the nets, one after the other [W87].
func (c *call) roundEnd(nets *[]*Net, done func(net string, freed bool)) {
	if c.trouble != nil {
		c.r.keepPanics(c.trouble.panics)
		setPanics(*nets, c.trouble.panics)
	}
	for _, n := range *nets {
		c.net = n
		c.point("CleanupNetPut")
		freed := c.r.free(n)
		if done != nil {
			done(n.name, freed)
		}
	}
	clear(*nets) // its array is that of the next batch but one
	c.r.roundEnded()
}

// dequeueAll takes all nets that wait, newest first.
func (r *Registry) dequeueAll() []*Net {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batch, r.workQueue = r.workQueue, r.batch[:0]
	slices.Reverse(r.batch)
	return r.batch
}

// setPanics keeps for each net the panics of its exits, and of the exit_batch of all.
func setPanics(nets []*Net, panics []error) {
	for _, n := range nets {
		n.panics = slices.DeleteFunc(slices.Clone(panics), func(err error) bool {
			var e *Error
			return errors.As(err, &e) && e.Net != nil && e.Net != n
		})
	}
}
