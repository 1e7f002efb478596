// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/pernet/internal/hook"
)

// barriers makes a registry, and a function that starts a barrier and returns when the
// barrier waits. The channel gets what the barrier returns.
func barriers(t *testing.T) (*Registry, func(context.Context) <-chan error) {
	t.Helper()
	waits := make(chan error, 1)
	d := &hook.Hooks{Point: func(p hook.Point) {
		if p.Name == "RcuBarrierEnd" {
			waits <- nil
		}
	}}
	r := made(t, hook.With(bg, d))
	return r, func(ctx context.Context) <-chan error {
		t.Helper()
		result := make(chan error, 1)
		go func() { result <- r.Barrier(ctx) }()
		must(t, soon(t, waits))
		return result
	}
}

// soon receives an error, and fails the test if none comes.
func soon(t *testing.T, result <-chan error) error {
	t.Helper()
	select {
	case err := <-result:
		return err
	case <-time.After(2 * time.Second):
		t.Fatal("the barrier blocks")
		return nil
	}
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

// held defers a callback on n that runs until release is called, or the test ends.
func held(t *testing.T, n *Net) (release func()) {
	t.Helper()
	out := make(chan struct{})
	release = sync.OnceFunc(func() { close(out) })
	t.Cleanup(release)
	must(t, n.Defer(func() { <-out }))
	return release
}

func TestBarrierWaitsForWhatIsPendingOnEveryNet(t *testing.T) {
	r, begin := barriers(t)
	first, second := held(t, r.InitNet()), held(t, copied(t, r, "n"))
	result := begin(bg)
	first()
	blocks(t, result)
	second()
	must(t, soon(t, result))
}

func TestBarrierDoesNotWaitForWhatIsDeferredLater(t *testing.T) {
	r, begin := barriers(t)
	var release []func()
	early := make(chan struct{})
	must(t, r.InitNet().Defer(func() {
		<-early
		release = append(release, held(t, r.InitNet()))
	}))
	result := begin(bg)
	late := held(t, r.InitNet())
	blocks(t, result)
	close(early)
	must(t, soon(t, result))
	late()
	result = begin(bg)
	blocks(t, result) // for what the callback has deferred
	release[0]()
	must(t, soon(t, result))
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
	r, begin := barriers(t)
	release := held(t, r.InitNet())
	result := begin(bg)
	ctx, cancel := context.WithTimeout(bg, 2*time.Second)
	defer cancel()
	must(t, r.RegisterSubsys(ctx, tp.ops("a")))
	wantLists(t, r, "a; init_net")
	must(t, r.InitNet().Defer(func() {})) // no net is refused a callback
	blocks(t, result)
	release()
	must(t, soon(t, result))
	must(t, r.InitNet().Defer(func() {}))
}

func TestBarrierDoesNotWaitForACallThatHoldsTheRegistry(t *testing.T) {
	var tp tape
	r := made(t, bg)
	tp.on("init a init_net", func(context.Context, *Net) error {
		ctx, cancel := context.WithTimeout(bg, 2*time.Second)
		defer cancel()
		return r.Barrier(ctx)
	})
	must(t, r.RegisterSubsys(bg, tp.ops("a")))
}

func TestBarrierOfARegistryThatCloses(t *testing.T) {
	r, begin := barriers(t)
	release := held(t, r.InitNet())
	short, cancel := context.WithTimeout(bg, time.Millisecond)
	defer cancel()
	is(t, r.Close(short), ErrInterrupted)
	is(t, r.RegisterSubsys(bg, &Ops{}), ErrClosed)
	result := begin(bg)
	blocks(t, result)
	release()
	must(t, soon(t, result))
	must(t, r.Close(bg))
	must(t, soon(t, begin(bg))) // closed
}

func TestBarrierFromADeferredCallbackWaitsUntilItsContextEnds(t *testing.T) {
	r := made(t, bg)
	ctx, cancel := context.WithCancel(bg)
	t.Cleanup(cancel)
	result := make(chan error, 1)
	must(t, r.InitNet().Defer(func() { result <- r.Barrier(ctx) }))
	blocks(t, result)
	cancel()
	is(t, soon(t, result), ErrInterrupted)
}

func TestBarrierThatIsInterrupted(t *testing.T) {
	r, begin := barriers(t)
	release := held(t, r.InitNet())
	reason := errors.New("reason")
	ctx, cancel := context.WithCancelCause(bg)
	result := begin(ctx)
	blocks(t, result)
	cancel(reason)
	err := soon(t, result)
	is(t, err, ErrInterrupted)
	is(t, err, context.Canceled)
	is(t, err, reason)
	says(t, err, "pernet: Barrier: interrupted: context canceled: reason: waiting for deferred callback on net \"init_net\" (Defer), running for ")
	is(t, soon(t, begin(ctx)), ErrInterrupted) // it is pending still
	release()
	must(t, soon(t, begin(bg)))
	must(t, soon(t, begin(ctx))) // nothing is pending
}

func TestBarrierRefusesTheContextOfACallback(t *testing.T) {
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
}

// The callback that an interrupted barrier names has not returned.
func TestInterruptedBarrierNamesACallbackThatRuns(t *testing.T) {
	r, begin := barriers(t)
	n := copied(t, r, "n")
	first := held(t, r.InitNet())
	early := begin(bg) // what is deferred from now on is a second batch
	second := held(t, n)
	ctx, cancel := context.WithCancel(bg)
	result := begin(ctx)
	first()
	must(t, soon(t, early))
	blocks(t, result)
	cancel()
	says(t, soon(t, result), `waiting for deferred callback on net "n" (Defer)`)
	second()
}

// TestNetNsBarrierWaitsForTheCleanupThatHoldsTheRegistry: and for no deferred callback, nor for a net that is put
// meanwhile. A copy that comes after it waits behind it.
func TestNetNsBarrierWaitsForTheCleanupThatHoldsTheRegistry(t *testing.T) {
	for name, discipline := range disciplines {
		t.Run(name, func(t *testing.T) {
			var tp tape
			r := made(t, bg, discipline, WithSubsys(tp.ops("a")))
			must(t, r.NetNsBarrier(bg))
			is(t, r.NetNsBarrier(ended), ErrInterrupted)
			release := held(t, r.InitNet())
			n, m := copied(t, r, "n"), copied(t, r, "m")
			inExit, endExit := tp.hang("exit a n")
			defer endExit()
			must(t, n.Put())
			<-inExit
			tp.took()
			barrier := make(chan error, 1)
			go func() { barrier <- r.NetNsBarrier(bg) }()
			queued(t, &r.netMutex, 1)
			must(t, m.Put())
			later := make(chan error, 1)
			go func() {
				_, err := r.Copy(bg, r.InitNet(), "later")
				later <- err
			}()
			queued(t, &r.netMutex, 2)
			tp.want(t, "")
			blocks(t, barrier)
			endExit()
			must(t, soon(t, barrier))
			must(t, <-later)
			tp.want(t, "init a later") // m waits for its cleanup, and the deferred callback runs
			release()
			must(t, m.Wait(bg))
		})
	}
}

func TestStepsOfNetNsBarrier(t *testing.T) {
	for name, want := range map[string]string{"Mutex": "[NetNsBarrier]", "RWSem": "[NetNsBarrier NetNsBarrierEnd]"} {
		var steps []string
		d := &hook.Hooks{Point: func(p hook.Point) { steps = append(steps, p.Name) }}
		r := made(t, hook.With(bg, d), disciplines[name])
		steps = nil
		must(t, r.NetNsBarrier(bg))
		if got := fmt.Sprint(steps); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
