// SPDX-License-Identifier: MIT

package vectors

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/explore/rwsem"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/replay"
	"example.com/pernet/internal/sched"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// most is how many threads a scheduled program has at most: its clients and the worker.
const most = 4

// A moment is a state of a scheduled program: the registry and its history, and the steps that its
// threads are before, the worker's first.
type moment struct {
	text string
	at   [most]string // "": the thread has ended
	can  [most]bool   // the step need not wait
}

// moments is the graph of a scheduled program. It has no cycle.
type moments struct {
	*graph.Graph[moment]
	program *wire.Program // without a schedule
	idle    string        // the first step of the worker
	from    []via         // by state: the last edge of a shortest way there

	taken map[via]bool   // edges
	tried map[place]bool // waits
}

type via struct {
	state int32
	turn  wire.Turn
}

func newMoments(ctx context.Context, d model.Discipline, p *wire.Program) (*moments, error) {
	if len(p.Clients) >= most {
		return nil, fmt.Errorf("%d clients: at most %d", len(p.Clients), most-1)
	}
	found := explore.Explore(ctx, &scheduled{d, p}, explore.Options{MaxStates: 100_000})
	if found.Verdict != explore.Complete {
		return nil, errors.New(found.Problem)
	}
	g := &moments{
		Graph: found.Graph, program: p, idle: mutex.Sketch.Works,
		from: make([]via, len(found.Graph.States)), taken: map[via]bool{}, tried: map[place]bool{},
	}
	if d == model.RWSem {
		g.idle = rwsem.Sketch.Works
	}
	for at := range g.Out {
		slices.SortFunc(g.Out[at], func(a, b graph.Edge) int { return strings.Compare(a.Choice.Thread, b.Choice.Thread) })
	}
	met := make([]bool, len(g.States))
	met[0] = true
	g.Walk(func(at int32) bool {
		for _, e := range g.Out[at] {
			if !met[e.To] {
				met[e.To], g.from[e.To] = true, via{at, turnOf(e)}
			}
		}
		return true
	})
	return g, nil
}

// turnOf returns the entry of a schedule that takes an edge.
func turnOf(e graph.Edge) wire.Turn {
	client, _ := strconv.ParseInt(e.Choice.Thread, 10, 64) // replay.ThreadOf has written it
	return wire.Turn{Client: client, Step: e.Label}
}

// way returns a shortest schedule that leads to a state.
func (g *moments) way(to int32) (schedule []wire.Turn) {
	for ; to != 0; to = g.from[to].state {
		schedule = append(schedule, g.from[to].turn)
	}
	slices.Reverse(schedule)
	return schedule
}

// tours returns schedules from the first state to an end, which together take every edge: each has
// as many as can be that those before it have not.
func (g *moments) tours() (all [][]wire.Turn) {
	order := g.backwards()
	fresh, next := make([]int, len(g.States)), make([]int, len(g.States))
	for {
		for _, at := range order {
			fresh[at] = 0
			for n, e := range g.Out[at] {
				count := fresh[e.To]
				if !g.taken[via{at, turnOf(e)}] {
					count++
				}
				if n == 0 || count > fresh[at] {
					fresh[at], next[at] = count, n
				}
			}
		}
		if fresh[0] == 0 {
			return all
		}
		var tour []wire.Turn
		for at := int32(0); len(g.Out[at]) > 0; {
			e := g.Out[at][next[at]]
			g.taken[via{at, turnOf(e)}] = true
			tour = append(tour, turnOf(e))
			at = e.To
		}
		all = append(all, tour)
	}
}

// backwards returns the states, each after those to which its edges lead.
func (g *moments) backwards() (order []int32) {
	met := make([]bool, len(g.States))
	var visit func(at int32)
	visit = func(at int32) {
		if met[at] {
			return
		}
		met[at] = true
		for _, e := range g.Out[at] {
			visit(e.To)
		}
		order = append(order, at)
	}
	visit(0)
	return order
}

// A wait is a step that a client cannot take in a state.
type wait struct {
	state int32
	wire.Turn
}

// A place is where the threads are when one of them waits.
type place struct {
	at     [most]string
	thread int
}

// waits returns the steps that have to wait, and have not been tried while the others were before
// the same steps.
func (g *moments) waits() (all []wait) {
	g.Walk(func(state int32) bool {
		for i := range g.States[state].at {
			if w := (wait{state, wire.Turn{Client: clientAt(i), Step: g.waiting(state, i)}}); w.Step != "" && g.try(w) {
				all = append(all, w)
			}
		}
		return true
	})
	return all
}

// waiting returns the step that a thread cannot take in a state, or "". An idle worker cannot take a
// net that is not queued yet.
func (g *moments) waiting(state int32, thread int) string {
	m := &g.States[state]
	queues := func(step string) bool { return strings.HasSuffix(step, "Queue") }
	switch {
	case thread == 0 && m.at[0] == "" && slices.ContainsFunc(m.at[1:], queues):
		return g.idle
	case m.can[thread]:
		return ""
	}
	return m.at[thread]
}

// try tries the step, and reports whether it is the first time.
func (g *moments) try(w wait) bool {
	p := place{g.States[w.state].at, int(w.Client - wire.Worker)}
	first := !g.tried[p] && g.waiting(w.state, p.thread) == w.Step
	g.tried[p] = g.tried[p] || first
	return first
}

// follow takes the edges of a schedule. The last step may be one that waits.
func (g *moments) follow(schedule []wire.Turn) {
	at := int32(0)
	for _, turn := range schedule {
		n := slices.IndexFunc(g.Out[at], func(e graph.Edge) bool { return turnOf(e) == turn })
		if n < 0 {
			g.try(wait{at, turn})
			return
		}
		g.taken[via{at, turn}] = true
		at = g.Out[at][n].To
	}
}

// missing reports the edges and the waits that no schedule has.
func (g *moments) missing(problem func(format string, args ...any)) {
	for at, out := range g.Out {
		for _, e := range out {
			if t := turnOf(e); !g.taken[via{int32(at), t}] {
				problem("no vector takes %s of %s after %v, in the program\n  %s", t.Step, who(t.Client), g.way(int32(at)), value(g.program.Append(nil)))
			}
		}
	}
	for _, w := range g.waits() {
		problem("no vector tries this: %s", w.why(g))
	}
}

// clientAt returns the client of a place in a moment.
func clientAt(i int) int64 { return int64(i) + wire.Worker }

// why is the purpose of a vector that tries the step.
func (w wait) why(g *moments) string {
	var others []string
	for i, step := range g.States[w.state].at {
		if step != "" && clientAt(i) != w.Client {
			others = append(others, who(clientAt(i))+" is before "+step)
		}
	}
	name := who(w.Client)
	return strings.ToUpper(name[:1]) + name[1:] + " must wait before " + w.Step + " while " + strings.Join(others, " and ") + "."
}

func who(client int64) string {
	if client == wire.Worker {
		return "the worker"
	}
	return "client " + replay.ThreadOf(client)
}

// scheduled is a program as a discipline of the explorer.
type scheduled struct {
	discipline model.Discipline
	program    *wire.Program
}

func (s *scheduled) NewRun() explore.Run[moment]               { return &scheduledRun{new(replay.Stepped), s} }
func (s *scheduled) Blank() (m moment)                         { return m }
func (s *scheduled) Variables(*moment) (none []graph.Variable) { return none }

type scheduledRun struct {
	*replay.Stepped
	of *scheduled
}

func (r *scheduledRun) Reset() {
	r.Close()
	var err error
	if r.Stepped, err = replay.NewStepped(context.Background(), r.of.discipline, r.of.program); err != nil {
		panic(err) // without an end of the context there is none
	}
}

func (r *scheduledRun) Scheduler() *sched.Scheduler { return &r.Threads }

func (r *scheduledRun) Take(c sched.Choice) (label string, offers int) {
	at := r.Threads.Find(c.Thread)
	label = r.Threads.At(at).Name
	return label, r.Threads.Step(at, 0)
}

func (r *scheduledRun) State() (m moment) {
	m.text = r.Stepped.State()
	for i := range m.at[:len(r.of.program.Clients)+1] {
		p, can := r.At(clientAt(i))
		m.at[i], m.can[i] = p.Name, can
	}
	return m
}
