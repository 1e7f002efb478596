// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/race"
)

// Each callback finds itself in Running, in every walk, while both lists grow and shrink.
func TestRunningNamesTheCallbackThatAsks(t *testing.T) {
	for name, opts := range map[string][]Option{"namespaces": nil, "none": {WithoutNetNS()}} {
		t.Run(name, func(t *testing.T) {
			asked := map[string]int{}
			asks := func(name string) *Ops {
				o := &Ops{Name: name}
				check := func(kind string, n *Net) {
					asked[kind]++
					if list := n.r.Running(); len(list) != 1 || list[0].Kind != kind || list[0].Ops != o || list[0].Net != n {
						t.Errorf("%s of %s on %v: %v", kind, name, n, list)
					}
				}
				o.Init = func(_ context.Context, n *Net) error {
					check("init", n)
					if n.Name() == "refused" && name == "o7" {
						return errBoom
					}
					return nil
				}
				o.Exit = func(_ context.Context, n *Net) { check("exit", n) }
				return o
			}
			r := made(t, bg, append(opts, WithSubsys(asks("a"), asks("b")))...)
			var nets []*Net
			var all []*Ops
			for i := range 9 {
				all = append(all, asks(fmt.Sprint("o", i)))
				if i%2 == 0 {
					must(t, r.RegisterSubsys(bg, all[i]))
				} else {
					must(t, r.RegisterDevice(bg, all[i]))
				}
				if opts == nil {
					nets = append(nets, copied(t, r, fmt.Sprint("n", i)))
				}
			}
			if opts == nil {
				_, err := r.Copy(bg, r.InitNet(), "refused")
				is(t, err, errBoom)
				for _, n := range nets[:5] {
					must(t, n.Put())
					must(t, n.Wait(bg))
				}
			}
			must(t, r.UnregisterSubsys(bg, all[2]))
			must(t, r.UnregisterDevice(bg, all[3]))
			for _, n := range nets[min(5, len(nets)):] {
				must(t, n.Put())
				must(t, n.Wait(bg))
			}
			must(t, r.Close(bg))
			if asked["init"] < 9 || asked["exit"] < 9 {
				t.Errorf("asked %v", asked)
			}
		})
	}
}

// A callback that is the same as one of an earlier walk has a time of its own, though no look was taken in
// between: for a tool that watches, none is taken by the clock.
func TestRunningSinceIsOfThisWalk(t *testing.T) {
	var since []time.Time
	o := &Ops{Init: func(_ context.Context, n *Net) error {
		since = append(since, n.r.Running()[0].Since)
		return nil
	}}
	r := made(t, hook.With(bg, &hook.Hooks{Point: func(hook.Point) {}}))
	must(t, r.RegisterSubsys(bg, o))
	must(t, r.UnregisterSubsys(bg, o))
	between := time.Now()
	must(t, r.RegisterSubsys(bg, o))
	if since[1].Before(between) {
		t.Errorf("it began %v early", between.Sub(since[1]))
	}
	copied(t, r, "n")
	for _, w := range append(r.records(), &r.running) {
		if w.timer != nil {
			t.Error("looks are taken by the clock")
		}
	}
}

// Looks that have ended, since no callback ran, begin again with the next callback, in each walk.
func TestLooksBeginAgain(t *testing.T) {
	var tp tape
	r := made(t, bg)
	b := tp.ops("b")
	var n *Net
	for _, walk := range []struct {
		kind kind
		on   string
		call func()
	}{
		{anInit, "init_net", func() { must(t, r.RegisterSubsys(bg, b)) }},
		{anInit, "n", func() { n = copied(t, r, "n") }},
		{anExit, "n", func() { must(t, n.Put()); must(t, n.Wait(bg)) }},
		{anExit, "init_net", func() { must(t, r.UnregisterSubsys(bg, b)) }},
	} {
		records := func(have func(w *running) bool) bool {
			return slices.ContainsFunc(append(r.records(), &r.running), have)
		}
		eventually(t, "the looks end", func() bool {
			return !records(func(w *running) bool { return w.ticks.Load() })
		})
		begun, end := tp.hang(kindNames[walk.kind] + " b " + walk.on)
		defer end()
		var wg sync.WaitGroup
		wg.Go(walk.call)
		<-begun
		eventually(t, "the callback is seen, though nobody asks", func() bool {
			return records(func(w *running) bool {
				w.mu.Lock()
				defer w.mu.Unlock()
				return w.last.ops == b && w.last.kind == walk.kind && w.last.net.Name() == walk.on
			})
		})
		end()
		wg.Wait()
	}
}

// A look may find a grace period with the ops of the callback before it.
func TestALookAtAGracePeriodFindsNoOps(t *testing.T) {
	w := running{op: opCleanup, kind: aGracePeriod, ops: &Ops{}, net: &Net{}}
	if s, _, ok := w.look(); !ok || s.ops != nil {
		t.Errorf("found %v: %v", ok, s)
	}
}

// Under RWSem several callbacks run in calls: the oldest comes first, and an interrupted call names it.
func TestRunningListsTheOldestFirst(t *testing.T) {
	var tp tape
	r := made(t, bg, rwsem, WithSubsys(tp.ops("a")))
	var wg sync.WaitGroup
	hangs := func(call string, f func()) (end func()) {
		running, end := tp.hang(call)
		t.Cleanup(end)
		wg.Go(f)
		<-running
		r.Running() // it has been seen from now on
		return end
	}
	waits := func() string { // for the callbacks that run
		ctx, cancel := context.WithCancel(bg)
		r.netMutex.watch = givesUp{cancel}
		defer func() { r.netMutex.watch = nil }()
		err := r.RegisterSubsys(ctx, tp.ops("b"))
		is(t, err, ErrInterrupted)
		return err.Error()
	}
	endN := hangs("init a n", func() { copied(t, r, "n") })
	endM := hangs("init a m", func() { copied(t, r, "m") })
	endN()
	eventually(t, "the older one has ended", func() bool { return len(r.Running()) == 1 })
	if s := waits(); !strings.Contains(s, `waiting for init of "a" on net "m" (Copy), running for `) || strings.Contains(s, "more") {
		t.Error(s)
	}
	endK := hangs("init a k", func() { copied(t, r, "k") })
	if list := r.Running(); len(list) != 2 || list[0].Net.Name() != "m" || list[1].Net.Name() != "k" {
		t.Errorf("got %v", list)
	}
	if s := waits(); !strings.Contains(s, `waiting for init of "a" on net "m" (Copy), running for `) || !strings.HasSuffix(s, ", and 1 more") {
		t.Error(s)
	}
	endM()
	endK()
	wg.Wait()
	if l := r.records(); len(l) != 2 {
		t.Errorf("%d records for two walks at once", len(l))
	}
}

// Between the grace period and the exit_rtnls, no callback of the undo runs.
func TestRunningNamesNoCallbackBetweenTheStagesOfAnUndo(t *testing.T) {
	var tp tape
	c := tp.all("c")
	r := made(t, bg, rwsem, WithSubsys(tp.all("a"), tp.all("b"), c))
	copied(t, r, "n")
	asked := 0
	r.hooks.Point = func(p hook.Point) {
		if p.Name == "OpsUndoListRtnlLock" {
			if asked++; len(r.Running()) != 0 {
				t.Errorf("%v", r.Running())
			}
		}
	}
	must(t, r.UnregisterSubsys(bg, c))
	if r.hooks.Point = nil; asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

// The race detector orders a look after all that was there before the walk: so the walk begins with mu held.
func TestAWalkBeginsWithTheRecordLocked(t *testing.T) {
	if !race.Enabled {
		t.Skip("there is no lock without the race detector")
	}
	var tp tape
	r, o := made(t, bg), tp.ops("o")
	must(t, r.RegisterSubsys(bg, o))
	var wg sync.WaitGroup
	r.running.mu.Lock()
	wg.Go(func() { must(t, r.UnregisterSubsys(bg, o)) })
	eventually(t, "the unregister has the registry", func() bool { return !r.netMutex.free() })
	time.Sleep(time.Millisecond) // and waits for the record
	if s := r.running.read(nil, nil); s.op != nil {
		t.Errorf("%s has begun", s.op.name)
	}
	r.running.mu.Unlock()
	wg.Wait()
}
