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
	armed    armed                // failures of inits
	allocs   int                  // failures of allocations
	result   *wire.Line           // of the line at hand
}

// An implNet is a net that once had a name. Freed ones are kept for a while, so
// that a call on such a net reaches the registry, which must refuse it.
type implNet struct {
	net   *impl.Net
	freed bool
}

const maxFreed = 1024

func newImplSide(ctx context.Context, d model.Discipline) (*implSide, error) {
	s := new(implSide)
	if d == model.RWSem {
		s.discipline = impl.RWSem
	}
	return s, s.boot(ctx)
}

// boot makes a fresh registry and forgets everything about the old one. That one
// has neither a goroutine nor a callback to run, so it is simply dropped.
func (s *implSide) boot(ctx context.Context) error {
	cleanup := func() func(string, bool) { return s.cleaned }
	d := &hook.Hooks{Stepped: true, AllocFail: s.allocFail, Cleanup: cleanup}
	r, err := impl.New(hook.With(ctx, d), impl.WithDiscipline(s.discipline), impl.WithInitName(wire.InitNet), impl.WithLogger(quiet))
	if err != nil {
		return err
	}
	*s = implSide{discipline: s.discipline, registry: r, hooks: d, ops: map[string]*impl.Ops{}, nets: map[string]*implNet{}, armed: armed{}, result: s.result}
	s.nets[wire.InitNet] = &implNet{net: r.InitNet()}
	return nil
}

// quiet drops what the kernel would print: the results say it.
var quiet = slog.New(slog.DiscardHandler)

// allocFail is asked by the registry once for each allocation.
func (s *implSide) allocFail() bool {
	fails := s.allocs > 0
	if fails {
		s.allocs--
	}
	return fails
}

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
	case wire.RegisterSubsys:
		err = s.onOps(l, s.registry.RegisterSubsys)
	case wire.RegisterDevice:
		err = s.onOps(l, s.registry.RegisterDevice)
	case wire.UnregisterSubsys:
		err = s.onOps(l, s.registry.UnregisterSubsys)
	case wire.UnregisterDevice:
		err = s.onOps(l, s.registry.UnregisterDevice)
	case wire.Copy:
		err = s.copy(l)
	case wire.Get:
		err = s.refer(l, (*impl.Net).Get)
	case wire.Put:
		err = s.refer(l, (*impl.Net).Put)
	case wire.Hold:
		err = s.refer(l, (*impl.Net).Hold)
	case wire.Release:
		err = s.refer(l, (*impl.Net).Release)
	case wire.Work:
		s.hooks.Work(l.Max)
	case wire.List:
		for n := range s.registry.Nets() {
			r.Nets = append(r.Nets, n.Name())
		}
	case wire.Fail:
		s.armed.add(l.Ops, l.Net, l.Err)
	case wire.FailAlloc:
		s.allocs++
	default:
		return fmt.Errorf("op %q is not implemented", l.Op)
	}
	var ok bool
	if r.Err, ok = errno.Of(err); !ok { // a scenario cannot bring it about
		return err
	}
	return s.lists(r)
}

// onOps registers or unregisters an ops: one that the registry has never seen, if none of that
// name is registered.
func (s *implSide) onOps(l *wire.Line, call func(context.Context, *impl.Ops) error) error {
	o, registered := s.ops[l.Ops]
	if !registered {
		o = s.newOps(l)
	}
	if err := call(context.Background(), o); err != nil {
		return err
	}
	if s.ops[l.Ops] = o; registered {
		delete(s.ops, l.Ops)
	}
	return nil
}

// newOps makes ops whose callbacks write into the result of the line at hand.
func (s *implSide) newOps(l *wire.Line) *impl.Ops {
	o := &impl.Ops{Name: l.Ops}
	if !l.NoInit {
		o.Init = func(_ context.Context, n *impl.Net) error {
			s.result.Calls = append(s.result.Calls, wire.Callback{Ops: o.Name, Net: n.Name()})
			return errno.Error(s.armed.take(o.Name, n.Name()))
		}
	}
	if !l.NoExit {
		o.Exit = func(_ context.Context, n *impl.Net) {
			s.result.Calls = append(s.result.Calls, wire.Callback{Exit: true, Ops: o.Name, Net: n.Name()})
		}
	}
	return o
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

func (s *implSide) refer(l *wire.Line, call func(*impl.Net) error) error {
	n := s.nets[l.Net]
	if n == nil {
		return impl.ErrNotFound
	}
	err := call(n.net)
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
func (s *implSide) lists(r *wire.Line) error {
	snap, err := s.registry.Snapshot(context.Background())
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
