// SPDX-License-Identifier: MIT

package pernet_test

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/race"
)

// The instance of the programs: a subsystem, a device whose exit defers a
// callback, inits and allocations that may fail, three nets.
const programsCfg = "internal/explore/mutex/testdata/programs.cfg"

// long asks for the tests that take minutes.
var long = os.Getenv("PERNET_LONG") == "1"

// readPrograms reads the instance of the programs once.
var readPrograms = sync.OnceValues(func() (*mutex.Instance, error) { return mutex.ReadInstance(programsCfg) })

// programmed gives the instance its programs, written "before | T1 | T2".
func programmed(t testing.TB, text string) *mutex.Instance {
	t.Helper()
	in, err := readPrograms()
	if err != nil {
		t.Fatal(err)
	}
	var parts [][]clients.Call
	for part := range strings.SplitSeq(text, "|") {
		calls, err := clients.ParseCalls(strings.TrimSpace(part))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, calls)
	}
	with, err := in.With(parts[0], parts[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	return with
}

// TestEveryPairFromEveryStart explores every pair of calls of two clients from every start, and
// checks every state that a schedule reaches.
func TestEveryPairFromEveryStart(t *testing.T) {
	programs, states := everyTuple(t, starts, everyPair)
	if !race.Enabled && !t.Failed() {
		evidenceSays(t, "each pair of %d calls from %d starting states, with every invariant | %d programs, %d states",
			len(singleCalls), len(starts), programs, states)
	}
}

// tripleStarts are the starts of the triples in the short mode.
var tripleStarts = []string{"a device, then a second net", "a net that is put and in use: it will be kept"}

// TestEveryTriple does the same with three clients. The short mode takes only some starts.
func TestEveryTriple(t *testing.T) {
	starts := slices.Clone(starts)
	if !long {
		starts = slices.DeleteFunc(starts, func(s start) bool { return !slices.Contains(tripleStarts, s.name) })
	}
	everyTuple(t, starts, func(visit func(calls ...string)) {
		for i, a := range singleCalls {
			for j, b := range singleCalls[i:] {
				for _, c := range singleCalls[i+j:] {
					visit(a, b, c)
				}
			}
		}
	})
}

// everyTuple explores the programs of one call each that tuples visits, from each start.
func everyTuple(t *testing.T, starts []start, tuples func(visit func(calls ...string))) (programs int, allStates int64) {
	var states, edges, schedules atomic.Int64
	programs = everyProgram(t, starts, tuples, func(text string) {
		s, e, n := exploreAndCheck(t, text)
		states.Add(int64(s))
		edges.Add(int64(e))
		schedules.Add(int64(n))
	})
	t.Logf("%d programs from %d starts: %d states, %d edges, which stand for %d schedules",
		programs, len(starts), states.Load(), edges.Load(), schedules.Load())
	return programs, states.Load()
}

// stride is 1: every program is run. Under the race detector, where a coroutine takes a hundred
// times the memory and one thread runs at a time, it is one program of 50.
func stride() int {
	if race.Enabled {
		return 50
	}
	return 1
}

// everyProgram calls do for each start with each tuple of calls, several at a
// time, until one has failed.
func everyProgram(t *testing.T, starts []start, tuples func(visit func(calls ...string)), do func(text string)) (programs int) {
	work, all := make(chan string, 64), 0
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for text := range work {
				if !t.Failed() {
					do(text)
				}
			}
		})
	}
	for _, start := range starts {
		tuples(func(calls ...string) {
			if all++; all%stride() != 0 {
				return
			}
			programs++
			work <- start.calls + "|" + strings.Join(calls, "|")
		})
	}
	close(work)
	workers.Wait()
	return programs
}

// everyPair visits every pair of calls.
func everyPair(visit func(calls ...string)) {
	for i, a := range singleCalls {
		for _, b := range singleCalls[i:] {
			visit(a, b)
		}
	}
}

// maxStates is far above what any program reaches. It ends a search that a fault makes endless.
const maxStates = 50_000

// exploreAndCheck explores the programs, and checks the invariants and that every call returns.
func exploreAndCheck(t *testing.T, text string) (states, edges int, schedules float64) {
	in := programmed(t, text)
	r := explore.Explore(t.Context(), in, explore.Options{MaxStates: maxStates})
	if r.Verdict != explore.Complete {
		t.Errorf("%s: %s: %s\n%s", text, r.Verdict, r.Problem, in.ReplayLine(programsCfg, r.Schedule))
		return 0, 0, 0
	}
	if s, err := explore.CheckGraph(in, r.Graph); err != nil {
		t.Errorf("%s: %v\n%s", text, err, in.ReplayLine(programsCfg, s))
	}
	schedules, err := schedulesOf(r.Graph)
	if err != nil {
		t.Errorf("%s: %v", text, err)
	}
	return len(r.Graph.States), r.Graph.Edges(), schedules
}
