\* SPDX-License-Identifier: MIT
------------------------------ MODULE Settles ------------------------------
(* Of the form P => <>[]Q, and true.  Versions after 2.18 find it violated.   *)
EXTENDS Naturals

VARIABLE x
Init == x = 0
Next == (x < 3 /\ x' = x + 1) \/ (x = 3 /\ UNCHANGED x)
Spec == Init /\ [][Next]_x /\ WF_x(Next)
SettlesProp == x = 0 => <>[](x = 3)
=============================================================================
