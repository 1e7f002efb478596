// SPDX-License-Identifier: MIT

package explore

import (
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/sched"
)

// The stitched way to explore.
//
// A step of the code depends on the shared data and on the stack of the thread
// that takes it, and a State holds both: the data, and for each thread where it
// stands and its live locals. So there is no need to run the code from the start to
// have it take a step from a state: write the data back from the state into a
// registry (door.Restore), take any thread that stands parked with the same locals at the same
// point, and let it go to its next point. It is the real code that takes the step. What
// it left is read as in every other run, and the thread is parked again, for any state that
// has one like it. Where none is parked one is made, by taking the steps of that thread alone
// on the way to the state, each from the state where it was taken.
//
// So a run is stitched together from parts that have not been one run, and three things
// are taken on trust that the slow way looks at: that a State has all that a step
// depends on; that what a stack holds beyond the State (see place) fits; and that it makes no
// difference in which batch a deferred callback waits, for here each has one of its own. A
// test compares the graphs of both ways to the last edge. What the stitched way finds
// wrong is taken again from the start before it is reported.
//
// The parts keep what they hold: a list that is written back is a new one, so that a thread
// in the middle of a walk keeps the list that it walks; and each thread has its own
// objects for the nets that it knows (parked.nets), which stand for the slots while it moves.

// stitching is a stitched exploration under way. In the explorer next is the
// first state that nobody has expanded; todo is not used.
type stitching struct {
	*explorer
	batches int // handed out
	edges   int
}

// A reached is an edge that a worker has taken and not yet recorded.
type reached struct {
	from   int32
	label  string
	choice sched.Choice
	to     State
}

// batchSize is how many states a worker expands between two looks at the common
// table. Then the lock on it is held for a tenth of the time.
const batchSize = 64

// stitch explores in the stitched way.
func (in *Instance) stitch(e *stitching) Result {
	w := newWorld(in)
	e.add(w.state(), -1, sched.Choice{})
	w.end()
	var wg sync.WaitGroup
	for range max(e.opt.Workers, 1) {
		wg.Go(e.expandAll)
	}
	wg.Wait()
	if e.res.Verdict == Failed {
		e.res.Problem = in.confirm(e.res.Schedule, e.res.Problem)
	}
	return e.res
}

// expandAll takes batches of states until there is nothing left to do.
func (e *stitching) expandAll() {
	var st *stitcher
	var found []reached
	for {
		first, states := e.assignBatch()
		if len(states) == 0 {
			break
		}
		if st == nil {
			st = newStitcher(e)
		}
		steps := st.steps
		found = found[:0]
		var problem string
		var way sched.Schedule
		for i := range states {
			if found, way, problem = st.tryExpand(found, first+int32(i), &states[i]); problem != "" {
				break
			}
		}
		e.record(found, st.steps-steps, problem, way)
	}
	if st == nil {
		return
	}
	e.mu.Lock()
	failed := e.res.Verdict == Failed
	e.mu.Unlock()
	parked := st.close(!failed)
	e.mu.Lock()
	e.res.Parked += parked
	e.mu.Unlock()
}

// assignBatch gives a worker states to expand: those from number first on. It
// waits while there are none but other workers may find some.
func (e *stitching) assignBatch() (first int32, states []State) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for {
		all := e.res.Graph.States
		switch left := len(all) - e.next; {
		case e.over:
			return 0, nil
		case e.stop(e.batches):
			return 0, nil
		case left > 0:
			n := min(batchSize, left/(2*max(e.opt.Workers, 1))+1)
			first = int32(e.next)
			e.next += n
			e.busy++
			e.batches++
			return first, all[first:e.next:e.next]
		case e.busy == 0:
			e.end(Complete)
			return 0, nil
		}
		e.more.Wait()
	}
}

// record adds what a worker has found to the graph, and keeps the first problem.
func (e *stitching) record(found []reached, steps int, problem string, way sched.Schedule) {
	e.mu.Lock()
	defer e.mu.Unlock()
	g := e.res.Graph
	for len(found) > 0 {
		from, n := found[0].from, 1
		for n < len(found) && found[n].from == from {
			n++
		}
		out := make([]graph.Edge, n)
		for i := range out {
			r := &found[i]
			to, _ := e.add(r.to, from, r.choice)
			out[i] = graph.Edge{Label: r.label, To: to, Choice: r.choice}
		}
		g.Out[from] = out
		e.edges += n
		found = found[n:]
	}
	e.busy--
	e.res.Steps += steps
	if problem != "" && !e.over {
		e.res.Problem, e.res.Schedule = problem, way
		e.end(Failed)
	}
	e.more.Broadcast()
	if e.opt.Progress != nil && time.Since(e.shown) > time.Second {
		e.shown = time.Now()
		e.opt.Progress(ProgressReport{len(g.States), e.edges, len(g.States) - e.next, time.Since(e.began)})
	}
}

// wayTo returns the choices that lead to a state.
func (e *stitching) wayTo(id int32) sched.Schedule {
	e.mu.Lock()
	defer e.mu.Unlock()
	return wayTo(e.parent, id)
}

// tryExpand is expand, and makes a problem of a panic. With a problem it returns the way to it.
func (st *stitcher) tryExpand(found []reached, id int32, s *State) (_ []reached, way sched.Schedule, problem string) {
	complete := found
	defer func() {
		if v := recover(); v != nil {
			found, problem = complete, fmt.Sprintf("panic: %v\n%s", v, debug.Stack())
		}
		if problem != "" {
			way = st.e.wayTo(id)
			if st.taking.Thread != "" {
				way = append(way, st.taking)
			}
		}
	}()
	found, problem = st.expand(found, id, s)
	return found, nil, problem
}

// confirm takes the schedule again from the start, and returns what is wrong there.
func (in *Instance) confirm(schedule sched.Schedule, stitched string) (problem string) {
	w := newWorld(in)
	defer func() {
		if v := recover(); v != nil {
			problem = fmt.Sprintf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	for _, c := range schedule {
		if err := w.takeable(c); err != nil {
			return fmt.Sprintf("the parts of the stitched run do not fit together: from the start %v, so explore without Stitch; stitched it was\n%s", err, indent(stitched))
		}
		w.take(c)
		w.state()
	}
	for c, ok := w.drain(); ok; c, ok = w.drain() {
		w.take(c)
	}
	if problem := w.atRest(); problem != "" {
		return problem
	}
	w.s.Close()
	return fmt.Sprintf("the parts of the stitched run do not fit together: from the start nothing goes wrong, so explore without Stitch; stitched it was\n%s", indent(stitched))
}
