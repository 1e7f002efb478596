// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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

// TestACloseThatWaitsMissesNoChange: Close looks at what the goroutine has done, and begins to wait for more, in one
// critical section, so that the end of the goroutine wakes it.
func TestACloseThatWaitsMissesNoChange(t *testing.T) {
	r := made(t, bg)
	must(t, r.Close(bg))
	for _, waits := range []string{"", "calls"} {
		for range 5 {
			x := &closing{waits: waits}
			r.closing = x
			done := rightAfter(r, func() {
				c := call{r: r, op: opClose, ctx: bg}
				must(t, c.awaitClosed())
			}, func() {
				r.mu.Lock()
				defer r.mu.Unlock()
				x.finished = true
				r.change()
			})
			select {
			case <-done:
			case <-time.After(5 * time.Second):
				t.Error("Close waits for a change that has come")
				r.mu.Lock()
				r.change()
				r.mu.Unlock()
				<-done
				return
			}
		}
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
