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

	"example.com/pernet/internal/hook"
)

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

// TestEachExitBatchHasItsNetsToItself: what a callback does with its nets changes nothing of what other callbacks get,
// or keep, in the same undo and in later ones.
func TestEachExitBatchHasItsNetsToItself(t *testing.T) {
	var got []string
	var kept [][]*Net
	see := func(_ context.Context, nets []*Net) {
		got = append(got, fmt.Sprint(nets))
		kept = append(kept, nets)
	}
	spoil := func(_ context.Context, nets []*Net) {
		got = append(got, fmt.Sprint(nets))
		clear(nets)
	}
	r, d := stepped(t, rwsem, WithSubsys(&Ops{ExitBatch: see}, &Ops{ExitBatch: spoil}, &Ops{ExitBatch: see}))
	for _, names := range [][2]string{{"a", "b"}, {"c", "d"}} {
		n, m := copied(t, r, names[0]), copied(t, r, names[1])
		must(t, n.Put())
		must(t, m.Put())
		d.Work(-1)
		must(t, n.Wait(bg))
		must(t, m.Wait(bg))
	}
	if want := []string{"[b a]", "[b a]", "[b a]", "[d c]", "[d c]", "[d c]"}; !slices.Equal(got, want) {
		t.Errorf("the callbacks were given %v, want %v", got, want)
	}
	if s := fmt.Sprint(kept); s != "[[b a] [b a] [d c] [d c]]" {
		t.Errorf("what the callbacks have kept is %s later", s)
	}
}

// TestANetHasThePanicsOfItsOwnBatchAlone: that of an ExitBatch is among those of each net of its batch, also when
// Close takes the first net down after the others.
func TestANetHasThePanicsOfItsOwnBatchAlone(t *testing.T) {
	r := made(t, bg, rwsem, WithSubsys(&Ops{ExitBatch: func(_ context.Context, nets []*Net) { panic(errors.New("batch " + nets[0].Name())) }}))
	one, two := copied(t, r, "one"), copied(t, r, "two")
	three := copied(t, r, "three")
	must(t, three.Put())
	havePanics(t, three.Wait(bg), "batch three")
	havePanics(t, r.Close(bg), "batch three", "batch two", "batch init_net")
	for n, want := range map[*Net]string{one: "batch two", two: "batch two", three: "batch three", r.InitNet(): "batch init_net"} {
		havePanics(t, n.Wait(bg), want)
	}
}

// havePanics checks which panics are joined to err, in order.
func havePanics(t *testing.T, err error, want ...string) {
	t.Helper()
	var got []string
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			if p := new(PanicError); errors.As(err, &p) {
				got = append(got, fmt.Sprint(p.Value))
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v has the panics %q, want %q", err, got, want)
	}
}
