// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"example.com/pernet/internal/door"
)

// A call is what one call keeps while it runs: the record that the spec has for
// a thread. A local that is dead is nil, so that a yield point shows live ones only.
type call struct {
	r     *Registry
	ctx   context.Context // the caller's
	in    context.Context // what callbacks get; made before the first
	ops   *Ops            // at hand
	net   *Net            // at hand
	other *Net            // the net that a copy is made from, or that a register failed on
	err   error           // the answer decided so far

	at     int     // which place of a walk is at hand
	panics []error // what exits panicked with
}

// enter refuses a call that may not start.
func (c *call) enter() error {
	switch {
	case c.ctx == nil:
		return ErrInvalid
	case c.r.insideCallback(c.ctx):
		return ErrInCallback
	case c.r.closed.Load():
		return ErrClosed
	}
	return nil
}

// lock takes netMutex.
func (c *call) lock(row string) error {
	c.pointLock(row)
	if err := c.r.netMutex.lock(c.ctx); err != nil {
		return err
	}
	if c.r.closed.Load() {
		c.r.netMutex.unlock()
		return ErrClosed
	}
	return nil
}

// result is the answer with the panics of exits joined to it.
func (c *call) result() error {
	if len(c.panics) == 0 {
		return c.err
	}
	return errors.Join(append([]error{c.err}, c.panics...)...)
}

// inits runs the init of the call's ops on nets (register), first to last, until one
// fails. Then c.at is the place of the one that failed, else the end.
//
// A positive return is a failure [H1], and so are a panic and the end of the
// goroutine; after that only deferred functions run after inits.
func (c *call) inits(nets []*Net) {
	whole := false
	defer func() {
		if !whole {
			c.initCaught(recover(), c.ops, nets[c.at])
		}
	}()
	ctx, init := c.context(len(nets)), c.watchInit("RegisterInit") // [R13]
	for c.at = 0; c.at < len(nets); c.at++ {
		if err := init(ctx, nets[c.at]); err != nil {
			c.failed(c.ops, nets[c.at], err)
			break
		}
	}
	whole = true
}

// initsOf runs the inits of the ops of list on the net of the call (setup_net),
// as inits does, but a positive return is no failure. c.err is what the last one that ran returned.
func (c *call) initsOf(list []entry) {
	whole := false
	defer func() {
		if !whole {
			c.initCaught(recover(), list[c.at].ops, c.net)
		}
	}()
	ctx, n, watched := c.context(len(list)), c.net, c.watched()
	for c.at = 0; c.at < len(list); c.at++ {
		o := list[c.at].ops
		if o.Init == nil {
			continue
		}
		if watched {
			c.stopAt("SetupNetInit", o, n) // [R34]
		}
		if err := o.Init(ctx, n); (err != nil || c.err != nil) && c.failed(o, n, err) {
			break
		}
	}
	whole = true
}

// failed sets the answer to what the init of o on n returned, and reports whether that ends a set-up.
func (c *call) failed(o *Ops, n *Net, err error) bool {
	if err == nil {
		c.err = nil
		return false
	}
	c.err = &InitError{o, n, err}
	return !errors.As(err, new(door.Positive))
}

// initCaught makes a failure of a panic v. Nil: the init ended its goroutine.
func (c *call) initCaught(v any, o *Ops, n *Net) {
	c.err = errGoexit
	if v != nil {
		c.err = &InitError{o, n, &PanicError{v, debug.Stack()}}
	}
}

// exits runs the exit of the call's ops on nets, first to last. Whatever an exit
// does, the rest run: a panic is logged and kept in c.panics, and if an exit
// ends its goroutine the rest run while it ends.
func (c *call) exits(row string, nets []*Net) {
	at, whole := 0, false
	defer func() {
		if !whole {
			c.exitCaught(recover(), c.ops, nets[at])
			c.exits(row, nets[at+1:])
		}
	}()
	ctx, exit := c.context(len(nets)), c.watchExit(row)
	for i, n := range nets {
		at = i
		exit(ctx, n)
	}
	whole = true
}

// exitsOf runs the exits of the ops of list on the net of the call, last to
// first. It is the walk of every set-up's undo and of every cleanup, and goes on as exits does.
func (c *call) exitsOf(row string, list []entry) {
	at, whole := 0, false
	defer func() {
		if !whole {
			c.exitCaught(recover(), list[at].ops, c.net)
			c.exitsOf(row, list[:at])
		}
	}()
	ctx, n, watched := c.context(len(list)), c.net, c.watched()
	for i := len(list) - 1; i >= 0; i-- {
		o := list[i].ops
		exit := o.Exit
		if exit == nil {
			continue
		}
		at = i
		if watched {
			c.stopAt(row, o, n)
		}
		exit(ctx, n)
	}
	whole = true
}

// exitCaught keeps a panic v. Nil: the exit ended its goroutine.
func (c *call) exitCaught(v any, o *Ops, n *Net) {
	if v == nil {
		return
	}
	p := &PanicError{v, debug.Stack()}
	c.r.logger().Error("pernet: exit panicked", "ops", o.Name, "net", n.name, "panic", v, "stack", string(p.Stack))
	c.panics = append(c.panics, fmt.Errorf("pernet: exit of %q on net %q: %w", o.Name, n.name, p))
}

// context returns the context of the callbacks of a walk. It is made before the first walk that has any.
func (c *call) context(callbacks int) context.Context {
	if c.in == nil && callbacks > 0 {
		c.in = c.r.inside
		if c.ctx != context.Background() {
			c.in = &callbackCtx{c.ctx, c.r}
		}
	}
	return c.in
}

// A callbackCtx marks what is called with it as running inside a callback of r.
type callbackCtx struct {
	context.Context
	r *Registry
}

// callbackKey is the key under which a callbackCtx of r is found.
type callbackKey struct{ r *Registry }

// Value finds the mark, and what the caller's context holds.
func (c *callbackCtx) Value(key any) any {
	if key == any(callbackKey{c.r}) {
		return c
	}
	return c.Context.Value(key)
}

func (r *Registry) insideCallback(ctx context.Context) bool {
	return ctx.Value(callbackKey{r}) != nil
}
