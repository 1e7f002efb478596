\* SPDX-License-Identifier: MIT
--------------------------- MODULE MCusersClaims ---------------------------
(* The claims of users.tla are held against states and steps that are      *)
(* written by hand, as MCnetnsClaims does for netns.tla.                   *)
EXTENDS users

CONSTANTS N_1, N_2, T_1, T_2, Alien  \* Alien is of no type

VARIABLE asked  \* the claim that is asked, and what is wrong

AtRest ==
  [phase |-> [n \in Nets |-> "live"], count |-> [n \in Nets |-> 1],
   owned |-> Nets, table |-> {<<1, N_1>>},
   client |-> [c \in Clients |-> Idle],
   pending |-> {}, waits |-> [n \in Nets |-> {}]]

Keeps == <<T_1, N_1, 1>>
Uses(s) == [s EXCEPT !.client[T_1] = [at |-> "put", net |-> N_1, has |-> 1]]
InCall    == Uses([AtRest EXCEPT !.count[N_1] = 2])
Deferred1 == [AtRest EXCEPT !.count[N_1] = 2, !.pending = {Keeps}]
Zero      == [AtRest EXCEPT !.count[N_1] = 0, !.owned = {N_2}]
Gone(phase_) == [Zero EXCEPT !.phase[N_1] = phase_, !.table = {}]

Sound == <<AtRest, InCall, Deferred1, Zero, Gone("removed"), Gone("waiting"),
           Gone("freed"), [InCall EXCEPT !.client[T_1].has = 0, !.count[N_1] = 1],
           [AtRest EXCEPT !.pending = {<<T_1, N_1, 0>>}]>>

Typed(s, what) == <<"TypeOK", what, s>>
Client(r, what) == Typed([AtRest EXCEPT !.client[T_1] = r], what)

Wrong ==
  <<Typed([AtRest EXCEPT !.phase[N_1] = Alien], "phase"),
    Typed([AtRest EXCEPT !.count[N_1] = -1], "count"),
    Typed([AtRest EXCEPT !.owned = {Alien}], "owned"),
    Typed([AtRest EXCEPT !.table = {<<1, Alien>>}], "table"),
    Client([Idle EXCEPT !.at = Alien], "at"),
    Client([Idle EXCEPT !.net = Alien], "net"),
    Client([Idle EXCEPT !.has = 2], "has"),
    Typed([AtRest EXCEPT !.pending = {<<T_1, Alien, 1>>}], "pending"),
    Typed([AtRest EXCEPT !.waits[N_1] = {<<T_1, Alien, 1>>}], "waits"),
    <<"NoDeadInTable", "removed", [Gone("removed") EXCEPT !.table = {<<1, N_1>>}]>>,
    <<"NoDeadInTable", "waiting", [Gone("waiting") EXCEPT !.table = {<<1, N_1>>}]>>,
    <<"NoDeadInTable", "freed", [Gone("freed") EXCEPT !.table = {<<1, N_1>>}]>>,
    <<"OneIdEach", "two nets", [AtRest EXCEPT !.table = {<<1, N_1>>, <<1, N_2>>}]>>,
    <<"OneIdEach", "two ids", [AtRest EXCEPT !.table = {<<1, N_1>>, <<2, N_1>>}]>>,
    <<"KeptIsAlive", "in a call", Uses(Gone("removed"))>>,
    <<"KeptIsAlive", "by a callback",
      [Gone("removed") EXCEPT !.pending = {Keeps}]>>,
    <<"CountIsExact", "one too many", [AtRest EXCEPT !.count[N_1] = 2]>>,
    <<"CountIsExact", "one too few", [AtRest EXCEPT !.count[N_1] = 0]>>,
    <<"CountIsExact", "a client's is missing", Uses(AtRest)>>,
    <<"CountIsExact", "a callback's is missing",
      [AtRest EXCEPT !.pending = {Keeps}]>>>>

WrongSteps ==
  <<<<"live", Zero, InCall>>,
    <<"removed", Gone("removed"), Uses([Gone("removed") EXCEPT !.count[N_1] = 1])>>,
    <<"freed", Gone("freed"), Uses([Gone("freed") EXCEPT !.count[N_1] = 1])>>>>

Holds(claim) ==
  CASE claim = "TypeOK"        -> TypeOK
    [] claim = "NoDeadInTable" -> NoDeadInTable
    [] claim = "OneIdEach"     -> OneIdEach
    [] claim = "KeptIsAlive"   -> KeptIsAlive
    [] claim = "CountIsExact"  -> CountIsExact

Claims == {Wrong[i][1] : i \in DOMAIN Wrong}

Is(s) ==
  /\ phase = s.phase /\ count = s.count /\ owned = s.owned
  /\ table = s.table /\ client = s.client /\ pending = s.pending
  /\ waits = s.waits
Becomes(s) ==
  /\ phase' = s.phase /\ count' = s.count /\ owned' = s.owned
  /\ table' = s.table /\ client' = s.client /\ pending' = s.pending
  /\ waits' = s.waits

Step(i) == <<"a step", WrongSteps[i][1]>>

InitClaims ==
  \/ \E i \in DOMAIN Wrong :
       Is(Wrong[i][3]) /\ asked = <<Wrong[i][1], Wrong[i][2]>>
  \/ \E i \in DOMAIN Sound : Is(Sound[i]) /\ asked = <<"all", i>>
  \/ \E i \in DOMAIN WrongSteps : Is(WrongSteps[i][2]) /\ asked = Step(i)
NextClaims ==
  \/ \E i \in DOMAIN WrongSteps :
       asked = Step(i) /\ Becomes(WrongSteps[i][3]) /\ asked' = <<"over", i>>
  \/ asked[1] # "a step" /\ UNCHANGED <<vars, asked>>

\* Claims that hold always, or never: what asks them must notice.
BugAlways == TRUE
BugNever  == FALSE

WrongIsRefused ==
  asked[1] \in Claims => ~Holds(asked[1])
SoundIsAccepted ==
  asked[1] = "all" => \A claim \in Claims : Holds(claim)
WrongStepIsRefused ==
  [][asked[1] = "a step" => ~NoRiseFromZero]_<<vars, asked>>
=============================================================================
