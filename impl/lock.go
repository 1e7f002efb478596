// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// States of a lock; above zero it counts the readers that hold it. It is never free while a goroutine
// waits: unlock hands it to the first waiter, so no other goroutine can overtake the queue.
const (
	lockFree  = 0
	lockHeld  = -1 // by a writer; no goroutine has waited since it was taken
	lockQueue = -2 // held: by l.readers, or by a writer if there are none. unlock must look at the queue
)

// A lock is a read-write lock that serves waiters first come, first served: a waiting writer blocks the
// readers behind it. A context can end a wait. A lock that nothing blocks is taken with one
// compare-and-swap. A mutex is the lock taken for writing alone. The zero lock is free.
type lock struct {
	state atomic.Int32

	mu      sync.Mutex // guards what follows, and each change of state to and from lockQueue
	readers int        // that hold it, in state lockQueue
	queue   []waiter

	watch lockWatch // nil, but for tests that take every interleaving
}

// A waiter is a place in the queue.
type waiter struct {
	handed chan struct{} // closed when the lock is handed over
	read   bool
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

// lock takes the lock for writing. If ctx ends before it has it, lock returns an error that
// is ErrInterrupted and the context's error, and leaves the lock as it is.
func (l *lock) lock(ctx context.Context) error {
	if ctx.Err() != nil {
		return interrupted(ctx)
	}
	if l.tryLock() {
		return nil
	}
	if w := l.ask(false); w.handed != nil {
		return l.await(ctx, w)
	}
	return nil
}

// ask takes the lock, or a place in the queue. Without a channel, it is taken.
func (l *lock) ask(read bool) (w waiter) {
	l.take("wait")
	defer l.mu.Unlock()
	state := l.state.Swap(lockQueue)
	if state != lockQueue {
		l.readers = max(int(state), 0)
	}
	w.read = read
	switch {
	case read && state >= lockFree: // freed since the first look: it is ours
		l.state.Store(state + 1)
	case state == lockFree: // likewise
	default:
		w.handed = make(chan struct{})
		l.queue = append(l.queue, w)
	}
	return w
}

// await waits until the lock is handed to w, or until ctx ends.
func (l *lock) await(ctx context.Context, w waiter) error {
	handed, done := (<-chan struct{})(w.handed), ctx.Done()
	if l.watch != nil {
		handed, done = l.watch.choose(handed, done)
	}
	select {
	case <-handed:
		return nil
	case <-done:
	}
	l.take("leave")
	at := slices.Index(l.queue, w)
	if at >= 0 {
		l.queue = slices.Delete(l.queue, at, at+1)
		if l.readers > 0 { // who left may have been the writer that blocked readers
			l.handOver()
		}
	}
	l.mu.Unlock()
	if at < 0 { // it was handed over meanwhile: pass it on
		l.release(w.read)
	}
	return interrupted(ctx)
}

// release frees the lock as its holder took it.
func (l *lock) release(read bool) {
	if read {
		l.runlock()
	} else {
		l.unlock()
	}
}

// unlock frees the lock, or hands it to those that have waited longest.
func (l *lock) unlock() {
	if !l.state.CompareAndSwap(lockHeld, lockFree) {
		l.take("hand over")
		defer l.mu.Unlock()
		l.handOver()
	}
}

// runlock takes a reader away. The last one frees the lock, or hands it over.
func (l *lock) runlock() {
	for {
		state := l.state.Load()
		if state == lockQueue {
			l.take("hand over")
			queue := l.state.Load() == lockQueue // else it is empty again
			if queue {
				if l.readers--; l.readers == 0 {
					l.handOver()
				}
			}
			if l.mu.Unlock(); queue {
				return
			}
		} else if l.state.CompareAndSwap(state, state-1) {
			return
		}
	}
}

// handOver hands the lock to the first waiter, if that is a writer and no reader holds it, or to
// the readers at the head of the queue. mu is held, and no writer holds the lock.
func (l *lock) handOver() {
	for len(l.queue) > 0 && (l.queue[0].read || l.readers == 0) {
		read := l.queue[0].read
		close(l.queue[0].handed)
		l.queue[0] = waiter{}
		l.queue = l.queue[1:]
		if !read {
			return
		}
		l.readers++
	}
	if len(l.queue) == 0 {
		l.state.Store(int32(l.readers))
	}
}

// written reports whether the lock is held for writing. No goroutine may take or release it meanwhile.
func (l *lock) written() bool {
	state := l.state.Load()
	return state == lockHeld || state == lockQueue && l.readers == 0
}

// free reports whether the lock is free.
func (l *lock) free() bool { return l.state.Load() == lockFree }

// tryLock takes the lock for writing if it is free, and reports whether it did.
func (l *lock) tryLock() bool { return l.state.CompareAndSwap(lockFree, lockHeld) }

// tryRLock takes the lock for reading if no writer holds it and none waits, and reports whether it did.
func (l *lock) tryRLock() bool {
	for state := l.state.Load(); state >= lockFree; state = l.state.Load() {
		if l.state.CompareAndSwap(state, state+1) {
			return true
		}
	}
	return false
}
