// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"slices"

	"example.com/pernet/internal/hook"
)

// A call is what one call keeps while it runs: the record that the spec has for
// a thread. A local that is dead is nil, so that a yield point shows live ones only.
type call struct {
	r     *Registry
	op    *operation
	ctx   context.Context // the caller's
	ops   *Ops            // at hand
	net   *Net            // at hand
	other *Net            // the net that a copy is made from, or that a register failed on
	err   error           // the result decided so far

	read    bool     // netMutex is held to read
	plain   bool     // ctx is context.Background(): it has no values and never ends; false costs only time
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

// enter refuses a call that may not start [W39].
func (c *call) enter() error {
	c.plain = c.ctx == context.Background()
	switch {
	case !c.r.made():
		return c.refuse(ErrInvalid, "the registry is nil or was not made by New")
	case c.ctx == nil:
		return c.refuse(ErrInvalid, "the context is nil")
	case !c.plain && c.r.insideCallback(c.ctx):
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

// refused reports whether refuse decided the result.
func (c *call) refused() bool { return c.trouble != nil && c.trouble.detail != "" }

func (c *call) troubled() *trouble {
	if c.trouble == nil {
		c.trouble = new(trouble)
	}
	return c.trouble
}

// lock takes netMutex.
func (c *call) lock(row string) error {
	if ended, err := c.acquire(row); err != nil {
		return c.refuse(err, c.culprit(ended))
	}
	if c.r.down {
		c.release()
		return ErrClosed
	}
	return nil
}

// result is what the caller gets: c.err with the operands o, n and name, and the panics of exits.
func (c *call) result(o *Ops, n *Net, name string) error {
	if c.err == nil && c.trouble == nil {
		return nil
	}
	return c.failure(o, n, name)
}

func (c *call) failure(o *Ops, n *Net, name string) error {
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
// fails, and undoes the register then: c.at is the place of the one that failed.
//
// A positive return is a failure [H1], and so are a panic and the end of the
// goroutine; after that only deferred functions run, here and after inits.
func (c *call) inits(nets []*Net) {
	r, o, at := c.r, c.ops, 0
	r.running.begin(c.op, anInit, o, nil)
	r.running.timed()
	whole := false
	defer func() {
		r.running.end()
		if c.at = at; !whole {
			c.initCaught(recover(), o, nets[at])
		}
		if c.err != nil {
			c.registerUndo()
		}
	}()
	ctx, init := c.initContext(len(nets)), o.Init
	if c.hooked() {
		init = c.hookOps("RegisterInit", o).Init // [R13] [W63]
	}
	for ; at < len(nets); at++ {
		n := nets[at]
		r.running.at(at)
		err := c.assign(o, n)
		if err == nil {
			err = init(ctx, n)
		}
		if err != nil {
			c.failed(o, n, err)
			break
		}
	}
	whole = true
}

// initsOf runs the inits of the ops of list on the net of the call (setup_net),
// as inits does, but a positive return is no failure. c.err is what the last one that ran returned.
func (c *call) initsOf(list []entry) {
	hooked := list
	if c.hooked() {
		hooked = c.hookList("SetupNetInit", list) // [R34]
	}
	for c.at = 0; ; c.at++ {
		from := c.at
		err := c.initsOfToError(list, hooked)
		switch {
		case err != nil && c.failed(list[c.at].ops, c.net, err):
			return
		case err == nil:
			succeeded := slices.ContainsFunc(list[from:], entry.hasInit)
			if c.r.rw { // an ops without an init succeeds, and a copy looks for negative numbers only
				succeeded = from < len(list) || c.op == opCopy
			}
			if c.err != nil && c.at == len(list) && succeeded {
				c.err = nil // of an init before those that succeeded last
			}
			return
		}
	}
}

func (e entry) hasInit() bool { return e.ops.Init != nil }

func (e entry) hasExit() bool {
	o := e.ops
	return o.Exit != nil || o.PreExit != nil || o.ExitRTNL != nil || o.ExitBatch != nil
}

// initsOfToError goes on with the inits of list[c.at:] until one returns an error, and
// returns that. After a panic or the end of the goroutine, c.err is set and c.at is its place.
func (c *call) initsOfToError(list, hooked []entry) error {
	n, at, running := c.net, c.at, c.record()
	running.begin(c.op, anInit, nil, n)
	running.timed()
	whole := false
	defer func() {
		running.end()
		if c.at = at; !whole {
			c.initCaught(recover(), list[at].ops, n)
		}
	}()
	ctx := c.initContext(len(list))
	for ; at < len(hooked); at++ {
		o := hooked[at].ops
		init := o.Init
		if init == nil {
			continue
		}
		running.at(at)
		err := c.assign(list[at].ops, n)
		if err == nil {
			err = init(ctx, n)
		}
		if err != nil {
			whole = true
			return err
		}
	}
	whole = true
	return nil
}

// failed sets the result to what the init of o on n returned, and reports whether that ends a set-up.
func (c *call) failed(o *Ops, n *Net, err error) bool {
	n.clearSlot(o)
	c.err = &InitError{o, n, err}
	return !errors.As(err, new(hook.Positive))
}

// exits runs the exit of the call's ops on nets, first to last, whatever an exit does:
// a panic is logged and kept; when an exit ends its goroutine, the
// rest run in other goroutines before it ends.
func (c *call) exits(row string, nets []*Net) {
	exit := c.ops.Exit
	if c.hooked() {
		exit = c.hookOps(row, c.ops).Exit
	}
	c.left = len(nets)
	c.exitsLeft(c.exitContext(len(nets)), exit, nets)
}

func (c *call) exitsLeft(ctx context.Context, exit func(context.Context, *Net), nets []*Net) {
	for c.left > 0 {
		c.exitsToPanic(ctx, exit, nets)
	}
}

// exitsToPanic goes on with the exits of the nets that are left, until one panics.
func (c *call) exitsToPanic(ctx context.Context, exit func(context.Context, *Net), nets []*Net) {
	r, o, at := c.r, c.ops, len(nets)-c.left
	r.running.begin(c.op, anExit, o, nil)
	r.running.timed()
	defer func() {
		r.running.end()
		c.left = 0
		if at < len(nets) {
			c.left = len(nets) - 1 - at
			if v := recover(); v != nil {
				c.exitPanicked(ctx, v, anExit, o, nets[at])
				return
			}
			if !c.troubled().away {
				c.elsewhere(func(c *call) { c.exitsLeft(ctx, exit, nets) })
			}
		}
	}()
	for ; at < len(nets); at++ {
		n := nets[at]
		r.running.at(at)
		exit(ctx, n)
	}
}

// exitsOf runs the exits of the ops of list on the net of the call, last to
// first. It is the walk of every set-up's undo and of every cleanup, and goes on as exits does.
func (c *call) exitsOf(row string, list []entry) {
	hooked := list
	if c.hooked() {
		hooked = c.hookList(row, list)
	}
	c.left = len(list)
	c.exitsOfLeft(c.exitContext(len(list)), list, hooked)
}

func (c *call) exitsOfLeft(ctx context.Context, list, hooked []entry) {
	for c.left > 0 {
		c.exitsOfToPanic(ctx, list, hooked)
	}
}

// exitsOfToPanic goes on with the exits of the ops that are left, until one panics.
func (c *call) exitsOfToPanic(ctx context.Context, list, hooked []entry) {
	r, n, at := c.r, c.net, c.left-1
	r.running.begin(c.op, anExit, nil, n)
	r.running.timed()
	defer func() {
		r.running.end()
		c.left = 0
		if at >= 0 {
			c.left = at
			if v := recover(); v != nil {
				c.exitPanicked(ctx, v, anExit, list[at].ops, n)
				return
			}
			if !c.troubled().away {
				c.elsewhere(func(c *call) { c.exitsOfLeft(ctx, list, hooked) })
			}
		}
	}()
	for ; at >= 0; at-- {
		o := hooked[at].ops
		exit := o.Exit
		if exit == nil {
			continue
		}
		r.running.at(at)
		exit(ctx, n)
	}
}
