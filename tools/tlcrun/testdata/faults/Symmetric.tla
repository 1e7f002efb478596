\* SPDX-License-Identifier: MIT
----------------------------- MODULE Symmetric -----------------------------
(* A token that need not come back to A.  Where states that differ in its    *)
(* place count as one, TLC takes each step for one that stays at A.          *)
EXTENDS TLC

CONSTANTS A, B, C
VARIABLE at
Init == at = A
Next == at' \in {A, B, C} \ {at}
Spec == Init /\ [][Next]_at /\ WF_at(Next)

Swaps == Permutations({A, B, C})
Nothing == at = at
ComesBackProp == []<>(at = A)   \* false
=============================================================================
