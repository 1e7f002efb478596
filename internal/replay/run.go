// SPDX-License-Identifier: MIT

package replay

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"example.com/pernet/impl"
	"example.com/pernet/internal/errno"
	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A stage is where the clients of one program meet: a registry, and what they did with it.
type stage struct {
	registry *impl.Registry
	work     func(max int) int
	pause    int64
	began    time.Time // of the one clock

	mu      sync.Mutex
	history []wire.Line
	open    map[int64]*wire.Line // by client: the call that it is in, with its callbacks so far
	ops     map[string]*impl.Ops
	nets    map[string]*impl.Net
	armed   armed
	allocs  int
}

// runProgram runs a program on impl, and appends the lines of its answer to b.
func runProgram(ctx context.Context, p *wire.Program, b []byte) ([]byte, error) {
	s, err := newStage(ctx, p.Pause)
	if err != nil {
		return nil, err
	}
	s.client(wire.Setup, p.Setup)
	var clients sync.WaitGroup
	begin := make(chan struct{})
	for i, steps := range p.Clients {
		clients.Go(func() {
			<-begin
			s.client(int64(i), steps)
		})
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		clients.Wait()
		close(done)
	}()
	go func() {
		s.worker(done)
		close(ended)
	}()
	close(begin)
	end := wire.End{ID: p.ID}
	select {
	case <-ended:
	case <-time.After(time.Duration(p.Deadline) * time.Millisecond):
		end.Err = "ETIMEDOUT"
	}
	for _, l := range s.end() {
		b = l.AppendOperation(b)
		end.Operations++
	}
	return end.Append(b), nil
}

func newStage(ctx context.Context, pause int64) (*stage, error) {
	s := &stage{pause: pause, began: time.Now(), open: map[int64]*wire.Line{}, ops: map[string]*impl.Ops{}, armed: armed{}}
	hooks := &hook.Hooks{Stepped: true, AllocFail: s.allocFail, Cleanup: s.cleanup}
	r, err := impl.New(hook.With(ctx, hooks), impl.WithInitName(wire.InitNet), impl.WithLogger(quiet))
	if err != nil {
		return nil, err
	}
	s.registry, s.work, s.nets = r, hooks.Work, map[string]*impl.Net{wire.InitNet: r.InitNet()}
	return s, nil
}

// worker runs queued cleanups, until the clients are done and none is left.
func (s *stage) worker(done <-chan struct{}) {
	for {
		select {
		case <-done:
			s.work(-1)
			return
		default:
		}
		if s.work(1) == 0 {
			time.Sleep(10 * time.Microsecond)
		}
	}
}

// end returns the history so far. A call that has not returned is part of it.
func (s *stage) end() []wire.Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.open {
		never := *l
		never.Never, never.Calls = true, nil
		s.history = append(s.history, never)
	}
	return slices.Clone(s.history)
}

type clientKey struct{}

// client takes the steps of one client.
func (s *stage) client(number int64, steps []wire.Step) {
	ctx := context.WithValue(context.Background(), clientKey{}, number)
	failed := make([]bool, len(steps))
	for i := range steps {
		step := &steps[i]
		if step.If >= 0 && failed[step.If] {
			failed[i] = true // it is left out
			continue
		}
		l := step.Line
		if l.Op == wire.Fail || l.Op == wire.FailAlloc {
			s.arm(&l)
			continue
		}
		s.begin(number, &l)
		err := s.call(ctx, &l)
		l.Err, _ = errno.Of(err) // each error of impl has an errno
		failed[i] = err != nil
		s.returned(number, &l)
	}
}

func (s *stage) arm(l *wire.Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.Op == wire.FailAlloc {
		s.allocs++
		return
	}
	s.armed.add(l.Ops, l.Net, l.Err)
}

func (s *stage) allocFail() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	fails := s.allocs > 0
	if fails {
		s.allocs--
	}
	return fails
}

// begin notes the begin of a call.
func (s *stage) begin(client int64, l *wire.Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.Client, l.Call = client, int64(time.Since(s.began))
	open := *l
	s.open[client] = &open
}

func (s *stage) returned(client int64, l *wire.Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.Calls = s.open[client].Calls
	l.Return = int64(time.Since(s.began))
	s.history = append(s.history, *l)
	delete(s.open, client)
}

// cleanup is called by the registry's worker around each cleanup.
func (s *stage) cleanup() func(net string, freed bool) {
	l := &wire.Line{Op: wire.Cleanup, Freed: []string{}}
	s.begin(wire.Worker, l)
	return func(net string, freed bool) {
		if l.Nets = []string{net}; freed {
			l.Freed = l.Nets
		}
		s.returned(wire.Worker, l)
	}
}

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
