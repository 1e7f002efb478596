// SPDX-License-Identifier: MIT

package lin

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"example.com/pernet/internal/race"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// plain decides a history by trying every order of its moments in the model. It shares
// nothing with the checker: it reads the lines itself, tries everything that the
// callers and the callbacks can decide, and compares what model.State.Step answers.
type plain struct {
	discipline model.Discipline

	ops  []wire.Line
	ids  map[string]int32 // of ops and of nets
	dead map[string]bool
}

func plainVerdict(d model.Discipline, ops []wire.Line) Verdict {
	if d != model.RWSem && slices.ContainsFunc(ops, func(o wire.Line) bool { return o.Op == wire.Cleanup && len(o.Nets) > 1 }) {
		return Not // the format forbids it, also if it never returned
	}
	p := &plain{discipline: d, ops: ops, ids: map[string]int32{"": 0, wire.InitNet: int32(model.InitNet)}, dead: map[string]bool{}}
	if p.fits(d.New(), make([]int, len(ops))) {
		return Linearizable
	}
	return Not
}

const over = 9 // the progress of a call that is complete

func (p *plain) fits(s model.State, at []int) bool {
	key := keyOfPlain(&s, at)
	if p.dead[key] {
		return false
	}
	p.dead[key] = true
	complete := true
	for i := range p.ops {
		complete = complete && (at[i] == over || p.ops[i].Never)
	}
	if complete {
		return true
	}
	for i := range p.ops {
		if at[i] == over || p.tooEarly(i, at) {
			continue
		}
		for _, next := range p.steps(i, at[i], s) {
			to := slices.Clone(at)
			to[i] = next.at
			if p.fits(next.state, to) {
				return true
			}
		}
	}
	for _, n := range s.Live { // no call tells when the last release freed it
		if next, _, ok := s.Step(model.Action{Kind: model.Free, Net: n.ID}); ok && s.Modern && p.fits(next, at) {
			return true
		}
	}
	return false
}

// keyOfPlain is equal for equal states with equal progress only: a progress is below 256, and there are as
// many as operations.
func keyOfPlain(s *model.State, at []int) string {
	b := make([]byte, 0, 64)
	for _, n := range at {
		b = append(b, byte(n))
	}
	return string(s.AppendKey(b))
}

// tooEarly reports whether some call must be over before call i takes a moment.
func (p *plain) tooEarly(i int, at []int) bool {
	c := &p.ops[i]
	for j := range p.ops {
		d := &p.ops[j]
		if j == i || at[j] == over || d.Never {
			continue
		}
		same := d.Client == c.Client && !(p.discipline == model.RWSem && c.Client == wire.Worker)
		if d.Return < c.Call || same && (d.Call < c.Call || d.Call == c.Call &&
			(c.Never || d.Return < c.Return || d.Return == c.Return && j < i)) {
			return true
		}
	}
	return false
}

func (p *plain) id(name string) int32 {
	if _, ok := p.ids[name]; !ok {
		p.ids[name] = int32(len(p.ids)) + 1
	}
	return p.ids[name]
}

// same reports whether two lists are the same, the second in the line's names.
func same[I ~int32](p *plain, got []I, want []string) bool {
	return slices.EqualFunc(got, want, func(id I, name string) bool { return int32(id) == p.id(name) })
}

type plainStep struct {
	state model.State
	at    int
}

// steps returns what call i may do next when it has come as far as at.
func (p *plain) steps(i, at int, s model.State) []plainStep {
	c, id := &p.ops[i], model.CallID(i+1)
	var out []plainStep
	try := func(a model.Action, next int, right func(model.Answer) bool) {
		if t, ans, ok := s.Step(a); ok && (c.Never || right(ans)) {
			out = append(out, plainStep{t, next})
		}
	}
	calls := func(ans model.Answer) bool {
		return c.Unknown || slices.EqualFunc(ans.Calls, c.Calls, func(got model.Callback, want wire.Callback) bool {
			return got.Exit == want.Exit && int32(got.Ops) == p.id(want.Ops) && int32(got.Net) == p.id(want.Net)
		})
	}
	answer := func(ans model.Answer) bool { return ans.Err == c.Err && calls(ans) }
	net, from := model.NetID(p.id(c.Net)), model.NetID(p.id(c.From))
	switch c.Op {
	case wire.Copy:
		get := model.Action{Kind: model.CopyGet, Call: id, From: from}
		_, got, _ := s.Step(get)
		switch {
		case c.Share:
			try(model.Action{Kind: model.Share, From: from}, over, answer)
		case at == 0 && got.Err != 0:
			try(get, over, answer)
		case at == 0:
			try(get, 1, func(model.Answer) bool { return true })
		case at == 1:
			for _, a := range p.decided(c, &s) {
				a.Kind, a.Call, a.Net = model.Copy, id, net
				try(a, 2, answer)
			}
		default:
			try(model.Action{Kind: model.CopyPut, Call: id}, over, func(model.Answer) bool { return true })
		}
	case wire.Cleanup:
		if len(c.Nets) == 0 {
			break
		}
		next := at + 1
		if at == len(c.Nets) || at == 0 && c.Never && s.Modern { // its frees are tried anyhow
			next = over
		}
		if one := model.NetID(p.id(c.Nets[max(0, at-1)])); at == 0 {
			a := model.Action{Kind: model.Cleanup, Nets: each(c.Nets, func(n string) model.NetID { return model.NetID(p.id(n)) })}
			try(a, next, func(ans model.Answer) bool { return p.exitsOfEach(ans, c) })
		} else if freed := slices.Contains(c.Freed, c.Nets[at-1]); s.Modern {
			if !freed && liveNet(&s, one).Use > 0 {
				out = append(out, plainStep{s, next})
			}
			try(model.Action{Kind: model.Free, Net: one}, next, func(model.Answer) bool { return freed })
		} else {
			try(model.Action{Kind: model.Free, Net: one}, over, func(ans model.Answer) bool {
				return ans.Freed == 0 && len(c.Freed) == 0 || ans.Freed == one && slices.Equal(c.Freed, c.Nets)
			})
		}
	case wire.List:
		try(model.Action{Kind: model.List}, over, func(ans model.Answer) bool { return answer(ans) && same(p, ans.Nets, c.Nets) })
	case wire.State:
		try(model.Action{Kind: model.Snapshot}, over, func(ans model.Answer) bool {
			return answer(ans) && same(p, ans.Nets, c.Nets) && same(p, ans.List, c.PernetList) && int32(ans.First) == p.id(c.FirstDevice)
		})
	default:
		for _, a := range p.decided(c, &s) {
			a.Kind, a.Ops, a.NoInit, a.NoExit, a.Net = model.CallOf(c.Op).Moments[0], model.OpsID(p.id(c.Ops)), c.NoInit, c.NoExit, net
			try(a, over, answer)
		}
	}
	return out
}

// exitsOfEach reports whether the line has the callbacks of each net in their order, and no others.
func (p *plain) exitsOfEach(ans model.Answer, c *wire.Line) bool {
	for _, n := range ans.Nets {
		var want []model.Callback
		for _, cb := range c.Calls {
			if p.id(cb.Net) == int32(n) {
				want = append(want, model.Callback{Exit: cb.Exit, Ops: model.OpsID(p.id(cb.Ops)), Net: n})
			}
		}
		got := slices.DeleteFunc(slices.Clone(ans.Calls), func(cb model.Callback) bool { return cb.Net != n })
		if !c.Unknown && !slices.Equal(got, want) {
			return false
		}
	}
	for _, n := range c.Freed {
		if !slices.Contains(c.Nets, n) {
			return false
		}
	}
	return c.Unknown || len(ans.Calls) == len(c.Calls)
}

// decided returns actions with everything that callers and callbacks may decide of a call.
func (p *plain) decided(c *wire.Line, s *model.State) []model.Action {
	out := []model.Action{{}, {Cancel: true}, {AllocFail: true}, {Quota: true}}
	if c.Err == 0 {
		return out
	}
	ops := []model.OpsID{model.OpsID(p.id(c.Ops))}
	for _, e := range s.List {
		ops = append(ops, e.Ops)
	}
	for _, o := range ops {
		for _, n := range append(slices.Clone(s.Nets), model.NetID(p.id(c.Net))) {
			out = append(out, model.Action{Fails: []model.Fail{{Ops: o, Net: n, Err: c.Err}}})
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
func burst(d model.Discipline, r *rand.Rand, seed uint64, clients, n int) []wire.Line {
	ops := simulateLists(d, seed, clients, n, r.IntN(4) == 0)
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
func dense(d model.Discipline, r *rand.Rand, seed uint64) []wire.Line {
	s := newSimulation(d, seed, 3+r.IntN(4), [][]string{
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
	if race.Enabled || testing.CoverMode() != "" {
		t.Skip("one goroutine, and no statement that no other test runs")
	}
	for i, d := range disciplines {
		t.Run(string(d), func(t *testing.T) { testPlain(t, d, 400/uint64(i+1)) })
	}
}

var disciplines = []model.Discipline{model.Mutex, model.RWSem}

func testPlain(t *testing.T, d model.Discipline, histories uint64) {
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
			ops = burst(d, r, seed, 4+r.IntN(4), 5+r.IntN(5))
		case 2:
			ops = simulate(d, seed, 3+r.IntN(3), 6+r.IntN(7), r.IntN(3) == 0)
		default:
			ops = dense(d, r, seed)
		}
		percent := []int{0, 30, 100}[seed%3]
		for i, o := range [][]wire.Line{forget(r, ops, percent), forget(r, mutate(r, ops), percent)} {
			want := plainVerdict(d, o)
			got, err := Check(t.Context(), d, o)
			if err != nil {
				kinds["malformed"]++
				continue
			}
			if got.Verdict != want || i == 0 && want != Linearizable {
				t.Fatalf("seed %d: the checker says %s, plain enumeration %s\n%s\n%v", seed, got.Verdict, want, text(o), got.Failure)
			}
			if second := Porcupine(d, o, time.Second); second != want {
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
