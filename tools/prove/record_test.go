// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"testing"

	"example.com/pernet/tools/prove/tla"
)

// TestDigestSeesEachPartOfAQuestion: an assumption, an axiom, a goal or a name that is another, is
// missing or is more, also among what is put aside, makes other questions. Else the record would stand for what was never asked.
func TestDigestSeesEachPartOfAQuestion(t *testing.T) {
	tla.Forget()
	m := &tla.Machine{}
	p, q, r := m.Declare(tla.Bool, "p"), m.Declare(tla.Bool, "q"), m.Declare(tla.Bool, "r")
	plan := func() *Plan {
		return &Plan{Batches: []Batch{
			{Axioms: []*tla.Term{p}, Rest: []*tla.Term{q}, Queries: []Query{{Kind: Consecution, Action: "A", Claim: "C", Given: []*tla.Term{p}, Goal: p}, {Kind: Consecution, Action: "A", Claim: "D", Given: []*tla.Term{p}, Goal: p}}},
			{Axioms: []*tla.Term{p}, Rest: []*tla.Term{q}, Queries: []Query{{Kind: Reach, Action: "B", Given: []*tla.Term{p}, Goal: p}}},
		}}
	}
	want, err := plan().digest()
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(b *Batch){
		"an axiom is another":  func(b *Batch) { b.Axioms[0] = q },
		"an axiom is missing":  func(b *Batch) { b.Axioms = nil },
		"an axiom more":        func(b *Batch) { b.Axioms = append(b.Axioms, q) },
		"the rest is another":  func(b *Batch) { b.Rest[0] = r },
		"the rest is missing":  func(b *Batch) { b.Rest = nil },
		"a given is another":   func(b *Batch) { b.Queries[0].Given[0] = q },
		"a given is missing":   func(b *Batch) { b.Queries[0].Given = nil },
		"a goal is another":    func(b *Batch) { b.Queries[len(b.Queries)-1].Goal = q },
		"an action is another": func(b *Batch) { b.Queries[0].Action = "X" },
		"a claim is another":   func(b *Batch) { b.Queries[len(b.Queries)-1].Claim = "X" },
		"a kind is another":    func(b *Batch) { b.Queries[0].Kind = Implication },
		"a question more":      func(b *Batch) { b.Queries = append(b.Queries, b.Queries[0]) },
	} {
		for i := range plan().Batches {
			other := plan()
			change(&other.Batches[i])
			if now, err := other.digest(); err != nil || now == want {
				t.Errorf("batch %d, %s: the digest is the same, %v", i, name, err)
			}
		}
	}
	for i := range plan().Batches {
		other := plan()
		other.Batches = append(other.Batches[:i], other.Batches[i+1:]...)
		if now, err := other.digest(); err != nil || now == want {
			t.Errorf("without batch %d the digest is the same, %v", i, err)
		}
	}
}

// The questions are those that the record says are answered. A change of the
// evaluator that changes none of them changes no proof.
func TestQuestionsAreThoseOfTheRecord(t *testing.T) {
	if os.Getenv("PROVE_QUESTIONS") == "" {
		t.Skip("needs Java and a record that is up to date: PROVE_QUESTIONS=1")
	}
	for _, target := range targets {
		tla.Forget()
		if err := serve(t.Context(), "../../spec", target, t.Output()); err != nil {
			t.Errorf("%s: %v", target.Name, err)
		}
	}
}
