// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"
)

// begun starts a barrier and returns, when it waits, the channel of its result.
func begun(t *testing.T, ctx context.Context, r *Registry) <-chan error {
	t.Helper()
	r.mu.Lock()
	if r.open == nil {
		t.Error("nothing is deferred since the last barrier")
	}
	r.mu.Unlock()
	result := make(chan error, 1)
	go func() { result <- r.Barrier(ctx) }()
	eventually(t, "the barrier begins", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.open == nil
	})
	return result
}

// blocks fails the test if the barrier has returned.
func blocks(t *testing.T, result <-chan error) {
	t.Helper()
	select {
	case err := <-result:
		t.Fatalf("the barrier returned %v", err)
	case <-time.After(5 * time.Millisecond):
	}
}

// held defers a callback on n that runs until the channel is closed.
func held(t *testing.T, n *Net) chan struct{} {
	t.Helper()
	out := make(chan struct{})
	must(t, n.Defer(func() { <-out }))
	return out
}

func TestBarrierWaitsForWhatIsPendingOnEveryNet(t *testing.T) {
	r := made(t, bg)
	first, second := held(t, r.InitNet()), held(t, copied(t, r, "n"))
	result := begun(t, bg, r)
	close(first)
	blocks(t, result)
	close(second)
	must(t, <-result)
}

func TestBarrierDoesNotWaitForWhatIsDeferredLater(t *testing.T) {
	r := made(t, bg)
	deep, early := make(chan struct{}), make(chan struct{})
	must(t, r.InitNet().Defer(func() {
		<-early
		must(t, r.InitNet().Defer(func() { <-deep }))
	}))
	result := begun(t, bg, r)
	late := held(t, r.InitNet())
	blocks(t, result)
	close(early)
	must(t, <-result)
	is(t, r.Barrier(ended), ErrInterrupted) // both later ones are pending
	close(deep)
	close(late)
	must(t, r.Barrier(bg))
}

func TestBarrierAfterUnregisterLeavesNoCallback(t *testing.T) {
	var ran atomic.Int32
	o := &Ops{Name: "a", Exit: func(_ context.Context, n *Net) {
		must(t, n.Defer(func() { time.Sleep(time.Millisecond); ran.Add(1) }))
	}}
	r := made(t, bg, WithSubsys(o))
	copied(t, r, "n")
	must(t, r.UnregisterSubsys(bg, o))
	must(t, r.Barrier(bg))
	if got := ran.Load(); got != 2 {
		t.Errorf("%d of 2 callbacks had run", got)
	}
}

func TestBarrierHoldsNoLock(t *testing.T) {
	var tp tape
	r := made(t, bg)
	out := held(t, r.InitNet())
	result := begun(t, bg, r)
	must(t, r.RegisterSubsys(bg, tp.ops("a")))
	wantLists(t, r, "a; init_net")
	must(t, r.InitNet().Defer(func() {})) // no net is refused a callback
	blocks(t, result)
	close(out)
	must(t, <-result)
	must(t, r.InitNet().Defer(func() {}))
}

func TestBarrierDoesNotWaitForACallThatHoldsTheRegistry(t *testing.T) {
	var tp tape
	r := made(t, bg)
	tp.on("init a init_net", func(ctx context.Context, n *Net) error {
		must(t, n.Defer(func() {}))
		result := make(chan error)
		go func() { result <- r.Barrier(bg) }()
		return <-result
	})
	must(t, r.RegisterSubsys(bg, tp.ops("a")))
}

func TestBarrierOfARegistryThatCloses(t *testing.T) {
	r := made(t, bg)
	out := held(t, r.InitNet())
	short, cancel := context.WithTimeout(bg, time.Millisecond)
	defer cancel()
	is(t, r.Close(short), ErrInterrupted)
	is(t, r.RegisterSubsys(bg, &Ops{}), ErrClosed)
	result := begun(t, bg, r)
	blocks(t, result)
	close(out)
	must(t, <-result)
	must(t, r.Close(bg))
	must(t, r.Barrier(bg)) // closed
}

func TestBarrierFromADeferredCallbackWaitsUntilItsContextEnds(t *testing.T) {
	r := made(t, bg)
	ctx, cancel := context.WithCancel(bg)
	result := make(chan error, 1)
	must(t, r.InitNet().Defer(func() { result <- r.Barrier(ctx) }))
	blocks(t, result)
	cancel()
	is(t, <-result, ErrInterrupted)
	must(t, r.Barrier(bg))
}

func TestBarrierThatIsInterrupted(t *testing.T) {
	r := made(t, bg)
	out := held(t, r.InitNet())
	reason := errors.New("reason")
	ctx, cancel := context.WithCancelCause(bg)
	result := begun(t, ctx, r)
	blocks(t, result)
	cancel(reason)
	err := <-result
	is(t, err, ErrInterrupted)
	is(t, err, context.Canceled)
	is(t, err, reason)
	is(t, r.Barrier(ctx), ErrInterrupted) // it is pending still
	close(out)
	must(t, r.Barrier(bg))
	must(t, r.Barrier(ctx)) // nothing is pending
}

func TestBarrierRefusesItsContext(t *testing.T) {
	var tp tape
	r := made(t, bg)
	o := tp.ops("a")
	inside := func(ctx context.Context, n *Net) error {
		is(t, r.Barrier(ctx), ErrInCallback)
		return nil
	}
	tp.on("init a init_net", inside)
	tp.on("exit a init_net", inside)
	must(t, r.RegisterSubsys(bg, o))
	must(t, r.UnregisterSubsys(bg, o))
	tp.want(t, "init a init_net, exit a init_net")
	var noCtx context.Context
	is(t, r.Barrier(noCtx), ErrInvalid)
}
