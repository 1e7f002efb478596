// SPDX-License-Identifier: MIT

package rwsem

import (
	"slices"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
)

// Claims are the invariants of spec/netns_rwsem.tla about what a State has: not those about ids, slots, the
// table of ids of nets and the boot, nor those that the form of a State keeps.
var Claims = []explore.Claim[*Instance, State]{
	{"RwsemWhereHeld", "the threads in the queue are those at a point that waits for the lock, or holds it", explore.OfState(rwsemWhereHeld)},
	{"NoSelfWait", "no thread is in the queue twice, or waits for rtnl that it holds", explore.OfState(noSelfWait)},
	{"WriterAlone", "a writer is alone inside", explore.OfState(writerAlone)},
	{"RegistersWrite", "registers and unregisters ask to write", explore.OfState(registersWrite)},
	{"FirstComeFirstServed", "no thread is inside that came after a writer", explore.OfState(firstComeFirstServed)},
	{"SetupsRead", "set-ups and cleanups ask to read", explore.OfState(setupsRead)},
	{"RtnlWhereHeld", "the owner of rtnl is the thread at a point that holds it", explore.OfState(rtnlWhereHeld)},
	{"NetRwsemWhereHeld", "the threads that hold net_rwsem are those at the point where a reader looks at the list", explore.OfState(netRwsemWhereHeld)},
	{"ListsHaveNoDoubles", "nothing is linked, listed or queued twice", explore.OfState(listsHaveNoDoubles)},
	{"SubsysBeforeDevices", "no device comes before a subsystem", explore.OfState(subsysBeforeDevices)},
	{"FirstDeviceExact", "firstDevice is linked, or the list head; without a writer inside, it is the first device if there is one", explore.OfState(firstDeviceExact)},
	{"QueuedOnce", "a net whose count is zero is on its way through exactly one round, and other nets are in none", explore.OfState(queuedOnce)},
	{"BatchIsDead", "a round has each of its nets once, and their counts are zero", explore.OfState(batchIsDead)},
	{"OneExitList", "no net is in the hands of two threads inside", explore.OfState(oneExitList)},
	{"InitExitBalance", "inits and exits alternate, and a net that is kept, dead or free is up on nothing", explore.OfState(initExitBalance)},
	{"ListedIsWhole", "without a writer inside, a listed net is up on the registered ops and on no other", explore.OfState(listedIsWhole)},
	{"HalfUpIsPrivate", "the nets on the list are those that are listed", explore.OfState(halfUpIsPrivate)},
	{"UnlistedIsDown", "past its exits, no net of a round is up on anything", explore.OfState(unlistedIsDown)},
	{"UndoIsExact", "in a walk, what is up is what has its exit to come", explore.OfState(undoIsExact)},
	{"ExitOrderPerNet", "on one net, the ops go in the reverse of the list", explore.OfState(exitOrderPerNet)},
	{"ExitsOpsMajor", "pre_exit and exit go through all nets of one ops, then of the next", explore.OfState(exitsOpsMajor)},
	{"ExitRtnlNetMajor", "exit_rtnl goes through all ops of one net, then of the next", explore.OfState(exitRtnlNetMajor)},
	{"BatchAfterExits", "exit_batch of an ops comes after its last exit, before the next exit of another ops", explore.OfState(batchAfterExits)},
	{"NetsInBatchOrder", "the nets of a batch go in its order", explore.OfState(netsInBatchOrder)},
	{"PreExitGraceExit", "a grace period ends between the pre_exits and the other exits, and exit_rtnl comes before exit", explore.OfState(preExitGraceExit)},
	{"WalkIsWhole", "at the end of a walk each of its callbacks has run once", explore.OfState(walkIsWhole)},
	{"NoExitUnderReader", "no exit has run on a net that a reader has found and still looks at", explore.OfState(noExitUnderReader)},
	{"WaitsForPending", "only a barrier waits for callbacks, and only for pending ones", explore.OfState(waitsForPending)},
	{"GraceForReaders", "only a grace period waits for readers, and only for those inside", explore.OfState(graceForReaders)},
	{"UnregisterIsFinal", "an ops that is not linked, and in no register or unregister, has no callback that runs or is pending", explore.OfState(unregisterIsFinal)},
	{"NoUseAfterFree", "no list, callback or thread has a freed net", explore.OfState(noUseAfterFree)},
	{"PassiveFrees", "a net is dead, or free, exactly if nothing holds its memory", explore.OfState(passiveFrees)},
	{"CountOnlyWhenUp", "only a net that is new or listed has references", explore.OfState(countOnlyWhenUp)},
	{"InitNetStays", "init_net is listed and keeps its own reference", explore.OfState(initNetStays)},
}

// stepClaims are the claims of spec/netns_rwsem.tla about every step, but for those that say that a round, a barrier
// or a grace period takes all: the equality of the graphs holds the code to these.
var stepClaims = []explore.StepClaim[*Instance, State]{
	{"BatchStaysProp", "a round goes over the nets that it took, in their order", batchStays},
	{"UnlinkIsOneStepProp", "a batch leaves the list in one step, in a round that has the lock", unlinkIsOneStep},
	{"CountStaysZeroProp", "only a set-up raises a count from zero", countStaysZero},
	{"WaitsOutlastProp", "a barrier waits for each of its callbacks until it has run, and a grace period for its readers", waitsOutlast},
	{"KeptIsHeldProp", "a kept net stays kept until nothing holds it", keptIsHeld},
}

// Broken returns the first of Claims that s breaks, and how.
func (in *Instance) Broken(s *State) (claim, problem string) { return explore.Broken(Claims, in, s) }

// BrokenStep returns the first of stepClaims that the step breaks.
func (in *Instance) BrokenStep(from, to *State) (claim, problem string) {
	return explore.BrokenStep(stepClaims, in, from, to)
}

// The points at which a thread has asked for the lock, runs a walk, and has the lock.
var (
	asks    = codes("RegisterLink", "UnregisterUnlink", "SetupNetBegin", "CleanupNetUnlink", "NetNsBarrierEnd")
	walking = codes("OpsUndoListPreExit", "OpsUndoListGrace", "OpsUndoListGraceEnd", "OpsUndoListRtnlLock",
		"OpsUndoListExitRtnl", "OpsUndoListRtnlUnlock", "OpsUndoListExit", "OpsUndoListExitBatch", "OpsUndoListFree")
	inside = append(codes("OpsInitAssign", "RegisterInit", "RegisterUnlock", "UnregisterUnlock", "SetupNetInit", "SetupNetListAdd",
		"CopyNetNsUnlock", "CleanupNetUnlock"), walking...)
	barriers = codes("RcuBarrier", "RcuBarrierEnd")
	inRtnl   = codes("OpsUndoListExitRtnl", "OpsUndoListRtnlUnlock")
)

func codes(names ...string) (list []uint8) {
	for _, name := range names {
		list = append(list, at(name))
	}
	return list
}

// is reports whether the thread is at one of these points.
func (t *Thread) is(names ...string) bool { return slices.Contains(names, points[t.At]) }

func (t *Thread) isInside() bool {
	return slices.Contains(inside, t.At) || slices.Contains(barriers, t.At) && t.Call != cleanup && t.Call != barrier
}

// nets and undo are the nets and the ops of the thread's walk, and logs what its call has run.
func (t *Thread) nets() []uint8 { return clients.Filled(t.Nets[:]) }
func (t *Thread) undo() []uint8 { return clients.Filled(t.Undo[:]) }
func (t *Thread) logs() []Logged {
	if i := slices.IndexFunc(t.Log[:], func(l Logged) bool { return l.What == 0 }); i >= 0 {
		return t.Log[:i]
	}
	return t.Log[:]
}

// queue is the lock's queue without its padding.
func (s *State) queue() []Entry {
	if i := slices.IndexFunc(s.Rwsem[:], func(e Entry) bool { return e.Thread == none }); i >= 0 {
		return s.Rwsem[:i]
	}
	return s.Rwsem[:]
}

// writes reports whether thread t has asked to write.
func (s *State) writes(t int) bool { return slices.Contains(s.queue(), Entry{uint8(t), 1}) }

// hasWriter reports whether a writer is inside.
func (s *State) hasWriter() bool {
	for t := range s.Threads {
		if s.Threads[t].isInside() && s.writes(t) {
			return true
		}
	}
	return false
}

func (s *State) list() []uint8 { return clients.Filled(s.List[:]) }
func (s *State) nets() []uint8 { return clients.Filled(s.Nets[:]) }

func (s *State) isLinked(o uint8) bool { return slices.Contains(s.list(), o) }

// every reports whether something holds of each thread.
func (s *State) every(holds func(t int, r *Thread) bool) bool {
	for t := range s.Threads {
		if !holds(t, &s.Threads[t]) {
			return false
		}
	}
	return true
}

func rwsemWhereHeld(_ *Instance, s *State) bool {
	return s.every(func(t int, r *Thread) bool {
		queued := slices.ContainsFunc(s.queue(), func(e Entry) bool { return e.Thread == uint8(t) })
		return queued == (r.isInside() || slices.Contains(asks, r.At))
	})
}

func noSelfWait(_ *Instance, s *State) bool {
	q := s.queue()
	for i, e := range q {
		if slices.ContainsFunc(q[:i], func(before Entry) bool { return before.Thread == e.Thread }) {
			return false
		}
	}
	return s.every(func(t int, r *Thread) bool { return !r.is("OpsUndoListRtnlLock") || s.Rtnl != uint8(t) })
}

func writerAlone(_ *Instance, s *State) bool {
	inside, writers := 0, 0
	s.every(func(t int, r *Thread) bool {
		if r.isInside() {
			inside++
			writers += holds(s.writes(t))
		}
		return true
	})
	return writers == 0 || inside == 1
}

func registersWrite(_ *Instance, s *State) bool {
	for _, e := range s.queue() {
		if c := s.Threads[e.Thread].Call; (c == register || c == unregister) && e.Write == 0 {
			return false
		}
	}
	return true
}

func firstComeFirstServed(_ *Instance, s *State) bool {
	behind := false
	for _, e := range s.queue() {
		if behind && s.Threads[e.Thread].isInside() {
			return false
		}
		behind = behind || e.Write == 1
	}
	return true
}

func setupsRead(_ *Instance, s *State) bool {
	for _, e := range s.queue() {
		if c := s.Threads[e.Thread].Call; (c == setup || c == cleanup) && e.Write == 1 {
			return false
		}
	}
	return true
}

func netRwsemWhereHeld(_ *Instance, s *State) bool {
	return s.every(func(t int, r *Thread) bool { return (s.NetRwsem&(1<<t) != 0) == r.is("ListNetsRead") })
}

func rtnlWhereHeld(_ *Instance, s *State) bool {
	return s.every(func(t int, r *Thread) bool { return (s.Rtnl == uint8(t)) == slices.Contains(inRtnl, r.At) })
}

func listsHaveNoDoubles(_ *Instance, s *State) bool {
	return clients.NoDoubles(s.list(), s.nets(), clients.Filled(s.Cleanup[:]))
}

func subsysBeforeDevices(_ *Instance, s *State) bool { return clients.SubsysFirst(s.list(), s.Kind[:]) }

func firstDeviceExact(_ *Instance, s *State) bool {
	return (s.hasWriter() || s.First == clients.FirstDevice(s.list(), s.Kind[:])) && (s.First == none || s.isLinked(s.First))
}

func queuedOnce(in *Instance, s *State) bool {
	for n := range uint8(len(in.Nets)) {
		rounds := holds(slices.Contains(s.Cleanup[:], n))
		s.every(func(_ int, r *Thread) bool {
			rounds += holds(r.is("PutNetQueue") && r.Net == n || r.is("CopyNetNsQueue") && r.Other == n ||
				r.Call == cleanup && slices.Contains(r.Nets[:], n))
			return true
		})
		if rounds != holds(s.Phase[n] == clients.Listed && s.Count[n] == 0 || s.Phase[n] == clients.Dying) {
			return false
		}
	}
	return true
}

func batchIsDead(_ *Instance, s *State) bool {
	return s.every(func(_ int, r *Thread) bool {
		return r.Call != cleanup || clients.NoDoubles(r.nets()) &&
			!slices.ContainsFunc(r.nets(), func(n uint8) bool { return s.Count[n] != 0 })
	})
}

func oneExitList(in *Instance, s *State) bool {
	for n := range uint8(len(in.Nets)) {
		has := 0
		s.every(func(_ int, r *Thread) bool {
			has += holds(r.isInside() && slices.Contains(r.Nets[:], n))
			return true
		})
		if has > 1 {
			return false
		}
	}
	return true
}

func initExitBalance(in *Instance, s *State) bool {
	for o := range in.Ops {
		for n := range in.Nets {
			b := s.Balance[o][n]
			if b != 0 && b != 1 || b == 1 && (s.Phase[n] == clients.Free || s.Phase[n] == clients.Kept || s.Phase[n] == dead) {
				return false
			}
		}
	}
	return true
}

func halfUpIsPrivate(in *Instance, s *State) bool {
	for n := range uint8(len(in.Nets)) {
		if slices.Contains(s.Nets[:], n) != (s.Phase[n] == clients.Listed) {
			return false
		}
	}
	return s.every(func(_ int, r *Thread) bool {
		return r.Call != setup || !r.isInside() || r.Net == none || !slices.Contains(s.Nets[:], r.Net)
	})
}

func unregisterIsFinal(in *Instance, s *State) bool {
	for o := range uint8(len(in.Ops)) {
		if s.isLinked(o) || !s.every(func(_ int, r *Thread) bool {
			return r.Call != register && r.Call != unregister || r.Ops != o && !slices.Contains(r.Undo[:], o)
		}) {
			continue
		}
		for n := range uint8(len(in.Nets)) {
			if s.Deferred&in.last(o, n) != 0 {
				return false
			}
		}
		if !s.every(func(_ int, r *Thread) bool { return r.Ops != o }) {
			return false
		}
	}
	return true
}

// last is the set of the callback that an exit of o on n defers. Those that it queues may outlive an unregister.
func (in *Instance) last(o, n uint8) uint32 { return clients.AtLevel(in.Levels, o, n) }

func initNetStays(_ *Instance, s *State) bool { return s.Phase[0] == clients.Listed && s.Count[0] >= 1 }
