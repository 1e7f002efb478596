// SPDX-License-Identifier: MIT

package rwsem

import (
	"slices"

	"example.com/pernet/internal/explore/clients"
)

// The claims about what nets are up on, walks (ops_undo_list), memory, and steps.

func listedIsWhole(in *Instance, s *State) bool {
	if s.hasWriter() {
		return true
	}
	for o := range uint8(len(in.Ops)) {
		for _, n := range s.nets() {
			if in.HasBoth(int(o)) && s.Balance[o][n] != int8(holds(s.isLinked(o))) {
				return false
			}
		}
	}
	return true
}

func unlistedIsDown(in *Instance, s *State) bool {
	return s.every(func(_ int, r *Thread) bool {
		past := slices.Contains(barriers, r.At) || r.is("CleanupNetBarrier", "CleanupNetUnlock")
		return r.Call != cleanup || !past || in.isDown(s, r.nets())
	})
}

func undoIsExact(in *Instance, s *State) bool {
	return s.every(func(_ int, r *Thread) bool {
		if r.is("CopyNetNsUnlock") && r.Err != 0 {
			return in.isDown(s, r.nets())
		}
		if r.is("RegisterUnlock") && r.Err != 0 {
			return in.isUnlinkedDown(s)
		}
		if !slices.Contains(walking, r.At) {
			return true
		}
		for _, o := range r.undo() {
			for _, n := range r.nets() {
				left := holds(!slices.Contains(r.logs(), Logged{logExit, o, n}))
				if in.HasBoth(int(o)) && int(s.Balance[o][n]) != left {
					return false
				}
			}
		}
		for o := range uint8(len(in.Ops)) {
			if r.Call == setup && !slices.Contains(r.undo(), o) && !isDownOn(s, o, r.nets()) {
				return false
			}
		}
		return true
	})
}

// isDown reports whether nothing is up on these nets.
func (in *Instance) isDown(s *State, nets []uint8) bool {
	for o := range uint8(len(in.Ops)) {
		if !isDownOn(s, o, nets) {
			return false
		}
	}
	return true
}

// isUnlinkedDown reports whether no ops is up that is not registered.
func (in *Instance) isUnlinkedDown(s *State) bool {
	for o := range uint8(len(in.Ops)) {
		if s.Kind[o] == 0 && s.Balance[o] != [clients.MaxNets]int8{} {
			return false
		}
	}
	return true
}

// isDownOn reports whether this ops is up on none of these nets.
func isDownOn(s *State, o uint8, nets []uint8) bool {
	return !slices.ContainsFunc(nets, func(n uint8) bool { return s.Balance[o][n] != 0 })
}

// everyPair reports whether something holds of each two callbacks of a kind that one call logs, in order.
func everyPair(s *State, what []uint8, holds func(r *Thread, a, b Logged) bool) bool {
	return s.every(func(_ int, r *Thread) bool {
		log := r.logs()
		for i, b := range log {
			for _, a := range log[:i] {
				if a.What == b.What && slices.Contains(what, a.What) && !holds(r, a, b) {
					return false
				}
			}
		}
		return true
	})
}

func exitOrderPerNet(_ *Instance, s *State) bool {
	return everyPair(s, []uint8{logPreExit, logExitRtnl, logExit}, func(r *Thread, a, b Logged) bool {
		return r.Call != setup && r.Call != cleanup || a.Net != b.Net ||
			slices.Index(s.list(), b.Ops) >= 0 && slices.Index(s.list(), a.Ops) > slices.Index(s.list(), b.Ops)
	})
}

// inGroups reports whether each call logs the callbacks of a kind in groups that have one key.
func inGroups(s *State, what uint8, key func(Logged) uint8) bool {
	return s.every(func(_ int, r *Thread) bool {
		var done []uint8
		for _, l := range r.logs() {
			if l.What != what {
				continue
			}
			i := slices.Index(done, key(l))
			if i >= 0 && i < len(done)-1 {
				return false
			}
			if i < 0 {
				done = append(done, key(l))
			}
		}
		return true
	})
}

func exitsOpsMajor(_ *Instance, s *State) bool {
	ops := func(l Logged) uint8 { return l.Ops }
	return inGroups(s, logPreExit, ops) && inGroups(s, logExit, ops)
}

func exitRtnlNetMajor(_ *Instance, s *State) bool {
	return inGroups(s, logExitRtnl, func(l Logged) uint8 { return l.Net })
}

func batchAfterExits(in *Instance, s *State) bool {
	return s.every(func(_ int, r *Thread) bool {
		log := r.logs()
		for i, l := range log {
			batch := Logged{logExitBatch, l.Ops, none}
			for j, later := range log[i+1:] {
				switch {
				case l.What == logExitBatch && later.What == logExit && l.Ops == later.Ops:
					return false
				case l.What == logExit && (later.What == logExit || later.What == logExitBatch) && l.Ops != later.Ops &&
					slices.Contains(in.WithExitBatch, in.Ops[l.Ops]) && !slices.Contains(log[i:i+1+j], batch):
					return false
				}
			}
		}
		return true
	})
}

func netsInBatchOrder(_ *Instance, s *State) bool {
	return everyPair(s, []uint8{logPreExit, logExit}, func(r *Thread, a, b Logged) bool {
		nets := r.nets()
		at := slices.Index(nets, a.Net)
		return a.Ops != b.Ops || len(nets) == 0 || at >= 0 && at < slices.Index(nets, b.Net)
	})
}

// ranks order what a call logs.
var ranks = [...]uint8{logInit: 0, logPreExit: 1, logGrace: 2, logExitRtnl: 3, logExit: 4, logExitBatch: 4}

func preExitGraceExit(_ *Instance, s *State) bool {
	return s.every(func(_ int, r *Thread) bool {
		rank := uint8(0)
		for _, l := range r.logs() {
			next := ranks[l.What]
			if next < rank || next > ranks[logGrace] && rank < ranks[logGrace] {
				return false
			}
			rank = next
		}
		return true
	})
}

func walkIsWhole(in *Instance, s *State) bool {
	return s.every(func(_ int, r *Thread) bool {
		undo, nets := r.undo(), r.nets()
		if !r.is("CleanupNetUnlock", "UnregisterUnlock") && (!r.is("CopyNetNsUnlock", "RegisterUnlock") || len(undo) == 0) {
			return true
		}
		var due []Logged
		for _, o := range undo {
			for _, n := range nets {
				for what, with := range map[uint8]bool{
					logPreExit: slices.Contains(in.WithPreExit, in.Ops[o]), logExitRtnl: slices.Contains(in.WithExitRtnl, in.Ops[o]),
					logExit: !slices.Contains(in.NoExit, in.Ops[o]),
				} {
					if with {
						due = append(due, Logged{what, o, n})
					}
				}
			}
			if len(nets) > 0 && slices.Contains(in.WithExitBatch, in.Ops[o]) {
				due = append(due, Logged{logExitBatch, o, none})
			}
		}
		for _, l := range r.logs() {
			if l.What == logInit || l.What == logGrace {
				continue
			}
			i := slices.Index(due, l)
			if i < 0 {
				return false
			}
			due = slices.Delete(due, i, i+1)
		}
		return len(due) == 0
	})
}

func noExitUnderReader(_ *Instance, s *State) bool {
	return s.every(func(_ int, reader *Thread) bool {
		return !reader.is("MaybeGetNet") || s.every(func(_ int, r *Thread) bool {
			return r.Call != cleanup || !slices.ContainsFunc(r.logs(), func(l Logged) bool {
				return (l.What == logExit || l.What == logExitRtnl) && l.Net == reader.Net
			})
		})
	})
}

func waitsForPending(_ *Instance, s *State) bool {
	return s.every(func(_ int, r *Thread) bool {
		return r.Waits == 0 || r.is("RcuBarrierEnd") && r.Waits&^s.Deferred == 0
	})
}

func graceForReaders(_ *Instance, s *State) bool {
	readers := uint8(0)
	for t := range s.Threads {
		readers |= uint8(holds(s.Threads[t].is("MaybeGetNet"))) << t
	}
	return s.every(func(_ int, r *Thread) bool {
		return r.Readers == 0 || r.is("OpsUndoListGraceEnd") && r.Readers&^readers == 0
	})
}

func noUseAfterFree(in *Instance, s *State) bool {
	for n := range uint8(len(in.Nets)) {
		if s.Phase[n] != clients.Free {
			continue
		}
		for o := range uint8(len(in.Ops)) {
			if s.Deferred&clients.AnyLevel(o, n) != 0 {
				return false
			}
		}
		if slices.Contains(s.Nets[:], n) || slices.Contains(s.Cleanup[:], n) || s.DeferFree&(1<<n) != 0 ||
			!s.every(func(_ int, r *Thread) bool {
				return r.Net != n && r.Other != n && !slices.Contains(r.Nets[:], n)
			}) {
			return false
		}
	}
	return true
}

func passiveFrees(in *Instance, s *State) bool {
	for n := range uint8(len(in.Nets)) {
		gone := s.Phase[n] == clients.Free || s.Phase[n] == dead
		onItsWay := !s.every(func(_ int, r *Thread) bool { return !r.is("ReleaseNetFree") || r.Net != n })
		if gone && s.Passive[n] != 0 || !gone && s.Passive[n] == 0 && !onItsWay || s.DeferFree&(1<<n) != 0 && s.Phase[n] != dead {
			return false
		}
	}
	return true
}

func countOnlyWhenUp(in *Instance, s *State) bool {
	for n := range in.Nets {
		if s.Count[n] > 0 && s.Phase[n] != clients.Fresh && s.Phase[n] != clients.Listed {
			return false
		}
	}
	return true
}

func batchStays(_ *Instance, from, to *State) bool {
	return from.every(func(t int, r *Thread) bool {
		now := &to.Threads[t]
		return r.Call != cleanup || now.Call != cleanup || r.is("CleanupNetPut") || r.Nets == now.Nets
	})
}

func unlinkIsOneStep(_ *Instance, from, to *State) bool {
	for _, n := range from.nets() {
		if !slices.Contains(to.Nets[:], n) && from.every(func(_ int, r *Thread) bool {
			return !r.is("CleanupNetUnlink") || !slices.Contains(r.Nets[:], n) ||
				slices.ContainsFunc(r.nets(), func(m uint8) bool { return slices.Contains(to.Nets[:], m) })
		}) {
			return false
		}
	}
	return true
}

func countStaysZero(in *Instance, from, to *State) bool {
	for n := range in.Nets {
		if from.Count[n] == 0 && to.Count[n] > 0 && from.Phase[n] != clients.Free && from.Phase[n] != clients.Fresh {
			return false
		}
	}
	return true
}

func keptIsHeld(in *Instance, from, to *State) bool {
	for n := range in.Nets {
		if from.Phase[n] == clients.Kept && to.Phase[n] != clients.Kept && (to.Phase[n] != dead || from.Passive[n] != 0) {
			return false
		}
	}
	return true
}

func waitsOutlast(_ *Instance, from, to *State) bool {
	return from.every(func(t int, r *Thread) bool {
		now := &to.Threads[t]
		for u := range to.Threads {
			if left := r.Readers &^ now.Readers; left&(1<<u) != 0 && to.Threads[u].is("MaybeGetNet") {
				return false
			}
		}
		return r.Waits&^now.Waits&to.Deferred == 0
	})
}
