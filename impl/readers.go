// SPDX-License-Identifier: MIT

package impl

import (
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Readers are the calls inside Slot.Use or Lookup. They hold no lock. An undo waits until the readers
// have left that were inside when the wait began (rcu_read_lock and synchronize_rcu).
//
// Readers of one epoch are those that came between two waits. A reader writes to one shard of it,
// and hardly two goroutines to the same one. A reader that finds that its epoch was closed while it
// entered leaves it for the next one: so the readers of a closed epoch become fewer.
type readers struct {
	now    atomic.Pointer[epoch] // nil before the first reader
	mu     sync.Mutex
	closed []*epoch // whose readers may not all have left, oldest first; guarded by mu
}

const shards = 16

type epoch struct {
	shard  [shards]shard
	wanted atomic.Bool   // a grace period waits until it is empty
	left   chan struct{} // gets a value when a reader has left then
}

type shard struct {
	inside atomic.Int64
	epoch  *epoch
	_      [48]byte // a shard has a cache line of its own
}

func newEpoch() *epoch {
	e := &epoch{left: make(chan struct{}, 1)}
	for i := range e.shard {
		e.shard[i].epoch = e
	}
	return e
}

// enter lets a reader in, who calls leave of the result.
func (r *readers) enter() *shard {
	var here byte // its address tells goroutines apart, well enough
	at := (uintptr(unsafe.Pointer(&here)) >> 10) * 0x9e37 >> 8 % shards
	for {
		e := r.now.Load()
		if e == nil {
			r.now.CompareAndSwap(nil, newEpoch())
			e = r.now.Load()
		}
		if s := r.enterEpoch(e, at); s != nil {
			return s
		}
	}
}

// enterEpoch lets a reader into e, unless e was closed meanwhile; then it returns nil.
func (r *readers) enterEpoch(e *epoch, at uintptr) *shard {
	s := &e.shard[at]
	s.inside.Add(1)
	if r.now.Load() != e {
		s.leave()
		return nil
	}
	return s
}

func (s *shard) leave() {
	s.inside.Add(-1)
	if s.epoch.wanted.Load() {
		s.epoch.wake()
	}
}

func (e *epoch) wake() {
	select {
	case e.left <- struct{}{}:
	default:
	}
}

func (e *epoch) empty() bool {
	for i := range e.shard {
		if e.shard[i].inside.Load() != 0 {
			return false
		}
	}
	return true
}

// inside returns epochs that have all readers who are inside now, and no later ones.
func (r *readers) inside() []*epoch {
	e := r.now.Load()
	if e == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e = r.now.Load(); !e.empty() {
		r.now.Store(newEpoch())
		r.closed = append(r.closed, e)
	}
	r.closed = slices.DeleteFunc(r.closed, (*epoch).empty)
	return slices.Clone(r.closed)
}

// await waits until the readers of the epochs have left.
func await(epochs []*epoch) {
	for _, e := range epochs {
		e.await((*epoch).empty)
	}
}

// await waits until no reader of the epoch is inside, as empty finds: tests have another one. A reader that leaves
// after empty has looked must wake the wait, so wanted is set before.
func (e *epoch) await(empty func(*epoch) bool) {
	for e.wanted.Store(true); !empty(e); {
		<-e.left
	}
	e.wake() // another one that waits
}
