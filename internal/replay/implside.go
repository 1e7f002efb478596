// SPDX-License-Identifier: MIT

package replay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"

	"example.com/pernet/impl"
	"example.com/pernet/internal/errno"
	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// implSide does lines on the registry, whose worker it steps by hand.
type implSide struct {
	discipline impl.Discipline

	registry *impl.Registry
	hooks    *hook.Hooks
	ops      map[string]*impl.Ops // what is registered
	nets     map[string]*implNet  // nets by name; some of them are freed
	freed    int                  // how many, or fewer where a name was used again
	armed    armed
	pending  []func()   // deferred callbacks, oldest first
	result   *wire.Line // of the line at hand
}

// An implNet is a net that once had a name. Freed ones are kept for a while, so
// that a call on such a net reaches the registry, which must refuse it.
type implNet struct {
	net   *impl.Net
	freed bool
}

const maxFreed = 1024

func newImplSide(ctx context.Context, d model.Discipline) (*implSide, error) {
	s := &implSide{discipline: disciplines[d]}
	return s, s.boot(ctx)
}

var disciplines = map[model.Discipline]impl.Discipline{model.Mutex: impl.Mutex, model.RWSem: impl.RWSem}

// boot makes a fresh registry and forgets everything about the old one. That one
// has neither a goroutine nor a callback to run, so it is simply dropped.
func (s *implSide) boot(ctx context.Context) error {
	cleanup := func() func(string, bool) { return s.cleaned }
	hold := func(_ string, f func()) { s.pending = append(s.pending, f) }
	d := &hook.Hooks{Stepped: true, AllocFail: s.armed.takeAlloc, Cleanup: cleanup, Go: hold, Point: s.point}
	r, err := impl.New(hook.With(ctx, d), impl.WithDiscipline(s.discipline), impl.WithInitName(wire.InitNet), impl.WithLogger(quiet))
	if err != nil {
		return err
	}
	*s = implSide{discipline: s.discipline, registry: r, hooks: d, ops: map[string]*impl.Ops{}, nets: map[string]*implNet{}, armed: newArmed(), result: s.result}
	s.nets[wire.InitNet] = &implNet{net: r.InitNet()}
	return nil
}

// point comes before each step of the registry. One that has to wait, a barrier's end, waits for deferred
// callbacks: the oldest ones run until it need not wait any more.
func (s *implSide) point(p hook.Point) {
	for p.Ready != nil && !p.Ready() {
		s.runDeferred()
	}
}

// runDeferred runs the oldest deferred callback.
func (s *implSide) runDeferred() {
	f := s.pending[0]
	s.pending = s.pending[1:]
	f()
}

// quiet drops what the kernel would print: the results say it.
var quiet = slog.New(slog.DiscardHandler)

// cleaned is called by the registry's worker after each cleanup. It forgets the freed nets in
// time, so that a scenario without end fits into memory.
func (s *implSide) cleaned(net string, freed bool) {
	if !freed {
		s.result.Kept = append(s.result.Kept, net)
		return
	}
	s.result.Freed = append(s.result.Freed, net)
	s.nets[net].freed = true
	if s.freed++; s.freed == maxFreed {
		s.freed = 0
		maps.DeleteFunc(s.nets, func(_ string, n *implNet) bool { return n.freed })
	}
}

func (s *implSide) Do(l, r *wire.Line) (err error) {
	s.result = r
	switch l.Op {
	case wire.Reset:
		err = s.boot(context.Background())
	case wire.RegisterSubsys, wire.RegisterDevice, wire.UnregisterSubsys, wire.UnregisterDevice:
		err = s.onOps(l)
	case wire.Copy:
		err = s.copy(l)
	case wire.Get, wire.Put, wire.Hold, wire.Release:
		err = s.refer(l)
	case wire.Work:
		s.hooks.Work(l.Max)
	case wire.Barrier:
		err = s.registry.Barrier(context.Background())
	case wire.RunDeferred:
		for len(s.pending) > 0 {
			s.runDeferred()
		}
	case wire.List:
		for n := range s.registry.Nets() {
			r.Nets = append(r.Nets, n.Name())
		}
	case wire.Fail, wire.FailAlloc:
		s.armed.arm(l)
	default:
		return fmt.Errorf("op %q is not implemented", l.Op)
	}
	var ok bool
	if r.Err, ok = errno.Of(err); !ok { // a scenario cannot bring it about
		return err
	}
	return lists(context.Background(), s.registry, r)
}

// onOps are the calls that register or unregister an ops.
var onOps = map[string]func(*impl.Registry, context.Context, *impl.Ops) error{
	wire.RegisterSubsys:   (*impl.Registry).RegisterSubsys,
	wire.RegisterDevice:   (*impl.Registry).RegisterDevice,
	wire.UnregisterSubsys: (*impl.Registry).UnregisterSubsys,
	wire.UnregisterDevice: (*impl.Registry).UnregisterDevice,
}

// onNet are the calls on a net.
var onNet = map[string]func(*impl.Net) error{
	wire.Get:     (*impl.Net).Get,
	wire.Put:     (*impl.Net).Put,
	wire.Hold:    (*impl.Net).Hold,
	wire.Release: (*impl.Net).Release,
}

// onOps registers or unregisters an ops: one that the registry has never seen, if none of that
// name is registered.
func (s *implSide) onOps(l *wire.Line) error {
	o, registered := s.ops[l.Ops]
	if !registered {
		o = newOps(l, s.callback)
	}
	if !registered && l.Defers {
		s.defers(o)
	}
	if err := onOps[l.Op](s.registry, context.Background(), o); err != nil {
		return err
	}
	if s.ops[l.Ops] = o; registered {
		delete(s.ops, l.Ops)
	}
	return nil
}

// defers makes each exit of the ops defer a callback.
func (s *implSide) defers(o *impl.Ops) {
	exit := o.Exit
	o.Exit = func(ctx context.Context, n *impl.Net) {
		exit(ctx, n)
		_ = n.Defer(func() { // if it were refused, it would be missing in the answer
			s.callback(ctx, wire.Callback{Deferred: true, Ops: o.Name, Net: n.Name()})
		})
	}
}

// newOps returns the ops that l registers. Each of its callbacks calls run, which returns what an
// init is to return.
func newOps(l *wire.Line, run func(context.Context, wire.Callback) model.Err) *impl.Ops {
	o := &impl.Ops{Name: l.Ops}
	if !l.NoInit {
		o.Init = func(ctx context.Context, n *impl.Net) error {
			return errno.Error(run(ctx, wire.Callback{Ops: o.Name, Net: n.Name()}))
		}
	}
	if !l.NoExit {
		o.Exit = func(ctx context.Context, n *impl.Net) {
			run(ctx, wire.Callback{Exit: true, Ops: o.Name, Net: n.Name()})
		}
	}
	return o
}

// callback adds a callback to the result of the line at hand.
func (s *implSide) callback(_ context.Context, c wire.Callback) model.Err {
	s.result.Calls = append(s.result.Calls, c)
	return s.armed.take(c)
}

func (s *implSide) copy(l *wire.Line) error {
	from := s.nets[l.From]
	if from == nil {
		return impl.ErrNotFound
	}
	if l.Share {
		_, err := s.registry.Share(from.net)
		return err
	}
	n, err := s.registry.Copy(context.Background(), from.net, l.Net)
	if err != nil {
		if _, ok := errors.AsType[*impl.InitError](err); ok { // so it had been allocated
			s.result.Freed = append(s.result.Freed, l.Net)
		}
		return err
	}
	s.nets[l.Net] = &implNet{net: n}
	return nil
}

func (s *implSide) refer(l *wire.Line) error {
	n := s.nets[l.Net]
	if n == nil {
		return impl.ErrNotFound
	}
	err := onNet[l.Op](n.net)
	if l.Op == wire.Release && err == nil && n.net.Wait(ended) == nil {
		s.cleaned(l.Net, true) // it was the last use
	}
	return err
}

// ended is a context that lets no call wait.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// lists adds the registry's lists to the result; of a list, nets is there already.
func lists(ctx context.Context, registry *impl.Registry, r *wire.Line) error {
	snap, err := registry.Snapshot(ctx)
	if err != nil {
		return err
	}
	for _, o := range snap.PernetList {
		r.PernetList = append(r.PernetList, o.Name)
	}
	if snap.FirstDevice != nil {
		r.FirstDevice = snap.FirstDevice.Name
	}
	if r.Op == wire.List {
		return nil
	}
	for _, n := range snap.Nets {
		r.Nets = append(r.Nets, n.Name())
	}
	return nil
}
