\* SPDX-License-Identifier: MIT
--------------------------- MODULE netns_answers ---------------------------
(***************************************************************************)
(* WHAT   That netns.tla implements registry.tla: same answers, same       *)
(*        callbacks in the same order, same lists, at one moment of each   *)
(*        call.                                                            *)
(* SOURCE netns.tla, step by step; the moments of registry.tla.            *)
(* GRAIN  That of netns.tla.  Each step of it is a step here, which also   *)
(*        writes the auxiliary variables; they never stand in its way.     *)
(* ACTORS Those of netns.tla.                                              *)
(* LEFT   The contract's snapshot (State) has no step in netns.tla; what   *)
(* OUT    it would show is `shown` and netList, and these are mapped.      *)
(*        EEXIST of a copy: nets have no names here.  A barrier is nothing *)
(*        to the contract, which has no deferred callbacks.  None of these *)
(*        can hide a wrong answer of what is there.                        *)
(* CHECKS RegistrySpec, the refinement, which RegistryInitProp and         *)
(*        RegistryStepsProp say again in a form that TLC decides faster;   *)
(*        CallsAsPromised: the exits that a cleanup answered with when it  *)
(*        unlinked are those that it then runs; CallsInOrder: the          *)
(*        callbacks of one set-up run in list order and are undone in the  *)
(*        reverse order.                                                   *)
(* ABOVE  registry.tla.  A call commits where it unlocks; a copy at        *)
(*        CopyNetNsGet, then at CopyNetNsListAdd or where it fails, then   *)
(*        at CopyNetNsPut; a cleanup at CleanupNetUnlink, then at          *)
(*        CleanupNetFree; net_ns_init at NetNsInitListAdd.  All other      *)
(*        steps are Forget, or nothing at all, to the contract.            *)
(* RUN    make check   (MCnetnsRefine: spec/models.tsv)                    *)
(***************************************************************************)
EXTENDS netns

CONSTANT Spare  \* in the contract one slot more, free for ever: a copy finds
                \* a free name there also when every slot of netns is taken

VARIABLES
  call,    \* of each thread: what it was asked, callbacks run since
  promise, \* the exits that the cleanup under way has answered with
  shown,   \* opsVars as they were when net_mutex was last free
  answer   \* what the last step answered, if it was one that answers

auxVars == <<call, promise, shown, answer>>
allVars == <<vars, auxVars>>

----------------------------------------------------------------------------
(***************************************************************************)
(* The mapping.  A net inside its set-up is a free slot to the contract;   *)
(* init_net is dead when net_ns_init lists it after a set-up that failed.  *)
(***************************************************************************)
Dead(n)    == n = InitNet /\ Doomed /\ phase[n] = "listed"
Visible(n) == n # Spare /\ Known(n) /\ ~Dead(n)
Shown(f)   == [n \in Nets \cup {Spare} |-> IF Visible(n) THEN f[n] ELSE 0]
ShownPhase == [n \in Nets \cup {Spare} |->
                 CASE Visible(n) -> phase[n]
                   [] ~Visible(n) /\ n # Spare /\ Dead(n) -> "dead"
                   [] OTHER -> "free"]

(* Where a copy stands between its three moments.                          *)
Got  == {"CopyNetNsAlloc", "CopyNetNsLock", "SetupNetInit", "SetupNetUndo",
         "SetupNetBarrier", "SetupNetBarrierEnd", "CopyNetNsUnlockFail",
         "CopyNetNsRtnlLock", "CopyNetNsListAdd"}
Done == {"CopyNetNsUnlock", "CopyNetNsPut"}
ShownCopies ==
  [t \in Threads |->
     CASE thread[t].at \in Got  -> [at |-> "got", from |-> thread[t].other]
       [] thread[t].at \in Done -> [at |-> "done", from |-> thread[t].other]
       [] OTHER                 -> [at |-> "idle", from |-> NoNet]]

Always(k) == TRUE
R == INSTANCE registry WITH
       pernetList <- shown[1], firstDevice <- shown[2], kind <- shown[3],
       netList <- IF Doomed THEN <<>> ELSE netList,
       phase <- ShownPhase,
       count <- Shown(count), useCount <- Shown(useCount),
       copies <- ShownCopies, Copies <- Threads, Nets <- Nets \cup {Spare},
       MayGet <- Always, MayHold <- Always, Quota <- FALSE, Modern <- FALSE

----------------------------------------------------------------------------
(* The auxiliary variables.                                                *)

NoCall == [op |-> "", ops |-> NoOps, calls |-> <<>>]
OfOps(op, o, err, calls) ==
  [R!NoAnswer EXCEPT !.op = op, !.ops = o, !.err = err, !.calls = calls]
OfNet(op, n, err, calls, freed) ==
  [R!NoAnswer EXCEPT !.op = op, !.net = n, !.err = err, !.calls = calls,
                     !.freed = freed]
OfList == [R!NoAnswer EXCEPT !.op = "list", !.nets = netList]

Exits(n) ==                                \* what a cleanup is going to run
  LET os == SelectSeq(Reverse(pernetList), LAMBDA o : o \in WithExit)
  IN  [i \in DOMAIN os |-> <<"exit", os[i], n>>]

InitPoints == {"RegisterInit", "SetupNetInit"}
ExitPoints == {"RegisterUndo", "UnregisterExit", "SetupNetUndo",
               "CleanupNetExit"}
Answered   == {"Idle", "CopyNetNsUnlock", "CopyNetNsPut", "CleanupNetBarrier",
               "NetNsInitUnlock"}

(* The log of t after a step of t inside its call.                         *)
Logged(t) ==
  LET at == thread[t].at
      did(what) == [call[t] EXCEPT
        !.calls = Append(@, <<what, thread[t].ops, thread[t].net>>)]
  IN  CASE thread'[t].at \in Answered -> NoCall
        [] at \in InitPoints -> did("init")
        [] at \in ExitPoints -> did("exit")
        [] OTHER -> call[t]

(* The answer of that step, if it is one of the moments of the contract.   *)
Committed(t) ==
  LET r == thread[t]
      calls == call[t].calls
  IN  CASE r.at \in {"RegisterUnlock", "UnregisterUnlock"} ->
             OfOps(call[t].op, call[t].ops, r.err, calls)
        [] r.at = "CopyNetNsAlloc" /\ thread'[t].err = "ENOMEM" ->
             OfNet("copy", Spare, "ENOMEM", <<>>, <<>>)
        [] r.at = "CopyNetNsLock" /\ thread'[t].err = "EINTR" ->
             OfNet("copy", r.net, "EINTR", <<>>, <<r.net>>)
        [] r.at = "CopyNetNsUnlockFail" ->
             OfNet("copy", r.net, r.err, calls, <<r.net>>)
        [] r.at = "CopyNetNsListAdd" ->
             OfNet("copy", r.net, "", calls, <<>>)
        [] r.at = "CopyNetNsPut" ->
             OfNet("copy_put", r.other, "", <<>>, <<>>)
        [] r.at = "ListNetsRead" -> OfList
        [] r.at = "CleanupNetUnlink" ->
             [R!NoAnswer EXCEPT !.op = "cleanup", !.nets = <<r.net>>,
                                !.calls = Exits(r.net)]
        [] r.at = "CleanupNetFree" ->
             OfNet("free", r.net, "", <<>>,
                   IF phase'[r.net] = "free" THEN <<r.net>> ELSE <<>>)
        [] r.at = "NetNsInitListAdd" ->
             OfNet("net_ns_init", InitNet, r.err, calls, <<>>)
        [] OTHER -> R!NoAnswer

(* A call that begins and goes on; one that is over in its first step.     *)
Asks(t, op, o)     == /\ call' = [call EXCEPT ![t].op = op, ![t].ops = o]
                      /\ answer' = R!NoAnswer
SaysOps(op, o, err) == answer' = OfOps(op, o, err, <<>>) /\ UNCHANGED call
SaysNet(op, n, err) ==
  answer' = OfNet(op, n, err, <<>>, <<>>) /\ UNCHANGED call

RegisterOp(k)   == IF k = "subsys" THEN "register_subsys"
                                   ELSE "register_device"
UnregisterOp(k) == IF k = "subsys" THEN "unregister_subsys"
                                   ELSE "unregister_device"

BeginOps(t, o, k) ==
  \/ RegisterLock(t, o, k)        /\ Asks(t, RegisterOp(k), o)
  \/ RegisterLockEINTR(t, o, k)   /\ SaysOps(RegisterOp(k), o, "EINTR")
  \/ UnregisterLock(t, o, k)      /\ Asks(t, UnregisterOp(k), o)
  \/ UnregisterLockEINTR(t, o, k) /\ SaysOps(UnregisterOp(k), o, "EINTR")

BeginNet(t, n) ==
  \/ CopyNetNsGet(t, n)         /\ SaysNet("copy_get", n, "")
  \/ CopyNetNsGetENOENT(t, n)   /\ SaysNet("copy_get", n, "ENOENT")
  \/ CopyNetNsEINVAL(t, n)      /\ SaysNet("copy_get", n, "EINVAL")
  \/ CopyNetNsShare(t, n)       /\ SaysNet("share", n, "")
  \/ CopyNetNsShareENOENT(t, n) /\ SaysNet("share", n, "ENOENT")
  \/ GetNet(t, n)               /\ SaysNet("get", n, "")
  \/ GetNetENOENT(t, n)         /\ SaysNet("get", n, "ENOENT")
  \/ PutNet(t, n)               /\ SaysNet("put", n, "")
  \/ PutNetZero(t, n)           /\ SaysNet("put", n, "")
  \/ PutNetEINVAL(t, n)         /\ SaysNet("put", n, "EINVAL")
  \/ PutNetENOENT(t, n)         /\ SaysNet("put", n, "ENOENT")
  \/ HoldNet(t, n)              /\ SaysNet("hold", n, "")
  \/ HoldNetENOENT(t, n)        /\ SaysNet("hold", n, "ENOENT")
  \/ ReleaseNet(t, n)           /\ SaysNet("release", n, "")
  \/ ReleaseNetENOENT(t, n)     /\ SaysNet("release", n, "ENOENT")
  \/ ReleaseNetEINVAL(t, n)     /\ SaysNet("release", n, "EINVAL")

(* A step inside a call.                                                   *)
Goes(t) ==
  /\ \/ t # Worker /\ (TakeNetMutex(t) \/ TakeRtnl(t) \/ Continue(t))
     \/ t = Worker /\ (WorkerTakesNetMutex \/ WorkerTakesRtnl
                       \/ WorkerContinues)
     \/ SetupNet(t)
  /\ call' = [call EXCEPT ![t] = Logged(t)]
  /\ answer' = Committed(t)

AnswersInit ==
  /\ Init
  /\ call = [t \in Everyone |-> NoCall]
  /\ promise = <<>>
  /\ shown = opsVars
  /\ answer = R!NoAnswer

AnswersNext ==
  /\ \/ \E t \in Threads, o \in Ops, k \in Kinds : BeginOps(t, o, k)
     \/ \E t \in Threads, n \in Nets : BeginNet(t, n)
     \/ \E t \in Threads : ListNetsLock(t) /\ Asks(t, "list", NoOps)
     \/ \E t \in Threads : RcuBarrier(t) /\ Asks(t, "", NoOps)
     \/ \E t \in Everyone : Goes(t)
     \/ \E o \in Ops, n \in Nets :
          DeferredRun(o, n) /\ answer' = R!NoAnswer /\ UNCHANGED call
  /\ promise' = CASE answer'.op = "cleanup" -> answer'.calls
                  [] answer'.op # "cleanup" /\ thread'[Worker].at \in
                       {"CleanupNetExit", "CleanupNetUnlock"} -> promise
                  [] OTHER -> <<>>
  /\ shown' = IF Free(netMutex') THEN opsVars' ELSE shown

AnswersSpec == AnswersInit /\ [][AnswersNext]_allVars

----------------------------------------------------------------------------
(***************************************************************************)
(* The exits that the cleanup answered with have run when it unlocks, and  *)
(* in that order.                                                          *)
(***************************************************************************)
CallsAsPromised ==
  /\ At(Worker, "CleanupNetExit") =>
       call[Worker].calls = SubSeq(promise, 1, Len(call[Worker].calls))
  /\ At(Worker, "CleanupNetUnlock") => call[Worker].calls = promise

(***************************************************************************)
(* In one set-up and its undo, of two inits the later one's exit comes     *)
(* first, and no exit comes without an init unless its ops has none.       *)
(***************************************************************************)
CallsInOrder ==
  \A t \in Everyone : thread[t].at \in {"SetupNetUndo", "SetupNetBarrier"} =>
    LET c == call[t].calls
        inits == {i \in DOMAIN c : c[i][1] = "init"}
        exits == DOMAIN c \ inits
    IN  /\ \A i, j \in inits, x, y \in exits :
             i < j /\ c[i][2] = c[x][2] /\ c[j][2] = c[y][2] => y < x
        /\ \A x \in exits : c[x][2] \in WithInit =>
             \E i \in inits : i < x /\ c[i][2] = c[x][2]

(***************************************************************************)
(* The refinement.  Its two Props say the same in the order in which TLC   *)
(* is quick to decide it: first what changes nothing, then the one call    *)
(* that the answer names; each of these is a disjunct of R!Next.           *)
(***************************************************************************)
RegistrySpec == R!Spec

RegistryStep ==
  LET o == answer'.ops
      n == answer'.net
      op == answer'.op
  IN  CASE op = "register_subsys"   -> o \in Ops /\ R!RegisterSubsys(o)
        [] op = "register_device"   -> o \in Ops /\ R!RegisterDevice(o)
        [] op = "unregister_subsys" -> o \in Ops /\ R!UnregisterSubsys(o)
        [] op = "unregister_device" -> o \in Ops /\ R!UnregisterDevice(o)
        [] op = "copy_get" -> n \in Nets /\ \E t \in Threads : R!CopyGet(t, n)
        [] op = "copy"     -> n \in Nets \cup {Spare}
                                /\ \E t \in Threads : R!Copy(t, n)
        [] op = "copy_put" -> \E t \in Threads : R!CopyPut(t)
        [] op = "share"    -> n \in Nets /\ R!Share(n)
        [] op = "get"      -> n \in Nets /\ R!Get(n)
        [] op = "put"      -> n \in Nets /\ R!Put(n)
        [] op = "hold"     -> n \in Nets /\ R!Hold(n)
        [] op = "release"  -> n \in Nets /\ R!Release(n)
        [] op = "cleanup"  -> R!Cleanup(Range(answer'.nets))
        [] op = "free"     -> n \in Nets /\ R!Free(n)
        [] op = "list"     -> R!List
        [] op = "net_ns_init" -> R!NetNsInit
        [] OTHER           -> R!Forget
RegistryInitProp  == R!Init
RegistryStepsProp ==
  [][(answer' = answer /\ UNCHANGED R!vars) \/ RegistryStep]_allVars

THEOREM AnswersSpec => RegistrySpec
THEOREM AnswersSpec => RegistryInitProp /\ RegistryStepsProp
THEOREM AnswersSpec => [](CallsAsPromised /\ CallsInOrder)
=============================================================================
