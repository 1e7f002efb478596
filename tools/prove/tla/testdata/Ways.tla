\* SPDX-License-Identifier: MIT
-------------------------------- MODULE Ways --------------------------------
(* A small instance: how often TLC takes each step, and by which name.       *)
EXTENDS Integers, Sequences, FiniteSets

CONSTANTS Things, Most, Start, May(_), Kept
VARIABLES z, list, at

Small == 2
Few(x) == x # "c"
Sooner(x) == x = "a" \/ x = "c"
NoMore(x, y) == FALSE
Limit == 3

IsLow == z < Limit \/ z < Small
Parts(x) == CASE x = "a" -> z = 0 \/ z < 2 [] OTHER -> z = 1 /\ May(x)
Take(x) ==
  /\ May(x) /\ Parts(x)
  /\ z < Most /\ Len(list) < Most
  /\ z' = z + 1
  /\ list' = Append(list, x)
  /\ UNCHANGED at
Twice ==
  /\ IsLow
  /\ \/ z' = z
     \/ \E y \in {1, 2} : z' = 0 /\ y # 3
  /\ z' >= 0 /\ UNCHANGED z
  /\ list' = IF z = 1 THEN <<>> ELSE list
  /\ at' = [at EXCEPT !.n = z]
Sets ==
  /\ z = Most
  /\ LET next == z - 1 IN z' = next
  /\ CASE list = <<>> -> list' = <<"a">>
       [] Len(list) = 1 -> list' = <<>> \/ list' = <<"b">>
       [] OTHER -> UNCHANGED list
  /\ IF at.on THEN \E S \in SUBSET Things : at' = [at EXCEPT !.on = FALSE, !.of = S]
     ELSE UNCHANGED at
Loops == z = Most /\ (IF Most > 0 THEN UNCHANGED <<z, list, at>> ELSE z' = 0)
Inner == z = 0 /\ UNCHANGED <<z, list, at>>
Outer == Inner \/ (z = 1 /\ UNCHANGED <<z, list, at>>)
Never == z > Most /\ UNCHANGED <<z, list, at>>

\* No start: a variable has no value, or is used before it has one.
Half_z == /\ z = 0
          /\ at = 1 + 1
Half_other == list = <<>> /\ at = 0
Half_in == z \in {0} /\ list = <<>> /\ at = 0
Half_less == z < 1 /\ list = <<>> /\ at = 0
Half_turned == 0 = z /\ list = <<>> /\ at = 0
Begin(n) == z = n
Init ==
  /\ Begin(Start) /\ Kept = TRUE
  /\ list = <<>> /\ at = [n |-> 0, on |-> Kept, of |-> {}]
  /\ z = 0
Next ==
  \/ \E x \in Things : Take(x)
  \/ Outer \/ Twice \/ (Sets \/ Loops)
  \/ Never
=============================================================================
