// SPDX-License-Identifier: MIT

package lin

import (
	"cmp"
	"fmt"
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// The search knows which callbacks a call ran, not when. Where an answer says when, this is
// checked apart from it, in each window:
//
//   - a callback runs inside its call;
//   - callbacks run one after the other, those of one call in their order; since 4.17 this holds
//     for the callbacks on one net;
//   - from its first callback to its last a call holds the registry: no callback of another call
//     runs meanwhile; since 4.17 this holds if one of the two is a register or an unregister;
//   - init and exit of one ops on one net alternate.
//
// Calls of different windows do not overlap, so only the last rule looks back.

// times is what the checks remember of earlier windows.
type times struct {
	up   map[model.Callback]*call // by pair, as an init: the call whose init was the last on it
	odd  map[model.OpsID]bool     // ops that were registered without an init or an exit
	gaps bool                     // some callbacks were not timed, so init and exit need not alternate
}

// A timed is one callback, or those of a call as a whole.
type timed struct {
	begin, end int64
	call       *call
	at         int // which callback of the call
	alone      bool
}

// check returns what is wrong with the times of the window's callbacks, nil if nothing is.
func (t *times) check(w *window, d model.Discipline) *Failure {
	var all, spans []timed
	for _, c := range w.calls {
		t.gaps = t.gaps || (c.Unknown || c.Never) && model.CallOf(c.Op).Exits
		span := timed{call: c, at: -1, alone: d != model.RWSem || c.ops != model.NoOps}
		for i := range c.Calls {
			cb := &c.Calls[i]
			if !cb.Timed {
				t.gaps = true
				continue
			}
			x := timed{cb.Begin, cb.End, c, i, false}
			if cb.Begin < c.Call || cb.End > c.Return {
				return mistimed(&x, nil, fmt.Sprintf("outside of its call, from %d to %d", c.Call, c.Return))
			}
			if span.at < 0 {
				span.begin, span.end, span.at = x.begin, x.end, i
			}
			span.begin, span.end = min(span.begin, x.begin), max(span.end, x.end)
			all = append(all, x)
		}
		for _, x := range c.Stages {
			if x.Timed && span.at >= 0 {
				span.begin, span.end = min(span.begin, x.Begin), max(span.end, x.End)
			}
		}
		if span.at >= 0 {
			spans = append(spans, span)
		}
		if c.NoInit || c.NoExit {
			t.odd[c.ops] = true
		}
	}
	byTime := func(a, b timed) int { return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end)) }
	slices.SortStableFunc(spans, byTime)
	var before, alone *timed // of those that began before: which ends last
	for i := range spans {
		x := &spans[i]
		for _, y := range []*timed{alone, before} {
			if y != nil && x.begin < y.end && (x.alone || y.alone) {
				return mistimed(x, y, "between the callbacks of that call, which excludes it")
			}
		}
		if before == nil || x.end > before.end {
			before = x
		}
		if x.alone && (alone == nil || x.end > alone.end) {
			alone = x
		}
	}
	slices.SortStableFunc(all, byTime)
	return t.pairs(all, d)
}

// pairs checks callbacks, sorted by time, on each net and of each ops on it.
func (t *times) pairs(all []timed, d model.Discipline) *Failure {
	last := map[model.NetID]*timed{} // on each net; in 2009 on all of them
	for i := range all {
		x := &all[i]
		c, cb := x.call, x.call.calls[x.at]
		on := cb.Net
		if d != model.RWSem {
			on = model.NoNet
		}
		if y := last[on]; y != nil && (x.begin < y.end || y.call == c && x.at < y.at) {
			return mistimed(x, y, "before the callback ended that comes before it")
		}
		last[on] = x
		if t.gaps || t.odd[cb.Ops] {
			continue
		}
		pair := model.Callback{Ops: cb.Ops, Net: cb.Net}
		up := t.up[pair]
		switch {
		case !cb.Exit && up != nil:
			return mistimed(x, &timed{call: up}, "though its init has run there, and no exit since")
		case cb.Exit && up == nil:
			return mistimed(x, nil, "though its init has not run there, or its exit has run since")
		case cb.Exit:
			delete(t.up, pair)
		case c.Err > 0 && c.Op == wire.Copy: // nothing will be undone
		case c.Err == 0 || slices.ContainsFunc(c.calls[x.at+1:], func(later model.Callback) bool { return !later.Exit }):
			t.up[pair] = c // else it failed
		}
	}
	return nil
}

// mistimed says that the callback ran at a wrong time; beside is another one, or nil.
func mistimed(x, beside *timed, why string) *Failure {
	cb := &x.call.Calls[x.at]
	f := &Failure{AtLeast: true, Op: x.call.Line, Line: x.call.Number}
	f.Differences = []string{fmt.Sprintf("calls: the %s of %q on %q ran from %d to %d, %s", cb.Word(), cb.Ops, cb.Net, cb.Begin, cb.End, why)}
	if beside != nil && beside.call != x.call {
		f.With, f.WithLine = beside.call.Line, beside.call.Number
	}
	return f
}
