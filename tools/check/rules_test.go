// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/pernet/internal/tlc"
	"example.com/pernet/tools/tlcrun"
)

// TestUnviolated: a name is shown violated only by a seeded fault of its own spec.
func TestUnviolated(t *testing.T) {
	pass := func(name string) *model {
		return &model{cfg: &tlc.Cfg{Name: name, Invariants: []string{"TypeOK"}}, row: &tlcrun.Row{Verdict: tlcrun.Pass}}
	}
	broken := func(name string) *model {
		return &model{cfg: &tlc.Cfg{Name: name}, row: &tlcrun.Row{Verdict: tlcrun.Safety, Violated: "TypeOK"}}
	}
	for _, test := range []struct {
		models []*model
		want   []string
	}{
		{[]*model{pass("MCnetns.cfg"), broken("MCnetnsBugX.cfg")}, nil},
		{[]*model{pass("MCnetnsRefine.cfg"), broken("MCnetnsBugX.cfg")}, nil},
		{[]*model{pass("MCnetns.cfg"), broken("MCregistryBugX.cfg")}, []string{"netns: TypeOK is violated by no cfg", "registry: TypeOK is violated by a cfg, but claimed by none that passes"}},
		{[]*model{pass("MCnetns_rwsem.cfg"), broken("MCnetnsBugX.cfg")}, []string{"netns_rwsem: TypeOK is violated by no cfg", "netns: TypeOK is violated by a cfg, but claimed by none that passes"}},
		{[]*model{pass("MCnetns_rwsemBoot.cfg"), broken("MCnetns_rwsemBugX.cfg")}, nil},
		{[]*model{pass("MCnetns.cfg"), broken("MCnetnsProbeX.cfg")}, []string{"netns: TypeOK is violated by no cfg"}},
	} {
		if got := unviolated(test.models); !slices.Equal(got, test.want) {
			t.Errorf("%v, want %v", got, test.want)
		}
	}
}

// TestNoActions: each spec needs its count of actions.
func TestNoActions(t *testing.T) {
	models := []*model{{cfg: &tlc.Cfg{Name: "MCnetns.cfg"}}, {cfg: &tlc.Cfg{Name: "MCregistryBoot.cfg"}}}
	rec := &tlcrun.Record{Actions: []tlcrun.ActionsRow{{Module: "netns"}}}
	if got := noActions(rec, models); !slices.Equal(got, []string{"registry"}) {
		t.Errorf("%v", got)
	}
}

// TestCoverageIsAskedWhereItSuffices: make record chooses few cfgs of few
// states, and make check asks for the coverage of these alone.
func TestCoverageIsAskedWhereItSuffices(t *testing.T) {
	passing := func(cfg string, distinct int64, actions ...string) *model {
		m := &model{cfg: &tlc.Cfg{Name: cfg + ".cfg"}, row: &tlcrun.Row{Cfg: cfg + ".cfg", Verdict: tlcrun.Pass}, ran: true}
		m.result.Distinct = distinct
		for _, name := range []string{"Link", "Unlink", "Never"} {
			taken := int64(0)
			if slices.Contains(actions, name) {
				taken = 2
			}
			m.result.Actions = append(m.result.Actions, tlcrun.Action{Module: "netns", Name: name, Taken: taken})
		}
		return m
	}
	models := []*model{
		passing("MCnetns", 20_000, "Link", "Unlink"), passing("MCnetnsLink", 400, "Link"),
		passing("MCnetnsUnlink", 900, "Unlink"), passing("MCnetnsLarger", 1_000, "Unlink"), passing("MCnetnsHuge", 30_001, "Never"),
	}
	broken := passing("MCnetnsBugX", 10, "Link", "Unlink", "Never")
	broken.row.Verdict = tlcrun.Safety
	models = append(models, broken)
	rec := &tlcrun.Record{Actions: []tlcrun.ActionsRow{{Module: "netns"}}}
	covered := func(update bool) (names []string) {
		(&checker{options: options{update: update}}).askForCoverage(rec, models)
		for _, m := range models {
			if m.cover {
				names = append(names, strings.TrimSuffix(m.cfg.Name, ".cfg"))
			}
		}
		return names
	}
	if got, want := covered(true), []string{"MCnetns", "MCnetnsLink", "MCnetnsUnlink", "MCnetnsLarger"}; !slices.Equal(got, want) {
		t.Errorf("make record: %v, want %v", got, want)
	}
	rec.Actions[0].Cfgs = suffice(models, "netns")
	if got, want := covered(false), []string{"MCnetnsLink", "MCnetnsUnlink"}; !slices.Equal(got, want) {
		t.Errorf("make check: %v, want %v", got, want)
	}
	if got, want := untaken(takenIn(models, "netns")), []string{"Never"}; !slices.Equal(got, want) {
		t.Errorf("never taken: %v, want %v", got, want)
	}
}

// TestLimit: a quick run has 30 times what it took, and at least three minutes.
func TestLimit(t *testing.T) {
	for took, want := range map[time.Duration]time.Duration{0: 10 * time.Minute, time.Second: 3 * time.Minute, 26 * time.Second: 13 * time.Minute} {
		if got := limit(took); got != want {
			t.Errorf("%s by the record: limit %s, want %s", took, got, want)
		}
	}
}

// TestCfgThatHidesStates: whatever lets TLC see less is noted.
func TestCfgThatHidesStates(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		"SPECIFICATION Spec\nVIEW View\n":                  "VIEW",
		"SPECIFICATION Spec\nCONSTRAINT Small\n":           "CONSTRAINT",
		"SPECIFICATION Spec\nACTION_CONSTRAINT Small\n":    "ACTION_CONSTRAINT",
		"SPECIFICATION Spec\nSYMMETRY Perms\n":             "SYMMETRY",
		"SPECIFICATION Spec\nINVARIANT CONSTRAINTisFine\n": "",
	} {
		if err := os.WriteFile(filepath.Join(dir, "MC.cfg"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := tlc.ReadCfg(dir, "MC.cfg")
		if err != nil || hides(c) != want {
			t.Errorf("%q: %q %v, want %q", text, hides(c), err, want)
		}
	}
	for _, name := range []string{"MCnetnsRefineX.cfg", "MCnetns_rwsemRefineX.cfg"} {
		for text, want := range map[string]string{"VIEW View\n": "", "VIEW Peek\n": "VIEW"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := tlc.ReadCfg(dir, name)
			if err != nil || hides(c) != want {
				t.Errorf("%q in %s: %q %v, want %q", text, name, hides(c), err, want)
			}
		}
	}
}
