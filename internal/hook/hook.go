// SPDX-License-Identifier: MIT

// Package hook lets this module's tools control a registry in ways that other programs
// cannot: run its worker step by step, make an allocation fail, let an init return a positive
// number, observe the worker, and stop before every step that another thread could see.
//
// A tool passes Hooks to impl.New in its context. Other modules cannot import the type.
package hook

import (
	"context"
	"strconv"
)

// Hooks are functions of the tool, and functions that impl.New sets. A nil field keeps the
// usual behaviour of the registry. Fields set after New are ignored.
type Hooks struct {
	// Stepped leaves the registry without a worker: queued cleanups wait until
	// the tool calls Work. Set by the tool.
	Stepped bool

	// AllocFail is called once for each allocation of a net, which fails with the error that it returns.
	AllocFail func() error

	// AssignFail is called before the slot of an ops is assigned in a net, which fails with the error
	// that it returns.
	AssignFail func(ops string) error

	// Cleanup is called by the worker just before it takes a net from its queue. The
	// function that it returns is called after that net's cleanup. Under RWSem the worker takes
	// several nets, and calls that function for each of them.
	Cleanup func() (done func(net string, freed bool))

	// Round is called by the worker when it has ended the nets that it took together, which under
	// Mutex is one.
	Round func()

	// Point is called before each step that another thread could see.
	Point func(Point)

	// Go starts a goroutine of the registry; nil means the go statement.
	Go func(name string, f func())

	// Work is set by impl.New: it runs up to max queued cleanups, oldest first, on the
	// caller's goroutine, and returns how many it ran. A negative max means all.
	Work func(max int) int

	// AllocName names the net of a Copy without a name when it is allocated.
	AllocName func() string

	// Locks is set by impl.New: the registry's locks, outermost first.
	Locks []Lock

	// View is set by impl.New: it fills v, using its slices again.
	View func(v *View)

	// Check is set by impl.New: it blocks until no call is in progress, and then returns an
	// error if the registry's data is inconsistent.
	Check func() error
}

// A Lock is one lock of a registry: its name in the kernel, and whether it is held.
type Lock struct {
	Name string
	Held func() bool

	Written func() bool // nil, or reports whether who holds it writes
}

// A Point is one yield point: the name of the next step (a row of docs/correspondence.md)
// and the locals that are live there.
type Point struct {
	Name  string
	Ops   string      // ops at hand
	Net   string      // net at hand
	Other string      // second net: the one a copy was made from
	Gone  func() bool // nil, or reports whether that net has been freed
	Err   error       // the error decided so far
	Ready func() bool // of a step that can block: whether it could be taken now
}

// Positive is a positive result of an init (hazard H1). The Go interface has no such result,
// but an init of a tool may return one.
type Positive int

// Error makes a Positive an error, so that an init can return it.
func (p Positive) Error() string { return "init returned " + strconv.Itoa(int(p)) }

type key struct{}

// With returns a context that hands h to impl.New.
func With(ctx context.Context, h *Hooks) context.Context {
	return context.WithValue(ctx, key{}, h)
}

// From returns the hooks in ctx, or nil.
func From(ctx context.Context) *Hooks {
	h, _ := ctx.Value(key{}).(*Hooks)
	return h
}

// A View is a copy of a registry's shared variables between two steps. No other goroutine may
// use the registry during Hooks.View. The locks are in Hooks.Locks.
type View struct {
	PernetList  []ViewOps
	FirstDevice string // name; "" is the list head
	NetList     []string
	WorkQueue   []string
	Nets        []ViewNet // those that are not freed and have a name, in no order

	Slots      []string // the ops that has each id; "" for none
	MaxGenPtrs int

	// Under RWSem: nets that are freed and wait for the next round, and those of the round under way.
	DeferFree, Freeing []string
}

// A ViewOps is an ops on pernet_list.
type ViewOps struct {
	Name   string
	Device bool
}

// A ViewNet is a net that is not freed.
type ViewNet struct {
	Net        any // the *impl.Net
	Name       string
	Count, Use int64
	Listed     bool
	Kept       bool
	Gen        []string // the ops whose value is in each slot; "" for none
}
