// SPDX-License-Identifier: MIT

package lin

import (
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// names gives numbers to the names of ops and nets. A number is never used
// again; a name is forgotten once no state and no open operation knows it, so
// that a million nets that came and went cost nothing.
type names struct{ ops, nets table }

type table struct {
	ids  map[string]int32
	back map[int32]string
	last int32
}

func newNames() *names {
	n := &names{ops: newTable(), nets: newTable()}
	n.net(wire.InitNet) // gets model.InitNet
	return n
}

func newTable() table { return table{ids: map[string]int32{}, back: map[int32]string{}} }

func (t *table) id(name string) int32 {
	if id, ok := t.ids[name]; ok {
		return id
	}
	t.last++
	t.ids[name] = t.last
	t.back[t.last] = name
	return t.last
}

// keep forgets every name but those that used tells.
func (t *table) keep(used map[int32]bool) {
	for id, name := range t.back {
		if !used[id] {
			delete(t.back, id)
			delete(t.ids, name)
		}
	}
}

func (n *names) op(name string) model.OpsID    { return model.OpsID(n.ops.id(name)) }
func (n *names) net(name string) model.NetID   { return model.NetID(n.nets.id(name)) }
func (n *names) opName(id model.OpsID) string  { return n.ops.back[int32(id)] }
func (n *names) netName(id model.NetID) string { return n.nets.back[int32(id)] }

func (n *names) callbacks(list []wire.Callback) []model.Callback {
	if len(list) == 0 {
		return nil
	}
	out := make([]model.Callback, len(list))
	for i, c := range list {
		out[i] = model.Callback{Exit: c.Exit, Ops: n.op(c.Ops), Net: n.net(c.Net)}
	}
	return out
}

func (n *names) callbackNames(list []model.Callback) []wire.Callback {
	var out []wire.Callback
	for _, c := range list {
		out = append(out, wire.Callback{Exit: c.Exit, Ops: n.opName(c.Ops), Net: n.netName(c.Net)})
	}
	return out
}

func (n *names) netIDs(list []string) []model.NetID {
	var out []model.NetID
	for _, s := range list {
		out = append(out, n.net(s))
	}
	return out
}

func (n *names) netNames(list []model.NetID) []string {
	out := []string{}
	for _, id := range list {
		out = append(out, n.netName(id))
	}
	return out
}

func (n *names) opIDs(list []string) []model.OpsID {
	var out []model.OpsID
	for _, s := range list {
		out = append(out, n.op(s))
	}
	return out
}

func (n *names) opNames(list []model.OpsID) []string {
	out := []string{}
	for _, id := range list {
		out = append(out, n.opName(id))
	}
	return out
}

// A usage collects the numbers that are still in use.
type usage struct{ nets, ops map[int32]bool }

func (u *usage) state(s *model.State) {
	for _, n := range s.Live {
		u.nets[int32(n.ID)] = true
	}
	for _, e := range s.List {
		u.ops[int32(e.Ops)] = true
	}
}

func (u *usage) call(c *call) {
	u.nets[int32(c.net)], u.nets[int32(c.old)] = true, true
	u.ops[int32(c.ops)], u.ops[int32(c.first)] = true, true
	for _, list := range [][]model.NetID{c.nets, c.freed} {
		for _, n := range list {
			u.nets[int32(n)] = true
		}
	}
	for _, o := range c.list {
		u.ops[int32(o)] = true
	}
	for _, cb := range c.calls {
		u.ops[int32(cb.Ops)], u.nets[int32(cb.Net)] = true, true
	}
}
