// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/pernet/internal/hook"
)

func TestCopyRunsInitsInListOrderAndCleanupRunsExitsInReverse(t *testing.T) {
	var tp tape
	r, d := stepped(t, WithSubsys(tp.ops("a")), WithDevice(tp.ops("c")))
	must(t, r.RegisterSubsys(bg, tp.ops("b")))
	tp.took()
	n := copied(t, r, "n")
	tp.want(t, "init a n, init b n, init c n")
	wantLists(t, r, "a b | c; init_net n")
	if n.Name() != "n" || n.count.Load() != 1 || r.InitNet().count.Load() != 1 {
		t.Errorf("net %s with count %d, init_net's count %d", n, n.count.Load(), r.InitNet().count.Load())
	}
	must(t, n.Put())
	wantLists(t, r, "a b | c; init_net n")
	if got := d.Work(-1); got != 1 {
		t.Errorf("%d cleanups ran", got)
	}
	tp.want(t, "exit c n, exit b n, exit a n")
	wantLists(t, r, "a b | c; init_net")
}

func TestFailedCopyWalksBackFromTheOpsBefore(t *testing.T) {
	var tp tape
	r, _ := stepped(t, WithSubsys(tp.ops("a"), tp.ops("b"), tp.ops("c"), tp.ops("d")))
	for _, x := range []struct{ at, want string }{
		{"init a n", "init a n"},
		{"init b n", "init a n, init b n, exit a n"},
		{"init d n", "init a n, init b n, init c n, init d n, exit c n, exit b n, exit a n"},
	} {
		tp.took()
		tp.fail(x.at, errBoom)
		n, err := r.Copy(bg, r.InitNet(), "n")
		var ie *InitError
		if n != nil || !errors.As(err, &ie) || ie.Err != errBoom || ie.Ops.Name != x.at[5:6] {
			t.Errorf("%s: got %v, %v", x.at, n, err)
			continue
		}
		tp.want(t, x.want)
		wantLists(t, r, "a b c d; init_net")
		if got := r.InitNet().count.Load(); got != 1 {
			t.Errorf("%s: init_net's count is %d", x.at, got)
		}
		gone(t, ie.Net)
	}
}

// gone checks the answers of a net that is freed.
func gone(t *testing.T, n *Net) {
	t.Helper()
	for name, err := range map[string]error{"Get": n.Get(), "Put": n.Put(), "Hold": n.Hold(),
		"Release": n.Release(), "Defer": n.Defer(func() { t.Error("it ran") })} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s of a freed net: %v", name, err)
		}
	}
	if err := n.Wait(bg); err != nil {
		t.Errorf("Wait for a freed net: %v", err)
	}
	if _, err := n.r.Copy(bg, n, ""); !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrClosed) {
		t.Errorf("Copy of a freed net: %v", err)
	}
	if _, err := n.r.Share(n); !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrClosed) {
		t.Errorf("Share of a freed net: %v", err)
	}
}

// A positive return is no failure of a set-up, but the answer if no init ran after it [H1].
func TestPositiveInitInACopy(t *testing.T) {
	var tp tape
	b := tp.ops("b")
	last := tp.ops("last")
	last.Init = nil
	r, _ := stepped(t, WithSubsys(tp.ops("a"), b, last))
	tp.took()

	tp.fail("init a n", hook.Positive(2))
	n := copied(t, r, "n")
	tp.want(t, "init a n, init b n")
	wantLists(t, r, "a b last; init_net n")

	tp.fail("init b m", hook.Positive(7))
	m, err := r.Copy(bg, n, "m")
	var p hook.Positive
	var ie *InitError
	if m != nil || !errors.As(err, &p) || p != 7 || !errors.As(err, &ie) || ie.Ops != b {
		t.Errorf("got %v, %v", m, err)
	}
	tp.want(t, "init a m, init b m") // no exit ran
	wantLists(t, r, "a b last; init_net n")
	gone(t, ie.Net)

	tp.fail("init a m", hook.Positive(1))
	tp.fail("init b m", errBoom)
	_, err = r.Copy(bg, n, "m")
	if is(t, err, errBoom); errors.As(err, &p) {
		t.Errorf("the overwritten answer came back: %v", err)
	}
	tp.want(t, "init a m, init b m, exit a m")
}

// TestANetThatIsPutDuringItsCopyIsCleanedUp: an init may hand the net to another goroutine, which may put its
// last reference before any step of the copy that is still to come.
func TestANetThatIsPutDuringItsCopyIsCleanedUp(t *testing.T) {
	for _, discipline := range []Discipline{Mutex, RWSem} {
		var steps []string
		for next := 0; next <= len(steps); next++ { // the first copy tells the steps
			var mu sync.Mutex
			var n *Net
			at := -1 // the step of the copy, counted from its init
			d := &hook.Hooks{Point: func(p hook.Point) {
				mu.Lock()
				if n == nil || at < 0 {
					mu.Unlock()
					return
				}
				if next == 0 {
					steps = append(steps, p.Name)
				}
				at++
				now := at == next
				if now {
					at = -1
				}
				mu.Unlock()
				if now {
					must(t, n.Put())
				}
			}}
			r := made(t, hook.With(bg, d), WithDiscipline(discipline), WithSubsys(&Ops{Init: func(_ context.Context, m *Net) error {
				mu.Lock()
				defer mu.Unlock()
				if m.Name() == "n" {
					n, at = m, 0
				}
				return nil
			}}))
			copied(t, r, "n")
			mu.Lock()
			at = -1
			mu.Unlock()
			if next == 0 {
				must(t, n.Put())
			}
			ctx, cancel := context.WithTimeout(bg, 10*time.Second)
			if err := n.Wait(ctx); err != nil {
				t.Errorf("%v, put before %s: %v", discipline, steps[next-1], err)
			}
			cancel()
		}
		if len(steps) < 3 {
			t.Errorf("%v: %q", discipline, steps)
		}
	}
}

func TestCopyMisuseInOrder(t *testing.T) {
	failing := ErrNoMemory
	d := &hook.Hooks{Stepped: true, AllocFail: func() error { return failing }}
	r := made(t, hook.With(bg, d))
	other := made(t, bg)
	failing = nil
	n := copied(t, r, "n")
	dead := copied(t, r, "dead")
	must(t, dead.Put())
	failing = ErrNoMemory
	var noCtx context.Context
	for _, x := range []struct {
		name string
		ctx  context.Context
		from *Net
		net  string
		want error
	}{
		{"no context", noCtx, n, "x", ErrInvalid},
		{"no net", bg, nil, "x", ErrInvalid},
		{"a net of another registry", bg, other.InitNet(), "x", ErrInvalid},
		{"a net that no registry made", bg, new(Net), "x", ErrInvalid},
		{"a count of zero comes before a name in use", bg, dead, "n", ErrNotFound},
		{"a name in use comes before no memory", bg, n, "n", ErrExist},
		{"the name of a net that waits for its cleanup", bg, n, "dead", ErrExist},
		{"the name of init_net", bg, n, "init_net", ErrExist},
		{"no memory comes before an ended context", ended, n, "x", ErrNoMemory},
	} {
		got, err := r.Copy(x.ctx, x.from, x.net)
		if got != nil || !errors.Is(err, x.want) {
			t.Errorf("%s: %v, %v, want %v", x.name, got, err, x.want)
		}
	}
	failing = nil
	if _, err := r.Copy(ended, n, "x"); !errors.Is(err, ErrInterrupted) {
		t.Errorf("an ended context: %v", err)
	}
	if n.count.Load() != 1 {
		t.Errorf("count %d", n.count.Load())
	}
	wantLists(t, r, "; init_net n dead")
	must(t, copied(t, r, "x").Put())
	d.Work(-1)
	copied(t, r, "dead") // free again
}

func TestUnnamedNetsDoNotMeet(t *testing.T) {
	r, _ := stepped(t)
	a, b := copied(t, r, ""), copied(t, r, "")
	if a == b || a.Name() != "" || b.String() != "" {
		t.Errorf("%v %v", a, b)
	}
	wantLists(t, r, "; init_net  ")
}

func TestCopyHoldsItsSourceFromBeginToEnd(t *testing.T) {
	var tp tape
	r, d := stepped(t, WithSubsys(tp.ops("a")))
	n := copied(t, r, "n")
	tp.on("init a m", func(context.Context, *Net) error {
		must(t, n.Put()) // not the last one: the copy has one [H12]
		if got := d.Work(-1); got != 0 {
			t.Errorf("%d cleanups ran", got)
		}
		must(t, n.Get())
		must(t, n.Put())
		return nil
	})
	m, err := r.Copy(bg, n, "m")
	must(t, err)
	is(t, n.Get(), ErrNotFound) // the copy put the last one
	tp.took()
	if got := d.Work(-1); got != 1 {
		t.Errorf("%d cleanups ran", got)
	}
	tp.want(t, "exit a n")
	gone(t, n)
	must(t, m.Get())
}

// Somebody may put the very reference that a copy counts on. The copy leaves the count then.
func TestCopyWhoseReferenceIsGone(t *testing.T) {
	var tp tape
	r, d := stepped(t, WithSubsys(tp.ops("a")))
	n := copied(t, r, "n")
	tp.on("init a m", func(context.Context, *Net) error {
		must(t, n.Put())
		must(t, n.Put())
		return nil
	})
	_, err := r.Copy(bg, n, "m")
	must(t, err)
	if d.Work(-1) != 1 {
		t.Error("the net is not queued once")
	}
	gone(t, n)
	tp.on("init a k", func(context.Context, *Net) error {
		must(t, r.InitNet().Put())
		is(t, r.InitNet().Put(), ErrInvalid)
		return nil
	})
	copied(t, r, "k")
	if got := r.InitNet().count.Load(); got != 1 {
		t.Errorf("init_net's count is %d", got)
	}
}

func TestShareTakesAReference(t *testing.T) {
	r, d := stepped(t)
	n := copied(t, r, "n")
	m, err := r.Share(n)
	if m != n || err != nil || n.count.Load() != 2 {
		t.Errorf("got %v, %v, count %d", m, err, n.count.Load())
	}
	must(t, n.Put())
	must(t, n.Put())
	_, err = r.Share(n)
	is(t, err, ErrNotFound)
	d.Work(-1)
}

// TestOneNetIsNoReasonToTakeAnother: without namespaces, too, Copy and Share refuse what is no net of the registry,
// and then all that begins after Close.
func TestOneNetIsNoReasonToTakeAnother(t *testing.T) {
	for name, opts := range map[string][]Option{"namespaces": nil, "no namespaces": {WithoutNetNS()}} {
		t.Run(name, func(t *testing.T) {
			r, other := made(t, bg, opts...), made(t, bg, opts...)
			refused := func(n *Net, want error, detail string) {
				t.Helper()
				_, share := r.Share(n)
				_, copied := r.Copy(bg, n, "")
				for _, err := range []error{share, copied} {
					if is(t, err, want); !strings.HasSuffix(fmt.Sprint(err), detail) {
						t.Errorf("%v, which is not: %s", err, detail)
					}
				}
			}
			refused(nil, ErrInvalid, "the net to copy is nil")
			refused(other.InitNet(), ErrInvalid, "the net to copy is not of this registry")
			refused(new(Net), ErrInvalid, "the net to copy is not of this registry")
			must(t, r.Close(bg))
			refused(r.InitNet(), ErrClosed, "registry is closed")
			refused(nil, ErrClosed, "registry is closed")
		})
	}
}

// An init that puts the set-up's reference takes the net from the caller of Copy.
func TestInitThatPutsItsNet(t *testing.T) {
	var tp tape
	r, d := stepped(t, WithSubsys(tp.ops("a"), tp.ops("b")))
	put := func(_ context.Context, n *Net) error { return n.Put() }
	tp.on("init a n", put)
	n := copied(t, r, "n")
	is(t, n.Get(), ErrNotFound)
	d.Work(-1)
	gone(t, n)

	tp.on("init a m", put)
	tp.fail("init b m", errBoom)
	_, err := r.Copy(bg, r.InitNet(), "m")
	is(t, err, errBoom)
	tp.took()
	d.Work(-1) // finds nothing to do
	tp.want(t, "")
	copied(t, r, "m")
}

// TestANetThatIsPutWhileItIsListedIsCleanedUp: at the moment when its copy waits for the lock of the list, by a
// goroutine to which its init has given it.
func TestANetThatIsPutWhileItIsListedIsCleanedUp(t *testing.T) {
	given := make(chan *Net, 1)
	r := made(t, bg, rwsem, WithSubsys(&Ops{Init: func(_ context.Context, n *Net) error { given <- n; return nil }}))
	<-given
	copied := make(chan error)
	r.netRwsem.RLock()
	go func() { _, err := r.Copy(bg, r.InitNet(), "n"); copied <- err }()
	n := <-given
	eventually(t, "the copy waits for the list", func() bool { return !r.mayList() })
	must(t, n.Put())
	r.netRwsem.RUnlock()
	must(t, <-copied)
	must(t, n.Wait(bg))
}
