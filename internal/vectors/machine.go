// SPDX-License-Identifier: MIT

package vectors

import (
	"slices"
	"strconv"

	"example.com/pernet/internal/replay"
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
	share          bool       // copy with newnet false
	max            int        // work
	alloc          bool       // copy: the allocation fails
	fail           model.Fail // no failure if its err is 0
}

// names are those of the vectors.
type names struct{}

func (names) Ops(o model.OpsID) string { return opsName(o) }
func (names) Net(n model.NetID) string { return netName(n) }

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
type state struct{ replay.Machine }

func start(d model.Discipline) state { return state{replay.Machine{State: d.New()}} }

// key is equal for equal states only.
func (s state) key() string {
	b := s.AppendKey(make([]byte, 0, 64))
	b = append(b, 0xff)
	for _, n := range s.Queue {
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

// do takes the action, whose call is l, and returns the new state and the result of l.
func (s state) do(a action, l wire.Line) (state, wire.Line) {
	r := wire.Line{Op: a.op}
	x := model.Action{Ops: a.ops, NoInit: a.noInit, NoExit: a.noExit, Net: a.net, From: a.from, AllocFail: a.alloc}
	if a.fail.Err != 0 {
		x.Fails = []model.Fail{a.fail}
	}
	s.Do(&l, &r, x, names{})
	s.Lists(&r, names{})
	return s, r
}

// results are those of the action's lines: arming a failure changes nothing.
func (s state) results(a action) (next state, results []wire.Line) {
	lines := a.lines()
	next, last := s.do(a, lines[len(lines)-1])
	for _, l := range lines {
		r := last
		if l.Op == wire.Fail || l.Op == wire.FailAlloc {
			r = wire.Line{Op: l.Op}
			s.Lists(&r, names{})
		}
		results = append(results, r)
	}
	return next, results
}
