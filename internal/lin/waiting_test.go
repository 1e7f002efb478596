// SPDX-License-Identifier: MIT

package lin

import (
	"math/rand/v2"
	"slices"
	"testing"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// TestWaitingNamesTheDeadNetsWithoutACleanup, where each call has returned: those of the state in which a simulation
// has ended.
func TestWaitingNamesTheDeadNetsWithoutACleanup(t *testing.T) {
	for _, d := range []model.Discipline{model.Mutex, model.RWSem} {
		waiting, none := 0, 0
		for seed := range uint64(400) {
			r := rand.New(rand.NewPCG(seed, 5))
			s := newSimulation(d, seed, 3, []string{wire.RegisterSubsys, wire.UnregisterSubsys, wire.Copy, wire.Copy, wire.Get, wire.Put, wire.Put, wire.Hold, wire.Release})
			s.there = true
			s.run(5+r.IntN(40), false)
			for i, c := range s.clients {
				for c.op != nil && !(c.op.Op == wire.Cleanup && c.taken == 0) {
					s.turn(i)
				}
			}
			want := each(s.dying(), s.names.netName)
			ops := forget(r, s.finish(), 20)
			c, err := checkAs(t.Context(), d, ops, nil)
			if err != nil || c.result.Verdict != Linearizable {
				t.Fatal(d, seed, err, c.result)
			}
			got := c.Waiting()
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Fatalf("%s, seed %d: %q, want %q", d, seed, got, want)
			}
			waiting, none = waiting+min(1, len(got)), none+1-min(1, len(got))
		}
		if waiting < 20 || none < 20 {
			t.Errorf("%s: in %d histories nets wait, in %d none", d, waiting, none)
		}
	}
}

// TestWaitingKnowsNothingOfOtherHistories: not where a call has never returned, nor where no order explains the answers.
func TestWaitingKnowsNothingOfOtherHistories(t *testing.T) {
	dead := []wire.Line{{Op: wire.Copy, Net: "n", From: wire.InitNet}, {Op: wire.Put, Net: "n", Call: 1, Return: 1}}
	for name, last := range map[string]wire.Line{
		"a cleanup that never returned": {Client: wire.Worker, Op: wire.Cleanup, Call: 2, Never: true},
		"a put without a reference":     {Op: wire.Put, Net: "n", Call: 2, Return: 2},
	} {
		c, err := checkAs(t.Context(), model.Mutex, append(slices.Clone(dead), last), nil)
		if err != nil || c.Waiting() != nil {
			t.Errorf("%s: %q, %v", name, c.Waiting(), err)
		}
	}
	if c, err := checkAs(t.Context(), model.Mutex, dead, nil); err != nil || !slices.Equal(c.Waiting(), []string{"n"}) {
		t.Errorf("%q, %v", c.Waiting(), err)
	}
}
