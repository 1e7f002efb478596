// SPDX-License-Identifier: MIT

// Package mutex is the discipline of spec/netns.tla: net_mutex protects everything, and rtnl,
// inside it, the list of nets. It has the yield points of impl, the states, and the claims
// about them.
package mutex

import (
	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/sched"
)

// An Instance is a finite instance of spec/netns.tla.
type Instance struct{ clients.Instance }

// ReadInstance reads the constants of a spec/MCnetns*.cfg.
func ReadInstance(path string) (*Instance, error) {
	in, err := clients.ReadInstance(path, "Positive", "Cancel", "Boot")
	return &Instance{in}, err
}

// With returns the instance with fixed programs, as clients.Instance.With does.
func (in *Instance) With(before []clients.Call, programs ...[]clients.Call) (*Instance, error) {
	with, err := in.Instance.With(before, programs...)
	return &Instance{with}, err
}

// A Run is the code of impl under a scheduler.
type Run struct{ clients.World }

// NewRun returns a run of the instance; its Reset has not been called.
func (in *Instance) NewRun() explore.Run[State] {
	r := new(Run)
	r.Init(&in.Instance, func(op string) func() bool {
		switch pointOf(op).takes {
		case onlyMutex:
			return func() bool { return r.Owner[netMutex] == none }
		case onlyRtnl:
			return func() bool { return r.Owner[rtnl] == none }
		}
		return nil
	})
	return r
}

// Take takes the next step of a thread. The label is the step's point and its outcome.
func (r *Run) Take(c sched.Choice) (label string, offers int) {
	_, offers = r.World.Take(c)
	return r.Step + r.Outcome, offers
}

// State returns the current state. It must not be called during a step.
func (r *Run) State() State {
	v, s := r.Look(), blank
	s.PC, s.NetMutex, s.Rtnl = r.PC, r.Owner[netMutex], r.Owner[rtnl]
	s.Deferred, s.Balance, s.First = uint16(r.Deferred), r.Balance, clients.Slot(v.FirstDevice)
	r.ReadOps(&s.List, &s.Kind)
	copy(s.Nets[:], clients.Slots(v.NetList))
	copy(s.Queue[:], clients.Slots(v.WorkQueue))
	for _, n := range v.Nets {
		i := clients.Slot(n.Name)
		s.Count[i], s.Use[i], s.Phase[i] = uint8(n.Count), uint8(n.Use), r.Phase(n)
	}
	for t, p := range r.Threads() {
		s.Threads[t] = r.thread(t, p)
	}
	return s
}

// thread returns the spec's thread record for a point: the locals that the step or a later
// one reads.
func (r *Run) thread(t int, p hook.Point) Thread {
	at := p.Name
	if at == "CopyNetNsUnlock" && p.Err != nil {
		at = "CopyNetNsUnlockFail"
	}
	code, ok := pointCode[at]
	if !ok {
		panic("explore: spec/netns.tla has no point " + at)
	}
	if int(code) >= len(statePoints) {
		return idle
	}
	out := Thread{At: code, Ops: clients.Slot(p.Ops), Net: clients.Slot(p.Net), Other: none, Err: clients.ErrCode(p.Err), Waits: uint16(r.Waits[t])}
	if p.Other != "" && (p.Gone == nil || !p.Gone()) {
		out.Other = clients.Slot(p.Other)
	}
	switch at {
	case "RegisterLink", "RegisterInit":
		out.Kind = r.Kind[t]
	case "RegisterUnlock":
		if out.Kind = r.Kind[t]; out.Err != 0 {
			out.Kind, out.Ops = 0, none
		}
	case "RegisterUndo":
		out.Other = r.Failed[t]
	case "UnregisterUnlock":
		if out.Err != 0 {
			out.Ops = none
		}
	case "CopyNetNsUnlock":
		out.Net = none
	case "CopyNetNsPut", "CopyNetNsQueue":
		if out.Err == 0 {
			out.Net = none
		}
	}
	return out
}
