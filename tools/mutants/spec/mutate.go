// SPDX-License-Identifier: MIT

package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.com/pernet/tools/mutants/campaign"
)

// The kinds of mutants.
const (
	kindGuard     = "guard"     // a conjunct that reads the state, or a whole predicate, is TRUE
	kindUnchanged = "unchanged" // a step leaves a variable as it is
	kindExcept    = "except"    // a clause of an EXCEPT is dropped
	kindBranch    = "branch"    // an IF takes one branch always, a CASE has an arm less
	kindSilent    = "silent"    // a step answers nothing
	kindFairness  = "fairness"  // a part of the fairness is TRUE, or weak for strong, or all of it asks for more
	kindConjunct  = "conjunct"  // a conjunct of an invariant or property is TRUE
	kindWhole     = "whole"     // all of one is TRUE
)

// A mutant is one change of the module: from start to end it says with instead.
type mutant struct {
	campaign.Mutant
	definition string
	start, end int
	with       string
	from       string   // what stood there, in one line
	claims     []string // the invariants and properties that it is part of; none for a step
	weakens    bool     // it makes a claim weaker: no state that is reached can show it
	near       string   // what stands around it: a fault that replaces some of this is sharp
}

// apply changes src. Spaces fill up what was longer, so that each bullet after
// it stays in its column.
func (m mutant) apply(src string) string {
	if len(m.with) == m.end-m.start { // what is left of it stands where it stood
		return src[:m.start] + m.with + src[m.end:]
	}
	filled := []byte(m.with)
	for i := m.start; i < m.end; i++ {
		switch at := i - m.start; {
		case at >= len(filled) && src[i] != '\n':
			filled = append(filled, ' ')
		case at >= len(filled):
			filled = append(filled, '\n')
		}
	}
	if line, _, more := strings.Cut(src[m.start:m.end], "\n"); more && len(m.with) > len(line) { // what follows it on its last line
		last := src[strings.LastIndexByte(src[:m.end], '\n')+1 : m.end]
		filled = []byte(m.with + strings.Repeat("\n", strings.Count(src[m.start:m.end], "\n")) + strings.Repeat(" ", len(last)))
	}
	return src[:m.start] + string(filled) + src[m.end:]
}

// standsStill are the operators that change a variable to what the caller
// gives: the argument that does so, and what it would be if nothing changed.
var standsStill = map[string]struct {
	argument int
	same     func(args []string) string
}{
	"Move": {1, sameThread}, "Step": {1, sameThread},
	"Lock": {1, sameThread}, "Unlock": {1, sameThread},
	"RtnlLock": {1, sameThread}, "RtnlUnlock": {1, sameThread},
	"RunInit": {1, sameThread}, "RunExit": {1, sameThread},
	"Queue":    {2, sameThread},
	"AddCount": {1, nothing}, "AddUse": {1, nothing},
	"SetPhase": {1, func(args []string) string { return "phase[" + args[0] + "]" }},
}

// saysNothing is what a step that answers is like when it does not.
var saysNothing = map[string]string{
	"SaysOps": "answer' = R!NoAnswer /\\ UNCHANGED call",
	"SaysNet": "answer' = R!NoAnswer /\\ UNCHANGED call",
}

func sameThread(args []string) string { return "thread[" + args[0] + "]" }
func nothing([]string) string         { return "0" }

// A mutator knows what each definition is there for.
type mutator struct {
	file, src string
	defs      []*definition
	primes    map[string]bool     // those that are steps, or parts of one
	inSteps   map[string]bool     // those that Next is made of
	claimedBy map[string][]string // of all others: the invariants and properties that they are part of
	isAction  map[string]bool     // of properties: the ones of steps or of behaviours
	mutants   []mutant
}

// mutate gives every mutant of a module, of which next is made of all steps, given what the cfgs check of it
// and the text of the module that it extends, if that is one of ours.
func mutate(file, src, extended, next string, invariants, properties []string) ([]mutant, error) {
	defs, err := parseModule(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	below, err := parseModule(extended)
	if err != nil {
		return nil, err
	}
	mu := &mutator{file: file, src: src, defs: defs, primes: steps(slices.Concat(defs, below)), inSteps: reach(defs, next),
		claimedBy: map[string][]string{}, isAction: map[string]bool{}}
	for _, claim := range slices.Concat(invariants, properties) {
		for name := range reach(defs, claim) {
			if !mu.inSteps[name] {
				mu.claimedBy[name] = append(mu.claimedBy[name], claim)
			}
		}
		mu.isAction[claim] = slices.Contains(properties, claim)
	}
	for _, d := range defs {
		switch {
		case strings.HasPrefix(d.name, "Fair"):
			mu.conjuncts(d, kindFairness)
			mu.fairness(d)
		case mu.inSteps[d.name]:
			mu.conjuncts(d, kindGuard)
			mu.whole(d, kindGuard)
			mu.assignments(d)
			mu.branches(d)
		case len(mu.claimedBy[d.name]) > 0:
			mu.conjuncts(d, kindConjunct)
			mu.whole(d, kindWhole)
			mu.branches(d)
		}
	}
	return mu.mutants, nil
}

// add makes a mutant, if it changes anything and is not there already. Its hash
// is of what the definition then says.
func (mu *mutator) add(d *definition, kind string, n *node, start, end int, with string, weakens bool) {
	m := mutant{definition: d.name, start: start, end: end, with: with, near: d.around(mu.src, start, end),
		from: oneLine(blank(mu.src)[start:end]), claims: mu.claimedBy[d.name], weakens: weakens}
	if m.from == oneLine(with) {
		return
	}
	from := m.from
	if r := []rune(from); len(r) > 90 {
		from = string(r[:87]) + "..."
	}
	changed := mutant{start: start - d.head, end: end - d.head, with: with}.apply(d.text(mu.src))
	sum := sha256.Sum256([]byte(oneLine(blank(changed))))
	m.Mutant = campaign.Mutant{File: mu.file, At: strconv.Itoa(n.first.line), Kind: kind, Hash: hex.EncodeToString(sum[:4]),
		What: fmt.Sprintf("%s: %s -> %s", d.name, from, oneLine(with))}
	if !slices.ContainsFunc(mu.mutants, func(o mutant) bool { return o.Hash == m.Hash && o.definition == m.definition }) {
		mu.mutants = append(mu.mutants, m)
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// conjuncts drops each operand of each /\; in a step only what reads the state.
func (mu *mutator) conjuncts(d *definition, kind string) {
	positive := map[*node]bool{}
	if slices.Contains(mu.claimedBy[d.name], d.name) {
		d.body.positive(positive)
	}
	d.body.walk(func(n, parent *node) {
		if n.kind != and || parent != nil && parent.kind == and {
			return
		}
		for _, operand := range n.operands() {
			if kind != kindGuard || !mu.isStep(d, operand) {
				mu.add(d, kind, operand, operand.start, operand.end, "TRUE", positive[operand])
			}
		}
	})
}

// isStep tells whether a node of d says what a variable will be.
func (mu *mutator) isStep(d *definition, n *node) bool {
	return slices.ContainsFunc(d.tokens, func(t token) bool {
		return n.start <= t.start && t.start < n.end && (t.text == "'" || t.text == "UNCHANGED" || mu.primes[t.text])
	})
}

// whole makes all of a predicate TRUE. A step has no whole that could be that.
func (mu *mutator) whole(d *definition, kind string) {
	claim, isClaim := mu.isAction[d.name]
	switch {
	case isClaim && claim:
		mu.add(d, kind, d.body, d.body.start, d.body.end, "[][TRUE]_vars", true)
	case isClaim, !mu.primes[d.name] && isPredicate(d.body):
		mu.add(d, kind, d.body, d.body.start, d.body.end, "TRUE", isClaim)
	}
}

// isPredicate goes by the sign that binds least. A conjunction whose operands
// are dropped one by one is none here.
func isPredicate(n *node) bool {
	return n.kind == or || n.kind == plain && slices.ContainsFunc(n.signs, func(s string) bool {
		return slices.Contains([]string{"=", "#", "<", ">", "<=", ">=", `\in`, `\notin`, `\subseteq`, "~", "=>", "<=>", `\A`, `\E`}, s)
	})
}

// assignments leaves each variable of a step as it is, once.
func (mu *mutator) assignments(d *definition) {
	d.body.walk(func(n, parent *node) {
		still, known := standsStill[n.name]
		switch {
		case n.kind == assign:
			mu.add(d, kindUnchanged, n, n.kids[0].start, n.kids[0].end, n.name, false)
		case n.kind == call && known:
			var args []string
			for _, kid := range n.kids {
				args = append(args, oneLine(mu.src[kid.start:kid.end]))
			}
			kid := n.kids[still.argument]
			mu.add(d, kindUnchanged, n, kid.start, kid.end, still.same(args), false)
		case n.kind == call && saysNothing[n.name] != "":
			mu.add(d, kindSilent, n, n.start, n.end, saysNothing[n.name], false)
		case n.kind == except && len(n.kids) > 2:
			for i := 1; i < len(n.kids); i++ { // with the comma, or the EXCEPT, before it
				from, end := n.kids[i-1].end, n.kids[i].end
				if i == 1 {
					from, end = n.kids[1].start, n.kids[2].start
				}
				mu.add(d, kindExcept, n.kids[i], from, end, "", false)
			}
		case n.kind == except && (parent == nil || parent.kind != assign):
			base := mu.src[n.kids[0].start:n.kids[0].end]
			mu.add(d, kindExcept, n, n.start, n.end, base, false)
		}
	})
}

// steps are the definitions that say what a variable will be, and those that
// are made of one.
func steps(defs []*definition) map[string]bool {
	found := map[string]bool{}
	for before := -1; before < len(found); {
		before = len(found)
		for _, d := range defs {
			if d.has("'", "UNCHANGED") || slices.ContainsFunc(d.tokens, func(t token) bool { return found[t.text] }) {
				found[d.name] = true
			}
		}
	}
	return found
}

// reach gives a definition and all that it is made of.
func reach(defs []*definition, name string) map[string]bool {
	found := map[string]bool{}
	todo := []string{name}
	for len(todo) > 0 {
		name, todo = todo[0], todo[1:]
		i := slices.IndexFunc(defs, func(d *definition) bool { return d.name == name })
		if i < 0 || found[name] {
			continue
		}
		found[name] = true
		for _, t := range defs[i].tokens {
			todo = append(todo, t.text)
		}
	}
	return found
}
