// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"
)

// many is how many callbacks fail in one call. If a walk went on inside what the last failure
// left, its stacks and goroutines would grow with each.
const many = 500

// exiting returns ops whose exit runs f.
func exiting(name string, f func()) *Ops {
	return &Ops{Name: name, Exit: func(context.Context, *Net) { f() }}
}

// failures joins the panics in err.
func failures(err error) (panics []*PanicError) {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		for _, e := range joined.Unwrap() {
			panics = append(panics, failures(e)...)
		}
	} else if p := new(PanicError); errors.As(err, &p) {
		panics = append(panics, p)
	}
	return panics
}

// panickedWalks runs each walk of exits over many that call f, and returns the error of each.
func panickedWalks(t *testing.T, f func()) map[string]error {
	errs := make(map[string]error)
	full := func(more ...Option) *Registry {
		opts := make([]Option, many, many+len(more))
		for i := range opts {
			opts[i] = WithSubsys(exiting("o", f))
		}
		r, err := New(bg, append(opts, more...)...)
		must(t, err)
		return r
	}
	r := full()
	n := copied(t, r, "n")
	must(t, n.Put())
	errs["cleanup"] = n.Wait(bg)
	refusing := &Ops{Name: "refusing", Init: func(_ context.Context, n *Net) error {
		if n.Name() == "m" {
			return errBoom
		}
		return nil
	}}
	must(t, r.RegisterDevice(bg, refusing))
	ran := goexits(func() { _, errs["copy"] = r.Copy(bg, r.InitNet(), "m") })
	if ran == (errs["copy"] != nil) {
		t.Error("copy returned nothing, or returned after an exit ended its goroutine")
	}
	errs["close"] = r.Close(bg)

	wide := made(t, bg)
	for range many {
		copied(t, wide, "")
	}
	last := copied(t, wide, "last")
	goexits(func() { errs["unregister"] = walkOnce(t, wide, exiting("o", f)) })
	o := exiting("o", f)
	o.Init = func(_ context.Context, n *Net) error {
		if n == last {
			return errBoom
		}
		return nil
	}
	goexits(func() { errs["register"] = wide.RegisterSubsys(bg, o) })
	return errs
}

func walkOnce(t *testing.T, r *Registry, o *Ops) error {
	must(t, r.RegisterSubsys(bg, o))
	return r.UnregisterSubsys(bg, o)
}

func TestEachPanicHasAStackOfItsOwn(t *testing.T) {
	for walk, err := range panickedWalks(t, func() { panic(errBoom) }) {
		is(t, err, errBoom)
		panics := failures(err)
		if len(panics) < many {
			t.Errorf("%s: %d panics of %d", walk, len(panics), many)
			continue
		}
		for i, p := range panics {
			switch stack := string(p.Stack); {
			case i >= stacksPerCall && walk != "close" && p.Stack != nil:
				t.Errorf("%s: panic %d has a stack", walk, i)
			case i >= stacksPerCall:
			case strings.Count(stack, "failing_test.go") != 2, strings.Contains(stack, "walk.go"), strings.Count(stack, "\n") != 4:
				t.Fatalf("%s: the stack of panic %d is\n%s", walk, i, stack)
			}
		}
	}
}

// A walk goes on in a loop, not inside a deferred function: the stack of an exit does not hold the exits
// before it. So the walk is linear in the number of panics.
func TestPanicsOfManyExitsDoNotDeepenTheStack(t *testing.T) {
	deepest := 0
	panickedWalks(t, func() {
		var pcs [many]uintptr
		deepest = max(deepest, runtime.Callers(0, pcs[:]))
		panic(errBoom)
	})
	if deepest == 0 || deepest > 30 {
		t.Errorf("an exit has %d frames on its stack", deepest)
	}
}

// Exits that end their goroutine, and some that panic between them.
func TestGoexitsOfManyExitsKeepFewGoroutines(t *testing.T) {
	const few = 20 // where each Goexit left one there would be hundreds
	before, most, ran := runtime.NumGoroutine(), 0, 0
	errs := panickedWalks(t, func() {
		for range 1000 { // those that are about to end do not count
			if runtime.NumGoroutine() <= before+few {
				break
			}
			runtime.Gosched()
		}
		most = max(most, runtime.NumGoroutine())
		if ran++; ran%3 == 0 {
			panic(errBoom)
		}
		runtime.Goexit()
	})
	// cleanup, copy, close of one net, unregister and register over many nets each
	if ran < 5*many || most > before+few {
		t.Errorf("%d exits ran, %d goroutines at most, %d before", ran, most, before)
	}
	if p := failures(errs["cleanup"]); len(p) == 0 {
		t.Error("the panics between them were lost")
	}
}

// What a log of slow callbacks needs round each callback is made once a walk, not again after each panic.
func TestWalksWithPanicsAllocateInProportion(t *testing.T) {
	r, err := New(bg, WithSlowCallback(time.Hour), WithLogger(slog.New(slog.DiscardHandler)))
	must(t, err)
	for range many {
		must(t, r.RegisterSubsys(bg, exiting("o", func() { panic(errBoom) })))
	}
	allocs := testing.AllocsPerRun(1, func() {
		n := copied(t, r, "n")
		must(t, n.Put())
		is(t, n.Wait(bg), errBoom)
	})
	if allocs > 50*many {
		t.Errorf("%v allocations for %d panics", allocs, many)
	}
	is(t, r.Close(bg), errBoom)
}
