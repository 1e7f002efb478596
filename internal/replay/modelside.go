// SPDX-License-Identifier: MIT

package replay

import (
	"fmt"
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// modelSide does lines on the model.
type modelSide struct {
	discipline model.Discipline

	machine   Machine
	ops, nets table // of what is registered, and of the nets that are not freed
	armed     armed
}

func newModelSide(d model.Discipline) *modelSide {
	m := &modelSide{discipline: d, machine: Machine{State: d.New()}, ops: newTable(), nets: newTable(), armed: newArmed()}
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

// add returns the number of name, which it gives to one that has none; "" has none.
func (t *table) add(name string) int32 {
	if id := t.ids[name]; id != 0 || name == "" {
		return id
	}
	t.last++
	t.ids[name], t.names[t.last] = t.last, name
	return t.last
}

func (t *table) drop(name string) {
	delete(t.names, t.ids[name])
	delete(t.ids, name)
}

// Ops returns the name of an ops, and Net that of a net; "" for none.
func (m *modelSide) Ops(id model.OpsID) string { return m.ops.names[int32(id)] }

func (m *modelSide) Net(id model.NetID) string { return m.nets.names[int32(id)] }

func (m *modelSide) Do(l, r *wire.Line) error {
	switch l.Op {
	case wire.Reset:
		*m = *newModelSide(m.discipline)
	case wire.Fail, wire.FailAlloc:
		m.armed.arm(l)
	case wire.RegisterSubsys, wire.RegisterDevice, wire.UnregisterSubsys, wire.UnregisterDevice,
		wire.Copy, wire.Get, wire.Put, wire.Hold, wire.Release, wire.Work:
		m.call(l, r)
	case wire.Barrier, wire.RunDeferred:
		m.machine.RunDeferred(r)
	case wire.List: // the lists are the answer to every line
	default:
		return fmt.Errorf("op %q is not implemented", l.Op)
	}
	m.machine.Lists(r, m)
	return nil
}

// call does a line with all armed failures: those of inits that do not run change nothing. New
// names get numbers, and names of what is not there afterwards lose them.
func (m *modelSide) call(l, r *wire.Line) {
	a := model.Action{
		Ops: model.OpsID(m.ops.add(l.Ops)), NoInit: l.NoInit, NoExit: l.NoExit,
		Net: model.NetID(m.nets.add(l.Net)), From: model.NetID(m.nets.id(l.From)),
		AllocFail: m.armed.nextAlloc() == model.ENOMEM, Quota: m.armed.nextAlloc() == model.ENOSPC,
	}
	for p, errs := range m.armed.inits {
		a.Fails = append(a.Fails, model.Fail{Ops: model.OpsID(m.ops.id(p.ops)), Net: model.NetID(m.nets.id(p.net)), Err: errs[0]})
	}
	m.machine.Do(l, r, a, m)
	for _, c := range r.Calls {
		m.armed.take(c)
	}
	if l.Op == wire.Copy && (a.AllocFail || a.Quota) && r.Err == m.armed.nextAlloc() { // EEXIST comes before the allocation
		_ = m.armed.takeAlloc()
	}
	if !slices.ContainsFunc(m.machine.List, func(e model.Entry) bool { return e.Ops == a.Ops }) {
		m.ops.drop(l.Ops)
	}
	if !slices.ContainsFunc(m.machine.Live, func(n model.Net) bool { return n.ID == a.Net }) {
		m.nets.drop(l.Net)
	}
	for _, name := range r.Freed {
		m.nets.drop(name)
	}
}
