\* SPDX-License-Identifier: MIT
------------------------------ MODULE MCnetns ------------------------------
(* Finite instances of netns.tla: the bounds, which are all guards on what *)
(* the clients ask for.  No instance has a state constraint or symmetry.   *)
EXTENDS netns

CONSTANTS
  N_1, N_2, N_3, \* nets; N_1 is init_net
  MaxCount,      \* a client raises no count above this; with namespaces only
                 \* copies take references on init_net
  MaxUse,        \* the same for use counts; none on init_net
  OnlySubsys,    \* ops that nobody registers as a device
  OnlyDevice,    \* ops that nobody registers as a subsystem
  Registrars,    \* threads that register and unregister
  Copiers,       \* threads that copy
  Readers,       \* threads that read the list of nets
  Waiters        \* threads that call rcu_barrier

OneSlot    == <<N_1>>
TwoSlots   == <<N_1, N_2>>
ThreeSlots == <<N_1, N_2, N_3>>

MCMayCall(t, what, x) ==
  CASE what = "RegisterSubsys" -> t \in Registrars /\ x \notin OnlyDevice
    [] what = "RegisterDevice" -> t \in Registrars /\ x \notin OnlySubsys
    [] what \in {"UnregisterSubsys", "UnregisterDevice"} -> t \in Registrars
    [] what = "CopyGet" -> t \in Copiers
    [] what \in {"Get", "Share"} -> /\ x # InitNet \/ ~NetNs
                                    /\ count[x] < MaxCount
    [] what = "Hold" -> /\ x # InitNet \/ ~NetNs
                        /\ useCount[x] < MaxUse
    [] what = "List" -> t \in Readers
    [] what = "Barrier" -> t \in Waiters
    [] OTHER -> TRUE
=============================================================================
