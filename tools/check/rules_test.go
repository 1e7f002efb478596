// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
	"slices"
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
