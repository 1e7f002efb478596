// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/hook"
)

// What a tool sees of the shared variables between two steps.
func TestView(t *testing.T) {
	var tp tape
	names := 0
	d := &hook.Hooks{Stepped: true, AllocName: func() string { names++; return fmt.Sprint("net", names) }}
	r := made(t, hook.With(bg, d), WithSubsys(tp.ops("a")), WithDevice(tp.ops("b"), tp.ops("c")))
	n, m := copied(t, r, ""), copied(t, r, "")
	must(t, n.Get())
	must(t, n.Hold())
	must(t, m.Hold())
	must(t, m.Put())
	var v hook.View
	look := func() string {
		d.View(&v)
		slices.SortFunc(v.Nets, func(a, b hook.ViewNet) int { return strings.Compare(a.Name, b.Name) })
		for i, net := range v.Nets {
			if net.Net.(*Net).Name() != net.Name {
				t.Errorf("%v is not %s", net.Net, net.Name)
			}
			v.Nets[i].Net = nil
		}
		return fmt.Sprintf("%v %v %v %v %v", v.PernetList, v.FirstDevice, v.NetList, v.WorkQueue, v.Nets)
	}
	want := "[{a false} {b true} {c true}] b [init_net net1 net2] [net2] " +
		"[{<nil> init_net 1 0 true false []} {<nil> net1 2 1 true false []} {<nil> net2 0 1 true false []}]"
	if got := look(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	d.Work(-1)
	must(t, r.UnregisterDevice(bg, r.pernetList[1].ops))
	must(t, r.UnregisterDevice(bg, r.pernetList[1].ops))
	_ = r.netMutex.lock(bg) // who looks takes no lock
	r.rtnl.Lock()
	want = "[{a false}]  [init_net net1] [] " +
		"[{<nil> init_net 1 0 true false []} {<nil> net1 2 1 true false []} {<nil> net2 0 1 false true []}]"
	if got := look(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	held := func() (names []string) {
		for _, l := range d.Locks {
			if l.Held() {
				names = append(names, l.Name)
			}
		}
		return names
	}
	if got := held(); !slices.Equal(got, []string{"net_mutex", "rtnl"}) {
		t.Errorf("held: %v", got)
	}
	r.rtnl.Unlock()
	r.netMutex.unlock()
	if got := held(); got != nil {
		t.Errorf("held: %v", got)
	}
}

// A copy whose old net is freed under it: its second net is gone.
func TestGoneOfACopysOldNet(t *testing.T) {
	var tp tape
	var gone []bool
	var n *Net
	d := &hook.Hooks{Stepped: true}
	d.Point = func(p hook.Point) {
		switch p.Name {
		case "CopyNetNsAlloc":
			gone = append(gone, p.Gone())
		case "CopyNetNsPut":
			if p.Other == "n" {
				must(t, n.Put())
				must(t, n.Put()) // the copy's own
				d.Work(-1)
			}
			gone = append(gone, p.Gone())
		}
	}
	r := made(t, hook.With(bg, d), WithSubsys(tp.ops("a")))
	n = copied(t, r, "n")
	_, err := r.Copy(bg, n, "m")
	must(t, err)
	if want := []bool{false, false, false, true}; !slices.Equal(gone, want) {
		t.Errorf("gone: %v, want %v", gone, want)
	}
}

// The steps between taking rtnl and letting go of it.
func TestRtnlIsHeldWhereTheListIsChangedOrRead(t *testing.T) {
	var r *Registry
	held := make(map[string]bool)
	d := &hook.Hooks{Stepped: true}
	d.Point = func(p hook.Point) {
		if r == nil {
			return
		}
		if free := r.rtnl.TryLock(); free {
			r.rtnl.Unlock()
		} else {
			held[p.Name] = true
		}
	}
	r = made(t, hook.With(bg, d), WithSubsys(&Ops{Exit: func(context.Context, *Net) {}}))
	must(t, copied(t, r, "n").Put())
	d.Work(-1)
	for range r.Nets() {
	}
	if !held["CopyNetNsListAdd"] || !held["CleanupNetUnlink"] || !held["ListNetsRead"] || len(held) != 3 {
		t.Errorf("rtnl is held at %v", held)
	}
}

// A step that waits says whether it could be taken now.
func TestReadyOfStepsThatWait(t *testing.T) {
	var r *Registry
	ready := make(map[string][]bool)
	out := make(chan struct{})
	d := &hook.Hooks{Stepped: true}
	d.Point = func(p hook.Point) {
		if p.Ready == nil {
			return
		}
		switch p.Name {
		case "RegisterLock", "CopyNetNsLock":
			ready[p.Name] = append(ready[p.Name], p.Ready())
			_ = r.netMutex.lock(bg)
			ready[p.Name] = append(ready[p.Name], p.Ready())
			r.netMutex.unlock()
		case "ListNetsLock", "CopyNetNsRtnlLock":
			ready[p.Name] = append(ready[p.Name], p.Ready())
			r.rtnl.Lock()
			ready[p.Name] = append(ready[p.Name], p.Ready())
			r.rtnl.Unlock()
		case "CleanupNetBarrierEnd":
			ready[p.Name] = append(ready[p.Name], p.Ready())
			close(out)
			eventually(t, "the callback has run", p.Ready)
		}
	}
	d.Cleanup = func() func(string, bool) { return nil }
	r = made(t, hook.With(bg, d))
	n := copied(t, r, "n")
	must(t, r.RegisterSubsys(bg, new(Ops)))
	is(t, r.RegisterSubsys(ended, new(Ops)), ErrInterrupted)
	for range r.Nets() {
	}
	must(t, n.Defer(func() { <-out }))
	must(t, n.Put())
	d.Work(1)
	for name, want := range map[string][]bool{
		"RegisterLock":         {true, false, true, true},
		"CopyNetNsLock":        {true, false},
		"ListNetsLock":         {true, false},
		"CopyNetNsRtnlLock":    {true, false},
		"CleanupNetBarrierEnd": {false},
	} {
		if len(ready[name]) != len(want) {
			t.Errorf("%s: %v, want %v", name, ready[name], want)
			continue
		}
		for i := range want {
			if ready[name][i] != want[i] {
				t.Errorf("%s: %v, want %v", name, ready[name], want)
			}
		}
	}
}

// A context that ends while a tool stops the call before the lock has ended for the step that takes it.
func TestAContextThatEndsBeforeTheLockIsSeen(t *testing.T) {
	ctx, cancel := context.WithCancel(bg)
	r := made(t, hook.With(bg, &hook.Hooks{Point: func(p hook.Point) {
		if p.Name == "Snapshot" {
			cancel()
		}
	}}))
	_, err := r.Snapshot(ctx)
	is(t, err, ErrInterrupted)
}
