\* SPDX-License-Identifier: MIT
------------------------------ MODULE MCregistry ------------------------------
\* Finite instances of the contract: counts are bounded by what clients do.
EXTENDS registry

CONSTANTS MaxCount, MaxUse   \* clients raise no count above these

MCMayGet(k)  == k < MaxCount
MCMayHold(k) == k < MaxUse
=============================================================================
