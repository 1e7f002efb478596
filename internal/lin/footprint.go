// SPDX-License-Identifier: MIT

package lin

import (
	"slices"

	"example.com/pernet/model"
)

// A footprint is what a moment reads and writes when it gives its answer. If a does not
// bar b, then wherever a and b can follow each other, b and a can, and lead to the same state.
// That two of them add to the tail of one list is no conflict: the order of the list
// stays open then (partial.go).
type footprint struct {
	effect        effect
	reads, writes entries // of pernet_list
	readsNets     bool    // net_namespace_list
	net           model.NetID
	on            touch   // what it does with net
	head          []int32 // not nil: its walk broke off, after these nets or ops (sorted)
}

// An effect is what a moment adds to a list or removes from it, if it succeeds.
type effect struct {
	thing
	adds bool
	some bool // there is an effect
}

// A thing is an ops on pernet_list, or a net on net_namespace_list.
type thing struct {
	id  int32
	net bool
}

func effectOf(m *moment) effect {
	if !m.open && m.want != 0 {
		return effect{}
	}
	switch m.act.Kind {
	case model.RegisterSubsys, model.RegisterDevice:
		return effect{thing{int32(m.act.Ops), false}, true, true}
	case model.UnregisterSubsys, model.UnregisterDevice:
		return effect{thing{int32(m.act.Ops), false}, false, true}
	case model.Copy:
		return effect{thing{int32(m.act.Net), true}, true, true}
	case model.Cleanup:
		return effect{thing{int32(m.act.Net), true}, false, true}
	}
	return effect{}
}

// member returns what the moment adds or removes, as a member of its list.
func (m *moment) member() member {
	switch m.act.Kind {
	case model.RegisterSubsys, model.UnregisterSubsys:
		return member{m.effect.id, subsystems}
	case model.RegisterDevice, model.UnregisterDevice:
		return member{m.effect.id, devices}
	}
	return member{m.effect.id, nets}
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

func footprintOf(m *moment) footprint {
	c := m.call
	f := footprint{effect: effectOf(m)}
	ok := m.open || m.want == 0
	seen := !m.open && !c.Unknown // the callbacks count as part of the answer
	ran := seen && len(c.calls) > 0
	switch m.act.Kind {
	case model.CopyGet, model.Share:
		f.net, f.on = c.old, inc
	case model.CopyPut:
		f.net, f.on = c.old, dec
		return f
	case model.Get:
		f.net, f.on = c.net, inc
	case model.Put:
		f.net, f.on = c.net, dec
	case model.Hold:
		f.net, f.on = c.net, use
	case model.Release:
		f.net, f.on = c.net, unuse
	case model.Copy:
		f.net, f.on = c.net, whole
		switch {
		case ok && seen || !ok && c.anyInit():
			f.reads = withInit
		case ran:
			f.reads = withInit | withExit
			if c.Err < 0 {
				f.head = sortedIDs(opsOf(c.calls))
			}
		}
	case model.Cleanup:
		f.net, f.on = m.act.Net, zero
		if seen {
			f.reads = withExit
		}
	case model.Free:
		f.net, f.on = m.act.Net, whole
	case model.List:
		f.readsNets = true
	case model.Snapshot:
		f.readsNets, f.reads = true, all
	default:
		f.readsNets = ran
		switch {
		case !ok && ran:
			f.head = sortedIDs(netsOf(only(c.calls, false)))
		case !ok:
		case f.effect.adds:
			f.readsNets = ran || seen && !c.NoInit
			f.writes = entriesOf(model.Entry{NoInit: c.NoInit, NoExit: c.NoExit})
		default:
			f.writes = all | withInit | withExit
		}
	}
	if f.on != nothing && (!ok || c.maybeNoNet()) {
		f.on = whole // it depends on whether the net is there
	}
	return f
}

// bars reports whether b may be unable to change places with a, which is right before it,
// in any order of what is pending in c.
func (s *search) bars(c *config, a, b *moment) bool {
	return a.writes&b.reads != 0 && !b.brokeOffBefore(a, true) || b.writes&a.reads != 0 && !a.brokeOffBefore(b, false) ||
		a.act.Ops != model.NoOps && a.act.Ops == b.act.Ops && (a.effect.some || b.effect.some) ||
		a.readsNets && b.changesNets() && !a.brokeOffBefore(b, false) || b.readsNets && a.changesNets() && !b.brokeOffBefore(a, true) ||
		a.on != nothing && b.on != nothing && a.net == b.net && s.barsOn(c, a, b)
}

func (f *footprint) changesNets() bool { return f.effect.some && f.effect.thing.net }

// brokeOffBefore reports that the walk of a broke off before it could meet what b adds
// or removes, whether b comes before it (first) or after it. What was removed before it
// may have been in front, and a subsystem may be added in front of a device.
func (a *moment) brokeOffBefore(b *moment, first bool) bool {
	if a.head == nil {
		return false
	}
	_, shown := slices.BinarySearch(a.head, b.effect.id)
	return !shown && (b.effect.adds && b.act.Kind != model.RegisterSubsys || !b.effect.adds && !first)
}

// barsOn is bars for two moments on one net.
func (s *search) barsOn(c *config, a, b *moment) bool {
	switch {
	case a.on == whole || b.on == whole:
		return true
	case a.on.uses() != b.on.uses():
		// Count and use count have nothing to do with each other before the free, but that since
		// 4.17 a hold needs a reference.
		return c.state.Modern && (a.on == use || b.on == use) && s.spare(c, a.net, false) < 0
	case a.on == b.on && (a.on == inc || a.on == use):
		return false // what is zero stays so, what is not allows both
	case a.on == dec && b.on == dec:
		return s.spare(c, a.net, false) < -1 // else each finds its reference
	}
	return s.spare(c, a.net, a.on.uses()) < 0
}

func (t touch) uses() bool { return t == use || t == unuse }
