// SPDX-License-Identifier: MIT

package mutex

import (
	"runtime"
	"testing"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
)

const programsCfg = "testdata/programs.cfg"

func programsInstance(t testing.TB) *Instance {
	t.Helper()
	in, err := ReadInstance(programsCfg)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// programmed gives the instance its programs, written "before | T1 | T2".
func programmed(t testing.TB, text string) *Instance {
	t.Helper()
	before, programs, err := clients.ParsePrograms(text)
	if err != nil {
		t.Fatal(err)
	}
	with, err := programsInstance(t).With(before, programs...)
	if err != nil {
		t.Fatal(err)
	}
	return with
}

// TestExplorationLeavesNoGoroutine: clients that have not begun when an exploration ends are ended.
func TestExplorationLeavesNoGoroutine(t *testing.T) {
	in := programmed(t, "register_device1,unregister_device1|copy0|list")
	before := runtime.NumGoroutine()
	for range 20 {
		explore.Explore(t.Context(), in, explore.Options{Workers: 2})
		if _, _, err := explore.Trace(in, nil); err != nil {
			t.Fatal(err)
		}
	}
	if after := runtime.NumGoroutine(); after > before+5 {
		t.Errorf("%d goroutines, and %d before", after, before)
	}
}
