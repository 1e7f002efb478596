\* SPDX-License-Identifier: MIT
----------------------------- MODULE Operators -----------------------------
(* What each operator gives, as TLC says.  The evaluator must say the same. *)
EXTENDS Integers, Sequences, FiniteSets

S == {1, 2, 3}
F == [i \in S |-> i + 10]
G == [x \in {"a", "b"} |-> IF x = "a" THEN 1 ELSE 2]
R == [at |-> "x", n |-> 3]
Q == <<4, 5, 6>>
Twice(x) == x + x
Fold(op(_), x) == op(op(x))
RECURSIVE Sum(_)
Sum(s) == IF s = <<>> THEN 0 ELSE s[1] + Sum(Tail(s))

ASSUME TRUE /\ ~FALSE /\ (TRUE \/ FALSE) /\ (FALSE => FALSE) /\ (FALSE => TRUE) /\ ~(TRUE => FALSE)
ASSUME (TRUE <=> TRUE) /\ (FALSE <=> FALSE) /\ ~(TRUE <=> FALSE) /\ ~(FALSE <=> TRUE) /\ BOOLEAN = {TRUE, FALSE}
ASSUME /\ 1 = 1
       /\ 1 # 2
       /\ "a" # "b" /\ "a" = "a"
ASSUME \/ 1 = 2
       \/ 2 = 2
ASSUME 2 + 3 = 5 /\ 2 - 3 = -1 /\ -1 < 0 /\ 1 <= 1 /\ ~(2 <= 1) /\ 2 > 1 /\ ~(1 > 1) /\ 2 >= 2 /\ ~(1 >= 2) /\ ~(1 < 1)
ASSUME 2 * 3 = 6 /\ 0 * 5 = 0 /\ 1 * 7 = 7
ASSUME 1 .. 3 = S /\ 2 .. 1 = {} /\ 3 \in Nat /\ -3 \in Int /\ ~(-3 \in Nat) /\ 0 \in Nat
ASSUME {1, 2} = {2, 1} /\ {1, 1} = {1} /\ {1} # {2} /\ {1} # {1, 2} /\ {1, 2} # {1} /\ {} \subseteq S /\ {1} \subseteq S /\ ~({4} \subseteq S)
ASSUME 1 \in S /\ 4 \notin S /\ ~(1 \notin S)
ASSUME S \cup {4} = 1 .. 4 /\ S \cap {2, 5} = {2} /\ S \ {2} = {1, 3} /\ S \ S = {} /\ S \ {9} = S
ASSUME {x \in S : x > 1} = {2, 3} /\ {x + 1 : x \in S} = 2 .. 4 /\ {x \in {} : TRUE} = {} /\ {7 : x \in S} = {7}
ASSUME {1, 2} \X {3} = {<<1, 3>>, <<2, 3>>} /\ <<1, 3>> \in S \X S /\ <<1, 4>> \notin S \X S /\ {} \X S = {}
ASSUME {1} \in SUBSET S /\ {4} \notin SUBSET S /\ {} \in SUBSET S
ASSUME (\A x \in S : x > 0) /\ ~(\A x \in S : x > 1) /\ (\E x \in S : x > 2) /\ ~(\E x \in S : x > 3)
ASSUME (\A x \in {} : FALSE) /\ ~(\E x \in {} : TRUE)
ASSUME (\A x, y \in S : x = y => y = x) /\ (\E x \in S, y \in {5} : x + y = 8) /\ ~(\A x, y \in S : x <= y)
ASSUME (CHOOSE x \in S : x > 2) = 3 /\ (CHOOSE x \in S : \A y \in S : x <= y) = 1
ASSUME (IF 1 = 1 THEN "a" ELSE "b") = "a" /\ (IF 1 = 2 THEN "a" ELSE "b") = "b"
ASSUME (CASE 1 = 2 -> "a" [] 1 = 1 -> "b") = "b" /\ (CASE 1 = 2 -> "a" [] OTHER -> "c") = "c"
ASSUME (LET x == 2 y == x + 1 IN x + y) = 5 /\ (LET f(x) == x + 1 IN f(f(1))) = 3
ASSUME Twice(Twice(2)) = 8 /\ Fold(Twice, 3) = 12 /\ Fold(LAMBDA x : x + 1, 3) = 5
ASSUME F[2] = 12 /\ DOMAIN F = S /\ F = <<11, 12, 13>> /\ G["b"] = 2 /\ DOMAIN G = {"a", "b"}
ASSUME [F EXCEPT ![2] = 0][2] = 0 /\ [F EXCEPT ![2] = 0][1] = 11 /\ [F EXCEPT ![2] = @ + 1][2] = 13
ASSUME [G EXCEPT !["a"] = 5, !["b"] = @ + 1] = [x \in {"a", "b"} |-> IF x = "a" THEN 5 ELSE 3]
ASSUME [x \in {"a"} |-> 1] # [x \in {"a"} |-> 2] /\ [x \in {"a"} |-> 1] # [x \in {"b"} |-> 1]
ASSUME [F EXCEPT ![1] = 1, ![1] = @ + 1][1] = 2
ASSUME [x \in {"a"} |-> [y \in {"b"} |-> 1]]["a"]["b"] = 1
ASSUME [[x \in {"a"} |-> [y \in {"b"} |-> 1]] EXCEPT !["a"]["b"] = @ + 1]["a"]["b"] = 2
ASSUME [[x \in {"a"} |-> R] EXCEPT !["a"].n = @ + 1]["a"].n = 4
ASSUME F \in [S -> 11 .. 13] /\ F \notin [S -> {11}] /\ G \in [{"a", "b"} -> S] /\ G \notin [{"a"} -> S]
ASSUME R.at = "x" /\ R.n = 3 /\ DOMAIN R = {"at", "n"} /\ [R EXCEPT !.n = 4].n = 4 /\ [R EXCEPT !.n = @ + 1].n = 4
ASSUME R = [n |-> 3, at |-> "x"] /\ R # [at |-> "x", n |-> 4] /\ [R EXCEPT !.n = 4].at = "x"
ASSUME R \in [at : {"x"}, n : Nat] /\ R \notin [at : {"y"}, n : Nat]
ASSUME Q[1] = 4 /\ Len(Q) = 3 /\ Len(<<>>) = 0 /\ DOMAIN Q = 1 .. 3 /\ DOMAIN <<>> = {}
ASSUME Append(Q, 7) = <<4, 5, 6, 7>> /\ Append(<<>>, 1) = <<1>> /\ Q \o <<1>> = <<4, 5, 6, 1>> /\ <<>> \o Q = Q
ASSUME Sum(Q) = 15 /\ Sum(<<>>) = 0
ASSUME Head(Q) = 4 /\ Tail(Q) = <<5, 6>> /\ Tail(<<1>>) = <<>>
ASSUME SubSeq(Q, 2, 3) = <<5, 6>> /\ SubSeq(Q, 1, 0) = <<>> /\ SubSeq(Q, 3, 2) = <<>> /\ SubSeq(Q, 1, 3) = Q
ASSUME SelectSeq(Q, LAMBDA x : x # 5) = <<4, 6>> /\ SelectSeq(<<>>, LAMBDA x : TRUE) = <<>>
ASSUME Q \in Seq(4 .. 6) /\ Q \notin Seq({4}) /\ <<>> \in Seq({}) /\ <<1, 2>> # <<2, 1>> /\ <<1>> # <<1, 1>>
ASSUME Cardinality(S) = 3 /\ Cardinality({1, 1}) = 1 /\ Cardinality({}) = 0
ASSUME [i \in DOMAIN Q |-> Q[Len(Q) + 1 - i]] = <<6, 5, 4>> /\ {Q[i] : i \in DOMAIN Q} = 4 .. 6
=============================================================================
