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

// id returns the number of the name; that of "" is 0.
func (t *table) id(name string) int32 {
	if name == "" {
		return 0
	}
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

func (n *names) callbacks(list []wire.Callback) (out []model.Callback) {
	for _, c := range list {
		out = append(out, model.Callback{Exit: c.Exit, Ops: n.op(c.Ops), Net: n.net(c.Net)})
	}
	return out
}

func (n *names) callbackNames(list []model.Callback) (out []wire.Callback) {
	for _, c := range list {
		out = append(out, wire.Callback{Exit: c.Exit, Ops: n.opName(c.Ops), Net: n.netName(c.Net)})
	}
	return out
}

// each applies f to each element.
func each[A, B any](list []A, f func(A) B) []B {
	out := make([]B, len(list))
	for i, x := range list {
		out[i] = f(x)
	}
	return out
}

// A usage collects the numbers that are still in use.
type usage struct{ nets, ops map[int32]bool }

func (u *usage) search(s *search) {
	if s == nil {
		return
	}
	for _, c := range s.set.items {
		for _, n := range c.state.Live {
			u.nets[int32(n.ID)] = true
		}
		for _, e := range c.state.List {
			u.ops[int32(e.Ops)] = true
		}
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
