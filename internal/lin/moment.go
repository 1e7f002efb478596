// SPDX-License-Identifier: MIT

package lin

import (
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A moment is one step of an operation: the action that reproduces it and the
// answer that it must give. An action holds what the callers and the callbacks
// decide; all of that can be read off the answer:
//
//   - a call whose answer is not "" and in whose calls an init ran failed in
//     the last init that ran, which returned just that answer;
//   - with no init in its calls, EINTR was a cancelled wait, ENOMEM of a copy a failed
//     allocation, ENOSPC a quota, and everything else misuse, which the model answers by itself;
//   - if the calls were not recorded, an init may have returned the error wherever
//     the model does not answer it by itself. Which init it was makes no difference
//     to the state.
//
// So one action is enough. An operation
// that never returned is open: its moments may answer anything. Of its answers
// only success changes the state, but for a copy, which may also fail and then
// give its reference back: its second moment has two options.
type moment struct {
	call *call
	act  model.Action
	want model.Err
	open bool
	with bool // it is one step with the moment before it: the unlinks of a cleanup of several nets
	footprint
	needs needs
}

// momentsOf returns the moments of c in their order. With open, c is taken as
// one that never returned.
func momentsOf(c *call, open bool) []moment {
	var out []moment
	add := func(a model.Action, want model.Err) {
		out = append(out, moment{call: c, act: a, want: want, open: open})
	}
	open = open || c.Never
	switch c.Op {
	case wire.Copy:
		copyMoments(c, open, add)
	case wire.Cleanup:
		if len(c.parts) == 0 && !open {
			add(model.Action{Kind: model.Cleanup}, 0) // it fits nowhere
		}
		for _, kind := range model.CallOf(c.Op).Moments {
			for i, p := range c.parts {
				out = append(out, moment{call: p, act: model.Action{Kind: kind, Net: p.nets[0], Nets: p.nets}, open: open, with: kind == model.Cleanup && i > 0})
			}
		}
	case wire.List, wire.State:
		if !open {
			add(model.Action{Kind: model.CallOf(c.Op).Moments[0]}, 0)
		}
	default:
		add(model.Action{
			Kind: model.CallOf(c.Op).Moments[0], Ops: c.ops, NoInit: c.NoInit, NoExit: c.NoExit, Net: c.net,
			Cancel: !open && c.cancelled(), Fails: c.fails(open),
		}, c.Err)
	}
	for i := range out {
		out[i].footprint, out[i].needs = footprintOf(&out[i]), needsOf(&out[i])
	}
	return out
}

func copyMoments(c *call, open bool, add func(model.Action, model.Err)) {
	get := model.Action{Kind: model.CopyGet, Call: c.id, From: c.old}
	switch {
	case c.Share:
		add(model.Action{Kind: model.Share, From: c.old}, c.Err)
	case !open && c.Err == model.ENOENT && len(c.calls) == 0 && !c.Unknown: // an init may answer ENOENT as well, but then calls show it
		add(get, model.ENOENT)
	default:
		add(get, 0)
		add(model.Action{
			Kind: model.Copy, Call: c.id, Net: c.net, Fails: c.fails(open),
			AllocFail: !open && c.Err == model.ENOMEM && len(c.calls) == 0,
			Quota:     !open && c.Err == model.ENOSPC && len(c.calls) == 0,
			Cancel:    !open && c.cancelled(),
		}, c.Err)
		add(model.Action{Kind: model.CopyPut, Call: c.id}, 0)
	}
}

func (c *call) cancelled() bool { return c.Err == model.EINTR && len(c.calls) == 0 }

// maybeNoNet reports that the call may have been refused since the net that it
// copies was not there, or because an init returned just that.
func (c *call) maybeNoNet() bool {
	return c.Unknown && c.Op == wire.Copy && !c.Share && c.Err == model.ENOENT
}

// anyInit reports that only the init of some ops can explain why the copy failed,
// unless its name was in use.
func (c *call) anyInit() bool {
	return c.Unknown && c.Op == wire.Copy && !c.Share && c.Err != 0 &&
		!slices.Contains([]model.Err{model.ENOSPC, model.ENOMEM, model.EINTR}, c.Err)
}

// fails returns what the last init that ran returned, if that was not 0.
func (c *call) fails(open bool) []model.Fail {
	if open || c.Err == 0 {
		return nil
	}
	if c.Unknown { // whichever net the init of a register failed on, all is undone
		return []model.Fail{{Ops: c.ops, Net: model.InitNet, Err: c.Err}}
	}
	for _, cb := range slices.Backward(c.calls) {
		if !cb.Exit {
			return []model.Fail{{Ops: cb.Ops, Net: cb.Net, Err: c.Err}}
		}
	}
	return nil
}

// options returns how many ways the moment has.
func (m *moment) options() int {
	if m.open && m.act.Kind == model.Copy {
		return 2
	}
	return 1
}

// step takes the moment in s, in its way of that number; false if it cannot be
// taken there or would answer otherwise.
func (m *moment) step(s model.State, option int) (model.State, bool) {
	if m.call.maybeNoNet() && m.act.Kind != model.CopyGet && !underWay(&s, m.act.Call) {
		return s, true // refused at the first moment, so there is no other
	}
	t, ans, ok := s.Step(m.action(&s, option))
	switch fits := ok && m.fits(&ans, option); {
	case fits || !s.Modern:
		return t, fits
	case m.act.Kind == model.Free: // not possible: the last release frees the net
		return s, m.open || len(m.call.freed) == 0 && liveNet(&s, m.act.Net).Use > 0
	case slices.Contains([]model.Kind{model.Copy, model.Put, model.Release}, m.act.Kind):
		// No call tells when the net was freed whose last use was released after its
		// cleanup. It is taken as late as can be: now.
		if s, _, ok = s.Step(model.Action{Kind: model.Free, Net: m.act.Net}); ok {
			t, ans, ok = s.Step(m.action(&s, option))
			return t, ok && m.fits(&ans, option)
		}
	}
	return t, false
}

func underWay(s *model.State, c model.CallID) bool {
	return slices.ContainsFunc(s.Copies, func(x model.Copying) bool { return x.Call == c })
}

// action returns what the moment does in s.
func (m *moment) action(s *model.State, option int) model.Action {
	act := m.act
	act.AllocFail = act.AllocFail || option == 1
	if act.Kind == model.Copy && !m.open && m.call.anyInit() {
		// Whichever init it was, the net is not listed; the last one may have been.
		for _, e := range slices.Backward(s.List) {
			if !e.NoInit {
				act.Fails = []model.Fail{{Ops: e.Ops, Net: act.Net, Err: m.want}}
				break
			}
		}
	}
	return act
}

// fits reports whether ans is the answer that the operation gave.
func (m *moment) fits(ans *model.Answer, option int) bool {
	if m.open {
		return (ans.Err == 0) == (option == 0)
	}
	c := m.call
	switch m.act.Kind {
	case model.CopyGet, model.CopyPut:
		return ans.Err == m.want || c.maybeNoNet() && ans.Err == model.ENOENT
	case model.Free:
		return ans.Freed == model.NoNet && len(c.freed) == 0 || len(c.freed) == 1 && ans.Freed == c.freed[0]
	case model.List:
		return len(c.calls) == 0 && slices.Equal(ans.Nets, c.nets)
	case model.Snapshot:
		return len(c.calls) == 0 && ans.First == c.first && slices.Equal(ans.List, c.list) && slices.Equal(ans.Nets, c.nets)
	}
	return ans.Err == m.want && (c.Unknown || slices.Equal(ans.Calls, c.calls))
}

// eager reports that taking the moment as soon as it fits loses nothing: see reductions.go.
func (m *moment) eager() bool {
	if m.open {
		return false
	}
	switch m.act.Kind {
	case model.List, model.Snapshot:
		return true
	case model.CopyPut, model.Cleanup, model.Free:
		return false
	}
	return m.want != 0
}
