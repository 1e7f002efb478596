// SPDX-License-Identifier: MIT

package lin

import (
	"cmp"
	"encoding/binary"
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A call is an Op on numbers.
type call struct {
	client   int64
	from, to int64 // its interval; to is void if never
	line     int   // where it stands in its file, for messages and to break ties
	id       model.CallID
	verb     string
	never    bool
	share    bool
	unknown  bool // which callbacks ran
	noInit   bool
	noExit   bool
	ops      model.OpsID
	net      model.NetID
	old      model.NetID
	err      model.Err
	errno    string
	calls    []model.Callback
	nets     []model.NetID
	freed    []model.NetID
	list     []model.OpsID
	first    model.OpsID
	alike    int // the same for all calls of a window that ask and answer the same; 0: not known
}

// number turns o into a call.
func (n *names) number(o *wire.Line, line int, id model.CallID) *call {
	c := &call{
		client: o.Client, from: o.Call, to: o.Return, line: line, id: id, verb: o.Op,
		never: o.Never, share: o.Share, unknown: o.Unknown, noInit: o.NoInit, noExit: o.NoExit, err: o.Err, errno: o.Errno,
		calls: n.callbacks(o.Calls), nets: n.netIDs(o.Nets), freed: n.netIDs(o.Freed), list: n.opIDs(o.PernetList),
	}
	if o.Ops != "" {
		c.ops = n.op(o.Ops)
	}
	if o.Net != "" {
		c.net = n.net(o.Net)
	}
	if o.From != "" {
		c.old = n.net(o.From)
	}
	if o.FirstDevice != "" {
		c.first = n.op(o.FirstDevice)
	}
	return c
}

// opOf turns c back into an Op.
func (n *names) opOf(c *call) wire.Line {
	return wire.Line{
		Client: c.client, Call: c.from, Return: c.to, Never: c.never, Op: c.verb,
		Ops: n.opName(c.ops), NoInit: c.noInit, NoExit: c.noExit,
		Net: n.netName(c.net), From: n.netName(c.old), Share: c.share, Unknown: c.unknown, Err: c.err, Errno: c.errno,
		Calls: n.callbackNames(c.calls), Nets: n.netNames(c.nets), Freed: n.netNames(c.freed),
		PernetList: n.opNames(c.list), FirstDevice: n.opName(c.first),
	}
}

// key returns what c asks and answers, but for its client and times.
func (c *call) key() string {
	b := make([]byte, 0, 64)
	add := func(v ...int64) {
		for _, v := range v {
			b = binary.AppendVarint(b, v)
		}
	}
	bit := func(v bool) int64 {
		if v {
			return 1
		}
		return 0
	}
	b = append(append(b, c.verb...), 0)
	b = append(append(b, c.errno...), 0)
	add(bit(c.share), bit(c.unknown), bit(c.noInit), bit(c.noExit), int64(c.ops), int64(c.net), int64(c.old), int64(c.err))
	add(int64(len(c.calls)))
	for _, cb := range c.calls {
		add(bit(cb.Exit), int64(cb.Ops), int64(cb.Net))
	}
	return string(b)
}

// sortCalls puts the calls in order of call; the calls of one client, also
// those of one instant, as they follow each other. Of two that begin and end at
// the same instant the one that stands first in the file was first.
func sortCalls(calls []*call) {
	slices.SortFunc(calls, func(a, b *call) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmpBool(a.never, b.never), cmp.Compare(a.to, b.to), a.line-b.line)
	})
}

// returnsOf returns the calls that returned, in order of return.
func returnsOf(calls []*call) []*call {
	out := make([]*call, 0, len(calls))
	for _, c := range calls {
		if !c.never {
			out = append(out, c)
		}
	}
	// Stable: of one client's calls of one instant the earlier stays first.
	slices.SortStableFunc(out, func(a, b *call) int {
		return cmp.Or(cmp.Compare(a.to, b.to), cmp.Compare(a.client, b.client))
	})
	return out
}

func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
