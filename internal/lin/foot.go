// SPDX-License-Identifier: MIT

package lin

import (
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A foot is what a moment reads and writes when it gives its answer. If a does not
// bar b, then wherever a and b can follow each other, b and a can, and lead to the same state.
// That two of them add to the tail of one list is no conflict: the order of the list
// stays open then (partial.go).
type foot struct {
	reads, writes entries // of pernet_list
	ops           model.OpsID
	registers     bool // whether ops is registered depends on the moment, too
	subsys        bool // ops is a subsystem
	grows         bool // adds to the tail of pernet_list or of net_namespace_list

	readsNets   bool // net_namespace_list
	changesNets bool
	net         model.NetID
	on          touch   // what it does with net
	head        []int32 // not nil: its walk broke off, after these nets or ops (sorted)
}

// entries are sets of pernet_list's entries: a walk meets only those that have the callback.
type entries uint8

const (
	withInit entries = 1 << iota
	withExit
	all // the list as a whole
)

// entriesOf returns the sets that the entry is in.
func entriesOf(e model.Entry) entries {
	in := all
	if !e.NoInit {
		in |= withInit
	}
	if !e.NoExit {
		in |= withExit
	}
	return in
}

// A touch is what a moment does with the counts and the life of its net.
type touch uint8

const (
	nothing touch = iota
	inc           // a reference more
	dec           // a reference less
	use           // a use more
	unuse         // a use less
	zero          // needs the count to be zero
	whole         // anything else: makes it, frees it, depends on whether it is there
)

func footOf(m *moment) foot {
	c := m.call
	ok := m.open || m.want == 0
	ran := len(c.calls) > 0
	seen := !m.open && !c.Unknown // the callbacks count as part of the answer
	counted := func(t touch, n model.NetID) foot {
		if !ok || c.maybeNoNet() {
			t = whole
		}
		return foot{net: n, on: t}
	}
	switch m.act.Kind {
	case model.CopyGet, model.Share:
		return counted(inc, c.old)
	case model.Copy:
		f := foot{net: c.net, on: whole, grows: ok, changesNets: ok}
		switch {
		case ok && seen || !ok && c.anyInit():
			f.reads = withInit
		case ran:
			f.reads = withInit | withExit
			if seen && c.Err < 0 {
				f.head = c.shownOps()
			}
		}
		return f
	case model.CopyPut:
		return foot{net: c.old, on: dec}
	case model.Get:
		return counted(inc, c.net)
	case model.Put:
		return counted(dec, c.net)
	case model.Hold:
		return counted(use, c.net)
	case model.Release:
		return counted(unuse, c.net)
	case model.Cleanup:
		f := foot{net: m.act.Net, on: zero, changesNets: true}
		if seen {
			f.reads = withExit
		}
		return f
	case model.Free:
		return foot{net: m.act.Net, on: whole}
	case model.List:
		return foot{readsNets: true}
	case model.Snapshot:
		return foot{readsNets: true, reads: all}
	}
	f := foot{ops: c.ops, registers: ok}
	if !ok {
		if f.readsNets = ran; ran && seen {
			f.head = c.shownNets(false)
		}
		return f
	}
	switch c.Op {
	case wire.RegisterSubsys, wire.RegisterDevice:
		f.grows, f.subsys = true, c.Op == wire.RegisterSubsys
		f.readsNets = seen && (!c.NoInit || ran)
		f.writes = entriesOf(model.Entry{NoInit: c.NoInit, NoExit: c.NoExit})
	default:
		f.readsNets = seen && ran
		f.writes = all | withInit | withExit
	}
	return f
}

// bars reports whether b may be unable to change places with a, which is right before it.
// spare says how far a net's count, or its use count, stays above what forbids to lower it.
func (a *foot) bars(b *foot, spare func(n model.NetID, uses bool) int) bool {
	return a.writes&b.reads != 0 && !b.brokeOffBefore(a, true) || b.writes&a.reads != 0 && !a.brokeOffBefore(b, false) ||
		a.ops != model.NoOps && a.ops == b.ops && (a.registers || b.registers) ||
		a.readsNets && b.changesNets && !a.brokeOffBefore(b, false) || b.readsNets && a.changesNets && !b.brokeOffBefore(a, true) ||
		a.on != nothing && b.on != nothing && a.net == b.net && a.barsOn(b, spare)
}

// brokeOffBefore reports that the walk of a broke off before it could meet what b adds
// or removes, whether b comes before it (first) or after it. What was removed before it
// may have stood in front, and a subsystem may be added in front of a device.
func (a *foot) brokeOffBefore(b *foot, first bool) bool {
	if a.head == nil {
		return false
	}
	id := int32(b.ops)
	if b.changesNets {
		id = int32(b.net)
	}
	_, shown := slices.BinarySearch(a.head, id)
	return !shown && !b.subsys && (b.grows || !first)
}

// barsOn is bars for two moments on one net.
func (a *foot) barsOn(b *foot, spare func(n model.NetID, uses bool) int) bool {
	switch {
	case a.on == whole || b.on == whole:
		return true
	case a.on.uses() != b.on.uses():
		return false // count and use count have nothing to do with each other before the free
	case a.on == b.on && (a.on == inc || a.on == use):
		return false // what is zero stays so, what is not allows both
	case a.on == dec && b.on == dec:
		return spare(a.net, false) < -1 // else each finds its reference
	}
	return spare(a.net, a.on.uses()) < 0
}

func (t touch) uses() bool { return t == use || t == unuse }
