\* SPDX-License-Identifier: MIT
----------------------------- MODULE netns_rwsem -----------------------------
(***************************************************************************)
(* WHAT   How the pernet registry works since Linux 4.17: set-ups and      *)
(*        cleanups run in parallel under pernet_ops_rwsem read, registers  *)
(*        and unregisters alone under it written, dead nets go in batches, *)
(*        and one walk undoes for all callers.                             *)
(* SOURCE net/core/net_namespace.c at 434efd3d0cdd (net-next, April 2025). *)
(*        Since: 4.17 pernet_ops_rwsem, net_rwsem, the killable read,      *)
(*        cleanup_list; 5.x pre_exit and a grace period in each undo; 6.x  *)
(*        counts set before the lock; 6.13 the memory freed one round      *)
(*        later; 6.16 ops_undo_list and exit_rtnl.  Later trees move code  *)
(*        but no lock.  Without namespaces the rule is that of             *)
(*        f0cc3777b2db and of kernels before fed176bf3143: ops are linked  *)
(*        at boot only; at 434efd3d0cdd always (fault K13).  Row ids [Wnn] *)
(*        point into docs/correspondence.md.                               *)
(* GRAIN  One action is one callback, one lock operation, one change of a  *)
(*        list, the begin or the end of a wait.  A lock is asked for in    *)
(*        one step; the first step inside it is enabled when the queue     *)
(*        grants it.  A section of net_rwsem that writes is one step, so   *)
(*        is one of nsid_lock.  A walk under RCU is one net that it finds: *)
(*        any net listed at its begin, until its end.  `at` names the step *)
(*        that comes next.                                                 *)
(* ACTORS Threads: clients, each in at most one call.  Worker: the one     *)
(*        thread of the workqueue, which runs net_ns_init first if Boot,   *)
(*        then one round of cleanup_net after the other.  Deferred         *)
(*        callbacks (call_rcu) run at any time, under no lock.             *)
(* LEFT   User namespaces, ref trackers, net_cookie, sysfs, netlink, the   *)
(* OUT    namespace tree, the expedited grace period: none of them takes   *)
(*        one of these locks or orders callbacks; hides their own faults.  *)
(*        Callbacks, except that they ask for the lock again (Nesting) and *)
(*        defer (Deferring); an init that puts its own net: can hide a     *)
(*        defect.  A register that fails on its first net: in the kernel   *)
(*        exit_batch then runs for no net, and rtnl is taken; hides an     *)
(*        exit_batch that cannot do that.  The old array of slots, which   *)
(*        the kernel keeps for its readers: hides a use of it after its    *)
(*        free.  Sections of nsid_lock are single steps: hides what would  *)
(*        sleep inside one.                                                *)
(*        The queue of net_rwsem: here a writer also waits for readers that*)
(*        come later; errs towards false alarms of liveness, so FairSpec is*)
(*        strong there.  Deferred callbacks wait for no reader: errs       *)
(*        towards false alarms.  The copy itself holds the old net, as in  *)
(*        2009; in the kernel the caller's reference does; allows more.    *)
(* CHECKS The claims at the end, each violated by a row of faults.tsv.     *)
(*        NOT claimed: SlotValid with Positive, where the exit of an init  *)
(*        that returned a positive value runs without a slot (hazard H1);  *)
(*        that all callbacks of a chain are over when unregister returns,  *)
(*        or find the array of slots of their net, which goes with the     *)
(*        passive count, before the net's memory;                          *)
(*        that the nets of the last round are freed if no round follows.   *)
(*        One divergence: a round takes the list of what it frees before   *)
(*        its barrier, the kernel after it (hazard H11).                   *)
(* ABOVE  registry.tla with Modern, by the mapping in                      *)
(*        netns_rwsem_answers.tla.                                         *)
(* RUN    make tlc ONLY=MCnetns_rwsem                                      *)
(***************************************************************************)
EXTENDS Integers, Sequences, FiniteSets

CONSTANTS
  Ops,        \* pernet_operations that clients may register
  Slots,      \* sequence of the nets that can be: lowest first, init_net is 1
  Threads,    \* clients
  Worker,     \* the worker of the workqueue
  Nobody,     \* owner of a free rtnl
  ListHead,   \* firstDevice when there is no device: the list head
  NoOps,      \* no ops at hand
  NoNet,      \* no net at hand
  NoInit,     \* ops without an init
  NoExit,     \* ops without an exit
  WithPreExit, WithExitRtnl, WithExitBatch,  \* ops that have these
  WithId,     \* ops with an id and a size
  Malformed,  \* ops with an id and no size, or a size and no id
  Deferring,  \* ops whose exit queues a deferred callback
  Levels,     \* how often that callback queues the next one, 1: never
  Failing,    \* ops whose init, or the allocation before it, may fail
  Nesting,    \* ops whose callbacks call the registry
  Positive,   \* BOOLEAN: an init of Failing may also return a positive value
  Cancel,     \* BOOLEAN: a copy that waits for the lock may be killed
  Quota,      \* BOOLEAN: a copy may be refused by inc_net_namespaces
  NsIds,      \* BOOLEAN: clients use the tables of ids of peers
  NetNs,      \* BOOLEAN: CONFIG_NET_NS
  Boot        \* BOOLEAN: start before net_ns_init

VARIABLES
  pernetList,  \* [W01] pernet_list
  firstDevice, \* [W02] first_device
  kind,        \* as what an ops is registered; beyond C
  initNetUp,   \* [W03] init_net_initialized
  rwsem,       \* [W04] pernet_ops_rwsem: entries <<thread, "R" or "W">> of
               \* those that hold it and, behind them, those that wait
  netRwsem,    \* [W05] net_rwsem: the threads that read under it
  rtnl,        \* [W06] owner of rtnl_mutex
  netList,     \* [W07] net_namespace_list
  phase,       \* life of a net: free, new (in set-up), listed, dying (off
               \* the list), kept (cleaned up, still held), dead (to be freed)
  count,       \* [W08] net->ns.count
  passive,     \* [W09] net->passive
  cleanupList, \* [W10] cleanup_list, newest first
  work,        \* [W11] net_cleanup_work is queued
  deferFree,   \* [W12] defer_free_list
  deferred,    \* [W13] pending call_rcu: <<ops, net, level>>
  ids,         \* [W14] the id of an ops, 0 for none
  maxGenPtrs,  \* [W15] max_gen_ptrs
  gen,         \* [W16] net->gen: in each slot the ops whose data it points to
  genLen,      \* [W16] its recorded length
  data,        \* the data that is allocated: pairs <<ops, net>>
  nsids,       \* [W17] net->netns_ids: the peers that have an id in a net
  balance,     \* inits minus exits, for ops that have both; no counterpart
  log,         \* callbacks and grace period of the call under way; the same
  thread       \* where each thread stands, and its live locals

opsVars  == <<pernetList, firstDevice, kind, initNetUp>>
locks    == <<rwsem, netRwsem, rtnl>>
netVars  == <<netList, phase, count, passive>>
workVars == <<cleanupList, work, deferFree>>
slotVars == <<ids, maxGenPtrs, gen, genLen, data>>
runVars  == <<deferred, balance, log>>
vars     == <<opsVars, locks, netVars, workVars, slotVars, nsids, runVars,
              thread>>

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
Cleaners == {Worker}                       \* who runs the work item
Kinds    == {"subsys", "device"}
Errors   == {"", "1", "ENOMEM", "EINTR", "ENOSPC"}
WithInit == Ops \ NoInit
WithExit == Ops \ NoExit
WithBoth == WithInit \cap WithExit
Pairs    == Ops \X Nets
Callbacks == Ops \X Nets \X (1 .. Levels)

Failed(e)     == e # ""
Registered(o) == kind[o] # "none"
Known(n)      == phase[n] \in {"listed", "dying", "kept"}
CanGet(n)     == Known(n) /\ count[n] # 0      \* a zero does not rise again
LastOfInit(n) == n = InitNet /\ count[n] = 1   \* nobody may put this one
NextSlot      == First(Slots, {n \in Nets : phase[n] = "free"}, NoNet)
MinId(S)      == CHOOSE i \in S : \A j \in S : i <= j
NewId         == MinId({i \in 1 .. Cardinality(Ops) :
                          \A o \in Ops : ids[o] # i})

(* A link: a subsystem goes before firstDevice, a device to the tail.      *)
Linked(o, k) ==
  IF k = "device" \/ firstDevice = ListHead THEN Append(pernetList, o)
  ELSE Before(pernetList, firstDevice) \o <<o, firstDevice>>
         \o After(pernetList, firstDevice)
Links == NetNs \/ ~initNetUp               \* without namespaces: at boot only
FirstDeviceAfterRegister(o, k) ==
  IF o \in Range(pernetList) /\ k = "device" /\ firstDevice = ListHead THEN o
  ELSE firstDevice
FirstDeviceAfterUnlink(o) ==
  IF firstDevice # o THEN firstDevice
  ELSE First(After(pernetList, o), Ops, ListHead)

(* The walk of inits, of one net over the ops or of one ops over the nets. *)
FirstToInit   == First(pernetList, WithInit \cup WithId, NoOps)
NextToInit(o) == First(After(pernetList, o), WithInit \cup WithId, NoOps)
FirstNet      == First(netList, Nets, NoNet)
NextNet(n)    == First(After(netList, n), Nets, NoNet)
ExitOrder     == Reverse(pernetList)
ToUndo(o)     == After(ExitOrder, o)       \* of a set-up that failed at o

(* Which calls the clients make, of ops or net x; an instance's bounds.    *)
MayCall(t, what, x) == TRUE
RegisterCall(k)   == IF k = "subsys" THEN "RegisterSubsys"
                                     ELSE "RegisterDevice"
UnregisterCall(k) == IF k = "subsys" THEN "UnregisterSubsys"
                                     ELSE "UnregisterDevice"

----------------------------------------------------------------------------
(* A thread stands before the step named by `at`; its other fields are the *)
(* locals that this step or a later one reads, and nothing else: the call  *)
(* that walks; the kind of a register; ops and net at hand; the other net, *)
(* of a copy the old one, of UnhashNsid the last one; the error to return; *)
(* the callbacks that a barrier waits for, and the readers that a grace    *)
(* period does; and, of a walk that undoes, the ops in its order and the   *)
(* nets in theirs, which in a cleanup are the batch.                       *)
Rest == [at |-> "Idle", call |-> "none", kind |-> "none", ops |-> NoOps,
         net |-> NoNet, other |-> NoNet, err |-> "", waits |-> {},
         readers |-> {}, undo |-> <<>>, nets |-> <<>>]
At(t, at)        == thread[t].at = at
On(t, at)        == [thread[t] EXCEPT !.at = at]     \* same locals, next step
StandAt(at)      == [Rest EXCEPT !.at = at]
AtNet(at, n)     == [Rest EXCEPT !.at = at, !.net = n]
InCopy(at, n, m, e) == [Rest EXCEPT !.at = at, !.call = "setup", !.net = n,
                                    !.other = m, !.err = e]

Doomed == At(Worker, "NetNsInitPanic")     \* after that no call begins
Begins(t, what, x) == At(t, "Idle") /\ ~Doomed /\ MayCall(t, what, x)

(* A thread at one of these has asked for the lock, and may be waiting.    *)
AsksForWrite == {"RegisterLink", "UnregisterUnlink", "NetNsBarrierEnd"}
AsksForRead  == {"SetupNetBegin", "CleanupNetUnlink"}
(* A thread at one of these has the lock.                                  *)
Walking ==
  {"OpsUndoListPreExit", "OpsUndoListGrace", "OpsUndoListGraceEnd",
   "OpsUndoListRtnlLock", "OpsUndoListExitRtnl", "OpsUndoListRtnlUnlock",
   "OpsUndoListExit", "OpsUndoListExitBatch", "OpsUndoListFree"}
InRegister   == {"RegisterInit", "RegisterUnlock", "UnregisterUnlock"}
InSetup      == {"SetupNetInit", "SetupNetListAdd", "CopyNetNsUnlock",
                 "NetNsInitUnlock", "NetNsInitPanic"}
InCleanup    == {"UnhashNsid", "CleanupNetUnlock"}
Barriers     == {"RcuBarrier", "RcuBarrierEnd"}
Inside(t) ==
  \/ thread[t].at \in InRegister \cup InSetup \cup InCleanup \cup Walking
  \/ At(t, "OpsInitAssign")
  \/ thread[t].at \in Barriers
       /\ thread[t].call \in {"register", "unregister", "setup"}
Asked(t) == thread[t].at \in AsksForWrite \cup AsksForRead
InRound(t) == thread[t].call = "cleanup"
InRcu    == {"MaybeGetNet"}                \* inside rcu_read_lock
InRtnl   == {"OpsUndoListExitRtnl", "OpsUndoListRtnlUnlock"}
Runs     == {"RegisterInit", "SetupNetInit", "OpsUndoListPreExit",
             "OpsUndoListExitRtnl", "OpsUndoListExit", "OpsUndoListExitBatch"}
Points   ==
  AsksForWrite \cup AsksForRead \cup Walking \cup InRegister \cup InSetup
  \cup InCleanup \cup Barriers \cup InRcu \cup
  {"Idle", "OpsInitAssign", "CopyNetNsAlloc", "CopyNetNsLock",
   "CopyNetNsPut", "CopyNetNsQueue", "CopyNetNsFree", "PutNetQueue",
   "ReleaseNetFree", "ListNetsLock", "ListNetsRead", "Peernet2idPut",
   "CleanupNetLock", "CleanupNetBarrier", "NetCompleteFree", "CleanupNetPut", "NetNsInit",
   "NetNsInitLock"}

TypeOK ==
  /\ pernetList \in Seq(Ops) /\ firstDevice \in Ops \cup {ListHead}
  /\ kind \in [Ops -> Kinds \cup {"none"}] /\ initNetUp \in BOOLEAN
  /\ rwsem \in Seq(Everyone \X {"R", "W"}) /\ netRwsem \subseteq Threads
  /\ rtnl \in Everyone \cup {Nobody}
  /\ netList \in Seq(Nets) /\ cleanupList \in Seq(Nets) /\ work \in BOOLEAN
  /\ phase \in [Nets -> {"free", "new", "listed", "dying", "kept", "dead"}]
  /\ count \in [Nets -> Nat] /\ passive \in [Nets -> Nat]
  /\ deferFree \subseteq Nets /\ deferred \subseteq Callbacks
  /\ ids \in [Ops -> Nat] /\ maxGenPtrs \in Nat /\ genLen \in [Nets -> Nat]
  /\ gen \in [Nets -> Seq(Ops \cup {NoOps})] /\ data \subseteq Pairs
  /\ nsids \in [Nets -> SUBSET Nets]
  /\ balance \in [Ops -> [Nets -> Int]]
  /\ \A t \in Everyone :
       LET r == thread[t] IN
       /\ DOMAIN r = DOMAIN Rest
       /\ r.at \in Points /\ r.kind \in Kinds \cup {"none"}
       /\ r.call \in {"none", "register", "unregister", "setup", "cleanup",
                      "barrier"}
       /\ r.ops \in Ops \cup {NoOps} /\ r.err \in Errors
       /\ r.net \in Nets \cup {NoNet} /\ r.other \in Nets \cup {NoNet}
       /\ r.waits \subseteq Callbacks /\ r.readers \subseteq Threads
       /\ r.undo \in Seq(Ops) /\ r.nets \in Seq(Nets)

Init ==
  /\ pernetList = <<>> /\ firstDevice = ListHead
  /\ kind = [o \in Ops |-> "none"] /\ initNetUp = ~Boot
  /\ rwsem = <<>> /\ netRwsem = {} /\ rtnl = Nobody
  /\ netList = IF Boot THEN <<>> ELSE <<InitNet>>
  /\ phase = [n \in Nets |-> IF n # InitNet THEN "free"
                             ELSE IF Boot THEN "new" ELSE "listed"]
  /\ count = [n \in Nets |-> IF n = InitNet /\ ~Boot THEN 1 ELSE 0]
  /\ passive = [n \in Nets |-> IF n = InitNet THEN 1 ELSE 0]
  /\ cleanupList = <<>> /\ work = FALSE /\ deferFree = {}
  /\ ids = [o \in Ops |-> 0] /\ maxGenPtrs = 0
  /\ gen = [n \in Nets |-> <<>>] /\ genLen = [n \in Nets |-> 0]
  /\ data = {} /\ nsids = [n \in Nets |-> {}]
  /\ deferred = {} /\ balance = [o \in Ops |-> [n \in Nets |-> 0]]
  /\ log = [t \in Everyone |-> <<>>]
  /\ thread = [t \in Everyone |-> IF Boot /\ t = Worker
                                  THEN StandAt("NetNsInit") ELSE Rest]

----------------------------------------------------------------------------
(***************************************************************************)
(* pernet_ops_rwsem: first come, first served.  The readers at the head of *)
(* the queue have it, or the writer that is the head: a writer that waits  *)
(* bars the readers behind it.                                             *)
(***************************************************************************)
InQueue(t) == {i \in DOMAIN rwsem : rwsem[i][1] = t}
Granted(t) ==
  \E i \in InQueue(t) :
    IF rwsem[i][2] = "W" THEN i = 1
    ELSE \A j \in 1 .. i : rwsem[j][2] = "R"

Move(t, where) == thread' = [thread EXCEPT ![t] = where]
Step(t, where) ==                          \* t goes on, nothing else
  /\ Move(t, where)
  /\ UNCHANGED <<opsVars, locks, netVars, workVars, slotVars, nsids, runVars>>
Ask(t, mode, where) ==
  /\ rwsem' = Append(rwsem, <<t, mode>>) /\ Move(t, where)
  /\ UNCHANGED <<opsVars, netRwsem, rtnl, netVars, workVars, slotVars, nsids,
                 runVars>>
LeaveQueue(t) == rwsem' = SelectSeq(rwsem, LAMBDA e : e[1] # t)
Release(t, where) ==                       \* but opsVars, ids
  /\ LeaveQueue(t) /\ Move(t, where)
  /\ log' = [log EXCEPT ![t] = <<>>]
  /\ UNCHANGED <<netRwsem, rtnl, netVars, workVars, maxGenPtrs, gen, genLen,
                 data, nsids, deferred, balance>>
ReadMode == "R"                            \* how set-up and cleanup ask

AddCount(n, k) ==                          \* but thread
  /\ count' = [count EXCEPT ![n] = @ + k]
  /\ UNCHANGED <<opsVars, locks, netList, phase, passive, workVars, slotVars,
                 nsids, runVars>>
AddPassive(n, k) ==                        \* but thread
  /\ passive' = [passive EXCEPT ![n] = @ + k]
  /\ UNCHANGED <<opsVars, locks, netList, phase, count, workVars, slotVars,
                 nsids, runVars>>
Logged(t, e) == log' = [log EXCEPT ![t] = Append(@, e)]

(* [W31] __put_net: the net goes on the list, newest first; the put that   *)
(* finds the list empty queues the work.                                   *)
QueuesWork == work \/ cleanupList = <<>>
Queue(t, n, where) ==
  /\ cleanupList' = <<n>> \o cleanupList
  /\ work' = QueuesWork
  /\ Move(t, where)
  /\ UNCHANGED <<opsVars, locks, netVars, deferFree, slotVars, nsids, runVars>>

(* Passive is zero: the array of slots is freed, the net goes on           *)
(* defer_free_list.                                                        *)
ToFree(n) ==
  /\ phase' = [phase EXCEPT ![n] = "dead"]
  /\ deferFree' = deferFree \cup {n}
  /\ gen' = [gen EXCEPT ![n] = <<>>] /\ genLen' = [genLen EXCEPT ![n] = 0]

----------------------------------------------------------------------------
(***************************************************************************)
(* ops_undo_list: one walk, for a cleanup (a batch of nets, all ops), a    *)
(* failed set-up (one net, the ops before), a failed register (the nets    *)
(* done, one ops) and an unregister (the listed nets, one ops).  A record  *)
(* r of the walker is moved on; the stages are pre_exit, the grace period, *)
(* exit_rtnl under rtnl, exit and exit_batch, the free of the slots.       *)
(***************************************************************************)
AfterWalk(r) ==
  [r EXCEPT !.at = IF r.call = "cleanup" THEN "CleanupNetUnlock"
                   ELSE "RcuBarrier",
            !.ops = NoOps, !.net = NoNet]
WalkFree(r) ==
  IF Range(r.undo) \cap WithId = {} THEN AfterWalk(r)
  ELSE [r EXCEPT !.at = "OpsUndoListFree", !.ops = NoOps, !.net = NoNet]

(* exit and exit_batch: ops outer, nets inner.                             *)
WalkExit(r, rest) ==
  LET o == IF r.nets = <<>> THEN NoOps
           ELSE First(rest, WithExit \cup WithExitBatch, NoOps)
  IN  IF o = NoOps THEN WalkFree(r)
      ELSE IF o \in WithExit
      THEN [r EXCEPT !.at = "OpsUndoListExit", !.ops = o, !.net = r.nets[1]]
      ELSE [r EXCEPT !.at = "OpsUndoListExitBatch", !.ops = o, !.net = NoNet]
AfterExit(r) ==
  LET n == First(After(r.nets, r.net), Nets, NoNet)
  IN  IF n # NoNet THEN [r EXCEPT !.net = n]
      ELSE IF r.ops \in WithExitBatch
      THEN [r EXCEPT !.at = "OpsUndoListExitBatch", !.net = NoNet]
      ELSE WalkExit(r, After(r.undo, r.ops))

(* exit_rtnl, if any ops has it: nets outer, ops inner.                    *)
WalkRtnl(r) ==
  IF r.nets = <<>> \/ Range(r.undo) \cap WithExitRtnl = {}
  THEN WalkExit(r, r.undo)
  ELSE [r EXCEPT !.at = "OpsUndoListRtnlLock"]
FirstRtnl(r) ==
  [r EXCEPT !.at = "OpsUndoListExitRtnl", !.net = r.nets[1],
            !.ops = First(r.undo, WithExitRtnl, NoOps)]
AfterRtnl(r) ==
  LET o == First(After(r.undo, r.ops), WithExitRtnl, NoOps)
      n == First(After(r.nets, r.net), Nets, NoNet)
  IN  IF o # NoOps THEN [r EXCEPT !.ops = o]
      ELSE IF n # NoNet
      THEN [r EXCEPT !.net = n, !.ops = First(r.undo, WithExitRtnl, NoOps)]
      ELSE [r EXCEPT !.at = "OpsUndoListRtnlUnlock", !.ops = NoOps,
                     !.net = NoNet]

(* pre_exit: ops outer, nets inner; then the grace period.                 *)
WalkGrace(r) ==
  [r EXCEPT !.at = "OpsUndoListGrace", !.ops = NoOps, !.net = NoNet]
WalkPreExit(r, rest) ==
  LET o == IF r.nets = <<>> THEN NoOps ELSE First(rest, WithPreExit, NoOps)
  IN  IF o = NoOps THEN WalkGrace(r)
      ELSE [r EXCEPT !.at = "OpsUndoListPreExit", !.ops = o,
                     !.net = r.nets[1]]
AfterPreExit(r) ==
  LET n == First(After(r.nets, r.net), Nets, NoNet)
  IN  IF n # NoNet THEN [r EXCEPT !.net = n]
      ELSE WalkPreExit(r, After(r.undo, r.ops))
Walk(r, os, ns) == WalkPreExit([r EXCEPT !.undo = os, !.nets = ns], os)

(* [W40] pre_exit of this ops on this net.                                 *)
OpsUndoListPreExit(t) ==
  /\ At(t, "OpsUndoListPreExit")
  /\ Logged(t, <<"pre_exit", thread[t].ops, thread[t].net>>)
  /\ Move(t, AfterPreExit(thread[t]))
  /\ UNCHANGED <<opsVars, locks, netVars, workVars, slotVars, nsids, deferred,
                 balance>>

(* [W41] synchronize_rcu: the readers that are inside now will have left.  *)
RcuReaders == {u \in Threads : thread[u].at \in InRcu}
OpsUndoListGrace(t) ==
  /\ At(t, "OpsUndoListGrace")
  /\ Step(t, [On(t, "OpsUndoListGraceEnd") EXCEPT !.readers = RcuReaders])
OpsUndoListGraceEnd(t) ==
  /\ At(t, "OpsUndoListGraceEnd") /\ thread[t].readers = {}
  /\ Logged(t, <<"grace", NoOps, NoNet>>)
  /\ Move(t, WalkRtnl(thread[t]))
  /\ UNCHANGED <<opsVars, locks, netVars, workVars, slotVars, nsids, deferred,
                 balance>>

(* [W42] rtnl_lock, exit_rtnl of this net and ops, rtnl_unlock.            *)
OpsUndoListRtnlLock(t) ==
  /\ At(t, "OpsUndoListRtnlLock") /\ rtnl = Nobody
  /\ rtnl' = t /\ Move(t, FirstRtnl(thread[t]))
  /\ UNCHANGED <<opsVars, rwsem, netRwsem, netVars, workVars, slotVars, nsids,
                 runVars>>
OpsUndoListExitRtnl(t) ==
  /\ At(t, "OpsUndoListExitRtnl")
  /\ Logged(t, <<"exit_rtnl", thread[t].ops, thread[t].net>>)
  /\ Move(t, AfterRtnl(thread[t]))
  /\ UNCHANGED <<opsVars, locks, netVars, workVars, slotVars, nsids, deferred,
                 balance>>
OpsUndoListRtnlUnlock(t) ==
  /\ At(t, "OpsUndoListRtnlUnlock")
  /\ rtnl' = Nobody /\ Move(t, WalkExit(thread[t], thread[t].undo))
  /\ UNCHANGED <<opsVars, rwsem, netRwsem, netVars, workVars, slotVars, nsids,
                 runVars>>

(* [W43] exit of this ops on this net, or its exit_batch on all of them.   *)
Deferrals(o, n) == IF o \in Deferring THEN {<<o, n, Levels>>} ELSE {}
OpsUndoListExit(t) ==
  LET o == thread[t].ops
      n == thread[t].net
  IN  /\ At(t, "OpsUndoListExit")
      /\ balance' = IF o \in WithBoth
                    THEN [balance EXCEPT ![o][n] = @ - 1] ELSE balance
      /\ deferred' = deferred \cup Deferrals(o, n)
      /\ Logged(t, <<"exit", o, n>>)
      /\ Move(t, AfterExit(thread[t]))
      /\ UNCHANGED <<opsVars, locks, netVars, workVars, slotVars, nsids>>
OpsUndoListExitBatch(t) ==
  /\ At(t, "OpsUndoListExitBatch")
  /\ Logged(t, <<"exit_batch", thread[t].ops, NoNet>>)
  /\ Move(t, WalkExit(thread[t], After(thread[t].undo, thread[t].ops)))
  /\ UNCHANGED <<opsVars, locks, netVars, workVars, slotVars, nsids, deferred,
                 balance>>

(* [W44] The data of the ops is freed on all these nets.  The slots go on  *)
(* pointing to it.                                                         *)
OpsUndoListFree(t) ==
  /\ At(t, "OpsUndoListFree")
  /\ data' = data \ (Range(thread[t].undo) \X Range(thread[t].nets))
  /\ Move(t, AfterWalk(thread[t]))
  /\ UNCHANGED <<opsVars, locks, netVars, workVars, ids, maxGenPtrs, gen,
                 genLen, nsids, runVars>>

(* [W45] rcu_barrier: the deferred callbacks that are pending will have    *)
(* run, not those that come later.                                         *)
Pending == deferred
AfterBarrier(t, r) ==
  CASE r.call = "register"   -> [r EXCEPT !.at = "RegisterUnlock"]
    [] r.call = "unregister" -> [r EXCEPT !.at = "UnregisterUnlock"]
    [] r.call = "setup"      -> [r EXCEPT !.at = IF t = Worker
                                   THEN "NetNsInitPanic"
                                   ELSE "CopyNetNsUnlock"]
    [] r.call = "cleanup"    -> [r EXCEPT !.at = "NetCompleteFree"]
    [] OTHER                 -> Rest
RcuBarrier(t) ==
  /\ At(t, "RcuBarrier")
  /\ Step(t, [On(t, "RcuBarrierEnd") EXCEPT !.waits = Pending])
RcuBarrierEnd(t) ==
  /\ At(t, "RcuBarrierEnd") /\ thread[t].waits = {}
  /\ Step(t, AfterBarrier(t, thread[t]))

----------------------------------------------------------------------------
(***************************************************************************)
(* ops_init, in a register or a set-up: the slot, then the init.           *)
(***************************************************************************)
InOpsInit(r) ==
  [r EXCEPT !.at = IF r.ops \in WithId THEN "OpsInitAssign"
                   ELSE IF r.kind = "none" THEN "SetupNetInit"
                   ELSE "RegisterInit"]

(* The next net of a register, the next ops of a set-up.                   *)
NextRegister(r, n) ==
  IF n # NoNet /\ r.ops \in WithInit \cup WithId
  THEN InOpsInit([r EXCEPT !.net = n])
  ELSE [r EXCEPT !.at = "RegisterUnlock", !.net = NoNet]
NextSetup(r, o) ==
  IF o # NoOps THEN InOpsInit([r EXCEPT !.ops = o])
  ELSE [r EXCEPT !.at = "SetupNetListAdd", !.ops = NoOps]

(* The failure of one: what was done before is undone.                     *)
RegisterUndoes(r) == Before(netList, r.net)
FailRegister(r, e) ==
  IF NetNs THEN Walk([r EXCEPT !.err = e], <<r.ops>>, RegisterUndoes(r))
  ELSE AfterWalk([r EXCEPT !.err = e, !.undo = <<r.ops>>])
FailSetup(r, e) == Walk([r EXCEPT !.err = e], ToUndo(r.ops), <<r.net>>)

(* [W50] net_assign_generic: an array that is too short is copied into one *)
(* of max_gen_ptrs.  Then the ops's data is in its slot.                   *)
Grown(s) == [i \in 1 .. maxGenPtrs |-> IF i <= Len(s) THEN s[i] ELSE NoOps]
OpsInitAssign(t) ==
  LET o == thread[t].ops
      n == thread[t].net
      s == IF ids[o] <= genLen[n] THEN gen[n] ELSE Grown(gen[n])
  IN  /\ At(t, "OpsInitAssign")
      /\ gen' = [gen EXCEPT ![n] = [i \in DOMAIN s |->
                                      IF i = ids[o] THEN o ELSE s[i]]]
      /\ genLen' = [genLen EXCEPT ![n] = Len(s)]
      /\ data' = data \cup {<<o, n>>}
      /\ Move(t, [thread[t] EXCEPT !.at = IF thread[t].kind = "none"
                                          THEN "SetupNetInit"
                                          ELSE "RegisterInit"])
      /\ UNCHANGED <<opsVars, locks, netVars, workVars, ids, maxGenPtrs,
                     nsids, runVars>>

(* [W50] No memory: no slot was assigned, and the array is left alone.     *)
AfterAssignFail(n, i) == gen
OpsInitAssignFail(t) ==
  LET r == thread[t]
  IN  /\ At(t, "OpsInitAssign") /\ r.ops \in Failing
      /\ gen' = AfterAssignFail(r.net, ids[r.ops])
      /\ Move(t, IF r.kind = "none" THEN FailSetup(r, "ENOMEM")
                 ELSE FailRegister(r, "ENOMEM"))
      /\ pernetList' = IF r.kind # "none" /\ NetNs
                       THEN Without(pernetList, r.ops) ELSE pernetList
      /\ kind' = IF r.kind = "none" THEN kind
                 ELSE [kind EXCEPT ![r.ops] = "none"]
      /\ UNCHANGED <<firstDevice, initNetUp, locks, netVars, workVars, ids,
                     maxGenPtrs, genLen, data, nsids, runVars>>

(* What an init that succeeds, or fails, leaves: a failure clears the slot *)
(* that was assigned, and frees the data.                                  *)
RunsInit(t, where) ==
  LET o == thread[t].ops
      n == thread[t].net
  IN  /\ balance' = IF o \in WithBoth
                    THEN [balance EXCEPT ![o][n] = @ + 1] ELSE balance
      /\ log' = IF o \in WithInit
                THEN [log EXCEPT ![t] = Append(@, <<"init", o, n>>)] ELSE log
      /\ Move(t, where)
      /\ UNCHANGED <<locks, netVars, workVars, ids, maxGenPtrs, genLen, nsids,
                     deferred>>
ClearedSlot(n, i) == IF i = 0 THEN gen ELSE [gen EXCEPT ![n][i] = NoOps]
ClearsSlot(t) ==
  /\ gen' = ClearedSlot(thread[t].net, ids[thread[t].ops])
  /\ data' = data \ {<<thread[t].ops, thread[t].net>>}
FailsInit(t, where) ==
  /\ thread[t].ops \in Failing \cap WithInit
  /\ Logged(t, <<"init", thread[t].ops, thread[t].net>>)
  /\ ClearsSlot(t) /\ Move(t, where)
  /\ UNCHANGED <<firstDevice, initNetUp, locks, netVars, workVars, ids,
                 maxGenPtrs, genLen, nsids, deferred, balance>>

----------------------------------------------------------------------------
(***************************************************************************)
(* register_pernet_subsys, _device, unregister_pernet_subsys, _device.     *)
(***************************************************************************)

(* [W60] Ask for pernet_ops_rwsem to write.                                *)
RegisterLock(t, o, k) ==
  /\ Begins(t, RegisterCall(k), o)
  /\ Ask(t, "W", [Rest EXCEPT !.at = "RegisterLink", !.call = "register",
                              !.kind = k, !.ops = o])

(* [W61] The ops is registered already: misuse, which the C does not see.  *)
RegisterUnlockEEXIST(t) ==
  /\ At(t, "RegisterLink") /\ Granted(t) /\ Registered(thread[t].ops)
  /\ Release(t, Rest) /\ UNCHANGED <<opsVars, ids>>

(* [W61] An id without a size, or the reverse, is rejected.                *)
Rejected(o) == o \in Malformed
RegisterUnlockEINVAL(t) ==
  /\ At(t, "RegisterLink") /\ Granted(t) /\ Rejected(thread[t].ops)
  /\ Release(t, Rest) /\ UNCHANGED <<opsVars, ids>>

(* [W62] The id and max_gen_ptrs; list_add_tail before firstDevice or at   *)
(* the tail.  Without namespaces an ops is linked at boot only, and then   *)
(* no init runs.                                                           *)
RegisterLink(t) ==
  LET o == thread[t].ops
      k == thread[t].kind
      i == IF o \in WithId THEN NewId ELSE 0
  IN  /\ At(t, "RegisterLink") /\ Granted(t)
      /\ ~Registered(o) /\ ~Rejected(o)
      /\ ids' = [ids EXCEPT ![o] = i]
      /\ maxGenPtrs' = IF i > maxGenPtrs THEN i ELSE maxGenPtrs
      /\ pernetList' = IF Links /\ o \notin Range(pernetList)
                       THEN Linked(o, k) ELSE pernetList
      /\ kind' = [kind EXCEPT ![o] = k]
      /\ Move(t, NextRegister(thread[t], FirstNet))
      /\ UNCHANGED <<firstDevice, initNetUp, locks, netVars, workVars, gen,
                     genLen, data, nsids, runVars>>

(* [W63] The init on the next listed net.  Any value but zero is a         *)
(* failure: the ops is unlinked, and the nets before are undone.           *)
RegisterInit(t) ==
  /\ At(t, "RegisterInit")
  /\ RunsInit(t, NextRegister(thread[t], NextNet(thread[t].net)))
  /\ UNCHANGED <<opsVars, gen, data>>
RegisterFails(t, e) ==
  /\ FailsInit(t, FailRegister(thread[t], e))
  /\ pernetList' = IF NetNs THEN Without(pernetList, thread[t].ops)
                   ELSE pernetList
  /\ kind' = [kind EXCEPT ![thread[t].ops] = "none"]
RegisterInitFail(t) ==
  At(t, "RegisterInit") /\ RegisterFails(t, "ENOMEM")
RegisterInitPositive(t) ==
  Positive /\ At(t, "RegisterInit") /\ RegisterFails(t, "1")

(* [W64] firstDevice is set by a device that is registered; up_write.      *)
RegisterUnlock(t) ==
  /\ At(t, "RegisterUnlock") /\ ~Failed(thread[t].err)
  /\ firstDevice' = FirstDeviceAfterRegister(thread[t].ops, thread[t].kind)
  /\ Release(t, Rest) /\ UNCHANGED <<pernetList, kind, initNetUp, ids>>

(* [W65] After the undo, which without namespaces is only the barrier, the *)
(* id is free; up_write.                                                   *)
RegisterUnlockFail(t) ==
  /\ At(t, "RegisterUnlock") /\ Failed(thread[t].err)
  /\ ids' = [ids EXCEPT ![thread[t].undo[1]] = 0]
  /\ Release(t, Rest) /\ UNCHANGED opsVars

(* [W70] Ask for pernet_ops_rwsem to write.                                *)
UnregisterLock(t, o, k) ==
  /\ Begins(t, UnregisterCall(k), o)
  /\ Ask(t, "W", [Rest EXCEPT !.at = "UnregisterUnlink", !.kind = k,
                              !.call = "unregister", !.ops = o])

(* [W71] Misuse: the ops is not registered, or as the other kind.          *)
UnregisterUnlockENOENT(t) ==
  /\ At(t, "UnregisterUnlink") /\ Granted(t) /\ ~Registered(thread[t].ops)
  /\ Release(t, Rest) /\ UNCHANGED <<opsVars, ids>>
UnregisterUnlockEINVAL(t) ==
  /\ At(t, "UnregisterUnlink") /\ Granted(t) /\ Registered(thread[t].ops)
  /\ kind[thread[t].ops] # thread[t].kind
  /\ Release(t, Rest) /\ UNCHANGED <<opsVars, ids>>

(* [W72] firstDevice moves on, list_del, and the walk over the listed      *)
(* nets.  Without namespaces an ops that was linked at boot stays so.      *)
UnregisterUnlink(t) ==
  LET o == thread[t].ops
      unlinks == Links /\ o \in Range(pernetList)
  IN  /\ At(t, "UnregisterUnlink") /\ Granted(t)
      /\ Registered(o) /\ kind[o] = thread[t].kind
      /\ firstDevice' = IF unlinks THEN FirstDeviceAfterUnlink(o)
                        ELSE firstDevice
      /\ pernetList' = IF unlinks THEN Without(pernetList, o) ELSE pernetList
      /\ kind' = [kind EXCEPT ![o] = "none"]
      /\ Move(t, Walk([thread[t] EXCEPT !.kind = "none"], <<o>>, netList))
      /\ UNCHANGED <<initNetUp, locks, netVars, workVars, slotVars, nsids,
                     runVars>>

(* [W73] After the barrier the id is free; up_write.                       *)
UnregisterUnlock(t) ==
  /\ At(t, "UnregisterUnlock")
  /\ ids' = [ids EXCEPT ![thread[t].undo[1]] = 0]
  /\ Release(t, Rest) /\ UNCHANGED opsVars

----------------------------------------------------------------------------
(***************************************************************************)
(* copy_net_ns and setup_net.  `other` is the old net; net_ns_init has     *)
(* none.                                                                   *)
(***************************************************************************)

(* [W19] The old net is held from CopyNetNsGet to CopyNetNsPut.            *)
CopyNetNsGet(t, n) ==
  /\ NetNs /\ Begins(t, "CopyGet", n) /\ CanGet(n)
  /\ AddCount(n, 1)
  /\ Move(t, InCopy("CopyNetNsAlloc", NoNet, n, ""))
CopyNetNsGetENOENT(t, n) ==
  NetNs /\ Begins(t, "CopyGet", n) /\ ~CanGet(n) /\ UNCHANGED vars
CopyNetNsEINVAL(t, n) ==
  ~NetNs /\ Begins(t, "CopyGet", n) /\ UNCHANGED vars

(* [W20] Without CLONE_NEWNET: the old net again, with a reference; no     *)
(* reference in a build without namespaces.                                *)
CopyNetNsShare(t, n) ==
  /\ Begins(t, "Share", n) /\ CanGet(n)
  /\ AddCount(n, IF NetNs THEN 1 ELSE 0) /\ UNCHANGED thread
CopyNetNsShareENOENT(t, n) ==
  Begins(t, "Share", n) /\ ~CanGet(n) /\ UNCHANGED vars

(* [W21] inc_net_namespaces refuses, or there is no memory.                *)
CopyNetNsENOSPC(t) ==
  /\ Quota /\ At(t, "CopyNetNsAlloc")
  /\ Step(t, InCopy("CopyNetNsPut", NoNet, thread[t].other, "ENOSPC"))
CopyNetNsAllocFail(t) ==
  /\ At(t, "CopyNetNsAlloc")
  /\ Step(t, InCopy("CopyNetNsPut", NoNet, thread[t].other, "ENOMEM"))

(* [W22] net_alloc reads max_gen_ptrs once, under no lock; preinit_net     *)
(* sets both counts to 1.  Nobody else knows the net.                      *)
Allocated(n) ==
  /\ count' = [count EXCEPT ![n] = 1]
  /\ passive' = [passive EXCEPT ![n] = 1]
  /\ gen' = [gen EXCEPT ![n] = [i \in 1 .. maxGenPtrs |-> NoOps]]
  /\ genLen' = [genLen EXCEPT ![n] = maxGenPtrs]
CopyNetNsAlloc(t) ==
  /\ At(t, "CopyNetNsAlloc") /\ NextSlot # NoNet
  /\ phase' = [phase EXCEPT ![NextSlot] = "new"]
  /\ Allocated(NextSlot)
  /\ Move(t, InCopy("CopyNetNsLock", NextSlot, thread[t].other, ""))
  /\ UNCHANGED <<opsVars, locks, netList, workVars, ids, maxGenPtrs, data,
                 nsids, runVars>>

(* [W23] down_read_killable.  A copy that is killed, before it asks or      *)
(* while it waits, is in no queue.                                         *)
CopyNetNsLock(t) ==
  At(t, "CopyNetNsLock") /\ Ask(t, ReadMode, On(t, "SetupNetBegin"))
Killed(t, where) ==
  /\ Cancel /\ LeaveQueue(t) /\ Move(t, where)
  /\ UNCHANGED <<opsVars, netRwsem, rtnl, netVars, workVars, slotVars, nsids,
                 runVars>>
CopyNetNsLockEINTR(t) ==
  /\ \/ At(t, "CopyNetNsLock")
     \/ At(t, "SetupNetBegin") /\ t # Worker /\ ~Granted(t)
  /\ Killed(t, [On(t, "CopyNetNsPut") EXCEPT !.err = "EINTR"])

(* [W24] setup_net begins over what is registered now.                     *)
SetupNetBegin(t) ==
  /\ At(t, "SetupNetBegin") /\ Granted(t)
  /\ Step(t, NextSetup(thread[t], FirstToInit))

(* [W25] The init of this ops.  A failure is a negative value; after a     *)
(* positive one the slot is cleared and the set-up goes on.  That of the   *)
(* last ops is what setup_net returns: net_ns_init panics, a copy does not *)
(* look.                                                                   *)
SetupNetInit(t) ==
  /\ At(t, "SetupNetInit")
  /\ RunsInit(t, NextSetup(thread[t], NextToInit(thread[t].ops)))
  /\ UNCHANGED <<opsVars, gen, data>>
SetupNetInitPositive(t) ==
  /\ Positive /\ At(t, "SetupNetInit")
  /\ thread[t].ops \in Failing \cap WithInit
  /\ RunsInit(t, IF t = Worker /\ After(pernetList, thread[t].ops) = <<>>
                 THEN [On(t, "NetNsInitPanic") EXCEPT !.err = "1"]
                 ELSE NextSetup(thread[t], NextToInit(thread[t].ops)))
  /\ ClearsSlot(t) /\ UNCHANGED opsVars
SetupNetInitFail(t) ==
  /\ At(t, "SetupNetInit")
  /\ FailsInit(t, FailSetup(thread[t], "ENOMEM"))
  /\ UNCHANGED <<pernetList, kind>>

(* [W26] net_rwsem is written for an instant: the whole net goes to the    *)
(* tail of the list.  From here on any thread may find it.                 *)
ListFree == netRwsem = {}
SetupNetListAdd(t) ==
  /\ At(t, "SetupNetListAdd") /\ ListFree
  /\ netList' = Append(netList, thread[t].net)
  /\ phase' = [phase EXCEPT ![thread[t].net] = "listed"]
  /\ log' = [log EXCEPT ![t] = <<>>]
  /\ Move(t, IF t = Worker THEN StandAt("NetNsInitUnlock")
             ELSE InCopy("CopyNetNsUnlock", NoNet, thread[t].other, ""))
  /\ UNCHANGED <<opsVars, locks, count, passive, workVars, slotVars, nsids,
                 deferred, balance>>

(* [W27] up_read, after a set-up and after one that failed.                *)
CopyNetNsUnlock(t) ==
  /\ At(t, "CopyNetNsUnlock") /\ ~Failed(thread[t].err)
  /\ Release(t, On(t, "CopyNetNsPut")) /\ UNCHANGED <<opsVars, ids>>
CopyNetNsUnlockFail(t) ==
  /\ At(t, "CopyNetNsUnlock") /\ Failed(thread[t].err)
  /\ Release(t, InCopy("CopyNetNsPut", thread[t].nets[1], thread[t].other,
                       thread[t].err))
  /\ UNCHANGED <<opsVars, ids>>

(* [W29] The old net goes back.                                            *)
AfterPut(t) ==
  IF thread[t].net = NoNet THEN Rest
  ELSE InCopy("CopyNetNsFree", thread[t].net, NoNet, thread[t].err)
PutLeaves(n) == n = NoNet \/ (n # NoNet /\ (count[n] = 0 \/ LastOfInit(n)))
PutIsLast(n) == count[n] = 1 /\ n # InitNet
CopyNetNsPut(t) ==
  /\ At(t, "CopyNetNsPut")
  /\ IF PutLeaves(thread[t].other) THEN Step(t, AfterPut(t))
     ELSE /\ ~PutIsLast(thread[t].other)
          /\ AddCount(thread[t].other, -1) /\ Move(t, AfterPut(t))
CopyNetNsPutZero(t) ==
  /\ At(t, "CopyNetNsPut")
  /\ ~PutLeaves(thread[t].other) /\ PutIsLast(thread[t].other)
  /\ AddCount(thread[t].other, -1) /\ Move(t, On(t, "CopyNetNsQueue"))
CopyNetNsQueue(t) ==
  At(t, "CopyNetNsQueue") /\ Queue(t, thread[t].other, AfterPut(t))

(* [W28] A net that failed or was killed: passive is zero, the memory is   *)
(* left to the next round.                                                 *)
CopyNetNsFree(t) ==
  /\ At(t, "CopyNetNsFree")
  /\ count' = [count EXCEPT ![thread[t].net] = 0]
  /\ passive' = [passive EXCEPT ![thread[t].net] = 0]
  /\ ToFree(thread[t].net)
  /\ Move(t, Rest)
  /\ UNCHANGED <<opsVars, locks, netList, cleanupList, work, ids, maxGenPtrs,
                 data, nsids, runVars>>

----------------------------------------------------------------------------
(***************************************************************************)
(* get_net, put_net, the passive count, readers of the list, barriers.     *)
(***************************************************************************)
(* [W30] get_net by who may look at the net; put_net.                      *)
GetNet(t, n) ==
  Begins(t, "Get", n) /\ CanGet(n) /\ AddCount(n, 1) /\ UNCHANGED thread
GetNetENOENT(t, n) == Begins(t, "Get", n) /\ ~CanGet(n) /\ UNCHANGED vars
PutNet(t, n) ==
  /\ Begins(t, "Put", n) /\ Known(n) /\ ~PutLeaves(n) /\ ~PutIsLast(n)
  /\ AddCount(n, -1) /\ UNCHANGED thread
PutNetZero(t, n) ==
  /\ Begins(t, "Put", n) /\ Known(n) /\ ~PutLeaves(n) /\ PutIsLast(n)
  /\ AddCount(n, -1) /\ Move(t, AtNet("PutNetQueue", n))
PutNetEINVAL(t, n) ==
  Begins(t, "Put", n) /\ Known(n) /\ PutLeaves(n) /\ UNCHANGED vars
PutNetENOENT(t, n) == Begins(t, "Put", n) /\ ~Known(n) /\ UNCHANGED vars
PutNetQueue(t) == At(t, "PutNetQueue") /\ Queue(t, thread[t].net, Rest)

(* [W32] The passive count, raised with a reference at hand.  The registry's*)
(* own is there until the net is cleaned up.                               *)
Held(n) == passive[n] > IF phase[n] = "kept" THEN 0 ELSE 1
HoldNet(t, n) ==
  /\ Begins(t, "Hold", n) /\ CanGet(n)
  /\ AddPassive(n, 1) /\ UNCHANGED thread
HoldNetENOENT(t, n) == Begins(t, "Hold", n) /\ ~CanGet(n) /\ UNCHANGED vars
ReleaseNet(t, n) ==
  /\ Begins(t, "Release", n) /\ Known(n) /\ Held(n) /\ passive[n] > 1
  /\ AddPassive(n, -1) /\ UNCHANGED thread
ReleaseNetZero(t, n) ==
  /\ Begins(t, "Release", n) /\ Known(n) /\ Held(n) /\ passive[n] = 1
  /\ AddPassive(n, -1) /\ Move(t, AtNet("ReleaseNetFree", n))
ReleaseNetFree(t) ==
  /\ At(t, "ReleaseNetFree") /\ ToFree(thread[t].net) /\ Move(t, Rest)
  /\ UNCHANGED <<opsVars, locks, netList, count, passive, cleanupList, work,
                 ids, maxGenPtrs, data, nsids, runVars>>
ReleaseNetENOENT(t, n) ==
  Begins(t, "Release", n) /\ ~Known(n) /\ UNCHANGED vars
ReleaseNetEINVAL(t, n) ==
  Begins(t, "Release", n) /\ Known(n) /\ ~Held(n) /\ UNCHANGED vars

(* [W33] for_each_net under net_rwsem, which nests inside rtnl.            *)
ReadLock(t) ==
  /\ netRwsem' = netRwsem \cup {t} /\ Move(t, StandAt("ListNetsRead"))
  /\ UNCHANGED <<opsVars, rwsem, rtnl, netVars, workVars, slotVars, nsids,
                 runVars>>
ListNetsLock(t) == Begins(t, "List", NoNet) /\ ReadLock(t)
ListNetsLockInRtnl(t) == At(t, "ListNetsLock") /\ ReadLock(t)
ListNetsRtnlLock(t) ==
  /\ Begins(t, "ListRtnl", NoNet) /\ rtnl = Nobody
  /\ rtnl' = t /\ Move(t, StandAt("ListNetsLock"))
  /\ UNCHANGED <<opsVars, rwsem, netRwsem, netVars, workVars, slotVars, nsids,
                 runVars>>
ListNetsRead(t) ==
  /\ At(t, "ListNetsRead")
  /\ netRwsem' = netRwsem \ {t}
  /\ rtnl' = IF rtnl = t THEN Nobody ELSE rtnl
  /\ Move(t, Rest)
  /\ UNCHANGED <<opsVars, rwsem, netVars, workVars, slotVars, nsids, runVars>>

(* [W34] for_each_net_rcu finds a net; it may be unlinked before the       *)
(* reader leaves, with another of its batch still in sight.                *)
RcuWalk(t, n) ==
  /\ Begins(t, "Walk", n) /\ n \in Range(netList)
  /\ Step(t, AtNet("MaybeGetNet", n))
LeaveRcu(t, where) ==
  thread' = [u \in Everyone |->
               IF u = t THEN where
               ELSE [thread[u] EXCEPT !.readers = @ \ {t}]]

(* [W35] maybe_get_net: a reference, unless there is none.                 *)
MayRise(n) == count[n] # 0
MaybeGetNet(t) ==
  /\ At(t, "MaybeGetNet") /\ MayRise(thread[t].net)
  /\ AddCount(thread[t].net, 1) /\ LeaveRcu(t, Rest)
MaybeGetNetENOENT(t) ==
  /\ At(t, "MaybeGetNet") /\ ~MayRise(thread[t].net)
  /\ LeaveRcu(t, Rest)
  /\ UNCHANGED <<opsVars, locks, netVars, workVars, slotVars, nsids, runVars>>

(* [W36] peernet2id_alloc(n, peer), of a peer that an RCU walk found and a *)
(* net n of which the caller has a reference.  Inside nsid_lock the peer   *)
(* is got, so that no dead one is entered; then it is put.                 *)
MayEnter(n) == count[n] # 0
Peernet2idAlloc(t, n) ==
  LET p == thread[t].net
  IN  /\ NsIds /\ At(t, "MaybeGetNet")
      /\ n # p /\ n \in Range(netList) /\ count[n] # 0 /\ MayEnter(p)
      /\ nsids' = [nsids EXCEPT ![n] = @ \cup {p}]
      /\ count' = [count EXCEPT ![p] = @ + 1]
      /\ LeaveRcu(t, AtNet("Peernet2idPut", p))
      /\ UNCHANGED <<opsVars, locks, netList, phase, passive, workVars,
                     slotVars, runVars>>
Peernet2idPut(t) ==
  /\ At(t, "Peernet2idPut")
  /\ ~PutIsLast(thread[t].net)
  /\ AddCount(thread[t].net, -1) /\ Move(t, Rest)
Peernet2idPutZero(t) ==
  /\ At(t, "Peernet2idPut")
  /\ PutIsLast(thread[t].net)
  /\ AddCount(thread[t].net, -1) /\ Move(t, On(t, "PutNetQueue"))

(* [W37] get_net_ns_by_id finds a peer under RCU, then maybe_get_net.      *)
GetNetNsById(t, n, p) ==
  /\ NsIds /\ Begins(t, "ById", n) /\ n \in Range(netList)
  /\ count[n] # 0 /\ p \in nsids[n]
  /\ Step(t, AtNet("MaybeGetNet", p))

(* [W38] rcu_barrier of a module's exit; net_ns_barrier, which takes       *)
(* pernet_ops_rwsem to write and lets it go.                               *)
BarrierBegin(t) ==
  /\ Begins(t, "Barrier", NoNet)
  /\ Step(t, [StandAt("RcuBarrierEnd") EXCEPT !.call = "barrier",
                                              !.waits = Pending])
NetNsBarrier(t) ==
  /\ Begins(t, "NetNsBarrier", NoNet)
  /\ Ask(t, "W", StandAt("NetNsBarrierEnd"))
NetNsBarrierEnd(t) ==
  /\ At(t, "NetNsBarrierEnd") /\ Granted(t)
  /\ Release(t, Rest) /\ UNCHANGED <<opsVars, ids>>

(* [W39] A callback that calls the registry gets an error, not the lock.   *)
NestedCall(t) ==
  thread[t].at \in Runs /\ thread[t].ops \in Nesting /\ UNCHANGED vars

----------------------------------------------------------------------------
(***************************************************************************)
(* cleanup_net, on the worker.  `nets` is the batch.                       *)
(***************************************************************************)

(* [W80] The work begins: the whole list is taken, with no lock.  Puts     *)
(* from now on are of the next round.                                      *)
Taken     == cleanupList
LeftOver  == <<>>
CleanupNet(w) ==
  /\ At(w, "Idle") /\ work /\ ~Doomed
  /\ work' = FALSE /\ cleanupList' = LeftOver
  /\ Move(w, [StandAt("CleanupNetLock") EXCEPT !.call = "cleanup",
                                               !.nets = Taken])
  /\ UNCHANGED <<opsVars, locks, netVars, deferFree, slotVars, nsids, runVars>>

(* [W81] down_read, not killable.                                          *)
CleanupNetLock(w) ==
  At(w, "CleanupNetLock") /\ Ask(w, ReadMode, On(w, "CleanupNetUnlink"))

(* [W82] net_rwsem is written for an instant: all nets of the batch leave  *)
(* the list at once; the last listed net is remembered.                    *)
InCleanupWalk(r) == Walk(r, ExitOrder, r.nets)
CleanupNetUnlink(w) ==
  LET batch == Range(thread[w].nets)
      left  == SelectSeq(netList, LAMBDA n : n \notin batch)
  IN  /\ At(w, "CleanupNetUnlink") /\ Granted(w) /\ ListFree
      /\ netList' = left
      /\ phase' = [n \in Nets |-> IF n \in batch THEN "dying" ELSE phase[n]]
      /\ Move(w, IF NsIds
                 THEN [On(w, "UnhashNsid") EXCEPT
                         !.net = left[1], !.other = left[Len(left)]]
                 ELSE InCleanupWalk(thread[w]))
      /\ UNCHANGED <<opsVars, locks, count, passive, workVars, slotVars,
                     nsids, runVars>>

(* [W83] unhash_nsid: the batch leaves the table of one listed net after   *)
(* the other, up to the one remembered; then its own tables are destroyed. *)
Unhashed(n, batch) == nsids[n] \ batch
UnhashNsid(w) ==
  LET batch == Range(thread[w].nets)
      n     == thread[w].net
      last  == n = thread[w].other
  IN  /\ At(w, "UnhashNsid")
      /\ nsids' = [m \in Nets |->
                     IF m = n THEN Unhashed(n, batch)
                     ELSE IF last /\ m \in batch THEN {} ELSE nsids[m]]
      /\ Move(w, IF last
                 THEN InCleanupWalk([thread[w] EXCEPT !.other = NoNet])
                 ELSE [thread[w] EXCEPT !.net = NextNet(n)])
      /\ UNCHANGED <<opsVars, locks, netVars, workVars, slotVars, runVars>>

(* [W84] up_read, after the walk.                                          *)
CleanupNetUnlock(w) ==
  /\ At(w, "CleanupNetUnlock")
  /\ Release(w, [On(w, "CleanupNetBarrier") EXCEPT !.undo = <<>>])
  /\ UNCHANGED <<opsVars, ids>>

(* [W85] What lies on defer_free_list is taken, then rcu_barrier begins.   *)
LeftDeferred == {}
CleanupNetBarrier(w) ==
  /\ At(w, "CleanupNetBarrier")
  /\ deferFree' = LeftDeferred
  /\ Move(w, [On(w, "RcuBarrierEnd") EXCEPT !.waits = Pending])
  /\ UNCHANGED <<opsVars, locks, netVars, cleanupList, work, slotVars, nsids,
                 runVars>>

(* [W86] net_complete_free of what was taken.  A copy that still counted   *)
(* on such a net (somebody put its reference) must not take the slot's     *)
(* next net for it.                                                        *)
Freed == {n \in Nets : phase[n] = "dead" /\ n \notin deferFree}
NetCompleteFree(w) ==
  /\ At(w, "NetCompleteFree")
  /\ phase' = [n \in Nets |-> IF n \in Freed THEN "free" ELSE phase[n]]
  /\ thread' = [t \in Everyone |->
                  IF t = w THEN On(w, "CleanupNetPut")
                  ELSE IF thread[t].other \notin Freed THEN thread[t]
                  ELSE [thread[t] EXCEPT !.other = NoNet]]
  /\ UNCHANGED <<opsVars, locks, netList, count, passive, workVars, slotVars,
                 nsids, runVars>>

(* [W87] The registry's own passive count of the next net of the batch is  *)
(* dropped.  At zero the memory goes on defer_free_list, for the next      *)
(* round; a net that is held waits for its release.                        *)
CleanupNetPut(w) ==
  LET r == thread[w]
      n == r.nets[1]
  IN  /\ At(w, "CleanupNetPut")
      /\ passive' = [passive EXCEPT ![n] = @ - 1]
      /\ IF passive[n] = 1 THEN ToFree(n)
         ELSE /\ phase' = [phase EXCEPT ![n] = "kept"]
              /\ UNCHANGED <<deferFree, gen, genLen>>
      /\ Move(w, IF Len(r.nets) = 1 THEN Rest
                 ELSE [r EXCEPT !.nets = Tail(@)])
      /\ UNCHANGED <<opsVars, locks, netList, count, cleanupList, work, ids,
                     maxGenPtrs, data, nsids, runVars>>

----------------------------------------------------------------------------
(* [W88] One pending deferred callback runs; it may queue the next one.    *)
DeferredRun(o, n, k) ==
  /\ <<o, n, k>> \in deferred
  /\ deferred' = (deferred \ {<<o, n, k>>})
                   \cup (IF k = 1 THEN {} ELSE {<<o, n, k - 1>>})
  /\ thread' = [t \in Everyone |->
                  [thread[t] EXCEPT !.waits = @ \ {<<o, n, k>>}]]
  /\ UNCHANGED <<opsVars, locks, netVars, workVars, slotVars, nsids, balance,
                 log>>

----------------------------------------------------------------------------
(***************************************************************************)
(* net_ns_init, on the worker; its set-up is setup_net, under the lock to  *)
(* write.                                                                  *)
(***************************************************************************)
(* [W90] preinit_net(init_net), with no lock; then the lock.               *)
NetNsInit ==
  /\ At(Worker, "NetNsInit") /\ Allocated(InitNet)
  /\ Move(Worker, StandAt("NetNsInitLock"))
  /\ UNCHANGED <<opsVars, locks, netList, phase, workVars, ids, maxGenPtrs,
                 data, nsids, runVars>>
NetNsInitLock ==
  /\ At(Worker, "NetNsInitLock")
  /\ Ask(Worker, "W", InCopy("SetupNetBegin", InitNet, NoNet, ""))
(* [W91] init_net_initialized, up_write.  A set-up that failed panics: the *)
(* last step there is, for ever.                                           *)
NetNsInitUnlock ==
  /\ At(Worker, "NetNsInitUnlock")
  /\ initNetUp' = TRUE
  /\ Release(Worker, Rest)
  /\ UNCHANGED <<pernetList, firstDevice, kind, ids>>
NetNsInitPanic == At(Worker, "NetNsInitPanic") /\ UNCHANGED vars

----------------------------------------------------------------------------
(* A client begins a call.                                                 *)
Begin(t) ==
  \/ \E o \in Ops, k \in Kinds :
       RegisterLock(t, o, k) \/ UnregisterLock(t, o, k)
  \/ \E n \in Nets :
       \/ CopyNetNsGet(t, n) \/ CopyNetNsGetENOENT(t, n)
       \/ CopyNetNsShare(t, n) \/ CopyNetNsShareENOENT(t, n)
       \/ CopyNetNsEINVAL(t, n) \/ GetNet(t, n) \/ GetNetENOENT(t, n)
       \/ PutNet(t, n) \/ PutNetZero(t, n)
       \/ PutNetEINVAL(t, n) \/ PutNetENOENT(t, n)
       \/ HoldNet(t, n) \/ HoldNetENOENT(t, n)
       \/ ReleaseNet(t, n) \/ ReleaseNetZero(t, n)
       \/ ReleaseNetENOENT(t, n) \/ ReleaseNetEINVAL(t, n)
       \/ RcuWalk(t, n) \/ \E p \in Nets : GetNetNsById(t, n, p)
  \/ ListNetsLock(t) \/ ListNetsRtnlLock(t)
  \/ BarrierBegin(t) \/ NetNsBarrier(t)

(* A step that needs rtnl or net_rwsem, which keep no queue here.          *)
TakeRtnl(t) == OpsUndoListRtnlLock(t)
WriteList(t) == SetupNetListAdd(t)

(* Any other step inside a call.                                           *)
Continue(t) ==
  \/ RegisterUnlockEEXIST(t) \/ RegisterUnlockEINVAL(t) \/ RegisterLink(t)
  \/ RegisterInit(t) \/ RegisterInitFail(t) \/ RegisterInitPositive(t)
  \/ RegisterUnlock(t) \/ RegisterUnlockFail(t)
  \/ UnregisterUnlockENOENT(t) \/ UnregisterUnlockEINVAL(t)
  \/ UnregisterUnlink(t) \/ UnregisterUnlock(t)
  \/ CopyNetNsENOSPC(t) \/ CopyNetNsAlloc(t) \/ CopyNetNsAllocFail(t)
  \/ CopyNetNsLock(t) \/ CopyNetNsLockEINTR(t)
  \/ CopyNetNsUnlock(t) \/ CopyNetNsUnlockFail(t)
  \/ CopyNetNsPut(t) \/ CopyNetNsPutZero(t) \/ CopyNetNsQueue(t)
  \/ CopyNetNsFree(t) \/ PutNetQueue(t) \/ ReleaseNetFree(t)
  \/ ListNetsLockInRtnl(t) \/ ListNetsRead(t)
  \/ MaybeGetNet(t) \/ MaybeGetNetENOENT(t)
  \/ \E n \in Nets : Peernet2idAlloc(t, n)
  \/ Peernet2idPut(t) \/ Peernet2idPutZero(t) \/ NetNsBarrierEnd(t)

(* A step of setup_net, ops_init, ops_undo_list or a barrier, by whoever   *)
(* is in it.                                                               *)
Common(t) ==
  \/ SetupNetBegin(t) \/ SetupNetInit(t) \/ SetupNetInitFail(t)
  \/ SetupNetInitPositive(t) \/ OpsInitAssign(t) \/ OpsInitAssignFail(t)
  \/ OpsUndoListPreExit(t) \/ OpsUndoListGrace(t) \/ OpsUndoListGraceEnd(t)
  \/ OpsUndoListExitRtnl(t) \/ OpsUndoListRtnlUnlock(t)
  \/ OpsUndoListExit(t) \/ OpsUndoListExitBatch(t) \/ OpsUndoListFree(t)
  \/ RcuBarrier(t) \/ RcuBarrierEnd(t)

(* cleanup_net and net_ns_init.                                            *)
Cleanup(w) ==
  \/ CleanupNet(w) \/ CleanupNetLock(w) \/ UnhashNsid(w)
  \/ CleanupNetUnlock(w) \/ CleanupNetBarrier(w) \/ NetCompleteFree(w)
  \/ CleanupNetPut(w)
BootSteps ==
  NetNsInit \/ NetNsInitLock \/ NetNsInitUnlock \/ NetNsInitPanic

Next ==
  \/ \E t \in Threads : Begin(t) \/ Continue(t)
  \/ \E t \in Everyone :
       Common(t) \/ TakeRtnl(t) \/ WriteList(t) \/ NestedCall(t)
  \/ \E w \in Cleaners : Cleanup(w) \/ CleanupNetUnlink(w)
  \/ BootSteps
  \/ \E o \in Ops, n \in Nets, k \in 1 .. Levels : DeferredRun(o, n, k)

Spec == Init /\ [][Next]_vars

(***************************************************************************)
(* Fairness under which every call returns and every dead net is taken off *)
(* the list and exited.  It is weak, because pernet_ops_rwsem serves first *)
(* come, first served: once granted, a request stays so.  It is strong for *)
(* rtnl and for the writers of net_rwsem, of whose queues nothing is said  *)
(* here.                                                                   *)
(***************************************************************************)
FairClients == \A t \in Threads : WF_vars(Continue(t))
FairCommon == \A t \in Everyone : WF_vars(Common(t))
FairList == \A t \in Everyone : SF_vars(WriteList(t)) /\ SF_vars(TakeRtnl(t))
FairWorker == WF_vars(Cleanup(Worker)) /\ SF_vars(CleanupNetUnlink(Worker))
FairDeferred == \A o \in Ops, n \in Nets, k \in 1 .. Levels :
                  WF_vars(DeferredRun(o, n, k))
Fairness == FairClients /\ FairCommon /\ FairList /\ FairWorker /\ FairDeferred
FairSpec == Spec /\ Fairness

----------------------------------------------------------------------------
(***************************************************************************)
(* What must hold in every state: the locks.                               *)
(***************************************************************************)

(* A thread is in the queue while it asks for the lock or is inside it.    *)
RwsemWhereHeld ==
  \A t \in Everyone : Asked(t) \/ Inside(t) <=> InQueue(t) # {}

(* Nobody stands in the queue twice, and nobody asks for rtnl that has it. *)
NoSelfWait ==
  \A t \in Everyone : /\ Cardinality(InQueue(t)) <= 1
                      /\ At(t, "OpsUndoListRtnlLock") => rtnl # t

(* A writer is alone inside.                                               *)
Writes(t) == \E i \in InQueue(t) : rwsem[i][2] = "W"
WriterAlone ==
  \A t, u \in Everyone :
    Inside(t) /\ Inside(u) /\ t # u => ~Writes(t) /\ ~Writes(u)

(* Registers, unregisters and net_ns_init write.                           *)
RegistersWrite ==
  \A t \in Everyone :
    \/ thread[t].call \in {"register", "unregister"}
    \/ t = Worker /\ thread[t].call = "setup"
    => InQueue(t) = {} \/ Writes(t)

(* Nobody is inside whose turn came later than that of one who waits,      *)
(* unless both read.                                                       *)
FirstComeFirstServed ==
  \A i, j \in DOMAIN rwsem :
    i < j /\ rwsem[i][2] = "W" => ~Inside(rwsem[j][1])

(* A set-up waits for writers only: no other reader keeps it out.          *)
ReadersShare ==
  \A i \in DOMAIN rwsem :
    /\ rwsem[i][2] = "R" /\ ~Granted(rwsem[i][1])
    => \E j \in 1 .. i : rwsem[j][2] = "W"
SetupsRead ==
  \A t \in Threads : thread[t].call = "setup" => ~Writes(t)

RtnlWhereHeld ==
  \A t \in Everyone :
    rtnl = t <=> \/ thread[t].at \in InRtnl \cup {"ListNetsLock"}
                 \/ At(t, "ListNetsRead") /\ rtnl = t
NetRwsemWhereHeld == netRwsem = {t \in Everyone : At(t, "ListNetsRead")}

(* pernet_ops_rwsem, then rtnl, then net_rwsem: nobody asks for one with a *)
(* later one in hand.                                                      *)
LocksInOrder ==
  \A t \in Everyone :
    /\ Asked(t) => rtnl # t /\ t \notin netRwsem
    /\ At(t, "OpsUndoListRtnlLock") => t \notin netRwsem

(***************************************************************************)
(* The lists.                                                              *)
(***************************************************************************)
ListsHaveNoDoubles ==
  \A s \in {pernetList, netList, cleanupList} :
    Cardinality(Range(s)) = Len(s)

(* Without namespaces what was linked at boot stays so, whatever becomes   *)
(* of it: these claims are on what can be linked (Links).                  *)
SubsysBeforeDevices ==
  Links => \A i, j \in DOMAIN pernetList :
    i < j => ~ /\ kind[pernetList[i]] = "device"
               /\ kind[pernetList[j]] = "subsys"

NoWriter == \A t \in Everyone : Inside(t) => ~Writes(t)
FirstDeviceExact ==
  LET devices == {o \in Ops : kind[o] = "device"}
  IN  /\ Links /\ NoWriter =>
           firstDevice = First(pernetList, devices, ListHead)
      /\ firstDevice \in Range(pernetList) \cup {ListHead}

KindMatchesList ==
  Links /\ NoWriter => Range(pernetList) = {o \in Ops : Registered(o)}

(* An ops that a register rejects is never linked, and no callback of it   *)
(* runs.                                                                   *)
MalformedStaysOut ==
  \A o \in Malformed :
    /\ o \notin Range(pernetList)
    /\ \A t \in Everyone : thread[t].at \in Runs => thread[t].ops # o

(* Without namespaces nothing is linked once init_net is up.               *)
NoLinkOnceUp == ~NetNs /\ initNetUp => pernetList' = pernetList
NoLinkOnceUpProp == [][NoLinkOnceUp]_vars

(* A net whose count is zero is on its way through one round, and no other *)
(* net is; the work is queued while there is some.                         *)
Rounds(n) ==
  Cardinality({i \in DOMAIN cleanupList : cleanupList[i] = n})
  + Cardinality({t \in Threads :
                   \/ At(t, "PutNetQueue") /\ thread[t].net = n
                   \/ At(t, "CopyNetNsQueue") /\ thread[t].other = n})
  + Cardinality({t \in Everyone :
                   InRound(t) /\ n \in Range(thread[t].nets)})
QueuedOnce ==
  \A n \in Nets :
    Rounds(n) = IF \/ phase[n] = "listed" /\ count[n] = 0
                   \/ phase[n] = "dying" THEN 1 ELSE 0
WorkIsQueued == work <=> cleanupList # <<>>

CleanupIsSerial == Cardinality({t \in Everyone : InRound(t)}) <= 1
BatchIsDead ==
  \A t \in Everyone : InRound(t) =>
    /\ Cardinality(Range(thread[t].nets)) = Len(thread[t].nets)
    /\ \A n \in Range(thread[t].nets) : count[n] = 0
OneExitList ==
  \A t, u \in Everyone :
    t # u /\ Inside(t) /\ Inside(u) =>
      Range(thread[t].nets) \cap Range(thread[u].nets) = {}

(* A round takes all that is there.                                        *)
BatchTakesAll ==
  \A t \in Everyone :
    ~At(t, "CleanupNetLock") /\ thread'[t].at = "CleanupNetLock" =>
      thread'[t].nets = cleanupList /\ cleanupList' = <<>>
BatchTakesAllProp == [][BatchTakesAll]_vars
(* It goes over these nets, in the order of the list: newest first.        *)
BatchStays ==
  \A t \in Everyone :
    InRound(t) /\ thread'[t].call = "cleanup" /\ ~At(t, "CleanupNetPut") =>
      thread'[t].nets = thread[t].nets
BatchStaysProp == [][BatchStays]_vars

(* A batch leaves the list in one step, when the lock is held.             *)
UnlinkIsOneStep ==
  \A n \in Range(netList) : n \notin Range(netList') =>
    \E t \in Everyone :
      /\ InRound(t) /\ InQueue(t) # {} /\ n \in Range(thread[t].nets)
      /\ Range(thread[t].nets) \cap Range(netList') = {}
UnlinkIsOneStepProp == [][UnlinkIsOneStep]_vars

(***************************************************************************)
(* The callbacks.                                                          *)
(***************************************************************************)
InitExitBalance ==
  /\ \A o \in WithBoth, n \in Nets : balance[o][n] \in {0, 1}
  /\ \A o \in WithBoth, n \in Nets :
       phase[n] \in {"free", "dead", "kept"} => balance[o][n] = 0

(* A listed net is up on the registered ops, and on no other.              *)
ListedIsWhole ==
  NoWriter =>
    \A o \in WithBoth, n \in Range(netList) :
      balance[o][n] = IF Registered(o) THEN 1 ELSE 0

(* A net that is set up or undone is on no list and in no table.           *)
HalfUpIsPrivate ==
  /\ Range(netList) = {n \in Nets : phase[n] = "listed"}
  /\ \A t \in Everyone :
       thread[t].call = "setup" /\ Inside(t)
         => thread[t].net \notin Range(netList)
  /\ \A n, m \in Nets :
       phase[n] \in {"new", "free", "dead"} => n \notin nsids[m]

(* A net whose cleanup is past its exits is up on nothing.                 *)
UnlistedIsDown ==
  \A t \in Everyone :
    \/ At(t, "CleanupNetUnlock")
    \/ InRound(t) /\ thread[t].at \in Barriers \cup {"CleanupNetBarrier"}
    => \A n \in Range(thread[t].nets), o \in Ops : balance[o][n] = 0

(* In an undo what is up is what has its exit to come; at its end nothing  *)
(* is left, and nothing outside it was touched.                            *)
Ran(t, what, o, n) == \E i \in DOMAIN log[t] : log[t][i] = <<what, o, n>>
UndoIsExact ==
  \A t \in Everyone :
    /\ thread[t].at \in Walking =>
         \A o \in Range(thread[t].undo) \cap WithBoth,
            n \in Range(thread[t].nets) :
           balance[o][n] = IF Ran(t, "exit", o, n) THEN 0 ELSE 1
    /\ thread[t].at \in Walking /\ thread[t].call = "setup" =>
         \A o \in Ops \ Range(thread[t].undo) :
           balance[o][thread[t].nets[1]] = 0
    /\ At(t, "RegisterUnlock") /\ Failed(thread[t].err) =>
         \A o \in Ops, n \in Nets :
           ~Registered(o) => balance[o][n] = 0
    /\ At(t, "CopyNetNsUnlock") /\ Failed(thread[t].err) =>
         \A o \in Ops : balance[o][thread[t].nets[1]] = 0

(* The log of a walk: where in it an exit comes before another.            *)
Comes(t, i, j, what) ==
  /\ i \in DOMAIN log[t] /\ j \in DOMAIN log[t] /\ i < j
  /\ log[t][i][1] = what /\ log[t][j][1] = what
ExitOrderPerNet ==
  \A t \in Everyone : thread[t].call \in {"setup", "cleanup"} =>
    \A what \in {"pre_exit", "exit_rtnl", "exit"}, i, j \in DOMAIN log[t] :
      Comes(t, i, j, what) /\ log[t][i][3] = log[t][j][3] =>
        Place(pernetList, log[t][i][2]) > Place(pernetList, log[t][j][2])
ExitsOpsMajor ==
  \A t \in Everyone :
    \A what \in {"pre_exit", "exit"}, i, j, k \in DOMAIN log[t] :
      Comes(t, i, j, what) /\ Comes(t, j, k, what)
        /\ log[t][i][2] = log[t][k][2] => log[t][j][2] = log[t][i][2]
ExitRtnlNetMajor ==
  \A t \in Everyone :
    \A i, j, k \in DOMAIN log[t] :
      Comes(t, i, j, "exit_rtnl") /\ Comes(t, j, k, "exit_rtnl")
        /\ log[t][i][3] = log[t][k][3] => log[t][j][3] = log[t][i][3]
(* The nets of a batch go newest first: in the order of the list taken.    *)
NetsInBatchOrder ==
  \A t \in Everyone :
    \A what \in {"pre_exit", "exit"}, i, j \in DOMAIN log[t] :
      Comes(t, i, j, what) /\ log[t][i][2] = log[t][j][2]
        /\ Range(thread[t].nets) # {} =>
        Place(thread[t].nets, log[t][i][3])
          < Place(thread[t].nets, log[t][j][3])

(* exit_batch of an ops comes after its last exit, before the next ops's   *)
(* exit.                                                                   *)
BatchAfterExits ==
  \A t \in Everyone : \A i, j \in DOMAIN log[t] :
    LET x == log[t][i]
        y == log[t][j]
    IN  /\ i < j /\ x[1] = "exit_batch" /\ y[1] = "exit" => x[2] # y[2]
        /\ i < j /\ x[1] = "exit" /\ y[1] \in {"exit", "exit_batch"}
             /\ x[2] # y[2] /\ x[2] \in WithExitBatch =>
             \E k \in i .. j : log[t][k] = <<"exit_batch", x[2], NoNet>>

(* A grace period ends between the last pre_exit and the first of the      *)
(* other exits, and exit_rtnl comes before exit.                           *)
Rank(what) == CASE what = "init" -> 0 [] what = "pre_exit" -> 1
                [] what = "grace" -> 2 [] what = "exit_rtnl" -> 3
                [] OTHER -> 4
PreExitGraceExit ==
  \A t \in Everyone :
    /\ \A i, j \in DOMAIN log[t] :
         i < j => Rank(log[t][i][1]) <= Rank(log[t][j][1])
    /\ \A i \in DOMAIN log[t] : Rank(log[t][i][1]) > 2 =>
         Ran(t, "grace", NoOps, NoNet)

(* At the end of a walk each of its callbacks has run, once.               *)
Wanted(r, what, S) ==
  {<<what, o, n>> : o \in Range(r.undo) \cap S, n \in Range(r.nets)}
WalkIsWhole ==
  \A t \in Everyone :
    \/ At(t, "CleanupNetUnlock") \/ At(t, "UnregisterUnlock")
    \/ thread[t].at \in {"CopyNetNsUnlock", "RegisterUnlock"}
         /\ thread[t].undo # <<>>
    => LET r == thread[t]
           exits == {i \in DOMAIN log[t] :
                       log[t][i][1] \notin {"init", "grace"}}
       IN  /\ {log[t][i] : i \in exits} =
                Wanted(r, "pre_exit", WithPreExit)
                \cup Wanted(r, "exit_rtnl", WithExitRtnl)
                \cup Wanted(r, "exit", WithExit)
                \cup {<<"exit_batch", o, NoNet>> :
                        o \in IF r.nets = <<>> THEN {}
                              ELSE Range(r.undo) \cap WithExitBatch}
           /\ Cardinality({log[t][i] : i \in exits}) = Cardinality(exits)

(* No reader that found a net before it left the list is still inside when *)
(* an exit of the cleanup has run on it.                                   *)
NoExitUnderReader ==
  \A t \in Threads, u \in Everyone :
    thread[t].at \in InRcu /\ InRound(u) =>
      \A i \in DOMAIN log[u] :
        log[u][i][1] \in {"exit", "exit_rtnl"} => log[u][i][3] # thread[t].net

(* Waits: for what is there, and only in their own steps.                  *)
WaitsForPending ==
  \A t \in Everyone :
    thread[t].waits \subseteq IF At(t, "RcuBarrierEnd") THEN deferred ELSE {}
GraceForReaders ==
  \A t \in Everyone :
    thread[t].readers
      \subseteq IF At(t, "OpsUndoListGraceEnd") THEN RcuReaders ELSE {}

(* A wait begins with all that is there then, and goes on until that is    *)
(* over.                                                                   *)
Enters(t, at) == thread[t].at # at /\ thread'[t].at = at
BarrierTakesAll ==
  \A t \in Everyone : Enters(t, "RcuBarrierEnd") => thread'[t].waits = deferred
BarrierTakesAllProp == [][BarrierTakesAll]_vars
GraceTakesAll ==
  \A t \in Everyone : Enters(t, "OpsUndoListGraceEnd") =>
    thread'[t].readers = {u \in Threads : At(u, "MaybeGetNet")}
GraceTakesAllProp == [][GraceTakesAll]_vars
WaitsOutlast ==
  \A t \in Everyone :
    /\ \A p \in thread[t].waits : p \in thread'[t].waits \/ p \notin deferred'
    /\ \A u \in thread[t].readers :
         u \in thread'[t].readers \/ thread'[u].at \notin InRcu
WaitsOutlastProp == [][WaitsOutlast]_vars

(* Once an ops is unregistered, or its register has failed, no callback of *)
(* it runs, and none that an exit of it has deferred is pending.           *)
InCall(o) ==
  \E t \in Threads : /\ thread[t].call \in {"register", "unregister"}
                     /\ o \in {thread[t].ops} \cup Range(thread[t].undo)
UnregisterIsFinal ==
  \A o \in Ops : ~Registered(o) /\ ~InCall(o) =>
    /\ \A t \in Everyone : thread[t].at \in Runs => thread[t].ops # o
    /\ \A n \in Nets : <<o, n, Levels>> \notin deferred

(***************************************************************************)
(* Counts and memory.                                                      *)
(***************************************************************************)
NoUseAfterFree ==
  \A n \in Nets : phase[n] = "free" =>
    /\ \A p \in deferred : p[2] # n
    /\ \A t \in Everyone : thread[t].net # n /\ thread[t].other # n
                           /\ n \notin Range(thread[t].nets)
    /\ n \notin Range(netList) \cup Range(cleanupList) \cup deferFree
    /\ nsids[n] = {} /\ \A m \in Nets : n \notin nsids[m]

(* The memory is freed at passive zero, and a net is dead just then.       *)
PassiveFrees ==
  \A n \in Nets :
    IF phase[n] \in {"free", "dead"} THEN passive[n] = 0
    ELSE passive[n] = 0 =>
           \E t \in Threads : At(t, "ReleaseNetFree") /\ thread[t].net = n
CountOnlyWhenUp ==
  \A n \in Nets : count[n] > 0 => phase[n] \in {"new", "listed"}
DeferredIsDead == \A n \in deferFree : phase[n] = "dead"

InitNetStays ==
  \/ phase[InitNet] = "listed" /\ count[InitNet] >= 1
  \/ phase[InitNet] = "new" /\ Boot
(* init_net's counts are there before its set-up begins.                   *)
InitNetCounted ==
  phase[InitNet] = "new" /\ ~At(Worker, "NetNsInit") => count[InitNet] = 1

CountStaysZero ==
  \A n \in Nets : count[n] = 0 /\ count'[n] > 0 => phase[n] \in {"free", "new"}
CountStaysZeroProp == [][CountStaysZero]_vars
KeptIsHeld ==
  \A n \in Nets : phase[n] = "kept" /\ phase'[n] # "kept" =>
    passive[n] = 0 /\ phase'[n] = "dead"
KeptIsHeldProp == [][KeptIsHeld]_vars

(* Past unhash_nsid no table holds a net of the batch.                     *)
DeadInNoTable ==
  \A n, m \in Nets :
    \/ phase[n] \in {"dead", "kept", "free"}
    \/ phase[n] = "dying" /\ ~\E t \in Everyone : At(t, "UnhashNsid")
    => n \notin nsids[m]

(***************************************************************************)
(* Ids and slots.                                                          *)
(***************************************************************************)
IdsApart ==
  \A o \in WithId :
    /\ \A p \in WithId \ {o} : ids[o] = ids[p] => ids[o] = 0
    /\ Registered(o) => ids[o] # 0
    /\ ids[o] <= maxGenPtrs
(* A callback of an ops that is pending may still use its id.              *)
IdKeptWhilePending ==
  \A p \in deferred : p[1] \in WithId /\ p[3] = Levels => ids[p[1]] # 0
SlotInBounds == \A n \in Nets : genLen[n] = Len(gen[n])
(* The array of slots is freed with the last passive count.                *)
ArrayGoesWithPassive ==
  \A n \in Nets : phase[n] \in {"free", "dead"} => gen[n] = <<>>
HasSlot(o, n) == /\ ids[o] # 0 /\ ids[o] <= Len(gen[n])
                 /\ gen[n][ids[o]] = o /\ <<o, n>> \in data
(* The slot is there from before the init to after the last exit of the    *)
(* batch.                                                                  *)
SlotValid ==
  /\ \A t \in Everyone, o \in WithId :
       /\ thread[t].at \in {"RegisterInit", "SetupNetInit"}
            /\ thread[t].ops = o => HasSlot(o, thread[t].net)
       /\ thread[t].at \in Walking /\ o \in Range(thread[t].undo) =>
            \A n \in Range(thread[t].nets) : HasSlot(o, n)
  /\ NoWriter => \A o \in WithId, n \in Range(netList) :
       Registered(o) => HasSlot(o, n)
(* No callback finds a slot of a registered ops that dangles.              *)
NoDanglingSlot ==
  \A t \in Everyone : thread[t].at \in Runs =>
    \A n \in {thread[t].net} \ {NoNet}, o \in WithId :
      ids[o] \in 1 .. Len(gen[n]) /\ gen[n][ids[o]] = o => <<o, n>> \in data
(* What is freed, is so after the walk; a net that is gone has no data.    *)
DataGoesWithNet ==
  \A p \in data : phase[p[2]] \in {"new", "listed", "dying"}

(***************************************************************************)
(* What must come, under FairSpec.                                         *)
(***************************************************************************)
CallsReturnProp == \A t \in Threads : ~At(t, "Idle") ~> At(t, "Idle")
DeadAreUnlistedProp ==
  \A n \in Nets : phase[n] = "listed" /\ count[n] = 0
                    ~> phase[n] \in {"kept", "dead", "free"}
(* What is deferred is freed, if rounds keep coming.                       *)
RoundsGoOn == []<>At(Worker, "CleanupNetLock")
DeferredIsFreedProp ==
  RoundsGoOn => \A n \in Nets : phase[n] = "dead" ~> phase[n] # "dead"

THEOREM Spec => [](WriterAlone /\ FirstComeFirstServed /\ NoSelfWait)
THEOREM Spec => [](ListedIsWhole /\ InitExitBalance /\ WalkIsWhole)
THEOREM Spec => [](NoUseAfterFree /\ NoExitUnderReader)
THEOREM Spec => BarrierTakesAllProp /\ GraceTakesAllProp /\ WaitsOutlastProp
THEOREM Spec /\ ~Positive => []SlotValid
THEOREM FairSpec /\ ~Boot => CallsReturnProp /\ DeadAreUnlistedProp
=============================================================================
