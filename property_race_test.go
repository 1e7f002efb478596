// SPDX-License-Identifier: MIT

package pernet_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
)

// These tests look for faults between two instructions, without a yield point between them: two
// threads change one count, or a wait is cancelled while the lock is handed over. So they run the
// two at the same time, many times.

// meet calls both functions for each i at about the same time, and returns how
// often both were on a processor then. The one that comes last takes up to so many
// nanoseconds more, another number each time: the other needs a moment to see it.
func meet(rounds, delay int, a, b func(i int)) int {
	var arrived, met atomic.Int64
	var both sync.WaitGroup
	for _, f := range []func(int){a, b} {
		both.Go(func() {
			for i := range rounds {
				all, spins := int64(2*i+2), 0
				if arrived.Add(1) == all {
					wait(i % delay)
				}
				for ; arrived.Load() < all; spins++ {
					if spins > 1000 { // the other one has no processor
						runtime.Gosched()
					}
				}
				if f(i); spins > 0 && spins <= 1000 {
					met.Add(1)
				}
			}
		})
	}
	both.Wait()
	return int(met.Load())
}

// wait takes about that many nanoseconds.
func wait(turns int) {
	x := uint64(turns)
	for range turns {
		x = x*6364136223846793005 + 1
	}
	runtime.KeepAlive(x)
}

// often calls f, which returns how often two threads met, until they have met
// often enough. On a busy machine that is not to be had: then a second will do.
func often(t *testing.T, f func() int) {
	met, start := 0, time.Now()
	for met < 30_000 && time.Since(start) < time.Second && !t.Failed() {
		met += f()
	}
	t.Logf("met %d times", met)
}

// A countTest is what two threads do to one net, and what must come of it.
type countTest struct {
	name  string
	setup func(*impl.Net) error
	a, b  func(*impl.Net) error
	ok    func(a, b bool) bool // of the two answers
	dead  func(a, b bool) bool // whether the count has come to zero
}

// TestPropertyCounts lets two threads change one count, and compares their answers with the
// count. A count of zero does not rise, no count falls below zero, and each net is queued once.
func TestPropertyCounts(t *testing.T) {
	nothing := func(*impl.Net) error { return nil }
	get, put, hold, release := (*impl.Net).Get, (*impl.Net).Put, (*impl.Net).Hold, (*impl.Net).Release
	one := func(a, b bool) bool { return a != b }
	both := func(a, b bool) bool { return a && b }
	never := func(_, _ bool) bool { return false }
	always := func(_, _ bool) bool { return true }
	for _, c := range []countTest{
		{"get against the last put", nothing, get, put, func(_, put bool) bool { return put }, func(get, _ bool) bool { return !get }},
		{"two puts of two", get, put, put, both, always},
		{"two puts of one", nothing, put, put, one, always},
		{"two releases of one", hold, release, release, one, never},
	} {
		t.Run(c.name, func(t *testing.T) { often(t, func() int { return c.run(t, 2_000) }) })
	}
}

func (c countTest) run(t *testing.T, rounds int) int {
	d := &hook.Hooks{Stepped: true}
	r, err := impl.New(hook.With(context.Background(), d), impl.WithLogger(silent))
	if err != nil {
		t.Fatal(err)
	}
	nets := make([]*impl.Net, rounds)
	for i := range nets {
		if nets[i], err = r.Copy(t.Context(), r.InitNet(), ""); err != nil || c.setup(nets[i]) != nil {
			t.Fatal(err)
		}
	}
	a, b := make([]bool, rounds), make([]bool, rounds)
	met := meet(rounds, 200,
		func(i int) { a[i] = c.a(nets[i]) == nil },
		func(i int) { b[i] = c.b(nets[i]) == nil })
	if err := d.Check(); err != nil {
		t.Error(err)
	}
	dead := 0
	for i := range nets {
		if !c.ok(a[i], b[i]) {
			t.Fatalf("round %d: both at once answer %t and %t", i, a[i], b[i])
		}
		if c.dead(a[i], b[i]) {
			dead++
		}
	}
	if did := d.Work(-1); did != dead {
		t.Errorf("%d nets were put down, %d cleaned up", dead, did)
	}
	return met
}

// TestPropertyFreeAgainstHold holds nets while the worker frees them. A hold that succeeds must
// keep the net from being freed.
func TestPropertyFreeAgainstHold(t *testing.T) {
	often(t, func() int { return freeAgainstHold(t, 2_000) })
}

func freeAgainstHold(t *testing.T, rounds int) int {
	var freed []bool // in the order of the puts
	d := &hook.Hooks{Stepped: true, Cleanup: func() func(string, bool) {
		return func(_ string, ok bool) { freed = append(freed, ok) }
	}}
	r, err := impl.New(hook.With(context.Background(), d), impl.WithLogger(silent))
	if err != nil {
		t.Fatal(err)
	}
	nets, held := make([]*impl.Net, rounds), make([]bool, rounds)
	for i := range nets {
		if nets[i], err = r.Copy(t.Context(), r.InitNet(), ""); err != nil || nets[i].Put() != nil {
			t.Fatal(err)
		}
	}
	met := meet(rounds, 200,
		func(int) { d.Work(1) },
		func(i int) {
			wait(i % 997) // at another moment of the cleanup each time
			held[i] = nets[i].Hold() == nil
		})
	for i, n := range nets {
		if freed[i] == held[i] || errors.Is(n.Wait(t.Context()), impl.ErrInUse) != held[i] {
			t.Fatalf("round %d: held %t, freed %t", i, held[i], freed[i])
		}
	}
	return met
}

// TestPropertyCancelledWait cancels a wait for the lock just when the lock is
// handed over. The lock must not be lost.
func TestPropertyCancelledWait(t *testing.T) {
	r, err := impl.New(context.Background(), impl.WithLogger(silent))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		asked := &asking{asked: make(chan struct{})}
		ctx, cancel := context.WithCancel(context.Background())
		asked.Context = ctx
		waited := make(chan error)
		err := r.RegisterSubsys(context.Background(), &impl.Ops{Init: func(context.Context, *impl.Net) error {
			go func() {
				_, err := r.Snapshot(asked)
				waited <- err
			}()
			<-asked.asked
			for range i % 4 {
				runtime.Gosched() // it comes to wait
			}
			cancel()
			return errInit // and the lock is free
		}})
		if !errors.Is(err, errInit) {
			t.Fatal(err)
		}
		if err := <-waited; err != nil && !errors.Is(err, impl.ErrInterrupted) {
			t.Fatal(err)
		}
		if _, err := r.Snapshot(newImpatient()); err != nil {
			t.Fatalf("round %d: no call holds the lock, and it is not free: %v", i, err)
		}
	}
}

// asking is a context that reports when a call first waits for its end.
type asking struct {
	context.Context
	once  sync.Once
	asked chan struct{}
}

func (a *asking) Done() <-chan struct{} {
	a.once.Do(func() { close(a.asked) })
	return a.Context.Done()
}
