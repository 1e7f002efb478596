// SPDX-License-Identifier: MIT

package explore

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/sched"
)

// full is the number of a state beyond the bound.
const full = -1

// run leads the code to state target, takes choice c there, and continues with untaken
// choices. It stops at a state beyond the bound.
func (e *explorer[S]) run(p *Player[S], target int32, c sched.Choice, way sched.Schedule) (err error) {
	defer Recover(&err)
	p.Start()
	at := int32(0)
	for _, c := range way {
		label, offers := p.Take(c)
		if e.opt.Verify {
			if at, _, _, err = e.note(p, at, c, label, offers, false); err != nil || at == full {
				return err
			}
		}
	}
	if s, want := p.State(), e.state(target); s != want {
		return fmt.Errorf("not deterministic: a way that led to\n%snow leads to\n%s", e.describe(want), e.describe(s))
	}
	at = target
	for ok := true; ok; {
		label, offers := p.Take(c)
		if at, c, ok, err = e.note(p, at, c, label, offers, true); err != nil || at == full {
			return err
		}
		if !ok && e.opt.Verify {
			c, ok = p.drain()
		}
	}
	return p.End()
}

// Recover, deferred, turns a panic of the explored code into an error.
func Recover(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
	}
}

func (e *explorer[S]) describe(s S) string { return graph.Indent(Describe(e.d, s)) }

func (e *explorer[S]) state(id int32) S {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.res.Graph.States[id]
}

// arrive records that a run has reached state s, in which the movable threads can move. A new
// state beyond the bound ends the exploration.
func (e *explorer[S]) arrive(s S, from int32, c sched.Choice, movable []sched.Choice) int32 {
	if g := e.res.Graph; e.opt.MaxStates > 0 && len(g.States) == e.opt.MaxStates && !g.Has(s) {
		if !e.over {
			e.res.Problem = "more than " + plural.N(e.opt.MaxStates, "state")
			e.end(Incomplete)
		}
		return full
	}
	id, fresh := e.res.Graph.Add(s)
	var depth int32
	if from >= 0 {
		depth = e.parent[from].depth + 1
	}
	switch {
	case fresh:
		e.parent = append(e.parent, link{from, c, depth})
		e.todo = append(e.todo, slices.Clone(movable))
		e.can = append(e.can, e.mask(movable))
	case depth < e.parent[id].depth:
		e.parent[id] = link{from, c, depth}
	}
	return id
}

// note records the step that the player has just taken from state at, and returns full if the
// new state is beyond the bound, and an error if an earlier run contradicts the step. If wanted,
// it also returns an untaken choice of the new state, if there is one.
func (e *explorer[S]) note(p *Player[S], at int32, c sched.Choice, label string, offers int, wanted bool) (to int32, next sched.Choice, ok bool, err error) {
	s, movable := p.State(), p.Choices()
	e.mu.Lock()
	defer e.mu.Unlock()
	if to = e.arrive(s, at, c, movable); to == full {
		return full, next, false, nil
	}
	if now := e.mask(movable); now != e.can[to] {
		return to, next, false, fmt.Errorf("not deterministic: in the state\n%sonce %s could move, and now %s", e.describe(s), e.names(e.can[to]), e.names(now))
	}
	if err := e.edge(at, to, c, label, offers); err != nil {
		return to, next, false, err
	}
	if wanted {
		if next, ok = e.pop(to); !ok {
			next, ok = e.onward(to)
		}
	}
	return to, next, ok, nil
}

// edge records an edge, and the further options of its step as untaken choices.
func (e *explorer[S]) edge(at, to int32, c sched.Choice, label string, offers int) error {
	g := e.res.Graph
	for _, old := range g.Out[at] {
		if old.Choice != c {
			continue
		}
		e.res.Again++
		if old.To == to && old.Label == label {
			return nil
		}
		return fmt.Errorf("not deterministic: from the state\n%s%s once led by %s to\n%sand now by %s to\n%s",
			e.describe(g.States[at]), c.Thread, old.Label, e.describe(g.States[old.To]), label, e.describe(g.States[to]))
	}
	g.Out[at] = append(g.Out[at], graph.Edge{Label: label, To: to, Choice: c})
	if c.Option == 0 {
		for o := 1; o < offers; o++ {
			e.todo[at] = append(e.todo[at], sched.Choice{Thread: c.Thread, Option: o})
		}
		e.next = min(e.next, int(at))
	}
	return nil
}

// mask returns the threads that can move as a set of bits.
func (e *explorer[S]) mask(movable []sched.Choice) (m uint64) {
	for _, c := range movable {
		i := slices.Index(e.threads, c.Thread)
		if i < 0 {
			i = len(e.threads)
			e.threads = append(e.threads, c.Thread)
		}
		m |= 1 << (i % 64)
	}
	return m
}

// names returns the names of the threads in a mask.
func (e *explorer[S]) names(m uint64) string {
	var out []string
	for i, name := range e.threads {
		if m&(1<<(i%64)) != 0 {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return "no thread"
	}
	return strings.Join(out, ", ")
}
