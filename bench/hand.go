// SPDX-License-Identifier: MIT

// Package bench measures the registry of package impl beside one that is written
// by hand for the same promises (this file), and beside go.uber.org/fx. It is a module of its own, so
// that who uses the registry does not depend on fx.
package bench

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
)

// The answers are those of package impl, one for one.
var (
	ErrExist      = errors.New("hand: exists already")
	ErrNotFound   = errors.New("hand: not found")
	ErrInvalid    = errors.New("hand: invalid argument")
	ErrClosed     = errors.New("hand: registry is closed")
	ErrInCallback = errors.New("hand: called from a callback")
	ErrInUse      = errors.New("hand: net is in use and is kept")
)

// A PanicError holds the panic of a callback.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value of the panic if it is an error, else nil.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Ops are the callbacks of one part of a program. Either may be nil.
type Ops struct {
	Name string
	Init func(ctx context.Context, n *Net) error
	Exit func(ctx context.Context, n *Net)
}

type entry struct {
	ops    *Ops
	device bool
}

// A Registry is what a Go programmer would write who needs the promises of
// impl.Registry but no waits that can be cancelled: one mutex around slices. Without:
// contexts that end a wait, a first-come-first-served lock, lists that can be read while callbacks
// run, exits that end their goroutine, deferred callbacks with their barrier, yield points.
type Registry struct {
	mu      sync.Mutex // guards the slices, and is held while callbacks run
	entries []entry    // subsystems, then devices
	devices int        // how many of entries are devices
	nets    []*Net
	names   map[string]*Net
	closed  atomic.Bool // set under mu

	queue   chan *Net     // to the worker; nil ends it
	stopped chan struct{} // closed when the worker has ended
	inside  *callbackCtx  // what callbacks get from calls with the background context
	initNet *Net
}

// New makes a registry that has its first net, and starts its worker.
func New() *Registry {
	r := &Registry{names: make(map[string]*Net), queue: make(chan *Net, 256), stopped: make(chan struct{})}
	r.inside = &callbackCtx{context.Background(), r}
	r.initNet = &Net{r: r, name: "init_net", ended: make(chan struct{})}
	r.initNet.count.Store(1)
	r.names[r.initNet.name] = r.initNet
	r.nets = append(r.nets, r.initNet)
	go r.worker()
	return r
}

// InitNet returns the first net.
func (r *Registry) InitNet() *Net { return r.initNet }

// RegisterSubsys registers o before the first device and runs its init on every net.
func (r *Registry) RegisterSubsys(ctx context.Context, o *Ops) error {
	return r.register(ctx, o, false)
}

// RegisterDevice registers o at the end and runs its init on every net.
func (r *Registry) RegisterDevice(ctx context.Context, o *Ops) error {
	return r.register(ctx, o, true)
}

// UnregisterSubsys takes the subsystem o off the list and runs its exit on every net.
func (r *Registry) UnregisterSubsys(ctx context.Context, o *Ops) error {
	return r.unregister(ctx, o, false)
}

// UnregisterDevice takes the device o off the list and runs its exit on every net.
func (r *Registry) UnregisterDevice(ctx context.Context, o *Ops) error {
	return r.unregister(ctx, o, true)
}

func (r *Registry) register(ctx context.Context, o *Ops, device bool) error {
	if err := r.allowed(ctx); err != nil {
		return err
	}
	if o == nil {
		return ErrInvalid
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed.Load() {
		return ErrClosed
	}
	if r.find(o) >= 0 {
		return ErrExist
	}
	at := len(r.entries)
	if device {
		r.devices++
	} else {
		at -= r.devices
	}
	r.entries = slices.Insert(r.entries, at, entry{o, device})
	if o.Init == nil {
		return nil
	}
	in := r.callback(ctx)
	done, err := initNets(in, o, r.nets)
	if err != nil {
		r.unlink(at)
		err = errors.Join(err, exitNets(in, o, r.nets[:done]))
	}
	return err
}

func (r *Registry) unregister(ctx context.Context, o *Ops, device bool) error {
	if err := r.allowed(ctx); err != nil {
		return err
	}
	if o == nil {
		return ErrInvalid
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed.Load() {
		return ErrClosed
	}
	at := r.find(o)
	if at < 0 {
		return ErrNotFound
	}
	if r.entries[at].device != device {
		return ErrInvalid
	}
	r.unlink(at)
	if o.Exit == nil {
		return nil
	}
	return exitNets(r.callback(ctx), o, r.nets)
}

func (r *Registry) find(o *Ops) int {
	for i := range r.entries {
		if r.entries[i].ops == o {
			return i
		}
	}
	return -1
}

func (r *Registry) unlink(at int) {
	if r.entries[at].device {
		r.devices--
	}
	r.entries = slices.Delete(r.entries, at, at+1)
}

// Copy makes a net, with the inits of all ops run on it. It holds a reference on from meanwhile.
func (r *Registry) Copy(ctx context.Context, from *Net, name string) (*Net, error) {
	if err := r.allowed(ctx); err != nil {
		return nil, err
	}
	if from == nil || from.r != r {
		return nil, ErrInvalid
	}
	if err := from.Get(); err != nil {
		return nil, err
	}
	defer func() { _ = from.Put() }()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed.Load() {
		return nil, ErrClosed
	}
	if name != "" && r.names[name] != nil {
		return nil, ErrExist
	}
	n := &Net{r: r, name: name, ended: make(chan struct{})}
	n.count.Store(1)
	in := r.callback(ctx)
	if done, err := initOps(in, r.entries, n); err != nil {
		err = errors.Join(err, exitOps(in, r.entries[:done], n))
		r.free(n)
		return nil, err
	}
	if name != "" {
		r.names[name] = n
	}
	r.nets = append(r.nets, n)
	return n, nil
}

// Nets returns the nets of a snapshot, so that the body of the loop may call anything.
func (r *Registry) Nets() iter.Seq[*Net] {
	return func(yield func(*Net) bool) {
		r.mu.Lock()
		nets := slices.Clone(r.nets)
		r.mu.Unlock()
		for _, n := range nets {
			if !yield(n) {
				return
			}
		}
	}
}

// worker cleans up the nets whose count has come to zero.
func (r *Registry) worker() {
	defer close(r.stopped)
	for n := <-r.queue; n != nil; n = <-r.queue {
		r.cleanup(n)
	}
}

func (r *Registry) cleanup(n *Net) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := slices.Index(r.nets, n); at >= 0 {
		r.nets = slices.Delete(r.nets, at, at+1)
		if n.panics = exitOps(r.inside, r.entries, n); n.panics != nil {
			slog.Error("hand: exit panicked", "net", n.name, "panic", n.panics)
		}
		r.free(n)
	}
}

// free ends n and its name, or keeps both for ever if n is in use. mu is held.
func (r *Registry) free(n *Net) {
	n.count.Store(0)
	if n.useCount.CompareAndSwap(0, freed) {
		if r.names[n.name] == n {
			delete(r.names, n.name)
		}
	} else {
		slog.Error("hand: net is not freed, for it is in use", "net", n.name)
	}
	close(n.ended)
}

// Close refuses new calls, ends the worker and takes down the nets that are left, the first one last.
func (r *Registry) Close() {
	r.mu.Lock()
	again := r.closed.Swap(true)
	r.mu.Unlock()
	if again {
		return
	}
	r.queue <- nil
	<-r.stopped
	for i := len(r.nets) - 1; i >= 0; i-- {
		r.cleanup(r.nets[i])
	}
}
