// SPDX-License-Identifier: MIT

// Package users shows how code that uses nets keeps them: a [Table] that gives
// ids to nets, and a [Keeper] that uses a net later. spec/users.tla has the same
// steps in TLA+ (the two are not compared edge by edge), and the names of the yield points are its actions.
//
// There are three ways to keep a pointer to a net. Code with an exit keeps it from init to
// exit without a reference: with one, the net would keep itself alive. Its exit removes the
// pointer, and nothing may put it back afterwards; so does the Table. Code without an exit
// takes a reference first, stops when there is none to take, and gives it back after use:
// while the reference is held, no cleanup of the net begins; so do the calls of the Table and
// the Keeper. A callback that an exit of the net defers needs no reference (impl.Net.Defer):
// the barrier keeps the net, though not what the exits took down.
//
// All this is for nets that are listed. A net in its set-up is freed if the set-up
// fails, whatever its count is.
package users

import (
	"context"
	"sync"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
)

// An ID names a net in a Table, from 1 up. None is used twice.
type ID int32

// A Table gives ids to nets. Its ops, see Ops, must be registered before the
// first net is entered and stay registered, for their exit takes out the nets that go.
// No init may enter its net, or hand it to code that keeps it: a set-up that fails runs
// the exits and frees the net whatever its count is. All methods may be
// called by any number of goroutines, and from callbacks.
type Table struct {
	ops impl.Ops

	mu   sync.Mutex // the exit takes it, and so its holder must not wait for the registry
	ids  map[*impl.Net]ID
	nets map[ID]*impl.Net
	last ID

	watch func(hook.Point) // our own tests', or nil
}

// NewTable returns a table without nets.
func NewTable(name string) *Table {
	t := &Table{ids: make(map[*impl.Net]ID), nets: make(map[ID]*impl.Net)}
	t.ops = impl.Ops{Name: name, Exit: t.exit}
	return t
}

// Ops returns the ops whose exit keeps the table free of nets that are gone.
func (t *Table) Ops() *impl.Ops { return &t.ops }

// Enter returns the id of n, which it gives to it if it has none. It never
// waits for callbacks. It returns impl.ErrNotFound if the count of n is zero; then n
// is not entered.
//
// Without the reference the cleanup of n could take n out between the look at
// its count and the entry, and it would stay there.
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

// Find returns the net of an id, with a reference that the caller gives back
// (Put). It never waits for callbacks. It returns impl.ErrNotFound if there is no such
// net, or none any more.
//
// The reference is taken under the lock of the table: a net that is in the table
// is not freed, for its exit comes first and waits for the lock.
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

// exit takes a net out. In a cleanup its count is zero, so Enter refuses it from here on.
func (t *Table) exit(_ context.Context, n *impl.Net) {
	t.lock("CleanupExit")
	defer t.mu.Unlock()
	delete(t.nets, t.ids[n])
	delete(t.ids, n)
}

// giveBack puts a reference that is the caller's own, which cannot fail.
func giveBack(n *impl.Net) { _ = n.Put() }

// lock takes mu, for the step of that name.
func (t *Table) lock(step string) {
	if t.watch != nil {
		t.watch(hook.Point{Name: step, Ready: t.free})
	}
	t.mu.Lock()
}

// free reports whether lock would not wait.
func (t *Table) free() bool {
	free := t.mu.TryLock()
	if free {
		t.mu.Unlock()
	}
	return free
}
