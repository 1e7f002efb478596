// SPDX-License-Identifier: MIT

package bench

import (
	"context"
	"errors"
	"sync/atomic"
)

// A Net is one net of a Registry. Its counts are atomic, so that callbacks may use them.
type Net struct {
	r        *Registry
	name     string
	count    atomic.Int64
	useCount atomic.Int64  // freed once the net is
	ended    chan struct{} // closed when the net is freed, or kept because of its use count
	panics   error         // of the exits that took the net down; written before ended is closed
}

const freed = -1

// Name returns the name that the net was made with.
func (n *Net) Name() string { return n.name }

// Get takes a reference, if the count is not zero.
func (n *Net) Get() error {
	for {
		count := n.count.Load()
		if count == 0 {
			return ErrNotFound
		}
		if n.count.CompareAndSwap(count, count+1) {
			return nil
		}
	}
}

// Put gives a reference back, and the last one hands the net to the worker. It never blocks.
func (n *Net) Put() error {
	for {
		count := n.count.Load()
		switch {
		case count == 0 && n.useCount.Load() == freed:
			return ErrNotFound
		case count == 0, count == 1 && n == n.r.initNet:
			return ErrInvalid
		case n.count.CompareAndSwap(count, count-1):
			if count == 1 {
				n.r.enqueue(n)
			}
			return nil
		}
	}
}

// enqueue does not block even if a callback puts more nets than the queue has room for.
func (r *Registry) enqueue(n *Net) {
	select {
	case r.queue <- n:
	default:
		go func() {
			select {
			case r.queue <- n:
			case <-r.stopped:
			}
		}()
	}
}

// Hold adds one to the use count, if the net is not freed.
func (n *Net) Hold() error {
	for {
		use := n.useCount.Load()
		if use == freed {
			return ErrNotFound
		}
		if n.useCount.CompareAndSwap(use, use+1) {
			return nil
		}
	}
}

// Release takes one from the use count.
func (n *Net) Release() error {
	for {
		use := n.useCount.Load()
		switch {
		case use == freed:
			return ErrNotFound
		case use == 0:
			return ErrInvalid
		case n.useCount.CompareAndSwap(use, use-1):
			return nil
		}
	}
}

// Wait blocks until the net is freed, or kept because of its use count. It returns what the exits panicked with.
func (n *Net) Wait(ctx context.Context) error {
	if n.r.insideCallback(ctx) {
		return ErrInCallback
	}
	<-n.ended
	if n.useCount.Load() != freed {
		return errors.Join(ErrInUse, n.panics)
	}
	return n.panics
}
