// SPDX-License-Identifier: MIT

package pernet_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"example.com/pernet/impl"
	"example.com/pernet/model"
)

// disciplines are what the tests of this package run under.
var disciplines = []discipline{{"Mutex", impl.Mutex, model.Mutex}, {"RWSem", impl.RWSem, model.RWSem}}

type discipline struct {
	name  string
	is    impl.Discipline
	model model.Discipline
}

// TestProperty makes random calls on impl and on the contract side by side. After each it
// compares the answers, the order of the callbacks, and the lists. rapid shrinks a failure, and
// prints the flag that repeats it.
func TestProperty(t *testing.T) {
	for _, d := range disciplines {
		t.Run(d.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { runMachine(t, d.is, false) })
		})
	}
}

// TestPropertyWithoutNamespaces does the same in the build without namespaces.
func TestPropertyWithoutNamespaces(t *testing.T) {
	for _, d := range disciplines {
		t.Run(d.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { runMachine(t, d.is, true) })
		})
	}
}

func runMachine(t *rapid.T, d impl.Discipline, noNetNS bool) {
	m := newMachine(t, d)
	ops := rapid.Permutation([]model.OpsID{1, 2, 3, 4, 5}).Draw(t, "ops of the boot")
	to := rapid.IntRange(0, 3).Draw(t, "how many")
	subsys := rapid.IntRange(0, to).Draw(t, "subsystems")
	p := plan{making: model.InitNet}
	if rapid.IntRange(0, 5).Draw(t, "boot fails") == 5 {
		p.fails = m.drawFails(t, ops[:to], []model.NetID{model.InitNet})
	}
	if !m.boot(m.begin(t, p), d, noNetNS, ops[:subsys], ops[subsys:to]) {
		return
	}
	t.Repeat(map[string]func(*rapid.T){
		"":                 m.check,
		"RegisterSubsys":   m.actRegister(model.RegisterSubsys),
		"RegisterDevice":   m.actRegister(model.RegisterDevice),
		"UnregisterSubsys": m.actRegister(model.UnregisterSubsys),
		"UnregisterDevice": m.actRegister(model.UnregisterDevice),
		"Copy":             m.actCopy,
		"Share":            m.actRefer(model.Share),
		"Get":              m.actRefer(model.Get),
		"Put":              m.actRefer(model.Put),
		"Hold":             m.actRefer(model.Hold),
		"Release":          m.actRefer(model.Release),
		"Cleanup":          m.actCleanup, // and Free: the worker goes on to the end of the net
		"DeferredRun":      m.actDeferredRun,
		"Defer":            func(t *rapid.T) { m.begin(t, plan{}); m.deferOn(m.drawNet(t)) },
		"Wait":             m.actWait,
		"Barrier":          m.actBarrier,
	})
	if rapid.Bool().Draw(t, "everybody gives back what is theirs") {
		m.drain(t)
	}
	m.begin(t, plan{})
	m.d.Work(-1)
	m.begin(t, plan{panics: rapid.IntRange(0, 3).Draw(t, "panic in an exit of Close")})
	m.close()
}

// check compares what can be seen after every action.
func (m *machine) check(t *rapid.T) {
	m.t = t
	m.snapshot()
	m.list()
	if err := m.d.Check(); err != nil {
		t.Errorf("the registry's data: %v", err)
	}
}

// drawPlan draws what happens around and inside a call that may run inits of
// these ops on these nets, and what comes before one of these steps of it.
func (m *machine) drawPlan(t *rapid.T, ops []model.OpsID, nets []model.NetID, points ...string) plan {
	p := plan{ended: rapid.IntRange(0, 9).Draw(t, "ended context") == 9}
	if rapid.IntRange(0, 2).Draw(t, "fails") == 2 {
		p.fails = m.drawFails(t, ops, nets)
	}
	if rapid.IntRange(0, 7).Draw(t, "panics") == 7 {
		p.panics = rapid.IntRange(1, 3).Draw(t, "exit that panics")
	}
	p.at, p.inside = m.drawInside(t)
	if rapid.IntRange(0, 3).Draw(t, "calls between") == 3 {
		kinds := []model.Kind{
			model.RegisterSubsys, model.RegisterDevice, model.UnregisterSubsys, model.UnregisterDevice,
			model.Copy, model.Get, model.Put, model.Hold, model.Release, model.Cleanup,
		}
		p.point = rapid.SampledFrom(points).Draw(t, "before")
		p.between = m.drawCalls(t, kinds)
	}
	return p
}

func (m *machine) drawFails(t *rapid.T, ops []model.OpsID, nets []model.NetID) (fails []fail) {
	if len(ops) == 0 || len(nets) == 0 {
		return nil
	}
	for range rapid.IntRange(1, 3).Draw(t, "how many fail") {
		f := fail{Fail: model.Fail{
			Ops: rapid.SampledFrom(ops).Draw(t, "ops that fails"),
			Net: rapid.SampledFrom(nets).Draw(t, "net on which it fails"),
			Err: rapid.SampledFrom([]model.Err{
				model.ENOMEM, model.EBUSY, model.EIO, model.ENOSPC, model.EPERM,
				model.EAGAIN, model.EEXIST, model.ENOENT, model.EINVAL, 1, 2,
			}).Draw(t, "answer"),
		}}
		f.panics = f.Err < 0 && rapid.IntRange(0, 4).Draw(t, "by a panic") == 4
		fails = append(fails, f)
	}
	return fails
}

// drawInside draws the calls that one callback makes.
func (m *machine) drawInside(t *rapid.T) (at int, inside []inner) {
	at = rapid.IntRange(0, 4).Draw(t, "callback that calls")
	if at == 0 {
		return 0, nil
	}
	return at, m.drawCalls(t, []model.Kind{
		model.List, model.Snapshot, model.RegisterSubsys, model.Copy,
		model.Get, model.Put, model.Hold, model.Release, model.Share, "Defer", "Barrier",
	})
}

func (m *machine) drawCalls(t *rapid.T, kinds []model.Kind) (calls []inner) {
	for range rapid.IntRange(1, 3).Draw(t, "how many calls") {
		calls = append(calls, inner{
			rapid.SampledFrom(kinds).Draw(t, "call"), m.drawNet(t),
			model.OpsID(rapid.IntRange(1, manyOps).Draw(t, "its ops")),
		})
	}
	return calls
}

// drawNet draws any net that was ever seen: listed, waiting, kept or freed.
func (m *machine) drawNet(t *rapid.T) *impl.Net {
	if rapid.Bool().Draw(t, "newest") {
		return m.known[len(m.known)-1]
	}
	return m.known[rapid.IntRange(0, len(m.known)-1).Draw(t, "net")]
}

func (m *machine) actRegister(k model.Kind) func(*rapid.T) {
	return func(t *rapid.T) {
		o := model.OpsID(rapid.IntRange(1, manyOps).Draw(t, "ops"))
		points := []string{"RegisterLock", "UnregisterLock"}
		p := m.drawPlan(t, []model.OpsID{o}, m.s.Nets, points...)
		m.register(m.begin(t, p), k, o, p)
	}
}

func (m *machine) actCopy(t *rapid.T) {
	from := m.drawNet(t)
	id := model.NetID(rapid.IntRange(1, manyNames+1).Draw(t, "name"))
	if id > manyNames {
		m.blank++
		id = m.blank
	}
	var ops []model.OpsID
	for _, e := range m.s.List {
		ops = append(ops, e.Ops)
	}
	p := m.drawPlan(t, ops, []model.NetID{id}, "CopyNetNsAlloc", "CopyNetNsLock")
	p.making = id
	p.alloc = rapid.SampledFrom([]error{nil, nil, nil, nil, nil, nil, nil, nil, impl.ErrNoMemory, impl.ErrQuota}).Draw(t, "allocation")
	want, err := m.copyNet(m.begin(t, p), 1, from, id, p)
	m.sameCalls(model.Copy, err, want.Calls)
}

func (m *machine) actRefer(k model.Kind) func(*rapid.T) {
	return func(t *rapid.T) {
		m.begin(t, plan{})
		m.refer(k, m.drawNet(t))
	}
}

func (m *machine) actCleanup(t *rapid.T) {
	if len(m.queue) == 0 {
		t.Skip("nothing is queued")
	}
	p := m.drawPlan(t, nil, nil, "CleanupNetLock", "CleanupNetBarrier")
	m.begin(t, p)
	most := rapid.SampledFrom([]int{-1, 1, 2}).Draw(t, "at most")
	did := m.d.Work(most)
	if did != most && len(m.queue) > 0 || most > 0 && did > most {
		t.Errorf("the worker ended %d nets of at most %d, and these are left: %v", did, most, m.queue)
	}
}

func (m *machine) actDeferredRun(t *rapid.T) {
	if len(m.pending) == 0 {
		t.Skip("nothing is deferred")
	}
	m.begin(t, plan{})
	m.openGate()
}

// actWait waits for a net that is freed, kept, or neither.
func (m *machine) actWait(t *rapid.T) {
	n := m.drawNet(t)
	ctx, want := m.begin(t, plan{}), error(nil)
	switch {
	case !m.rw && slices.Contains(m.kept, m.ids[n]) && m.isLive(n):
		want = impl.ErrInUse
	case m.isLive(n):
		ctx, want = newImpatient(), impl.ErrInterrupted
	}
	panicked := m.torn[n] && want != impl.ErrInterrupted
	err := n.Wait(ctx)
	if errors.Is(err, errExit) != panicked || !errors.Is(err, want) && !(want == nil && panicked) {
		t.Errorf("Wait for net %d returns %v, want %v, and the panic of an exit: %t", m.ids[n], err, want, panicked)
	}
}

// actBarrier waits for what is deferred, or gives up if something waits at the gate.
func (m *machine) actBarrier(t *rapid.T) {
	p, want := plan{}, error(nil)
	if m.atGate > 0 && rapid.Bool().Draw(t, "gives up") {
		p.ended, p.givesUp, want = true, true, impl.ErrInterrupted
	}
	if err := m.r.Barrier(m.begin(t, p)); !errors.Is(err, want) {
		t.Errorf("Barrier answers %v, want %v", err, want)
	}
	if want == nil {
		m.nothingPending("Barrier")
	}
}

// drain puts every reference, and so compares every count with the contract's.
func (m *machine) drain(t *rapid.T) {
	m.begin(t, plan{})
	for _, n := range m.known {
		for range 200 {
			before := m.s
			m.refer(model.Put, n)
			m.refer(model.Release, n)
			if m.s.Equal(before) {
				break
			}
		}
	}
}
