// SPDX-License-Identifier: MIT

package lin

import (
	"slices"

	"example.com/pernet/model"
)

// Between windows, kept nets are put aside. They stay for ever, so a long
// history may have thousands, and each step would carry them all; but nothing
// shows them any more unless an operation names one. A net is put aside only
// where all configurations agree on it, and comes back when it is named.

// park puts kept nets aside.
func (c *Checker) park() {
	items := c.search.set.items
	for _, n := range slices.Clone(items[0].state.Live) {
		if n.Phase != model.Kept || slices.ContainsFunc(items, func(c config) bool { return !slices.Contains(c.state.Live, n) }) {
			continue
		}
		c.parked[n.ID] = n
		for i := range items {
			s := items[i].state
			s.Live = slices.DeleteFunc(slices.Clone(s.Live), func(l model.Net) bool { return l.ID == n.ID })
			items[i] = newConfig(s, items[i].order, items[i].done)
		}
	}
	c.search.set.index = nil
}

// unpark brings back the nets that the calls name, and those that a call that
// never returned may still name.
func (c *Checker) unpark(calls []*call) {
	for _, list := range [][]*call{calls, c.nulls} {
		for _, x := range list {
			for _, id := range append([]model.NetID{x.net, x.old}, x.nets...) {
				if n, ok := c.parked[id]; ok {
					delete(c.parked, id)
					c.bringBack(n)
				}
			}
		}
	}
}

func (c *Checker) bringBack(n model.Net) {
	for _, search := range c.searches() {
		items := search.set.items
		for i := range items {
			s := items[i].state
			at, _ := slices.BinarySearchFunc(s.Live, n.ID, func(l model.Net, id model.NetID) int { return int(l.ID) - int(id) })
			s.Live = slices.Insert(slices.Clone(s.Live), at, n)
			items[i] = newConfig(s, items[i].order, items[i].done)
		}
		search.set.index = nil
	}
}
