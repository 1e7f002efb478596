// SPDX-License-Identifier: MIT

// Package replay does scenarios: what pernet replay reads and writes.
//
// A scenario is a list of lines, each with its result and the registry's lists after
// it. A [Runner] does each line twice, on impl with its worker stepped by hand
// and on model, and compares the two results byte by byte: a [Difference] is an
// error of this project, never of the scenario. [Replay] does that for a whole stream, and [Check] compares
// a whole stream with what another implementation has answered.
//
// Both are a [Registry] to the runner, and share nothing else: each has its own
// table of names and its own armed failures.
package replay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// ErrEmpty says that a scenario has no line: nothing was wrong, and nothing was shown.
var ErrEmpty = errors.New("the scenario is empty")

// Replay reads a scenario from in, whose name is for messages, and writes one
// result for each line, with one Write each, before it looks at the next.
//
// It returns nil at the end of the input, or ErrEmpty if there was no line; the cause of ctx once that has ended,
// between two lines; a *wire.Error for a bad line, or a hello of another
// version or discipline; what in and out return; and a [Difference], with the place before
// it, if impl and model disagree. What was answered before has been written.
func Replay(ctx context.Context, d model.Discipline, in io.Reader, name string, out io.Writer) error {
	run, err := NewRunner(ctx, d)
	if err != nil {
		return err
	}
	return run.replay(ctx, in, name, out)
}

func (r *Runner) replay(ctx context.Context, in io.Reader, name string, out io.Writer) error {
	lines := wire.NewReader(in, name)
	var buf []byte
	for ctx.Err() == nil {
		o, err := lines.Next()
		if err == io.EOF && lines.Line() == 0 {
			return ErrEmpty
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if buf, err = r.answer(ctx, o, buf[:0]); err != nil && errors.Is(err, ErrPernet) {
			return fmt.Errorf("%s:%d: %w", name, o.Line(), err)
		}
		if len(buf) > 0 {
			if _, err := out.Write(buf); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// answer does a line and returns its answer, which there may be with an error. A program has a
// registry of its own; the scenario goes on with a fresh one.
func (r *Runner) answer(ctx context.Context, o *wire.Object, b []byte) ([]byte, error) {
	if o.Op() == wire.Run {
		p, err := wire.RunProgram(o)
		if err != nil {
			return nil, err
		}
		if _, err := r.Do(&wire.Line{Op: wire.Reset}); err != nil {
			return nil, err
		}
		return runProgram(ctx, r.discipline, &p, b)
	}
	l, err := wire.Scenario(o)
	if err != nil {
		return nil, err
	}
	if l.Op == wire.Hello {
		return r.hello(b, &l, o)
	}
	return r.Do(&l)
}

// hello answers a hello. One that ends the run may have an answer all the same.
func (r *Runner) hello(b []byte, l *wire.Line, o *wire.Object) ([]byte, error) {
	if o.Line() != 1 {
		o.Fail("hello is allowed on the first line only")
		return nil, o.Err()
	}
	if l.Version != wire.Version {
		o.Fail("version %d is not supported, only version %d is", l.Version, wire.Version)
	}
	if mine := cmp.Or(r.discipline, model.Mutex); l.Discipline != "" && l.Discipline != string(mine) {
		o.Fail("the line asks for the discipline %s, this run is of the discipline %s", l.Discipline, string(mine))
	}
	l.Discipline = string(r.discipline)
	if o.Err() != nil {
		return l.AppendHello(b, nil), o.Err()
	}
	return l.AppendHello(b, Claims()), nil
}
