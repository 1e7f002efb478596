// SPDX-License-Identifier: MIT

package lin

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A simulation makes random histories that are right by construction: clients
// and a worker take their moments one at a time, in the model itself.
type simulation struct {
	rnd     *rand.Rand
	names   *names
	state   model.State
	now     int64
	clients []*simClient
	ops     []wire.Line
	calls   model.CallID
	ends    map[string]int64 // when the last copy of that name returned
	nets    []string         // few names are used again, many are not
	verbs   []string         // what clients call, at random
	there   bool             // most calls name nets that are there
	opNames []string
	next    func(client int) *wire.Line // what a client calls
	lacks   int                         // one of so many ops has no init, one has no exit
	loose   []model.NetID               // since 4.17: the nets that were in use when their cleanup was to free them
}

type simClient struct {
	number  int64
	op      *wire.Line
	call    model.CallID
	taken   int
	moments int
	crashed bool
}

var (
	simOps  = []string{"a", "b", "c"}
	simNets = []string{wire.InitNet, "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8"}
	simErrs = []model.Err{model.ENOMEM, model.EBUSY, model.ENOENT, model.EEXIST, model.EINTR, model.EINVAL, 1, 2}
)

// simulate returns a right history of about n operations of so many clients,
// the worker apart. With crash, some operations never return.
func simulate(d model.Discipline, seed uint64, clients, n int, crash bool) []wire.Line {
	return simulateCalls(d, seed, clients, n, crash, []string{
		wire.RegisterSubsys, wire.RegisterDevice, wire.UnregisterSubsys, wire.UnregisterDevice, wire.Copy, wire.Copy, wire.Copy, wire.Copy,
		wire.Get, wire.Put, wire.Put, wire.Put, wire.Hold, wire.Release, wire.List, wire.State,
	})
}

// simulateLists is simulate with calls that have to do with the order of lists, most of them.
func simulateLists(d model.Discipline, seed uint64, clients, n int, crash bool) []wire.Line {
	return simulateCalls(d, seed, clients, n, crash, []string{
		wire.RegisterSubsys, wire.RegisterSubsys, wire.RegisterSubsys, wire.RegisterDevice, wire.RegisterDevice, wire.RegisterDevice,
		wire.UnregisterSubsys, wire.UnregisterDevice, wire.Copy, wire.Copy, wire.Copy, wire.Put, wire.State, wire.List,
	})
}

func simulateCalls(d model.Discipline, seed uint64, clients, n int, crash bool, verbs []string) []wire.Line {
	s := newSimulation(d, seed, clients, verbs)
	s.run(n, crash)
	return s.finish()
}

func newSimulation(d model.Discipline, seed uint64, clients int, verbs []string) *simulation {
	s := &simulation{
		verbs: verbs, lacks: 6,
		rnd: rand.New(rand.NewPCG(seed, 1)), names: newNames(), state: d.New(),
		clients: make([]*simClient, clients+1), ends: map[string]int64{},
	}
	for i := range s.clients {
		s.clients[i] = &simClient{number: int64(i) - 1}
	}
	if d == model.RWSem && clients > 2 && seed%2 == 0 { // cleanups that overlap
		s.clients[clients].number = wire.Worker
	}
	s.nets = simNets[:4+5*s.rnd.IntN(2)]
	s.opNames, s.next = simOps, s.random
	for _, name := range simNets {
		s.names.net(name)
	}
	return s
}

// run goes on until so many operations have returned.
func (s *simulation) run(n int, crash bool) {
	for len(s.ops) < n {
		i := s.rnd.IntN(len(s.clients))
		s.now += int64(s.rnd.IntN(2))
		s.freeLoose()
		c := s.clients[i]
		switch {
		case c.crashed:
			if !slices.ContainsFunc(s.clients, func(c *simClient) bool { return !c.crashed && c.number != wire.Worker }) {
				n = 0
			}
		case c.op != nil && crash && s.rnd.IntN(60) == 0:
			c.crashed = true
		default:
			s.turn(i)
		}
	}
}

// freeLoose frees now and then a net whose last use was released after its cleanup.
func (s *simulation) freeLoose() {
	if len(s.loose) == 0 || s.rnd.IntN(3) > 0 {
		return
	}
	if t, _, ok := s.state.Step(model.Action{Kind: model.Free, Net: s.loose[0]}); ok {
		s.state, s.loose = t, s.loose[1:]
	}
}

// turn lets client i begin a call, take a moment of it, or return.
func (s *simulation) turn(i int) {
	switch c := s.clients[i]; {
	case c.op == nil:
		s.start(i)
	case c.taken < c.moments:
		s.take(c)
	default:
		s.end(c)
	}
}

// finish returns what was recorded; what is under way never returns.
func (s *simulation) finish() []wire.Line {
	for _, c := range s.clients {
		if c.op != nil {
			o := *c.op
			if o.Op == wire.Cleanup && len(o.Nets) == 0 {
				continue
			}
			o.Never, o.Err, o.Calls, o.Freed, o.PernetList, o.FirstDevice = true, 0, nil, nil, nil, ""
			if o.Op == wire.List || o.Op == wire.State {
				o.Nets = nil
			}
			s.ops = append(s.ops, o)
		}
	}
	// Any order in the file will do, but of one client and one instant the
	// file's order counts: so whole clients change places.
	order := s.rnd.Perm(len(s.clients))
	slices.SortStableFunc(s.ops, func(a, b wire.Line) int { return order[a.Client+1] - order[b.Client+1] })
	return s.ops
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func (s *simulation) start(i int) {
	o := &wire.Line{Op: wire.Cleanup}
	switch {
	case s.clients[i].number != wire.Worker:
		o = s.next(i)
	case len(s.dying()) == 0:
		return
	}
	if o == nil || o.Op == wire.Copy && !o.Share && s.copying(o.Net) {
		return
	}
	o.Client, o.Call = s.clients[i].number, s.now
	s.calls++
	c := s.clients[i]
	c.op, c.call, c.taken, c.moments = o, s.calls, 0, momentCount(o)
}

// random returns any call.
func (s *simulation) random(int) *wire.Line {
	r := s.rnd
	o := &wire.Line{Op: pick(r, s.verbs)}
	switch o.Op {
	case wire.RegisterSubsys, wire.RegisterDevice:
		o.NoInit, o.NoExit = r.IntN(s.lacks) == 0, r.IntN(s.lacks) == 0
		o.Ops = pick(r, simOps)
	case wire.UnregisterSubsys, wire.UnregisterDevice:
		o.Ops = pick(r, simOps)
	case wire.Copy:
		o.From, o.Share = s.pickNet(), r.IntN(5) == 0
		if !o.Share {
			o.Net = pick(r, s.nets)
		}
	case wire.Get, wire.Put, wire.Hold, wire.Release:
		o.Net = s.pickNet()
	}
	return o
}

func (s *simulation) pickNet() string {
	if s.there && s.rnd.IntN(5) > 0 {
		return s.names.netName(pick(s.rnd, s.state.Live).ID)
	}
	return pick(s.rnd, s.nets)
}

// momentCount returns how many moments a call has if none is refused.
func momentCount(o *wire.Line) int {
	switch {
	case o.Op == wire.Copy && !o.Share:
		return 3
	case o.Op == wire.Cleanup:
		return 2
	}
	return 1
}

// copying reports whether a copy of that name would overlap another.
func (s *simulation) copying(name string) bool {
	if end, ok := s.ends[name]; ok && end >= s.now {
		return true
	}
	for _, c := range s.clients {
		if c.op != nil && c.op.Op == wire.Copy && c.op.Net == name {
			return true
		}
	}
	return false
}

// dying returns the nets that a worker may take.
func (s *simulation) dying() []model.NetID {
	var out []model.NetID
	for _, n := range s.state.Live {
		if n.Count == 0 && n.Phase == model.Listed {
			out = append(out, n.ID)
		}
	}
	return out
}

// take takes the client's next moment.
func (s *simulation) take(c *simClient) {
	o, r := c.op, s.rnd
	a := model.Action{Call: c.call, NoInit: o.NoInit, NoExit: o.NoExit}
	if o.Ops != "" {
		a.Ops = s.names.op(o.Ops)
	}
	if o.Net != "" {
		a.Net = s.names.net(o.Net)
	}
	if o.From != "" {
		a.From = s.names.net(o.From)
	}
	switch {
	case o.Op == wire.Copy && o.Share:
		a.Kind = model.Share
	case o.Op == wire.Copy:
		a.Kind = []model.Kind{model.CopyGet, model.Copy, model.CopyPut}[c.taken]
		a.AllocFail, a.Quota = r.IntN(12) == 0, r.IntN(12) == 0
	case o.Op == wire.Cleanup:
		if !s.clean(c, &a) {
			return
		}
	default:
		a.Kind = model.CallOf(o.Op).Moments[0]
	}
	a.Cancel = r.IntN(15) == 0
	for r.IntN(3) == 0 {
		a.Fails = append(a.Fails, model.Fail{Ops: s.names.op(pick(r, s.opNames)), Net: s.names.net(s.pickNet()), Err: pick(r, simErrs)})
		if a.Kind == model.Copy {
			a.Fails[len(a.Fails)-1].Net = a.Net
		} else {
			a.Fails[len(a.Fails)-1].Ops = a.Ops
		}
	}
	if l := liveNet(&s.state, a.Net); a.Kind == model.Free && s.state.Modern && l.Use > 0 {
		s.loose = append(s.loose, a.Net)
		c.taken++
		return
	}
	t, ans, ok := s.state.Step(a)
	if a.Kind == model.Cleanup && s.state.Modern {
		merge(r, &ans)
	}
	if !ok {
		panic(fmt.Sprintf("%+v is not possible in %s", a, s.state))
	}
	s.state = t
	c.taken++
	s.answer(o, &ans)
	if a.Kind == model.CopyGet && ans.Err != 0 {
		c.moments = 1
	}
}

// clean decides what the cleanup does next; false if there is nothing to clean up.
func (s *simulation) clean(c *simClient, a *model.Action) bool {
	if c.taken > 0 {
		a.Kind, a.Net = model.Free, s.names.net(c.op.Nets[c.taken-1])
		return true
	}
	nets := s.dying()
	if len(nets) == 0 {
		return false
	}
	a.Kind, a.Nets = model.Cleanup, []model.NetID{pick(s.rnd, nets)}
	for _, n := range nets {
		if s.state.Modern && !slices.Contains(a.Nets, n) && s.rnd.IntN(2) == 0 {
			a.Nets = append(a.Nets, n)
		}
	}
	c.op.Nets, c.moments = each(a.Nets, s.names.netName), 1+len(a.Nets)
	return true
}

// merge puts the callbacks of the nets into another order; those of each net stay as they are.
func merge(r *rand.Rand, ans *model.Answer) {
	rest := map[model.NetID][]model.Callback{}
	order := each(ans.Calls, func(cb model.Callback) model.NetID { rest[cb.Net] = append(rest[cb.Net], cb); return cb.Net })
	r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	ans.Calls = each(order, func(n model.NetID) model.Callback { cb := rest[n][0]; rest[n] = rest[n][1:]; return cb })
}

func (s *simulation) answer(o *wire.Line, ans *model.Answer) {
	if ans.Err != 0 {
		o.Err = ans.Err
	}
	o.Calls = append(o.Calls, s.names.callbackNames(ans.Calls)...)
	if ans.Freed != model.NoNet && o.Op == wire.Cleanup {
		o.Freed = append(o.Freed, s.names.netName(ans.Freed))
	}
	if o.Op == wire.List || o.Op == wire.State {
		o.Nets = each(ans.Nets, s.names.netName)
	}
	if o.Op == wire.State {
		o.PernetList, o.FirstDevice = each(ans.List, s.names.opName), s.names.opName(ans.First)
	}
}

func (s *simulation) end(c *simClient) {
	c.op.Return = s.now
	s.ops = append(s.ops, *c.op)
	if c.op.Op == wire.Copy && !c.op.Share {
		s.ends[c.op.Net] = s.now
	}
	c.op = nil
}

// mutate changes one answer or one time, at random. The history may stay right.
func mutate(r *rand.Rand, ops []wire.Line) []wire.Line {
	out := slices.Clone(ops)
	for range 50 {
		o := &out[r.IntN(len(out))]
		if o.Never {
			continue
		}
		switch r.IntN(8) {
		case 0, 1:
			if o.Op == wire.Cleanup || o.Op == wire.List || o.Op == wire.State {
				continue
			}
			e := pick(r, append([]model.Err{0, 0, 0}, simErrs...))
			if e == o.Err {
				continue
			}
			o.Err = e
		case 2:
			if len(o.Calls) == 0 {
				continue
			}
			i := r.IntN(len(o.Calls))
			o.Calls = slices.Delete(slices.Clone(o.Calls), i, i+1)
		case 3:
			if len(o.Calls) < 2 {
				continue
			}
			o.Calls = slices.Clone(o.Calls)
			i := r.IntN(len(o.Calls) - 1)
			o.Calls[i], o.Calls[i+1] = o.Calls[i+1], o.Calls[i]
		case 4:
			i := r.IntN(len(o.Calls) + 1)
			o.Calls = slices.Insert(slices.Clone(o.Calls), i, wire.Callback{Exit: r.IntN(2) == 0, Ops: pick(r, simOps), Net: pick(r, simNets)})
		case 5:
			if o.Op != wire.Cleanup {
				continue
			}
			switch {
			case len(o.Nets) > 1 && r.IntN(2) == 0:
				o.Nets = slices.Delete(slices.Clone(o.Nets), 0, 1)
			case len(o.Freed) > 0:
				o.Freed = o.Freed[1:]
			default:
				o.Freed = o.Nets
			}
		case 6:
			switch {
			case o.Op == wire.State && len(o.PernetList) > 1 && r.IntN(2) == 0:
				o.PernetList = slices.Clone(o.PernetList)
				r.Shuffle(len(o.PernetList), func(i, j int) { o.PernetList[i], o.PernetList[j] = o.PernetList[j], o.PernetList[i] })
			case o.Op == wire.State && len(o.PernetList) > 0:
				o.FirstDevice = pick(r, append([]string{""}, o.PernetList...))
			case (o.Op == wire.State || o.Op == wire.List) && len(o.Nets) > 1:
				o.Nets = slices.Clone(o.Nets)
				i := r.IntN(len(o.Nets) - 1)
				o.Nets[i], o.Nets[i+1] = o.Nets[i+1], o.Nets[i]
			default:
				continue
			}
		case 7:
			if o.Op != wire.Get && o.Op != wire.Put && o.Op != wire.Hold && o.Op != wire.Release {
				continue
			}
			o.Net = pick(r, simNets)
		}
		return out
	}
	return out
}
