\* SPDX-License-Identifier: MIT
------------------------------ MODULE Attempts ------------------------------
(* A small specification that is proved, and attempts to have a wrong one   *)
(* proved.  Each attempt stands in for one operator.                        *)
EXTENDS Integers, Sequences, FiniteSets

CONSTANTS Threads, Nobody, Things, NoThing
VARIABLES list, count, owner, thread
vars == <<list, count, owner, thread>>

ASSUME Nobody \notin Threads /\ NoThing \notin Things

Range(s)   == {s[i] : i \in DOMAIN s}
Place(s, x) == CHOOSE i \in DOMAIN s : s[i] = x
IsFree     == owner = Nobody
MayAdd(x)  == x \notin Range(list)
Left(c)    == c - 1
Idle       == [at |-> "idle", thing |-> NoThing]
Busy(x)    == [at |-> "busy", thing |-> x]
At(t, p)   == thread[t].at = p

Lock(t) ==
  /\ At(t, "idle") /\ IsFree
  /\ owner' = t
  /\ \E x \in Things : thread' = [thread EXCEPT ![t] = Busy(x)]
  /\ UNCHANGED <<list, count>>
Added(t) == Append(list, thread[t].thing)
Add(t) ==
  /\ At(t, "busy") /\ MayAdd(thread[t].thing)
  /\ list' = Added(t)
  /\ count' = [count EXCEPT ![thread[t].thing] = 1]
  /\ UNCHANGED <<owner, thread>>
Take(t) ==
  /\ At(t, "busy")
  /\ IF list = <<>> THEN UNCHANGED <<list, count>>
     ELSE /\ count' = [count EXCEPT ![Head(list)] = Left(@)]
          /\ list' = Tail(list)
  /\ UNCHANGED <<owner, thread>>
Unlock(t) ==
  /\ At(t, "busy")
  /\ owner' = Nobody
  /\ thread' = [thread EXCEPT ![t] = Idle]
  /\ UNCHANGED <<list, count>>

Init ==
  /\ list = <<>> /\ count = [x \in Things |-> 0]
  /\ owner = Nobody /\ thread = [t \in Threads |-> Idle]
Next == \E t \in Threads : Lock(t) \/ Add(t) \/ Take(t) \/ Unlock(t)

Types ==
  /\ list \in Seq(Things) /\ count \in [Things -> Nat]
  /\ owner \in Threads \cup {Nobody}
  /\ thread \in [Threads -> [at : {"idle", "busy"}, thing : Things \cup {NoThing}]]
OneBusy      == \A t \in Threads : At(t, "busy") <=> owner = t
BusyHasThing == \A t \in Threads : At(t, "busy") => thread[t].thing \in Things
CountIsOne   == \A x \in Things : count[x] = IF x \in Range(list) THEN 1 ELSE 0
Inductive    == Types /\ OneBusy /\ BusyHasThing /\ CountIsOne
Implied      == \A x \in Range(list) : count[x] > 0
Steps        == \A x \in Things : count'[x] - count[x] \in {-1, 0, 1}
Plain        == TRUE

----------------------------------------------------------------------------
(* More that is true, by the meaning of one operator each.                  *)
Before(s, x, y) == Place(s, x) < Place(s, y)
Reverse(s)      == [i \in DOMAIN s |-> s[Len(s) + 1 - i]]
Pairs           == [i \in DOMAIN list |-> <<"pair", list[i]>>]
RECURSIVE Both(_)
Both(s)         == IF s = <<>> THEN <<>>
                   ELSE << <<"a", s[1]>>, <<"b", s[1]>> >> \o Both(Tail(s))
BusyOnes        == {t \in Threads : At(t, "busy")}
MoreImplied ==
  /\ \A x \in {y \in Range(list) : y # NoThing} : count[x] = 1
  /\ \A p \in Things \X Threads : p[1] \in Things /\ p[2] \in Threads
  /\ \A x \in IF IsFree THEN Things ELSE {} : IsFree
  /\ \A x, y \in Range(list) : Place(list, x) = Place(list, y) => x = y
  /\ \A x, y \in Range(list) : x = y \/ Before(list, x, y) \/ Before(list, y, x)
  /\ \A x, y, z \in Range(list) :
       Before(list, x, y) /\ Before(list, y, z) => Before(list, x, z)
  /\ \A x, y \in Range(list) :
       Before(list, x, y) => Before(Reverse(list), y, x)
  /\ Cardinality(BusyOnes) \in {0, 1}
  /\ SelectSeq(list, LAMBDA x : count[x] > 0) = list
  /\ SelectSeq(list, LAMBDA x : x = NoThing) = <<>>
  /\ \A i \in DOMAIN list : i = Len(list) <=> list[i] = list[Len(list)]
  /\ \A i \in DOMAIN list : i < Len(list) =>
       /\ Before(list, list[i], list[i + 1])
       /\ \A j \in DOMAIN list : i < j => ~Before(list, list[j], list[i + 1])
  /\ \A i \in DOMAIN list : [j \in 1 .. i |-> list[j]] = SubSeq(list, 1, i)
  /\ list = <<>> \/ [j \in 1 .. Len(list) - 1 |-> list[j]]
                      = SelectSeq(list, LAMBDA x : x # list[Len(list)])
  /\ \A i \in IF list = <<>> THEN DOMAIN list ELSE {Len(list)} :
       list[i] = list[Len(list)]
  /\ Len(Pairs) = Len(list) /\ {Pairs[i][2] : i \in DOMAIN Pairs} = Range(list)
  /\ \A i, j \in DOMAIN Pairs : i < j => Before(list, Pairs[i][2], Pairs[j][2])
  /\ \A x \in Range(list) : {<<"a", x>>, <<"b", x>>} \subseteq Range(Both(list))
  /\ \A i, j \in DOMAIN Both(list) : i < j =>
       \/ Before(list, Both(list)[i][2], Both(list)[j][2])
       \/ /\ Both(list)[i][2] = Both(list)[j][2]
          /\ Both(list)[i][1] = "a" /\ Both(list)[j][1] = "b"
  /\ list = <<>> \/ Len(Both(list)) > Len(list)
MoreSteps ==
  /\ \A x, y \in Range(list) : x \in Range(list') /\ y \in Range(list') =>
       (Before(list, x, y) <=> Before(list', x, y))
  /\ \A x \in Range(list') \ Range(list), y \in Range(list) :
       Before(list', y, x)
  /\ \A x \in Range(list) \ Range(list'), y \in Range(list) :
       x = y \/ Before(list, x, y)
  /\ Cardinality(BusyOnes)' <= Cardinality(BusyOnes) + 1

----------------------------------------------------------------------------
(* A guard is weakened, or too strong for any state.                        *)
AlwaysFree   == TRUE
AddAgain(x)  == TRUE
NeverAdd(x)  == FALSE

(* A conjunct is weakened or forgotten, or is about an empty set.           *)
NoThingKnown == \A t \in {} : At(t, "busy") => thread[t].thing \in Things
HalfCounted  == \A x \in Things : x \in Range(list) => count[x] = 1
AnyOwner     == TRUE
TooMuch      == \E t \in Threads : TRUE
NeverTwo     == \A x, y \in Range(list) : x = y

(* An expression without a value: of an empty list, of what is not in it,  *)
(* and where no thread is busy, which the last action wants.                *)
OfTheOwner   == thread[owner].at = thread[owner].at
OfTheFirst   == \A x \in Things : x = list[1] => count[x] = 1
WhereItIs    == \A t \in Threads : Place(list, thread[t].thing) = Place(list, thread[t].thing)

AnyMore      == LET more == CHOOSE x \in Things : count[x] > 0 IN more = more
OneBusyAlways == Cardinality(BusyOnes) = 1
AfterLast    == \A i \in DOMAIN list : list[i + 1] = list[i + 1]
BeyondTheEnd == \A i \in DOMAIN list : list[Len(list) + 1 + i] = list[1]
AllTheSame   == Len([i \in DOMAIN list |-> <<"pair", NoThing>>]) = Len(list)
AsManyBoth   == Len(Both(list)) = Len(list)
RECURSIVE Turned(_)
Turned(s)    == IF s = <<>> THEN <<>> ELSE Turned(Tail(s)) \o <<s[1]>>
TurnedRound  == Turned(list) = Reverse(list)
NoneBusier   == Cardinality(BusyOnes)' = Cardinality(BusyOnes)

(* A wrong value.                                                           *)
Two(c)       == c - 2
FieldMissing(x) == [at |-> "busy"]
FieldMore(x) == [at |-> "busy", thing |-> x, more |-> x]
WrongField(x) == [at |-> "away", thing |-> x]
Doubled(t)   == list \o list
BothEnds(t)  == <<thread[t].thing>> \o Append(list, thread[t].thing)
NotThere(t)  == Append(list, NoThing)
StartsBusy   == [at |-> "busy", thing |-> NoThing]
Jump         == \A x \in Things : count'[x] = count[x]
BusyAndLast  == /\ \A t \in Threads : At(t, "busy") => thread[t].thing \in Things
                /\ list = <<>> \/ count[list[Len(list)]] = 1
NoDoubles    == Cardinality(Range(list)) = Len(list)
AtMostOne    == Len([i \in DOMAIN list |-> <<"pair", NoThing>>]) \leq 1

(* What is true of one way, or where a condition holds, is not true of      *)
(* another: a list to which a thing is added that is in it already is none, *)
(* and has no first element.                                                *)
FirstIsThere == list = <<>> \/ Head(list) \in Things
KnowsFirst   == (\A t \in Threads : At(t, "busy") => thread[t].thing \in Things) /\ FirstIsThere
Put(x) ==
  /\ x \notin Range(list) /\ list' = Append(list, x)
  /\ count' = [count EXCEPT ![x] = 1] /\ UNCHANGED <<owner, thread>>
Spoil(x) ==
  /\ list # <<>>
  /\ count' = [count EXCEPT ![x] = IF x = Head(list) THEN 7 ELSE @]
  /\ UNCHANGED <<list, owner, thread>>
PutOrSpoil   == \E x \in Things : Put(x) \/ Spoil(x)
AddedFirst   == \A x \in Things : x \notin Range(list) => Head(Append(list, x)) = x
=============================================================================
