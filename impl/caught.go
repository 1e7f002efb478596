// SPDX-License-Identifier: MIT

package impl

import (
	"context"
)

// initCaught makes a failure of a panic v. Nil: the init ended its goroutine.
func (c *call) initCaught(v any, o *Ops, n *Net) {
	n.clearSlot(o)
	c.err = errGoexit
	if v != nil {
		c.err = &InitError{o, n, &PanicError{v, panicStack()}}
	}
}

// elsewhere runs rest, the walk that is left when an exit ends its goroutine: only deferred
// functions run in that one, so it goes on in others until it is
// at its end. Each exit that ends such a one costs a goroutine.
func (c *call) elsewhere(rest func(*call)) {
	c.trouble.away = true
	d, returned := *c, make(chan bool) // c stays on its stack
	run := func() {
		whole := false
		defer func() { returned <- whole }()
		d.makeRoom()
		rest(&d)
		whole = true
	}
	for whole := false; !whole; whole = <-returned {
		go run()
	}
	c.left, c.trouble.away = d.left, false
}

// makeRoom grows the stack of a new goroutine where panics are to be expected: it
// costs much less now than once callbacks are on the stack.
func (c *call) makeRoom() {
	if len(c.trouble.panics) > 0 {
		growStack(0)
	}
}

//go:noinline
func growStack(at int) byte {
	var room [2 << 10]byte
	return room[at]
}

// exitPanicked keeps a panic, and logs it. Many exits may panic in one call: so it makes
// nothing that no reader wants.
func (c *call) exitPanicked(ctx context.Context, v any, k kind, o *Ops, n *Net) {
	t := c.troubled()
	p := &struct { // one allocation costs less than two
		Error
		PanicError
	}{Error{Op: kindNames[k], Ops: o, Net: n}, PanicError{Value: v}}
	p.Err = &p.PanicError
	if len(t.panics) < stacksPerCall {
		p.Stack = panicStack()
	}
	t.panics = append(t.panics, &p.Error)
	if !c.r.silent() {
		c.r.sayPanic(ctx, &p.PanicError, k, o, n)
	}
}
