\* SPDX-License-Identifier: MIT
------------------------------ MODULE Enabled ------------------------------
(* Step of EnabledInner is never enabled.  TLC evaluates ENABLED Step with    *)
(* the names of the two modules mixed up, here `mark`, and takes it for       *)
(* enabled: so Fairness forbids every behaviour, and every property holds.   *)
EXTENDS Naturals, Sequences

VARIABLES mark, other, line
Picker == INSTANCE EnabledInner WITH first <- mark, mark <- other, line <- line
Init == mark = 0 /\ other = 0 /\ line = <<1, 2, 3>>
Spec == Init /\ [][UNCHANGED <<mark, other, line>>]_<<mark, other, line>>
FairSpec == Spec /\ Picker!Fairness

StepIsEnabled == Picker!StepEnabled   \* false
MarkedProp == <>(mark = 1)            \* false: nothing ever changes
=============================================================================
