// SPDX-License-Identifier: MIT

package users

import (
	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
)

// A Keeper uses nets later, in deferred callbacks of one net, its home. Any number of
// goroutines, and callbacks, may call Keep.
type Keeper struct {
	home  *impl.Net
	watch func(hook.Point) // our own tests', or nil
}

// NewKeeper returns a Keeper with that home. The caller must hold a reference on home, or have
// an ops there, as long as the Keeper is used.
func NewKeeper(home *impl.Net) *Keeper { return &Keeper{home: home} }

// Keep runs f on n later, in a new goroutine. No cleanup of n begins before f has returned.
// n must be listed: see Table. Keep does not block, and f must not wait for the registry (see
// impl.Net.Defer). Keep returns impl.ErrNotFound if the count of n is zero, and the error of
// Defer if home is being cleaned up; then f never runs, and no reference is kept.
//
// The reference is needed: a cleanup of n waits only for callbacks that are pending when its
// barrier begins, and it runs the exits before that.
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
