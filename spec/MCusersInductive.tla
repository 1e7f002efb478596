\* SPDX-License-Identifier: MIT
-------------------------- MODULE MCusersInductive --------------------------
\* An instance of users.tla in which TLC checks what the proof rests on, and
\* what `make prove` reads: with the seeded faults, which it must refuse.
EXTENDS MCusersBugs, users_inductive
=============================================================================
