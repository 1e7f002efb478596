\* SPDX-License-Identifier: MIT
------------------------------- MODULE Tuple -------------------------------
(* SubSeq makes a tuple of an unevaluated function, and forgets its EXCEPTs. *)
EXTENDS Naturals, Sequences

Middle(seq) == SubSeq(seq, 2, 2)

VARIABLE line
Init == line = <<>>
Spec == Init /\ [][UNCHANGED line]_line

ASSUME IsOld == Middle([[i \in 1..3 |-> "old"] EXCEPT ![2] = "new"])[1] = "old"   \* false
=============================================================================
