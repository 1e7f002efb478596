// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"example.com/pernet/tools/prove/sany"
	"example.com/pernet/tools/prove/tla"
)

var attempts = Target{
	Name: "Attempts", Module: "Attempts", Types: "Types", Inductive: "Inductive", Implied: "Implied", Steps: "Steps", Plain: "Plain", Init: "Init", Next: "Next",
	Sorts: map[string]string{"Threads": "set Thread", "Nobody": "Thread", "Things": "set Item", "NoThing": "Item"},
}

// needSolver skips a test that asks a solver, unless make prove-ties asks for it.
func needSolver(t *testing.T) *Solver {
	if os.Getenv("PERNET_LONG") == "" {
		t.Skip("asks a solver: PERNET_LONG=1")
	}
	s, err := FindSolver(t.Context(), os.Getenv("PROVE_SOLVER"), 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The specification of testdata/Attempts.tla is proved; with any of its wrong
// operators in the place of the right one it is not.
func TestAWrongSpecificationIsNotProved(t *testing.T) {
	solver := needSolver(t)
	if _, err := exec.LookPath("java"); err != nil {
		t.Skip(err)
	}
	spec, err := ReadSpec(t.Context(), "testdata", attempts.Module)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, with, want string }{
		{"", "", "proved"},
		{"Implied", "MoreImplied", "proved"},
		{"Steps", "MoreSteps", "proved"},
		{"IsFree", "AlwaysFree", "refuted: step Lock/1 OneBusy"},
		{"MayAdd", "AddAgain", "refuted: obligation"},
		{"MayAdd", "NeverAdd", "no state takes this way"},
		{"BusyHasThing", "NoThingKnown", "refuted"},
		{"CountIsOne", "HalfCounted", "refuted: step Add/1 Attempts"},
		{"OneBusy", "AnyOwner", "proved"}, // nothing else rests on it
		{"Implied", "TooMuch", "refuted: implied"},
		{"Implied", "NeverTwo", "refuted: implied"},
		{"Implied", "OfTheFirst", "refuted: obligation"},
		{"Implied", "WhereItIs", "refuted: obligation"},
		{"Implied", "OfTheOwner", "refuted: obligation"},
		{"Implied", "AnyMore", "refuted: obligation"},
		{"Implied", "AfterLast", "refuted: obligation"},
		{"Implied", "BeyondTheEnd", "error: Attempts.tla"},
		{"Implied", "AllTheSame", "refuted: obligation"},
		{"Implied", "AsManyBoth", "refuted: implied"},
		{"Implied", "TurnedRound", "error: Attempts.tla"},
		{"Implied", "OneBusyAlways", "refuted: implied"},
		{"Steps", "NoneBusier", "refuted: step"},
		{"Left", "Two", "refuted: step Take/2"},
		{"Busy", "FieldMissing", "error"},
		{"Busy", "FieldMore", "error"},
		{"Busy", "WrongField", "refuted: step Lock/1 Types"},
		{"Added", "Doubled", "refuted: obligation"},
		{"Added", "BothEnds", "refuted: obligation"},
		{"Added", "NotThere", "refuted: step Add/1 Types"},
		{"Idle", "StartsBusy", "refuted: init"},
		{"Steps", "Jump", "refuted: step Add/1"},
		{"Steps", "AtMostOne", "refuted: obligation"},
		{"Next BusyHasThing", "PutOrSpoil KnowsFirst", "refuted: step Spoil/1 CountIsOne"},
		{"Implied", "AddedFirst", "refuted: implied"},
		{"MayAdd BusyHasThing Implied", "AddAgain BusyAndLast NoDoubles", "refuted: obligation"},
	} {
		t.Run(c.old+" "+c.with, func(t *testing.T) {
			got, err := attempt(t.Context(), solver, c.old, c.with, spec)
			if err != nil {
				got = "error: " + err.Error()
			}
			if !strings.Contains(got, c.want) || c.want != "proved" && strings.HasSuffix(got, "proved") {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// attempt is what becomes of the proof with another operator: what it says first.
func attempt(ctx context.Context, solver *Solver, old, with string, spec *sany.Spec) (string, error) {
	m, err := tla.Symbolic(spec, attempts.Sorts, spec.Defs[attempts.Types].Body)
	if err != nil {
		return "", err
	}
	for i, name := range strings.Fields(with) {
		m.Override[spec.Defs[strings.Fields(old)[i]]] = spec.Defs[name]
	}
	var out strings.Builder
	r, err := prove(ctx, options{workers: 1}, m, attempts, solver, &out)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(out.String()) + " " + r.Verdict, nil
}
