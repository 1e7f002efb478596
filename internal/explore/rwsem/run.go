// SPDX-License-Identifier: MIT

package rwsem

import (
	"context"
	"iter"
	"slices"
	"strings"

	"example.com/pernet/impl"
	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/sched"
)

// The locks, by their index in hook.Hooks.Locks.
const (
	rwsem = iota
	rtnl
)

// A Run is the code of impl under a scheduler. What it remembers of a thread is what the code has
// in variables that no yield point shows.
type Run struct {
	clients.World
	in    *Instance
	queue []Entry // those that have asked for the lock and not given it back
	memo  [clients.MaxThreads]memo
}

// A memo is what a run remembers of a thread.
type memo struct {
	call       uint8
	gone       bool  // the memory of the net that its copy is of is freed
	readers    uint8 // a set of threads, for which a grace period waits
	undo, nets []uint8
	log        []Logged
}

// Reset makes a new registry.
func (r *Run) Reset() {
	r.queue, r.memo = nil, [clients.MaxThreads]memo{}
	r.World.Reset()
}

// logs makes the callbacks of an ops log what runs, and adds those that the instance wants.
func (r *Run) logs(in *Instance, i uint8, o *impl.Ops) {
	log := func(what uint8, net uint8) {
		if t := r.S.Current(); t != "" {
			m := &r.memo[r.Number(t)]
			m.log = append(m.log, Logged{what, i, net})
		}
	}
	if init := o.Init; init != nil {
		o.Init = func(ctx context.Context, n *impl.Net) error {
			log(logInit, clients.Slot(n.Name()))
			return init(ctx, n)
		}
	}
	if exit := o.Exit; exit != nil {
		o.Exit = func(ctx context.Context, n *impl.Net) {
			log(logExit, clients.Slot(n.Name()))
			exit(ctx, n)
		}
	}
	if slices.Contains(in.WithPreExit, in.Ops[i]) {
		o.PreExit = func(_ context.Context, n *impl.Net) { log(logPreExit, clients.Slot(n.Name())) }
	}
	if slices.Contains(in.WithExitRtnl, in.Ops[i]) {
		o.ExitRTNL = func(_ context.Context, n *impl.Net) { log(logExitRtnl, clients.Slot(n.Name())) }
	}
	if slices.Contains(in.WithExitBatch, in.Ops[i]) {
		o.ExitBatch = func(context.Context, []*impl.Net) { log(logExitBatch, none) }
	}
}

// Take takes the next step of a thread. The label is the step's point and its outcome.
func (r *Run) Take(c sched.Choice) (label string, offers int) {
	t := r.Number(c.Thread)
	before := slots(r.Look().WorkQueue)
	list, nets, freeing := r.ops(), slots(r.Look().NetList), slots(r.Look().Freeing)
	from, offers := r.World.Take(c)
	if t < 0 {
		return r.Step + r.Outcome, offers
	}
	next := sched.AtRest
	if j := r.S.Find(c.Thread); j >= 0 {
		next = r.S.At(j).Name
	}
	m := &r.memo[t]
	switch r.Step {
	case "RegisterLock":
		m.call = register
		r.queue = append(r.queue, Entry{uint8(t), 1})
	case "UnregisterLock":
		m.call = unregister
		r.queue = append(r.queue, Entry{uint8(t), 1})
	case "CopyNetNsGet":
		m.call = setup
	case "CopyNetNsLock", "CleanupNetLock":
		if r.Outcome == "EINTR" {
			r.leave(t)
			break
		}
		r.queue = append(r.queue, Entry{uint8(t), 0})
	case "RegisterLink", "UnregisterUnlink":
		if r.Outcome != "" { // refused
			r.Step = map[string]string{"RegisterLink": "RegisterUnlock", "UnregisterUnlink": "UnregisterUnlock"}[r.Step]
			break
		}
		if r.Step == "UnregisterUnlink" {
			m.undo, m.nets = []uint8{clients.Slot(from.Ops)}, nets
		}
	case "RegisterInit":
		if r.Outcome != "" {
			n := clients.Slot(from.Net)
			m.undo, m.nets = []uint8{clients.Slot(from.Ops)}, nets[:slices.Index(nets, n)]
		}
	case "SetupNetInit":
		if o := clients.Slot(from.Ops); r.Outcome == "Fail" {
			m.undo, m.nets = reversed(list[:slices.Index(list, o)]), []uint8{clients.Slot(from.Net)}
		}
	case "SetupNetListAdd":
		m.log = nil
		r.Look() // clients now use this net for its slot
	case "CopyNetNsUnlock":
		if from.Err != nil {
			r.Outcome = "Fail"
		}
	case "MaybeGetNet":
		for i := range r.memo {
			r.memo[i].readers &^= 1 << t
		}
	case "OpsUndoListGrace":
		for u, p := range r.threads() {
			if p.Name == "MaybeGetNet" {
				m.readers |= 1 << u
			}
		}
	case "OpsUndoListGraceEnd":
		m.log = append(m.log, Logged{logGrace, none, none})
	case "CleanupNet":
		m.call, m.nets = cleanup, reversed(before)
	case "CleanupNetUnlink":
		m.undo = reversed(list)
	case "NetCompleteFree":
		for u, p := range r.threads() {
			if slices.Contains(freeing, clients.Slot(p.Other)) {
				r.memo[u].gone = true
			}
		}
	case "CleanupNetPut":
		m.nets = m.nets[1:]
	case "CleanupNetBarrier", "RcuBarrier":
		r.Waits[t] = r.Deferred
		if from.Name == sched.AtRest {
			m.call, r.Step = barrier, "BarrierBegin"
		}
	case "PutNet":
		if next == "PutNetQueue" {
			r.Outcome = "Zero"
		}
	case "ReleaseNet":
		if next == "ReleaseNetFree" {
			r.Outcome = "Zero"
		}
	case "CopyNetNsPut":
		if next == "CopyNetNsQueue" {
			r.Outcome = "Zero"
		}
	}
	switch r.Step {
	case "RegisterUnlock", "UnregisterUnlock", "CopyNetNsUnlock", "CleanupNetUnlock":
		r.leave(t)
		m.log = nil
		if m.undo = nil; r.Step != "CleanupNetUnlock" {
			m.nets = nil
		}
	}
	if next == sched.AtRest || slices.Contains(asIdle, next) {
		m.call, m.gone = 0, false
	}
	return r.Step + r.Outcome, offers
}

// killable is a yield point: a copy may be killed behind it, before it asks for the lock, and must be
// if it goes on while it waits.
func (r *Run) killable(p hook.Point) {
	granted := p.Ready
	waits := p.Name == "SetupNetBegin"
	if waits {
		p.Ready = nil
	}
	r.S.Point(p)
	if waits && !granted() || p.Name == "CopyNetNsLock" && r.S.Option(2) == 1 {
		r.Step, r.Outcome = "CopyNetNsLock", "EINTR"
		r.Kill[r.Number(r.S.Current())]()
	}
}

// leave takes a thread out of the queue.
func (r *Run) leave(t int) {
	r.queue = slices.DeleteFunc(r.queue, func(e Entry) bool { return e.Thread == uint8(t) })
}

// threads yields the clients and the worker that are not over, and where they are.
func (r *Run) threads() iter.Seq2[int, hook.Point] {
	return func(yield func(int, hook.Point) bool) {
		for i := range r.S.Len() {
			if t := r.Number(r.S.Name(i)); t >= 0 && !yield(t, r.S.At(i)) {
				return
			}
		}
	}
}

// ops returns pernet_list.
func (r *Run) ops() (list []uint8) {
	for _, o := range r.Look().PernetList {
		list = append(list, clients.Slot(o.Name))
	}
	return list
}

func slots(names []string) (list []uint8) {
	for _, n := range names {
		list = append(list, clients.Slot(n))
	}
	return list
}

func reversed(list []uint8) []uint8 {
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}

// State returns the current state. It must not be called during a step.
func (r *Run) State() State {
	v, s := r.Look(), blank
	s.PC, s.Rtnl = r.PC, r.Owner[rtnl]
	s.Deferred, s.Balance, s.First = r.Deferred, r.Balance, clients.Slot(v.FirstDevice)
	copy(s.Rwsem[:], r.queue)
	for i, o := range v.PernetList {
		s.List[i] = clients.Slot(o.Name)
		s.Kind[s.List[i]] = subsys
		if o.Device {
			s.Kind[s.List[i]] = device
		}
	}
	copy(s.Nets[:], slots(v.NetList))
	copy(s.Cleanup[:], reversed(slots(v.WorkQueue)))
	for _, n := range v.Nets {
		i := clients.Slot(n.Name)
		s.Count[i], s.Phase[i], s.Passive[i] = uint8(n.Count), r.phase(n), uint8(n.Use)+1
		if s.Phase[i] == kept {
			s.Passive[i]--
		}
	}
	for _, n := range slots(v.DeferFree) {
		s.Phase[n] = dead
		s.DeferFree |= 1 << n
	}
	for _, n := range slots(v.Freeing) {
		s.Phase[n] = dead
	}
	for t, p := range r.threads() {
		s.Threads[t] = r.thread(t, p)
		if p.Name == "ListNetsRead" {
			s.NetRwsem |= 1 << t
		}
	}
	return s
}

func (r *Run) phase(n hook.ViewNet) uint8 {
	switch {
	case n.Kept:
		return kept
	case n.Listed:
		return listed
	case n.Net == any(r.Nets[clients.Slot(n.Name)]): // it was listed
		return dying
	}
	return fresh
}

func at(point string) uint8 {
	i := slices.Index(points, point)
	if i < 0 {
		panic("explore: spec/netns_rwsem.tla has no point " + point)
	}
	return uint8(i)
}

// thread returns the spec's thread record for a point: the locals that the step or a later one reads.
func (r *Run) thread(t int, p hook.Point) Thread {
	if slices.Contains(asIdle, p.Name) {
		return idle
	}
	m, out := &r.memo[t], idle
	out.At = at(p.Name)
	copy(out.Log[:], m.log)
	if p.Name == sched.AtRest {
		return out
	}
	out.Call, out.Err, out.Waits, out.Readers = m.call, clients.ErrCode(p.Err), r.Waits[t], m.readers
	copy(out.Undo[:], m.undo)
	copy(out.Nets[:], m.nets)
	if !m.gone {
		out.Other = clients.Slot(p.Other)
	}
	out.Ops, out.Net = clients.Slot(p.Ops), clients.Slot(p.Net)
	switch m.call {
	case register:
		out.Kind = r.Kind[t]
	case unregister:
		if p.Name == "UnregisterUnlink" {
			out.Kind = kindOf(r.Begun[t].Op)
		}
	}
	switch p.Name {
	case "RcuBarrier", "RcuBarrierEnd":
		out.Ops, out.Net = none, none
	case "UnregisterUnlock":
		out.Ops = none
	case "OpsUndoListExitBatch", "CleanupNetLock", "CleanupNetUnlink", "CleanupNetPut", "RegisterUnlock":
		out.Net = none
	case "CopyNetNsUnlock":
		out.Net = none
	case "CopyNetNsPut", "CopyNetNsQueue":
		if out.Err == 0 {
			out.Net = none
		}
	}
	return out
}

// kindOf returns the kind of ops that a call is about.
func kindOf(op string) uint8 {
	if strings.HasSuffix(op, "device") {
		return device
	}
	return subsys
}
