// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/hook"
)

// TestWhatEachStepFinds: a tool that stops before a step finds the state in which the step has not been
// taken and all those before it have. testdata/finds.txt has the steps of a program of calls, one per
// line, with what is there: ops; listed nets; queue; names with count and use count; nets that wait to be
// let go of; locks and readers; callbacks that run.
func TestWhatEachStepFinds(t *testing.T) {
	const file = "testdata/finds.txt"
	text, err := os.ReadFile(file)
	must(t, err)
	got := []string{"# What a tool finds before each step: written by TestWhatEachStepFinds with PERNET_TEST_WRITE=1."}
	for _, discipline := range []Discipline{Mutex, RWSem} {
		got = append(append(got, "", map[Discipline]string{Mutex: "Mutex", RWSem: "RWSem"}[discipline]), finds(t, discipline)...)
	}
	if os.Getenv("PERNET_TEST_WRITE") != "" {
		must(t, os.WriteFile(file, []byte(strings.Join(got, "\n")+"\n"), 0o644))
		return
	}
	want := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			t.Fatalf("%s:%d\ngot  %s\nwant %s", file, i+1, got[i], want[i])
		}
	}
	if len(want) != len(got) {
		t.Errorf("%d lines, want %d", len(got), len(want))
	}
}

func finds(t *testing.T, discipline Discipline) (found []string) {
	var r *Registry // nil in New, until its first init
	d := &hook.Hooks{Stepped: true, Go: func(_ string, f func()) { f() }}
	d.Point = func(p hook.Point) {
		words := strings.Fields(strings.Join([]string{p.Name, p.Ops, p.Net, p.Other}, " "))
		if p.Ready != nil {
			words = append(words, map[bool]string{true: "ready", false: "waits"}[p.Ready()])
		}
		found = append(found, strings.TrimRight(strings.Join(words, " ")+": "+state(r, d), "; "))
	}
	fails := map[string]error{}
	ops := func(name string) *Ops {
		return &Ops{Name: name,
			Init: func(_ context.Context, n *Net) error { r = n.r; return fails[name+" "+n.Name()] },
			Exit: func(_ context.Context, n *Net) {
				if n.Name() == "n" {
					must(t, n.Defer(func() { found = append(found, "# the deferred callback") }))
				}
			}}
	}
	call := func(name string, f func()) {
		found = append(found, "# "+name)
		f()
	}
	call("New", func() {
		var err error
		r, err = New(hook.With(bg, d), WithDiscipline(discipline), WithSubsys(ops("a")))
		must(t, err)
	})
	ends(t, r)
	b, g := ops("b"), ops("g")
	if discipline == RWSem {
		for _, o := range []*Ops{b, g} {
			o.PreExit, o.ExitRTNL = func(context.Context, *Net) {}, func(context.Context, *Net) {}
		}
		g.ExitBatch = func(context.Context, []*Net) {}
	}
	var n, m *Net
	call("RegisterDevice", func() { must(t, r.RegisterDevice(bg, b)) })
	call("Copy n", func() { n = copied(t, r, "n") })
	call("Copy m", func() { m = copied(t, r, "m") })
	call("Copy f, which fails", func() {
		fails["b f"] = errBoom
		_, err := r.Copy(bg, m, "f")
		is(t, err, errBoom)
	})
	call("RegisterSubsys, which fails", func() {
		fails["c m"] = errBoom
		is(t, r.RegisterSubsys(bg, ops("c")), errBoom)
	})
	call("RegisterDevice, which fails on the first net", func() {
		fails["g init_net"] = errBoom
		is(t, r.RegisterDevice(bg, g), errBoom)
	})
	call("Get, Put, Share, Lookup, Put, Put", func() {
		must(t, n.Get())
		must(t, n.Put())
		for _, find := range []func() (*Net, error){func() (*Net, error) { return r.Share(n) }, func() (*Net, error) { return r.Lookup("n") }} {
			_, err := find()
			must(t, err)
			must(t, n.Put())
		}
	})
	call("Hold, Release, Hold", func() {
		must(t, m.Hold())
		must(t, m.Release())
		must(t, m.Hold())
	})
	call("Nets", func() {
		for range r.Nets() {
		}
	})
	call("Snapshot, NetNsBarrier, Barrier", func() {
		lists(t, r)
		must(t, r.NetNsBarrier(bg))
		must(t, r.Barrier(bg))
	})
	call("Put of n and m, cleanup, Release", func() {
		must(t, n.Put())
		must(t, m.Put())
		d.Work(-1)
		must(t, m.Release())
	})
	call("Copy of a net that is put meanwhile", func() {
		from := copied(t, r, "from")
		r.hooks.Point = func(p hook.Point) {
			if p.Name == "CopyNetNsLock" {
				must(t, from.Put())
			}
			d.Point(p)
		}
		_, err := r.Copy(bg, from, "to")
		must(t, err)
		r.hooks.Point = d.Point
		d.Work(-1)
	})
	call("UnregisterDevice", func() { must(t, r.UnregisterDevice(bg, b)) })
	call("Close", func() {
		if err := r.Close(bg); err == nil {
			t.Error("no net has leaked")
		}
	})
	call("New, which fails", func() {
		r = nil
		fails["e init_net"] = errBoom
		_, err := New(hook.With(bg, d), WithDiscipline(discipline), WithSubsys(ops("d"), ops("e")))
		is(t, err, errBoom)
	})
	return found
}

// state is what a tool finds.
func state(r *Registry, d *hook.Hooks) string {
	var v hook.View
	d.View(&v)
	var parts []string
	for _, o := range v.PernetList {
		parts = append(parts, o.Name)
	}
	parts = []string{strings.Join(parts, " ") + " first " + v.FirstDevice, strings.Join(v.NetList, " "), strings.Join(v.WorkQueue, " ")}
	slices.SortFunc(v.Nets, func(a, b hook.ViewNet) int { return strings.Compare(a.Name, b.Name) })
	var names []string
	for _, n := range v.Nets {
		names = append(names, fmt.Sprint(n.Name, n.Count, "/", n.Use))
	}
	var held []string
	for _, l := range d.Locks {
		if l.Held() {
			held = append(held, l.Name)
		}
	}
	var runs []string
	if r != nil {
		if e := r.readers.now.Load(); e != nil && !e.empty() {
			held = append(held, "reader")
		}
		for _, c := range r.Running() {
			runs = append(runs, c.Kind+" "+opsName(c.Ops)+" "+c.Net.Name())
		}
	}
	parts = append(parts, strings.Join(names, " "), strings.Join(append(v.DeferFree, v.Freeing...), " "), strings.Join(held, " "), strings.Join(runs, ", "))
	return strings.Join(parts, "; ")
}
