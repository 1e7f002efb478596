\* SPDX-License-Identifier: MIT
------------------------------- MODULE users -------------------------------
(***************************************************************************)
(* WHAT   How code that uses nets must keep them: a table of ids, in which *)
(*        a net must not stand any more when it is freed, and a keeper,    *)
(*        which keeps a net until its own deferred callback has run.       *)
(* SOURCE The two ways in which users of the kernel's nets got it wrong:   *)
(*        0c06bea919f3 (ids of peers) and c16f74dc1d75.  The registry is   *)
(*        cut down to what they need of it; netns.tla has it whole.        *)
(* GRAIN  One action is one operation on a count, one section under the    *)
(*        lock of the table, or one callback.  A find takes its reference  *)
(*        inside that section, so it is one step.                          *)
(* ACTORS Clients, each in at most one call.  The owner of a net, who puts *)
(*        the reference that it was made with.  The worker, which cleans   *)
(*        up one net after the other, whichever comes first.               *)
(*        Deferred callbacks, which run at any time and in any order.      *)
(* LEFT   Nets that come, and set-ups that fail: a net in its set-up has   *)
(* OUT    count 1, and is freed whatever its count is, so no reference     *)
(*        keeps it; can hide a defect.  An unregister of the table, whose  *)
(*        exits run on nets that are in use: one can be entered after it;  *)
(*        can hide a defect.  The locks of the registry and other ops: the *)
(*        exit of the table is one step, when the count is zero.  A        *)
(*        refused call: it is one step, which changes nothing.             *)
(* CHECKS The claims at the end; MCusersClaims holds them against states   *)
(*        that are written by hand.  A client that begins a call has a     *)
(*        pointer to a net that is not freed; where it got that, and who   *)
(*        keeps it readable meanwhile, is its own affair.                  *)
(* BELOW  internal/users has the same steps in Go; the two are not         *)
(*        compared edge by edge.                                           *)
(* RUN    make tlc   (instances and counts: spec/models.tsv)               *)
(***************************************************************************)
EXTENDS Integers, FiniteSets

CONSTANTS
  Nets,     \* the nets, each with its owner's reference at the start
  NoNet,    \* no net
  Ids,      \* the ids of the table, at least as many as Nets
  Clients   \* the threads that make calls

VARIABLES
  phase,    \* of a net: live, removed (its exits have run), waiting (its
            \* barrier has begun), freed
  count,    \* of a net: its references
  owned,    \* the nets whose owners have not put them
  table,    \* pairs <<id, net>>
  client,   \* of a client: the step that comes next, its net, and how many
            \* references it has there to give back
  pending,  \* deferred callbacks <<client that deferred it, net, references>>
  waits     \* of a net: the callbacks that its barrier waits for

vars == <<phase, count, owned, table, client, pending, waits>>

Idle == [at |-> "idle", net |-> NoNet, has |-> 0]

-----------------------------------------------------------------------------
(***************************************************************************)
(* What the right code does.  Each operator stands alone, so that a seeded *)
(* fault can replace just it.  The first three give how many references a  *)
(* call takes on a net at its beginning: the one element of the set.  No   *)
(* element: the call is refused.                                           *)
(***************************************************************************)
Get(n)     == IF count[n] > 0 THEN {1} ELSE {}  \* only if it is not zero
ToEnter(n) == Get(n)
ToFind(n)  == Get(n)
ToKeep(n)  == Get(n)

AfterUse(has) == has   \* what a client gives back when its use is over
AfterRun(has) == has   \* what a deferred callback gives back at its end

IsIn(n)       == \E e \in table : e[2] = n  \* then Enter adds nothing
NewIds        == {i \in Ids : \A e \in table : e[1] # i}
Removed(n)    == {e \in table : e[2] = n}   \* by the exit of the table
MayRun(n)     == TRUE                       \* a callback waits for nothing

-----------------------------------------------------------------------------
Begin(c, n, at, has) ==
  /\ count' = [count EXCEPT ![n] = @ + has]
  /\ client' = [client EXCEPT ![c] = [at |-> at, net |-> n, has |-> has]]

\* Enter: a reference, then the table, then the reference goes back (Put).
EnterGet(c, n) ==
  /\ client[c] = Idle /\ phase[n] # "freed"
  /\ \E has \in ToEnter(n) : Begin(c, n, "add", has)
  /\ UNCHANGED <<phase, owned, table, pending, waits>>

EnterAdd(c) ==
  LET n == client[c].net
  IN  /\ client[c].at = "add"
      /\ \/ IsIn(n) /\ UNCHANGED table
         \/ ~IsIn(n) /\ \E i \in NewIds : table' = table \cup {<<i, n>>}
      /\ client' = [client EXCEPT ![c].at = "put"]
      /\ UNCHANGED <<phase, count, owned, pending, waits>>

\* Find: the net of an id, with a reference, which the client gives back (Put).
Find(c, i, n) ==
  /\ client[c] = Idle /\ <<i, n>> \in table
  /\ \E has \in ToFind(n) : Begin(c, n, "put", has)
  /\ UNCHANGED <<phase, owned, table, pending, waits>>

Put(c) ==
  /\ client[c].at = "put"
  /\ count' = [count EXCEPT ![client[c].net] = @ - AfterUse(client[c].has)]
  /\ client' = [client EXCEPT ![c] = Idle]
  /\ UNCHANGED <<phase, owned, table, pending, waits>>

\* Keep: a reference, then a deferred callback, which uses the net and gives
\* the reference back.  A client has one such callback on a net at a time.
KeepGet(c, n) ==
  /\ client[c] = Idle /\ phase[n] # "freed"
  /\ \A p \in pending : <<p[1], p[2]>> # <<c, n>>
  /\ \E has \in ToKeep(n) : Begin(c, n, "defer", has)
  /\ UNCHANGED <<phase, owned, table, pending, waits>>

KeepDefer(c) ==
  /\ client[c].at = "defer"
  /\ pending' = pending \cup {<<c, client[c].net, client[c].has>>}
  /\ client' = [client EXCEPT ![c] = Idle]
  /\ UNCHANGED <<phase, count, owned, table, waits>>

DeferredRun(p) ==
  /\ p \in pending /\ MayRun(p[2])
  /\ count' = [count EXCEPT ![p[2]] = @ - AfterRun(p[3])]
  /\ pending' = pending \ {p}
  /\ waits' = [n \in Nets |-> waits[n] \ {p}]
  /\ UNCHANGED <<phase, owned, table, client>>

Refused(c, n) ==
  /\ client[c] = Idle /\ phase[n] # "freed"
  /\ {} \in {ToEnter(n), ToKeep(n)}
  /\ UNCHANGED vars

-----------------------------------------------------------------------------
OwnerPut(n) ==
  /\ n \in owned
  /\ count' = [count EXCEPT ![n] = @ - 1]
  /\ owned' = owned \ {n}
  /\ UNCHANGED <<phase, table, client, pending, waits>>

\* The cleanup: the exit of the table, the barrier, the free.
CleanupExit(n) ==
  /\ phase[n] = "live" /\ count[n] = 0
  /\ \A m \in Nets : phase[m] \notin {"removed", "waiting"}
  /\ phase' = [phase EXCEPT ![n] = "removed"]
  /\ table' = table \ Removed(n)
  /\ UNCHANGED <<count, owned, client, pending, waits>>

CleanupBarrier(n) ==
  /\ phase[n] = "removed"
  /\ phase' = [phase EXCEPT ![n] = "waiting"]
  /\ waits' = [waits EXCEPT ![n] = pending]
  /\ UNCHANGED <<count, owned, table, client, pending>>

CleanupFree(n) ==
  /\ phase[n] = "waiting" /\ waits[n] = {}
  /\ phase' = [phase EXCEPT ![n] = "freed"]
  /\ UNCHANGED <<count, owned, table, client, pending, waits>>

\* All nets are gone, and nobody is in a call: the end.
Done ==
  /\ \A n \in Nets : phase[n] = "freed"
  /\ \A c \in Clients : client[c] = Idle
  /\ pending = {}
  /\ UNCHANGED vars

Init ==
  /\ phase = [n \in Nets |-> "live"] /\ count = [n \in Nets |-> 1]
  /\ owned = Nets /\ table = {}
  /\ client = [c \in Clients |-> Idle]
  /\ pending = {} /\ waits = [n \in Nets |-> {}]

Callbacks == Clients \X Nets \X {0, 1}

Next ==
  \/ \E c \in Clients, n \in Nets :
       \/ EnterGet(c, n) \/ KeepGet(c, n) \/ Refused(c, n)
       \/ \E i \in Ids : Find(c, i, n)
  \/ \E c \in Clients : EnterAdd(c) \/ Put(c) \/ KeepDefer(c)
  \/ \E p \in Callbacks : DeferredRun(p)
  \/ \E n \in Nets : \/ OwnerPut(n)
                     \/ CleanupExit(n) \/ CleanupBarrier(n) \/ CleanupFree(n)
  \/ Done

Spec == Init /\ [][Next]_vars

\* Each cleanup begins some day and goes on, and callbacks run.  Of the clients
\* nothing is asked: one that stops in a call keeps its net, but no other.
FairRuns == \A p \in Callbacks : WF_vars(DeferredRun(p))
FairCleanups ==
  \A n \in Nets :
    WF_vars(CleanupExit(n) \/ CleanupBarrier(n) \/ CleanupFree(n))
FairSpec == Spec /\ FairRuns /\ FairCleanups

-----------------------------------------------------------------------------
TypeOK ==
  /\ phase \in [Nets -> {"live", "removed", "waiting", "freed"}]
  /\ count \in [Nets -> Nat] /\ owned \subseteq Nets
  /\ table \subseteq Ids \X Nets
  /\ \A c \in Clients : /\ client[c].at \in {"idle", "add", "put", "defer"}
                        /\ client[c].net \in Nets \cup {NoNet}
                        /\ client[c].has \in {0, 1}
  /\ pending \subseteq Callbacks /\ waits \in [Nets -> SUBSET Callbacks]

\* A net whose exits have run is in no table.
NoDeadInTable == \A e \in table : phase[e[2]] = "live"

\* An id names one net, and a net has one id.
OneIdEach == \A e, f \in table : e[1] = f[1] <=> e[2] = f[2]

\* Who keeps a pointer to a net, in a call or for a deferred callback, keeps
\* a net whose exits have not run.
KeptIsAlive ==
  /\ \A c \in Clients : client[c] # Idle => phase[client[c].net] = "live"
  /\ \A p \in pending : phase[p[2]] = "live"

\* The count of a net is what its owner, clients and callbacks will give back.
CountIsExact ==
  \A n \in Nets : count[n] =
    Cardinality({n} \cap owned)
      + Cardinality({c \in Clients : client[c].net = n /\ client[c].has = 1})
      + Cardinality({p \in pending : p[2] = n /\ p[3] = 1})

\* A count that is zero stays zero.
NoRiseFromZero     == \A n \in Nets : count[n] = 0 => count'[n] = 0
NoRiseFromZeroProp == [][NoRiseFromZero]_vars

\* A net whose count is zero is freed in the end.
ZeroIsFreedProp ==
  \A n \in Nets : (count[n] = 0) ~> (phase[n] = "freed")

\* What FairSpec does not promise; the MCusersProbe cfgs show it violated: that
\* anybody begins, and that a client goes on.
ProbeBeginsProp  == <>~Init
ProbeReturnsProp == \A c \in Clients : (client[c] # Idle) ~> (client[c] = Idle)
=============================================================================
