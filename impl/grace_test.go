// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/pernet/internal/hook"
)

func TestGracePeriodComesBeforeExits(t *testing.T) {
	var log syncBuffer
	var tp tape
	r := made(t, bg, rwsem, logTo(&log), WithGracePeriod(func() {
		_ = tp.run(bg, "grace", &Net{})
		panic("boom")
	}), WithSubsys(&Ops{PreExit: tp.all("a").PreExit, Exit: tp.ops("a").Exit}))
	n := copied(t, r, "n")
	must(t, n.Put())
	must(t, n.Wait(bg))
	tp.want(t, "pre_exit a n, grace , exit a n")
	if !strings.Contains(log.String(), "grace period panicked") {
		t.Errorf("log: %s", log.String())
	}
}

// The registry's own readers have left when the hook of the grace period is called.
func TestGracePeriodIsWaitedForAfterTheReaders(t *testing.T) {
	var called atomic.Bool
	began := make(chan struct{}, 2)
	s := NewSlot("s", func(context.Context, *Net) (int, error) { return 1, nil }, nil)
	r := made(t, bg, rwsem, WithGracePeriod(func() { called.Store(true) }), WithSubsys(s.Ops(), &Ops{
		PreExit: func(context.Context, *Net) { began <- struct{}{} },
	}))
	n := copied(t, r, "n")
	s.Use(n, func(int) {
		must(t, n.Put())
		<-began
		time.Sleep(20 * time.Millisecond)
		if called.Load() {
			t.Error("it is called while a reader is inside")
		}
	})
	must(t, n.Wait(bg))
	if !called.Load() {
		t.Error("it is not called")
	}
}

// A reader that is inside when an undo begins keeps its exits waiting; one that comes later does not.
func TestLookupIsAReader(t *testing.T) {
	var got []string
	d := &hook.Hooks{Stepped: true}
	r := made(t, hook.With(bg, d), rwsem)
	n := copied(t, r, "n")
	r.hooks.Point = func(p hook.Point) {
		got = append(got, p.Name)
		if p.Name == "MaybeGetNet" {
			epochs := r.readers.inside()
			if len(epochs) != 1 || epochs[0].empty() {
				t.Errorf("nobody is inside: %v", epochs)
			}
		}
	}
	_, err := r.Lookup("n")
	must(t, err)
	_, err = r.Lookup("none")
	is(t, err, ErrNotFound)
	if s := strings.Join(got, " "); s != "RcuWalk MaybeGetNet RcuWalk" {
		t.Errorf("steps: %s", s)
	}
	if len(r.readers.inside()) != 0 {
		t.Error("a reader is still inside")
	}
	r.hooks.Point = nil
	must(t, n.Put())
}

// The name of a net stays in use after the unlink, and the grace period waits for no reader that comes then.
func TestLookupFindsNoNetThatIsUnlinked(t *testing.T) {
	d := &hook.Hooks{Stepped: true}
	r := made(t, hook.With(bg, d), rwsem)
	n := copied(t, r, "n")
	must(t, n.Put())
	var got []string
	r.hooks.Point = func(p hook.Point) {
		got = append(got, p.Name)
		if p.Name == "CleanupNetUnlock" {
			_, err := r.Lookup("n")
			is(t, err, ErrNotFound)
		}
	}
	d.Work(-1)
	r.hooks.Point = nil
	if !slices.Contains(got, "RcuWalk") || slices.Contains(got, "MaybeGetNet") {
		t.Errorf("steps: %v", got)
	}
}

// The readers are those of all values and names: also where the ops that is undone has no value, they keep its exit waiting.
func TestUndoOfAnOpsWithoutAValueWaitsForTheReaders(t *testing.T) {
	var exited atomic.Bool
	began, done := make(chan struct{}), make(chan error)
	s := NewSlot("s", func(context.Context, *Net) (int, error) { return 1, nil }, nil)
	o := &Ops{PreExit: func(context.Context, *Net) { close(began) }, Exit: func(context.Context, *Net) { exited.Store(true) }}
	r := made(t, bg, rwsem, WithSubsys(s.Ops(), o))
	used := s.Use(r.InitNet(), func(int) {
		go func() { done <- r.UnregisterSubsys(bg, o) }()
		<-began
		time.Sleep(20 * time.Millisecond)
		if exited.Load() {
			t.Error("the exit runs while a reader is inside")
		}
	})
	must(t, <-done)
	if !used || !exited.Load() {
		t.Errorf("used: %t, exited: %t", used, exited.Load())
	}
}

func TestRunningShowsAGracePeriod(t *testing.T) {
	in, out := make(chan struct{}), make(chan struct{})
	var once atomic.Bool
	r := made(t, bg, rwsem, WithGracePeriod(func() {
		if !once.Swap(true) {
			close(in)
			<-out
		}
	}))
	n := copied(t, r, "n")
	must(t, n.Put())
	<-in
	oneRuns(t, r, "grace period", "", "n", "cleanup")
	close(out)
	must(t, n.Wait(bg))
	eventually(t, "nothing runs", func() bool { return r.Running() == nil })
}
