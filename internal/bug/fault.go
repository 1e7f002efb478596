// SPDX-License-Identifier: MIT

// Package bug holds the track record: faults that the kernel had, or that a
// port gets wrong easily, each as a change of a few lines of the code that a
// named check must notice.
//
// A fault is not in the code. It is laid over it when a faulty copy is built
// (go build -overlay), as a row of spec/faults.tsv replaces one operator of a spec: impl
// itself stays clean, and no normal build has a switch.
package bug

import (
	"fmt"
	"slices"
	"strings"
)

// A Fault is one row of the track record.
type Fault struct {
	ID     string // K5: it happened in the kernel; H2: it can be read off the C; C4: only concurrency shows it; P7: our own
	Title  string
	Source string   // commits and advisories; "" for our own
	Breaks string   // the invariant of the specs; its cfgs say the same
	Cfgs   []string // of the specs, without MC and .cfg: each replaces one operator of a spec
	Edits  []Edit   // of the Go code; none: NoGo says why
	NoGo   string
	NoSpec string // why no cfg has it
	Caught []string
	Story  string // the shortest way to see it

	Hangs   bool   // it can make a test wait for ever: that counts as caught. Else a test that does not end has caught nothing
	Differs string // how it differs from what happened in the kernel
}

// An Edit replaces one piece of text, which stands once in the file.
type Edit struct{ File, Old, New string }

// All returns every fault, in the order of the table.
func All() []Fault {
	return slices.Concat(kernelFaults, hazardFaults, concurrencyFaults, portFaults, walkFaults, barrierFaults, usersFaults, specFaults)
}

// Control is no fault: whatever catches it accuses the right code.
var Control = Fault{ID: "none", Title: "no fault, which nothing may catch"}

func (f Fault) isControl() bool { return f.ID == Control.ID }

// Find returns the fault of that name, whatever its case.
func Find(id string) (Fault, error) {
	for _, f := range All() {
		if strings.EqualFold(f.ID, id) {
			return f, nil
		}
	}
	for _, r := range slices.Concat(Waiting, Outside) {
		if strings.EqualFold(r.ID, id) {
			return Fault{}, fmt.Errorf("%s has no switch: %s. %s", r.ID, r.Title, r.Why)
		}
	}
	return Fault{}, fmt.Errorf("no fault is called %q (pernet bug lists them)", id)
}

// HasGraph reports whether the graph of the faulty code must show the fault.
func (f Fault) HasGraph() bool { return slices.Contains(f.Caught, layerGraph) }

// HasHistories reports whether histories of free-running goroutines must show the fault.
func (f Fault) HasHistories() bool { return slices.Contains(f.Caught, layerHistories) }

// inUsers reports whether the fault lies in code that uses nets, and nowhere else.
func (f Fault) inUsers() bool {
	return len(f.Edits) > 0 && !slices.ContainsFunc(f.Edits, func(e Edit) bool { return !strings.HasPrefix(e.File, usersPkg+"/") })
}

// Names of the layers, in the order of the table's columns.
const (
	layerGraph         = "graph"
	layerInterleavings = "interleavings"
	layerSchedules     = "schedules"
	layerHistories     = "histories"
	layerRapid         = "rapid"
	layerTests         = "tests"
	layerRace          = "race"
)
