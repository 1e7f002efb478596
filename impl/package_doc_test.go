// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/pernet/internal/hook"
)

// The tests of this file each hold a sentence of the docs that belongs to no single call.

func TestOneCallbackRunsAtATime(t *testing.T) {
	var inside atomic.Int32
	alone := func() {
		if inside.Add(1) != 1 {
			t.Error("two callbacks run")
		}
		runtime.Gosched()
		inside.Add(-1)
	}
	newOps := func() *Ops {
		return &Ops{Init: func(context.Context, *Net) error { alone(); return nil }, Exit: func(context.Context, *Net) { alone() }}
	}
	r := made(t, bg, WithSubsys(newOps()))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			o := newOps()
			for range 20 {
				must(t, r.RegisterDevice(bg, o))
				must(t, copied(t, r, "").Put())
				must(t, r.UnregisterDevice(bg, o))
			}
		})
	}
	wg.Wait()
	must(t, r.Close(bg))
}

// A context that ends during the first callback of a call is seen by its inits, and stops no call.
func TestACallThatHasBegunIsNotStopped(t *testing.T) {
	var tp tape
	r := made(t, bg, WithSubsys(tp.ops("a"), tp.ops("b")))
	copied(t, r, "n")
	copied(t, r, "m")
	c := tp.ops("c")
	endsDuring := func(call, want string, f func(context.Context) error) {
		t.Helper()
		tp.took()
		ctx, cancel := context.WithCancel(bg)
		tp.on(call, func(in context.Context, _ *Net) error {
			cancel()
			if seen := in.Err() != nil; seen != (call[:4] == "init") {
				t.Errorf("%s sees that the context has ended: %v", call, seen)
			}
			return nil
		})
		must(t, f(ctx))
		tp.want(t, want)
	}
	endsDuring("init c init_net", "init c init_net, init c n, init c m", func(ctx context.Context) error { return r.RegisterSubsys(ctx, c) })
	endsDuring("init a k", "init a k, init b k, init c k", func(ctx context.Context) error { _, err := r.Copy(ctx, r.InitNet(), "k"); return err })
	endsDuring("exit c init_net", "exit c init_net, exit c n, exit c m, exit c k", func(ctx context.Context) error { return r.UnregisterSubsys(ctx, c) })
	endsDuring("init c init_net", "init c init_net, init c n, init c m, init c k", func(ctx context.Context) error { return r.RegisterDevice(ctx, c) })
	endsDuring("exit c init_net", "exit c init_net, exit c n, exit c m, exit c k", func(ctx context.Context) error { return r.UnregisterDevice(ctx, c) })
	endsDuring("init a init_net", "init a init_net, init b init_net", func(ctx context.Context) error {
		x, err := New(ctx, WithSubsys(tp.ops("a"), tp.ops("b")))
		t.Cleanup(func() { must(t, x.Close(bg)) })
		return err
	})
}

func TestASecondPutTakesSomebodyElses(t *testing.T) {
	r, d := stepped(t)
	n := copied(t, r, "n")
	must(t, n.Get()) // of somebody else
	must(t, n.Put())
	must(t, n.Put())
	is(t, n.Get(), ErrNotFound)
	if d.Work(-1) != 1 {
		t.Error("the net is not cleaned up")
	}
}

// A callback that hangs blocks no method without a context.
func TestMethodsWithoutAContextBlockOnNoCallback(t *testing.T) {
	var tp tape
	r := made(t, bg, WithSubsys(tp.ops("a")))
	n, m := copied(t, r, "n"), copied(t, r, "m")
	running, end := tp.hang("exit a n")
	must(t, n.Put())
	<-running
	must(t, m.Put()) // the last reference
	allowed(t, r, m)
	allowed(t, r, n)
	if r.InitNet() == nil || m.Name() != "m" || m.String() != "m" {
		t.Error("a name is lost")
	}
	end()
	must(t, n.Wait(bg))
	must(t, m.Wait(bg))
}

// Inits, exits and deferred callbacks call what they may call.
func TestCallbacksMayCallWhatDoesNotBlock(t *testing.T) {
	var r *Registry
	var ran atomic.Int32
	call := func(n *Net) {
		allowed(t, r, n)
		ran.Add(1)
	}
	o := &Ops{Init: func(_ context.Context, n *Net) error { call(n); return nil }, Exit: func(_ context.Context, n *Net) { call(n) }}
	r = made(t, bg)
	must(t, r.RegisterSubsys(bg, o))
	n := copied(t, r, "n")
	must(t, n.Defer(func() { call(n) }))
	must(t, n.Put())
	must(t, n.Wait(bg))
	must(t, r.UnregisterSubsys(bg, o))
	must(t, r.RegisterSubsys(bg, o))
	must(t, r.Close(bg))
	if got := ran.Load(); got != 7 {
		t.Errorf("%d callbacks ran", got)
	}
}

func TestWhatExitsMayNotGet(t *testing.T) {
	var tp tape
	r := made(t, context.WithValue(bg, ctxKey{}, "of New"), WithSubsys(tp.ops("a")))
	n, m := copied(t, r, "n"), copied(t, r, "m")
	refused := func(get, share, lookup error) func(context.Context, *Net) error {
		return func(ctx context.Context, n *Net) error {
			is(t, n.Get(), get)
			_, err := r.Share(n)
			is(t, err, share)
			_, err = r.Lookup(n.Name())
			is(t, err, lookup)
			if ctx.Value(ctxKey{}) != nil {
				t.Error("an exit of a cleanup has values")
			}
			return nil
		}
	}
	tp.on("exit a n", refused(ErrNotFound, ErrNotFound, ErrNotFound))
	must(t, n.Put())
	must(t, n.Wait(context.WithValue(bg, ctxKey{}, "mine")))
	tp.on("exit a m", refused(ErrNotFound, ErrClosed, ErrClosed))
	var leak *LeakError
	if err := r.Close(bg); !errors.As(err, &leak) || leak.Referenced[0] != m {
		t.Errorf("got %v", err)
	}
}

// The context of a callback stays marked after the callback has returned.
func TestTheContextOfACallbackStaysMarked(t *testing.T) {
	r := made(t, bg)
	for _, ctx := range []context.Context{bg, context.WithValue(bg, ctxKey{}, "mine")} {
		var kept []context.Context
		o := &Ops{Init: func(ctx context.Context, _ *Net) error { kept = append(kept, ctx); return nil },
			Exit: func(ctx context.Context, _ *Net) { kept = append(kept, ctx) }}
		must(t, r.RegisterSubsys(ctx, o))
		must(t, r.UnregisterSubsys(ctx, o))
		if len(kept) != 2 {
			t.Fatalf("%d callbacks ran", len(kept))
		}
		for _, ctx := range kept {
			ctx, cancel := context.WithTimeout(ctx, time.Minute)
			for name, err := range calls(ctx, r, o) {
				if !errors.Is(err, ErrInCallback) {
					t.Errorf("%s: %v", name, err)
				}
			}
			cancel()
		}
	}
}

// With a context that is not marked, a call from a callback waits until that context ends: from its
// goroutine, and from another one that the callback waits for. In a deferred callback Wait of its own
// net does.
func TestCallsWithAnotherContextWaitUntilItEnds(t *testing.T) {
	var tp tape
	r := made(t, bg)
	short := func() (context.Context, context.CancelFunc) { return context.WithTimeout(bg, 5*time.Millisecond) }
	wait := func(but ...string) {
		ctx, cancel := short()
		defer cancel()
		for name, err := range calls(ctx, r, &Ops{}, but...) {
			is(t, err, ErrInterrupted)
			if ctx.Err() == nil {
				t.Errorf("%s returned before its context ended", name)
			}
		}
	}
	tp.on("init a init_net", func(context.Context, *Net) error {
		wait("Barrier", "Close")
		var wg sync.WaitGroup
		wg.Go(func() { wait("Barrier", "Close") })
		wg.Wait()
		return nil
	})
	must(t, r.RegisterSubsys(bg, tp.ops("a")))
	n := copied(t, r, "n")
	must(t, n.Defer(func() {
		_ = n.Put()
		ctx, cancel := short()
		defer cancel()
		is(t, n.Wait(ctx), ErrInterrupted)
	}))
	must(t, n.Wait(bg))
	tp.on("init b init_net", func(context.Context, *Net) error {
		ctx, cancel := short()
		defer cancel()
		is(t, r.Close(ctx), ErrInterrupted)
		return nil
	})
	must(t, r.RegisterSubsys(bg, tp.ops("b")))
	must(t, r.Close(bg))
}

// Of several reasons to refuse a call, the first of the docs is returned.
func TestRefusalsComeInOrder(t *testing.T) {
	var inside context.Context
	var noCtx context.Context
	o := &Ops{Init: func(ctx context.Context, _ *Net) error { inside = ctx; return nil }}
	r, other := made(t, bg, WithSubsys(o)), made(t, bg, WithoutNetNS())
	first := r.InitNet()
	copyOf := func(r *Registry, ctx context.Context, from *Net) error {
		_, err := r.Copy(ctx, from, "init_net")
		return err
	}
	is(t, copyOf(r, inside, nil), ErrInCallback)
	is(t, copyOf(r, ended, nil), ErrInvalid)
	is(t, copyOf(other, ended, other.InitNet()), ErrInvalid)
	is(t, r.RegisterSubsys(inside, nil), ErrInCallback)
	is(t, r.RegisterSubsys(ended, nil), ErrInvalid)
	must(t, r.Close(bg))
	must(t, other.Close(bg))
	is(t, copyOf(r, noCtx, first), ErrInvalid)
	is(t, copyOf(r, inside, first), ErrInCallback)
	is(t, copyOf(r, bg, nil), ErrClosed)
	is(t, copyOf(r, ended, first), ErrClosed)
	is(t, copyOf(other, bg, other.InitNet()), ErrClosed)
	_, err := r.Share(nil)
	is(t, err, ErrClosed)
	_, err = r.Lookup("")
	is(t, err, ErrClosed)
	is(t, r.RegisterSubsys(noCtx, o), ErrInvalid)
	is(t, r.RegisterSubsys(inside, o), ErrInCallback)
	is(t, r.RegisterSubsys(bg, nil), ErrClosed)
	is(t, r.Barrier(inside), ErrInCallback)
	is(t, r.Close(inside), ErrInCallback)
	is(t, r.Close(noCtx), ErrInvalid)
	is(t, first.Wait(inside), ErrInCallback)
	is(t, first.Wait(noCtx), ErrInvalid)
}

func TestWaitForAFreedNetReturnsAtOnce(t *testing.T) {
	r := made(t, bg)
	n := copied(t, r, "n")
	must(t, n.Put())
	must(t, n.Wait(bg))
	must(t, r.Close(bg))
	for range 100 {
		must(t, n.Wait(ended))
		must(t, r.InitNet().Wait(ended))
		must(t, r.Barrier(ended))
		must(t, r.Close(ended))
	}
}

// Two ops with the same fields are two, and one may be registered with several registries.
func TestOpsAreKnownByTheirAddress(t *testing.T) {
	var tp tape
	a, again := tp.ops("a"), tp.ops("a")
	r, other := made(t, bg), made(t, bg, WithInitName("other"))
	must(t, r.RegisterSubsys(bg, a))
	must(t, r.RegisterSubsys(bg, again))
	is(t, r.RegisterSubsys(bg, a), ErrExist)
	must(t, other.RegisterDevice(bg, a))
	tp.want(t, "init a init_net, init a init_net, init a other")
	must(t, r.UnregisterSubsys(bg, a))
	wantLists(t, r, "a; init_net")
	wantLists(t, other, "| a; other")
}

func TestLookupDoesNotFindAFirstNetWithoutAName(t *testing.T) {
	r := made(t, bg, WithInitName(""))
	for name, want := range map[string]error{"": ErrInvalid, "init_net": ErrNotFound} {
		if n, err := r.Lookup(name); n != nil || !errors.Is(err, want) {
			t.Errorf("Lookup of %q: %v, %v", name, n, err)
		}
	}
	copied(t, r, "init_net") // no other net has this name
}

func TestUnregisterDoesNotWaitForDeferredCallbacks(t *testing.T) {
	r, begin := barriers(t)
	var release func()
	o := &Ops{Exit: func(_ context.Context, n *Net) { release = held(t, n) }}
	must(t, r.RegisterSubsys(bg, o))
	must(t, r.UnregisterSubsys(bg, o))
	blocks(t, begin(bg)) // it runs still
	release()
}

// A copy that has listed its net and not returned has a reference on both.
func TestCloseCountsACopyThatHasNotReturned(t *testing.T) {
	at, goOn := make(chan struct{}), make(chan struct{})
	r := made(t, hook.With(bg, &hook.Hooks{Point: func(p hook.Point) {
		if p.Name == "CopyNetNsPut" {
			close(at)
			<-goOn
		}
	}}))
	var wg sync.WaitGroup
	wg.Go(func() { copied(t, r, "n") })
	<-at
	var leak *LeakError
	if err := r.Close(bg); !errors.As(err, &leak) || len(leak.Referenced) != 2 || leak.Referenced[1] != r.InitNet() {
		t.Errorf("got %v", err)
	}
	close(goOn)
	wg.Wait()
}

func TestErrorsUnwrapToTheirCause(t *testing.T) {
	panicking := &PanicError{Value: errBoom}
	for _, e := range []struct{ err, cause error }{
		{&Error{Err: errBoom}, errBoom},
		{&InitError{Err: panicking}, panicking},
		{panicking, errBoom},
		{&PanicError{Value: "boom"}, nil},
		{&PanicError{}, nil},
	} {
		if got := errors.Unwrap(e.err); got != e.cause {
			t.Errorf("%#v unwraps to %v", e.err, got)
		}
	}
}

// The error of an exit that panicked names the exit; that of a call holds what the call was given.
func TestErrorsHoldWhatTheyName(t *testing.T) {
	var tp tape
	a := tp.ops("a")
	r := made(t, bg, WithSubsys(a))
	tp.on("exit a init_net", panics("oops"))
	var e *Error
	var p *PanicError
	err := r.UnregisterSubsys(bg, a)
	if !errors.As(err, &e) || e.Op != "exit" || e.Ops != a || e.Net != r.InitNet() || !errors.As(e.Err, &p) || e.Err != error(p) || p.Value != "oops" {
		t.Errorf("got %#v", e)
	}
	_, err = r.Copy(bg, r.InitNet(), "init_net")
	if !errors.As(err, &e) || e.Op != "Copy" || e.Name != "init_net" || e.Net != r.InitNet() || e.Err != ErrExist {
		t.Errorf("got %#v", e)
	}
	_, err = r.Lookup("none")
	if !errors.As(err, &e) || e.Name != "none" || e.Ops != nil || e.Net != nil || e.Err != ErrNotFound {
		t.Errorf("got %#v", e)
	}
}
