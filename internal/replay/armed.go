// SPDX-License-Identifier: MIT

package replay

import (
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A pair names one init: that of an ops on a net, whether they exist or not.
type pair struct{ ops, net string }

// armed are the failures that lines have armed.
type armed struct {
	inits  map[pair][]model.Err // for each pair in their order, at least one
	allocs int                  // of allocations
}

func newArmed() armed { return armed{inits: map[pair][]model.Err{}} }

// arm does a fail or a fail_alloc.
func (a *armed) arm(l *wire.Line) {
	if l.Op == wire.FailAlloc {
		a.allocs++
		return
	}
	p := pair{l.Ops, l.Net}
	a.inits[p] = append(a.inits[p], l.Err)
}

// take returns what the callback returns if it is an init, and uses it up; 0 is success.
func (a *armed) take(c wire.Callback) model.Err {
	p := pair{c.Ops, c.Net}
	q := a.inits[p]
	if c.Exit || len(q) == 0 {
		return 0
	}
	if a.inits[p] = q[1:]; len(q) == 1 {
		delete(a.inits, p)
	}
	return q[0]
}

// takeAlloc reports whether an allocation fails, and uses the failure up.
func (a *armed) takeAlloc() bool {
	fails := a.allocs > 0
	if fails {
		a.allocs--
	}
	return fails
}
