// SPDX-License-Identifier: MIT

package lin

import "example.com/pernet/model"

// Waiting returns the nets that are dead and that no cleanup has taken, at the end of what the checker
// was given. Where every call has returned, the answers alone give each net its count and its
// cleanups, so all configurations agree. A call that never returned may be such a cleanup: then
// there is no telling, and Waiting returns none, as it does for a history that is not linearizable.
func (c *Checker) Waiting() (nets []string) {
	if c.result.Verdict != Linearizable || len(c.nulls) > 0 {
		return nil
	}
	for _, n := range c.search.set.items[0].state.Live {
		if n.Count == 0 && n.Phase == model.Listed {
			nets = append(nets, c.names.netName(n.ID))
		}
	}
	return nets
}
