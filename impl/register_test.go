// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"testing"

	"example.com/pernet/internal/hook"
)

func TestSubsystemsStandBeforeDevices(t *testing.T) {
	var tp tape
	r := made(t, bg)
	a, b, c, d, e := tp.ops("a"), tp.ops("b"), tp.ops("c"), tp.ops("d"), tp.ops("e")
	for _, step := range []struct {
		do   func(context.Context, *Ops) error
		ops  *Ops
		want string
	}{
		{r.RegisterSubsys, a, "a; init_net"},
		{r.RegisterDevice, b, "a | b; init_net"},
		{r.RegisterSubsys, c, "a c | b; init_net"},
		{r.RegisterDevice, d, "a c | b d; init_net"},
		{r.RegisterSubsys, e, "a c e | b d; init_net"},
		{r.UnregisterDevice, b, "a c e | d; init_net"},
		{r.UnregisterSubsys, c, "a e | d; init_net"},
		{r.RegisterDevice, b, "a e | d b; init_net"},
		{r.UnregisterDevice, b, "a e | d; init_net"},
		{r.UnregisterDevice, d, "a e; init_net"},
		{r.RegisterSubsys, c, "a e c; init_net"},
	} {
		must(t, step.do(bg, step.ops))
		wantLists(t, r, step.want)
		wellFormed(t, r)
	}
}

func TestRegisterRunsInitOnEveryListedNetInOrder(t *testing.T) {
	var tp tape
	r, d := stepped(t)
	n := copied(t, r, "n1")
	copied(t, r, "n2")
	must(t, n.Put()) // its count is zero, and it stays listed until its cleanup [H2]
	a := tp.ops("a")
	must(t, r.RegisterSubsys(bg, a))
	tp.want(t, "init a init_net, init a n1, init a n2")
	must(t, r.UnregisterSubsys(bg, a))
	tp.want(t, "exit a init_net, exit a n1, exit a n2")
	d.Work(-1)
	tp.want(t, "")
}

func TestFailedRegisterIsUndone(t *testing.T) {
	for _, err := range []error{errBoom, hook.Positive(1)} {
		var tp tape
		r := made(t, bg, WithDevice(tp.ops("d")))
		copied(t, r, "n1")
		copied(t, r, "n2")
		copied(t, r, "n3")
		tp.took()
		a := tp.ops("a")
		tp.fail("init a n2", err)
		got := r.RegisterSubsys(bg, a)
		is(t, got, err)
		var ie *InitError
		if !errors.As(got, &ie) || ie.Ops != a || ie.Net.Name() != "n2" || ie.Err != err {
			t.Errorf("got %#v", got)
		}
		tp.want(t, "init a init_net, init a n1, init a n2, exit a init_net, exit a n1")
		wantLists(t, r, "| d; init_net n1 n2 n3")

		tp.fail("init a init_net", err)
		is(t, r.RegisterDevice(bg, a), err)
		tp.want(t, "init a init_net")
		wantLists(t, r, "| d; init_net n1 n2 n3")
	}
}

func TestFailedDeviceDoesNotBecomeFirstDevice(t *testing.T) {
	var tp tape
	r := made(t, bg)
	a := tp.ops("a")
	tp.fail("init a init_net", errBoom)
	is(t, r.RegisterDevice(bg, a), errBoom)
	wantLists(t, r, "; init_net")
	must(t, r.RegisterDevice(bg, a))
	wantLists(t, r, "| a; init_net")
}

// The exits of an undo and of an unregister run when the ops is off the list, and first device moved on.
func TestExitsOfOpsThatGoRunAfterTheUnlink(t *testing.T) {
	var tp tape
	r := made(t, bg)
	a, b := tp.ops("a"), tp.ops("b")
	copied(t, r, "n")
	exits := 0
	off := func(context.Context, *Net) error { // the lists do not change: the call that runs this holds the lock
		exits++
		if r.find(a) >= 0 || r.firstDevice == a {
			t.Error("the ops is still linked")
		}
		return nil
	}
	tp.fail("init a n", errBoom)
	tp.on("exit a init_net", off)
	is(t, r.RegisterDevice(bg, a), errBoom)
	must(t, r.RegisterDevice(bg, a))
	must(t, r.RegisterDevice(bg, b))
	tp.on("exit a init_net", off)
	tp.on("exit a n", off)
	must(t, r.UnregisterDevice(bg, a))
	if exits != 3 || r.firstDevice != b {
		t.Errorf("%d exits, first device %v", exits, r.firstDevice)
	}
}

func TestOpsWithoutInitOrExit(t *testing.T) {
	var tp tape
	r, d := stepped(t)
	n := copied(t, r, "n")
	noInit, noExit := tp.ops("x"), tp.ops("y")
	noInit.Init, noExit.Exit = nil, nil
	must(t, r.RegisterSubsys(bg, noInit))
	tp.want(t, "")
	must(t, r.RegisterSubsys(bg, noExit))
	tp.want(t, "init y init_net, init y n")
	must(t, n.Put())
	d.Work(-1)
	tp.want(t, "exit x n") // an ops without an init counts as initialised [H9]
	last := tp.ops("z")
	must(t, r.RegisterSubsys(bg, last))
	tp.took()
	tp.fail("init z m", errBoom)
	_, err := r.Copy(bg, r.InitNet(), "m")
	is(t, err, errBoom)
	tp.want(t, "init y m, init z m, exit x m")
	must(t, r.UnregisterSubsys(bg, noInit))
	must(t, r.UnregisterSubsys(bg, noExit))
	tp.want(t, "exit x init_net")
	fails := &Ops{Init: func(context.Context, *Net) error { return errBoom }}
	is(t, r.RegisterSubsys(bg, fails), errBoom)
	must(t, r.RegisterSubsys(bg, &Ops{Name: "nothing"}))
}

func TestRegisterMisuseChangesNothing(t *testing.T) {
	var tp tape
	r := made(t, bg)
	a, b, c := tp.ops("a"), tp.ops("b"), tp.ops("c")
	must(t, r.RegisterSubsys(bg, a))
	must(t, r.RegisterDevice(bg, b))
	slot := newThings("slot")
	must(t, r.RegisterSubsys(bg, slot.Ops()))
	tp.took()
	var noCtx context.Context
	for _, x := range []struct {
		name string
		err  error
		want error
	}{
		{"a subsystem twice", r.RegisterSubsys(bg, a), ErrExist},
		{"a subsystem as a device too", r.RegisterDevice(bg, a), ErrExist},
		{"a device twice", r.RegisterDevice(bg, b), ErrExist},
		{"a slot twice", r.RegisterSubsys(bg, slot.Ops()), ErrExist},
		{"a slot as a device too", r.RegisterDevice(bg, slot.Ops()), ErrExist},
		{"unregister of none", r.UnregisterSubsys(bg, c), ErrNotFound},
		{"unregister of no device", r.UnregisterDevice(bg, c), ErrNotFound},
		{"a device through the subsystem call", r.UnregisterSubsys(bg, b), ErrInvalid},
		{"a subsystem through the device call", r.UnregisterDevice(bg, a), ErrInvalid},
		{"register nil", r.RegisterSubsys(bg, nil), ErrInvalid},
		{"unregister nil", r.UnregisterSubsys(bg, nil), ErrInvalid},
		{"register without a context", r.RegisterSubsys(noCtx, c), ErrInvalid},
		{"unregister without a context", r.UnregisterSubsys(noCtx, a), ErrInvalid},
		{"register with a context that has ended", r.RegisterSubsys(ended, a), ErrInterrupted},
		{"unregister with a context that has ended", r.UnregisterSubsys(ended, c), ErrInterrupted},
		{"a barrier without a context", r.NetNsBarrier(noCtx), ErrInvalid},
		{"a barrier with a context that has ended", r.NetNsBarrier(ended), ErrInterrupted},
	} {
		if !errors.Is(x.err, x.want) {
			t.Errorf("%s: %v, want %v", x.name, x.err, x.want)
		}
	}
	if _, err := r.Snapshot(ended); !errors.Is(err, ErrInterrupted) {
		t.Errorf("Snapshot: %v", err)
	}
	if _, err := r.Snapshot(noCtx); !errors.Is(err, ErrInvalid) {
		t.Errorf("Snapshot: %v", err)
	}
	tp.want(t, "")
	wantLists(t, r, "a slot | b; init_net")
	if slot.Get(r.InitNet()) == nil {
		t.Error("a slot that is registered twice has lost its value")
	}
}

func TestCallsWaitForTheLockAndCanBeCancelled(t *testing.T) {
	var tp tape
	r := made(t, bg)
	a, b := tp.ops("a"), tp.ops("b")
	in, out := make(chan struct{}), make(chan struct{})
	tp.on("init a init_net", func(context.Context, *Net) error {
		close(in)
		<-out
		return nil
	})
	first := make(chan error)
	go func() { first <- r.RegisterSubsys(bg, a) }()
	<-in
	ctx, cancel := context.WithCancel(bg)
	calls := []func() error{
		func() error { return r.RegisterSubsys(ctx, b) },
		func() error { return r.UnregisterSubsys(ctx, a) },
		func() error { _, err := r.Copy(ctx, r.InitNet(), "n"); return err },
		func() error { _, err := r.Snapshot(ctx); return err },
		func() error { return r.NetNsBarrier(ctx) },
	}
	answers := make(chan error)
	for i, call := range calls {
		go func() { answers <- call() }()
		queued(t, &r.netMutex, i+1)
	}
	if got := r.InitNet().count.Load(); got != 2 {
		t.Errorf("a copy that waits holds no reference: count %d", got)
	}
	cancel()
	for range calls {
		err := <-answers
		says(t, err, `waiting for init of "a" on net "init_net" (RegisterSubsys), running for `)
		is(t, err, context.Canceled)
	}
	if got := r.InitNet().count.Load(); got != 1 {
		t.Errorf("a copy that was cancelled keeps its reference: count %d", got)
	}
	close(out)
	must(t, <-first)
	tp.want(t, "init a init_net")
	wantLists(t, r, "a; init_net")
	copied(t, r, "n") // its name was given back
}
