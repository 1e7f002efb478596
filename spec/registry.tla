\* SPDX-License-Identifier: MIT
------------------------------ MODULE registry ------------------------------
(***************************************************************************)
(* WHAT   The contract of the pernet registry: which callbacks each call   *)
(*        runs, in which order, what it answers and what it leaves behind. *)
(*        It says nothing of locks or threads; netns.tla does.             *)
(* SOURCE net/core/net_namespace.c, Linux 2.6.3x (2009) and, where Modern  *)
(*        says so, 4.17 and later.  The rows [Rnn] point into              *)
(*        docs/correspondence.md.                                          *)
(* GRAIN  One action is one call, with its answer and its callbacks.  Two  *)
(*        calls have more moments, because right code has them: a copy     *)
(*        takes its reference on the old net (CopyGet), does all the rest  *)
(*        up to the listing of the new one (Copy), gives that reference    *)
(*        back (CopyPut); a cleanup unlinks one net or, if Modern, several *)
(*        and runs their exits (Cleanup), then frees each of them (Free).  *)
(* ACTORS Clients, who may make any call at any moment, in misuse too; up  *)
(*        to Copies copies at one time; and the worker, who may take any   *)
(*        net whose count is zero.                                         *)
(* LEFT   Names: a net is a slot, and EEXIST is a slot that is taken.  The *)
(* OUT    errors of a failing init are one, ENOMEM, and under Positive     *)
(*        also "1": which error it is changes nothing else.  Deferred      *)
(*        callbacks, and rcu_barrier, which waits for them: no call        *)
(*        answers with them.  Since 4.17: pre_exit, exit_rtnl, exit_batch  *)
(*        and the slots of ops, which are a matter of the lower spec.      *)
(*        None of this hides a wrong answer of a call that is modelled.    *)
(* CHECKS The invariants at the end.  NOT claimed: that any call returns   *)
(*        (netns.tla claims it), nor anything of a net whose count a       *)
(*        client took away from a copy that was using it, but that the     *)
(*        copy's own put then does no harm.                                *)
(* ABOVE  Nothing: this is the top.  netns.tla implements it, by the       *)
(*        mapping in netns_answers.tla.                                    *)
(* RUN    make tlc   (instances and counts: spec/models.tsv)               *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
  Ops,        \* struct pernet_operations that a client may register
  NoOps,      \* no ops
  ListHead,       \* the list head: where first_device points without devices
  Nets,       \* slots for nets
  InitNet,    \* the net that exists from the start, one of Nets
  NoNet,      \* no net
  Copies,     \* names of the copies that can be under way at one time
  NoInit,     \* the ops that have no init
  NoExit,     \* the ops that have no exit
  Positive,   \* an init may return a positive number (hazard H1)
  Cancel,     \* a call may be cancelled while it waits for the registry lock
  Quota,      \* a copy may be refused by a quota (ENOSPC)
  Modern,     \* FALSE: 2009; TRUE: since 4.17.  What differs: how many nets a
              \* cleanup takes (TakesMany), what a positive answer of an init
              \* does (PositiveFails, LastHasInit), which nets can be held
              \* (CanHold), what the free of a net in use does (Free)
  NetNs,      \* FALSE: the build without namespaces (CONFIG_NET_NS=n)
  Boot,       \* TRUE: start before net_ns_init has run
  MayGet(_),  \* whether clients raise a count that stands at the argument
  MayHold(_)  \* the same for use counts; both are bounds of an instance

ASSUME /\ InitNet \in Nets /\ NoNet \notin Nets
       /\ NoInit \subseteq Ops /\ NoExit \subseteq Ops
       /\ Boot => NetNs

VARIABLES
  pernetList,  \* pernet_list: the linked ops, in order             [R01]
  firstDevice, \* first_device: the first device, or ListHead           [R02]
  kind,        \* what an ops is registered as; beyond the seed, so
               \* that misuse can be answered
  netList,     \* net_namespace_list: the listed nets, in order     [R04]
  phase,       \* of a slot: free, listed, dying (unlinked, its exits
               \* have run), kept (never freed: was in use), dead
  count,       \* net->count                                        [R06]
  useCount,    \* net->use_count                                    [R07]
  copies,      \* of each copy under way: its moment, the old net
  answer       \* what the last step answered, until the next step

lists == <<pernetList, firstDevice, kind>>
nets  == <<netList, phase, count, useCount>>
vars  == <<lists, nets, copies, answer>>

-----------------------------------------------------------------------------
NoAnswer == [op |-> "", ops |-> NoOps, net |-> NoNet, err |-> "",
             calls |-> <<>>, freed |-> <<>>, nets |-> <<>>, list |-> <<>>]

\* Nobody is answered after a panic, so nobody moves.
Alive == phase[InitNet] # "dead"
SayOps(op, o, err, calls) ==
  /\ Alive
  /\ answer' = [NoAnswer EXCEPT !.op = op, !.ops = o, !.err = err,
                                !.calls = calls]
SayNet(op, n, err, calls, freed) ==
  /\ Alive
  /\ answer' = [NoAnswer EXCEPT !.op = op, !.net = n, !.err = err,
                                !.calls = calls, !.freed = freed]
SayCleanup(ns, calls) ==
  /\ Alive
  /\ answer' = [NoAnswer EXCEPT !.op = "cleanup", !.nets = ns, !.calls = calls]
SayLists(op, ns, list, first) ==
  /\ Alive
  /\ answer' = [NoAnswer EXCEPT !.op = op, !.nets = ns, !.list = list,
                                !.ops = first]

\* What the actions ask.  Each stands alone, so that a seeded fault can
\* replace just it.
IsRegistered(o)    == kind[o] # "none"
IsReferenced(n)    == count[n] > 0
IsInUse(n)         == useCount[n] > 0
LastOf(n)          == IF n = InitNet THEN 1 ELSE 0  \* what puts leave there
CanHold(n)         == IF Modern THEN IsReferenced(n) ELSE phase[n] # "free"
TakesMany          == Modern
PositiveFails(op)  == Positive /\ (Modern => op = "net_ns_init")

InitErrors == {"ENOMEM"} \cup (IF Positive THEN {"1"} ELSE {})
Idle       == [at |-> "idle", from |-> NoNet]      \* a copy not under way

Range(s)      == {s[i] : i \in DOMAIN s}
Without(s, x) == SelectSeq(s, LAMBDA y : y # x)
Unlisted(S)   == SelectSeq(netList, LAMBDA n : n \notin S)
Reverse(s)    == [i \in DOMAIN s |-> s[Len(s) + 1 - i]]
Position(s, x) == CHOOSE i \in DOMAIN s : s[i] = x

(***************************************************************************)
(* Callbacks are <<"init" or "exit", ops, net>>.  A walk that meets an ops *)
(* without the callback passes it over (hazard H9: an ops with no init     *)
(* still gets its exit).                                                   *)
(***************************************************************************)
Inits(os, n) == [i \in DOMAIN SelectSeq(os, LAMBDA o : o \notin NoInit) |->
  <<"init", SelectSeq(os, LAMBDA o : o \notin NoInit)[i], n>>]
Exits(os, n) == [i \in DOMAIN SelectSeq(os, LAMBDA o : o \notin NoExit) |->
  <<"exit", SelectSeq(os, LAMBDA o : o \notin NoExit)[i], n>>]
OnNets(what, o, ns) == [i \in DOMAIN ns |-> <<what, o, ns[i]>>]

\* The three walks: over all nets when an ops comes, back over all ops when
\* a net goes, and how far an undo reaches when the f-th init failed.
RegisterCalls(o) == OnNets("init", o, IF o \in NoInit THEN <<>> ELSE netList)
Backwards(s)     == Reverse(s)
Done(s, f)       == SubSeq(s, 1, f - 1)

-----------------------------------------------------------------------------
(***************************************************************************)
(* Where a new ops goes: a subsystem just before the first device, a       *)
(* device at the tail.  Only a registered device moves firstDevice, and    *)
(* only when there was none (hazard H3).                                   *)
(***************************************************************************)
Insert(o, k) ==
  IF k = "device" \/ firstDevice = ListHead
  THEN Append(pernetList, o)
  ELSE LET i == Position(pernetList, firstDevice)
       IN  SubSeq(pernetList, 1, i - 1) \o <<o>>
             \o SubSeq(pernetList, i, Len(pernetList))

(***************************************************************************)
(* register_pernet_subsys, register_pernet_device [R10]-[R17].  The init   *)
(* runs on every listed net, in list order; f is the place where it fails, *)
(* 0 if it does not.  A failure unlinks, then runs the exit on the nets    *)
(* before that place, in list order (hazards H1, H6).  Without namespaces  *)
(* the ops is never linked; the one net is never undone.                   *)
(***************************************************************************)
Register(op, o, k) ==
  \/ /\ IsRegistered(o)
     /\ SayOps(op, o, "EEXIST", <<>>)
     /\ UNCHANGED lists
  \/ /\ Cancel
     /\ SayOps(op, o, "EINTR", <<>>)
     /\ UNCHANGED lists
  \/ /\ ~IsRegistered(o)
     /\ SayOps(op, o, "", RegisterCalls(o))
     /\ kind' = [kind EXCEPT ![o] = k]
     /\ IF NetNs
        THEN /\ pernetList' = Insert(o, k)
             /\ firstDevice' = IF k = "device" /\ firstDevice = ListHead
                               THEN o ELSE firstDevice
        ELSE UNCHANGED <<pernetList, firstDevice>>
  \/ /\ ~IsRegistered(o) /\ o \notin NoInit
     /\ \E f \in DOMAIN netList, err \in InitErrors :
          SayOps(op, o, err,
                 OnNets("init", o, SubSeq(netList, 1, f))
                   \o (IF o \in NoExit THEN <<>>
                       ELSE OnNets("exit", o, Done(netList, f))))
     /\ UNCHANGED lists

RegisterSubsys(o) ==
  /\ Register("register_subsys", o, "subsys")
  /\ UNCHANGED <<nets, copies>>
RegisterDevice(o) ==
  /\ Register("register_device", o, "device")
  /\ UNCHANGED <<nets, copies>>

(***************************************************************************)
(* unregister_pernet_subsys, unregister_pernet_device [R20]-[R24].  The    *)
(* exit runs on every listed net, in list order, also on one that waits    *)
(* for its cleanup (hazard H2).                                            *)
(***************************************************************************)
Unlinked(o) == Without(pernetList, o)

\* firstDevice moves on before the ops is unlinked; after the last device it
\* is the list head again.
DeviceWithout(o) ==
  IF firstDevice # o THEN firstDevice
  ELSE LET i == Position(pernetList, o)
       IN  IF i = Len(pernetList) THEN ListHead ELSE pernetList[i + 1]

Unregister(op, o, k) ==
  \/ /\ kind[o] # k
     /\ SayOps(op, o, IF kind[o] = "none" THEN "ENOENT" ELSE "EINVAL", <<>>)
     /\ UNCHANGED lists
  \/ /\ Cancel
     /\ SayOps(op, o, "EINTR", <<>>)
     /\ UNCHANGED lists
  \/ /\ kind[o] = k
     /\ SayOps(op, o, "", OnNets("exit", o, IF o \in NoExit THEN <<>>
                                            ELSE netList))
     /\ kind' = [kind EXCEPT ![o] = "none"]
     /\ pernetList' = Unlinked(o)
     /\ firstDevice' = DeviceWithout(o)

UnregisterSubsys(o) ==
  /\ Unregister("unregister_subsys", o, "subsys")
  /\ UNCHANGED <<nets, copies>>
UnregisterDevice(o) ==
  /\ Unregister("unregister_device", o, "device")
  /\ UNCHANGED <<nets, copies>>

-----------------------------------------------------------------------------
(***************************************************************************)
(* copy_net_ns, first moment [R30]: a reference on the old net, which must *)
(* have one already.  A refusal ends the call.                             *)
(***************************************************************************)
CopyGet(c, from) ==
  /\ copies[c].at = "idle" /\ MayGet(count[from])
  /\ IF NetNs /\ IsReferenced(from)
     THEN /\ count' = [count EXCEPT ![from] = @ + 1]
          /\ copies' = [copies EXCEPT ![c] = [at |-> "got", from |-> from]]
          /\ SayNet("copy_get", from, "", <<>>, <<>>)
     ELSE /\ SayNet("copy_get", from, IF NetNs THEN "ENOENT" ELSE "EINVAL",
                    <<>>, <<>>)
          /\ UNCHANGED <<count, copies>>
  /\ UNCHANGED <<lists, netList, phase, useCount>>

(***************************************************************************)
(* setup_net on slot n [R34]-[R37]: the inits in list order; at the first  *)
(* that fails the exits run backwards from the ops before it (hazard H5).  *)
(* Only a negative answer fails; but the answer of the last ops is that of *)
(* the whole.  A positive one there makes a net that nobody lists and      *)
(* whose exits nobody runs (hazard H1): in 2009 always, since 4.17 for     *)
(* net_ns_init alone, which panics.  In 2009 the last ops is the last with *)
(* an init; since 4.17 an ops without one answers 0.                       *)
(***************************************************************************)
LastHasInit ==
  LET k == Len(pernetList)
  IN  \E i \in IF Modern /\ k > 0 THEN {k} ELSE 1 .. k :
        pernetList[i] \notin NoInit

SetupDone(op, n) ==
  /\ SayNet(op, n, "", Inits(pernetList, n), <<>>)
  /\ netList' = Append(netList, n)
  /\ phase' = [phase EXCEPT ![n] = "listed"]
  /\ count' = [count EXCEPT ![n] = 1]

SetupFailed(op, n, freed) ==
  \/ \E f \in DOMAIN pernetList :
       /\ pernetList[f] \notin NoInit
       /\ SayNet(op, n, "ENOMEM",
                 Inits(SubSeq(pernetList, 1, f), n)
                   \o Exits(Backwards(Done(pernetList, f)), n), freed)
  \/ /\ PositiveFails(op) /\ LastHasInit
     /\ SayNet(op, n, "1", Inits(pernetList, n), freed)

(***************************************************************************)
(* copy_net_ns, second moment [R32]-[R40]: allocation, set-up, listing.    *)
(***************************************************************************)
Copy(c, n) ==
  /\ copies[c].at = "got"
  /\ copies' = [copies EXCEPT ![c].at = "done"]
  /\ \/ /\ phase[n] # "free"
        /\ SayNet("copy", n, "EEXIST", <<>>, <<>>)
        /\ UNCHANGED nets
     \/ /\ phase[n] = "free"
        /\ SayNet("copy", n, "ENOMEM", <<>>, <<>>)
        /\ UNCHANGED nets
     \/ /\ phase[n] = "free" /\ Quota
        /\ SayNet("copy", n, "ENOSPC", <<>>, <<>>)
        /\ UNCHANGED nets
     \/ /\ phase[n] = "free" /\ Cancel
        /\ SayNet("copy", n, "EINTR", <<>>, <<n>>)
        /\ UNCHANGED nets
     \/ /\ phase[n] = "free"
        /\ SetupFailed("copy", n, <<n>>)
        /\ UNCHANGED nets
     \/ /\ phase[n] = "free"
        /\ SetupDone("copy", n)
        /\ UNCHANGED useCount
  /\ UNCHANGED lists

(***************************************************************************)
(* copy_net_ns, third moment [R44]: the reference on the old net goes      *)
(* back (hazard H12).  If a client took it away meanwhile, there is none.  *)
(***************************************************************************)
CopyPut(c) ==
  /\ copies[c].at = "done"
  /\ copies' = [copies EXCEPT ![c] = Idle]
  /\ LET f == copies[c].from
     IN  /\ count' = IF f # NoNet /\ count[f] > LastOf(f)
                     THEN [count EXCEPT ![f] = @ - 1] ELSE count
         /\ SayNet("copy_put", f, "", <<>>, <<>>)
  /\ UNCHANGED <<lists, netList, phase, useCount>>

(***************************************************************************)
(* copy_net_ns without CLONE_NEWNET [R31]: one more reference, and the     *)
(* same net.  Without namespaces not even that reference, and no look at   *)
(* the count.                                                              *)
(***************************************************************************)
Share(from) ==
  /\ MayGet(count[from])
  /\ LET ok == IF NetNs THEN IsReferenced(from) ELSE phase[from] # "free"
     IN  /\ SayNet("share", from, IF ok THEN "" ELSE "ENOENT", <<>>, <<>>)
         /\ count' = IF ok /\ NetNs THEN [count EXCEPT ![from] = @ + 1]
                     ELSE count
  /\ UNCHANGED <<lists, netList, phase, useCount, copies>>

-----------------------------------------------------------------------------
(***************************************************************************)
(* get_net [R50], put_net [R51].  A count that reached zero never rises    *)
(* again; the last reference on init_net stays.                            *)
(***************************************************************************)
Get(n) ==
  /\ MayGet(count[n])
  /\ SayNet("get", n, IF IsReferenced(n) THEN "" ELSE "ENOENT", <<>>, <<>>)
  /\ count' = IF IsReferenced(n) THEN [count EXCEPT ![n] = @ + 1] ELSE count
  /\ UNCHANGED <<lists, netList, phase, useCount, copies>>

Put(n) ==
  /\ SayNet("put", n, IF phase[n] = "free" THEN "ENOENT"
                      ELSE IF count[n] > LastOf(n) THEN "" ELSE "EINVAL",
            <<>>, <<>>)
  /\ count' = IF count[n] > LastOf(n) THEN [count EXCEPT ![n] = @ - 1]
              ELSE count
  /\ UNCHANGED <<lists, netList, phase, useCount, copies>>

(***************************************************************************)
(* hold_net, release_net [R53]: the use count.  In 2009 whoever names a    *)
(* net that is not freed may raise it; since 4.17 it takes a reference.    *)
(***************************************************************************)
Hold(n) ==
  /\ MayHold(useCount[n])
  /\ SayNet("hold", n, IF CanHold(n) THEN "" ELSE "ENOENT", <<>>, <<>>)
  /\ useCount' = IF CanHold(n) THEN [useCount EXCEPT ![n] = @ + 1]
                 ELSE useCount
  /\ UNCHANGED <<lists, netList, phase, count, copies>>

Release(n) ==
  /\ SayNet("release", n, IF phase[n] = "free" THEN "ENOENT"
                          ELSE IF IsInUse(n) THEN "" ELSE "EINVAL",
            <<>>, <<>>)
  /\ useCount' = IF IsInUse(n) THEN [useCount EXCEPT ![n] = @ - 1]
                 ELSE useCount
  /\ UNCHANGED <<lists, netList, phase, count, copies>>

-----------------------------------------------------------------------------
(***************************************************************************)
(* cleanup_net, first moment [R62], [R63]: listed nets whose counts are    *)
(* zero leave the list at once, and on each of them every exit runs,       *)
(* backwards.  The answer has them in list order; between the callbacks of *)
(* two nets the order means nothing.                                       *)
(***************************************************************************)
RECURSIVE ExitsOfEach(_)
ExitsOfEach(ns) ==
  IF ns = <<>> THEN <<>>
  ELSE Exits(Backwards(pernetList), ns[1]) \o ExitsOfEach(Tail(ns))

Cleanup(S) ==
  LET batch == SelectSeq(netList, LAMBDA n : n \in S)
  IN  /\ S # {} /\ (Cardinality(S) > 1 => TakesMany)
      /\ \A n \in S : phase[n] = "listed" /\ ~IsReferenced(n)
      /\ netList' = Unlisted(S)
      /\ phase' = [n \in Nets |-> IF n \in S THEN "dying" ELSE phase[n]]
      /\ SayCleanup(batch, ExitsOfEach(batch))
      /\ UNCHANGED <<lists, count, useCount, copies>>

(***************************************************************************)
(* cleanup_net, second moment: net_free [R66].  While the net is in use it *)
(* is refused in 2009, and the net is kept for ever (hazard H10); since    *)
(* 4.17 it waits for the last release.                                     *)
(***************************************************************************)
Free(n) ==
  /\ phase[n] = "dying"
  /\ IF ~IsInUse(n)
     THEN /\ phase' = [phase EXCEPT ![n] = "free"]
          /\ copies' = [c \in Copies |-> IF copies[c].from = n
                        THEN [copies[c] EXCEPT !.from = NoNet]
                        ELSE copies[c]]
          /\ SayNet("free", n, "", <<>>, <<n>>)
     ELSE /\ ~Modern
          /\ phase' = [phase EXCEPT ![n] = "kept"]
          /\ SayNet("free", n, "", <<>>, <<>>)
          /\ UNCHANGED copies
  /\ UNCHANGED <<lists, netList, count, useCount>>

(***************************************************************************)
(* for_each_net under rtnl [R70]: the listed nets.  State: all lists as    *)
(* one snapshot.                                                           *)
(***************************************************************************)
List ==
  /\ SayLists("list", netList, <<>>, NoOps)
  /\ UNCHANGED <<lists, nets, copies>>
State ==
  /\ SayLists("state", netList, pernetList, firstDevice)
  /\ UNCHANGED <<lists, nets, copies>>

(***************************************************************************)
(* net_ns_init [R90]: init_net is set up over whatever is registered by    *)
(* then.  Any answer but 0 is a panic, and nothing comes after it.         *)
(***************************************************************************)
NetNsInit ==
  /\ Boot /\ phase[InitNet] = "free"
  /\ \/ /\ SetupDone("net_ns_init", InitNet)
        /\ UNCHANGED useCount
     \/ /\ SetupFailed("net_ns_init", InitNet, <<>>)
        /\ phase' = [phase EXCEPT ![InitNet] = "dead"]
        /\ UNCHANGED <<netList, count, useCount>>
  /\ UNCHANGED <<lists, copies>>

Panicked ==
  /\ phase[InitNet] = "dead" /\ answer = NoAnswer
  /\ UNCHANGED vars

(***************************************************************************)
(* The answer has been taken.                                              *)
(***************************************************************************)
Forget ==
  /\ answer # NoAnswer
  /\ answer' = NoAnswer
  /\ UNCHANGED <<lists, nets, copies>>

Init ==
  /\ pernetList = <<>> /\ firstDevice = ListHead
  /\ kind = [o \in Ops |-> "none"]
  /\ netList = IF Boot THEN <<>> ELSE <<InitNet>>
  /\ phase = [n \in Nets |-> IF n = InitNet /\ ~Boot THEN "listed"
                             ELSE "free"]
  /\ count = [n \in Nets |-> IF n = InitNet /\ ~Boot THEN 1 ELSE 0]
  /\ useCount = [n \in Nets |-> 0]
  /\ copies = [c \in Copies |-> Idle]
  /\ answer = NoAnswer

Next ==
  \/ \E o \in Ops : \/ RegisterSubsys(o) \/ RegisterDevice(o)
                    \/ UnregisterSubsys(o) \/ UnregisterDevice(o)
  \/ \E c \in Copies : \/ \E n \in Nets : CopyGet(c, n)
                       \/ \E n \in Nets : Copy(c, n)
                       \/ CopyPut(c)
  \/ \E n \in Nets : \/ Share(n) \/ Get(n) \/ Put(n)
                     \/ Hold(n) \/ Release(n) \/ Free(n)
  \/ \E S \in SUBSET Nets : Cleanup(S)
  \/ List \/ State \/ NetNsInit \/ Panicked \/ Forget

Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------
IsSeqOver(s, S) == /\ Range(s) \subseteq S
                   /\ Cardinality(Range(s)) = Len(s)
IsCall(e) == e[1] \in {"init", "exit"} /\ e[2] \in Ops /\ e[3] \in Nets

TypeOK ==
  /\ IsSeqOver(pernetList, Ops) /\ IsSeqOver(netList, Nets)
  /\ firstDevice \in Ops \/ firstDevice = ListHead
  /\ kind \in [Ops -> {"none", "subsys", "device"}]
  /\ phase \in [Nets -> {"free", "listed", "dying", "kept", "dead"}]
  /\ count \in [Nets -> Nat] /\ useCount \in [Nets -> Nat]
  /\ \A c \in Copies : /\ copies[c].at \in {"idle", "got", "done"}
                       /\ copies[c].from \in Nets \cup {NoNet}
  /\ \A e \in Range(answer.calls) : IsCall(e)

\* An ops is linked exactly while it is registered; never without namespaces.
LinkedIfRegistered ==
  Range(pernetList) = IF NetNs THEN {o \in Ops : kind[o] # "none"} ELSE {}

SubsysBeforeDevices ==
  \A i, j \in DOMAIN pernetList :
    i < j /\ kind[pernetList[i]] = "device" => kind[pernetList[j]] = "device"

FirstDeviceExact ==
  LET ds == SelectSeq(pernetList, LAMBDA o : kind[o] = "device")
  IN  firstDevice = IF ds = <<>> THEN ListHead ELSE ds[1]

ListedIfOnList == Range(netList) = {n \in Nets : phase[n] = "listed"}

\* Only a listed net has references; only a net that exists is in use.
CountedOnlyWhenListed == \A n \in Nets : count[n] > 0 => phase[n] = "listed"
UsedOnlyWhenThere == \A n \in Nets : useCount[n] > 0 => phase[n] # "free"

InitNetStays ==
  phase[InitNet] \notin {"free", "dead"} =>
    phase[InitNet] = "listed" /\ count[InitNet] >= 1

(***************************************************************************)
(* What the callbacks of one answer must be, told apart from how the       *)
(* actions make them.  The answer's state is the state that the call left, *)
(* and none of these calls changes the list that it walked.                *)
(***************************************************************************)
RegisterOps == {"register_subsys", "register_device"}
UnregisterOps == {"unregister_subsys", "unregister_device"}
SetupOps    == {"copy", "net_ns_init"}
Of(what)    == SelectSeq(answer.calls, LAMBDA e : e[1] = what)
Place(e)    == Position(pernetList, e[2])   \* of the ops of a callback

\* Callbacks `es` are exits on net n, of all ops at the places `at`, last
\* first.
ExitsBack(es, n, at) ==
  /\ Len(es) = Cardinality(at)
  /\ \A i \in DOMAIN es : /\ es[i][1] = "exit" /\ es[i][3] = n
                          /\ es[i][2] \in Range(pernetList)
                          /\ Place(es[i]) \in at
  /\ \A i, j \in DOMAIN es : i < j => Place(es[i]) > Place(es[j])

\* After a failure the exits undo just what came before the init that failed:
\* of a register the nets before, in list order; of a set-up all ops before
\* that have an exit, also those without an init (hazard H9), backwards.  A
\* panic because of a positive answer undoes nothing.
UndoIsExact ==
  LET inits == Of("init")
      exits == Of("exit")
      k     == Len(inits)
      panics == answer.op = "net_ns_init" /\ answer.err = "1"
  IN  answer.err # "" /\ k > 0 /\ ~panics =>
        /\ answer.calls = inits \o exits
        /\ answer.op \in RegisterOps =>
             exits = IF answer.ops \in NoExit THEN <<>>
                     ELSE [i \in 1 .. k - 1 |->
                            <<"exit", answer.ops, inits[i][3]>>]
        /\ answer.op \in SetupOps =>
             ExitsBack(exits, answer.net,
                       {i \in 1 .. Place(inits[k]) - 1 :
                          pernetList[i] \notin NoExit})

\* A call that succeeded ran inits alone or exits alone.
SuccessUndoesNothing ==
  answer.err = "" => Of("init") = <<>> \/ Of("exit") = <<>>

\* A new ops got its init on every listed net, one that went its exit.
OnEveryNet(what, none) ==
  answer.calls = IF answer.ops \in none THEN <<>>
                 ELSE [i \in DOMAIN netList |->
                        <<what, answer.ops, netList[i]>>]
RegisterRunsAll ==
  answer.op \in RegisterOps /\ answer.err = "" => OnEveryNet("init", NoInit)
UnregisterRunsAll ==
  answer.op \in UnregisterOps /\ answer.err = "" => OnEveryNet("exit", NoExit)

\* A new net got every init, in list order; each net that went every exit,
\* against it, and no other net got one.
SetupRunsAll ==
  answer.op \in SetupOps /\ answer.err = "" =>
    /\ Len(answer.calls) = Cardinality(Range(pernetList) \ NoInit)
    /\ \A i \in DOMAIN answer.calls :
         /\ answer.calls[i][1] = "init" /\ answer.calls[i][3] = answer.net
         /\ answer.calls[i][2] \in Range(pernetList) \ NoInit
    /\ \A i, j \in DOMAIN answer.calls :
         i < j => Place(answer.calls[i]) < Place(answer.calls[j])
CleanupRunsAll ==
  answer.op = "cleanup" =>
    /\ \A n \in Range(answer.nets) :
         ExitsBack(SelectSeq(answer.calls, LAMBDA e : e[3] = n), n,
                   {i \in DOMAIN pernetList : pernetList[i] \notin NoExit})
    /\ \A e \in Range(answer.calls) : e[3] \in Range(answer.nets)

\* A cleanup took some nets, in 2009 one, and they are off the list.
CleanupTakesDead ==
  answer.op = "cleanup" =>
    /\ answer.nets # <<>> /\ (Modern \/ Len(answer.nets) = 1)
    /\ \A n \in Range(answer.nets) : phase[n] = "dying"

(***************************************************************************)
(* What a step may change, and what its answer must then be.               *)
(***************************************************************************)
DidOps(ops, o) == answer'.op \in ops /\ answer'.ops = o /\ answer'.err = ""
DidNet(ops, n) == answer'.op \in ops /\ answer'.net = n /\ answer'.err = ""

\* A call that fails runs callbacks only if an init failed, which it then ran
\* before any exit.
RefusedRunsNothing ==
  answer'.err # "" /\ answer'.calls # <<>> =>
    answer'.err \in InitErrors /\ answer'.calls[1][1] = "init"
RefusedRunsNothingProp == [][RefusedRunsNothing]_vars

\* It changes nothing but the moment of its copy; the panic marks init_net.
RefusedChangesNothing ==
  answer'.err # "" =>
    /\ pernetList' = pernetList /\ firstDevice' = firstDevice /\ kind' = kind
    /\ netList' = netList /\ count' = count /\ useCount' = useCount
    /\ answer'.op = "net_ns_init" \/ phase' = phase
RefusedChangesNothingProp == [][RefusedChangesNothing]_vars

\* A register makes the ops what it says, an unregister takes that back, and
\* nothing else changes what an ops is.
KindAsAnswered ==
  \A o \in Ops :
    kind'[o] = IF DidOps({"register_subsys"}, o) THEN "subsys"
               ELSE IF DidOps({"register_device"}, o) THEN "device"
               ELSE IF DidOps(UnregisterOps, o) THEN "none"
               ELSE kind[o]
KindAsAnsweredProp == [][KindAsAnswered]_vars

\* The other ops stay as they are, in their order.
OthersStayLinked ==
  Without(pernetList', answer'.ops) = Without(pernetList, answer'.ops)
OthersStayLinkedProp == [][OthersStayLinked]_vars

\* A net becomes listed, at the tail, by a set-up that names it, ...
ListedBySetup ==
  /\ \A n \in Nets :
       phase[n] # "listed" /\ phase'[n] = "listed" <=> DidNet(SetupOps, n)
  /\ answer'.op \in SetupOps /\ answer'.err = "" =>
       netList' = Append(netList, answer'.net)
ListedBySetupProp == [][ListedBySetup]_vars

\* ... and leaves the list by a cleanup, which names all that leave it.
CleanupNamesAll ==
  LET gone == {n \in Nets : phase[n] = "listed" /\ phase'[n] # "listed"}
  IN  IF answer'.op = "cleanup" THEN Range(answer'.nets) = gone ELSE gone = {}
CleanupNamesAllProp == [][CleanupNamesAll]_vars

\* Nets that stay on the list stay in their order.
ListKeepsOrder ==
  LET gone == {n \in Nets : phase'[n] # "listed"}
  IN  answer'.op \notin SetupOps =>
        netList' = SelectSeq(netList, LAMBDA n : n \notin gone)
ListKeepsOrderProp == [][ListKeepsOrder]_vars

\* A net that was cleaned up ends by a free, which names it as freed unless
\* it is in use and kept.
FreedIsNamed ==
  \A n \in Nets :
    phase'[n] # phase[n] /\ phase'[n] \in {"free", "kept"} =>
      /\ DidNet({"free"}, n) /\ phase[n] = "dying"
      /\ phase'[n] = "free" <=> useCount[n] = 0
      /\ answer'.freed = IF phase'[n] = "free" THEN <<n>> ELSE <<>>
FreedIsNamedProp == [][FreedIsNamed]_vars

\* What the calls on counts do, each to the net that it names.  The put at the
\* end of a copy finds none if a client took the reference away.
CountsAsAnswered ==
  \A n \in Nets :
    count'[n] =
      IF DidNet({"copy_get", "get"}, n) \/ (NetNs /\ DidNet({"share"}, n))
      THEN count[n] + 1
      ELSE IF DidNet({"put"}, n) THEN count[n] - 1
      ELSE IF DidNet({"copy_put"}, n) /\ count[n] > LastOf(n)
      THEN count[n] - 1
      ELSE IF DidNet(SetupOps, n) THEN 1 ELSE count[n]
CountsAsAnsweredProp == [][CountsAsAnswered]_vars
UseAsAnswered ==
  \A n \in Nets :
    useCount'[n] = IF DidNet({"hold"}, n) THEN useCount[n] + 1
                   ELSE IF DidNet({"release"}, n) THEN useCount[n] - 1
                   ELSE useCount[n]
UseAsAnsweredProp == [][UseAsAnswered]_vars

\* Why a call is refused, and that nothing else refuses it: of an ops, ...
OpsRefusals ==
  /\ answer'.op \in RegisterOps =>
       IF answer'.err = "EEXIST" THEN kind[answer'.ops] # "none"
       ELSE answer'.err = "EINTR" \/ kind[answer'.ops] = "none"
  /\ answer'.op \in UnregisterOps =>
       LET k == IF answer'.op = "unregister_subsys" THEN "subsys" ELSE "device"
       IN  \/ Cancel /\ answer'.err = "EINTR"
           \/ answer'.err = IF kind[answer'.ops] = k THEN ""
                            ELSE IF kind[answer'.ops] = "none" THEN "ENOENT"
                            ELSE "EINVAL"
OpsRefusalsProp == [][OpsRefusals]_vars

\* ... and of a net.
NetRefusals ==
  \A n \in Nets : answer'.net = n =>
    /\ answer'.op \in {"get", "copy_get", "share"} =>
         answer'.err =
           IF answer'.op = "copy_get" /\ ~NetNs THEN "EINVAL"
           ELSE IF answer'.op = "share" /\ ~NetNs /\ phase[n] # "free" THEN ""
           ELSE IF count[n] > 0 THEN "" ELSE "ENOENT"
    /\ answer'.op = "put" =>
         answer'.err = IF phase[n] = "free" THEN "ENOENT"
                       ELSE IF count[n] > IF n = InitNet THEN 1 ELSE 0
                       THEN "" ELSE "EINVAL"
    /\ answer'.op = "hold" =>
         answer'.err = IF count[n] > 0 \/ (~Modern /\ phase[n] # "free")
                       THEN "" ELSE "ENOENT"
    /\ answer'.op = "release" =>
         answer'.err = IF phase[n] = "free" THEN "ENOENT"
                       ELSE IF useCount[n] > 0 THEN "" ELSE "EINVAL"
    /\ answer'.op = "copy" => answer'.err = "EEXIST" <=> phase[n] # "free"
NetRefusalsProp == [][NetRefusals]_vars

\* A copy goes from one moment to the next, each with its answer.
CopyMoments ==
  \A c \in Copies : copies'[c].at # copies[c].at =>
    \/ /\ copies[c].at = "idle" /\ copies'[c].at = "got"
       /\ DidNet({"copy_get"}, copies'[c].from)
    \/ copies[c].at = "got" /\ copies'[c].at = "done" /\ answer'.op = "copy"
    \/ /\ copies[c].at = "done" /\ copies'[c].at = "idle"
       /\ DidNet({"copy_put"}, copies[c].from)
CopyMomentsProp == [][CopyMoments]_vars

\* A count that is zero stays zero until the slot is another net.
NoRiseFromZeroProp ==
  [][\A n \in Nets : phase[n] # "free" /\ count[n] = 0 => count'[n] = 0]_vars
=============================================================================
