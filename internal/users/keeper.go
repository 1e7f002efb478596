// SPDX-License-Identifier: MIT

package users

import (
	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
)

// A Keeper uses nets later, in deferred callbacks of a net of its own, its home.
// Its method may be called by any number of goroutines, and from callbacks.
type Keeper struct {
	home  *impl.Net
	watch func(hook.Point) // our own tests', or nil
}

// NewKeeper returns a keeper that works in home. The caller has a reference on
// home, or an ops of its own there, for as long as the keeper is used.
func NewKeeper(home *impl.Net) *Keeper { return &Keeper{home: home} }

// Keep runs f on n later, in a goroutine of its own; until f has returned no cleanup
// of n begins. n must be listed: see Table. Keep never blocks, and f must not wait for the registry
// (see impl.Net.Defer). It returns impl.ErrNotFound if the count of n is zero, and the error
// of Defer if home is going; then f never runs, and no reference is kept.
//
// Without the reference the callback would keep nothing: a cleanup of n waits
// only for callbacks that are pending when its barrier begins, and runs the exits before that.
func (k *Keeper) Keep(n *impl.Net, f func(n *impl.Net)) error {
	if err := n.Get(); err != nil {
		return err
	}
	if k.watch != nil {
		k.watch(hook.Point{Name: "KeepDefer", Net: n.Name()})
	}
	err := k.home.Defer(func() {
		defer giveBack(n)
		f(n)
	})
	if err != nil {
		giveBack(n)
	}
	return err
}
