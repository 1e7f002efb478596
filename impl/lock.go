// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// States of a lock. It is never free while a goroutine waits: unlock hands it to
// the first waiter, so no other goroutine can overtake the queue.
const (
	lockFree  = iota
	lockHeld  // no goroutine has waited since it was taken
	lockQueue // held, and unlock must look at the queue
)

// A lock is a mutex that serves waiters first come, first served. A context can end a wait. A
// free lock is taken with one compare-and-swap. The zero lock is free.
type lock struct {
	state atomic.Int32

	mu    sync.Mutex      // guards queue, and each change of state but free to held and back
	queue []chan struct{} // closed when the lock is handed over

	watch lockWatch // nil, but for tests that take every interleaving
}

// A lockWatch stops a goroutine on the slow path before each step that another goroutine
// could see. The fast path is one step, and needs no watch.
type lockWatch interface {
	// take takes l.mu.
	take(l *lock, step string)

	// choose is called before a wait ends. It returns nil in place of the channel
	// that must not end the wait.
	choose(handed, done <-chan struct{}) (_, _ <-chan struct{})
}

// take takes mu.
func (l *lock) take(step string) {
	if l.watch != nil {
		l.watch.take(l, step)
		return
	}
	l.mu.Lock()
}

// lock takes the lock. If ctx ends before it has it, lock returns an error that
// is ErrInterrupted and the context's error, and leaves the lock as it is.
func (l *lock) lock(ctx context.Context) error {
	if ctx.Err() != nil {
		return interrupted(ctx)
	}
	if l.tryLock() {
		return nil
	}
	return l.wait(ctx)
}

func (l *lock) wait(ctx context.Context) error {
	l.take("wait")
	if l.state.Swap(lockQueue) == lockFree { // freed since the first look: it is ours
		l.mu.Unlock()
		return nil
	}
	mine := make(chan struct{})
	l.queue = append(l.queue, mine)
	l.mu.Unlock()

	handed, done := (<-chan struct{})(mine), ctx.Done()
	if l.watch != nil {
		handed, done = l.watch.choose(handed, done)
	}
	select {
	case <-handed:
		return nil
	case <-done:
	}
	l.take("leave")
	at := slices.Index(l.queue, mine)
	if at >= 0 {
		l.queue = slices.Delete(l.queue, at, at+1)
	}
	l.mu.Unlock()
	if at < 0 { // it was handed over meanwhile: pass it on
		l.unlock()
	}
	return interrupted(ctx)
}

// unlock frees the lock, or hands it to the goroutine that has waited longest.
func (l *lock) unlock() {
	if !l.state.CompareAndSwap(lockHeld, lockFree) {
		l.handOver()
	}
}

func (l *lock) handOver() {
	l.take("hand over")
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		l.state.Store(lockFree)
		return
	}
	close(l.queue[0])
	l.queue[0] = nil
	l.queue = l.queue[1:]
}

// free reports whether the lock is free.
func (l *lock) free() bool { return l.state.Load() == lockFree }

// tryLock takes the lock if it is free, and reports whether it did.
func (l *lock) tryLock() bool { return l.state.CompareAndSwap(lockFree, lockHeld) }
