// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"example.com/pernet/internal/door"
)

func TestCloseTakesDownNewestFirstAndInitNetLast(t *testing.T) {
	var tp tape
	r := made(t, bg, WithSubsys(tp.ops("a")), WithDevice(tp.ops("b")))
	n, m := copied(t, r, "n"), copied(t, r, "m")
	must(t, n.Get())
	must(t, n.Put())
	must(t, n.Put())
	must(t, n.Wait(bg))
	k := copied(t, r, "k")
	ran := false
	must(t, m.Defer(func() { ran = true }))
	tp.took()
	err := r.Close(bg)
	var leak *LeakError
	if !errors.As(err, &leak) || len(leak.Referenced) != 2 || leak.Referenced[0] != k || leak.Referenced[1] != m || leak.Kept != nil {
		t.Errorf("got %v", err)
	}
	if want := "[k m]"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v does not name %s", err, want)
	}
	tp.want(t, "exit b k, exit a k, exit b m, exit a m, exit b init_net, exit a init_net")
	if !ran {
		t.Error("Close did not wait for the deferred callback")
	}
	for _, n := range []*Net{n, m, k, r.InitNet()} {
		gone(t, n)
	}
	for name, err := range calls(bg, r, tp.ops("c")) {
		if want := ErrClosed; !errors.Is(err, want) && !(err == nil && (name == "Close" || name == "Wait")) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
	for n := range r.Nets() {
		t.Errorf("net %s is left", n)
	}
	tp.want(t, "")
}

// TestLeakErrorNamesWhatThereIs: a kind of leak that there was none of is not spoken of.
func TestLeakErrorNamesWhatThereIs(t *testing.T) {
	n, m := []*Net{{name: "n"}}, []*Net{{name: "m"}}
	for want, e := range map[string]*LeakError{
		"pernet: closed with nets still referenced [n]":                                      {Referenced: n},
		"pernet: closed with nets kept by their use count [m]":                               {Kept: m},
		"pernet: closed with nets still referenced [n] and nets kept by their use count [m]": {n, m},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestCloseWithoutLeaks(t *testing.T) {
	var tp tape
	r := made(t, bg, WithSubsys(tp.ops("a")))
	must(t, r.InitNet().Get())
	must(t, r.InitNet().Put())
	n := copied(t, r, "n")
	must(t, n.Put())
	tp.took()
	must(t, r.Close(bg))
	tp.want(t, "exit a n, exit a init_net")
	must(t, r.Close(bg))
	must(t, r.Close(bg))
	tp.want(t, "")
}

func TestCloseReportsInitNetOnlyIfSomebodyElseHasIt(t *testing.T) {
	r := made(t, bg)
	must(t, r.InitNet().Get())
	var leak *LeakError
	if err := r.Close(bg); !errors.As(err, &leak) || len(leak.Referenced) != 1 || leak.Referenced[0] != r.InitNet() {
		t.Errorf("got %v", err)
	}
}

func TestCloseKeepsNetsInUse(t *testing.T) {
	r := made(t, bg)
	n := copied(t, r, "n")
	must(t, n.Hold())
	must(t, r.InitNet().Hold())
	var leak *LeakError
	if err := r.Close(bg); !errors.As(err, &leak) || len(leak.Kept) != 2 || leak.Kept[0] != n || len(leak.Referenced) != 1 {
		t.Errorf("got %v", err)
	}
	is(t, n.Wait(bg), ErrInUse)
	is(t, n.Get(), ErrNotFound)
	is(t, n.Put(), ErrInvalid)
	must(t, n.Release())
}

func TestCloseOfASteppedRegistryRunsQueuedCleanups(t *testing.T) {
	var tp tape
	r, d := stepped(t, WithSubsys(tp.ops("a")))
	n, m, k := copied(t, r, "n"), copied(t, r, "m"), copied(t, r, "k")
	must(t, m.Put())
	must(t, n.Put())
	tp.took()
	var leak *LeakError
	if err := r.Close(bg); !errors.As(err, &leak) || len(leak.Referenced) != 1 || leak.Referenced[0] != k {
		t.Errorf("got %v", err)
	}
	tp.want(t, "exit a m, exit a n, exit a k, exit a init_net")
	if d.Work(-1) != 0 {
		t.Error("cleanups are left")
	}
}

func TestCloseWaitsForRunningCallsAndRefusesLaterOnes(t *testing.T) {
	var tp tape
	r := made(t, bg)
	in, out := make(chan struct{}), make(chan struct{})
	tp.on("init a init_net", func(context.Context, *Net) error {
		close(in)
		<-out
		return nil
	})
	var wg sync.WaitGroup
	wg.Go(func() { must(t, r.RegisterSubsys(bg, tp.ops("a"))) })
	<-in
	wg.Go(func() { must(t, r.RegisterSubsys(bg, tp.ops("b"))) })
	queued(t, &r.netMutex, 1)
	wg.Go(func() { must(t, r.Close(bg)) })
	queued(t, &r.netMutex, 2)
	o := tp.ops("c")
	later := []func() error{
		func() error { return r.RegisterSubsys(bg, o) },
		func() error { return r.UnregisterSubsys(bg, o) },
		func() error { _, err := r.Copy(bg, r.InitNet(), "n"); return err },
		func() error { _, err := r.Snapshot(bg); return err },
	}
	for i, call := range later {
		wg.Go(func() { is(t, call(), ErrClosed) })
		queued(t, &r.netMutex, 3+i)
	}
	close(out)
	wg.Wait()
	tp.want(t, "init a init_net, init b init_net, exit b init_net, exit a init_net")
}

func TestCloseThatIsInterruptedGoesOnLater(t *testing.T) {
	var tp tape
	r := made(t, bg, WithSubsys(tp.ops("a")))
	n, m, k := copied(t, r, "n"), copied(t, r, "m"), copied(t, r, "k")
	is(t, r.Close(ended), ErrInterrupted)
	must(t, r.RegisterSubsys(bg, tp.ops("b"))) // it never began
	tp.took()

	// while a cleanup runs
	out := make(chan struct{})
	tp.on("exit b n", func(context.Context, *Net) error { <-out; return nil })
	must(t, n.Put())
	eventually(t, "the exit runs", func() bool { return tp.took() != "" })
	interrupted := func(what string, cancelWhen func() bool) {
		t.Helper()
		ctx, cancel := context.WithCancel(bg)
		answer := make(chan error)
		go func() { answer <- r.Close(ctx) }()
		eventually(t, what, cancelWhen)
		cancel()
		err := <-answer
		is(t, err, ErrInterrupted)
		is(t, err, context.Canceled)
		if !strings.Contains(err.Error(), what) {
			t.Errorf("%v does not say %q", err, what)
		}
	}
	awaits := func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.changed != nil
	}
	waiters := func(n int) func() bool {
		return func() bool {
			r.netMutex.mu.Lock()
			defer r.netMutex.mu.Unlock()
			return len(r.netMutex.queue) == n
		}
	}
	interrupted("calls are running", waiters(1))
	close(out)
	must(t, n.Wait(bg))

	// while the worker waits for a deferred callback
	out = make(chan struct{})
	must(t, m.Defer(func() { <-out }))
	must(t, m.Put())
	eventually(t, "the barrier begins", func() bool { return sealed(m) })
	interrupted("queued cleanups", awaits)
	is(t, r.RegisterSubsys(bg, tp.ops("c")), ErrClosed)
	_, err := r.Share(k)
	is(t, err, ErrClosed)
	close(out)
	must(t, m.Wait(bg))
	tp.took()

	// between the nets
	ctx, cancel := context.WithCancel(bg)
	tp.on("exit a k", func(in context.Context, _ *Net) error {
		cancel()
		<-in.Done()
		return nil
	})
	err = r.Close(ctx)
	is(t, err, ErrInterrupted)
	tp.want(t, "exit b k, exit a k")
	is(t, k.Wait(ended), ErrInterrupted) // not freed yet

	// while deferred callbacks run
	out = make(chan struct{})
	must(t, k.Defer(func() { <-out }))
	interrupted("deferred callbacks", func() bool { return sealed(k) && awaits() })
	tp.want(t, "exit b init_net, exit a init_net")
	is(t, k.Defer(func() {}), ErrInvalid)

	// another Close waits for its turn
	first := make(chan error)
	go func() { first <- r.Close(bg) }()
	eventually(t, "Close has begun", func() bool { return !r.closing.free() && awaits() })
	ctx, cancel = context.WithCancel(bg)
	second := make(chan error)
	go func() { second <- r.Close(ctx) }()
	queued(t, &r.closing, 1)
	cancel()
	is(t, <-second, ErrInterrupted)
	go func() { second <- r.Close(bg) }()
	queued(t, &r.closing, 1)
	close(out)
	var leak *LeakError
	if err := <-first; !errors.As(err, &leak) || len(leak.Referenced) != 1 || leak.Referenced[0] != k {
		t.Errorf("got %v", err)
	}
	must(t, <-second)
	tp.want(t, "")
}

// A put that brings the count to zero while Close takes the net down queues nothing.
func TestPutWhileCloseTakesTheNetDown(t *testing.T) {
	var tp tape
	var r *Registry
	queue, queueing := make(chan struct{}), make(chan struct{})
	d := &door.Door{Point: func(p door.Point) {
		if p.Name == "PutNetQueue" && p.Net != "early" {
			queueing <- struct{}{}
			<-queue
		}
	}}
	r = made(t, door.With(bg, d), WithSubsys(tp.ops("a")))
	var wg sync.WaitGroup
	early, late := copied(t, r, "early"), copied(t, r, "late")
	wg.Go(func() { must(t, late.Put()) })
	<-queueing
	tp.took()
	tp.on("exit a early", func(context.Context, *Net) error {
		r.queue(early) // its count is zero by now: what a slow put does
		return nil
	})
	must(t, early.Get())
	var leak *LeakError
	if err := r.Close(bg); !errors.As(err, &leak) || len(leak.Referenced) != 1 || leak.Referenced[0] != early {
		t.Errorf("got %v", err)
	}
	tp.want(t, "exit a late, exit a early, exit a init_net")
	close(queue)
	wg.Wait()
	if r.working || len(r.workQueue) != 0 {
		t.Error("a closed registry has work")
	}
}

func TestPanicAndGoexitInTheExitsOfClose(t *testing.T) {
	var tp tape
	r := made(t, bg, WithSubsys(tp.ops("a"), tp.ops("b")))
	copied(t, r, "n")
	tp.took()
	tp.on("exit b n", goexit)
	tp.on("exit b init_net", panics("oops"))
	if !goexits(func() { _ = r.Close(bg) }) {
		t.Error("Close returned")
	}
	tp.want(t, "exit b n, exit a n")
	err := r.Close(bg)
	panicked(t, err, "oops")
	if !errors.As(err, new(*LeakError)) {
		t.Errorf("got %v", err)
	}
	tp.want(t, "exit b init_net, exit a init_net")
}

func TestCloseOfNothing(t *testing.T) {
	var noCtx context.Context
	is(t, made(t, bg).Close(noCtx), ErrInvalid)
}

// An exit that Close runs cannot get its net any more.
func TestNoGetWhileCloseTakesTheNetDown(t *testing.T) {
	var tp tape
	r, err := New(bg, WithSubsys(tp.ops("a")))
	must(t, err)
	n := copied(t, r, "n")
	tp.on("exit a n", func(context.Context, *Net) error {
		is(t, n.Get(), ErrNotFound)
		return nil
	})
	tp.took()
	if err := r.Close(bg); !errors.As(err, new(*LeakError)) {
		t.Error(err)
	}
	tp.want(t, "exit a n, exit a init_net")
}
