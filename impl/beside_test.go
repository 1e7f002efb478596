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

// TestAllMayRunBesideAllElse is for the race detector: what takes no lock for long runs without a pause, while
// ops and nets come and go, and while Close takes all down.
func TestAllMayRunBesideAllElse(t *testing.T) {
	s := newThings("s")
	r, err := New(bg, WithSubsys(s.Ops(), &Ops{Name: "defers", Exit: func(_ context.Context, n *Net) { _ = n.Defer(runtime.Gosched) }}))
	must(t, err)
	ends(t, r)
	var over atomic.Bool
	var beside, deferring sync.WaitGroup
	for _, f := range []func(){
		func() { must(t, r.check()) },
		func() { _, _ = r.Snapshot(bg) },
		func() { _ = r.Barrier(ended) },
		func() {
			for _, cb := range r.Running() {
				_ = cb.String()
			}
		},
		func() {
			if n, err := r.Lookup("n"); err == nil {
				_ = n.Wait(ended)
				_ = n.Put()
			}
		},
		func() {
			for n := range r.Nets() {
				if s.Use(n, func(*thing) {}); r.rw && n.Hold() == nil { // under Mutex, one that is held is kept for ever
					must(t, n.Release())
				}
			}
		},
	} {
		beside.Go(func() {
			for !over.Load() {
				f()
				runtime.Gosched()
			}
		})
	}
	for range 30 {
		o := newThings("o")
		must(t, r.RegisterDevice(bg, o.Ops()))
		n := copied(t, r, "n")
		deferring.Go(func() {
			for !errors.Is(n.Defer(runtime.Gosched), ErrNotFound) {
				runtime.Gosched()
			}
		})
		must(t, r.UnregisterDevice(bg, o.Ops()))
		must(t, n.Put())
		must(t, n.Wait(bg))
	}
	left := copied(t, r, "left")
	deferring.Go(func() {
		for left.Defer(runtime.Gosched) == nil || left.useCount.Load() != freedUse {
			runtime.Gosched()
		}
	})
	if err := r.Close(bg); !errors.As(err, new(*LeakError)) {
		t.Errorf("Close: %v", err)
	}
	over.Store(true)
	beside.Wait()
	deferring.Wait()
}

// TestGoexitLeavesNoBarrierOut: an exit that ends its goroutine is waited for like any other, and so is what it deferred.
func TestGoexitLeavesNoBarrierOut(t *testing.T) {
	var ran atomic.Bool
	exits := func(_ context.Context, n *Net) {
		must(t, n.Defer(func() {
			time.Sleep(10 * time.Millisecond) // so long a call that does not wait is given to show itself
			ran.Store(true)
		}))
		runtime.Goexit()
	}
	o := &Ops{Name: "o", Exit: func(ctx context.Context, n *Net) {
		if n.Name() != "init_net" {
			exits(ctx, n)
		}
	}}
	r := made(t, bg, WithSubsys(o, &Ops{Init: func(_ context.Context, n *Net) error {
		if n.Name() == "fails" {
			return errBoom
		}
		return nil
	}}))
	waited := func(what string) {
		t.Helper()
		if !ran.Swap(false) {
			t.Errorf("%s did not wait for what its exit deferred", what)
		}
	}
	n := copied(t, r, "n")
	must(t, n.Put())
	must(t, n.Wait(bg))
	waited("a cleanup")
	if !goexits(func() { _, _ = r.Copy(bg, r.InitNet(), "fails") }) {
		t.Error("a copy returned")
	}
	waited("a copy that failed")
	if !r.rw {
		return
	}
	p := &Ops{Exit: exits}
	must(t, r.RegisterSubsys(bg, p))
	if !goexits(func() { _ = r.UnregisterSubsys(bg, p) }) {
		t.Error("an unregister returned")
	}
	waited("an unregister")
}

// TestAllocFailIsAskedBesideCopies: what the hook is asked for is looked up under the lock.
func TestAllocFailIsAskedBesideCopies(t *testing.T) {
	var asked atomic.Int64
	r := made(t, hook.With(bg, &hook.Hooks{AllocFail: func() error {
		asked.Add(1)
		time.Sleep(100 * time.Microsecond) // others come so far
		return nil
	}}), WithMaxNetNamespaces(3))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				if n, err := r.Copy(bg, r.InitNet(), "n"); err == nil {
					must(t, n.Put())
				} else if !errors.Is(err, ErrExist) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if asked.Load() == 0 {
		t.Error("no copy found a name that is free")
	}
}

// TestTheListOfNetsIsReadBesideItsChanges is for the race detector: a reader that shares no other lock sees
// the list while a copy, a cleanup and Close change it.
func TestTheListOfNetsIsReadBesideItsChanges(t *testing.T) {
	for range 10 {
		r := made(t, bg)
		var reads atomic.Int64
		var over atomic.Bool
		var reading sync.WaitGroup
		reading.Go(func() {
			for !over.Load() {
				for range r.Nets() {
				}
				reads.Add(1)
				runtime.Gosched()
			}
		})
		read := func() { // the list is read, and again
			for from := reads.Load(); reads.Load() < from+2; {
				runtime.Gosched()
			}
		}
		read()
		n := copied(t, r, "n")
		copied(t, r, "m")
		read()
		must(t, n.Put())
		must(t, n.Wait(bg))
		read()
		_ = r.Close(bg)
		over.Store(true)
		reading.Wait()
	}
}

// TestUseBesideTheInit is for the race detector: the value is whole once Use finds it.
func TestUseBesideTheInit(t *testing.T) {
	r, s := made(t, bg), newThings("s")
	var over atomic.Bool
	var used atomic.Int64
	var using sync.WaitGroup
	using.Go(func() {
		for !over.Load() {
			if s.Use(r.InitNet(), func(v *thing) {
				if !v.is("init_net") {
					t.Error(v)
				}
			}) {
				used.Add(1)
			}
			runtime.Gosched()
		}
	})
	for range 20 {
		from := used.Load()
		must(t, r.RegisterSubsys(bg, s.Ops()))
		for used.Load() == from {
			runtime.Gosched()
		}
		must(t, r.UnregisterSubsys(bg, s.Ops()))
	}
	over.Store(true)
	using.Wait()
}

// TestHoldBesideTheCleanupThatKeepsTheNet is for the race detector, under RWSem.
func TestHoldBesideTheCleanupThatKeepsTheNet(t *testing.T) {
	r := made(t, bg, WithDiscipline(RWSem))
	for range 10 {
		n := copied(t, r, "n")
		must(t, n.Hold())
		var held atomic.Int64
		var holding sync.WaitGroup
		holding.Go(func() {
			for ; n.Hold() == nil; held.Add(1) {
				must(t, n.Release())
			}
		})
		for held.Load() == 0 {
			runtime.Gosched()
		}
		must(t, n.Put())
		eventually(t, "the net is kept", func() bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			return n.kept
		})
		holding.Wait()
		must(t, n.Release())
		must(t, n.Wait(bg))
	}
}

// TestNoRecordIsLost: of walks that begin side by side, each has a record.
func TestNoRecordIsLost(t *testing.T) {
	r := made(t, bg, WithDiscipline(RWSem))
	const walks, each = 4, 200
	var wg sync.WaitGroup
	for range walks {
		wg.Go(func() {
			for range each {
				r.addRecord()
			}
		})
	}
	wg.Wait()
	if got := len(r.records()); got != walks*each {
		t.Errorf("%d records, want %d", got, walks*each)
	}
}
