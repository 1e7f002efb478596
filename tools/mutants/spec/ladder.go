// SPDX-License-Identifier: MIT

package spec

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"example.com/pernet/internal/tlc"
	"example.com/pernet/tools/tlcrun"
)

// A Subject is a module that is changed, and the instances that may show it.
type Subject struct {
	Module  string
	Extends string // one of our modules; "" if it extends none
	Next    string // the definition that all its steps are part of
	Cfgs    string // what the names of the cfgs begin with that check its claims
	Claims  string // the cfg that holds the claims against states written by hand, and no step; "" if none does

	// Ladder is the order in which the instances that pass are tried, the cheapest
	// and the sharpest first; those that are not named here come last. Where the
	// state graph is compared with the code's, its digest is the one in the record,
	// which is that of both: a mutant with that digest has the code's graph.
	Ladder []string
	Long   []string // for what the ladder does not kill, if the options ask for it
}

func (s Subject) file() string { return s.Module + ".tla" }

// Subjects are the modules of a campaign.
var Subjects = []Subject{
	{Module: "netns", Next: "Next", Cfgs: "MCnetns", Claims: "MCnetnsClaims.cfg",
		Ladder: []string{
			"MCnetnsRefineSpec.cfg", "MCnetnsCancel.cfg", "MCnetnsNoNetNs.cfg", "MCnetnsPositive.cfg", "MCnetnsBoot.cfg", "MCnetns3nets.cfg",
			"MCnetnsBarrier.cfg", "MCnetnsBarrierCancel.cfg",
			"MCnetnsRefineNoNetNs.cfg", "MCnetnsRefineBoot.cfg",
			"MCnetnsNoCallbacks.cfg", "MCnetnsRefineNoCallbacks.cfg", "MCnetnsRefine3ops.cfg",
			"MCnetnsLive.cfg", "MCnetnsLiveDeferred.cfg",
			"MCnetns3ops.cfg", "MCnetns.cfg", "MCnetnsRefine.cfg",
		},
		Long: []string{"MCnetnsLarge3ops.cfg", "MCnetnsLarge3nets.cfg", "MCnetnsLarge3threads.cfg"}},
	{Module: "netns_answers", Extends: "netns", Next: "AnswersNext", Cfgs: "MCnetnsRefine",
		Ladder: []string{"MCnetnsRefineSpec.cfg", "MCnetnsRefineNoNetNs.cfg", "MCnetnsRefineBoot.cfg",
			"MCnetnsRefineNoCallbacks.cfg", "MCnetnsRefine3ops.cfg", "MCnetnsRefine.cfg"}},
	{Module: "netns_rwsem", Next: "Next", Cfgs: "MCnetns_rwsem", Claims: "MCnetns_rwsemClaims.cfg",
		Ladder: []string{"MCnetns_rwsemGraphMalformed.cfg", "MCnetns_rwsemMisuse.cfg", "MCnetns_rwsemPositive.cfg", "MCnetns_rwsemPassive.cfg",
			"MCnetns_rwsemNoNetNs.cfg", "MCnetns_rwsemNsId.cfg", "MCnetns_rwsemBoot.cfg", "MCnetns_rwsemRegisters.cfg", "MCnetns_rwsemKinds.cfg",
			"MCnetns_rwsemRefineUse.cfg", "MCnetns_rwsemRefine.cfg", "MCnetns_rwsemGraphLookup.cfg", "MCnetns_rwsem.cfg", "MCnetns_rwsemGraph3ops.cfg",
			"MCnetns_rwsemSlots.cfg", "MCnetns_rwsemGraphCopies.cfg", "MCnetns_rwsemGraphRounds.cfg", "MCnetns_rwsemGraphChains.cfg",
			"MCnetns_rwsemLive.cfg", "MCnetns_rwsemGraphIds.cfg"}},
	{Module: "registry", Next: "Next", Cfgs: "MCregistry", Claims: "MCregistryClaims.cfg",
		Ladder: []string{"MCregistryNoNetNs.cfg", "MCnetnsRefineSpec.cfg", "MCnetnsRefineNoNetNs.cfg", "MCnetnsRefineBoot.cfg", "MCnetnsRefineNoCallbacks.cfg",
			"MCregistryModernUse.cfg", "MCregistryBoot.cfg", "MCregistryModern.cfg", "MCregistry3nets.cfg", "MCregistry2copies.cfg", "MCregistry3ops.cfg", "MCregistry.cfg"}},
	{Module: "users", Next: "Next", Cfgs: "MCusers", Claims: "MCusersClaims.cfg", Ladder: []string{"MCusers.cfg"}},
}

// fewStates of an instance: its run is over within seconds.
const fewStates = 20_000

// A rung is one instance, with what the record expects of it.
type rung struct {
	cfg *tlc.Cfg
	row *tlcrun.Row
	old string // which file has changed since the row was measured, or ""
}

// isLarge: it is tried after all else, on what nothing else has killed.
func (r rung) isLarge() bool { return r.row.Distinct > 2*fewStates }

// comparesGraph: the record has its graph, and it is small enough to be dumped.
func (r rung) comparesGraph() bool { return r.row.Graph != "" && !r.row.Long }

// replaces reports whether the cfg, made by a row of faults.tsv, replaces an operator that the text names.
func (r rung) replaces(text string) bool {
	return slices.ContainsFunc(words.FindAllString(text, -1), r.cfg.Replaces)
}

var words = regexp.MustCompile(`[A-Za-z]\w+`)

// isOf: it checks claims of the subject.
func (r rung) isOf(sub Subject) bool { return strings.HasPrefix(r.cfg.Name, sub.Cfgs) }

// probes: it shows that the fairness does not ask for more.
func (r rung) probes(m mutant) bool {
	return m.Kind == kindFairness && strings.HasPrefix(r.row.Violated, "Probe")
}

// checks reports whether it checks one of the claims.
func (r rung) checks(claims []string) bool {
	return slices.ContainsFunc(slices.Concat(r.cfg.Invariants, r.cfg.Properties), func(name string) bool { return slices.Contains(claims, name) })
}

// readRungs reads the instances of a subject in dir, the long ones only if they are to be run
// or the record is that of their files.
func readRungs(dir string, sub Subject, long bool) (passing, failing []rung, err error) {
	rec, err := tlcrun.ReadRecord(filepath.Join(dir, "models.tsv"))
	if err != nil {
		return nil, nil, err
	}
	for i := range rec.Models {
		row := &rec.Models[i]
		if row.Long && !slices.Contains(sub.Long, row.Cfg) || row.Files[sub.file()] == "" {
			continue
		}
		old := row.Stale(dir)
		if old != "" && row.Long && !long {
			continue
		}
		cfg, err := tlc.ReadCfg(dir, row.Cfg)
		if err != nil {
			return nil, nil, err
		}
		if row.Verdict == tlcrun.Pass {
			passing = append(passing, rung{cfg, row, old})
		} else {
			failing = append(failing, rung{cfg, row, old})
		}
	}
	for _, name := range sub.Ladder {
		if !slices.ContainsFunc(passing, func(r rung) bool { return r.cfg.Name == name && !r.row.Long }) {
			return nil, nil, fmt.Errorf("models.tsv has no quick cfg %s that passes", name)
		}
	}
	place := func(r rung) int {
		if r.row.Long {
			return len(sub.Ladder) + 1
		}
		return slices.Index(append(slices.Clone(sub.Ladder), r.cfg.Name), r.cfg.Name)
	}
	slices.SortStableFunc(passing, func(a, b rung) int { return cmp.Or(place(a)-place(b), cmp.Compare(a.row.Distinct, b.row.Distinct)) })
	return passing, failing, nil
}

// claims are what the quick instances check of the subject.
func claims(sub Subject, passing []rung) (invariants, properties []string) {
	for _, r := range passing {
		if r.isOf(sub) && r.cfg.Name != sub.Claims && !r.row.Long { // the invariants of that one are no claims of the spec
			invariants, properties = append(invariants, r.cfg.Invariants...), append(properties, r.cfg.Properties...)
		}
	}
	return sorted(invariants), sorted(properties)
}

func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// rungs gives the instances that may kill a mutant, in order: first the states
// written by hand, then the faults that a claim which was weakened does not refuse,
// those that replace what stands beside the change before the others. What became
// stronger is noticed where it does not hold; so is a change of a step or of the mapping.
func (t *Target) rungs(m mutant) []rung {
	sub := t.subjects[m.File]
	var byHand, sharp, faults, rest []rung
	for _, r := range sub.failing {
		switch isMapping := sub.Cfgs == "MCnetnsRefine"; { // what the mapping does not tell, no state shows
		case !r.isOf(sub.Subject), !isMapping && !slices.Contains(m.claims, r.row.Violated) && !r.probes(m):
		case r.replaces(m.near):
			sharp = append(sharp, r)
		default:
			faults = append(faults, r)
		}
	}
	for _, r := range sub.passing {
		switch {
		case r.cfg.Name == sub.Claims:
			if len(m.claims) > 0 {
				byHand = append(byHand, r)
			}
		case m.weakens, len(m.claims) > 0 && !(r.isOf(sub.Subject) && r.checks(m.claims)):
		case m.Kind == kindFairness && !slices.Contains(r.cfg.Clause("SPECIFICATION"), "FairSpec"): // no other has it in its formula
		case r.row.Long && m.Kind != kindGuard && m.Kind != kindUnchanged && m.Kind != kindExcept:
		default:
			rest = append(rest, r)
		}
	}
	if len(m.claims) > 0 {
		return slices.Concat(byHand, sharp, faults, rest)
	}
	small := slices.IndexFunc(append(slices.Clone(rest), rung{row: &tlcrun.Row{Distinct: fewStates + 1}}), func(r rung) bool { return r.row.Distinct > fewStates })
	return slices.Concat(sharp, rest[:small], faults, rest[small:])
}
