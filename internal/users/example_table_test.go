// SPDX-License-Identifier: MIT

// Package users is an example and its tests: how code keeps pointers to nets. A [Table] gives
// ids to nets, and a [Keeper] uses a net later. No program imports them. spec/users.tla has
// the same steps, and its actions name the yield points. The two are not compared edge by edge.
//
// There are three ways to keep a pointer to a net:
//   - Code with an exit keeps it from init to exit without a reference; a reference would keep
//     the net alive. The exit removes the pointer, and the code must not store it again. The
//     Table does this.
//   - Code without an exit takes a reference first, gives up if it cannot, and puts it after
//     use. No cleanup begins while the reference is held. The calls of the Table and the
//     Keeper do this.
//   - A callback that an exit of the net defers needs no reference (impl.Net.Defer). The
//     barrier keeps the net, but not what the exits have removed.
//
// This holds for listed nets. A net whose set-up fails is freed whatever its count is.
package users

import (
	"context"
	"sync"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
)

// An ID names a net in a Table, from 1 up. IDs are not reused.
type ID int32

// A Table gives ids to nets. Its ops (see Ops) must be registered before the first net is
// entered and stay registered, because their exit removes nets that are cleaned up. An init
// must not enter its net, or pass it to code that keeps it: a failed set-up frees the net
// whatever its count is. Any number of goroutines, and callbacks, may call all methods.
type Table struct {
	ops impl.Ops

	mu   sync.Mutex // the exit locks it, so its holder must not wait for the registry
	ids  map[*impl.Net]ID
	nets map[ID]*impl.Net
	last ID

	watch func(hook.Point) // our own tests', or nil
}

// NewTable returns an empty table.
func NewTable(name string) *Table {
	t := &Table{ids: make(map[*impl.Net]ID), nets: make(map[ID]*impl.Net)}
	t.ops = impl.Ops{Name: name, Exit: t.exit}
	return t
}

// Ops returns the ops whose exit removes nets from the table.
func (t *Table) Ops() *impl.Ops { return &t.ops }

// Enter returns the id of n, and gives it one if it has none. It does not wait for callbacks.
// It returns impl.ErrNotFound, and does not enter n, if the count of n is zero.
//
// The reference is needed: otherwise a cleanup could run its exit between the check of the
// count and the entry, and n would stay in the table.
func (t *Table) Enter(n *impl.Net) (ID, error) {
	if err := n.Get(); err != nil {
		return 0, err
	}
	defer giveBack(n)
	t.lock("EnterAdd")
	defer t.mu.Unlock()
	if id := t.ids[n]; id != 0 {
		return id, nil
	}
	t.last++
	id := t.last
	t.ids[n], t.nets[id] = id, n
	return id, nil
}

// Find returns the net of an id, with a reference that the caller must put. It does not wait
// for callbacks. It returns impl.ErrNotFound if no net has the id.
//
// Find takes the reference under the lock of the table. A net in the table is not freed,
// because its exit comes first and needs the lock.
func (t *Table) Find(id ID) (*impl.Net, error) {
	t.lock("Find")
	defer t.mu.Unlock()
	n := t.nets[id]
	if n == nil {
		return nil, impl.ErrNotFound
	}
	if err := n.Get(); err != nil {
		return nil, err
	}
	return n, nil
}

// exit removes a net. In a cleanup its count is zero, so Enter rejects it from then on.
func (t *Table) exit(_ context.Context, n *impl.Net) {
	t.lock("CleanupExit")
	defer t.mu.Unlock()
	delete(t.nets, t.ids[n])
	delete(t.ids, n)
}

// giveBack puts a reference that the caller holds, which cannot fail.
func giveBack(n *impl.Net) { _ = n.Put() }

// lock locks mu for the step of that name.
func (t *Table) lock(step string) {
	if t.watch != nil {
		t.watch(hook.Point{Name: step, Ready: t.free})
	}
	t.mu.Lock()
}

// free reports whether lock would not block.
func (t *Table) free() bool {
	free := t.mu.TryLock()
	if free {
		t.mu.Unlock()
	}
	return free
}
