// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"testing"

	"example.com/pernet/tools/prove/tla"
)

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
