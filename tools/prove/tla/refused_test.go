// SPDX-License-Identifier: MIT

package tla

import (
	"fmt"
	"strings"
	"testing"
)

// What testdata/Refused.tla says is an error with file and line.
func TestWhatIsRefused(t *testing.T) {
	spec := readTestdata(t, "Refused")
	symbols, err := Symbolic(spec, map[string]string{"Ops": "set Op", "First": "Op"}, spec.Defs["Types"].Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(named(spec, "R_"), named(spec, "X_")...) {
		for _, m := range []*Machine{New(spec, true), symbols} {
			if m.Finite && strings.HasPrefix(name, "X_") {
				continue
			}
			var v *Term
			m.primed, m.at, m.path, m.live = false, nil, nil, nil // an error leaves them as they were
			def := spec.Defs[name]
			err := Try(func() { v = m.Holds(def.Body) })
			if err == nil {
				t.Fatalf("%s, finite %v: %s", name, m.Finite, Text(v))
			}
			if place := fmt.Sprintf("Refused.tla:%d:", def.Loc.Line); !strings.HasPrefix(err.Error(), place) || !strings.Contains(err.Error(), ": cannot evaluate ") {
				t.Fatalf("%s, finite %v: %v", name, m.Finite, err)
			}
		}
	}
}
