// SPDX-License-Identifier: MIT

// Package hook is how this project's own tools ask of a registry what a
// program that uses it may not: to step its worker by hand, to fail an
// allocation, to let an init return a positive number, to watch the worker, and
// to stop at every step that another thread could see.
//
// A tool puts Hooks into the context that it gives to impl.New. Outside this
// module no program can name the type, so none depends on it.
package hook

import (
	"context"
	"strconv"
)

// Hooks holds what the tool provides, and what impl.New fills in. Every field
// that the tool leaves nil keeps the registry's usual behaviour. New reads them
// once: fields set after New are ignored.
type Hooks struct {
	// Stepped leaves the registry without a worker: queued cleanups wait until
	// the tool calls Work. Set by the tool.
	Stepped bool

	// AllocFail is asked once for each allocation of a net; true fails it.
	AllocFail func() bool

	// Cleanup is called by the worker just before it takes a net from its
	// queue. The function that it returns is called when that net has been dealt with.
	Cleanup func() (done func(net string, freed bool))

	// Point is called before each step that another thread could see.
	Point func(Point)

	// Go starts a goroutine of the registry's own; nil means the go statement.
	Go func(name string, f func())

	// Work is set by impl.New: it runs at most max queued cleanups to their
	// end, oldest first, on the caller's goroutine, and returns how many. A
	// max below zero means all.
	Work func(max int) int

	// AllocName names the net of a Copy that was given no name, when it is allocated.
	AllocName func() string

	// Locks is set by impl.New: the registry's locks, outermost first.
	Locks []Lock

	// View is set by impl.New: it fills v, using its slices again.
	View func(v *View)

	// Check is set by impl.New: it waits until no call is half done, and then
	// returns what is wrong with the registry's data, or nil.
	Check func() error
}

// A Lock is one lock of a registry: its name in the kernel, and whether it is held.
type Lock struct {
	Name string
	Held func() bool
}

// A Point is one yield point: the name of the step that comes next (a row of
// docs/correspondence.md) and the locals that are live there.
type Point struct {
	Name  string
	Ops   string      // ops at hand
	Net   string      // net at hand
	Other string      // second net: the one a copy was made from
	Gone  func() bool // nil, or whether that net has been freed meanwhile
	Err   error       // answer decided so far
	Ready func() bool // for a step that waits: whether it could be taken now
}

// Positive is an init's answer above zero (hazard H1). The Go interface has no
// such answer; an init that a tool registers may return one.
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
