\* SPDX-License-Identifier: MIT
---------------------------- MODULE MCnetns_rwsem ----------------------------
(* Finite instances of netns_rwsem.tla: the bounds, which are all guards   *)
(* on what the clients ask for.  No instance has a state constraint or     *)
(* symmetry.                                                               *)
EXTENDS netns_rwsem

CONSTANTS
  N_1, N_2, N_3, \* nets; N_1 is init_net
  MaxCount,      \* a client raises no count above this, and none of init_net
  MaxUse,        \* a client raises no passive count above this
  OnlySubsys,    \* ops that nobody registers as a device
  OnlyDevice,    \* ops that nobody registers as a subsystem
  Registrars,    \* threads that register
  Unregistrars,  \* threads that unregister
  Copiers,       \* threads that copy
  OldNets,       \* where they copy from: "init" or "any"
  Putters,       \* threads that put
  Readers,       \* threads that walk the list under net_rwsem
  RtnlReaders,   \* threads that do so inside rtnl
  Walkers,       \* threads that walk it under RCU
  Waiters,       \* threads that call rcu_barrier and net_ns_barrier
  Misuse         \* BOOLEAN: clients make calls that are refused, and put
                 \* references that are not theirs

OneSlot    == <<N_1>>
TwoSlots   == <<N_1, N_2>>
ThreeSlots == <<N_1, N_2, N_3>>

(* The references on a net that calls under way will put.                  *)
InUse(n) == Cardinality({t \in Threads : \/ thread[t].other = n
                                         \/ At(t, "Peernet2idPut")
                                              /\ thread[t].net = n})

MCMayCall(t, what, x) ==
  CASE what \in {"RegisterSubsys", "RegisterDevice"} ->
         /\ t \in Registrars /\ (Misuse \/ ~Registered(x))
         /\ x \notin IF what = "RegisterSubsys" THEN OnlyDevice ELSE OnlySubsys
    [] what \in {"UnregisterSubsys", "UnregisterDevice"} ->
         /\ t \in Unregistrars
         /\ Misuse \/ (Registered(x) /\ what = UnregisterCall(kind[x]))
    [] what = "CopyGet" -> /\ t \in Copiers /\ (Misuse \/ CanGet(x))
                           /\ OldNets = "any" \/ x = InitNet
    [] what \in {"Get", "Share", "Walk", "ById"} ->
         /\ what = "Walk" => t \in Walkers
         /\ Misuse \/ CanGet(x) \/ what = "Walk"
         /\ x # InitNet \/ ~NetNs \/ what = "ById"
         /\ IF what = "ById" THEN \A p \in nsids[x] : count[p] < MaxCount
            ELSE count[x] < MaxCount
    [] what = "Put" -> /\ t \in Putters
                       /\ Misuse \/ (count[x] > InUse(x) /\ x # InitNet)
    [] what = "Hold" -> /\ x # InitNet \/ ~NetNs
                        /\ Misuse \/ CanGet(x)
                        /\ passive[x] <= MaxUse /\ MaxUse > 0
    [] what = "Release" -> MaxUse > 0 /\ (Misuse \/ (Known(x) /\ Held(x)))
    [] what = "List" -> t \in Readers
    [] what = "ListRtnl" -> t \in RtnlReaders
    [] what \in {"Barrier", "NetNsBarrier"} -> t \in Waiters
    [] OTHER -> TRUE
=============================================================================
