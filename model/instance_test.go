// SPDX-License-Identifier: MIT

package model_test

import (
	"path/filepath"
	"testing"

	"example.com/pernet/internal/contract"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/tlc"
	"example.com/pernet/model"
)

func instanceOf(t *testing.T, cfg string) (model.Instance, contract.Names) {
	t.Helper()
	in, names, err := contract.ReadInstance(filepath.Join("..", "spec", cfg))
	if err != nil {
		t.Fatal(err)
	}
	return in, names
}

// eachStep calls visit with every possible step of the instance, once for each, and
// returns the states.
func eachStep(in model.Instance, visit func(from model.State, a model.Action, to model.State, ans model.Answer)) []model.State {
	states := []model.State{in.Start()}
	seen := map[string]bool{string(states[0].AppendKey(nil)): true}
	for i := 0; i < len(states); i++ {
		from := states[i]
		in.Each(from, func(a model.Action) {
			to, ans, ok := from.Step(a)
			if !ok {
				return
			}
			visit(from, a, to, ans)
			if key := string(to.AppendKey(nil)); !seen[key] {
				seen[key] = true
				states = append(states, to)
			}
		})
	}
	return states
}

// eachInstance runs f as a test for each instance that the contract passes in the record.
func eachInstance(t *testing.T, f func(t *testing.T, row tlc.Row)) {
	r, err := tlc.ReadRecord(filepath.Join("..", "spec", "models.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	instances := 0
	for _, row := range r.Models {
		if row.Module == "MCregistry" && row.Verdict == tlc.Pass {
			instances++
			t.Run(row.Cfg, func(t *testing.T) { f(t, row) })
		}
	}
	if instances < 6 {
		t.Errorf("the record has only %d instances", instances)
	}
}

// TestInvariantsHoldAfterEveryStep tests every state and every step of each instance.
func TestInvariantsHoldAfterEveryStep(t *testing.T) {
	eachInstance(t, func(t *testing.T, row tlc.Row) {
		in, _ := instanceOf(t, row.Cfg)
		eachStep(in, func(from model.State, a model.Action, to model.State, ans model.Answer) {
			if broken := model.Broken(to, a, ans); broken != "" {
				t.Fatalf("%s does not hold in %s\nafter %v in %s", broken, to, a, from)
			}
		})
	})
}

// TestCountsEqualTLC compares the number of states, of steps and the depth.
func TestCountsEqualTLC(t *testing.T) {
	eachInstance(t, func(t *testing.T, row tlc.Row) {
		in, names := instanceOf(t, row.Cfg)
		g, err := contract.Build(t.Context(), in, names)
		if err != nil {
			t.Fatal(err)
		}
		states, generated, depth := len(g.States), g.Edges()+1, depthOf(g)
		if int64(states) != row.Distinct || int64(generated) != row.Generated || depth != row.Depth {
			t.Errorf("%d states, %d generated, depth %d; TLC has %d, %d, %d", states, generated, depth, row.Distinct, row.Generated, row.Depth)
		}
	})
}

// depthOf returns the most states on a shortest way from the initial one.
func depthOf(g *graph.Graph[string]) (deepest int) {
	depth := make([]int, len(g.States))
	depth[0] = 1
	g.Walk(func(at int32) bool {
		deepest = max(deepest, depth[at])
		for _, e := range g.Out[at] {
			if depth[e.To] == 0 {
				depth[e.To] = depth[at] + 1
			}
		}
		return true
	})
	return deepest
}

// TestPositiveAnswerBreaksUndoIsExact shows hazard H1, as MCregistryProbePositive does.
func TestPositiveAnswerBreaksUndoIsExact(t *testing.T) {
	in, _ := instanceOf(t, "MCregistryProbePositive.cfg")
	broken := map[string]int{}
	eachStep(in, func(_ model.State, a model.Action, to model.State, ans model.Answer) {
		broken[model.Broken(to, a, ans)]++
		if model.Broken(to, a, ans) != "" && ans.Err != 1 {
			t.Errorf("%v returns %v", a, ans)
		}
	})
	if broken["UndoIsExact"] == 0 || len(broken) != 2 {
		t.Errorf("invariants broken, and how often: %v", broken)
	}
}

// TestHashSpreads tests that no two of some thousand states share a hash, and that every
// bit of it varies, so that any of its bits can index a table.
func TestHashSpreads(t *testing.T) {
	var bits [64]int
	all := 0
	for _, in := range []model.Instance{{Ops: 2, Nets: 2, Copies: 1, MaxCount: 2, MaxUse: 1}, {Ops: 3, NoNetNS: true, NoExit: []model.OpsID{2}}} {
		seen := map[uint64]string{}
		for _, s := range eachStep(in, func(model.State, model.Action, model.State, model.Answer) {}) {
			if other, ok := seen[s.Hash()]; ok {
				t.Fatalf("the same hash:\n%s\n%s", s, other)
			}
			seen[s.Hash()] = s.String()
			for b := range bits {
				bits[b] += int(s.Hash() >> b & 1)
			}
		}
		all += len(seen)
	}
	for b, ones := range bits {
		if share := float64(ones) / float64(all); all < 1000 || share < 0.4 || share > 0.6 {
			t.Errorf("bit %d is set in %.2f of %d states", b, share, all)
		}
	}
}
