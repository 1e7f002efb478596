// SPDX-License-Identifier: MIT

package lin

import (
	"slices"

	"example.com/pernet/internal/wire"
)

// Overlap returns how many calls of other clients a call meets on average. The
// worker's cleanups do not count on either side: they wait for locks most of
// their time, so they would make any history look concurrent.
func (m *Met) Overlap() float64 {
	if m.Calls == 0 {
		return 0
	}
	return 2 * float64(m.Meetings) / float64(m.Calls)
}

// overlaps counts within one window; a call and another that never returned meet too.
func (m *Met) overlaps(w *window) {
	isWorker := func(c *call) bool { return c.Client == wire.Worker }
	returns := slices.DeleteFunc(slices.Clone(w.returns), isWorker)
	active, own := 0, map[int64]int{} // all that have not returned yet, and those of each client
	for _, c := range w.calls {
		if isWorker(c) {
			continue
		}
		for len(returns) > 0 && returns[0].Return < c.Call {
			active--
			own[returns[0].Client]--
			returns = returns[1:]
		}
		m.Meetings += active - own[c.Client] // the client's own ended at this instant
		m.Calls++
		active++
		own[c.Client]++
	}
}
