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
BugNamesOne(ns, calls) ==                           \* of a batch
  answer' = [NoAnswer EXCEPT !.op = "cleanup", !.nets = <<ns[1]>>,
                             !.calls = calls]
BugRefusedRuns(op, o, err, calls) ==                \* an exit, before EEXIST
  answer' = [NoAnswer EXCEPT !.op = op, !.ops = o, !.err = err, !.calls =
    IF err = "EEXIST" THEN << <<"exit", o, InitNet>> >> ELSE calls]
BugRefusedPuts(n) ==                                \* and takes the reference
  /\ count[n] > 0
  /\ SayNet("put", n, "EINVAL", <<>>, <<>>)
  /\ count' = [count EXCEPT ![n] = @ - 1]
  /\ UNCHANGED <<lists, netList, phase, useCount, copies>>
BugDeviceIsSubsys(o) ==
  /\ Register("register_device", o, "subsys")
  /\ UNCHANGED <<nets, copies>>
BugUnlinksLast(o)      == SubSeq(pernetList, 1, Len(pernetList) - 1)
BugListedFirst(op, n) ==                            \* not at the tail
  /\ SayNet(op, n, "", Inits(pernetList, n), <<>>)
  /\ netList' = <<n>> \o netList
  /\ phase' = [phase EXCEPT ![n] = "listed"]
  /\ count' = [count EXCEPT ![n] = 1]
BugOrderLost(S) == Reverse(SelectSeq(netList, LAMBDA n : n \notin S))
BugFreedUnsaid(n) ==                                \* it is not named
  /\ phase[n] = "dying"
  /\ phase' = [phase EXCEPT ![n] = "free"]
  /\ SayNet("free", n, "", <<>>, <<>>)
  /\ UNCHANGED <<lists, netList, count, useCount, copies>>
BugGetsOther(n) ==                                  \* a reference on init_net
  /\ MayGet(count[InitNet]) /\ IsReferenced(n)
  /\ SayNet("get", n, "", <<>>, <<>>)
  /\ count' = [count EXCEPT ![InitNet] = @ + 1]
  /\ UNCHANGED <<lists, netList, phase, useCount, copies>>
BugHoldsTwice(n) ==
  /\ MayHold(useCount[n]) /\ CanHold(n)
  /\ SayNet("hold", n, "", <<>>, <<>>)
  /\ useCount' = [useCount EXCEPT ![n] = @ + 2]
  /\ UNCHANGED <<lists, netList, phase, count, copies>>
BugHoldsFreed(n)       == TRUE
BugCopiesAgain(c) ==                                \* instead of ending
  /\ copies[c].at = "done"
  /\ copies' = [copies EXCEPT ![c].at = "got"]
  /\ SayNet("copy_put", copies[c].from, "", <<>>, <<>>)
  /\ UNCHANGED <<lists, nets>>
BugNamesNone(ns, calls) ==                          \* of those that leave
  answer' = [NoAnswer EXCEPT !.op = "cleanup", !.calls = calls]
BugUnknownRuns(op, n, err, calls, freed) ==         \* an exit, before ENOENT
  answer' = [NoAnswer EXCEPT !.op = op, !.net = n, !.err = err, !.freed = freed,
    !.calls = IF err = "ENOENT"
              THEN << <<"exit", CHOOSE o \in Ops : TRUE, n>> >> ELSE calls]
BugRefusedHolds(n) ==                               \* a get, of the other count
  /\ count[n] = 0 /\ MayHold(useCount[n])
  /\ SayNet("get", n, "ENOENT", <<>>, <<>>)
  /\ useCount' = [useCount EXCEPT ![n] = @ + 1]
  /\ UNCHANGED <<lists, netList, phase, count, copies>>
BugKindStays(o) ==                                  \* of an ops that is gone
  /\ kind[o] = "subsys"
  /\ SayOps("unregister_subsys", o, "", <<>>)
  /\ pernetList' = Unlinked(o) /\ firstDevice' = DeviceWithout(o)
  /\ UNCHANGED <<kind, nets, copies>>
BugOthersLost(o, k)    == <<o>>
BugListedUnsaid(op, n) ==                           \* another net is named
  /\ SayNet(op, InitNet, "", Inits(pernetList, n), <<>>)
  /\ netList' = Append(netList, n)
  /\ phase' = [phase EXCEPT ![n] = "listed"]
  /\ count' = [count EXCEPT ![n] = 1]
BugListReverses ==                                  \* a look that changes
  /\ SayLists("list", netList, <<>>, NoOps)
  /\ netList' = Reverse(netList)
  /\ UNCHANGED <<lists, phase, count, useCount, copies>>
BugCopyPutsNothing(c) ==                            \* the reference is kept
  /\ copies[c].at = "done"
  /\ copies' = [copies EXCEPT ![c] = Idle]
  /\ SayNet("copy_put", copies[c].from, "", <<>>, <<>>)
  /\ UNCHANGED <<lists, nets>>
BugReleasesAll(n) ==
  /\ IsInUse(n)
  /\ SayNet("release", n, "", <<>>, <<>>)
  /\ useCount' = [useCount EXCEPT ![n] = 0]
  /\ UNCHANGED <<lists, netList, phase, count, copies>>
BugUnknownAlways(o) ==                              \* and if it is a device
  /\ kind[o] # "subsys"
  /\ SayOps("unregister_subsys", o, "ENOENT", <<>>)
  /\ UNCHANGED <<lists, nets, copies>>
BugOtherErr(what, op, n, err, calls, freed) ==      \* for each refusal of it
  answer' = [NoAnswer EXCEPT !.op = op, !.net = n, !.calls = calls,
    !.freed = freed,
    !.err = IF op # what \/ err = "" THEN err
            ELSE IF err = "ENOENT" THEN "EINVAL" ELSE "ENOENT"]
BugGetOtherErr(op, n, err, calls, freed) ==
  BugOtherErr("get", op, n, err, calls, freed)
BugShareOtherErr(op, n, err, calls, freed) ==
  BugOtherErr("share", op, n, err, calls, freed)
BugPutOtherErr(op, n, err, calls, freed) ==
  BugOtherErr("put", op, n, err, calls, freed)
BugHoldOtherErr(op, n, err, calls, freed) ==
  BugOtherErr("hold", op, n, err, calls, freed)
BugReleaseOtherErr(op, n, err, calls, freed) ==
  BugOtherErr("release", op, n, err, calls, freed)
BugCopyGetOtherErr(op, n, err, calls, freed) ==
  BugOtherErr("copy_get", op, n, err, calls, freed)
BugCopyOtherErr(op, n, err, calls, freed) ==
  BugOtherErr("copy", op, n, err, calls, freed)
BugCopySkips(c, from) ==                            \* the set-up
  /\ copies[c].at = "idle" /\ MayGet(count[from]) /\ IsReferenced(from)
  /\ count' = [count EXCEPT ![from] = @ + 1]
  /\ copies' = [copies EXCEPT ![c] = [at |-> "done", from |-> from]]
  /\ SayNet("copy_get", from, "", <<>>, <<>>)
  /\ UNCHANGED <<lists, netList, phase, useCount>>
=============================================================================
