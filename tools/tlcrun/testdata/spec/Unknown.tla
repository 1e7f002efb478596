---- MODULE Unknown ----
EXTENDS Naturals
VARIABLE x
Init == x = Zero
Next == x' = One
====
