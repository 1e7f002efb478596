// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/pernet/internal/hook"
)

var rwsem = WithDiscipline(RWSem)

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

func TestRegistersWaitForDeferredCallbacksUnderRWSem(t *testing.T) {
	var tp tape
	a, none := tp.ops("a"), &Ops{Name: "without callbacks"}
	r := made(t, bg, rwsem, WithSubsys(a, none))
	b := tp.ops("b")
	copied(t, r, "n")
	for _, call := range []func() error{
		func() error { return r.UnregisterSubsys(bg, a) },
		func() error { return r.UnregisterSubsys(bg, none) },
		func() error { tp.fail("init b n", errBoom); return r.RegisterSubsys(bg, b) },
	} {
		hold, began := make(chan struct{}), make(chan error, 1)
		must(t, r.InitNet().Defer(func() { <-hold }))
		go func() { began <- call() }()
		select {
		case err := <-began:
			t.Errorf("the call has not waited: %v", err)
			began <- err
		case <-time.After(5 * time.Millisecond):
		}
		close(hold)
		if err := <-began; err != nil && !errors.Is(err, errBoom) {
			t.Error(err)
		}
	}
	wantLists(t, r, "; init_net n")
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
