// SPDX-License-Identifier: MIT

package bug

// hazardFaults can be read off the C: a port gets them wrong easily.
var hazardFaults = []Fault{
	{
		ID: "H1", Title: "a positive return of an init fails a set-up too",
		Breaks: "RegistrySteps", NoSpec: "it would be the cure of the seed: the Probe cfgs show what the seed's rule breaks",
		Story:  "a copy meets an init that returns 1, and fails where the seed goes on",
		Caught: []string{layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/walk.go", `	return !errors.As(err, new(door.Positive))
`, `	return true
`}, {"impl/walk.go", `	"example.com/pernet/internal/door"
`, ``}},
	},
	{
		ID: "H2", Title: "a net is unlinked and its exits run in two critical sections",
		Breaks: "ExitReversesInit",
		Cfgs:   []string{"netnsBugUnlinkApart"},
		Story:  "a cleanup drops the lock after the unlink; a register runs no init on the net, and the cleanup runs its exit",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/cleanup.go", `	r.netList = slices.Delete(r.netList, at, at+1)
	r.rtnl.Unlock()
	c.exitsOf(`, `	r.netList = slices.Delete(r.netList, at, at+1)
	r.rtnl.Unlock()
	r.netMutex.unlock()
	c.pointLock("CleanupNetLock")
	_ = r.netMutex.lock(context.Background())
	c.exitsOf(`}},
	},
	{
		ID: "H3a", Title: "first_device does not move on when its device goes",
		Breaks: "FirstDeviceExact",
		Cfgs:   []string{"netnsBugFirstDeviceStays", "registryBugDeviceStays"},
		Story:  "a device is registered and unregistered, and first_device still points at it",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/register.go", `	if r.firstDevice == c.ops {
		r.firstDevice = nil
		if at+1 < len(list) {
			r.firstDevice = list[at+1].ops
		}
	}
`, ``}},
	},
	{
		ID: "H3b", Title: "first_device is set before the inits, and stays when they fail",
		Breaks: "FirstDeviceExact",
		Cfgs:   []string{"netnsBugFirstDeviceEarly"},
		Story:  "the init of the first device fails, and first_device points at it",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/register.go", `	r.insert(at, entry{c.ops, device})
`, `	r.insert(at, entry{c.ops, device})
	if device && r.firstDevice == nil && !r.noNetNS {
		r.firstDevice = c.ops
	}
`}},
	},
	{
		ID: "H3c", Title: "a subsystem goes in at the tail",
		Breaks: "SubsysBeforeDevices",
		Cfgs:   []string{"netnsBugSubsysAtTail", "registryBugInsertTail"},
		Story:  "a device is registered, then a subsystem, and the subsystem stands behind it",
		Caught: []string{layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/register.go", `	if !device && r.firstDevice != nil {
		at = r.find(r.firstDevice)
	}
`, ``}},
	},
	{
		ID: "H5", Title: "the undo of a set-up starts at the ops that failed",
		Breaks: "InitExitBalance",
		Cfgs:   []string{"netnsBugUndoFromFailed", "netnsRefineBugUndoFromFailed", "registryBugUndoFailedToo"},
		Story:  "an init fails in a copy, and its own exit runs",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/copy.go", `c.exitsOf("SetupNetUndo", c.r.pernetList[:c.at])         // [R35]
`, `c.exitsOf("SetupNetUndo", c.r.pernetList[:c.at+1]) // [R35]
`}},
	},
	{
		ID: "H6", Title: "the undo of a register goes one net too far",
		Breaks: "UndoIsExact",
		Cfgs:   []string{"netnsBugRegisterUndoesFailed"},
		Story:  "an init fails on init_net, and the exit runs there",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/register.go", `		c.exits("RegisterUndo", r.netList[:c.at]) // [R15]
`, `		c.exits("RegisterUndo", r.netList[:c.at+1]) // [R15]
`}},
	},
	{
		ID: "H7", Title: "without namespaces first_device points at a device that was never linked",
		Breaks: "FirstDeviceExact",
		Cfgs:   []string{"netnsBugFirstDeviceUnlinked"},
		Story:  "a registry without namespaces registers a device, and first_device points at it",
		Caught: []string{layerRapid, layerTests},
		Edits: []Edit{{"impl/register.go", `	if c.err == nil && device && r.firstDevice == nil && !r.noNetNS {
`, `	if c.err == nil && device && r.firstDevice == nil {
`}},
	},
	{
		ID: "H8a", Title: "a device can be unregistered as a subsystem, and first_device stays",
		Breaks: "FirstDeviceExact", NoSpec: "the cfg of H3a is the same in the spec: what breaks is that first_device stays",
		Story:  "a device is registered, and goes by the call for subsystems",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/register.go", `	if list[at].device != device {
		c.err = c.refuse(ErrInvalid, list[at].registeredAs())
		return
	}
`, ``}, {"impl/register.go", `	if r.firstDevice == c.ops {
		r.firstDevice = nil
`, `	if device && r.firstDevice == c.ops {
		r.firstDevice = nil
`}},
	},
	{
		ID: "H8b", Title: "an ops can be registered twice",
		Breaks: "ListsHaveNoDoubles",
		Cfgs:   []string{"netnsBugRegisterTwice", "registryBugRegisterTwice"},
		Story:  "a subsystem is registered twice, and stands on the list twice",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/register.go", `	if at := r.find(c.ops); at >= 0 {
		c.err = c.refuse(ErrExist, (*r.entries())[at].registeredAs())
		return
	}
`, ``}},
	},
	{
		ID: "H9", Title: "an ops without an init gets no exit",
		Breaks: "UndoIsExact",
		Cfgs:   []string{"registryBugExitsNoInit"},
		Story:  "an ops that has an exit alone is registered, a net is put, and its exit does not run",
		Caught: []string{layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/walk.go", `		if exit == nil {
			continue
		}
`, `		if exit == nil || o.Init == nil {
			continue
		}
`}},
	},
	{
		ID: "H10a", Title: "a net is freed while its use count is not zero",
		Breaks: "FreedIsUnused",
		Cfgs:   []string{"netnsBugFreeInUse", "registryBugFreeInUse"},
		Story:  "a net is held and put, and its cleanup frees it",
		Caught: []string{layerGraph, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/cleanup.go", `	use := n.useCount.Load()
	for ; use == 0`, `	n.useCount.Store(0)
	use := n.useCount.Load()
	for ; use == 0`}},
	},
	{
		ID: "H10b", Title: "the release of the last use frees a net that was kept",
		Breaks: "KeptStays",
		Cfgs:   []string{"netnsBugReleaseFreesKept"},
		Story:  "a net is held, put and kept; the release frees it",
		Caught: []string{layerGraph, layerInterleavings, layerSchedules, layerHistories, layerRapid, layerTests},
		Edits: []Edit{{"impl/net.go", `		case n.useCount.CompareAndSwap(use, use-1):
			return nil
		}
	}
}

// Wait blocks`, `		case n.useCount.CompareAndSwap(use, use-1):
			if n.r.mu.Lock(); use == 1 && n.kept {
				n.useCount.Store(freedUse)
				n.kept = false
				delete(n.r.names, n.name)
			}
			n.r.mu.Unlock()
			return nil
		}
	}
}

// Wait blocks`}},
	},
	{
		ID: "H12", Title: "a copy forgets that its own put may be the last",
		Breaks: "QueuedOnce",
		Cfgs:   []string{"netnsBugCopyForgetsQueue"},
		Story:  "a net is put while it is being copied; the copy's own put is the last, and nobody queues the cleanup",
		Caught: []string{layerGraph, layerInterleavings, layerRapid},
		Edits: []Edit{{"impl/copy.go", `	if zero, _, _ := c.other.put(); zero {
		c.point("CopyNetNsQueue") // [R45]
		c.r.queue(c.other)
	}
`, `	c.other.put()
`}},
	},
}
