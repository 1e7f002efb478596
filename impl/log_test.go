// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/pernet/internal/hook"
)

// messages are all that a registry logs, by level.
var messages = map[string]slog.Level{
	"pernet: new registry":                       slog.LevelDebug,
	"pernet: slow callback":                      slog.LevelWarn,
	"pernet: slow callback has ended":            slog.LevelWarn,
	"pernet: exit panicked":                      slog.LevelError,
	"pernet: deferred callback panicked":         slog.LevelError,
	"pernet: net is not freed, for it is in use": slog.LevelError,
}

// allMessages makes a registry that logs to h, and has it log each message: four by the worker,
// for a net "n" that is kept, and one by the goroutine of a deferred callback. ready is called in between.
func allMessages(t *testing.T, h handler, ready func(r *Registry, n *Net)) *Registry {
	t.Helper()
	var tp tape
	r, err := New(bg, WithSubsys(tp.ops("a"), tp.ops("b"), tp.ops("c")), WithLogger(slog.New(h)), WithSlowCallback(2*time.Millisecond))
	must(t, err)
	ends(t, r)
	n := copied(t, r, "n")
	ready(r, n)
	tp.took()
	tp.on("exit b n", func(ctx context.Context, n *Net) error {
		time.Sleep(20 * time.Millisecond)
		return panics("oops")(ctx, n)
	})
	must(t, n.Hold())
	must(t, n.Defer(func() { panic("deferred oops") }))
	must(t, r.Barrier(bg))
	must(t, n.Put())
	err = n.Wait(bg)
	is(t, err, ErrInUse)
	panicked(t, err, "oops")
	tp.want(t, "exit c n, exit b n, exit a n")
	wellFormed(t, r)
	return r
}

// opsOf returns the name of the ops that a message is about, or "".
func opsOf(m slog.Record) (name string) {
	m.Attrs(func(a slog.Attr) bool {
		if a.Key == "ops" {
			name = a.Value.String()
		}
		return true
	})
	return name
}

// closesWithOops closes r, whose exit has panicked and whose net n is kept.
func closesWithOops(t *testing.T, r *Registry) {
	t.Helper()
	err := r.Close(bg)
	panicked(t, err, "oops")
	var leak *LeakError
	if !errors.As(err, &leak) || len(leak.Kept) != 1 || leak.Referenced != nil {
		t.Errorf("got %v", err)
	}
}

func TestAllIsLoggedAtItsLevelWhenCloseReturns(t *testing.T) {
	var mu sync.Mutex
	got := make(map[string]slog.Level)
	r := allMessages(t, func(_ context.Context, m slog.Record) {
		time.Sleep(time.Millisecond)
		if ops := opsOf(m); ops != "" && ops != "b" { // a quick callback that the machine has held up
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if _, again := got[m.Message]; again {
			t.Errorf("%q is logged twice", m.Message)
		}
		got[m.Message] = m.Level
	}, func(*Registry, *Net) {})
	closesWithOops(t, r)
	mu.Lock()
	defer mu.Unlock()
	for message, level := range messages {
		if l, ok := got[message]; !ok || l != level {
			t.Errorf("%q is logged: %v, at level %v, want level %v", message, ok, l, level)
		}
	}
	if len(got) != len(messages) {
		t.Errorf("logged: %v", got)
	}
}

// Each handler gets a context with which a call that blocks is refused, and may call what a callback may.
func TestHandlersAreCalledLikeCallbacks(t *testing.T) {
	var mu sync.Mutex
	contexts := make(map[string]context.Context)
	var reg *Registry
	var net *Net
	r := allMessages(t, func(ctx context.Context, m slog.Record) {
		mu.Lock()
		defer mu.Unlock()
		contexts[m.Message] = ctx
		if reg == nil { // New has not returned
			return
		}
		for name, err := range calls(ctx, reg, &Ops{}) {
			if !errors.Is(err, ErrInCallback) {
				t.Errorf("%s in a handler of %q: %v", name, m.Message, err)
			}
		}
		allowed(t, reg, net)
	}, func(r *Registry, n *Net) {
		mu.Lock()
		defer mu.Unlock()
		reg, net = r, n
	})
	closesWithOops(t, r)
	mu.Lock()
	defer mu.Unlock()
	for message := range messages {
		if ctx := contexts[message]; ctx == nil || !r.insideCallback(ctx) {
			t.Errorf("the context of %q is not marked", message)
		}
	}
}

// allowed calls everything that callbacks may call, on the first net and on n.
func allowed(t *testing.T, r *Registry, n *Net) {
	t.Helper()
	for _, n := range []*Net{r.InitNet(), n} {
		if n.Get() == nil {
			must(t, n.Put())
		}
		if n.Hold() == nil {
			must(t, n.Release())
		}
		_ = n.Defer(func() {})
		if _, err := r.Share(n); err == nil {
			must(t, n.Put())
		}
		if _, err := r.Lookup(n.Name()); err == nil {
			must(t, n.Put())
		}
	}
	for range r.Nets() {
	}
	_ = r.Running()
}

// A failsWhenAsked is a handler that fails when it is asked whether it is enabled.
type failsWhenAsked struct {
	handler
	fail func()
}

func (h failsWhenAsked) Enabled(context.Context, slog.Level) bool {
	h.fail()
	return true
}

// A handler that panics or ends its goroutine changes nothing but that its message is lost.
func TestAHandlerThatFailsStopsNothing(t *testing.T) {
	for how, fail := range map[string]func(){"panics": func() { panic("handler") }, "ends its goroutine": runtime.Goexit} {
		t.Run(how, func(t *testing.T) {
			var mu sync.Mutex
			var asked []string
			r := allMessages(t, func(_ context.Context, m slog.Record) {
				mu.Lock()
				asked = append(asked, m.Message)
				mu.Unlock()
				fail()
			}, func(*Registry, *Net) {})
			closesWithOops(t, r)
			if len(asked) != len(messages) {
				t.Errorf("asked for %q", asked)
			}

			// In calls of the caller's own goroutine.
			var tp tape
			a, b := tp.ops("a"), tp.ops("b")
			r = made(t, bg, WithSubsys(a, b), WithLogger(slog.New(failsWhenAsked{fail: fail})))
			tp.on("init a n", func(_ context.Context, n *Net) error { return n.Hold() })
			tp.fail("init b n", errBoom)
			_, err := r.Copy(bg, r.InitNet(), "n") // its net is kept
			is(t, err, errBoom)
			copied(t, r, "m")
			tp.took()
			tp.on("exit a init_net", panics("oops"))
			panicked(t, r.UnregisterSubsys(bg, a), "oops")
			tp.want(t, "exit a init_net, exit a m")
			must(t, r.InitNet().Hold()) // Close keeps it
			var leak *LeakError
			if err := r.Close(bg); !errors.As(err, &leak) || len(leak.Kept) != 2 {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSlowCallbacksAreLogged(t *testing.T) {
	var tp tape
	var log syncBuffer
	ctx := context.WithValue(bg, ctxKey{}, "mine")
	r := made(t, bg, WithSubsys(tp.ops("a")), WithSlowCallback(time.Millisecond), logTo(&log))
	has := func(what string) {
		t.Helper()
		eventually(t, "logged: "+what+"\n"+log.String(), func() bool { return strings.Count(log.String(), what) == 1 })
	}
	_, end := tp.hang("init a n")
	var wg sync.WaitGroup
	var n *Net
	wg.Go(func() { n, _ = r.Copy(ctx, r.InitNet(), "n") })
	has(`level=WARN msg="pernet: slow callback" kind=init ops=a net=n call=Copy for=`)
	end()
	wg.Wait()
	has(`level=WARN msg="pernet: slow callback has ended" kind=init ops=a net=n call=Copy for=`)
	_, end = tp.hang("exit a n")
	must(t, n.Put())
	has(`msg="pernet: slow callback" kind=exit ops=a net=n call=cleanup for=`)
	end()
	must(t, n.Wait(bg))
	has(`msg="pernet: slow callback has ended" kind=exit ops=a net=n call=cleanup for=`)
	tp.on("init a m", func(context.Context, *Net) error { time.Sleep(20 * time.Millisecond); panic("oops") })
	_, err := r.Copy(bg, r.InitNet(), "m")
	if !errors.As(err, new(*PanicError)) {
		t.Errorf("got %v", err)
	}
	has(`msg="pernet: slow callback has ended" kind=init ops=a net=m`)
}

// TestQuickCallbacksAreNotLogged: no machine is so busy that these take an hour.
func TestQuickCallbacksAreNotLogged(t *testing.T) {
	var tp tape
	var log syncBuffer
	r := made(t, bg, WithSubsys(tp.ops("quick")), WithSlowCallback(time.Hour), logTo(&log))
	n := copied(t, r, "n")
	must(t, n.Put())
	must(t, n.Wait(bg))
	if strings.Contains(log.String(), "slow callback") {
		t.Errorf("a quick callback was logged:\n%s", log.String())
	}
}

func TestNoErrorIsLoggedOfANetThatIsFreed(t *testing.T) {
	var log syncBuffer
	r := made(t, bg, logTo(&log))
	n := copied(t, r, "n")
	must(t, n.Put())
	must(t, n.Wait(bg))
	must(t, r.Close(bg))
	if strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("logged: %s", log.String())
	}
}

// A slow callback is logged by the logger of the moment if there is no other.
func TestSlowCallbacksAreLoggedByTheDefaultLogger(t *testing.T) {
	var log syncBuffer
	old := slog.Default()
	defer slog.SetDefault(old)
	r := made(t, bg, WithSlowCallback(time.Millisecond), WithLogger(nil))
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	must(t, r.RegisterSubsys(bg, &Ops{Name: "a", Init: func(context.Context, *Net) error { time.Sleep(20 * time.Millisecond); return nil }}))
	if got := strings.Count(log.String(), "slow callback"); got != 2 {
		t.Errorf("logged: %s", log.String())
	}
}

// A slow callback is timed from its own begin, not from the begin of its walk.
func TestASlowCallbackIsTimedFromItsOwnBegin(t *testing.T) {
	const first, second = 300 * time.Millisecond, 20 * time.Millisecond
	var mu sync.Mutex
	took := make(map[string][]time.Duration)
	r := made(t, bg, WithSlowCallback(5*time.Millisecond), WithLogger(slog.New(handler(func(_ context.Context, m slog.Record) {
		ops, d := opsOf(m), time.Duration(0)
		m.Attrs(func(a slog.Attr) bool {
			if a.Key == "for" {
				d = a.Value.Duration()
			}
			return true
		})
		mu.Lock()
		defer mu.Unlock()
		took[ops] = append(took[ops], d)
	}))))
	sleeps := func(name string, d time.Duration) *Ops {
		return &Ops{Name: name, Init: func(_ context.Context, n *Net) error {
			if n != r.InitNet() {
				time.Sleep(d)
			}
			return nil
		}}
	}
	must(t, r.RegisterSubsys(bg, sleeps("first", first)))
	must(t, r.RegisterSubsys(bg, sleeps("second", second)))
	start := time.Now()
	copied(t, r, "n")
	busy := time.Since(start) - first - second
	mu.Lock()
	defer mu.Unlock()
	for ops, d := range map[string]time.Duration{"first": first, "second": second} {
		if l := took[ops]; len(l) != 2 || l[0] < 5*time.Millisecond || l[1] < d || l[1] > d+busy || l[0] > l[1] {
			t.Errorf("%s took %v by the log, %v in truth, or at most %v longer", ops, l, d, busy)
		}
	}
}

// The message that a callback is slow is handled before the one that it has ended, and both before the call returns.
func TestSlowCallbackMessagesComeInOrder(t *testing.T) {
	var mu sync.Mutex
	var got []string
	r := made(t, bg, WithSlowCallback(time.Millisecond), WithLogger(slog.New(handler(func(_ context.Context, m slog.Record) {
		if m.Level != slog.LevelWarn {
			return
		}
		if m.Message == "pernet: slow callback" {
			time.Sleep(50 * time.Millisecond)
		}
		mu.Lock()
		defer mu.Unlock()
		got = append(got, m.Message)
	}))))
	must(t, r.RegisterSubsys(bg, &Ops{Init: func(context.Context, *Net) error { time.Sleep(10 * time.Millisecond); return nil }}))
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(got, []string{"pernet: slow callback", "pernet: slow callback has ended"}) {
		t.Errorf("got %q", got)
	}
}

func TestNoSlowCallbackIsLoggedWithoutALimit(t *testing.T) {
	for _, limit := range []time.Duration{0, -1} {
		for _, ctx := range []context.Context{bg, hook.With(bg, &hook.Hooks{Point: func(hook.Point) {}})} {
			var log syncBuffer
			r := made(t, ctx, WithSlowCallback(limit), logTo(&log))
			must(t, r.RegisterSubsys(bg, &Ops{Init: func(context.Context, *Net) error { time.Sleep(10 * time.Millisecond); return nil }}))
			if strings.Contains(log.String(), "slow") {
				t.Errorf("logged: %s", log.String())
			}
		}
	}
}
