// SPDX-License-Identifier: MIT

package pernet_test

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"example.com/pernet/impl"
	errnos "example.com/pernet/internal/errno"
	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A Recorder records what goroutines do with one registry. Each client is one
// goroutine; the worker's cleanups are operations of client -1. What was
// recorded is taken out by [Recorder.Take], so memory is bounded by how often.
//
// Callbacks find the call that they run in through the context that they are
// given; one that finds none runs in the worker.
type Recorder struct {
	start time.Time // of the one clock
	yield func()    // is called in each callback

	mu      sync.Mutex
	ops     []wire.Line // complete
	clients []*Client
	cleanup *wire.Line    // the worker's, under way
	changed chan struct{} // closed when a cleanup ends
	cleaned int
}

// NewRecorder returns a recorder whose clock starts now.
func NewRecorder() *Recorder {
	return &Recorder{start: time.Now(), yield: runtime.Gosched, changed: make(chan struct{})}
}

// now reads the clock.
func (r *Recorder) now() int64 { return int64(time.Since(r.start)) }

// Context returns a context for impl.New that lets the recorder see the worker.
func (r *Recorder) Context(ctx context.Context) context.Context {
	return hook.With(ctx, &hook.Hooks{Cleanup: r.beginCleanup, Round: r.endCleanup})
}

// beginCleanup is called by the worker before it takes nets.
func (r *Recorder) beginCleanup() func(net string, freed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanup = &wire.Line{Client: wire.Worker, Call: r.now(), Op: wire.Cleanup, Freed: []string{}}
	return r.endNet
}

func (r *Recorder) endNet(net string, freed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanup.Nets = append(r.cleanup.Nets, net)
	if freed {
		r.cleanup.Freed = append(r.cleanup.Freed, net)
	}
}

func (r *Recorder) endCleanup() {
	r.mu.Lock()
	defer r.mu.Unlock()
	op := r.cleanup
	op.Return = r.now()
	r.ops = append(r.ops, *op)
	r.cleanup = nil
	r.cleaned += len(op.Nets)
	close(r.changed)
	r.changed = make(chan struct{})
}

// Cleaned returns how many nets have been cleaned up, and a channel that is closed at the next.
func (r *Recorder) Cleaned() (int, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cleaned, r.changed
}

// Take returns what was recorded since the last Take. No call and no cleanup may
// be under way.
func (r *Recorder) Take() []wire.Line {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.ops
	r.ops = nil
	for _, c := range r.clients {
		out = append(out, c.ops...)
		c.ops = c.ops[:0]
	}
	return out
}

// NewOps returns ops whose callbacks are recorded and yield, so that other
// calls come in between. Their inits return what the call that runs them has
// armed: see [Client.Fail].
func (r *Recorder) NewOps(name string, init, exit bool) *impl.Ops {
	o := &impl.Ops{Name: name}
	if init {
		o.Init = func(ctx context.Context, n *impl.Net) error {
			return r.callback(ctx, wire.Callback{Ops: name, Net: n.Name()})
		}
	}
	if exit {
		o.Exit = func(ctx context.Context, n *impl.Net) {
			r.callback(ctx, wire.Callback{Exit: true, Ops: name, Net: n.Name()})
		}
	}
	return o
}

// Staged gives o the other callbacks of an undo since 4.17, which are recorded too, and returns it.
func (r *Recorder) Staged(o *impl.Ops) *impl.Ops {
	o.PreExit = func(ctx context.Context, n *impl.Net) { r.stage(ctx, wire.PreExit, o, n) }
	o.ExitRTNL = func(ctx context.Context, n *impl.Net) { r.stage(ctx, wire.ExitRTNL, o, n) }
	o.ExitBatch = func(ctx context.Context, nets []*impl.Net) { r.stage(ctx, wire.ExitBatch, o, nets...) }
	return o
}

// stage yields, and notes the callback with its times.
func (r *Recorder) stage(ctx context.Context, word string, o *impl.Ops, nets ...*impl.Net) {
	s := wire.Stage{Word: word, Ops: o.Name, Nets: netNames(nets), Timed: true, Begin: r.now()}
	r.yield()
	s.End = r.now()
	var op *wire.Line
	if c, ok := ctx.Value(clientKey{}).(*Client); ok {
		op = &c.op
	} else {
		r.mu.Lock()
		defer r.mu.Unlock()
		op = r.cleanup
	}
	s.After = len(op.Calls)
	op.Stages = append(op.Stages, s)
}

type clientKey struct{}

// callback yields, notes the callback with its times and returns what an init is to answer.
func (r *Recorder) callback(ctx context.Context, cb wire.Callback) error {
	cb.Timed, cb.Begin = true, r.now()
	r.yield()
	cb.End = r.now()
	if c, ok := ctx.Value(clientKey{}).(*Client); ok {
		c.op.Calls = append(c.op.Calls, cb)
		if !cb.Exit {
			c.inits++
			if c.failAt == c.inits {
				return errnos.Error(c.failErr)
			}
		}
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanup.Calls = append(r.cleanup.Calls, cb)
	return nil
}

// A Client makes calls on one goroutine and records them.
type Client struct {
	r   *Recorder
	reg *impl.Registry
	id  int64
	ops []wire.Line
	op  wire.Line // under way

	inits, failAt int
	failErr       model.Err
}

// NewClient returns a client with the next number, from 0.
func (r *Recorder) NewClient(reg *impl.Registry) *Client {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := &Client{r: r, reg: reg, id: int64(len(r.clients))}
	r.clients = append(r.clients, c)
	return c
}

// Fail arms the client's next register or copy: the nth init that it runs, from
// 1, returns e. If it runs fewer, none fails.
func (c *Client) Fail(nth int, e model.Err) { c.failAt, c.failErr = nth, e }

// do records one call.
func (c *Client) do(ctx context.Context, op wire.Line, call func(context.Context) error) error {
	ctx = context.WithValue(ctx, clientKey{}, c)
	c.op, c.inits = op, 0
	c.op.Client = c.id
	c.op.Call = c.r.now()
	err := call(ctx)
	c.op.Return = c.r.now()
	var ok bool
	if c.op.Err, ok = errnos.Of(err); !ok {
		panic("an answer that the format does not know: " + err.Error())
	}
	c.ops = append(c.ops, c.op)
	c.failAt = 0
	return err
}

// Register registers o, as a device or as a subsystem.
func (c *Client) Register(ctx context.Context, o *impl.Ops, device bool) error {
	op := wire.Line{Op: wire.RegisterSubsys, Ops: o.Name, NoInit: o.Init == nil, NoExit: o.Exit == nil}
	call := c.reg.RegisterSubsys
	if device {
		op.Op, call = wire.RegisterDevice, c.reg.RegisterDevice
	}
	return c.do(ctx, op, func(ctx context.Context) error { return call(ctx, o) })
}

// Unregister is the opposite of Register.
func (c *Client) Unregister(ctx context.Context, o *impl.Ops, device bool) error {
	op, call := wire.Line{Op: wire.UnregisterSubsys, Ops: o.Name}, c.reg.UnregisterSubsys
	if device {
		op.Op, call = wire.UnregisterDevice, c.reg.UnregisterDevice
	}
	return c.do(ctx, op, func(ctx context.Context) error { return call(ctx, o) })
}

// Copy makes a net from another.
func (c *Client) Copy(ctx context.Context, from *impl.Net, name string) (n *impl.Net, err error) {
	err = c.do(ctx, wire.Line{Op: wire.Copy, Net: name, From: from.Name()}, func(ctx context.Context) error {
		n, err = c.reg.Copy(ctx, from, name)
		return err
	})
	return n, err
}

// Share is a copy without CLONE_NEWNET.
func (c *Client) Share(ctx context.Context, from *impl.Net) error {
	return c.do(ctx, wire.Line{Op: wire.Copy, Share: true, From: from.Name()}, func(context.Context) error {
		_, err := c.reg.Share(from)
		return err
	})
}

// Net calls get, put, hold or release.
func (c *Client) Net(ctx context.Context, v string, n *impl.Net) error {
	call := map[string]func() error{wire.Get: n.Get, wire.Put: n.Put, wire.Hold: n.Hold, wire.Release: n.Release}[v]
	return c.do(ctx, wire.Line{Op: v, Net: n.Name()}, func(context.Context) error { return call() })
}

// List reads the listed nets.
func (c *Client) List(ctx context.Context) {
	c.do(ctx, wire.Line{Op: wire.List}, func(context.Context) error {
		nets := slices.Collect(c.reg.Nets())
		c.op.Nets = netNames(nets)
		return nil
	})
}

// State takes a snapshot. One that was cancelled showed nothing and changed
// nothing, so the format has no line for it.
func (c *Client) State(ctx context.Context) error {
	err := c.do(ctx, wire.Line{Op: wire.State}, func(ctx context.Context) error {
		s, err := c.reg.Snapshot(ctx)
		if err != nil {
			return err
		}
		c.op.Nets = netNames(s.Nets)
		for _, o := range s.PernetList {
			c.op.PernetList = append(c.op.PernetList, o.Name)
		}
		if s.FirstDevice != nil {
			c.op.FirstDevice = s.FirstDevice.Name
		}
		return nil
	})
	if err != nil {
		c.ops = c.ops[:len(c.ops)-1]
	}
	return err
}

func netNames(nets []*impl.Net) []string {
	out := make([]string, len(nets))
	for i, n := range nets {
		out[i] = n.Name()
	}
	return out
}
