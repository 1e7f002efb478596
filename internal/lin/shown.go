// SPDX-License-Identifier: MIT

package lin

import (
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A sight is what an answer shows of the order of a list: the members of a class,
// in their order. A walk that broke off shows only the first ones; the others of the
// class come after them.
type sight struct {
	chain []member
	class []member
}

// sights returns what the moment's answer shows in s.
func (m *moment) sights(s *model.State) []sight {
	c := m.call
	if m.open {
		return nil
	}
	switch m.act.Kind {
	case model.List, model.RegisterSubsys, model.RegisterDevice, model.UnregisterSubsys, model.UnregisterDevice:
		return []sight{{each(c.walked(), netMember), each(s.Nets, netMember)}}
	case model.Snapshot:
		return []sight{{each(c.nets, netMember), each(s.Nets, netMember)}, {members(s, c.list), entryMembers(s, all)}}
	case model.Copy, model.Cleanup:
		if c.Unknown {
			return nil
		}
		return c.walk(s)
	}
	return nil
}

// walked returns the nets that a list, a state, a register or an unregister saw, in list order.
func (c *call) walked() []model.NetID {
	if c.Op == wire.List || c.Op == wire.State {
		return c.nets
	}
	return netsOf(only(c.calls, c.Op == wire.UnregisterSubsys || c.Op == wire.UnregisterDevice))
}

// walk returns what the callbacks of a copy or a cleanup show of pernet_list. The
// exits of a copy ran on what is before the ops that failed, backwards.
func (c *call) walk(s *model.State) []sight {
	inits, exits := opsOf(only(c.calls, false)), opsOf(only(c.calls, true))
	slices.Reverse(exits)
	out := []sight{{members(s, inits), entryMembers(s, withInit)}}
	switch {
	case c.Op == wire.Cleanup:
		return []sight{{members(s, exits), entryMembers(s, withExit)}}
	case c.Err < 0 && len(inits) > 0:
		exits = append(exits, inits[len(inits)-1])
		out = append(out, sight{members(s, exits), entryMembers(s, withExit)})
	}
	return out
}

// members returns the members of pernet_list that are so named; an ops that is not there has none.
func members(s *model.State, list []model.OpsID) []member {
	var out []member
	for _, o := range list {
		if i := slices.IndexFunc(s.List, func(e model.Entry) bool { return e.Ops == o }); i >= 0 {
			out = append(out, entryMember(s.List[i]))
		}
	}
	return out
}

func entryMembers(s *model.State, class entries) []member {
	var out []member
	for _, e := range s.List {
		if class&entriesOf(e) != 0 {
			out = append(out, entryMember(e))
		}
	}
	return out
}

// see adds what is seen to the partial, as far as it can be; ok says that nothing
// contradicts it. The partial is copied before it changes.
func (p partial) see(sights []sight) (q partial, ok bool) {
	q, ok = p, true
	for _, si := range sights {
		for _, list := range []listed{subsystems, devices, nets} {
			var chain, rest []member
			for _, m := range si.chain {
				if m.list == list && q.find(m) != nil && !slices.Contains(chain, m) {
					chain = append(chain, m)
				}
			}
			for _, m := range si.class {
				if m.list == list && q.find(m) != nil && !slices.Contains(chain, m) {
					rest = append(rest, m)
				}
			}
			for i, m := range chain {
				after := rest
				if i+1 < len(chain) {
					after = chain[i+1 : i+2]
				}
				for _, later := range after {
					if q.find(m).precedes(q.find(later)) {
						continue
					}
					if &q[0] == &p[0] {
						q = slices.Clone(p)
					}
					ok = q.demand(q.find(m), q.find(later)) && ok
				}
			}
		}
	}
	return q, ok
}
