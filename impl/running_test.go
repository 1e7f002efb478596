// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/pernet/internal/hook"
)

// hang makes the next call, such as "exit a n", block until the returned function is called;
// running is closed when it has begun.
func (tp *tape) hang(call string) (running chan struct{}, end func()) {
	running, out := make(chan struct{}), make(chan struct{})
	tp.on(call, func(context.Context, *Net) error {
		close(running)
		<-out
		return nil
	})
	return running, sync.OnceFunc(func() { close(out) })
}

// oneRuns checks that just one callback runs, and returns it.
func oneRuns(t *testing.T, r *Registry, kind, ops, net, call string) Callback {
	t.Helper()
	list := r.Running()
	if len(list) != 1 || list[0].Kind != kind || opsName(list[0].Ops) != ops || list[0].Net.Name() != net || list[0].Call != call {
		t.Fatalf("got %v, want %s of %s on %s for %s", list, kind, ops, net, call)
	}
	return list[0]
}

func TestRunningNamesEachCallback(t *testing.T) {
	var tp tape
	r := made(t, bg)
	a, b := tp.ops("a"), tp.ops("b")
	if list := r.Running(); list != nil {
		t.Errorf("%v run in an idle registry", list)
	}
	during := func(kind, ops, net, call string, f func()) {
		t.Helper()
		running, end := tp.hang(kind + " " + ops + " " + net)
		before := time.Now()
		var wg sync.WaitGroup
		wg.Go(f)
		<-running
		cb := oneRuns(t, r, kind, ops, net, call)
		if cb.Since.After(time.Now()) || cb.Since.Before(before) {
			t.Errorf("%v has run since %v, began after %v", cb, cb.Since, before)
		}
		if again := oneRuns(t, r, kind, ops, net, call); !again.Since.Equal(cb.Since) {
			t.Errorf("%v has run since %v, or since %v", cb, cb.Since, again.Since)
		}
		end()
		wg.Wait()
		for n := range r.Nets() {
			_ = n.Defer(func() {}) // whatever a walk keeps, it does not show
		}
		eventually(t, "nothing runs", func() bool { return r.Running() == nil })
	}
	var n *Net
	during("init", "a", "init_net", "RegisterSubsys", func() { must(t, r.RegisterSubsys(bg, a)) })
	during("init", "b", "init_net", "RegisterDevice", func() { must(t, r.RegisterDevice(bg, b)) })
	during("init", "b", "n", "Copy", func() { n = copied(t, r, "n") })
	tp.fail("init b m", errBoom)
	during("exit", "a", "m", "Copy", func() { _, _ = r.Copy(bg, n, "m") })
	during("exit", "a", "n", "cleanup", func() { must(t, n.Put()); must(t, n.Wait(bg)) })
	during("exit", "b", "init_net", "UnregisterDevice", func() { must(t, r.UnregisterDevice(bg, b)) })
	during("exit", "a", "init_net", "Close", func() { must(t, r.Close(bg)) })
}

// A callback that hangs has its time although nobody asked when it began, and its registry
// keeps the last net no longer than a few looks.
func TestRunningSinceBeforeAnybodyAsked(t *testing.T) {
	eventually(t, "the time of a callback that nobody asked for", func() bool {
		var tp tape
		r := made(t, bg, WithSubsys(tp.ops("a")))
		running, end := tp.hang("init a n")
		var wg sync.WaitGroup
		wg.Go(func() { copied(t, r, "n") })
		<-running
		time.Sleep(20 * time.Millisecond)
		cb := oneRuns(t, r, "init", "a", "n", "Copy")
		end()
		wg.Wait()
		eventually(t, "the looks end", func() bool { return !r.running.ticks.Load() })
		r.running.mu.Lock()
		defer r.running.mu.Unlock()
		return r.running.last == sample{} && time.Since(cb.Since) > 10*time.Millisecond
	})
}

// A callback that begins long after the one before it has a time of its own.
func TestRunningSince(t *testing.T) {
	var tp tape
	r := made(t, bg, WithSubsys(tp.ops("a"), tp.ops("b")))
	first, endFirst := tp.hang("init a n")
	second, endSecond := tp.hang("init b n")
	var wg sync.WaitGroup
	wg.Go(func() { copied(t, r, "n") })
	<-first
	time.Sleep(20 * time.Millisecond)
	between := time.Now()
	endFirst()
	<-second
	if cb := oneRuns(t, r, "init", "b", "n", "Copy"); cb.Since.Before(between) {
		t.Errorf("%v began %v early", cb, between.Sub(cb.Since))
	}
	endSecond()
	wg.Wait()
}

func TestRunningShowsDeferredCallbacks(t *testing.T) {
	r := made(t, bg)
	out := make(chan struct{})
	must(t, r.InitNet().Defer(func() { <-out }))
	if cb := oneRuns(t, r, "deferred", "", "init_net", "Defer"); time.Since(cb.Since) < 0 || !strings.HasPrefix(cb.String(), `deferred callback on net "init_net" (Defer), running for `) {
		t.Error(cb)
	}
	other := held(t, copied(t, r, "n")) // of the same batch
	close(out)
	eventually(t, "the first one has returned", func() bool { return len(r.Running()) < 2 })
	oneRuns(t, r, "deferred", "", "n", "Defer")
	other()

	// It is timed from the call of Defer, whenever its goroutine begins.
	var begin func()
	r = made(t, hook.With(bg, &hook.Hooks{Go: func(_ string, f func()) { begin = f }}))
	must(t, r.InitNet().Defer(func() {}))
	called := oneRuns(t, r, "deferred", "", "init_net", "Defer").Since
	if since := time.Since(called); since < 0 || since > time.Minute {
		t.Errorf("it has run since %v before it began", since)
	}
	begin()
}

// Each wait for the registry that is given up names the callback that hangs.
func TestInterruptedCallsNameTheCallbackThatHangs(t *testing.T) {
	var tp tape
	r := made(t, bg, WithSubsys(tp.ops("a")))
	n := copied(t, r, "n")
	running, end := tp.hang("exit a n")
	must(t, n.Put())
	<-running
	ctx, cancel := context.WithTimeout(bg, 10*time.Millisecond)
	defer cancel()
	for name, err := range calls(ctx, r, tp.ops("b"), "Wait", "Close", "Barrier") {
		says(t, err, "pernet: "+name, `waiting for exit of "a" on net "n" (cleanup), running for `)
	}
	says(t, n.Wait(ctx), `pernet: Wait on net "n"`, `waiting for exit of "a" on net "n" (cleanup)`)
	says(t, r.Close(ctx), `exit of "a" on net "n" (cleanup)`)
	end()
	must(t, r.Close(bg))
}

// A call whose context has ended takes no lock. If the lock is free, its error names no other call
// and no deferred callback.
func TestACallWithAnEndedContextBlamesNobodyAhead(t *testing.T) {
	var tp tape
	r := made(t, bg)
	held(t, r.InitNet())
	for name, err := range calls(ended, r, tp.ops("a"), "Wait", "Close", "Barrier") {
		is(t, err, ErrInterrupted)
		if want := "interrupted: context canceled: the context ended before the call"; !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	running, end := tp.hang("init a init_net")
	var wg sync.WaitGroup
	wg.Go(func() { must(t, r.RegisterSubsys(bg, tp.ops("a"))) })
	<-running
	for _, err := range calls(ended, r, tp.ops("b"), "Wait", "Close", "Barrier") {
		says(t, err, `waiting for init of "a" on net "init_net" (RegisterSubsys)`)
	}
	end()
	wg.Wait()
}

// A givesUp ends each wait for a lock as if the context had ended first, after it has called meanwhile.
type givesUp struct{ meanwhile func() }

func (givesUp) take(l *lock, _ string) { l.mu.Lock() }

func (w givesUp) choose(_, done <-chan struct{}) (_, _ <-chan struct{}) {
	w.meanwhile()
	return nil, done
}

// The lock is free again when the error is made: the call has waited all the same.
func TestACallWhoseContextEndsWhileItWaitsSaysSo(t *testing.T) {
	r := made(t, bg)
	must(t, r.netMutex.lock(bg))
	ctx, cancel := context.WithCancel(bg)
	r.netMutex.watch = givesUp{func() { cancel(); r.netMutex.unlock() }}
	err := r.RegisterSubsys(ctx, &Ops{})
	r.netMutex.watch = nil
	if says(t, err, "waiting for other calls"); strings.Contains(err.Error(), "before the call") {
		t.Error(err)
	}
}

// TestRunningIsASample reads it while callbacks of new ops and nets come and go, with and
// without a tool that watches: the race detector finds nothing either.
func TestRunningIsASample(t *testing.T) {
	// The callbacks share nothing with the reader, so that only the registry's own order is seen.
	yields := func(name string) *Ops {
		return &Ops{
			Name: name,
			Init: func(context.Context, *Net) error { runtime.Gosched(); return nil },
			Exit: func(context.Context, *Net) { runtime.Gosched() },
		}
	}
	for name, ctx := range map[string]context.Context{
		"plain":   bg,
		"watched": hook.With(bg, &hook.Hooks{Point: func(hook.Point) {}}),
	} {
		t.Run(name, func(t *testing.T) {
			r := made(t, ctx, WithSubsys(yields("a")))
			stop := make(chan struct{})
			var seen atomic.Int64 // callbacks
			var wg sync.WaitGroup
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						runtime.Gosched()
					}
					for _, cb := range r.Running() {
						seen.Add(1)
						none := cb.Ops == nil || cb.Ops.Name == ""
						if none != (cb.Kind == "grace period") || cb.Net == nil || cb.String() == "" {
							t.Error(cb)
						}
					}
				}
			})
			for i := 0; i < 200 || seen.Load() == 0 && i < 100_000; i++ {
				n := copied(t, r, fmt.Sprint("n", i))
				o := yields(fmt.Sprint("o", i))
				must(t, r.RegisterSubsys(ctx, o))
				must(t, n.Put())
				must(t, n.Wait(bg))
				must(t, r.UnregisterSubsys(ctx, o))
			}
			close(stop)
			wg.Wait()
			if seen.Load() == 0 {
				t.Error("no callback was seen")
			}
		})
	}
}

func TestLookup(t *testing.T) {
	var tp tape
	r, d := stepped(t, WithSubsys(tp.ops("a")))
	n := copied(t, r, "n")
	got, err := r.Lookup("n")
	must(t, err)
	if got != n || n.count.Load() != 2 {
		t.Errorf("got %v, count %d", got, n.count.Load())
	}
	must(t, n.Put())
	must(t, n.Put())
	_, err = r.Lookup("n")
	is(t, err, ErrNotFound) // its count is zero
	d.Work(-1)
	_, err = r.Lookup("n")
	is(t, err, ErrNotFound)
	tp.on("init a m", func(ctx context.Context, _ *Net) error {
		_, err := r.Lookup("m")
		is(t, err, ErrNotFound) // it is being set up
		first, err := r.Lookup("init_net")
		must(t, err)
		return first.Put()
	})
	m := copied(t, r, "m")
	if m.count.Load() != 1 {
		t.Errorf("a look-up during the set-up left count %d", m.count.Load())
	}
	must(t, m.Put())
	must(t, r.Close(bg))
	_, err = r.Lookup("m")
	is(t, err, ErrClosed)
}

// TestLookupIsAStep: it stops where Get does, before its one step.
func TestLookupIsAStep(t *testing.T) {
	var rows []string
	r := made(t, hook.With(bg, &hook.Hooks{Point: func(p hook.Point) { rows = append(rows, p.Name+" "+p.Net) }}))
	rows = nil
	n, err := r.Lookup("init_net")
	must(t, err)
	if len(rows) != 1 || rows[0] != "GetNet init_net" {
		t.Errorf("points %v", rows)
	}
	must(t, n.Put())
}

// Lookup finds a net once it is listed: in no step before does it take a reference.
func TestLookupFindsOnlyListedNets(t *testing.T) {
	var r *Registry
	asked := 0
	r = made(t, hook.With(bg, &hook.Hooks{Point: func(p hook.Point) {
		if r == nil || p.Net != "n" || !strings.HasPrefix(p.Name, "CopyNetNs") {
			return
		}
		listed := false
		if p.Name != "CopyNetNsListAdd" { // there rtnl is held
			for n := range r.Nets() {
				listed = listed || n.Name() == "n"
			}
		}
		n, err := r.Lookup("n")
		if asked++; listed && err == nil {
			_ = n.Put()
		} else if listed || !errors.Is(err, ErrNotFound) {
			t.Errorf("before %s: found %v, error %v", p.Name, n, err)
		}
	}}))
	copied(t, r, "n")
	if asked < 3 {
		t.Errorf("asked %d times", asked)
	}
}

// Running and a log of slow callbacks show the ops that were registered, not a copy of them.
func TestRunningShowsTheOpsThemselves(t *testing.T) {
	for _, opts := range [][]Option{nil, {WithSlowCallback(time.Hour)}} {
		var tp tape
		a := tp.ops("a")
		r := made(t, bg, opts...)
		during := func(kind string, f func()) {
			t.Helper()
			running, end := tp.hang(kind)
			var wg sync.WaitGroup
			wg.Go(f)
			<-running
			if list := r.Running(); len(list) != 1 || list[0].Ops != a {
				t.Errorf("%s: %v runs, of %p instead of %p", kind, list, list[0].Ops, a)
			}
			end()
			wg.Wait()
		}
		var n *Net
		during("init a init_net", func() { must(t, r.RegisterSubsys(bg, a)) })
		during("init a n", func() { n = copied(t, r, "n") })
		during("exit a n", func() { must(t, n.Put()); must(t, n.Wait(bg)) })
		during("exit a init_net", func() { must(t, r.UnregisterSubsys(bg, a)) })
	}
}

// The callback that an interrupted call names is the one that runs when its context ends.
func TestInterruptedCallsNameTheCallbackOfTheLastMoment(t *testing.T) {
	var tp tape
	r := made(t, bg)
	first, endFirst := tp.hang("init a init_net")
	second, endSecond := tp.hang("init b init_net")
	var wg sync.WaitGroup
	wg.Go(func() { must(t, r.RegisterSubsys(bg, tp.ops("a"))) })
	<-first
	wg.Go(func() { must(t, r.RegisterSubsys(bg, tp.ops("b"))) })
	queued(t, &r.netMutex, 1)
	ctx, cancel := context.WithCancel(bg)
	result := make(chan error)
	go func() { result <- r.RegisterSubsys(ctx, tp.ops("c")) }()
	queued(t, &r.netMutex, 2)
	endFirst()
	<-second
	cancel()
	says(t, <-result, `waiting for init of "b"`)
	endSecond()
	wg.Wait()
}
