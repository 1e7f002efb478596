\* SPDX-License-Identifier: MIT
------------------------- MODULE MCregistryClaims -------------------------
(* The invariants of registry.tla are held against states that are written *)
(* by hand, as MCnetnsClaims does for netns.tla.                           *)
EXTENDS registry

CONSTANTS O_1, O_2, O_3, O_4, N_0, N_1, N_2, C_1, Alien  \* Alien is of no type

VARIABLE asked  \* the claim that is asked, and what is wrong

(* Two subsystems and two devices on two nets; O_3 has no init, O_4 no     *)
(* exit.                                                                   *)
AtRest ==
  [pernetList |-> <<O_1, O_3, O_2, O_4>>, firstDevice |-> O_2,
   kind |-> [o \in Ops |-> IF o \in {O_1, O_3} THEN "subsys" ELSE "device"],
   netList |-> <<N_0, N_1>>,
   phase |-> [n \in Nets |-> IF n = N_2 THEN "free" ELSE "listed"],
   count |-> [n \in Nets |-> IF n = N_2 THEN 0 ELSE 1],
   useCount |-> [n \in Nets |-> 0],
   copies |-> [c \in Copies |-> Idle], answer |-> NoAnswer]

No(o) == [AtRest EXCEPT !.pernetList = Without(@, o), !.kind[o] = "none",
                        !.firstDevice = IF o = O_2 THEN O_4 ELSE @]
Dying1 == [AtRest EXCEPT !.netList = <<N_0>>, !.phase[N_1] = "dying",
                         !.count[N_1] = 0]
Copied2 == [AtRest EXCEPT !.netList = <<N_0, N_1, N_2>>, !.count[N_2] = 1,
                          !.phase[N_2] = "listed"]

I(o, n) == <<"init", o, n>>
E(o, n) == <<"exit", o, n>>
Says(s, op, o, n, err, calls) ==
  [s EXCEPT !.answer = [NoAnswer EXCEPT !.op = op, !.ops = o, !.net = n,
                                        !.err = err, !.calls = calls]]

Registered(o, calls) ==
  Says(AtRest, "register_subsys", o, NoNet, "", calls)
RegisterFailed(o, calls) ==
  Says(No(o), "register_device", o, NoNet, "ENOMEM", calls)
FailedOnThird(calls) ==                    \* of three listed nets
  [RegisterFailed(O_2, <<I(O_2, N_0), I(O_2, N_1), I(O_2, N_2)>> \o calls)
     EXCEPT !.netList = <<N_0, N_1, N_2>>, !.phase[N_2] = "listed",
            !.count[N_2] = 1]
Unregistered(o, calls) ==
  Says(No(o), "unregister_subsys", o, NoNet, "", calls)
Set(calls)       == Says(Copied2, "copy", NoOps, N_2, "", calls)
SetFailed(calls) == Says(AtRest, "copy", NoOps, N_2, "ENOMEM", calls)
Booted(err, calls) == Says(AtRest, "net_ns_init", NoOps, N_0, err, calls)
Cleaned(calls)   == [Dying1 EXCEPT !.answer = [NoAnswer EXCEPT
                       !.op = "cleanup", !.nets = <<N_1>>, !.calls = calls]]
Inits3 == <<I(O_1, N_2), I(O_2, N_2), I(O_4, N_2)>>
Inits0 == <<I(O_1, N_0), I(O_2, N_0), I(O_4, N_0)>>

Sound ==
  <<AtRest, No(O_2), Dying1, Copied2,
    [AtRest EXCEPT !.pernetList = <<>>, !.firstDevice = ListHead,
                   !.kind = [o \in Ops |-> "none"]],
    Says(AtRest, "get", NoOps, N_1, "", <<>>),
    Registered(O_1, <<I(O_1, N_0), I(O_1, N_1)>>), Registered(O_3, <<>>),
    Says(AtRest, "register_subsys", O_1, NoNet, "EEXIST", <<>>),
    RegisterFailed(O_2, <<I(O_2, N_0), I(O_2, N_1), E(O_2, N_0)>>),
    RegisterFailed(O_4, <<I(O_4, N_0), I(O_4, N_1)>>),
    FailedOnThird(<<E(O_2, N_0), E(O_2, N_1)>>),
    Unregistered(O_1, <<E(O_1, N_0), E(O_1, N_1)>>),
    Unregistered(O_4, <<>>),
    Says(No(O_1), "unregister_subsys", O_1, NoNet, "ENOENT", <<>>),
    Set(Inits3), Says(AtRest, "copy", NoOps, N_1, "EEXIST", <<>>),
    SetFailed(Inits3 \o <<E(O_2, N_2), E(O_3, N_2), E(O_1, N_2)>>),
    Booted("", Inits0),
    Booted("ENOMEM", Inits0 \o <<E(O_2, N_0), E(O_3, N_0), E(O_1, N_0)>>),
    Cleaned(<<E(O_2, N_1), E(O_3, N_1), E(O_1, N_1)>>)>>

Typed(s, what) == <<"TypeOK", what, s>>
Call(e) == Typed(Says(AtRest, "copy", NoOps, N_1, "", <<e>>), "calls")

Wrong ==
  <<Typed([AtRest EXCEPT !.pernetList = <<O_1, O_3, O_2, O_2>>], "an ops twice"),
    Typed([AtRest EXCEPT !.pernetList = Append(@, Alien)], "pernetList"),
    Typed([AtRest EXCEPT !.netList = <<N_0, N_1, N_1>>], "a net twice"),
    Typed([AtRest EXCEPT !.netList = Append(@, Alien)], "netList"),
    Typed([AtRest EXCEPT !.firstDevice = Alien], "firstDevice"),
    Typed([AtRest EXCEPT !.kind[O_1] = Alien], "kind"),
    Typed([AtRest EXCEPT !.phase[N_2] = Alien], "phase"),
    Typed([AtRest EXCEPT !.count[N_2] = Alien], "count"),
    Typed([AtRest EXCEPT !.useCount[N_2] = Alien], "useCount"),
    Typed([AtRest EXCEPT !.copies[C_1].at = Alien], "at"),
    Typed([AtRest EXCEPT !.copies[C_1].from = Alien], "from"),
    Call(<<Alien, O_1, N_1>>), Call(I(Alien, N_1)), Call(I(O_1, Alien)),

    <<"LinkedIfRegistered", "linked", [AtRest EXCEPT !.kind[O_1] = "none"]>>,
    <<"LinkedIfRegistered", "not linked",
      [AtRest EXCEPT !.pernetList = <<O_1, O_3, O_2>>]>>,
    <<"LinkedIfRegistered without", "linked", AtRest>>,
    <<"SubsysBeforeDevices", "a device first",
      [AtRest EXCEPT !.pernetList = <<O_1, O_2, O_3, O_4>>]>>,
    <<"FirstDeviceExact", "the second", [AtRest EXCEPT !.firstDevice = O_4]>>,
    <<"FirstDeviceExact", "none", [AtRest EXCEPT !.firstDevice = ListHead]>>,
    <<"FirstDeviceExact", "one that is not there",
      [AtRest EXCEPT !.pernetList = <<O_1, O_3>>]>>,
    <<"ListedIfOnList", "not on the list",
      [AtRest EXCEPT !.phase[N_2] = "listed"]>>,
    <<"ListedIfOnList", "dying", [Dying1 EXCEPT !.netList = <<N_0, N_1>>]>>,
    <<"CountedOnlyWhenListed", "dying", [Dying1 EXCEPT !.count[N_1] = 1]>>,
    <<"CountedOnlyWhenListed", "free", [AtRest EXCEPT !.count[N_2] = 1]>>,
    <<"UsedOnlyWhenThere", "free", [AtRest EXCEPT !.useCount[N_2] = 1]>>,
    <<"InitNetStays", "dying", [AtRest EXCEPT !.phase[N_0] = "dying"]>>,
    <<"InitNetStays", "without a reference", [AtRest EXCEPT !.count[N_0] = 0]>>,

    <<"UndoIsExact", "an exit of the register too few",
      RegisterFailed(O_2, <<I(O_2, N_0), I(O_2, N_1)>>)>>,
    <<"UndoIsExact", "the net that failed, too",
      RegisterFailed(O_2, <<I(O_2, N_0), I(O_2, N_1), E(O_2, N_0),
                            E(O_2, N_1)>>)>>,
    <<"UndoIsExact", "an exit before the last init",
      RegisterFailed(O_2, <<I(O_2, N_0), E(O_2, N_0), I(O_2, N_1)>>)>>,
    <<"UndoIsExact", "the nets of a register backwards",
      FailedOnThird(<<E(O_2, N_1), E(O_2, N_0)>>)>>,
    <<"UndoIsExact", "a net of a register twice",
      FailedOnThird(<<E(O_2, N_0), E(O_2, N_1), E(O_2, N_1)>>)>>,
    <<"UndoIsExact", "a net of a register twice, for another",
      FailedOnThird(<<E(O_2, N_0), E(O_2, N_0)>>)>>,
    <<"UndoIsExact", "the exit of an ops that has none",
      RegisterFailed(O_4, <<I(O_4, N_0), I(O_4, N_1), E(O_4, N_0)>>)>>,
    <<"UndoIsExact", "an exit of the set-up too few",
      SetFailed(Inits3 \o <<E(O_2, N_2), E(O_1, N_2)>>)>>,
    <<"UndoIsExact", "an exit of the boot too few",
      Booted("ENOMEM", Inits0 \o <<E(O_2, N_0), E(O_1, N_0)>>)>>,
    <<"UndoIsExact", "an exit of a subsystem's register too few",
      [RegisterFailed(O_1, <<I(O_1, N_0), I(O_1, N_1)>>)
         EXCEPT !.answer.op = "register_subsys"]>>,
    <<"UndoIsExact", "forwards",
      SetFailed(Inits3 \o <<E(O_1, N_2), E(O_3, N_2), E(O_2, N_2)>>)>>,
    <<"UndoIsExact", "an ops twice, for another",
      SetFailed(Inits3 \o <<E(O_2, N_2), E(O_2, N_2), E(O_1, N_2)>>)>>,
    <<"UndoIsExact", "on another net",
      SetFailed(Inits3 \o <<E(O_2, N_2), E(O_3, N_1), E(O_1, N_2)>>)>>,
    <<"UndoIsExact", "the ops that failed, for another",
      SetFailed(Inits3 \o <<E(O_4, N_2), E(O_2, N_2), E(O_1, N_2)>>)>>,
    <<"SuccessUndoesNothing", "an exit after the inits",
      Registered(O_1, <<I(O_1, N_0), I(O_1, N_1), E(O_1, N_0)>>)>>,
    <<"RegisterRunsAll", "one net too few", Registered(O_1, <<I(O_1, N_0)>>)>>,
    <<"RegisterRunsAll", "one net too few, of a device",
      [Registered(O_2, <<I(O_2, N_0)>>)
         EXCEPT !.answer.op = "register_device"]>>,
    <<"RegisterRunsAll", "backwards",
      Registered(O_1, <<I(O_1, N_1), I(O_1, N_0)>>)>>,
    <<"RegisterRunsAll", "a net twice, for another",
      Registered(O_1, <<I(O_1, N_0), I(O_1, N_0)>>)>>,
    <<"RegisterRunsAll", "an init that it has not",
      Registered(O_3, <<I(O_3, N_0), I(O_3, N_1)>>)>>,
    <<"UnregisterRunsAll", "one net too few",
      Unregistered(O_1, <<E(O_1, N_0)>>)>>,
    <<"UnregisterRunsAll", "one net too few, of a device",
      [Unregistered(O_2, <<E(O_2, N_0)>>)
         EXCEPT !.answer.op = "unregister_device"]>>,
    <<"UnregisterRunsAll", "backwards",
      Unregistered(O_1, <<E(O_1, N_1), E(O_1, N_0)>>)>>,
    <<"UnregisterRunsAll", "a net twice",
      Unregistered(O_1, <<E(O_1, N_0), E(O_1, N_1), E(O_1, N_1)>>)>>,
    <<"UnregisterRunsAll", "an exit that it has not",
      Unregistered(O_4, <<E(O_4, N_0), E(O_4, N_1)>>)>>,
    <<"SetupRunsAll", "one too few", Set(<<I(O_1, N_2), I(O_2, N_2)>>)>>,
    <<"SetupRunsAll", "one too few at boot",
      Booted("", <<I(O_1, N_0), I(O_2, N_0)>>)>>,
    <<"SetupRunsAll", "an exit",
      Set(<<I(O_1, N_2), E(O_2, N_2), I(O_4, N_2)>>)>>,
    <<"SetupRunsAll", "on another net",
      Set(<<I(O_1, N_2), I(O_2, N_1), I(O_4, N_2)>>)>>,
    <<"SetupRunsAll", "an init that there is not",
      Set(<<I(O_1, N_2), I(O_3, N_2), I(O_4, N_2)>>)>>,
    <<"SetupRunsAll", "an ops twice, for another",
      Set(<<I(O_1, N_2), I(O_2, N_2), I(O_2, N_2)>>)>>,
    <<"SetupRunsAll", "backwards",
      Set(<<I(O_4, N_2), I(O_2, N_2), I(O_1, N_2)>>)>>,
    <<"CleanupRunsAll", "one too few", Cleaned(<<E(O_2, N_1), E(O_1, N_1)>>)>>,
    <<"CleanupRunsAll", "forwards",
      Cleaned(<<E(O_1, N_1), E(O_3, N_1), E(O_2, N_1)>>)>>,
    <<"CleanupRunsAll", "an ops twice, for another",
      Cleaned(<<E(O_2, N_1), E(O_2, N_1), E(O_1, N_1)>>)>>,
    <<"CleanupRunsAll", "an init",
      Cleaned(<<E(O_2, N_1), I(O_3, N_1), E(O_1, N_1)>>)>>,
    <<"CleanupRunsAll", "one of another net, too",
      Cleaned(<<E(O_2, N_1), E(O_3, N_1), E(O_1, N_1), E(O_1, N_0)>>)>>,
    <<"CleanupRunsAll", "an ops that is not linked",
      [Cleaned(<<E(O_2, N_1), E(O_3, N_1), E(O_1, N_1)>>)
         EXCEPT !.pernetList = <<O_1, O_3, O_4>>]>>,
    <<"CleanupRunsAll", "an ops that is not linked, for another",
      [Cleaned(<<E(O_2, N_1), E(O_1, N_1)>>)
         EXCEPT !.pernetList = <<O_1, O_3, O_4>>]>>,
    <<"CleanupTakesDead", "no net", [Cleaned(<<>>) EXCEPT !.answer.nets = <<>>]>>,
    <<"CleanupTakesDead since 4.17", "no net",
      [Cleaned(<<>>) EXCEPT !.answer.nets = <<>>]>>,
    <<"CleanupTakesDead", "two nets",
      [Cleaned(<<>>) EXCEPT !.answer.nets = <<N_1, N_2>>,
                            !.phase[N_2] = "dying"]>>,
    <<"CleanupTakesDead", "a listed net",
      [Cleaned(<<>>) EXCEPT !.answer.nets = <<N_0>>]>>>>

NoNetNs  == INSTANCE registry WITH NetNs <- FALSE
Since417 == INSTANCE registry WITH Modern <- TRUE

Holds(claim) ==
  CASE claim = "TypeOK"                -> TypeOK
    [] claim = "LinkedIfRegistered"    -> LinkedIfRegistered
    [] claim = "LinkedIfRegistered without" -> NoNetNs!LinkedIfRegistered
    [] claim = "SubsysBeforeDevices"   -> SubsysBeforeDevices
    [] claim = "FirstDeviceExact"      -> FirstDeviceExact
    [] claim = "ListedIfOnList"        -> ListedIfOnList
    [] claim = "CountedOnlyWhenListed" -> CountedOnlyWhenListed
    [] claim = "UsedOnlyWhenThere"     -> UsedOnlyWhenThere
    [] claim = "InitNetStays"          -> InitNetStays
    [] claim = "UndoIsExact"           -> UndoIsExact
    [] claim = "SuccessUndoesNothing"  -> SuccessUndoesNothing
    [] claim = "RegisterRunsAll"       -> RegisterRunsAll
    [] claim = "UnregisterRunsAll"     -> UnregisterRunsAll
    [] claim = "SetupRunsAll"          -> SetupRunsAll
    [] claim = "CleanupRunsAll"        -> CleanupRunsAll
    [] claim = "CleanupTakesDead"      -> CleanupTakesDead
    [] claim = "CleanupTakesDead since 4.17" -> Since417!CleanupTakesDead

Claims == {Wrong[i][1] : i \in DOMAIN Wrong}

Is(s) ==
  /\ pernetList = s.pernetList /\ firstDevice = s.firstDevice
  /\ kind = s.kind /\ netList = s.netList /\ phase = s.phase
  /\ count = s.count /\ useCount = s.useCount /\ copies = s.copies
  /\ answer = s.answer

InitClaims ==
  \/ \E i \in DOMAIN Wrong :
       Is(Wrong[i][3]) /\ asked = <<Wrong[i][1], Wrong[i][2]>>
  \/ \E i \in DOMAIN Sound : Is(Sound[i]) /\ asked = <<"all", i>>
NextClaims == UNCHANGED <<vars, asked>>

\* Claims that hold always, or never: what asks them must notice.
BugAlways == TRUE
BugNever  == FALSE

Never(k) == FALSE

WrongIsRefused  == asked[1] \in Claims => ~Holds(asked[1])
SoundIsAccepted ==
  asked[1] = "all" =>
    \A claim \in Claims \ {"LinkedIfRegistered without"} : Holds(claim)
=============================================================================
