// SPDX-License-Identifier: MIT

package explore

import (
	"fmt"

	"example.com/pernet/impl"
	"example.com/pernet/internal/sched"
)

// A parked is a thread that stands between two steps, and what its stack holds.
type parked struct {
	thread  sched.Parked
	nets    [maxNets]*impl.Net // for each slot the net that the stack means; nil: it does not care
	other   *impl.Net          // the second net of its call; it may be freed meanwhile
	kind    uint8              // what world.kind and world.failed
	failed  uint8              // have of it
	batches []ownBatch         // what a barrier waits for; of a deferred callback, the one that it is in
}

// An ownBatch is a batch of one deferred callback that a stack has.
type ownBatch struct {
	pair  uint16
	batch any
}

// A place is what makes one parked thread as good as another: the thread, its
// record, and what the stack holds beyond it. That is the list which a walk goes through, or a place
// in a list that was found before: it cannot change while the thread stands there, for the
// thread holds net_mutex; but it is another list in another state.
type place struct {
	who    uint8 // a client or the worker by its number, or deferredBy and the pair
	pc     uint8
	thread Thread
	list   [maxOps]uint8
	kind   [maxOps]uint8
	first  uint8
	nets   [maxNets]uint8
}

const deferredBy = 16 // more than any thread

// Where a stack holds, beyond the record, the list of ops or the list of nets, or a place in it.
var (
	holdsOps  = setOf("RegisterLink", "UnregisterUnlink", "SetupNetInit", "SetupNetUndo", "CleanupNetExit")
	holdsNets = setOf("RegisterInit", "RegisterUnlink", "RegisterUndo", "UnregisterExit", "CleanupNetRtnlLock", "CleanupNetUnlink")
)

// placeOf is where thread t stands in the state.
func placeOf(t uint8, s *State) place {
	if t >= deferredBy {
		return place{who: t}
	}
	p := place{who: t, pc: s.PC[t], thread: s.Threads[t]}
	if holdsOps[p.thread.At] {
		p.list, p.kind, p.first = s.List, s.Kind, s.First
	}
	if holdsNets[p.thread.At] {
		p.nets = s.Nets
	}
	return p
}

// A shelf is the threads that are parked in one place, with a state that has one
// there, and how the first one came: nil if by no step of its own.
type shelf struct {
	threads []*parked
	state   State
	came    *origin
}

// An origin is a step that leads a thread to a place.
type origin struct {
	id     int32
	from   State
	choice sched.Choice
}

func (st *stitcher) shelf(t uint8, s *State) *shelf {
	p := placeOf(t, s)
	sh := st.shelves[p]
	if sh == nil {
		sh = &shelf{state: *s}
		st.shelves[p] = sh
	}
	return sh
}

// put parks a thread. One that the shelf has no room for is ended.
func (st *stitcher) put(sh *shelf, t uint8, p *parked) {
	if len(sh.threads) >= shelfRoom {
		st.finish(p, t, &sh.state)
		return
	}
	sh.threads = append(sh.threads, p)
}

// shelfRoom bounds the memory: more threads in one place save few steps.
var shelfRoom = 32

// take returns a thread from the shelf, or nil.
func (sh *shelf) take() *parked {
	last := len(sh.threads) - 1
	if last < 0 {
		return nil
	}
	p := sh.threads[last]
	sh.threads[last] = nil
	sh.threads = sh.threads[:last]
	return p
}

// get returns thread t as it stands in the state: from the shelf, or else made anew.
func (st *stitcher) get(sh *shelf, t uint8, id int32, s *State) *parked {
	if p := sh.take(); p != nil {
		return p
	}
	if p := st.begin(t, s); p != nil {
		return p
	}
	return st.lead(sh, t, id)
}

// begin returns thread t if it stands where such a thread begins, else nil. Who
// starts it is who does in every run: a client its own first call, a worker
// the put of a last reference, a deferred callback Defer.
func (st *stitcher) begin(t uint8, s *State) *parked {
	w := st.w
	i := uint8(1)
	switch {
	case t >= deferredBy:
		i = (t - deferredBy) % maxNets
	case s.Threads[t] != idle || s.PC[t] != 0:
		return nil
	case t != st.in.worker():
		w.s.Go(st.names[t], func() { w.client(int(t)) })
		return &parked{thread: w.s.Park(0)}
	}
	p := new(parked)
	with := st.empty
	with.Phase[i], with.Count[i] = 2, 1
	if i > 0 {
		with.Nets[1] = i
	}
	st.restore(&with, p, none)
	if t == st.in.worker() {
		if err := p.nets[i].Put(); err != nil {
			panic(err)
		}
		return &parked{thread: w.s.Park(0)}
	}
	pair := uint16(1) << (t - deferredBy)
	w.spawn = st.names[t]
	if err := p.nets[i].Defer(func() { w.ran(pair) }); err != nil {
		panic(err)
	}
	w.d.View(&w.view)
	return &parked{thread: w.s.Park(0), batches: []ownBatch{{pair, w.view.Batches[0].Batch}}}
}

// lead makes a thread that stands where t does in state id, by steps of it that
// are known: as the first one came there, or else those of the way to the state, from where one can be had.
func (st *stitcher) lead(sh *shelf, t uint8, id int32) *parked {
	if o := sh.came; o != nil {
		p := st.get(st.shelf(t, &o.from), t, o.id, &o.from)
		st.again(p, t, o, sh.state.Threads[t].At)
		return p
	}
	start, own := st.back(t, id)
	p := st.get(st.shelf(t, &start.from), t, start.id, &start.from)
	for i := len(own) - 1; i >= 0; i-- {
		at := sh.state.Threads[t].At
		if i > 0 {
			at = own[i-1].from.Threads[t].At
		}
		st.again(p, t, &own[i], at)
	}
	return p
}

// again lets a thread take a step that was taken before, and led it to that point.
func (st *stitcher) again(p *parked, t uint8, o *origin, at uint8) {
	st.restore(&o.from, p, t)
	st.taking = o.choice
	if _, _, next, sh := st.run(p, t, o.choice, o.id, &o.from); sh == nil || next.Threads[t].At != at {
		panic(fmt.Sprintf("not deterministic: from the state\n%s%s once led to %s and now to\n%s",
			indent(st.in.Describe(o.from)), o.choice.Thread, points[at], indent(st.in.Describe(*next))))
	}
}

// back goes back on the way to state id, to a state where thread t can be had, and
// returns that and the steps of t from there, the last one first.
func (st *stitcher) back(t uint8, id int32) (start origin, own []origin) {
	e := st.e
	e.mu.Lock()
	defer e.mu.Unlock()
	for at := id; ; {
		l := e.parent[at]
		s := &e.res.Graph.States[l.from]
		if l.choice.Thread == st.names[t] {
			own = append(own, origin{l.from, *s, l.choice})
		}
		at = l.from
		sh := st.shelves[placeOf(t, s)]
		begins := s.Threads[t] == idle && s.PC[t] == 0
		if begins || sh != nil && (len(sh.threads) > 0 || sh.came != nil) {
			return origin{id: at, from: *s}, own
		}
	}
}
