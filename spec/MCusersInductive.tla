\* SPDX-License-Identifier: MIT
-------------------------- MODULE MCusersInductive --------------------------
(***************************************************************************)
(* WHAT   What more is true of every state of users.tla, so that its       *)
(*        invariants follow from one state to the next, whatever Nets, Ids *)
(*        and Clients are.                                                 *)
(* SOURCE users.tla; without one of the conjuncts some step leads from a   *)
(*        state that has all the others to one that has not.               *)
(* GRAIN  That of users.tla.  No action, no variable of its own.           *)
(* ACTORS Those of users.tla.                                              *)
(* LEFT   Liveness.                                                        *)
(* OUT                                                                     *)
(* CHECKS TLC checks Inductive and Implied in an instance of users.tla;    *)
(*        `make prove` proves them for any number.  It reads this module,  *)
(*        with the seeded faults, which it must refuse.                    *)
(* ABOVE  Nothing uses it but the proof: docs/proof.md.                    *)
(* RUN    make prove; make tlc                                             *)
(***************************************************************************)
EXTENDS MCusersBugs

ASSUME NoNet \notin Nets

\* What kind of value each variable has.
Types ==
  /\ phase \in [Nets -> {"live", "removed", "waiting", "freed"}]
  /\ count \in [Nets -> Nat] /\ owned \in SUBSET Nets
  /\ table \in SUBSET (Ids \X Nets)
  /\ client \in [Clients -> [at : {"idle", "add", "put", "defer"},
                             net : Nets \cup {NoNet}, has : {0, 1}]]
  /\ pending \in SUBSET Callbacks /\ waits \in [Nets -> SUBSET Callbacks]

\* A client in a call has a net and one reference on it; an idle one has
\* nothing.  A callback gives one reference back.
OneReferenceEach ==
  /\ \A c \in Clients :
       IF client[c].at = "idle" THEN client[c] = Idle
       ELSE client[c].net \in Nets /\ client[c].has = 1
  /\ \A p \in pending : p[3] = 1

\* What a client is about to defer is not pending yet.
DeferredOnce ==
  \A c \in Clients : client[c].at = "defer" =>
    \A p \in pending : <<p[1], p[2]>> # <<c, client[c].net>>

\* A net whose exits have run has no references.
GoneHasNone == \A n \in Nets : phase[n] # "live" => count[n] = 0

Inductive == /\ Types /\ NoDeadInTable /\ OneIdEach /\ CountIsExact
             /\ OneReferenceEach /\ DeferredOnce /\ GoneHasNone
Implied   == TypeOK /\ KeptIsAlive
Steps     == NoRiseFromZero
=============================================================================
