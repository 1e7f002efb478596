\* SPDX-License-Identifier: MIT
------------------------------- MODULE Train -------------------------------
(* What TLC checks when the class-data archive for brief runs is made: the  *)
(* classes that this run loads are the ones in the archive.  So it uses     *)
(* what the specs use, and its property is violated, to show a trace.       *)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS Workers, Idle
VARIABLES queue, at

vars == <<queue, at>>
Init == queue = <<>> /\ at = [w \in Workers |-> [where |-> Idle, count |-> 0]]
Put(w) == Len(queue) < 2 /\ queue' = Append(queue, w) /\ UNCHANGED at
Take(w) ==
  /\ queue # <<>> /\ Head(queue) = w
  /\ queue' = Tail(queue)
  /\ at' = [at EXCEPT ![w].count = (@ + 1) % 2, ![w].where = CHOOSE v \in Workers : v # w]
Next == \E w \in Workers : Put(w) \/ Take(w)
Spec == Init /\ [][Next]_vars /\ WF_vars(Next) /\ \A w \in Workers : SF_vars(Put(w))

TypeOK ==
  /\ queue \in UNION {[1..n -> Workers] : n \in 0..2}
  /\ \A w \in Workers : at[w].count \in 0..1 /\ at[w].where \in Workers \cup {Idle}
  /\ LET put == {queue[i] : i \in 1..Len(queue)} IN Cardinality(put) <= Cardinality(SUBSET Workers)
StepProp == [][Len(queue') - Len(queue) \in {1} \/ Len(queue') < Len(queue)]_queue
EmptyProp == \A w \in Workers : at[w].count = 1 ~> queue = <<>>
=============================================================================
