// SPDX-License-Identifier: MIT

package explore

import (
	"strconv"

	"example.com/pernet/impl"
	"example.com/pernet/internal/door"
	"example.com/pernet/internal/sched"
)

// A stitcher is one worker: a registry, and the threads that are parked in it.
type stitcher struct {
	e       *stitching
	in      *Instance
	w       *world
	shelves map[place]*shelf
	empty   State                               // of a registry where nothing has happened
	names   [deferredBy + maxOps*maxNets]string // of threads, by their number in a place
	ghosts  [maxNets]*impl.Net                  // for each slot a net that is freed
	homes   [maxNets]*impl.Net                  // for each slot the net of a stack that does not care
	spare   [maxOps * maxNets]any               // for each pair the batch of a callback that is pending while others move
	labels  map[string]string                   // each label once
	digits  [10]string
	view    door.View
	steps   int          // taken by the code
	taking  sched.Choice // now
	next    State        // after that step
}

func newStitcher(e *stitching) *stitcher {
	in := e.in
	boot := *in
	boot.Before, boot.Programs, boot.Threads = nil, nil, nil
	st := &stitcher{e: e, in: in, w: newWorld(&boot), shelves: map[place]*shelf{}, labels: map[string]string{}}
	st.empty = st.w.state()
	st.w.in = in
	for t := range in.Threads {
		st.names[uint8(t)] = st.w.nameOf(t)
	}
	st.names[in.worker()] = "W"
	for o := range maxOps {
		for n := range maxNets {
			st.names[uint8(deferredBy+o*maxNets+n)] = "D" + strconv.Itoa(o) + "." + strconv.Itoa(n)
		}
	}
	for i := range st.digits {
		st.digits[i] = strconv.Itoa(i)
	}
	st.haunt()
	return st
}

// haunt makes, for each slot, a net that is freed and one that is for all stacks that do not care.
func (st *stitcher) haunt() {
	v, d := &st.view, &st.w.d
	all := st.empty
	for i := range st.in.Nets {
		all.Phase[i] = 3
	}
	st.homes[0] = st.w.r.InitNet()
	var p parked
	st.restore(&all, &p, none)
	st.ghosts = p.nets
	var q parked
	st.restore(&all, &q, none)
	st.homes = q.nets
	v.Freed = v.Freed[:0]
	for i := range st.in.Nets {
		if i > 0 {
			v.Freed = append(v.Freed, st.ghosts[i])
		}
	}
	v.Nets, v.NetList = v.Nets[:0], v.NetList[:0]
	v.Batches = v.Batches[:0]
	for range st.spare {
		v.Batches = append(v.Batches, door.ViewBatch{Left: 1})
	}
	d.Restore(v, false, false)
	for i := range st.spare {
		st.spare[i] = v.Batches[i].Batch
	}
}

// expand takes every choice from a state, and appends the edges.
func (st *stitcher) expand(found []reached, id int32, s *State) (_ []reached, problem string) {
	in, worker := st.in, st.in.worker()
	waiting, moving := false, false // threads that are not at rest: some cannot move, some can
	thread := func(t uint8, rests bool) {
		var moves bool
		found, moves = st.moves(found, t, id, s)
		waiting = waiting || !moves && !rests
		moving = moving || moves && !rests
	}
	for t := range in.Threads {
		rests := s.Threads[t] == idle && in.Programs == nil
		if s.Threads[t] != idle || in.Programs == nil || int(s.PC[t]) < len(in.Programs[t]) {
			thread(uint8(t), rests)
		}
	}
	if working(s, worker) {
		thread(worker, false)
	}
	for left := s.Deferred; left != 0; left &= left - 1 {
		thread(deferredBy+bit(left), false)
	}
	if waiting && !moving {
		st.taking = sched.Choice{}
		return found, "deadlock: nobody who is in a call can move in\n" + indent(in.Describe(*s))
	}
	return found, ""
}

// moves takes every step that thread t has from a state, and reports whether there is one.
func (st *stitcher) moves(found []reached, t uint8, id int32, s *State) (_ []reached, moves bool) {
	sh := st.shelf(t, s)
	for option, offers := 0, 1; option < offers; option++ {
		p := st.get(sh, t, id, s)
		st.restore(s, p, t)
		if option == 0 && !p.thread.Ready() {
			st.put(sh, t, p)
			return found, false
		}
		st.taking = sched.Choice{Thread: st.names[t], Option: option}
		var label string
		var next *State
		var to *shelf
		label, offers, next, to = st.run(p, t, st.taking, id, s)
		found = append(found, reached{id, label, st.taking, *next})
		if to != nil {
			st.put(to, t, p)
		}
	}
	return found, true
}

// run lets thread p, which stands where t does in the state, take a step. The
// registry is as in that state. Threads that the step starts are parked; to is
// where p is to be parked itself, or nil if it has ended.
func (st *stitcher) run(p *parked, t uint8, c sched.Choice, id int32, s *State) (label string, offers int, next *State, to *shelf) {
	w := st.w
	w.s.Unpark(p.thread)
	label, offers = w.take(c)
	st.steps++
	if known, ok := st.labels[label]; ok {
		label = known
	} else {
		st.labels[label] = label
	}
	next = &st.next
	*next = w.shared()
	for u := range len(st.in.Threads) + 1 {
		if u != int(t) {
			next.Threads[u] = st.bystander(u, s, next)
		}
	}
	own := w.s.Find(c.Thread)
	if own >= 0 {
		p.thread = w.s.Park(own)
		if t >= deferredBy {
			panic("explore: a deferred callback stops at " + p.thread.At().Name)
		}
		next.Threads[t] = w.record(int(t), p.thread.At())
		st.remember(p, t, next)
	}
	if in := st.in; in.blind != nil {
		in.blind(next)
	}
	if own >= 0 {
		to = st.shelf(t, next)
		if to.came == nil && len(to.threads) == 0 {
			to.came = &origin{id, *s, c}
		}
	}
	if w.s.Len() > 0 {
		st.started(next)
	}
	if w.s.Len() > 0 {
		panic("explore: " + label + " has started two threads")
	}
	return label, offers, next, to
}

// bystander is the record of thread u after a step of another. It loses the
// callbacks that it waits for when they run, and the second net of its call when that is freed.
func (st *stitcher) bystander(u int, before, after *State) Thread {
	r := before.Threads[u]
	r.Waits = st.w.waits[u]
	if r.Other != none && after.Phase[r.Other] == 0 {
		r.Other = none
	}
	return r
}

// started parks the thread that the step has started: the worker, or a deferred callback.
func (st *stitcher) started(next *State) {
	who, batches := st.in.worker(), st.w.look().Batches
	p := &parked{thread: st.w.s.Park(0)}
	if name := p.thread.Name(); name != "W" {
		pair := digit(name[1:])*maxNets + digit(name[3:])
		who = deferredBy + pair
		p.batches = []ownBatch{{1 << pair, batches[len(batches)-1].Batch}}
	}
	st.put(st.shelf(who, next), who, p)
}

// remember notes what the stack of a thread holds, now that it stands at r.
func (st *stitcher) remember(p *parked, t uint8, s *State) {
	r := s.Threads[t]
	if r == idle {
		*p = parked{thread: p.thread}
		return
	}
	p.kind, p.failed = st.w.kind[t], st.w.failed[t]
	clear(p.nets[:])
	for _, n := range st.w.look().Nets {
		p.nets[digit(n.Name)] = n.Net.(*impl.Net)
	}
	switch {
	case p.thread.At().Other == "":
		p.other = nil
	case r.Other != none:
		p.other = p.nets[r.Other]
	}
	switch points[r.At] {
	case "SetupNetBarrierEnd", "CleanupNetBarrierEnd":
		p.batches = nil
		for i, left := 0, s.Deferred; left != 0; i, left = i+1, left&(left-1) {
			p.batches = append(p.batches, ownBatch{left & -left, st.view.Batches[i].Batch})
		}
	default:
		p.batches = nil
	}
}

// close ends all threads, and returns how many there were. With whole false, those
// in a call are left where they stand: code that is broken may hold a lock for ever.
func (st *stitcher) close(whole bool) (parked int) {
	for place, sh := range st.shelves {
		parked += len(sh.threads)
		for _, p := range sh.threads {
			if whole || p.rests() {
				st.finish(p, place.who, &sh.state)
			}
		}
	}
	return parked
}

// finish ends a thread that stands where t does in the state, as if it were
// alone: each lock that it does not hold is free, and no callback is pending. No
// run comes there, so a panic there says nothing; those of a run are found when it is taken.
func (st *stitcher) finish(p *parked, t uint8, state *State) {
	defer func() { _ = recover() }()
	if p.rests() {
		st.w.s.Finish(p.thread)
		return
	}
	s := *state
	if s.NetMutex != t {
		s.NetMutex = none
	}
	if s.Rtnl != t {
		s.Rtnl = none
	}
	if t < maxThreads {
		s.Threads[t].Waits, s.Deferred = 0, 0
	}
	st.compose(&s, p, t)
	st.write(&s, p)
	st.w.s.Finish(p.thread)
}

// rests reports whether the thread is between two calls.
func (p *parked) rests() bool {
	at := p.thread.At().Name
	return at == sched.AtRest || at == begins
}
