// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
)

// The causes of failures, for errors.Is. The name in brackets is the errno
// that the C code uses, or that docs/formats.md gives to what the C code leaves
// open; that page also says which comes first where several apply.
var (
	// ErrExist is returned for ops that are registered already and for a name
	// that a net has already (EEXIST).
	ErrExist = errors.New("pernet: exists already")

	// ErrNotFound is returned for ops that are not registered, for a net that
	// is freed, by Get, Copy and Share for a net whose count is zero, and by Lookup for a
	// name that no such net has (ENOENT).
	ErrNotFound = errors.New("pernet: not found")

	// ErrInvalid is returned for a nil or zero argument or receiver, a net of another registry,
	// ops registered as the other kind, a count that cannot go down, and a
	// Defer that no barrier would wait for (EINVAL).
	ErrInvalid = errors.New("pernet: invalid argument")

	// ErrInterrupted is returned when the context of a call ends before the
	// call has got what it waits for (EINTR). The error is also the context's
	// error and its cause, and its message says what the call was waiting for.
	ErrInterrupted = errors.New("pernet: interrupted")

	// ErrNoMemory is returned when no net can be allocated (ENOMEM). In Go only
	// this project's own tools make it happen.
	ErrNoMemory = errors.New("pernet: out of memory")

	// ErrQuota is returned by Copy when there are as many nets as WithMaxNetNamespaces
	// allows, those that wait for their cleanup among them (ENOSPC).
	ErrQuota = errors.New("pernet: too many nets")

	// ErrClosed is returned by calls that begin after Close has been called.
	ErrClosed = errors.New("pernet: registry is closed")

	// ErrInCallback is returned by a call that was given the context of a
	// callback of the same registry: it would deadlock.
	ErrInCallback = errors.New("pernet: called from a callback")

	// ErrInUse is returned by Net.Wait for a net that was not freed, because its
	// use count was not zero, and never will be.
	ErrInUse = errors.New("pernet: net is in use and is kept")
)

// errGoexit is the result of an init that ended its goroutine. No caller sees it: the call
// does not return.
var errGoexit = errors.New("pernet: init ended its goroutine")

// An Error is what every method of this package returns when it fails, alone or joined
// with others: the call, what it was given, and the cause. Op is also "exit" for an exit
// that panicked; then Err is a *[PanicError].
type Error struct {
	Op   string // the method, such as "Copy"; "exit"
	Name string // the name that Copy or Lookup was given
	Ops  *Ops   // the ops that the call was given, or nil
	Net  *Net   // the net that the call was given, or nil
	Err  error  // one of the causes above, an *InitError, a *LeakError or a *PanicError

	detail string // which operand is wrong, or what the call was waiting for
}

// Error returns the call with its operands, the cause, and what was wrong.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("pernet: " + e.Op)
	if e.Ops != nil {
		b.WriteString(" of " + strconv.Quote(e.Ops.Name))
	}
	if e.Name != "" {
		b.WriteString(" of net " + strconv.Quote(e.Name))
	}
	if e.Net != nil {
		prep := " on"
		if e.Op == opCopy.name {
			prep = " from"
		}
		b.WriteString(prep + " net " + strconv.Quote(e.Net.name))
	}
	if e.Err != nil {
		b.WriteString(": " + strings.TrimPrefix(e.Err.Error(), "pernet: "))
	}
	if e.detail != "" {
		b.WriteString(": " + e.detail)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// An InitError is the cause when an init fails. The call has been undone.
type InitError struct {
	Ops *Ops
	Net *Net
	Err error // what the init returned, or a *PanicError
}

// Error names the ops and the net, and says what the init returned.
func (e *InitError) Error() string {
	return fmt.Sprintf("pernet: init of %q on net %q: %v", opsName(e.Ops), e.Net.Name(), e.Err)
}

// Unwrap returns what the init returned.
func (e *InitError) Unwrap() error { return e.Err }

// A PanicError holds the panic of a callback.
type PanicError struct {
	Value any // the argument of panic

	// Stack is the callback's stack, from the call of panic to the callback. The first few
	// panics of a call have one; it is nil for those after them, so that many cost little.
	Stack []byte
}

// Error says what the callback panicked with.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value of the panic if it is an error, else nil.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// A LeakError is returned by Close when the registry is closed but references or uses of nets were
// still held.
type LeakError struct {
	Referenced []*Net // nets with references left; torn down and freed all the same
	Kept       []*Net // nets that were not freed because of their use count, oldest first
}

// Error names the nets.
func (e *LeakError) Error() string {
	var left []string
	if len(e.Referenced) > 0 {
		left = append(left, fmt.Sprintf("nets still referenced %q", e.Referenced))
	}
	if len(e.Kept) > 0 {
		left = append(left, fmt.Sprintf("nets kept by their use count %q", e.Kept))
	}
	return "pernet: closed with " + strings.Join(left, " and ")
}

// interrupted returns the cause for a wait that ended because ctx did.
func interrupted(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return fmt.Errorf("%w: %w", ErrInterrupted, cause)
	}
	return fmt.Errorf("%w: %w: %w", ErrInterrupted, err, cause)
}

func opsName(o *Ops) string {
	if o == nil {
		return ""
	}
	return o.Name
}

// stacksPerCall is how many panics of one call get their stack: a stack costs as much as
// many panics.
const stacksPerCall = 2

// panicStack returns the stack of a callback that panicked, for a deferred function that
// recover was called in: from the frame that called panic down to the callback.
//
//go:noinline
func panicStack() []byte {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs[:])])
	var b []byte
	begun := false
	for f, more := frames.Next(); more && !(begun && isWalk(f.Function)); f, more = frames.Next() {
		if begun {
			b = fmt.Appendf(b, "%s\n\t%s:%d\n", f.Function, f.File, f.Line)
		}
		begun = begun || f.Function == "runtime.gopanic"
	}
	return b
}

// isWalk reports whether the function runs callbacks.
func isWalk(f string) bool {
	return strings.HasPrefix(f, packagePath+".(*call).") || strings.HasPrefix(f, packagePath+".(*undo).")
}

const packagePath = "example.com/pernet/impl"
