\* SPDX-License-Identifier: MIT
---------------------------- MODULE EnabledInner ---------------------------
EXTENDS Naturals, Sequences

VARIABLES first, mark, line
vars == <<first, mark, line>>

\* It needs a line without 1 that is equal to one with it.
Step ==
  /\ first = 0
  /\ mark' = 9
  /\ first' = 1
  /\ line' = SelectSeq(line, LAMBDA e : e # first')
  /\ line' = <<1, 2, 3>>
Fairness == WF_vars(Step)
StepEnabled == ENABLED Step
=============================================================================
