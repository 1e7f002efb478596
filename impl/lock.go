// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// States of a lock. It is never free while somebody waits: unlock hands it to
// the first waiter, so nobody can overtake the queue.
const (
	lockFree  = iota
	lockHeld  // nobody has waited since it was taken
	lockQueue // held, and unlock must look at the queue
)

// A lock is a mutex whose wait can be cancelled: one compare-and-swap when
// nobody holds it, else first come, first served. The zero lock is free.
type lock struct {
	state atomic.Int32

	mu    sync.Mutex      // guards queue, and each change of state but free to held and back
	queue []chan struct{} // closed when the lock is handed over
}

// lock takes the lock. If ctx ends before it has it, lock returns an error that
// is ErrInterrupted and the context's error, and leaves the lock as it is.
func (l *lock) lock(ctx context.Context) error {
	if ctx.Err() != nil {
		return interrupted(ctx)
	}
	if l.state.CompareAndSwap(lockFree, lockHeld) {
		return nil
	}
	return l.wait(ctx)
}

func (l *lock) wait(ctx context.Context) error {
	l.mu.Lock()
	if l.state.Swap(lockQueue) == lockFree { // freed since the first look: it is ours
		l.mu.Unlock()
		return nil
	}
	mine := make(chan struct{})
	l.queue = append(l.queue, mine)
	l.mu.Unlock()

	select {
	case <-mine:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
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

// unlock frees the lock, or hands it to the one who has waited longest.
func (l *lock) unlock() {
	if l.state.CompareAndSwap(lockHeld, lockFree) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		l.state.Store(lockFree)
		return
	}
	close(l.queue[0])
	l.queue[0] = nil
	l.queue = l.queue[1:]
}

// free reports whether nobody holds the lock.
func (l *lock) free() bool { return l.state.Load() == lockFree }
