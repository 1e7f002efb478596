// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"example.com/pernet/internal/hook"
)

var disciplines = map[string]Option{"Mutex": WithDiscipline(Mutex), "RWSem": WithDiscipline(RWSem)}

// A thing is a value of a net, which its exit makes useless.
type thing struct {
	net  string
	gone bool
}

func newThings(name string) *Slot[*thing] {
	return NewSlot(name, func(_ context.Context, n *Net) (*thing, error) { return &thing{net: n.Name()}, nil },
		func(_ context.Context, n *Net, v *thing) { v.gone = true })
}

// has checks the value of s in n: "" for none.
func (th *thing) is(name string) bool { return th == nil && name == "" || th != nil && th.net == name }

func TestSlotHasAValueInEachNet(t *testing.T) {
	for name, discipline := range disciplines {
		t.Run(name, func(t *testing.T) {
			a, b := newThings("a"), newThings("b")
			want := func(s *Slot[*thing], n *Net, value string) {
				t.Helper()
				var used *thing
				if s.Use(n, func(v *thing) { used = v }) != (value != "") || used != s.Get(n) || !used.is(value) {
					t.Errorf("Get of %v returns %v, Use %v, want %q", n, s.Get(n), used, value)
				}
			}
			r := made(t, bg, discipline, WithSubsys(a.Ops()))
			n := copied(t, r, "n")
			want(a, r.InitNet(), "init_net")
			want(a, n, "n")
			want(b, n, "")
			must(t, r.RegisterDevice(bg, b.Ops())) // the arrays of both nets grow
			want(b, r.InitNet(), "init_net")
			want(b, n, "n")
			want(a, n, "n")
			m := copied(t, r, "m")
			want(a, m, "m")
			want(b, m, "m")
			must(t, r.UnregisterSubsys(bg, a.Ops()))
			want(a, n, "")
			want(b, n, "n")
			c := newThings("c") // gets the id of a
			must(t, r.RegisterSubsys(bg, c.Ops()))
			want(a, n, "")
			want(c, n, "n")
			if c.ops.slot.id.Load() != 0 || r.maxGenPtrs.Load() != 2 {
				t.Errorf("id %d of %d", c.ops.slot.id.Load(), r.maxGenPtrs.Load())
			}
			must(t, n.Put())
			must(t, n.Wait(bg))
			want(b, n, "")
			want(b, nil, "")
			wellFormed(t, r)
			must(t, r.RegisterDevice(bg, a.Ops()))
			must(t, m.Put())
			must(t, r.Close(bg))
			must(t, made(t, bg, discipline).RegisterSubsys(bg, a.Ops())) // free for another registry
		})
	}
}

func TestSlotLookupsDoNotAllocate(t *testing.T) {
	for name, discipline := range disciplines {
		t.Run(name, func(t *testing.T) {
			s := newThings("s")
			r := made(t, bg, discipline, WithSubsys(s.Ops()))
			n := copied(t, r, "n")
			var got *thing
			use := func(v *thing) { got = v }
			for call, lookup := range map[string]func(){
				"Get": func() { got = s.Get(n) },
				"Use": func() { s.Use(n, use) },
			} {
				got = nil
				if allocs := testing.AllocsPerRun(1000, lookup); allocs != 0 || !got.is("n") {
					t.Errorf("%s: %v allocations, and %v", call, allocs, got)
				}
			}
			must(t, n.Put())
		})
	}
}

func TestSlotIsRegisteredWithOneRegistry(t *testing.T) {
	s := newThings("s")
	r := made(t, bg, WithSubsys(s.Ops()))
	other := made(t, bg)
	err := other.RegisterSubsys(bg, s.Ops())
	is(t, err, ErrInvalid)
	if !strings.Contains(err.Error(), "the slot is registered with a registry") {
		t.Error(err)
	}
	_, err = New(bg, WithSubsys(newThings("t").Ops(), s.Ops()))
	is(t, err, ErrInvalid)
	wantLists(t, other, "; init_net")
	must(t, r.UnregisterSubsys(bg, s.Ops()))
	must(t, other.RegisterSubsys(bg, s.Ops()))
}

// A slot without an init is refused with nothing changed: no callback, nothing listed, its id is not taken.
func TestSlotWithoutAnInitIsRejected(t *testing.T) {
	for name, discipline := range disciplines {
		t.Run(name, func(t *testing.T) {
			s := NewSlot("s", nil, func(context.Context, *Net, int) { t.Error("exit runs") })
			r := made(t, bg, discipline)
			for _, register := range []func(context.Context, *Ops) error{r.RegisterSubsys, r.RegisterDevice} {
				err := register(bg, s.Ops())
				is(t, err, ErrInvalid)
				if !strings.Contains(err.Error(), "the slot has no init") {
					t.Error(err)
				}
			}
			_, err := New(bg, discipline, WithSubsys(s.Ops()))
			is(t, err, ErrInvalid)
			wantLists(t, r, "; init_net")
			if s.Get(r.InitNet()) != 0 || s.Use(r.InitNet(), func(int) {}) || len(r.slots) != 0 {
				t.Errorf("%d ids are taken, or there is a value", len(r.slots))
			}
			is(t, r.UnregisterSubsys(bg, s.Ops()), ErrNotFound)
		})
	}
}

// A failed init leaves no value, neither in its net nor, after a register, in the others; the id is free.
func TestFailedInitOfASlotLeavesNoValue(t *testing.T) {
	for name, discipline := range disciplines {
		t.Run(name, func(t *testing.T) {
			fails := "init_net"
			fail := func() error { return errBoom }
			s := NewSlot("s", func(_ context.Context, n *Net) (int, error) {
				if n.Name() == fails {
					return 1, fail()
				}
				return 2, nil
			}, nil)
			r := made(t, bg, discipline)
			is(t, r.RegisterSubsys(bg, s.Ops()), errBoom) // there is no array to clear
			fails = "n"
			n := copied(t, r, "n")
			is(t, r.RegisterSubsys(bg, s.Ops()), errBoom)
			if s.Get(n) != 0 || s.Get(r.InitNet()) != 0 || r.slots[0] != nil {
				t.Errorf("values %d, %d, slots %v", s.Get(n), s.Get(r.InitNet()), r.slots)
			}
			fail = func() error { panic(errBoom) }
			is(t, r.RegisterSubsys(bg, s.Ops()), errBoom)
			if n.cellOf(s.Ops()) != nil {
				t.Error("the net refers to a slot whose init panicked")
			}
			fails = "m"
			must(t, r.RegisterSubsys(bg, s.Ops()))
			_, err := r.Copy(bg, n, "m")
			is(t, err, errBoom)
			if s.Get(n) != 2 {
				t.Errorf("value %d", s.Get(n))
			}
		})
	}
}

// The value is there in the exits of the ops that are below, and an exit of a positive init has none.
func TestValueOfASlotOutlivesItsExit(t *testing.T) {
	for name, discipline := range disciplines {
		t.Run(name, func(t *testing.T) {
			up := newThings("up")
			var seen *thing
			below := &Ops{Exit: func(_ context.Context, n *Net) {
				seen = up.Get(n)
				if up.Use(n, func(*thing) {}) {
					t.Error("Use of a value whose exit has run")
				}
			}}
			above := &Ops{Exit: func(_ context.Context, n *Net) {
				if used := up.Use(n, func(*thing) {}); used != (name == "Mutex") || up.Get(n) == nil {
					t.Errorf("before the exit of the slot, Use is %v, and Get %v", used, up.Get(n))
				}
			}}
			positive := NewSlot("positive", func(context.Context, *Net) (int, error) { return 1, hook.Positive(1) },
				func(_ context.Context, n *Net, v int) { t.Errorf("exit of %d on %v", v, n) })
			r := made(t, bg, discipline, WithSubsys(below, up.Ops(), above))
			n := copied(t, r, "n")
			must(t, n.Put())
			must(t, n.Wait(bg))
			if seen == nil || !seen.gone {
				t.Errorf("the exit below sees %v", seen)
			}
			if name == "RWSem" {
				r := made(t, bg, discipline, WithSubsys(positive.Ops(), &Ops{Name: "last"}))
				must(t, copied(t, r, "n").Put())
			}
		})
	}
}

// Users that find a value never see it gone, and exit waits for them.
func TestExitWaitsForUse(t *testing.T) {
	for name, discipline := range disciplines {
		t.Run(name, func(t *testing.T) {
			var current atomic.Pointer[Net]
			s := newThings("s")
			r := made(t, bg, discipline)
			current.Store(r.InitNet())
			var done atomic.Bool
			var wg sync.WaitGroup
			var used atomic.Int64
			for range 2 {
				wg.Go(func() {
					for ; !done.Load(); runtime.Gosched() {
						s.Use(current.Load(), func(v *thing) {
							runtime.Gosched()
							if v.gone {
								t.Error("the exit has run")
							}
							used.Add(1)
						})
					}
				})
			}
			for i := 0; i < 20 || used.Load() == 0 && i < 20_000; i++ { // a busy machine may run the users late
				must(t, r.RegisterSubsys(bg, s.Ops()))
				n := copied(t, r, "")
				current.Store(n)
				runtime.Gosched()
				must(t, n.Put())
				if i%2 == 0 {
					must(t, n.Wait(bg))
				}
				must(t, r.UnregisterSubsys(bg, s.Ops()))
			}
			done.Store(true)
			wg.Wait()
			if used.Load() == 0 {
				t.Error("nobody has used a value")
			}
		})
	}
}

// An exit blocks while a Use that began before it runs, and no longer, though others go on to come.
func TestExitWaitsForTheUsersThatAreInside(t *testing.T) {
	for name, discipline := range disciplines {
		t.Run(name, func(t *testing.T) {
			s := newThings("s")
			r := made(t, bg, discipline, WithSubsys(s.Ops()))
			n := copied(t, r, "n")
			in, out, over := make(chan struct{}), make(chan struct{}), make(chan struct{})
			go func() {
				s.Use(n, func(v *thing) {
					close(in)
					<-out
					if v.gone {
						t.Error("the exit has not waited")
					}
				})
			}()
			<-in
			must(t, n.Put())
			eventually(t, "the exit waits", func() bool {
				r.readers.mu.Lock()
				defer r.readers.mu.Unlock()
				return len(r.readers.closed) == 1
			})
			later := make(chan struct{})
			go s.Use(r.InitNet(), func(*thing) { close(later); <-over })
			<-later
			if n.useCount.Load() == freedUse {
				t.Error("the exit has not waited")
			}
			close(out)
			must(t, n.Wait(bg))
			close(over)
		})
	}
}

// A user that panics, or ends its goroutine, has left: no exit waits for it.
func TestAUserThatDoesNotReturnHasLeft(t *testing.T) {
	for name, discipline := range disciplines {
		for what, f := range map[string]func(*thing){
			"a panic": func(*thing) { panic(errBoom) },
			"Goexit":  func(*thing) { runtime.Goexit() },
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				s := newThings("s")
				r := made(t, bg, discipline, WithSubsys(s.Ops()))
				n := copied(t, r, "n")
				if !goexits(func() {
					defer func() {
						if recover() != nil {
							runtime.Goexit()
						}
					}()
					s.Use(n, f)
				}) {
					t.Error("Use has returned")
				}
				if len(r.readers.inside()) > 0 {
					r.readers.now.Store(nil) // or else Close would wait, too
					r.readers.closed = nil
					t.Fatal("the user is still inside")
				}
				must(t, n.Put())
				must(t, n.Wait(bg))
			})
		}
	}
}

func BenchmarkSlotGet(b *testing.B) {
	s := newThings("s")
	r, err := New(bg, WithSubsys(s.Ops()))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if s.Get(r.InitNet()) == nil {
				b.Fatal("no value")
			}
		}
	})
}

func BenchmarkSlotUse(b *testing.B) {
	s := newThings("s")
	r, err := New(bg, WithSubsys(s.Ops()))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s.Use(r.InitNet(), func(*thing) {})
		}
	})
}
