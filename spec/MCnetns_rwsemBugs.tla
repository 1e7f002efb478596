\* SPDX-License-Identifier: MIT
-------------------------- MODULE MCnetns_rwsemBugs --------------------------
(* Seeded faults.  Each replaces one operator of netns_rwsem.tla, or two,  *)
(* in the instance of its name, and must violate the one claim that stands *)
(* there.  K and H are rows of docs/bugs.md.                               *)
EXTENDS MCnetns_rwsem

----------------------------------------------------------------------------
(* The locks.                                                              *)

(* Everybody is let in.                                                    *)
BugLockOpen(t) == TRUE

(* A reader does not queue behind a writer that only waits.                *)
BugReaderPasses(t) ==
  \E i \in InQueue(t) :
    /\ \A j \in DOMAIN rwsem : j # i /\ Inside(rwsem[j][1]) =>
         rwsem[i][2] = "R" /\ rwsem[j][2] = "R"
    /\ rwsem[i][2] = "W" => \A j \in 1 .. i - 1 : ~Inside(rwsem[j][1])

(* K7, K16: readers exclude each other, as under net_mutex.                *)
BugReadersExclude(t) == InQueue(t) = {1}

(* K7: set-ups and cleanups write.                                         *)
BugSetupWrites == "W"

(* A register, an unregister asks to read only.                            *)
BugRegisterReads(t, o, k) ==
  /\ Begins(t, RegisterCall(k), o)
  /\ Ask(t, "R", [Rest EXCEPT !.at = "RegisterLink", !.call = "register",
                              !.kind = k, !.ops = o])
BugUnregisterReads(t, o, k) ==
  /\ Begins(t, UnregisterCall(k), o)
  /\ Ask(t, "R", [Rest EXCEPT !.at = "UnregisterUnlink", !.kind = k,
                              !.call = "unregister", !.ops = o])

BugNextToInit(o) ==
  IF o \in Range(pernetList)
  THEN First(After(pernetList, o), WithInit, NoOps) ELSE NoOps

(* The cleanup lets the lock go with the unlink, before its exits.         *)
BugUnlockBeforeExits(w) ==
  LET batch == Range(thread[w].nets)
  IN  /\ At(w, "CleanupNetUnlink") /\ Granted(w) /\ ListFree
      /\ netList' = SelectSeq(netList, LAMBDA n : n \notin batch)
      /\ phase' = [n \in Nets |-> IF n \in batch THEN "dying" ELSE phase[n]]
      /\ LeaveQueue(w) /\ Move(w, InCleanupWalk(thread[w]))
      /\ UNCHANGED <<opsVars, netRwsem, rtnl, count, passive, workVars,
                     slotVars, nsids, runVars>>

(* The set-up lets the lock go before it lists the net.                    *)
BugUnlockBeforeList(t) ==
  /\ At(t, "SetupNetListAdd")
  /\ IF InQueue(t) # {}
     THEN /\ LeaveQueue(t)
          /\ UNCHANGED <<opsVars, netRwsem, rtnl, netVars, workVars, slotVars,
                         nsids, runVars, thread>>
     ELSE /\ netList' = Append(netList, thread[t].net)
          /\ phase' = [phase EXCEPT ![thread[t].net] = "listed"]
          /\ log' = [log EXCEPT ![t] = <<>>]
          /\ Move(t, InCopy("CopyNetNsUnlock", NoNet, thread[t].other, ""))
          /\ UNCHANGED <<opsVars, locks, count, passive, workVars, slotVars,
                         nsids, deferred, balance>>

(* K8, K16: a callback that calls the registry asks for the lock again.    *)
BugNestedLock(t) ==
  /\ thread[t].at \in Runs /\ thread[t].ops \in Nesting
  /\ Cardinality(InQueue(t)) = 1
  /\ rwsem' = Append(rwsem, <<t, "R">>)
  /\ UNCHANGED <<opsVars, netRwsem, rtnl, netVars, workVars, slotVars, nsids,
                 runVars, thread>>

(* K19: who has rtnl asks for pernet_ops_rwsem.                            *)
BugRtnlOutside(t) ==
  At(t, "ListNetsLock") /\ Ask(t, "W", StandAt("NetNsBarrierEnd"))

(* exit_rtnl runs without rtnl.                                            *)
BugNoRtnl(t) ==
  At(t, "OpsUndoListRtnlLock") /\ Step(t, FirstRtnl(thread[t]))

(* A reader of the list keeps net_rwsem.                                   *)
BugListUnlockForgotten(t) == At(t, "ListNetsRead") /\ Step(t, Rest)

----------------------------------------------------------------------------
(* The lists.                                                              *)

(* H3: a subsystem goes to the tail; firstDevice stays.                    *)
BugSubsysAtTail(o, k) == Append(pernetList, o)
BugFirstDeviceStays(o) == firstDevice

(* H8: an ops is registered twice.  H3: firstDevice is set with the link,  *)
(* and stays when an init fails.  H8: an ops is unregistered as the other  *)
(* kind; as a subsystem, it leaves firstDevice where it is.                *)
BugLink(t, first) ==
  LET o == thread[t].ops
      k == thread[t].kind
  IN  /\ At(t, "RegisterLink") /\ Granted(t)
      /\ pernetList' = Linked(o, k) /\ kind' = [kind EXCEPT ![o] = k]
      /\ firstDevice' = first
      /\ Move(t, NextRegister(thread[t], FirstNet))
      /\ UNCHANGED <<initNetUp, locks, netVars, workVars, slotVars, nsids,
                     runVars>>
BugRegisterTwice(t) == BugLink(t, firstDevice)
BugFirstDeviceEarly(t) ==
  /\ At(t, "RegisterLink") /\ ~Registered(thread[t].ops)
  /\ BugLink(t, IF thread[t].kind = "device" /\ firstDevice = ListHead
                THEN thread[t].ops ELSE firstDevice)
BugUnlinkOtherKind(t) ==
  LET o == thread[t].ops
  IN  /\ At(t, "UnregisterUnlink") /\ Granted(t) /\ Registered(o)
      /\ firstDevice' = IF thread[t].kind = "subsys" THEN firstDevice
                        ELSE FirstDeviceAfterUnlink(o)
      /\ pernetList' = Without(pernetList, o)
      /\ kind' = [kind EXCEPT ![o] = "none"]
      /\ Move(t, Walk([thread[t] EXCEPT !.kind = "none"], <<o>>, netList))
      /\ UNCHANGED <<initNetUp, locks, netVars, workVars, slotVars, nsids,
                     runVars>>

(* H7: without namespaces a device that was never linked is firstDevice.   *)
BugFirstDeviceUnlinked(o, k) ==
  IF k = "device" /\ firstDevice = ListHead THEN o ELSE firstDevice

(* An id without a size is no reason to reject an ops.                     *)
BugRejectsNone(o) == FALSE

(* A register that failed leaves its ops on the list.                      *)
BugFailedStaysLinked(t, e) ==
  /\ FailsInit(t, FailRegister(thread[t], e))
  /\ kind' = [kind EXCEPT ![thread[t].ops] = "none"]
  /\ UNCHANGED pernetList

(* K13: without namespaces an ops is linked also when init_net is up.      *)
BugLinksAlways == TRUE

(* A put queues the net twice; the work is not queued; a copy forgets that *)
(* its own put may be the last (H12).                                      *)
BugQueuedTwice(t, n, where) ==
  /\ cleanupList' = <<n, n>> \o cleanupList /\ work' = TRUE
  /\ Move(t, where)
  /\ UNCHANGED <<opsVars, locks, netVars, deferFree, slotVars, nsids, runVars>>
BugWorkNotQueued == work
BugCopyForgetsQueue(t) ==
  /\ At(t, "CopyNetNsPut")
  /\ ~PutLeaves(thread[t].other) /\ PutIsLast(thread[t].other)
  /\ AddCount(thread[t].other, -1) /\ Move(t, AfterPut(t))

(* K2: a work item runs on any thread, beside another; a round takes one   *)
(* net, so that each net has its own grace period.                         *)
BugCleanersMany == Threads \cup {Worker}
BugTakesOne == <<cleanupList[Len(cleanupList)]>>
BugLeavesOthers == SubSeq(cleanupList, 1, Len(cleanupList) - 1)

(* The batch is walked oldest first; its last net is left out.             *)
BugOldestFirst(r) == Walk(r, ExitOrder, Reverse(r.nets))
BugSkipsLastNet(r) == Walk(r, ExitOrder, SubSeq(r.nets, 1, Len(r.nets) - 1))

(* H2: the nets leave the list when the list of dead ones is taken, before *)
(* the lock.                                                               *)
BugUnlinkEarly(w) ==
  LET batch == Range(cleanupList)
  IN  /\ At(w, "Idle") /\ work
      /\ work' = FALSE /\ cleanupList' = <<>>
      /\ netList' = SelectSeq(netList, LAMBDA n : n \notin batch)
      /\ phase' = [n \in Nets |-> IF n \in batch THEN "dying" ELSE phase[n]]
      /\ Move(w, [StandAt("CleanupNetLock") EXCEPT !.call = "cleanup",
                                                   !.nets = cleanupList])
      /\ UNCHANGED <<opsVars, locks, count, passive, deferFree, slotVars,
                     nsids, runVars>>

BugNextNet(n) ==
  IF n \in Range(netList) THEN First(After(netList, n), Nets, NoNet)
  ELSE NoNet

(* A net is listed as soon as its set-up begins.                           *)
BugListedEarly(t) ==
  /\ At(t, "SetupNetBegin") /\ Granted(t)
  /\ netList' = Append(netList, thread[t].net)
  /\ phase' = [phase EXCEPT ![thread[t].net] = "listed"]
  /\ Move(t, NextSetup(thread[t], FirstToInit))
  /\ UNCHANGED <<opsVars, locks, count, passive, workVars, slotVars, nsids,
                 runVars>>

----------------------------------------------------------------------------
(* The walk.                                                               *)

(* H5: the undo of a set-up starts at the ops that failed.                 *)
BugUndoFromFailed(o) == <<o>> \o After(ExitOrder, o)
(* K10's shape: the undo of a register goes one net too far.               *)
BugRegisterUndoesFailed(r) == Append(Before(netList, r.net), r.net)
(* K14: exits run in list order; the first ops is left out.  H9: so is an  *)
(* ops without an init.                                                    *)
BugExitsForward == pernetList
BugExitsNoInit  == SelectSeq(Reverse(pernetList), LAMBDA o : o \in WithInit)
BugSkipsOps == IF pernetList = <<>> THEN <<>> ELSE Reverse(Tail(pernetList))

(* The loops are swapped: nets outer, or of exit_rtnl ops outer.           *)
BugExitNetsOuter(r) ==
  LET o == First(After(r.undo, r.ops), WithExit, NoOps)
      n == First(After(r.nets, r.net), Nets, NoNet)
  IN  IF o # NoOps THEN [r EXCEPT !.ops = o]
      ELSE IF n # NoNet
      THEN [r EXCEPT !.net = n, !.ops = First(r.undo, WithExit, NoOps)]
      ELSE WalkFree(r)
BugRtnlOpsOuter(r) ==
  LET o == First(After(r.undo, r.ops), WithExitRtnl, NoOps)
      n == First(After(r.nets, r.net), Nets, NoNet)
  IN  IF n # NoNet THEN [r EXCEPT !.net = n]
      ELSE IF o # NoOps THEN [r EXCEPT !.net = r.nets[1], !.ops = o]
      ELSE [r EXCEPT !.at = "OpsUndoListRtnlUnlock", !.ops = NoOps,
                     !.net = NoNet]

(* The nets of a batch go from its end to its head.                        *)
BugExitFromLast(r, rest) ==
  LET o == IF r.nets = <<>> THEN NoOps ELSE First(rest, WithExit, NoOps)
  IN  IF o = NoOps THEN WalkFree(r)
      ELSE [r EXCEPT !.at = "OpsUndoListExit", !.ops = o,
                     !.net = r.nets[Len(r.nets)]]
BugAfterExitBack(r) ==
  LET n == First(Reverse(Before(r.nets, r.net)), Nets, NoNet)
  IN  IF n # NoNet THEN [r EXCEPT !.net = n]
      ELSE WalkExit(r, After(r.undo, r.ops))

(* exit_batch is forgotten.                                                *)
BugBatchForgotten(r) ==
  LET n == First(After(r.nets, r.net), Nets, NoNet)
  IN  IF n # NoNet THEN [r EXCEPT !.net = n]
      ELSE WalkExit(r, After(r.undo, r.ops))

(* There is no grace period; it comes before pre_exit; it waits for no     *)
(* reader (K3).                                                            *)
BugNoGrace(r) == WalkRtnl(r)
BugGraceFirst(t) ==
  /\ At(t, "OpsUndoListPreExit")
  /\ log' = [log EXCEPT ![t] =
               @ \o <<<<"grace", NoOps, NoNet>>,
                      <<"pre_exit", thread[t].ops, thread[t].net>>>>]
  /\ Move(t, AfterPreExit(thread[t]))
  /\ UNCHANGED <<opsVars, locks, netVars, workVars, slotVars, nsids, deferred,
                 balance>>
BugNoReaders == {}
(* It waits for readers that have not come.                                *)
BugGraceWaitsForLater(t) ==
  /\ At(t, "OpsUndoListGrace")
  /\ Step(t, [On(t, "OpsUndoListGraceEnd") EXCEPT !.readers = Threads \ {t}])
(* It ends with the first reader that leaves.                              *)
BugGraceEndsWithFirst(t, where) ==
  thread' = [u \in Everyone |->
               IF u = t THEN where
               ELSE IF t \notin thread[u].readers THEN thread[u]
               ELSE [thread[u] EXCEPT !.readers = {}]]

(* A barrier waits for callbacks that are still to be queued.              *)
BugBarrierWaitsForLater == Callbacks
(* It waits for nothing; it ends with the first of those that it waits for.*)
BugBarrierTakesNone == {}
BugBarrierEndsWithFirst(o, n, k) ==
  /\ <<o, n, k>> \in deferred
  /\ deferred' = deferred \ {<<o, n, k>>}
  /\ thread' = [t \in Everyone |->
                  IF <<o, n, k>> \notin thread[t].waits THEN thread[t]
                  ELSE [thread[t] EXCEPT !.waits = {}]]
  /\ UNCHANGED <<opsVars, locks, netVars, workVars, slotVars, nsids, balance,
                 log>>
(* An unregister returns without a barrier.                                *)
BugNoBarrier(r) ==
  [r EXCEPT !.at = IF r.call = "cleanup" THEN "CleanupNetUnlock"
                   ELSE IF r.call = "unregister" THEN "UnregisterUnlock"
                   ELSE "RcuBarrier",
            !.ops = NoOps, !.net = NoNet]

----------------------------------------------------------------------------
(* Counts and memory.                                                      *)

BugPutBelowZero(n) == n = NoNet
BugInitNetPut(n) == FALSE
BugPutIsLast(n) == count[n] = 1

(* K5: a look-up takes a plain reference.                                  *)
BugGetPlain(n) == TRUE
(* K6: a peer is entered in a table whether it is alive or not; the exit   *)
(* of a net leaves it in the tables of others.                             *)
BugEnterDead(n) == TRUE
BugUnhashForgotten(n, batch) == nsids[n]

(* K20: a reader keeps the net beyond its section, and takes no reference. *)
BugKeepWithout(t) ==
  /\ At(t, "MaybeGetNet")
  /\ LeaveRcu(t, AtNet("Peernet2idPut", thread[t].net))
  /\ UNCHANGED <<opsVars, locks, netVars, workVars, slotVars, nsids, runVars>>

(* K12: the memory is freed in the same round.                             *)
BugFreeAtOnce(n) ==
  phase' = [phase EXCEPT ![n] = "free"] /\ UNCHANGED <<deferFree, gen, genLen>>
(* The array of slots stays until the net goes.                            *)
BugArrayStays(n) ==
  /\ phase' = [phase EXCEPT ![n] = "dead"]
  /\ deferFree' = deferFree \cup {n}
  /\ UNCHANGED <<gen, genLen>>

(* H11: what the round frees is taken after its barrier, as in the kernel. *)
BugTakesNoneYet == deferFree
BugFreesLater(w) ==
  LET gone == {n \in Nets : phase[n] = "dead"}
  IN  /\ At(w, "NetCompleteFree")
      /\ phase' = [n \in Nets |-> IF n \in gone THEN "free" ELSE phase[n]]
      /\ deferFree' = {} /\ Move(w, On(w, "CleanupNetPut"))
      /\ UNCHANGED <<opsVars, locks, netList, count, passive, cleanupList,
                     work, slotVars, nsids, runVars>>

(* K15: a callback that ran has queued itself again.                       *)
BugRearmed(o, n, k) ==
  /\ <<o, n, k>> \in deferred
  /\ \E t \in Everyone : <<o, n, k>> \in thread[t].waits
  /\ thread' = [t \in Everyone |->
                  [thread[t] EXCEPT !.waits = @ \ {<<o, n, k>>}]]
  /\ UNCHANGED <<opsVars, locks, netVars, workVars, slotVars, nsids, runVars>>

(* H10: a net is freed though it is held; one that is held is deferred.    *)
BugPutOf(w, next, defers) ==
  LET r == thread[w]
      n == r.nets[1]
  IN  /\ At(w, "CleanupNetPut")
      /\ passive' = [passive EXCEPT ![n] = @ - 1]
      /\ phase' = [phase EXCEPT ![n] = next]
      /\ deferFree' = deferFree \cup defers
      /\ Move(w, IF Len(r.nets) = 1 THEN Rest ELSE [r EXCEPT !.nets = Tail(@)])
      /\ UNCHANGED <<opsVars, locks, netList, count, cleanupList, work,
                     slotVars, nsids, runVars>>
BugFreedHeld(w) == BugPutOf(w, "dead", {thread[w].nets[1]})
BugDeferHeld(w) == BugPutOf(w, "kept", {thread[w].nets[1]})
(* The last release frees the memory itself.                               *)
BugReleaseFrees(t) ==
  /\ At(t, "ReleaseNetFree")
  /\ phase' = [phase EXCEPT ![thread[t].net] = "free"] /\ Move(t, Rest)
  /\ UNCHANGED <<opsVars, locks, netList, count, passive, workVars, slotVars,
                 nsids, runVars>>

(* A failed copy keeps its count.                                          *)
BugFreeKeepsCount(t) ==
  /\ At(t, "CopyNetNsFree")
  /\ passive' = [passive EXCEPT ![thread[t].net] = 0]
  /\ ToFree(thread[t].net) /\ Move(t, Rest)
  /\ UNCHANGED <<opsVars, locks, netList, count, cleanupList, work, ids,
                 maxGenPtrs, data, nsids, runVars>>

(* H1: a positive return of an init fails a copy too.                      *)
BugPositiveFails(t) ==
  /\ Positive /\ At(t, "SetupNetInit")
  /\ FailsInit(t, FailSetup(thread[t], "1")) /\ UNCHANGED <<pernetList, kind>>

(* K4: init_net has no count before its set-up; it is listed before.       *)
BugBootListed ==
  /\ At(Worker, "NetNsInit") /\ Allocated(InitNet)
  /\ netList' = <<InitNet>> /\ phase' = [phase EXCEPT ![InitNet] = "listed"]
  /\ Move(Worker, StandAt("NetNsInitLock"))
  /\ UNCHANGED <<opsVars, locks, workVars, ids, maxGenPtrs, data, nsids,
                 runVars>>
BugBootNoCount ==
  /\ At(Worker, "NetNsInit")
  /\ Step(Worker, StandAt("NetNsInitLock"))

----------------------------------------------------------------------------
(* Ids and slots.                                                          *)

BugIdTaken == 1

(* An id is free before the barrier of its unregister.                     *)
BugIdFreedEarly(t) ==
  /\ At(t, "OpsUndoListFree")
  /\ data' = data \ (Range(thread[t].undo) \X Range(thread[t].nets))
  /\ ids' = IF thread[t].call \in {"register", "unregister"}
            THEN [ids EXCEPT ![thread[t].undo[1]] = 0] ELSE ids
  /\ Move(t, AfterWalk(thread[t]))
  /\ UNCHANGED <<opsVars, locks, netVars, workVars, maxGenPtrs, gen, genLen,
                 nsids, runVars>>

(* K9: the init fails, its data is freed, and the slot points to it still. *)
BugSlotDangles(n, i) == gen

(* K10: the assignment fails, and the slot is cleared that was never       *)
(* assigned, perhaps past the array.                                       *)
BugClearsUnassigned(n, i) ==
  [gen EXCEPT ![n] = [j \in 1 .. (IF i > Len(@) THEN i ELSE Len(@)) |->
                        IF j \in DOMAIN @ /\ j # i THEN @[j] ELSE NoOps]]

(* K11: max_gen_ptrs is read twice, for the array and for its length.      *)
BugReadTwice(t) ==
  /\ At(t, "CopyNetNsLock")
  /\ genLen' = [genLen EXCEPT ![thread[t].net] = maxGenPtrs]
  /\ rwsem' = Append(rwsem, <<t, "R">>) /\ Move(t, On(t, "SetupNetBegin"))
  /\ UNCHANGED <<opsVars, netRwsem, rtnl, netVars, workVars, ids, maxGenPtrs,
                 gen, data, nsids, runVars>>

(* The data of an ops is freed with its exit.                              *)
BugFreedWithExit(t) ==
  LET o == thread[t].ops
      n == thread[t].net
  IN  /\ At(t, "OpsUndoListExit")
      /\ balance' = [balance EXCEPT ![o][n] = @ - 1]
      /\ data' = data \ {<<o, n>>}
      /\ Logged(t, <<"exit", o, n>>)
      /\ Move(t, AfterExit(thread[t]))
      /\ UNCHANGED <<opsVars, locks, netVars, workVars, ids, maxGenPtrs, gen,
                     genLen, nsids, deferred>>

(* The data is never freed.                                                *)
BugDataLeaks(t) ==
  At(t, "OpsUndoListFree") /\ Step(t, AfterWalk(thread[t]))

----------------------------------------------------------------------------
(* Fairness with one part taken away, and a deferred net without rounds.   *)
BugUnfairClients == FairCommon /\ FairList /\ FairWorker /\ FairDeferred
BugUnfairCommon  == FairClients /\ FairList /\ FairWorker /\ FairDeferred
BugUnfairList    == FairClients /\ FairCommon /\ FairWorker /\ FairDeferred
BugUnfairWorker  == FairClients /\ FairCommon /\ FairList /\ FairDeferred
BugUnfairDeferred == FairClients /\ FairCommon /\ FairList /\ FairWorker
BugRoundsStop    == TRUE
=============================================================================
