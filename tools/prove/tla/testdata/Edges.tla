\* SPDX-License-Identifier: MIT
------------------------------- MODULE Edges -------------------------------
(* More of what each operator gives, as TLC says: at the ends of its domain, *)
(* nested, and beside the value that it must not give.                       *)
EXTENDS Integers, Sequences, FiniteSets

S == {1, 2, 3}
F == [i \in S |-> i + 10]
G == [x \in {"a", "b"} |-> IF x = "a" THEN 1 ELSE 2]
R == [at |-> "x", n |-> 3]
Q == <<4, 5, 6>>
Pairs == {<<1, 2>>, <<3, 1>>}
N == [x \in {"a", "b"} |-> [y \in {"c", "d"} |-> R]]
Fold(op(_), x) == op(op(x))
Through(op(_), x) == Fold(LAMBDA y : op(y), x) + 1
Both(op(_, _), x, y) == op(x, y) + op(y, x)
RECURSIVE Total(_)
Total(T) == IF T = {} THEN 0
            ELSE LET x == CHOOSE x \in T : \A y \in T : x <= y IN x + Total(T \ {x})
RECURSIVE Doubled(_)
Doubled(s) == IF s = <<>> THEN <<>> ELSE <<s[1], s[1]>> \o Doubled(Tail(s))
None == Head(<<>>) = 1

\* What decides it comes first; what has no value is not asked for.
ASSUME ~(FALSE /\ None) /\ (TRUE \/ None) /\ (FALSE => None)
ASSUME /\ ~(/\ FALSE
            /\ None)
       /\ \/ TRUE
          \/ None
ASSUME (IF TRUE THEN 1 ELSE Head(<<>>)) = 1 /\ (IF FALSE THEN Head(<<>>) ELSE 2) = 2
ASSUME (CASE TRUE -> 1 [] None -> 2) = 1 /\ (CASE FALSE -> 0 [] TRUE -> 1 [] OTHER -> 2) = 1 /\ (CASE TRUE -> 1 [] OTHER -> Head(<<>>)) = 1
ASSUME (\A x \in S : x > 0 \/ None) /\ (\E x \in S : x = 1 \/ None) /\ ~(\A x \in S : x > 1 /\ None)
ASSUME (TRUE = (1 = 1)) /\ ((1 = 2) = FALSE) /\ TRUE # FALSE /\ TRUE \in BOOLEAN /\ FALSE \in BOOLEAN /\ TRUE \notin {FALSE}
ASSUME ((1 = 1) <=> (2 = 2)) /\ ~((1 = 1) <=> (1 = 2)) /\ ~(~TRUE) /\ (FALSE \/ FALSE \/ TRUE) /\ ~(TRUE /\ TRUE /\ FALSE) /\ ~(FALSE \/ FALSE)

\* Numbers, also where they are no small ones.
ASSUME 191 + 1 = 192 /\ 192 # 191 /\ 192 - 1 = 191 /\ 190 + 1 = 191 /\ 250 + 250 = 500 /\ 500 # 501 /\ 1000 - 1 = 999
ASSUME -64 - 1 = -65 /\ -65 # -64 /\ -65 + 1 = -64 /\ -63 - 1 = -64 /\ -(-3) = 3 /\ -(0) = 0 /\ 5 - 5 = 0 /\ 5 - 0 = 5 /\ 0 - 5 = -5 /\ 0 + 5 = 5 /\ 5 + 0 = 5
ASSUME -2 < -1 /\ ~(-1 < -2) /\ -1 <= -1 /\ -2 <= -1 /\ ~(-1 <= -2) /\ 0 >= -1 /\ ~(-1 >= 0) /\ 1 > 0 /\ ~(0 > 1) /\ 200 > 199 /\ ~(199 > 200) /\ 3 >= 3
ASSUME 3 * 2 = 6 /\ 3 * (-2) = -6 /\ 3 * 0 = 0 /\ 1 * 1 = 1 /\ 2 * 3 # 5 /\ 2 * 3 # 7 /\ 2 + 2 # 5 /\ 3 - 1 # 3
ASSUME -1 \notin Nat /\ 0 \in Nat /\ 5 \in Nat /\ -1 \in Int /\ 7 \in Int
ASSUME 3 .. 3 = {3} /\ 1 .. 0 = {} /\ -1 .. 1 = {-1, 0, 1} /\ 2 .. 3 # {2} /\ 2 .. 3 # {3} /\ 0 .. 1 # {1, 2} /\ 1 \in 1 .. 2 /\ 2 \in 1 .. 2 /\ 0 \notin 1 .. 2 /\ 3 \notin 1 .. 2

\* Sets.
ASSUME {{1}, {2}} = {{2}, {1}} /\ {1} \in {{1}, {2}} /\ {3} \notin {{1}, {2}} /\ {{}} # {} /\ {} \in {{}} /\ {{1}, {1, 1}} = {{1}}
ASSUME {} = {} /\ {} # {1} /\ {1} # {} /\ {} \cup {} = {} /\ {} \cup {1} = {1} /\ {1} \cup {} = {1} /\ {1} \cup {1} = {1} /\ {1} \cap {2} = {} /\ {} \cap {1} = {} /\ {} \ {1} = {}
ASSUME {1} \subseteq {1} /\ ~({1, 2} \subseteq {1}) /\ {} \subseteq {} /\ ~({1} \subseteq {}) /\ S \subseteq Nat /\ ~({-1} \subseteq Nat)
ASSUME S \cap S = S /\ S \cap {1, 3, 5} = {1, 3} /\ S \ {1, 3} = {2} /\ S \cup {3, 4} = {1, 2, 3, 4} /\ S \ {} = S /\ {1, 2} \ {3} # {3}
ASSUME {x \in S : TRUE} = S /\ {x \in S : FALSE} = {} /\ {x \in S : x = 2} = {2} /\ {x \in S : x = 2} # S
ASSUME {x * 2 : x \in S} # S /\ {1 : x \in {}} = {} /\ {{x} : x \in {1, 2}} = {{1}, {2}} /\ {<<x, x>> : x \in {1}} = {<<1, 1>>}
ASSUME {<<x, y>> \in S \X S : x + y = 2} = {<<1, 1>>} /\ {x - y : <<x, y>> \in Pairs} = {-1, 2}
ASSUME {1} \X {2} \X {3} = {<<1, 2, 3>>} /\ <<1, 2, 3>> \in {1} \X S \X S /\ <<1, 2>> \notin {1} \X {2} \X {3} /\ {1} \X {} = {} /\ <<2, 1>> \notin {1} \X {2}
ASSUME {1} \X {2, 3} \X {4} = {<<1, 2, 4>>, <<1, 3, 4>>} /\ Cardinality(S \X S) = 9
ASSUME {S} \subseteq SUBSET S /\ ~({{4}} \subseteq SUBSET S) /\ S \in SUBSET S /\ {1, 4} \notin SUBSET S /\ {} \in SUBSET {} /\ {1} \notin SUBSET {}
ASSUME Cardinality({{1}, {2}, {1, 1}}) = 2 /\ Cardinality({x \in S : x > 1}) = 2 /\ Cardinality({1 : x \in S}) = 1 /\ Cardinality({1, 2} \cup {2, 3}) = 3 /\ Cardinality({{}}) = 1
ASSUME {R} \cap {R} = {R} /\ {R} \ {R} = {} /\ {G} \cap {G} = {G} /\ {G} \ {G} = {} /\ Cardinality({R, R}) = 1 /\ Cardinality({G, G}) = 1
ASSUME Cardinality({1, 2, 1, 2}) # 4 /\ Cardinality(S) # 2 /\ Cardinality({1, 2} \ {1}) = 1

\* Quantifiers and choices.
ASSUME (\A <<x, y>> \in {<<1, 2>>} : x < y) /\ ~(\E <<x, y>> \in {<<1, 2>>} : x > y) /\ (\E <<x, y>> \in Pairs : x > y) /\ ~(\A <<x, y>> \in Pairs : x > y)
ASSUME (\A <<x, y>> \in {<<1, 2>>}, z \in {3} : x + y = z) /\ (\E z \in {2}, <<x, y>> \in Pairs : y = z /\ x = 1) /\ ~(\E z \in {2}, <<x, y>> \in Pairs : x = z)
ASSUME (\A x \in S : \E y \in S : y >= x) /\ ~(\A x \in S : \E y \in S : y > x) /\ (\E x \in S : \A y \in S : y >= x) /\ ~(\E x \in S : \A y \in S : y > x)
ASSUME (\A x, y \in {} : FALSE) /\ ~(\E x \in S, y \in {} : TRUE) /\ (\E x, y \in S : x + y = 6) /\ ~(\E x, y \in S : x + y = 7)
ASSUME (CHOOSE <<x, y>> \in Pairs : x > y) = <<3, 1>> /\ (CHOOSE x \in {7} : TRUE) = 7 /\ (CHOOSE x \in S : x \notin {1, 3}) = 2 /\ (CHOOSE x \in {"a", "b"} : x # "a") = "b"
ASSUME (\A x \in S : (CHOOSE y \in S : y = x) = x) /\ (\A x \in S : {y \in S : y = x} = {x}) /\ (\A x \in S : {y \in S : y > 2} = {3}) /\ (\A x \in S : {x + y : y \in {1}} = {x + 1})
ASSUME (\A x \in S : [y \in {"a"} |-> x]["a"] = x) /\ (\A x \in S : [a |-> x].a = x) /\ (\A x \in S : <<x, 1>>[1] = x) /\ (\A x \in S : \A y \in {x} : y = x) /\ ~(\A x \in S : \E y \in {x} : y = 1)

\* Definitions.
ASSUME (\A z \in S : (LET h(x) == x + z IN h(1)) = z + 1) /\ (LET f(x) == LET g(y) == x + y IN g(1) IN f(2)) = 3 /\ (LET x == 1 IN LET y == x + 1 IN x + y) = 3
ASSUME (\A z \in S : (LET a == z b == a + a IN b - z) = z) /\ (\A z \in S : Fold(LAMBDA x : x + z, 0) = z + z) /\ (LET g(x) == x + 1 IN Fold(g, 1)) = 3
ASSUME Through(LAMBDA x : x + x, 1) = 5 /\ Both(LAMBDA x, y : x - y, 5, 3) = 0 /\ Both(LAMBDA x, y : x + x + y, 1, 2) = 9
ASSUME (\A z \in S : Through(LAMBDA x : x + z, 0) = z + z + 1) /\ (LET t == 2 IN Fold(LAMBDA x : x + t, 0)) = 4
ASSUME Total({}) = 0 /\ Total(S) = 6 /\ Total({5}) = 5 /\ Doubled(<<>>) = <<>> /\ Doubled(<<1, 2>>) = <<1, 1, 2, 2>>
ASSUME \A z \in S : LET T == {z, z + 1} IN Cardinality(T) = 2 /\ Total(T) = z + z + 1

\* Functions.
ASSUME [F EXCEPT ![1] = 0, ![2] = 5][1] = 0 /\ [F EXCEPT ![1] = 0, ![2] = 5][2] = 5 /\ [F EXCEPT ![1] = 0, ![2] = 5][3] = 13 /\ DOMAIN [F EXCEPT ![1] = 0] = S
ASSUME [F EXCEPT ![1] = [G EXCEPT !["a"] = @ + 5]["a"] + @][1] = 17 /\ [F EXCEPT ![1] = @ + [G EXCEPT !["a"] = @ + 5]["a"]][1] = 17
ASSUME [Q EXCEPT ![1] = 9] = <<9, 5, 6>> /\ [Q EXCEPT ![3] = @ + 1] = <<4, 5, 7>> /\ [Q EXCEPT ![1] = @ + 1, ![2] = @ - 1] = <<5, 4, 6>> /\ Q = <<4, 5, 6>>
ASSUME [G EXCEPT !["a"] = 1] = G /\ [G EXCEPT !["a"] = 2] # G /\ G["a"] = 1 /\ DOMAIN [G EXCEPT !["b"] = 1] = {"a", "b"} /\ [G EXCEPT !["b"] = 7]["a"] = 1
ASSUME [N EXCEPT !["a"]["c"].n = @ + 1]["a"]["c"].n = 4 /\ [N EXCEPT !["a"]["c"].n = 9]["a"]["d"].n = 3 /\ [N EXCEPT !["a"]["c"].n = 9]["b"]["c"].n = 3 /\ [N EXCEPT !["a"]["c"].n = 9]["a"]["c"].at = "x"
ASSUME [[a |-> [b |-> 1, c |-> 2]] EXCEPT !.a.b = @ + 1] = [a |-> [b |-> 2, c |-> 2]] /\ [[a |-> <<1, 2>>] EXCEPT !.a[2] = 3].a = <<1, 3>> /\ [<<R, R>> EXCEPT ![2].n = 0][2].n = 0
ASSUME [x \in {} |-> 1] = <<>> /\ <<>> = [x \in {} |-> 1] /\ DOMAIN [x \in {} |-> 1] = {} /\ [x \in {"a"} |-> 1] # <<>> /\ <<>> # [x \in {"a"} |-> 1] /\ [x \in {} |-> 1] = [x \in {} |-> 2]
ASSUME [x \in {1} |-> x] = <<1>> /\ [x \in {1, 2} |-> 3] = <<3, 3>> /\ [x \in {2, 3} |-> x][2] = 2 /\ DOMAIN [x \in {2, 3} |-> x] = {2, 3} /\ [x \in {2, 3} |-> x][3] = 3
ASSUME <<>> \in [{} -> S] /\ <<1, 2>> \in [1 .. 2 -> S] /\ <<1, 5>> \notin [1 .. 2 -> S] /\ <<5, 1>> \notin [1 .. 2 -> S] /\ <<1>> \notin [1 .. 2 -> S] /\ <<1, 1, 1>> \notin [1 .. 2 -> S]
ASSUME G \in [{"a", "b"} -> {1, 2}] /\ G \notin [{"a", "b"} -> {1}] /\ G \notin [{"a", "b"} -> {2}] /\ G \notin [{"a", "b", "c"} -> S] /\ F \notin [{1, 2} -> 11 .. 13] /\ N["a"] \in [{"c", "d"} -> {R}]
ASSUME [x \in {"a"} |-> {x}]["a"] = {"a"} /\ [x \in Pairs |-> x[1]][<<3, 1>>] = 3 /\ [<<x, y>> \in Pairs |-> x - y][<<3, 1>>] = 2 /\ [x \in {{1}} |-> 5][{1, 1}] = 5

\* Records and sequences.
ASSUME [a |-> 1] # [b |-> 1] /\ [a |-> 1, b |-> 2] # [a |-> 1] /\ [a |-> 1, b |-> 2] = [b |-> 2, a |-> 1] /\ [a |-> 1, b |-> 2] # [a |-> 2, b |-> 1] /\ [a |-> 1].a = 1
ASSUME [b |-> 2, a |-> "x"] \in [a : {"x"}, b : S] /\ [b |-> 4, a |-> "x"] \notin [a : {"x"}, b : S] /\ [b |-> 2, a |-> "y"] \notin [a : {"x"}, b : S] /\ [a |-> 1] \notin [b : {1}] /\ [a |-> 1] \in [a : {1}]
ASSUME [b |-> 1, a |-> 2, c |-> 3].a = 2 /\ [b |-> 1, a |-> 2, c |-> 3].b = 1 /\ [b |-> 1, a |-> 2, c |-> 3].c = 3 /\ R["n"] = 3 /\ [R EXCEPT !["n"] = 1].n = 1 /\ DOMAIN [b |-> 1, a |-> 2] = {"a", "b"}
ASSUME [R EXCEPT !.at = "z", !.n = @ - 1] = [at |-> "z", n |-> 2] /\ [R EXCEPT !.n = 3] = R /\ [R EXCEPT !.n = 4] # R /\ R = [at |-> "x", n |-> 3]
ASSUME Len(<<1>>) = 1 /\ Len(Q) # 2 /\ Len(Append(Q, 1)) = 4 /\ Len(Q \o Q) = 6 /\ Len(Tail(Q)) = 2 /\ Append(<<1>>, 2) # <<2, 1>> /\ <<1>> \o <<2>> \o <<3>> = <<1, 2, 3>> /\ <<>> \o <<>> = <<>>
ASSUME <<1, 2>> \o <<3>> # <<3, 1, 2>> /\ Append(<<1>>, <<2>>) = <<1, <<2>>>> /\ Q \o <<>> = Q /\ LET p == <<1, 2>> q == Append(p, 3) r == Append(p, 4) IN q = <<1, 2, 3>> /\ r = <<1, 2, 4>> /\ p = <<1, 2>>
ASSUME LET p == SubSeq(Q, 1, 2) q == Append(p, 9) IN Q = <<4, 5, 6>> /\ q = <<4, 5, 9>>
ASSUME SubSeq(Q, 2, 2) = <<5>> /\ SubSeq(Q, 3, 3) = <<6>> /\ SubSeq(Q, 1, 1) = <<4>> /\ SubSeq(<<>>, 1, 0) = <<>> /\ SubSeq(Q, 4, 3) = <<>> /\ SubSeq(Q, 1, 2) = <<4, 5>> /\ SubSeq(Q, 2, 1) = <<>>
ASSUME Head(<<1>>) = 1 /\ Head(Q) # 5 /\ Tail(<<1, 2>>) = <<2>> /\ Tail(<<1, 2>>) # <<1>> /\ Head(Tail(Q)) = 5 /\ Tail(Tail(Q)) = <<6>>
ASSUME SelectSeq(Q, LAMBDA x : TRUE) = Q /\ SelectSeq(Q, LAMBDA x : FALSE) = <<>> /\ SelectSeq(Q, LAMBDA x : x > 4) = <<5, 6>> /\ (\A z \in Q[1] .. 5 : SelectSeq(Q, LAMBDA x : x = z) = <<z>>)
ASSUME <<1>> \in Seq({1}) /\ <<1, 2>> \notin Seq({1}) /\ <<2, 1>> \notin Seq({1}) /\ <<>> \in Seq(S) /\ Q[3] = 6 /\ Q[2] = 5 /\ <<"a", 1>>[2] = 1 /\ <<1>> # <<2>> /\ <<>> # <<1>> /\ <<1>> # <<>>
ASSUME {R.n, R.n} = {3} /\ {<<1>>, <<1>>} = {<<1>>} /\ {R} = {[n |-> 3, at |-> "x"]} /\ <<{1}, {2}>> = <<{1}, {2}>> /\ <<{1}>> # <<{2}>> /\ "" # "a" /\ "ab" = "ab"
=============================================================================
