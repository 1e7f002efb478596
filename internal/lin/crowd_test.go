// SPDX-License-Identifier: MIT

package lin

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"example.com/pernet/internal/race"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A crowd is clients that call the model at random, all at once.
type crowd struct {
	clients, calls int
	ops            int // how many they share
	looks          int // in percent: list and state
	copies         int // in percent
	refs           int // in percent: get, put, hold, release, share
}

// simulate returns what a crowd would see of the model on a busy machine: clients and
// the worker stop for long in the middle of a call, while others go on.
func (cr crowd) simulate(seed uint64) []wire.Line {
	s := newSimulation(model.Mutex, seed, cr.clients, nil)
	s.there, s.opNames = true, nil
	for i := range cr.ops {
		s.opNames = append(s.opNames, fmt.Sprint("ops", i))
	}
	p := &simProgram{crowd: cr, simulation: s, left: make([]int, cr.clients+1), mine: make([][]string, cr.clients+1)}
	for i := range p.left {
		p.left[i] = cr.calls
	}
	s.next = p.next
	wake := make([]int, cr.clients+1)
	for turn := 0; ; turn++ {
		s.now++
		i := s.rnd.IntN(len(s.clients))
		if turn < wake[i] {
			continue
		}
		c := s.clients[i]
		if c.op != nil && c.taken == c.moments {
			p.returned(i, c.op)
		}
		s.turn(i)
		if s.rnd.IntN(60) == 0 {
			wake[i] = turn + 500 + s.rnd.IntN(3000)
		}
		if len(s.dying()) == 0 && !slices.ContainsFunc(s.clients, func(c *simClient) bool { return c.op != nil }) &&
			!slices.ContainsFunc(p.left[1:], func(n int) bool { return n > 0 }) {
			return s.finish()
		}
	}
}

// A simProgram is what the clients of a simulated crowd do.
type simProgram struct {
	crowd
	*simulation
	left []int
	mine [][]string // by client: the references that it holds
	made int
}

// next returns the client's next call, nil when it is through.
func (p *simProgram) next(i int) *wire.Line {
	r := p.rnd
	if p.left[i] == 0 {
		return p.put(i)
	}
	p.left[i]--
	k := r.IntN(100) - p.looks
	if k < 0 {
		return &wire.Line{Op: pick(r, []string{wire.List, wire.State})}
	}
	if k -= p.copies; k < 0 {
		p.made++
		return &wire.Line{Op: wire.Copy, Net: fmt.Sprint("net", p.made), From: p.listed()}
	}
	if k -= p.refs; k < 0 {
		switch r.IntN(6) {
		case 0:
			return &wire.Line{Op: wire.Get, Net: p.listed()}
		case 1:
			return &wire.Line{Op: wire.Copy, Share: true, From: p.listed()}
		}
		return p.put(i)
	}
	o := r.IntN(p.crowd.ops)
	device := r.IntN(10) == 0 != (o%2 == 1)
	op := &wire.Line{Op: pick(r, []string{wire.RegisterSubsys, wire.UnregisterSubsys}), Ops: p.opNames[o]}
	if device {
		op.Op = map[string]string{wire.RegisterSubsys: wire.RegisterDevice, wire.UnregisterSubsys: wire.UnregisterDevice}[op.Op]
	}
	if op.Op == wire.RegisterSubsys || op.Op == wire.RegisterDevice {
		op.NoInit, op.NoExit = o%5 == 4, o%7 == 6
	}
	return op
}

// listed returns one of the last nets that were listed.
func (p *simProgram) listed() string {
	list := p.state.Nets
	return p.names.netName(pick(p.rnd, list[max(0, len(list)-40):]))
}

// put gives one of the client's references back.
func (p *simProgram) put(i int) *wire.Line {
	if len(p.mine[i]) == 0 {
		return nil
	}
	j := p.rnd.IntN(len(p.mine[i]))
	o := &wire.Line{Op: wire.Put, Net: p.mine[i][j]}
	p.mine[i] = slices.Delete(p.mine[i], j, j+1)
	return o
}

// returned notes the reference that the client got.
func (p *simProgram) returned(i int, o *wire.Line) {
	switch {
	case o.Err != 0:
	case o.Op == wire.Get, o.Op == wire.Copy && !o.Share:
		p.mine[i] = append(p.mine[i], o.Net)
	case o.Op == wire.Copy:
		p.mine[i] = append(p.mine[i], o.From)
	}
}

// A budget is a context that ends once it has been asked often enough, whatever the
// time: the search asks after every 256 steps.
type budget struct {
	context.Context
	left int
}

func (b *budget) Err() error {
	if b.left--; b.left < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// TestBusyCrowdsTakeFewConfigurations judges crowds whose clients are often stopped in
// the middle of a call. What the search takes is counted, not timed, so that it
// does not depend on the machine.
func TestBusyCrowdsTakeFewConfigurations(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	for name, cr := range map[string]crowd{
		"nets alone":             {clients: 32, calls: 40, ops: 12, copies: 50, refs: 50},
		"every call, few ops":    {clients: 32, calls: 100, ops: 6, looks: 4, copies: 20, refs: 36},
		"every call, more ops":   {clients: 32, calls: 100, ops: 30, looks: 4, copies: 20, refs: 36},
		"copies that often fail": {clients: 32, calls: 60, ops: 12, looks: 2, copies: 40, refs: 30},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(2) {
				ops := cr.simulate(seed)
				r, err := Check(&budget{t.Context(), 20 * len(ops) / 256}, model.Mutex, ops)
				if err != nil || r.Verdict != Linearizable || r.Peak > 16 {
					t.Errorf("seed %d: judged %s %s, %v, in %d steps for %d operations, at most %d configurations\n%v",
						seed, r.Verdict, r.Reason, err, r.Steps, len(ops), r.Peak, r.Failure)
				}
				t.Logf("%d operations, a call meets %.1f others: %d steps, at most %d configurations", len(ops), r.Met.Overlap(), r.Steps, r.Peak)
			}
		})
	}
}
