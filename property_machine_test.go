// SPDX-License-Identifier: MIT

package pernet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync/atomic"

	"pgregory.net/rapid"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
	"example.com/pernet/model"
)

const (
	manyOps    = 5  // OpsID 1 to 5
	manyNames  = 5  // NetID 1 (init_net) to 5 have names, so names are used again
	spareName  = 40 // the net of a copy that is made, and cancelled, inside a callback
	firstBlank = 50 // nets from here on have no name
)

// A machine holds a registry and the contract's state side by side. Each call goes to both, and
// both must return the same. One goroutine drives it: the registry has no worker, and callbacks
// run on the caller's goroutine. Only deferred callbacks have goroutines, and those wait at a
// gate.
type machine struct {
	t  *rapid.T
	rw bool // the discipline is RWSem
	r  *impl.Registry
	d  *hook.Hooks
	s  model.State

	ops            [manyOps + 1]*impl.Ops // by OpsID
	noInit, noExit [manyOps + 1]bool
	order          []model.OpsID // what is registered, in the order of registration

	ids   map[*impl.Net]model.NetID // every net that was ever seen
	known []*impl.Net               // the same, in the order of appearance
	live  map[model.NetID]*impl.Net // those that are not freed
	queue []model.NetID             // nets that wait for their cleanup, oldest first
	taken []model.NetID             // nets of the cleanup that runs now, in the order in which it takes them down
	alone bool                      // a call that no other one runs beside is under way
	kept  []model.NetID             // nets that were in use and not freed, oldest first
	blank model.NetID               // the last net without a name

	p        plan // of the call that runs now
	log      []model.Callback
	exits    int
	panicked bool               // an exit of this call did
	late     bool               // an exit of a cleanup did
	torn     map[*impl.Net]bool // an exit that took this net down did
	inside   bool               // a callback makes calls
	unlinked model.Answer       // of the first moment of the cleanup that runs now

	gate    chan struct{} // closed: deferred callbacks run
	atGate  int           // how many wait there
	pending []*atomic.Bool
}

// A plan is what happens around and inside one call.
type plan struct {
	fails   []fail
	ended   bool  // the call's context has ended before it begins
	givesUp bool  // a barrier that does not wait
	alloc   error // how the next allocation fails
	making  model.NetID
	at      int // inside runs in this callback of the call, counted from 1
	inside  []inner
	panics  int // this exit of the call panics, counted from 1

	point   string // between is called before this step of the call
	between []inner
}

// A fail is what an init does instead of success.
type fail struct {
	model.Fail
	panics bool
}

// An inner call is made while another one is under way.
type inner struct {
	kind model.Kind
	net  *impl.Net
	ops  model.OpsID
}

// An errno is what a failing init returns.
type errno model.Err

func (e errno) Error() string { return model.Err(e).String() }

// errExit is what a panicking exit panics with.
var errExit = errors.New("exit panics")

// impatient is a context that ends as soon as a call waits for its end. So a call with it
// finds the lock free or returns at once.
type impatient struct {
	context.Context
	cancel func()
}

func newImpatient() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	return &impatient{ctx, cancel}
}

func (c *impatient) Done() <-chan struct{} {
	c.cancel()
	return c.Context.Done()
}

func newMachine(t *rapid.T, d impl.Discipline) *machine {
	m := &machine{
		t: t, rw: d == impl.RWSem, ids: make(map[*impl.Net]model.NetID), live: make(map[model.NetID]*impl.Net),
		blank: firstBlank, gate: make(chan struct{}), torn: make(map[*impl.Net]bool),
	}
	m.d = &hook.Hooks{Stepped: true, AllocFail: func() error { return m.p.alloc }, Cleanup: m.cleanup, Point: m.point}
	for o := model.OpsID(1); o <= manyOps; o++ {
		m.noInit[o] = rapid.IntRange(0, 5).Draw(t, "no init") == 5
		m.noExit[o] = rapid.IntRange(0, 5).Draw(t, "no exit") == 5
		m.ops[o] = m.newOps(o)
	}
	return m
}

func (m *machine) newOps(o model.OpsID) *impl.Ops {
	ops := &impl.Ops{Name: fmt.Sprint("o", o)}
	if !m.noInit[o] {
		ops.Init = func(ctx context.Context, n *impl.Net) error {
			return m.returns(m.callback(ctx, model.Callback{Ops: o}, n))
		}
	}
	if !m.noExit[o] {
		ops.Exit = func(ctx context.Context, n *impl.Net) {
			m.callback(ctx, model.Callback{Exit: true, Ops: o}, n)
			if m.exits++; m.exits == m.p.panics {
				m.panicked = true
				m.tearsDown(n)
				panic(errExit)
			}
		}
	}
	return ops
}

// tearsDown notes that the exit which runs now panics, if it takes n down: Wait and Close return that.
func (m *machine) tearsDown(n *impl.Net) {
	for _, cb := range m.r.Running() {
		if cb.Call == "cleanup" || cb.Call == "Close" {
			m.torn[n] = true
		}
		m.late = m.late || cb.Call == "cleanup"
	}
}

// callback notes one callback, and does what the plan has for it.
func (m *machine) callback(ctx context.Context, c model.Callback, n *impl.Net) model.Callback {
	if _, seen := m.ids[n]; !seen {
		m.know(m.p.making, n)
	}
	c.Net = m.ids[n]
	m.log = append(m.log, c)
	if len(m.log) == m.p.at {
		m.inside = true
		for _, in := range m.p.inside {
			m.inner(ctx, in, n)
		}
		m.inside = false
	}
	return c
}

// returns does what the plan has for that init.
func (m *machine) returns(c model.Callback) error {
	for _, f := range m.p.fails {
		switch {
		case f.Ops != c.Ops || f.Net != c.Net:
		case f.Err > 0:
			return hook.Positive(f.Err)
		case f.panics:
			panic(errno(f.Err))
		default:
			return errno(f.Err)
		}
	}
	return nil
}

func (m *machine) know(id model.NetID, n *impl.Net) {
	if n.Name() != nameOf(id) {
		m.t.Errorf("net %d has the name %q", id, n.Name())
	}
	m.ids[n] = id
	m.known = append(m.known, n)
}

func nameOf(id model.NetID) string {
	switch {
	case id == model.InitNet:
		return "init_net"
	case id >= firstBlank:
		return ""
	}
	return fmt.Sprint("n", id)
}

// isLive reports whether n is a net that is not freed. A name used again is another net.
func (m *machine) isLive(n *impl.Net) bool { return m.live[m.ids[n]] == n }

// begin starts a call.
func (m *machine) begin(t *rapid.T, p plan) context.Context {
	m.t, m.p, m.log, m.exits, m.panicked = t, p, nil, 0, false
	ctx, cancel := context.WithCancel(context.Background())
	if p.ended {
		cancel()
	}
	t.Cleanup(cancel)
	return ctx
}

// step takes a step of the contract, which must be possible and break no invariant.
func (m *machine) step(a model.Action) model.Answer {
	s, ans, ok := m.s.Step(a)
	if !ok {
		m.t.Errorf("the contract has no %+v in %s", a, m.s)
		return ans
	}
	// A positive answer breaks the balance in the C too (hazard H1).
	if broken := model.Broken(s, a, ans); broken != "" && ans.Err <= 0 {
		m.t.Errorf("%s does not hold after %+v, %+v: %s", broken, a, ans, s)
	}
	m.s = s
	for _, n := range s.Live {
		if n.Phase == model.Listed && n.Count == 0 && !slices.Contains(m.queue, n.ID) && !slices.Contains(m.taken, n.ID) {
			m.queue = append(m.queue, n.ID)
		}
	}
	return ans
}

// same compares the answer of a call with the contract's.
func (m *machine) same(what any, err error, want model.Answer) {
	got, init := m.answer(err)
	ranInit := slices.ContainsFunc(want.Calls, func(c model.Callback) bool { return !c.Exit })
	if got != want.Err || init != (want.Err != 0 && ranInit) {
		m.t.Errorf("%v answers %q (%v), the contract %q", what, got, err, want.Err)
	}
	if got == model.EINTR && !errors.Is(err, context.Canceled) {
		m.t.Errorf("%v hides why it was cancelled: %v", what, err)
	}
}

// sameCalls compares the callbacks of a call with the contract's, and what it says of panics.
func (m *machine) sameCalls(what any, err error, want []model.Callback) {
	if !slices.Equal(m.log, want) {
		m.t.Errorf("%v ran %v, the contract %v", what, m.log, want)
	}
	if errors.Is(err, errExit) != m.panicked {
		m.t.Errorf("%v: an exit panicked: %t, but the answer is %v", what, m.panicked, err)
	}
}

// answer is err in the contract's terms, and whether an init gave it.
func (m *machine) answer(err error) (e model.Err, init bool) {
	var failed *impl.InitError
	if errors.As(err, &failed) {
		m.sameInit(failed)
		var number hook.Positive
		var name errno
		if errors.As(failed.Err, &number) {
			return model.Err(number), true
		}
		if errors.As(failed.Err, &name) {
			return model.Err(name), true
		}
	}
	for _, k := range knownErrors {
		if errors.Is(err, k.err) {
			return k.is, false
		}
	}
	if err != nil && !errors.Is(err, errExit) {
		m.t.Errorf("this error has no place in the contract: %v", err)
	}
	return 0, false
}

var knownErrors = []struct {
	err error
	is  model.Err
}{
	{impl.ErrExist, model.EEXIST}, {impl.ErrNotFound, model.ENOENT}, {impl.ErrInvalid, model.EINVAL},
	{impl.ErrInterrupted, model.EINTR}, {impl.ErrNoMemory, model.ENOMEM}, {impl.ErrQuota, model.ENOSPC},
}

// sameInit compares the init that an error names with the last one that ran.
func (m *machine) sameInit(failed *impl.InitError) {
	for _, c := range slices.Backward(m.log) {
		if !c.Exit {
			if failed.Ops != m.ops[c.Ops] || m.ids[failed.Net] != c.Net {
				m.t.Errorf("init of %d on %d failed, but the error is %v", c.Ops, c.Net, failed)
			}
			return
		}
	}
	m.t.Errorf("no init ran, but the error is %v", failed)
}

// point watches the steps of the registry: the gate opens where a barrier
// waits, and where a net is freed nothing that the barrier waits for may be left.
// Where no lock is held yet, or any more, other calls may come in between.
func (m *machine) point(p hook.Point) {
	switch p.Name {
	case "RegisterLock", "UnregisterLock", "CopyNetNsAlloc", "CopyNetNsLock", "CleanupNetBarrier":
		m.between(p.Name)
	case "CleanupNetLock":
		m.between(p.Name)
		if !m.rw {
			m.take(m.queue[:1])
			m.unlink()
		}
	case "CleanupNetUnlink":
		if m.rw {
			m.unlink()
		}
	case "CleanupNetBarrierEnd", "SetupNetBarrierEnd":
		if n := m.barrierOf(); n != nil {
			if err := n.Defer(func() { m.t.Error("ran after the last barrier") }); !errors.Is(err, impl.ErrInvalid) {
				m.t.Errorf("a Defer that no barrier waits for answers %v", err)
			}
		}
		m.openGate()
	case "RcuBarrierEnd":
		if !m.p.givesUp {
			m.openGate()
		}
	case "CleanupNetFree", "NetCompleteFree":
		m.nothingPending(p.Name)
	case "CopyNetNsFree":
		var failed *impl.InitError
		var number hook.Positive
		if errors.As(p.Err, &failed) && !errors.As(p.Err, &number) { // no barrier after a positive answer (hazard H1)
			m.nothingPending(p.Name)
		}
	}
}

// barrierOf returns the net that waits for its last barrier: the one that is
// made, or the one that is cleaned up. Nil: no callback has seen it.
func (m *machine) barrierOf() *impl.Net {
	last := m.known[len(m.known)-1]
	switch {
	case m.p.making != 0 && m.ids[last] == m.p.making && !m.isLive(last):
		return last
	case m.p.making == 0 && len(m.taken) > 0:
		return m.live[m.taken[0]]
	}
	return nil
}

func (m *machine) openGate() {
	close(m.gate)
	m.gate, m.atGate = make(chan struct{}), 0
}

func (m *machine) nothingPending(at string) {
	for _, ran := range m.pending {
		if !ran.Load() {
			m.t.Errorf("%s: a deferred callback has not run", at)
			return
		}
	}
	m.pending = nil
}

var silent = slog.New(slog.NewTextHandler(io.Discard, nil))
