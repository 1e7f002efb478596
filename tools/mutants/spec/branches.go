// SPDX-License-Identifier: MIT

package spec

import "strings"

// branches makes each IF take one branch always, and gives each arm of a CASE the value of
// the OTHER one; where that is a step, the arm allows any.
func (mu *mutator) branches(d *definition) {
	text := func(n *node) string { return oneLine(blank(mu.src)[n.start:n.end]) }
	d.body.walk(func(n, _ *node) {
		last := len(n.kids) - 1
		switch n.kind {
		case choice:
			for _, kid := range n.kids[1:] {
				mu.add(d, kindBranch, n, n.start, n.end, mu.only(kid, n), false)
			}
		case arms:
			for i := 1; i < last; i += 2 {
				with := text(n.kids[last])
				if strings.HasPrefix(with, "R!") && with != "R!NoAnswer" {
					with = "TRUE"
				}
				if with == "TRUE" && n.kids[i].kind == and { // its operands are dropped one by one
					continue
				}
				mu.add(d, kindBranch, n.kids[i], n.kids[i].start, n.kids[i].end, with, false)
			}
		}
	})
}

// only is the text of n with nothing in it but kid, where it stands.
func (mu *mutator) only(kid, n *node) string {
	text := []byte(mu.src[n.start:n.end])
	for i, c := range text {
		if at := n.start + i; c != '\n' && (at < kid.start || at >= kid.end) {
			text[i] = ' '
		}
	}
	return string(text)
}

// fairness makes strong fairness weak, and the whole TRUE or so much that even who is idle must go on.
func (mu *mutator) fairness(d *definition) {
	d.body.walk(func(n, _ *node) {
		if n.kind == call && strings.HasPrefix(n.name, "SF_") {
			mu.add(d, kindFairness, n, n.start, n.start+len(n.name), "WF"+n.name[2:], false)
		}
	})
	if d.body.kind != and {
		mu.add(d, kindFairness, d.body, d.body.start, d.body.end, "TRUE", false)
		return
	}
	mu.add(d, kindFairness, d.body, d.body.start, d.body.end, "("+oneLine(blank(mu.src)[d.body.start:d.body.end])+`) /\ WF_vars(Next)`, false)
}
