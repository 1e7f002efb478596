// SPDX-License-Identifier: MIT

package explore

import (
	"errors"
	"strings"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
)

// look reads the registry, unless nothing has moved since it did last. It is called before
// anything that depends on it, not after each step, for it costs as much as one.
func (w *world) look() *hook.View {
	if w.fresh {
		return &w.view
	}
	w.fresh = true
	w.d.View(&w.view)
	for _, n := range w.view.Nets {
		if n.Listed {
			w.nets[digit(n.Name)] = n.Net.(*impl.Net)
		}
	}
	return &w.view
}

// own keeps book of who holds the locks, after a step of that thread.
func (w *world) own(thread string) {
	held := func(held bool, owner *uint8) {
		switch {
		case !held:
			*owner = none
		case *owner == none:
			*owner = uint8(w.number(thread))
		}
	}
	held(w.d.Locks[0].Held(), &w.netMutex)
	held(w.d.Locks[1].Held(), &w.rtnl)
}

// state is the state between two steps.
func (w *world) state() State {
	s := w.shared()
	for i := range w.s.Len() {
		if t := w.number(w.s.Name(i)); t >= 0 {
			s.Threads[t] = w.record(t, w.s.At(i))
		}
	}
	if w.in.blind != nil {
		w.in.blind(&s)
	}
	return s
}

// shared is the state without its threads, as if all were idle.
func (w *world) shared() State {
	v := w.look()
	s := State{PC: w.pc, First: none, NetMutex: w.netMutex, Rtnl: w.rtnl, Deferred: w.deferred, Balance: w.balance}
	fill(s.List[:])
	for i, o := range v.PernetList {
		s.List[i] = digit(o.Name)
		s.Kind[digit(o.Name)] = 1
		if o.Device {
			s.Kind[digit(o.Name)] = 2
		}
	}
	if v.FirstDevice != "" {
		s.First = digit(v.FirstDevice)
	}
	fill(s.Nets[:])
	for i, n := range v.NetList {
		s.Nets[i] = digit(n)
	}
	fill(s.Queue[:])
	for i, n := range v.WorkQueue {
		s.Queue[i] = digit(n)
	}
	for _, n := range v.Nets {
		i := digit(n.Name)
		s.Count[i], s.Use[i] = uint8(n.Count), uint8(n.Use)
		s.Phase[i] = w.phase(n)
	}
	for t := range s.Threads {
		s.Threads[t] = idle
	}
	return s
}

func fill(s []uint8) {
	for i := range s {
		s[i] = none
	}
}

func (w *world) phase(n hook.ViewNet) uint8 {
	switch {
	case n.Kept:
		return 4
	case n.Listed:
		return 2
	case n.Net == any(w.nets[digit(n.Name)]): // it was listed
		return 3
	}
	return 1
}

// record gives a point the form of the spec's thread record: the locals that
// the step or a later one reads.
func (w *world) record(t int, p hook.Point) Thread {
	at := p.Name
	switch {
	case at == "CleanupNetLock", at == begins:
		return idle
	case at == "CopyNetNsUnlock" && p.Err != nil:
		at = "CopyNetNsUnlockFail"
	}
	r := idle
	code, ok := pointCode[at]
	if !ok {
		panic("explore: spec/netns.tla has no point " + at)
	}
	r.At = code
	if p.Err != nil {
		r.Err = errCode(p.Err)
	}
	if p.Ops != "" {
		r.Ops = digit(p.Ops)
	}
	if p.Net != "" {
		r.Net = digit(p.Net)
	}
	if p.Other != "" && (p.Gone == nil || !p.Gone()) {
		r.Other = digit(p.Other)
	}
	r.Waits = w.waits[t]
	switch at {
	case "RegisterLink", "RegisterInit":
		r.Kind = w.kind[t]
	case "RegisterUnlock":
		if r.Err != 0 {
			r.Ops = none
		} else {
			r.Kind = w.kind[t]
		}
	case "RegisterUndo":
		r.Other = w.failed[t]
	case "UnregisterUnlock":
		if r.Err != 0 {
			r.Ops = none
		}
	case "CopyNetNsUnlock":
		r.Net = none
	case "CopyNetNsPut", "CopyNetNsQueue":
		if r.Err == 0 {
			r.Net = none
		}
	}
	return r
}

func errCode(err error) uint8 {
	for i, name := range []error{nil, impl.ErrNoMemory, impl.ErrExist, impl.ErrNotFound, impl.ErrInvalid, impl.ErrInterrupted} {
		if i > 0 && errors.Is(err, name) {
			return uint8(i)
		}
	}
	if errors.Is(err, errFail) {
		return 1
	}
	panic("explore: an error that no step answers: " + err.Error())
}

// answer makes the outcome of a step from what its call returned.
func (w *world) answer(err error) {
	switch {
	case err == nil || w.outcome != "":
	case errors.Is(err, errFail):
		w.outcome = "Fail"
	default:
		w.outcome = strings.ToUpper(errs[errCode(err)])
	}
}
