// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"example.com/pernet/internal/hook"
)

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

// TestCloseReturnsAtItsDeadlineWhicheverCallbackHangs: whatever else there is to take down with, or not.
func TestCloseReturnsAtItsDeadlineWhicheverCallbackHangs(t *testing.T) {
	begun, out := make(chan struct{}, 1), make(chan struct{})
	hang := func() { begun <- struct{}{}; <-out }
	onNet := func(context.Context, *Net) { hang() }
	s := newThings("s")
	for kind, opts := range map[string][]Option{
		"exit":         {WithSubsys(&Ops{Name: "o", Exit: onNet})},
		"pre_exit":     {WithSubsys(&Ops{Name: "o", PreExit: onNet})},
		"exit_rtnl":    {WithSubsys(&Ops{Name: "o", ExitRTNL: onNet})},
		"exit_batch":   {WithSubsys(&Ops{Name: "o", ExitBatch: func(context.Context, []*Net) { hang() }})},
		"grace period": {WithGracePeriod(hang)},
		"a Use":        {WithSubsys(s.Ops())},
	} {
		t.Run(kind, func(t *testing.T) {
			r := made(t, bg, append(opts, rwsem)...)
			said := "waiting for exits: " + kind
			if kind == "a Use" {
				said = "waiting for exits: grace period"
				go s.Use(r.InitNet(), func(*thing) { hang() })
				<-begun
				begun <- struct{}{}
			}
			says(t, hungClose(t, r, begun), said)
			says(t, r.Close(ended), said)
			out <- struct{}{}
			must(t, r.Close(bg))
		})
	}
}
