// SPDX-License-Identifier: MIT

package lin

import (
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A thing is what moments add and remove: an ops on pernet_list, or a net on
// net_namespace_list.
type thing struct {
	id  int32
	net bool
}

// An effect is what a moment adds or removes if it succeeds.
type effect struct {
	thing
	adds bool
	some bool // there is an effect
}

// A want is what an answer says of a thing at its moment.
type want int8

const (
	anything want = iota
	present
	absent
)

// needs are the wants of a moment: what must be there, and what must not, for its answer.
type needs struct {
	own     want    // of the call's ops
	ops     []int32 // sorted: present
	class   entries // of the ops with these callbacks no other is present
	nets    []int32 // sorted: listed
	allNets bool    // no other net is listed
	live    model.NetID
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
		case c.err == 0 || ran || c.unknown && c.err != model.EEXIST && c.err != model.EINTR:
			n.own = absent
		case c.err == model.EEXIST && !c.unknown:
			n.own = present
		}
		n.nets = c.shownNets(false)
		n.allNets = c.err == 0 && !c.unknown && !c.noInit
	case model.UnregisterSubsys, model.UnregisterDevice:
		switch c.err {
		case 0, model.EINVAL:
			n.own = present
		case model.ENOENT:
			n.own = absent
		}
		n.nets = c.shownNets(true)
		n.allNets = c.err == 0 && ran
	case model.Copy:
		n.ops = c.shownOps()
		if c.err == 0 && !c.unknown {
			n.class = withInit
		}
	case model.Cleanup:
		n.ops = c.shownOps()
		if !c.unknown {
			n.class = withExit
		}
	case model.List, model.Snapshot:
		n.nets, n.allNets = sortedIDs(c.nets), true
		if m.act.Kind == model.Snapshot {
			n.ops, n.class = sortedIDs(c.list), all
		}
	case model.CopyGet, model.Share:
		if c.err == 0 {
			n.live = c.old
		}
	case model.Get, model.Put, model.Hold, model.Release:
		if c.err == 0 {
			n.live = c.net
		}
	}
	return n
}

func (c *call) shownNets(exits bool) []int32 {
	var out []model.NetID
	for _, cb := range c.calls {
		if cb.Exit == exits {
			out = append(out, cb.Net)
		}
	}
	return sortedIDs(out)
}

func (c *call) shownOps() []int32 {
	var out []model.OpsID
	for _, cb := range c.calls {
		out = append(out, cb.Ops)
	}
	return sortedIDs(out)
}

func sortedIDs[I ~int32](list []I) []int32 {
	out := make([]int32, len(list))
	for i, id := range list {
		out[i] = int32(id)
	}
	slices.Sort(out)
	return slices.Compact(out)
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
	case m.foot.ops != model.NoOps && int32(m.foot.ops) == t.id:
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

// misses reports that the moment cannot fit in s: a look that spares the step.
func (m *moment) misses(s *model.State) bool {
	n := &m.needs
	if n.own != anything {
		there := slices.ContainsFunc(s.List, func(e model.Entry) bool { return e.Ops == m.foot.ops })
		if there != (n.own == present) {
			return true
		}
	}
	if n.class != 0 {
		count := 0
		for _, e := range s.List {
			if n.class == all || n.class == withInit && !e.NoInit || n.class == withExit && !e.NoExit {
				count++
			}
		}
		if count != len(n.ops) {
			return true
		}
	}
	return n.allNets && len(s.Nets) != len(n.nets)
}

// A scene is what the pending moments of one configuration do to things.
type scene struct {
	s       *search
	c       *config
	effects []pendingEffect
}

type pendingEffect struct {
	slot int
	m    *moment
}

func (s *search) scene(c *config) *scene {
	sc := &s.stage
	sc.s, sc.c, sc.effects = s, c, sc.effects[:0]
	for q := range s.slots {
		ms := s.slots[q].moments
		for j := min(int(c.done[q]), len(ms)); j < len(ms); j++ {
			if ms[j].effect.some {
				sc.effects = append(sc.effects, pendingEffect{q, &ms[j]})
			}
		}
	}
	return sc
}

// first reports whether every way to go on takes p before q: the answer of p
// needs the state without what q does, and nothing can undo that in time; or that
// of q needs what p does, and nothing else can do it in time.
func (sc *scene) first(p, q *moment) bool {
	if e := q.effect; e.some {
		if w := p.wants(e.thing, q.class()); w == opposite(e.adds) && !sc.other(e.thing, !e.adds, nil, p.call) {
			return true
		}
	}
	e := p.effect
	if !e.some || q.open {
		return false
	}
	class, there := sc.state(e.thing)
	if there == e.adds {
		return false
	}
	if e.adds {
		class = p.class()
	}
	w := q.wants(e.thing, class)
	need := e.adds && w == present || !e.adds && w == absent
	if e.adds && e.net && q.needs.live == model.NetID(e.id) && !isLive(&sc.c.state, q.needs.live) {
		need = true
	}
	return need && !sc.other(e.thing, e.adds, p, q.call)
}

func opposite(adds bool) want {
	if adds {
		return absent
	}
	return present
}

// class returns the callbacks of the ops that the moment registers; of others it is not known.
func (m *moment) class() entries { return m.foot.writes }

// state reports whether the thing is there, and the callbacks that it has.
func (sc *scene) state(t thing) (entries, bool) {
	if t.net {
		return 0, slices.Contains(sc.c.state.Nets, model.NetID(t.id))
	}
	for _, e := range sc.c.state.List {
		if int32(e.Ops) == t.id {
			class := all
			if !e.NoInit {
				class |= withInit
			}
			if !e.NoExit {
				class |= withExit
			}
			return class, true
		}
	}
	return 0, false
}

func isLive(s *model.State, n model.NetID) bool {
	return slices.ContainsFunc(s.Live, func(l model.Net) bool { return l.ID == n })
}

// other reports whether another moment than m, of an operation that begins before
// by returns, may yet do that to the thing.
func (sc *scene) other(t thing, adds bool, m *moment, by *call) bool {
	for _, e := range sc.effects {
		if e.m != m && e.m.effect.thing == t && e.m.effect.adds == adds {
			return true
		}
	}
	return sc.s.coming.any(effect{t, adds, true}, sc.s.called, by.to)
}

// coming holds, for each effect, the operations of a window that may have it, as
// places in its calls.
type coming struct {
	calls []*call
	at    map[effect][]int
}

func newComing(w *window, open map[*call]bool) coming {
	out := coming{w.calls, map[effect][]int{}}
	alike := map[string]int{}
	for i, c := range w.calls {
		switch c.verb {
		case wire.RegisterSubsys, wire.RegisterDevice, wire.UnregisterSubsys, wire.UnregisterDevice, wire.Get, wire.Put, wire.Hold, wire.Release, wire.Copy:
			k := c.key()
			if alike[k] == 0 {
				alike[k] = len(alike) + 1
			}
			c.alike = alike[k]
		}
		for _, m := range momentsOf(c, open[c]) {
			if m.effect.some {
				out.at[m.effect] = append(out.at[m.effect], i)
			}
		}
	}
	return out
}

// any reports whether an operation with that effect begins after the first called ones, and by then.
func (co *coming) any(e effect, called int, by int64) bool {
	at := co.at[e]
	i, _ := slices.BinarySearch(at, called)
	return i < len(at) && co.calls[at[i]].from <= by
}
