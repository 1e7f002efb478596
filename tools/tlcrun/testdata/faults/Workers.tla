\* SPDX-License-Identifier: MIT
------------------------------ MODULE Workers ------------------------------
(* With several workers, a state can be entered into the graph of behaviours *)
(* before the one that it came from, and TLC loses the way to it.            *)
VARIABLE lit
Init == lit = FALSE
Spec == Init /\ [][lit' \in BOOLEAN]_lit
OnceProp == [](lit => [](~lit => []~lit))   \* false
=============================================================================
