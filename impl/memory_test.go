// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
	"weak"
)

// A heap is memory that a test must see collected, by what it belongs to.
type heap struct {
	mu   sync.Mutex // the worker's callbacks watch, too
	gone map[string]func() bool
}

func newHeap() *heap { return &heap{gone: map[string]func() bool{}} }

// watch adds what p points at. The caller drops p.
func watch[T any](h *heap, what string, p *T) {
	w := weak.Make(p)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.gone[what] = func() bool { return w.Value() == nil }
}

// collected fails the test for each thing that the registry, or anything else, keeps reachable.
func (h *heap) collected(t *testing.T) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	left := func() (names []string) {
		for what, gone := range h.gone {
			if !gone() {
				names = append(names, what)
			}
		}
		slices.Sort(names)
		return names
	}
	for end := time.Now().Add(2 * time.Second); len(left()) > 0 && time.Now().Before(end); time.Sleep(time.Millisecond) {
		runtime.GC()
	}
	if names := left(); len(names) > 0 {
		t.Errorf("still reachable: %d of %d, such as %s", len(names), len(h.gone), names[0])
	}
}

// A load is memory that only one thing refers to.
type load [64]byte

// newOps returns ops whose callbacks refer to memory of their own, which is watched as the ops are.
//
//go:noinline
func (h *heap) newOps(what string) *Ops {
	l := new(load)
	o := &Ops{
		Name: what,
		Init: func(context.Context, *Net) error { l[0]++; return nil },
		Exit: func(context.Context, *Net) { l[0]-- },
	}
	watch(h, "the ops "+what, o)
	watch(h, "what the callbacks of "+what+" refer to", l)
	return o
}

// TestAnIdleRegistryKeepsNothing: what was freed, or failed, is reachable no more once the registry is idle.
func TestAnIdleRegistryKeepsNothing(t *testing.T) {
	keepsNothing(t, map[string]func(*testing.T, *heap, *Registry){
		"nets that are freed":    freesNets,
		"one net that is freed":  func(t *testing.T, h *heap, r *Registry) { freesNet(t, h, r, "n") },
		"a net that calls named": usesNet,
		"nets that failed":       failsToCopy,
	})
}

// TestAnIdleRegistryKeepsNoOps: nor callbacks and contexts: what was unregistered, deferred, failed or waited for.
func TestAnIdleRegistryKeepsNoOps(t *testing.T) {
	keepsNothing(t, map[string]func(*testing.T, *heap, *Registry){
		"ops that are unregistered":  unregistersAll,
		"ops that fail":              failsToRegister,
		"deferred callbacks":         defers,
		"calls that are interrupted": interrupts,
	})
}

// keepsNothing runs each use on registries that keep nothing of it once they are idle.
func keepsNothing(t *testing.T, uses map[string]func(*testing.T, *heap, *Registry)) {
	for name, opts := range map[string][]Option{"plain": nil, "slow callbacks are logged": {WithSlowCallback(time.Hour)}} {
		for what, use := range uses {
			t.Run(name+"/"+what, func(t *testing.T) {
				r := made(t, bg, opts...)
				must(t, r.RegisterSubsys(bg, &Ops{Name: "stays", Init: func(context.Context, *Net) error { return nil },
					Exit: func(context.Context, *Net) {}}))
				h := newHeap()
				use(t, h, r)
				h.collected(t)
				runtime.KeepAlive(r)
			})
		}
	}
}

//go:noinline
func unregistersAll(t *testing.T, h *heap, r *Registry) {
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}} {
		var all []*Ops
		for i := range 4 {
			o := h.newOps(fmt.Sprint(order, i))
			register := r.RegisterSubsys
			if i%2 == 1 {
				register = r.RegisterDevice
			}
			must(t, register(bg, o))
			all = append(all, o)
		}
		for _, i := range order {
			unregister := r.UnregisterSubsys
			if i%2 == 1 {
				unregister = r.UnregisterDevice
			}
			must(t, unregister(bg, all[i]))
		}
	}
}

//go:noinline
func failsToRegister(t *testing.T, h *heap, r *Registry) {
	for i := range 3 {
		o := h.newOps(fmt.Sprint(i))
		o.Init = func(context.Context, *Net) error { return errBoom }
		is(t, r.RegisterSubsys(bg, o), errBoom)
	}
}

//go:noinline
func freesNets(t *testing.T, h *heap, r *Registry) {
	var nets []*Net
	for i := range 200 {
		nets = append(nets, copied(t, r, fmt.Sprint(i)))
	}
	must(t, r.netMutex.lock(bg)) // the worker waits, so that the queue grows
	for _, n := range nets {
		must(t, n.Put())
	}
	r.netMutex.unlock()
	for i, n := range nets {
		must(t, n.Wait(bg))
		watch(h, fmt.Sprint("net ", i), n)
	}
}

//go:noinline
func freesNet(t *testing.T, h *heap, r *Registry, name string) {
	n := copied(t, r, name)
	must(t, n.Put())
	must(t, n.Wait(bg))
	watch(h, "net "+name, n)
}

// usesNet has a net go through each call that takes one, or returns one.
//
//go:noinline
func usesNet(t *testing.T, h *heap, r *Registry) {
	n := copied(t, r, "n")
	_, err := r.Copy(bg, n, "n")
	is(t, err, ErrExist)
	m, err := r.Copy(bg, n, "m")
	must(t, err)
	for _, n := range []*Net{n, m} {
		must(t, n.Get())
		must(t, n.Hold())
		must(t, n.Release())
		_, err = r.Share(n)
		must(t, err)
		_, err = r.Lookup(n.Name())
		must(t, err)
		must(t, n.Defer(func() {}))
		for range r.Nets() {
			_ = r.Running()
		}
		_, err = r.Snapshot(bg)
		must(t, err)
		for range 4 {
			must(t, n.Put())
		}
		is(t, n.Get(), ErrNotFound)
		_, err = r.Lookup(n.Name())
		is(t, err, ErrNotFound)
		must(t, n.Wait(bg))
		is(t, n.Put(), ErrNotFound)
		watch(h, "net "+n.Name(), n)
	}
}

// TestARoundLetsGoOfTheNetsOfTheRoundBefore: none is reachable once the next round has ended.
func TestARoundLetsGoOfTheNetsOfTheRoundBefore(t *testing.T) {
	r := made(t, bg, rwsem)
	h, last := newHeap(), newHeap()
	freesNet(t, h, r, "n")
	freesNet(t, last, r, "m")
	h.collected(t)
	runtime.KeepAlive(r)
}

//go:noinline
func failsToCopy(t *testing.T, h *heap, r *Registry) {
	o := h.newOps("fails")
	o.Init = func(_ context.Context, n *Net) error {
		if n == r.InitNet() {
			return nil
		}
		watch(h, "net "+n.Name(), n)
		return n.Defer(func() { _ = n.Name() })
	}
	must(t, r.RegisterSubsys(bg, o))
	last := &Ops{Init: func(_ context.Context, n *Net) error {
		if n == r.InitNet() {
			return nil
		}
		return errBoom
	}}
	must(t, r.RegisterSubsys(bg, last))
	for i := range 3 {
		_, err := r.Copy(bg, r.InitNet(), fmt.Sprint(i))
		is(t, err, errBoom)
	}
	must(t, r.UnregisterSubsys(bg, o))
	must(t, r.UnregisterSubsys(bg, last))
}

//go:noinline
func defers(t *testing.T, h *heap, r *Registry) {
	for i := range 10 {
		l := new(load)
		watch(h, fmt.Sprint("what callback ", i, " refers to"), l)
		must(t, r.InitNet().Defer(func() {
			if l[0]++; i == 5 {
				panic(l)
			}
		}))
		if i%4 == 0 {
			must(t, r.Barrier(bg))
		}
	}
	must(t, r.Barrier(bg))
}

// interrupts has a call wait in each place where calls wait, with a context that ends; and one that does not wait.
//
//go:noinline
func interrupts(t *testing.T, h *heap, r *Registry) {
	n := copied(t, r, "n")
	release := held(t, n)
	must(t, r.netMutex.lock(bg))
	l := new(load)
	watch(h, "what the context holds", l)
	ctx, cancel := context.WithTimeout(context.WithValue(bg, ctxKey{}, l), 10*time.Millisecond)
	defer cancel()
	for name, err := range calls(ctx, r, &Ops{}, "Close") {
		if !errors.Is(err, ErrInterrupted) {
			t.Errorf("%s: %v", name, err)
		}
	}
	is(t, n.Wait(ctx), ErrInterrupted)
	r.netMutex.unlock()
	release()
	with := context.WithValue(bg, ctxKey{}, l)
	o := h.newOps("o")
	must(t, r.RegisterSubsys(with, o))
	m, err := r.Copy(with, n, "m")
	must(t, err)
	must(t, r.UnregisterSubsys(with, o))
	for _, n := range []*Net{n, m} {
		must(t, n.Put())
		must(t, n.Wait(with))
	}
}

// TestAClosedRegistryKeepsNoNet: nor what its Close was given and returned. A caller keeps the registry itself.
func TestAClosedRegistryKeepsNoNet(t *testing.T) {
	r := made(t, bg)
	h := newHeap()
	closesWithLeaks(t, h, r)
	h.collected(t)
	runtime.KeepAlive(r)
}

//go:noinline
func closesWithLeaks(t *testing.T, h *heap, r *Registry) {
	l := new(load)
	watch(h, "what the context holds", l)
	must(t, r.RegisterSubsys(bg, &Ops{Exit: func(_ context.Context, n *Net) {
		p := new(load)
		watch(h, "what the exit on "+n.Name()+" panicked with", p)
		panic(p)
	}}))
	for i := range 5 {
		n := copied(t, r, fmt.Sprint(i))
		watch(h, "net "+n.Name(), n)
		if i%2 == 0 {
			must(t, n.Put())
		}
	}
	var leak *LeakError
	if err := r.Close(context.WithValue(bg, ctxKey{}, l)); !errors.As(err, &leak) {
		t.Errorf("got %v", err)
	}
	r.InitNet().panics = nil // the first net stays, and its panics with it
}

// TestARegistryThatIsDroppedIsCollected: with no call under way nothing refers to it, closed or not.
func TestARegistryThatIsDroppedIsCollected(t *testing.T) {
	h := newHeap()
	dropsRegistries(t, h)
	h.collected(t)
}

//go:noinline
func dropsRegistries(t *testing.T, h *heap) {
	for _, closed := range []bool{false, true} {
		r, err := New(bg, WithSubsys(h.newOps(fmt.Sprint("of a registry, closed: ", closed))))
		must(t, err)
		n := copied(t, r, "n")
		must(t, n.Put())
		must(t, n.Wait(bg))
		if closed {
			must(t, r.Close(bg))
		}
		watch(h, fmt.Sprint("a registry, closed: ", closed), r)
	}
}

// TestWhatACallerGaveOrGotIsItsOwn: a slice that goes in or comes out is no part of the registry.
func TestWhatACallerGaveOrGotIsItsOwn(t *testing.T) {
	a, b, c, d := &Ops{Name: "a"}, &Ops{Name: "b"}, &Ops{Name: "c"}, &Ops{Name: "d"}
	other := &Ops{Name: "other"}
	subsys, device := []*Ops{a, b, nil}[:2], []*Ops{c, d, nil}[:2]
	withSubsys, withDevice := WithSubsys(subsys...), WithDevice(device...)
	subsys[0], device[0] = other, other
	for range 2 { // an option may be used again
		r := made(t, bg, withSubsys, WithSubsys(), withDevice)
		subsys[1], device[1] = other, other
		n, m := copied(t, r, "n"), copied(t, r, "m")
		wantLists(t, r, "a b | c d; init_net n m")

		s, err := r.Snapshot(bg)
		must(t, err)
		clear(s.PernetList)
		clear(s.Nets)
		_ = append(s.PernetList[:0], other)
		wantLists(t, r, "a b | c d; init_net n m")
		for range r.Nets() {
			clear(slices.Collect(r.Nets()))
		}
		release := held(t, n)
		one, two := r.Running(), r.Running()
		clear(one)
		if len(two) != 1 || two[0].Net != n {
			t.Errorf("Running returned %v", two)
		}
		release()
		must(t, r.RegisterSubsys(bg, other))
		must(t, r.UnregisterSubsys(bg, other))
		wantLists(t, r, "a b | c d; init_net n m")

		must(t, n.Hold())
		must(t, n.Put())
		is(t, n.Wait(bg), ErrInUse)
		var leak *LeakError
		if err := r.Close(bg); !errors.As(err, &leak) || !slices.Equal(leak.Kept, []*Net{n}) || !slices.Equal(leak.Referenced, []*Net{m}) {
			t.Fatalf("got %v", err)
		}
		clear(leak.Kept)
		clear(leak.Referenced)
		wellFormed(t, r)
		is(t, n.Wait(bg), ErrInUse)
	}
}

// TestEachWaitReturnsAnErrorOfItsOwn: what a caller does to one is not seen in the next.
func TestEachWaitReturnsAnErrorOfItsOwn(t *testing.T) {
	r, err := New(bg, WithSubsys(&Ops{Exit: func(context.Context, *Net) { panic(errBoom) }}))
	must(t, err)
	n := copied(t, r, "n")
	must(t, n.Put())
	var joined interface{ Unwrap() []error }
	if err := n.Wait(bg); !errors.As(err, &joined) {
		t.Fatalf("got %v", err)
	}
	clear(joined.Unwrap())
	is(t, n.Wait(bg), errBoom)
	is(t, r.Close(bg), errBoom)
	is(t, n.Wait(bg), errBoom)
}

// TestAKeptNetKeepsNoOps: a net that stays because it is in use keeps neither the slots whose exits have run on it
// nor their values.
func TestAKeptNetKeepsNoOps(t *testing.T) {
	r := made(t, bg)
	h := newHeap()
	keepsANet(t, h, r)
	h.collected(t)
	runtime.KeepAlive(r)
}

//go:noinline
func keepsANet(t *testing.T, h *heap, r *Registry) {
	s := NewSlot("s", func(context.Context, *Net) (*load, error) {
		l := new(load)
		watch(h, "the value of a slot", l)
		return l, nil
	}, nil)
	watch(h, "a slot", s)
	must(t, r.RegisterSubsys(bg, s.Ops()))
	n := copied(t, r, "n")
	must(t, n.Hold())
	must(t, n.Put())
	if !r.rw {
		is(t, n.Wait(bg), ErrInUse)
	}
	must(t, r.UnregisterSubsys(bg, s.Ops()))
}
