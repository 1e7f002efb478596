// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/pernet/internal/hook"
)

func TestWorkerRunsCleanupsOldestFirst(t *testing.T) {
	var tp tape
	r := made(t, bg, WithSubsys(tp.ops("a")))
	var nets []*Net
	var want []string
	for i := range 20 {
		nets = append(nets, copied(t, r, fmt.Sprint(i)))
		want = append(want, fmt.Sprintf("exit a %d", 19-i))
	}
	tp.took()
	for i := range nets {
		must(t, nets[len(nets)-1-i].Put())
	}
	for _, n := range nets {
		must(t, n.Wait(bg))
	}
	tp.want(t, strings.Join(want, ", "))
}

func TestNoGoroutineWhileThereIsNothingToDo(t *testing.T) {
	r := made(t, bg)
	n := copied(t, r, "n")
	must(t, n.Put())
	must(t, n.Wait(bg))
	eventually(t, "the worker rests", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return !r.working
	})
	buf := make([]byte, 1<<20)
	eventually(t, "its goroutine has ended", func() bool {
		return !strings.Contains(string(buf[:runtime.Stack(buf, true)]), "impl.(*Registry).work")
	})
}

func TestExitsOfACleanupSeeTheNetOffTheList(t *testing.T) {
	var tp tape
	r := made(t, bg, WithSubsys(tp.ops("a")))
	n := copied(t, r, "n")
	tp.on("exit a n", func(context.Context, *Net) error {
		for m := range r.Nets() { // only rtnl is needed, and it is free
			if m == n {
				t.Error("the net is still listed")
			}
		}
		return nil
	})
	must(t, n.Put())
	must(t, n.Wait(bg))
}

// TestAWorkerThatEndsLeavesNoNetBehind: a net that is queued while the worker's goroutine ends has its cleanup. Either
// that goroutine sees the net, or the put sees that no goroutine will.
func TestAWorkerThatEndsLeavesNoNetBehind(t *testing.T) {
	r := made(t, bg)
	for range 5 {
		n := copied(t, r, "")
		eventually(t, "the worker has ended", func() bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			ended := !r.working
			r.working = true
			return ended
		})
		<-rightAfter(r, func() {
			if !r.rest(false) {
				r.worker()
			}
		}, func() { must(t, n.Put()) })
		ctx, cancel := context.WithTimeout(bg, 5*time.Second)
		if err := n.Wait(ctx); err != nil {
			t.Errorf("the net is not cleaned up: %v", err)
			r.step(-1) // or else Close would wait, too
		}
		if cancel(); t.Failed() {
			return
		}
	}
}

func TestSteppedWorkerRunsAsManyAsItIsTold(t *testing.T) {
	var tp tape
	r, d := stepped(t, WithSubsys(tp.ops("a")))
	for _, name := range []string{"n", "m", "k"} {
		must(t, copied(t, r, name).Put())
	}
	tp.took()
	for _, x := range []struct {
		max, ran int
		want     string
	}{{0, 0, ""}, {2, 2, "exit a n, exit a m"}, {2, 1, "exit a k"}, {-1, 0, ""}} {
		if got := d.Work(x.max); got != x.ran {
			t.Errorf("Work(%d) = %d, want %d", x.max, got, x.ran)
		}
		tp.want(t, x.want)
	}
}

// The hook's Work beside a worker of the registry's own, and inside itself.
func TestWorkByHandBesideTheWorker(t *testing.T) {
	var tp tape
	d := &hook.Hooks{}
	r := made(t, hook.With(bg, d), WithSubsys(tp.ops("a")))
	n, m := copied(t, r, "n"), copied(t, r, "m")
	tp.on("exit a n", func(context.Context, *Net) error {
		if got := d.Work(-1); got != 0 {
			t.Errorf("%d cleanups ran inside a cleanup", got)
		}
		return nil
	})
	r.mu.Lock()
	r.working = true // as if a worker were about to begin
	r.mu.Unlock()
	must(t, n.Put())
	must(t, m.Put())
	if got := r.work(1); got != 1 { // the registry's own goroutine goes on with the rest
		t.Errorf("%d cleanups ran", got)
	}
	must(t, n.Wait(bg))
	must(t, m.Wait(bg))
}

func TestDoorSeesEveryCleanupAndGoroutine(t *testing.T) {
	var mu sync.Mutex
	var seen []string
	say := func(s string) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, s)
	}
	var wg sync.WaitGroup
	d := &hook.Hooks{
		Cleanup: func() func(string, bool) {
			say("cleanup")
			return func(net string, freed bool) { say(fmt.Sprint("done ", net, freed)) }
		},
		Round: func() { say("round") },
		Go:    func(name string, f func()) { say("go " + name); wg.Go(f) },
	}
	r := made(t, hook.With(bg, d))
	n := copied(t, r, "n")
	must(t, n.Defer(func() { say("deferred") }))
	wg.Wait()
	must(t, n.Put())
	must(t, n.Wait(bg))
	wg.Wait()
	if got := strings.Join(seen, ", "); got != "go deferred, deferred, go worker, cleanup, done ntrue, round" {
		t.Errorf("got %s", got)
	}
	must(t, d.Check())
}

// Everything at once; the lists and the balance of inits and exits hold.
func TestManyGoroutines(t *testing.T) {
	type pair struct{ ops, net string }
	var mu sync.Mutex
	balance := make(map[pair]int)
	mk := func(name string) *Ops {
		return &Ops{Name: name, Init: func(_ context.Context, n *Net) error {
			runtime.Gosched()
			if strings.HasSuffix(n.Name(), "7") && name == "s1" {
				return errBoom
			}
			mu.Lock()
			defer mu.Unlock()
			balance[pair{name, n.Name()}]++
			if balance[pair{name, n.Name()}] != 1 {
				t.Errorf("%s on %s: init twice", name, n)
			}
			return nil
		}, Exit: func(_ context.Context, n *Net) {
			runtime.Gosched()
			mu.Lock()
			defer mu.Unlock()
			balance[pair{name, n.Name()}]--
			if balance[pair{name, n.Name()}] != 0 {
				t.Errorf("%s on %s: exit without init", name, n)
			}
			_ = n.Defer(func() { runtime.Gosched() })
		}}
	}
	r := made(t, bg)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			s, d := mk("s"+fmt.Sprint(g)), mk("d"+fmt.Sprint(g))
			for i := range 60 {
				ctx, cancel := context.WithCancel(bg)
				if i%9 == 0 {
					go cancel()
				}
				serr, derr := r.RegisterSubsys(ctx, s), r.RegisterDevice(ctx, d)
				n, err := r.Copy(ctx, r.InitNet(), fmt.Sprintf("%d-%d", g, i))
				for m := range r.Nets() {
					if m.Get() == nil {
						_ = m.Put()
					}
				}
				if err == nil {
					_ = n.Hold()
					_ = n.Release()
					must(t, n.Put())
					if i%4 == 0 {
						must(t, n.Wait(bg))
					}
				}
				if serr == nil {
					must(t, r.UnregisterSubsys(bg, s))
				}
				if derr == nil {
					must(t, r.UnregisterDevice(bg, d))
				}
				cancel()
			}
		})
	}
	wg.Wait()
	must(t, r.Close(bg))
	for p, n := range balance {
		if n != 0 {
			t.Errorf("%v: %d", p, n)
		}
	}
	if len(r.names) != 0 {
		t.Errorf("names are left: %v", r.names)
	}
}
