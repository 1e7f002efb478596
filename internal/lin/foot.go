// SPDX-License-Identifier: MIT

package lin

import (
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A foot is what a moment reads and writes when it gives its answer. Two
// moments whose feet do not meet commute: either order is possible where the
// other is, and both lead to the same state. That two of them add to the tail of
// one list is no conflict: the order of the list stays open then (partial.go).
type foot struct {
	reads, writes entries // of pernet_list
	ops           model.OpsID
	registers     bool // whether ops is registered depends on the moment, too
	grows         bool // adds to the tail of pernet_list or of net_namespace_list

	readsNets   bool // net_namespace_list
	changesNets bool
	net         model.NetID
	on          touch // what it does with net
}

// entries are sets of pernet_list's entries: a walk meets only those that have the callback.
type entries uint8

const (
	withInit entries = 1 << iota
	withExit
	all // the list as a whole
)

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
	seen := !m.open && !c.unknown // the callbacks count as part of the answer
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
		f.readsNets = ran
		return f
	}
	switch c.verb {
	case wire.RegisterSubsys, wire.RegisterDevice:
		f.grows = true
		f.readsNets = seen && (!c.noInit || ran)
		f.writes = all
		if !c.noInit {
			f.writes |= withInit
		}
		if !c.noExit {
			f.writes |= withExit
		}
	default:
		f.readsNets = seen && ran
		f.writes = all | withInit | withExit
	}
	return f
}

// meets reports whether a and b may fail to commute. safe says of a net that
// its count, or its use count, is so large that whatever is pending cannot
// bring it to zero.
func (a *foot) meets(b *foot, safe func(n model.NetID, uses bool) bool) bool {
	return a.writes&b.reads != 0 || b.writes&a.reads != 0 ||
		a.ops != model.NoOps && a.ops == b.ops && (a.registers || b.registers) ||
		a.readsNets && b.changesNets || b.readsNets && a.changesNets ||
		a.on != nothing && b.on != nothing && a.net == b.net && a.meetsOn(b, safe)
}

// meetsOn is meets for two moments on one net.
func (a *foot) meetsOn(b *foot, safe func(n model.NetID, uses bool) bool) bool {
	switch {
	case a.on == whole || b.on == whole:
		return true
	case a.on.uses() != b.on.uses():
		return false // count and use count have nothing to do with each other before the free
	case a.on == b.on && (a.on == inc || a.on == use):
		return false // what is zero stays so, what is not allows both
	}
	return !safe(a.net, a.on.uses())
}

func (t touch) uses() bool { return t == use || t == unuse }
