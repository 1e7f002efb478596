// SPDX-License-Identifier: MIT

package vectors

import (
	"cmp"
	"slices"
	"strconv"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// An action is one call, with the failure that is armed for it.
type action struct {
	op             string
	ops            model.OpsID
	noInit, noExit bool
	net            model.NetID // of a copy, the new net
	from           model.NetID
	share          bool  // copy with newnet false
	max            int   // work
	alloc          bool  // copy: the allocation fails
	fail           fails // no failure if its err is 0
}

// fails is model.Fail.
type fails = model.Fail

// opsName and netName are the names in the vectors: a, b, …, and init_net, n1, n2, ….
func opsName(o model.OpsID) string {
	if o == model.NoOps {
		return ""
	}
	return string(rune('a' + o - 1))
}

func netName(n model.NetID) string {
	switch n {
	case model.NoNet:
		return ""
	case model.InitNet:
		return wire.InitNet
	}
	return "n" + strconv.Itoa(int(n-1))
}

// lines returns the action as lines of a scenario: the failure that it arms, if any, and the call.
func (a action) lines() []wire.Line {
	var lines []wire.Line
	if a.alloc {
		lines = append(lines, wire.Line{Op: wire.FailAlloc})
	}
	if a.fail.Err != 0 {
		lines = append(lines, wire.Line{Op: wire.Fail, Ops: opsName(a.fail.Ops), Net: netName(a.fail.Net), Err: a.fail.Err})
	}
	return append(lines, wire.Line{
		Op: a.op, Ops: opsName(a.ops), NoInit: a.noInit, NoExit: a.noExit,
		Net: netName(a.net), From: netName(a.from), Share: a.share, Max: a.max,
	})
}

// A state is what one thread can bring about between two calls.
type state struct {
	model.State
	queue []model.NetID // nets that wait for their cleanup, oldest first
}

func start(d model.Discipline) state { return state{State: d.New()} }

// key is equal for equal states only.
func (s state) key() string {
	b := s.AppendKey(make([]byte, 0, 64))
	b = append(b, 0xff)
	for _, n := range s.queue {
		b = append(b, byte(n))
	}
	return string(b)
}

// net returns the net of that name, or a free one.
func (s state) net(id model.NetID) (n model.Net, known bool) {
	i := slices.IndexFunc(s.Live, func(n model.Net) bool { return n.ID == id })
	if i < 0 {
		return n, false
	}
	return s.Live[i], true
}

func (s state) entry(o model.OpsID) (e model.Entry, registered bool) {
	i := slices.IndexFunc(s.List, func(e model.Entry) bool { return e.Ops == o })
	if i < 0 {
		return e, false
	}
	return s.List[i], true
}

// do takes the action, and returns the new state and the result of the call's line.
func (s state) do(a action) (state, wire.Line) {
	r := wire.Line{Op: a.op}
	switch a.op {
	case wire.List:
	case wire.Work:
		for round := 0; round < a.max && len(s.queue) > 0; round++ {
			s.cleanup(&r)
		}
	case wire.Copy:
		s.copy(a, &r)
	default:
		x := model.Action{Kind: model.CallOf(a.op).Moments[0], Ops: a.ops, Net: a.net, NoInit: a.noInit, NoExit: a.noExit}
		if a.fail.Err != 0 {
			x.Fails = []model.Fail{a.fail}
		}
		s.step(x, &r)
		n, _ := s.net(a.net)
		switch {
		case r.Err != 0:
		case a.op == wire.Put && n.Count == 0:
			s.queue = append(slices.Clone(s.queue), a.net)
		case a.op == wire.Release:
			s.free(a.net, &r) // since 4.17, the last one of a net that is dying frees it
		}
	}
	s.lists(&r)
	return s, r
}

// step takes an action of the model that must be possible, and adds its answer to r.
func (s *state) step(x model.Action, r *wire.Line) model.Answer {
	next, ans, ok := s.State.Step(x)
	if !ok {
		panic("vectors: the model refuses " + string(x.Kind))
	}
	s.State, r.Err = next, ans.Err
	for _, c := range ans.Calls {
		r.Calls = append(r.Calls, wire.Callback{Exit: c.Exit, Ops: opsName(c.Ops), Net: netName(c.Net)})
	}
	return ans
}

func (s *state) copy(a action, r *wire.Line) {
	if a.share {
		s.step(model.Action{Kind: model.Share, From: a.from}, r)
		return
	}
	if s.step(model.Action{Kind: model.CopyGet, Call: 1, From: a.from}, r); r.Err != 0 {
		return
	}
	x := model.Action{Kind: model.Copy, Call: 1, Net: a.net, AllocFail: a.alloc}
	if a.fail.Err != 0 {
		x.Fails = []model.Fail{a.fail}
	}
	ans := s.step(x, r)
	if ans.Freed != model.NoNet {
		r.Freed = append(r.Freed, netName(ans.Freed))
	}
	s.step(model.Action{Kind: model.CopyPut, Call: 1}, r)
	r.Err = ans.Err
}

// cleanup is one round of the worker: the oldest net or, since 4.17, all of them, newest first.
func (s *state) cleanup(r *wire.Line) {
	n := 1
	if s.Modern {
		n = len(s.queue)
	}
	nets := slices.Clone(s.queue[:n])
	slices.Reverse(nets)
	s.queue = s.queue[n:]
	before := len(r.Calls)
	s.step(model.Action{Kind: model.Cleanup, Nets: nets}, r)
	slices.SortStableFunc(r.Calls[before:], func(x, y wire.Callback) int { // an ops on all nets, then the next
		place := func(c wire.Callback) int {
			return slices.IndexFunc(s.List, func(e model.Entry) bool { return opsName(e.Ops) == c.Ops })
		}
		at := func(c wire.Callback) int {
			return slices.IndexFunc(nets, func(id model.NetID) bool { return netName(id) == c.Net })
		}
		return cmp.Or(place(y)-place(x), at(x)-at(y))
	})
	for _, id := range nets {
		if !s.free(id, r) {
			r.Kept = append(r.Kept, netName(id))
		}
	}
}

// free frees the net if it is dying and not in use.
func (s *state) free(id model.NetID, r *wire.Line) bool {
	next, ans, ok := s.State.Step(model.Action{Kind: model.Free, Net: id})
	if ok {
		s.State = next
	}
	if ans.Freed == model.NoNet {
		return false
	}
	r.Freed = append(r.Freed, netName(id))
	return true
}

// lists adds the lists to a result.
func (s *state) lists(r *wire.Line) {
	for _, e := range s.List {
		r.PernetList = append(r.PernetList, opsName(e.Ops))
	}
	r.FirstDevice = opsName(s.FirstDevice)
	for _, n := range s.Nets {
		r.Nets = append(r.Nets, netName(n))
	}
}

// results are those of the action's lines: arming a failure changes nothing.
func (s state) results(a action) (next state, results []wire.Line) {
	next, last := s.do(a)
	for _, l := range a.lines() {
		r := last
		if l.Op == wire.Fail || l.Op == wire.FailAlloc {
			r = wire.Line{Op: l.Op}
			s.lists(&r)
		}
		results = append(results, r)
	}
	return next, results
}
