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
	from, offers := r.World.Take(c)
	if r.Step == "CopyNetNsListAdd" {
		r.Look() // clients now use this net for its slot
	}
	t := r.Number(c.Thread)
	if t < 0 {
		return r.Step + r.Outcome, offers
	}
	switch {
	case r.Step == "SetupNetBarrier", r.Step == "CleanupNetBarrier", r.Step == "RcuBarrier":
		r.Waits[t] = r.Deferred
	case r.Step == "CopyNetNsUnlock" && from.Err != nil:
		r.Outcome = "Fail"
	case r.Step == "PutNet" && r.isAt(c.Thread, "PutNetQueue"), r.Step == "CopyNetNsPut" && r.isAt(c.Thread, "CopyNetNsQueue"):
		r.Outcome = "Zero"
	}
	return r.Step + r.Outcome, offers
}

func (r *Run) isAt(thread, point string) bool {
	i := r.S.Find(thread)
	return i >= 0 && r.S.At(i).Name == point
}

// State returns the current state. It must not be called during a step.
func (r *Run) State() State {
	v, s := r.Look(), blank
	s.PC, s.NetMutex, s.Rtnl = r.PC, r.Owner[netMutex], r.Owner[rtnl]
	s.Deferred, s.Balance, s.First = r.Deferred, r.Balance, clients.Slot(v.FirstDevice)
	for i, o := range v.PernetList {
		s.List[i] = clients.Slot(o.Name)
		s.Kind[s.List[i]] = subsys
		if o.Device {
			s.Kind[s.List[i]] = device
		}
	}
	for i, n := range v.NetList {
		s.Nets[i] = clients.Slot(n)
	}
	for i, n := range v.WorkQueue {
		s.Queue[i] = clients.Slot(n)
	}
	for _, n := range v.Nets {
		i := clients.Slot(n.Name)
		s.Count[i], s.Use[i], s.Phase[i] = uint8(n.Count), uint8(n.Use), r.phase(n)
	}
	for i := range r.S.Len() {
		if t := r.Number(r.S.Name(i)); t >= 0 {
			s.Threads[t] = r.thread(t, r.S.At(i))
		}
	}
	return s
}

func (r *Run) phase(n hook.ViewNet) uint8 {
	switch {
	case n.Kept:
		return kept
	case n.Listed:
		return listed
	case n.Net == any(r.Nets[clients.Slot(n.Name)]): // it was listed
		return dying
	}
	return fresh
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
	out := Thread{At: code, Ops: clients.Slot(p.Ops), Net: clients.Slot(p.Net), Other: none, Err: clients.ErrCode(p.Err), Waits: r.Waits[t]}
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
