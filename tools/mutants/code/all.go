// SPDX-License-Identifier: MIT

package code

import (
	"context"
	"maps"
	"slices"
	"time"

	"example.com/pernet/tools/mutants/campaign"
)

// Packages are those that campaigns change, by the folder of their module: the
// registry and its contract, what judges them, what judges a run of TLC, and the
// evaluator of the proof. A file stands for itself alone.
var Packages = map[string][]string{
	"":      {"model", "impl", "internal/lin", "internal/graph", "internal/replay"},
	"tools": {"tools/compare", "tools/prove/tla", "tools/tlcrun/conclude.go", "tools/tlcrun/messages.go", "tools/tlcrun/result.go"},
}

// All returns a target of all Packages of the project at root.
func All(ctx context.Context, root, scratch string, bound time.Duration) (campaign.Target, error) {
	var all targets
	for _, module := range slices.Sorted(maps.Keys(Packages)) {
		t, err := New(ctx, root, module, scratch, bound, Packages[module]...)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// targets are one for each module.
type targets []*Target

// Mutants is campaign.Target's.
func (ts targets) Mutants(ctx context.Context) (all []campaign.Mutant, err error) {
	for _, t := range ts {
		some, err := t.Mutants(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// Start is campaign.Target's.
func (ts targets) Start(ctx context.Context, say func(string)) error {
	for _, t := range ts {
		if err := t.Start(ctx, say); err != nil {
			return err
		}
	}
	return nil
}

// of returns the target that the mutant is of.
func (ts targets) of(m campaign.Mutant) *Target {
	return ts[slices.IndexFunc(ts, func(t *Target) bool { _, ok := t.mutants[m.ID()]; return ok })]
}

// Try is campaign.Target's.
func (ts targets) Try(ctx context.Context, m campaign.Mutant, thorough bool, before campaign.Result) (campaign.Finding, error) {
	return ts.of(m).Try(ctx, m, thorough, before)
}

// Digest is campaign.Target's.
func (ts targets) Digest(m campaign.Mutant, f campaign.Finding) (string, error) {
	return ts.of(m).Digest(m, f)
}
