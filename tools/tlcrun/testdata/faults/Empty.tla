\* SPDX-License-Identifier: MIT
------------------------------- MODULE Empty -------------------------------
(* The only function with an empty domain is <<>>, whatever it might map to. *)
(* TLC compares the two sets by their parts.                                *)
EXTENDS Naturals

VARIABLE same
Init == same = ([{} -> {1}] = [{} -> {2}])
Spec == Init /\ [][UNCHANGED same]_same

Differ == ~same   \* false: both sets are {<<>>}
=============================================================================
