// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"example.com/pernet/internal/hook"
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
	if want := `["k" "m"]`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v does not name %s", err, want)
	}
	tp.want(t, "exit b k, exit a k, exit b m, exit a m, exit b init_net, exit a init_net")
	if !ran {
		t.Error("Close did not wait for the deferred callback")
	}
	for _, n := range []*Net{n, m, k, r.InitNet()} {
		gone(t, n)
	}
	for name, err := range calls(bg, r, tp.ops("c"), "Barrier") {
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
		`pernet: closed with nets still referenced ["n"]`:                                        {Referenced: n},
		`pernet: closed with nets kept by their use count ["m"]`:                                 {Kept: m},
		`pernet: closed with nets still referenced ["n"] and nets kept by their use count ["m"]`: {n, m},
		`pernet: closed with nets still referenced ["" "two words" ""]`:                          {Referenced: []*Net{{}, {name: "two words"}, {}}},
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
	tp.took()
	must(t, n.Put())
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

func TestCloseOfASteppedRegistryReturnsAtItsDeadline(t *testing.T) {
	var tp tape
	r, _ := stepped(t, WithSubsys(tp.ops("a")))
	n := copied(t, r, "n")
	_, end := tp.hang("exit a n")
	defer end()
	must(t, n.Put())
	says(t, hungClose(t, r), "waiting for queued cleanups")
}

// The goroutine of a Close says that it waits only where it may: until it says so, an ended Close waits for it.
func TestCloseSaysThatItWaitsOnlyWhereItMay(t *testing.T) {
	r, err := New(bg, WithSubsys(&Ops{Exit: func(context.Context, *Net) {}}))
	must(t, err)
	ends(t, r)
	n := copied(t, r, "n")
	must(t, n.Hold())
	x := &closing{call: call{r: r, op: opClose, ctx: bg}}
	changed := r.nextChange()
	x.lock("a lock that is free")
	select {
	case <-changed:
		t.Error("it has said that it waits for a lock that is free")
	default:
	}
	over := func(what string) {
		t.Helper()
		if r.mu.Lock(); x.waits != "" {
			t.Errorf("after %s it waits for %s", what, x.waits)
		}
		r.mu.Unlock()
	}
	saysSo := func(f func(), end func()) {
		t.Helper()
		done := make(chan struct{})
		go func() { defer close(done); f() }()
		eventually(t, "it waits", func() bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			return x.waits != ""
		})
		end()
		<-done
	}
	saysSo(func() { x.lock("a lock") }, r.netMutex.unlock)
	over("a lock")
	r.netMutex.unlock()
	turn := false
	saysSo(func() { x.await("its turn", func() bool { return turn }) }, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		turn = true
		r.change()
	})
	over("its turn")
	for x.takeDown() {
		over("the exits")
	}
	for _, n := range x.torn {
		x.free(n)
		over("the log")
	}
	if len(x.torn) != 2 || !n.kept {
		t.Errorf("taken down %v, kept %v", x.torn, n.kept)
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
	for name, err := range calls(bg, r, tp.ops("c"), "Barrier", "Close", "Wait") {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s once Close has begun: %v", name, err)
		}
	}
	close(out)
	wg.Wait()
	tp.want(t, "init a init_net, init b init_net, exit b init_net, exit a init_net")
}

// While Close has not yet got any further than its first step, calls are refused.
func TestCloseRefusesCallsFromItsFirstMoment(t *testing.T) {
	r := made(t, bg)
	var wg sync.WaitGroup
	defer wg.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	wg.Go(func() { must(t, r.Close(bg)) })
	eventually(t, "calls are refused", func() bool {
		n, err := r.Share(r.InitNet())
		if err == nil {
			must(t, n.Put())
		}
		return errors.Is(err, ErrClosed)
	})
}

// A call that has begun, but comes to the lock after Close, is refused there.
func TestCloseRefusesACallThatComesToTheLockLate(t *testing.T) {
	var tp tape
	d := &hook.Hooks{}
	r := made(t, hook.With(bg, d))
	for row, call := range map[string]func() error{
		"RegisterLock":   func() error { return r.RegisterSubsys(bg, tp.ops("c")) },
		"UnregisterLock": func() error { return r.UnregisterSubsys(bg, tp.ops("c")) },
		"CopyNetNsLock":  func() error { _, err := r.Copy(bg, r.InitNet(), "n"); return err },
		"Snapshot":       func() error { _, err := r.Snapshot(bg); return err },
		"NetNsBarrier":   func() error { return r.NetNsBarrier(bg) },
	} {
		var x *Registry
		x = made(t, hook.With(bg, &hook.Hooks{Point: func(p hook.Point) {
			if x != nil && p.Name == row {
				_ = x.Close(bg)
			}
		}}))
		old := r
		r = x
		is(t, call(), ErrClosed)
		r = old
	}
	tp.want(t, "")
}

// hungClose calls Close with a context that ends once Close waits and those have begun, and returns its error.
func hungClose(t *testing.T, r *Registry, begun ...<-chan struct{}) error {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithValue(bg, ctxKey{}, "closing"))
	result := make(chan error)
	go func() { result <- r.Close(ctx) }()
	eventually(t, "Close waits", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.closing != nil && r.closing.waits != ""
	})
	for _, c := range begun {
		<-c
	}
	cancel()
	return <-result
}

// says checks that err is ErrInterrupted, and that its message has each of the parts.
func says(t *testing.T, err error, parts ...string) {
	t.Helper()
	is(t, err, ErrInterrupted)
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v\ndoes not say %q", err, part)
		}
	}
}

func TestCloseReturnsAtItsDeadlineWhileItsOwnExitHangs(t *testing.T) {
	var tp tape
	r := made(t, bg, WithSubsys(tp.ops("a"), tp.ops("b")))
	copied(t, r, "n")
	tp.took()
	hangs, out := make(chan struct{}), make(chan struct{})
	tp.on("exit a n", func(ctx context.Context, _ *Net) error {
		if ctx.Value(ctxKey{}) != "closing" {
			t.Error("the values of Close's context are not there")
		}
		close(hangs)
		<-out
		return ctx.Err()
	})
	tp.on("exit b init_net", func(ctx context.Context, _ *Net) error { // a later Close has been called by then
		if ctx.Value(ctxKey{}) != "closing" {
			t.Error("the values of the first Close's context are not there")
		}
		return nil
	})
	err := hungClose(t, r, hangs)
	is(t, err, context.Canceled)
	says(t, err, "pernet: Close: interrupted", `waiting for exits: exit of "a" on net "n" (Close), running for`)
	is(t, r.RegisterSubsys(bg, tp.ops("c")), ErrClosed)
	says(t, r.Close(ended), `exit of "a" on net "n"`)
	close(out)
	if err := r.Close(bg); !errors.As(err, new(*LeakError)) {
		t.Errorf("got %v", err)
	}
	tp.want(t, "exit b n, exit a n, exit b init_net, exit a init_net")
	must(t, r.Close(ended)) // it is finished
}

func TestCloseNamesWhatItWaitsFor(t *testing.T) {
	hang := func(tp *tape, call string) (running, out chan struct{}) {
		running, out = make(chan struct{}), make(chan struct{})
		tp.on(call, func(context.Context, *Net) error {
			close(running)
			<-out
			return nil
		})
		return running, out
	}
	t.Run("call", func(t *testing.T) {
		var tp tape
		r := made(t, bg)
		running, out := hang(&tp, "init a init_net")
		var wg sync.WaitGroup
		wg.Go(func() { must(t, r.RegisterSubsys(bg, tp.ops("a"))) })
		<-running
		says(t, hungClose(t, r), `waiting for calls and cleanups that have begun: init of "a" on net "init_net" (RegisterSubsys), running for`)
		close(out)
		wg.Wait()
		must(t, r.Close(bg))
	})
	t.Run("cleanup", func(t *testing.T) {
		var tp tape
		r := made(t, bg, WithSubsys(tp.ops("a")))
		n := copied(t, r, "n")
		running, out := hang(&tp, "exit a n")
		must(t, n.Put())
		<-running
		says(t, hungClose(t, r), `waiting for calls and cleanups that have begun: exit of "a" on net "n" (cleanup), running for`)
		close(out)
		must(t, r.Close(bg))
	})
	t.Run("deferred callback of a cleanup", func(t *testing.T) {
		r := made(t, bg)
		n, out := copied(t, r, "n"), make(chan struct{})
		must(t, n.Defer(func() { <-out }))
		must(t, n.Put())
		eventually(t, "the barrier begins", func() bool { return sealed(n) })
		says(t, hungClose(t, r), `waiting for queued cleanups: deferred callback on net "n" (Defer), running for`)
		close(out)
		must(t, r.Close(bg))
	})
	t.Run("deferred callback", func(t *testing.T) {
		r := made(t, bg)
		out := make(chan struct{})
		must(t, r.InitNet().Defer(func() { <-out }))
		says(t, hungClose(t, r), `waiting for deferred callbacks: deferred callback on net "init_net"`)
		is(t, r.InitNet().Defer(func() {}), ErrInvalid) // no barrier would wait for it
		close(out)
		must(t, r.Close(bg))
	})
}

func TestCloseWithAnEndedContextDoesWhatNeedsNoWaiting(t *testing.T) {
	r := made(t, bg)
	n := copied(t, r, "n")
	var leak *LeakError
	if err := r.Close(ended); !errors.As(err, &leak) || len(leak.Referenced) != 1 {
		t.Errorf("got %v", err)
	}
	gone(t, n)
	must(t, r.Close(ended))

	// Ops without exits need no waiting.
	for _, opts := range [][]Option{nil, {WithoutNetNS()}} {
		taken := 0
		watched := hook.With(bg, &hook.Hooks{Point: func(p hook.Point) {
			if p.Name == "CleanupNetUnlink" {
				taken++
				r.mu.Lock()
				defer r.mu.Unlock()
				if r.closing.waits != "" {
					t.Errorf("a Close whose context has ended is told to wait for %s", r.closing.waits)
				}
			}
		}})
		r = made(t, watched, append(opts, WithSubsys(&Ops{}))...)
		must(t, r.Close(ended))
		if taken != 1 {
			t.Errorf("%d nets were taken down", taken)
		}
	}

	var tp tape
	r = made(t, bg, WithSubsys(tp.ops("a"))) // its exit needs waiting
	out := make(chan struct{})
	tp.on("exit a init_net", func(context.Context, *Net) error { <-out; return nil })
	says(t, r.Close(ended), "waiting for exits")
	is(t, r.RegisterSubsys(bg, tp.ops("b")), ErrClosed)
	close(out)
	must(t, r.Close(bg))
	tp.want(t, "init a init_net, exit a init_net")
}

// A handler of the log is no callback, but may hang as one: the deadline of Close holds all the same.
func TestCloseReturnsAtItsDeadlineWhileTheLogHangs(t *testing.T) {
	out := make(chan struct{})
	r := made(t, bg, WithLogger(slog.New(handler(func(_ context.Context, m slog.Record) {
		if m.Level == slog.LevelError {
			<-out
		}
	}))))
	n := copied(t, r, "n")
	must(t, n.Hold())
	says(t, hungClose(t, r), "waiting for the log")
	is(t, n.Wait(ended), ErrInUse)
	says(t, r.Close(ended), "waiting for the log")
	close(out)
	var leak *LeakError
	if err := r.Close(bg); !errors.As(err, &leak) || len(leak.Kept) != 1 {
		t.Errorf("got %v", err)
	}
}

// When Close is done and its context ends, both before the caller runs again, the caller gets the result.
func TestCloseThatIsDoneIsNotInterrupted(t *testing.T) {
	for range 50 {
		r := made(t, bg)
		release := held(t, r.InitNet())
		ctx, cancel := context.WithCancel(bg)
		result := make(chan error)
		go func() { result <- r.Close(ctx) }()
		eventually(t, "Close waits", func() bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.closing != nil && r.closing.waits != ""
		})
		r.mu.Lock()
		cancel()
		r.closing.finished = true
		r.change()
		r.mu.Unlock()
		must(t, <-result)
		r.mu.Lock()
		r.closing.finished = false
		r.mu.Unlock()
		release()
	}
}

// The result goes to one Close; the others return nil.
func TestConcurrentClosesReturnTheResultOnce(t *testing.T) {
	r := made(t, bg)
	copied(t, r, "n")
	var leaks atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := r.Close(bg); errors.As(err, new(*LeakError)) {
				leaks.Add(1)
			} else {
				must(t, err)
			}
		})
	}
	wg.Wait()
	if leaks.Load() != 1 {
		t.Errorf("%d closes returned the leak", leaks.Load())
	}
}

// A put that brings the count to zero while Close takes the net down queues nothing.
func TestPutWhileCloseTakesTheNetDown(t *testing.T) {
	var tp tape
	var r *Registry
	queue, queueing := make(chan struct{}), make(chan struct{})
	d := &hook.Hooks{Point: func(p hook.Point) {
		if p.Name == "PutNetQueue" && p.Net != "early" {
			queueing <- struct{}{}
			<-queue
		}
	}}
	r = made(t, hook.With(bg, d), WithSubsys(tp.ops("a")))
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
	n := copied(t, r, "n")
	tp.took()
	tp.on("exit b n", goexit)
	tp.on("exit b init_net", goexit)
	tp.on("exit a init_net", panics("oops"))
	err := r.Close(bg)
	panicked(t, err, "oops")
	if !errors.As(err, new(*LeakError)) {
		t.Errorf("got %v", err)
	}
	tp.want(t, "exit b n, exit a n, exit b init_net, exit a init_net")
	must(t, n.Wait(bg))
	panicked(t, r.InitNet().Wait(ended), "oops")
	must(t, r.Close(bg))
}

func TestCloseReturnsThePanicsOfCleanups(t *testing.T) {
	var tp tape
	r := made(t, bg, WithSubsys(tp.ops("a")))
	const many = panicsKept + 3
	for i := range many {
		n := copied(t, r, "n")
		tp.on("exit a n", panics(i))
		must(t, n.Put())
		panicked(t, n.Wait(bg), i)
	}
	err := r.Close(bg)
	panicked(t, err, 0)
	for _, want := range []string{`pernet: exit of "a" on net "n": panic: 99`, "pernet: 3 more exits of cleanups panicked, see the log"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
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

// A reference that is put while Close takes its net down is put, or is a leak; never both.
func TestAPutBesideCloseOrALeak(t *testing.T) {
	const nets, rounds = 1000, 20
	for round := range rounds {
		var next atomic.Int64 // the net that Close takes down next
		next.Store(nets)
		all := make(map[*Net]int64)
		var byPlace []*Net
		r := made(t, bg, WithSubsys(&Ops{Exit: func(_ context.Context, n *Net) { next.Store(all[n] - 1) }}))
		for i := range int64(nets) {
			n := copied(t, r, "")
			all[n], byPlace = i, append(byPlace, n)
		}
		put := make(map[*Net]error)
		var wg sync.WaitGroup
		wg.Go(func() {
			for last := int64(nets); last > 0; {
				at := next.Load()
				if at >= last {
					continue
				}
				for range round + rand.IntN(60) { // about as long as Close needs to get there
					_ = next.Load()
				}
				if last = at; at >= 0 {
					put[byPlace[at]] = byPlace[at].Put()
				}
			}
		})
		next.Store(nets - 1)
		var leak *LeakError
		if err := r.Close(bg); !errors.As(err, &leak) {
			leak = &LeakError{}
		}
		next.Store(-1)
		wg.Wait()
		leaked := make(map[*Net]bool)
		for _, n := range leak.Referenced {
			leaked[n] = true
		}
		for n, err := range put {
			if (err == nil) == leaked[n] {
				t.Fatalf("round %d, net %d: Put returned %v, and it is a leak: %v", round, all[n], err, leaked[n])
			}
		}
	}
}
