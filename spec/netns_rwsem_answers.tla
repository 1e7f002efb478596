\* SPDX-License-Identifier: MIT
------------------------ MODULE netns_rwsem_answers ------------------------
(***************************************************************************)
(* WHAT   That netns_rwsem.tla implements registry.tla: same answers, same *)
(*        inits and exits of each net in the same order, same lists, at    *)
(*        one moment of each call.                                         *)
(* SOURCE netns_rwsem.tla, step by step; the moments of registry.tla.      *)
(* GRAIN  That of netns_rwsem.tla.  Each step of it is a step here, which  *)
(*        also writes the auxiliary variables, which no step depends on.   *)
(* ACTORS Those of netns_rwsem.tla.                                        *)
(* LEFT   State, EEXIST of a copy, barriers, as in netns_answers.tla.      *)
(* OUT    pre_exit, exit_rtnl, exit_batch and slots, which the contract    *)
(*        does not have.  Instances have no ids: a slot that cannot be     *)
(*        assigned would be a failed init that never ran.  None of these   *)
(*        can hide a wrong answer of what is there.  Ops that a register   *)
(*        rejects (Malformed): the contract has none; hides a wrong answer *)
(*        to them.  The build without namespaces is no instance: there     *)
(*        registry.tla has no Boot, and here ops are linked at boot only;  *)
(*        hides a wrong answer there.                                      *)
(* CHECKS RegistrySpec, which RegistryInitProp and RegistryStepsProp say   *)
(*        again in a form that TLC decides faster; CallsAsPromised: the    *)
(*        exits that a cleanup answered with when it unlinked its batch    *)
(*        are those that each net then gets, in that order.                *)
(* ABOVE  registry.tla with Modern.  A call commits where it unlocks; a   *)
(*        copy at CopyNetNsGet, then at SetupNetListAdd or where it fails, *)
(*        then at CopyNetNsPut; a cleanup of the batch at                  *)
(*        CleanupNetUnlink, of each net when its passive count is zero     *)
(*        (CleanupNetPut, ReleaseNetFree); net_ns_init at SetupNetListAdd, *)
(*        or where it panics.                                              *)
(* RUN    make tlc ONLY=MCnetns_rwsemRefine                                *)
(***************************************************************************)
EXTENDS netns_rwsem

CONSTANT Spare  \* in the contract one slot more, free for ever: a copy finds
                \* a free name there also when every slot here is taken

VARIABLES
  op,      \* of each thread: the call that it is in and its ops
  promise, \* the exits that the cleanup under way has answered with
  shown,   \* opsVars as they were when nobody wrote last
  answer   \* what the last step answered, if it was one that answers

auxVars == <<op, promise, shown, answer>>
allVars == <<vars, auxVars>>

----------------------------------------------------------------------------
(* The mapping.  A net inside its set-up and a dead one are free slots.    *)
Dead(n)    == n = InitNet /\ Doomed
Visible(n) == n # Spare /\ Known(n)
Shown(f)   == [n \in Nets \cup {Spare} |-> IF Visible(n) THEN f[n] ELSE 0]
Uses       == [n \in Nets |-> IF phase[n] = "kept" \/ passive[n] = 0
                              THEN passive[n] ELSE passive[n] - 1]
ShownPhase == [n \in Nets \cup {Spare} |->
                 CASE Visible(n) -> IF phase[n] = "kept" THEN "dying"
                                    ELSE phase[n]
                   [] ~Visible(n) /\ n # Spare /\ Dead(n) -> "dead"
                   [] OTHER -> "free"]

(* Where a copy stands between its three moments.                          *)
IsDone(r) == \/ r.at = "CopyNetNsPut"
             \/ r.at = "CopyNetNsUnlock" /\ ~Failed(r.err)
IsOver(r) == r.at \in {"CopyNetNsQueue", "CopyNetNsFree"}
(* The contract forgets the old net at its free, a round before the slot   *)
(* is free here.                                                           *)
Old(r) == IF r.other # NoNet /\ phase[r.other] = "dead" THEN NoNet ELSE r.other
ShownCopies ==
  [t \in Threads |->
     IF thread[t].call # "setup" \/ IsOver(thread[t])
     THEN [at |-> "idle", from |-> NoNet]
     ELSE [at |-> IF IsDone(thread[t]) THEN "done" ELSE "got",
           from |-> Old(thread[t])]]

Always(k) == TRUE
R == INSTANCE registry WITH
       pernetList <- shown[1], firstDevice <- shown[2], kind <- shown[3],
       phase <- ShownPhase, count <- Shown(count), useCount <- Shown(Uses),
       copies <- ShownCopies, Copies <- Threads, Nets <- Nets \cup {Spare},
       Modern <- TRUE, MayGet <- Always, MayHold <- Always

----------------------------------------------------------------------------
(* The auxiliary variables.                                                *)
OfOps(what, o, err, calls) ==
  [R!NoAnswer EXCEPT !.op = what, !.ops = o, !.err = err, !.calls = calls]
OfNet(what, n, err, calls, freed) ==
  [R!NoAnswer EXCEPT !.op = what, !.net = n, !.err = err, !.calls = calls,
                     !.freed = freed]
OfList == [R!NoAnswer EXCEPT !.op = "list", !.nets = netList]

(* Inits and exits of the call so far; the exits of a cleanup to come.     *)
Calls(t) == SelectSeq(log[t], LAMBDA e : e[1] \in {"init", "exit"})
OfCleanup(ns) ==
  LET os == SelectSeq(Reverse(pernetList), LAMBDA o : o \in WithExit)
      k  == Len(os)
  IN  [R!NoAnswer EXCEPT
         !.op = "cleanup", !.nets = ns,
         !.calls = IF k = 0 THEN <<>>
                   ELSE [i \in 1 .. k * Len(ns) |->
                          <<"exit", os[((i - 1) % k) + 1],
                            ns[((i - 1) \div k) + 1]>>]]
InListOrder(S) == SelectSeq(netList, LAMBDA n : n \in S)

(* The answer of a step of t inside its call, if it is one of the moments  *)
(* of the contract.                                                        *)
Misused(t) ==
  IF op[t][1] \in {"register_subsys", "register_device"} THEN "EEXIST"
  ELSE IF Registered(op[t][2]) THEN "EINVAL" ELSE "ENOENT"
Committed(t) ==
  LET r == thread[t]
      over == thread'[t].at = "Idle"
  IN  CASE r.at \in {"RegisterUnlock", "UnregisterUnlock"} ->
             OfOps(op[t][1], op[t][2], r.err, Calls(t))
        [] r.at \in {"RegisterLink", "UnregisterUnlink"} /\ over ->
             OfOps(op[t][1], op[t][2], Misused(t), <<>>)
        [] r.at = "CopyNetNsAlloc" /\ Failed(thread'[t].err) ->
             OfNet("copy", Spare, thread'[t].err, <<>>, <<>>)
        [] r.at \in {"CopyNetNsLock", "SetupNetBegin"}
             /\ thread'[t].err = "EINTR" ->
             OfNet("copy", r.net, "EINTR", <<>>, <<r.net>>)
        [] r.at = "CopyNetNsUnlock" /\ Failed(r.err) ->
             OfNet("copy", r.nets[1], r.err, Calls(t), <<r.nets[1]>>)
        [] r.at = "SetupNetListAdd" ->
             OfNet(IF t = Worker THEN "net_ns_init" ELSE "copy", r.net, "",
                   Calls(t), <<>>)
        [] thread'[t].at = "NetNsInitPanic" /\ r.at # "NetNsInitPanic" ->
             OfNet("net_ns_init", InitNet, thread'[t].err, Calls(t)', <<>>)
        [] r.at = "CopyNetNsPut" ->
             OfNet("copy_put", Old(r), "", <<>>, <<>>)
        [] r.at = "ListNetsRead" -> OfList
        [] r.at = "CleanupNetUnlink" -> OfCleanup(InListOrder(Range(r.nets)))
        [] r.at = "CleanupNetPut" /\ phase'[r.nets[1]] = "dead" ->
             OfNet("free", r.nets[1], "", <<>>, <<r.nets[1]>>)
        [] r.at = "ReleaseNetFree" ->
             OfNet("free", r.net, "", <<>>, <<r.net>>)
        [] OTHER -> R!NoAnswer

(* A call that begins and goes on; one that is over in its first step.     *)
Asks(t, what, o) == op' = [op EXCEPT ![t] = <<what, o>>] /\ answer' = R!NoAnswer
Says(what, n, err) ==
  answer' = OfNet(what, n, err, <<>>, <<>>) /\ UNCHANGED op

RegisterOp(k)   == IF k = "subsys" THEN "register_subsys"
                                   ELSE "register_device"
UnregisterOp(k) == IF k = "subsys" THEN "unregister_subsys"
                                   ELSE "unregister_device"
BeginOps(t, o, k) ==
  \/ RegisterLock(t, o, k)   /\ Asks(t, RegisterOp(k), o)
  \/ UnregisterLock(t, o, k) /\ Asks(t, UnregisterOp(k), o)
BeginNet(t, n) ==
  \/ CopyNetNsGet(t, n)         /\ Says("copy_get", n, "")
  \/ CopyNetNsGetENOENT(t, n)   /\ Says("copy_get", n, "ENOENT")
  \/ CopyNetNsEINVAL(t, n)      /\ Says("copy_get", n, "EINVAL")
  \/ CopyNetNsShare(t, n)       /\ Says("share", n, "")
  \/ CopyNetNsShareENOENT(t, n) /\ Says("share", n, "ENOENT")
  \/ GetNet(t, n)               /\ Says("get", n, "")
  \/ GetNetENOENT(t, n)         /\ Says("get", n, "ENOENT")
  \/ PutNet(t, n)               /\ Says("put", n, "")
  \/ PutNetZero(t, n)           /\ Says("put", n, "")
  \/ PutNetEINVAL(t, n)         /\ Says("put", n, "EINVAL")
  \/ PutNetENOENT(t, n)         /\ Says("put", n, "ENOENT")
  \/ HoldNet(t, n)              /\ Says("hold", n, "")
  \/ HoldNetENOENT(t, n)        /\ Says("hold", n, "ENOENT")
  \/ ReleaseNet(t, n)           /\ Says("release", n, "")
  \/ ReleaseNetZero(t, n)       /\ Says("release", n, "")
  \/ ReleaseNetENOENT(t, n)     /\ Says("release", n, "ENOENT")
  \/ ReleaseNetEINVAL(t, n)     /\ Says("release", n, "EINVAL")
  \/ RcuWalk(t, n)              /\ Asks(t, "", NoOps)
(* maybe_get_net is a get that a reader makes of what it found.            *)
ReaderGets(t) ==
  \/ MaybeGetNet(t)       /\ Says("get", thread[t].net, "")
  \/ MaybeGetNetENOENT(t) /\ Says("get", thread[t].net, "ENOENT")

(* A step inside a call.                                                   *)
Goes(t) ==
  /\ \/ ~At(t, "MaybeGetNet") /\ t # Worker /\ Continue(t)
     \/ t = Worker /\ (Cleanup(t) \/ CleanupNetUnlink(t) \/ BootSteps)
     \/ Common(t) \/ TakeRtnl(t) \/ WriteList(t)
  /\ answer' = Committed(t)
  /\ UNCHANGED op

AnswersInit ==
  /\ Init
  /\ op = [t \in Everyone |-> <<"", NoOps>>]
  /\ promise = <<>> /\ shown = opsVars /\ answer = R!NoAnswer

AnswersNext ==
  /\ \/ \E t \in Threads, o \in Ops, k \in Kinds : BeginOps(t, o, k)
     \/ \E t \in Threads, n \in Nets : BeginNet(t, n)
     \/ \E t \in Threads :
          \/ (ListNetsLock(t) \/ ListNetsRtnlLock(t)) /\ Asks(t, "list", NoOps)
          \/ (BarrierBegin(t) \/ NetNsBarrier(t)) /\ Asks(t, "", NoOps)
          \/ ReaderGets(t)
     \/ \E t \in Everyone : Goes(t)
     \/ \E o \in Ops, n \in Nets, k \in 1 .. Levels :
          DeferredRun(o, n, k) /\ answer' = R!NoAnswer /\ UNCHANGED op
  /\ promise' = IF answer'.op = "cleanup" THEN answer'.calls
                ELSE IF At(Worker, "CleanupNetUnlock")
                        /\ thread'[Worker].at # "CleanupNetUnlock" THEN <<>>
                ELSE promise
  /\ shown' = IF NoWriter' THEN opsVars' ELSE shown

AnswersSpec == AnswersInit /\ [][AnswersNext]_allVars

----------------------------------------------------------------------------
(* Each net of the batch has got the exits that the cleanup answered with, *)
(* in that order, when it unlocks.                                         *)
CallsAsPromised ==
  At(Worker, "CleanupNetUnlock") =>
    \A n \in Range(thread[Worker].nets) :
      SelectSeq(Calls(Worker), LAMBDA e : e[3] = n)
        = SelectSeq(promise, LAMBDA e : e[3] = n)

(***************************************************************************)
(* The refinement, and the same in the order in which TLC is quick to      *)
(* decide it.                                                              *)
(***************************************************************************)
RegistrySpec == R!Spec

CleanupOfContract == R!Cleanup(Range(answer'.nets))
RegistryStep ==
  LET o == answer'.ops
      n == answer'.net
      what == answer'.op
  IN  CASE what = "register_subsys"   -> o \in Ops /\ R!RegisterSubsys(o)
        [] what = "register_device"   -> o \in Ops /\ R!RegisterDevice(o)
        [] what = "unregister_subsys" -> o \in Ops /\ R!UnregisterSubsys(o)
        [] what = "unregister_device" -> o \in Ops /\ R!UnregisterDevice(o)
        [] what = "copy_get" -> n \in Nets /\ \E t \in Threads : R!CopyGet(t, n)
        [] what = "copy"     -> n \in Nets \cup {Spare}
                                  /\ \E t \in Threads : R!Copy(t, n)
        [] what = "copy_put" -> \E t \in Threads : R!CopyPut(t)
        [] what = "share"    -> n \in Nets /\ R!Share(n)
        [] what = "get"      -> n \in Nets /\ R!Get(n)
        [] what = "put"      -> n \in Nets /\ R!Put(n)
        [] what = "hold"     -> n \in Nets /\ R!Hold(n)
        [] what = "release"  -> n \in Nets /\ R!Release(n)
        [] what = "cleanup"  -> CleanupOfContract
        [] what = "free"     -> n \in Nets /\ R!Free(n)
        [] what = "list"     -> R!List
        [] what = "net_ns_init" -> R!NetNsInit
        [] OTHER             -> R!Forget
RegistryInitProp  == R!Init
RegistryStepsProp ==
  [][(answer' = answer /\ UNCHANGED R!vars) \/ RegistryStep]_allVars

THEOREM AnswersSpec => RegistrySpec
THEOREM AnswersSpec => RegistryInitProp /\ RegistryStepsProp
THEOREM AnswersSpec => []CallsAsPromised
=============================================================================
