// SPDX-License-Identifier: MIT

package lin

import (
	"slices"

	"example.com/pernet/model"
)

// A want is what an answer says of a thing at its moment.
type want int8

const (
	anything want = iota
	present
	absent
)

// needs are the wants of a moment: what must be there, and what must not, for its answer.
type needs struct {
	own     want        // of the call's ops
	ops     []int32     // sorted: present
	class   entries     // of the ops with these callbacks no other is present
	nets    []int32     // sorted: listed
	allNets bool        // no other net is listed
	live    model.NetID // there, for a hold or a release; with a reference, for the others
	dead    model.NetID // not there, or without a reference
}

func needsOf(m *moment) needs {
	c := m.call
	n := needs{own: anything}
	if m.open {
		return n
	}
	ran := len(c.calls) > 0
	switch m.act.Kind {
	case model.RegisterSubsys, model.RegisterDevice:
		switch {
		case c.Err == 0 || ran || c.Unknown && c.Err != model.EEXIST && c.Err != model.EINTR:
			n.own = absent
		case c.Err == model.EEXIST && !c.Unknown:
			n.own = present
		}
		n.nets = sortedIDs(netsOf(only(c.calls, false)))
		n.allNets = c.Err == 0 && !c.Unknown && !c.NoInit
	case model.UnregisterSubsys, model.UnregisterDevice:
		switch c.Err {
		case 0, model.EINVAL:
			n.own = present
		case model.ENOENT:
			n.own = absent
		}
		n.nets = sortedIDs(netsOf(only(c.calls, true)))
		n.allNets = c.Err == 0 && ran
	case model.Copy:
		n.ops = sortedIDs(opsOf(c.calls))
		if c.Err == 0 && !c.Unknown {
			n.class = withInit
		}
	case model.Cleanup:
		n.ops = sortedIDs(opsOf(c.calls))
		if !c.Unknown {
			n.class = withExit
		}
	case model.List, model.Snapshot:
		n.nets, n.allNets = sortedIDs(c.nets), true
		if m.act.Kind == model.Snapshot {
			n.ops, n.class = sortedIDs(c.list), all
		}
	case model.Free:
		n.dead = m.act.Net
	case model.CopyGet, model.Share:
		if m.want == 0 {
			n.live = c.old
		} else if m.want == model.ENOENT {
			n.dead = c.old
		}
	case model.Get, model.Put, model.Hold, model.Release:
		if c.Err == 0 {
			n.live = c.net
		} else if c.Err == model.ENOENT || c.Err == model.EINVAL && m.act.Kind == model.Put {
			n.dead = c.net
		}
	}
	if c.maybeNoNet() {
		n.live = model.NoNet
	}
	return n
}

func sortedIDs[I ~int32](list []I) []int32 {
	out := make([]int32, len(list))
	for i, id := range list {
		out[i] = int32(id)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// wants returns what the moment's answer says of a thing; class are the
// callbacks that the ops has, if it is one.
func (m *moment) wants(t thing, class entries) want {
	n := &m.needs
	switch {
	case t.net:
		if _, ok := slices.BinarySearch(n.nets, t.id); ok {
			return present
		}
		if n.allNets || m.effect.some && m.effect.adds && m.effect.thing == t && !m.open {
			return absent
		}
		return anything
	case m.act.Ops != model.NoOps && int32(m.act.Ops) == t.id:
		return n.own
	}
	if _, ok := slices.BinarySearch(n.ops, t.id); ok {
		return present
	}
	if n.class&class != 0 {
		return absent
	}
	return anything
}

// misses reports that the moment cannot fit in s. It costs less than to compare orders and
// to take the step.
func (m *moment) misses(s *model.State) bool {
	n := &m.needs
	if n.own != anything {
		there := slices.ContainsFunc(s.List, func(e model.Entry) bool { return e.Ops == m.act.Ops })
		if there != (n.own == present) {
			return true
		}
	}
	if n.class != 0 {
		count := 0
		for _, e := range s.List {
			if n.class&entriesOf(e) != 0 {
				count++
			}
		}
		if count != len(n.ops) {
			return true
		}
	}
	return n.allNets && len(s.Nets) != len(n.nets)
}
