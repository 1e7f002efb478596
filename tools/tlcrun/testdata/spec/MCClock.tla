\* SPDX-License-Identifier: MIT
------------------------------ MODULE MCClock ------------------------------
\* Instances of the clock, right and wrong in each way that TLC can tell.
EXTENDS Clock, TLC

ASSUME NumberOfHours == N \in Nat

Below == hour < N
Late == hour > 0
UpProp == [][hour' > hour]_hour
StopSpec == Init /\ [][Tick]_hour
Uneven == hour < 3 \/ hour = {}
Asserted == Assert(hour < 2, "too late")

\* The clock that starts one hour later, and the one of a shorter day.
Later == INSTANCE Clock WITH hour <- hour + 1
LaterSpec == Later!Spec
Short == INSTANCE Clock WITH N <- 2
ShortSpec == Short!Spec
=============================================================================
