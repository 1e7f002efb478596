// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

type ctxKey struct{}

// calls makes every call of r that takes a context but those named in but, and returns the errors by name.
func calls(ctx context.Context, r *Registry, o *Ops, but ...string) map[string]error {
	errs := make(map[string]error)
	for name, call := range map[string]func() error{
		"RegisterSubsys":   func() error { return r.RegisterSubsys(ctx, o) },
		"RegisterDevice":   func() error { return r.RegisterDevice(ctx, o) },
		"UnregisterSubsys": func() error { return r.UnregisterSubsys(ctx, o) },
		"UnregisterDevice": func() error { return r.UnregisterDevice(ctx, o) },
		"Copy":             func() error { _, err := r.Copy(ctx, r.InitNet(), "never"); return err },
		"Snapshot":         func() error { _, err := r.Snapshot(ctx); return err },
		"Wait":             func() error { return r.InitNet().Wait(ctx) },
		"Barrier":          func() error { return r.Barrier(ctx) },
		"NetNsBarrier":     func() error { return r.NetNsBarrier(ctx) },
		"Close":            func() error { return r.Close(ctx) },
	} {
		if !slices.Contains(but, name) {
			errs[name] = call()
		}
	}
	return errs
}

func TestCallsFromACallbackAnswerAtOnce(t *testing.T) {
	var tp tape
	other := made(t, bg) // closed after r
	r := made(t, bg)
	o := tp.ops("never")
	try := func(ctx context.Context, n *Net) error {
		child, cancel := context.WithTimeout(context.WithValue(ctx, ctxKey{}, 1), time.Hour)
		defer cancel()
		for _, ctx := range []context.Context{ctx, child, context.WithoutCancel(child)} {
			for name, err := range calls(ctx, r, o) {
				if !errors.Is(err, ErrInCallback) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		// Another registry may be called, and its callbacks know both.
		in := tp.ops("in")
		in.Init = func(ctx context.Context, n *Net) error {
			is(t, r.RegisterSubsys(ctx, o), ErrInCallback)
			is(t, other.RegisterSubsys(ctx, o), ErrInCallback)
			return nil
		}
		must(t, other.RegisterSubsys(ctx, in))
		must(t, other.UnregisterSubsys(ctx, in))
		// What needs no lock is allowed.
		if n.count.Load() > 0 { // not in a cleanup
			must(t, n.Get())
			must(t, n.Put())
		}
		must(t, n.Hold())
		must(t, n.Release())
		must(t, n.Defer(func() {}))
		if m, err := r.Share(r.InitNet()); err == nil {
			must(t, m.Put())
		} else {
			is(t, err, ErrClosed)
		}
		for range r.Nets() {
		}
		return nil
	}
	a := &Ops{Init: try, Exit: func(ctx context.Context, n *Net) { _ = try(ctx, n) }}
	must(t, r.RegisterSubsys(bg, a))
	n := copied(t, r, "n")
	must(t, n.Put())
	must(t, n.Wait(bg)) // the exits on the worker
	must(t, r.UnregisterSubsys(bg, a))
	must(t, r.RegisterSubsys(context.WithValue(bg, ctxKey{}, 2), a)) // the exits of Close
}

func TestCallbackContextDerivesFromTheCallers(t *testing.T) {
	var tp tape
	r := made(t, bg)
	ctx, cancel := context.WithCancel(context.WithValue(bg, ctxKey{}, "mine"))
	defer cancel()
	tp.on("init a init_net", func(in context.Context, _ *Net) error {
		if in.Value(ctxKey{}) != "mine" {
			t.Error("the caller's values are not there")
		}
		cancel()
		<-in.Done()
		return nil // an init that goes on is not undone
	})
	must(t, r.RegisterSubsys(ctx, tp.ops("a")))
}

// What the context cannot tell: with another one, the call waits for itself until that one ends.
func TestCallFromACallbackWithAnotherContextWaits(t *testing.T) {
	var tp tape
	r := made(t, bg)
	tp.on("init a init_net", func(context.Context, *Net) error {
		ctx, cancel := context.WithTimeout(bg, 10*time.Millisecond)
		defer cancel()
		err := r.RegisterSubsys(ctx, tp.ops("b"))
		is(t, err, ErrInterrupted)
		is(t, err, context.DeadlineExceeded)
		return nil
	})
	must(t, r.RegisterSubsys(bg, tp.ops("a")))
	wantLists(t, r, "a; init_net")
}

func panics(v any) func(context.Context, *Net) error {
	return func(context.Context, *Net) error { panic(v) }
}

func goexit(context.Context, *Net) error {
	runtime.Goexit()
	return nil
}

// panicked checks that err holds a panic with value v, raised in this file.
func panicked(t *testing.T, err error, v any) {
	t.Helper()
	var p *PanicError
	if !errors.As(err, &p) || p.Value != v || !strings.Contains(string(p.Stack), "callback_test.go") {
		t.Errorf("got %v, want a panic with %v and its stack", err, v)
	}
}

func TestPanicInInitIsAFailure(t *testing.T) {
	var tp tape
	r := made(t, bg, WithSubsys(tp.ops("a"), tp.ops("b")))
	copied(t, r, "n")
	tp.took()
	c := tp.ops("c")
	tp.on("init c n", panics(errBoom))
	err := r.RegisterSubsys(bg, c)
	panicked(t, err, errBoom)
	is(t, err, errBoom) // a panic with an error is that error
	tp.want(t, "init c init_net, init c n, exit c init_net")
	wantLists(t, r, "a b; init_net n")
	wellFormed(t, r)

	tp.on("init b m", panics("oops"))
	_, err = r.Copy(bg, r.InitNet(), "m")
	panicked(t, err, "oops")
	var ie *InitError
	if !errors.As(err, &ie) || ie.Ops.Name != "b" || ie.Net.Name() != "m" || !strings.Contains(err.Error(), "oops") {
		t.Errorf("got %v", err)
	}
	tp.want(t, "init a m, init b m, exit a m")
	wantLists(t, r, "a b; init_net n")
	must(t, r.RegisterSubsys(bg, c))
	copied(t, r, "m")
}

func TestPanicInExitStopsNothing(t *testing.T) {
	var tp tape
	var log syncBuffer
	a, b, c := tp.ops("a"), tp.ops("b"), tp.ops("c")
	r := made(t, bg, WithSubsys(a, b, c), logTo(&log))
	t.Cleanup(func() { panicked(t, r.Close(bg), 1) })
	n := copied(t, r, "n")
	tp.took()

	// cleanup: logged
	tp.on("exit c n", panics(1))
	tp.on("exit a n", panics(2))
	must(t, n.Put())
	panicked(t, n.Wait(bg), 1)
	panicked(t, n.Wait(ended), 1) // as often as it is asked
	tp.want(t, "exit c n, exit b n, exit a n")
	for _, want := range []string{"ops=c net=n panic=1", "ops=a net=n panic=2", "callback_test.go"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("not logged: %s", want)
		}
	}
	wantLists(t, r, "a b c; init_net")

	// unregister: logged and returned
	copied(t, r, "n")
	copied(t, r, "m")
	tp.took()
	tp.on("exit b init_net", panics(3))
	tp.on("exit b m", panics(4))
	err := r.UnregisterSubsys(bg, b)
	panicked(t, err, 3)
	if !strings.Contains(err.Error(), `exit of "b" on net "m": panic: 4`) || !strings.Contains(log.String(), "ops=b net=m panic=4") {
		t.Errorf("got %v", err)
	}
	tp.want(t, "exit b init_net, exit b n, exit b m")
	wantLists(t, r, "a c; init_net n m")

	// the undo of a register, and of a copy: returned with the failure
	tp.fail("init b m", errBoom)
	tp.on("exit b init_net", panics(5))
	err = r.RegisterSubsys(bg, b)
	is(t, err, errBoom)
	panicked(t, err, 5)
	tp.want(t, "init b init_net, init b n, init b m, exit b init_net, exit b n")
	tp.fail("init c k", errBoom)
	tp.on("exit a k", panics(6))
	_, err = r.Copy(bg, r.InitNet(), "k")
	is(t, err, errBoom)
	panicked(t, err, 6)
	tp.want(t, "init a k, init c k, exit a k")
	wantLists(t, r, "a c; init_net n m")
	wellFormed(t, r)
}

func TestGoexitInInitUndoesAndEndsTheGoroutine(t *testing.T) {
	var tp tape
	r := made(t, bg, WithSubsys(tp.ops("a"), tp.ops("b")))
	n := copied(t, r, "n")
	tp.took()
	c := tp.ops("c")
	tp.on("init c n", goexit)
	if !goexits(func() { _ = r.RegisterSubsys(bg, c) }) {
		t.Error("register returned")
	}
	tp.want(t, "init c init_net, init c n, exit c init_net")
	wantLists(t, r, "a b; init_net n")
	wellFormed(t, r)

	tp.on("init b m", goexit)
	if !goexits(func() { _, _ = r.Copy(bg, n, "m") }) {
		t.Error("copy returned")
	}
	tp.want(t, "init a m, init b m, exit a m")
	wantLists(t, r, "a b; init_net n")
	wellFormed(t, r)
	if n.count.Load() != 1 {
		t.Errorf("count %d", n.count.Load())
	}
	copied(t, r, "m")
	must(t, r.RegisterSubsys(bg, c))
}

func TestGoexitInExitStopsNothing(t *testing.T) {
	var tp tape
	a, b, c := tp.ops("a"), tp.ops("b"), tp.ops("c")
	r := made(t, bg, WithSubsys(a, b, c))
	n := copied(t, r, "n")
	copied(t, r, "m")
	tp.took()

	// unregister
	tp.on("exit b init_net", goexit)
	tp.on("exit b m", goexit)
	if !goexits(func() { _ = r.UnregisterSubsys(bg, b) }) {
		t.Error("unregister returned")
	}
	tp.want(t, "exit b init_net, exit b n, exit b m")
	wantLists(t, r, "a c; init_net n m")
	wellFormed(t, r)

	// the undo of a register
	tp.fail("init b m", errBoom)
	tp.on("exit b init_net", goexit)
	if !goexits(func() { _ = r.RegisterDevice(bg, b) }) {
		t.Error("register returned")
	}
	tp.want(t, "init b init_net, init b n, init b m, exit b init_net, exit b n")
	wantLists(t, r, "a c; init_net n m")
	wellFormed(t, r)

	// the undo of a copy, with the last reference on the old net and a deferred callback
	ran := make(chan struct{})
	tp.on("init c k", func(_ context.Context, k *Net) error {
		must(t, k.Defer(func() { close(ran) }))
		must(t, n.Put())
		return errBoom
	})
	tp.on("exit a k", goexit)
	tp.on("exit a n", goexit)
	if !goexits(func() { _, _ = r.Copy(bg, n, "k") }) {
		t.Error("copy returned")
	}
	<-ran
	must(t, n.Wait(bg)) // the copy queued its cleanup
	tp.want(t, "init a k, init c k, exit a k, exit c n, exit a n")
	wantLists(t, r, "a c; init_net m")
	wellFormed(t, r)
	copied(t, r, "k")
}

// An exit that ends its goroutine ends that of the call, also behind one that panicked and an ops without an exit.
func TestGoexitBehindAPanicEndsTheCall(t *testing.T) {
	ran := 0
	o := &Ops{Exit: func(_ context.Context, n *Net) {
		switch ran++; n.Name() {
		case "init_net":
			panic("oops")
		case "n":
			runtime.Goexit()
		}
	}}
	r := made(t, bg, WithSubsys(o))
	copied(t, r, "n")
	copied(t, r, "m")
	if !goexits(func() { _ = r.UnregisterSubsys(bg, o) }) || ran != 3 {
		t.Errorf("the unregister returned, or %d exits ran", ran)
	}
	var tp tape
	for _, o := range []*Ops{tp.ops("a"), {}, tp.ops("b"), {}, tp.ops("c")} {
		must(t, r.RegisterSubsys(bg, o))
	}
	tp.fail("init c f", errBoom)
	tp.on("exit b f", panics("oops"))
	tp.on("exit a f", goexit)
	if !goexits(func() { _, _ = r.Copy(bg, r.InitNet(), "f") }) {
		t.Error("the copy returned")
	}
}

// The worker's goroutine ends with the exit; another one goes on with the queue.
func TestGoexitInACleanup(t *testing.T) {
	var tp tape
	r := made(t, bg, WithSubsys(tp.ops("a"), tp.ops("b")))
	n, m, k := copied(t, r, "n"), copied(t, r, "m"), copied(t, r, "k")
	tp.took()
	out := make(chan struct{})
	tp.on("exit b n", func(context.Context, *Net) error {
		<-out
		runtime.Goexit()
		return nil
	})
	tp.on("exit a k", goexit)
	must(t, n.Put())
	must(t, m.Put())
	must(t, k.Put())
	close(out)
	for _, n := range []*Net{n, m, k} {
		must(t, n.Wait(bg))
	}
	tp.want(t, "exit b n, exit a n, exit b m, exit a m, exit b k, exit a k")
	wantLists(t, r, "a b; init_net")
}

func TestGoexitOfASteppedWorker(t *testing.T) {
	var tp tape
	r, d := stepped(t, WithSubsys(tp.ops("a")))
	n, m := copied(t, r, "n"), copied(t, r, "m")
	tp.took()
	tp.on("exit a n", goexit)
	must(t, n.Put())
	must(t, m.Put())
	if !goexits(func() { d.Work(-1) }) {
		t.Error("Work returned")
	}
	tp.want(t, "exit a n")
	gone(t, n)
	if d.Work(-1) != 1 {
		t.Error("the other net was not cleaned up")
	}
	tp.want(t, "exit a m")
}

func TestPanicsWithOddValues(t *testing.T) {
	var tp tape
	r := made(t, bg)
	for _, v := range []any{nil, struct{}{}, "text"} {
		tp.on("init a init_net", panics(v))
		err := r.RegisterSubsys(bg, tp.ops("a"))
		var p *PanicError
		if !errors.As(err, &p) {
			t.Errorf("panic(%v): %v", v, err)
		}
	}
	wantLists(t, r, "; init_net")
}
