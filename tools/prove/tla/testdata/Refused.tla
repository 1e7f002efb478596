\* SPDX-License-Identifier: MIT
------------------------------ MODULE Refused ------------------------------
(* What the evaluator must refuse, with file and line: what has no value,    *)
(* what TLC refuses, and what it does not know.  R_ by both kinds of values, *)
(* X_ by symbols, RF_ by finite values; A_ and XA_ are actions.              *)
EXTENDS Integers, Sequences, FiniteSets

CONSTANTS Ops, First
VARIABLES list, more, flag, n, count, rec

Types == /\ list \in Seq(Ops) /\ more \in Seq(Ops) /\ flag \in BOOLEAN /\ n \in Nat
         /\ count \in [Ops -> Nat] /\ rec \in [at : {"a", "b"}, k : Nat]

Q == <<4, 5>>
R == [a |-> 1]
Two(x, y) == x + y
RECURSIVE Back(_)
Back(s) == IF s = <<>> THEN <<>> ELSE Back(Tail(s)) \o <<s[1]>>
RECURSIVE Other(_)
Other(s) == IF s = <<>> THEN <<1>> ELSE <<s[1]>> \o Other(Tail(s))
RECURSIVE Whole(_)
Whole(s) == IF s = <<>> THEN <<>> ELSE s \o Whole(Tail(s))

RECURSIVE OfTwo(_, _)
OfTwo(s, t) == IF s = <<>> THEN <<>> ELSE <<s[1]>> \o OfTwo(Tail(s), t)
RECURSIVE Always(_)
Always(s) == <<s[1]>> \o Always(Tail(s))
RECURSIVE InBound(_)
InBound(s) == IF s = <<>> THEN <<>> ELSE (IF \E i \in DOMAIN s : s[1] = s[i] THEN <<s[1]>> ELSE <<>>) \o InBound(Tail(s))

R_head == Head(<<>>) = 1
R_tail == Tail(<<>>) = <<>>
R_zero == Q[0] = 4
R_beyond == Q[3] = 4
R_negative == Q[-1] = 4
R_word == Q["a"] = 4
R_field == R.b = 1
R_fieldOf == R[1] = 1
R_outside == [x \in {"a"} |-> 1]["b"] = 1
R_applied == (1)[1] = 1
R_domain == DOMAIN
  (1 + 1) = {}
R_domainSet == DOMAIN {1} = {}
R_except == [1 EXCEPT ![1] = 1] = 1
R_exceptField == [R EXCEPT !.b = 1] = R
R_exceptBeyond == [Q EXCEPT ![3] = 1] = Q
R_exceptZero == [Q EXCEPT ![0] = 1] = Q
R_sub == SubSeq(Q, 0, 1) = <<>>
R_subBeyond == SubSeq(Q, 1, 3) = <<>>
R_subOf == SubSeq(1, 1, 1) = <<>>
R_len == Len(1) = 1
R_lenSet == Len({}) = 0
R_joined == Q \o 1 = Q
R_joinedTo == 1 \o Q = Q
R_append == Append({}, 1) = Q
R_select == SelectSeq({1}, LAMBDA x : TRUE) = <<>>
R_noSet == 1 \in 1
R_union == 1 \cup {1} = {1}
R_minus == {1} \ 1 = {1}
R_cap == {1} \cap 1 = {1}
R_subset == 1 \subseteq {1}
R_subsetOf == {1} \subseteq 1
R_forall == \A x \in 1 : TRUE
R_exists == \E x \in 1 : TRUE
R_filter == {x \in 1 : TRUE} = {}
R_image == {x : x \in 1} = {}
R_function == [x \in 1 |-> 1] = <<>>
R_product == 1 \X
  {1} = {}
R_card == Cardinality(1) = 1
R_card2 == Cardinality(Nat) = 1
R_not == ~1
R_and == TRUE /\ 1
R_or == FALSE \/ 1
R_implies == TRUE => 1
R_impliedBy == 1 => TRUE
R_equiv == 1 <=> TRUE
R_if == IF 1 THEN TRUE ELSE TRUE
R_case == CASE
  1 = 2 -> TRUE
R_noChoice == (CHOOSE x \in {1, 2} :
  x > 2) = 1
R_choices == (CHOOSE x \in {1, 2} :
  x > 0) = 1
R_notOf == ~Two(1, 1)
R_chooseOf == (CHOOSE x \in 1 : TRUE) = 1
R_equal == 1 = "a"
R_unequal == 1 # TRUE
R_equalSets == {1} = 1
R_equalSeqs == Q = 1
R_equalRecs == R = 1
R_equalRecs2 == R = Q
R_plus == 1 + "a" = 1
R_less == 1 < "a"
R_atMost == {} <= 1
R_times == "a" * 2 = 2
R_neg == -"a" = 1
R_interval == 1 .. "a" = {}
R_interval2 == "a" .. 1 = {}
R_tuple == \A <<x, y>> \in {<<1, 2, 3>>} : TRUE
R_tuple2 == \A <<x, y>> \in {1} : TRUE
R_two == [x, y \in {1} |-> x] = <<>>
R_twoSets == [x \in {1}, y \in {2} |-> x] = <<>>
R_twoSets2 == {x : x \in {1}, y \in {2}} = {1}
R_noValue == <<n'>> = <<>>
R_unionOf == UNION {{1}} = {1}
R_power == SUBSET {1} = {{}, {1}}
R_chooseAny == (CHOOSE x : x = 1) = 1
R_div == 4 \div 2 = 2
R_mod == 4 % 2 = 0
R_exp == 2 ^ 2 = 4
R_enabled == ENABLED (n' = 1)
R_primes == (n')' = 1
R_next == n' = 1
R_recs == 1 \in [a : {1}]
R_recs2 == [b |-> 1, a |-> 1] \in [a : {1}]
R_funs == 1 \in [{1} -> {1}]
R_funs2 == {1} \in [{1} -> {1}]
R_seqs == 1 \in Seq({1})
R_powers == 1 \in SUBSET {1}
R_natWord == "a" \in Nat
R_intWord == TRUE \in Int
R_nat == {1} \in Nat

\* Actions.
A_tuple == \E <<x, y>> \in {<<1, 2>>} : n' = x
A_unchanged == UNCHANGED (n + 1)
A_unchangedOf == UNCHANGED Two(n, n)
A_unchangedNat == UNCHANGED Nat
A_unchangedRec == UNCHANGED [count EXCEPT ![First] = 1]
A_unchangedEq == UNCHANGED (list = more)
A_primes == n' = 1 /\ (n')' = 1
XA_noElement == \E x \in {} : n' = x
XA_fields == rec' = [at |-> "a"]
XA_moreFields == rec' = [at |-> "a", k |-> 1, m |-> 2]
XA_otherFields == rec' = [at |-> "a", m |-> 2]
XA_noRecord == rec' = 1
XA_noFunction == count' = {1}
XA_noNumber == n' = "a"
XA_noTruth == flag' = n

\* Where flag is a symbol and nothing else is.
N_guard == flag /\ n' = 1
N_filter == n' = Cardinality({x \in {1} : flag})
N_select == n' = Len(SelectSeq(Q, LAMBDA x : flag))
N_if == IF flag THEN n' = 1 ELSE n' = 2

\* What says nothing, or not enough, of the variables.
T_missing == list \in Seq(Ops)
T_form == list \in Seq(Ops) /\ flag
T_notIn == list \in Seq(Ops) /\ flag = TRUE
T_constant == First \in Ops
T_empty == n \in {}
T_number == n \in {1, 2} /\ count \in 1
T_seq == list \in Seq({})

X_double == list = <<First, First>>
X_exceptList == [list EXCEPT ![1] = First] = list
X_natPlace == \E i \in DOMAIN list : i \in Nat
X_ofSet == LET RECURSIVE OfSet(_) OfSet(s) == IF s = <<>> THEN <<>> ELSE {s[1]} \o OfSet(Tail(s)) IN OfSet(list) = list
X_ofTwo == OfTwo(list, list) = list
X_always == Always(list) = list
X_inBound == InBound(list) = list
X_otherLists == (IF flag THEN list ELSE [i \in DOMAIN list |-> <<1, list[i]>>]) = list
X_otherLists2 == list = [i \in DOMAIN list |-> <<1, list[i]>>]
X_filterFuns == {f \in
  {count} : flag} = {}
X_chooseAtoms == (CHOOSE p \in Ops \X Ops : p[1] = First) \in Ops
RF_state == Two(1, 1) + n = 1
X_orders5 == \E i, j \in DOMAIN list : i + 1 = j
X_orders6 == \E i, j \in DOMAIN list : i + 1 < j
X_orders7 == \E i, j \in DOMAIN list : i - 1 <= j
X_orders8 == \E i, j \in DOMAIN list : i - 1 = j
X_orders9 == \E i, j \in DOMAIN list : 2 * i < 2 * j
X_ends2 == \E i \in DOMAIN list : i + 1 = Len(list)
X_ends3 == \E i \in DOMAIN list : i + 1 < Len(list)
X_ends4 == \E i \in DOMAIN list : Len(list) < i + 1
X_ends5 == \E i \in DOMAIN list : Len(list) <= i + 1
X_ends6 == \E i \in DOMAIN list : i - 1 < Len(list)
X_ends7 == \E i \in DOMAIN list : 2 * i = Len(list)
X_ends8 == \E i \in DOMAIN list : 2 * i <= Len(list) + Len(list)
X_case == CASE flag -> TRUE [] OTHER -> FALSE
X_position == \E i \in DOMAIN list : i = 1
X_between == \E i \in DOMAIN list : list[i + 2] = First
X_before == \E i \in DOMAIN list : list[i - 1] = First
X_others == \E i \in DOMAIN list : more[i] = First
X_orders == \E i \in DOMAIN list, j \in DOMAIN more : i < j
X_orders2 == \E i, j \in DOMAIN list : i + 2 < j
X_orders3 == \E i, j \in DOMAIN list : i + j > 3
X_orders4 == \E i \in DOMAIN list : Len(list) - i = 2
X_ends == \E i \in DOMAIN list : i = Len(more)
X_lenOf == list[Len(more)] = First
X_lenAt == list[Len(list) - 1] = First
X_two == list[2] = First
X_n == list[n] = First
X_sub == SubSeq(list, 2, Len(list)) = more
X_subTo == SubSeq(list, 1, 2) = more
X_subN == SubSeq(list, 1, n) = more
X_subLess == SubSeq(list, 1, Len(list) - 2) = more
X_subFrom == \E i \in DOMAIN list : SubSeq(list, i + 2, Len(list)) = more
X_subOther == \E i \in DOMAIN more : SubSeq(list, i, Len(list)) = more
X_positions == DOMAIN list \cup {1} = {1}
X_positions2 == DOMAIN list = 1 .. n
X_inDomain == n \in DOMAIN list
X_interval == 1 .. n = {}
X_times == n * n = 1
X_timesNeg == (-2) * n = 1
X_shape == Ops = {1}
X_shapeIn == 1 \in Ops
X_pairs == <<First, First>> \in Ops
X_if == (IF flag THEN 1 ELSE First) = 1
X_if2 == (IF flag THEN rec ELSE [at |-> "a"]) = rec
X_if3 == (IF flag THEN <<1, 2>> ELSE rec) = rec
X_if4 == (IF flag THEN Ops ELSE 1) = Ops
X_ifLists == (IF flag THEN list ELSE <<1>>) = list
X_ifDomains == (IF flag THEN DOMAIN list ELSE DOMAIN more) = {}
X_ifEqual == list = <<1>>
X_listIn == list = Ops
X_recs == rec = [at |-> 1, k |-> 1]
X_back == Back(list) = list
X_other == Other(
  SelectSeq(list, LAMBDA x : TRUE)) = list
X_whole == Whole(list) = list
X_mirror2 == [i \in DOMAIN list |-> more[Len(list) + 1 - i]] = list
X_chooseSeq == (CHOOSE p \in Ops \X Ops : p[1] = p[2]) = <<First, First>>
X_listed == [x \in {First, n} |-> 1] = <<>>
X_listed2 == [x \in {First} \cup Ops |-> 1] = <<>> /\ [x \in {First} |-> 1] = <<>>
X_filter == [i \in {j \in DOMAIN list : list[j] = First} |-> 1] = <<>>
=============================================================================
