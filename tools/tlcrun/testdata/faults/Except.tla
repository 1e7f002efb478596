\* SPDX-License-Identifier: MIT
------------------------------ MODULE Except -------------------------------
(* A function over a set of functions stays unevaluated.  When TLC evaluates *)
(* it, it changes what another value shares with it: `free` loses a seat.    *)
EXTENDS TLC

Seats == [{1} -> {1, 2}]
First == [r \in {1} |-> 1]
Second == [r \in {1} |-> 2]

Free == [s \in Seats |-> "free"]
Ann == First :> "ann"

VARIABLES free, booked
Init ==
  /\ free = [Free EXCEPT ![First] = Ann]
  /\ booked = [free EXCEPT ![Second] = "bob"]
Next == UNCHANGED <<free, booked>>
Spec == Init /\ [][Next]_<<free, booked>>

DomainStays == DOMAIN free = Seats     \* true, and TLC reports it violated
DomainChanges == DOMAIN free # Seats   \* false, and TLC passes it
=============================================================================
