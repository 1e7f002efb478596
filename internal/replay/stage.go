// SPDX-License-Identifier: MIT

package replay

import (
	"context"
	"runtime"
	"slices"
	"time"

	"example.com/pernet/impl"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// call makes one call on the registry.
func (s *stage) call(ctx context.Context, l *wire.Line) error {
	switch l.Op {
	case wire.RegisterSubsys, wire.RegisterDevice:
		return onOps[l.Op](s.registry, ctx, s.opsOf(l, true))
	case wire.UnregisterSubsys, wire.UnregisterDevice:
		return onOps[l.Op](s.registry, ctx, s.opsOf(l, false))
	case wire.List:
		for n := range s.registry.Nets() {
			l.Nets = append(l.Nets, n.Name())
		}
		return nil
	case wire.State:
		return lists(ctx, s.registry, l)
	case wire.Copy:
		return s.copy(ctx, l)
	}
	n := s.net(l.Net)
	if n == nil {
		return impl.ErrNotFound
	}
	return onNet[l.Op](n)
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
		s.ops[l.Ops] = newOps(l, s.callback)
	}
	return s.ops[l.Ops]
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
	err = s.armed.take(c)
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
