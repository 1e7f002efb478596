// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"time"
)

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

// initContext returns the context of the inits of a walk: the caller's, marked.
func (c *call) initContext(callbacks int) context.Context {
	if callbacks == 0 || c.plain {
		return c.r.inside
	}
	return &callbackCtx{c.ctx, c.r}
}

// exitContext returns the context of the exits of a walk: the caller's values, marked,
// and never cancelled, so that clean-up is not cut short.
func (c *call) exitContext(callbacks int) context.Context {
	if callbacks == 0 || c.plain {
		return c.r.inside
	}
	return &exitCtx{callbackCtx{c.ctx, c.r}}
}

// An exitCtx is a callbackCtx that never ends: it has the values of the caller's context alone.
type exitCtx struct{ callbackCtx }

func (*exitCtx) Deadline() (deadline time.Time, ok bool) { return }
func (*exitCtx) Done() <-chan struct{}                   { return nil }
func (*exitCtx) Err() error                              { return nil }
