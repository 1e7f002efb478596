\* SPDX-License-Identifier: MIT
--------------------------- MODULE MCnetnsClaims ---------------------------
(* The claims of netns.tla are held against states and steps that are      *)
(* written by hand.  Each of Wrong and WrongSteps is wrong in one place,   *)
(* which one part of one claim forbids: a claim that has lost the part     *)
(* accepts it.  Each of Sound and SoundSteps is as it should be: a claim   *)
(* that has lost a condition refuses one of the steps.  None of these      *)
(* states needs to be reachable.                                           *)
EXTENDS MCnetns

CONSTANTS O_1, O_2, O_3, T_1, T_2, Alien  \* Alien is of no type

VARIABLE asked  \* the claim that is asked, and what is wrong with the state

(* A subsystem and two devices on two nets, a third net free, all at rest. *)
Busy ==
  [pernetList |-> <<O_1, O_2, O_3>>, firstDevice |-> O_2,
   kind |-> [o \in Ops |-> IF o = O_1 THEN "subsys" ELSE "device"],
   netMutex |-> Nobody, rtnl |-> Nobody,
   netList |-> <<N_1, N_2>>,
   phase |-> [n \in Nets |-> IF n = N_3 THEN "free" ELSE "listed"],
   count |-> [n \in Nets |-> IF n = N_3 THEN 0 ELSE 1],
   useCount |-> [n \in Nets |-> 0],
   workQueue |-> <<>>, deferred |-> {},
   balance |-> [o \in Ops |-> [n \in Nets |-> IF n = N_3 THEN 0 ELSE 1]],
   thread |-> [t \in Everyone |-> Rest]]

Stands(s, t, r) == [s EXCEPT !.thread[t] = r]
Locked(s, t, r) == [Stands(s, t, r) EXCEPT !.netMutex = t]

(* O_3 is being registered: on no net yet, and, after its init on N_2 has  *)
(* failed, undone on the nets before that.                                 *)
Unlinked == [Busy EXCEPT !.pernetList = <<O_1, O_2>>, !.kind[O_3] = "none",
                         !.balance[O_3] = [n \in Nets |-> 0]]
Coming3 == Locked([Busy EXCEPT !.balance[O_3] = [n \in Nets |-> 0]], T_1, Stand("RegisterInit", "device", O_3, N_1, NoNet, ""))
Undo3 == Locked([Unlinked EXCEPT !.balance[O_3][N_1] = 1], T_1,
                Stand("RegisterUndo", "none", O_3, N_1, N_2, "ENOMEM"))
Undone3 == Locked(Unlinked, T_1, AtErr("RegisterUnlock", "ENOMEM"))

(* N_3 is in its set-up, or that is undone.                                *)
New3 == [Busy EXCEPT !.phase[N_3] = "new", !.count[N_3] = 1,
                     !.count[N_1] = 2]
Setup3 == Locked([New3 EXCEPT !.balance[O_1][N_3] = 1], T_1,
                 Stand("SetupNetInit", "none", O_2, N_3, N_1, ""))
SetupUndo3 ==
  Locked([New3 EXCEPT !.balance[O_1][N_3] = 1, !.balance[O_2][N_3] = 1], T_1,
         Stand("SetupNetUndo", "none", O_2, N_3, N_1, "ENOMEM"))
SetupFailed3(at) == Locked(New3, T_1, InCopy(at, N_3, N_1, "ENOMEM"))
Waits3(s, p) == [s EXCEPT !.thread[T_1].waits = p]

(* N_2 has been put.                                                       *)
Put2 == [Busy EXCEPT !.count[N_2] = 0]
Queued2 == [Put2 EXCEPT !.workQueue = <<N_2>>]
Clean2 == Locked([Put2 EXCEPT !.netList = <<N_1>>, !.phase[N_2] = "dying",
                              !.balance[O_3][N_2] = 0],
                 Worker, Stand("CleanupNetExit", "none", O_2, N_2, NoNet, ""))

Barrier1 == [Stands(Busy, T_1, [AtErr("RcuBarrierEnd", "") EXCEPT
                                    !.waits = {<<O_1, N_1>>}])
               EXCEPT !.deferred = {<<O_1, N_1>>, <<O_2, N_1>>}]
Lists == Stands([Busy EXCEPT !.rtnl = T_1], T_1, AtErr("ListNetsRead", ""))
Adds3 == [Setup3 EXCEPT !.rtnl = T_1, !.balance[O_2][N_3] = 1,
                        !.balance[O_3][N_3] = 1,
            !.thread[T_1] = InCopy("CopyNetNsListAdd", N_3, N_1, "")]

(* At boot, the set-up of init_net has failed and is undone.               *)
Doomed1 ==
  Locked([Busy EXCEPT !.netList = <<>>, !.phase[N_1] = "new",
                      !.phase[N_2] = "free", !.count[N_2] = 0,
                      !.balance = [o \in Ops |-> [n \in Nets |-> 0]]],
         Worker, AtErr("NetNsInitRtnlLock", "ENOMEM"))

Sound ==
  <<Busy, Unlinked, Coming3, Undo3, Undone3, Setup3, SetupUndo3,
    SetupFailed3("SetupNetBarrier"), SetupFailed3("CopyNetNsUnlockFail"),
    Waits3([SetupFailed3("SetupNetBarrierEnd")
              EXCEPT !.deferred = {<<O_1, N_3>>}], {<<O_1, N_3>>}),
    Stands(Put2, T_1, AtNet("PutNetQueue", N_2)), Queued2, Clean2, Lists,
    Barrier1, Adds3>>

Typed(s, what) == <<"TypeOK", what, s>>
Field(r, what) == Typed(Stands(Busy, T_1, r), what)

Wrong ==
  <<Typed([Busy EXCEPT !.pernetList = Append(@, Alien)], "pernetList"),
    Typed([Busy EXCEPT !.firstDevice = Alien], "firstDevice"),
    Typed([Busy EXCEPT !.kind[O_1] = Alien], "kind"),
    Typed([Busy EXCEPT !.netMutex = Alien], "netMutex"),
    Typed([Busy EXCEPT !.rtnl = Alien], "rtnl"),
    Typed([Busy EXCEPT !.netList = Append(@, Alien)], "netList"),
    Typed([Busy EXCEPT !.workQueue = <<Alien>>], "workQueue"),
    Typed([Busy EXCEPT !.phase[N_3] = Alien], "phase"),
    Typed([Busy EXCEPT !.count[N_3] = -1], "count"),
    Typed([Busy EXCEPT !.useCount[N_3] = -1], "useCount"),
    Typed([Busy EXCEPT !.deferred = {<<O_1, Alien>>}], "deferred"),
    Typed([Busy EXCEPT !.balance[O_1][N_1] = Alien], "balance"),
    Field([at |-> "Idle", kind |-> "none", ops |-> NoOps, net |-> NoNet,
           other |-> NoNet, err |-> "", waits |-> {}, more |-> 0], "fields"),
    Field([Rest EXCEPT !.at = Alien], "at"),
    Field([Rest EXCEPT !.kind = Alien], "kind of a thread"),
    Field([Rest EXCEPT !.ops = Alien], "ops"),
    Field([Rest EXCEPT !.net = Alien], "net"),
    Field([Rest EXCEPT !.other = Alien], "other"),
    Field([Rest EXCEPT !.err = Alien], "err"),
    Field([Rest EXCEPT !.waits = {<<O_1, Alien>>}], "waits"),

    <<"ListsHaveNoDoubles", "an ops twice",
      [Busy EXCEPT !.pernetList = <<O_1, O_2, O_2>>]>>,
    <<"ListsHaveNoDoubles", "a net twice",
      [Busy EXCEPT !.netList = <<N_1, N_2, N_1>>]>>,
    <<"ListsHaveNoDoubles", "queued twice",
      [Put2 EXCEPT !.workQueue = <<N_2, N_2>>]>>,
    <<"SubsysBeforeDevices", "a device first",
      [Busy EXCEPT !.pernetList = <<O_2, O_1, O_3>>]>>,
    <<"FirstDeviceExact", "the second", [Busy EXCEPT !.firstDevice = O_3]>>,
    <<"FirstDeviceExact", "none", [Busy EXCEPT !.firstDevice = ListHead]>>,
    <<"KindMatchesList", "linked", [Busy EXCEPT !.kind[O_1] = "none"]>>,
    <<"KindMatchesList", "unlinked",
      [Unlinked EXCEPT !.kind[O_3] = "device"]>>,
    <<"InitExitBalance", "two inits under the lock",
      [Setup3 EXCEPT !.balance[O_1][N_3] = 2]>>,
    <<"InitExitBalance", "an exit too many",
      [Busy EXCEPT !.balance[O_1][N_2] = 0]>>,
    <<"InitExitBalance", "an exit without its init under the lock",
      [Setup3 EXCEPT !.balance[O_2][N_3] = -1]>>,
    <<"InitExitBalance", "an exit is left behind",
      [Unlinked EXCEPT !.balance[O_3][N_1] = 1]>>,
    <<"UndoIsExact", "an exit of the register too many",
      [Undo3 EXCEPT !.balance[O_3][N_1] = 0]>>,
    <<"UndoIsExact", "the net that failed, too",
      [Undo3 EXCEPT !.balance[O_3][N_2] = 1]>>,
    <<"UndoIsExact", "the register leaves one",
      [Undone3 EXCEPT !.balance[O_3][N_1] = 1]>>,
    <<"UndoIsExact", "the set-up leaves one of what is not registered",
      [SetupFailed3("SetupNetBarrier") EXCEPT !.pernetList = <<O_1, O_2>>,
                                              !.balance[O_3][N_3] = 1]>>,
    <<"UndoIsExact", "the set-up leaves one, before its barrier",
      [SetupFailed3("SetupNetBarrier") EXCEPT !.balance[O_1][N_3] = 1]>>,
    <<"UndoIsExact", "the set-up leaves one, in its barrier",
      [SetupFailed3("SetupNetBarrierEnd") EXCEPT !.balance[O_1][N_3] = 1]>>,
    <<"UndoIsExact", "the set-up leaves one, at its end",
      [SetupFailed3("CopyNetNsUnlockFail") EXCEPT !.balance[O_1][N_3] = 1]>>,
    <<"UndoIsExact at boot", "the set-up leaves one",
      [Doomed1 EXCEPT !.balance[O_1][N_1] = 1]>>,
    <<"ExitReversesInit", "a cleanup's exit out of its turn",
      [Clean2 EXCEPT !.balance[O_1][N_2] = 0]>>,
    <<"ExitReversesInit", "a cleanup leaves an exit behind",
      [Clean2 EXCEPT !.balance[O_3][N_2] = 1]>>,
    <<"ExitReversesInit", "an exit out of its turn",
      [SetupUndo3 EXCEPT !.balance[O_1][N_3] = 0]>>,
    <<"ExitReversesInit", "an exit is left behind",
      [SetupUndo3 EXCEPT !.balance[O_3][N_3] = 1]>>,
    <<"ListedOnlyWhenWhole", "not on the list",
      [Busy EXCEPT !.phase[N_3] = "listed"]>>,
    <<"ListedOnlyWhenWhole", "on the list in its set-up",
      [Adds3 EXCEPT !.netList = Append(@, N_3)]>>,
    <<"ListedOnlyWhenWhole", "with two inits",
      [Busy EXCEPT !.balance[O_1][N_2] = 2]>>,
    <<"ListedOnlyWhenWhole", "init_net, without an init",
      [Busy EXCEPT !.balance[O_1][N_1] = 0]>>,
    <<"ListedOnlyWhenWhole", "without an init",
      [Busy EXCEPT !.balance[O_1][N_2] = 0]>>,
    <<"ListedOnlyWhenWhole", "without an init, and another ops is coming",
      [Coming3 EXCEPT !.balance[O_2][N_2] = 0]>>,
    <<"ListedOnlyWhenWhole", "without an init that is at hand elsewhere",
      [Setup3 EXCEPT !.balance[O_2][N_2] = 0]>>,
    <<"NothingRunsOnFreed", "a callback",
      [Busy EXCEPT !.deferred = {<<O_1, N_3>>}]>>,
    <<"NothingRunsOnFreed", "a thread",
      Stands(Busy, T_1, AtNet("PutNetQueue", N_3))>>,
    <<"NothingRunsOnFreed", "a copy",
      Stands(Busy, T_1, InCopy("CopyNetNsPut", NoNet, N_3, ""))>>,
    <<"NothingRunsOnFreed", "the list",
      [Busy EXCEPT !.netList = Append(@, N_3)]>>,
    <<"NothingRunsOnFreed", "the queue",
      [Busy EXCEPT !.workQueue = <<N_3>>]>>,
    <<"NothingRunsOnFreed", "the worker",
      Stands(Busy, Worker, AtNet("CleanupNetBarrier", N_3))>>,
    <<"FreedIsUnused", "an init of what is not registered",
      [Coming3 EXCEPT !.pernetList = <<O_1, O_2>>, !.balance[O_3][N_3] = 1]>>,
    <<"FreedIsUnused", "a reference", [Busy EXCEPT !.count[N_3] = 1]>>,
    <<"FreedIsUnused", "a use", [Busy EXCEPT !.useCount[N_3] = 1]>>,
    <<"FreedIsUnused", "an init", [Busy EXCEPT !.balance[O_1][N_3] = 1]>>,
    <<"NewIsOwned", "nobody's", New3>>,
    <<"NewIsOwned", "nobody's, and init_net is about to be set up",
      Stands(New3, Worker, AtErr("NetNsInitLock", ""))>>,
    <<"NewIsOwned", "init_net, and the worker is idle",
      [Busy EXCEPT !.phase[N_1] = "new"]>>,
    <<"QueuedOnce", "never", Put2>>,
    <<"QueuedOnce", "too early", [Busy EXCEPT !.workQueue = <<N_2>>]>>,
    <<"QueuedOnce", "twice",
      Stands(Queued2, T_1, AtNet("PutNetQueue", N_2))>>,
    <<"QueuedOnce", "dying, and in nobody's hand",
      [Busy EXCEPT !.phase[N_2] = "dying"]>>,
    <<"InitNetStays", "dying", [Busy EXCEPT !.phase[N_1] = "dying"]>>,
    <<"InitNetStays", "without a reference", [Busy EXCEPT !.count[N_1] = 0]>>,
    <<"InitNetStays", "new again", [Busy EXCEPT !.phase[N_1] = "new"]>>,
    <<"InitNetStays at boot", "dying",
      [Busy EXCEPT !.phase[N_1] = "dying"]>>,
    <<"NetMutexWhereHeld", "kept", [Busy EXCEPT !.netMutex = T_1]>>,
    <<"NetMutexWhereHeld", "open", [Coming3 EXCEPT !.netMutex = Nobody]>>,
    <<"NetMutexWhereHeld", "open, the worker",
      [Clean2 EXCEPT !.netMutex = Nobody]>>,
    <<"RtnlWhereHeld", "kept by the worker", [Busy EXCEPT !.rtnl = Worker]>>,
    <<"RtnlWhereHeld", "kept", [Busy EXCEPT !.rtnl = T_1]>>,
    <<"RtnlWhereHeld", "open", [Lists EXCEPT !.rtnl = Nobody]>>,
    <<"LocksInOrder", "rtnl alone", [Adds3 EXCEPT !.netMutex = Nobody]>>,
    <<"LocksInOrder", "waits with rtnl",
      [Adds3 EXCEPT !.thread[T_1].at = "CopyNetNsLock"]>>,
    <<"NoSelfWait", "the worker, net_mutex",
      [Queued2 EXCEPT !.netMutex = Worker]>>,
    <<"NoSelfWait", "the worker, rtnl",
      [Clean2 EXCEPT !.rtnl = Worker,
                     !.thread[Worker].at = "CleanupNetRtnlLock"]>>,
    <<"NoSelfWait", "net_mutex", [Busy EXCEPT !.netMutex = T_1]>>,
    <<"NoSelfWait", "rtnl", [Busy EXCEPT !.rtnl = T_1]>>,
    <<"BarrierWaitsForPending", "it has run",
      Waits3(SetupFailed3("SetupNetBarrierEnd"), {<<O_1, N_3>>})>>,
    <<"BarrierWaitsForPending", "it has run, and the worker waits",
      [Clean2 EXCEPT !.netMutex = Nobody,
         !.thread[Worker] = [AtNet("CleanupNetBarrierEnd", N_2)
                               EXCEPT !.waits = {<<O_1, N_2>>}]]>>,
    <<"BarrierWaitsForPending", "it has run, and a client waits",
      [Barrier1 EXCEPT !.deferred = {<<O_2, N_1>>}]>>,
    <<"BarrierWaitsForPending", "outside of the barrier",
      Waits3([SetupFailed3("CopyNetNsUnlockFail")
                EXCEPT !.deferred = {<<O_1, N_3>>}], {<<O_1, N_3>>})>>>>

(* N_2 was in use when it was to be freed.                                 *)
Kept2 == [Busy EXCEPT !.netList = <<N_1>>, !.phase[N_2] = "kept",
                      !.count[N_2] = 0, !.useCount[N_2] = 1]
Frees2 == [Kept2 EXCEPT !.phase[N_2] = "dying",
                        !.thread[Worker] = AtNet("CleanupNetFree", N_2)]

(* The worker and T_1 before and in a barrier, while two are pending.      *)
Two == {<<O_1, N_2>>, <<O_2, N_2>>}
Nearing == [Frees2 EXCEPT !.deferred = Two,
                         !.thread[Worker].at = "CleanupNetBarrier"]
Within(p) == [Nearing EXCEPT !.thread[Worker] =
                [AtNet("CleanupNetBarrierEnd", N_2) EXCEPT !.waits = p]]
Nearing3 == [SetupFailed3("SetupNetBarrier") EXCEPT !.deferred = Two]
Within3(p) ==
  Waits3([SetupFailed3("SetupNetBarrierEnd") EXCEPT !.deferred = Two], p)
Free1 == [Busy EXCEPT !.deferred = Two]
Within1(p) ==
  Stands(Free1, T_1, [AtErr("RcuBarrierEnd", "") EXCEPT !.waits = p])

SoundSteps ==
  <<<<"a count rises", Busy, [Busy EXCEPT !.count[N_2] = 2]>>,
    <<"a count falls to zero", Busy, Put2>>,
    <<"a count stays at zero", Put2, Queued2>>,
    <<"a count rises in a set-up", [New3 EXCEPT !.count[N_3] = 0], New3>>,
    <<"a barrier takes all", Nearing, Within(Two)>>,
    <<"a set-up's barrier takes all", Nearing3, Within3(Two)>>,
    <<"a client's barrier takes all", Free1, Within1(Two)>>,
    <<"a callback has run that a barrier waits for", Within1(Two),
      [Within1({<<O_1, N_2>>}) EXCEPT !.deferred = {<<O_1, N_2>>}]>>,
    <<"the last callback has run that a barrier waits for",
      Within({<<O_1, N_2>>}), [Within({}) EXCEPT !.deferred = {<<O_2, N_2>>}]>>,
    <<"a client's barrier is over", Within1({}), Free1>>,
    <<"more is pending during a barrier",
      [Within({}) EXCEPT !.deferred = {}], Within({})>>,
    <<"what came during a barrier stays pending",
      Within({}), [Within({}) EXCEPT !.count[N_1] = 2]>>,
    <<"a barrier is over", Within({}), [Nearing EXCEPT !.thread[Worker].at =
                                          "CleanupNetFree"]>>,
    <<"a net is kept", Frees2, Kept2>>,
    <<"what is kept is released",
      Kept2, [Kept2 EXCEPT !.useCount[N_2] = 0]>>,
    <<"what is kept and released stays so",
      [Kept2 EXCEPT !.useCount[N_2] = 0],
      [Kept2 EXCEPT !.useCount[N_2] = 0, !.count[N_1] = 2]>>>>

WrongSteps ==
  <<<<"NoRiseFromZero", "listed", Put2, [Put2 EXCEPT !.count[N_2] = 1]>>,
    <<"NoRiseFromZero", "dying", Clean2, [Clean2 EXCEPT !.count[N_2] = 1]>>,
    <<"NoRiseFromZero", "kept", Kept2, [Kept2 EXCEPT !.count[N_2] = 1]>>,
    <<"NoRiseFromZero", "free", Busy, [Busy EXCEPT !.count[N_3] = 1]>>,
    <<"BarrierTakesAll", "nothing", Nearing, Within({})>>,
    <<"BarrierTakesAll", "one of two", Nearing, Within({<<O_1, N_2>>})>>,
    <<"BarrierTakesAll", "one that is not pending",
      [Nearing EXCEPT !.deferred = {}],
      [Within({<<O_1, N_2>>}) EXCEPT !.deferred = {}]>>,
    <<"BarrierTakesAll", "what comes in the same step",
      [Nearing EXCEPT !.deferred = {}], Within(Two)>>,
    <<"BarrierTakesAll", "nothing, in a set-up", Nearing3, Within3({})>>,
    <<"BarrierTakesAll", "nothing, for a client", Free1, Within1({})>>,
    <<"BarrierOutlasts", "one of two is forgotten",
      Within(Two), Within({<<O_1, N_2>>})>>,
    <<"BarrierOutlasts", "both are, when one has run",
      Within3(Two), [Within3({}) EXCEPT !.deferred = {<<O_1, N_2>>}]>>,
    <<"BarrierOutlasts", "the call returns", Within1(Two), Free1>>,
    <<"KeptStays", "freed", Kept2, [Kept2 EXCEPT !.phase[N_2] = "free"]>>,
    <<"KeptStays", "listed", Kept2, [Kept2 EXCEPT !.phase[N_2] = "listed"]>>,
    <<"KeptStays", "not in use", [Frees2 EXCEPT !.useCount[N_2] = 0],
      [Kept2 EXCEPT !.useCount[N_2] = 0]>>>>

AtBoot == INSTANCE netns WITH Boot <- TRUE

Holds(claim) ==
  CASE claim = "TypeOK"                 -> TypeOK
    [] claim = "ListsHaveNoDoubles"     -> ListsHaveNoDoubles
    [] claim = "SubsysBeforeDevices"    -> SubsysBeforeDevices
    [] claim = "FirstDeviceExact"       -> FirstDeviceExact
    [] claim = "KindMatchesList"        -> KindMatchesList
    [] claim = "InitExitBalance"        -> InitExitBalance
    [] claim = "UndoIsExact"            -> UndoIsExact
    [] claim = "UndoIsExact at boot"    -> AtBoot!UndoIsExact
    [] claim = "ExitReversesInit"       -> ExitReversesInit
    [] claim = "ListedOnlyWhenWhole"    -> ListedOnlyWhenWhole
    [] claim = "NothingRunsOnFreed"     -> NothingRunsOnFreed
    [] claim = "FreedIsUnused"          -> FreedIsUnused
    [] claim = "NewIsOwned"             -> NewIsOwned
    [] claim = "QueuedOnce"             -> QueuedOnce
    [] claim = "InitNetStays"           -> InitNetStays
    [] claim = "InitNetStays at boot"   -> AtBoot!InitNetStays
    [] claim = "NetMutexWhereHeld"      -> NetMutexWhereHeld
    [] claim = "RtnlWhereHeld"          -> RtnlWhereHeld
    [] claim = "LocksInOrder"           -> LocksInOrder
    [] claim = "NoSelfWait"             -> NoSelfWait
    [] claim = "BarrierWaitsForPending" -> BarrierWaitsForPending

HoldsOfStep(claim) ==
  CASE claim = "NoRiseFromZero"  -> NoRiseFromZero
    [] claim = "BarrierTakesAll" -> BarrierTakesAll
    [] claim = "BarrierOutlasts" -> BarrierOutlasts
    [] claim = "KeptStays"       -> KeptStays

StepClaims == {WrongSteps[i][1] : i \in DOMAIN WrongSteps}
Claims == {Wrong[i][1] : i \in DOMAIN Wrong}

Is(s) ==
  /\ pernetList = s.pernetList /\ firstDevice = s.firstDevice
  /\ kind = s.kind /\ netMutex = s.netMutex /\ rtnl = s.rtnl
  /\ netList = s.netList /\ phase = s.phase /\ count = s.count
  /\ useCount = s.useCount /\ workQueue = s.workQueue
  /\ deferred = s.deferred /\ balance = s.balance /\ thread = s.thread
Becomes(s) ==
  /\ pernetList' = s.pernetList /\ firstDevice' = s.firstDevice
  /\ kind' = s.kind /\ netMutex' = s.netMutex /\ rtnl' = s.rtnl
  /\ netList' = s.netList /\ phase' = s.phase /\ count' = s.count
  /\ useCount' = s.useCount /\ workQueue' = s.workQueue
  /\ deferred' = s.deferred /\ balance' = s.balance /\ thread' = s.thread

WrongStep(i) == <<"a wrong step", WrongSteps[i][1], WrongSteps[i][2]>>
SoundStep(i) == <<"a sound step", SoundSteps[i][1]>>

InitClaims ==
  \/ \E i \in DOMAIN Wrong :
       Is(Wrong[i][3]) /\ asked = <<Wrong[i][1], Wrong[i][2]>>
  \/ \E i \in DOMAIN Sound : Is(Sound[i]) /\ asked = <<"all", i>>
  \/ Is(Doomed1) /\ asked = <<"all at boot", 1>>
  \/ \E i \in DOMAIN WrongSteps :
       Is(WrongSteps[i][3]) /\ asked = WrongStep(i)
  \/ \E i \in DOMAIN SoundSteps :
       Is(SoundSteps[i][2]) /\ asked = SoundStep(i)
NextClaims ==
  \/ \E i \in DOMAIN WrongSteps :
       /\ asked = WrongStep(i) /\ Becomes(WrongSteps[i][4])
       /\ asked' = <<"a wrong step is over", i>>
  \/ \E i \in DOMAIN SoundSteps :
       /\ asked = SoundStep(i) /\ Becomes(SoundSteps[i][3])
       /\ asked' = <<"a sound step is over", i>>
  \/ /\ asked[1] \notin {"a wrong step", "a sound step"}
     /\ UNCHANGED <<vars, asked>>

(* Claims that hold always, or never: what asks them must notice.          *)
BugAlways == TRUE
BugNever  == FALSE

WrongIsRefused  == asked[1] \in Claims => ~Holds(asked[1])
SoundIsAccepted ==
  /\ asked[1] = "all" => \A claim \in Claims : Holds(claim)
  /\ asked[1] = "all at boot" =>
       \A claim \in Claims \ {"InitNetStays"} : Holds(claim)
WrongStepIsRefused ==
  [][asked[1] = "a wrong step" => ~HoldsOfStep(asked[2])]_<<vars, asked>>
SoundStepIsAccepted ==
  [][asked[1] = "a sound step" =>
       \A claim \in StepClaims : HoldsOfStep(claim)]_<<vars, asked>>
=============================================================================
