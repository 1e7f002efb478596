// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"slices"
	"sync/atomic"
)

// A Slot is an ops with a value of type T in each net (net_generic). NewSlot makes one. All methods
// may be called by any number of goroutines, and from callbacks. A nil or zero Slot has no value in any
// net, and its Ops are nil, which no registry takes.
type Slot[T any] struct{ ops Ops }

// NewSlot returns a slot. Its init makes the value of a net, and its exit gets the value back; if exit is
// nil, there is nothing to undo. If init is nil, no registry takes the slot: it returns ErrInvalid. If init
// fails, what it returned with the error is dropped, and exit does not run. The value is there from the
// return of init until all exits of its net's cleanup have run, or those of the unregister. After that Get
// may return it or the zero value, so a deferred callback must be given the value.
func NewSlot[T any](name string, init func(ctx context.Context, n *Net) (T, error), exit func(ctx context.Context, n *Net, v T)) *Slot[T] {
	s := &Slot[T]{Ops{Name: name, slot: new(slot)}}
	if init == nil {
		return s
	}
	s.ops.Init = func(ctx context.Context, n *Net) error {
		v, err := init(ctx, n)
		if err == nil {
			c := n.cellOf(&s.ops)
			c.value = &v
			c.state.Store(cellUp)
		}
		return err
	}
	s.ops.Exit = func(ctx context.Context, n *Net) {
		c := n.cellOf(&s.ops)
		if c == nil {
			return // of an init that returned a positive number [H1]
		}
		if c.state.Swap(cellOver) != cellOver {
			await(n.r.readers.inside())
		}
		if exit != nil {
			exit(ctx, n, *c.value.(*T))
		}
	}
	return s
}

// Ops returns the ops, which are registered and unregistered like any others. One registry at a time
// can have them; another one returns ErrInvalid.
func (s *Slot[T]) Ops() *Ops {
	if !s.made() {
		return nil
	}
	return &s.ops
}

// made reports whether NewSlot made s.
func (s *Slot[T]) made() bool { return s != nil && s.ops.slot != nil }

// Get returns the value in n, or the zero value if there is none. It never blocks. It is for callers
// who know that the net is up, because they have a reference or run in a callback on it: exit does not
// wait until they have used the value.
func (s *Slot[T]) Get(n *Net) (v T) {
	if !s.made() {
		return v
	}
	if c := n.cellOf(&s.ops); c != nil && c.state.Load() != cellAssigned {
		v = *c.value.(*T)
	}
	return v
}

// Use calls f with the value in n. It returns false, and does not call f, if there is none or if its
// exit has begun; under RWSem, if the undo has begun that will run the exit. The exit waits until f has
// returned, so f must not call anything that blocks on the registry. Use never blocks on a callback, and
// its caller needs no reference on n.
func (s *Slot[T]) Use(n *Net, f func(v T)) bool {
	if !s.made() || !n.made() {
		return false
	}
	defer n.r.readers.enter().leave()
	c := n.cellOf(&s.ops)
	if c == nil || c.state.Load() != cellUp {
		return false
	}
	f(*c.value.(*T))
	return true
}

// A slot is where the value of an ops is in each net of its registry.
type slot struct {
	r  atomic.Pointer[Registry] // where it is registered
	id atomic.Int32             // its place in Registry.slots and in Net.gen
}

// A cell is the value of an ops in a net.
type cell struct {
	owner *Ops
	value any // a *T, from cellUp on
	state atomic.Int32
}

const (
	cellAssigned = iota // its init comes next, or runs
	cellUp
	cellOver // its exit comes next, or has begun
)

// cellOf returns the cell of o, or nil.
func (n *Net) cellOf(o *Ops) *cell {
	if n == nil {
		return nil
	}
	gen, id := n.gen.Load(), int(o.slot.id.Load())
	if gen == nil || id >= len(*gen) {
		return nil
	}
	if c := (*gen)[id].Load(); c != nil && c.owner == o {
		return c
	}
	return nil
}

// assign puts an empty cell in the place of o, if o is a slot (net_assign_generic). No two of these
// calls on one net are made at once.
func (c *call) assign(o *Ops, n *Net) error {
	if o.slot == nil {
		return nil
	}
	return c.assignSlot(o, n)
}

func (c *call) assignSlot(o *Ops, n *Net) error {
	if c.watched() {
		if err := c.stopAssign(o, n); err != nil {
			return err
		}
	}
	gen, id := n.gen.Load(), int(o.slot.id.Load())
	if gen == nil || id >= len(*gen) {
		more := make([]atomic.Pointer[cell], n.r.maxGenPtrs.Load())
		if gen != nil {
			for i := range *gen {
				more[i].Store((*gen)[i].Load())
			}
		}
		gen = &more
		n.gen.Store(gen)
	}
	(*gen)[id].Store(&cell{owner: o})
	return nil
}

// clearSlot takes the cell of o out of its place, if o is a slot and has one there.
func (n *Net) clearSlot(o *Ops) {
	if o.slot != nil && n.cellOf(o) != nil {
		(*n.gen.Load())[o.slot.id.Load()].Store(nil)
	}
}

// admit refuses an ops that the registry cannot have, and gives a slot its id. netMutex is held to write.
func (c *call) admit(o *Ops) error {
	r := c.r
	switch {
	case !r.rw && (o.PreExit != nil || o.ExitRTNL != nil || o.ExitBatch != nil):
		return c.refuse(ErrInvalid, "PreExit, ExitRTNL and ExitBatch need the discipline RWSem")
	case o.slot == nil:
		return nil
	case o.Init == nil: // an id without a size
		return c.refuse(ErrInvalid, "the slot has no init")
	case !o.slot.r.CompareAndSwap(nil, r):
		return c.refuse(ErrInvalid, "the slot is registered with a registry")
	}
	id := slices.Index(r.slots, nil)
	if id < 0 {
		id = len(r.slots)
		r.slots = append(r.slots, nil)
		r.maxGenPtrs.Store(int32(len(r.slots)))
	}
	r.slots[id] = o
	o.slot.id.Store(int32(id))
	return nil
}

// dismiss takes the id of a slot away and, unless an undo has done so, its values. netMutex is held to write.
func (r *Registry) dismiss(o *Ops) {
	if o.slot == nil {
		return
	}
	if !r.rw {
		for _, n := range r.netList {
			n.clearSlot(o)
		}
	}
	id := o.slot.id.Load() // before another registry can have the slot
	r.slots[id] = nil
	o.slot.r.Store(nil)
}

// dismissAll is dismiss for all slots, once no net is listed.
func (r *Registry) dismissAll() {
	for _, o := range r.slots {
		if o != nil {
			r.dismiss(o)
		}
	}
}
