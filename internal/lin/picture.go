// SPDX-License-Identifier: MIT

package lin

import (
	"cmp"
	"context"
	"io"
	"slices"
	"time"

	"example.com/pernet/model"
)

// A pin is the window that a picture would show: the first, or the one in which
// the check ended.
type pin struct {
	start  *search
	window *window
	fit    int // returns of the window that fit
}

func (p *pin) calls() []*call {
	if p.window == nil {
		return nil
	}
	return p.window.calls
}

// How much a picture shows: returns before the failure and behind it. More can
// neither be drawn by porcupine in good time nor be read.
const (
	pictureBefore = 300
	pictureBehind = 20
)

// Picture writes porcupine's visualization as one HTML page that needs nothing
// else: the operations around the failure, or the first ones if there is none.
// Each moment is a bar of its own.
func (c *Checker) Picture(ctx context.Context, w io.Writer, timeout time.Duration) error {
	if c.pin.window == nil {
		c.pin = pin{c.search.clone(), &window{}, 0}
	}
	win, end := c.pin.window, min(c.pin.fit+pictureBehind, len(c.pin.window.returns))
	if c.result.Verdict == Linearizable {
		end = min(pictureBefore, len(win.returns))
	}
	begin := max(0, min(c.pin.fit, end)-pictureBefore)
	s := c.pin.start.clone()
	s.ctx = ctx // that of the check may have ended
	if _, err := s.runTo(win, begin, len(win.returns)); err != nil {
		begin, s = 0, c.pin.start.clone()
	}
	calls := s.pending()
	known := map[*call]bool{} // shown already, or over before the picture begins
	for _, x := range slices.Concat(calls, win.returns[:begin]) {
		known[x] = true
	}
	for _, x := range win.calls {
		late := end < len(win.returns) && end > 0 && x.Call > win.returns[end-1].Return
		if !late && !known[x] {
			calls = append(calls, x)
		}
	}
	sortCalls(calls)
	p := newPorcupine(c.names, calls, nil)
	p.start = s.beginnings(p)
	return p.picture(w, timeout)
}

// pending returns the operations that are under way and have moments.
func (s *search) pending() []*call {
	var out []*call
	for i := range s.slots {
		for j := range s.slots[i].moments {
			c := s.slots[i].moments[j].call
			if c = cmp.Or(c.whole, c); len(out) == 0 || out[len(out)-1] != c {
				out = append(out, c)
			}
		}
	}
	return out
}

// beginnings returns the configurations as states that porcupine may begin in:
// the moments that were taken already are marked as such.
func (s *search) beginnings(p *porcupineCheck) []any {
	ids := map[*call][]int32{}
	for i := range p.ops {
		x := p.ops[i].Input.(*point)
		for j := range x.step {
			ids[x.step[j].call] = append(ids[x.step[j].call], x.id)
		}
	}
	var out []any
	const many = 50
	for i := range s.set.items {
		c := &s.set.items[i]
		for _, state := range c.orders(many - len(out)) {
			ps := &pstate{state: state}
			for q := range s.slots {
				taken := map[*call]int{}
				for j := range s.slots[q].moments[:c.done[q]] {
					x := s.slots[q].moments[j].call
					id := ids[x][taken[x]]
					taken[x]++
					ps.tokens = with(ps.tokens, -id)
				}
			}
			out = append(out, ps)
		}
	}
	return out
}

// orders returns the state of the configuration in each order that it leaves open, but for those beyond the first so many.
func (c *config) orders(most int) []model.State {
	var out []model.State
	var add func(p partial)
	add = func(p partial) {
		for i := range p {
			if k := p[i].freeInList(); k >= 0 && len(out) < most {
				x, y := p[i].member, p[i].free[k]
				for _, pair := range [][2]member{{x, y}, {y, x}} {
					q := slices.Clone(p)
					q.demand(q.find(pair[0]), q.find(pair[1]))
					add(q)
				}
				return
			}
		}
		if len(out) < most {
			out = append(out, p.arrange(c.state))
		}
	}
	add(c.order)
	return out
}
