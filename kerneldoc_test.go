// SPDX-License-Identifier: MIT

package pernet_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/pernet/impl"
)

// The comments of net/core/net_namespace.c make promises to callers that register ops and to
// users of nets. Each test checks one promise on package impl; its comment gives the promise
// in our words.

var errInit = errors.New("init fails")

// A diary records the callbacks of a test's ops, in order.
type diary struct {
	t               *testing.T
	context.Context // ends a test that would hang
	r               *impl.Registry
	mu              sync.Mutex
	is              []string
}

func newDiary(t *testing.T, opts ...impl.Option) *diary {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	d := &diary{t: t, Context: ctx}
	r, err := impl.New(d, append([]impl.Option{impl.WithLogger(silent)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	d.r = r
	return d
}

func (d *diary) note(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.is = append(d.is, what)
}

// ops notes "+name net" for an init and "-name net" for an exit. The init fails on the nets named.
func (d *diary) ops(name string, fails ...string) *impl.Ops {
	return &impl.Ops{
		Name: name,
		Init: func(_ context.Context, n *impl.Net) error {
			d.note("+" + name + " " + n.Name())
			if slices.Contains(fails, n.Name()) {
				return errInit
			}
			return nil
		},
		Exit: func(_ context.Context, n *impl.Net) { d.note("-" + name + " " + n.Name()) },
	}
}

// reads compares the notes since its last call.
func (d *diary) reads(want ...string) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.is, want) {
		d.t.Errorf("ran  %s\nwant %s", strings.Join(d.is, ", "), strings.Join(want, ", "))
	}
	d.is = nil
}

func (d *diary) ok(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *diary) subsys(o *impl.Ops) { d.t.Helper(); d.ok(d.r.RegisterSubsys(d, o)) }
func (d *diary) device(o *impl.Ops) { d.t.Helper(); d.ok(d.r.RegisterDevice(d, o)) }

func (d *diary) copy(name string) *impl.Net {
	d.t.Helper()
	n, err := d.r.Copy(d, d.r.InitNet(), name)
	d.ok(err)
	return n
}

// destroy puts the last reference and waits until the net is freed.
func (d *diary) destroy(n *impl.Net) {
	d.t.Helper()
	d.ok(n.Put())
	d.ok(n.Wait(d))
}

func (d *diary) names() (names []string) {
	for n := range d.r.Nets() {
		names = append(names, n.Name())
	}
	return names
}

// locked reports whether net_mutex is held. It does not block.
func (d *diary) locked() bool {
	_, err := d.r.Snapshot(newImpatient())
	return errors.Is(err, impl.ErrInterrupted)
}

// kinds are the two pairs of calls. The kernel's text is the same for both.
var kinds = []struct {
	name                 string
	register, unregister func(*impl.Registry, context.Context, *impl.Ops) error
}{
	{"subsys", (*impl.Registry).RegisterSubsys, (*impl.Registry).UnregisterSubsys},
	{"device", (*impl.Registry).RegisterDevice, (*impl.Registry).UnregisterDevice},
}

// Every initializer runs on a new net. (setup_net)
func TestKerneldocSetupRunsInitializers(t *testing.T) {
	d := newDiary(t)
	d.subsys(d.ops("a"))
	d.subsys(&impl.Ops{Name: "none"})
	d.device(d.ops("b"))
	d.reads("+a init_net", "+b init_net")
	d.copy("n")
	d.reads("+a n", "+b n")
}

// A set-up happens with net_mutex held, from its first init to the end of its undo. (setup_net)
func TestKerneldocSetupHoldsNetMutex(t *testing.T) {
	d := newDiary(t)
	looks := 0
	look := func() {
		if looks++; !d.locked() {
			t.Error("net_mutex is free during a set-up")
		}
	}
	d.subsys(&impl.Ops{
		Init: func(context.Context, *impl.Net) error { look(); return nil },
		Exit: func(_ context.Context, n *impl.Net) { look(); d.ok(n.Defer(look)) },
	})
	d.subsys(d.ops("fails", "n"))
	looks = 0
	if _, err := d.r.Copy(d, d.r.InitNet(), "n"); !errors.Is(err, errInit) {
		t.Fatal(err)
	}
	if looks != 3 { // the init, the exit of the undo, and what that deferred, for which the set-up waits
		t.Errorf("looked %d times", looks)
	}
	if d.locked() {
		t.Error("net_mutex is held after the set-up")
	}
}

// A set-up that fails walks back from the ops before the one that failed: the
// exits of those whose init went well, and of those that have no init. (setup_net)
func TestKerneldocFailedSetupWalksBack(t *testing.T) {
	d := newDiary(t)
	noInit := d.ops("no init")
	noInit.Init = nil
	for _, o := range []*impl.Ops{d.ops("a"), noInit, d.ops("b"), d.ops("c", "n"), d.ops("d")} {
		d.subsys(o)
	}
	d.is = nil
	if _, err := d.r.Copy(d, d.r.InitNet(), "n"); !errors.Is(err, errInit) {
		t.Errorf("Copy answers %v", err)
	}
	d.reads("+a n", "+b n", "+c n", "-b n", "-no init n", "-a n")
}

// A net cannot be found any more once its exits run. (cleanup_net)
func TestKerneldocCleanupUnlinksFirst(t *testing.T) {
	d := newDiary(t)
	d.subsys(&impl.Ops{Exit: func(_ context.Context, n *impl.Net) {
		d.note("found by the exit: " + strings.Join(d.names(), " "))
		found := make(chan string)
		go func() { found <- strings.Join(d.names(), " ") }() // another goroutine does not find it either
		d.note("found by a reader: " + <-found)
		if n.Get() == nil {
			t.Error("a net on its way out gives a reference")
		}
	}})
	d.destroy(d.copy("n"))
	d.reads("found by the exit: init_net", "found by a reader: init_net")
}

// All exits run on a net that is cleaned up, also those of ops that have no init. (cleanup_net)
func TestKerneldocCleanupRunsAllExits(t *testing.T) {
	d := newDiary(t)
	n := d.copy("n")
	noInit := d.ops("b")
	noInit.Init = nil
	d.subsys(d.ops("a")) // registered after the net was made
	d.device(noInit)
	d.is = nil
	d.destroy(n)
	d.reads("-b n", "-a n")
}

// No deferred callback that may use the net is outstanding when it is freed. (cleanup_net)
func TestKerneldocBarrierBeforeFree(t *testing.T) {
	d := newDiary(t)
	gate := make(chan struct{})
	d.subsys(&impl.Ops{Exit: func(_ context.Context, n *impl.Net) {
		d.ok(n.Defer(func() { <-gate; d.note("deferred") }))
	}})
	n := d.copy("n")
	d.ok(n.Defer(func() { <-gate; d.note("deferred") }))
	d.ok(n.Put())
	d.copy("m") // the barrier does not hold net_mutex
	if err := n.Wait(newImpatient()); !errors.Is(err, impl.ErrInterrupted) {
		t.Errorf("freed before its callbacks have run: %v", err)
	}
	close(gate)
	d.ok(n.Wait(d))
	d.reads("deferred", "deferred")
}

// The net is freed last. If it is still in use then, it is kept, and the kernel logs it.
// (cleanup_net, net_free)
func TestKerneldocFreeIsLast(t *testing.T) {
	var log bytes.Buffer
	d := newDiary(t, impl.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	alive := func(n *impl.Net) {
		if n.Hold() != nil || n.Release() != nil {
			t.Errorf("net %v is freed while its callbacks run", n)
		}
		d.note("alive")
	}
	d.subsys(&impl.Ops{Exit: func(_ context.Context, n *impl.Net) {
		alive(n)
		d.ok(n.Defer(func() { alive(n) }))
	}})
	n, kept := d.copy("n"), d.copy("kept")
	d.destroy(n)
	d.reads("alive", "alive")
	if err := n.Hold(); !errors.Is(err, impl.ErrNotFound) {
		t.Errorf("a freed net can be held: %v", err)
	}
	d.ok(kept.Hold())
	d.ok(kept.Put())
	if err := kept.Wait(d); !errors.Is(err, impl.ErrInUse) || kept.Release() != nil {
		t.Errorf("a net in use is freed: %v", err)
	}
	d.reads("alive", "alive")
	if err := d.r.Close(d); err == nil || !strings.Contains(log.String(), "kept") {
		t.Errorf("nobody says that a net is kept: %v, %s", err, &log)
	}
}

// The cleanup runs in a context that may sleep, not in that of the last put,
// which may come from anywhere: also from a callback, with net_mutex held. (__put_net)
func TestKerneldocCleanupInProcessContext(t *testing.T) {
	d := newDiary(t)
	gate := make(chan struct{})
	d.subsys(&impl.Ops{Exit: func(_ context.Context, n *impl.Net) { <-gate; d.note("exit " + n.Name()) }})
	n := d.copy("n")
	d.subsys(&impl.Ops{Init: func(_ context.Context, on *impl.Net) error {
		if on == n {
			d.ok(n.Put())
			d.note("put in a callback")
		}
		return nil
	}})
	d.note("put returns")
	close(gate)
	d.ok(n.Wait(d))
	d.reads("put in a callback", "put returns", "exit n")
}

// One worker does all cleanups: the next one begins when the one before has
// freed its net, even while it only waits for deferred callbacks. (net_ns_init)
func TestKerneldocOneWorker(t *testing.T) {
	d := newDiary(t)
	gate, waiting := make(chan struct{}), make(chan struct{})
	first, second := d.copy("first"), d.copy("second")
	d.ok(first.Defer(func() { <-gate }))
	d.subsys(d.ops("a"))
	d.subsys(&impl.Ops{Exit: func(_ context.Context, n *impl.Net) {
		if n == first {
			close(waiting)
		}
	}})
	d.is = nil
	d.ok(first.Put())
	d.ok(second.Put())
	select {
	case <-waiting:
	case <-d.Done():
		t.Fatal("the first cleanup does not begin")
	}
	for range 100 { // each has its turn with the lock, where the second cleanup would have it too
		if _, err := d.r.Snapshot(d); err != nil {
			t.Fatal(err)
		}
		runtime.Gosched()
	}
	d.reads("-a first")
	close(gate)
	d.ok(second.Wait(d))
	d.ok(first.Wait(d))
	d.reads("-a second")
}

// A register that fails cleans up after itself on the nets that it has
// initialized, and only there, and leaves nothing. (register_pernet_operations)
func TestKerneldocFailedRegisterCleansUp(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			d := newDiary(t)
			d.copy("m")
			d.copy("n")
			d.copy("o")
			a := d.ops("a", "n")
			if err := kind.register(d.r, d, a); !errors.Is(err, errInit) {
				t.Errorf("register answers %v", err)
			}
			d.reads("+a init_net", "+a m", "+a n", "-a init_net", "-a m")
			d.copy("p")
			d.reads()
			if s, err := d.r.Snapshot(d); err != nil || len(s.PernetList) != 0 || s.FirstDevice != nil {
				t.Errorf("left behind: %v %v", s, err)
			}
			if err := kind.unregister(d.r, d, a); !errors.Is(err, impl.ErrNotFound) {
				t.Errorf("unregister answers %v", err)
			}
		})
	}
}

// init is called when a net is created, exit when it is destroyed, once each.
// (register_pernet_subsys, register_pernet_device)
func TestKerneldocInitAtCreateExitAtDestroy(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			d := newDiary(t)
			d.ok(kind.register(d.r, d, d.ops("a")))
			d.reads("+a init_net")
			n := d.copy("n")
			d.reads("+a n")
			d.ok(n.Get())
			d.ok(n.Put())
			d.reads()
			d.destroy(n)
			d.reads("-a n")
		})
	}
}

// A register calls init for every listed net. That includes a net whose last reference is gone
// and whose cleanup has not begun. (register_pernet_subsys, register_pernet_device)
func TestKerneldocRegisterReachesExistingNets(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			d := newDiary(t)
			d.copy("m")
			n := d.copy("n")
			d.ok(kind.register(d.r, d, &impl.Ops{Init: func(_ context.Context, on *impl.Net) error {
				if on == d.r.InitNet() { // the register has the lock: the cleanup must wait
					return n.Put()
				}
				d.note(on.Name())
				return nil
			}}))
			d.reads("m", "n")
		})
	}
}

// So a caller that registers knows the set of nets at any time without races: while nets come
// and go, inits and exits tell exactly which exist. (register_pernet_subsys, register_pernet_device)
func TestKerneldocRaceFreeView(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			d := newDiary(t)
			stop := make(chan struct{})
			var makers, all sync.WaitGroup
			for range 4 {
				makers.Go(func() { comeAndGo(d, stop) })
			}
			for range 3 {
				all.Go(func() {
					for range 40 {
						lookAtNets(d, kind.register, kind.unregister)
					}
				})
			}
			all.Wait()
			close(stop)
			makers.Wait()
			d.ok(d.r.Close(d))
		})
	}
}

func comeAndGo(d *diary, stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		n, err := d.r.Copy(d, d.r.InitNet(), "")
		if err != nil || n.Put() != nil || n.Wait(d) != nil {
			d.t.Errorf("copy, put or wait: %v", err)
			return
		}
	}
}

// lookAtNets keeps a set of nets by callbacks alone, and compares it with the
// list where the list can not change and no set-up is half done: inside another
// register, which fails on the first net, so that it looks just once.
func lookAtNets(d *diary, register, unregister func(*impl.Registry, context.Context, *impl.Ops) error) {
	view := make(map[*impl.Net]bool) // no lock of its own: net_mutex is held in callbacks
	viewer := &impl.Ops{
		Init: func(_ context.Context, n *impl.Net) error {
			if view[n] {
				d.t.Error("second init of a net")
			}
			view[n] = true
			return nil
		},
		Exit: func(_ context.Context, n *impl.Net) {
			if !view[n] {
				d.t.Error("exit of a net without its init, or a second one")
			}
			delete(view, n)
		},
	}
	compare := &impl.Ops{Init: func(context.Context, *impl.Net) error {
		listed := make(map[*impl.Net]bool)
		for n := range d.r.Nets() {
			listed[n] = true
		}
		if !maps.Equal(view, listed) {
			d.t.Errorf("seen are %d nets, listed %d", len(view), len(listed))
		}
		return errInit
	}}
	if err := register(d.r, d, viewer); err != nil {
		d.t.Error(err)
	}
	if err := register(d.r, d, compare); !errors.Is(err, errInit) {
		d.t.Error(err)
	}
	if err := unregister(d.r, d, viewer); err != nil {
		d.t.Error(err)
	}
	if len(view) != 0 { // no callback of an ops can run once it is unregistered
		d.t.Errorf("after unregister %d nets are left", len(view))
	}
}

// The kernel promises inits in the order in which the ops were registered. That
// holds among subsystems and among devices. It does not hold across the two: a
// subsystem goes in before the devices, so the order of the list is what counts
// (docs/divergences.md). (register_pernet_subsys, register_pernet_device)
func TestKerneldocInitsInOrder(t *testing.T) {
	d := mixed(t)
	d.copy("n")
	d.reads("+s1 n", "+s2 n", "+s3 n", "+d1 n", "+d2 n")
}

// Exits run in the reverse order. (register_pernet_subsys, register_pernet_device)
func TestKerneldocExitsInReverse(t *testing.T) {
	d := mixed(t)
	n := d.copy("n")
	d.is = nil
	d.destroy(n)
	d.reads("-d2 n", "-d1 n", "-s3 n", "-s2 n", "-s1 n")
}

// mixed registers s1, d1, s2, d2, s3.
func mixed(t *testing.T) *diary {
	d := newDiary(t)
	for i, name := range []string{"s1", "d1", "s2", "d2", "s3"} {
		d.ok(kinds[i%2].register(d.r, d, d.ops(name)))
	}
	d.is = nil
	return d
}

// Ops that are unregistered are off the list that creating and destroying go
// through; and the place of the first device goes to the next.
// (unregister_pernet_subsys, unregister_pernet_device)
func TestKerneldocUnregisteredIsNotUsed(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			d := newDiary(t)
			a, b := d.ops("a"), d.ops("b")
			d.ok(kind.register(d.r, d, a))
			d.ok(kind.register(d.r, d, b))
			old := d.copy("old")
			d.ok(kind.unregister(d.r, d, a))
			d.subsys(d.ops("c")) // goes in before b if b is the first device now
			d.is = nil
			d.destroy(old)
			d.copy("n")
			if kind.name == "device" {
				d.reads("-b old", "-c old", "+c n", "+b n")
			} else {
				d.reads("-c old", "-b old", "+b n", "+c n")
			}
		})
	}
}

// An unregister runs exit for every listed net, and returns after the last.
// (unregister_pernet_subsys, unregister_pernet_device)
func TestKerneldocUnregisterRunsExits(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			d := newDiary(t)
			a := d.ops("a")
			d.copy("m")
			d.ok(kind.register(d.r, d, a))
			d.copy("n")
			d.is = nil
			d.ok(kind.unregister(d.r, d, a))
			d.reads("-a init_net", "-a m", "-a n")
		})
	}
}

// A kernel panics if it cannot set up its first net. Here New fails and leaves nothing.
// (net_ns_init)
func TestKerneldocBootFailureIsFatal(t *testing.T) {
	d := &diary{t: t}
	var net *impl.Net
	keep := &impl.Ops{Init: func(_ context.Context, n *impl.Net) error { net = n; return nil }}
	r, err := impl.New(t.Context(), impl.WithLogger(silent), impl.WithSubsys(keep, d.ops("a"), d.ops("b", "init_net")))
	if r != nil || !errors.Is(err, errInit) {
		t.Fatalf("New returns %v, %v", r, err)
	}
	d.reads("+a init_net", "+b init_net", "-a init_net")
	if err := net.Get(); !errors.Is(err, impl.ErrNotFound) {
		t.Errorf("the first net is still there: %v", err)
	}
}
