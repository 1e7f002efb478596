// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// The answers of the registry, for errors.Is. The name in brackets is the errno
// that the C code would use, or that docs/formats.md gives to what the C code leaves
// open; that page also says which comes first where several apply.
var (
	// ErrExist is returned for ops that are registered already and for a name
	// that a net has already (EEXIST).
	ErrExist = errors.New("pernet: exists already")

	// ErrNotFound is returned for ops that are not registered, for a net that
	// is freed, and by Get, Copy and Share for a net whose count is zero (ENOENT).
	ErrNotFound = errors.New("pernet: not found")

	// ErrInvalid is returned for a nil argument, a net of another registry,
	// ops registered as the other kind, a count that cannot go down, and a
	// Defer that no barrier would wait for (EINVAL).
	ErrInvalid = errors.New("pernet: invalid argument")

	// ErrInterrupted is returned when the context of a call ends before the
	// call has got what it waits for (EINTR). The error is also the context's
	// error and its cause.
	ErrInterrupted = errors.New("pernet: interrupted")

	// ErrNoMemory is returned when no net can be allocated (ENOMEM). In Go only
	// this project's own tools make it happen.
	ErrNoMemory = errors.New("pernet: out of memory")

	// ErrClosed is returned by calls of a registry that Close has begun to close.
	ErrClosed = errors.New("pernet: registry is closed")

	// ErrInCallback is returned by a call that was given the context of a
	// callback of the same registry: it would wait for itself.
	ErrInCallback = errors.New("pernet: called from a callback")

	// ErrInUse is returned by Net.Wait for a net that was not freed, because its
	// use count was not zero, and never will be.
	ErrInUse = errors.New("pernet: net is in use and is kept")
)

// errGoexit stands for the answer of an init that ended its goroutine. Nobody
// gets to see it: there is nobody left to return to.
var errGoexit = errors.New("pernet: init ended its goroutine")

// An InitError is returned when an init fails. The call that it failed has been undone.
type InitError struct {
	Ops *Ops
	Net *Net
	Err error // what the init returned, or a *PanicError
}

func (e *InitError) Error() string {
	return fmt.Sprintf("pernet: init of %q on net %q: %v", e.Ops.Name, e.Net.name, e.Err)
}

// Unwrap returns what the init returned.
func (e *InitError) Unwrap() error { return e.Err }

// A PanicError holds the panic of a callback.
type PanicError struct {
	Value any    // what was given to panic
	Stack []byte // of the goroutine, as debug.Stack gives it
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value of the panic if it is an error, else nil.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// A LeakError is returned by Close when the registry is closed but somebody had
// not given back what is theirs.
type LeakError struct {
	Referenced []*Net // nets with references left; torn down and freed all the same
	Kept       []*Net // nets that were not freed because of their use count, oldest first
}

func (e *LeakError) Error() string {
	var left []string
	if len(e.Referenced) > 0 {
		left = append(left, fmt.Sprintf("nets still referenced %v", e.Referenced))
	}
	if len(e.Kept) > 0 {
		left = append(left, fmt.Sprintf("nets kept by their use count %v", e.Kept))
	}
	return "pernet: closed with " + strings.Join(left, " and ")
}

// interrupted returns the error for a wait that ended because ctx did.
func interrupted(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return fmt.Errorf("%w: %w", ErrInterrupted, cause)
	}
	return fmt.Errorf("%w: %w: %w", ErrInterrupted, err, cause)
}
