// SPDX-License-Identifier: MIT

package lin

import (
	"slices"

	"example.com/pernet/model"
)

// first reports whether every way to go on takes p before q: the answer of p
// needs the state without what q does, and nothing can undo that in time; or that
// of q needs what p does, and nothing else can do it in time.
func (s *search) first(c *config, p, q *moment) bool {
	if e := q.effect; e.some {
		if w := p.wants(e.thing, q.class()); w == opposite(e.adds) && !s.other(c, e.thing, !e.adds, nil, p.call) {
			return true
		}
	}
	e := p.effect
	if !e.some || q.open {
		return false
	}
	class, there := has(&c.state, e.thing)
	if there == e.adds {
		return false
	}
	if e.adds {
		class = p.class()
	}
	w := q.wants(e.thing, class)
	need := e.adds && w == present || !e.adds && w == absent
	if e.adds && e.net && q.needs.live == model.NetID(e.id) && !isLive(&c.state, q.needs.live) {
		need = true
	}
	return need && !s.other(c, e.thing, e.adds, p, q.call)
}

func opposite(adds bool) want {
	if adds {
		return absent
	}
	return present
}

// class returns the callbacks of the ops that the moment registers; of others it is not known.
func (m *moment) class() entries { return m.writes }

// has reports whether the thing is there, and the callbacks that it has.
func has(s *model.State, t thing) (entries, bool) {
	if t.net {
		return 0, slices.Contains(s.Nets, model.NetID(t.id))
	}
	for _, e := range s.List {
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
func (s *search) other(c *config, t thing, adds bool, m *moment, by *call) bool {
	e := effect{t, adds, true}
	for q := range s.slots {
		rest := s.rest(c, q)
		for i := range rest {
			if &rest[i] != m && rest[i].effect == e {
				return true
			}
		}
	}
	return s.coming.any(e, s.called, by.Return)
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
