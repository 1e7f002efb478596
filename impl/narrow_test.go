// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/pernet/internal/door"
)

// What must be one critical section of r.mu holds no yield point, so the
// scheduler does not come between. Here mu does: a sync.Mutex that somebody has
// waited for longer than a millisecond is handed to the first in its queue, so a
// call that lets go of it and takes it again has let the other in.

const narrowRounds = 20

// passedOn runs f on two sides, which both find mu taken, and then have it in turns.
func passedOn(r *Registry, f func(side int)) {
	var wg sync.WaitGroup
	r.mu.Lock()
	for side := range 2 {
		wg.Go(func() { f(side) })
	}
	time.Sleep(3 * time.Millisecond) // both wait
	r.mu.Unlock()
	r.mu.Lock() // who was woken finds it taken again, and asks to be handed it
	time.Sleep(time.Millisecond)
	r.mu.Unlock()
	wg.Wait()
}

// TestOneNameOneNet: of two copies that ask for a name at once, one gets it.
func TestOneNameOneNet(t *testing.T) {
	r, d := stepped(t)
	for range narrowRounds {
		var nets [2]*Net
		var errs [2]error
		passedOn(r, func(side int) { nets[side], errs[side] = r.Copy(bg, r.InitNet(), "n") })
		if (nets[0] == nil) == (nets[1] == nil) || !errors.Is(errors.Join(errs[:]...), ErrExist) {
			t.Errorf("nets %v, errors %v", nets, errs)
		}
		for _, n := range nets {
			if n != nil {
				must(t, n.Put())
			}
		}
		d.Work(-1)
	}
}

// TestOneWorker: of two last puts at once, one starts the worker.
func TestOneWorker(t *testing.T) {
	var started atomic.Int64
	d := &door.Door{Go: func(_ string, f func()) {
		started.Add(1)
		go f()
	}}
	r, err := New(door.With(bg, d))
	must(t, err)
	for range narrowRounds {
		nets := [2]*Net{copied(t, r, ""), copied(t, r, "")}
		must(t, r.netMutex.lock(bg)) // no worker ends meanwhile
		started.Store(0)
		passedOn(r, func(side int) { must(t, nets[side].Put()) })
		if n := started.Load(); n != 1 {
			t.Fatalf("%d workers were started", n) // with netMutex held: two would do anything
		}
		r.netMutex.unlock()
		must(t, nets[0].Wait(bg))
		must(t, nets[1].Wait(bg))
		if n := started.Load(); n != 1 {
			t.Errorf("%d workers were started for what one could do", n)
		}
		eventually(t, "the worker rests", func() bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			return !r.working
		})
	}
	must(t, r.Close(bg))
}

// TestNoContextForNoCallback: a call without callbacks makes none for them.
func TestNoContextForNoCallback(t *testing.T) {
	r, d := stepped(t)
	allocations := func(ctx context.Context) float64 {
		return testing.AllocsPerRun(100, func() {
			n, err := r.Copy(ctx, r.InitNet(), "")
			must(t, err)
			must(t, n.Put())
			d.Work(-1)
		})
	}
	ctx, cancel := context.WithCancel(bg)
	defer cancel()
	if with, without := allocations(ctx), allocations(bg); with != without {
		t.Errorf("%v allocations, and %v with the background context", with, without)
	}
}

// TestOneContextACall: all callbacks of a call get the same context, in its undo too.
func TestOneContextACall(t *testing.T) {
	r, _ := stepped(t)
	copied(t, r, "n")
	var seen []context.Context
	o := &Ops{
		Name: "o",
		Init: func(ctx context.Context, n *Net) error {
			seen = append(seen, ctx)
			if n != r.InitNet() {
				return errBoom
			}
			return nil
		},
		Exit: func(ctx context.Context, _ *Net) { seen = append(seen, ctx) },
	}
	ctx, cancel := context.WithCancel(bg)
	defer cancel()
	is(t, r.RegisterDevice(ctx, o), errBoom)
	if len(seen) != 3 || seen[0] != seen[1] || seen[1] != seen[2] {
		t.Errorf("%d callbacks, contexts %v", len(seen), seen)
	}
}

// TestNobodyStepsBesideAStep: an exit that is run by a step steps nothing.
func TestNobodyStepsBesideAStep(t *testing.T) {
	var tp tape
	r, d := stepped(t, WithSubsys(tp.ops("a")))
	n, m := copied(t, r, "n"), copied(t, r, "m")
	tp.on("exit a n", func(context.Context, *Net) error {
		if got := d.Work(-1); got != 0 {
			t.Errorf("%d cleanups ran inside a cleanup", got)
		}
		return nil
	})
	must(t, n.Put())
	must(t, m.Put())
	tp.took()
	if got := d.Work(1); got != 1 {
		t.Errorf("%d cleanups ran", got)
	}
	tp.want(t, "exit a n")
}
