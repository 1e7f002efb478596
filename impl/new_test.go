// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/pernet/internal/hook"
)

func TestNewSetsUpInitNetOverWhatIsRegistered(t *testing.T) {
	var tp tape
	r := made(t, bg, WithDevice(tp.ops("d1")), WithSubsys(tp.ops("s1")), WithDevice(tp.ops("d2")),
		WithSubsys(tp.ops("s2")), WithInitName("first"))
	tp.want(t, "init s1 first, init s2 first, init d1 first, init d2 first")
	wantLists(t, r, "s1 s2 | d1 d2; first")
	if r.InitNet().Name() != "first" {
		t.Errorf("init_net is %s", r.InitNet())
	}
	must(t, r.RegisterSubsys(bg, tp.ops("s3")))
	wantLists(t, r, "s1 s2 s3 | d1 d2; first")
	wantLists(t, made(t, bg, WithInitName("")), "; ")
	wantLists(t, made(t, bg), "; init_net")
}

func TestNewThatFailsLeavesNothing(t *testing.T) {
	for _, x := range []struct {
		name string
		opts []Option
		err  error
		want string
	}{
		{"the first init", nil, errBoom, "init a init_net"},
		{"the last init", nil, errBoom, "init a init_net, init b init_net, init c init_net, exit b init_net, exit a init_net"},
		{"a positive last init", nil, hook.Positive(3),
			"init a init_net, init b init_net, init c init_net, exit c init_net, exit b init_net, exit a init_net"},
		{"the first init, without namespaces", []Option{WithoutNetNS()}, errBoom, "init a init_net"},
		{"the last init, without namespaces", []Option{WithoutNetNS()}, errBoom,
			"init a init_net, init b init_net, init c init_net, exit b init_net, exit a init_net"},
		{"a positive init, without namespaces", []Option{WithoutNetNS()}, hook.Positive(3),
			"init a init_net, init b init_net, init c init_net, exit b init_net, exit a init_net"},
	} {
		t.Run(x.name, func(t *testing.T) {
			var tp tape
			var n *Net
			var ran bool
			tp.on("init a init_net", func(_ context.Context, in *Net) error {
				n = in
				must(t, n.Defer(func() { ran = true }))
				if strings.Contains(x.name, "first") {
					return x.err
				}
				return nil
			})
			tp.fail("init c init_net", x.err)
			r, err := New(bg, append(x.opts, WithSubsys(tp.ops("a"), tp.ops("b")), WithDevice(tp.ops("c")))...)
			if r != nil || !errors.Is(err, x.err) || !errors.As(err, new(*InitError)) {
				t.Fatalf("got %v, %v", r, err)
			}
			tp.want(t, x.want)
			if !ran {
				t.Error("a deferred callback is left")
			}
			for _, err := range []error{n.Get(), n.Put(), n.Hold(), n.Defer(func() {})} {
				is(t, err, ErrNotFound)
			}
			must(t, n.Wait(bg))
		})
	}
}

// The first net is never listed, and is referenced from the first step on.
func TestStepsOfNewUnderRWSemThatFails(t *testing.T) {
	var tp tape
	var got []string
	d := &hook.Hooks{}
	d.Point = func(p hook.Point) {
		var v hook.View
		d.View(&v)
		got = append(got, fmt.Sprint(p.Name, v.NetList, v.Nets[0].Count))
	}
	tp.fail("init a init_net", errBoom)
	_, err := New(hook.With(bg, d), rwsem, WithSubsys(tp.ops("a")))
	is(t, err, errBoom)
	want := "NetNsInit[] 0 NetNsInitLock[] 1 SetupNetBegin[] 1 SetupNetInit[] 1 OpsUndoListGrace[] 1 OpsUndoListGraceEnd[] 1 " +
		"RcuBarrier[] 1 RcuBarrierEnd[] 1 NetNsInitUnlock[] 1 NetNsInitPanic[] 1 CleanupNetBarrier[] 1 CleanupNetBarrierEnd[] 1"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("steps:\n%s\nwant:\n%s", s, want)
	}
}

func TestNewPassesOverAPositiveInitThatIsNotTheLast(t *testing.T) {
	var tp tape
	tp.fail("init a init_net", hook.Positive(1))
	r := made(t, bg, WithSubsys(tp.ops("a"), tp.ops("b")))
	wantLists(t, r, "a b; init_net")
}

func TestNewMisuse(t *testing.T) {
	var tp tape
	a := tp.ops("a")
	var noCtx context.Context
	for _, x := range []struct {
		name string
		ctx  context.Context
		opts []Option
		want error
	}{
		{"no context", noCtx, nil, ErrInvalid},
		{"nil ops", bg, []Option{WithSubsys(a, nil)}, ErrInvalid},
		{"ops twice", bg, []Option{WithSubsys(a), WithDevice(a)}, ErrExist},
		{"ops twice, without namespaces", bg, []Option{WithDevice(a, a), WithoutNetNS()}, ErrExist},
		{"a context that has ended", ended, []Option{WithSubsys(a)}, ErrInterrupted},
		{"a context that has ended, without ops", ended, nil, ErrInterrupted},
	} {
		r, err := New(x.ctx, x.opts...)
		if r != nil || !errors.Is(err, x.want) {
			t.Errorf("%s: %v, %v, want %v", x.name, r, err, x.want)
		}
	}
	tp.want(t, "")
}

func TestNewWithInitsThatPanicOrEndTheGoroutine(t *testing.T) {
	for _, opts := range [][]Option{nil, {WithoutNetNS()}} {
		var tp tape
		opts = append(opts, WithSubsys(tp.ops("a"), tp.ops("b")))
		tp.on("init b init_net", panics("oops"))
		tp.on("exit a init_net", panics("too"))
		_, err := New(bg, opts...)
		panicked(t, err, "oops")
		if !strings.Contains(err.Error(), "too") {
			t.Errorf("%v does not say what the exit panicked with", err)
		}
		tp.want(t, "init a init_net, init b init_net, exit a init_net")

		tp.on("init b init_net", goexit)
		if !goexits(func() { _, _ = New(bg, opts...) }) {
			t.Error("New returned")
		}
		tp.want(t, "init a init_net, init b init_net, exit a init_net")
		made(t, bg, opts...)
	}
}

func TestLogsGoToTheDefaultLogger(t *testing.T) {
	var log syncBuffer
	old := slog.Default()
	defer slog.SetDefault(old)
	r := made(t, bg)
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	n := copied(t, r, "n")
	must(t, n.Hold())
	must(t, n.Put())
	is(t, n.Wait(bg), ErrInUse)
	eventually(t, "it is logged", func() bool { return strings.Contains(log.String(), "net=n") })
}

// A New that an init ends lets go of the lock, which a tool can see; one that fails waits for what its exits deferred.
func TestNewThatEndsEarlyLetsGoAndWaits(t *testing.T) {
	for name, discipline := range disciplines {
		d := &hook.Hooks{}
		ends := &Ops{Init: func(context.Context, *Net) error { runtime.Goexit(); return nil }}
		if !goexits(func() { _, _ = New(hook.With(bg, d), discipline, WithSubsys(ends)) }) || d.Locks[0].Held() {
			t.Errorf("%s: New returned, or %s is held", name, d.Locks[0].Name)
		}
		var ran atomic.Bool
		defers := &Ops{Exit: func(_ context.Context, n *Net) {
			must(t, n.Defer(func() {
				time.Sleep(10 * time.Millisecond) // so long a New that does not wait is given to show itself
				ran.Store(true)
			}))
		}}
		fails := &Ops{Init: func(context.Context, *Net) error { return errBoom }}
		_, err := New(bg, discipline, WithoutNetNS(), WithSubsys(defers, fails))
		if is(t, err, errBoom); !ran.Load() {
			t.Errorf("%s: New did not wait", name)
		}
	}
}

func TestWithoutNamespaces(t *testing.T) {
	var tp tape
	a, b, c := tp.ops("a"), tp.ops("b"), tp.ops("c")
	r := made(t, bg, WithoutNetNS(), WithSubsys(a), WithDevice(b))
	n := r.InitNet()
	tp.want(t, "init a init_net, init b init_net")
	wantLists(t, r, "; init_net") // nothing is linked, and there is no first device [H7]

	must(t, r.RegisterDevice(bg, c))
	tp.want(t, "init c init_net")
	wantLists(t, r, "; init_net")
	is(t, r.RegisterSubsys(bg, c), ErrExist)
	is(t, r.UnregisterSubsys(bg, c), ErrInvalid)
	must(t, r.UnregisterDevice(bg, c))
	tp.want(t, "exit c init_net")
	is(t, r.UnregisterDevice(bg, c), ErrNotFound)

	for _, err := range []error{errBoom, hook.Positive(1)} {
		tp.fail("init c init_net", err)
		is(t, r.RegisterSubsys(bg, c), err)
		tp.want(t, "init c init_net") // nothing is undone
	}
	must(t, r.RegisterSubsys(bg, c))
	tp.took()

	m, err := r.Copy(bg, n, "m")
	if m != nil || !errors.Is(err, ErrInvalid) {
		t.Errorf("Copy: %v, %v", m, err)
	}
	m, err = r.Share(n)
	if m != n || err != nil || n.count.Load() != 1 {
		t.Errorf("Share: %v, %v, count %d", m, err, n.count.Load())
	}
	is(t, n.Put(), ErrInvalid)
	must(t, n.Get())
	must(t, n.Put())
	must(t, n.Hold())
	must(t, n.Release())
	tp.want(t, "")
	wellFormed(t, r)
	must(t, r.Close(bg))
	tp.want(t, "exit c init_net, exit b init_net, exit a init_net")
}
