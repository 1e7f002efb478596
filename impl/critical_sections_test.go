// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/pernet/internal/hook"
)

// What must be one critical section of r.mu holds no yield point, so the
// scheduler does not come between. Here mu does: a sync.Mutex that somebody has
// waited for longer than a millisecond is handed to the first in its queue, so a
// call that lets go of it and takes it again has let the other in.

const narrowRounds = 20

// passedOn runs f on two sides, which both find mu taken, and then have it in
// turns; who is first changes from round to round.
func passedOn(r *Registry, round int, f func(side int)) {
	var wg sync.WaitGroup
	r.mu.Lock()
	for i := range 2 {
		wg.Go(func() { f((round + i) % 2) })
		time.Sleep(2 * time.Millisecond) // it waits
	}
	r.mu.Unlock()
	r.mu.Lock() // who was woken finds it taken again, and asks to be handed it
	time.Sleep(time.Millisecond)
	r.mu.Unlock()
	wg.Wait()
}

// TestOneNameOneNet: of two copies that ask for a name at once, one gets it.
func TestOneNameOneNet(t *testing.T) {
	r, d := stepped(t)
	for round := range narrowRounds {
		var nets [2]*Net
		var errs [2]error
		passedOn(r, round, func(side int) { nets[side], errs[side] = r.Copy(bg, r.InitNet(), "n") })
		if (nets[0] == nil) == (nets[1] == nil) || !errors.Is(errors.Join(errs[:]...), ErrExist) {
			t.Errorf("nets %v, errors %v", nets, errs)
		}
		for _, n := range nets {
			if n != nil {
				must(t, n.Put())
			}
		}
		d.Work(-1)
	}
}

// TestOneWorker: of two last puts at once, one starts the worker.
func TestOneWorker(t *testing.T) {
	var started atomic.Int64
	d := &hook.Hooks{Go: func(_ string, f func()) {
		started.Add(1)
		go f()
	}}
	r, err := New(hook.With(bg, d))
	must(t, err)
	for round := range narrowRounds {
		nets := [2]*Net{copied(t, r, ""), copied(t, r, "")}
		must(t, r.netMutex.lock(bg)) // no worker ends meanwhile
		started.Store(0)
		passedOn(r, round, func(side int) { must(t, nets[side].Put()) })
		if n := started.Load(); n != 1 {
			t.Fatalf("%d workers were started", n) // with netMutex held: two would do anything
		}
		r.netMutex.unlock()
		must(t, nets[0].Wait(bg))
		must(t, nets[1].Wait(bg))
		if n := started.Load(); n != 1 {
			t.Errorf("%d workers were started for what one could do", n)
		}
		eventually(t, "the worker rests", func() bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			return !r.working
		})
	}
	must(t, r.Close(bg))
}

// unseal lets a net be cleaned up that a test has sealed.
func unseal(n *Net) {
	n.r.mu.Lock()
	defer n.r.mu.Unlock()
	n.sealed = false
}

// TestDeferOrBarrier: what is deferred beside the last barrier of its net is
// waited for, or refused.
func TestDeferOrBarrier(t *testing.T) {
	r := made(t, bg)
	for round := range narrowRounds {
		n := copied(t, r, "")
		var ran atomic.Bool
		var err error
		waited := false
		passedOn(r, round, func(side int) {
			if side == 0 {
				err = n.Defer(func() {
					time.Sleep(time.Millisecond)
					ran.Store(true)
				})
				return
			}
			c := call{r: r, ctx: bg, net: n}
			c.barrier("CleanupNetBarrier", "CleanupNetBarrierEnd")
			waited = ran.Load()
		})
		if waited != (err == nil) {
			t.Errorf("waited for: %v, and the answer was %v", waited, err)
		}
		unseal(n)
		must(t, n.Put())
		must(t, n.Wait(bg))
	}
}

// TestNothingIsQueuedAfterTheSeal: a net that Close has sealed is not queued, by
// a put that began before.
func TestNothingIsQueuedAfterTheSeal(t *testing.T) {
	r, d := stepped(t)
	for round := range narrowRounds {
		n := copied(t, r, "")
		if zero, _, err := n.put(); !zero || err != nil {
			t.Fatal(zero, err)
		}
		before := 0
		passedOn(r, round, func(side int) {
			if side == 0 {
				r.queue(n)
				return
			}
			r.mu.Lock() // as seal does
			n.sealed, before = true, len(r.workQueue)
			r.mu.Unlock()
		})
		if after := len(r.workQueue); after != before {
			t.Errorf("%d are queued, and %d were when it was sealed", after, before)
		}
		if unseal(n); len(r.workQueue) == 0 {
			r.queue(n)
		}
		d.Work(-1)
	}
}

// TestDeferBesideTheSeal: what is deferred while Close seals its net runs, or is refused.
func TestDeferBesideTheSeal(t *testing.T) {
	r := made(t, bg)
	for round := range narrowRounds {
		n := copied(t, r, "")
		var ran atomic.Bool
		var err error
		passedOn(r, round, func(side int) {
			if side == 0 {
				err = n.Defer(func() { ran.Store(true) })
				return
			}
			x := &closing{call: call{r: r}, torn: []*Net{n}}
			x.seal()
		})
		must(t, r.Barrier(bg))
		if ran.Load() != (err == nil) {
			t.Errorf("it ran: %v, and Defer returned %v", ran.Load(), err)
		}
		unseal(n)
		must(t, n.Put())
		must(t, n.Wait(bg))
	}
}

// TestOneWorkerAfterGoexit: an exit ends the worker's goroutine, another takes
// its place, and a put meanwhile starts none beside it.
func TestOneWorkerAfterGoexit(t *testing.T) {
	var tp tape
	var started []func()
	d := &hook.Hooks{Go: func(_ string, f func()) { started = append(started, f) }}
	r, err := New(hook.With(bg, d), WithSubsys(tp.ops("x")))
	must(t, err)
	a, b, c := copied(t, r, "a"), copied(t, r, "b"), copied(t, r, "c")
	tp.on("exit x a", func(context.Context, *Net) error { runtime.Goexit(); return nil })
	must(t, a.Put())
	must(t, b.Put())
	if len(started) != 1 || !goexits(started[0]) {
		t.Fatalf("%d workers", len(started))
	}
	must(t, c.Put())
	if len(started) != 2 {
		t.Fatalf("%d workers were started, one after the other", len(started))
	}
	started[1]()
	must(t, b.Wait(bg))
	must(t, c.Wait(bg))
	must(t, r.Close(bg))
}

// TestNoContextForNoCallback: a call without callbacks makes none for them.
func TestNoContextForNoCallback(t *testing.T) {
	r, d := stepped(t)
	allocations := func(ctx context.Context) float64 {
		return testing.AllocsPerRun(100, func() {
			n, err := r.Copy(ctx, r.InitNet(), "")
			must(t, err)
			must(t, n.Put())
			d.Work(-1)
		})
	}
	ctx, cancel := context.WithCancel(bg)
	defer cancel()
	if with, without := allocations(ctx), allocations(bg); with != without {
		t.Errorf("%v allocations, and %v with the background context", with, without)
	}
}

// TestOneContextForInitsAndOneForExits: all inits of a call get the same context, which ends
// when the caller's does; all exits of its undo get the same one, which does not.
func TestOneContextForInitsAndOneForExits(t *testing.T) {
	r, _ := stepped(t)
	copied(t, r, "n")
	copied(t, r, "m")
	limited, stop := context.WithTimeout(context.WithValue(bg, ctxKey{}, "mine"), time.Hour)
	defer stop()
	ctx, cancel := context.WithCancelCause(limited)
	var inits, exits []context.Context
	o := &Ops{
		Name: "o",
		Init: func(ctx context.Context, n *Net) error {
			if inits = append(inits, ctx); n.Name() == "m" {
				cancel(errBoom)
				return context.Cause(ctx)
			}
			return nil
		},
		Exit: func(ctx context.Context, _ *Net) { exits = append(exits, ctx) },
	}
	is(t, r.RegisterDevice(ctx, o), errBoom)
	if len(inits) != 3 || inits[0] != inits[1] || inits[1] != inits[2] || len(exits) != 2 || exits[0] != exits[1] {
		t.Errorf("%d inits and %d exits, contexts %v and %v", len(inits), len(exits), inits, exits)
	}
	for _, ctx := range exits {
		if _, limited := ctx.Deadline(); ctx.Err() != nil || context.Cause(ctx) != nil || ctx.Done() != nil || limited || ctx.Value(ctxKey{}) != "mine" {
			t.Errorf("the context of an exit is %v", ctx)
		}
	}
}

// TestStepsOfTheWorkerDoNotOverlap: an exit that is run by a step steps nothing.
func TestStepsOfTheWorkerDoNotOverlap(t *testing.T) {
	var tp tape
	r, d := stepped(t, WithSubsys(tp.ops("a")))
	n, m := copied(t, r, "n"), copied(t, r, "m")
	tp.on("exit a n", func(context.Context, *Net) error {
		if got := d.Work(-1); got != 0 {
			t.Errorf("%d cleanups ran inside a cleanup", got)
		}
		return nil
	})
	must(t, n.Put())
	must(t, m.Put())
	tp.took()
	if got := d.Work(1); got != 1 {
		t.Errorf("%d cleanups ran", got)
	}
	tp.want(t, "exit a n")
}

// TestTwoClosesBeginOnce: of two closes at once, one starts the goroutine.
func TestTwoClosesBeginOnce(t *testing.T) {
	for round := range narrowRounds {
		var tp tape
		r, err := New(bg, WithSubsys(tp.ops("a")))
		must(t, err)
		passedOn(r, round, func(int) { must(t, r.Close(bg)) })
		tp.want(t, "init a init_net, exit a init_net")
	}
}

// TestTwoStepsRunOneCleanupAtATime: of two steps at once, one finds the worker at work.
func TestTwoStepsRunOneCleanupAtATime(t *testing.T) {
	var inside, most atomic.Int32
	r, d := stepped(t, WithSubsys(&Ops{Exit: func(context.Context, *Net) {
		most.Store(max(most.Load(), inside.Add(1)))
		time.Sleep(time.Millisecond)
		inside.Add(-1)
	}}))
	for round := range narrowRounds {
		for range 2 {
			must(t, copied(t, r, "").Put())
		}
		var did atomic.Int32
		passedOn(r, round, func(int) { did.Add(int32(d.Work(1))) })
		if d.Work(-1); did.Load() == 0 || most.Load() != 1 {
			t.Errorf("%d cleanups ran, at most %d at a time", did.Load(), most.Load())
		}
	}
}

// TestANetThatIsPutWhileItIsListedIsQueuedOnce: under RWSem, by the put or by the copy.
func TestANetThatIsPutWhileItIsListedIsQueuedOnce(t *testing.T) {
	r, d := stepped(t, WithDiscipline(RWSem))
	for range narrowRounds {
		n := newNet(r, "")
		var wg sync.WaitGroup
		wg.Go(func() { r.queue(n) })
		time.Sleep(time.Millisecond) // mostly it has come so far; but for mu, the race detector knows of no order
		c := call{r: r, op: opCopy, ctx: bg, plain: true, net: n}
		c.listNetRW()
		wg.Wait()
		if len(r.workQueue) != 1 || r.workQueue[0] != n {
			t.Errorf("queued: %v", r.workQueue)
		}
		if got := d.Work(-1); got != 1 {
			t.Errorf("%d rounds", got)
		}
	}
}

// TestACallBehindCloseIsRefused: it was let in before Close began, and gets the lock from Close.
func TestACallBehindCloseIsRefused(t *testing.T) {
	for range narrowRounds {
		r, err := New(bg)
		must(t, err)
		must(t, r.netMutex.lock(bg))
		var wg sync.WaitGroup
		wg.Go(func() { must(t, r.Close(bg)) })
		queued(t, &r.netMutex, 1)
		wg.Go(func() {
			c := call{r: r, op: opRegisterSubsys, ctx: bg}
			is(t, c.lock("RegisterLock"), ErrClosed)
		})
		queued(t, &r.netMutex, 2)
		r.netMutex.unlock()
		wg.Wait()
	}
}

// TestSnapshotBesideAListing: under RWSem, a copy that waits to list its net does so once a snapshot has the list.
func TestSnapshotBesideAListing(t *testing.T) {
	r := made(t, bg, WithDiscipline(RWSem))
	for range narrowRounds {
		var wg sync.WaitGroup
		r.netRwsem.Lock()
		wg.Go(func() {
			s, err := r.Snapshot(bg)
			if must(t, err); len(s.Nets) != 1 {
				t.Errorf("nets %v", s.Nets)
			}
		})
		eventually(t, "the snapshot has the registry", func() bool { return !r.netMutex.free() })
		time.Sleep(time.Millisecond) // and waits for the list
		wg.Go(func() {
			n := copied(t, r, "n")
			must(t, n.Put())
			must(t, n.Wait(bg))
		})
		time.Sleep(time.Millisecond) // the copy waits, too
		r.netRwsem.Unlock()
		wg.Wait()
	}
}

// TestCheckBesideTheEndOfARound: the nets that a round lets go of are looked at, or gone.
func TestCheckBesideTheEndOfARound(t *testing.T) {
	r := made(t, bg, WithDiscipline(RWSem))
	for round := range narrowRounds {
		n := newNet(r, "")
		n.useCount.Store(freedUse)
		r.freeing = append(r.freeing, n)
		passedOn(r, round, func(side int) {
			if side == 0 {
				r.completeFree()
				return
			}
			must(t, r.check())
		})
		if len(r.freeing) > 0 {
			t.Errorf("%d nets wait", len(r.freeing))
		}
	}
}
