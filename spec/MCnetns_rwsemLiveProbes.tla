\* SPDX-License-Identifier: MIT
----------------------- MODULE MCnetns_rwsemLiveProbes -----------------------
(* What FairSpec of netns_rwsem.tla does not promise: each of these is     *)
(* violated by the cfg of its name, or the fairness asks for too much.     *)
EXTENDS MCnetns_rwsem

(* Somebody calls something.                                               *)
ProbeBeginsProp == <>~Init

(* What was taken is given back, by a client that need not call again.     *)
ProbeGivesBackProp ==
  \/ \A o \in Ops : Registered(o) ~> ~Registered(o)
  \/ \A n \in Nets \ {InitNet} : phase[n] = "listed" ~> count[n] = 0

(* What is tried for ever works some day: a register, an allocation.  Of   *)
(* set-ups nothing is said: the one slot for a new net is not free again.  *)
ProbeWorksProp ==
  \/ \A t \in Threads : []<>At(t, "RegisterInit")
                  => <>(At(t, "RegisterUnlock") /\ ~Failed(thread[t].err))
  \/ \A t \in Threads : []<>At(t, "CopyNetNsAlloc")
                          => <>At(t, "CopyNetNsLock")

(* What is tried for ever fails some day.                                  *)
ProbeFailsProp ==
  \A t \in Threads : []<>At(t, "RegisterInit")
                  => <>(At(t, "RegisterUnlock") /\ Failed(thread[t].err))
=============================================================================
