\* SPDX-License-Identifier: MIT
------------------------- MODULE MCnetnsRefineBugs -------------------------
(* The seeded faults, for what the answers show.                           *)
EXTENDS MCnetnsRefine, MCnetnsBugs
=============================================================================
