// SPDX-License-Identifier: MIT

package lin

import "example.com/pernet/internal/wire"

// An overlap counts how many calls of other clients each call meets. The
// worker's cleanups do not count on either side: they wait for locks most of
// their time, so they would make any history look concurrent.
type overlap struct{ calls, meetings int }

// add counts within one window; a call and another that never returned meet too.
func (o *overlap) add(w *window) {
	active, returned := 0, 0
	for _, c := range w.calls {
		if c.Client == wire.Worker {
			continue
		}
		for returned < len(w.returns) && w.returns[returned].Return < c.Call {
			if w.returns[returned].Client != wire.Worker {
				active--
			}
			returned++
		}
		own := 0 // those of its own client that ended at this instant do not meet it
		for i := returned; i < len(w.returns) && w.returns[i].Return == c.Call; i++ {
			if w.returns[i].Client == c.Client && w.returns[i] != c && w.returns[i].Call <= c.Call && before(w.returns[i], c) {
				own++
			}
		}
		o.meetings += active - own
		o.calls++
		active++
	}
}

// before reports whether the client made call a before call b of the same instant.
func before(a, b *call) bool {
	return a.Call < b.Call || a.Return < b.Return || a.Return == b.Return && a.Number < b.Number
}

// mean returns how many calls of others a call meets on average.
func (o *overlap) mean() float64 {
	if o.calls == 0 {
		return 0
	}
	return 2 * float64(o.meetings) / float64(o.calls)
}
