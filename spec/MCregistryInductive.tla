\* SPDX-License-Identifier: MIT
------------------------- MODULE MCregistryInductive -------------------------
(***************************************************************************)
(* WHAT   What more is true of every state of registry.tla, so that its    *)
(*        invariants follow from one state to the next, whatever Ops, Nets *)
(*        and Copies are.                                                  *)
(* SOURCE registry.tla; its invariants are nearly enough by themselves.    *)
(* GRAIN  That of registry.tla.  No action, no variable of its own.        *)
(* ACTORS Those of registry.tla.                                           *)
(* LEFT   Nothing of registry.tla.                                         *)
(* OUT                                                                     *)
(* CHECKS TLC checks Inductive and Implied in an instance of registry.tla; *)
(*        `make prove` proves them for any number.  It reads this module,  *)
(*        with the seeded faults, which it must refuse.                    *)
(* ABOVE  Nothing uses it but the proof: docs/proof.md.                    *)
(* RUN    make prove; make tlc                                             *)
(***************************************************************************)
EXTENDS MCregistryBugs

ASSUME NoOps \notin Ops /\ ListHead \notin Ops

\* What kind of value each variable has; from here the prover takes how it
\* writes a state.
Types ==
  /\ pernetList \in Seq(Ops) /\ firstDevice \in Ops \cup {ListHead}
  /\ kind \in [Ops -> {"none", "subsys", "device"}]
  /\ netList \in Seq(Nets)
  /\ phase \in [Nets -> {"free", "listed", "dying", "kept", "dead"}]
  /\ count \in [Nets -> Nat] /\ useCount \in [Nets -> Nat]
  /\ copies \in [Copies -> [at : {"idle", "got", "done"},
                            from : Nets \cup {NoNet}]]
  /\ answer \in
       [op : {"", "register_subsys", "register_device", "unregister_subsys",
              "unregister_device", "copy_get", "copy", "copy_put", "share",
              "get", "put", "hold", "release", "cleanup", "free", "list",
              "state", "net_ns_init"},
        ops : Ops \cup {NoOps, ListHead}, net : Nets \cup {NoNet},
        err : {"", "ENOMEM", "1", "EEXIST", "EINTR", "ENOENT", "EINVAL",
               "ENOSPC"},
        calls : Seq({"init", "exit"} \X Ops \X Nets),
        freed : Seq(Nets), nets : Seq(Nets), list : Seq(Ops)]

\* In no list of an answer does an element occur twice.  The prover has this of
\* all lists by their form; what makes a list is shown to keep it.
AnswersHaveNoDoubles ==
  /\ Cardinality(Range(answer.calls)) = Len(answer.calls)
  /\ Cardinality(Range(answer.freed)) = Len(answer.freed)
  /\ Cardinality(Range(answer.nets)) = Len(answer.nets)
  /\ Cardinality(Range(answer.list)) = Len(answer.list)

\* The callbacks of a register are those of its ops; of a set-up they are
\* those of linked ops, so each has its place.
CallsHavePlaces ==
  /\ answer.op \in RegisterOps =>
       \A e \in Range(answer.calls) : e[2] = answer.ops
  /\ answer.op \in SetupOps =>
       \A e \in Range(answer.calls) : e[2] \in Range(pernetList)

\* One invariant that there is not with positive answers in 2009: a copy whose
\* last init answers 1 undoes nothing (hazard H1).
UndoIsExactUnlessPositive == ~Positive \/ Modern => UndoIsExact

Inductive ==
  /\ Types /\ LinkedIfRegistered /\ SubsysBeforeDevices /\ FirstDeviceExact
  /\ ListedIfOnList /\ CountedOnlyWhenListed /\ UsedOnlyWhenThere
  /\ InitNetStays
  /\ CallsHavePlaces /\ UndoIsExactUnlessPositive /\ SuccessUndoesNothing
  /\ RegisterRunsAll /\ UnregisterRunsAll /\ SetupRunsAll
  /\ CleanupRunsAll /\ CleanupTakesDead

\* What is true of every state that has Inductive.
Implied == TypeOK /\ AnswersHaveNoDoubles

\* What every step from a state with Inductive keeps.
Steps ==
  /\ NoRiseFromZeroProp /\ RefusedRunsNothingProp
  /\ RefusedChangesNothingProp /\ KindAsAnsweredProp
  /\ OthersStayLinkedProp /\ ListedBySetupProp /\ CleanupNamesAllProp
  /\ ListKeepsOrderProp /\ FreedIsNamedProp /\ CountsAsAnsweredProp
  /\ UseAsAnsweredProp /\ OpsRefusalsProp /\ NetRefusalsProp
  /\ CopyMomentsProp
=============================================================================
