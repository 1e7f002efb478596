// SPDX-License-Identifier: MIT

package history

import "example.com/pernet/model"

// A foot is what a moment reads and writes when it gives its answer. Two
// moments whose feet do not meet commute: either order is possible where the
// other is, and both lead to the same state.
type foot struct {
	readsList, writesList bool // pernet_list, first_device and who is registered
	readsNets             bool // net_namespace_list
	appends, unlinks      bool // likewise: adds at the tail, takes out
	net                   model.NetID
	on                    touch // what it does with net
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
	counted := func(t touch, n model.NetID) foot {
		if !ok {
			t = whole
		}
		return foot{net: n, on: t}
	}
	switch m.act.Kind {
	case model.CopyGet, model.Share:
		return counted(inc, c.old)
	case model.Copy:
		return foot{net: c.net, on: whole, appends: ok, readsList: ok || ran}
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
		return foot{net: m.act.Net, on: zero, unlinks: true, readsList: true}
	case model.Free:
		return foot{net: m.act.Net, on: whole}
	case model.List:
		return foot{readsNets: true}
	case model.Snapshot:
		return foot{readsNets: true, readsList: true}
	}
	return foot{readsList: true, writesList: ok, readsNets: ok || ran} // register, unregister
}

// meets reports whether a and b may fail to commute. safe says of a net that
// its count, or its use count, is so large that whatever is pending cannot
// bring it to zero. Whether two appends meet is a matter of hints.
func (a *foot) meets(b *foot, safe func(n model.NetID, uses bool) bool) bool {
	return a.writesList && b.readsList || b.writesList && a.readsList ||
		a.readsNets && (b.appends || b.unlinks) || b.readsNets && (a.appends || a.unlinks) ||
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
