// SPDX-License-Identifier: MIT

package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A Registry does the lines of a scenario, one after the other, on one goroutine. It is all
// that a runner knows of what it runs.
type Registry interface {
	// Do does one line, and fills in the result, which has op and id already. An error is
	// one of the registry's, not of the line; the registry is of no use afterwards.
	Do(l, result *wire.Line) error
}

// A Runner does lines on impl and on model.
type Runner struct {
	discipline      model.Discipline
	impl, model     Registry
	result          [2]wire.Line
	out, comparison []byte
}

// NewRunner returns a runner with a fresh registry of that discipline on both sides. It fails if
// ctx has ended; afterwards ctx means nothing to the runner.
func NewRunner(ctx context.Context, d model.Discipline) (*Runner, error) {
	s, err := newImplSide(ctx, d)
	if err != nil {
		return nil, err
	}
	return &Runner{discipline: d, impl: s, model: newModelSide(d)}, nil
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
func (r *Runner) Do(l *wire.Line) ([]byte, error) {
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

// do does one line on one registry, and appends its result to b.
func do(s Registry, l, r *wire.Line, b []byte) ([]byte, error) {
	*r = wire.Line{Op: l.Op, ID: l.ID, Calls: r.Calls[:0], Freed: r.Freed[:0], Kept: r.Kept[:0], PernetList: r.PernetList[:0], Nets: r.Nets[:0]}
	if err := s.Do(l, r); err != nil {
		return nil, err
	}
	return r.AppendResult(b), nil
}
