// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// queued waits until n goroutines wait for l.
func queued(t *testing.T, l *lock, n int) {
	t.Helper()
	eventually(t, "the lock is waited for", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return len(l.queue) == n
	})
}

func TestLockIsFirstComeFirstServed(t *testing.T) {
	var l lock
	must(t, l.lock(bg))
	const n = 20
	var got []int
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if err := l.lock(bg); err != nil {
				t.Error(err)
			}
			got = append(got, i)
			l.unlock()
		})
		queued(t, &l, i+1)
	}
	l.unlock()
	wg.Wait()
	for i, g := range got {
		if i != g {
			t.Fatalf("served in the order %v", got)
		}
	}
	if len(got) != n || !l.free() {
		t.Errorf("%d served, free %v", len(got), l.free())
	}
}

// The array of the queue stays while there are waiters: it does not keep those that have been served.
func TestLockLetsGoOfAWaiterThatIsServed(t *testing.T) {
	var l lock
	must(t, l.lock(bg))
	first, second := l.ask(false), l.ask(false)
	array := l.queue
	l.unlock()
	<-first.handed
	if array[0] != (waiter{}) || array[1] != second {
		t.Errorf("in the array: %v", array)
	}
	l.unlock()
	l.unlock()
}

func TestLockRefusesAContextThatHasEnded(t *testing.T) {
	var l lock
	err := l.lock(ended)
	is(t, err, ErrInterrupted)
	is(t, err, context.Canceled)
	if !l.free() {
		t.Error("the lock is held")
	}
}

func TestLockWaitCanBeCancelled(t *testing.T) {
	var l lock
	must(t, l.lock(bg))
	why := errors.New("why")
	ctx, cancel := context.WithCancelCause(bg)
	first, second := make(chan error), make(chan error)
	go func() { first <- l.lock(ctx) }()
	queued(t, &l, 1)
	go func() { second <- l.lock(bg) }()
	queued(t, &l, 2)
	cancel(why)
	err := <-first
	is(t, err, ErrInterrupted)
	is(t, err, context.Canceled)
	is(t, err, why)
	queued(t, &l, 1)
	l.unlock()
	must(t, <-second)
	l.unlock()
	if !l.free() {
		t.Error("the lock is held")
	}
}

// A wait that is cancelled just when the lock is handed to it must pass it on.
func TestLockHandedToACancelledWaitIsPassedOn(t *testing.T) {
	passed := 0
	for range 2000 {
		var l lock
		must(t, l.lock(bg))
		ctx, cancel := context.WithCancel(bg)
		got := make(chan error)
		go func() { got <- l.lock(ctx) }()
		queued(t, &l, 1)
		cancel()
		l.unlock()
		err := <-got
		if err == nil {
			l.unlock()
		} else {
			passed++
		}
		if !l.free() {
			t.Fatal("the lock is lost")
		}
	}
	if passed == 0 {
		t.Error("no wait was cancelled")
	}
}

// The same, with the moments fixed: the wait finds itself taken off the queue.
func TestLockHandedAfterTheContextEnded(t *testing.T) {
	var l lock
	must(t, l.lock(bg))
	ctx, cancel := context.WithCancel(bg)
	got := make(chan error)
	go func() { got <- l.lock(ctx) }()
	queued(t, &l, 1)
	l.mu.Lock() // the wait cannot take itself off the queue now
	cancel()
	l.queue = nil // what unlock does when it hands over, but for the wake-up
	l.mu.Unlock()
	is(t, <-got, ErrInterrupted)
	if !l.free() {
		t.Error("the lock was not passed on")
	}
}

func TestWrittenTellsWritersFromReaders(t *testing.T) {
	var l lock
	want := func(written bool) {
		t.Helper()
		if l.written() != written {
			t.Errorf("written is %v in state %d with %d readers", !written, l.state.Load(), l.readers)
		}
	}
	want(false)
	must(t, l.lock(bg))
	want(true)
	reader := l.ask(true)
	want(true) // it waits
	l.unlock()
	<-reader.handed
	want(false)
	writer := l.ask(false)
	want(false)
	l.runlock()
	<-writer.handed
	want(true)
	l.unlock()
	want(false)
}

// A call that asks for the lock and finds it free after all has it.
func TestLockFreedBeforeTheWaitBegins(t *testing.T) {
	var l lock
	if w := l.ask(false); w.handed != nil || l.free() {
		t.Error("the lock is free, or was not taken")
	}
	l.unlock()
	if !l.free() {
		t.Error("the lock is held")
	}
}

func TestLockExcludes(t *testing.T) {
	var l lock
	var wg sync.WaitGroup
	inside, sum := 0, 0
	for i := range 8 {
		wg.Go(func() {
			for j := range 2000 {
				ctx, cancel := context.WithCancel(bg)
				if (i+j)%5 == 0 {
					go cancel()
				}
				if l.lock(ctx) == nil {
					inside++
					if inside != 1 {
						t.Error("two inside")
					}
					sum++
					inside--
					l.unlock()
				}
				cancel()
			}
		})
	}
	wg.Wait()
	if !l.free() || len(l.queue) != 0 || sum < 8*2000*4/5 {
		t.Errorf("free %v, queue %d, sum %d", l.free(), len(l.queue), sum)
	}
}

func TestLockLetsReadersShareAndExcludesWriters(t *testing.T) {
	var l lock
	var wg sync.WaitGroup
	var readers, most, writers atomic.Int32
	sum := 0
	for i := range 8 {
		wg.Go(func() {
			for j := range 1000 {
				ctx, cancel := context.WithCancel(bg)
				if (i+j)%5 == 0 {
					go cancel()
				}
				switch {
				case i < 2 && l.lock(ctx) == nil:
					if writers.Add(1) != 1 || readers.Load() != 0 {
						t.Error("a writer is not alone")
					}
					sum++
					runtime.Gosched()
					writers.Add(-1)
					l.unlock()
				case i >= 2 && l.rlock(ctx) == nil:
					if most.Store(max(most.Load(), readers.Add(1))); writers.Load() != 0 {
						t.Error("a reader beside a writer")
					}
					runtime.Gosched()
					readers.Add(-1)
					l.runlock()
				}
				cancel()
			}
		})
	}
	wg.Wait()
	if !l.free() || len(l.queue) != 0 || sum == 0 || most.Load() < 2 {
		t.Errorf("free %v, queue %d, sum %d, at most %d readers", l.free(), len(l.queue), sum, most.Load())
	}
}

// rlock takes the lock for reading, as acquireRW does.
func (l *lock) rlock(ctx context.Context) error {
	if ctx.Err() != nil {
		return interrupted(ctx)
	}
	if l.tryRLock() {
		return nil
	}
	if w := l.ask(true); w.handed != nil {
		return l.await(ctx, w)
	}
	return nil
}

func TestWaitingWriterBlocksLaterReaders(t *testing.T) {
	var l lock
	must(t, l.rlock(bg))
	must(t, l.rlock(bg))
	ctx, cancel := context.WithCancel(bg)
	got := make(chan string, 3)
	var wg sync.WaitGroup
	wg.Go(func() {
		if l.lock(ctx) != nil {
			got <- "writer leaves"
		}
	})
	queued(t, &l, 1)
	is(t, l.rlock(ended), ErrInterrupted)
	wg.Go(func() { must(t, l.rlock(bg)); got <- "reader" })
	queued(t, &l, 2)
	l.runlock() // another reader still holds it
	queued(t, &l, 2)
	cancel()
	wg.Wait()
	close(got)
	var order []string
	for s := range got {
		order = append(order, s)
	}
	if len(order) != 2 || l.state.Load() != 2 {
		t.Errorf("%v, and %d hold the lock", order, l.state.Load())
	}
	l.runlock()
	l.runlock()
	if !l.free() {
		t.Error("the lock is held")
	}
}
