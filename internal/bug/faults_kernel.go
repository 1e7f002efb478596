// SPDX-License-Identifier: MIT

package bug

// kernelFaults happened.
var kernelFaults = []Fault{
	{
		ID: "K1", Title: "the list of nets is read under no lock",
		Source: "f4618d39a34d (2007)", Breaks: "RtnlWhereHeld",
		Cfgs:    []string{"netnsBugNoRtnl"},
		Story:   "a reader looks at the list while a copy adds a net to it",
		Caught:  []string{layerGraph, layerInterleavings, layerRapid, layerTests, layerRace},
		Differs: "in the kernel the reader acted on each net that it met; here the code breaks the reader and the cfg the writer, who each leave rtnl out",
		Edits: []Edit{{"impl/registry.go", `	r.rtnl.Lock()
	r.point("ListNetsRead") // [R70]
	nets := slices.Clone(r.netList)
	r.rtnl.Unlock()
`, `	r.point("ListNetsRead") // [R70]
	nets := slices.Clone(r.netList)
`}},
	},
	{
		ID: "K5", Title: "a get takes a reference on a net whose count is zero",
		Source: "21b594435005, CVE-2017-15129", Breaks: "NoRiseFromZero",
		Cfgs:    []string{"netnsBugGetRevives", "registryBugRiseFromZero", "registryBugGetFreed", "usersBugFindPlain"},
		Story:   "the last reference of a net is put, and before its cleanup somebody gets one",
		Caught:  []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Differs: "the kernel got the net by its id in a table; the cfg for that is MCusersBugFindPlain",
		Edits: []Edit{{"impl/net.go", `		if count == 0 {
			return false
		}
		if n.count.CompareAndSwap(count, count+1) {
`, `		if n.count.CompareAndSwap(count, count+1) {
`}},
	},
	{
		ID: "K6", Title: "a net that dies is entered again in a table of ids, after its cleanup has taken it out",
		Source: "0c06bea919f3 (2018)", Breaks: "NoDeadInTable",
		Cfgs:    []string{"usersBugEnterAgain"},
		Story:   "a client has looked at the count of a net and is about to enter it; its last reference is put, the exit of the table takes it out, and then it is entered",
		Caught:  []string{layerInterleavings, layerTests},
		Differs: "in the kernel the look at the count was inside the table's lock, where the cure took a reference; here it is before the lock. There the tables belong to nets, and cleanup takes the ids out, not an exit",
		Edits: []Edit{{"internal/users/table.go", `	if err := n.Get(); err != nil {
		return 0, err
	}
	defer giveBack(n)
	t.lock("EnterAdd")
`, `	if err := n.Get(); err != nil {
		return 0, err
	}
	giveBack(n) // it was a look, and no more
	runtime.Gosched()
	t.lock("EnterAdd")
`}, {"internal/users/table.go", `	"context"
	"sync"
`, `	"context"
	"runtime"
	"sync"
`}},
	},
	{
		ID: "K7", Title: "a cleanup waits for the grace period with net_mutex held",
		Source: "1a57feb847c5 (2018)", Breaks: "NetMutexWhereHeld",
		Cfgs:    []string{"netnsBugBarrierUnderLock"},
		Story:   "a net is put; while its cleanup waits for a deferred callback, a register cannot begin",
		Caught:  []string{layerGraph, layerInterleavings, layerRapid},
		Differs: "in the kernel the wait was for readers, between the unlink and the exits; here it is the barrier after the exits. The undo of a set-up still waits under the lock, as the C does",
		Edits: []Edit{{"impl/cleanup.go", `	defer c.cleanupFree(done)
	defer c.cleanupBarrier()
	c.cleanupLocked()
`, `	defer c.cleanupFree(done)
	c.cleanupLocked()
`}, {"impl/cleanup.go", `	defer c.cleanupUnlock()
	n := r.dequeue()
`, `	defer c.cleanupUnlock()
	defer c.cleanupBarrier()
	n := r.dequeue()
`}},
	},
	{
		ID: "K8", Title: "a lock is taken inside a callback that runs with it",
		Source: "328fbe747ad4 and its follow-up (2018)", Breaks: "NoSelfWait",
		Cfgs:    []string{"netnsBugRtnlTwice"},
		Story:   "an init registers another ops with the context that it was given, and waits for itself",
		Hangs:   true,
		Caught:  []string{layerRapid, layerTests},
		Differs: "this is the second half: the cure took the lock inside a callback. The first, notifiers that missed nets in set-up or cleanup, is outside: there are no notifiers here. The C gives no answer to such a call; the error that the fault takes away is ours. In the cfg it is rtnl that is taken twice",
		Edits: []Edit{{"impl/walk.go", `	case c.r.insideCallback(c.ctx):
		return c.refuse(ErrInCallback, "the context is that of a callback")
	case c.r.closed.Load():
`, `	case c.r.closed.Load():
`}},
	},
	{
		ID: "K12", Title: "a net is freed while callbacks that its callbacks queued are pending",
		Source: "0f6ede9fbc74, CVE-2024-56658", Breaks: "NothingRunsOnFreed",
		Cfgs:    []string{"netnsBugDeferredLate"},
		Story:   "a deferred callback defers another one while the last barrier waits for it",
		Caught:  []string{layerRapid, layerTests},
		Differs: "the kernel cured it by one more round of the barrier; C cannot refuse a call_rcu, and the seed has the fault. That Go refuses the late callback is our choice",
		Edits: []Edit{{"impl/defer.go", `	if n.sealed {
		defer r.mu.Unlock()
		if n.useCount.Load() == freedUse {
			return n.fail("Defer", ErrNotFound, netIsFreed)
		}
		return n.fail("Defer", ErrInvalid, barrierBegan)
	}
`, ``}},
	},
	{
		ID: "K13", Title: "without namespaces ops are linked all the same",
		Source: "fed176bf3143, undone by f0cc3777b2db (2025)", Breaks: "KindMatchesList",
		Cfgs:    []string{"netnsBugLinkedWithout"},
		Story:   "a registry without namespaces registers one ops, and it stands on the list",
		Caught:  []string{layerRapid, layerTests},
		Differs: "only that ops are linked is shown; that their memory is freed meanwhile cannot happen in Go",
		Edits: []Edit{{"impl/register.go", `	if r.noNetNS {
		return &r.unlinked
	}
	return &r.pernetList
`, `	return &r.pernetList
`}},
	},
	{
		ID: "K16", Title: "behind a cleanup that never ends every call hangs, and none can be given up",
		Source: "moby 5618", Breaks: "CallReturns",
		Cfgs:    []string{"netnsBugCleanupHangs", "netnsBugUnfairWorker"},
		Story:   "an exit sleeps in a cleanup; the context of a register ends, and the register waits on",
		Hangs:   true,
		Caught:  []string{layerInterleavings, layerTests},
		Differs: "an exit that never ends hangs every call here too, as in the kernel; what is checked is that a wait can be given up",
		Edits: []Edit{{"impl/lock.go", `	handed, done := (<-chan struct{})(mine), ctx.Done()
`, `	handed, done := (<-chan struct{})(mine), (<-chan struct{})(nil)
`}},
	},
	{
		ID: "K19", Title: "two locks are taken in both orders",
		Source: "sched-ext 108, 119", Breaks: "LocksInOrder",
		Cfgs:    []string{"netnsBugRtnlOutside"},
		Story:   "a reader has rtnl and waits for net_mutex; a copy has net_mutex and waits for rtnl",
		Caught:  []string{layerGraph, layerInterleavings},
		Differs: "callbacks of the specs take no locks: rtnl stands for the second one. The way that is shown ends where one thread has taken the wrong order; the other that waits for it comes after",
		Edits: []Edit{{"impl/registry.go", `	r.rtnl.Lock()
	r.point("ListNetsRead") // [R70]
`, `	r.rtnl.Lock()
	c := call{r: r, ctx: context.Background()}
	c.pointLock("ListNetsLock")
	_ = r.netMutex.lock(c.ctx)
	r.netMutex.unlock()
	r.point("ListNetsRead") // [R70]
`}},
	},
	{
		ID: "K21", Title: "the init of a register gets and puts a net whose count is zero, and its cleanup is queued twice",
		Source: "23fe18669e7f (2008)", Breaks: "QueuedOnce",
		Cfgs:    []string{"netnsBugRegisterInitGets"},
		Story:   "a net is put and waits for its cleanup; a register comes first, and its init takes a reference on the net and gives it back",
		Caught:  []string{layerGraph, layerInterleavings},
		Differs: "there it was netlink's init, which made a socket; here the register does it in place of the init",
		Edits: []Edit{{"impl/walk.go", `		if err := init(ctx, n); err != nil {
			c.failed(o, n, err)
			break
		}
`, `		if err := init(ctx, n); err != nil {
			c.failed(o, n, err)
			break
		}
		n.count.Add(1)
		if zero, _, _ := n.put(); zero {
			c.r.queue(n)
		}
`}},
	},
	{
		ID: "K20", Title: "a pointer to a net is kept without a reference until a deferred callback has run",
		Source: "c16f74dc1d75", Breaks: "KeptIsAlive",
		Cfgs:    []string{"usersBugKeepWithout"},
		Story:   "a net is kept; it is put and freed before the callback is deferred, and then the callback uses it",
		Caught:  []string{layerInterleavings, layerRapid, layerTests},
		Differs: "in the kernel the callback is queued work, for which the barrier does not wait; here it is deferred after the barrier",
		Edits: []Edit{{"internal/users/keeper.go", `	if err := n.Get(); err != nil {
		return err
	}
	if k.watch != nil {
`, `	if k.watch != nil {
`}, {"internal/users/keeper.go", `		defer giveBack(n)
		f(n)
	})
	if err != nil {
		giveBack(n)
	}
	return err
`, `		f(n)
	})
	return err
`}},
	},
}
