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
	"example.com/pernet/internal/explore/rwsem"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/race"
	"example.com/pernet/internal/sched"
	"example.com/pernet/model"
)

// A system is a discipline in which programs are explored: a subsystem, a device whose exit defers a
// callback, inits and allocations that may fail, three nets.
type system[S comparable] struct {
	discipline model.Discipline
	cfg        string // of the instance of the programs
	with       func(before []clients.Call, programs ...[]clients.Call) (programmed[S], error)
	left       *sync.Map // by program of a pair: the *graph.Graph[S] that one test leaves to another
}

// A programmed is an instance with fixed calls.
type programmed[S comparable] interface {
	explore.Claimed[S]
	ReplayLine(cfg string, s sched.Schedule) string
}

// The systems; each reads its instance once.
var (
	mutexSystem = sync.OnceValue(func() *system[mutex.State] {
		const cfg = "internal/explore/mutex/testdata/programs.cfg"
		in, err := mutex.ReadInstance(cfg)
		return &system[mutex.State]{model.Mutex, cfg, func(before []clients.Call, programs ...[]clients.Call) (programmed[mutex.State], error) {
			if err != nil {
				return nil, err
			}
			return in.With(before, programs...)
		}, new(sync.Map)}
	})
	rwsemSystem = sync.OnceValue(func() *system[rwsem.State] {
		const cfg = "internal/explore/rwsem/testdata/programs.cfg"
		in, err := rwsem.ReadInstance(cfg)
		return &system[rwsem.State]{model.RWSem, cfg, func(before []clients.Call, programs ...[]clients.Call) (programmed[rwsem.State], error) {
			if err != nil {
				return nil, err
			}
			return in.With(before, programs...)
		}, new(sync.Map)}
	})
)

// long asks for the tests that take minutes.
var long = os.Getenv("PERNET_LONG") == "1"

// programmed gives the instance its programs, written "before | T1 | T2".
func (s *system[S]) program(t testing.TB, text string) programmed[S] {
	t.Helper()
	before, programs, err := clients.ParsePrograms(text)
	if err != nil {
		t.Fatal(err)
	}
	with, err := s.with(before, programs...)
	if err != nil {
		t.Fatal(err)
	}
	return with
}

// TestEveryPairFromEveryStart explores every pair of calls of two clients from every start, and
// checks every state that a schedule reaches.
func TestEveryPairFromEveryStart(t *testing.T) {
	t.Run("mutex", func(t *testing.T) { pairsFromStarts(t, mutexSystem(), "interleavings of each pair") })
	t.Run("rwsem", func(t *testing.T) { pairsFromStarts(t, rwsemSystem(), "interleavings since 4.17 of each pair") })
}

func pairsFromStarts[S comparable](t *testing.T, s *system[S], what string) {
	starts := s.starts()
	programs, states := everyTuple(t, s, starts, s.everyPair, func(text string, g *graph.Graph[S]) { s.left.Store(text, g) })
	if !race.Enabled && !t.Failed() {
		evidenceSays(t, "%s of %d calls from %d starting states, with every invariant | %d programs, %d states",
			what, len(s.calls()), len(starts), programs, states)
	}
}

// tripleStarts are the starts of the triples in the short mode.
var tripleStarts = []string{"a device, then a second net", "a net that is put and in use: it will be kept"}

// TestEveryTriple does the same with three clients. The short mode takes only some starts, and of the calls
// those of singleCalls. The race detector has nothing to see that pairs do not show it: one thread runs at
// a time.
func TestEveryTriple(t *testing.T) {
	if race.Enabled {
		t.Skip("pairs drive the same code")
	}
	t.Run("mutex", func(t *testing.T) { triplesFromStarts(t, mutexSystem()) })
	t.Run("rwsem", func(t *testing.T) { triplesFromStarts(t, rwsemSystem()) })
}

func triplesFromStarts[S comparable](t *testing.T, s *system[S]) {
	starts, calls := s.starts(), s.calls()
	if !long {
		calls = singleCalls
		starts = slices.DeleteFunc(starts, func(s start) bool { return !slices.Contains(tripleStarts, s.name) })
	}
	everyTuple(t, s, starts, func(visit func(calls ...string)) {
		for i, a := range calls {
			for j, b := range calls[i:] {
				for _, c := range calls[i+j:] {
					visit(a, b, c)
				}
			}
		}
	}, func(string, *graph.Graph[S]) {})
}

// everyTuple explores the programs of one call each that tuples visits, from each start, and hands
// each graph to done.
func everyTuple[S comparable](t *testing.T, s *system[S], starts []start, tuples func(visit func(calls ...string)),
	done func(text string, g *graph.Graph[S])) (programs int, allStates int64) {
	var states, edges, schedules atomic.Int64
	programs = everyProgram(t, starts, tuples, func(text string) {
		g, n := exploreAndCheck(t, s, text)
		if !t.Failed() {
			done(text, g)
		}
		states.Add(int64(len(g.States)))
		edges.Add(int64(g.Edges()))
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
func (s *system[S]) everyPair(visit func(calls ...string)) {
	for i, a := range s.calls() {
		for _, b := range s.calls()[i:] {
			visit(a, b)
		}
	}
}

// explore explores the program.
func (s *system[S]) explore(t *testing.T, text string) explore.Result[S] {
	return explore.Explore(t.Context(), s.program(t, text), explore.Options{MaxStates: maxStates})
}

// exploreOnce explores the program, unless TestEveryPairFromEveryStart left its graph.
func (s *system[S]) exploreOnce(t *testing.T, text string) explore.Result[S] {
	if g, ok := s.left.LoadAndDelete(text); ok {
		return explore.Result[S]{Verdict: explore.Complete, Graph: g.(*graph.Graph[S])}
	}
	return s.explore(t, text)
}

// maxStates is far above what any program reaches. It ends a search that a fault makes endless.
const maxStates = 100_000

// exploreAndCheck explores the programs, and checks the invariants and that every call returns.
func exploreAndCheck[S comparable](t *testing.T, s *system[S], text string) (g *graph.Graph[S], schedules float64) {
	in := s.program(t, text)
	r := s.explore(t, text)
	if r.Verdict != explore.Complete {
		t.Errorf("%s: %s: %s\n%s", text, r.Verdict, r.Problem, in.ReplayLine(s.cfg, r.Schedule))
		return graph.New[S](), 0
	}
	if way, err := explore.CheckGraph(in, r.Graph); err != nil {
		t.Errorf("%s: %v\n%s", text, err, in.ReplayLine(s.cfg, way))
	}
	schedules, err := schedulesOf(r.Graph)
	if err != nil {
		t.Errorf("%s: %v", text, err)
	}
	return r.Graph, schedules
}
