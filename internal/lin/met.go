// SPDX-License-Identifier: MIT

package lin

import (
	"maps"
	"math"
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A Met counts what the calls of a history have met. It reads the answers alone, so it counts a
// situation only where the answers and the times show it.
type Met struct {
	Answers  map[Answer]int
	Dying    map[string]int // by op: calls that met a net whose count is zero, before its cleanup was over
	InCopies int            // puts of a net while a copy of it was under way
	Batches  int            // cleanups of several nets
	Calls    int            // of clients; the worker's cleanups are no calls
	Meetings int            // of calls of two clients
}

// An Answer is what a call answered by itself, or that an init of it failed.
type Answer struct {
	Op    string
	Share bool // of a copy: newnet was false
	Init  bool // Err is what an init returned, and not told apart
	Err   model.Err
}

// Add adds what another history has met.
func (m *Met) Add(other Met) {
	sum(&m.Answers, other.Answers)
	sum(&m.Dying, other.Dying)
	m.InCopies += other.InCopies
	m.Batches += other.Batches
	m.Calls += other.Calls
	m.Meetings += other.Meetings
}

func sum[K comparable](to *map[K]int, counts map[K]int) {
	if *to == nil {
		*to = map[K]int{}
	}
	for k, n := range counts {
		(*to)[k] += n
	}
}

// A meter counts what a history meets, window by window.
type meter struct {
	Met
	lives map[string]*life
}

// A life is what the answers show of a net since it got its name.
type life struct {
	since   int64 // when its copy returned; MaxInt64 if none has
	dropped int64 // when the last reference that was seen to go was gone
	lists   int   // lists that found it since then
	cleaned bool  // a cleanup has begun
	over    int64 // when the cleanup returned

	copying int64   // until when a copy of it is under way
	puts    []int64 // when those of its puts returned that no copy was seen beside
}

func newMeter() meter {
	m := meter{Met{Answers: map[Answer]int{}, Dying: map[string]int{}}, map[string]*life{}}
	m.life(wire.InitNet).since = math.MinInt64
	return m
}

func (m *meter) life(net string) *life {
	l := m.lives[net]
	if l == nil {
		l = &life{since: math.MaxInt64, dropped: math.MinInt64, over: math.MaxInt64, copying: math.MinInt64}
		m.lives[net] = l
	}
	return l
}

// add counts what a window has met.
func (m *meter) add(w *window) {
	m.overlaps(w)
	for _, c := range w.calls {
		if c.Op == wire.Cleanup {
			m.cleanup(c)
			continue
		}
		if c.Op == wire.Copy && !c.Share {
			m.copyBegins(c)
		}
		if !c.Never {
			m.Answers[AnswerOf(&c.Line)]++
			m.returned(c)
		}
	}
	// What is over meets nothing later, and a name that no copy gave was never a net.
	maps.DeleteFunc(m.lives, func(_ string, l *life) bool {
		return l.over < math.MaxInt64 || l.since == math.MaxInt64 && l.copying < math.MaxInt64
	})
	for _, l := range m.lives {
		l.puts = nil
	}
}

// AnswerOf returns the answer of a call that returned. Without its callbacks, an errno that the call
// returns by itself counts as such.
func AnswerOf(l *wire.Line) Answer {
	a := Answer{Op: l.Op, Share: l.Share, Err: l.Err}
	ran := slices.ContainsFunc(l.Calls, func(cb wire.Callback) bool { return !cb.Exit })
	if l.Err != 0 && (ran || l.Unknown && !slices.Contains(model.CallOf(l.Op).Errs, l.Err)) {
		a.Init, a.Err = true, 0
	}
	return a
}

func (m *meter) cleanup(c *call) {
	if !c.Never {
		m.Answers[Answer{Op: c.Op}]++
	}
	if len(c.Nets) > 1 {
		m.Batches++
	}
	for _, net := range c.Nets {
		l := m.life(net)
		m.Dying[wire.List] += l.lists
		l.lists, l.cleaned, l.over = 0, true, c.end()
	}
}

// copyBegins counts the puts of the old net that have not returned.
func (m *meter) copyBegins(c *call) {
	l := m.life(c.From)
	l.copying = max(l.copying, c.end())
	for _, returned := range l.puts {
		if returned >= c.Call {
			m.InCopies++
		}
	}
	l.puts = nil // those that have returned meet no later copy either
}

// returned counts what a call met that is no cleanup and has returned.
func (m *meter) returned(c *call) {
	switch {
	case c.Op == wire.List || c.Op == wire.State:
		for _, net := range c.Nets {
			if l := m.life(net); c.Call > l.since && c.Call > l.dropped {
				m.listed(l)
			}
		}
	case c.Op == wire.Put && c.Err == 0:
		l := m.life(c.Net)
		l.drop(c)
		if l.copying >= c.Call {
			m.InCopies++
		} else {
			l.puts = append(l.puts, c.Return)
		}
	case c.Op == wire.Copy:
		m.dies(c, m.life(c.From))
		m.life(c.From).drop(c)
		if c.Err == 0 && !c.Share {
			l := m.life(c.Net)
			*l = life{since: c.Return, dropped: c.Return, over: math.MaxInt64, copying: math.MinInt64}
		}
	case c.Op == wire.Get:
		m.dies(c, m.life(c.Net))
		m.life(c.Net).drop(c)
	case c.Op == wire.Hold:
		m.dies(c, m.life(c.Net))
	}
}

// listed counts a list that found a net, once it is known that no reference was left.
func (m *meter) listed(l *life) {
	if l.cleaned {
		m.Dying[wire.List]++
	} else {
		l.lists++
	}
}

// dies counts a call that was refused because the count of its net is zero.
func (m *meter) dies(c *call, l *life) {
	if a := AnswerOf(&c.Line); a.Err == model.ENOENT && c.Call > l.since && c.Call <= l.over {
		m.Dying[c.Op]++
	}
}

// drop notes that a call of a net with a reference has returned: before, the count was not zero.
func (l *life) drop(c *call) {
	if c.Err == 0 || c.Op == wire.Copy && AnswerOf(&c.Line).Err != model.ENOENT {
		l.dropped, l.lists = max(l.dropped, c.Return), 0
	}
}
