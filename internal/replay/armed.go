// SPDX-License-Identifier: MIT

package replay

import (
	"cmp"

	"example.com/pernet/impl"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A pair names one init: that of an ops on a net, whether they exist or not.
type pair struct{ ops, net string }

// armed are the failures that lines have armed.
type armed struct {
	inits  map[pair][]model.Err // for each pair in their order, at least one
	allocs []model.Err          // of allocations, in their order: ENOMEM or ENOSPC
}

func newArmed() armed { return armed{inits: map[pair][]model.Err{}} }

// arm does a fail or a fail_alloc.
func (a *armed) arm(l *wire.Line) {
	if l.Op == wire.FailAlloc {
		a.allocs = append(a.allocs, cmp.Or(l.Err, model.ENOMEM))
		return
	}
	p := pair{l.Ops, l.Net}
	a.inits[p] = append(a.inits[p], l.Err)
}

// take returns what the callback returns if it is an init, and uses it up; 0 is success.
func (a *armed) take(c wire.Callback) model.Err {
	p := pair{c.Ops, c.Net}
	q := a.inits[p]
	if c.Exit || c.Deferred || len(q) == 0 {
		return 0
	}
	if a.inits[p] = q[1:]; len(q) == 1 {
		delete(a.inits, p)
	}
	return q[0]
}

// nextAlloc returns how the next allocation fails; 0 is success.
func (a *armed) nextAlloc() model.Err {
	if len(a.allocs) == 0 {
		return 0
	}
	return a.allocs[0]
}

// takeAlloc is nextAlloc for impl, and uses the failure up.
func (a *armed) takeAlloc() error {
	e := a.nextAlloc()
	if e == 0 {
		return nil
	}
	a.allocs = a.allocs[1:]
	if e == model.ENOSPC {
		return impl.ErrQuota
	}
	return impl.ErrNoMemory
}
