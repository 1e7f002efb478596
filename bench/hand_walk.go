// SPDX-License-Identifier: MIT

package bench

import (
	"context"
	"errors"
	"runtime/debug"
)

// initNets runs the init of o on nets, first to last, until one fails or
// panics. It returns how many succeeded.
func initNets(ctx context.Context, o *Ops, nets []*Net) (done int, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{v, debug.Stack()}
		}
	}()
	for ; done < len(nets); done++ {
		if err := o.Init(ctx, nets[done]); err != nil {
			return done, err
		}
	}
	return done, nil
}

// initOps runs the inits of list on n, first to last, until one fails or
// panics. It returns how many succeeded.
func initOps(ctx context.Context, list []entry, n *Net) (done int, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{v, debug.Stack()}
		}
	}()
	for ; done < len(list); done++ {
		if init := list[done].ops.Init; init != nil {
			if err := init(ctx, n); err != nil {
				return done, err
			}
		}
	}
	return done, nil
}

// exitNets runs the exit of o on nets, first to last, all of them even if some
// panic. It returns the panics.
func exitNets(ctx context.Context, o *Ops, nets []*Net) error {
	if o.Exit == nil {
		return nil
	}
	var panics []error
	for at := 0; at < len(nets); {
		var err error
		if at, err = exitNetsToPanic(ctx, o, nets, at); err != nil {
			panics = append(panics, err)
		}
	}
	return errors.Join(panics...)
}

// exitNetsToPanic goes on at the place at, until an exit panics. It returns where to go on.
func exitNetsToPanic(ctx context.Context, o *Ops, nets []*Net, at int) (next int, err error) {
	defer func() {
		if v := recover(); v != nil {
			next, err = at+1, &PanicError{v, debug.Stack()}
		}
	}()
	for ; at < len(nets); at++ {
		o.Exit(ctx, nets[at])
	}
	return at, nil
}

// exitOps runs the exits of list on n, last to first, all of them even if some
// panic. It returns the panics.
func exitOps(ctx context.Context, list []entry, n *Net) error {
	var panics []error
	for at := len(list) - 1; at >= 0; {
		var err error
		if at, err = exitOpsToPanic(ctx, list, n, at); err != nil {
			panics = append(panics, err)
		}
	}
	return errors.Join(panics...)
}

// exitOpsToPanic goes on at the place at, until an exit panics. It returns where to go on.
func exitOpsToPanic(ctx context.Context, list []entry, n *Net, at int) (next int, err error) {
	defer func() {
		if v := recover(); v != nil {
			next, err = at-1, &PanicError{v, debug.Stack()}
		}
	}()
	for ; at >= 0; at-- {
		if exit := list[at].ops.Exit; exit != nil {
			exit(ctx, n)
		}
	}
	return at, nil
}

// allowed refuses a call that may not start.
func (r *Registry) allowed(ctx context.Context) error {
	if ctx == nil {
		return ErrInvalid
	}
	if r.insideCallback(ctx) {
		return ErrInCallback
	}
	if r.closed.Load() {
		return ErrClosed
	}
	return nil
}

// A callbackCtx marks what is called with it as running inside a callback of r.
type callbackCtx struct {
	context.Context
	r *Registry
}

type callbackKey struct{ r *Registry }

// Value finds the mark, and what the caller's context holds.
func (c *callbackCtx) Value(key any) any {
	if key == any(callbackKey{c.r}) {
		return c
	}
	return c.Context.Value(key)
}

func (r *Registry) callback(ctx context.Context) context.Context {
	if ctx == context.Background() {
		return r.inside
	}
	return &callbackCtx{ctx, r}
}

func (r *Registry) insideCallback(ctx context.Context) bool {
	return ctx.Value(callbackKey{r}) != nil
}
