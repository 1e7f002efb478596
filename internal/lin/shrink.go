// SPDX-License-Identifier: MIT

package lin

import (
	"context"
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// Shrink returns a smallest part of a refused history that is refused for the same reason, with
// the operations in their order: without any single one of them it is accepted, breaks the
// format, is undecided or is refused for another reason. When ctx ends first it returns what it
// has, and false.
func Shrink(ctx context.Context, d model.Discipline, ops []wire.Line) ([]wire.Line, bool) {
	r, err := Check(ctx, d, ops)
	if err != nil || r.Verdict != Not {
		return ops, ctx.Err() == nil
	}
	last := r.Failure.ends() // what begins later has no part in it
	part := slices.DeleteFunc(slices.Clone(ops), func(o wire.Line) bool { return o.Call > last })
	if r.Failure.sameAs(refusal(ctx, d, part)) {
		ops = part
	}
	for size := len(ops) / 2; size > 0; {
		smaller := false
		for begin := 0; begin < len(ops) && ctx.Err() == nil; {
			part := slices.Delete(slices.Clone(ops), begin, min(begin+size, len(ops)))
			if r.Failure.sameAs(refusal(ctx, d, part)) {
				ops, smaller = part, true
			} else {
				begin += size
			}
		}
		switch {
		case ctx.Err() != nil:
			return ops, false
		case size > 1:
			size /= 2
		case !smaller: // another round, since what could not go before may go now
			size = 0
		}
	}
	return ops, true
}

// ends returns when the last of the operations that the failure names returned.
func (f *Failure) ends() int64 {
	last := latest(&f.Op)
	if f.WithLine != 0 && !f.With.Never {
		last = max(last, f.With.Return)
	}
	return last
}

// refusal returns why the operations break the contract, whichever nets their cleanups took; or nil.
func refusal(ctx context.Context, d model.Discipline, ops []wire.Line) (f *Failure) {
	c, err := decide(map[int]string{}, func(took map[int]string) (*Checker, error) { return checkAs(ctx, d, ops, took) })
	if err == nil {
		f = c.result.Failure
	}
	return f
}

// sameAs reports whether g, which may be nil, names the same operations, the same first difference and
// the same hazard. With the first operation alone, a part without what explains its answer would pass:
// a cleanup without the last put of its net.
func (f *Failure) sameAs(g *Failure) bool {
	return g != nil && sameCall(&g.Op, &f.Op) && g.Differences[0] == f.Differences[0] && g.Hazard == f.Hazard &&
		(f.WithLine == 0 || g.WithLine != 0 && sameCall(&g.With, &f.With))
}

// sameCall reports whether the operations are one: a client makes one call at a time.
func sameCall(a, b *wire.Line) bool { return a.Client == b.Client && a.Call == b.Call }
