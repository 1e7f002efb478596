// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"strings"
	"testing"

	"example.com/pernet/internal/hook"
)

// steps makes a registry that writes down its yield points: "Name ops net other err".
func steps(t *testing.T, opts ...Option) (*Registry, *hook.Hooks, func() string) {
	t.Helper()
	var got []string
	d := &hook.Hooks{Stepped: true, AllocFail: func() error { return nil }}
	d.Point = func(p hook.Point) {
		err := ""
		switch {
		case errors.Is(p.Err, errBoom):
			err = "boom"
		case p.Err != nil:
			err = strings.TrimPrefix(p.Err.Error(), "pernet: ")
		}
		words := strings.Fields(strings.Join([]string{p.Name, p.Ops, p.Net, p.Other, err}, " "))
		if p.Ready != nil {
			words = append(words, map[bool]string{true: "ready", false: "waits"}[p.Ready()])
		}
		got = append(got, strings.Join(words, " "))
	}
	d.Go = func(_ string, f func()) { f() }
	r := made(t, hook.With(bg, d), opts...)
	return r, d, func() string {
		s := strings.Join(got, "\n")
		got = nil
		return s
	}
}

func wantSteps(t *testing.T, got func() string, want ...string) {
	t.Helper()
	if g := got(); g != strings.Join(want, "\n") {
		t.Errorf("steps:\n%s\nwant:\n%s", g, strings.Join(want, "\n"))
	}
}

func TestStepsOfRegister(t *testing.T) {
	var tp tape
	r, _, got := steps(t)
	copied(t, r, "n")
	a, b := tp.ops("a"), tp.ops("b")
	got()
	must(t, r.RegisterSubsys(bg, a))
	wantSteps(t, got, "RegisterLock a ready", "RegisterLink a", "RegisterInit a init_net", "RegisterInit a n", "RegisterUnlock a")
	is(t, r.RegisterSubsys(bg, a), ErrExist)
	wantSteps(t, got, "RegisterLock a ready", "RegisterUnlock exists already")
	is(t, r.RegisterSubsys(ended, a), ErrInterrupted)
	wantSteps(t, got, "RegisterLock a ready")
	tp.fail("init b n", errBoom)
	is(t, r.RegisterDevice(bg, b), errBoom)
	wantSteps(t, got, "RegisterLock b ready", "RegisterLink b", "RegisterInit b init_net", "RegisterInit b n",
		"RegisterUnlink b n boom", "RegisterUndo b init_net n boom", "RegisterUnlock boom")
	b.Exit = nil
	tp.fail("init b n", errBoom)
	is(t, r.RegisterDevice(bg, b), errBoom)
	wantSteps(t, got, "RegisterLock b ready", "RegisterLink b", "RegisterInit b init_net", "RegisterInit b n",
		"RegisterUnlink b n boom", "RegisterUnlock boom")
	b.Init = nil
	must(t, r.RegisterDevice(bg, b))
	wantSteps(t, got, "RegisterLock b ready", "RegisterLink b", "RegisterUnlock b")

	is(t, r.UnregisterSubsys(bg, b), ErrInvalid)
	wantSteps(t, got, "UnregisterLock b ready", "UnregisterUnlock invalid argument")
	must(t, r.UnregisterDevice(bg, b))
	wantSteps(t, got, "UnregisterLock b ready", "UnregisterUnlink b", "UnregisterUnlock b")
	is(t, r.UnregisterDevice(bg, b), ErrNotFound)
	wantSteps(t, got, "UnregisterLock b ready", "UnregisterUnlock not found")
	must(t, r.UnregisterSubsys(bg, a))
	wantSteps(t, got, "UnregisterLock a ready", "UnregisterUnlink a", "UnregisterExit a init_net", "UnregisterExit a n", "UnregisterUnlock a")
}

func TestStepsOfCopyAndCleanup(t *testing.T) {
	var tp tape
	r, d, got := steps(t, WithSubsys(tp.ops("a"), &Ops{Name: "none"}), WithDevice(tp.ops("b")))
	wantSteps(t, got, "NetNsInitLock init_net ready", "SetupNetInit a init_net", "SetupNetInit b init_net",
		"NetNsInitRtnlLock init_net ready", "NetNsInitListAdd init_net", "NetNsInitUnlock init_net")
	n := copied(t, r, "n")
	wantSteps(t, got, "CopyNetNsGet init_net", "CopyNetNsAlloc init_net", "CopyNetNsLock n init_net ready",
		"SetupNetInit a n init_net", "SetupNetInit b n init_net", "CopyNetNsRtnlLock n init_net ready",
		"CopyNetNsListAdd n init_net", "CopyNetNsUnlock init_net", "CopyNetNsPut init_net")
	_, err := r.Copy(bg, n, "n")
	is(t, err, ErrExist)
	wantSteps(t, got, "CopyNetNsGet n", "CopyNetNsAlloc n", "CopyNetNsPut n exists already")
	_, err = r.Copy(ended, n, "m")
	is(t, err, ErrInterrupted)
	wantSteps(t, got, "CopyNetNsGet n", "CopyNetNsAlloc n", "CopyNetNsLock m n ready",
		"CopyNetNsPut m n interrupted: context canceled", "CopyNetNsFree m interrupted: context canceled")

	// a failure, with the last reference on the old net
	tp.on("init b m", func(context.Context, *Net) error {
		must(t, n.Put())
		return errBoom
	})
	_, err = r.Copy(bg, n, "m")
	is(t, err, errBoom)
	wantSteps(t, got, "CopyNetNsGet n", "CopyNetNsAlloc n", "CopyNetNsLock m n ready",
		"SetupNetInit a m n", "SetupNetInit b m n", "PutNet n", "SetupNetUndo a m n boom",
		"SetupNetBarrier m n boom", "SetupNetBarrierEnd m n boom ready", "CopyNetNsUnlock m n boom",
		"CopyNetNsPut m n boom", "CopyNetNsQueue m n boom", "CopyNetNsFree m boom")
	d.Work(-1)
	wantSteps(t, got, "CleanupNetLock ready", "CleanupNetRtnlLock n ready", "CleanupNetUnlink n", "CleanupNetExit b n",
		"CleanupNetExit a n", "CleanupNetUnlock n", "CleanupNetBarrier n", "CleanupNetBarrierEnd n ready", "CleanupNetFree n")

	// the last init returns a positive number: no exit, no barrier
	tp.fail("init b m", hook.Positive(1))
	_, err = r.Copy(bg, r.InitNet(), "m")
	if !errors.As(err, new(hook.Positive)) {
		t.Error(err)
	}
	if s := got(); strings.Contains(s, "Undo") || strings.Contains(s, "Barrier") || !strings.Contains(s, "CopyNetNsUnlock m init_net init of") {
		t.Errorf("steps:\n%s", s)
	}
}

func TestStepsOfCounts(t *testing.T) {
	r, _, got := steps(t)
	n := copied(t, r, "n")
	got()
	m, err := r.Share(n)
	must(t, err)
	must(t, m.Get())
	must(t, m.Put())
	must(t, m.Put())
	must(t, m.Hold())
	must(t, m.Release())
	is(t, m.Release(), ErrInvalid)
	must(t, m.Put())
	is(t, m.Put(), ErrInvalid)
	is(t, m.Get(), ErrNotFound)
	wantSteps(t, got, "CopyNetNsShare n", "GetNet n", "PutNet n", "PutNet n", "HoldNet n", "ReleaseNet n", "ReleaseNet n",
		"PutNet n", "PutNetQueue n", "PutNet n", "GetNet n")
	for range r.Nets() {
	}
	wantSteps(t, got, "ListNetsLock ready", "ListNetsRead")
	must(t, r.InitNet().Defer(func() {}))
	wantSteps(t, got, "DeferredRun init_net")
}

func TestStepsOfBarrier(t *testing.T) {
	var callbacks []func()
	var got []string
	d := &hook.Hooks{Stepped: true, Go: func(_ string, f func()) { callbacks = append(callbacks, f) }}
	d.Point = func(p hook.Point) {
		step := p.Name
		if p.Ready != nil {
			step += map[bool]string{true: " ready", false: " waits"}[p.Ready()]
		}
		if got = append(got, step); step == "RcuBarrierEnd waits" {
			callbacks[0]()
		}
	}
	r := made(t, hook.With(bg, d))
	steps := func() string {
		s := strings.Join(got, "\n")
		got = nil
		return s
	}
	steps()
	must(t, r.Barrier(ended))
	wantSteps(t, steps, "RcuBarrier", "RcuBarrierEnd ready")
	must(t, r.InitNet().Defer(func() {}))
	is(t, r.Barrier(ended), ErrInterrupted)
	wantSteps(t, steps, "RcuBarrier", "RcuBarrierEnd ready")
	must(t, r.Barrier(bg))
	wantSteps(t, steps, "RcuBarrier", "RcuBarrierEnd waits", "DeferredRun")
}

// A barrier whose callbacks have all run does not fail, though its context has ended too.
func TestBarrierThatIsOverIsNotInterrupted(t *testing.T) {
	var callback func()
	d := &hook.Hooks{Stepped: true, Go: func(_ string, f func()) { callback = f }}
	d.Point = func(p hook.Point) {
		if p.Name == "RcuBarrierEnd" {
			callback()
		}
	}
	r := made(t, hook.With(bg, d))
	for range 20 {
		must(t, r.InitNet().Defer(func() {}))
		must(t, r.Barrier(ended))
	}
}

func TestStepsOfNetNsInitThatFails(t *testing.T) {
	var tp tape
	var got []string
	d := &hook.Hooks{Point: func(p hook.Point) { got = append(got, p.Name) }}
	tp.fail("init b init_net", errBoom)
	_, err := New(hook.With(bg, d), WithSubsys(tp.ops("a"), tp.ops("b")))
	is(t, err, errBoom)
	want := "NetNsInitLock SetupNetInit SetupNetInit SetupNetUndo SetupNetBarrier SetupNetBarrierEnd " +
		"NetNsInitRtnlLock NetNsInitListAdd NetNsInitUnlock NetNsInitPanic"
	if s := strings.Join(got, " "); !strings.HasPrefix(s, want) {
		t.Errorf("steps:\n%s\nwant:\n%s", s, want)
	}
}

func TestStepsWithoutNamespaces(t *testing.T) {
	var tp tape
	r, _, got := steps(t, WithoutNetNS())
	a := tp.ops("a")
	got()
	tp.fail("init a init_net", errBoom)
	is(t, r.RegisterDevice(bg, a), errBoom)
	wantSteps(t, got, "RegisterLock a ready", "RegisterInit a init_net", "RegisterUnlock boom")
	must(t, r.RegisterDevice(bg, a))
	wantSteps(t, got, "RegisterLock a ready", "RegisterInit a init_net", "RegisterUnlock a")
	must(t, r.UnregisterDevice(bg, a))
	wantSteps(t, got, "UnregisterLock a ready", "UnregisterExit a init_net", "UnregisterUnlock a")
	_, err := r.Copy(bg, r.InitNet(), "n")
	is(t, err, ErrInvalid)
	_, err = r.Share(r.InitNet())
	must(t, err)
	wantSteps(t, got, "CopyNetNs init_net", "CopyNetNsShare init_net")
}
