// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/hook"
)

// slotSteps makes a registry of RWSem and a function that makes a call and returns its steps that begin
// with "OpsInit", and those of inits and of the free.
func slotSteps(t *testing.T, d *hook.Hooks) (*Registry, func(call func()) string) {
	var steps []string
	d.Stepped = true
	d.Point = func(p hook.Point) {
		if slices.Contains([]string{"OpsInitAssign", "RegisterInit", "SetupNetInit", "OpsUndoListExit", "OpsUndoListFree"}, p.Name) {
			steps = append(steps, p.Name+" "+p.Ops+" "+p.Net)
		}
	}
	r := made(t, hook.With(bg, d), WithDiscipline(RWSem))
	return r, func(call func()) string {
		steps = nil
		call()
		return fmt.Sprintf("%q", steps)
	}
}

// looks returns the ids, and what is in the slots of each net.
func looks(d *hook.Hooks) string {
	var v hook.View
	d.View(&v)
	d.View(&v) // a second look fills the same lists
	s := fmt.Sprintf("%q %d", v.Slots, v.MaxGenPtrs)
	slices.SortFunc(v.Nets, func(a, b hook.ViewNet) int { return len(a.Name) - len(b.Name) })
	for _, n := range v.Nets {
		s += fmt.Sprintf(" %s %q", n.Name, n.Gen)
	}
	return s
}

// TestStepsOfSlots: the slot is assigned before the init, and freed in one step after the last exit.
func TestStepsOfSlots(t *testing.T) {
	d := new(hook.Hooks)
	r, steps := slotSteps(t, d)
	a, b := newThings("a"), newThings("b")
	var n *Net
	for _, x := range []struct {
		name        string
		call        func()
		steps, look string
	}{
		{"register", func() { must(t, r.RegisterSubsys(bg, a.Ops())) },
			`["OpsInitAssign a init_net" "RegisterInit a init_net"]`, `["a"] 1 init_net ["a"]`},
		{"copy", func() { n = copied(t, r, "n") },
			`["OpsInitAssign a n" "SetupNetInit a n"]`, `["a"] 1 n ["a"] init_net ["a"]`},
		{"register another, so that arrays grow", func() { must(t, r.RegisterSubsys(bg, b.Ops())) },
			`["OpsInitAssign b init_net" "RegisterInit b init_net" "OpsInitAssign b n" "RegisterInit b n"]`, `["a" "b"] 2 n ["a" "b"] init_net ["a" "b"]`},
		{"unregister", func() { must(t, r.UnregisterSubsys(bg, a.Ops())) },
			`["OpsUndoListExit a init_net" "OpsUndoListExit a n" "OpsUndoListFree  "]`, `["" "b"] 2 n ["" "b"] init_net ["" "b"]`},
		{"cleanup", func() { must(t, n.Put()); d.Work(-1) },
			`["OpsUndoListExit b n" "OpsUndoListFree  "]`, `["" "b"] 2 init_net ["" "b"]`},
	} {
		if got := steps(x.call); got != x.steps {
			t.Errorf("%s: steps\ngot  %s\nwant %s", x.name, got, x.steps)
		}
		if got := looks(d); got != x.look {
			t.Errorf("%s: slots\ngot  %s\nwant %s", x.name, got, x.look)
		}
		wellFormed(t, r)
	}
}

// A new net has its reference, and room for the slots of the moment, before its copy has the lock.
func TestViewOfANetThatIsAllocated(t *testing.T) {
	d := new(hook.Hooks)
	r, _ := slotSteps(t, d)
	must(t, r.RegisterSubsys(bg, newThings("a").Ops()))
	looked := ""
	r.hooks.Point = func(p hook.Point) {
		if p.Name == "CopyNetNsLock" {
			n := r.names["n"]
			looked = fmt.Sprintf("%d %q", n.count.Load(), n.slotNames())
		}
	}
	copied(t, r, "n")
	if r.hooks.Point = nil; looked != `1 [""]` {
		t.Errorf("count and slots: %s", looked)
	}
}

// Under Mutex, an assignment is one step with the init.
func TestStepsOfSlotsUnderMutex(t *testing.T) {
	r, _, got := steps(t, WithDiscipline(Mutex))
	got()
	must(t, r.RegisterSubsys(bg, newThings("a").Ops()))
	wantSteps(t, got, "RegisterLock a ready", "RegisterLink a", "RegisterInit a init_net", "RegisterUnlock a")
}

// TestSlotThatCannotBeAssigned: no init runs, and what was done before is undone. The array is left alone.
func TestSlotThatCannotBeAssigned(t *testing.T) {
	fails := ""
	d := &hook.Hooks{AssignFail: func(ops string) error {
		if ops == fails {
			return ErrNoMemory
		}
		return nil
	}}
	r, steps := slotSteps(t, d)
	a, b := newThings("a"), newThings("b")
	must(t, r.RegisterSubsys(bg, a.Ops()))
	fails = "b"
	if got, want := steps(func() { is(t, r.RegisterSubsys(bg, b.Ops()), ErrNoMemory) }),
		`["OpsInitAssign b init_net" "OpsUndoListFree  "]`; got != want {
		t.Errorf("register\ngot  %s\nwant %s", got, want)
	}
	fails = ""
	must(t, r.RegisterSubsys(bg, b.Ops()))
	fails = "b"
	got := steps(func() {
		_, err := r.Copy(bg, r.InitNet(), "n")
		is(t, err, ErrNoMemory)
	})
	if want := `["OpsInitAssign a n" "SetupNetInit a n" "OpsInitAssign b n" "OpsUndoListExit a n" "OpsUndoListFree  "]`; got != want {
		t.Errorf("copy\ngot  %s\nwant %s", got, want)
	}
	if got, want := looks(d), `["a" "b"] 2 init_net ["a" "b"]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestValueOfASlotIsLetGoAfterTheExits: a deferred callback that keeps the net does not keep its values.
func TestValueOfASlotIsLetGoAfterTheExits(t *testing.T) {
	d := &hook.Hooks{Stepped: true}
	r := made(t, hook.With(bg, d), WithDiscipline(RWSem))
	s := newThings("s")
	must(t, r.RegisterSubsys(bg, s.Ops()))
	n := copied(t, r, "n")
	gone := make(chan struct{})
	runtime.SetFinalizer(s.Get(n), func(*thing) { close(gone) })
	must(t, n.Hold()) // the net itself stays
	must(t, n.Put())
	d.Work(-1)
	eventually(t, "the value is collected", func() bool {
		runtime.GC()
		select {
		case <-gone:
			return true
		default:
			return false
		}
	})
	if s.Get(n) != nil {
		t.Error("there is a value")
	}
	must(t, n.Release())
}

// TestNoUseBeginsOnceTheUndoHas: under RWSem not even in the PreExits, in each walk that undoes.
func TestNoUseBeginsOnceTheUndoHas(t *testing.T) {
	s := NewSlot("s", func(_ context.Context, n *Net) (int, error) { return 1, nil }, nil)
	var seen []string
	s.Ops().PreExit = func(_ context.Context, n *Net) {
		if seen = append(seen, n.Name()); s.Get(n) != 1 || s.Use(n, func(int) {}) {
			t.Errorf("the PreExit on %s runs: the value is %d, and can be used", n.Name(), s.Get(n))
		}
	}
	init := s.Ops().Init
	fails := "m"
	failing := func(ctx context.Context, n *Net) error {
		if n.Name() == fails {
			return errBoom
		}
		return nil
	}
	s.Ops().Init = func(ctx context.Context, n *Net) error { return errors.Join(init(ctx, n), failing(ctx, n)) }
	r := made(t, bg, rwsem)
	n, m := copied(t, r, "n"), copied(t, r, "m")
	is(t, r.RegisterSubsys(bg, s.Ops()), errBoom) // undone on the first net and n
	must(t, m.Put())
	must(t, m.Wait(bg))
	must(t, r.RegisterSubsys(bg, s.Ops()))
	must(t, r.RegisterDevice(bg, &Ops{Init: func(ctx context.Context, n *Net) error { fails = "l"; return failing(ctx, n) }}))
	s.Ops().Init = init
	_, err := r.Copy(bg, n, "l")
	is(t, err, errBoom)
	must(t, n.Put())
	must(t, n.Wait(bg))
	must(t, r.UnregisterSubsys(bg, s.Ops()))
	must(t, r.RegisterSubsys(bg, s.Ops()))
	must(t, r.Close(bg))
	if got, want := strings.Join(seen, " "), "init_net n l n init_net init_net"; got != want {
		t.Errorf("PreExits ran on %s, want %s", got, want)
	}
}

// TestUseEndsWithAnExitThatDoesNothing: a slot without an exit function has one all the same. It waits for each Use
// that has begun, and after it none begins.
func TestUseEndsWithAnExitThatDoesNothing(t *testing.T) {
	for name, discipline := range disciplines {
		t.Run(name, func(t *testing.T) {
			s := NewSlot("s", func(context.Context, *Net) (int, error) { return 1, nil }, nil)
			below := &Ops{Exit: func(_ context.Context, n *Net) {
				if s.Use(n, func(int) {}) {
					t.Error("a Use begins behind the exit")
				}
			}}
			r := made(t, bg, discipline, WithSubsys(below, s.Ops()))
			n := copied(t, r, "n")
			for _, x := range []struct {
				used *Net
				end  func()
			}{{n, func() { is(t, n.Put(), nil); is(t, n.Wait(bg), nil) }}, {r.InitNet(), func() { is(t, r.UnregisterSubsys(bg, s.Ops()), nil) }}} {
				in, out, over := make(chan struct{}), make(chan struct{}), make(chan struct{})
				go s.Use(x.used, func(int) { close(in); <-out })
				<-in
				go func() { x.end(); close(over) }()
				eventually(t, "the exit waits", func() bool {
					select {
					case <-over:
						return true
					default:
						return len(r.readers.closedNow()) == 1
					}
				})
				select {
				case <-over:
					t.Error("the exit has not waited")
				default:
				}
				close(out)
				<-over
			}
		})
	}
}

// closedNow returns the epochs that a grace period has closed and whose readers have not all left.
func (r *readers) closedNow() []*epoch {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.closed), (*epoch).empty)
}
