\* SPDX-License-Identifier: MIT
------------------------- MODULE MCnetnsRefineBugs -------------------------
(* The seeded faults, for what the answers show; and those that no claim   *)
(* of netns.tla refuses, only its contract.                                *)
EXTENDS MCnetnsRefine, MCnetnsBugs

(* A call is refused at any moment, or given up where it must not be.      *)
BugRefuses(t, n)    == At(t, "Idle") /\ UNCHANGED vars
BugGivesUp(t, o, k) == At(t, "Idle") /\ UNCHANGED vars
BugCopyGivesUp(t) ==
  /\ At(t, "CopyNetNsLock")
  /\ Step(t, [On(t, "CopyNetNsPut") EXCEPT !.err = "EINTR"])

(* A call is refused with the error of another one.                        *)
BugRegistered(t, o, k) ==
  /\ Begins(t, RegisterCall(k), o)
  /\ Lock(t, AtErr("RegisterUnlock", "EEXIST"))
  /\ UNCHANGED <<count, useCount, workQueue>>
BugNotRegistered(t, o, k) ==
  /\ Begins(t, UnregisterCall(k), o)
  /\ Lock(t, AtErr("UnregisterUnlock", "ENOENT"))
  /\ UNCHANGED <<count, useCount, workQueue>>
BugOtherKind(t, o, k) ==
  /\ Begins(t, UnregisterCall(k), o)
  /\ Lock(t, AtErr("UnregisterUnlock", "EINVAL"))
  /\ UNCHANGED <<count, useCount, workQueue>>
BugRegisterSaysOne(t) ==
  /\ At(t, "RegisterInit") /\ thread[t].ops \in Failing
  /\ Step(t, AfterRegisterFail(t, "1"))
BugSetupSaysOne(t) ==
  /\ At(t, "SetupNetInit") /\ thread[t].ops \in Failing
  /\ Step(t, InSetupUndo(t, FirstToUndo(thread[t].ops), "1"))
BugAllocSaysNothing(t) ==
  /\ At(t, "CopyNetNsAlloc")
  /\ Step(t, InCopy("CopyNetNsPut", NoNet, thread[t].other, ""))

(* A register of what is registered is told something else, as a subsystem *)
(* or as a device: states that differ in the question alone are apart.     *)
BugExists(what, op, o, err, calls) ==
  [R!NoAnswer EXCEPT !.op = op, !.ops = o, !.calls = calls,
                     !.err = IF op = what /\ err = "EEXIST" THEN "" ELSE err]
BugSubsysExists(op, o, err, calls) ==
  BugExists("register_subsys", op, o, err, calls)
BugDeviceExists(op, o, err, calls) ==
  BugExists("register_device", op, o, err, calls)

(* A count or a use count changes by more, or by less, than it should.     *)
BugCopyGetsNothing(t, n) ==
  /\ NetNs /\ Begins(t, "CopyGet", n) /\ CanGet(n)
  /\ Step(t, InCopy("CopyNetNsAlloc", NoNet, n, ""))
BugCopyPutsNothing(t) == At(t, "CopyNetNsPut") /\ Step(t, AfterPut(t))
BugGetsTwo(t, n) ==
  /\ Begins(t, "Get", n) /\ CanGet(n)
  /\ AddCount(n, 2) /\ UNCHANGED thread
BugPutsNothing(t, n) ==
  Begins(t, "Put", n) /\ Known(n) /\ ~PutLeaves(n) /\ UNCHANGED vars
BugPutForgetsUses(t, n) ==
  /\ Begins(t, "Put", n) /\ Known(n) /\ ~PutLeaves(n) /\ PutIsLast(n)
  /\ count' = [count EXCEPT ![n] = 0] /\ useCount' = [useCount EXCEPT ![n] = 0]
  /\ Move(t, AtNet("PutNetQueue", n))
  /\ UNCHANGED <<opsVars, locks, netList, phase, workQueue, runVars>>
BugHoldsTwice(t, n) == Begins(t, "Hold", n) /\ Known(n) /\ AddUse(n, 2)
BugReleasesNothing(t, n) ==
  Begins(t, "Release", n) /\ Known(n) /\ useCount[n] # 0 /\ UNCHANGED vars

(* Of the two exits of a cleanup the first one runs again, for the last.   *)
BugLastExitAgain ==
  /\ At(Worker, "CleanupNetExit")
  /\ RunExit(Worker, IF Len(pernetList) = 2 /\ call[Worker].calls = <<>>
                     THEN thread[Worker]
                     ELSE InCleanup(NoOps, thread[Worker].net))

(* A step that answers nothing changes what the contract knows.            *)
BugUnlockGets(t) ==
  /\ At(t, "CopyNetNsUnlock")
  /\ count' = [count EXCEPT ![InitNet] = @ + 1]
  /\ netMutex' = Nobody /\ Move(t, On(t, "CopyNetNsPut"))
  /\ UNCHANGED <<opsVars, rtnl, netList, phase, useCount, workQueue, runVars>>

(* The unlink forgets the uses of the net, which is then freed.            *)
BugUnlinkForgetsUses ==
  /\ At(Worker, "CleanupNetUnlink") /\ rtnl' = Nobody
  /\ netList' = Without(netList, thread[Worker].net)
  /\ phase' = [phase EXCEPT ![thread[Worker].net] = "dying"]
  /\ useCount' = [useCount EXCEPT ![thread[Worker].net] = 0]
  /\ Move(Worker, InCleanup(FirstToExit, thread[Worker].net))
  /\ UNCHANGED <<opsVars, netMutex, count, workQueue, runVars>>

(* The reader of the list sees it without its last net.                    *)
BugListsFewer ==
  [R!NoAnswer EXCEPT !.op = "list",
                     !.nets = SubSeq(netList, 1, Len(netList) - 1)]

(* net_ns_init gives init_net a reference too many.                        *)
BugBootCounts ==
  /\ At(Worker, "NetNsInitLock")
  /\ Lock(Worker, InSetup(Worker, FirstToInit, InitNet, NoNet, ""))
  /\ count' = [count EXCEPT ![InitNet] = 2]
  /\ UNCHANGED <<useCount, workQueue>>
=============================================================================
