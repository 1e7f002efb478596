// SPDX-License-Identifier: MIT

package main

import (
	"slices"
	"testing"

	"example.com/pernet/internal/tlc"
)

// TestUnviolated: a name is shown violated only by a seeded fault of its own spec.
func TestUnviolated(t *testing.T) {
	pass := func(name string) *model {
		return &model{cfg: &tlc.Cfg{Name: name, Invariants: []string{"TypeOK"}}, row: &tlc.Row{Verdict: tlc.Pass}}
	}
	broken := func(name string) *model {
		return &model{cfg: &tlc.Cfg{Name: name}, row: &tlc.Row{Verdict: tlc.Safety, Violated: "TypeOK"}}
	}
	for _, test := range []struct {
		models []*model
		want   []string
	}{
		{[]*model{pass("MCnetns.cfg"), broken("MCnetnsBugX.cfg")}, nil},
		{[]*model{pass("MCnetnsRefine.cfg"), broken("MCnetnsBugX.cfg")}, nil},
		{[]*model{pass("MCnetns.cfg"), broken("MCregistryBugX.cfg")}, []string{"netns: TypeOK is violated by no cfg", "registry: TypeOK is violated by a cfg, but claimed by none that passes"}},
		{[]*model{pass("MCnetns.cfg"), broken("MCnetnsProbeX.cfg")}, []string{"netns: TypeOK is violated by no cfg"}},
	} {
		if got := unviolated(&tlc.Record{}, test.models); !slices.Equal(got, test.want) {
			t.Errorf("%v, want %v", got, test.want)
		}
	}
}

// TestNoActions: each spec needs its count of actions.
func TestNoActions(t *testing.T) {
	models := []*model{{cfg: &tlc.Cfg{Name: "MCnetns.cfg"}}, {cfg: &tlc.Cfg{Name: "MCregistryBoot.cfg"}}}
	rec := &tlc.Record{Actions: []tlc.ActionsRow{{Module: "netns"}}}
	if got := noActions(rec, models); !slices.Equal(got, []string{"registry"}) {
		t.Errorf("%v", got)
	}
}
