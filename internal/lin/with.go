// SPDX-License-Identifier: MIT

package lin

import (
	"math"
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// How much partner tries: moments and returns over all operations, and configurations at a time.
const (
	partnerSteps = 100_000
	partnerLimit = 1000
)

// partner returns an operation without whose answer the first that does not fit, the
// one of return number good, does: one that it overlaps, or a list or a state. Of several
// it is the one that returned last; nil: there is none.
func partner(w *window, start *search, good int) *call {
	bad := w.returns[good]
	for i, left := good-1, partnerSteps; i >= 0 && left > 0; i-- {
		p := w.returns[i]
		if p.Return < bad.Call && p.Op != wire.List && p.Op != wire.State {
			continue
		}
		s := start.clone()
		s.limit, s.beam = min(s.limit, partnerLimit), min(s.beam, partnerLimit)
		n, err := s.run(w.without(p), good)
		if err == nil && n == good {
			return p
		}
		left -= s.steps + good
	}
	return nil
}

// without returns the window with the call taken as one that never returned. It has
// an owner of its own, so that it may be open while later calls of its client return.
func (w *window) without(c *call) *window {
	never := *c
	never.Never, never.owner = true, math.MinInt64
	out := w.replace(c, &never)
	at := slices.Index(out.returns, &never)
	out.returns = slices.Delete(out.returns, at, at+1)
	return out
}

// holdingNothing returns the window with the copy taken as one of init_net, which can
// do without its reference.
func (w *window) holdingNothing(c *call) *window {
	other := *c
	other.old = model.InitNet
	return w.replace(c, &other)
}

func (w *window) replace(c, by *call) *window {
	out := &window{calls: slices.Clone(w.calls), returns: slices.Clone(w.returns)}
	out.calls[slices.Index(w.calls, c)] = by
	out.returns[slices.Index(w.returns, c)] = by
	return out
}
