// SPDX-License-Identifier: MIT

package rwsem

import (
	"context"
	"fmt"
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
	netRwsem
)

// A Run is the code of impl under a scheduler. What it remembers of a thread is what the code has
// in variables that no yield point shows.
type Run struct {
	clients.World
	in    *Instance
	queue []Entry // those that have asked for the lock and not given it back
	memo  [clients.MaxThreads]memo

	// The ops whose value was freed and to which the slot of a net still points in the C. In Go the slot is
	// empty then.
	dangling [clients.MaxNets][clients.MaxOps]uint8
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
	r.queue, r.memo, r.dangling = nil, [clients.MaxThreads]memo{}, [...][clients.MaxOps]uint8{noNets, noNets, noNets, noNets}
	slots := blank.Gen
	r.Settled = func() {
		r.dangle(slots, true)
		slots = r.slots()
	}
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
	v := r.Look()
	list, nets, work, freeing := ops(v), clients.Slots(v.NetList), clients.Slots(v.WorkQueue), clients.Slots(v.Freeing)
	slots := r.slots()
	from, offers := r.World.Take(c)
	r.dangle(slots, r.Step == "OpsUndoListFree")
	t := r.Number(c.Thread)
	if t < 0 {
		return r.Step + r.Outcome, offers
	}
	m := &r.memo[t]
	switch r.Step {
	case "RegisterLock":
		m.call = register
		r.queue = append(r.queue, Entry{uint8(t), 1})
	case "UnregisterLock":
		m.call = unregister
		r.queue = append(r.queue, Entry{uint8(t), 1})
	case "NetNsBarrier":
		r.queue = append(r.queue, Entry{uint8(t), 1})
	case "CopyNetNsGet":
		m.call = setup
	case "CopyNetNsLock", "CleanupNetLock":
		if r.Outcome == "EINTR" {
			r.leave(t)
			break
		}
		r.queue = append(r.queue, Entry{uint8(t), 0})
	case "RegisterLink":
		if r.Outcome != "" { // refused
			r.Step = "RegisterUnlock"
		}
	case "UnregisterUnlink":
		if r.Outcome != "" {
			r.Step = "UnregisterUnlock"
			break
		}
		m.undo, m.nets = []uint8{clients.Slot(from.Ops)}, nets
	case "OpsInitAssign", "RegisterInit", "SetupNetInit":
		o, n := clients.Slot(from.Ops), clients.Slot(from.Net)
		switch {
		case m.call == register && r.Outcome != "":
			m.undo, m.nets = []uint8{o}, nets[:slices.Index(nets, n)]
		case m.call == setup && r.Outcome == "Fail":
			m.undo, m.nets = reversed(list[:slices.Index(list, o)]), []uint8{n}
		}
	case "SetupNetListAdd":
		m.log = nil
	case "MaybeGetNet":
		for i := range r.memo {
			r.memo[i].readers &^= 1 << t
		}
	case "OpsUndoListGrace":
		for u, p := range r.Threads() {
			if p.Name == "MaybeGetNet" {
				m.readers |= 1 << u
			}
		}
	case "OpsUndoListGraceEnd":
		m.log = append(m.log, Logged{logGrace, none, none})
	case "CleanupNet":
		m.call, m.nets = cleanup, reversed(work)
	case "CleanupNetUnlink":
		m.undo = reversed(list)
	case "NetCompleteFree":
		for u, p := range r.Threads() {
			if slices.Contains(freeing, clients.Slot(p.Other)) {
				r.memo[u].gone = true
			}
		}
	case "CleanupNetPut":
		m.nets = m.nets[1:]
	case "RcuBarrier":
		if from.Name != r.Step { // a call begins with it
			m.call, r.Step = barrier, "BarrierBegin"
		}
	}
	switch r.Step {
	case "RegisterUnlock", "UnregisterUnlock", "CopyNetNsUnlock", "CleanupNetUnlock", "NetNsBarrierEnd":
		r.leave(t)
		m.log = nil
		if m.undo = nil; r.Step != "CleanupNetUnlock" {
			m.nets = nil
		}
	}
	if next := r.Next(c.Thread); next == sched.AtRest || slices.Contains(asIdle, next) {
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

// ops returns pernet_list.
func ops(v *hook.View) (list []uint8) {
	for _, o := range v.PernetList {
		list = append(list, clients.Slot(o.Name))
	}
	return list
}

func reversed(list []uint8) []uint8 {
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}

// slots returns what the slots of each net point to: an ops, none, or noSlot behind the end of an array.
func (r *Run) slots() (slots [clients.MaxNets][clients.MaxOps]uint8) {
	slots = blank.Gen
	if len(r.In.WithId) == 0 {
		return slots
	}
	for _, n := range r.Look().Nets {
		copy(slots[clients.Slot(n.Name)][:], clients.Slots(n.Gen))
	}
	return slots
}

// dangle notes, after a step, which slots dangle in the C. Those that a walk has freed in the step do, until they
// point to a value again or their array is freed.
func (r *Run) dangle(before [clients.MaxNets][clients.MaxOps]uint8, freed bool) {
	if len(r.In.WithId) == 0 {
		return
	}
	for n, array := range r.slots() {
		for i, o := range array {
			switch {
			case o != none:
				r.dangling[n][i] = none
			case freed && before[n][i] != none:
				r.dangling[n][i] = before[n][i]
			}
		}
	}
}

// State returns the current state. It must not be called during a step.
func (r *Run) State() State {
	v, s := r.Look(), blank
	s.PC, s.Rtnl = r.PC, r.Owner[rtnl]
	s.Deferred, s.Balance, s.First = r.Deferred, r.Balance, clients.Slot(v.FirstDevice)
	if copy(s.Rwsem[:], r.queue) > 0 { // the first one has it
		s.Rwsem[0].Write = uint8(holds(r.Locks()[rwsem].Written()))
	}
	r.ReadOps(&s.List, &s.Kind)
	copy(s.Nets[:], clients.Slots(v.NetList))
	copy(s.Cleanup[:], reversed(clients.Slots(v.WorkQueue)))
	for _, n := range v.Nets {
		i := clients.Slot(n.Name)
		s.Count[i], s.Phase[i], s.Passive[i] = uint8(n.Count), r.Phase(n), uint8(n.Use)+1
		if s.Phase[i] == clients.Kept {
			s.Passive[i]--
		}
	}
	for _, n := range clients.Slots(v.DeferFree) {
		s.Phase[n] = dead
		s.DeferFree |= 1 << n
	}
	for _, n := range clients.Slots(v.Freeing) {
		s.Phase[n] = dead
	}
	for i, o := range v.Slots {
		if o != "" {
			s.Ids[clients.Slot(o)] = uint8(i) + 1
		}
	}
	s.MaxGenPtrs, s.Gen = uint8(v.MaxGenPtrs), r.slots()
	for n, array := range s.Gen {
		for i, o := range array {
			switch o {
			case none:
				s.Gen[n][i] = r.dangling[n][i]
			case noSlot:
				continue
			default:
				s.Data |= clients.Pair(o, uint8(n))
			}
			s.GenLen[n]++
		}
	}
	for t, p := range r.Threads() {
		s.Threads[t] = r.thread(t, p)
	}
	s.NetRwsem = r.readers()
	return s
}

// readers returns the threads that hold net_rwsem. The lock tells only whether it is held: where threads are at the
// point at which it should be, they are taken for its holders, else the thread that took it is.
func (r *Run) readers() (set uint8) {
	if r.Owner[netRwsem] == none {
		return 0
	}
	for t, p := range r.Threads() {
		if p.Name == "ListNetsRead" {
			set |= 1 << t
		}
	}
	if set == 0 {
		set = 1 << r.Owner[netRwsem]
	}
	return set
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
	if copy(out.Log[:], m.log) < len(m.log) {
		panic(fmt.Sprintf("explore: a call logs more than %d callbacks", logged))
	}
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
		return clients.Device
	}
	return clients.Subsys
}
