// SPDX-License-Identifier: MIT

package model_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/tlc"
	"example.com/pernet/model"
)

func instanceOf(t *testing.T, name string) model.Instance {
	t.Helper()
	cfg, err := tlc.ReadCfg(filepath.Join("..", "spec"), name)
	if err != nil {
		t.Fatal(err)
	}
	in := cfg.Contract()
	if cfg.Err() != nil {
		t.Fatal(cfg.Err())
	}
	return in
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

// TestInvariantsHoldAfterEveryStep tests every state and every step of each instance.
func TestInvariantsHoldAfterEveryStep(t *testing.T) {
	cfgs, err := tlc.ListCfgs(filepath.Join("..", "spec"))
	if err != nil {
		t.Fatal(err)
	}
	cfgs = slices.DeleteFunc(cfgs, func(cfg string) bool { // the contract passes the others
		return !strings.HasPrefix(cfg, "MCregistry") || strings.Contains(cfg, "Bug") || strings.Contains(cfg, "Probe") ||
			strings.HasSuffix(cfg, "Claims.cfg") // has no instance of the contract
	})
	if len(cfgs) < 6 {
		t.Errorf("only %d instances", len(cfgs))
	}
	for _, cfg := range cfgs {
		t.Run(cfg, func(t *testing.T) {
			eachStep(instanceOf(t, cfg), func(from model.State, a model.Action, to model.State, ans model.Answer) {
				if broken := model.Broken(to, a, ans); broken != "" {
					t.Fatalf("%s does not hold in %s\nafter %v in %s", broken, to, a, from)
				}
			})
		})
	}
}

// TestPositiveAnswerBreaksUndoIsExact shows hazard H1, as MCregistryProbePositive does.
func TestPositiveAnswerBreaksUndoIsExact(t *testing.T) {
	in := instanceOf(t, "MCregistryProbePositive.cfg")
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
