// SPDX-License-Identifier: MIT

package mutex

import (
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/race"
	"example.com/pernet/internal/sched"
	"example.com/pernet/internal/tlc"
)

// stateAfter is the state of a program after a schedule.
func stateAfter(t *testing.T, text, schedule string) (*Instance, State) {
	t.Helper()
	in := programmed(t, text)
	s, err := sched.Parse(schedule)
	if err != nil {
		t.Fatal(err)
	}
	state, steps, err := explore.Trace(in, s)
	if err != nil {
		t.Fatal(err)
	}
	if len(steps) > 0 {
		state = steps[len(steps)-1].State
	}
	return in, state
}

// TestEveryInvariantCanFail: each invariant holds in a state that the code reaches, and fails
// when one thing there is changed.
func TestEveryInvariantCanFail(t *testing.T) {
	const whole = "register_subsys0,register_device1,copy0|put1|list"
	failed := map[string]bool{}
	for _, c := range []struct {
		name, text, schedule string
		change               func(*State)
	}{
		{"TypeOK", whole, "", func(s *State) { s.Nets[3] = 0 }},
		{"TypeOK", whole, "", func(s *State) { s.Queue[0] = 3 }},
		{"TypeOK", whole, "T1", func(s *State) { s.Threads[0].Net = 3 }},
		{"TypeOK", whole, "", func(s *State) { s.NetMutex = 7 }},
		{"TypeOK", whole, "", func(s *State) { s.Rtnl = 7 }},
		{"TypeOK", whole, "T1", func(s *State) { s.Threads[0].Ops = 3 }},
		{"TypeOK", whole, "", func(s *State) { s.Deferred = 1 << 15 }},
		{"TypeOK", "register_subsys0|list", "", func(s *State) { s.First = 1 }},
		{"TypeOK", whole, "", func(s *State) { s.Kind[0] = clients.Device + 1 }},
		{"TypeOK", whole, "", func(s *State) { s.Phase[0] = clients.Kept + 1 }},
		{"TypeOK", whole, "T1", func(s *State) { s.Threads[0].Other = 3 }},
		{"TypeOK", whole, "T1", func(s *State) { s.Threads[0].Kind = clients.Device + 1 }},
		{"TypeOK", whole, "T1", func(s *State) { s.Threads[0].Err = uint8(len(clients.ErrWords)) }},
		{"TypeOK", whole, "T1", func(s *State) { s.Threads[0].Waits = 1 << 15 }},
		{"ListsHaveNoDoubles", whole, "", func(s *State) { s.Nets[2] = 1 }},
		{"SubsysBeforeDevices", whole, "", func(s *State) { s.List[0], s.List[1] = 1, 0 }},
		{"FirstDeviceExact", whole, "", func(s *State) { s.First = 0 }},
		{"InitExitBalance", whole, "", func(s *State) { s.Balance[0][0] = 2 }},
		{"InitExitBalance", whole, "", func(s *State) { s.Balance[0][0] = 0 }},
		{"UndoIsExact", "copy0|register_subsys0", "T1*4,T1:1,T1", func(s *State) { s.Balance[0][0] = 0 }},
		{"UndoIsExact", "copy0|register_subsys0", "T1*4,T1:1,T1", func(s *State) { s.Balance[0][1] = 1 }},
		{"UndoIsExact", "copy0|register_subsys0", "T1*4,T1:1,T1*2", func(s *State) { s.Balance[0][0] = 1 }},
		{"UndoIsExact", "register_subsys0,register_device1|copy0", "T1*4,T1:1,T1", func(s *State) { s.Balance[0][1] = 1 }},
		{"ExitReversesInit", whole, "T1*2,W*3", func(s *State) { s.Balance[0][1] = 0 }},
		{"ExitReversesInit", "register_subsys0,register_device1|copy0", "T1*4,T1:1", func(s *State) { s.Balance[1][1] = 1 }},
		{"ListedOnlyWhenWhole", whole, "T1*2,W", func(s *State) { s.Balance[0][1] = 0 }},
		{"ListedOnlyWhenWhole", "copy0|register_subsys0", "T1*5", func(s *State) { s.Balance[0][1] = 0 }},
		{"ListedOnlyWhenWhole", whole, "", func(s *State) { s.Phase[1] = 3 }},
		{"NothingRunsOnFreed", whole, "", func(s *State) { s.Deferred = 1 << 2 }},
		{"NothingRunsOnFreed", whole, "", func(s *State) { s.Queue[0] = 2 }},
		{"NothingRunsOnFreed", whole, "T1", func(s *State) { s.Threads[0].Net = 2 }},
		{"NothingRunsOnFreed", whole, "T1", func(s *State) { s.Threads[0].Other = 2 }},
		{"NothingRunsOnFreed", whole, "", func(s *State) { s.Nets[2] = 2 }},
		{"FreedIsUnused", whole, "", func(s *State) { s.Count[2] = 1 }},
		{"FreedIsUnused", whole, "", func(s *State) { s.Use[2] = 1 }},
		{"FreedIsUnused", whole, "T1*2,W", func(s *State) { s.Balance[1][2] = 1 }},
		{"NewIsOwned", "|copy0", "T1*2", func(s *State) { s.Threads[0].Net = none }},
		{"QueuedOnce", whole, "T1*2", func(s *State) { s.Queue[0] = none }},
		{"QueuedOnce", whole, "T1*2", func(s *State) { s.Count[1] = 1 }},
		{"InitNetStays", whole, "", func(s *State) { s.Count[0] = 0 }},
		{"InitNetStays", whole, "", func(s *State) { s.Phase[0] = clients.Dying }},
		{"NetMutexWhereHeld", whole, "T1*2,W", func(s *State) { s.NetMutex = none }},
		{"NetMutexWhereHeld", whole, "", func(s *State) { s.NetMutex = 1 }},
		{"RtnlWhereHeld", whole, "T2*2", func(s *State) { s.Rtnl = none }},
		{"LocksInOrder", whole, "T1*2,W*2", func(s *State) { s.NetMutex = none }},
		{"LocksInOrder", "|copy0", "T1*2", func(s *State) { s.NetMutex, s.Rtnl = 0, 0 }},
		{"NoSelfWait", "|copy0", "T1*2", func(s *State) { s.NetMutex = 0 }},
		{"NoSelfWait", whole, "T1*2,W", func(s *State) { s.Rtnl = 2 }},
		{"BarrierWaitsForPending", whole, "", func(s *State) { s.Threads[2].Waits = 1 }},
	} {
		in, s := stateAfter(t, c.text, c.schedule)
		if err := explore.CheckState(in, &s); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		c.change(&s)
		found := false
		for _, i := range Claims {
			problem := i.Of(in, &s)
			found = found || i.Name == c.name && problem != ""
		}
		if claim, _ := in.Broken(&s); !found || claim == "" {
			t.Errorf("%s does not see the change in\n%+v", c.name, s)
		}
		failed[c.name] = true
	}
	for _, i := range Claims {
		if !failed[i.Name] {
			t.Errorf("%s was not made to fail", i.Name)
		}
	}

	in, from := stateAfter(t, "copy0,hold1,put1|list", "W*7")
	if to := from; explore.CheckStep(in, &from, &to) != nil {
		t.Error("a step that changes nothing is refused")
	}
	for name, change := range map[string]func(from, to *State){
		"NoRiseFromZeroProp":    func(_, to *State) { to.Count[1] = 1 },
		"KeptStaysProp, freed":  func(_, to *State) { to.Phase[1] = 0 },
		"KeptStaysProp, unused": func(from, _ *State) { from.Phase[1], from.Use[1] = 3, 0 },
		"BarrierOutlastsProp":   func(from, to *State) { from.Threads[0].Waits, to.Deferred = 6, 4 },
		"BarrierOutlastsProp, ended": func(from, to *State) { // while one of its callbacks is pending
			from.Threads[0].At, from.Threads[0].Waits = uint8(slices.Index(pointNames, "CleanupNetBarrierEnd")), 6
			to.Threads[0], to.Deferred = idle, 4
		},
		"BarrierTakesAllProp": func(from, to *State) {
			from.Deferred, to.Deferred = 3, 3
			to.Threads[0].At = uint8(slices.Index(pointNames, "CleanupNetBarrierEnd"))
		},
	} {
		from, to := from, from
		if change(&from, &to); from == to {
			t.Fatal("nothing was changed")
		}
		if err := explore.CheckStep(in, &from, &to); err == nil || !strings.HasPrefix(err.Error(), strings.Split(name, ",")[0]+":") {
			t.Errorf("%s: %v", name, err)
		}
		failed[strings.Split(name, ",")[0]] = true
	}
	for _, c := range stepClaims {
		if !failed[c.Name] {
			t.Errorf("%s was not made to fail", c.Name)
		}
	}
}

// TestLocksAreThoseOfTheRegistry: the code lists them in the order of the table.
func TestLocksAreThoseOfTheRegistry(t *testing.T) {
	r := instance(t, "MCnetns.cfg").NewRun().(*Run)
	r.Reset()
	defer r.S.Close()
	var names []string
	for _, l := range r.Locks() {
		names = append(names, l.Name)
	}
	if len(names) != len(Sketch.Locks) || names[netMutex] != Sketch.Locks[netMutex].Name || names[rtnl] != Sketch.Locks[rtnl].Name {
		t.Errorf("the registry has %v, the table %v", names, Sketch.Locks)
	}
}

// TestCheckGraphShowsTheWay: the schedule to the first problem is a shortest one.
func TestCheckGraphShowsTheWay(t *testing.T) {
	in := programmed(t, "|register_subsys0|copy0")
	g := explore.Explore(t.Context(), in, explore.Options{}).Graph
	if way, err := explore.CheckGraph(in, g); way != nil || err != nil {
		t.Fatal(way, err)
	}
	bad := g.Out[g.Out[0][0].To][0].To
	g.States[bad].Count[0] = 0
	way, err := explore.CheckGraph(in, g)
	if err == nil || !strings.Contains(err.Error(), "QueuedOnce") || len(way) != 2 {
		t.Error(way, err)
	}
}

// TestInvariantsHold checks every state and step of clients that make any calls.
func TestInvariantsHold(t *testing.T) {
	cfg := "MCnetns3ops.cfg"
	if race.Enabled {
		cfg = "MCnetns3nets.cfg"
	}
	in := instance(t, cfg)
	r := explore.Explore(t.Context(), in, explore.Options{Workers: 2})
	if way, err := explore.CheckGraph(in, r.Graph); r.Verdict != explore.Complete || err != nil {
		t.Fatalf("%s %s\n%v\n%s", r.Verdict, r.Problem, err, way)
	}
	t.Logf("%d states, %d edges", len(r.Graph.States), r.Graph.Edges())
}

// TestClaimsAreThoseOfTheSpec: each claim of the spec's instance is checked here, but for one.
func TestClaimsAreThoseOfTheSpec(t *testing.T) {
	cfg, err := tlc.ReadCfg("../../../spec", "MCnetns.cfg")
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Concat(cfg.Invariants, cfg.Properties)
	here := []string{"KindMatchesList"} // the form of a State keeps it
	for _, c := range Claims {
		here = append(here, c.Name)
	}
	for _, c := range stepClaims {
		here = append(here, c.Name)
	}
	slices.Sort(want)
	slices.Sort(here)
	if !slices.Equal(want, here) {
		t.Errorf("the spec claims\n%v\nhere are\n%v", want, here)
	}
}
