// SPDX-License-Identifier: MIT

package bug

// concurrencyFaults are seen by nobody who makes one call at a time. Histories
// of free-running goroutines must catch each of them, alone.
var concurrencyFaults = []Fault{
	{
		ID: "C1", Title: "a cleanup unlinks its net before it takes net_mutex",
		Breaks: "ExitReversesInit", NoSpec: "the cfg of H2 is the nearest, where unlink and exits are in two critical sections too; here a walk under net_mutex meets the unlink itself, and steps off its net: TLC ends in an error, and violates no claim",
		Story:   "a register runs no init on the net that is off the list already, and then the cleanup runs its exit there",
		Differs: "the graph and the interleavings stop at QueuedOnce already: where the worker stands between the two, no net is its own",
		Caught:  []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/cleanup.go", `	c.pointLock("CleanupNetLock") // [R60]
	_ = r.netMutex.lock(c.ctx)    // cannot fail: the context never ends
	defer c.cleanupUnlock()
	n := r.dequeue()
	if at := slices.Index(r.netList, n); at >= 0 { // else Close has torn it down meanwhile
		c.net = n
		c.endNet(at)
	}
}
`, `	c.pointRtnl("CleanupNetLock") // [R60]
	r.rtnl.Lock()
	n := r.dequeue()
	at := slices.Index(r.netList, n)
	if at >= 0 {
		r.netList = append(slices.Clone(r.netList[:at]), r.netList[at+1:]...)
	}
	r.rtnl.Unlock()
	c.pointLock("CleanupNetRtnlLock")
	_ = r.netMutex.lock(c.ctx)
	defer c.cleanupUnlock()
	if at >= 0 {
		c.net = n
		c.exitsOf("CleanupNetExit", *r.entries())
	}
}
`}},
	},
	{
		ID: "C2", Title: "a register chooses its place in the list before it has the lock",
		Breaks: "SubsysBeforeDevices", NoSpec: "the place is no variable of the spec, where a register links in one step",
		Story:  "two registers wait for the lock, a device and a subsystem; the place of the second was chosen before the first was there",
		Caught: []string{layerInterleavings, layerSchedules, layerHistories, layerRapid},
		Edits: []Edit{{"impl/register.go", `	if c.enterWith(o, "RegisterLock") { // [R10]
		c.register(device)
	}
`, `	first := r.firstDevice
	if c.enterWith(o, "RegisterLock") { // [R10]
		c.register(device, first)
	}
`}, {"impl/register.go", `func (c *call) register(device bool) {
`, `func (c *call) register(device bool, first *Ops) {
`}, {"impl/register.go", `	if !device && r.firstDevice != nil {
		at = r.find(r.firstDevice)
	}
`, `	if !device && first != nil && r.find(first) >= 0 {
		at = r.find(first)
	}
`}, {"impl/new.go", `		reg.register(e.device)
`, `		reg.register(e.device, nil)
`}},
	},
	{
		ID: "C3", Title: "a net is listed before its set-up is whole",
		Breaks: "ListedOnlyWhenWhole",
		Cfgs:   []string{"netnsBugListedEarly"},
		Story:  "a reader sees a net whose init has not run, and which goes again when the init fails",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/copy.go", `	c.setupNet()
	if c.err == nil {
		c.listNet("CopyNetNsRtnlLock", "CopyNetNsListAdd") // [R38] [R39]
		n, c.net = c.net, nil
	}
	return n
`, `	c.listNet("CopyNetNsRtnlLock", "CopyNetNsListAdd") // [R38] [R39]
	defer func() {
		if c.err != nil {
			c.pointRtnl("CopyNetNsRtnlLock")
			c.r.rtnl.Lock()
			list := c.r.netList
			c.r.netList = append([]*Net(nil), list[:len(list)-1]...)
			c.r.rtnl.Unlock()
		}
	}()
	c.setupNet()
	if c.err == nil {
		n, c.net = c.net, nil
	}
	return n
`}},
	},
	{
		ID: "C4", Title: "a get looks at the count and adds to it in two steps",
		Breaks: "NoRiseFromZero", NoSpec: "the cfg of K5 is the same in the spec, where a get is one step",
		Story:  "between the two, where the copy yields as preemption would, another thread puts the last reference",
		Caught: []string{layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/net.go", `	for {
		count := n.count.Load()
		if count == 0 {
			return false
		}
		if n.count.CompareAndSwap(count, count+1) {
			return true
		}
	}
}
`, `	if n.count.Load() == 0 {
		return false
	}
	runtime.Gosched()
	n.count.Add(1)
	return true
}
`}},
	},
	{
		ID: "C5", Title: "an unregister returns before its last exit",
		Breaks:  "RegistrySteps",
		Cfgs:    []string{"netnsRefineBugReturnsEarly", "netnsBugUnlockBeforeExits"},
		Story:   "an unregister has returned, and an exit of its ops runs",
		Differs: "under the scheduler, which knows no thread of a callback's, the last exit is left out instead: the graph, the interleavings and the schedules catch that",
		Caught:  []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/register.go", `		c.exits("UnregisterExit", r.netList) // [R23]
`, `		if last := len(r.netList) - 1; c.watched() {
			c.exits("UnregisterExit", r.netList[:last])
		} else {
			c.exits("UnregisterExit", r.netList[:last])
			n, exit, ctx := r.netList[last], c.ops.Exit, c.exitContext(1)
			go exit(ctx, n)
		}
`}},
	},
}
