// SPDX-License-Identifier: MIT

package spec

import "strings"

// The kinds of nodes that mutants are made of. All else is plain.
const (
	plain  = ""
	and    = `/\`
	or     = `\/`
	assign = "'"      // x' = e: name is x, the one kid e
	call   = "()"     // F(a, b): name is F, the kids are the arguments
	except = "EXCEPT" // [f EXCEPT !a = b, !c = d]: the kids are f and the clauses
	choice = "IF"     // the kids are the condition and the two branches
	arms   = "CASE"   // the kids are a condition and a value in turn, OTHER last
)

// A node is an expression: as much of its structure as mutants need.
type node struct {
	kind       string
	name       string
	first      token
	start, end int
	kids       []*node
	signs      []string // of a plain one: its tokens that are in no kid
}

// walk visits n and all below it, outermost first, each with its parent.
func (n *node) walk(visit func(n, parent *node)) { n.under(nil, visit) }

func (n *node) under(parent *node, visit func(n, parent *node)) {
	visit(n, parent)
	for _, kid := range n.kids {
		kid.under(n, visit)
	}
}

// operands are those of a conjunction; of one that is an operand itself, its own.
func (n *node) operands() []*node {
	var all []*node
	for _, kid := range n.kids {
		if kid.kind == and {
			all = append(all, kid.operands()...)
		} else {
			all = append(all, kid)
		}
	}
	return all
}

// positive finds the nodes below n, and n, of which the weaker makes all of n
// weaker: those under no negation, at no left of an arrow, in no set.
func (n *node) positive(found map[*node]bool) {
	found[n] = true
	last := len(n.kids) - 1
	signs := strings.Join(n.signs, " ")
	var kids []*node
	switch {
	case n.kind == and || n.kind == or:
		kids = n.kids
	case n.kind != plain || last < 0:
	case signs == "=>", signs == `\A`, signs == `\E`, signs == "" && n.first.text == "LET":
		kids = n.kids[last:]
	case signs == "" && n.first.text == "(", signs == "[] _vars":
		kids = n.kids
	case signs == "" && n.first.text == "[" && last == 0: // of [][ ]_vars, nothing else comes here
		kids = n.kids
	}
	for _, kid := range kids {
		kid.positive(found)
	}
}
