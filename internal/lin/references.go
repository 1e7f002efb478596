// SPDX-License-Identifier: MIT

package lin

import "example.com/pernet/model"

// counts reports that m takes a reference to a net that is there and that nothing can
// make anew before m's operation returns, and that whatever is pending on the net
// commutes with m or must come after it.
func (s *search) counts(c *config, i int, m *moment) bool {
	if m.open || m.on != inc || m.net == model.InitNet || !isLive(&c.state, m.net) ||
		s.other(c, thing{int32(m.net), true}, true, nil, m.call) {
		return false
	}
	for q := range s.slots {
		rest := s.rest(c, q)
		for j := range rest {
			if o := &rest[j]; q != i && o.net == m.net && (o.on == whole && o.needs.dead != m.net || o.on == dec && j+1 < len(rest)) {
				return false
			}
		}
	}
	return true
}

// spare returns how far, in any order of what is pending, the net's count stays above
// one (uses: its use count). At zero it does not come to where a put is refused or a cleanup
// possible. At -1 all that is pending can be put: each copy finds its reference when it
// gives it back. A copy that has not taken its reference yet gives back only what it took.
func (s *search) spare(c *config, n model.NetID, uses bool) int {
	const unknown = -1 << 20
	net := liveNet(&c.state, n)
	if net.ID == model.NoNet {
		return unknown
	}
	spare, less := int(net.Count)-1, dec
	if uses {
		spare, less = int(net.Use)-1, unuse
	}
	for q := range s.slots {
		ms := s.slots[q].moments
		for j := int(c.done[q]); j < len(ms); j++ {
			m := &ms[j]
			if m.on != less || m.net != n {
				continue
			}
			if m.act.Kind == model.CopyPut && int(c.done[q]) <= j-2 {
				continue // its own get comes first
			}
			spare--
		}
	}
	if spare < 0 && n == model.InitNet && !uses {
		return unknown
	}
	return spare
}
