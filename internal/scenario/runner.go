// SPDX-License-Identifier: MIT

package scenario

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// A side does lines one after the other, and fills in their results. An error
// is one of the side, not of the line.
type side interface {
	do(l *Line, r *Result) error
}

// A Runner does lines on impl and on model.
type Runner struct {
	impl, model     side
	result          [2]Result
	out, comparison []byte
}

// NewRunner returns a runner with a fresh registry on both sides. It fails if
// ctx has ended; afterwards ctx means nothing to the runner.
func NewRunner(ctx context.Context) (*Runner, error) {
	s, err := newImplSide(ctx)
	if err != nil {
		return nil, err
	}
	return &Runner{impl: s, model: newModelSide()}, nil
}

// ErrPernet is what every error of a Runner is: pernet has gone wrong, not the scenario.
var ErrPernet = errors.New("an error in pernet itself")

// A Difference says that impl and model answered a line differently. One of
// them, or the runner, is wrong; the scenario is not.
type Difference struct{ Impl, Model string }

// Error shows both results.
func (d *Difference) Error() string {
	return fmt.Sprintf("impl and model differ, %v:\n  impl:  %s\n  model: %s", ErrPernet, d.Impl, d.Model)
}

// Unwrap returns ErrPernet.
func (d *Difference) Unwrap() error { return ErrPernet }

// Do does one line, other than hello, and returns its result as it is to be
// written. The bytes are valid until the next call. After an error the runner is done for.
func (r *Runner) Do(l *Line) ([]byte, error) {
	a, err := do(r.impl, l, &r.result[0], r.out[:0])
	if err != nil {
		return nil, fmt.Errorf("impl failed, %w: %w", ErrPernet, err)
	}
	b, err := do(r.model, l, &r.result[1], r.comparison[:0])
	if err != nil {
		return nil, fmt.Errorf("model failed, %w: %w", ErrPernet, err)
	}
	if r.out, r.comparison = a, b; !bytes.Equal(a, b) {
		return nil, &Difference{Impl: string(bytes.TrimSuffix(a, newline)), Model: string(bytes.TrimSuffix(b, newline))}
	}
	return a, nil
}

var newline = []byte("\n")

// do does one line on one side, and appends its result to b.
func do(s side, l *Line, r *Result, b []byte) ([]byte, error) {
	*r = Result{Op: l.Op, ID: l.ID, Calls: r.Calls[:0], Freed: r.Freed[:0], Kept: r.Kept[:0], PernetList: r.PernetList[:0], Nets: r.Nets[:0]}
	if err := s.do(l, r); err != nil {
		return nil, err
	}
	return r.Append(b), nil
}
