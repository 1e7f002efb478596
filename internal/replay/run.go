// SPDX-License-Identifier: MIT

package replay

import (
	"context"
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
	hooks    *hook.Hooks
	pause    int64
	began    time.Time // of the one clock

	mu      sync.Mutex
	history []wire.Line
	open    map[int64]*wire.Line // by client: the call that it is in, with its callbacks so far
	ops     map[string]*impl.Ops
	nets    map[string]*impl.Net
	armed   armed
	cleaned wire.Line // the cleanup under way
}

// runProgram runs a program on impl, and appends the lines of its answer to b.
func runProgram(ctx context.Context, d model.Discipline, p *wire.Program, b []byte) ([]byte, error) {
	if p.Schedule != nil {
		history, end, err := Scheduled(ctx, d, p)
		if err != nil {
			return nil, err
		}
		return appendRun(b, history, end), nil
	}
	s, err := newStage(ctx, d, p.Pause, &hook.Hooks{Stepped: true})
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
	history := s.end()
	end.Operations = int64(len(history))
	return appendRun(b, history, &end), nil
}

// appendRun appends the lines of an answer.
func appendRun(b []byte, history []wire.Line, end *wire.End) []byte {
	for i := range history {
		b = history[i].AppendOperation(b)
	}
	return end.Append(b)
}

// newStage makes a registry with the hooks of the tool and those of the stage.
func newStage(ctx context.Context, d model.Discipline, pause int64, hooks *hook.Hooks) (*stage, error) {
	s := &stage{pause: pause, began: time.Now(), open: map[int64]*wire.Line{}, ops: map[string]*impl.Ops{}, armed: newArmed()}
	hooks.AllocFail, hooks.Cleanup, hooks.Round = s.allocFail, s.cleanup, s.round
	r, err := impl.New(hook.With(ctx, hooks), impl.WithDiscipline(disciplines[d]), impl.WithInitName(wire.InitNet), impl.WithLogger(quiet))
	if err != nil {
		return nil, err
	}
	s.registry, s.hooks, s.nets = r, hooks, map[string]*impl.Net{wire.InitNet: r.InitNet()}
	return s, nil
}

// worker runs queued cleanups, until the clients are done and none is left.
func (s *stage) worker(done <-chan struct{}) {
	for {
		select {
		case <-done:
			s.hooks.Work(-1)
			return
		default:
		}
		if s.hooks.Work(1) == 0 {
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
			s.mu.Lock()
			s.armed.arm(&l)
			s.mu.Unlock()
			continue
		}
		s.begin(number, &l)
		err := s.call(ctx, &l)
		l.Err, _ = errno.Of(err) // each error of impl has an errno
		failed[i] = err != nil
		s.returned(number, &l)
	}
}

func (s *stage) allocFail() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.armed.takeAlloc()
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

// cleanup is called by the registry's worker before each cleanup, the function that it returns
// after it, for each net.
func (s *stage) cleanup() func(net string, freed bool) {
	l := &s.cleaned
	*l = wire.Line{Op: wire.Cleanup, Freed: []string{}}
	s.begin(wire.Worker, l)
	return func(net string, freed bool) {
		if l.Nets = append(l.Nets, net); freed {
			l.Freed = append(l.Freed, net)
		}
	}
}

// round is called by the registry's worker after the nets that it took together.
func (s *stage) round() { s.returned(wire.Worker, &s.cleaned) }
