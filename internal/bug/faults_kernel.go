// SPDX-License-Identifier: MIT

package bug

// kernelFaults happened.
var kernelFaults = []Fault{
	{
		ID: "K1", Title: "the list of nets is read under no lock",
		Source: "f4618d39a34d (2007)", Breaks: "RtnlWhereHeld",
		Cfgs:   []string{"netnsBugNoRtnl"},
		Story:  "a reader looks at the list while a copy adds a net to it",
		Caught: []string{layerGraph, layerInterleavings, layerRapid, layerTests, layerRace},
		Edits: []Edit{{"impl/registry.go", `	r.rtnl.Lock()
	c.point("ListNetsRead") // [R70]
	nets := slices.Clone(r.netList)
	r.rtnl.Unlock()
`, `	c.point("ListNetsRead") // [R70]
	nets := slices.Clone(r.netList)
`}},
	},
	{
		ID: "K4", Title: "ops that were registered before init_net was set up ran on it at once, and its set-up ran them again",
		Source: "f8c46cb39079, 9c1be1935fb6 (2022)", Breaks: "InitExitBalance",
		Cfgs:   []string{"netnsBugBootTwice"},
		Story:  "the registry is made with one ops, whose init runs twice on init_net",
		Caught: []string{layerRapid, layerTests},
		Edits: []Edit{{"impl/new.go", `	if !r.noNetNS {
		r.link(list)
	}
	c.pointLock("NetNsInitLock") // [R90]
`, `	if !r.noNetNS {
		r.netList = append(r.netList, r.initNet)
		for _, e := range list {
			if c.err = r.register(ctx, e.ops, e.device); c.err != nil {
				return nil
			}
		}
		r.netList = nil
	}
	c.pointLock("NetNsInitLock") // [R90]
`}},
	},
	{
		ID: "K5", Title: "a get takes a reference on a net whose count is zero",
		Source: "21b594435005, CVE-2017-15129", Breaks: "NoRiseFromZero",
		Cfgs:   []string{"netnsBugGetRevives", "registryBugRiseFromZero", "registryBugGetFreed"},
		Story:  "the last reference of a net is put, and before its cleanup somebody gets one",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/net.go", `		if count == 0 {
			return ErrNotFound
		}
		if n.count.CompareAndSwap(count, count+1) {
`, `		if n.count.CompareAndSwap(count, count+1) {
`}},
	},
	{
		ID: "K6", Title: "a net that dies is entered again in a table of ids, after its cleanup has taken it out",
		Source: "0c06bea919f3 (2018)", Breaks: "NoDeadInTable",
		Cfgs:   []string{"usersBugEnterAgain"},
		Story:  "a client is about to enter a net; its last reference is put, the exit of the table takes it out, and then it is entered",
		Caught: []string{layerInterleavings, layerRapid, layerTests},
		Edits: []Edit{{"internal/users/table.go", `	if err := n.Get(); err != nil {
		return 0, err
	}
	defer giveBack(n)
	t.lock("EnterAdd")
`, `	t.lock("EnterAdd")
`}},
	},
	{
		ID: "K7", Title: "a cleanup waits for the grace period with net_mutex held",
		Source: "1a57feb847c5 (2018)", Breaks: "NetMutexWhereHeld",
		Cfgs:   []string{"netnsBugBarrierUnderLock"},
		Story:  "a net is put; while its cleanup waits for a deferred callback, a register cannot begin",
		Caught: []string{layerGraph, layerInterleavings, layerRapid},
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
		Cfgs:   []string{"netnsBugRtnlTwice"},
		Story:  "an init registers another ops with the context that it was given, and waits for itself",
		Caught: []string{layerRapid, layerTests},
		Edits: []Edit{{"impl/walk.go", `	case c.r.insideCallback(c.ctx):
		return ErrInCallback
	case c.r.closed.Load():
`, `	case c.r.closed.Load():
`}},
	},
	{
		ID: "K12", Title: "a net is freed while callbacks that use it are pending",
		Source: "0f6ede9fbc74, CVE-2024-56658", Breaks: "NothingRunsOnFreed",
		Cfgs:   []string{"netnsBugNoBarrier", "netnsBugBarrierTakesNone"},
		Story:  "a net is put, an exit of its cleanup defers a callback, and the net is freed before that has run",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerRapid, layerTests},
		Edits: []Edit{{"impl/defer.go", `	pending := slices.Clone(r.deferred)
	r.open = nil
`, `	pending := slices.Clone(r.deferred[:0])
	r.open = nil
`}},
	},
	{
		ID: "K13", Title: "without namespaces ops are linked all the same",
		Source: "fed176bf3143, undone by f0cc3777b2db (2025)", Breaks: "KindMatchesList",
		Cfgs:   []string{"netnsBugLinkedWithout"},
		Story:  "a registry without namespaces registers one ops, and it stands on the list",
		Caught: []string{layerRapid, layerTests},
		Edits: []Edit{{"impl/register.go", `	if r.noNetNS {
		return &r.unlinked
	}
	return &r.pernetList
`, `	return &r.pernetList
`}},
	},
	{
		ID: "K14", Title: "exits of a cleanup do not run in the reverse of the order of the inits",
		Source: "ip_vs_ftp (2025)", Breaks: "ExitReversesInit",
		Cfgs:   []string{"netnsBugExitsForward", "netnsRefineBugExitsForward", "registryBugForwards"},
		Story:  "two ops are registered, a net is put, and the exit of the first runs before that of the second",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/cleanup.go", `	c.exitsOf("CleanupNetExit", *r.entries()) // [R63]
`, `	list := slices.Clone(*r.entries())
	slices.Reverse(list)
	c.exitsOf("CleanupNetExit", list) // [R63]
`}},
	},
	{
		ID: "K15", Title: "work that is queued again after the last barrier runs on a net that is freed",
		Source: "xfrm keepalive (6.12.80)", Breaks: "NothingRunsOnFreed",
		Cfgs:   []string{"netnsBugDeferredLate"},
		Story:  "a deferred callback defers another one while the last barrier waits for it",
		Caught: []string{layerRapid, layerTests},
		Edits: []Edit{{"impl/defer.go", `	if n.sealed {
		defer r.mu.Unlock()
		if n.useCount.Load() == freedUse {
			return ErrNotFound
		}
		return ErrInvalid
	}
`, ``}},
	},
	{
		ID: "K16", Title: "behind a cleanup that never ends every call hangs, and none can be given up",
		Source: "moby 5618", Breaks: "CallReturns",
		Cfgs:   []string{"netnsBugCleanupHangs", "netnsBugUnfairWorker"},
		Story:  "an exit sleeps in a cleanup; the context of a register ends, and the register waits on",
		Caught: []string{layerInterleavings, layerTests},
		Edits: []Edit{{"impl/lock.go", `	handed, done := (<-chan struct{})(mine), ctx.Done()
`, `	handed, done := (<-chan struct{})(mine), (<-chan struct{})(nil)
`}},
	},
	{
		ID: "K19", Title: "two locks are taken in both orders",
		Source: "sched-ext 108, 119", Breaks: "LocksInOrder",
		Cfgs:   []string{"netnsBugRtnlOutside"},
		Story:  "a reader has rtnl and waits for net_mutex; a copy has net_mutex and waits for rtnl",
		Caught: []string{layerGraph, layerInterleavings},
		Edits: []Edit{{"impl/registry.go", `	r.rtnl.Lock()
	c.point("ListNetsRead") // [R70]
`, `	r.rtnl.Lock()
	c.ctx = context.Background()
	c.pointLock("ListNetsLock")
	_ = r.netMutex.lock(c.ctx)
	r.netMutex.unlock()
	c.point("ListNetsRead") // [R70]
`}},
	},
	{
		ID: "K20", Title: "a pointer to a net is kept without a reference until a deferred callback has run",
		Source: "c16f74dc1d75", Breaks: "KeptIsAlive",
		Cfgs:   []string{"usersBugKeepWithout"},
		Story:  "a net is kept; it is put and freed before the callback is deferred, and then the callback uses it",
		Caught: []string{layerInterleavings, layerRapid, layerTests},
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
