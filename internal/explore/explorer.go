// SPDX-License-Identifier: MIT

package explore

import (
	"context"
	"fmt"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/sched"
)

// Options bound an exploration; zero means no bound.
type Options struct {
	Workers int  // how many runs at one time; 0 means 1
	Verify  bool // look at every state of every run, so that many edges are seen again after another history

	MaxStates int                    // the state after so many ends the exploration, and is not in the graph
	MaxMemory uint64                 // bytes of live and not yet collected objects, and of stacks
	Progress  func(p ProgressReport) // called about once a second
}

// A ProgressReport says how far an exploration is.
type ProgressReport struct {
	States, Edges, Frontier int
	Elapsed                 time.Duration
}

// Explore runs the implementation until every choice has been taken from every
// state that it reaches. Each run starts from a fresh registry, follows the
// shortest way known to a state with a choice left, takes it, and goes on while
// there are choices left, then until every call has returned. The way must lead
// to that state again, and with Verify each edge that a run takes after another history than
// before must lead where it led then: if not, something outside the choices
// decides, or the state lacks a component; that ends the exploration as a failure.
func (in *Instance) Explore(ctx context.Context, opt Options) Result {
	e := &explorer{in: in, ctx: ctx, opt: opt, res: Result{Verdict: Complete, Graph: graph.New[State]()}}
	e.more = sync.NewCond(&e.mu)
	e.began = time.Now()
	w := newWorld(in)
	e.arrive(w.state(), -1, sched.Choice{}, choices(w))
	w.end()
	var wg sync.WaitGroup
	for range max(opt.Workers, 1) {
		wg.Go(func() { e.work() })
	}
	wg.Wait()
	return e.res
}

// explorer is an exploration under way; mu guards everything.
type explorer struct {
	in  *Instance
	ctx context.Context
	opt Options

	mu     sync.Mutex
	more   *sync.Cond // a choice may have come, or the end
	res    Result
	todo   [][]sched.Choice // by state: choices that nobody has taken
	can    []uint8          // by state: the threads that can move
	parent []link           // by state: the shortest way known
	next   int              // no state before it has a choice left
	busy   int              // workers in a run
	over   bool
	began  time.Time
	shown  time.Time // when Progress was called last
}

type link struct {
	from   int32
	choice sched.Choice
	depth  int32
}

// work makes runs until there is nothing left to do.
func (e *explorer) work() {
	var w *world
	for {
		target, c, way, ok := e.assign()
		if !ok {
			return
		}
		if w == nil {
			w = newWorld(e.in)
			defer w.s.Close()
		}
		r := run{e: e, w: w}
		problem := r.run(target, c, way)
		e.finish(&r, problem)
	}
}

// assign gives a worker a choice to take and the way to its state. It waits
// while there is none but other workers may find some.
func (e *explorer) assign() (target int32, c sched.Choice, way sched.Schedule, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for {
		for e.next < len(e.todo) && len(e.todo[e.next]) == 0 {
			e.next++
		}
		switch {
		case e.over:
			return 0, c, nil, false
		case e.stop():
			return 0, c, nil, false
		case e.next < len(e.todo):
			target = int32(e.next)
			c, _ = e.pop(target)
			e.busy++
			return target, c, e.wayTo(target), true
		case e.busy == 0:
			e.end(Complete)
			return 0, c, nil, false
		}
		e.more.Wait()
	}
}

// stop ends the exploration if a bound has been hit, and reports that. It looks at the memory once in 256 runs.
func (e *explorer) stop() bool {
	switch {
	case e.ctx.Err() != nil:
		e.res.Problem = context.Cause(e.ctx).Error()
	case e.opt.MaxMemory > 0 && e.res.Runs%256 == 0 && memory() > e.opt.MaxMemory:
		e.res.Problem = fmt.Sprintf("more than %d bytes of memory", e.opt.MaxMemory)
	default:
		return false
	}
	e.end(Incomplete)
	return true
}

// memory returns how many bytes the objects and the stacks of the program take.
func memory() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() + samples[1].Value.Uint64()
}

func (e *explorer) end(v Verdict) {
	e.res.Verdict, e.over = v, true
	e.more.Broadcast()
}

// pop takes a choice that nobody has taken in the state.
func (e *explorer) pop(at int32) (sched.Choice, bool) {
	t := e.todo[at]
	if len(t) == 0 {
		return sched.Choice{}, false
	}
	e.todo[at] = t[:len(t)-1]
	return t[len(t)-1], true
}

// wayTo returns the choices that lead to a state.
func (e *explorer) wayTo(at int32) (s sched.Schedule) {
	for ; e.parent[at].from >= 0; at = e.parent[at].from {
		s = append(s, e.parent[at].choice)
	}
	slices.Reverse(s)
	return s
}

// finish adds up a run, and keeps the first problem.
func (e *explorer) finish(r *run, problem string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.busy--
	e.res.Runs++
	e.res.Steps += len(r.done)
	if problem != "" && !e.over {
		e.res.Problem, e.res.Schedule = problem, r.done
		e.end(Failed)
	}
	e.more.Broadcast()
	if e.opt.Progress != nil && time.Since(e.shown) > time.Second {
		e.shown = time.Now()
		e.opt.Progress(ProgressReport{len(e.todo), e.res.Graph.Edges(), len(e.todo) - e.next, time.Since(e.began)})
	}
}

// full is the number of a state for which there is no room.
const full = -1

// arrive records that a run has come to state s from state from, where those
// threads can move. A new state beyond the bound ends the exploration.
func (e *explorer) arrive(s State, from int32, c sched.Choice, movable []sched.Choice) int32 {
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
		e.can = append(e.can, mask(movable))
	case depth < e.parent[id].depth:
		e.parent[id] = link{from, c, depth}
	}
	return id
}

// record records one step, and says whether it agrees with what was seen before;
// to is full where there is no room for its state.
func (e *explorer) record(at int32, c sched.Choice, label string, offers int, s State, movable []sched.Choice) (to int32, problem string) {
	if to = e.arrive(s, at, c, movable); to == full {
		return full, ""
	}
	if problem := e.sameMovable(to, movable); problem != "" {
		return to, problem
	}
	g := e.res.Graph
	for _, old := range g.Out[at] {
		if old.Choice == c {
			e.res.Again++
			if old.To != to || old.Label != label {
				problem = fmt.Sprintf("not deterministic: from the state\n%s%s once led by %s to\n%sand now by %s to\n%s",
					indent(e.in.Describe(g.States[at])), c.Thread,
					old.Label, indent(e.in.Describe(g.States[old.To])), label, indent(e.in.Describe(s)))
			}
			return to, problem
		}
	}
	g.Out[at] = append(g.Out[at], graph.Edge{Label: label, To: to, Choice: c})
	if c.Option == 0 {
		for o := 1; o < offers; o++ {
			e.todo[at] = append(e.todo[at], sched.Choice{Thread: c.Thread, Option: o})
		}
		e.next = min(e.next, int(at))
	}
	return to, ""
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n  ") + "\n"
}
