// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"log/slog"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestCleanupWaitsForDeferredCallbacks(t *testing.T) {
	var tp tape
	r := made(t, bg, WithSubsys(tp.ops("a")))
	n := copied(t, r, "n")
	out := make(chan struct{})
	var ran atomic.Int32
	slow := func() { <-out; ran.Add(1) }
	must(t, n.Defer(slow))
	tp.on("exit a n", func(_ context.Context, n *Net) error { return n.Defer(slow) })
	must(t, r.InitNet().Defer(slow)) // the barrier waits for the whole registry's
	must(t, n.Put())
	eventually(t, "the barrier begins", func() bool { return sealed(n) })
	wantLists(t, r, "a; init_net") // the lock is free meanwhile
	is(t, n.Defer(func() { t.Error("it ran") }), ErrInvalid)
	must(t, n.Hold()) // not freed yet
	must(t, n.Release())
	ctx, cancel := context.WithCancel(bg)
	cancel()
	is(t, n.Wait(ctx), ErrInterrupted)
	close(out)
	must(t, n.Wait(bg))
	if got := ran.Load(); got != 3 {
		t.Errorf("the net was freed when %d of 3 callbacks had run", got)
	}
	is(t, n.Defer(func() { t.Error("it ran") }), ErrNotFound)
}

func sealed(n *Net) bool {
	n.r.mu.Lock()
	defer n.r.mu.Unlock()
	return n.sealed
}

// A barrier waits for what is pending when it begins, and not for what comes later.
func TestBarrierDoesNotWaitForLaterCallbacks(t *testing.T) {
	r := made(t, bg)
	n, m := copied(t, r, "n"), copied(t, r, "m")
	early, late, deep := make(chan struct{}), make(chan struct{}), make(chan struct{})
	must(t, n.Defer(func() {
		<-early
		// From a deferred callback: allowed, but not on a net whose last barrier has begun.
		is(t, n.Defer(func() { t.Error("it ran") }), ErrInvalid)
		must(t, m.Defer(func() { <-deep }))
	}))
	must(t, n.Put())
	eventually(t, "the barrier begins", func() bool { return sealed(n) })
	must(t, m.Defer(func() { <-late }))
	close(early)
	must(t, n.Wait(bg))
	must(t, m.Put())
	eventually(t, "the second barrier begins", func() bool { return sealed(m) })
	wellFormed(t, r)
	close(late)
	is(t, m.Wait(ended), ErrInterrupted)
	close(deep)
	must(t, m.Wait(bg))
}

func TestFailedSetUpWaitsForDeferredCallbacksWithTheLockHeld(t *testing.T) {
	var tp tape
	r := made(t, bg, WithSubsys(tp.ops("a"), tp.ops("b")))
	out := make(chan struct{})
	var failed atomic.Pointer[Net]
	done := false
	tp.on("init a n", func(_ context.Context, n *Net) error { // before it is listed
		failed.Store(n)
		return n.Defer(func() { <-out; done = true })
	})
	tp.fail("init b n", errBoom)
	answer := make(chan error)
	ctx, cancel := context.WithCancel(bg)
	go func() {
		_, err := r.Copy(ctx, r.InitNet(), "n")
		if !done {
			t.Error("the copy did not wait")
		}
		answer <- err
	}()
	eventually(t, "the barrier begins", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		n := failed.Load()
		return n != nil && n.sealed
	})
	if r.netMutex.free() {
		t.Error("the lock is free during the barrier")
	}
	is(t, failed.Load().Defer(func() { t.Error("it ran") }), ErrInvalid)
	cancel() // it waits all the same
	time.Sleep(5 * time.Millisecond)
	close(out)
	is(t, <-answer, errBoom)
	gone(t, failed.Load())
}

// The barrier of a failed copy is not the last one for its net, which is not freed yet; that of New is.
func TestDeferWhileAFailedSetUpWaitsUnderRWSem(t *testing.T) {
	later := make(chan error, 1)
	barrierBegins := func(r *Registry) bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.open == nil
	}
	o := &Ops{Init: func(_ context.Context, n *Net) error {
		if n.Name() != "n" {
			return nil
		}
		must(t, n.Defer(func() {
			for !barrierBegins(n.r) {
				runtime.Gosched()
			}
			later <- n.Defer(func() {})
		}))
		return errBoom
	}}
	r := made(t, bg, rwsem, WithSubsys(o))
	_, err := r.Copy(bg, r.InitNet(), "n")
	is(t, err, errBoom)
	must(t, <-later)
	_, err = New(bg, rwsem, WithSubsys(o), WithInitName("n"))
	is(t, err, errBoom)
	is(t, <-later, ErrInvalid)
}

func TestDeferredCallbackThatPanicsOrEndsItsGoroutine(t *testing.T) {
	var log syncBuffer
	r := made(t, bg, logTo(&log))
	n := copied(t, r, "n")
	must(t, n.Defer(func() { panic("oops") }))
	must(t, n.Defer(func() { runtime.Goexit() }))
	must(t, n.Put())
	must(t, n.Wait(bg))
	if !strings.Contains(log.String(), "net=n panic=oops") || !strings.Contains(log.String(), "defer_test.go") {
		t.Errorf("log: %s", log.String())
	}
}

// A deferred callback that panicked is over once that is logged: a barrier waits for the handler.
func TestPanicOfADeferredCallbackIsLoggedBeforeItIsOver(t *testing.T) {
	begun, end := make(chan struct{}), make(chan struct{})
	r := made(t, bg, WithLogger(slog.New(handler(func(_ context.Context, m slog.Record) {
		if m.Level == slog.LevelError {
			close(begun)
			<-end
		}
	}))))
	must(t, r.InitNet().Defer(func() { panic("oops") }))
	<-begun
	is(t, r.Barrier(ended), ErrInterrupted)
	close(end)
	must(t, r.Barrier(bg))
}

func TestDeferOfNothing(t *testing.T) {
	is(t, made(t, bg).InitNet().Defer(nil), ErrInvalid)
}

func TestManyDeferredCallbacks(t *testing.T) {
	r := made(t, bg)
	var ran atomic.Int32
	for range 50 {
		n := copied(t, r, "")
		for range 20 {
			must(t, n.Defer(func() { ran.Add(1) }))
		}
		must(t, n.Put())
	}
	must(t, r.Close(bg))
	if got := ran.Load(); got != 1000 {
		t.Errorf("%d ran", got)
	}
	if len(r.deferred) != 0 || r.open != nil {
		t.Error("batches are left")
	}
}
