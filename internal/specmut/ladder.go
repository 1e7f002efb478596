// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/tlc"
)

const (
	module   = "netns"
	specFile = module + ".tla"
)

// ladder is the order in which the instances that pass are tried, the cheapest
// and the sharpest first; those that are not named here come last. Where the
// state graph is compared with the code's, its digest is the one in the record,
// which is that of both: a mutant with that digest has the code's graph.
var ladder = []string{
	"MCnetnsCancel.cfg", "MCnetnsNoNetNs.cfg", "MCnetnsPositive.cfg", "MCnetnsBoot.cfg", "MCnetns3nets.cfg",
	"MCnetnsBarrier.cfg", "MCnetnsBarrierCancel.cfg",
	"MCnetnsRefineSpec.cfg", "MCnetnsRefineNoNetNs.cfg", "MCnetnsRefineBoot.cfg",
	"MCnetnsNoCallbacks.cfg", "MCnetnsRefineNoCallbacks.cfg", "MCnetnsRefine3ops.cfg",
	liveFirst, "MCnetnsLiveDeferred.cfg",
	"MCnetns3ops.cfg", "MCnetns.cfg", "MCnetnsRefine.cfg",
}

const (
	liveFirst = "MCnetnsLive.cfg"

	// claimsCfg holds the claims against states written by hand, and no step of the spec.
	claimsCfg = "MCnetnsClaims.cfg"
)

// longLadder is for what the ladder does not catch (-long).
var longLadder = []string{"MCnetnsLarge3ops.cfg", "MCnetnsLarge3nets.cfg", "MCnetnsLarge3threads.cfg"}

// isLarge: it is tried after all else, on what nothing else has caught.
func (r rung) isLarge() bool { return r.row.Distinct > 2*fewStates }

// fewStates of an instance: its run is over within seconds.
const fewStates = 20_000

// A rung is one instance, with what the record expects of it.
type rung struct {
	cfg *tlc.Cfg
	row *tlc.Row
}

func (r rung) isLive() bool {
	return strings.HasPrefix(r.cfg.Name, strings.TrimSuffix(liveFirst, ".cfg"))
}

// comparesGraph: the record has its graph, and it is small enough to be dumped.
func (r rung) comparesGraph() bool { return r.row.Graph != "" && !r.row.Long }

func (r rung) asksClaims() bool { return r.cfg.Name == claimsCfg }

// checks reports whether it checks one of the claims.
func (r rung) checks(claims []string) bool {
	return slices.ContainsFunc(slices.Concat(r.cfg.Invariants, r.cfg.Properties), func(name string) bool { return slices.Contains(claims, name) })
}

// A plan is the spec as it stands: the text that is mutated, and the instances.
type plan struct {
	dir     string // of the spec
	src     string
	passing []rung // in the order of the ladder
	longer  []rung // of them, those that take minutes; not in passing
	failing []rung // Bug… and Probe… cfgs, sorted
	mutants []mutant
}

// newPlan reads the folder of specs. The record must be that of the files as
// they are, or a count that differs would show nothing.
func newPlan(dir, src string, ladder []string) (*plan, error) {
	rec, err := tlc.ReadRecord(filepath.Join(dir, "models.tsv"))
	if err != nil {
		return nil, err
	}
	p := &plan{dir: dir, src: src}
	var invariants, properties []string
	for i := range rec.Models {
		row := &rec.Models[i]
		if row.Long && !slices.Contains(longLadder, row.Cfg) || !strings.HasPrefix(row.Module, "MC"+module) {
			continue
		}
		if stale := row.Stale(dir); stale != "" {
			return nil, fmt.Errorf("models.tsv, %s: %s: measure it first (make record)", row.Cfg, stale)
		}
		cfg, err := tlc.ReadCfg(dir, row.Cfg)
		if err != nil {
			return nil, err
		}
		if row.Verdict != tlc.Pass {
			p.failing = append(p.failing, rung{cfg, row})
			continue
		}
		if row.Long {
			p.longer = append(p.longer, rung{cfg, row})
			continue
		}
		p.passing = append(p.passing, rung{cfg, row})
		if cfg.Name == claimsCfg {
			continue // its invariants are no claims of the spec
		}
		invariants, properties = append(invariants, cfg.Invariants...), append(properties, cfg.Properties...)
	}
	for _, name := range ladder {
		if !slices.ContainsFunc(p.passing, func(r rung) bool { return r.cfg.Name == name }) {
			return nil, fmt.Errorf("models.tsv has no quick cfg %s that passes", name)
		}
	}
	place := func(r rung) int { return slices.Index(append(slices.Clone(ladder), r.cfg.Name), r.cfg.Name) }
	slices.SortStableFunc(p.passing, func(a, b rung) int { return cmp.Or(place(a)-place(b), cmp.Compare(a.row.Distinct, b.row.Distinct)) })
	p.mutants, err = mutate(src, sorted(invariants), sorted(properties))
	return p, err
}

func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// rungs gives the instances that may catch a mutant, in order. A claim that was
// weakened is caught where a seeded fault should violate it, or a state that is
// wrong be refused; one that became stronger, where it does not hold.
func (p *plan) rungs(m mutant, long bool) []rung {
	var all []rung
	for _, r := range p.failing {
		if slices.Contains(m.claims, r.row.Violated) {
			all = append(all, r)
		}
	}
	for _, r := range p.passing {
		switch {
		case r.asksClaims():
			if len(m.claims) > 0 {
				all = append(all, r)
			}
		case m.weakens, len(m.claims) > 0 && !r.checks(m.claims):
		case m.kind == kindFairness && !r.isLive(): // no other has it in its formula
		default:
			all = append(all, r)
		}
	}
	if long && (m.kind == kindGuard || m.kind == kindUnchanged || m.kind == kindExcept) {
		all = append(all, p.longer...)
	}
	return all
}

// files are what a verdict rests on: those that the run which caught the mutant
// has read or, where none did, those of every run.
func (p *plan) files(m mutant, cfg string) ([]string, error) {
	var all []string
	for _, r := range p.rungs(m, cfg != "") {
		if cfg != "" && r.cfg.Name != cfg {
			continue
		}
		files, err := tlc.Files(p.dir, r.cfg.Name, r.row.Module)
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	if len(all) == 0 && cfg != "" {
		return nil, fmt.Errorf("%s does not catch any %s", cfg, m.kind)
	}
	return sorted(append(all, specFile)), nil
}

// instance gives the constants of a cfg to what reads its states.
func (r rung) instance(dir string) (explore.Instance, error) {
	return explore.ReadInstance(filepath.Join(dir, r.cfg.Name))
}
