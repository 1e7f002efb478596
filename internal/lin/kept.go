// SPDX-License-Identifier: MIT

package lin

import (
	"slices"

	"example.com/pernet/model"
)

// Between windows, kept nets are put aside, and since 4.17 all that are dying. They stay for
// ever, or until a last release that no call shows. So a long history may have thousands of
// them, and each step would carry them all; but no operation shows them unless it names one. A
// net is put aside only where all configurations agree on it, and comes back when it is named.

// park puts kept nets aside.
func (c *Checker) park() {
	items := c.search.set.items
	for _, n := range slices.Clone(items[0].state.Live) {
		if n.Phase == model.Listed || n.Phase == model.Dying && c.discipline != model.RWSem || slices.ContainsFunc(items, func(c config) bool { return !slices.Contains(c.state.Live, n) }) {
			continue
		}
		c.parked[n.ID] = n
		c.search.live(func(live []model.Net) []model.Net {
			return slices.DeleteFunc(live, func(l model.Net) bool { return l.ID == n.ID })
		})
	}
}

// unpark brings back the nets that the calls name, and those that a call that
// never returned may still name.
func (c *Checker) unpark(calls []*call) {
	for _, x := range slices.Concat(calls, c.nulls) {
		for _, id := range append([]model.NetID{x.net, x.old}, x.nets...) {
			n, ok := c.parked[id]
			if !ok {
				continue
			}
			delete(c.parked, id)
			back := func(live []model.Net) []model.Net {
				at, _ := slices.BinarySearchFunc(live, n.ID, func(l model.Net, id model.NetID) int { return int(l.ID) - int(id) })
				return slices.Insert(live, at, n)
			}
			c.search.live(back)
			if c.dropped.from != nil {
				c.dropped.from.live(back)
			}
		}
	}
}

// live changes the nets of every configuration.
func (s *search) live(change func(own []model.Net) []model.Net) {
	for i := range s.set.items {
		state := &s.set.items[i].state
		state.Live = change(slices.Clone(state.Live))
	}
	s.set.index = nil
}
