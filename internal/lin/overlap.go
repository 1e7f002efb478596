// SPDX-License-Identifier: MIT

package lin

import (
	"slices"

	"example.com/pernet/internal/wire"
)

// An overlap counts how many calls of other clients each call meets. The
// worker's cleanups do not count on either side: they wait for locks most of
// their time, so they would make any history look concurrent.
type overlap struct{ calls, meetings int }

// add counts within one window; a call and another that never returned meet too.
func (o *overlap) add(w *window) {
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
		o.meetings += active - own[c.Client] // the client's own ended at this instant
		o.calls++
		active++
		own[c.Client]++
	}
}

// mean returns how many calls of others a call meets on average.
func (o *overlap) mean() float64 {
	if o.calls == 0 {
		return 0
	}
	return 2 * float64(o.meetings) / float64(o.calls)
}
