// SPDX-License-Identifier: MIT

package lin

import (
	"slices"

	"example.com/pernet/model"
)

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
func (m *moment) class() entries { return m.writes }

// state reports whether the thing is there, and the callbacks that it has.
func (sc *scene) state(t thing) (entries, bool) {
	if t.net {
		return 0, slices.Contains(sc.c.state.Nets, model.NetID(t.id))
	}
	for _, e := range sc.c.state.List {
		if int32(e.Ops) == t.id {
			return entriesOf(e), true
		}
	}
	return 0, false
}

// liveNet returns the net of that number, zero if it is not there.
func liveNet(s *model.State, id model.NetID) model.Net {
	if i := slices.IndexFunc(s.Live, func(l model.Net) bool { return l.ID == id }); i >= 0 {
		return s.Live[i]
	}
	return model.Net{}
}

func isLive(s *model.State, id model.NetID) bool { return liveNet(s, id).ID != model.NoNet }

// other reports whether another moment than m, of an operation that begins before
// by returns, may yet do that to the thing.
func (sc *scene) other(t thing, adds bool, m *moment, by *call) bool {
	for _, e := range sc.effects {
		if e.m != m && e.m.effect.thing == t && e.m.effect.adds == adds {
			return true
		}
	}
	return sc.s.coming.any(effect{t, adds, true}, sc.s.called, by.Return)
}

// coming holds, for each effect, the operations of a window that may have it, as
// places in its calls.
type coming struct {
	calls []*call
	at    map[effect][]int
}

func newComing(w *window, open map[*call]bool) coming {
	out := coming{w.calls, map[effect][]int{}}
	for i, c := range w.calls {
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
	return i < len(at) && co.calls[at[i]].Call <= by
}
