// SPDX-License-Identifier: MIT

package lin

import (
	"fmt"
	"maps"
	"math"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A window is a stretch of a history that ends where nothing is pending but
// what never returns, so that the next can be checked on its own from there.
type window struct {
	calls   []*call // in order of call
	returns []*call // in order of return
}

// cuts returns the ends of the windows in sorted calls: after calls[:end] every
// call that returns has done so before the next begins. Windows are at least
// minWindow calls long, for a window costs something too; the last cut may lie
// before the end, and what follows it is not known to be whole.
func cuts(calls []*call) []int {
	var ends []int
	begin, latest := 0, int64(math.MinInt64)
	for i, c := range calls {
		if i-begin >= minWindow && c.Call > latest {
			ends = append(ends, i)
			begin = i
		}
		if !c.Never {
			latest = max(latest, c.Return)
		}
	}
	return ends
}

const minWindow = 256

// batch returns the first cleanup that took nets which no run of the contract's worker takes,
// whatever else happens: none, or several in 2009. One that never returned may have taken none.
func (w *window) batch() *call {
	for _, c := range w.calls {
		if c.Op == wire.Cleanup && len(c.parts) == 0 && !(c.Never && len(c.nets) == 0) {
			return c
		}
	}
	return nil
}

// before returns how many operations returned before that time.
func (w *window) before(time int64) int {
	n := 0
	for n < len(w.returns) && w.returns[n].Return < time {
		n++
	}
	return n
}

// An order checks what the format asks of how operations follow each other, in
// windows that come in order of time.
type order struct {
	file    string
	clients map[int64]*call       // each client's latest call
	copies  map[model.NetID]*call // by net: the copy that returns last
}

func newOrder(file string) *order {
	return &order{file: file, clients: map[int64]*call{}, copies: map[model.NetID]*call{}}
}

// check checks the sorted calls of the next window.
func (o *order) check(calls []*call) error {
	for _, c := range calls {
		if p := o.clients[c.owner]; p != nil {
			if p.Never {
				return o.errorf(c, "client %d calls at %d, but its call of line %d never returned", c.Client, c.Call, p.Number)
			}
			if p.Return > c.Call {
				return o.errorf(c, "client %d calls at %d, before its call of line %d returned at %d", c.Client, c.Call, p.Number, p.Return)
			}
		}
		if c.owner == c.Client {
			o.clients[c.owner] = c
		}
		if c.Op != wire.Copy || c.Share {
			continue
		}
		p := o.copies[c.net]
		if p != nil && p.Client != c.Client && (p.Never || p.Return >= c.Call) {
			return o.errorf(c, "copies of %q overlap: this one and that of line %d", c.Net, p.Number)
		}
		o.copies[c.net] = c // it returns last: another client's begins after the one before it
	}
	return nil
}

// cut forgets what cannot matter after the end of a window.
func (o *order) cut() {
	maps.DeleteFunc(o.copies, func(_ model.NetID, c *call) bool { return !c.Never })
}

func (o *order) errorf(c *call, format string, args ...any) error {
	return &wire.Error{File: o.file, Line: c.Number, Msg: fmt.Sprintf(format, args...)}
}
