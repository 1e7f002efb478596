// SPDX-License-Identifier: MIT

package replay

import (
	"context"
	"runtime"
	"slices"
	"time"

	"example.com/pernet/impl"
	"example.com/pernet/internal/errno"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// call makes one call on the registry.
func (s *stage) call(ctx context.Context, l *wire.Line) error {
	switch l.Op {
	case wire.RegisterSubsys:
		return s.registry.RegisterSubsys(ctx, s.opsOf(l, true))
	case wire.RegisterDevice:
		return s.registry.RegisterDevice(ctx, s.opsOf(l, true))
	case wire.UnregisterSubsys:
		return s.registry.UnregisterSubsys(ctx, s.opsOf(l, false))
	case wire.UnregisterDevice:
		return s.registry.UnregisterDevice(ctx, s.opsOf(l, false))
	case wire.List:
		for n := range s.registry.Nets() {
			l.Nets = append(l.Nets, n.Name())
		}
		return nil
	case wire.State:
		return s.state(ctx, l)
	case wire.Copy:
		return s.copy(ctx, l)
	}
	n := s.net(l.Net)
	if n == nil {
		return impl.ErrNotFound
	}
	switch l.Op {
	case wire.Get:
		return n.Get()
	case wire.Put:
		return n.Put()
	case wire.Hold:
		return n.Hold()
	}
	return n.Release()
}

func (s *stage) state(ctx context.Context, l *wire.Line) error {
	snap, err := s.registry.Snapshot(ctx)
	for _, o := range snap.PernetList {
		l.PernetList = append(l.PernetList, o.Name)
	}
	if snap.FirstDevice != nil {
		l.FirstDevice = snap.FirstDevice.Name
	}
	for _, n := range snap.Nets {
		l.Nets = append(l.Nets, n.Name())
	}
	return err
}

func (s *stage) net(name string) *impl.Net {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.nets[name]
}

func (s *stage) copy(ctx context.Context, l *wire.Line) error {
	from := s.net(l.From)
	if from == nil {
		return impl.ErrNotFound
	}
	if l.Share {
		_, err := s.registry.Share(from)
		return err
	}
	n, err := s.registry.Copy(ctx, from, l.Net)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.nets[l.Net] = n
	}
	return err
}

// opsOf returns the ops of that name, the same for all clients. Those with other callbacks take
// the place of ops that are not registered.
func (s *stage) opsOf(l *wire.Line, registers bool) *impl.Ops {
	s.mu.Lock()
	o := s.ops[l.Ops]
	s.mu.Unlock()
	if o != nil && (!registers || (o.Init == nil) == l.NoInit && (o.Exit == nil) == l.NoExit) {
		return o
	}
	if o != nil {
		snap, err := s.registry.Snapshot(context.Background())
		if err != nil || slices.Contains(snap.PernetList, o) {
			return o
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ops[l.Ops] == o { // else another client was first
		s.ops[l.Ops] = s.newOps(l)
	}
	return s.ops[l.Ops]
}

func (s *stage) newOps(l *wire.Line) *impl.Ops {
	o := &impl.Ops{Name: l.Ops}
	if !l.NoInit {
		o.Init = func(ctx context.Context, n *impl.Net) error {
			return errno.Error(s.callback(ctx, wire.Callback{Ops: o.Name, Net: n.Name()}))
		}
	}
	if !l.NoExit {
		o.Exit = func(ctx context.Context, n *impl.Net) {
			s.callback(ctx, wire.Callback{Exit: true, Ops: o.Name, Net: n.Name()})
		}
	}
	return o
}

// callback notes a callback of the call that runs it, which is the worker's if ctx names no
// client, pauses, and returns what an init is to return.
func (s *stage) callback(ctx context.Context, c wire.Callback) (err model.Err) {
	client, ok := ctx.Value(clientKey{}).(int64)
	if !ok {
		client = wire.Worker
	}
	s.mu.Lock()
	c.Timed, c.Begin = true, int64(time.Since(s.began))
	call := s.open[client]
	call.Calls = append(call.Calls, c)
	at := len(call.Calls) - 1
	if !c.Exit {
		err = s.armed.take(c.Ops, c.Net)
	}
	s.mu.Unlock()
	switch s.pause {
	case 0:
	case 1:
		runtime.Gosched()
	default:
		time.Sleep(time.Duration(s.pause) * time.Microsecond)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	call.Calls[at].End = int64(time.Since(s.began))
	return err
}
