// SPDX-License-Identifier: MIT

package explore

import (
	"context"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/door"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/race"
)

// same fails unless the stitched way finds the graph that is found from the start, to the last edge.
func same(t *testing.T, in *Instance, slow Result, workers int) (stitched Result) {
	t.Helper()
	bound := 2 * len(slow.Graph.States) // a graph that is wrong may be endless
	stitched = in.Explore(context.Background(), Options{Workers: workers, Stitch: true, MaxStates: bound})
	if slow.Verdict != Complete || stitched.Verdict != Complete {
		t.Fatalf("from the start: %s %s\nstitched: %s %s\n%s", slow.Verdict, slow.Problem, stitched.Verdict, stitched.Problem, stitched.Schedule)
	}
	if d := graph.Compare(slow.Graph, stitched.Graph); d != nil {
		t.Fatal("where this says spec it is the slow way, where it says code the stitched one:\n" + d.Report(in.Describe))
	}
	if a, b := slow.Graph.Digest(Encode).String(), stitched.Graph.Digest(Encode).String(); a != b {
		t.Errorf("digests %s and %s", a, b)
	}
	return stitched
}

var slowly = map[string]Result{}

// explored explores the instance of a cfg from the start, once for all tests.
func explored(t *testing.T, cfg string) Result {
	r, ok := slowly[cfg]
	if !ok {
		r = instance(t, cfg).Explore(context.Background(), Options{Workers: 2})
		slowly[cfg] = r
	}
	return r
}

// TestStitchedGraphIsTheSame on every instance that is compared with TLC's graph.
func TestStitchedGraphIsTheSame(t *testing.T) {
	cfgs := []string{"MCnetns3nets.cfg", "MCnetns.cfg", "MCnetns3ops.cfg"}
	if os.Getenv("PERNET_LONG") != "" {
		cfgs = append(cfgs, "MCnetnsLarge3ops.cfg")
	}
	if race.Enabled {
		cfgs = cfgs[:1]
	}
	for _, cfg := range cfgs {
		in := instance(t, cfg)
		slow := explored(t, cfg)
		stitched := same(t, in, slow, 2)
		edges := stitched.Graph.Edges()
		t.Logf("%s: %d states, %d edges; from the start %d steps; stitched %d, %.2f an edge",
			cfg, len(stitched.Graph.States), edges, slow.Steps, stitched.Steps, float64(stitched.Steps)/float64(edges))
		if stitched.Steps > 2*edges || stitched.Runs > 0 {
			t.Errorf("%s: %d steps and %d runs for %d edges", cfg, stitched.Steps, stitched.Runs, edges)
		}
	}
}

// TestStitchedProgramsAreTheSame: programs, from every start, and nets that are
// freed and made again while a call still has the old one as its other net.
func TestStitchedProgramsAreTheSame(t *testing.T) {
	texts := []string{
		"|register_subsys0,unregister_subsys0|copy0,put1",
		"register_device1,copy0|put1|copy1|list",
		"register_device1,copy0|unregister_device1|put1|copy0",
		"copy0|put1,copy0|copy1|get1,put1,put1",
		"register_device1,copy0|copy1,copy1|put1,put1|register_device1,unregister_device1",
		"copy0,hold1|put1,list,copy1|release1,copy0",
		"|register_device1,register_subsys0,register_device1|copy0,register_device0,register_subsys1",
		"|list|",
	}
	for _, s := range Starts {
		texts = append(texts, s.Calls+"|copy1,put1|unregister_device1,register_subsys0")
	}
	for _, text := range texts {
		in := programmed(t, text)
		slow := in.Explore(context.Background(), Options{})
		for workers := range 2 {
			same(t, in, slow, workers+1)
		}
	}
}

// TestStitchedVariantsAreTheSame: ops that lack a callback, and exits that defer with three nets.
func TestStitchedVariantsAreTheSame(t *testing.T) {
	for what, change := range map[string]func(in *Instance){
		"no init":   func(in *Instance) { in.NoInit, in.Failing = in.Ops, nil },
		"no exit":   func(in *Instance) { in.NoExit = in.Ops },
		"deferring": func(in *Instance) { in.Deferring, in.MaxCount, in.Copiers = in.Ops, 0, in.Registrars },
	} {
		if race.Enabled && what != "no init" { // one is enough to see two workers race
			continue
		}
		in := instance(t, "MCnetns3nets.cfg")
		change(in)
		r := same(t, in, in.Explore(context.Background(), Options{Workers: 2}), 2)
		t.Logf("%s: %d states, %d edges", what, len(r.Graph.States), r.Graph.Edges())
	}
}

// TestStitchWithoutAPool: with no room to park threads each is made when it is
// needed, by its own steps alone; that is slower and finds the same.
func TestStitchWithoutAPool(t *testing.T) {
	if race.Enabled {
		t.Skip("a worker alone has nobody to race with")
	}
	room := shelfRoom
	defer func() { shelfRoom = room }()
	for _, text := range []string{
		"register_device1,copy0|copy1,unregister_device1|put1,put1,copy0|register_device1",
		"register_device1,copy0,unregister_device1,put1|register_device1,unregister_device1|copy0,put1",
	} {
		in := programmed(t, text)
		slow := in.Explore(context.Background(), Options{})
		shelfRoom = room
		with := same(t, in, slow, 1)
		shelfRoom = 0
		if without := same(t, in, slow, 1); without.Steps <= with.Steps || without.Parked > 0 {
			t.Errorf("%d steps and %d threads parked, with a pool %d steps", without.Steps, without.Parked, with.Steps)
		}
	}
}

// stitchDiffers reports whether the stitched way of the changed instance finds another graph than want, or fails.
func stitchDiffers(want Result, changed *Instance) bool {
	got := changed.Explore(context.Background(), Options{Stitch: true, MaxStates: 2 * len(want.Graph.States)})
	return got.Verdict != Complete || graph.Compare(want.Graph, got.Graph) != nil
}

// TestSpoiledStitchIsNoticed: whatever is not written back as it was makes
// another graph, or a failure. All but the seal of a net, which only a Close could tell.
func TestSpoiledStitchIsNoticed(t *testing.T) {
	last := func(v *door.View) *door.ViewNet { return &v.Nets[len(v.Nets)-1] }
	devices := func(v *door.View, device bool) {
		for i := range v.PernetList {
			v.PernetList[i].Device = device
		}
	}
	awaitNothing := func(v *door.View) {
		for i := range v.Batches {
			v.Batches[i].Left = 0
		}
	}
	const (
		nets  = "copy0|copy1,put1|put1"
		ops   = "register_device1,copy0|copy1,unregister_device1|put1,register_subsys0"
		three = "copy0,copy0|put1,register_subsys0|put2,copy0"
		held  = "copy0|hold1,put1|release1"
	)
	for _, c := range []struct {
		what, programs string
		spoil          func(v *door.View)
	}{
		{"an ops on the list", ops, func(v *door.View) { v.PernetList = v.PernetList[:min(1, len(v.PernetList))] }},
		{"that an ops is a device", ops, func(v *door.View) { devices(v, false) }},
		{"that an ops is a subsystem", "register_subsys0|unregister_subsys0|copy0", func(v *door.View) { devices(v, true) }},
		{"the first device", ops, func(v *door.View) { v.First = nil }},
		{"the order of nets", three, func(v *door.View) { slices.Reverse(v.NetList[1:]) }},
		{"the order of the queue", three, func(v *door.View) { slices.Reverse(v.WorkQueue) }},
		{"that the worker is there", three, func(v *door.View) { v.Working = false }},
		{"a count", nets, func(v *door.View) { last(v).Count = 1 }},
		{"a use count", held, func(v *door.View) { last(v).Use = 0 }},
		{"that a net is kept", held, func(v *door.View) { last(v).Kept = false }},
		{"that a net is freed", "copy0|copy1|put1,put1,copy0", func(v *door.View) { v.Freed = nil }},
		{"what a barrier waits for", ops, awaitNothing},
	} {
		in := programmed(t, c.programs)
		want := in.Explore(context.Background(), Options{})
		same(t, in, want, 1)
		in.spoil = c.spoil
		if !stitchDiffers(want, in) {
			t.Errorf("nobody notices when it is lost: %s", c.what)
		}
	}
}

// TestPlacesAreWhole: a thread that is taken from the pool for another list than
// the one that its stack holds is noticed, wherever a stack holds one.
func TestPlacesAreWhole(t *testing.T) {
	threeOps := instance(t, "MCnetns3ops.cfg") // smaller
	threeOps.Deferring, threeOps.Readers, threeOps.Copiers, threeOps.Failing = nil, nil, threeOps.Copiers[1:], threeOps.Ops[2:]
	threeOps.MaxCount = 0
	for _, c := range []struct {
		in    *Instance
		holds *pointSet
	}{{threeOps, &holdsOps}, {instance(t, "MCnetns3nets.cfg"), &holdsNets}} {
		want := c.in.Explore(context.Background(), Options{Stitch: true, MaxStates: 20_000})
		if want.Verdict != Complete {
			t.Fatal(want.Verdict, want.Problem)
		}
		for at := range c.holds {
			if !c.holds[at] {
				continue
			}
			c.holds[at] = false
			if !stitchDiffers(want, c.in) {
				t.Errorf("nobody notices that the stack of a thread at %s holds a list", points[at])
			}
			c.holds[at] = true
		}
	}
}

// TestStitchedFailureHasASchedule that leads there from the start too.
func TestStitchedFailureHasASchedule(t *testing.T) {
	in := programmed(t, "copy0|register_device1,unregister_device1,register_device1|copy1")
	in.inside = func(w *world) {
		if w.s.Current() == "T2" && w.deferred != 0 {
			w.s.Point(door.Point{Name: "RegisterUnlink", Ready: func() bool { return false }})
		}
	}
	r := in.Explore(context.Background(), Options{Stitch: true})
	if r.Verdict != Failed || !strings.HasPrefix(r.Problem, "deadlock:") || !strings.Contains(r.Problem, "T2 waits at RegisterUnlink") {
		t.Fatalf("%s %s", r.Verdict, r.Problem)
	}
	_, steps, err := in.Trace(r.Schedule)
	if err != nil || len(steps) != len(r.Schedule) {
		t.Fatal(len(steps), err)
	}

	in = instance(t, "MCnetns3nets.cfg")
	in.inside = func(w *world) {
		if w.s.Current() == "T1" && w.balance[0][0] > 0 {
			w.s.Point(door.Point{Name: "NoSuchPoint"})
		}
	}
	r = in.Explore(context.Background(), Options{Workers: 2, Stitch: true})
	if r.Verdict != Failed || !strings.Contains(r.Problem, "no point NoSuchPoint") || len(r.Schedule) < 5 {
		t.Fatalf("%s %s after %s", r.Verdict, r.Problem, r.Schedule)
	}
}

// TestStitchedFailureThatIsNone: what happens in the stitched run alone says that its parts do not fit.
func TestStitchedFailureThatIsNone(t *testing.T) {
	in := programmed(t, "copy0,copy0|put1,register_subsys0|put2,copy0")
	in.spoil = func(v *door.View) { v.Working = false }
	r := in.Explore(context.Background(), Options{Stitch: true})
	if r.Verdict != Failed || !strings.Contains(r.Problem, "the parts of the stitched run do not fit together: from the start nothing goes wrong") {
		t.Fatalf("%s %s", r.Verdict, r.Problem)
	}
}

func TestStoppedStitchIsIncomplete(t *testing.T) {
	in := instance(t, "MCnetns3ops.cfg")
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	for want, do := range map[string]func() Result{
		"more than 100 states": func() Result { return in.Explore(context.Background(), Options{Stitch: true, MaxStates: 100}) },
		"bytes of memory":      func() Result { return in.Explore(context.Background(), Options{Stitch: true, MaxMemory: 1}) },
		"context canceled":     func() Result { return in.Explore(stopped, Options{Stitch: true, Workers: 2}) },
	} {
		if r := do(); r.Verdict != Incomplete || !strings.Contains(r.Problem, want) || len(r.Graph.States) > 1000 {
			t.Errorf("%s %q with %d states, want incomplete: %s", r.Verdict, r.Problem, len(r.Graph.States), want)
		}
	}
}

func TestStitchShowsItsProgress(t *testing.T) {
	in := instance(t, "MCnetns3nets.cfg")
	var shown []ProgressReport
	in.Explore(context.Background(), Options{Stitch: true, Progress: func(p ProgressReport) { shown = append(shown, p) }})
	if len(shown) == 0 || shown[0].States == 0 || shown[0].Edges == 0 || shown[0].Elapsed == 0 {
		t.Errorf("%+v", shown)
	}
}

// Threads that stand parked when a stitched exploration ends must not stay for ever.
func TestStitchLeavesNoGoroutine(t *testing.T) {
	in := programmed(t, "register_device1,unregister_device1|copy0,put1|list")
	small := instance(t, "MCnetns3nets.cfg")
	before := runtime.NumGoroutine()
	for range 10 {
		in.Explore(t.Context(), Options{Workers: 2, Stitch: true})
		small.Explore(t.Context(), Options{Workers: 2, Stitch: true, MaxStates: 2000})
	}
	if after := runtime.NumGoroutine(); after > before+5 {
		t.Errorf("%d goroutines, and %d before", after, before)
	}
}
