// SPDX-License-Identifier: MIT

package explore

import (
	bitsOf "math/bits"

	"example.com/pernet/impl"
	"example.com/pernet/internal/door"
)

// restore makes the registry, and what clients and callbacks remember, as in the
// state, for the thread p that stands there where t does.
func (st *stitcher) restore(s *State, p *parked, t uint8) {
	st.compose(s, p, t)
	if spoil := st.in.spoil; spoil != nil {
		spoil(&st.view)
	}
	st.write(s, p)
}

// compose makes the view to restore.
func (st *stitcher) compose(s *State, p *parked, t uint8) {
	st.composeLists(s)
	st.composeNets(s, p, t)
	st.composeBatches(s, p, t)
	if t < maxThreads {
		st.w.kind[t], st.w.failed[t] = p.kind, p.failed
	}
}

// write restores the view.
func (st *stitcher) write(s *State, p *parked) {
	w := st.w
	w.netMutex, w.rtnl, w.deferred, w.balance, w.pc = s.NetMutex, s.Rtnl, s.Deferred, s.Balance, s.PC
	for u := range s.Threads {
		w.waits[u] = s.Threads[u].Waits
	}
	w.fresh = false
	w.d.Restore(&st.view, s.NetMutex != none, s.Rtnl != none)
	st.know(p, s)
}

func (st *stitcher) composeLists(s *State) {
	v := &st.view
	v.PernetList, v.First = v.PernetList[:0], nil
	for _, o := range filled(s.List[:]) {
		v.PernetList = append(v.PernetList, door.ViewOps{Ops: st.w.ops[o], Name: st.digits[o], Device: s.Kind[o] == 2})
	}
	if s.First != none {
		v.First = st.w.ops[s.First]
	}
	v.NetList, v.WorkQueue = v.NetList[:0], v.WorkQueue[:0]
	for _, n := range filled(s.Nets[:]) {
		v.NetList = append(v.NetList, st.digits[n])
	}
	for _, n := range filled(s.Queue[:]) {
		v.WorkQueue = append(v.WorkQueue, st.digits[n])
	}
	v.Working = working(s, st.in.worker())
}

// composeNets gives each slot that is in use the net that the stack of p means by
// it. A net that the stack has and that is freed must not come back as another.
func (st *stitcher) composeNets(s *State, p *parked, t uint8) {
	v := &st.view
	v.Nets, v.Freed = v.Nets[:0], v.Freed[:0]
	gone := p.other
	if gone != nil && s.Threads[t].Other != none {
		gone = nil
	}
	if gone != nil {
		v.Freed = append(v.Freed, gone)
	}
	for i := range st.in.Nets {
		st.w.nets[i] = st.ghosts[i]
		if s.Phase[i] == 0 {
			if n := uint8(i); has(s.Nets[:], n) || has(s.Queue[:], n) { // the code has lost its way: so be it
				v.Freed = append(v.Freed, st.ghosts[i])
			}
			continue
		}
		n := door.ViewNet{Name: st.digits[i], Count: int64(s.Count[i]), Use: int64(s.Use[i]),
			Sealed: st.sealed(s, uint8(i)), Kept: phases[s.Phase[i]] == "kept"}
		net := p.nets[i]
		if net == nil {
			net = st.homes[i]
		}
		if net != nil && net != gone {
			n.Net = net
		}
		v.Nets = append(v.Nets, n)
	}
}

// know tells the clients which net is meant by each slot: who never saw it listed means a freed one.
func (st *stitcher) know(p *parked, s *State) {
	for _, n := range st.view.Nets {
		i := digit(n.Name)
		p.nets[i] = n.Net.(*impl.Net)
		if phases[s.Phase[i]] != "new" {
			st.w.nets[i] = p.nets[i]
		}
	}
}

// sealed reports whether the last barrier of a net has begun.
func (st *stitcher) sealed(s *State, n uint8) bool {
	switch phases[s.Phase[n]] {
	case "kept":
		return true
	case "new", "dying":
		for _, t := range s.Threads {
			if t.Net == n && afterBarrier[t.At] {
				return true
			}
		}
	}
	return false
}

// afterBarrier is where the net at hand is past its last barrier.
var afterBarrier = setOf("SetupNetBarrierEnd", "CopyNetNsUnlockFail", "CopyNetNsPut", "CopyNetNsQueue", "CopyNetNsFree",
	"CleanupNetBarrierEnd", "CleanupNetFree")

// composeBatches gives the pending callbacks their batches: those that the stack
// of p has, new ones if p is to begin a barrier, and else ones that nobody waits for.
func (st *stitcher) composeBatches(s *State, p *parked, t uint8) {
	v := &st.view
	v.Batches = v.Batches[:0]
	barrier, own := false, uint16(0)
	waits := s.Deferred
	if t < maxThreads {
		barrier = beginsBarrier[s.Threads[t].At]
		waits = s.Threads[t].Waits
	}
	for _, b := range p.batches {
		left := 0
		if waits&b.pair != 0 {
			left, own = 1, own|b.pair
		}
		v.Batches = append(v.Batches, door.ViewBatch{Batch: b.batch, Left: left})
	}
	for left := s.Deferred &^ own; left != 0; left &= left - 1 {
		b := door.ViewBatch{Left: 1}
		if !barrier {
			b.Batch = st.spare[bit(left)]
		}
		v.Batches = append(v.Batches, b)
	}
}

var beginsBarrier = setOf("SetupNetBarrier", "CleanupNetBarrier")

// working reports whether the worker is there.
func working(s *State, worker uint8) bool { return s.Threads[worker] != idle || s.Queue[0] != none }

// bit returns the number of the lowest bit.
func bit(bits uint16) uint8 { return uint8(bitsOf.TrailingZeros16(bits)) }
