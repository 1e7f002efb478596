// SPDX-License-Identifier: MIT

package lin

import (
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// Porcupine finds out late that it has listed two nets in the wrong order, for only
// who walks the list later can tell. Hints tell it, from all answers of the history:
//
//   - that one net stood before another: then the copy of the first came first,
//     for the list only grows at its tail;
//   - that nobody ever sees two nets together: then their order does not matter,
//     and states that differ in it alone are brought to one form.
//
// A net is told by its copy, since a name may be used again. Where the times
// leave open which copy made the net that an answer names, there is no hint. The
// checker has no hints: it leaves the order open (partial.go).
type hints struct {
	incs    []incarnation
	of      map[*call]int32       // the incarnation that a copy makes
	single  map[model.NetID]int32 // of names that are used once
	sighted map[[2]int32]int8     // what relation found
}

// An incarnation is one net that was made under some name.
type incarnation struct {
	seen []sighting // in order of observer
	wild bool       // somebody saw the head of the list up to it or behind it
	gone bool       // the window has its cleanup
}

// A sighting is the place of a net in one answer.
type sighting struct{ observer, place int32 }

// newHints looks at the answers of the first horizon returns. old says which
// names may be in use when the window begins.
func newHints(w *window, horizon int, old map[model.NetID]bool) *hints {
	h := &hints{
		incs: make([]incarnation, 1), of: map[*call]int32{},
		single: map[model.NetID]int32{}, sighted: map[[2]int32]int8{},
	}
	closed := make(map[*call]bool, horizon)
	for _, c := range w.returns[:horizon] {
		closed[c] = true
	}
	makers := map[model.NetID][]*call{} // by name, in order of time
	for _, c := range w.calls {
		if c.verb == wire.Copy && !c.share && (c.err == 0 || !closed[c]) {
			makers[c.net] = append(makers[c.net], c)
			h.of[c] = int32(len(h.incs))
			if len(makers[c.net]) == 1 && !old[c.net] {
				h.single[c.net] = int32(len(h.incs))
			} else {
				delete(h.single, c.net)
			}
			h.incs = append(h.incs, incarnation{})
		}
	}
	for i, c := range w.returns[:horizon] {
		nets, wild := c.walked()
		for place, n := range nets {
			if x := h.incarnation(n, c, makers[n], old[n], closed); x != 0 {
				inc := &h.incs[x]
				inc.seen = append(inc.seen, sighting{int32(i), int32(place)})
				inc.wild = inc.wild || wild
			}
		}
		if c.verb == wire.Cleanup && len(c.nets) == 1 {
			h.incs[h.single[c.nets[0]]].gone = true
		}
	}
	return h
}

// walked returns the nets that the call saw, in list order. After a failed
// register these are only the head of the list (wild).
func (c *call) walked() (nets []model.NetID, wild bool) {
	switch c.verb {
	case wire.List, wire.State:
		return c.nets, false
	case wire.RegisterSubsys, wire.RegisterDevice, wire.UnregisterSubsys, wire.UnregisterDevice:
		exits := c.verb == wire.UnregisterSubsys || c.verb == wire.UnregisterDevice
		for _, cb := range c.calls {
			if cb.Exit == exits {
				nets = append(nets, cb.Net)
			}
		}
		return nets, c.err != 0
	}
	return nil, false
}

// incarnation returns which copy made the net that c names, 0 if that is open. A
// copy that began after c returned did not; nor did one of which a later copy
// of the name returned before c began, since the net was freed by then.
func (h *hints) incarnation(n model.NetID, c *call, makers []*call, old bool, closed map[*call]bool) int32 {
	found, many := int32(0), old
	for _, m := range slices.Backward(makers) {
		if m.from > c.to {
			continue
		}
		if found != 0 {
			return 0
		}
		found = h.of[m]
		if closed[m] && m.to < c.from {
			return found
		}
	}
	if many {
		return 0
	}
	return found
}

// relation returns 1 if x was seen before y, -1 if behind it, 0 if the two were
// never seen together.
func (h *hints) relation(x, y int32) int8 {
	key := [2]int32{x, y}
	if r, ok := h.sighted[key]; ok {
		return r
	}
	a, b := h.incs[x].seen, h.incs[y].seen
	r := int8(0)
	for i, j := 0, 0; i < len(a) && j < len(b) && r == 0; {
		switch {
		case a[i].observer < b[j].observer:
			i++
		case a[i].observer > b[j].observer:
			j++
		case a[i].place < b[j].place:
			r = 1
		default:
			r = -1
		}
	}
	h.sighted[key] = r
	return r
}

// irrelevant reports that the order of x and y in the list never matters: no
// answer shows both, and before the next window one of them is gone.
func (h *hints) irrelevant(x, y int32) bool {
	if x == 0 || y == 0 {
		return false
	}
	a, b := &h.incs[x], &h.incs[y]
	return !a.wild && !b.wild && (a.gone || b.gone) && h.relation(x, y) == 0
}

// settle brings the list to one form after m has listed its net: the net moves
// up past those whose order with it does not matter, to the first with a larger
// number. The list is m's own, nobody else has it.
func (h *hints) settle(m *moment, nets []model.NetID) {
	y := h.single[m.call.net]
	last := len(nets) - 1
	to := last
	for k := last - 1; k >= 0 && h.irrelevant(h.single[nets[k]], y); k-- {
		if nets[k] > nets[last] {
			to = k
		}
	}
	n := nets[last]
	copy(nets[to+1:], nets[to:last])
	nets[to] = n
}
