\* SPDX-License-Identifier: MIT
-------------------------- MODULE MCnetnsInductive --------------------------
(***************************************************************************)
(* WHAT   What more is true of every state of netns.tla, so that its       *)
(*        invariants follow from one state to the next: the conjunction    *)
(*        Inductive holds at the start, and every step keeps it, whatever  *)
(*        Ops, Slots, Threads and the other constants are.                 *)
(* SOURCE netns.tla; each conjunct was added because without it some step  *)
(*        leads from a state that has all the others to one that has not.  *)
(* GRAIN  That of netns.tla.  No action, no variable of its own.           *)
(* ACTORS Those of netns.tla.                                              *)
(* LEFT   Liveness.  MayCall is TRUE: clients may make any call.  Lists    *)
(* OUT    have no doubles, by ListsHaveNoDoubles; what makes a list is     *)
(*        shown to keep that.                                              *)
(* CHECKS TLC checks Inductive and Implied in an instance of netns.tla;    *)
(*        `make prove` proves them for any number.  It reads this module,  *)
(*        with the seeded faults, which it must refuse.                    *)
(* ABOVE  Nothing uses it but the proof: docs/proof.md.                    *)
(* RUN    make prove; make tlc                                             *)
(***************************************************************************)
EXTENDS MCnetnsBugs

ASSUME /\ NoOps \notin Ops /\ ListHead \notin Ops
       /\ Slots # <<>> /\ NoNet \notin Nets
       /\ Worker \notin Threads /\ Nobody \notin Everyone

(* What kind of value each variable has; from here the prover takes how it *)
(* writes a state.                                                         *)
Types ==
  /\ pernetList \in Seq(Ops) /\ firstDevice \in Ops \cup {ListHead}
  /\ kind \in [Ops -> Kinds \cup {"none"}]
  /\ netMutex \in Everyone \cup {Nobody} /\ rtnl \in Everyone \cup {Nobody}
  /\ netList \in Seq(Nets) /\ workQueue \in Seq(Nets)
  /\ phase \in [Nets -> {"free", "new", "listed", "dying", "kept"}]
  /\ count \in [Nets -> Nat] /\ useCount \in [Nets -> Nat]
  /\ deferred \in SUBSET (Ops \X Nets)
  /\ balance \in [Ops -> [Nets -> Int]]
  /\ thread \in [Everyone ->
       [at : Points, kind : Kinds \cup {"none"}, ops : Ops \cup {NoOps},
        net : Nets \cup {NoNet}, other : Nets \cup {NoNet}, err : Errors,
        waits : SUBSET (Ops \X Nets)]]

----------------------------------------------------------------------------
(* x comes before y in the list s.                                         *)
Earlier(s, x, y) ==
  x \in Range(s) /\ y \in Range(s) /\ Place(s, x) < Place(s, y)

(* The owner of net_mutex is at one of these points.                       *)
Owner(points) == netMutex # Nobody /\ thread[netMutex].at \in points

(* The points of one call, or of a part of one.                            *)
Setup    == {"SetupNetInit", "SetupNetUndo", "SetupNetBarrier",
             "SetupNetBarrierEnd"}
Walks    == {"RegisterInit", "RegisterUnlink", "RegisterUndo",
             "UnregisterExit"}
CopyNew  == Setup \cup {"CopyNetNsLock", "CopyNetNsUnlockFail",
                        "CopyNetNsRtnlLock", "CopyNetNsListAdd",
                        "CopyNetNsFree"}
CopyEnd  == {"CopyNetNsPut", "CopyNetNsQueue"}
Copy     == CopyNew \cup CopyEnd \cup {"CopyNetNsAlloc", "CopyNetNsUnlock"}
Dying    == {"CleanupNetExit", "CleanupNetUnlock", "CleanupNetBarrier",
             "CleanupNetBarrierEnd", "CleanupNetFree"}
Cleanup  == Dying \cup {"CleanupNetRtnlLock", "CleanupNetUnlink"}
BootNew  == {"NetNsInitLock", "NetNsInitRtnlLock", "NetNsInitListAdd"}
BootAll  == BootNew \cup {"NetNsInitUnlock", "NetNsInitPanic"}

(* The thread has a net that nobody else knows yet: at CopyEnd one whose   *)
(* set-up has failed.                                                      *)
HasNew(t) == thread[t].at \in CopyNew \cup CopyEnd /\ thread[t].net # NoNet

----------------------------------------------------------------------------
(* Clients do not clean up and do not boot; the worker does nothing else.  *)
EachItsOwn ==
  /\ \A t \in Threads : thread[t].at \notin Cleanup \cup BootAll
  /\ thread[Worker].at \in {"Idle"} \cup Cleanup \cup BootAll \cup Setup

(* The ops, the kind and the error that a thread has at its point.         *)
LocalsFit ==
  \A t \in Everyone :
    LET r == thread[t] IN
    (* It has an ops wherever the next step uses one, or has an error.     *)
    /\ r.at \in {"RegisterLink", "UnregisterUnlink", "SetupNetInit",
                 "SetupNetUndo", "CleanupNetExit"} \cup Walks => r.ops # NoOps
    /\ r.at \in {"RegisterUnlock", "UnregisterUnlock"} =>
         (r.ops = NoOps <=> Failed(r.err))
    (* It knows its kind up to the end of a register that has not failed.  *)
    /\ \/ r.at \in {"RegisterLink", "RegisterInit"}
       \/ r.at = "RegisterUnlock" /\ ~Failed(r.err)
       => r.kind \in Kinds
    (* Where nothing has failed, and where something has.                  *)
    /\ r.at \in {"RegisterLink", "RegisterInit", "UnregisterExit"} =>
         ~Failed(r.err)
    /\ r.at = "SetupNetInit" /\ ~Positive => ~Failed(r.err)
    /\ r.at \in {"RegisterUnlink", "RegisterUndo", "SetupNetUndo",
                 "SetupNetBarrier", "SetupNetBarrierEnd",
                 "CopyNetNsUnlockFail", "NetNsInitPanic"} => Failed(r.err)
    (* A callback that is to run is there.                                 *)
    /\ r.at \in {"RegisterInit", "RegisterUnlink", "SetupNetInit"} =>
         r.ops \in WithInit
    /\ r.at \in {"RegisterUndo", "UnregisterExit", "SetupNetUndo",
                 "CleanupNetExit"} => r.ops \in WithExit
    (* Only with namespaces is an ops linked.                              *)
    /\ r.at \in {"RegisterLink", "RegisterUnlink", "RegisterUndo",
                 "UnregisterUnlink"} => NetNs

(* The ops that a call is about is on the list, or registered, or neither, *)
(* as it should be at that point.                                          *)
OpsFit ==
  \A t \in Everyone :
    LET r == thread[t]
        coming == \/ r.at = "RegisterInit"
                  \/ r.at = "RegisterUnlock" /\ ~Failed(r.err)
    IN
    /\ r.at \in {"SetupNetInit", "SetupNetUndo", "CleanupNetExit"} =>
         r.ops \in Range(pernetList)
    /\ r.at = "RegisterLink" => kind[r.ops] = "none"
    /\ coming \/ r.at = "RegisterUnlink" =>
         IF NetNs THEN r.ops \in Range(pernetList) ELSE kind[r.ops] = "none"
    /\ coming /\ NetNs => kind[r.ops] = r.kind
    /\ r.at = "RegisterUndo" => kind[r.ops] = "none"
    /\ r.at = "UnregisterUnlink" => kind[r.ops] # "none"
    /\ \/ r.at = "UnregisterExit"
       \/ r.at = "UnregisterUnlock" /\ ~Failed(r.err)
       => (NetNs <=> kind[r.ops] = "none")

(* The net that a thread has at its point.                                 *)
NetsFit ==
  \A t \in Everyone :
    LET r == thread[t] IN
    /\ r.at \in CopyNew \cup Cleanup => r.net # NoNet
    /\ HasNew(t) => phase[r.net] = "new"
    /\ r.at \in Walks => r.net \in Range(netList)
    /\ r.at = "RegisterUndo" => Earlier(netList, r.net, r.other)
    (* A net that is put down is listed until the worker unlinks it.       *)
    /\ r.at = "PutNetQueue" =>
         r.net # NoNet /\ phase[r.net] = "listed" /\ count[r.net] = 0
    /\ r.at = "CopyNetNsQueue" =>
         r.other # NoNet /\ phase[r.other] = "listed" /\ count[r.other] = 0
    /\ r.at \in Cleanup \ Dying =>
         phase[r.net] = "listed" /\ count[r.net] = 0
    /\ r.at \in Dying => phase[r.net] = "dying"
    (* Elsewhere it has none.                                              *)
    /\ r.at \notin CopyNew \cup CopyEnd \cup Walks \cup Cleanup
                     \cup {"PutNetQueue"} => r.net = NoNet
    /\ r.other # NoNet => r.at \in Copy \cup {"RegisterUndo"}
    /\ r.other # NoNet /\ r.at \in Copy => Known(r.other)

(* The list is of the nets that are listed.                                *)
ListedIsOnList == Range(netList) = {n \in Nets : phase[n] = "listed"}

(* The worker sets up init_net and no other.                               *)
WorkerSetsUpInitNet ==
  thread[Worker].at \in Setup =>
    thread[Worker].net = InitNet /\ thread[Worker].other = NoNet

(* A net in its set-up has one owner.                                      *)
NewHasOneOwner ==
  \A t, u \in Everyone :
    HasNew(t) /\ HasNew(u) /\ thread[t].net = thread[u].net => t = u

----------------------------------------------------------------------------
(* A net whose count is zero is in the queue, or in the worker's hand, or  *)
(* in that of the one client that put it.  QueuedOnce says so in numbers.  *)
Queued(n)   == n \in Range(workQueue)
Puts(t, n)  == \/ At(t, "PutNetQueue") /\ thread[t].net = n
               \/ At(t, "CopyNetNsQueue") /\ thread[t].other = n
Cleaning(n) == thread[Worker].net = n /\ phase[n] # "new"
Going(n)    == \/ phase[n] = "listed" /\ count[n] = 0
               \/ phase[n] = "dying"
OneCleanupEach ==
  /\ \A n \in Nets :
       /\ Going(n) => Queued(n) \/ Cleaning(n) \/ \E t \in Threads : Puts(t, n)
       /\ Queued(n) => Going(n) /\ ~Cleaning(n)
       /\ Cleaning(n) => Going(n)
  /\ \A n \in Nets, t \in Threads :
       Puts(t, n) => Going(n) /\ ~Queued(n) /\ ~Cleaning(n)
  /\ \A n \in Nets, t, u \in Threads : Puts(t, n) /\ Puts(u, n) => t = u

(* Counts where a net has just come or is about to go.                     *)
CountsFit ==
  /\ \A n \in Nets :
       /\ phase[n] \in {"free", "dying", "kept"} => count[n] = 0
       /\ phase[n] \in {"free", "new"} => useCount[n] = 0
       /\ Queued(n) => phase[n] = "listed" /\ count[n] = 0
  /\ \A t \in Everyone :
       HasNew(t) /\ thread[t].at \notin CopyEnd \cup {"CopyNetNsLock",
                                                      "CopyNetNsFree"}
         => count[thread[t].net] = 1
  /\ thread[Worker].at \in BootNew \ {"NetNsInitLock"} => count[InitNet] = 1

(* The boot: until init_net is listed, and after a boot that failed, there *)
(* is no other net, and nobody copies, walks or puts.                      *)
BootIsAlone ==
  /\ phase[InitNet] = "new" <=> thread[Worker].at \in Setup \cup BootNew
  /\ phase[InitNet] = "new" \/ Doomed =>
       /\ \A n \in Nets : n # InitNet => phase[n] = "free"
       /\ \A n \in Nets : ~Queued(n)
       /\ \A t \in Threads :
            thread[t].at \notin Copy \cup Walks \cup {"PutNetQueue"}
  /\ Doomed => \A t \in Threads :
       thread[t].at \in {"Idle", "ListNetsRead", "RcuBarrierEnd"}
  /\ thread[Worker].at \in BootAll \/ phase[InitNet] = "new" => Boot

(* Without namespaces there is init_net alone, and nobody copies.          *)
OneNetWithout ==
  ~NetNs => /\ \A n \in Nets : n # InitNet => phase[n] = "free"
            /\ \A t \in Everyone : thread[t].at \notin Copy

----------------------------------------------------------------------------
(* Under the lock as well: linked is what is registered.                   *)
LinkedIfRegistered ==
  \A o \in Ops : o \in Range(pernetList) <=> NetNs /\ Registered(o)

(* The ops of a register that has linked it and has not returned.          *)
JustComing(o) ==
  /\ Owner({"RegisterInit", "RegisterUnlink", "RegisterUnlock"})
  /\ thread[netMutex].ops = o

(* Under the lock as well: firstDevice is the first device, but for one    *)
(* that is just coming.                                                    *)
FirstDeviceButComing ==
  firstDevice = First(pernetList,
                      {o \in Ops : kind[o] = "device" /\ ~JustComing(o)},
                      ListHead)

(* A device that is just coming is at the tail.                            *)
ComingIsLast ==
  \A o, x \in Ops :
    /\ JustComing(o) /\ kind[o] = "device" /\ o \in Range(pernetList)
    /\ x \in Range(pernetList) /\ x # o
    => Earlier(pernetList, x, o)

----------------------------------------------------------------------------
(* The ops that the owner of net_mutex is at, and its net.                 *)
OpsAtHand(o) ==
  /\ Owner(Walks \cup {"RegisterUnlock", "UnregisterUnlock"})
  /\ thread[netMutex].ops = o
NetAtHand(n) ==
  \/ /\ Owner(Setup \cup {"CopyNetNsRtnlLock", "CopyNetNsListAdd",
                          "CopyNetNsUnlockFail", "CleanupNetExit",
                          "CleanupNetUnlock"})
     /\ thread[netMutex].net = n
  \/ n = InitNet /\ Owner({"NetNsInitRtnlLock", "NetNsInitListAdd"})

(* With Positive (hazard H1) nothing is claimed of a net off the list.     *)
Sure(n) == ~Positive \/ (n \in Range(netList) /\ ~Doomed)

One(condition) == IF condition THEN 1 ELSE 0

(* Away from what is at hand, a registered ops has run its init, and not   *)
(* its exit, on each listed net, and on no other.                          *)
BalanceElsewhere ==
  /\ \A o \in Ops, n \in Nets : o \notin WithBoth => balance[o][n] = 0
  /\ \A o \in WithBoth, n \in Nets :
       ~OpsAtHand(o) /\ ~NetAtHand(n) /\ Sure(n) =>
         balance[o][n] =
           One(Registered(o) /\ n \in Range(netList) /\ ~Doomed)

(* The walks over the nets: which nets the ops at hand has been to.        *)
BalanceOfOps ==
  \A t \in Threads, n \in Nets :
    LET r == thread[t]
        b == balance[r.ops][n]
        listed == n \in Range(netList)
    IN
    r.ops \in WithBoth /\ Sure(n) =>
      /\ r.at \in {"RegisterInit", "RegisterUnlink"} =>
           b = One(Earlier(netList, n, r.net))
      /\ r.at = "RegisterUndo" =>
           b = One(/\ ~Earlier(netList, n, r.net)
                   /\ Earlier(netList, n, r.other))
      /\ r.at = "RegisterUnlock" => b = One(listed)
      /\ r.at = "UnregisterExit" =>
           b = One(listed /\ ~Earlier(netList, n, r.net))
      /\ r.at = "UnregisterUnlock" => b = 0

(* The walks over the ops: which of them the net at hand has.              *)
BalanceOfNet ==
  \A t \in Everyone, o \in WithBoth :
    LET r == thread[t]
        b == balance[o][r.net]
        linked == o \in Range(pernetList)
    IN
    /\ r.at = "SetupNetInit" => b = One(Earlier(pernetList, o, r.ops))
    /\ r.at \in {"SetupNetUndo", "CleanupNetExit"} =>
         b = One(linked /\ ~Earlier(pernetList, r.ops, o))
    /\ r.at \in {"SetupNetBarrier", "SetupNetBarrierEnd",
                 "CleanupNetUnlock"} => b = 0
    /\ r.at = "CopyNetNsUnlockFail" /\ ~Positive => b = 0
    /\ r.at \in {"CopyNetNsRtnlLock", "CopyNetNsListAdd"} => b = One(linked)
    /\ r.at \in {"NetNsInitRtnlLock", "NetNsInitListAdd"}
         /\ (~Positive \/ ~Doomed) =>
         balance[o][InitNet] = One(linked /\ ~Doomed)

(* A free net has neither inits nor counts left.                           *)
BalanceOfFree ==
  ~Positive => \A n \in Nets, o \in Ops : phase[n] = "free" => balance[o][n] = 0

(* A net that is about to be set up has had no init.                       *)
BalanceOfNew ==
  \A t \in Everyone, o \in Ops :
    /\ At(t, "CopyNetNsLock") => balance[o][thread[t].net] = 0
    /\ At(t, "NetNsInitLock") => balance[o][InitNet] = 0

(* A deferred callback of a net that a barrier is for is one that the      *)
(* barrier waits for; a net without a barrier before its free has none.    *)
DeferredHasBarrier ==
  \A p \in deferred :
    /\ At(Worker, "NetNsInitLock") => p[2] # InitNet
    /\ \A t \in Everyone :
         LET r == thread[t] IN
         /\ r.at \in {"SetupNetBarrierEnd", "CleanupNetBarrierEnd"}
              /\ r.net = p[2] => p \in r.waits
         /\ r.at \in {"CopyNetNsLock", "SetupNetInit", "CopyNetNsUnlockFail",
                      "CopyNetNsPut", "CopyNetNsQueue", "CopyNetNsFree",
                      "CopyNetNsRtnlLock", "CopyNetNsListAdd",
                      "CleanupNetFree"} => r.net # p[2]

----------------------------------------------------------------------------
(* Three invariants that the seed has without positive answers only.       *)
InitExitBalanceUnlessPositive == ~Positive => InitExitBalance
UndoIsExactUnlessPositive     == ~Positive => UndoIsExact
FreedIsUnusedUnlessPositive   == ~Positive => FreedIsUnused

Inductive ==
  /\ Types /\ ListsHaveNoDoubles /\ SubsysBeforeDevices
  /\ ListedIsOnList /\ NothingRunsOnFreed /\ NewIsOwned
  /\ InitNetStays /\ NetMutexWhereHeld /\ RtnlWhereHeld
  /\ LocksInOrder /\ BarrierWaitsForPending
  /\ EachItsOwn /\ LocalsFit /\ OpsFit /\ NetsFit /\ WorkerSetsUpInitNet
  /\ NewHasOneOwner /\ OneCleanupEach /\ CountsFit /\ BootIsAlone
  /\ OneNetWithout /\ LinkedIfRegistered /\ FirstDeviceButComing
  /\ ComingIsLast /\ BalanceElsewhere /\ BalanceOfOps /\ BalanceOfNet
  /\ BalanceOfNew /\ BalanceOfFree /\ DeferredHasBarrier

(* What is true of every state that has Inductive.                         *)
Implied ==
  /\ TypeOK /\ FirstDeviceExact /\ KindMatchesList /\ ListedOnlyWhenWhole
  /\ ExitReversesInit /\ QueuedOnce /\ NoSelfWait
  /\ InitExitBalanceUnlessPositive /\ UndoIsExactUnlessPositive
  /\ FreedIsUnusedUnlessPositive

(* What every step from a state with Inductive keeps.                      *)
BarrierOutlastsUnlessCancel == ~Cancel => BarrierOutlasts
Steps == /\ NoRiseFromZero /\ BarrierTakesAll /\ KeptStays
         /\ BarrierOutlastsUnlessCancel

(* How a counterexample should look where it can: no more in it than what  *)
(* is read.                                                                *)
Plain ==
  /\ NoInit \subseteq Ops /\ NoExit \subseteq Ops
  /\ Deferring \subseteq Ops /\ Failing \subseteq Ops
  /\ \A n \in Nets : count[n] <= 2 /\ useCount[n] <= 1
  /\ \A t \in Everyone :
       LET r == thread[t] IN
       /\ r.at = "Idle" => r.ops = NoOps /\ r.kind = "none" /\ r.err = ""
       /\ r.at \in CopyNew \cup CopyEnd \cup Cleanup => r.kind = "none"
       /\ Failed(r.err) => r.err \in {"ENOMEM", "EEXIST", "EINTR"}
=============================================================================
