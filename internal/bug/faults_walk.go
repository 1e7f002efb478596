// SPDX-License-Identifier: MIT

package bug

// walkFaults are our own too: walks that run too little, too much or in another order.
var walkFaults = []Fault{
	{
		ID: "P16", Title: "a failed copy keeps its reference on the old net",
		Breaks: "RegistrySteps", NoSpec: "none is written; the contract gives the reference back, so a step of netns.tla without it breaks this claim",
		Differs: "where the search has no bound on references the leak goes round its counter of 8 bits: the way that is shown is of that",
		Story:   "a copy fails, and the old net is never freed",
		Caught:  []string{layerGraph, layerRapid, layerTests},
		Edits: []Edit{{"impl/copy.go", `	c.point("CopyNetNsPut") // [R44]
	if zero, _, _ := c.other.put(); zero {
`, `	c.point("CopyNetNsPut") // [R44]
	if c.err != nil {
		c.other = nil
		return
	}
	if zero, _, _ := c.other.put(); zero {
`}},
	},
	{
		ID: "P17", Title: "an exit of a cleanup is left out",
		Breaks: "CallsAsPromised",
		Cfgs:   []string{"netnsRefineBugExitSkipped"},
		Story:  "a net is put, and the exit of the first ops does not run",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/cleanup.go", `	c.exitsOf("CleanupNetExit", *r.entries()) // [R63]
`, `	c.exitsOf("CleanupNetExit", (*r.entries())[min(1, len(*r.entries())):]) // [R63]
`}},
	},
	{
		ID: "P18", Title: "a register runs its init on the first net alone",
		Breaks: "RegisterRunsAll",
		Cfgs:   []string{"registryBugNoInits", "registryBugLastForgotten"},
		Story:  "two nets are listed, an ops is registered, and the second net does not see its init",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/register.go", `	c.inits(r.netList) // [R13]
`, `	c.inits(r.netList[:1]) // [R13]
`}},
	},
	{
		ID: "P19", Title: "a cleanup leaves its net on the list",
		Breaks: "ListedIfOnList",
		Cfgs:   []string{"registryBugStaysListed"},
		Story:  "a net is put and freed, and still stands on the list",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerTests},
		Edits: []Edit{{"impl/cleanup.go", `	r.netList = slices.Delete(r.netList, at, at+1)
	r.rtnl.Unlock()
`, `	r.rtnl.Unlock()
`}},
	},
	{
		ID: "P20", Title: "a put that is not the last queues the cleanup",
		Breaks: "CountedOnlyWhenListed",
		Cfgs:   []string{"registryBugCleanupReferenced"},
		Story:  "a net is got and put once, and goes though its first reference is left",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/net.go", `			return count == 1, "", nil
`, `			return count <= 2 && n != n.r.initNet, "", nil
`}},
	},
	{
		ID: "P21", Title: "a barrier is not told that the callbacks it waits for have run",
		Breaks: "BarrierWaitsForPending",
		Cfgs:   []string{"netnsBugBarrierNotTold"},
		Story:  "a cleanup waits at its barrier, the callback runs, and the cleanup waits on",
		Caught: []string{layerGraph, layerInterleavings},
		Edits: []Edit{{"impl/defer.go", `		close(b.done)
`, `		if r.open == b {
			close(b.done)
		}
`}},
	},
	{
		ID: "P22", Title: "init_net starts without its reference",
		Breaks: "InitNetStays",
		Cfgs:   []string{"netnsBugBootNoCount"},
		Story:  "the registry is made, and a get of init_net answers ENOENT",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/copy.go", `	c.net.count.Store(1)
	defer c.setupNetUndo()
`, `	if c.net != c.r.initNet {
		c.net.count.Store(1)
	}
	defer c.setupNetUndo()
`}},
	},
	{
		ID: "P23", Title: "a release does not look whether there is a use",
		Breaks: "TypeOK",
		Cfgs:   []string{"netnsBugReleaseBelowZero"},
		Story:  "a net is released once too often, and its use count falls below zero",
		Caught: []string{layerGraph, layerSchedules, layerRapid, layerTests},
		Edits: []Edit{{"impl/net.go", `		case use == 0:
			return n.fail("Release", ErrInvalid, useIsZero)
		case n.useCount.CompareAndSwap(use, use-1):
`, `		case n.useCount.CompareAndSwap(use, use-1):
`}},
	},
	{
		ID: "P24", Title: "a cleanup runs no exit at all",
		Breaks: "CallsAsPromised",
		Cfgs:   []string{"netnsRefineBugNoExits"},
		Story:  "a net is put and freed, and no exit has run",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/cleanup.go", `	c.exitsOf("CleanupNetExit", *r.entries()) // [R63]
`, ``}},
	},
	{
		ID: "P25", Title: "a register runs the exits before the inits",
		Breaks: "SuccessUndoesNothing",
		Cfgs:   []string{"registryBugExitBefore", "registryBugInitAndExit"},
		Story:  "an ops is registered, and its exit runs on init_net",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/register.go", `	c.inits(r.netList) // [R13]
`, `	if c.ops.Exit != nil {
		c.exits("RegisterUndo", r.netList)
	}
	c.inits(r.netList) // [R13]
`}},
	},
	{
		ID: "P26", Title: "the inits of a set-up run last to first",
		Breaks: "SetupRunsAll",
		Cfgs:   []string{"registryBugInitsBackwards"},
		Story:  "two ops are registered, a net is copied, and the init of the second runs before that of the first",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/copy.go", `	c.initsOf(c.r.pernetList) // [R34]
}
`, `	list := append([]entry(nil), c.r.pernetList...)
	for i := range len(list) / 2 {
		list[i], list[len(list)-1-i] = list[len(list)-1-i], list[i]
	}
	c.initsOf(list) // [R34]
}
`}},
	},
	{
		ID: "P27", Title: "the exits of an unregister run against the order of the nets",
		Breaks: "UnregisterRunsAll",
		Cfgs:   []string{"registryBugNetsBackwards"},
		Story:  "two nets are listed, an ops is unregistered, and the second net sees the exit before the first",
		Caught: []string{layerGraph, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/register.go", `		c.exits("UnregisterExit", r.netList) // [R23]
`, `		nets := slices.Clone(r.netList)
		slices.Reverse(nets)
		c.exits("UnregisterExit", nets) // [R23]
`}},
	},
	{
		ID: "P28", Title: "a cleanup takes another net off the list",
		Breaks: "ListedIfOnList",
		Cfgs:   []string{"registryBugWrongUnlisted"},
		Story:  "two nets are listed beside init_net, the second is put, and the first goes off the list",
		Caught: []string{layerGraph, layerRapid, layerTests},
		Edits: []Edit{{"impl/cleanup.go", `	r.netList = slices.Delete(r.netList, at, at+1)
	r.rtnl.Unlock()
`, `	r.netList = slices.Delete(r.netList, 1, 2)
	r.rtnl.Unlock()
`}},
	},
	{
		ID: "P29", Title: "a register that went well does not link its ops",
		Breaks: "LinkedIfRegistered",
		Cfgs:   []string{"registryBugInsertForgotten"},
		Story:  "an ops is registered, and it does not stand on the list",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/register.go", `	r.insert(at, entry{c.ops, device})
	if c.ops.Init == nil {
		return
	}
`, `	r.insert(at, entry{c.ops, device})
	if c.ops.Init == nil {
		return
	}
	defer func() {
		if c.err == nil {
			r.remove(r.find(c.ops))
		}
	}()
`}},
	},
	{
		ID: "P36", Title: "the exits of a cleanup run first to last",
		Breaks: "ExitReversesInit",
		Cfgs:   []string{"netnsBugExitsForward", "registryBugForwards"},
		Story:  "two ops are registered, a net is put, and the exit of the first runs before that of the second",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/cleanup.go", `	c.exitsOf("CleanupNetExit", *r.entries()) // [R63]
`, `	list := slices.Clone(*r.entries())
	slices.Reverse(list)
	c.exitsOf("CleanupNetExit", list) // [R63]
`}},
	},
	{
		ID: "P37", Title: "a cleanup does not wait for the callbacks that are pending",
		Breaks: "NothingRunsOnFreed",
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
		ID: "P38", Title: "init_net is listed before its set-up: ops run on it at once, and its set-up runs them again",
		Breaks: "InitExitBalance",
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
			if c.registerFirst(e); c.err != nil {
				return
			}
		}
		r.netList = nil
	}
	c.pointLock("NetNsInitLock") // [R90]
`}},
	},
	{
		ID: "P39", Title: "the undo of a set-up starts at the last ops",
		Breaks: "CallsInOrder",
		Cfgs:   []string{"netnsBugUndoFromLast", "netnsRefineBugUndoFromLast"},
		Story:  "the first init of a copy fails, and the exit of the second ops runs, whose init has not",
		Caught: []string{layerGraph, layerInterleavings, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/copy.go", `c.exitsOf("SetupNetUndo", c.r.pernetList[:c.at])         // [R35]
`, `c.exitsOf("SetupNetUndo", c.r.pernetList) // [R35]
`}},
	},
	{
		ID: "P40", Title: "a net that nobody uses is kept as if it were in use",
		Breaks: "KeptStays",
		Cfgs:   []string{"netnsBugKeptUnused"},
		Story:  "a net is copied and put, nobody has held it, and it is never freed",
		Caught: []string{layerGraph, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/cleanup.go", `	use := n.useCount.Load()
	for ; use == 0`, `	use := n.useCount.Load() + 1
	for ; use == 0`}},
	},
}
