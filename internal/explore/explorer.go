// SPDX-License-Identifier: MIT

package explore

import (
	"context"
	"fmt"
	"runtime/metrics"
	"slices"
	"sync"
	"time"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/sched"
)

// Options bound an exploration; zero means no bound.
type Options struct {
	Workers int  // runs in parallel; 0 means 1
	Verify  bool // check every state of every run, so that many edges are taken again after another history

	MaxStates int                    // the first state beyond these ends the exploration, and is not in the graph
	MaxMemory uint64                 // bytes of the objects on the heap and of the stacks
	Progress  func(p ProgressReport) // called about once a second
}

// A ProgressReport describes the progress of an exploration.
type ProgressReport struct {
	States, Edges, Frontier int
	Elapsed                 time.Duration
}

// A Verdict is how an exploration ended. Only Complete covers all states.
type Verdict string

// The verdicts.
const (
	Complete   Verdict = "complete"
	Incomplete Verdict = "incomplete"
	Failed     Verdict = "fail"
)

// A Result is what an exploration found.
type Result[S comparable] struct {
	Verdict  Verdict
	Graph    *graph.Graph[S]
	Steps    int            // steps of the code
	Runs     int            // from the start
	Again    int            // edges that were taken again, after another history
	Problem  string         // Failed: what is wrong; Incomplete: which bound was hit
	Schedule sched.Schedule // Failed: how to get there
}

// Explore runs the code until it has taken every choice from every state that it reaches.
// Each run starts from the initial state and follows the shortest known way to a state with
// an untaken choice. It takes that choice, then others while there are untaken ones in its state
// or one step further, and ends when every call has returned.
//
// The way must lead to the same state again, and an edge that is taken again after another
// history must, too. With Verify, every step of a run is compared. If one leads elsewhere,
// something other than the choices decides, or the state lacks a component, and the exploration
// fails.
func Explore[S comparable](ctx context.Context, d Discipline[S], opt Options) Result[S] {
	e := &explorer[S]{d: d, ctx: ctx, opt: opt, res: Result[S]{Verdict: Complete, Graph: graph.New[S]()}, began: time.Now()}
	e.more = sync.NewCond(&e.mu)
	p := NewPlayer(d.NewRun())
	p.Start()
	e.arrive(p.State(), -1, sched.Choice{}, p.Choices())
	_ = p.End() // a run will report the error
	p.Close()
	var wg sync.WaitGroup
	for range max(opt.Workers, 1) {
		wg.Go(e.work)
	}
	wg.Wait()
	return e.res
}

// explorer is an exploration under way; mu guards everything.
type explorer[S comparable] struct {
	d   Discipline[S]
	ctx context.Context
	opt Options

	mu      sync.Mutex
	more    *sync.Cond // signals new choices and the end
	res     Result[S]
	todo    [][]sched.Choice // by state: the untaken choices
	can     []uint64         // by state: the threads that can move
	parent  []link           // by state: the shortest way known
	threads []string         // names, by their bits in can
	next    int              // no state before it has an untaken choice
	busy    int              // workers that are in a run
	over    bool
	began   time.Time
	shown   time.Time // the last call of Progress
}

type link struct {
	from   int32
	choice sched.Choice
	depth  int32
}

// work makes runs until the exploration ends.
func (e *explorer[S]) work() {
	var p *Player[S]
	var way sched.Schedule
	for {
		target, c, ok := e.assign(&way)
		if !ok {
			return
		}
		if p == nil {
			p = NewPlayer(e.d.NewRun())
			defer p.Close()
		}
		e.finish(p, e.run(p, target, c, way))
	}
}

// assign returns an untaken choice, and stores the way to its state. It blocks while there is
// none but other workers may still find some.
func (e *explorer[S]) assign(way *sched.Schedule) (target int32, c sched.Choice, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for {
		for e.next < len(e.todo) && len(e.todo[e.next]) == 0 {
			e.next++
		}
		switch {
		case e.over, e.stop():
			return 0, c, false
		case e.next < len(e.todo):
			target = int32(e.next)
			c, _ = e.pop(target)
			e.busy++
			*way = e.wayTo(target, (*way)[:0])
			return target, c, true
		case e.busy == 0:
			e.end(Complete)
			return 0, c, false
		}
		e.more.Wait()
	}
}

// stop ends the exploration if a bound is reached, and reports whether it did. It checks the
// memory once in 256 runs.
func (e *explorer[S]) stop() bool {
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

// memory returns the bytes of the objects and the stacks of the program.
func memory() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() + samples[1].Value.Uint64()
}

func (e *explorer[S]) end(v Verdict) {
	e.res.Verdict, e.over = v, true
	e.more.Broadcast()
}

// pop removes and returns an untaken choice of the state.
func (e *explorer[S]) pop(at int32) (sched.Choice, bool) {
	t := e.todo[at]
	if len(t) == 0 {
		return sched.Choice{}, false
	}
	e.todo[at] = t[:len(t)-1]
	return t[len(t)-1], true
}

// onward returns a taken choice that leads to a state with an untaken one, if there is one.
func (e *explorer[S]) onward(at int32) (sched.Choice, bool) {
	for _, edge := range e.res.Graph.Out[at] {
		if len(e.todo[edge.To]) > 0 {
			return edge.Choice, true
		}
	}
	return sched.Choice{}, false
}

// wayTo returns the choices that lead to a state, in s, which is empty.
func (e *explorer[S]) wayTo(at int32, s sched.Schedule) sched.Schedule {
	for ; e.parent[at].from >= 0; at = e.parent[at].from {
		s = append(s, e.parent[at].choice)
	}
	slices.Reverse(s)
	return s
}

// finish counts a run and records the first problem.
func (e *explorer[S]) finish(p *Player[S], problem error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.busy--
	e.res.Runs++
	e.res.Steps += len(p.done)
	if problem != nil && !e.over {
		e.res.Problem, e.res.Schedule = problem.Error(), p.Schedule()
		e.end(Failed)
	}
	e.more.Broadcast()
	if e.opt.Progress != nil && time.Since(e.shown) > time.Second {
		e.shown = time.Now()
		e.opt.Progress(ProgressReport{len(e.todo), e.res.Graph.Edges(), len(e.todo) - e.next, time.Since(e.began)})
	}
}
