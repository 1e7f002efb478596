// SPDX-License-Identifier: MIT

package impl

import (
	"strings"
	"testing"
)

// Each thing that check looks at is broken once, and check says so.
func TestCheckSeesWhatIsBroken(t *testing.T) {
	for _, x := range []struct {
		want  string
		spoil func(r *Registry, n *Net)
	}{
		{"ops at 1 are nil", func(r *Registry, n *Net) { r.pernetList[1].ops = r.pernetList[0].ops }},
		{"ops at 0 are nil", func(r *Registry, n *Net) { r.pernetList[0].ops = nil }},
		{`"s2" is behind device "d1"`, func(r *Registry, n *Net) {
			l := r.pernetList
			l[1], l[2] = l[2], l[1]
		}},
		{"firstDevice", func(r *Registry, n *Net) { r.firstDevice = r.pernetList[3].ops }},
		{"firstDevice", func(r *Registry, n *Net) { r.firstDevice = nil }},
		{"firstDevice", func(r *Registry, n *Net) { r.pernetList = r.pernetList[:2] }},
		{"linked in a build without namespaces", func(r *Registry, n *Net) { r.noNetNS, r.firstDevice = true, nil }},
		{"linked in a build without namespaces", func(r *Registry, n *Net) { r.noNetNS, r.pernetList = true, nil }},
		{"not the first in the list", func(r *Registry, n *Net) { r.netList[0], r.netList[1] = n, r.netList[0] }},
		{"net at 1 is nil", func(r *Registry, n *Net) { r.netList[1] = nil }},
		{"net at 2 is nil or occurs twice", func(r *Registry, n *Net) { r.netList = append(r.netList, n) }},
		{"on its way out", func(r *Registry, n *Net) { n.sealed = true }},
		{"on its way out", func(r *Registry, n *Net) { n.dying.Store(true) }},
		{"on its way out", func(r *Registry, n *Net) { n.useCount.Store(freedUse) }},
		{"does not have its name", func(r *Registry, n *Net) { delete(r.names, "n") }},
		{"no reference", func(r *Registry, n *Net) { r.initNet.count.Store(0) }},
		{"which may be freed", func(r *Registry, n *Net) { r.names["x"] = n }},
		{"in the queue is nil or has references", func(r *Registry, n *Net) { r.workQueue = append(r.workQueue, n); r.working = true }},
		{"no worker runs", func(r *Registry, n *Net) { n.count.Store(0); r.workQueue = append(r.workQueue, n) }},
		{"callbacks is empty", func(r *Registry, n *Net) { r.deferred = append(r.deferred, &batch{}) }},
		{"open batch", func(r *Registry, n *Net) { r.open = &batch{left: 1} }},
		{"kept and freed", func(r *Registry, n *Net) { r.kept = append(r.kept, n) }},
		{"kept and freed", func(r *Registry, n *Net) { n.kept, r.kept = true, append(r.kept, n); n.useCount.Store(freedUse) }},
		{`slot "" does not have the id 0`, func(r *Registry, n *Net) { r.slots = append(r.slots, &Ops{slot: new(slot)}) }},
		{`slot "s1" does not have the id 0`, func(r *Registry, n *Net) { // but is registered here
			o := r.pernetList[0].ops
			o.slot, r.slots = new(slot), append(r.slots, o)
			o.slot.r.Store(r)
			o.slot.id.Store(1)
		}},
		{`slot "" does not have the id 0, or is not registered`, func(r *Registry, n *Net) {
			o := &Ops{slot: new(slot)}
			o.slot.r.Store(r)
			r.slots = append(r.slots, o)
		}},
		{"waits for the next round, and is not freed", func(r *Registry, n *Net) { r.rw, r.deferFree = true, append(r.deferFree, n) }},
		{"kept and freed, or has lost its name", func(r *Registry, n *Net) { n.kept, r.kept = true, append(r.kept, n); delete(r.names, "n") }},
	} {
		ops := []*Ops{{Name: "s1"}, {Name: "s2"}, {Name: "d1"}, {Name: "d2"}}
		r, err := New(bg, WithSubsys(ops[:2]...), WithDevice(ops[2:]...))
		must(t, err)
		n := copied(t, r, "n")
		must(t, r.check())
		x.spoil(r, n)
		if err := r.check(); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("check said %v, want %q", err, x.want)
		}
	}
}
