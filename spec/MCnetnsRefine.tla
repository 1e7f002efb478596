\* SPDX-License-Identifier: MIT
--------------------------- MODULE MCnetnsRefine ---------------------------
(* The instances of netns_answers.tla: the bounds of MCnetns.              *)
(* View leaves out `answer` alone.  No step depends on it, and TLC checks  *)
(* the refinement on every step, also on one to a state that it has seen:  *)
(* every answer is checked, though states that differ in it count as one.  *)
EXTENDS MCnetns, netns_answers

View == <<vars, call, promise, shown>>
=============================================================================
