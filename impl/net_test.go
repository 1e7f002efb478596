// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/pernet/internal/hook"
)

func TestCountNeverRisesFromZeroNorFallsBelow(t *testing.T) {
	r, d := stepped(t)
	n := copied(t, r, "n")
	must(t, n.Get())
	must(t, n.Put())
	must(t, n.Put())
	is(t, n.Get(), ErrNotFound)
	is(t, n.Put(), ErrInvalid)
	if n.count.Load() != 0 {
		t.Errorf("count %d", n.count.Load())
	}
	if d.Work(-1) != 1 {
		t.Error("not one cleanup ran")
	}
	gone(t, n)
}

func TestLastReferenceOfInitNetStays(t *testing.T) {
	r, d := stepped(t)
	n := r.InitNet()
	is(t, n.Put(), ErrInvalid)
	must(t, n.Get())
	must(t, n.Put())
	is(t, n.Put(), ErrInvalid)
	if n.count.Load() != 1 || d.Work(-1) != 0 {
		t.Errorf("count %d, or a cleanup ran", n.count.Load())
	}

	// Whatever its name is, and not that of another net.
	r, d = stepped(t, WithInitName("first"))
	is(t, r.InitNet().Put(), ErrInvalid)
	must(t, copied(t, r, "init_net").Put())
	if d.Work(-1) != 1 {
		t.Error("a net called init_net was not cleaned up")
	}
}

func TestConcurrentGetsAndPuts(t *testing.T) {
	r := made(t, bg)
	n := copied(t, r, "n")
	var wg sync.WaitGroup
	start := make(chan struct{})
	var wrong atomic.Int64
	for range 4 {
		must(t, n.Get())
		wg.Go(func() {
			<-start
			// Long enough for both to run at once, on a busy machine too.
			for i, end := 0, time.Now().Add(200*time.Millisecond); i%1000 != 0 || time.Now().Before(end); i++ {
				if n.Get() != nil || n.Hold() != nil || n.Put() != nil || n.Release() != nil {
					wrong.Add(1)
				}
			}
			if n.Put() != nil {
				wrong.Add(1)
			}
		})
	}
	close(start)
	wg.Wait()
	if wrong.Load() != 0 || n.count.Load() != 1 || n.useCount.Load() != 0 {
		t.Errorf("%d wrong answers, count %d, use count %d", wrong.Load(), n.count.Load(), n.useCount.Load())
	}
	must(t, n.Put())
	must(t, n.Wait(bg))
}

// Of many that put and get at once, exactly one brings the count to zero.
func TestOnlyOnePutIsTheLast(t *testing.T) {
	var tp tape
	r, d := stepped(t, WithSubsys(tp.ops("a")))
	for range 200 {
		n := copied(t, r, "n")
		tp.took()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if n.Get() == nil {
					_ = n.Put()
				}
				_ = n.Put()
			})
		}
		wg.Wait()
		if got := d.Work(-1); got != 1 {
			t.Fatalf("%d cleanups ran", got)
		}
		tp.want(t, "exit a n")
	}
}

// TestTwoLastPutsQueueOnce: two goroutines put the last two references of each
// of many nets, close behind each other; one of the two is the last.
func TestTwoLastPutsQueueOnce(t *testing.T) {
	const nets = 1000
	r, d := stepped(t)
	for range 20 {
		var all [nets]*Net
		for i := range all {
			all[i] = copied(t, r, "")
			if err := all[i].Get(); err != nil {
				t.Fatal(err)
			}
		}
		var ready atomic.Int32
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for ready.Add(1); ready.Load() < 2; {
					runtime.Gosched()
				}
				for _, n := range all {
					_ = n.Put()
				}
			})
		}
		wg.Wait()
		if got := d.Work(-1); got != nets {
			t.Fatalf("%d cleanups of %d nets ran", got, nets)
		}
	}
}

func TestUseCountRefusesTheFreeForEver(t *testing.T) {
	var log syncBuffer
	var freed []string
	d := &hook.Hooks{Stepped: true, Cleanup: func() func(string, bool) {
		return func(net string, ok bool) {
			if ok {
				net += " freed"
			}
			freed = append(freed, net)
		}
	}}
	r := made(t, hook.With(bg, d), logTo(&log))
	n, m := copied(t, r, "n"), copied(t, r, "m")
	is(t, n.Release(), ErrInvalid)
	must(t, n.Hold())
	must(t, n.Put())
	must(t, n.Hold()) // also while it waits for its cleanup
	must(t, n.Release())
	must(t, m.Put())
	d.Work(-1)
	if got := strings.Join(freed, ", "); got != "n, m freed" {
		t.Errorf("freed: %s", got)
	}
	if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "net=n usage=1") {
		t.Errorf("log: %s", log.String())
	}
	gone(t, m)
	is(t, n.Wait(bg), ErrInUse)
	is(t, n.Get(), ErrNotFound)
	is(t, n.Put(), ErrInvalid)
	is(t, n.Defer(func() {}), ErrInvalid)
	_, err := r.Copy(bg, r.InitNet(), "n")
	is(t, err, ErrExist)
	must(t, n.Hold())
	must(t, n.Release())
	must(t, n.Release())
	is(t, n.Release(), ErrInvalid)
	is(t, n.Wait(bg), ErrInUse)
	wantLists(t, r, "; init_net")
	var leak *LeakError
	if err := r.Close(bg); !errors.As(err, &leak) || len(leak.Kept) != 1 || leak.Kept[0] != n || len(leak.Referenced) != 0 {
		t.Errorf("Close: %v", err)
	}
	is(t, n.Wait(bg), ErrInUse)
}

// A use count that is released between the exits and the free decides it.
func TestReleaseBetweenExitsAndFree(t *testing.T) {
	var n *Net
	d := &hook.Hooks{Stepped: true, Point: func(p hook.Point) {
		if p.Name == "CleanupNetFree" {
			if err := n.Release(); err != nil {
				t.Error(err)
			}
		}
	}}
	r := made(t, hook.With(bg, d))
	n = copied(t, r, "n")
	must(t, n.Hold())
	must(t, n.Put())
	d.Work(-1)
	gone(t, n)
}

// TestWait runs in a bubble, where it can tell that all three have gone to sleep.
func TestWait(t *testing.T) { synctest.Test(t, testWait) }

func testWait(t *testing.T) {
	var tp tape
	r, d := stepped(t, WithSubsys(tp.ops("a")))
	n := copied(t, r, "n")
	ctx, cancel := context.WithCancel(bg)
	later, stop := context.WithCancel(bg)
	defer stop()
	cancelled, freed, too := make(chan error), make(chan error), make(chan error)
	go func() { cancelled <- n.Wait(ctx) }()
	go func() { freed <- n.Wait(bg) }()
	go func() { too <- n.Wait(later) }()
	synctest.Wait()
	cancel()
	is(t, <-cancelled, ErrInterrupted)
	must(t, n.Put())
	select {
	case err := <-freed:
		t.Errorf("it ended before the cleanup: %v", err)
	default:
	}
	d.Work(-1)
	must(t, <-freed)
	must(t, <-too)
	must(t, n.Wait(bg))
	is(t, r.InitNet().Wait(ended), ErrInterrupted)
	var noCtx context.Context
	is(t, n.Wait(noCtx), ErrInvalid)
}

func TestNetsIsASnapshot(t *testing.T) {
	r := made(t, bg)
	n1 := copied(t, r, "n1")
	copied(t, r, "n2")
	var seen []string
	for n := range r.Nets() {
		seen = append(seen, n.Name())
		if len(seen) == 1 {
			copied(t, r, "n3") // the body may call anything
			must(t, n1.Put())
			must(t, n1.Wait(bg))
		}
	}
	if got := strings.Join(seen, " "); got != "init_net n1 n2" {
		t.Errorf("got %s", got)
	}
	for range r.Nets() {
		break
	}
}

// The snapshot of Nets is taken when an iteration begins, each time anew.
func TestNetsBeginsWithTheIteration(t *testing.T) {
	r := made(t, bg)
	nets := r.Nets()
	for _, name := range []string{"n", "m"} {
		n := copied(t, r, name)
		if got := slices.Collect(nets); len(got) == 0 || got[len(got)-1] != n {
			t.Errorf("%v, without %s", got, name)
		}
	}
}

// A Snapshot stays as it was, whatever goes.
func TestSnapshotStays(t *testing.T) {
	var tp tape
	a, b := tp.ops("a"), tp.ops("b")
	r := made(t, bg, WithSubsys(a, b))
	n, m := copied(t, r, "n"), copied(t, r, "m")
	s, err := r.Snapshot(bg)
	must(t, err)
	must(t, r.UnregisterSubsys(bg, a))
	must(t, n.Put())
	must(t, n.Wait(bg))
	if !slices.Equal(s.PernetList, []*Ops{a, b}) || !slices.Equal(s.Nets, []*Net{r.InitNet(), n, m}) {
		t.Error(s)
	}
}
