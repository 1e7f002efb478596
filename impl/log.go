// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"log/slog"
	"time"
)

func (r *Registry) logger() *slog.Logger {
	if r.log != nil {
		return r.log
	}
	return slog.Default()
}

// say logs a message with ctx, which is the context of a callback. The handler runs in a
// goroutine of its own, for which the caller waits: neither a panic of the handler nor the
// end of its goroutine gets any further. Neither rtnl nor mu is held.
func (r *Registry) say(ctx context.Context, level slog.Level, message string, attrs ...slog.Attr) {
	if r.silent() {
		return
	}
	said := make(chan struct{})
	go func() {
		defer close(said)
		defer func() { _ = recover() }()
		r.logger().LogAttrs(ctx, level, message, attrs...)
	}()
	<-said
}

func (r *Registry) silent() bool { return r.logger().Handler() == slog.DiscardHandler }

// sayPanic logs the panic of an exit.
//
//go:noinline
func (r *Registry) sayPanic(ctx context.Context, p *PanicError, k kind, o *Ops, n *Net) {
	attrs := []slog.Attr{slog.String("ops", o.Name), slog.String("net", n.Name()), slog.Any("panic", p.Value)}
	if p.Stack != nil {
		attrs = append(attrs, slog.String("stack", string(p.Stack)))
	}
	r.say(ctx, slog.LevelError, "pernet: "+kindNames[k]+" panicked", attrs...)
}

// sayKept logs that a net is kept because of its use count.
func (r *Registry) sayKept(n *Net, use int64) {
	r.say(r.inside, slog.LevelError, "pernet: net is not freed, for it is in use",
		slog.String("net", n.name), slog.Int64("usage", use))
}

// slowly runs f, the callback cb, and logs if it takes longer than the registry's limit.
func (r *Registry) slowly(ctx context.Context, cb Callback, f func()) {
	say := func(message string) {
		r.say(ctx, slog.LevelWarn, message, slog.String("kind", cb.Kind), slog.String("ops", cb.Ops.Name),
			slog.String("net", cb.Net.name), slog.String("call", cb.Call), slog.Duration("for", time.Since(cb.Since)))
	}
	said := make(chan struct{})
	timer := time.AfterFunc(r.slow, func() {
		defer close(said)
		say("pernet: slow callback")
	})
	defer func() {
		if !timer.Stop() {
			<-said
			say("pernet: slow callback has ended")
		}
	}()
	f()
}
