\* SPDX-License-Identifier: MIT
------------------------------- MODULE Clock -------------------------------
\* A small spec for the tests of tools/tlcrun: a clock of N hours.
EXTENDS Naturals

CONSTANT N
VARIABLE hour

Init == hour = 0
Tick == hour < N /\ hour' = hour + 1
Wrap == hour = N /\ hour' = 0
Never == hour > N /\ hour' = 0   \* cannot be reached
Next == Tick \/ Wrap \/ Never
Spec == Init /\ [][Next]_hour
FairSpec == Spec /\ WF_hour(Next)

TypeOK == hour \in 0..N
BackProp == []<>(hour = 0)
=============================================================================
