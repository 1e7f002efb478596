// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"log/slog"

	"example.com/pernet/internal/door"
)

// A call is what one call keeps while it runs: the record that the spec has for
// a thread. A local that is dead is nil, so that a yield point shows live ones only.
type call struct {
	r     *Registry
	op    *operation
	ctx   context.Context // the caller's
	out   context.Context // what exits get; made before the first
	ops   *Ops            // at hand
	net   *Net            // at hand
	other *Net            // the net that a copy is made from, or that a register failed on
	err   error           // the result decided so far

	at      int      // how far a walk of inits has come
	left    int      // how far a walk of exits has come
	trouble *trouble // what only a call that goes wrong has, so that the others stay small; or nil
}

// A trouble is what a call keeps once something goes wrong.
type trouble struct {
	detail string  // for the error: which operand is wrong, or what was waited for
	panics []error // what exits panicked with
	away   bool    // the walk goes on in other goroutines, since an exit ended the caller's
}

// enter refuses a call that may not start.
func (c *call) enter() error {
	switch {
	case !c.r.made():
		return c.refuse(ErrInvalid, "the registry is nil or was not made by New")
	case c.ctx == nil:
		return c.refuse(ErrInvalid, "the context is nil")
	case c.r.insideCallback(c.ctx):
		return c.refuse(ErrInCallback, "the context is that of a callback")
	case c.r.closed.Load():
		return ErrClosed
	}
	return nil
}

// refuse returns err, and keeps the detail for the error that the caller of the registry gets.
func (c *call) refuse(err error, detail string) error {
	c.troubled().detail = detail
	return err
}

func (c *call) troubled() *trouble {
	if c.trouble == nil {
		c.trouble = new(trouble)
	}
	return c.trouble
}

// lock takes netMutex.
func (c *call) lock(row string) error {
	c.pointLock(row)
	if err := c.r.netMutex.lock(c.ctx); err != nil {
		return c.refuse(err, c.r.culprit())
	}
	if c.r.down {
		c.r.netMutex.unlock()
		return ErrClosed
	}
	return nil
}

// result is what the caller gets: c.err with the operands o, n and name, and the panics of exits.
func (c *call) result(o *Ops, n *Net, name string) error {
	if c.err == nil && c.trouble == nil {
		return nil
	}
	t, err := c.troubled(), c.err
	if err != nil {
		err = &Error{Op: c.op.name, Name: name, Ops: o, Net: n, Err: err, detail: t.detail}
	}
	if len(t.panics) == 0 {
		return err
	}
	return errors.Join(append([]error{err}, t.panics...)...)
}

// inits runs the init of the call's ops on nets (register), first to last, until one
// fails. Then c.at is the place of the one that failed, else the end.
//
// A positive return is a failure [H1], and so are a panic and the end of the
// goroutine; after that only deferred functions run after inits.
func (c *call) inits(nets []*Net) {
	r, o, whole := c.r, c.ops, false
	r.running.begin(c.op, false, o, nil)
	defer func() {
		r.running.end()
		if !whole {
			c.initCaught(recover(), o, nets[c.at])
		}
	}()
	ctx, init := c.initContext(len(nets)), c.hookInit("RegisterInit", o) // [R13]
	for i, n := range nets {
		c.at = i
		r.running.atNet(n)
		if err := init(ctx, n); err != nil {
			c.failed(o, n, err)
			whole = true
			return
		}
	}
	c.at, whole = len(nets), true
}

// initsOf runs the inits of the ops of list on the net of the call (setup_net),
// as inits does, but a positive return is no failure. c.err is what the last one that ran returned.
func (c *call) initsOf(list []entry) {
	r, n, whole := c.r, c.net, false
	r.running.begin(c.op, false, nil, n)
	defer func() {
		r.running.end()
		if !whole {
			c.initCaught(recover(), list[c.at].ops, n)
		}
	}()
	ctx, hooked := c.initContext(len(list)), c.hooked()
	for i := range list {
		o := list[i].ops
		init := o.Init
		if init == nil {
			continue
		}
		if hooked {
			init = c.hookInit("SetupNetInit", o) // [R34]
		}
		c.at = i
		r.running.atOps(o)
		if err := init(ctx, n); (err != nil || c.err != nil) && c.failed(o, n, err) {
			whole = true
			return
		}
	}
	c.at, whole = len(list), true
}

// failed sets the result to what the init of o on n returned, and reports whether that ends a set-up.
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
		c.err = &InitError{o, n, &PanicError{v, panicStack()}}
	}
}

// exits runs the exit of the call's ops on nets, first to last, whatever an exit does:
// a panic is logged and kept; when an exit ends its goroutine, the
// rest run in other goroutines before it ends.
func (c *call) exits(row string, nets []*Net) {
	c.left = len(nets)
	c.exitsLeft(row, nets)
}

func (c *call) exitsLeft(row string, nets []*Net) {
	for c.left > 0 {
		c.exitsToPanic(row, nets)
	}
}

// exitsToPanic goes on with the exits of the nets that are left, until one panics.
func (c *call) exitsToPanic(row string, nets []*Net) {
	r, o, whole := c.r, c.ops, false
	r.running.begin(c.op, true, o, nil)
	defer func() {
		r.running.end()
		if !whole {
			c.exitCaught(recover(), o, nets[len(nets)-1-c.left], func(c *call) { c.exitsLeft(row, nets) })
		}
	}()
	ctx, exit, left := c.exitContext(len(nets)), c.hookExit(row, o), c.left
	for i, n := range nets[len(nets)-c.left:] {
		c.left = left - i - 1
		r.running.atNet(n)
		exit(ctx, n)
	}
	whole = true
}

// exitsOf runs the exits of the ops of list on the net of the call, last to
// first. It is the walk of every set-up's undo and of every cleanup, and goes on as exits does.
func (c *call) exitsOf(row string, list []entry) {
	c.left = len(list)
	c.exitsOfLeft(row, list)
}

func (c *call) exitsOfLeft(row string, list []entry) {
	for c.left > 0 {
		c.exitsOfToPanic(row, list)
	}
}

// exitsOfToPanic goes on with the exits of the ops that are left, until one panics.
func (c *call) exitsOfToPanic(row string, list []entry) {
	r, n, whole := c.r, c.net, false
	r.running.begin(c.op, true, nil, n)
	defer func() {
		r.running.end()
		if !whole {
			c.exitCaught(recover(), list[c.left].ops, n, func(c *call) { c.exitsOfLeft(row, list) })
		}
	}()
	ctx, hooked := c.exitContext(len(list)), c.hooked()
	for i := c.left - 1; i >= 0; i-- {
		o := list[i].ops
		exit := o.Exit
		if exit == nil {
			continue
		}
		if hooked {
			exit = c.hookExit(row, o)
		}
		c.left = i
		r.running.atOps(o)
		exit(ctx, n)
	}
	c.left = 0
	whole = true
}

// exitCaught keeps a panic v, after which the walk goes on. Nil: the exit ends its goroutine,
// and only deferred functions run in it; so rest, the walk, goes on in others until it is
// at its end. Each exit that ends such a one costs a goroutine.
func (c *call) exitCaught(v any, o *Ops, n *Net, rest func(*call)) {
	switch {
	case v != nil:
		c.exitPanicked(v, o, n)
	case !c.troubled().away:
		c.trouble.away = true
		d := *c // c stays on its stack
		for !returns(func() { rest(&d) }) {
		}
		c.left, c.trouble.away = d.left, false
	}
}

// returns runs f in a goroutine, and reports whether it returned.
func returns(f func()) bool {
	returned := make(chan bool)
	go func() {
		whole := false
		defer func() { returned <- whole }()
		f()
		whole = true
	}()
	return <-returned
}

func (c *call) exitPanicked(v any, o *Ops, n *Net) {
	t, p := c.troubled(), &PanicError{Value: v}
	attrs := []slog.Attr{slog.String("ops", o.Name), slog.String("net", n.name), slog.Any("panic", v)}
	if len(t.panics) < stacksPerCall {
		p.Stack = panicStack()
		attrs = append(attrs, slog.String("stack", string(p.Stack)))
	}
	c.r.logger().LogAttrs(c.out, slog.LevelError, "pernet: exit panicked", attrs...)
	t.panics = append(t.panics, &Error{Op: "exit", Ops: o, Net: n, Err: p})
}
