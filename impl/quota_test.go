// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"example.com/pernet/internal/hook"
)

// TestQuotaRefusesACopyAndNothingElse: no init runs, nothing is listed, the name and the reference on the
// old net are given back. The quota counts a net until its cleanup has ended, and a copy that failed not.
func TestQuotaRefusesACopyAndNothingElse(t *testing.T) {
	for name, discipline := range disciplines {
		t.Run(name, func(t *testing.T) {
			var tp tape
			d := &hook.Hooks{Stepped: true}
			r := made(t, hook.With(bg, d), discipline, WithMaxNetNamespaces(2), WithSubsys(tp.ops("a")))
			a, b := copied(t, r, "a"), copied(t, r, "")
			tp.took()
			full := func(name string) {
				t.Helper()
				n, err := r.Copy(bg, a, name)
				if is(t, err, ErrQuota); n != nil {
					t.Errorf("a refused copy returns %v", n)
				}
				tp.want(t, "")
				if a.count.Load() != 1 || r.names["c"] != nil {
					t.Errorf("the old net has %d references, the name belongs to %v", a.count.Load(), r.names["c"])
				}
			}
			full("c")
			full("")
			_, err := r.Copy(bg, a, "a")
			is(t, err, ErrExist) // it comes before the quota
			must(t, b.Put())
			full("c") // b waits for its cleanup
			d.Work(-1)
			tp.took()

			tp.fail("init a c", errBoom)
			_, err = r.Copy(bg, a, "c")
			is(t, err, errBoom)
			_, err = r.Copy(ended, a, "c")
			is(t, err, ErrInterrupted)
			must(t, b.Wait(bg))
			tp.took()
			b = copied(t, r, "c")
			tp.took()
			wellFormed(t, r)
			must(t, b.Hold())
			must(t, b.Put())
			d.Work(-1) // its cleanup leaves it, because of its use count
			c := copied(t, r, "d")
			must(t, b.Release())
			tp.took()
			if _, err = r.Copy(bg, a, "e"); !errors.Is(err, ErrQuota) || r.counted != 2 {
				t.Errorf("%v, %d nets count", err, r.counted)
			}
			must(t, a.Put())
			must(t, c.Put())
			d.Work(-1)
			if r.counted != 0 {
				t.Errorf("%d nets count", r.counted)
			}
		})
	}
}

func TestQuotaOfNone(t *testing.T) {
	d := &hook.Hooks{AllocFail: func() error { t.Error("an allocation was tried"); return ErrNoMemory }}
	r := made(t, hook.With(bg, d), WithMaxNetNamespaces(0))
	_, err := r.Copy(bg, r.InitNet(), "n")
	is(t, err, ErrQuota)
	if want := `pernet: Copy of net "n" from net "init_net": too many nets: the quota is 0`; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
	_, err = New(bg, WithMaxNetNamespaces(-1))
	if is(t, err, ErrInvalid); !strings.Contains(err.Error(), "the quota of nets is negative") {
		t.Error(err)
	}
}

// TestQuotaHoldsAmongGoroutines: there are never more nets than the quota allows.
func TestQuotaHoldsAmongGoroutines(t *testing.T) {
	for name, discipline := range disciplines {
		t.Run(name, func(t *testing.T) {
			const max = 3
			var up, refused atomic.Int64
			r := made(t, bg, discipline, WithMaxNetNamespaces(max), WithSubsys(&Ops{
				Init: func(_ context.Context, n *Net) error {
					if up.Add(1) > max+1 { // init_net has one too
						t.Errorf("%d nets are up", up.Load())
					}
					return nil
				},
				Exit: func(context.Context, *Net) { up.Add(-1) },
			}))
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					for range 100 {
						n, err := r.Copy(bg, r.InitNet(), "")
						if errors.Is(err, ErrQuota) {
							refused.Add(1)
							continue
						}
						if err != nil {
							t.Error(err)
							return
						}
						_ = n.Put()
					}
				})
			}
			wg.Wait()
			if refused.Load() == 0 {
				t.Error("no copy was refused")
			}
			must(t, r.Close(bg))
			if r.counted != 0 {
				t.Errorf("%d nets count", r.counted)
			}
		})
	}
}

// TestQuotaCountsANetFromItsCopyToItsEnd: at each moment of its life, that of the deferred callbacks of its undo or
// of its exits too, and not after it.
func TestQuotaCountsANetFromItsCopyToItsEnd(t *testing.T) {
	for name, discipline := range disciplines {
		t.Run(name, func(t *testing.T) {
			var r *Registry
			asked := 0
			counts := func(when string, want error) { // a quota refuses at once, where the lock has a wait
				asked++
				if _, err := r.Copy(ended, r.InitNet(), ""); !errors.Is(err, want) {
					t.Errorf("%s a copy returns %v, want %v", when, err, want)
				}
			}
			late := make(chan struct{})
			r = made(t, bg, discipline, WithMaxNetNamespaces(1), WithSubsys(
				&Ops{Init: func(_ context.Context, n *Net) error {
					if n != n.r.initNet {
						counts("in an init", ErrQuota)
					}
					return nil
				}, Exit: func(_ context.Context, n *Net) {
					if n == r.InitNet() {
						return
					}
					counts("in an exit", ErrQuota)
					is(t, n.Defer(func() { <-late; counts("in a deferred callback", ErrQuota) }), nil)
				}},
				&Ops{Init: func(_ context.Context, n *Net) error {
					if n.Name() == "fails" {
						return errBoom
					}
					return nil
				}}))
			lets := func() { // once the barrier has begun
				eventually(t, "a barrier waits", func() bool {
					r.mu.Lock()
					defer r.mu.Unlock()
					return len(r.deferred) == 1 && r.open == nil
				})
				late <- struct{}{}
			}
			counts("before a copy", ErrInterrupted)
			go lets()
			_, err := r.Copy(bg, r.InitNet(), "fails")
			is(t, err, errBoom)
			counts("after a copy that failed", ErrInterrupted)
			n := copied(t, r, "n")
			counts("while the net is listed", ErrQuota)
			must(t, n.Put())
			lets()
			must(t, n.Wait(bg))
			counts("after its cleanup", ErrInterrupted)
			if asked != 10 {
				t.Errorf("asked %d times", asked)
			}
		})
	}
}
