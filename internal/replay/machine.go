// SPDX-License-Identifier: MIT

package replay

import (
	"cmp"
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A Machine is the contract for one thread: each line is a whole call, and the worker runs only in
// a work. Copies of a machine do not change each other.
//
// The contract has no deferred callbacks. They are added here: an exit of an ops that defers adds
// one, and those that are pending run where a call has a barrier.
type Machine struct {
	model.State
	Queue   []model.NetID   // nets whose count came to zero, oldest first
	Defers  []string        // the registered ops whose exits defer
	Pending []wire.Callback // deferred ones, oldest first
}

// Names are the names of the numbers in a machine.
type Names interface {
	Ops(model.OpsID) string
	Net(model.NetID) string
}

// Do does a line that is a call or a work, and adds its answer to r, without the lists. a has what
// the line asks in numbers, and the armed failures.
func (m *Machine) Do(l, r *wire.Line, a model.Action, names Names) {
	switch {
	case l.Op == wire.Work:
		for round := 0; round < l.Max && len(m.Queue) > 0; round++ {
			m.cleanup(r, names)
		}
	case l.Op == wire.Copy && !l.Share:
		m.copy(r, a, names)
	case l.Ops != "":
		m.onOps(l, r, a, names)
	default:
		if a.Kind = model.Share; l.Op != wire.Copy {
			a.Kind = model.CallOf(l.Op).Moments[0]
		}
		m.step(r, a, names)
		zero := func(n model.Net) bool { return n.ID == a.Net && n.Count == 0 }
		switch {
		case r.Err != 0:
		case a.Kind == model.Put && slices.ContainsFunc(m.Live, zero):
			m.Queue = append(slices.Clip(m.Queue), a.Net)
		case a.Kind == model.Release:
			m.free(a.Net, r, names) // since 4.17, the last one of a net that is dying frees it
		}
	}
}

// onOps registers or unregisters. In 2009 neither has a barrier.
func (m *Machine) onOps(l, r *wire.Line, a model.Action, names Names) {
	is := func(e model.Entry) bool { return e.Ops == a.Ops }
	before := slices.ContainsFunc(m.List, is)
	if l.Defers && !before {
		m.Defers = append(slices.Clip(m.Defers), l.Ops)
	}
	a.Kind = model.CallOf(l.Op).Moments[0]
	m.step(r, a, names)
	if slices.ContainsFunc(m.List, is) {
		return
	}
	m.Defers = slices.DeleteFunc(slices.Clone(m.Defers), func(ops string) bool { return ops == l.Ops })
	if m.Modern && (before || len(r.Calls) > 0) { // an unregister, or a register that was undone
		m.RunDeferred(r)
	}
}

// RunDeferred runs the deferred callbacks that are pending.
func (m *Machine) RunDeferred(r *wire.Line) {
	r.Calls = append(r.Calls, m.Pending...)
	m.Pending = nil
}

// step takes one action, which must be possible, and adds its answer to r.
func (m *Machine) step(r *wire.Line, a model.Action, names Names) {
	next, ans, ok := m.State.Step(a)
	if !ok {
		panic("scenario: the model refuses " + string(a.Kind))
	}
	if a.Kind == model.Cleanup { // the same ops on all its nets, then the next ops
		slices.SortStableFunc(ans.Calls, func(x, y model.Callback) int {
			place := func(cb model.Callback) int {
				return slices.IndexFunc(next.List, func(e model.Entry) bool { return e.Ops == cb.Ops })
			}
			return cmp.Or(place(y)-place(x), slices.Index(a.Nets, x.Net)-slices.Index(a.Nets, y.Net))
		})
	}
	m.State, r.Err = next, ans.Err
	for _, c := range ans.Calls {
		ran := wire.Callback{Exit: c.Exit, Ops: names.Ops(c.Ops), Net: names.Net(c.Net)}
		if r.Calls = append(r.Calls, ran); c.Exit && slices.Contains(m.Defers, ran.Ops) {
			m.Pending = append(slices.Clip(m.Pending), wire.Callback{Deferred: true, Ops: ran.Ops, Net: ran.Net})
		}
	}
	if ans.Freed != model.NoNet {
		r.Freed = append(r.Freed, names.Net(ans.Freed))
	}
}

func (m *Machine) copy(r *wire.Line, a model.Action, names Names) {
	if m.step(r, model.Action{Kind: model.CopyGet, Call: 1, From: a.From}, names); r.Err != 0 {
		return
	}
	a.Kind, a.Call = model.Copy, 1
	m.step(r, a, names)
	if r.Err < 0 && len(r.Calls) > 0 { // an init failed, and the undo ends in a barrier
		m.RunDeferred(r)
	}
	err := r.Err
	m.step(r, model.Action{Kind: model.CopyPut, Call: 1}, names)
	r.Err = err
}

// cleanup is one round of the worker: the oldest net or, since 4.17, all of them, newest first.
func (m *Machine) cleanup(r *wire.Line, names Names) {
	n := 1
	if m.Modern {
		n = len(m.Queue)
	}
	nets := slices.Clone(m.Queue[:n])
	slices.Reverse(nets)
	m.Queue = m.Queue[n:]
	m.step(r, model.Action{Kind: model.Cleanup, Nets: nets}, names)
	m.RunDeferred(r)
	for _, id := range nets {
		if !m.free(id, r, names) {
			r.Kept = append(r.Kept, names.Net(id))
		}
	}
}

// free frees the net if it is dying and not in use.
func (m *Machine) free(id model.NetID, r *wire.Line, names Names) bool {
	free, before := model.Action{Kind: model.Free, Net: id}, len(r.Freed)
	if _, _, ok := m.State.Step(free); ok {
		m.step(r, free, names)
	}
	return len(r.Freed) > before
}

// Lists adds the lists to r.
func (m *Machine) Lists(r *wire.Line, names Names) {
	for _, e := range m.List {
		r.PernetList = append(r.PernetList, names.Ops(e.Ops))
	}
	r.FirstDevice = names.Ops(m.FirstDevice)
	for _, n := range m.Nets {
		r.Nets = append(r.Nets, names.Net(n))
	}
}
