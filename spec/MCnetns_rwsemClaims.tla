\* SPDX-License-Identifier: MIT
------------------------- MODULE MCnetns_rwsemClaims -------------------------
(* The claims of netns_rwsem.tla are held against states and steps that    *)
(* are written by hand, as in MCnetnsClaims.tla.  ReadersShare is not among *)
(* them: only a fault in Granted can violate it.                           *)
EXTENDS MCnetns_rwsem

CONSTANTS O_1, O_2, O_3, T_1, T_2, Alien  \* Alien is of no type

VARIABLE asked  \* the claim that is asked, and what is wrong with the state

(* A subsystem and two devices on two nets, a third net free, all at rest. *)
Up == {N_1, N_2}
Busy ==
  [pernetList |-> <<O_1, O_2, O_3>>, firstDevice |-> O_2,
   kind |-> [o \in Ops |-> IF o = O_1 THEN "subsys" ELSE "device"],
   initNetUp |-> TRUE, rwsem |-> <<>>, netRwsem |-> {}, rtnl |-> Nobody,
   netList |-> <<N_1, N_2>>,
   phase |-> [n \in Nets |-> IF n \in Up THEN "listed" ELSE "free"],
   count |-> [n \in Nets |-> IF n \in Up THEN 1 ELSE 0],
   passive |-> [n \in Nets |-> IF n \in Up THEN 1 ELSE 0],
   cleanupList |-> <<>>, work |-> FALSE, deferFree |-> {}, deferred |-> {},
   ids |-> [o \in Ops |-> IF o = O_1 THEN 1 ELSE IF o = O_2 THEN 2 ELSE 3],
   maxGenPtrs |-> 3,
   gen |-> [n \in Nets |-> IF n \in Up THEN <<O_1, O_2, O_3>> ELSE <<>>],
   genLen |-> [n \in Nets |-> IF n \in Up THEN 3 ELSE 0],
   data |-> Ops \X Up, nsids |-> [n \in Nets |-> {}],
   balance |-> [o \in Ops |-> [n \in Nets |-> IF n \in Up THEN 1 ELSE 0]],
   log |-> [t \in Everyone |-> <<>>], thread |-> [t \in Everyone |-> Rest]]

Stands(s, t, r)    == [s EXCEPT !.thread[t] = r]
Has(s, t, mode, r) == [Stands(s, t, r) EXCEPT !.rwsem = <<<<t, mode>>>>]
Ran1(s, t, l)      == [s EXCEPT !.log[t] = l]

(* What a walk logs, in its order.                                         *)
OpsMajor(what, os, ns) ==
  [i \in 1 .. Len(os) * Len(ns) |->
     <<what, os[((i - 1) \div Len(ns)) + 1], ns[((i - 1) % Len(ns)) + 1]>>]
NetMajor(what, os, ns) ==
  [i \in 1 .. Len(os) * Len(ns) |->
     <<what, os[((i - 1) % Len(os)) + 1], ns[((i - 1) \div Len(os)) + 1]>>]
Grace1         == <<<<"grace", NoOps, NoNet>>>>
Batched(o)     == <<<<"exit_batch", o, NoNet>>>>
Ended(o, ns)   == OpsMajor("exit", <<o>>, ns) \o Batched(o)
Before1(os, ns) == OpsMajor("pre_exit", os, ns) \o Grace1
                     \o NetMajor("exit_rtnl", os, ns)

(* O_3 is being registered: its init runs on N_1.  Then, after its init on *)
(* N_2 has failed, it is undone.                                           *)
NoO3(s) == [s EXCEPT !.balance[O_3] = [n \in Nets |-> 0],
                     !.data = {O_1, O_2} \X Up,
                     !.gen = [n \in Nets |-> IF n \in Up
                                THEN <<O_1, O_2, NoOps>> ELSE <<>>]]
Unlinked == [NoO3(Busy) EXCEPT !.pernetList = <<O_1, O_2>>,
                               !.kind[O_3] = "none"]
Gone3    == [Unlinked EXCEPT !.ids[O_3] = 0]
Coming3 == Has([NoO3(Busy) EXCEPT !.gen[N_1] = <<O_1, O_2, O_3>>,
                                  !.data = @ \cup {<<O_3, N_1>>}],
               T_1, "W", [Rest EXCEPT !.at = "RegisterInit", !.net = N_1,
                 !.call = "register", !.kind = "device", !.ops = O_3])
InUndo3(at) == [Rest EXCEPT !.at = at, !.call = "register", !.undo = <<O_3>>,
                            !.nets = <<N_1>>, !.err = "ENOMEM"]
Inits3 == <<<<"init", O_3, N_1>>, <<"init", O_3, N_2>>>>
Undo3 == Ran1(Has([Unlinked EXCEPT !.balance[O_3][N_1] = 1,
                                   !.gen[N_1] = <<O_1, O_2, O_3>>,
                                   !.data = @ \cup {<<O_3, N_1>>}],
                  T_1, "W", [InUndo3("OpsUndoListExit") EXCEPT
                               !.ops = O_3, !.net = N_1]),
              T_1, Inits3 \o Before1(<<O_3>>, <<N_1>>))
Undone3 == Ran1(Has(Unlinked, T_1, "W", InUndo3("RegisterUnlock")), T_1,
                Inits3 \o Before1(<<O_3>>, <<N_1>>) \o Ended(O_3, <<N_1>>))

(* O_3 has been unregistered, all but the unlock.                          *)
Leaving3 ==
  Ran1(Has(Unlinked, T_1, "W",
           [Rest EXCEPT !.at = "UnregisterUnlock", !.call = "unregister",
                        !.undo = <<O_3>>, !.nets = <<N_1, N_2>>]),
       T_1, Before1(<<O_3>>, <<N_1, N_2>>) \o Ended(O_3, <<N_1, N_2>>))

(* N_3 is in its set-up, then that is undone, since O_3 failed.            *)
New3 == [Busy EXCEPT !.phase[N_3] = "new", !.count[N_3] = 1,
                     !.passive[N_3] = 1, !.count[N_1] = 2,
                     !.gen[N_3] = <<O_1, O_2, NoOps>>, !.genLen[N_3] = 3]
Set3(s) == [s EXCEPT !.balance[O_1][N_3] = 1, !.balance[O_2][N_3] = 1,
                     !.data = @ \cup {<<O_1, N_3>>, <<O_2, N_3>>}]
Setup3 == Has([Set3(New3) EXCEPT !.balance[O_2][N_3] = 0], T_1, "R",
              [InCopy("SetupNetInit", N_3, N_1, "") EXCEPT !.ops = O_2])
InFail3(at) == [InCopy(at, NoNet, N_1, "ENOMEM") EXCEPT
                  !.undo = <<O_2, O_1>>, !.nets = <<N_3>>]
Fail3 == Before1(<<O_2, O_1>>, <<N_3>>)
SetupUndo3 == Ran1(Has(Set3(New3), T_1, "R",
                       [InFail3("OpsUndoListExit") EXCEPT !.ops = O_2,
                                                          !.net = N_3]),
                   T_1, Fail3)
SetupFailed3 ==
  Ran1(Has(New3, T_1, "R", InFail3("CopyNetNsUnlock")), T_1,
       Fail3 \o Ended(O_2, <<N_3>>) \o Ended(O_1, <<N_3>>))
Waits3(p) == [SetupFailed3 EXCEPT !.thread[T_1].at = "RcuBarrierEnd",
                                  !.thread[T_1].waits = p]

(* N_2 has been put; N_3 is up, too, and has been put after it.            *)
Put2    == [Busy EXCEPT !.count[N_2] = 0]
Queued2 == [Put2 EXCEPT !.cleanupList = <<N_2>>, !.work = TRUE]
Two ==
  [Set3(New3) EXCEPT !.netList = <<N_1, N_2, N_3>>, !.count[N_1] = 1,
     !.gen[N_3] = <<O_1, O_2, O_3>>, !.data = Ops \X Nets,
     !.balance = [o \in Ops |-> [n \in Nets |-> 1]],
     !.phase[N_3] = "listed", !.count[N_2] = 0, !.count[N_3] = 0]
Queued == [Two EXCEPT !.cleanupList = <<N_3, N_2>>, !.work = TRUE]
Back   == <<O_3, O_2, O_1>>
Pair2  == <<N_3, N_2>>
Round(at)   == [Rest EXCEPT !.at = at, !.call = "cleanup", !.nets = Pair2]
Walks(at)   == [Round(at) EXCEPT !.undo = Back]
Taken3      == Stands(Two, Worker, Round("CleanupNetLock"))
Off == [Two EXCEPT !.netList = <<N_1>>, !.phase[N_2] = "dying",
                   !.phase[N_3] = "dying"]
Held1(s, at) == Has(s, Worker, "R", Walks(at))
Unhash == Has([Off EXCEPT !.nsids[N_1] = {N_2}], Worker, "R",
              [Round("UnhashNsid") EXCEPT !.net = N_1, !.other = N_1])
Clean == Ran1([Held1(Off, "OpsUndoListExit") EXCEPT
                 !.balance[O_3][N_2] = 0, !.balance[O_3][N_3] = 0,
                 !.thread[Worker].ops = O_2, !.thread[Worker].net = N_3],
              Worker, Before1(Back, Pair2) \o Ended(O_3, Pair2))
Down(s) == [s EXCEPT !.data = Ops \X {N_1},
                     !.balance = [o \in Ops |-> [n \in Nets |->
                                    IF n = N_1 THEN 1 ELSE 0]]]
Ends(l) == Ran1(Held1(Down(Off), "CleanupNetUnlock"), Worker, l)
Whole   == Before1(Back, Pair2) \o Ended(O_3, Pair2) \o Ended(O_2, Pair2)
             \o Ended(O_1, Pair2)
After1(at) == Stands(Down(Off), Worker, Round(at))
(* N_2 is held while it is cleaned up; N_3 is dead.                        *)
Kept2 == [Down(Off) EXCEPT !.phase[N_2] = "kept", !.phase[N_3] = "dead",
                           !.passive[N_3] = 0, !.deferFree = {N_3},
                           !.gen[N_3] = <<>>, !.genLen[N_3] = 0]

Rtnl1 == [Clean EXCEPT !.rtnl = Worker,
                       !.thread[Worker].at = "OpsUndoListExitRtnl",
                       !.log[Worker] = OpsMajor("pre_exit", Back, Pair2)
                                         \o Grace1,
                       !.balance[O_3][N_2] = 1, !.balance[O_3][N_3] = 1]
Lists  == Stands([Busy EXCEPT !.netRwsem = {T_1}], T_1, StandAt("ListNetsRead"))
Inside1 == [Lists EXCEPT !.rtnl = T_1]       \* of a reader inside rtnl
Reader == Stands(Busy, T_1, AtNet("MaybeGetNet", N_2))
Graces == [Held1(Off, "OpsUndoListGraceEnd") EXCEPT
             !.thread[T_1] = AtNet("MaybeGetNet", N_2),
             !.thread[Worker].readers = {T_1},
             !.log[Worker] = OpsMajor("pre_exit", Back, Pair2)]
(* A barrier, a grace period: before, and with what they wait for.         *)
One  == {<<O_1, N_3, 1>>}
Pend == One \cup {<<O_2, N_3, 1>>}
ToBarrier3 == [SetupFailed3 EXCEPT !.thread[T_1].at = "RcuBarrier",
                                   !.deferred = Pend]
InBarrier3(p) == [Waits3(p) EXCEPT !.deferred = Pend]
ToGrace == [Graces EXCEPT !.thread[Worker].at = "OpsUndoListGrace",
                          !.thread[Worker].readers = {}]
NoWait(s) == [s EXCEPT !.thread[Worker].readers = {}]
(* A cleanup reads, a register waits, a set-up waits behind it.            *)
Asks3(w) == [Setup3 EXCEPT
  !.rwsem = <<<<Worker, "R">>, <<T_2, w>>, <<T_1, "R">>>>,
  !.thread[T_1] = InCopy("SetupNetBegin", N_3, N_1, ""),
  !.thread[T_2] = [Rest EXCEPT !.at = "UnregisterUnlink", !.ops = O_3,
                               !.call = "unregister", !.kind = "device"],
  !.thread[Worker] = [Rest EXCEPT !.at = "CleanupNetUnlock",
                                  !.call = "cleanup"],
  !.data = @ \ {<<O_1, N_3>>, <<O_2, N_3>>}, !.balance[O_1][N_3] = 0]

Sound ==
  <<Busy, Unlinked, Gone3, Coming3, Undo3, Undone3, Leaving3, New3, Setup3,
    SetupUndo3, SetupFailed3,
    [Waits3({<<O_1, N_3, 1>>}) EXCEPT !.deferred = {<<O_1, N_3, 1>>}],
    Stands(Put2, T_1, AtNet("PutNetQueue", N_2)),
    Stands(Put2, T_1, InCopy("CopyNetNsQueue", NoNet, N_2, "")), Queued2,
    Queued, Taken3, Unhash, Clean, Rtnl1, Ends(Whole), After1("RcuBarrier"),
    Kept2, Lists, Inside1, Reader, Graces, Asks3("W")>>

Typed(s, what) == <<"TypeOK", what, s>>
Field(r, what) == Typed(Stands(Busy, T_1, r), what)
Drop(l, i)     == SubSeq(l, 1, i - 1) \o SubSeq(l, i + 1, Len(l))
Swap(l, i, j)  == [l EXCEPT ![i] = l[j], ![j] = l[i]]
Index(l, e)    == CHOOSE i \in DOMAIN l : l[i] = e
Lost(l, e)     == Drop(l, Index(l, e))

Wrong ==
  <<Typed([Busy EXCEPT !.pernetList = Append(@, Alien)], "pernetList"),
    Typed([Busy EXCEPT !.firstDevice = Alien], "firstDevice"),
    Typed([Busy EXCEPT !.kind[O_1] = Alien], "kind"),
    Typed([Busy EXCEPT !.initNetUp = Alien], "initNetUp"),
    Typed([Busy EXCEPT !.rwsem = <<<<T_1, Alien>>>>], "rwsem"),
    Typed([Busy EXCEPT !.netRwsem = {Alien}], "netRwsem"),
    Typed([Busy EXCEPT !.rtnl = Alien], "rtnl"),
    Typed([Busy EXCEPT !.netList = Append(@, Alien)], "netList"),
    Typed([Busy EXCEPT !.cleanupList = <<Alien>>], "cleanupList"),
    Typed([Busy EXCEPT !.work = Alien], "work"),
    Typed([Busy EXCEPT !.phase[N_3] = Alien], "phase"),
    Typed([Busy EXCEPT !.count[N_3] = -1], "count"),
    Typed([Busy EXCEPT !.passive[N_3] = -1], "passive"),
    Typed([Busy EXCEPT !.deferFree = {Alien}], "deferFree"),
    Typed([Busy EXCEPT !.deferred = {<<O_1, N_1, Alien>>}], "deferred"),
    Typed([Busy EXCEPT !.ids[O_1] = -1], "ids"),
    Typed([Busy EXCEPT !.maxGenPtrs = -1], "maxGenPtrs"),
    Typed([Busy EXCEPT !.genLen[N_1] = -1], "genLen"),
    Typed([Busy EXCEPT !.gen[N_1] = <<Alien>>], "gen"),
    Typed([Busy EXCEPT !.data = {<<O_1, Alien>>}], "data"),
    Typed([Busy EXCEPT !.nsids[N_1] = {Alien}], "nsids"),
    Typed([Busy EXCEPT !.balance[O_1][N_1] = Alien], "balance"),
    Field([f \in DOMAIN Rest \cup {"more"} |->
             IF f = "more" THEN 0 ELSE Rest[f]], "fields"),
    Field([Rest EXCEPT !.at = Alien], "at"),
    Field([Rest EXCEPT !.kind = Alien], "kind of a thread"),
    Field([Rest EXCEPT !.call = Alien], "call"),
    Field([Rest EXCEPT !.ops = Alien], "ops"),
    Field([Rest EXCEPT !.err = Alien], "err"),
    Field([Rest EXCEPT !.net = Alien], "net"),
    Field([Rest EXCEPT !.other = Alien], "other"),
    Field([Rest EXCEPT !.waits = {Alien}], "waits"),
    Field([Rest EXCEPT !.readers = {Alien}], "readers"),
    Field([Rest EXCEPT !.undo = <<Alien>>], "undo"),
    Field([Rest EXCEPT !.nets = <<Alien>>], "nets"),

    <<"RwsemWhereHeld", "kept", [Busy EXCEPT !.rwsem = <<<<T_1, "R">>>>]>>,
    <<"RwsemWhereHeld", "open in a register", [Coming3 EXCEPT !.rwsem = <<>>]>>,
    <<"RwsemWhereHeld", "open in a set-up", [Setup3 EXCEPT !.rwsem = <<>>]>>,
    <<"RwsemWhereHeld", "open in a walk", [Clean EXCEPT !.rwsem = <<>>]>>,
    <<"RwsemWhereHeld", "open in a cleanup",
      [Ends(Whole) EXCEPT !.rwsem = <<>>]>>,
    <<"RwsemWhereHeld", "open in the barrier of a set-up",
      [Waits3({}) EXCEPT !.rwsem = <<>>]>>,
    <<"RwsemWhereHeld", "kept in the barrier of a cleanup",
      [After1("RcuBarrier") EXCEPT !.rwsem = <<<<Worker, "R">>>>]>>,
    <<"RwsemWhereHeld", "waits outside of the queue",
      Stands(Two, Worker, Round("CleanupNetUnlink"))>>,
    <<"NoSelfWait", "twice in the queue",
      [Coming3 EXCEPT !.rwsem = Append(@, <<T_1, "R">>)]>>,
    <<"NoSelfWait", "rtnl",
      [Rtnl1 EXCEPT !.thread[Worker].at = "OpsUndoListRtnlLock"]>>,
    <<"WriterAlone", "a writer beside a reader",
      [Coming3 EXCEPT !.rwsem = <<<<Worker, "R">>, <<T_1, "W">>>>,
         !.thread[Worker] = Walks("CleanupNetUnlock")]>>,
    <<"RegistersWrite", "a register reads",
      [Coming3 EXCEPT !.rwsem = <<<<T_1, "R">>>>]>>,
    <<"RegistersWrite", "an unregister reads",
      [Leaving3 EXCEPT !.rwsem = <<<<T_1, "R">>>>]>>,
    <<"RegistersWrite", "the set-up of init_net reads",
      [Busy EXCEPT !.rwsem = <<<<Worker, "R">>>>,
         !.thread[Worker] = InCopy("SetupNetBegin", N_1, NoNet, "")]>>,
    <<"FirstComeFirstServed", "a reader passes a writer that waits",
      [Asks3("W") EXCEPT !.thread[T_1].at = "SetupNetListAdd"]>>,
    <<"SetupsRead", "it writes", [Setup3 EXCEPT !.rwsem = <<<<T_1, "W">>>>]>>,
    <<"RtnlWhereHeld", "kept", [Busy EXCEPT !.rtnl = T_1]>>,
    <<"RtnlWhereHeld", "open in exit_rtnl", [Rtnl1 EXCEPT !.rtnl = Nobody]>>,
    <<"RtnlWhereHeld", "open before its unlock",
      [Rtnl1 EXCEPT !.rtnl = Nobody,
                    !.thread[Worker].at = "OpsUndoListRtnlUnlock"]>>,
    <<"RtnlWhereHeld", "open in a reader",
      Stands(Busy, T_1, StandAt("ListNetsLock"))>>,
    <<"NetRwsemWhereHeld", "kept", [Busy EXCEPT !.netRwsem = {T_1}]>>,
    <<"NetRwsemWhereHeld", "open", [Lists EXCEPT !.netRwsem = {}]>>,
    <<"LocksInOrder", "asks with rtnl",
      [Asks3("W") EXCEPT !.rtnl = T_1]>>,
    <<"LocksInOrder", "asks with net_rwsem",
      [Asks3("W") EXCEPT !.netRwsem = {T_1}]>>,
    <<"LocksInOrder", "asks for rtnl with net_rwsem",
      [Rtnl1 EXCEPT !.rtnl = Nobody, !.netRwsem = {Worker},
                    !.thread[Worker].at = "OpsUndoListRtnlLock"]>>,

    <<"ListsHaveNoDoubles", "an ops twice",
      [Busy EXCEPT !.pernetList = <<O_1, O_2, O_2>>]>>,
    <<"ListsHaveNoDoubles", "a net twice",
      [Busy EXCEPT !.netList = <<N_1, N_2, N_1>>]>>,
    <<"ListsHaveNoDoubles", "queued twice",
      [Queued2 EXCEPT !.cleanupList = <<N_2, N_2>>]>>,
    <<"SubsysBeforeDevices", "a device first",
      [Busy EXCEPT !.pernetList = <<O_2, O_1, O_3>>]>>,
    <<"FirstDeviceExact", "the second", [Busy EXCEPT !.firstDevice = O_3]>>,
    <<"FirstDeviceExact", "none", [Setup3 EXCEPT !.firstDevice = ListHead]>>,
    <<"FirstDeviceExact", "unlinked", [Undo3 EXCEPT !.firstDevice = O_3]>>,
    <<"KindMatchesList", "linked", [Busy EXCEPT !.kind[O_1] = "none"]>>,
    <<"KindMatchesList", "unlinked", [Gone3 EXCEPT !.kind[O_3] = "device"]>>,
    <<"SubsysBeforeDevices without namespaces", "a device first, at boot",
      [Busy EXCEPT !.initNetUp = FALSE, !.pernetList = <<O_2, O_1, O_3>>]>>,
    <<"FirstDeviceExact without namespaces", "the second, at boot",
      [Busy EXCEPT !.initNetUp = FALSE, !.firstDevice = O_3]>>,
    <<"KindMatchesList without namespaces", "linked, at boot",
      [Busy EXCEPT !.initNetUp = FALSE, !.kind[O_1] = "none"]>>,
    <<"MalformedStaysOut", "linked",
      [Busy EXCEPT !.pernetList = Append(@, Alien)]>>,
    <<"MalformedStaysOut", "its init runs",
      [Coming3 EXCEPT !.thread[T_1].ops = Alien]>>,
    <<"QueuedOnce", "never", Put2>>,
    <<"QueuedOnce", "too early",
      [Busy EXCEPT !.cleanupList = <<N_2>>, !.work = TRUE]>>,
    <<"QueuedOnce", "twice", [Queued2 EXCEPT !.cleanupList = <<N_2, N_2>>]>>,
    <<"QueuedOnce", "and about to be",
      Stands(Queued2, T_1, AtNet("PutNetQueue", N_2))>>,
    <<"QueuedOnce", "and about to be, by a copy",
      Stands(Queued2, T_1, InCopy("CopyNetNsQueue", NoNet, N_2, ""))>>,
    <<"QueuedOnce", "and in a round",
      [Taken3 EXCEPT !.cleanupList = <<N_2>>]>>,
    <<"QueuedOnce", "dying, and in no round",
      [Down(Off) EXCEPT !.phase[N_3] = "dead"]>>,
    <<"WorkIsQueued", "nothing to do", [Busy EXCEPT !.work = TRUE]>>,
    <<"WorkIsQueued", "forgotten", [Queued2 EXCEPT !.work = FALSE]>>,
    <<"CleanupIsSerial", "two rounds",
      Stands(Taken3, T_1, [Rest EXCEPT !.at = "CleanupNetLock",
                                       !.call = "cleanup"])>>,
    <<"BatchIsDead", "a net twice",
      [Taken3 EXCEPT !.thread[Worker].nets = <<N_2, N_2>>]>>,
    <<"BatchIsDead", "alive", [Taken3 EXCEPT !.count[N_3] = 1]>>,
    <<"OneExitList", "a cleanup and an unregister",
      [Clean EXCEPT !.rwsem = Append(@, <<T_1, "R">>),
         !.thread[T_1] = [Rest EXCEPT !.at = "UnregisterUnlock",
                            !.call = "unregister", !.undo = <<O_3>>,
                            !.nets = <<N_1, N_2>>]]>>,

    <<"InitExitBalance", "two inits", [Setup3 EXCEPT !.balance[O_1][N_3] = 2]>>,
    <<"InitExitBalance", "an exit without its init",
      [Setup3 EXCEPT !.balance[O_2][N_3] = -1]>>,
    <<"InitExitBalance", "free", [Busy EXCEPT !.balance[O_1][N_3] = 1]>>,
    <<"InitExitBalance", "dead", [Kept2 EXCEPT !.balance[O_1][N_3] = 1]>>,
    <<"InitExitBalance", "kept", [Kept2 EXCEPT !.balance[O_1][N_2] = 1]>>,
    <<"ListedIsWhole", "without an init",
      [Busy EXCEPT !.balance[O_1][N_2] = 0]>>,
    <<"ListedIsWhole", "without an init, beside a set-up",
      [Setup3 EXCEPT !.balance[O_2][N_2] = 0]>>,
    <<"ListedIsWhole", "an exit is left behind",
      [Gone3 EXCEPT !.balance[O_3][N_1] = 1]>>,
    <<"HalfUpIsPrivate", "not on the list",
      [Two EXCEPT !.netList = <<N_1, N_2>>]>>,
    <<"HalfUpIsPrivate", "on the list in its set-up",
      [New3 EXCEPT !.netList = Append(@, N_3)]>>,
    <<"HalfUpIsPrivate", "listed in its set-up",
      [Setup3 EXCEPT !.netList = Append(@, N_3), !.phase[N_3] = "listed"]>>,
    <<"HalfUpIsPrivate", "in a table in its set-up",
      [New3 EXCEPT !.nsids[N_1] = {N_3}]>>,
    <<"HalfUpIsPrivate", "free, in a table",
      [Busy EXCEPT !.nsids[N_1] = {N_3}]>>,
    <<"HalfUpIsPrivate", "dead, in a table",
      [Kept2 EXCEPT !.nsids[N_1] = {N_3}]>>,
    <<"UnlistedIsDown", "at the unlock",
      [Ends(Whole) EXCEPT !.balance[O_1][N_2] = 1]>>,
    <<"UnlistedIsDown", "before the barrier",
      [After1("CleanupNetBarrier") EXCEPT !.balance[O_1][N_2] = 1]>>,
    <<"UnlistedIsDown", "in the barrier",
      [After1("RcuBarrierEnd") EXCEPT !.balance[O_1][N_2] = 1]>>,
    <<"UndoIsExact", "an exit too many",
      [Clean EXCEPT !.balance[O_2][N_2] = 0]>>,
    <<"UndoIsExact", "an exit without effect",
      [Clean EXCEPT !.balance[O_3][N_2] = 1]>>,
    <<"UndoIsExact", "of a register too many",
      [Undo3 EXCEPT !.balance[O_3][N_1] = 0]>>,
    <<"UndoIsExact", "a set-up has more to undo",
      [SetupUndo3 EXCEPT !.balance[O_3][N_3] = 1]>>,
    <<"UndoIsExact", "the register leaves one",
      [Undone3 EXCEPT !.balance[O_3][N_2] = 1]>>,
    <<"UndoIsExact", "the set-up leaves one",
      [SetupFailed3 EXCEPT !.balance[O_1][N_3] = 1]>>,

    <<"ExitOrderPerNet", "pre_exit forwards",
      Ends(OpsMajor("pre_exit", Reverse(Back), Pair2))>>,
    <<"ExitOrderPerNet", "exit_rtnl forwards",
      Ends(NetMajor("exit_rtnl", Reverse(Back), Pair2))>>,
    <<"ExitOrderPerNet", "exit forwards",
      Ends(OpsMajor("exit", Reverse(Back), Pair2))>>,
    <<"ExitOrderPerNet", "exit forwards, of a set-up",
      [SetupFailed3 EXCEPT !.log[T_1] =
         OpsMajor("exit", <<O_1, O_2>>, <<N_3>>)]>>,
    <<"ExitsOpsMajor", "pre_exit net by net",
      Ends(NetMajor("pre_exit", Back, Pair2))>>,
    <<"ExitsOpsMajor", "exit net by net",
      Ends(NetMajor("exit", Back, Pair2))>>,
    <<"ExitRtnlNetMajor", "exit_rtnl ops by ops",
      Ends(OpsMajor("exit_rtnl", Back, Pair2))>>,
    <<"NetsInBatchOrder", "pre_exit, oldest first",
      Ends(OpsMajor("pre_exit", Back, Reverse(Pair2)))>>,
    <<"NetsInBatchOrder", "exit, oldest first",
      Ends(OpsMajor("exit", Back, Reverse(Pair2)))>>,
    <<"BatchAfterExits", "before the last exit",
      Ends(Swap(Ended(O_3, Pair2), 2, 3))>>,
    <<"BatchAfterExits", "not before the next ops's exit",
      Ends(OpsMajor("exit", Back, Pair2))>>,
    <<"BatchAfterExits", "not before the next ops's exit_batch",
      Ends(OpsMajor("exit", <<O_3>>, Pair2) \o Batched(O_2))>>,
    <<"PreExitGraceExit", "pre_exit after the grace period",
      Ends(Grace1 \o OpsMajor("pre_exit", Back, Pair2))>>,
    <<"PreExitGraceExit", "exit_rtnl after exit",
      Ends(Grace1 \o Ended(O_3, Pair2) \o NetMajor("exit_rtnl", Back, Pair2))>>,
    <<"PreExitGraceExit", "the grace period after exit_rtnl",
      Ends(NetMajor("exit_rtnl", Back, Pair2) \o Grace1)>>,
    <<"PreExitGraceExit", "an init after the exits",
      Ends(Grace1 \o Ended(O_3, Pair2) \o <<<<"init", O_3, N_3>>>>)>>,
    <<"PreExitGraceExit", "no grace period",
      Ends(Lost(Whole, <<"grace", NoOps, NoNet>>))>>,
    <<"WalkIsWhole", "no pre_exit of one",
      Ends(Lost(Whole, <<"pre_exit", O_2, N_2>>))>>,
    <<"WalkIsWhole", "no exit_rtnl of one",
      Ends(Lost(Whole, <<"exit_rtnl", O_2, N_2>>))>>,
    <<"WalkIsWhole", "no exit of one", Ends(Lost(Whole, <<"exit", O_2, N_2>>))>>,
    <<"WalkIsWhole", "no exit_batch of one",
      Ends(Lost(Whole, <<"exit_batch", O_2, NoNet>>))>>,
    <<"WalkIsWhole", "an exit_batch twice", Ends(Whole \o Batched(O_1))>>,
    <<"WalkIsWhole", "an exit of another net",
      Ends(Whole \o <<<<"exit", O_1, N_1>>>>)>>,
    <<"WalkIsWhole", "an unregister without one",
      [Leaving3 EXCEPT !.log[T_1] = Lost(@, <<"exit", O_3, N_2>>)]>>,
    <<"WalkIsWhole", "a set-up without one",
      [SetupFailed3 EXCEPT !.log[T_1] = Lost(@, <<"exit", O_1, N_3>>)]>>,
    <<"WalkIsWhole", "a register without one",
      [Undone3 EXCEPT !.log[T_1] = Lost(@, <<"exit", O_3, N_1>>)]>>,
    <<"NoExitUnderReader", "an exit",
      [Clean EXCEPT !.thread[T_1] = AtNet("MaybeGetNet", N_2),
                    !.log[Worker] = Ended(O_3, Pair2)]>>,
    <<"NoExitUnderReader", "an exit_rtnl",
      [Rtnl1 EXCEPT !.thread[T_1] = AtNet("MaybeGetNet", N_2),
                    !.log[Worker] = Before1(Back, Pair2)]>>,
    <<"WaitsForPending", "it has run", Waits3({<<O_1, N_3, 1>>})>>,
    <<"WaitsForPending", "outside of the barrier",
      [Waits3({<<O_1, N_3, 1>>}) EXCEPT !.deferred = {<<O_1, N_3, 1>>},
         !.thread[T_1].at = "CopyNetNsUnlock"]>>,
    <<"GraceForReaders", "it has left", [Graces EXCEPT !.thread[T_1] = Rest]>>,
    <<"GraceForReaders", "outside of the grace period",
      [Graces EXCEPT !.thread[Worker].at = "OpsUndoListExit"]>>,
    <<"UnregisterIsFinal", "an init runs",
      [Setup3 EXCEPT !.kind[O_2] = "none"]>>,
    <<"UnregisterIsFinal", "an init runs beside a call for another ops",
      [Setup3 EXCEPT !.kind[O_2] = "none", !.thread[T_2] =
         [Rest EXCEPT !.at = "RegisterLink", !.call = "register",
                      !.kind = "device", !.ops = O_3]]>>,
    <<"UnregisterIsFinal", "a callback is pending",
      [Gone3 EXCEPT !.deferred = {<<O_3, N_1, 1>>}]>>,
    <<"UnregisterIsFinal", "a callback on a dead net is pending",
      [Kept2 EXCEPT !.kind[O_3] = "none", !.deferred = {<<O_3, N_3, 1>>}]>>,

    <<"NoUseAfterFree", "a callback",
      [Busy EXCEPT !.deferred = {<<O_1, N_3, 1>>}]>>,
    <<"NoUseAfterFree", "a thread",
      Stands(Busy, T_1, AtNet("PutNetQueue", N_3))>>,
    <<"NoUseAfterFree", "a copy",
      Stands(Busy, T_1, InCopy("CopyNetNsPut", NoNet, N_3, ""))>>,
    <<"NoUseAfterFree", "a batch",
      Stands(Busy, Worker, [Round("CleanupNetPut") EXCEPT !.nets = <<N_3>>])>>,
    <<"NoUseAfterFree", "the list", [Busy EXCEPT !.netList = Append(@, N_3)]>>,
    <<"NoUseAfterFree", "the queue",
      [Busy EXCEPT !.cleanupList = <<N_3>>, !.work = TRUE]>>,
    <<"NoUseAfterFree", "what is to be freed",
      [Busy EXCEPT !.deferFree = {N_3}]>>,
    <<"NoUseAfterFree", "its table", [Busy EXCEPT !.nsids[N_3] = {N_1}]>>,
    <<"NoUseAfterFree", "another's table",
      [Busy EXCEPT !.nsids[N_1] = {N_3}]>>,
    <<"PassiveFrees", "free and held", [Busy EXCEPT !.passive[N_3] = 1]>>,
    <<"PassiveFrees", "dead and held", [Kept2 EXCEPT !.passive[N_3] = 1]>>,
    <<"PassiveFrees", "kept and not held", [Kept2 EXCEPT !.passive[N_2] = 0]>>,
    <<"PassiveFrees", "listed and not held",
      [Stands(Busy, T_1, AtNet("ReleaseNetFree", N_1)) EXCEPT
         !.passive[N_2] = 0]>>,
    <<"CountOnlyWhenUp", "dying", [Clean EXCEPT !.count[N_2] = 1]>>,
    <<"CountOnlyWhenUp", "kept", [Kept2 EXCEPT !.count[N_2] = 1]>>,
    <<"CountOnlyWhenUp", "dead", [Kept2 EXCEPT !.count[N_3] = 1]>>,
    <<"CountOnlyWhenUp", "free", [Busy EXCEPT !.count[N_3] = 1]>>,
    <<"DeferredIsDead", "kept", [Kept2 EXCEPT !.deferFree = {N_2}]>>,
    <<"InitNetStays", "dying", [Busy EXCEPT !.phase[N_1] = "dying"]>>,
    <<"InitNetStays", "without a reference", [Busy EXCEPT !.count[N_1] = 0]>>,
    <<"InitNetStays", "new again", [Busy EXCEPT !.phase[N_1] = "new"]>>,
    <<"InitNetStays at boot", "dying", [Busy EXCEPT !.phase[N_1] = "dying"]>>,
    <<"InitNetCounted", "no count",
      [Busy EXCEPT !.phase[N_1] = "new", !.count[N_1] = 0]>>,
    <<"DeadInNoTable", "dead", [Kept2 EXCEPT !.nsids[N_1] = {N_3}]>>,
    <<"DeadInNoTable", "kept", [Kept2 EXCEPT !.nsids[N_1] = {N_2}]>>,
    <<"DeadInNoTable", "free", [Busy EXCEPT !.nsids[N_1] = {N_3}]>>,
    <<"DeadInNoTable", "past unhash_nsid",
      [Clean EXCEPT !.nsids[N_1] = {N_2}]>>,

    <<"IdsApart", "one id twice", [Busy EXCEPT !.ids[O_2] = 1]>>,
    <<"IdsApart", "registered without an id", [Busy EXCEPT !.ids[O_2] = 0]>>,
    <<"IdsApart", "above max_gen_ptrs", [Busy EXCEPT !.maxGenPtrs = 2]>>,
    <<"IdKeptWhilePending", "free", [Gone3 EXCEPT
                                       !.deferred = {<<O_3, N_1, 1>>}]>>,
    <<"IdKeptWhilePending", "free, of a dead net",
      [Kept2 EXCEPT !.ids[O_3] = 0, !.deferred = {<<O_3, N_3, 1>>}]>>,
    <<"SlotInBounds", "too long", [Busy EXCEPT !.genLen[N_1] = 4]>>,
    <<"SlotValid", "no id", [Busy EXCEPT !.ids[O_3] = 0]>>,
    <<"SlotValid", "past the array",
      [Busy EXCEPT !.gen[N_1] = <<O_1, O_2>>, !.genLen[N_1] = 2]>>,
    <<"SlotValid", "empty", [Busy EXCEPT !.gen[N_1] = <<O_1, O_2, NoOps>>]>>,
    <<"SlotValid", "no data", [Busy EXCEPT !.data = @ \ {<<O_3, N_1>>}]>>,
    <<"SlotValid", "an init of a register",
      [Coming3 EXCEPT !.data = @ \ {<<O_3, N_1>>}]>>,
    <<"SlotValid", "an init of a set-up",
      [Setup3 EXCEPT !.data = @ \ {<<O_2, N_3>>}]>>,
    <<"SlotValid", "in a walk", [Clean EXCEPT !.data = @ \ {<<O_3, N_2>>}]>>,
    <<"NoDanglingSlot", "of another ops",
      [Setup3 EXCEPT !.data = @ \ {<<O_1, N_3>>}]>>,
    <<"ArrayGoesWithPassive", "free", [Busy EXCEPT !.gen[N_3] = <<O_1>>]>>,
    <<"ArrayGoesWithPassive", "dead", [Kept2 EXCEPT !.gen[N_3] = <<O_1>>]>>,
    <<"DataGoesWithNet", "kept", [Kept2 EXCEPT !.data = @ \cup {<<O_1, N_2>>}]>>,
    <<"DataGoesWithNet", "dead", [Kept2 EXCEPT !.data = @ \cup {<<O_1, N_3>>}]>>,
    <<"DataGoesWithNet", "free", [Busy EXCEPT !.data = @ \cup {<<O_1, N_3>>}]>>>>

SoundSteps ==
  <<<<"a count falls to zero", Busy, Put2>>,
    <<"a count stays at zero", Put2, Queued2>>,
    <<"a count rises", Busy, [Busy EXCEPT !.count[N_2] = 2]>>,
    <<"a count rises in a set-up", Busy, New3>>,
    <<"a round takes all", Queued, Taken3>>,
    <<"a net is queued behind a round", Taken3,
      [Taken3 EXCEPT !.cleanupList = <<N_1>>]>>,
    <<"a batch leaves the list",
      Has(Two, Worker, "R", Round("CleanupNetUnlink")), Unhash>>,
    <<"the batch is put net by net", After1("CleanupNetPut"),
      [After1("CleanupNetPut") EXCEPT !.thread[Worker].nets = <<N_2>>]>>,
    <<"a round is over", Stands(Kept2, Worker, [Round("CleanupNetPut") EXCEPT
                                                  !.nets = <<N_2>>]), Kept2>>,
    <<"a net is listed", New3, Two>>,
    <<"the last release", [Kept2 EXCEPT !.passive[N_2] = 0],
      [Kept2 EXCEPT !.passive[N_2] = 0, !.phase[N_2] = "dead"]>>,
    <<"a barrier begins", ToBarrier3, InBarrier3(Pend)>>,
    <<"a callback runs", InBarrier3(Pend),
      [InBarrier3(One) EXCEPT !.deferred = One]>>,
    <<"a grace period begins", ToGrace, Graces>>,
    <<"a reader leaves", Graces,
      NoWait([Graces EXCEPT !.thread[T_1] = Rest])>>,
    <<"an ops is unlinked", Busy, Unlinked>>>>

WrongSteps ==
  <<<<"CountStaysZero", "listed", Put2, [Put2 EXCEPT !.count[N_2] = 1]>>,
    <<"CountStaysZero", "dying", Clean, [Clean EXCEPT !.count[N_2] = 1]>>,
    <<"CountStaysZero", "kept", Kept2, [Kept2 EXCEPT !.count[N_2] = 1]>>,
    <<"CountStaysZero", "dead", Kept2, [Kept2 EXCEPT !.count[N_3] = 1]>>,
    <<"KeptIsHeld", "freed while held", Kept2,
      [Kept2 EXCEPT !.phase[N_2] = "dead"]>>,
    <<"KeptIsHeld", "freed at once", [Kept2 EXCEPT !.passive[N_2] = 0],
      [Kept2 EXCEPT !.passive[N_2] = 0, !.phase[N_2] = "free"]>>,
    <<"BatchTakesAll", "one of two", Queued,
      [Taken3 EXCEPT !.thread[Worker].nets = <<N_3>>]>>,
    <<"BatchTakesAll", "it leaves one", Queued,
      [Taken3 EXCEPT !.cleanupList = <<N_2>>]>>,
    <<"BatchStays", "turned around", Taken3,
      [Taken3 EXCEPT !.thread[Worker].nets = Reverse(Pair2)]>>,
    <<"BatchStays", "one is lost", Taken3,
      [Taken3 EXCEPT !.thread[Worker].nets = <<N_3>>]>>,
    <<"UnlinkIsOneStep", "before the lock", Taken3,
      Stands(Off, Worker, Round("CleanupNetLock"))>>,
    <<"UnlinkIsOneStep", "in no round", Has(Two, T_1, "R", Rest), Off>>,
    <<"UnlinkIsOneStep", "another net",
      Has(Two, Worker, "R", [Round("CleanupNetUnlink") EXCEPT
                               !.nets = <<N_3>>]), Unhash>>,
    <<"UnlinkIsOneStep", "one of two",
      Has(Two, Worker, "R", Round("CleanupNetUnlink")),
      [Unhash EXCEPT !.netList = <<N_1, N_2>>]>>,
    <<"BarrierTakesAll", "nothing", ToBarrier3, InBarrier3({})>>,
    <<"BarrierTakesAll", "one of two", ToBarrier3, InBarrier3(One)>>,
    <<"BarrierTakesAll", "one that is not pending",
      [ToBarrier3 EXCEPT !.deferred = One],
      [InBarrier3(Pend) EXCEPT !.deferred = One]>>,
    <<"BarrierTakesAll", "nothing, for a client",
      [Busy EXCEPT !.deferred = {<<O_1, N_2, 1>>}],
      Stands([Busy EXCEPT !.deferred = {<<O_1, N_2, 1>>}], T_1,
             [StandAt("RcuBarrierEnd") EXCEPT !.call = "barrier"])>>,
    <<"GraceTakesAll", "nobody", ToGrace, NoWait(Graces)>>,
    <<"GraceTakesAll", "one who is not inside",
      [ToGrace EXCEPT !.thread[T_1] = Rest],
      [Graces EXCEPT !.thread[T_1] = Rest]>>,
    <<"WaitsOutlast", "a callback is forgotten", InBarrier3(Pend),
      InBarrier3(One)>>,
    <<"WaitsOutlast", "a barrier ends too early", InBarrier3(Pend),
      [InBarrier3({}) EXCEPT !.thread[T_1].at = "CopyNetNsUnlock"]>>,
    <<"WaitsOutlast", "the call returns", InBarrier3(Pend),
      [InBarrier3({}) EXCEPT !.thread[T_1] = Rest]>>,
    <<"WaitsOutlast", "a reader is forgotten", Graces, NoWait(Graces)>>,
    <<"WaitsOutlast", "a grace period ends too early", Graces,
      [NoWait(Graces) EXCEPT !.thread[Worker].at = "OpsUndoListRtnlLock"]>>,
    <<"NoLinkOnceUp", "linked", Unlinked, Busy>>,
    <<"NoLinkOnceUp", "unlinked", Busy, Unlinked>>>>

(* At boot init_net is new.                                                *)
Booting == [Busy EXCEPT !.netList = <<N_2>>, !.phase[N_1] = "new"]
AtBoot == INSTANCE netns_rwsem WITH Boot <- TRUE
NoNamespaces == INSTANCE netns_rwsem WITH NetNs <- FALSE
AlienIsMalformed == INSTANCE netns_rwsem WITH Malformed <- {Alien}

Holds(claim) ==
  CASE claim = "TypeOK"              -> TypeOK
    [] claim = "RwsemWhereHeld"      -> RwsemWhereHeld
    [] claim = "NoSelfWait"          -> NoSelfWait
    [] claim = "WriterAlone"         -> WriterAlone
    [] claim = "RegistersWrite"      -> RegistersWrite
    [] claim = "FirstComeFirstServed" -> FirstComeFirstServed
    [] claim = "SetupsRead"          -> SetupsRead
    [] claim = "RtnlWhereHeld"       -> RtnlWhereHeld
    [] claim = "NetRwsemWhereHeld"   -> NetRwsemWhereHeld
    [] claim = "LocksInOrder"        -> LocksInOrder
    [] claim = "ListsHaveNoDoubles"  -> ListsHaveNoDoubles
    [] claim = "SubsysBeforeDevices" -> SubsysBeforeDevices
    [] claim = "FirstDeviceExact"    -> FirstDeviceExact
    [] claim = "SubsysBeforeDevices without namespaces" ->
         NoNamespaces!SubsysBeforeDevices
    [] claim = "FirstDeviceExact without namespaces" ->
         NoNamespaces!FirstDeviceExact
    [] claim = "KindMatchesList without namespaces" ->
         NoNamespaces!KindMatchesList
    [] claim = "KindMatchesList"     -> KindMatchesList
    [] claim = "MalformedStaysOut"   -> AlienIsMalformed!MalformedStaysOut
    [] claim = "QueuedOnce"          -> QueuedOnce
    [] claim = "WorkIsQueued"        -> WorkIsQueued
    [] claim = "CleanupIsSerial"     -> CleanupIsSerial
    [] claim = "BatchIsDead"         -> BatchIsDead
    [] claim = "OneExitList"         -> OneExitList
    [] claim = "InitExitBalance"     -> InitExitBalance
    [] claim = "ListedIsWhole"       -> ListedIsWhole
    [] claim = "HalfUpIsPrivate"     -> HalfUpIsPrivate
    [] claim = "UnlistedIsDown"      -> UnlistedIsDown
    [] claim = "UndoIsExact"         -> UndoIsExact
    [] claim = "ExitOrderPerNet"     -> ExitOrderPerNet
    [] claim = "ExitsOpsMajor"       -> ExitsOpsMajor
    [] claim = "ExitRtnlNetMajor"    -> ExitRtnlNetMajor
    [] claim = "NetsInBatchOrder"    -> NetsInBatchOrder
    [] claim = "BatchAfterExits"     -> BatchAfterExits
    [] claim = "PreExitGraceExit"    -> PreExitGraceExit
    [] claim = "WalkIsWhole"         -> WalkIsWhole
    [] claim = "NoExitUnderReader"   -> NoExitUnderReader
    [] claim = "WaitsForPending"     -> WaitsForPending
    [] claim = "GraceForReaders"     -> GraceForReaders
    [] claim = "UnregisterIsFinal"   -> UnregisterIsFinal
    [] claim = "NoUseAfterFree"      -> NoUseAfterFree
    [] claim = "PassiveFrees"        -> PassiveFrees
    [] claim = "CountOnlyWhenUp"     -> CountOnlyWhenUp
    [] claim = "DeferredIsDead"      -> DeferredIsDead
    [] claim = "InitNetStays"        -> InitNetStays
    [] claim = "InitNetStays at boot" -> AtBoot!InitNetStays
    [] claim = "InitNetCounted"      -> InitNetCounted
    [] claim = "DeadInNoTable"       -> DeadInNoTable
    [] claim = "IdsApart"            -> IdsApart
    [] claim = "IdKeptWhilePending"  -> IdKeptWhilePending
    [] claim = "SlotInBounds"        -> SlotInBounds
    [] claim = "SlotValid"           -> SlotValid
    [] claim = "NoDanglingSlot"      -> NoDanglingSlot
    [] claim = "ArrayGoesWithPassive" -> ArrayGoesWithPassive
    [] claim = "DataGoesWithNet"     -> DataGoesWithNet

HoldsOfStep(claim) ==
  CASE claim = "CountStaysZero"  -> CountStaysZero
    [] claim = "KeptIsHeld"      -> KeptIsHeld
    [] claim = "BatchTakesAll"   -> BatchTakesAll
    [] claim = "BatchStays"      -> BatchStays
    [] claim = "UnlinkIsOneStep" -> UnlinkIsOneStep
    [] claim = "BarrierTakesAll" -> BarrierTakesAll
    [] claim = "GraceTakesAll"   -> GraceTakesAll
    [] claim = "WaitsOutlast"    -> WaitsOutlast
    [] claim = "NoLinkOnceUp"    -> NoNamespaces!NoLinkOnceUp

(* An ops may be unlinked in a build with namespaces alone.                *)
StepClaims == {WrongSteps[i][1] : i \in DOMAIN WrongSteps} \ {"NoLinkOnceUp"}
Claims     == {Wrong[i][1] : i \in DOMAIN Wrong}

Is(s) ==
  /\ pernetList = s.pernetList /\ firstDevice = s.firstDevice
  /\ kind = s.kind /\ initNetUp = s.initNetUp /\ rwsem = s.rwsem
  /\ netRwsem = s.netRwsem /\ rtnl = s.rtnl /\ netList = s.netList
  /\ phase = s.phase /\ count = s.count /\ passive = s.passive
  /\ cleanupList = s.cleanupList /\ work = s.work
  /\ deferFree = s.deferFree /\ deferred = s.deferred /\ ids = s.ids
  /\ maxGenPtrs = s.maxGenPtrs /\ gen = s.gen /\ genLen = s.genLen
  /\ data = s.data /\ nsids = s.nsids /\ balance = s.balance
  /\ log = s.log /\ thread = s.thread
Becomes(s) ==
  /\ pernetList' = s.pernetList /\ firstDevice' = s.firstDevice
  /\ kind' = s.kind /\ initNetUp' = s.initNetUp /\ rwsem' = s.rwsem
  /\ netRwsem' = s.netRwsem /\ rtnl' = s.rtnl /\ netList' = s.netList
  /\ phase' = s.phase /\ count' = s.count /\ passive' = s.passive
  /\ cleanupList' = s.cleanupList /\ work' = s.work
  /\ deferFree' = s.deferFree /\ deferred' = s.deferred /\ ids' = s.ids
  /\ maxGenPtrs' = s.maxGenPtrs /\ gen' = s.gen /\ genLen' = s.genLen
  /\ data' = s.data /\ nsids' = s.nsids /\ balance' = s.balance
  /\ log' = s.log /\ thread' = s.thread

WrongStep(i) == <<"a wrong step", WrongSteps[i][1], WrongSteps[i][2]>>
SoundStep(i) == <<"a sound step", SoundSteps[i][1]>>

InitClaims ==
  \/ \E i \in DOMAIN Wrong :
       Is(Wrong[i][3]) /\ asked = <<Wrong[i][1], Wrong[i][2]>>
  \/ \E i \in DOMAIN Sound : Is(Sound[i]) /\ asked = <<"all", i>>
  \/ Is(Booting) /\ asked = <<"at boot", 1>>
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
  /\ asked[1] = "at boot" => AtBoot!InitNetStays
WrongStepIsRefused ==
  [][asked[1] = "a wrong step" => ~HoldsOfStep(asked[2])]_<<vars, asked>>
SoundStepIsAccepted ==
  [][asked[1] = "a sound step" =>
       \A claim \in StepClaims : HoldsOfStep(claim)]_<<vars, asked>>
=============================================================================
