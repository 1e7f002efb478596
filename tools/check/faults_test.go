// SPDX-License-Identifier: MIT

package main

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/bug"
	"example.com/pernet/internal/race"
	"example.com/pernet/internal/tlc"
	"example.com/pernet/tools/tlcrun"
)

// TestCfgsOfTheFaultsAreViolated tests that, by the record, TLC finds each cfg of a fault
// violated, and that the record is up to date.
func TestCfgsOfTheFaultsAreViolated(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	rec, err := tlcrun.ReadRecord("../../spec/models.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range bug.All() {
		for _, cfg := range f.Cfgs {
			row := rec.Find("MC" + cfg + ".cfg")
			switch {
			case row == nil:
				t.Errorf("%s: MC%s.cfg has no row in models.tsv", f.ID, cfg)
			case row.Violated == "":
				t.Errorf("%s: MC%s.cfg is not violated", f.ID, cfg)
			case row.Stale("../../spec") != "":
				t.Errorf("%s: MC%s.cfg: %s (make record measures it)", f.ID, cfg, row.Stale("../../spec"))
			}
		}
	}
}

// TestEveryInvariantIsBroken tests that a fault of the kernel, a hazard or a fault that only
// concurrency shows breaks each claim, or else two faults of our own, since 4.17 one.
func TestEveryInvariantIsBroken(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	spec := "../../spec"
	rec, err := tlcrun.ReadRecord(filepath.Join(spec, "models.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	mine := map[string]string{} // cfg: fault
	for _, f := range bug.All() {
		for _, cfg := range f.Cfgs {
			if other := mine[cfg]; other != "" {
				t.Errorf("MC%s.cfg belongs to %s and %s", cfg, other, f.ID)
			}
			mine[cfg] = f.ID
		}
	}
	holds, broken := map[string]bool{}, map[string][]string{}
	for _, row := range rec.Models {
		name := strings.TrimSuffix(strings.TrimPrefix(row.Cfg, "MC"), ".cfg")
		of := regexp.MustCompile(`^[a-z]+(_rwsem)?`).FindString(name) + " "
		cfg, err := tlc.ReadCfg(spec, row.Cfg)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.HasSuffix(row.Module, "Claims"): // tests the claims, not the spec
		case strings.HasSuffix(row.Module, "Inductive"): // for the proof; make prove-faults has its faults. It has the claims on steps of registry.tla, too
			if row.Verdict == tlcrun.Pass {
				for _, claim := range cfg.Properties {
					holds[of+claim] = true
				}
			}
		case strings.Contains(name, "Bug"):
			if mine[name] == "" {
				t.Errorf("%s belongs to no fault", row.Cfg)
			}
			broken[of+row.Violated] = append(broken[of+row.Violated], mine[name])
			delete(mine, name)
		case row.Verdict == tlcrun.Pass:
			for _, claim := range slices.Concat(cfg.Invariants, cfg.Properties) {
				holds[of+claim] = true
			}
		}
	}
	for _, f := range bug.All() {
		claimed := slices.ContainsFunc([]string{"netns ", "netns_rwsem ", "registry ", "users "}, func(of string) bool {
			return holds[of+f.Breaks] || holds[of+f.Breaks+"Prop"]
		})
		if !claimed {
			t.Errorf("%s breaks %s, which no cfg that passes claims", f.ID, f.Breaks)
		}
	}
	for claim, by := range broken {
		if !holds[claim] {
			t.Errorf("%s is broken by %v, but no cfg that passes claims it", claim, by)
		}
	}
	for cfg, id := range mine {
		t.Errorf("%s names MC%s.cfg, which is not in the record", id, cfg)
	}
	for claim := range holds {
		by, enough := broken[claim], 2
		if strings.HasPrefix(claim, "netns_rwsem ") {
			enough = 1 // hand-written states violate each part of it
		}
		if !slices.ContainsFunc(by, func(id string) bool { return id != "" && strings.ContainsAny(id[:1], "KHC") }) && len(by) < enough {
			t.Errorf("%s is broken by %v: by no row of the kernel's, and not by %d of our own", claim, by, enough)
		}
	}
	if len(holds) < 30 {
		t.Errorf("only %d claims were looked at", len(holds))
	}
}
