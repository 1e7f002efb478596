// SPDX-License-Identifier: MIT

package lin

import (
	"cmp"
	"math"
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A call is an operation with its names as numbers. Its Number is the line in its file,
// for messages and to break ties.
type call struct {
	wire.Line
	id    model.CallID
	owner int64  // whose calls follow each other: the client, or this call alone
	key   string // the same for calls that ask and answer the same; "" for a cleanup, which has two moments
	ops   model.OpsID
	net   model.NetID
	old   model.NetID // of a copy: what it is made from
	calls []model.Callback
	nets  []model.NetID
	freed []model.NetID
	list  []model.OpsID
	first model.OpsID
	whole *call   // of a part: the cleanup itself
	parts []*call // of a cleanup: the same for each of its nets alone; none if no run of the worker takes these nets
}

// number turns o into a call.
func (n *names) number(o *wire.Line, line int, d model.Discipline) *call {
	c := &call{
		Line: *o, id: model.CallID(line), owner: o.Client, ops: n.op(o.Ops), net: n.net(o.Net), old: n.net(o.From), first: n.op(o.FirstDevice),
		calls: n.callbacks(o.Calls), nets: each(o.Nets, n.net), freed: each(o.Freed, n.net), list: each(o.PernetList, n.op),
	}
	c.Number = line
	if c.Op != wire.Cleanup {
		c.key = keyOf(*o)
		return c
	}
	if d == model.RWSem && c.Client == wire.Worker {
		c.owner = math.MinInt64 + int64(line) // its cleanups may overlap
	}
	switch {
	case len(c.nets) == 1:
		c.parts = []*call{c}
	case d == model.RWSem:
		c.parts = each(c.nets, c.part)
	}
	return c
}

// keyOf returns what o asks and answers, without its client and its times.
func keyOf(o wire.Line) string {
	o.Client, o.Call, o.Return = 0, 0, 0
	o.Calls = each(o.Calls, func(cb wire.Callback) wire.Callback { cb.Timed = false; return cb })
	o.Stages = each(o.Stages, func(s wire.Stage) wire.Stage { s.Timed = false; return s })
	return o.String()
}

// part returns what the cleanup of several nets did on one of them. What it did on none of
// them is the first one's, which it does not fit.
func (c *call) part(net model.NetID) *call {
	other := func(n model.NetID) bool {
		return n != net && (net != c.nets[0] || slices.Contains(c.nets, n))
	}
	p := *c
	p.whole, p.nets = c, []model.NetID{net}
	p.calls = slices.DeleteFunc(slices.Clone(c.calls), func(cb model.Callback) bool { return other(cb.Net) })
	p.freed = slices.DeleteFunc(slices.Clone(c.freed), other)
	return &p
}

// sortCalls puts the calls in order of call; the calls of one client, also
// those of one instant, as they follow each other. Of two that begin and end at
// the same instant the one that is first in the file was first.
func sortCalls(calls []*call) {
	slices.SortFunc(calls, func(a, b *call) int {
		return cmp.Or(cmp.Compare(a.Call, b.Call), cmp.Compare(a.end(), b.end()), a.Number-b.Number)
	})
}

// returnsOf returns the calls that returned, in order of return.
func returnsOf(calls []*call) []*call {
	out := slices.DeleteFunc(slices.Clone(calls), func(c *call) bool { return c.Never })
	// Stable: of one client's calls of one instant the earlier stays first.
	slices.SortStableFunc(out, func(a, b *call) int {
		return cmp.Or(cmp.Compare(a.Return, b.Return), cmp.Compare(a.Client, b.Client))
	})
	return out
}

// end returns when c returned.
func (c *call) end() int64 {
	if c.Never {
		return math.MaxInt64
	}
	return c.Return
}

// latest returns the latest time that the operation tells.
func latest(o *wire.Line) int64 {
	if o.Never {
		return o.Call
	}
	return o.Return
}

// only returns the exits among the callbacks, or else the inits.
func only(calls []model.Callback, exits bool) []model.Callback {
	return slices.DeleteFunc(slices.Clone(calls), func(cb model.Callback) bool { return cb.Exit != exits })
}

func netsOf(calls []model.Callback) []model.NetID {
	return each(calls, func(cb model.Callback) model.NetID { return cb.Net })
}

func opsOf(calls []model.Callback) []model.OpsID {
	return each(calls, func(cb model.Callback) model.OpsID { return cb.Ops })
}
