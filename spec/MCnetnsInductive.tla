\* SPDX-License-Identifier: MIT
-------------------------- MODULE MCnetnsInductive --------------------------
(* An instance of netns.tla in which TLC checks the strengthening, and what *)
(* `make prove` reads: with the seeded faults, which the proof must refuse. *)
EXTENDS MCnetnsBugs, netns_inductive
=============================================================================
