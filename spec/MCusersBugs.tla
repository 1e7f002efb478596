\* SPDX-License-Identifier: MIT
---------------------------- MODULE MCusersBugs ----------------------------
\* Seeded faults in the users of nets.  Each replaces one operator of
\* users.tla, in a cfg of its name, and must break the claim that the cfg lists.
EXTENDS users

BugEnterAgain(n)       == IF count[n] > 0 THEN {0} ELSE {}  \* a look alone
BugEnterPlain(n)       == {1}      \* a reference, also on a count of zero
BugFindWithout(n)      == {0}
BugFindPlain(n)        == {1}
BugKeepWithout(n)      == {0}
BugUseForgets(has)     == 0        \* what is kept for ever
BugUsePutsTwice(has)   == 2 * has
BugRunForgets(has)     == 0
BugRunPutsTwice(has)   == 2 * has
BugEnterTwice(n)       == FALSE    \* does not look whether it is in
BugIdTaken             == Ids      \* does not look whether the id is free
BugRemoveForgotten(n)  == {}
BugRunWaits(n)         == phase[n] = "freed"   \* for what waits for it
BugRunWaitsForOther(n) ==   \* for a net that is behind its own in the queue
  \A m \in Nets : m # n /\ count[m] = 0 => phase[m] # "live"
BugUnfair              == TRUE
BugUnfairExits         ==   \* a cleanup that began goes on; none need begin
  \A n \in Nets : WF_vars(CleanupBarrier(n) \/ CleanupFree(n))
=============================================================================
