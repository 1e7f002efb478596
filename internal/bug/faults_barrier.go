// SPDX-License-Identifier: MIT

package bug

// Faults of the barrier that a module's exit calls, and one of every barrier.
var barrierFaults = []Fault{
	{
		ID: "P41", Title: "the barrier of a module's exit does not wait for the callbacks that are pending",
		Breaks: "BarrierTakesAll",
		Cfgs:   []string{"netnsBugRcuBarrierTakesNone"},
		Story:  "an unregister's exits defer callbacks, the module calls the barrier, and it returns before they have run",
		Caught: []string{layerGraph, layerInterleavings, layerRapid, layerTests},
		Edits: []Edit{{"impl/defer.go", `		c.err = c.rcuBarrier(ctx, "RcuBarrier", "RcuBarrierEnd") // [R71]
`, `		c.point("RcuBarrier")
		c.pointBarrier(ctx, "RcuBarrierEnd", nil)
`}},
	},
	{
		ID: "P42", Title: "the barrier of a module's exit waits for callbacks that are deferred after it began",
		Breaks: "BarrierWaitsForPending",
		Cfgs:   []string{"netnsBugRcuBarrierWaitsForLater"},
		Story:  "a module waits at the barrier, an exit of another one defers a callback, and the barrier waits for that one too",
		Caught: []string{layerGraph, layerTests},
		Edits: []Edit{{"impl/defer.go", `	pending := slices.Clone(r.deferred)
	r.open = nil
`, `	pending := slices.Clone(r.deferred)
	if c.net != nil {
		r.open = nil
	}
`}},
	},
	{
		ID: "P43", Title: "the barrier of a module's exit ends before the newest callbacks that it waits for have run",
		Breaks: "BarrierOutlasts",
		Cfgs:   []string{"netnsBugRcuBarrierEndsEarly"},
		Story:  "two modules leave one after the other, and the second returns when the callbacks of the first have run",
		Caught: []string{layerGraph, layerInterleavings, layerRapid, layerTests},
		Edits: []Edit{{"impl/defer.go", `	c.pointBarrier(ctx, end, pending) // [R36] [R65] [R71]
`, `	if c.net == nil {
		pending = pending[:max(0, len(pending)-1)]
	}
	c.pointBarrier(ctx, end, pending) // [R36] [R65] [R71]
`}},
	},
	{
		ID: "P44", Title: "a barrier ends with the first of the callbacks that it waits for",
		Breaks: "BarrierOutlasts",
		Cfgs:   []string{"netnsBugBarrierEndsAtFirst"},
		Story:  "an unregister's exits defer a callback on each of two nets, and the barrier returns when one of them has run",
		Caught: []string{layerInterleavings, layerTests},
		Edits: []Edit{{"impl/defer.go", `		if b.left--; b.left > 0 {
			return
		}
		close(b.done)
`, `		select {
		case <-b.done:
		default:
			close(b.done)
		}
		if b.left--; b.left > 0 {
			return
		}
`}},
	},
}
