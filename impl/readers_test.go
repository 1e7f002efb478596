// SPDX-License-Identifier: MIT

package impl

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestGraceWaitersShareAnEpoch(t *testing.T) {
	var r readers
	if r.inside() != nil {
		t.Error("somebody is inside")
	}
	s := r.enter()
	var wg sync.WaitGroup
	for range 4 {
		inside := r.inside() // here: later is not to be among them
		wg.Go(func() { await(inside) })
	}
	eventually(t, "somebody waits", func() bool {
		return s.epoch.wanted.Load()
	})
	later := r.enter()
	if later.epoch == s.epoch {
		t.Error("a reader enters an epoch that is closed")
	}
	s.leave()
	wg.Wait()
	if got := r.inside(); len(got) != 1 || got[0] != later.epoch {
		t.Errorf("inside: %v", got)
	}
	later.leave()
	if got := r.inside(); len(got) != 0 {
		t.Errorf("inside: %v", got)
	}
}

// What a grace period waits for is its own: a later one, which finds that its readers have left, changes nothing there.
func TestGraceWaitersHaveListsOfTheirOwn(t *testing.T) {
	var r readers
	s := r.enter()
	first := r.inside()
	s.leave()
	if later := r.inside(); len(later) != 0 || first[0] != s.epoch {
		t.Fatalf("inside: %v, and then %v", first, later)
	}
	await(first)
}

// TestNoReaderEntersAClosedEpoch: a reader that found an epoch just before a grace period closed it does not
// stay there, where the grace periods that follow may no longer look.
func TestNoReaderEntersAClosedEpoch(t *testing.T) {
	var r readers
	first := r.enter()
	found := r.now.Load()
	r.inside()
	if r.enterEpoch(found, 0) != nil {
		t.Error("a reader enters an epoch that is closed")
	}
	if first.leave(); !found.empty() {
		t.Error("a reader has stayed in an epoch that is closed")
	}
	if s := r.enter(); s.epoch == found {
		t.Error("a reader enters an epoch that is closed")
	}
}

// What a reader has found stays whole until it leaves, if its owner waits between taking it away and spoiling it.
func TestReadersAreWaitedFor(t *testing.T) {
	var r readers
	var found atomic.Pointer[atomic.Bool]
	found.Store(new(atomic.Bool))
	var done atomic.Bool
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for !done.Load() {
				s := r.enter()
				v := found.Load()
				if runtime.Gosched(); v.Load() {
					t.Error("it is spoilt")
				}
				s.leave()
			}
		})
	}
	for range 200 {
		old := found.Swap(new(atomic.Bool))
		await(r.inside())
		old.Store(true)
	}
	done.Store(true)
	wg.Wait()
	if len(r.inside()) != 0 {
		t.Error("somebody is inside")
	}
}

// TestAReaderThatLeavesAsAWaitBeginsWakesIt: the wait has found it inside, and not begun to listen.
func TestAReaderThatLeavesAsAWaitBeginsWakesIt(t *testing.T) {
	var r readers
	inside := r.enter()
	e := inside.epoch
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.await(func(e *epoch) bool {
			empty := e.empty()
			if inside != nil {
				inside.leave()
				inside = nil
			}
			return empty
		})
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Error("nothing wakes the wait")
		e.wake()
		<-done
	}
}
