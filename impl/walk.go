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

	list   []entry // a walk: the ops whose callbacks run on net, or
	nets   []*Net  // the nets on which those of ops run
	at     int     // which of them is at hand
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

// inits runs inits: those of the ops of list on the net of the call, or the one
// of the call's ops on nets, first to last, until one fails. Then c.at is the place
// of the one that failed, else the end; c.err is what the last one that ran returned.
//
// With list (setup_net) a positive return is no failure; with nets (register) it is
// [H1]. A panic is a failure in both. An init that ends its goroutine is one too:
// then only deferred functions run after inits.
func (c *call) inits(row string, list []entry, nets []*Net) {
	c.list, c.nets, c.at = list, nets, 0
	c.makeContext()
	ctx, watched, at, whole := c.in, c.r.door.Point != nil, 0, false
	defer func() {
		if c.at = at; !whole {
			c.initCaught(recover())
		}
	}()
	for net := c.net; at < len(list); at++ {
		o := list[at].ops
		if o.Init == nil {
			continue
		}
		if watched {
			c.stopAt(row, o, net)
		}
		err := o.Init(ctx, net)
		if (err != nil || c.err != nil) && c.failed(at, err) {
			break
		}
	}
	for o := c.ops; at < len(nets); at++ {
		if watched {
			c.stopAt(row, o, nets[at])
		}
		if err := o.Init(ctx, nets[at]); err != nil {
			c.failed(at, err)
			break
		}
	}
	whole = true
}

// failed sets the answer to what the init at hand returned, and reports whether that ends a set-up.
func (c *call) failed(at int, err error) bool {
	if err == nil {
		c.err = nil
		return false
	}
	o, n := c.pair(at)
	c.err = &InitError{o, n, err}
	return !errors.As(err, new(door.Positive))
}

// initCaught makes a failure of a panic v. Nil: the init ended its goroutine.
func (c *call) initCaught(v any) {
	c.err = errGoexit
	if v != nil {
		o, n := c.pair(c.at)
		c.err = &InitError{o, n, &PanicError{v, debug.Stack()}}
	}
}

// exits is the one walk of every undo, unregister and cleanup. It runs the exits
// of the ops of list on the net of the call, last to first, or the one of the
// call's ops on nets, first to last. Whatever an exit does, the rest run: a panic is
// logged and kept in c.panics, and if an exit ends its goroutine the rest run while it ends.
func (c *call) exits(row string, list []entry, nets []*Net) {
	c.list, c.nets, c.at = list, nets, 0
	c.makeContext()
	ctx, watched, at, whole := c.in, c.r.door.Point != nil, 0, false
	defer func() {
		if !whole {
			c.exitCaught(recover(), at)
			if list != nil {
				c.exits(row, list[:len(list)-1-at], nil)
			} else {
				c.exits(row, nil, nets[at+1:])
			}
		}
	}()
	for net := c.net; at < len(list); at++ {
		o := list[len(list)-1-at].ops
		if o.Exit == nil {
			continue
		}
		if watched {
			c.stopAt(row, o, net)
		}
		o.Exit(ctx, net)
	}
	for o := c.ops; at < len(nets); at++ {
		if watched {
			c.stopAt(row, o, nets[at])
		}
		o.Exit(ctx, nets[at])
	}
	whole = true
}

// exitCaught keeps a panic v. Nil: the exit ended its goroutine.
func (c *call) exitCaught(v any, at int) {
	if v == nil {
		return
	}
	if c.list != nil {
		at = len(c.list) - 1 - at
	}
	o, n := c.pair(at)
	p := &PanicError{v, debug.Stack()}
	c.r.logger().Error("pernet: exit panicked", "ops", o.Name, "net", n.name, "panic", v, "stack", string(p.Stack))
	c.panics = append(c.panics, fmt.Errorf("pernet: exit of %q on net %q: %w", o.Name, n.name, p))
}

// pair returns the ops and the net at a place of the walk.
func (c *call) pair(at int) (*Ops, *Net) {
	if c.list != nil {
		return c.list[at].ops, c.net
	}
	return c.ops, c.nets[at]
}

// makeContext makes the context for the callbacks of the walk, if there are any.
func (c *call) makeContext() {
	if c.in != nil || c.at == len(c.list)+len(c.nets) {
		return
	}
	c.in = c.r.inside
	if c.ctx != context.Background() {
		c.in = &callbackCtx{c.ctx, c.r}
	}
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
