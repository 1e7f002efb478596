// SPDX-License-Identifier: MIT

package lin

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// plain decides a history by trying every order of its moments in the model: no
// reduction, no look ahead, nothing of the checker's. It reads an answer anew, too:
// it tries everything that callers and callbacks can decide, and compares.
type plain struct {
	n     *names
	calls []*call
	dead  map[string]bool
}

func plainVerdict(ops []wire.Line) Verdict {
	p := &plain{n: newNames(), dead: map[string]bool{}}
	for i := range ops {
		p.calls = append(p.calls, p.n.number(&ops[i], i+1, model.CallID(i+1)))
	}
	if p.fits(model.New(false), make([]int, len(ops))) {
		return Linearizable
	}
	return Not
}

const over = 9 // the progress of a call that is complete

func (p *plain) fits(s model.State, at []int) bool {
	key := fmt.Sprint(at) + string(s.AppendKey(nil))
	if p.dead[key] {
		return false
	}
	p.dead[key] = true
	complete := true
	for i, c := range p.calls {
		complete = complete && (at[i] == over || c.never)
	}
	if complete {
		return true
	}
	for i, c := range p.calls {
		if at[i] == over || slices.ContainsFunc(p.calls, func(d *call) bool { return at[d.line-1] != over && p.precedes(d, c) }) {
			continue
		}
		for _, next := range p.steps(c, at[i], s) {
			to := slices.Clone(at)
			to[i] = next.at
			if p.fits(next.state, to) {
				return true
			}
		}
	}
	return false
}

// precedes reports whether d must be over before c begins.
func (p *plain) precedes(d, c *call) bool {
	if d == c || d.never {
		return false
	}
	if d.client != c.client {
		return d.to < c.from
	}
	calls := []*call{d, c}
	sortCalls(calls)
	return calls[0] == d
}

type plainStep struct {
	state model.State
	at    int
}

// steps returns what the call may do next when it has come as far as at.
func (p *plain) steps(c *call, at int, s model.State) []plainStep {
	var out []plainStep
	try := func(a model.Action, next int, right func(model.Answer) bool) {
		if t, ans, ok := s.Step(a); ok && right(ans) {
			out = append(out, plainStep{t, next})
		}
	}
	calls := func(ans model.Answer) bool { return c.unknown || slices.Equal(ans.Calls, c.calls) }
	answer := func(ans model.Answer) bool { return c.never || ans.Err == c.err && calls(ans) }
	switch c.verb {
	case wire.Copy:
		if c.share {
			try(model.Action{Kind: model.Share, From: c.old}, over, answer)
			break
		}
		switch at {
		case 0:
			try(model.Action{Kind: model.CopyGet, Call: c.id, From: c.old}, 1, func(ans model.Answer) bool { return ans.Err == 0 })
			try(model.Action{Kind: model.CopyGet, Call: c.id, From: c.old}, over, func(ans model.Answer) bool { return ans.Err != 0 && answer(ans) })
		case 1:
			for _, a := range p.decided(c, &s) {
				a.Kind, a.Call, a.Net = model.Copy, c.id, c.net
				try(a, 2, answer)
			}
		case 2:
			try(model.Action{Kind: model.CopyPut, Call: c.id}, over, func(model.Answer) bool { return true })
		}
	case wire.Cleanup:
		if len(c.nets) != 1 {
			break
		}
		if at == 0 {
			try(model.Action{Kind: model.Cleanup, Net: c.nets[0]}, 1, func(ans model.Answer) bool { return c.never || calls(ans) })
		} else {
			try(model.Action{Kind: model.Free, Net: c.nets[0]}, over, func(ans model.Answer) bool {
				return c.never || slices.Equal(some(ans.Freed), c.freed)
			})
		}
	case wire.List, wire.State:
		if c.never {
			break
		}
		try(model.Action{Kind: model.CallOf(c.verb).Moments[0]}, over, func(ans model.Answer) bool {
			return len(c.calls) == 0 && slices.Equal(ans.Nets, c.nets) &&
				(c.verb == wire.List || slices.Equal(ans.List, c.list) && ans.First == c.first)
		})
	default:
		for _, a := range p.decided(c, &s) {
			a.Kind, a.Ops, a.NoInit, a.NoExit, a.Net = model.CallOf(c.verb).Moments[0], c.ops, c.noInit, c.noExit, c.net
			try(a, over, answer)
		}
	}
	return out
}

// decided returns actions with everything that callers and callbacks may decide
// of a call that answers what this one did.
func (p *plain) decided(c *call, s *model.State) []model.Action {
	out := []model.Action{{}}
	if c.never {
		return append(out, model.Action{AllocFail: true})
	}
	if c.err == 0 {
		return out
	}
	switch c.err {
	case model.EINTR:
		out = append(out, model.Action{Cancel: true})
	case model.ENOMEM:
		out = append(out, model.Action{AllocFail: true})
	}
	ops := []model.OpsID{c.ops}
	for _, e := range s.List {
		ops = append(ops, e.Ops)
	}
	for _, o := range ops {
		for _, n := range append(slices.Clone(s.Nets), c.net) {
			out = append(out, model.Action{Fails: []model.Fail{{Ops: o, Net: n, Err: c.err}}})
		}
	}
	return out
}

// forget returns ops with the callbacks of some operations not recorded.
func forget(r *rand.Rand, ops []wire.Line, percent int) []wire.Line {
	out := slices.Clone(ops)
	for i := range out {
		if !out[i].Never && r.IntN(100) < percent {
			out[i].Unknown, out[i].Calls = true, nil
		}
	}
	return out
}

// burst returns a right history in which all calls overlap for the most part.
func burst(r *rand.Rand, seed uint64, clients, n int) []wire.Line {
	ops := simulateLists(seed, clients, n, r.IntN(4) == 0)
	for i := range ops {
		ops[i].Call -= int64(r.IntN(8))
		if !ops[i].Never {
			ops[i].Return += int64(r.IntN(8))
		}
		ops[i].Client = int64(i)
	}
	return ops
}

// dense returns a right history of calls on nets and ops that are there, one after
// the other at first, then all at once; a state comes last. What the calls have to do
// with differs: with counts, with the lists, or with both.
func dense(r *rand.Rand, seed uint64) []wire.Line {
	s := newSimulation(seed, 3+r.IntN(4), [][]string{
		{wire.Get, wire.Put, wire.Put, wire.Put, wire.Copy, wire.Copy, wire.Copy},
		{wire.RegisterSubsys, wire.RegisterSubsys, wire.RegisterDevice, wire.UnregisterSubsys, wire.UnregisterDevice, wire.Copy, wire.Copy, wire.Put, wire.State, wire.List},
		{wire.Get, wire.Put, wire.Put, wire.Put, wire.Hold, wire.Release, wire.Copy, wire.Copy, wire.RegisterSubsys, wire.RegisterDevice, wire.UnregisterSubsys, wire.List},
		{wire.RegisterSubsys, wire.RegisterSubsys, wire.RegisterDevice, wire.RegisterDevice, wire.UnregisterSubsys, wire.Copy, wire.Copy, wire.Copy},
	}[r.IntN(4)])
	s.there, s.lacks = true, 2+r.IntN(3)
	all := s.clients
	s.clients = all[:2] // the worker and one more
	s.run(2+r.IntN(6), false)
	for _, c := range s.clients {
		for c.op != nil && c.taken < c.moments {
			if s.take(c); c.op.Op == wire.Cleanup && c.taken == 0 {
				c.op = nil
			}
		}
		if c.op != nil {
			s.end(c)
		}
	}
	begin := s.now + 1
	s.now += 10
	s.clients = all
	s.run(len(s.ops)+4+r.IntN(4), r.IntN(4) == 0)
	end := s.now + 10
	ops := s.finish()
	for i := range ops {
		if o := &ops[i]; o.Never || o.Return >= begin {
			o.Call = max(begin, o.Call-int64(r.IntN(9)))
			if !o.Never {
				o.Return = min(end, o.Return+int64(r.IntN(9)))
			}
			o.Client = int64(100 + i)
		}
	}
	if slices.ContainsFunc(ops, func(o wire.Line) bool { return o.Never }) || r.IntN(4) == 0 {
		return ops
	}
	last := wire.Line{Client: 99, Call: end + 1, Return: end + 1, Op: wire.State}
	_, ans, _ := s.state.Step(model.Action{Kind: model.Snapshot})
	s.answer(&last, &ans)
	return append(ops, last)
}

func TestPlain(t *testing.T) {
	histories := uint64(400)
	if n, err := strconv.ParseUint(os.Getenv("PERNET_PLAIN"), 10, 64); err == nil {
		histories = n
	}
	verdicts := map[Verdict]int{}
	kinds := map[string]int{}
	for seed := range histories {
		r := rand.New(rand.NewPCG(seed, 7))
		var ops []wire.Line
		switch seed % 4 {
		case 0:
			ops = burst(r, seed, 4+r.IntN(4), 5+r.IntN(5))
		case 2:
			ops = simulate(seed, 3+r.IntN(3), 6+r.IntN(7), r.IntN(3) == 0)
		default:
			ops = dense(r, seed)
		}
		percent := []int{0, 30, 100}[seed%3]
		for i, o := range [][]wire.Line{forget(r, ops, percent), forget(r, mutate(r, ops), percent)} {
			want := plainVerdict(o)
			got, err := Check(t.Context(), o)
			if err != nil {
				kinds["malformed"]++
				continue
			}
			if got.Verdict != want || i == 0 && want != Linearizable {
				t.Fatalf("seed %d: the checker says %s, plain enumeration %s\n%s\n%v", seed, got.Verdict, want, text(o), got.Failure)
			}
			if second := Porcupine(o, 10*time.Second); second != want {
				if second == Undecided {
					kinds["porcupine undecided"]++
				} else {
					t.Fatalf("seed %d: porcupine says %s, plain enumeration %s\n%s", seed, second, want, text(o))
				}
			}
			verdicts[want]++
		}
	}
	t.Log(verdicts, kinds)
}
