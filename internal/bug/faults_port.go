// SPDX-License-Identifier: MIT

package bug

// portFaults are our own: what a port could get wrong, and no row above breaks.
var portFaults = []Fault{
	{
		ID: "P1", Title: "a put does not look whether there is a reference",
		Breaks: "TypeOK",
		Cfgs:   []string{"netnsBugPutBelowZero"},
		Story:  "a net is put once too often, and its count falls below zero",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/net.go", `		case count > 1, count == 1 && n != n.r.initNet:
`, `		case count != 1 && n.useCount.Load() != freedUse, count == 1 && n != n.r.initNet:
`}},
	},
	{
		ID: "P2", Title: "the last reference of init_net can be put",
		Breaks: "InitNetStays",
		Cfgs:   []string{"netnsBugInitNetPut", "registryBugPutInitNet", "registryBugInitNetNotCounted"},
		Story:  "init_net is put, and its cleanup is queued",
		Caught: []string{layerGraph, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/net.go", `		case count > 1, count == 1 && n != n.r.initNet:
`, `		case count >= 1:
`}},
	},
	{
		ID: "P3", Title: "two puts can both be the last",
		Breaks: "QueuedOnce", NoSpec: "a put is one step of the spec",
		Story:  "two threads take the last two references; each then sees zero, and the net is queued twice",
		Caught: []string{layerRapid, layerTests},
		Edits: []Edit{{"impl/net.go", `			if n.count.CompareAndSwap(count, count-1) {
				return count == 1, "", nil
`, `			if n.count.CompareAndSwap(count, count-1) {
				runtime.Gosched()
				return n.count.Load() == 0, "", nil
`}},
	},
	{
		ID: "P4", Title: "a failed set-up does not wait for what its exits deferred",
		Breaks: "NothingRunsOnFreed",
		Cfgs:   []string{"netnsBugNoSetupBarrier", "netnsBugSetupTakesNone"},
		Story:  "an exit of the undo defers a callback, and the net is freed before that has run",
		Caught: []string{layerGraph, layerRapid, layerTests},
		Edits: []Edit{{"impl/copy.go", `		defer c.barrier("SetupNetBarrier", "SetupNetBarrierEnd") // [R36]
`, ``}},
	},
	{
		ID: "P5", Title: "a barrier waits for callbacks that are deferred after it began",
		Breaks: "BarrierWaitsForPending",
		Cfgs:   []string{"netnsBugBarrierWaitsForLater"},
		Story:  "a cleanup waits at its barrier, an exit on another net defers a callback, and the cleanup waits for that one too",
		Hangs:  true,
		Caught: []string{layerGraph, layerTests},
		Edits: []Edit{{"impl/defer.go", `	pending := slices.Clone(r.deferred)
	r.open = nil
`, `	pending := slices.Clone(r.deferred)
`}},
	},
	{
		ID: "P6", Title: "the undo of a set-up runs its exits first to last",
		Breaks: "ExitReversesInit",
		Cfgs:   []string{"netnsBugUndoFromFirst", "netnsRefineBugExitsForward"},
		Story:  "three ops are registered, the third init fails in a copy, and the exit of the first runs before that of the second",
		Caught: []string{layerGraph, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/copy.go", `c.exitsOf("SetupNetUndo", c.r.pernetList[:c.at])         // [R35]
`, `func() {
			for _, e := range c.r.pernetList[:c.at] {
				c.exitsOf("SetupNetUndo", []entry{e})
			}
		}()
`}},
	},
	{
		ID: "P7", Title: "the undo of a register stops after one net",
		Breaks: "UndoIsExact",
		Cfgs:   []string{"netnsBugRegisterUndoesOne", "registryBugUndoForgotten"},
		Story:  "three nets are listed, an init fails on the third, and only the first sees the exit",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/register.go", `		c.exits("RegisterUndo", r.netList[:c.at]) // [R15]
`, `		c.exits("RegisterUndo", r.netList[:min(c.at, 1)]) // [R15]
`}},
	},
	{
		ID: "P8", Title: "the undo of a register runs its exits before the unlink",
		Breaks: "ListedOnlyWhenWhole", NoSpec: "none is written; the contract does not see it, but the same order in netns.tla breaks this claim",
		Story:  "an init fails on the second net, and the exit on the first runs while the ops is linked",
		Caught: []string{layerGraph, layerInterleavings, layerRapid, layerTests},
		Edits: []Edit{{"impl/register.go", `	c.net = r.netList[c.at]
	if !r.noNetNS {
		c.point("RegisterUnlink") // [R14]
	}
	r.remove(r.find(c.ops))
	if c.ops.Exit != nil {
		c.net, c.other = nil, c.net
		c.exits("RegisterUndo", r.netList[:c.at]) // [R15]
	}
`, `	failed := r.netList[c.at]
	if c.ops.Exit != nil {
		c.net, c.other = nil, failed
		c.exits("RegisterUndo", r.netList[:c.at]) // [R15]
	}
	c.net, c.other = failed, nil
	if !r.noNetNS {
		c.point("RegisterUnlink") // [R14]
	}
	r.remove(r.find(c.ops))
`}},
	},
	{
		ID: "P9", Title: "a register that failed leaves its ops on the list",
		Breaks: "KindMatchesList",
		Cfgs:   []string{"netnsBugFailedStaysLinked"},
		Story:  "an init fails on init_net, and the ops stays on the list",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/register.go", `	r.remove(r.find(c.ops))
	if c.ops.Exit != nil {
		c.net, c.other = nil, c.net
`, `	if c.ops.Exit != nil {
		c.net, c.other = nil, c.net
`}},
	},
	{
		ID: "P10", Title: "a call that is refused returns with net_mutex in its hand",
		Breaks: "NoSelfWait",
		Cfgs:   []string{"netnsBugUnlockForgotten"},
		Story:  "an ops is registered a second time and refused, and the next call waits for ever",
		Caught: []string{layerGraph, layerInterleavings},
		Edits: []Edit{{"impl/register.go", `	r.netMutex.unlock()
}

func (r *Registry) unregister(`, `	if c.err != ErrExist {
		r.netMutex.unlock()
	}
}

func (r *Registry) unregister(`}},
	},
	{
		ID: "P11", Title: "a lock that does not exclude",
		Breaks: "NetMutexWhereHeld",
		Cfgs:   []string{"netnsBugLockOpen"},
		Story:  "two registers run at once",
		Hangs:  true,
		Caught: []string{layerInterleavings, layerHistories, layerRapid, layerTests, layerRace},
		Edits: []Edit{{"impl/lock.go", `	if l.tryLock() {
		return nil
	}
`, `	if l.state.Swap(lockHeld); true {
		return nil
	}
`}},
	},
	{
		ID: "P12", Title: "an unlock does not wake who waits",
		Breaks: "CallReturns", NoSpec: "the queue of the lock is below the spec: its code is explored apart",
		Story:  "a register waits for the lock, the holder unlocks, and the register waits on",
		Hangs:  true,
		Caught: []string{layerInterleavings, layerTests},
		Edits: []Edit{{"impl/lock.go", `	close(l.queue[0])
	l.queue[0] = nil
`, `	l.queue[0] = nil
`}},
	},
	{
		ID: "P13", Title: "a lock that was handed to a wait that had just been given up is lost",
		Breaks: "CallReturns", NoSpec: "the queue of the lock is below the spec: its code is explored apart",
		Story:  "the context of a wait ends as the lock is handed to it; nobody passes it on",
		Hangs:  true,
		Caught: []string{layerInterleavings, layerRapid, layerTests},
		Edits: []Edit{{"impl/lock.go", `	if at < 0 { // it was handed over meanwhile: pass it on
		l.unlock()
	}
`, ``}},
	},
	{
		ID: "P14", Title: "first_device is set after the unlock",
		Breaks: "FirstDeviceExact", NoSpec: "none is written; in netns.tla too a register that comes between unlock and set breaks this claim",
		Story:  "a register of a subsystem comes between the two, and goes in behind the device",
		Caught: []string{layerGraph, layerRace},
		Edits: []Edit{{"impl/register.go", `	if c.err == nil && device && r.firstDevice == nil && !r.noNetNS {
		r.firstDevice = o
	}
	r.netMutex.unlock()
}
`, `	r.netMutex.unlock()
	c.point("RegisterUnlock")
	if c.err == nil && device && r.firstDevice == nil && !r.noNetNS {
		r.firstDevice = o
	}
}
`}},
	},
	{
		ID: "P15", Title: "a reader is given the list itself, not what it was",
		Breaks: "RtnlWhereHeld", NoSpec: "a reader of the spec keeps nothing",
		Story:  "a reader goes over the nets while a cleanup takes one off the list",
		Caught: []string{layerTests, layerRace},
		Edits: []Edit{{"impl/registry.go", `	nets := slices.Clone(r.netList)
	r.rtnl.Unlock()
	return nets
`, `	nets := r.netList
	r.rtnl.Unlock()
	return nets
`}},
	},
}

// specFaults have no counterpart in the code.
var specFaults = []Fault{
	{
		ID: "F0", Title: "a walk of the contract forgets a part, or goes to other nets",
		Breaks: "CallsAsPromised", NoGo: "the walks of the code with the same mistakes are P17, P26, P27 and P29",
		Cfgs:  []string{"registryBugOnInitNet", "registryBugSkipFirst", "registryBugOnOneNet", "registryBugUnlinkForgotten"},
		Story: "a cleanup runs its exits on init_net; a set-up leaves out the first init; an unregister visits one net alone, or leaves its ops linked",
	},
	{
		ID: "F1", Title: "fairness with one part taken away: a call may stand still for ever",
		Breaks: "CallReturns", NoGo: "the fairness of threads is the scheduler's of Go, not of our code",
		Cfgs:  []string{"netnsBugUnfairCalls", "netnsBugUnfairSetup"},
		Story: "a call has begun, and never takes its next step",
	},
	{
		ID: "F2", Title: "weak fairness where a lock needs strong: others take it each time",
		Breaks: "CallReturns", NoGo: "the lock of the code is first come, first served, so that weak fairness is enough there",
		Cfgs:  []string{"netnsBugWeakNetMutex", "netnsBugWeakRtnl", "netnsBugWeakWorkerNetMutex", "netnsBugWeakWorkerRtnl"},
		Story: "a register waits for the lock; others take it and give it back for ever",
	},
	{
		ID: "F3", Title: "deferred callbacks of one net may wait for ever behind others",
		Breaks: "PutIsFreed", NoGo: "each deferred callback is a goroutine of its own",
		Cfgs:  []string{"netnsBugUnfairDeferred", "netnsBugUnfairDeferredBarrier"},
		Story: "a net is put, or a client calls the barrier; a callback of that net never runs, for others come again and again",
	},
	{
		ID: "F4", Title: "the algorithm starts in another state than the contract",
		Breaks: "RegistryInit", NoGo: "impl.New is the start",
		Cfgs:  []string{"netnsRefineBugInitCount", "netnsRefineBugInitUnlisted"},
		Story: "init_net starts with a reference too many",
	},
	{
		ID: "F5", Title: "a user takes a reference on a net whose count is zero",
		Breaks: "NoRiseFromZero", NoGo: "a user of impl has no call that would do it; the fault in impl is K5",
		Cfgs:  []string{"usersBugEnterPlain"},
		Story: "the last reference of a net is put; before its cleanup a client enters it, with a plain increment",
	},
	{
		ID: "F6", Title: "a deferred callback of a user never runs, or waits for the net that waits for it",
		Breaks: "ZeroIsFreed", NoGo: "the callback is the user's, whom the docs of Defer and Wait warn; that callbacks run is the scheduler's of Go",
		Cfgs:  []string{"usersBugRunWaits", "usersBugRunWaitsForOther", "usersBugUnfairRuns"},
		Story: "a callback is pending when the barrier of a net begins, and waits for a net that is behind this one in the queue: neither is ever freed",
	},
}
