\* SPDX-License-Identifier: MIT
------------------------------- MODULE netns -------------------------------
(***************************************************************************)
(* WHAT   How the seed of the pernet registry works: which lock each step  *)
(*        needs, which init or exit callback it runs, what is undone when  *)
(*        an init fails, and how a net is taken down by the worker.        *)
(* SOURCE net/core/net_namespace.c of Linux 2.6.3x, all that the seed has  *)
(*        of it; get_net and put_net of net_namespace.h; rcu_barrier as a  *)
(*        module's exit calls it.  Row ids [Rnn] point into                *)
(*        docs/correspondence.md.                                          *)
(* GRAIN  One action is one callback or one lock operation: what another   *)
(*        thread can tell apart; linking and unlinking an ops are steps    *)
(*        too, for the reader's sake.  What else happens under a lock is   *)
(*        folded into a step beside it.  A call and its first step are one *)
(*        step, and so are list_add_tail or list_del of a net and the      *)
(*        rtnl_unlock after it.  `at` names the step that comes next;      *)
(*        outcomes of one step are actions of their own, so the names on   *)
(*        the edges of the state graph hold the answers.                   *)
(* ACTORS Threads: clients, each in at most one call; they hold net_mutex  *)
(*        in register, unregister and the set-up of a copy, and rtnl       *)
(*        inside it to list a net, or alone to read the list; a barrier    *)
(*        of theirs holds nothing.                                         *)
(*        Worker: the one thread of the workqueue; it holds net_mutex and, *)
(*        inside it, rtnl to unlink a net, net_mutex alone for the exits.  *)
(*        If Boot it runs net_ns_init first.                               *)
(*        Deferred callbacks (call_rcu) run at any time, under no lock.    *)
(* LEFT   Fairness among those who wait for a lock: any of them may win;   *)
(* OUT    errs towards false alarms.  What a callback does inside: two     *)
(*        inits of different nets at once cannot be seen, nor a callback   *)
(*        that calls the registry (hazard H4); can hide a defect, tests    *)
(*        of the code look for it.  Nor a callback that gets, puts or      *)
(*        holds the net that it is given: then a failed copy may leave a   *)
(*        net that is in use, and a register may queue a net twice, as in  *)
(*        the C; can hide a defect.  Calls from a failed set-up in         *)
(*        net_ns_init to its panic, and calls on init_net before it is     *)
(*        listed: the same.                                                *)
(*        net_free's test and free are one step, in the C they are two:    *)
(*        can hide a defect.  Names of nets: can hide a defect in          *)
(*        the check for a name in use.  Two deferred callbacks of one pair *)
(*        are one: hides none, since the barrier waits for either.         *)
(*        Deferred callbacks other than from an exit: can hide a defect.   *)
(*        Memory beyond the Slots: an allocation with none free fails;     *)
(*        hides what needs more nets than the instance has.                *)
(* CHECKS TypeOK, ListsHaveNoDoubles, SubsysBeforeDevices,                 *)
(*        FirstDeviceExact, KindMatchesList, InitExitBalance, UndoIsExact, *)
(*        ExitReversesInit, ListedOnlyWhenWhole, NothingRunsOnFreed,       *)
(*        FreedIsUnused, NewIsOwned, QueuedOnce, InitNetStays,             *)
(*        NetMutexWhereHeld, RtnlWhereHeld, LocksInOrder, NoSelfWait,      *)
(*        BarrierWaitsForPending, NoRiseFromZeroProp, KeptStaysProp,       *)
(*        BarrierTakesAllProp, BarrierOutlastsProp; under FairSpec also    *)
(*        CallReturnsProp and PutIsFreedProp.  Each conjunct of each is    *)
(*        itself held against states that are written by hand              *)
(*        (MCnetnsClaims) or seeded faults, and MCnetnsProbe cfgs show     *)
(*        what FairSpec does not promise.                                  *)
(*        NOT claimed: that inits run in the order of                      *)
(*        registration (a subsystem goes before devices that came          *)
(*        earlier); that a client's reference protects it from a put that  *)
(*        was not that client's to make; InitExitBalance, UndoIsExact and  *)
(*        FreedIsUnused with Positive (hazard H1): there the seed breaks   *)
(*        them, as the MCnetnsProbePositive cfgs show; BarrierOutlastsProp *)
(*        with Cancel, where the caller of a barrier may give up.          *)
(* ABOVE  registry.tla, the contract: one step a call.  netns_answers.tla  *)
(*        holds the mapping.                                               *)
(* RUN    make check   (instances, states and times: spec/models.tsv)      *)
(***************************************************************************)
EXTENDS Integers, Sequences, FiniteSets

CONSTANTS
  Ops,        \* pernet_operations that clients may register
  Slots,      \* sequence of the nets that can be: lowest first, init_net is 1
  Threads,    \* clients
  Worker,     \* the worker of the workqueue
  Nobody,     \* owner of a free lock
  ListHead,   \* firstDevice when there is no device: the list head
  NoOps,      \* no ops at hand
  NoNet,      \* no net at hand
  NoInit,     \* ops without an init
  NoExit,     \* ops without an exit
  Deferring,  \* ops whose exit queues a deferred callback
  Failing,    \* ops whose init may fail
  Positive,   \* BOOLEAN: an init of Failing may also return a positive value
  Cancel,     \* BOOLEAN: a client's wait, for net_mutex or in rcu_barrier,
              \* may end in EINTR
  NetNs,      \* BOOLEAN: CONFIG_NET_NS
  Boot        \* BOOLEAN: start before net_ns_init

ASSUME Boot => NetNs  \* see docs/divergences.md

VARIABLES
  pernetList,  \* [R01] pernet_list; Registry.pernetList
  firstDevice, \* [R02] first_device; Registry.firstDevice
  kind,        \* as what an ops is registered; beyond C; Registry.pernetList
  netMutex,    \* [R03] owner of net_mutex; Registry.netMutex
  netList,     \* [R04] net_namespace_list; Registry.netList
  rtnl,        \* [R05] owner of rtnl; Registry.rtnl
  phase,       \* life of a net: free, new (in set-up), listed, dying (off
               \* the list), kept (refused to be freed); Net.phase
  count,       \* [R06] net->count; Net.count
  useCount,    \* [R07] net->use_count; Net.useCount
  workQueue,   \* [R08] netns_wq; Registry.workQueue
  deferred,    \* [R09] pending call_rcu: pairs <<ops, net>>; Net.Defer
  balance,     \* inits minus exits, for ops that have both; no counterpart
  thread       \* where each thread stands, and its live locals

opsVars == <<pernetList, firstDevice, kind>>
locks   == <<netMutex, rtnl>>
netVars == <<netList, phase, count, useCount>>
runVars == <<deferred, balance>>
vars    == <<opsVars, locks, netVars, workQueue, runVars, thread>>

----------------------------------------------------------------------------
Range(s)      == {s[i] : i \in DOMAIN s}
Reverse(s)    == [i \in DOMAIN s |-> s[Len(s) + 1 - i]]
Place(s, x)   == CHOOSE i \in DOMAIN s : s[i] = x
Before(s, x)  == SubSeq(s, 1, Place(s, x) - 1)
After(s, x)   == SubSeq(s, Place(s, x) + 1, Len(s))
Without(s, x) == Before(s, x) \o After(s, x)
First(s, S, none) ==                       \* first of s that is in S
  LET hits == {i \in DOMAIN s : s[i] \in S}
  IN  IF hits = {} THEN none
      ELSE s[CHOOSE i \in hits : \A j \in hits : i <= j]

Nets     == Range(Slots)
InitNet  == Slots[1]
Everyone == Threads \cup {Worker}
Kinds    == {"subsys", "device"}
Errors   == {"", "1", "ENOMEM", "EEXIST", "ENOENT", "EINVAL", "EINTR"}
WithInit == Ops \ NoInit
WithExit == Ops \ NoExit
WithBoth == WithInit \cap WithExit

Failed(e)     == e # ""
Registered(o) == kind[o] # "none"
(* A net inside its set-up is known to its callbacks only, a freed one to  *)
(* nobody: whoever names one of these gets ENOENT.                         *)
Known(n)      == phase[n] \notin {"free", "new"}
CanGet(n)     == Known(n) /\ count[n] # 0      \* a zero does not rise again
CanFree(n)    == useCount[n] = 0
LastOfInit(n) == n = InitNet /\ count[n] = 1   \* nobody may put this one
NextSlot      == First(Slots, {n \in Nets : phase[n] = "free"}, NoNet)
Pending       == deferred                   \* what an rcu_barrier waits for

(* The walks: inits in list order, every undo of a net against it, and the *)
(* nets in list order.  An undo starts before the ops that failed.         *)
FirstToInit   == First(pernetList, WithInit, NoOps)
NextToInit(o) == First(After(pernetList, o), WithInit, NoOps)
ExitOrder     == Reverse(pernetList)
FirstToExit   == First(ExitOrder, WithExit, NoOps)
NextToExit(o) == First(After(ExitOrder, o), WithExit, NoOps)
FirstToUndo(failed) == NextToExit(failed)
FirstNet      == First(netList, Nets, NoNet)
NextNet(n)    == First(After(netList, n), Nets, NoNet)

(* Where an ops goes: a subsystem before firstDevice, a device at the tail.*)
Linked(o, k) ==
  IF k = "device" \/ firstDevice = ListHead THEN Append(pernetList, o)
  ELSE Before(pernetList, firstDevice) \o <<o, firstDevice>>
         \o After(pernetList, firstDevice)
FirstDeviceAfterRegister(o, k) ==
  IF NetNs /\ k = "device" /\ firstDevice = ListHead THEN o ELSE firstDevice
FirstDeviceAfterUnlink(o) ==
  IF firstDevice # o THEN firstDevice
  ELSE First(After(pernetList, o), Ops, ListHead)

(* Which calls the clients make, of ops or net x: named as in registry.tla *)
(* and, of what the contract does not have, "Barrier".  An instance puts   *)
(* its bounds here.                                                        *)
MayCall(t, what, x) == TRUE
RegisterCall(k)   == IF k = "subsys" THEN "RegisterSubsys"
                                     ELSE "RegisterDevice"
UnregisterCall(k) == IF k = "subsys" THEN "UnregisterSubsys"
                                     ELSE "UnregisterDevice"

----------------------------------------------------------------------------
(* A thread stands before the step named by `at`; its other fields are the *)
(* locals that this step or a later one reads, and nothing else:           *)
(*   RegisterLink                     kind ops                             *)
(*   RegisterInit                     kind ops net                         *)
(*   RegisterUnlink                   ops net(that failed) err             *)
(*   RegisterUndo                     ops net other(that failed) err       *)
(*   RegisterUnlock                   kind ops, or err of a call that fails*)
(*   UnregisterUnlink                 ops                                  *)
(*   UnregisterExit                   ops net                              *)
(*   UnregisterUnlock                 ops, or err of a call that fails     *)
(*   SetupNetInit, SetupNetUndo       ops net other(old) err               *)
(*   SetupNetBarrier                  net other err, then waits            *)
(*   CopyNetNsAlloc, CopyNetNsUnlock  other                                *)
(*   CopyNetNsLock, -RtnlLock, -ListAdd   net other                        *)
(*   CopyNetNsUnlockFail              net other err                        *)
(*   CopyNetNsPut, CopyNetNsQueue     other, and net err of one that failed*)
(*   CopyNetNsFree                    net err                              *)
(*   RcuBarrierEnd                    waits                                *)
(*   PutNetQueue, CleanupNet-         net, ops for the exit, waits         *)
(*   NetNsInitRtnlLock, -ListAdd, -Unlock, -Panic   err                    *)
Stand(at, k, o, n, m, e) ==
  [at |-> at, kind |-> k, ops |-> o, net |-> n, other |-> m, err |-> e,
   waits |-> {}]
AtErr(at, e)     == Stand(at, "none", NoOps, NoNet, NoNet, e)
AtNet(at, n)     == Stand(at, "none", NoOps, n, NoNet, "")
InCopy(at, n, m, e) == Stand(at, "none", NoOps, n, m, e)
Rest             == AtErr("Idle", "")
At(t, at)        == thread[t].at = at
On(t, at)        == [thread[t] EXCEPT !.at = at]     \* same locals, next step

(* Once net_ns_init has failed the machine stops: no call begins.          *)
Doomed == /\ thread[Worker].at \in {"NetNsInitRtnlLock", "NetNsInitListAdd",
                                    "NetNsInitUnlock", "NetNsInitPanic"}
          /\ Failed(thread[Worker].err)
Begins(t, what, x) == At(t, "Idle") /\ ~Doomed /\ MayCall(t, what, x)

(* The points inside net_mutex, inside rtnl, and all the others; a thread  *)
(* at "Idle" may be about to take either lock.                             *)
InNetMutex ==
  {"RegisterLink", "RegisterInit", "RegisterUnlink", "RegisterUndo",
   "RegisterUnlock", "UnregisterUnlink", "UnregisterExit",
   "UnregisterUnlock", "SetupNetInit", "SetupNetUndo", "SetupNetBarrier",
   "SetupNetBarrierEnd", "CopyNetNsUnlockFail", "CopyNetNsRtnlLock",
   "CopyNetNsListAdd", "CopyNetNsUnlock", "CleanupNetRtnlLock",
   "CleanupNetUnlink", "CleanupNetExit", "CleanupNetUnlock",
   "NetNsInitRtnlLock", "NetNsInitListAdd", "NetNsInitUnlock"}
InRtnl == {"CopyNetNsListAdd", "CleanupNetUnlink", "NetNsInitListAdd",
           "ListNetsRead"}
WaitsForNetMutex == {"Idle", "CopyNetNsLock", "NetNsInitLock"}
WaitsForRtnl     == {"Idle", "CopyNetNsRtnlLock", "CleanupNetRtnlLock",
                     "NetNsInitRtnlLock"}
InBarrier == {"SetupNetBarrierEnd", "CleanupNetBarrierEnd", "RcuBarrierEnd"}
Points == InNetMutex \cup InRtnl \cup WaitsForNetMutex \cup InBarrier \cup
  {"CopyNetNsAlloc", "CopyNetNsPut", "CopyNetNsQueue", "CopyNetNsFree",
   "PutNetQueue", "CleanupNetBarrier", "CleanupNetFree", "NetNsInitPanic"}

TypeOK ==
  /\ pernetList \in Seq(Ops) /\ firstDevice \in Ops \cup {ListHead}
  /\ kind \in [Ops -> Kinds \cup {"none"}]
  /\ netMutex \in Everyone \cup {Nobody} /\ rtnl \in Everyone \cup {Nobody}
  /\ netList \in Seq(Nets) /\ workQueue \in Seq(Nets)
  /\ phase \in [Nets -> {"free", "new", "listed", "dying", "kept"}]
  /\ count \in [Nets -> Nat] /\ useCount \in [Nets -> Nat]
  /\ deferred \subseteq (Ops \X Nets)
  /\ balance \in [Ops -> [Nets -> Int]]
  /\ \A t \in Everyone :
       LET r == thread[t] IN
       /\ DOMAIN r = DOMAIN Rest
       /\ r.at \in Points /\ r.kind \in Kinds \cup {"none"}
       /\ r.ops \in Ops \cup {NoOps} /\ r.err \in Errors
       /\ r.net \in Nets \cup {NoNet} /\ r.other \in Nets \cup {NoNet}
       /\ r.waits \subseteq (Ops \X Nets)

Init ==
  /\ pernetList = <<>> /\ firstDevice = ListHead
  /\ kind = [o \in Ops |-> "none"]
  /\ netMutex = Nobody /\ rtnl = Nobody
  /\ netList = IF Boot THEN <<>> ELSE <<InitNet>>
  /\ phase = [n \in Nets |-> IF n # InitNet THEN "free"
                             ELSE IF Boot THEN "new" ELSE "listed"]
  /\ count = [n \in Nets |-> IF n = InitNet /\ ~Boot THEN 1 ELSE 0]
  /\ useCount = [n \in Nets |-> 0]
  /\ workQueue = <<>> /\ deferred = {}
  /\ balance = [o \in Ops |-> [n \in Nets |-> 0]]
  /\ thread = [t \in Everyone |-> IF Boot /\ t = Worker
                                  THEN AtErr("NetNsInitLock", "") ELSE Rest]

----------------------------------------------------------------------------
(* What the steps are made of; each names what it leaves to its action.    *)

Free(lock)     == lock = Nobody
Move(t, where) == thread' = [thread EXCEPT ![t] = where]
Step(t, where) ==                          \* t goes on, nothing else
  /\ Move(t, where)
  /\ UNCHANGED <<opsVars, locks, netVars, workQueue, runVars>>
Lock(t, where) ==                          \* but count, useCount, workQueue
  /\ Free(netMutex) /\ netMutex' = t /\ Move(t, where)
  /\ UNCHANGED <<opsVars, rtnl, netList, phase, runVars>>
Unlock(t, where) ==                        \* but opsVars
  /\ netMutex' = Nobody /\ Move(t, where)
  /\ UNCHANGED <<rtnl, netVars, workQueue, runVars>>
RtnlLock(t, where) ==
  /\ Free(rtnl) /\ rtnl' = t /\ Move(t, where)
  /\ UNCHANGED <<opsVars, netMutex, netVars, workQueue, runVars>>
RtnlUnlock(t, where) ==                    \* but netList, phase
  /\ rtnl' = Nobody /\ Move(t, where)
  /\ UNCHANGED <<opsVars, netMutex, count, useCount, workQueue, runVars>>
RunInit(t, where) ==                       \* the init at hand succeeds
  /\ balance' = IF thread[t].ops \notin WithBoth THEN balance
                ELSE [balance EXCEPT ![thread[t].ops][thread[t].net] = @ + 1]
  /\ Move(t, where)
  /\ UNCHANGED <<opsVars, locks, netVars, workQueue, deferred>>
RunExit(t, where) ==                       \* the exit at hand
  /\ balance' = IF thread[t].ops \notin WithBoth THEN balance
                ELSE [balance EXCEPT ![thread[t].ops][thread[t].net] = @ - 1]
  /\ deferred' = IF thread[t].ops \notin Deferring THEN deferred
                 ELSE deferred \cup {<<thread[t].ops, thread[t].net>>}
  /\ Move(t, where)
  /\ UNCHANGED <<opsVars, locks, netVars, workQueue>>
AddCount(n, k) ==                          \* but thread
  /\ count' = [count EXCEPT ![n] = @ + k]
  /\ UNCHANGED <<opsVars, locks, netList, phase, useCount, workQueue>>
  /\ UNCHANGED runVars
AddUse(n, k) ==
  /\ useCount' = [useCount EXCEPT ![n] = @ + k]
  /\ UNCHANGED <<opsVars, locks, netList, phase, count, workQueue, runVars,
                 thread>>
Queue(t, n, where) ==                      \* __put_net: queue_work
  /\ workQueue' = Append(workQueue, n) /\ Move(t, where)
  /\ UNCHANGED <<opsVars, locks, netVars, runVars>>
SetPhase(n, p) ==                          \* but count, balance, thread
  /\ phase' = [phase EXCEPT ![n] = p]
  /\ UNCHANGED <<opsVars, locks, netList, useCount, workQueue, deferred>>

----------------------------------------------------------------------------
(***************************************************************************)
(* register_pernet_subsys and register_pernet_device.                      *)
(***************************************************************************)

(* The next init, or the unlock when no net is left.                       *)
InRegister(o, k, n) ==
  IF n # NoNet /\ o \in WithInit
  THEN Stand("RegisterInit", k, o, n, NoNet, "")
  ELSE Stand("RegisterUnlock", k, o, NoNet, NoNet, "")

(* [R10] Take net_mutex.  An ops that is registered already is answered    *)
(* under the lock; without namespaces nothing is linked.                   *)
RegisterLock(t, o, k) ==
  /\ Begins(t, RegisterCall(k), o)
  /\ Lock(t, IF Registered(o) THEN AtErr("RegisterUnlock", "EEXIST")
             ELSE IF NetNs THEN Stand("RegisterLink", k, o, NoNet, NoNet, "")
             ELSE InRegister(o, k, FirstNet))
  /\ UNCHANGED <<count, useCount, workQueue>>

(* [R10] The caller gave up before it had net_mutex: nothing has changed.  *)
RegisterLockEINTR(t, o, k) ==
  Cancel /\ Begins(t, RegisterCall(k), o) /\ UNCHANGED vars

(* [R11] The ops was registered: unlock, EEXIST.                           *)
RegisterUnlockEEXIST(t) ==
  /\ At(t, "RegisterUnlock") /\ thread[t].err = "EEXIST"
  /\ Unlock(t, Rest) /\ UNCHANGED opsVars

(* [R12] list_add_tail: before firstDevice, or at the tail.                *)
RegisterLink(t) ==
  /\ At(t, "RegisterLink")
  /\ pernetList' = Linked(thread[t].ops, thread[t].kind)
  /\ kind' = [kind EXCEPT ![thread[t].ops] = thread[t].kind]
  /\ Move(t, InRegister(thread[t].ops, thread[t].kind, FirstNet))
  /\ UNCHANGED <<firstDevice, locks, netVars, workQueue, runVars>>

(* [R13] The init succeeds on this net; on to the next one.                *)
RegisterInit(t) ==
  /\ At(t, "RegisterInit")
  /\ RunInit(t, InRegister(thread[t].ops, thread[t].kind,
                           NextNet(thread[t].net)))

(* [R13] The init fails; any value but zero is a failure here.  Without    *)
(* namespaces there is nothing to undo.                                    *)
AfterRegisterFail(t, e) ==
  IF NetNs
  THEN Stand("RegisterUnlink", "none", thread[t].ops, thread[t].net, NoNet, e)
  ELSE AtErr("RegisterUnlock", e)
RegisterInitFail(t) ==
  /\ At(t, "RegisterInit") /\ thread[t].ops \in Failing
  /\ Step(t, AfterRegisterFail(t, "ENOMEM"))
RegisterInitPositive(t) ==
  /\ At(t, "RegisterInit") /\ thread[t].ops \in Failing /\ Positive
  /\ Step(t, AfterRegisterFail(t, "1"))

(* The next exit of the undo, up to the net that failed; then the unlock.  *)
InRegisterUndo(o, n, failed, e) ==
  IF n # failed /\ o \in WithExit
  THEN Stand("RegisterUndo", "none", o, n, failed, e)
  ELSE AtErr("RegisterUnlock", e)

(* [R14] list_del of the ops, before any of its exits.                     *)
RegisterUnlink(t) ==
  /\ At(t, "RegisterUnlink")
  /\ pernetList' = Without(pernetList, thread[t].ops)
  /\ kind' = [kind EXCEPT ![thread[t].ops] = "none"]
  /\ Move(t, InRegisterUndo(thread[t].ops, FirstNet, thread[t].net,
                            thread[t].err))
  /\ UNCHANGED <<firstDevice, locks, netVars, workQueue, runVars>>

(* [R15] The exit on the next net before the one that failed.              *)
RegisterUndo(t) ==
  /\ At(t, "RegisterUndo")
  /\ RunExit(t, InRegisterUndo(thread[t].ops, NextNet(thread[t].net),
                               thread[t].other, thread[t].err))

(* [R16] Success: the first device moves firstDevice; unlock.  Without     *)
(* namespaces nothing was linked, and kind says from here on what is known.*)
RegisterUnlock(t) ==
  /\ At(t, "RegisterUnlock") /\ ~Failed(thread[t].err)
  /\ firstDevice' = FirstDeviceAfterRegister(thread[t].ops, thread[t].kind)
  /\ kind' = [kind EXCEPT ![thread[t].ops] = thread[t].kind]
  /\ Unlock(t, Rest) /\ UNCHANGED pernetList

(* [R17] Unlock and answer what the init returned.                         *)
RegisterUnlockFail(t) ==
  /\ At(t, "RegisterUnlock") /\ thread[t].err \in {"ENOMEM", "1"}
  /\ Unlock(t, Rest) /\ UNCHANGED opsVars

----------------------------------------------------------------------------
(***************************************************************************)
(* unregister_pernet_subsys and unregister_pernet_device.                  *)
(***************************************************************************)

(* The next exit, or the unlock when no net is left.                       *)
InUnregister(o, n) ==
  IF n # NoNet /\ o \in WithExit
  THEN Stand("UnregisterExit", "none", o, n, NoNet, "")
  ELSE Stand("UnregisterUnlock", "none", o, NoNet, NoNet, "")

(* [R20] Take net_mutex.  Misuse is answered under the lock.               *)
UnregisterLock(t, o, k) ==
  /\ Begins(t, UnregisterCall(k), o)
  /\ Lock(t, IF kind[o] = "none" THEN AtErr("UnregisterUnlock", "ENOENT")
             ELSE IF kind[o] # k THEN AtErr("UnregisterUnlock", "EINVAL")
             ELSE IF NetNs
             THEN Stand("UnregisterUnlink", "none", o, NoNet, NoNet, "")
             ELSE InUnregister(o, FirstNet))
  /\ UNCHANGED <<count, useCount, workQueue>>

(* [R20] The caller gave up before it had net_mutex: nothing has changed.  *)
UnregisterLockEINTR(t, o, k) ==
  Cancel /\ Begins(t, UnregisterCall(k), o) /\ UNCHANGED vars

(* [R21] The ops was not registered, or as the other kind.                 *)
UnregisterUnlockENOENT(t) ==
  /\ At(t, "UnregisterUnlock") /\ thread[t].err = "ENOENT"
  /\ Unlock(t, Rest) /\ UNCHANGED opsVars
UnregisterUnlockEINVAL(t) ==
  /\ At(t, "UnregisterUnlock") /\ thread[t].err = "EINVAL"
  /\ Unlock(t, Rest) /\ UNCHANGED opsVars

(* [R22] firstDevice moves on while the ops is still linked; list_del.     *)
UnregisterUnlink(t) ==
  /\ At(t, "UnregisterUnlink")
  /\ firstDevice' = FirstDeviceAfterUnlink(thread[t].ops)
  /\ pernetList' = Without(pernetList, thread[t].ops)
  /\ kind' = [kind EXCEPT ![thread[t].ops] = "none"]
  /\ Move(t, InUnregister(thread[t].ops, FirstNet))
  /\ UNCHANGED <<locks, netVars, workQueue, runVars>>

(* [R23] The exit on the next net.                                         *)
UnregisterExit(t) ==
  /\ At(t, "UnregisterExit")
  /\ RunExit(t, InUnregister(thread[t].ops, NextNet(thread[t].net)))

(* [R24] Forget the ops and unlock.                                        *)
UnregisterUnlock(t) ==
  /\ At(t, "UnregisterUnlock") /\ ~Failed(thread[t].err)
  /\ kind' = [kind EXCEPT ![thread[t].ops] = "none"]
  /\ Unlock(t, Rest) /\ UNCHANGED <<pernetList, firstDevice>>

----------------------------------------------------------------------------
(***************************************************************************)
(* setup_net, inside copy_net_ns (a thread) or net_ns_init (the worker).   *)
(***************************************************************************)

(* The next init; none left: back in the caller.                           *)
InSetup(t, o, n, m, e) ==
  IF o # NoOps THEN Stand("SetupNetInit", "none", o, n, m, e)
  ELSE IF t = Worker THEN AtErr("NetNsInitRtnlLock", e)
  ELSE InCopy(IF Failed(e) THEN "CopyNetNsUnlockFail"
                           ELSE "CopyNetNsRtnlLock", n, m, e)

(* The next exit of the undo; none left: the barrier.                      *)
InSetupUndo(t, o, e) ==
  Stand(IF o # NoOps THEN "SetupNetUndo" ELSE "SetupNetBarrier",
        "none", o, thread[t].net, thread[t].other, e)

(* [R34] The init of this ops succeeds; the answer so far is forgotten.    *)
SetupNetInit(t) ==
  /\ At(t, "SetupNetInit")
  /\ RunInit(t, InSetup(t, NextToInit(thread[t].ops), thread[t].net,
                        thread[t].other, ""))

(* [R34] It fails: the undo starts at the ops before it.                   *)
SetupNetInitFail(t) ==
  /\ At(t, "SetupNetInit") /\ thread[t].ops \in Failing
  /\ Step(t, InSetupUndo(t, FirstToUndo(thread[t].ops), "ENOMEM"))

(* [R34] It returns a positive value: no failure, but the answer stays, if *)
(* no later init overwrites it.                                            *)
SetupNetInitPositive(t) ==
  /\ At(t, "SetupNetInit") /\ thread[t].ops \in Failing /\ Positive
  /\ RunInit(t, InSetup(t, NextToInit(thread[t].ops), thread[t].net,
                        thread[t].other, "1"))

(* [R35] The exit of the ops before.                                       *)
SetupNetUndo(t) ==
  /\ At(t, "SetupNetUndo")
  /\ RunExit(t, InSetupUndo(t, NextToExit(thread[t].ops), thread[t].err))

(* [R36] rcu_barrier, with net_mutex held: it waits for the deferred       *)
(* callbacks that it finds pending, not for those that come later.         *)
SetupNetBarrier(t) ==
  /\ At(t, "SetupNetBarrier")
  /\ Step(t, [On(t, "SetupNetBarrierEnd") EXCEPT !.waits = Pending])
SetupNetBarrierEnd(t) ==
  /\ At(t, "SetupNetBarrierEnd") /\ thread[t].waits = {}
  /\ Step(t, InSetup(t, NoOps, thread[t].net, thread[t].other, thread[t].err))

----------------------------------------------------------------------------
(***************************************************************************)
(* copy_net_ns.  `other` is the old net.                                   *)
(***************************************************************************)

(* [R30] get_net(old): held until CopyNetNsPut.                            *)
CopyNetNsGet(t, n) ==
  /\ NetNs /\ Begins(t, "CopyGet", n) /\ CanGet(n)
  /\ AddCount(n, 1)
  /\ Move(t, InCopy("CopyNetNsAlloc", NoNet, n, ""))

(* [R30] The old net is unknown or its count is zero.                      *)
CopyNetNsGetENOENT(t, n) ==
  NetNs /\ Begins(t, "CopyGet", n) /\ ~CanGet(n) /\ UNCHANGED vars

(* [R31] Without CLONE_NEWNET: the old net again, with a reference; no     *)
(* reference in a build without namespaces, which refuses CLONE_NEWNET.    *)
CopyNetNsShare(t, n) ==
  /\ Begins(t, "Share", n) /\ CanGet(n)
  /\ AddCount(n, IF NetNs THEN 1 ELSE 0) /\ UNCHANGED thread
CopyNetNsShareENOENT(t, n) ==
  Begins(t, "Share", n) /\ ~CanGet(n) /\ UNCHANGED vars
CopyNetNsEINVAL(t, n) ==
  ~NetNs /\ Begins(t, "CopyGet", n) /\ UNCHANGED vars

(* [R32] net_alloc takes the lowest free slot, zeroed.                     *)
CopyNetNsAlloc(t) ==
  /\ At(t, "CopyNetNsAlloc") /\ NextSlot # NoNet
  /\ SetPhase(NextSlot, "new")
  /\ balance' = [o \in Ops |-> [balance[o] EXCEPT ![NextSlot] = 0]]
  /\ Move(t, InCopy("CopyNetNsLock", NextSlot, thread[t].other, ""))
  /\ UNCHANGED count

(* [R32] No memory: only the reference is given back.                      *)
CopyNetNsAllocFail(t) ==
  /\ At(t, "CopyNetNsAlloc")
  /\ Step(t, InCopy("CopyNetNsPut", NoNet, thread[t].other, "ENOMEM"))

(* [R33] Take net_mutex; setup_net begins with count 1 and no use.         *)
CopyNetNsLock(t) ==
  /\ At(t, "CopyNetNsLock")
  /\ Lock(t, InSetup(t, FirstToInit, thread[t].net, thread[t].other, ""))
  /\ count' = [count EXCEPT ![thread[t].net] = 1]
  /\ useCount' = [useCount EXCEPT ![thread[t].net] = 0]
  /\ UNCHANGED workQueue

(* [R33] The caller gave up before it had net_mutex.                       *)
CopyNetNsLockEINTR(t) ==
  /\ Cancel /\ At(t, "CopyNetNsLock")
  /\ Step(t, [On(t, "CopyNetNsPut") EXCEPT !.err = "EINTR"])

(* [R37] Unlock after a failed set-up.                                     *)
CopyNetNsUnlockFail(t) ==
  /\ At(t, "CopyNetNsUnlockFail")
  /\ Unlock(t, On(t, "CopyNetNsPut")) /\ UNCHANGED opsVars

(* [R38] Take rtnl, inside net_mutex.                                      *)
CopyNetNsRtnlLock(t) ==
  /\ At(t, "CopyNetNsRtnlLock")
  /\ RtnlLock(t, On(t, "CopyNetNsListAdd"))

(* [R39] list_add_tail of the whole net, and rtnl_unlock.  From here on    *)
(* the new net is everybody's.                                             *)
CopyNetNsListAdd(t) ==
  /\ At(t, "CopyNetNsListAdd")
  /\ netList' = Append(netList, thread[t].net)
  /\ phase' = [phase EXCEPT ![thread[t].net] = "listed"]
  /\ RtnlUnlock(t, InCopy("CopyNetNsUnlock", NoNet, thread[t].other, ""))

(* [R40] Unlock.                                                           *)
CopyNetNsUnlock(t) ==
  /\ At(t, "CopyNetNsUnlock")
  /\ Unlock(t, On(t, "CopyNetNsPut")) /\ UNCHANGED opsVars

(* After the reference is given back: a new net that failed is freed.      *)
AfterPut(t) ==
  IF thread[t].net = NoNet THEN Rest
  ELSE InCopy("CopyNetNsFree", thread[t].net, NoNet, thread[t].err)

(* A count of zero, init_net's last reference and a freed net stay as they *)
(* are: another thread has put in this one's place.                        *)
PutLeaves(n) == n = NoNet \/ (n # NoNet /\ (count[n] = 0 \/ LastOfInit(n)))
PutIsLast(n) == count[n] = 1 /\ n # InitNet

(* [R44] put_net(old), and it was not the last reference.                  *)
CopyNetNsPut(t) ==
  /\ At(t, "CopyNetNsPut")
  /\ IF PutLeaves(thread[t].other) THEN Step(t, AfterPut(t))
     ELSE /\ ~PutIsLast(thread[t].other)
          /\ AddCount(thread[t].other, -1) /\ Move(t, AfterPut(t))

(* [R44] put_net(old), and it was the last.                                *)
CopyNetNsPutZero(t) ==
  /\ At(t, "CopyNetNsPut")
  /\ ~PutLeaves(thread[t].other) /\ PutIsLast(thread[t].other)
  /\ AddCount(thread[t].other, -1) /\ Move(t, On(t, "CopyNetNsQueue"))

(* [R45] __put_net of the old net.                                         *)
CopyNetNsQueue(t) ==
  /\ At(t, "CopyNetNsQueue")
  /\ Queue(t, thread[t].other, AfterPut(t))

(* [R46] net_free of the new net that failed; nobody else knew it.         *)
CopyNetNsFree(t) ==
  /\ At(t, "CopyNetNsFree")
  /\ SetPhase(thread[t].net, "free")
  /\ count' = [count EXCEPT ![thread[t].net] = 0]
  /\ Move(t, Rest) /\ UNCHANGED balance

----------------------------------------------------------------------------
(***************************************************************************)
(* get_net, put_net, hold_net, release_net, the reader of the list, and    *)
(* rcu_barrier.  Any thread may put any reference, also one that it did    *)
(* not take.                                                               *)
(***************************************************************************)

(* [R50] get_net, which does not revive.                                   *)
GetNet(t, n) ==
  /\ Begins(t, "Get", n) /\ CanGet(n)
  /\ AddCount(n, 1) /\ UNCHANGED thread
GetNetENOENT(t, n) == Begins(t, "Get", n) /\ ~CanGet(n) /\ UNCHANGED vars

(* [R51] put_net of a reference, but not the last.                         *)
PutNet(t, n) ==
  /\ Begins(t, "Put", n) /\ Known(n) /\ ~PutLeaves(n) /\ ~PutIsLast(n)
  /\ AddCount(n, -1) /\ UNCHANGED thread

(* [R51] put_net of the last reference.                                    *)
PutNetZero(t, n) ==
  /\ Begins(t, "Put", n) /\ Known(n) /\ ~PutLeaves(n) /\ PutIsLast(n)
  /\ AddCount(n, -1) /\ Move(t, AtNet("PutNetQueue", n))

(* [R51] The count is zero, or it is the last reference of init_net.       *)
PutNetEINVAL(t, n) ==
  Begins(t, "Put", n) /\ Known(n) /\ PutLeaves(n) /\ UNCHANGED vars
PutNetENOENT(t, n) == Begins(t, "Put", n) /\ ~Known(n) /\ UNCHANGED vars

(* [R52] __put_net: queue_work.                                            *)
PutNetQueue(t) ==
  /\ At(t, "PutNetQueue")
  /\ Queue(t, thread[t].net, Rest)

(* [R53] hold_net and release_net: the use count, also of a net that waits *)
(* for its cleanup or was kept.                                            *)
HoldNet(t, n) == Begins(t, "Hold", n) /\ Known(n) /\ AddUse(n, 1)
HoldNetENOENT(t, n) == Begins(t, "Hold", n) /\ ~Known(n) /\ UNCHANGED vars
ReleaseNet(t, n) ==
  Begins(t, "Release", n) /\ Known(n) /\ useCount[n] # 0 /\ AddUse(n, -1)
ReleaseNetENOENT(t, n) ==
  Begins(t, "Release", n) /\ ~Known(n) /\ UNCHANGED vars
ReleaseNetEINVAL(t, n) ==
  Begins(t, "Release", n) /\ Known(n) /\ useCount[n] = 0 /\ UNCHANGED vars

(* [R70] for_each_net under rtnl alone.                                    *)
ListNetsLock(t) ==
  /\ Begins(t, "List", NoNet)
  /\ RtnlLock(t, AtErr("ListNetsRead", ""))
ListNetsRead(t) ==
  /\ At(t, "ListNetsRead")
  /\ RtnlUnlock(t, Rest) /\ UNCHANGED <<netList, phase>>

(* [R71] rcu_barrier without a lock, as a module's exit calls it after its *)
(* unregister: it waits for what it finds pending, of all nets.            *)
RcuBarrier(t) ==
  /\ Begins(t, "Barrier", NoNet)
  /\ Step(t, [AtErr("RcuBarrierEnd", "") EXCEPT !.waits = Pending])
RcuBarrierEnd(t) ==
  /\ At(t, "RcuBarrierEnd") /\ thread[t].waits = {}
  /\ Step(t, Rest)

(* [R71] The caller gave up before all of them had run.                    *)
RcuBarrierEndEINTR(t) ==
  Cancel /\ At(t, "RcuBarrierEnd") /\ thread[t].waits # {} /\ Step(t, Rest)

----------------------------------------------------------------------------
(***************************************************************************)
(* cleanup_net, on the worker.                                             *)
(***************************************************************************)

(* The next exit, or the unlock.                                           *)
InCleanup(o, n) ==
  Stand(IF o # NoOps THEN "CleanupNetExit" ELSE "CleanupNetUnlock",
        "none", o, n, NoNet, "")

(* [R60] Take the oldest work and net_mutex.                               *)
CleanupNetLock ==
  /\ At(Worker, "Idle") /\ workQueue # <<>>
  /\ workQueue' = Tail(workQueue)
  /\ Lock(Worker, AtNet("CleanupNetRtnlLock", workQueue[1]))
  /\ UNCHANGED <<count, useCount>>

(* [R61] Take rtnl, inside net_mutex.                                      *)
CleanupNetRtnlLock ==
  /\ At(Worker, "CleanupNetRtnlLock")
  /\ RtnlLock(Worker, On(Worker, "CleanupNetUnlink"))

(* [R62] list_del of the net, and rtnl_unlock.                             *)
CleanupNetUnlink ==
  /\ At(Worker, "CleanupNetUnlink")
  /\ netList' = Without(netList, thread[Worker].net)
  /\ phase' = [phase EXCEPT ![thread[Worker].net] = "dying"]
  /\ RtnlUnlock(Worker, InCleanup(FirstToExit, thread[Worker].net))

(* [R63] The exit of the next ops, last one first.                         *)
CleanupNetExit ==
  /\ At(Worker, "CleanupNetExit")
  /\ RunExit(Worker, InCleanup(NextToExit(thread[Worker].ops),
                               thread[Worker].net))

(* [R64] Unlock.                                                           *)
CleanupNetUnlock ==
  /\ At(Worker, "CleanupNetUnlock")
  /\ Unlock(Worker, On(Worker, "CleanupNetBarrier")) /\ UNCHANGED opsVars

(* [R65] rcu_barrier, without a lock.                                      *)
CleanupNetBarrier ==
  /\ At(Worker, "CleanupNetBarrier")
  /\ Step(Worker, [On(Worker, "CleanupNetBarrierEnd") EXCEPT
                     !.waits = Pending])
CleanupNetBarrierEnd ==
  /\ At(Worker, "CleanupNetBarrierEnd") /\ thread[Worker].waits = {}
  /\ Step(Worker, On(Worker, "CleanupNetFree"))

(* [R66] net_free.  A copy that still counted on this net (somebody put    *)
(* its reference) must not take the slot's next net for it.                *)
CleanupNetFree ==
  /\ At(Worker, "CleanupNetFree") /\ CanFree(thread[Worker].net)
  /\ SetPhase(thread[Worker].net, "free")
  /\ thread' = [t \in Everyone |->
                  IF t = Worker THEN Rest
                  ELSE IF thread[t].other # thread[Worker].net THEN thread[t]
                  ELSE [thread[t] EXCEPT !.other = NoNet]]
  /\ UNCHANGED <<count, balance>>

(* [R66] The net is in use: it is reported and leaked.                     *)
CleanupNetFreeInUse ==
  /\ At(Worker, "CleanupNetFree") /\ ~CanFree(thread[Worker].net)
  /\ SetPhase(thread[Worker].net, "kept")
  /\ Move(Worker, Rest) /\ UNCHANGED <<count, balance>>

----------------------------------------------------------------------------
(* [R80] One pending deferred callback runs.                               *)
DeferredRun(o, n) ==
  /\ <<o, n>> \in deferred
  /\ deferred' = deferred \ {<<o, n>>}
  /\ thread' = [t \in Everyone |->
                  [thread[t] EXCEPT !.waits = @ \ {<<o, n>>}]]
  /\ UNCHANGED <<opsVars, locks, netVars, workQueue, balance>>

----------------------------------------------------------------------------
(***************************************************************************)
(* net_ns_init, on the worker; its set-up is setup_net above.              *)
(***************************************************************************)

(* [R90] Take net_mutex; setup_net begins over what is registered by now.  *)
NetNsInitLock ==
  /\ At(Worker, "NetNsInitLock")
  /\ Lock(Worker, InSetup(Worker, FirstToInit, InitNet, NoNet, ""))
  /\ count' = [count EXCEPT ![InitNet] = 1]
  /\ useCount' = [useCount EXCEPT ![InitNet] = 0]
  /\ UNCHANGED workQueue

(* [R90] init_net is listed, also after a set-up that failed.              *)
NetNsInitRtnlLock ==
  /\ At(Worker, "NetNsInitRtnlLock")
  /\ RtnlLock(Worker, On(Worker, "NetNsInitListAdd"))
NetNsInitListAdd ==
  /\ At(Worker, "NetNsInitListAdd")
  /\ netList' = Append(netList, InitNet)
  /\ phase' = [phase EXCEPT ![InitNet] = "listed"]
  /\ RtnlUnlock(Worker, On(Worker, "NetNsInitUnlock"))
NetNsInitUnlock ==
  /\ At(Worker, "NetNsInitUnlock")
  /\ Unlock(Worker, IF Doomed THEN On(Worker, "NetNsInitPanic") ELSE Rest)
  /\ UNCHANGED opsVars

(* [R90] panic: the last step there is, for ever.                          *)
NetNsInitPanic == At(Worker, "NetNsInitPanic") /\ UNCHANGED vars

----------------------------------------------------------------------------
(* A client begins a call.                                                 *)
Begin(t) ==
  \/ \E o \in Ops, k \in Kinds :
       \/ RegisterLock(t, o, k) \/ RegisterLockEINTR(t, o, k)
       \/ UnregisterLock(t, o, k) \/ UnregisterLockEINTR(t, o, k)
  \/ \E n \in Nets :
       \/ CopyNetNsGet(t, n) \/ CopyNetNsGetENOENT(t, n)
       \/ CopyNetNsShare(t, n) \/ CopyNetNsShareENOENT(t, n)
       \/ CopyNetNsEINVAL(t, n) \/ GetNet(t, n) \/ GetNetENOENT(t, n)
       \/ PutNet(t, n) \/ PutNetZero(t, n)
       \/ PutNetEINVAL(t, n) \/ PutNetENOENT(t, n)
       \/ HoldNet(t, n) \/ HoldNetENOENT(t, n)
       \/ ReleaseNet(t, n) \/ ReleaseNetENOENT(t, n) \/ ReleaseNetEINVAL(t, n)
  \/ ListNetsLock(t) \/ RcuBarrier(t)

(* A step inside a call for which the thread must have a lock.             *)
TakeNetMutex(t) == CopyNetNsLock(t)
TakeRtnl(t)     == CopyNetNsRtnlLock(t)

(* Any other step inside a call.                                           *)
Continue(t) ==
  \/ RegisterUnlockEEXIST(t) \/ RegisterLink(t) \/ RegisterInit(t)
  \/ RegisterInitFail(t) \/ RegisterInitPositive(t) \/ RegisterUnlink(t)
  \/ RegisterUndo(t) \/ RegisterUnlock(t) \/ RegisterUnlockFail(t)
  \/ UnregisterUnlockENOENT(t) \/ UnregisterUnlockEINVAL(t)
  \/ UnregisterUnlink(t) \/ UnregisterExit(t) \/ UnregisterUnlock(t)
  \/ CopyNetNsAlloc(t) \/ CopyNetNsAllocFail(t) \/ CopyNetNsLockEINTR(t)
  \/ CopyNetNsUnlockFail(t) \/ CopyNetNsListAdd(t) \/ CopyNetNsUnlock(t)
  \/ CopyNetNsPut(t) \/ CopyNetNsPutZero(t) \/ CopyNetNsQueue(t)
  \/ CopyNetNsFree(t) \/ PutNetQueue(t) \/ ListNetsRead(t)
  \/ RcuBarrierEnd(t) \/ RcuBarrierEndEINTR(t)

(* A step of setup_net, by whoever is in it.                               *)
SetupNet(t) ==
  \/ SetupNetInit(t) \/ SetupNetInitFail(t) \/ SetupNetInitPositive(t)
  \/ SetupNetUndo(t) \/ SetupNetBarrier(t) \/ SetupNetBarrierEnd(t)

(* The worker: its two locks, and the rest.                                *)
WorkerTakesNetMutex == CleanupNetLock \/ NetNsInitLock
WorkerTakesRtnl     == CleanupNetRtnlLock \/ NetNsInitRtnlLock
WorkerContinues ==
  \/ CleanupNetUnlink \/ CleanupNetExit \/ CleanupNetUnlock
  \/ CleanupNetBarrier \/ CleanupNetBarrierEnd
  \/ CleanupNetFree \/ CleanupNetFreeInUse
  \/ NetNsInitListAdd \/ NetNsInitUnlock \/ NetNsInitPanic

Next ==
  \/ \E t \in Threads :
       Begin(t) \/ TakeNetMutex(t) \/ TakeRtnl(t) \/ Continue(t)
  \/ \E t \in Everyone : SetupNet(t)
  \/ WorkerTakesNetMutex \/ WorkerTakesRtnl \/ WorkerContinues
  \/ \E o \in Ops, n \in Nets : DeferredRun(o, n)

Spec == Init /\ [][Next]_vars

(***************************************************************************)
(* Fairness under which every call that has begun returns, and every net   *)
(* that is put down is freed.  A register, an unregister and a read of the *)
(* list begin with their lock in hand, so that they get it at all is not   *)
(* claimed here; Go's net_mutex serves first come first, which its own     *)
(* tests show.  Nothing is owed to an idle client.                         *)
(*  - Weak on what does not wait: a thread inside a call, a set-up and the *)
(*    worker go on, and each deferred callback runs some day.  It is asked *)
(*    of each callback, for a barrier waits for the ones it found pending  *)
(*    while others may be queued for ever.                                 *)
(*  - Strong on the two locks: others may take a lock again and again, so  *)
(*    that it is free infinitely often but never for good.  A lock that    *)
(*    serves first come first owes as much; the C's mutexes do not say so, *)
(*    nor does the sync.Mutex that is rtnl in Go.                          *)
(* A seeded fault weakens each part, and a claim refuses it; the           *)
(* MCnetnsProbe cfgs show that no part asks for more.                      *)
(***************************************************************************)
FairCalls          == \A t \in Threads : WF_vars(Continue(t))
FairNetMutex       == \A t \in Threads : SF_vars(TakeNetMutex(t))
FairRtnl           == \A t \in Threads : SF_vars(TakeRtnl(t))
FairSetup          == \A t \in Everyone : WF_vars(SetupNet(t))
FairWorker         == WF_vars(WorkerContinues)
FairWorkerNetMutex == SF_vars(WorkerTakesNetMutex)
FairWorkerRtnl     == SF_vars(WorkerTakesRtnl)
FairDeferred       == \A o \in Ops, n \in Nets : WF_vars(DeferredRun(o, n))
Fairness == /\ FairCalls /\ FairNetMutex /\ FairRtnl /\ FairSetup
            /\ FairWorker /\ FairWorkerNetMutex /\ FairWorkerRtnl
            /\ FairDeferred
FairSpec == Spec /\ Fairness

----------------------------------------------------------------------------
(***************************************************************************)
(* What must hold in every state.                                          *)
(***************************************************************************)

(* Nothing is linked, listed or queued twice.                              *)
ListsHaveNoDoubles ==
  \A s \in {pernetList, netList, workQueue} : Cardinality(Range(s)) = Len(s)

(* No device stands before a subsystem.                                    *)
SubsysBeforeDevices ==
  \A i, j \in DOMAIN pernetList :
    i < j => ~ /\ kind[pernetList[i]] = "device"
               /\ kind[pernetList[j]] = "subsys"

(* firstDevice is the first device, or the list head if there is none.     *)
FirstDeviceExact ==
  LET devices == {o \in Ops : kind[o] = "device"}
  IN  Free(netMutex) => firstDevice = First(pernetList, devices, ListHead)

(* Linked is what is registered; nothing, without namespaces.              *)
KindMatchesList ==
  Free(netMutex) =>
    Range(pernetList) = IF NetNs THEN {o \in Ops : Registered(o)} ELSE {}

(* Inits and exits alternate, and are even but for registered ops on       *)
(* listed nets.                                                            *)
InitExitBalance ==
  /\ \A o \in WithBoth, n \in Nets : balance[o][n] \in {0, 1}
  /\ Free(netMutex) /\ ~Doomed =>
       \A o \in WithBoth, n \in Nets :
         balance[o][n] =
           IF Registered(o) /\ n \in Range(netList) THEN 1 ELSE 0

(* What an undo still has to undo is what it has before it, no more and no *)
(* less; at its end nothing is left.                                       *)
UndoIsExact ==
  /\ \A t \in Everyone :
       At(t, "RegisterUndo") /\ thread[t].ops \in WithBoth =>
         \A i \in DOMAIN netList :
           balance[thread[t].ops][netList[i]] =
             IF /\ i >= Place(netList, thread[t].net)
                /\ i < Place(netList, thread[t].other) THEN 1 ELSE 0
  /\ \A t \in Everyone :
       At(t, "RegisterUnlock") /\ Failed(thread[t].err) =>
         \A o \in Ops \ Range(pernetList), n \in Nets :
           NetNs => balance[o][n] = 0
  /\ \A t \in Everyone :
       \/ thread[t].at \in {"SetupNetBarrier", "SetupNetBarrierEnd",
                            "CopyNetNsUnlockFail"}
       \/ At(t, "NetNsInitRtnlLock") /\ Doomed
       => \A o \in Ops :
            balance[o][IF t = Worker THEN InitNet ELSE thread[t].net] = 0

(* In the undo of a set-up and in a cleanup the ops that still have their  *)
(* exit to come are the one at hand and those before it in the list: the   *)
(* exits reverse the inits, as far as the list keeps the order of inits.   *)
ExitReversesInit ==
  \A t \in Everyone :
    thread[t].at \in {"SetupNetUndo", "CleanupNetExit"} =>
      \A i \in DOMAIN pernetList :
        pernetList[i] \in WithBoth =>
          balance[pernetList[i]][thread[t].net] =
            IF i <= Place(pernetList, thread[t].ops) THEN 1 ELSE 0

(* Some thread is still at the inits of this ops, or about to unlink it.   *)
Coming(o) ==
  \E t \in Threads : /\ thread[t].ops = o
                     /\ At(t, "RegisterInit") \/ At(t, "RegisterUnlink")

(* A net on the list has had the init of every linked ops that is not just *)
(* coming, and not its exit; a net that is being set up or taken down is   *)
(* not on the list.                                                        *)
ListedOnlyWhenWhole ==
  /\ Range(netList) = {n \in Nets : phase[n] = "listed"}
  /\ ~Doomed =>
       \A n \in Range(netList), o \in Range(pernetList) \cap WithBoth :
         ~Coming(o) => balance[o][n] = 1

(* Whatever is still to be done to a net is done before it is freed.       *)
NothingRunsOnFreed ==
  \A n \in Nets : phase[n] = "free" =>
    /\ \A p \in deferred : p[2] # n
    /\ \A t \in Everyone : thread[t].net # n /\ thread[t].other # n
    /\ n \notin Range(netList) \cup Range(workQueue)

(* A net that is freed is not referred to, not in use and not set up.      *)
FreedIsUnused ==
  \A n \in Nets : phase[n] = "free" =>
    count[n] = 0 /\ useCount[n] = 0 /\ \A o \in Ops : balance[o][n] = 0

(* A net in its set-up is in the hand of a thread, which lists or frees it.*)
NewIsOwned ==
  \A n \in Nets : phase[n] = "new" =>
    \/ \E t \in Everyone : thread[t].net = n
    \/ /\ n = InitNet
       /\ thread[Worker].at \in {"NetNsInitLock", "NetNsInitRtnlLock",
                                 "NetNsInitListAdd"}

(* A net whose count is zero is on its way through one cleanup, and no     *)
(* other net is.                                                           *)
Cleanups(n) ==
  Cardinality({i \in DOMAIN workQueue : workQueue[i] = n})
  + Cardinality({t \in Threads :
                   \/ At(t, "PutNetQueue") /\ thread[t].net = n
                   \/ At(t, "CopyNetNsQueue") /\ thread[t].other = n})
  + IF thread[Worker].net = n /\ phase[n] # "new" THEN 1 ELSE 0
QueuedOnce ==
  \A n \in Nets :
    Cleanups(n) = IF \/ phase[n] = "listed" /\ count[n] = 0
                     \/ phase[n] = "dying" THEN 1 ELSE 0

(* init_net is never without its own reference, once it is there.          *)
InitNetStays ==
  \/ phase[InitNet] = "listed" /\ count[InitNet] >= 1
  \/ phase[InitNet] = "new" /\ Boot

(* A lock is owned by the one thread that stands inside it, or by nobody.  *)
NetMutexWhereHeld ==
  \A t \in Everyone : netMutex = t <=> thread[t].at \in InNetMutex
RtnlWhereHeld ==
  \A t \in Everyone : rtnl = t <=> thread[t].at \in InRtnl

(* rtnl is taken inside net_mutex, or alone by a reader, who takes nothing *)
(* more; nobody waits for net_mutex with rtnl in hand.                     *)
LocksInOrder ==
  ~Free(rtnl) => /\ netMutex = rtnl \/ At(rtnl, "ListNetsRead")
                 /\ thread[rtnl].at \notin WaitsForNetMutex

(* Nobody waits for a lock that is its own.                                *)
NoSelfWait ==
  \A t \in Everyone :
    /\ thread[t].at \in WaitsForNetMutex => netMutex # t
    /\ thread[t].at \in WaitsForRtnl => rtnl # t

(* A barrier waits for callbacks that are pending, and only while it lasts.*)
BarrierWaitsForPending ==
  \A t \in Everyone :
    thread[t].waits \subseteq
      IF thread[t].at \in InBarrier THEN deferred ELSE {}

(***************************************************************************)
(* What must hold of every step.                                           *)
(***************************************************************************)

(* A count that is zero rises in a set-up alone.                           *)
NoRiseFromZero ==
  \A n \in Nets : count[n] = 0 /\ count'[n] > 0 => phase[n] = "new"
NoRiseFromZeroProp == [][NoRiseFromZero]_vars

(* A barrier that begins waits for all that is pending then.               *)
BarrierTakesAll ==
  \A t \in Everyone :
    thread[t].at \notin InBarrier /\ thread'[t].at \in InBarrier =>
      thread'[t].waits = deferred
BarrierTakesAllProp == [][BarrierTakesAll]_vars

(* A callback that a barrier waits for is waited for until it has run.     *)
BarrierOutlasts ==
  \A t \in Everyone :
    \A p \in thread[t].waits : p \in thread'[t].waits \/ p \notin deferred'
BarrierOutlastsProp == [][BarrierOutlasts]_vars

(* A net that was kept is kept for ever; only one in use is kept.          *)
KeptStays ==
  \A n \in Nets :
    /\ phase[n] = "kept" => phase'[n] = "kept"
    /\ phase[n] # "kept" /\ phase'[n] = "kept" => useCount[n] > 0
KeptStaysProp == [][KeptStays]_vars

(***************************************************************************)
(* What must come, under FairSpec.                                         *)
(***************************************************************************)
CallReturnsProp ==
  \A t \in Threads : ~At(t, "Idle") ~> At(t, "Idle")
PutIsFreedProp ==
  \A n \in Nets : phase[n] = "listed" /\ count[n] = 0
                    ~> phase[n] \in {"free", "kept"}

(***************************************************************************)
(* What FairSpec does not promise: each of these is violated by the        *)
(* MCnetnsProbe cfg of its name, or the fairness asks for too much.        *)
(***************************************************************************)

(* Somebody calls something.                                               *)
ProbeBeginsProp == <>~Init

(* What was taken is given back, by a client that need not call again.     *)
ProbeGivesBackProp ==
  \/ \A o \in Ops : Registered(o) ~> ~Registered(o)
  \/ \A n \in Nets \ {InitNet} : phase[n] = "listed" ~> count[n] = 0
  \/ \A n \in Nets : useCount[n] > 0 ~> useCount[n] = 0

(* What is tried for ever works some day: a register and an allocation, a  *)
(* set-up.                                                                 *)
ProbeWorksProp ==
  \/ \A t \in Threads : []<>At(t, "RegisterInit")
                  => <>(At(t, "RegisterUnlock") /\ ~Failed(thread[t].err))
  \/ \A t \in Threads : []<>At(t, "CopyNetNsAlloc")
                          => <>At(t, "CopyNetNsLock")
ProbeSetupWorksProp ==
  \A t \in Threads : []<>At(t, "SetupNetInit") => <>At(t, "CopyNetNsListAdd")

(* What is tried for ever fails some day.                                  *)
ProbeFailsProp ==
  \/ \A t \in Threads : []<>At(t, "SetupNetInit") => <>At(t, "SetupNetBarrier")
  \/ \A t \in Threads : []<>At(t, "RegisterInit") => <>At(t, "RegisterUnlink")

THEOREM Spec => [](TypeOK /\ ListsHaveNoDoubles /\ SubsysBeforeDevices
                   /\ FirstDeviceExact /\ KindMatchesList /\ LocksInOrder
                   /\ NetMutexWhereHeld /\ RtnlWhereHeld /\ NoSelfWait
                   /\ NothingRunsOnFreed /\ NewIsOwned /\ QueuedOnce
                   /\ InitNetStays /\ BarrierWaitsForPending)
THEOREM Spec => [](ListedOnlyWhenWhole /\ ExitReversesInit)
THEOREM Spec /\ ~Positive => [](InitExitBalance /\ UndoIsExact
                               /\ FreedIsUnused)
THEOREM Spec => NoRiseFromZeroProp /\ KeptStaysProp /\ BarrierTakesAllProp
THEOREM Spec /\ ~Cancel => BarrierOutlastsProp
THEOREM FairSpec /\ ~Boot => CallReturnsProp /\ PutIsFreedProp
=============================================================================
