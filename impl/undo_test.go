// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/pernet/internal/hook"
)

var rwsem = WithDiscipline(RWSem)

// all returns ops that have every callback, which go on the tape.
func (tp *tape) all(name string) *Ops {
	o := tp.ops(name)
	o.PreExit = func(ctx context.Context, n *Net) { _ = tp.run(ctx, "pre_exit "+name, n) }
	o.ExitRTNL = func(ctx context.Context, n *Net) { _ = tp.run(ctx, "exit_rtnl "+name, n) }
	o.ExitBatch = func(ctx context.Context, nets []*Net) {
		var names []string
		for _, n := range nets {
			names = append(names, n.Name())
		}
		_ = tp.run(ctx, "exit_batch "+name, &Net{name: strings.Join(names, "+")})
	}
	return o
}

func TestStepsOfRegisterUnderRWSem(t *testing.T) {
	var tp tape
	r, _, got := steps(t, rwsem)
	copied(t, r, "n")
	a, b := tp.ops("a"), tp.ops("b")
	got()
	must(t, r.RegisterSubsys(bg, a))
	wantSteps(t, got, "RegisterLock a", "RegisterLink a ready", "RegisterInit a init_net", "RegisterInit a n", "RegisterUnlock a")
	is(t, r.RegisterSubsys(bg, a), ErrExist)
	wantSteps(t, got, "RegisterLock a", "RegisterLink a ready")
	is(t, r.RegisterSubsys(ended, a), ErrInterrupted)
	wantSteps(t, got, "RegisterLock a")
	tp.fail("init b n", errBoom)
	is(t, r.RegisterDevice(bg, b), errBoom)
	wantSteps(t, got, "RegisterLock b", "RegisterLink b ready", "RegisterInit b init_net", "RegisterInit b n",
		"OpsUndoListGrace boom", "OpsUndoListGraceEnd boom ready", "OpsUndoListExit b init_net boom",
		"RcuBarrier b boom", "RcuBarrierEnd b boom ready", "RegisterUnlock boom")
	is(t, r.UnregisterDevice(bg, a), ErrInvalid)
	wantSteps(t, got, "UnregisterLock a", "UnregisterUnlink a ready")
	tp.fail("init c init_net", errBoom)
	is(t, r.RegisterDevice(bg, tp.all("c")), errBoom) // there is no net to undo it on
	wantSteps(t, got, "RegisterLock c", "RegisterLink c ready", "RegisterInit c init_net",
		"OpsUndoListGrace boom", "OpsUndoListGraceEnd boom ready", "RcuBarrier c boom", "RcuBarrierEnd c boom ready", "RegisterUnlock boom")
	_, err := r.Snapshot(bg)
	must(t, err)
	wantSteps(t, got, "Snapshot")
	must(t, r.UnregisterSubsys(bg, a))
	wantSteps(t, got, "UnregisterLock a", "UnregisterUnlink a ready", "OpsUndoListGrace", "OpsUndoListGraceEnd ready",
		"OpsUndoListExit a init_net", "OpsUndoListExit a n", "RcuBarrier a", "RcuBarrierEnd a ready", "UnregisterUnlock a")
	is(t, r.UnregisterSubsys(bg, a), ErrNotFound)
	wantSteps(t, got, "UnregisterLock a", "UnregisterUnlink a ready")
}

// A register that fails waits for the callbacks that are pending, in both builds.
func TestFailedRegisterUnderRWSemWaitsForDeferredCallbacks(t *testing.T) {
	for name, opts := range map[string][]Option{"": nil, "without namespaces": {WithoutNetNS()}} {
		t.Run(name, func(t *testing.T) {
			out, ran := make(chan struct{}), false
			letGo := sync.OnceFunc(func() { close(out) })
			d := &hook.Hooks{Point: func(p hook.Point) {
				if p.Name == "RcuBarrierEnd" {
					letGo()
				}
			}}
			r := made(t, hook.With(bg, d), append(opts, rwsem)...)
			is(t, r.RegisterSubsys(bg, &Ops{Init: func(_ context.Context, n *Net) error {
				must(t, n.Defer(func() { <-out; ran = true }))
				return errBoom
			}}), errBoom)
			select {
			case <-out: // the barrier has begun, and it is over
				if !ran {
					t.Error("the register returned before the callback")
				}
			default:
				t.Error("the register had no barrier")
				letGo()
			}
		})
	}
}

func TestStepsOfCopyUnderRWSem(t *testing.T) {
	var tp tape
	r, _, got := steps(t, rwsem, WithSubsys(tp.ops("a"), tp.ops("b")))
	wantSteps(t, got, "NetNsInit init_net", "NetNsInitLock init_net", "SetupNetBegin init_net ready", "SetupNetInit a init_net",
		"SetupNetInit b init_net", "SetupNetListAdd init_net ready", "NetNsInitUnlock init_net")
	copied(t, r, "n")
	wantSteps(t, got, "CopyNetNsGet init_net", "CopyNetNsAlloc init_net", "CopyNetNsLock n init_net", "SetupNetBegin n init_net ready",
		"SetupNetInit a n init_net", "SetupNetInit b n init_net", "SetupNetListAdd n init_net ready",
		"CopyNetNsUnlock init_net", "CopyNetNsPut init_net")
	_, err := r.Copy(ended, r.InitNet(), "m")
	is(t, err, ErrInterrupted)
	wantSteps(t, got, "CopyNetNsGet init_net", "CopyNetNsAlloc init_net", "CopyNetNsLock m init_net",
		"CopyNetNsPut m init_net interrupted: context canceled", "CopyNetNsFree m interrupted: context canceled")
	tp.fail("init b m", errBoom)
	_, err = r.Copy(bg, r.InitNet(), "m")
	is(t, err, errBoom)
	wantSteps(t, got, "CopyNetNsGet init_net", "CopyNetNsAlloc init_net", "CopyNetNsLock m init_net", "SetupNetBegin m init_net ready",
		"SetupNetInit a m init_net", "SetupNetInit b m init_net", "OpsUndoListGrace init_net boom",
		"OpsUndoListGraceEnd init_net boom ready", "OpsUndoListExit a m init_net boom",
		"RcuBarrier m init_net boom", "RcuBarrierEnd m init_net boom ready", "CopyNetNsUnlock m init_net boom",
		"CopyNetNsPut m init_net boom", "CopyNetNsFree m boom")
}

// TestStepsOfARound has every kind of callback, and two nets, of which the one put last comes first.
func TestStepsOfARound(t *testing.T) {
	var tp tape
	r, d, got := steps(t, rwsem, WithSubsys(tp.all("a")), WithDevice(tp.all("b")))
	n, m := copied(t, r, "n"), copied(t, r, "m")
	must(t, n.Put())
	must(t, m.Put())
	got()
	tp.took()
	if did := d.Work(-1); did != 1 {
		t.Errorf("%d rounds", did)
	}
	wantSteps(t, got, "CleanupNet", "CleanupNetLock", "CleanupNetUnlink ready",
		"OpsUndoListPreExit b m", "OpsUndoListPreExit b n", "OpsUndoListPreExit a m", "OpsUndoListPreExit a n",
		"OpsUndoListGrace", "OpsUndoListGraceEnd ready", "OpsUndoListRtnlLock ready",
		"OpsUndoListExitRtnl b m", "OpsUndoListExitRtnl a m", "OpsUndoListExitRtnl b n", "OpsUndoListExitRtnl a n",
		"OpsUndoListRtnlUnlock", "OpsUndoListExit b m", "OpsUndoListExit b n", "OpsUndoListExitBatch b m",
		"OpsUndoListExit a m", "OpsUndoListExit a n", "OpsUndoListExitBatch a m", "CleanupNetUnlock",
		"CleanupNetBarrier", "RcuBarrierEnd ready", "NetCompleteFree", "CleanupNetPut m", "CleanupNetPut n")
	tp.want(t, "pre_exit b m, pre_exit b n, pre_exit a m, pre_exit a n, exit_rtnl b m, exit_rtnl a m, exit_rtnl b n, exit_rtnl a n, "+
		"exit b m, exit b n, exit_batch b m+n, exit a m, exit a n, exit_batch a m+n")
	wantLists(t, r, "a | b; init_net")
	gone(t, n)
	gone(t, m)
}

// Each kind of callback panics once, and ends its goroutine once, in each undo; all others run.
func TestUndoGoesOnWhateverACallbackDoes(t *testing.T) {
	const whole = "pre_exit b m, pre_exit b n, pre_exit a m, pre_exit a n, exit_rtnl b m, exit_rtnl a m, exit_rtnl b n, exit_rtnl a n, " +
		"exit b m, exit b n, exit_batch b m+n, exit a m, exit a n, exit_batch a m+n"
	for _, call := range strings.Split(whole, ", ") {
		for _, goexits := range []bool{false, true} {
			var tp tape
			r, d := stepped(t, rwsem, WithSubsys(tp.all("a"), tp.all("b")))
			n, m := copied(t, r, "n"), copied(t, r, "m")
			must(t, n.Put())
			must(t, m.Put())
			tp.took()
			tp.on(call, func(context.Context, *Net) error {
				if goexits {
					runtime.Goexit()
				}
				panic(errBoom)
			})
			over := make(chan struct{})
			go func() {
				defer close(over)
				d.Work(-1)
			}()
			<-over
			tp.want(t, whole)
			wantLists(t, r, "a b; init_net")
			kind, rest, _ := strings.Cut(call, " ")
			_, net, _ := strings.Cut(rest, " ")
			for _, x := range []*Net{n, m} {
				err := x.Wait(bg)
				mine := !goexits && strings.Contains(net, x.Name())
				if errors.Is(err, errBoom) != mine {
					t.Errorf("%s panics: Wait for %s returns %v", call, x, err)
				}
				if mine && !strings.HasPrefix(err.Error(), "pernet: "+kind+" of ") {
					t.Errorf("%s panics, and the error is %v", call, err)
				}
			}
			if err := r.Close(bg); errors.Is(err, errBoom) == goexits {
				t.Errorf("%s: Close returns %v", call, err)
			}
		}
	}
}

// The grace period comes between the PreExits and the Exits, also if its hook panics.
// What is no callback may end the walk, such as a step of a tool: its panic is not one of the callback before it.
func TestUndoEndsWithAPanicBetweenCallbacks(t *testing.T) {
	for _, step := range []string{"OpsUndoListGraceEnd", "OpsUndoListRtnlLock", "OpsUndoListRtnlUnlock", "RcuBarrier"} {
		var tp tape
		a := tp.all("a")
		r, err := New(bg, rwsem, WithGracePeriod(func() {}), WithSubsys(a))
		must(t, err)
		r.hooks.Point = func(p hook.Point) {
			if p.Name == step {
				r.hooks.Point = nil // once
				panic(step)
			}
		}
		func() {
			defer func() {
				if v := recover(); v != step {
					t.Errorf("%s: the call panics with %v", step, v)
				}
			}()
			_ = r.UnregisterSubsys(bg, a)
		}()
	}
}

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

func TestOpsOfRWSemAreRejectedByMutex(t *testing.T) {
	var tp tape
	r := made(t, bg, WithDiscipline(Mutex))
	for _, o := range []*Ops{{PreExit: tp.all("").PreExit}, {ExitRTNL: tp.all("").ExitRTNL}, {ExitBatch: tp.all("").ExitBatch}} {
		err := r.RegisterSubsys(bg, o)
		is(t, err, ErrInvalid)
		if !strings.Contains(err.Error(), "need the discipline RWSem") {
			t.Error(err)
		}
		_, err = New(bg, WithDiscipline(Mutex), WithSubsys(&Ops{}, o))
		is(t, err, ErrInvalid)
	}
	_, err := New(bg, WithDiscipline(3))
	is(t, err, ErrInvalid)
}

// A tracker fails the test if two callbacks run on one net at once, or one beside those of a
// register or unregister.
type tracker struct {
	mu     sync.Mutex
	on     map[*Net]int
	alone  int // callbacks of calls that are alone
	all    int
	most   int
	failed string
}

type aloneKey struct{}

var alone = context.WithValue(bg, aloneKey{}, true)

func (tr *tracker) during(ctx context.Context, nets ...*Net) func() {
	isAlone := ctx.Value(aloneKey{}) != nil
	move := func(by int) {
		tr.mu.Lock()
		defer tr.mu.Unlock()
		for _, n := range nets {
			if tr.on[n] += by; tr.on[n] > 1 {
				tr.failed = "two callbacks run on net " + n.Name()
			}
		}
		if tr.all += by; isAlone {
			tr.alone += by
		}
		if tr.most = max(tr.most, tr.all); tr.alone > 0 && tr.all > 1 {
			tr.failed = "a callback runs beside that of a register or unregister"
		}
	}
	move(1)
	return func() { move(-1) }
}

func (tr *tracker) ops() *Ops {
	run := func(ctx context.Context, n *Net) {
		defer tr.during(ctx, n)()
		runtime.Gosched()
	}
	return &Ops{
		Init: func(ctx context.Context, n *Net) error { run(ctx, n); return nil },
		Exit: run, PreExit: run, ExitRTNL: run,
		ExitBatch: func(ctx context.Context, nets []*Net) {
			defer tr.during(ctx, nets...)()
			runtime.Gosched()
		},
	}
}

func TestCallbacksOfOneNetRunOneAtATimeUnderRWSem(t *testing.T) {
	tr := &tracker{on: make(map[*Net]int)}
	r := made(t, bg, rwsem, WithSubsys(tr.ops()))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			o := tr.ops()
			for range 40 {
				if i < 2 {
					must(t, r.RegisterDevice(alone, o))
				}
				n := copied(t, r, "")
				must(t, n.Put())
				if i < 2 {
					must(t, r.UnregisterDevice(alone, o))
				}
			}
		})
	}
	wg.Wait()
	must(t, r.Close(bg))
	if tr.failed != "" || tr.most < 2 {
		t.Errorf("%s; at most %d callbacks ran at once", tr.failed, tr.most)
	}
}

// Creations and a cleanup run side by side; a register waits for them, and creations that come later
// wait for the register.
func TestWhoWaitsForWhomUnderRWSem(t *testing.T) {
	var tp tape
	r := made(t, bg, rwsem, WithSubsys(tp.ops("a")))
	old := copied(t, r, "old")
	inExit, endExit := tp.hang("exit a old")
	must(t, old.Put())
	<-inExit
	inInit, endInit := tp.hang("init a n")
	var wg sync.WaitGroup
	wg.Go(func() { copied(t, r, "n") })
	<-inInit
	copied(t, r, "m") // beside both
	if list := r.inCalls(); len(list) != 2 || list[0].Net != old || list[0].Call != "cleanup" || list[1].Call != "Copy" {
		t.Errorf("running: %v", list)
	}
	tp.took()
	wg.Go(func() { must(t, r.RegisterSubsys(bg, tp.ops("b"))) })
	queued(t, &r.netMutex, 1)
	ctx, cancel := context.WithTimeout(bg, time.Millisecond)
	defer cancel()
	_, err := r.Copy(ctx, r.InitNet(), "late")
	is(t, err, ErrInterrupted)
	says(t, err, `waiting for exit of "a" on net "old" (cleanup), running for`)
	says(t, err, ", and 1 more")
	wg.Go(func() { copied(t, r, "k") })
	queued(t, &r.netMutex, 2)
	endExit()
	endInit()
	wg.Wait()
	tp.want(t, "init b init_net, init b m, init b n, init a k, init b k")
}

// A copy whose context ends while it waits leaves no net, no name, no reader and no goroutine.
func TestACancelledCopyLeavesNothing(t *testing.T) {
	var tp tape
	r := made(t, bg, rwsem)
	in, out := tp.hang("init a init_net")
	var wg sync.WaitGroup
	wg.Go(func() { must(t, r.RegisterSubsys(bg, tp.ops("a"))) })
	<-in
	for range 20 {
		ctx, cancel := context.WithCancel(bg)
		var copies sync.WaitGroup
		copies.Go(func() {
			if _, err := r.Copy(ctx, r.InitNet(), "n"); !errors.Is(err, ErrInterrupted) {
				t.Errorf("Copy returns %v", err)
			}
		})
		queued(t, &r.netMutex, 1)
		cancel()
		copies.Wait()
	}
	out()
	wg.Wait()
	if !r.netMutex.free() || len(r.netMutex.queue) > 0 || r.names["n"] != nil || r.InitNet().count.Load() != 1 {
		t.Error("a copy that was cancelled left something")
	}
	wantLists(t, r, "a; init_net")
}

func TestARoundTakesWhatWaitsNewestFirst(t *testing.T) {
	var tp tape
	var rounds []int
	freed := 0
	d := &hook.Hooks{Stepped: true}
	d.Cleanup = func() func(string, bool) { return func(string, bool) { freed++ } }
	d.Round = func() { rounds = append(rounds, freed) }
	r := made(t, hook.With(bg, d), rwsem, WithSubsys(tp.ops("a")))
	for _, name := range []string{"1", "2", "3"} {
		must(t, copied(t, r, name).Put())
	}
	late := copied(t, r, "4")
	tp.on("exit a 3", func(context.Context, *Net) error { return late.Put() })
	tp.took()
	if did := d.Work(-1); did != 2 {
		t.Errorf("%d rounds", did)
	}
	tp.want(t, "exit a 3, exit a 2, exit a 1, exit a 4")
	if len(rounds) != 2 || rounds[0] != 3 || rounds[1] != 4 {
		t.Errorf("nets freed at the end of each round: %v", rounds)
	}
}

// A callback may queue the next one until its net is freed; the memory of the net goes a round later.
func TestChainsOfDeferredCallbacksUnderRWSem(t *testing.T) {
	r, d := stepped(t, rwsem)
	n := copied(t, r, "n")
	second, hold := make(chan error, 1), make(chan struct{})
	must(t, n.Defer(func() { second <- n.Defer(func() { <-hold }) }))
	must(t, <-second)
	must(t, n.Put())
	go func() { time.Sleep(time.Millisecond); close(hold) }()
	d.Work(-1)
	gone(t, n)
	is(t, n.Defer(func() {}), ErrNotFound)
	if len(r.deferFree) != 1 || len(r.freeing) != 0 {
		t.Errorf("%v and %v wait for the next round", r.deferFree, r.freeing)
	}
	m := copied(t, r, "n") // the name is free again
	must(t, m.Put())
	d.Work(-1)
	if len(r.deferFree) != 1 || r.deferFree[0] != m {
		t.Errorf("%v wait for the next round", r.deferFree)
	}
	must(t, r.Close(bg))
	if r.deferFree != nil {
		t.Errorf("Close leaves %v", r.deferFree)
	}
}

// What a round frees is chosen before its barrier begins: a creation that fails during the barrier
// comes too late (hazard H11).
func TestARoundFreesWhatWasFreedBeforeItsBarrier(t *testing.T) {
	var tp tape
	r := made(t, bg, rwsem, WithSubsys(tp.ops("a")))
	n := copied(t, r, "n")
	hold := make(chan struct{})
	must(t, n.Defer(func() { <-hold }))
	tp.fail("init a x", errBoom)
	tp.on("exit a n", func(context.Context, *Net) error { return nil })
	must(t, n.Put())
	eventually(t, "the barrier begins", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.workQueue) == 0 && r.open == nil && r.netMutex.free()
	})
	ctx, cancel := context.WithCancel(bg)
	cancel()
	_, err := r.Copy(ctx, r.InitNet(), "x")
	is(t, err, ErrInterrupted) // freed at once, while the barrier waits
	close(hold)
	must(t, n.Wait(bg))
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.deferFree) != 2 {
		t.Errorf("%v wait for the next round", r.deferFree)
	}
}

func TestUseCountUnderRWSem(t *testing.T) {
	r, d := stepped(t, rwsem)
	n := copied(t, r, "n")
	must(t, n.Hold())
	must(t, n.Hold())
	must(t, n.Put())
	is(t, n.Hold(), ErrNotFound)
	says(t, n.Wait(ended), "waiting for other calls") // the use count keeps it only once its exits have run
	d.Work(-1)
	ctx, cancel := context.WithTimeout(bg, time.Millisecond)
	defer cancel()
	err := n.Wait(ctx)
	if is(t, err, ErrInterrupted); !strings.HasSuffix(err.Error(), "the use count of the net is 2") {
		t.Error(err)
	}
	wellFormed(t, r)
	is(t, n.Put(), ErrInvalid)
	must(t, n.Release())
	_, err = r.Copy(bg, r.InitNet(), "n")
	is(t, err, ErrExist)
	asked := false
	r.hooks.Point = func(p hook.Point) {
		if p.Name == "ReleaseNetFree" {
			says(t, n.Wait(ended), "waiting for other calls")
			asked = true
		}
	}
	must(t, n.Release())
	if r.hooks.Point = nil; !asked {
		t.Error("the free is no step")
	}
	gone(t, n)
	is(t, n.Release(), ErrNotFound)
	is(t, n.Hold(), ErrNotFound)
	is(t, n.Put(), ErrNotFound)
	copied(t, r, "n")
	m := copied(t, r, "m")
	is(t, m.Release(), ErrInvalid)
	must(t, m.Hold())
	must(t, m.Put())
	d.Work(-1)
	var leak *LeakError
	if err := r.Close(bg); !errors.As(err, &leak) || len(leak.Kept) != 1 || leak.Kept[0] != m {
		t.Errorf("Close returns %v", err)
	}
}

// An init that puts its net under RWSem: a round runs beside set-ups, and takes it when it is listed.
func TestInitThatPutsItsNetUnderRWSem(t *testing.T) {
	var tp tape
	r, d := stepped(t, rwsem, WithSubsys(tp.ops("a"), tp.ops("b")))
	put := func(_ context.Context, n *Net) error { return n.Put() }
	tp.on("init a n", put)
	tp.on("init b n", func(context.Context, *Net) error {
		if did := d.Work(-1); did != 0 {
			t.Errorf("%d rounds beside the set-up", did)
		}
		return nil
	})
	n := copied(t, r, "n")
	is(t, n.Get(), ErrNotFound)
	d.Work(-1)
	gone(t, n)
	tp.on("init a m", put)
	tp.fail("init b m", errBoom)
	_, err := r.Copy(bg, r.InitNet(), "m")
	is(t, err, errBoom)
	tp.took()
	if did := d.Work(-1); did != 0 {
		t.Errorf("%d rounds for a net that was never listed", did)
	}
	tp.want(t, "")
}

func TestCloseUnderRWSemEndsAllNetsTogetherAndTheFirstOneLast(t *testing.T) {
	var tp tape
	r := made(t, bg, rwsem, WithSubsys(tp.all("a"), tp.ops("b")))
	copied(t, r, "n")
	copied(t, r, "m")
	tp.took()
	tp.on("exit b n", func(context.Context, *Net) error { panic(errBoom) })
	err := r.Close(bg)
	is(t, err, errBoom)
	tp.want(t, "pre_exit a m, pre_exit a n, exit_rtnl a m, exit_rtnl a n, exit b m, exit b n, exit a m, exit a n, exit_batch a m+n, "+
		"pre_exit a init_net, exit_rtnl a init_net, exit b init_net, exit a init_net, exit_batch a init_net")
}

// A positive return of the last init is a success for a set-up, and its net gets the exit (hazard H1).
func TestPositiveInitUnderRWSem(t *testing.T) {
	var tp tape
	r, d := stepped(t, rwsem, WithSubsys(tp.ops("a")))
	tp.fail("init a n", hook.Positive(1))
	n := copied(t, r, "n")
	wantLists(t, r, "a; init_net n")
	must(t, n.Put())
	tp.fail("init c init_net", hook.Positive(1))
	wantLists(t, made(t, bg, rwsem, WithSubsys(tp.ops("c"), &Ops{Name: "last"})), "c last; init_net") // net_ns_init looks at what the last ops returned
	tp.took()
	d.Work(-1)
	tp.want(t, "exit a n")
	b := tp.ops("b")
	tp.fail("init b init_net", hook.Positive(1))
	if err := r.RegisterSubsys(bg, b); !errors.As(err, new(hook.Positive)) {
		t.Errorf("RegisterSubsys returns %v", err)
	}
	wantLists(t, r, "a; init_net")
}

func TestNewUnderRWSemThatFailsLeavesNothing(t *testing.T) {
	for name, opts := range map[string][]Option{"": nil, "without namespaces": {WithoutNetNS()}} {
		t.Run(name, func(t *testing.T) {
			var tp tape
			tp.fail("init b init_net", errBoom)
			_, err := New(bg, append(opts, rwsem, WithSubsys(tp.all("a"), tp.ops("b")))...)
			is(t, err, errBoom)
			tp.want(t, "init a init_net, init b init_net, pre_exit a init_net, exit_rtnl a init_net, exit a init_net, exit_batch a init_net")
		})
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

func TestRegistersWaitForDeferredCallbacksUnderRWSem(t *testing.T) {
	var tp tape
	a := tp.ops("a")
	r := made(t, bg, rwsem, WithSubsys(a))
	b := tp.ops("b")
	copied(t, r, "n")
	for _, call := range []func() error{
		func() error { return r.UnregisterSubsys(bg, a) },
		func() error { tp.fail("init b n", errBoom); return r.RegisterSubsys(bg, b) },
	} {
		hold, began := make(chan struct{}), make(chan error, 1)
		must(t, r.InitNet().Defer(func() { <-hold }))
		go func() { began <- call() }()
		select {
		case err := <-began:
			t.Errorf("the call has not waited: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
		close(hold)
		if err := <-began; err != nil && !errors.Is(err, errBoom) {
			t.Error(err)
		}
	}
	wantLists(t, r, "; init_net n")
}

func TestRunningNamesEachKindUnderRWSem(t *testing.T) {
	for _, kind := range []string{"pre_exit", "exit_rtnl", "exit", "exit_batch"} {
		var tp tape
		r := made(t, bg, rwsem, WithSubsys(tp.all("a")))
		n := copied(t, r, "n")
		running, end := tp.hang(kind + " a n")
		must(t, n.Put())
		<-running
		oneRuns(t, r, kind, "a", "n", "cleanup")
		end()
		must(t, n.Wait(bg))
	}
}

// The callbacks of an undo get the values of the caller's context, which marks them, and not its end.
func TestContextOfUndoCallbacksUnderRWSem(t *testing.T) {
	type key struct{}
	seen := 0
	r := made(t, bg, rwsem)
	see := func(ctx context.Context, _ *Net) {
		if seen++; ctx.Value(key{}) != "value" || ctx.Err() != nil {
			t.Errorf("value %v, err %v", ctx.Value(key{}), ctx.Err())
		}
		_, err := r.Copy(ctx, r.InitNet(), "x")
		is(t, err, ErrInCallback)
		is(t, r.UnregisterSubsys(ctx, &Ops{}), ErrInCallback)
	}
	o := &Ops{PreExit: see, ExitRTNL: see, Exit: see, ExitBatch: func(ctx context.Context, nets []*Net) {
		see(ctx, nets[0])
		nets[0] = nil // the slice is the callback's own
	}}
	ctx, cancel := context.WithCancel(context.WithValue(bg, key{}, "value"))
	o.Init = func(context.Context, *Net) error { return nil }
	must(t, r.RegisterSubsys(ctx, o))
	pre := o.PreExit
	o.PreExit = func(ctx context.Context, n *Net) { cancel(); pre(ctx, n) }
	must(t, r.UnregisterSubsys(ctx, o))
	if seen != 4 {
		t.Errorf("%d callbacks", seen)
	}
	wantLists(t, r, "; init_net")
}

func TestOneExitRTNLRunsAtATime(t *testing.T) {
	var inside atomic.Int32
	o := &Ops{Init: func(_ context.Context, n *Net) error {
		return nil
	}, ExitRTNL: func(context.Context, *Net) {
		if inside.Add(1) != 1 {
			t.Error("two ExitRTNLs run")
		}
		runtime.Gosched()
		inside.Add(-1)
	}}
	fails := &Ops{Init: func(_ context.Context, n *Net) error {
		if n.Name() != "init_net" {
			return errBoom
		}
		return nil
	}}
	r := made(t, bg, rwsem, WithSubsys(o, fails))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				_, err := r.Copy(bg, r.InitNet(), "")
				is(t, err, errBoom)
			}
		})
	}
	wg.Wait()
}

// The steps that wait under RWSem say whether they could be taken: at each point of a round the lock of
// the list and the readers are looked at, and a copy that waits behind a register is not ready.
func TestReadyOfStepsThatWaitUnderRWSem(t *testing.T) {
	d := &hook.Hooks{Stepped: true}
	r := made(t, hook.With(bg, d), rwsem)
	n := copied(t, r, "n")
	must(t, n.Put())
	got := make(map[string]bool)
	r.hooks.Point = func(p hook.Point) {
		switch p.Name {
		case "CleanupNetUnlink":
			r.netRwsem.RLock()
			got["list is read"] = p.Ready()
			r.netRwsem.RUnlock()
			got["list is free"] = p.Ready()
		case "OpsUndoListGrace":
			s := r.readers.enter()
			time.AfterFunc(time.Millisecond, s.leave)
		case "OpsUndoListGraceEnd":
			got["reader is inside"] = p.Ready()
		case "SetupNetBegin":
			got["writer has it"] = p.Ready()
			r.netMutex.unlock()
			got["handed over"] = p.Ready()
		case "RegisterLink":
			got["cancelled"] = p.Ready()
		}
	}
	d.Work(-1)
	must(t, r.netMutex.lock(bg))
	copied(t, r, "m")
	must(t, r.netMutex.rlock(bg))
	ctx, cancel := context.WithTimeout(bg, time.Millisecond)
	is(t, r.RegisterSubsys(ctx, &Ops{}), ErrInterrupted)
	cancel()
	r.netMutex.runlock()
	for what, want := range map[string]bool{"list is read": false, "list is free": true, "reader is inside": false,
		"writer has it": false, "handed over": true, "cancelled": false} {
		if ready, ok := got[what]; !ok || ready != want {
			t.Errorf("%s: ready %v", what, ready)
		}
	}
}

// A net that Close has taken down while it waited for its round. The round waits for no reader and no deferred callback.
func TestARoundThatFindsNothing(t *testing.T) {
	r, d, got := steps(t, rwsem)
	n := copied(t, r, "n")
	must(t, n.Put())
	r.netRwsem.Lock()
	r.unlist([]*Net{n})
	r.netRwsem.Unlock()
	got()
	if did := d.Work(-1); did != 1 || n.useCount.Load() == freedUse || !r.netMutex.free() {
		t.Errorf("%d rounds; use count %d", did, n.useCount.Load())
	}
	wantSteps(t, got, "CleanupNet", "CleanupNetLock", "CleanupNetUnlink ready")
}

func TestViewUnderRWSem(t *testing.T) {
	r, d := stepped(t, rwsem)
	n, m := copied(t, r, "n"), copied(t, r, "m")
	must(t, n.Put())
	d.Work(-1)
	must(t, m.Put())
	var seen []string
	r.hooks.Point = func(p hook.Point) {
		var v hook.View
		d.View(&v)
		step := p.Name + fmt.Sprint(v.DeferFree, v.Freeing)
		for _, l := range d.Locks {
			if l.Held() {
				step += " " + l.Name
			}
		}
		seen = append(seen, step)
	}
	d.Work(-1)
	const want = "CleanupNet[n] [], CleanupNetLock[n] [], CleanupNetUnlink[n] [] pernet_ops_rwsem, OpsUndoListGrace[n] [] pernet_ops_rwsem, " +
		"OpsUndoListGraceEnd[n] [] pernet_ops_rwsem, CleanupNetUnlock[n] [] pernet_ops_rwsem, CleanupNetBarrier[n] [], RcuBarrierEnd[] [n], " +
		"NetCompleteFree[] [n], CleanupNetPut[] []"
	if got := strings.Join(seen, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	seen = nil
	for range r.Nets() {
	}
	if got := strings.Join(seen, ", "); got != "ListNetsLock[m] [], ListNetsRead[m] [] net_rwsem" {
		t.Errorf("got %s", got)
	}
	r.rtnl.Lock()
	if !d.Locks[1].Held() {
		t.Error("rtnl is free")
	}
	r.rtnl.Unlock()
}
