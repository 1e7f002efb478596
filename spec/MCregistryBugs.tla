\* SPDX-License-Identifier: MIT
---------------------------- MODULE MCregistryBugs ----------------------------
\* Seeded faults in the contract.  Each replaces one operator of registry.tla,
\* in a cfg of its name, and must break the invariant that the cfg lists.
EXTENDS MCregistry

BugRegisterTwice(o)    == FALSE                     \* linked a second time
BugInsertTail(o, k)    == Append(pernetList, o)     \* first_device overlooked
BugDeviceStays(o)      == firstDevice               \* still on unlinked ops
BugUnlinkForgotten(o)  == pernetList
BugUndoFailedToo(s, f) == SubSeq(s, 1, f)           \* an exit for the failed
BugUndoForgotten(s, f) == <<>>
BugForwards(s)         == s                         \* exits in list order
BugInitAndExit(o)      == OnNets("init", o, netList)
                            \o OnNets("exit", o, netList)
BugNoInits(o)          == <<>>                      \* of a register
BugOnOneNet(what, o, ns) == IF ns = <<>> THEN <<>>  \* the others forgotten
                            ELSE << <<what, o, ns[1]>> >>
BugOnInitNet(os, n)    == [i \in DOMAIN os |-> <<"exit", os[i], InitNet>>]
BugExitsNoInit(os, n)  == LET whole == SelectSeq(os,    \* hazard H9 forgotten
                                LAMBDA o : o \notin NoExit \cup NoInit)
                          IN  [i \in DOMAIN whole |-> <<"exit", whole[i], n>>]
BugRiseFromZero(n)     == TRUE                      \* a plain increment
BugPutInitNet(n)       == 0
BugFreeInUse(n)        == FALSE
BugCleanupReferenced(n) == FALSE
BugSkipFirst(os, n)    == IF os = <<>> THEN <<>>
                          ELSE [i \in DOMAIN Tail(os) |->
                                 <<"init", Tail(os)[i], n>>]
BugExitBefore(o)       == OnNets("exit", o, netList)
                            \o OnNets("init", o, netList)
BugLastForgotten(o)    == OnNets("init", o,
                                 SubSeq(netList, 1, Len(netList) - 1))
BugNetsBackwards(what, o, ns) ==                    \* not in list order
  LET back == Reverse(ns) IN [i \in DOMAIN back |-> <<what, o, back[i]>>]
BugInitsBackwards(os, n) ==
  LET back == SelectSeq(Reverse(os), LAMBDA o : o \notin NoInit)
  IN  [i \in DOMAIN back |-> <<"init", back[i], n>>]
BugInsertForgotten(o, k) == pernetList
BugWrongUnlisted(S)    == Tail(netList)                \* not these nets
BugInitNetNotCounted(n) == n # InitNet /\ count[n] > 0
BugStaysListed(S)      == netList
BugFirstOnly(ns)       == Exits(Backwards(pernetList), ns[1])  \* of a batch
BugTakesMany           == TRUE                      \* as if Modern
BugPositiveFails(op)   == Positive                  \* as if ~Modern
BugNamesAll(ns, calls) ==                           \* the listed nets, too
  answer' = [NoAnswer EXCEPT !.op = "cleanup", !.nets = netList,
                             !.calls = calls]
=============================================================================
