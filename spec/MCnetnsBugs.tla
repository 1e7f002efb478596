\* SPDX-License-Identifier: MIT
---------------------------- MODULE MCnetnsBugs ----------------------------
(* Seeded faults.  Each replaces one operator of netns.tla, or two, in the *)
(* cfg of its name, and must violate the one property that stands there.   *)
(* K, H, C and P are rows of docs/bugs.md.                                 *)
EXTENDS MCnetns

(* K21: the init of a register gets the net and puts it again.             *)
BugRegisterInitGets(t) ==
  LET n == thread[t].net
  IN  /\ At(t, "RegisterInit")
      /\ balance' = [balance EXCEPT ![thread[t].ops][n] = @ + 1]
      /\ workQueue' = IF count[n] = 0 THEN Append(workQueue, n)
                      ELSE workQueue
      /\ Move(t, InRegister(thread[t].ops, thread[t].kind, NextNet(n)))
      /\ UNCHANGED <<opsVars, locks, netVars, deferred>>

(* init_net starts with a reference too many.                              *)
BugInitCount ==
  /\ pernetList = <<>> /\ firstDevice = ListHead
  /\ kind = [o \in Ops |-> "none"]
  /\ netMutex = Nobody /\ rtnl = Nobody /\ netList = <<InitNet>>
  /\ phase = [n \in Nets |-> IF n = InitNet THEN "listed" ELSE "free"]
  /\ count = [n \in Nets |-> IF n = InitNet THEN 2 ELSE 0]
  /\ useCount = [n \in Nets |-> 0] /\ workQueue = <<>> /\ deferred = {}
  /\ balance = [o \in Ops |-> [n \in Nets |-> 0]]
  /\ thread = [t \in Everyone |-> Rest]

(* Put does not look at the count: it falls below zero.                    *)
BugPutBelowZero(n) == n = NoNet

(* H8: a second register of an ops is not refused.                         *)
BugRegisterTwice(o) == FALSE

(* H3: a subsystem goes to the tail.                                       *)
BugSubsysAtTail(o, k) == Append(pernetList, o)

(* H3: firstDevice stays where it is when its ops goes.                    *)
BugFirstDeviceStays(o) == firstDevice

(* H3: firstDevice is set when the device is linked, before its inits.     *)
BugFirstDeviceEarly(t) ==
  /\ At(t, "RegisterLink")
  /\ pernetList' = Linked(thread[t].ops, thread[t].kind)
  /\ firstDevice' = FirstDeviceAfterRegister(thread[t].ops, thread[t].kind)
  /\ kind' = [kind EXCEPT ![thread[t].ops] = thread[t].kind]
  /\ Move(t, InRegister(thread[t].ops, thread[t].kind, FirstNet))
  /\ UNCHANGED <<locks, netVars, workQueue, runVars>>

(* H7: without namespaces a device that was never linked is firstDevice.   *)
BugFirstDeviceUnlinked(o, k) ==
  IF k = "device" /\ firstDevice = ListHead THEN o ELSE firstDevice

(* A register that failed leaves its ops on the list.                      *)
BugFailedStaysLinked(t) ==
  /\ At(t, "RegisterUnlink")
  /\ kind' = [kind EXCEPT ![thread[t].ops] = "none"]
  /\ Move(t, InRegisterUndo(thread[t].ops, FirstNet, thread[t].net,
                            thread[t].err))
  /\ UNCHANGED <<pernetList, firstDevice, locks, netVars, workQueue, runVars>>

(* H2: the worker drops net_mutex with the unlink, and takes it again for  *)
(* the exits.                                                              *)
BugUnlinkApart ==
  /\ At(Worker, "CleanupNetUnlink")
  /\ \/ /\ rtnl = Worker /\ netMutex' = Nobody /\ rtnl' = Nobody
        /\ netList' = Without(netList, thread[Worker].net)
        /\ phase' = [phase EXCEPT ![thread[Worker].net] = "dying"]
        /\ UNCHANGED thread
     \/ /\ rtnl # Worker /\ Free(netMutex) /\ netMutex' = Worker
        /\ Move(Worker, InCleanup(FirstToExit, thread[Worker].net))
        /\ UNCHANGED <<rtnl, netList, phase>>
  /\ UNCHANGED <<opsVars, count, useCount, workQueue, runVars>>

(* The barrier of a failed set-up waits for nothing.                       *)
BugNoSetupBarrier(t) ==
  /\ At(t, "SetupNetBarrier")
  /\ Move(t, [thread[t] EXCEPT !.at = "SetupNetBarrierEnd"])
  /\ UNCHANGED <<opsVars, locks, netVars, workQueue, runVars>>

(* H5: the undo of a set-up starts at the ops that failed.                 *)
BugUndoFromFailed(o) == IF o \in WithExit THEN o ELSE NextToExit(o)

(* The undo of a set-up starts at the first ops: seen with three ops only. *)
BugUndoFromFirst(o) == First(Before(pernetList, o), WithExit, NoOps)

(* The undo of a set-up starts at the last ops, also of those whose init   *)
(* has not run.                                                            *)
BugUndoFromLast(o) == FirstToExit

(* H6: the undo of a register goes one net too far.                        *)
BugRegisterUndoesFailed(o, n, failed, e) ==
  IF n # NoNet /\ o \in WithExit /\ n # NextNet(failed)
  THEN Stand("RegisterUndo", "none", o, n, failed, e)
  ELSE AtErr("RegisterUnlock", e)

(* The undo of a register stops after one net: seen with three nets only.  *)
BugRegisterUndoesOne(o, n, failed, e) ==
  IF n = FirstNet /\ n # failed /\ o \in WithExit
  THEN Stand("RegisterUndo", "none", o, n, failed, e)
  ELSE AtErr("RegisterUnlock", e)

(* Exits run in list order, not against it.                                *)
BugExitsForward == pernetList

(* A net is listed as soon as its set-up begins.                           *)
BugListedEarly(t) ==
  /\ At(t, "CopyNetNsLock") /\ Free(netMutex)
  /\ netMutex' = t
  /\ netList' = Append(netList, thread[t].net)
  /\ phase' = [phase EXCEPT ![thread[t].net] = "listed"]
  /\ count' = [count EXCEPT ![thread[t].net] = 1]
  /\ Move(t, InSetup(t, FirstToInit, thread[t].net, thread[t].other, ""))
  /\ UNCHANGED <<opsVars, rtnl, useCount, workQueue, runVars>>

(* P37: nobody waits for deferred callbacks.                               *)
BugNoBarrier == {}

(* A barrier waits for callbacks that are still to be queued.              *)
BugBarrierWaitsForLater == Deferring \X Nets

(* H10: a net is freed though it is in use.                                *)
BugFreeInUse(n) == TRUE

(* A net that nobody uses is kept.                                         *)
BugKeptUnused(n) == FALSE

(* H10: the release of the last use frees a net that was kept.             *)
BugReleaseFreesKept(t, n) ==
  /\ Begins(t, "Release", n) /\ Known(n) /\ useCount[n] # 0
  /\ useCount' = [useCount EXCEPT ![n] = @ - 1]
  /\ phase' = [phase EXCEPT ![n] = IF @ = "kept" /\ useCount[n] = 1
                                   THEN "free" ELSE @]
  /\ UNCHANGED <<opsVars, locks, netList, count, workQueue, runVars, thread>>

(* H12: the copy forgets that its own put may be the last.                 *)
BugCopyForgetsQueue(t) ==
  /\ At(t, "CopyNetNsPut")
  /\ ~PutLeaves(thread[t].other) /\ PutIsLast(thread[t].other)
  /\ AddCount(thread[t].other, -1) /\ Move(t, AfterPut(t))

(* init_net's last reference can be put.                                   *)
BugInitNetPut(n) == FALSE

(* K5: a get takes a reference on a net whose count is zero.               *)
BugGetRevives(n) == Known(n)

(* A lock that does not exclude.                                           *)
BugLockOpen(lock) == TRUE

(* C5: an unregister unlocks before its exits, and does not at its end.    *)
BugUnlockBeforeExits(t) ==
  /\ At(t, "UnregisterUnlink")
  /\ firstDevice' = FirstDeviceAfterUnlink(thread[t].ops)
  /\ pernetList' = Without(pernetList, thread[t].ops)
  /\ kind' = [kind EXCEPT ![thread[t].ops] = "none"]
  /\ netMutex' = Nobody
  /\ Move(t, InUnregister(thread[t].ops, FirstNet))
  /\ UNCHANGED <<rtnl, netVars, workQueue, runVars>>
BugUnlockedBefore(t) ==
  /\ At(t, "UnregisterUnlock") /\ ~Failed(thread[t].err)
  /\ Step(t, Rest)

(* A call that fails returns with net_mutex in its hand.                   *)
BugUnlockForgotten(t) ==
  /\ At(t, "RegisterUnlock") /\ thread[t].err = "EEXIST"
  /\ Step(t, Rest)

(* K1: the list of nets is changed without rtnl.                           *)
BugNoRtnl(t) ==
  /\ At(t, "CopyNetNsRtnlLock")
  /\ Step(t, On(t, "CopyNetNsListAdd"))

(* K19: rtnl is taken before net_mutex.                                    *)
BugRtnlOutside(t) ==
  /\ At(t, "CopyNetNsLock")
  /\ \/ rtnl # t /\ RtnlLock(t, thread[t])
     \/ /\ rtnl = t
        /\ Lock(t, InSetup(t, FirstToInit, thread[t].net, thread[t].other,
                           ""))
        /\ count' = [count EXCEPT ![thread[t].net] = 1]
        /\ UNCHANGED <<useCount, workQueue>>

(* K8: a lock is taken by who has it.                                      *)
BugRtnlTwice(t) == /\ At(t, "CopyNetNsRtnlLock")
                   /\ RtnlLock(t, thread[t])

(* A cleanup skips every other exit.                                       *)
BugExitSkipped(o) ==
  LET rest == After(ExitOrder, o)
  IN  First(IF rest = <<>> THEN rest ELSE Tail(rest), WithExit, NoOps)

(* A release does not look at the use count: it falls below zero.          *)
BugReleaseBelowZero(t, n) ==
  Begins(t, "Release", n) /\ Known(n) /\ AddUse(n, -1)

(* P38: init_net is on the list before its set-up, so that a register runs *)
(* its init there, and then the set-up runs it again.                      *)
BugBootTwice ==
  /\ pernetList = <<>> /\ firstDevice = ListHead
  /\ kind = [o \in Ops |-> "none"]
  /\ netMutex = Nobody /\ rtnl = Nobody /\ netList = <<InitNet>>
  /\ phase = [n \in Nets |-> IF n = InitNet THEN "new" ELSE "free"]
  /\ count = [n \in Nets |-> 0] /\ useCount = [n \in Nets |-> 0]
  /\ workQueue = <<>> /\ deferred = {}
  /\ balance = [o \in Ops |-> [n \in Nets |-> 0]]
  /\ thread = [t \in Everyone |-> IF t = Worker
                                  THEN AtErr("NetNsInitLock", "") ELSE Rest]

(* net_ns_init does not give init_net its reference.                       *)
BugBootNoCount ==
  /\ At(Worker, "NetNsInitLock")
  /\ Lock(Worker, InSetup(Worker, FirstToInit, InitNet, NoNet, ""))
  /\ UNCHANGED <<count, useCount, workQueue>>

(* K7: a cleanup keeps net_mutex through its barrier.                      *)
BugBarrierUnderLock ==
  /\ At(Worker, "CleanupNetUnlock")
  /\ Step(Worker, On(Worker, "CleanupNetBarrier"))
BugUnlockAfterBarrier ==
  /\ At(Worker, "CleanupNetBarrierEnd") /\ thread[Worker].waits = {}
  /\ Unlock(Worker, On(Worker, "CleanupNetFree")) /\ UNCHANGED opsVars

(* K13: without namespaces an ops is linked all the same.                  *)
BugLinkedWithout(t) ==
  /\ At(t, "RegisterUnlock") /\ ~Failed(thread[t].err)
  /\ pernetList' = Append(pernetList, thread[t].ops)
  /\ kind' = [kind EXCEPT ![thread[t].ops] = thread[t].kind]
  /\ Unlock(t, Rest) /\ UNCHANGED firstDevice

(* K12: a callback that a barrier waits for queues itself again.           *)
BugDeferredLate(o, n) ==
  /\ \E t \in Everyone : <<o, n>> \in thread[t].waits
  /\ thread' = [t \in Everyone |->
                  [thread[t] EXCEPT !.waits = @ \ {<<o, n>>}]]
  /\ UNCHANGED <<opsVars, locks, netVars, workQueue, runVars>>

(* A callback has run, and the barriers that wait for it are not told.     *)
BugBarrierNotTold(o, n) ==
  /\ <<o, n>> \in deferred
  /\ deferred' = deferred \ {<<o, n>>}
  /\ UNCHANGED <<opsVars, locks, netVars, workQueue, balance, thread>>

(* The barrier of a client waits for nothing.                              *)
BugRcuBarrierTakesNone(t) ==
  Begins(t, "Barrier", NoNet) /\ Step(t, AtErr("RcuBarrierEnd", ""))

(* It waits for callbacks that are still to be queued.                     *)
BugRcuBarrierWaitsForLater(t) ==
  /\ Begins(t, "Barrier", NoNet)
  /\ Step(t, [AtErr("RcuBarrierEnd", "") EXCEPT !.waits = Deferring \X Nets])

(* It ends while a callback that it waits for is pending.                  *)
BugRcuBarrierEndsEarly(t) == At(t, "RcuBarrierEnd") /\ Step(t, Rest)

(* A barrier ends with the first of the callbacks that it waits for.       *)
BugBarrierEndsAtFirst(o, n) ==
  /\ <<o, n>> \in deferred
  /\ deferred' = deferred \ {<<o, n>>}
  /\ thread' = [t \in Everyone |->
                  [thread[t] EXCEPT !.waits = IF <<o, n>> \in @ THEN {}
                                              ELSE @]]
  /\ UNCHANGED <<opsVars, locks, netVars, workQueue, balance>>

(* A cleanup runs no exit at all.                                          *)
BugNoExits == NoOps

(* init_net is not listed at the start.                                    *)
BugInitUnlisted ==
  /\ pernetList = <<>> /\ firstDevice = ListHead
  /\ kind = [o \in Ops |-> "none"]
  /\ netMutex = Nobody /\ rtnl = Nobody /\ netList = <<>>
  /\ phase = [n \in Nets |-> "free"]
  /\ count = [n \in Nets |-> 0] /\ useCount = [n \in Nets |-> 0]
  /\ workQueue = <<>> /\ deferred = {}
  /\ balance = [o \in Ops |-> [n \in Nets |-> 0]]
  /\ thread = [t \in Everyone |-> Rest]

(* An unregister returns before its last exit.                             *)
BugReturnsEarly(o, n) ==
  IF n # NoNet /\ NextNet(n) # NoNet /\ o \in WithExit
  THEN Stand("UnregisterExit", "none", o, n, NoNet, "")
  ELSE Stand("UnregisterUnlock", "none", o, NoNet, NoNet, "")

(* A copy that was cancelled forgets the net that it has allocated.        *)
BugCancelLeaks(t) ==
  /\ Cancel /\ At(t, "CopyNetNsLock")
  /\ Step(t, InCopy("CopyNetNsPut", NoNet, thread[t].other, "EINTR"))

(* A copy that failed forgets it, too.                                     *)
BugForgetsNet(t) == Rest

(* A barrier ends when no callback is pending, later ones included.        *)
BugRcuBarrierHangs(t) ==
  /\ At(t, "RcuBarrierEnd") /\ deferred = {}
  /\ Step(t, Rest)
BugCleanupBarrierHangs ==
  /\ At(Worker, "CleanupNetBarrierEnd") /\ deferred = {}
  /\ Step(Worker, On(Worker, "CleanupNetFree"))
BugSetupBarrierHangs(t) ==
  /\ At(t, "SetupNetBarrierEnd") /\ thread[t].waits # {}
  /\ Step(t, InSetup(t, NoOps, thread[t].net, thread[t].other, thread[t].err))

(* Parts of the fairness that ask for less.                                *)
BugUnfair         == TRUE
BugUnfairDeferred ==           \* some callback runs, but not each
  WF_vars(\E o \in Ops, n \in Nets : DeferredRun(o, n))
BugWeakNetMutex       == \A t \in Threads : WF_vars(TakeNetMutex(t))
BugWeakRtnl           == \A t \in Threads : WF_vars(TakeRtnl(t))
BugWeakWorkerNetMutex == WF_vars(WorkerTakesNetMutex)
BugWeakWorkerRtnl     == WF_vars(WorkerTakesRtnl)
=============================================================================
