// SPDX-License-Identifier: MIT

package replay

import (
	"cmp"
	"fmt"
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// modelSide does lines on the model.
type modelSide struct {
	discipline model.Discipline

	state     model.State
	ops, nets table         // of what is registered, and of the nets that are not freed
	queue     []model.NetID // nets whose count came to zero, oldest first
	armed     armed
}

func newModelSide(d model.Discipline) *modelSide {
	m := &modelSide{discipline: d, state: d.New(), ops: newTable(), nets: newTable(), armed: newArmed()}
	m.nets.add(wire.InitNet) // gets model.InitNet
	return m
}

// A table gives numbers from 1 to names.
type table struct {
	ids   map[string]int32
	names map[int32]string
	last  int32
}

func newTable() table { return table{ids: map[string]int32{}, names: map[int32]string{}} }

// id returns the number of name, 0 if it has none: no ops and no net has that number.
func (t *table) id(name string) int32 { return t.ids[name] }

// add returns the number of name, and whether it had none before.
func (t *table) add(name string) (id int32, fresh bool) {
	if id := t.ids[name]; id != 0 {
		return id, false
	}
	t.last++
	t.ids[name], t.names[t.last] = t.last, name
	return t.last, true
}

func (t *table) name(id int32) string { return t.names[id] }

func (t *table) drop(id int32) {
	delete(t.ids, t.names[id])
	delete(t.names, id)
}

func (m *modelSide) Do(l, r *wire.Line) error {
	switch l.Op {
	case wire.Reset:
		*m = *newModelSide(m.discipline)
	case wire.RegisterSubsys, wire.RegisterDevice:
		m.register(l, r, kindOf(l))
	case wire.UnregisterSubsys, wire.UnregisterDevice:
		m.unregister(l, r, kindOf(l))
	case wire.Copy:
		m.copy(l, r)
	case wire.Get, wire.Put, wire.Hold, wire.Release:
		m.refer(l, r, kindOf(l))
	case wire.Work:
		m.work(l, r)
	case wire.Fail, wire.FailAlloc:
		m.armed.arm(l)
	case wire.List: // the lists are the answer to every line
	default:
		return fmt.Errorf("op %q is not implemented", l.Op)
	}
	m.lists(r)
	return nil
}

// kindOf returns the action of a call that has one.
func kindOf(l *wire.Line) model.Kind { return model.CallOf(l.Op).Moments[0] }

// step takes one action, which must be possible, and adds its callbacks to r. Every armed
// failure is part of it: those of inits that do not run change nothing.
func (m *modelSide) step(a model.Action, r *wire.Line) model.Answer {
	for p, errs := range m.armed.inits {
		a.Fails = append(a.Fails, model.Fail{Ops: model.OpsID(m.ops.id(p.ops)), Net: model.NetID(m.nets.id(p.net)), Err: errs[0]})
	}
	next, ans, ok := m.state.Step(a)
	if !ok {
		panic("scenario: the model refuses " + string(a.Kind))
	}
	m.state, r.Err = next, ans.Err
	if a.Kind == model.Cleanup { // the same ops on all its nets, then the next ops
		slices.SortStableFunc(ans.Calls, func(x, y model.Callback) int {
			place := func(cb model.Callback) int {
				return slices.IndexFunc(next.List, func(e model.Entry) bool { return e.Ops == cb.Ops })
			}
			return cmp.Or(place(y)-place(x), slices.Index(a.Nets, x.Net)-slices.Index(a.Nets, y.Net))
		})
	}
	for _, c := range ans.Calls {
		call := wire.Callback{Exit: c.Exit, Ops: m.ops.name(int32(c.Ops)), Net: m.nets.name(int32(c.Net))}
		m.armed.take(call)
		r.Calls = append(r.Calls, call)
	}
	return ans
}

func (m *modelSide) register(l *wire.Line, r *wire.Line, kind model.Kind) {
	id, fresh := m.ops.add(l.Ops)
	m.step(model.Action{Kind: kind, Ops: model.OpsID(id), NoInit: l.NoInit, NoExit: l.NoExit}, r)
	if r.Err != 0 && fresh {
		m.ops.drop(id)
	}
}

func (m *modelSide) unregister(l *wire.Line, r *wire.Line, kind model.Kind) {
	id := m.ops.id(l.Ops)
	if m.step(model.Action{Kind: kind, Ops: model.OpsID(id)}, r); r.Err == 0 {
		m.ops.drop(id)
	}
}

func (m *modelSide) copy(l *wire.Line, r *wire.Line) {
	from := model.NetID(m.nets.id(l.From))
	if l.Share {
		m.step(model.Action{Kind: model.Share, From: from}, r)
		return
	}
	if m.step(model.Action{Kind: model.CopyGet, Call: 1, From: from}, r); r.Err != 0 {
		return
	}
	id, fresh := m.nets.add(l.Net)
	a := model.Action{Kind: model.Copy, Call: 1, Net: model.NetID(id), AllocFail: m.armed.allocs > 0}
	ans := m.step(a, r)
	if a.AllocFail && ans.Err == model.ENOMEM { // EEXIST comes before the allocation
		m.armed.takeAlloc()
	}
	if ans.Freed != model.NoNet {
		r.Freed = append(r.Freed, l.Net)
	}
	if ans.Err != 0 && fresh {
		m.nets.drop(id)
	}
	m.step(model.Action{Kind: model.CopyPut, Call: 1}, r)
	r.Err = ans.Err
}

func (m *modelSide) refer(l *wire.Line, r *wire.Line, kind model.Kind) {
	id := model.NetID(m.nets.id(l.Net))
	if m.step(model.Action{Kind: kind, Net: id}, r); r.Err != 0 {
		return
	}
	if kind == model.Release {
		m.free(id, r) // it was the last one of a net that is dying
	}
	if kind != model.Put {
		return
	}
	if _, _, zero := m.state.Step(model.Action{Kind: model.Cleanup, Nets: []model.NetID{id}}); zero {
		m.queue = append(m.queue, id)
	}
}

func (m *modelSide) work(l *wire.Line, r *wire.Line) {
	for round := 0; round < l.Max && len(m.queue) > 0; round++ {
		nets := m.take()
		m.step(model.Action{Kind: model.Cleanup, Nets: nets}, r)
		for _, id := range nets {
			if !m.free(id, r) {
				r.Kept = append(r.Kept, m.nets.name(int32(id)))
			}
		}
	}
}

// take takes from the queue what the next round cleans up: the oldest net or, since 4.17, all of
// them, newest first.
func (m *modelSide) take() []model.NetID {
	n := 1
	if m.discipline == model.RWSem {
		n = len(m.queue)
	}
	nets := slices.Clone(m.queue[:n])
	m.queue = m.queue[n:]
	slices.Reverse(nets)
	return nets
}

// free frees the net if it is dying and not in use.
func (m *modelSide) free(id model.NetID, r *wire.Line) bool {
	next, ans, ok := m.state.Step(model.Action{Kind: model.Free, Net: id})
	if ok {
		m.state = next
	}
	if ans.Freed == model.NoNet {
		return false
	}
	r.Freed = append(r.Freed, m.nets.name(int32(id)))
	m.nets.drop(int32(id))
	return true
}

func (m *modelSide) lists(r *wire.Line) {
	for _, e := range m.state.List {
		r.PernetList = append(r.PernetList, m.ops.name(int32(e.Ops)))
	}
	if o := m.state.FirstDevice; o != model.NoOps {
		r.FirstDevice = m.ops.name(int32(o))
	}
	for _, n := range m.state.Nets {
		r.Nets = append(r.Nets, m.nets.name(int32(n)))
	}
}
