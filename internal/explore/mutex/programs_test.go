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

// TestNetNsBarrierTakesTheMutex: a program may have the call that the spec of 2009 has not. Its one step takes
// net_mutex, which must be free, and gives it back.
func TestNetNsBarrierTakesTheMutex(t *testing.T) {
	r := explore.Explore(t.Context(), programmed(t, "|register_device1,unregister_device1|net_ns_barrier"), explore.Options{})
	if r.Verdict != explore.Complete {
		t.Fatal(r.Verdict, r.Problem)
	}
	taken := 0
	for i, s := range r.Graph.States {
		for _, e := range r.Graph.Out[i] {
			if e.Label != "NetNsBarrier" {
				continue
			}
			taken++
			if to := r.Graph.States[e.To]; s.NetMutex != none || to.NetMutex != none {
				t.Errorf("from\n%sto\n%s", explore.Describe(programsInstance(t), s), explore.Describe(programsInstance(t), to))
			}
		}
	}
	if taken < 3 {
		t.Errorf("the barrier is taken from %d states", taken)
	}
}
