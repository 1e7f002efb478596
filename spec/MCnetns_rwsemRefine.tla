\* SPDX-License-Identifier: MIT
------------------------- MODULE MCnetns_rwsemRefine -------------------------
(* The instances of netns_rwsem_answers.tla: the bounds of MCnetns_rwsem.  *)
(* View leaves out `answer` alone, as in MCnetnsRefine.tla.                *)
EXTENDS MCnetns_rwsemBugs, netns_rwsem_answers

View == <<vars, op, promise, shown>>

(* The contract with cleanups of single nets, which a batch refutes.       *)
BugSingleCleanup ==
  Cardinality(Range(answer'.nets)) = 1 /\ R!Cleanup(Range(answer'.nets))

(* The mapping shows the old net of a copy until its slot is free.         *)
BugOldStays(r) == r.other

(* A register, an unregister is refused with the error of another refusal. *)
BugRegisterMisused(t) ==
  IF op[t][1] \in {"register_subsys", "register_device"} THEN "ENOENT"
  ELSE IF Registered(op[t][2]) THEN "EINVAL" ELSE "ENOENT"
BugUnregisterMisused(t) ==
  IF op[t][1] \in {"register_subsys", "register_device"} THEN "EEXIST"
  ELSE IF Registered(op[t][2]) THEN "ENOENT" ELSE "EINVAL"

(* The mapping shows init_net with a count too high from the start.        *)
BugShownCount(f) == [n \in Nets \cup {Spare} |-> IF Visible(n) THEN 2 ELSE 0]
=============================================================================
