// SPDX-License-Identifier: MIT

package spec

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"example.com/pernet/internal/tlc"
	"example.com/pernet/tools/tlcrun"
)

const (
	module   = "netns"
	specFile = module + ".tla"
)

// Ladder is the order in which the instances that pass are tried, the cheapest
// and the sharpest first; those that are not named here come last. Where the
// state graph is compared with the code's, its digest is the one in the record,
// which is that of both: a mutant with that digest has the code's graph.
var Ladder = []string{
	"MCnetnsCancel.cfg", "MCnetnsNoNetNs.cfg", "MCnetnsPositive.cfg", "MCnetnsBoot.cfg", "MCnetns3nets.cfg",
	"MCnetnsBarrier.cfg", "MCnetnsBarrierCancel.cfg",
	"MCnetnsRefineSpec.cfg", "MCnetnsRefineNoNetNs.cfg", "MCnetnsRefineBoot.cfg",
	"MCnetnsNoCallbacks.cfg", "MCnetnsRefineNoCallbacks.cfg", "MCnetnsRefine3ops.cfg",
	"MCnetnsLive.cfg", "MCnetnsLiveDeferred.cfg",
	"MCnetns3ops.cfg", "MCnetns.cfg", "MCnetnsRefine.cfg",
}

// longLadder is for what the ladder does not kill, if the options ask for it.
var longLadder = []string{"MCnetnsLarge3ops.cfg", "MCnetnsLarge3nets.cfg", "MCnetnsLarge3threads.cfg"}

// claimsCfg holds the claims against states written by hand, and no step of the spec.
const claimsCfg = "MCnetnsClaims.cfg"

// fewStates of an instance: its run is over within seconds.
const fewStates = 20_000

// A rung is one instance, with what the record expects of it.
type rung struct {
	cfg *tlc.Cfg
	row *tlcrun.Row
}

// isLarge: it is tried after all else, on what nothing else has killed.
func (r rung) isLarge() bool { return r.row.Distinct > 2*fewStates }

// comparesGraph: the record has its graph, and it is small enough to be dumped.
func (r rung) comparesGraph() bool { return r.row.Graph != "" && !r.row.Long }

// checks reports whether it checks one of the claims.
func (r rung) checks(claims []string) bool {
	return slices.ContainsFunc(slices.Concat(r.cfg.Invariants, r.cfg.Properties), func(name string) bool { return slices.Contains(claims, name) })
}

// readRungs reads the instances of the spec in dir. The record must be that of
// the files as they are, or a count that differs would show nothing; that of the
// long instances only if they are to be run.
func readRungs(dir string, long bool) (passing, failing []rung, err error) {
	rec, err := tlcrun.ReadRecord(filepath.Join(dir, "models.tsv"))
	if err != nil {
		return nil, nil, err
	}
	for i := range rec.Models {
		row := &rec.Models[i]
		if row.Long && !slices.Contains(longLadder, row.Cfg) || !strings.HasPrefix(row.Module, "MC"+module) {
			continue
		}
		switch stale := row.Stale(dir); {
		case stale != "" && row.Long && !long:
			continue
		case stale != "":
			return nil, nil, fmt.Errorf("models.tsv, %s: %s: measure it first (make record)", row.Cfg, stale)
		}
		cfg, err := tlc.ReadCfg(dir, row.Cfg)
		if err != nil {
			return nil, nil, err
		}
		if row.Verdict == tlcrun.Pass {
			passing = append(passing, rung{cfg, row})
		} else {
			failing = append(failing, rung{cfg, row})
		}
	}
	for _, name := range Ladder {
		if !slices.ContainsFunc(passing, func(r rung) bool { return r.cfg.Name == name && !r.row.Long }) {
			return nil, nil, fmt.Errorf("models.tsv has no quick cfg %s that passes", name)
		}
	}
	place := func(r rung) int {
		if r.row.Long {
			return len(Ladder) + 1
		}
		return slices.Index(append(slices.Clone(Ladder), r.cfg.Name), r.cfg.Name)
	}
	slices.SortStableFunc(passing, func(a, b rung) int { return cmp.Or(place(a)-place(b), cmp.Compare(a.row.Distinct, b.row.Distinct)) })
	return passing, failing, nil
}

// claims are what the quick instances check of the spec.
func claims(passing []rung) (invariants, properties []string) {
	for _, r := range passing {
		if r.cfg.Name != claimsCfg && !r.row.Long { // the invariants of that one are no claims of the spec
			invariants, properties = append(invariants, r.cfg.Invariants...), append(properties, r.cfg.Properties...)
		}
	}
	return sorted(invariants), sorted(properties)
}

func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// rungs gives the instances that may kill a mutant, in order. A claim that was
// weakened is noticed where a seeded fault should violate it, or a state that is
// wrong be refused; one that became stronger, where it does not hold.
func (t *Target) rungs(m mutant) []rung {
	var all []rung
	for _, r := range t.failing {
		if slices.Contains(m.claims, r.row.Violated) {
			all = append(all, r)
		}
	}
	for _, r := range t.passing {
		switch {
		case r.cfg.Name == claimsCfg:
			if len(m.claims) > 0 {
				all = append(all, r)
			}
		case m.weakens, len(m.claims) > 0 && !r.checks(m.claims):
		case m.Kind == kindFairness && !strings.HasPrefix(r.cfg.Name, "MCnetnsLive"): // no other has it in its formula
		case r.row.Long && m.Kind != kindGuard && m.Kind != kindUnchanged && m.Kind != kindExcept:
		default:
			all = append(all, r)
		}
	}
	return all
}
