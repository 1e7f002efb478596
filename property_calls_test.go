// SPDX-License-Identifier: MIT

package pernet_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
	"example.com/pernet/model"
)

// boot makes the registry over ops that are registered already (net_ns_init).
// It reports whether the first net came to be.
func (m *machine) boot(ctx context.Context, d impl.Discipline, noNetNS bool, subsys, device []model.OpsID) bool {
	m.s = model.Unbooted()
	if noNetNS {
		m.s = model.New(true)
	}
	m.s.Modern = m.rw
	m.alone = true
	defer func() { m.alone = false }()
	var want model.Answer
	for i, o := range slices.Concat(subsys, device) {
		kind := model.RegisterSubsys
		if i >= len(subsys) {
			kind = model.RegisterDevice
		}
		ans := m.step(m.registers(kind, o, m.p))
		want.Err, want.Calls = ans.Err, append(want.Calls, ans.Calls...)
		if ans.Err != 0 {
			break
		}
		m.order = append(m.order, o)
	}
	if !noNetNS {
		want = m.step(model.Action{Kind: model.NetNsInit, Fails: m.p.modelFails()})
	}
	// Where the kernel panics, New undoes. What the contract has undone already it
	// does not undo again: a set-up undoes itself unless the answer is positive.
	if want.Err > 0 || want.Err != 0 && noNetNS {
		want.Calls = append(want.Calls, m.allExits(model.InitNet)...)
	}
	opts := []impl.Option{impl.WithDiscipline(d), impl.WithLogger(silent), impl.WithSubsys(m.opsOf(subsys)...), impl.WithDevice(m.opsOf(device)...)}
	if noNetNS {
		opts = append(opts, impl.WithoutNetNS())
	}
	r, err := impl.New(hook.With(ctx, m.d), opts...)
	m.same("New", err, want)
	m.sameCalls("New", err, want.Calls)
	if err != nil {
		for _, n := range m.known {
			if err := n.Get(); !errors.Is(err, impl.ErrNotFound) {
				m.t.Errorf("New failed, but its net answers a get with %v", err)
			}
		}
		return false
	}
	m.r = r
	if m.ids[r.InitNet()] == 0 {
		m.know(model.InitNet, r.InitNet())
	}
	m.live[model.InitNet] = r.InitNet()
	return true
}

func (m *machine) opsOf(ids []model.OpsID) (ops []*impl.Ops) {
	for _, o := range ids {
		ops = append(ops, m.ops[o])
	}
	return ops
}

// allExits is the exits of everything that is registered on n, last first.
func (m *machine) allExits(n model.NetID) (calls []model.Callback) {
	order := m.order
	if !m.s.NoNetNS {
		order = nil
		for _, e := range m.s.List {
			order = append(order, e.Ops)
		}
	}
	for _, o := range slices.Backward(order) {
		if !m.noExit[o] {
			calls = append(calls, model.Callback{Exit: true, Ops: o, Net: n})
		}
	}
	return calls
}

func (p plan) modelFails() (fails []model.Fail) {
	for _, f := range p.fails {
		fails = append(fails, f.Fail)
	}
	return fails
}

func (m *machine) registers(k model.Kind, o model.OpsID, p plan) model.Action {
	return model.Action{Kind: k, Ops: o, NoInit: m.noInit[o], NoExit: m.noExit[o], Cancel: p.ended, Fails: p.modelFails()}
}

// register calls one of the four calls that take ops, on both sides.
func (m *machine) register(ctx context.Context, k model.Kind, o model.OpsID, p plan) {
	call := map[model.Kind]func(context.Context, *impl.Ops) error{
		model.RegisterSubsys: m.r.RegisterSubsys, model.UnregisterSubsys: m.r.UnregisterSubsys,
		model.RegisterDevice: m.r.RegisterDevice, model.UnregisterDevice: m.r.UnregisterDevice,
	}[k]
	m.alone = true
	err := call(ctx, m.ops[o])
	m.alone = false
	want := m.step(m.registers(k, o, p))
	m.same(k, err, want)
	m.sameCalls(k, err, want.Calls)
	if want.Err != 0 {
		return
	}
	if k == model.RegisterSubsys || k == model.RegisterDevice {
		m.order = append(m.order, o)
	} else {
		m.order = slices.DeleteFunc(m.order, func(id model.OpsID) bool { return id == o })
	}
}

// copyNet is one copy_net_ns with CLONE_NEWNET on both sides: three moments of
// the contract, with the callbacks between the first and the second.
func (m *machine) copyNet(ctx context.Context, call model.CallID, from *impl.Net, id model.NetID, p plan) (want model.Answer, err error) {
	want = model.Answer{Err: model.ENOENT} // a net that was freed
	if m.isLive(from) {
		want = m.step(model.Action{Kind: model.CopyGet, Call: call, From: m.ids[from]})
	}
	refused := want.Err != 0
	n, err := m.r.Copy(ctx, from, nameOf(id))
	if !refused {
		want = m.step(model.Action{Kind: model.Copy, Call: call, Net: id, AllocFail: p.alloc == impl.ErrNoMemory, Quota: p.alloc == impl.ErrQuota, Cancel: p.ended, Fails: p.modelFails()})
		m.step(model.Action{Kind: model.CopyPut, Call: call})
	}
	m.same(model.Copy, err, want)
	if (n == nil) != (err != nil) {
		m.t.Errorf("Copy returns both %v and %v, or neither", n, err)
	}
	if n == nil {
		return want, err
	}
	if _, seen := m.ids[n]; !seen {
		m.know(id, n)
	}
	if m.ids[n] != id {
		m.t.Errorf("the inits of net %d ran on net %d", id, m.ids[n])
	}
	m.live[id] = n
	return want, err
}

// refer is a call that moves one count, on both sides.
func (m *machine) refer(k model.Kind, n *impl.Net) {
	var err error
	switch k {
	case model.Get:
		err = n.Get()
	case model.Put:
		err = n.Put()
	case model.Hold:
		err = n.Hold()
	case model.Release:
		err = n.Release()
	case model.Share:
		var got *impl.Net
		if got, err = m.r.Share(n); err == nil && got != n {
			m.t.Errorf("Share of %v returns %v", n, got)
		}
	}
	want := model.Answer{Err: model.ENOENT} // a net that was freed, even if its name is used again
	if m.isLive(n) {
		want = m.step(model.Action{Kind: k, Net: m.ids[n], From: m.ids[n]})
	}
	m.same(k, err, want)
	if k == model.Release && err == nil && m.rw && slices.Contains(m.kept, m.ids[n]) && m.isFreed(n) {
		m.free(m.ids[n])
	}
}

// isFreed reports whether the registry has freed n.
func (m *machine) isFreed(n *impl.Net) bool { return errors.Is(n.Put(), impl.ErrNotFound) }

// free takes the step of the contract that frees a net.
func (m *machine) free(id model.NetID) {
	m.step(model.Action{Kind: model.Free, Net: id})
	m.kept = slices.DeleteFunc(m.kept, func(k model.NetID) bool { return k == id })
	delete(m.live, id)
}

// list compares the list of nets, as a reader under rtnl alone sees it.
func (m *machine) list() {
	want := m.step(model.Action{Kind: model.List})
	var got []model.NetID
	for n := range m.r.Nets() {
		got = append(got, m.ids[n])
	}
	if !slices.Equal(got, want.Nets) {
		m.t.Errorf("listed are %v, in the contract %v", got, want.Nets)
	}
}

// snapshot compares the lists, as they are when no call is half done.
func (m *machine) snapshot() {
	want := m.step(model.Action{Kind: model.Snapshot})
	got, err := m.r.Snapshot(newImpatient()) // between two calls the lock is free
	m.same(model.Snapshot, err, want)
	var nets []model.NetID
	for _, n := range got.Nets {
		nets = append(nets, m.ids[n])
	}
	var first *impl.Ops
	if want.First != model.NoOps {
		first = m.ops[want.First]
	}
	if !slices.Equal(got.PernetList, m.opsOf(want.List)) || !slices.Equal(nets, want.Nets) || got.FirstDevice != first {
		m.t.Errorf("the state is %v, in the contract %+v", got, want)
	}
}

// cleanup watches one run of the worker, under RWSem a round. Its first moment in the contract comes
// with the lock, before the exits; its second when a net has been dealt with.
func (m *machine) cleanup() func(string, bool) {
	m.log, m.exits = nil, 0
	if m.rw {
		m.take(m.queue)
		slices.Reverse(m.taken)
	}
	return m.cleaned
}

// take moves nets, the first of the queue, to the cleanup that runs now.
func (m *machine) take(nets []model.NetID) {
	m.taken = slices.Clone(nets)
	m.queue = m.queue[len(nets):]
}

// unlink takes the first moment of the cleanup that runs now.
func (m *machine) unlink() {
	m.unlinked = m.step(model.Action{Kind: model.Cleanup, Nets: m.taken})
	m.unlinked.Calls = m.exitsOf(m.taken)
}

// exitsOf is what runs when nets are taken down together: ops by ops, last first.
func (m *machine) exitsOf(nets []model.NetID) (calls []model.Callback) {
	for _, e := range m.allExits(0) {
		for _, n := range nets {
			e.Net = n
			calls = append(calls, e)
		}
	}
	return calls
}

// cleaned compares the end of the cleanup of a net.
func (m *machine) cleaned(name string, freed bool) {
	id := m.taken[0]
	m.taken = m.taken[1:]
	if !slices.Equal(m.log, m.unlinked.Calls) {
		m.t.Errorf("the cleanup of %d ran %v, the contract %v", id, m.log, m.unlinked.Calls)
	}
	i := slices.IndexFunc(m.s.Live, func(n model.Net) bool { return n.ID == id })
	if inUse := m.s.Live[i].Use > 0; freed == inUse || name != nameOf(id) {
		m.t.Errorf("the cleanup of %d (%q) freed it: %t, and in use it is: %t", id, name, freed, inUse)
	}
	switch {
	case freed:
		m.free(id)
	case m.rw: // it is freed by its last release
		m.kept = append(m.kept, id)
	default:
		m.step(model.Action{Kind: model.Free, Net: id})
		m.kept = append(m.kept, id)
	}
}

// deferOn defers a callback on n. A kept net has seen its last barrier.
func (m *machine) deferOn(n *impl.Net) {
	var want error
	switch {
	case slices.Contains(m.kept, m.ids[n]) && m.isLive(n):
		want = impl.ErrInvalid
	case !m.isLive(n) && m.live[m.ids[n]] != nil, !m.isLive(n) && m.ids[n] != m.p.making:
		want = impl.ErrNotFound
	}
	ran, gate := new(atomic.Bool), m.gate
	err := n.Defer(func() { <-gate; ran.Store(true) })
	if !errors.Is(err, want) {
		m.t.Errorf("Defer on net %d answers %v, want %v", m.ids[n], err, want)
	}
	if err == nil {
		m.pending = append(m.pending, ran)
		m.atGate++
	}
}

// inner makes a call from inside a callback on n, whose context is ctx.
func (m *machine) inner(ctx context.Context, in inner, n *impl.Net) {
	switch in.kind {
	case model.Get, model.Put, model.Hold, model.Release, model.Share:
		m.refer(in.kind, in.net)
	case model.List:
		m.list()
	case "Defer":
		m.deferOn(n)
	case "Barrier":
		if err := m.r.Barrier(ctx); !errors.Is(err, impl.ErrInCallback) {
			m.t.Errorf("a barrier from a callback answers %v", err)
		}
	case model.Snapshot: // the lock is held, under RWSem perhaps to read
		if _, err := m.r.Snapshot(newImpatient()); errors.Is(err, impl.ErrInterrupted) != (m.alone || !m.rw) {
			m.t.Errorf("a snapshot in a callback: %v", err)
		}
	case model.RegisterSubsys:
		m.same("inner register", m.r.RegisterSubsys(newImpatient(), m.ops[1]), m.step(m.registers(in.kind, 1, plan{ended: true})))
		if err := m.r.RegisterSubsys(ctx, m.ops[1]); !errors.Is(err, impl.ErrInCallback) {
			m.t.Errorf("a register from a callback answers %v", err)
		}
	case model.Copy: // gives up waiting for the lock, and gives its reference back
		gone := newImpatient()
		gone.Done() // under RWSem it would not wait
		if ans, _ := m.copyNet(gone, 2, in.net, spareName, plan{ended: true}); len(ans.Calls) > 0 {
			m.t.Errorf("the contract runs callbacks in a copy that was cancelled: %v", ans.Calls)
		}
		if _, err := m.r.Copy(ctx, in.net, nameOf(spareName)); !errors.Is(err, impl.ErrInCallback) {
			m.t.Errorf("a copy from a callback answers %v", err)
		}
	}
}

// between makes whole calls before the step at of the call that runs now. It
// holds no lock there, so they are as good as another thread's and need not wait.
func (m *machine) between(at string) {
	if at != m.p.point || m.inside {
		return
	}
	p, log, exits, panicked, alone := m.p, m.log, m.exits, m.panicked, m.alone
	defer func() { m.p, m.log, m.exits, m.panicked, m.alone = p, log, exits, panicked, alone }()
	for _, in := range p.between {
		m.p, m.log, m.exits, m.panicked = plan{}, nil, 0, false
		switch in.kind {
		case model.RegisterSubsys, model.RegisterDevice, model.UnregisterSubsys, model.UnregisterDevice:
			m.register(newImpatient(), in.kind, in.ops, m.p)
		case model.Copy:
			m.blank++
			m.p.making = m.blank
			want, err := m.copyNet(newImpatient(), 3, in.net, m.blank, m.p)
			m.sameCalls("Copy between", err, want.Calls)
		case model.Cleanup:
			m.d.Work(1)
		default:
			m.refer(in.kind, in.net)
		}
	}
}

// close compares Close: every net left is taken down, newest first.
func (m *machine) close() {
	var want []model.Callback
	var referenced, kept []*impl.Net
	for _, id := range m.kept {
		kept = append(kept, m.live[id])
	}
	own := int32(0) // the references that no client holds
	if first := m.s.Nets[:1]; m.rw {
		others := slices.Clone(m.s.Nets[1:])
		slices.Reverse(others)
		want = append(m.exitsOf(others), m.exitsOf(first)...)
	}
	for _, id := range slices.Backward(m.s.Nets) {
		if !m.rw {
			want = append(want, m.allExits(id)...)
		}
		i := slices.IndexFunc(m.s.Live, func(n model.Net) bool { return n.ID == id })
		if own = 0; id == model.InitNet {
			own = 1
		}
		if m.s.Live[i].Count > own {
			referenced = append(referenced, m.live[id])
		}
		if m.s.Live[i].Use > 0 {
			kept = append(kept, m.live[id])
		}
	}
	m.openGate()
	m.alone = true
	err := m.r.Close(context.Background())
	m.panicked = m.panicked || m.late
	m.sameCalls("Close", err, want)
	var leak impl.LeakError
	if p := new(impl.LeakError); errors.As(err, &p) {
		leak = *p
	}
	if !slices.Equal(leak.Referenced, referenced) || !slices.Equal(leak.Kept, kept) {
		m.t.Errorf("Close says %v, in the contract referenced are %v and kept %v", err, referenced, kept)
	}
	if _, err := m.r.Snapshot(context.Background()); !errors.Is(err, impl.ErrClosed) {
		m.t.Errorf("after Close a snapshot answers %v", err)
	}
	for _, n := range m.known {
		want := impl.ErrNotFound
		if slices.Contains(kept, n) {
			want = impl.ErrInvalid
		}
		if err := n.Put(); !errors.Is(err, want) {
			m.t.Errorf("after Close a put of net %d answers %v, want %v", m.ids[n], err, want)
		}
	}
}
