\* SPDX-License-Identifier: MIT
---------------------------- MODULE Unevaluated ----------------------------
(* The property cannot be evaluated in the initial state.  TLC then stops,  *)
(* before the state that violates the invariant.                            *)
EXTENDS Naturals

VARIABLE x
Init == x = 0
Next == (x < 2 /\ x' = x + 1) \/ (x = 2 /\ UNCHANGED x)
Spec == Init /\ [][Next]_x /\ WF_x(Next)
Small == x < 1                 \* false
WrongProp == <>(x.field = 1)   \* a number has no field
=============================================================================
