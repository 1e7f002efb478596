\* SPDX-License-Identifier: MIT
------------------------------ MODULE Symbols ------------------------------
(* Formulas on variables of every form.  As terms for a solver they must     *)
(* have the values that they have in each state, and owe what a state must   *)
(* have for them to have one.  Nothing occurs twice in the lists.            *)
EXTENDS Integers, Sequences, FiniteSets

CONSTANTS Ops, NoOp, Nets, NoNet, First
VARIABLES list, more, calls, count, owner, flag, pairs, some, rec, one, n, queue
vars == <<list, more, calls, count, owner, flag, pairs, some, rec, one, n, queue>>

ASSUME First \in Ops /\ NoOp \notin Ops /\ NoNet \notin Nets

Kinds == {"init", "exit"}
Types ==
  /\ list \in Seq(Ops) /\ more \in Seq(Ops)
  /\ calls \in Seq(Kinds \X Ops \X Nets)
  /\ count \in [Ops -> Nat]
  /\ owner \in Ops \cup {NoOp}
  /\ flag \in BOOLEAN
  /\ pairs \in SUBSET (Ops \X Nets)
  /\ some \in SUBSET Ops
  /\ rec \in [Nets -> [at : {"idle", "busy"}, ops : Ops \cup {NoOp}, k : Nat]]
  /\ one \in [at : {"idle", "busy", "gone"}, left : Seq(Ops)]
  /\ n \in Nat
  /\ queue \in [Nets -> Seq(Ops)]

Range(s) == {s[i] : i \in DOMAIN s}
Place(s, x) == CHOOSE i \in DOMAIN s : s[i] = x
Before(s, x, y) == \E i, j \in DOMAIN s : i < j /\ s[i] = x /\ s[j] = y
Reverse(s) == [i \in DOMAIN s |-> s[Len(s) + 1 - i]]
Twice(x) == x + x
Fold(op(_), x) == op(op(x))
Inits(s, net) == [i \in DOMAIN s |-> <<"init", s[i], net>>]
RECURSIVE Flat(_)
Flat(s) == IF s = <<>> THEN <<>> ELSE << <<"init", s[1]>>, <<"exit", s[1]>> >> \o Flat(Tail(s))
RECURSIVE Kept(_)
Kept(s) == IF s = <<>> THEN <<>> ELSE (IF Head(s) \in some THEN << <<"init", Head(s)>> >> ELSE <<>>) \o Kept(Tail(s))
RECURSIVE Sure(_)
Sure(s) == IF s = <<>> THEN <<>> ELSE (IF \E o \in some : o = s[1] THEN << <<"init", s[1]>> >> ELSE <<>>) \o Sure(Tail(s))
Idle == [at |-> "idle", ops |-> NoOp, k |-> 0]
Free == {net \in Nets : rec[net].at = "idle"}

\* Truth, choices, numbers.
F_owner == owner \in Ops
F_not == ~flag
F_equiv == flag <=> owner \in Ops
F_equal == flag = (n = 0)
F_unequal == flag # (n = 1)
F_implies == flag => owner = NoOp
F_and == flag /\ owner # NoOp /\ n > 0
F_or == flag \/ owner = NoOp \/ n > 2
F_if == IF flag THEN owner = NoOp ELSE n = 0
F_ifOf == (IF flag THEN owner ELSE First) = First
F_ifNum == (IF flag THEN n ELSE 1) = 1
F_ifIf == (IF flag THEN (IF n = 0 THEN owner ELSE NoOp) ELSE First) = owner
F_word == (IF flag THEN "a" ELSE "b") = "a"
F_words == (IF flag THEN "gone" ELSE "idle") = one.at
F_words2 == \E x \in Nets : rec[x].at = IF flag THEN (IF n = 0 THEN "idle" ELSE "busy") ELSE one.at
F_caseOther == CASE 1 = 2 -> flag [] OTHER -> ~flag
F_less == n < 2
F_more == n > 1
F_atMost == n <= 1
F_atLeast == n >= 2
F_sum == n + 1 = 2
F_sub == n - 1 = 1
F_neg == -n = -2
F_times == 2 * n <= 3
F_timesN == n * 3 >= 3 /\ n * 0 = 0 /\ 1 * n = n
F_sums == \E o, p \in Ops : o # p /\ count[o] + count[p] > n + 3
F_diff == \A o \in Ops : count[o] - n <= 1
F_zero == n + 0 = 1 /\ 0 + n = 1
F_zero2 == n - 0 = 2
F_zero3 == n - n = 0 /\ flag
F_ifPair == (IF flag THEN <<owner, n>> ELSE <<First, 1>>) = <<First, n>>
F_nat == n - 1 \in Nat
F_int == n - 1 \in Int /\ flag
F_let == LET a == n + 1 b == a + n IN b > 3
F_letOf == LET f(x) == x + n IN f(f(1)) > 4
F_fold == Fold(LAMBDA x : x + n, 1) > 3 /\ Fold(Twice, n) < 9
F_first == First = owner
F_setOf == n \in {0, 2}
F_notIn == n \notin {1, 3} /\ owner \notin {First}
F_pair == <<owner, n>> = <<First, 1>>
F_pairIn == <<owner, flag>> \in {<<First, TRUE>>, <<NoOp, FALSE>>}

\* Sets and quantifiers.
F_empty == some = {}
F_emptyPairs == pairs = {}
F_sub1 == some \subseteq {First}
F_sub2 == {owner} \subseteq some
F_sub3 == some \subseteq Range(list)
F_eqSets == some = Range(list)
F_cup == some \cup {owner} = Ops
F_cup2 == owner \in some \cup Range(list)
F_cap == some \cap Range(list) = {}
F_minus == some \ {owner} = {}
F_minus2 == owner \in Ops \ some
F_minus3 == {First, NoOp} \ some = {NoOp}
F_filter == {o \in Ops : count[o] > 1} = some
F_filter2 == owner \in {o \in some : count[o] = 0}
F_image == {rec[x].ops : x \in Nets} = {NoOp}
F_image2 == owner \in {rec[x].ops : x \in {y \in Nets : rec[y].at = "busy"}}
F_imagePairs == {<<o, owner>> : o \in some} = {<<owner, owner>>}
F_product == pairs = some \X Nets
F_product2 == pairs \subseteq some \X Nets
F_otherTuple == <<owner>> \notin pairs /\ flag
F_cupEmpty == {} \cup some = {owner}
F_minusEmpty == some \ {} = {owner}
F_emptyMinus == {} \ some = {} /\ flag
F_capEmpty == {} \cap some = {} /\ flag
F_imageRecs == {rec[x] : x \in {y \in Nets : rec[y].k = 3}} \subseteq {[Idle EXCEPT !.k = 3]}
F_imageRecs2 == \E r \in {rec[x] : x \in Nets} : r.k = 1 /\ r.ops = owner
F_inPairs == \E x \in Nets : <<owner, x>> \in pairs
F_allPairs == \A p \in pairs : p[1] \in some
F_somePairs == \E p \in pairs : count[p[1]] = 0 /\ rec[p[2]].at = "busy"
F_tuples == \A <<o, x>> \in pairs : rec[x].ops = o
F_tuples2 == \E <<o, x>> \in Ops \X Nets : <<o, x>> \notin pairs /\ rec[x].k > count[o]
F_power == some \in SUBSET {First, owner}
F_powerOps == {owner} \in SUBSET Ops
F_all == \A o \in Ops : count[o] > 0
F_any == \E o \in Ops : count[o] = 0
F_allAny == \A x \in Nets : \E o \in Ops : <<o, x>> \in pairs
F_anyAll == \E o \in Ops : \A x \in Nets : <<o, x>> \in pairs
F_allEmpty == (\A o \in {} : flag) /\ flag
F_anyEmpty == ~(\E o \in {} : flag) /\ flag
F_allListed == \A k \in {1, 2} : k # n
F_anyListed == \E k \in {1, 2} : k = n
F_same == \A o, p \in some : o = p
F_same2 == \E x, y \in Nets : x # y /\ rec[x] = rec[y]
F_ifSets == (IF flag THEN some ELSE {}) = {}
F_ifSets2 == owner \in IF flag THEN some ELSE Range(list)
F_ifEmpty == \A o \in IF flag THEN Ops ELSE {} : o \in some
F_choose == (CHOOSE o \in Ops : o = First) = owner
F_choose2 == some = {owner} /\ (CHOOSE o \in some : TRUE) = owner
F_choose3 == (CHOOSE o \in Ops : count[o] > 2) = owner
F_size0 == Cardinality(some) = 0
F_size1 == Cardinality(some) = 1
F_sizeMore == Cardinality(some) > 1
F_sizeIn == Cardinality(Free) \in {0, 2}
F_sizes == Cardinality(some) < Cardinality(Range(list))
F_sizes2 == Cardinality(some) = Cardinality({o \in Ops : count[o] > 1})
F_sizeN == Cardinality(some) <= n
F_sizePlus == Cardinality(some) + 1 >= Cardinality(pairs)
F_sizeKnown == Cardinality({First, NoOp}) = 2 /\ flag
F_sizeOf == \E x \in Nets : Cardinality({o \in Ops : <<o, x>> \in pairs}) = 2

\* Functions and records.
F_apply == count[owner] = 0
F_applyIf == owner \in Ops /\ count[owner] = 1
F_except == [count EXCEPT ![First] = 5][owner] = 5
F_exceptAt == [count EXCEPT ![First] = @ + 1][First] = 2
F_except2 == [count EXCEPT ![First] = 1, ![owner] = @ + 1] = count
F_exceptOther == \E y \in Nets : [[x \in Nets |-> n] EXCEPT ![y] = <<owner>>][y] = <<First>>
F_exceptEq == [count EXCEPT ![First] = 0] = count
F_exceptN == [count EXCEPT ![First] = n] = count
F_fun == [o \in Ops |-> 0] = count
F_ifSameFun == (IF flag THEN count ELSE count)[First] = 0
F_fun2 == [o \in Ops |-> IF o \in some THEN 1 ELSE count[o]] = count
F_dom == DOMAIN count = Ops /\ DOMAIN count = some
F_inFuns == count \in [Ops -> {0, 1}]
F_inFuns2 == count \in [some -> Nat]
F_inFuns3 == [count EXCEPT ![First] = @ - 1] \in [Ops -> Nat]
F_lazyAt == \E x, y \in Nets : x # y /\ [[z \in Nets |-> {o \in Ops : count[o] = rec[z].k}] EXCEPT ![x] = {o \in Ops : o \notin @}, ![y] = {o \in Ops : o \notin @}][x] = some
F_ifFuns == (IF flag THEN count ELSE [o \in Ops |-> 1]) = [o \in Ops |-> 1]
F_ifFuns2 == (IF flag THEN [count EXCEPT ![First] = 0] ELSE count)[First] = 0
F_nested == [rec EXCEPT ![CHOOSE x \in Nets : rec[x].at = "busy" /\ rec[x].k = 0].k = 3] = rec
F_recs == \A x \in Nets : rec[x].at = "idle"
F_recs2 == \E x \in Nets : rec[x] = Idle
F_recs3 == \E x \in Nets : [rec EXCEPT ![x].at = "busy"] = rec
F_recs4 == \E x \in Nets : [rec EXCEPT ![x].k = @ + 1][x].k = 2
F_recs5 == \A x, y \in Nets : [rec EXCEPT ![x] = Idle][y].k = 0
F_recs6 == rec \in [Nets -> [at : {"idle"}, ops : Ops \cup {NoOp}, k : Nat]]
F_recs7 == \E x \in Nets : (IF flag THEN rec[x] ELSE Idle) = Idle
F_one == one.at = "gone"
F_one2 == one \in [at : {"idle", "gone"}, left : Seq(some)]
F_one3 == [one EXCEPT !.at = "gone"] = one
F_one4 == [one EXCEPT !.left = list].left = more
F_one5 == one = [at |-> "idle", left |-> <<>>]
F_one6 == (IF flag THEN one ELSE [at |-> "busy", left |-> list]) = [at |-> "busy", left |-> list]
F_one7 == one # [left |-> <<>>] /\ one.at = "idle"

\* Sequences.
F_listEmpty == list = <<>>
F_listNot == <<>> # list
F_eqLists == list = more
F_listOf == list = <<owner>>
F_listOf2 == <<First, owner>> = list
F_len0 == Len(list) = 0
F_len1 == Len(list) = 1
F_lenMore == Len(list) > 1
F_lenSome == Len(list) > 0
F_lenNone == Len(list) <= 0
F_lenOne == 1 = Len(list)
F_lenEnds == (Len(list) >= 1 /\ ~(Len(list) < 0) /\ 0 <= Len(list)) \/ Len(list) < 0
F_lenTwice == Len(list) + Len(list) = 2
F_lenMinus == Len(list) - 1 = 0
F_lenDiff == Len(list) - Len(more) = 1
F_lenDiff2 == Len(list) + 1 < Len(more)
F_lenMixed == Len(list) + n = 2
F_lenAtMost == Len(list) <= 1
F_lenLess == Len(list) < 2
F_lenAtLeast == 2 <= Len(list) /\ 1 < Len(list)
F_lenPairs == Len(list) = Cardinality(pairs)
F_lenPairs2 == Cardinality(pairs) <= Len(list)
F_lenSet == Cardinality(some) = Len(list)
F_lenCalls == Len(calls) = Cardinality(pairs)
F_lens == Len(list) < Len(more)
F_lensEq == Len(list) = Len(more)
F_lenN == Len(list) >= n
F_lenCard == Len(list) = Cardinality(Ops)
F_head == Head(list) = owner
F_head2 == list # <<>> /\ list[1] = First
F_last == list[Len(list)] = owner
F_last2 == list # <<>> /\ list[Len(list)] = First
F_tail == Tail(list) = <<>>
F_tail2 == list # <<>> /\ owner \in Range(Tail(list))
F_tailHead == Len(list) > 1 /\ Head(Tail(list)) = First
F_tailEq == list # <<>> /\ Tail(list) = more
F_range == owner \in Range(list)
F_ranges == Range(list) \subseteq Range(more)
F_index1 == \E i \in DOMAIN list : list[i] = owner /\ i < Len(list)
F_index2 == \E i \in DOMAIN list : list[i] = owner /\ i = Len(list)
F_index3 == \E i \in DOMAIN list : i < Len(list) /\ list[i + 1] = owner
F_index4 == \A i \in DOMAIN list : list[i + 1] = list[i + 1]
F_index5 == \A i \in DOMAIN list : i <= Len(list) /\ flag
F_index6 == \E i \in DOMAIN list : Len(list) <= i /\ list[i] = owner
F_index7 == ~(\E i \in DOMAIN list : Len(list) < i) /\ flag
F_index8 == \E i \in DOMAIN list : i + 1 <= Len(list) /\ list[i] = owner
F_index9 == \E i \in DOMAIN list : i - i = 0 /\ list[i] = owner
F_order == \A i, j \in DOMAIN list : i < j => count[list[i]] <= count[list[j]]
F_order2 == \A i, j \in DOMAIN list : i <= j => count[list[i]] <= count[list[j]]
F_order3 == \E i, j \in DOMAIN list : i + 1 <= j /\ list[j] = owner
F_order4 == \E i, j \in DOMAIN list : i = j /\ list[i] = owner
F_order5 == \E i, j \in DOMAIN list : i - 1 < j /\ list[j] = owner /\ list[i] = First
F_order6 == \E i, j \in DOMAIN list : i > j /\ list[j] = owner /\ list[i] = First
F_order7 == \E i, j \in DOMAIN list : 1 - i + j < 1 /\ list[j] = owner /\ list[i] = First
F_intPlace == \E i \in DOMAIN list : i \in Int /\ list[i] = owner
F_cancel == \E i \in DOMAIN list : /\ list[i] = owner /\ i = i /\ i <= i /\ i < i + 1 /\ i <= i + 1 /\ i - 1 < i /\ i - 1 <= i
                                   /\ i # i + 1 /\ i # i - 1 /\ ~(i < i) /\ ~(i + 1 < i) /\ ~(i + 1 <= i)
F_natDiff == \E i \in DOMAIN list : i - i \in Nat /\ i - i = 0 /\ list[i] = owner
F_lastPlace == \E i \in DOMAIN list : Len(list) = i /\ list[i] = owner /\ ~(Len(list) < i) /\ i <= Len(list) /\ ~(i < Len(list)) /\ Len(list) >= i /\ ~(i + 1 <= Len(list))
F_before == Before(list, First, owner)
F_beforeMore == Before(list, First, owner) \/ Before(more, owner, First)
F_place == First \in Range(list) /\ owner \in Range(list) /\ Place(list, First) < Place(list, owner)
F_place2 == Place(list, owner) = Len(list)
F_dom1 == DOMAIN list = {}
F_lenIn == list # <<>> /\ Len(list) \in DOMAIN list /\ flag
F_append == owner \in Range(Append(list, First))
F_append2 == Append(list, owner) = <<owner>>
F_append3 == Append(list, First) = more
F_append4 == First \notin Range(list) /\ Before(Append(list, First), owner, First)
F_joined == Before(list \o more, First, owner)
F_joined2 == list \o more = more
F_joined3 == list \o <<First, owner>> = more \/ flag
F_joined4 == <<First>> \o list = more
F_joined5 == Len(list \o more) = 2
F_subEnds == SubSeq(list, 1, Len(list)) = more
F_subLess == list # <<>> /\ SubSeq(list, 1, Len(list) - 1) = more
F_subTo == \E i \in DOMAIN list : list[i] = owner /\ SubSeq(list, 1, i) = more
F_subBelow == \E i \in DOMAIN list : list[i] = owner /\ SubSeq(list, 1, i - 1) = more
F_subFrom == \E i \in DOMAIN list : list[i] = owner /\ SubSeq(list, i, Len(list)) = more
F_subAfter == \E i \in DOMAIN list : list[i] = owner /\ SubSeq(list, i + 1, Len(list)) = more
F_cut == \E i \in DOMAIN list : list[i] = owner /\ SubSeq(list, 1, i - 1) \o SubSeq(list, i + 1, Len(list)) = more
F_upto == \E i \in DOMAIN list : list[i] = owner /\ {list[j] : j \in 1 .. i} = some
F_upto2 == {list[j] : j \in 1 .. Len(list)} = some
F_upto3 == \E i \in DOMAIN list : list[i] = owner /\ [j \in 1 .. i |-> list[j]] = more
F_upto4 == \A i \in DOMAIN list : \A j \in 1 .. i : count[list[j]] <= count[list[i]]
F_select == SelectSeq(list, LAMBDA x : x \in some) = more
F_select2 == SelectSeq(list, LAMBDA x : x # owner) = <<>>
F_select3 == SelectSeq(list, LAMBDA x : count[x] = n) = list
F_reverse == Reverse(list) = more
F_reverse2 == list # <<>> /\ Reverse(list)[1] = owner
F_reverse3 == Before(Reverse(list), First, owner)
F_reverse4 == Reverse(Reverse(list)) = list /\ flag
F_mapped == \A x \in Nets : Inits(list, x) = calls
F_mapped2 == \E x \in Nets : Len(Inits(list, x)) > 1 /\ <<"init", owner, x>> \in Range(calls)
F_mapped3 == \E x \in Nets, o, p \in Ops : Before(Inits(list, x), <<"init", o, x>>, <<"init", p, x>>) /\ o = owner
F_mapSame == [i \in DOMAIN list |-> list[i]] = more
F_calls == \E x \in Nets : <<"exit", owner, x>> \in Range(calls)
F_calls2 == \E x, y \in Nets : Before(calls, <<"init", owner, x>>, <<"exit", owner, y>>)
F_calls3 == \A c \in Range(calls) : c[1] = "init" \/ c[2] \in some
F_calls4 == SelectSeq(calls, LAMBDA c : c[1] = "init") = calls
F_calls5 == \E x \in Nets : calls = <<<<"init", First, x>>>>
F_calls6 == \E x \in Nets : Append(calls, <<"exit", First, x>>)[1][1] = "exit"
F_flat == \E o, p \in Ops : Before(Flat(list), <<"exit", o>>, <<"init", p>>) /\ p = owner
F_flat2 == Flat(list) = <<>>
F_flat3 == Len(Flat(list)) > 2
F_flat4 == <<"init", owner>> \in Range(Flat(list)) /\ <<"gone", owner>> \notin Range(Flat(list))
F_flat5 == Before(Flat(list), <<"init", owner>>, <<"exit", owner>>) /\ ~Before(Flat(list), <<"exit", owner>>, <<"init", owner>>)
F_flat6 == list # <<>> /\ Head(Flat(list)) = <<"init", owner>>
F_flat7 == list # <<>> /\ Head(Tail(Flat(list))) = <<"exit", owner>>
F_mapped4 == \E x \in Nets : list # <<>> /\ Head(Inits(list, x)) = <<"init", owner, x>>
F_sure == Before(Sure(list), <<"init", First>>, <<"init", owner>>)
F_kept == Kept(list) = << <<"init", owner>> >>
F_kept2 == Before(Kept(list), <<"init", First>>, <<"init", owner>>)
F_inSeq == list \in Seq(some)
F_inSeq2 == <<owner, First>> \in Seq(some)
F_ifSeqs == (IF flag THEN list ELSE more) = <<First>>
F_ifSame == (IF flag THEN list ELSE list) = more
F_ifSeqs2 == (IF flag THEN list ELSE <<>>) = more
F_ifSeqs3 == (IF flag THEN <<First>> ELSE <<>>) = list
F_ifSeqs4 == (IF flag THEN <<>> ELSE list) = more
F_ifDom == \E i \in IF flag THEN DOMAIN list ELSE {} : list[i] = owner
F_ifDom2 == \E i \in IF list = <<>> THEN DOMAIN list ELSE {Len(list)} : list[i] = owner
F_queue == \A x \in Nets : queue[x] = list
F_queue2 == \E x, y \in Nets : x # y /\ queue[x] = queue[y] /\ queue[x] # <<>>
F_queue3 == \E x \in Nets : Before(queue[x], First, owner)
F_queue4 == \E x \in Nets : [queue EXCEPT ![x] = list][x] # queue[x] /\ Len(queue[x]) > 1
F_left == Range(one.left) = some

----------------------------------------------------------------------------
(* Steps: each way to say what comes next.                                  *)
Rest == UNCHANGED <<calls, pairs, some, n, queue>>
Add(o) ==
  /\ o \notin Range(list) /\ list' = Append(list, o)
  /\ UNCHANGED <<more, count, owner, flag, rec, one>> /\ Rest
Cut(o) ==
  /\ \E i \in DOMAIN list : list[i] = o /\ list' = SubSeq(list, 1, i - 1) \o SubSeq(list, i + 1, Len(list))
  /\ count' = [count EXCEPT ![o] = @ + 1]
  /\ UNCHANGED <<more, owner, flag, rec>> /\ one' = one /\ Rest
Own(o, x) ==
  /\ IF flag THEN owner' = o ELSE owner' = NoOp
  /\ rec' = [rec EXCEPT ![x] = [at |-> "busy", ops |-> o, k |-> @.k]]
  /\ flag' = ~flag /\ list' = <<>> /\ more' = list
  /\ UNCHANGED <<count, one>> /\ Rest
Turn(x) ==
  /\ rec[x].at = "busy" \/ owner = NoOp
  /\ rec' = [rec EXCEPT ![x].at = IF flag THEN "idle" ELSE "busy", ![x].k = IF n = 0 THEN 0 ELSE @]
  /\ one' = [at |-> IF n = 0 THEN "idle" ELSE one.at, left |-> more]
  /\ UNCHANGED <<list, more, count, owner, flag>> /\ Rest
Spread ==
  /\ \E o \in some : owner' = o
  /\ calls' = Inits(<<First>>, CHOOSE x \in Nets : rec[x].k = n)
  /\ pairs' = {p \in pairs : p[1] # owner} \cup {<<First, CHOOSE x \in Nets : rec[x].k = n>>}
  /\ count' = [o \in Ops |-> IF o \in some THEN 0 ELSE count[o]]
  /\ UNCHANGED <<list, more, flag, some, rec, one, n, queue>>
Wipe ==
  /\ owner = NoOp => flag
  /\ pairs' = {} /\ some' = {First} /\ n' = n + 1
  /\ LET left == more IN list' = left
  /\ queue' = [queue EXCEPT ![CHOOSE x \in Nets : rec[x].k = n] = list]
  /\ UNCHANGED <<more, calls, count, owner, flag>> /\ UNCHANGED rec /\ one' = [one EXCEPT !.at = "gone"]
Pick ==
  /\ \E S \in SUBSET Ops : some' = S /\ First \in S
  /\ n' = n /\ UNCHANGED <<list, more, calls, count, owner, flag, pairs, rec, one, n, queue>>
Stuck == 1 = 2 /\ UNCHANGED vars
Next ==
  \/ \E o \in Ops : Add(o) \/ Cut(o)
  \/ \E o \in Ops, x \in Nets : Own(o, x)
  \/ \E x \in Nets : Turn(x)
  \/ Spread \/ Stuck \/ Wipe \/ Pick

(* Steps that owe something where a next value is lazy.                     *)
O_set == some' = {o \in Ops : count[owner] = 0}
O_fun == count' = [o \in Ops |-> count[owner]]
O_rec == rec' = [x \in Nets |-> [at |-> "idle", ops |-> owner, k |-> count[owner]]]
O_sets == pairs' = some \X {x \in Nets : count[owner] = 0}
O_image == some' = {IF count[owner] = 0 THEN First ELSE o : o \in Ops}
O_queue == queue' = [x \in Nets |-> SelectSeq(list, LAMBDA o : count[owner] = 0)]
O_one == one' = [at |-> "idle", left |-> SelectSeq(list, LAMBDA o : count[owner] = 0)]

(* Formulas on a step.                                                      *)
P_list == list' = list
P_count == \A o \in Ops : count'[o] >= count[o]
P_owner == owner' \in Ops
P_prime == (Len(list) > 0)'
P_some == some' \subseteq some
P_unchanged == UNCHANGED <<count, owner>>
P_rec == \A x \in Nets : rec'[x].at = rec[x].at
P_one == (one.left)' = one.left
P_n == n' > n
P_size == Cardinality(some)' <= Cardinality(some)
P_pairs == \A p \in pairs : p \in pairs'
P_moved == list # <<>> /\ list' # <<>> => Head(list') = Head(list)
=============================================================================
