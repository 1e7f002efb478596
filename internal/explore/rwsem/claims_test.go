// SPDX-License-Identifier: MIT

package rwsem

import (
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/tlc"
)

// graphOf explores a program, written "before | T1 | T2".
func graphOf(t *testing.T, text string) (*Instance, *graph.Graph[State]) {
	t.Helper()
	in, err := ReadInstance("testdata/programs.cfg")
	if err != nil {
		t.Fatal(err)
	}
	before, programs, err := clients.ParsePrograms(text)
	if err != nil {
		t.Fatal(err)
	}
	if in, err = in.With(before, programs...); err != nil {
		t.Fatal(err)
	}
	r := explore.Explore(t.Context(), in, explore.Options{Workers: 2})
	if way, err := explore.CheckGraph(in, r.Graph); r.Verdict != explore.Complete || err != nil {
		t.Fatalf("%s: %s %s\n%v\n%s", text, r.Verdict, r.Problem, err, way)
	}
	return in, r.Graph
}

// The programs of TestEveryInvariantCanFail.
const (
	cleaned  = "register_subsys0,register_device1,copy0,copy0|put1|put2"
	refused  = "register_subsys0,register_device1|copy0|unregister_device1"
	inUse    = "register_device1,copy0,hold1|put1|release1"
	worker   = 2
	allClear = "register_subsys0,register_device1,copy0|list"
	undone   = "copy0|register_subsys0|list"
)

// isAt returns a condition: thread t is at a point.
func isAt(t int, point string) func(*State) bool {
	return func(s *State) bool { return s.Threads[t].is(point) }
}

// logs returns a condition: the worker has logged that many callbacks of a kind.
func logs(n int, what uint8) func(*State) bool {
	return func(s *State) bool {
		found := 0
		for _, l := range s.Threads[worker].logs() {
			found += holds(l.What == what)
		}
		return found == n && s.Threads[worker].Call == cleanup
	}
}

func both(a, b func(*State) bool) func(*State) bool {
	return func(s *State) bool { return a(s) && b(s) }
}

func anyState(*State) bool { return true }

// swap exchanges the first and the last logged callback of a kind.
func swap(t *Thread, what uint8) {
	log := t.logs()
	i := slices.IndexFunc(log, func(l Logged) bool { return l.What == what })
	j := len(log) - 1
	for log[j].What != what {
		j--
	}
	log[i], log[j] = log[j], log[i]
}

// adds logs more callbacks.
func adds(t *Thread, more ...Logged) { copy(t.Log[len(t.logs()):], more) }

// unlist takes nets off the list.
func (s *State) unlist(nets ...uint8) {
	left := slices.DeleteFunc(slices.Clone(s.nets()), func(n uint8) bool { return slices.Contains(nets, n) })
	for i := range s.Nets {
		if s.Nets[i] = none; i < len(left) {
			s.Nets[i] = left[i]
		}
	}
}

// TestEveryInvariantCanFail: each invariant holds in a state that the code reaches, and fails when one thing
// there is changed.
func TestEveryInvariantCanFail(t *testing.T) {
	graphs := map[string]*graph.Graph[State]{}
	instances := map[string]*Instance{}
	for _, text := range []string{cleaned, refused, inUse, allClear, undone} {
		instances[text], graphs[text] = graphOf(t, text)
	}
	waiting := func(first, second uint8) func(*State) bool {
		return func(s *State) bool {
			q := s.queue()
			return len(q) > 1 && q[0].Write == first && q[1].Write == second
		}
	}
	failed := map[string]bool{}
	for _, c := range []struct {
		name, text string
		where      func(*State) bool
		change     func(*State)
	}{
		{"RwsemWhereHeld", refused, isAt(0, "SetupNetInit"), func(s *State) { s.Rwsem[0].Thread = none }},
		{"RwsemWhereHeld", allClear, anyState, func(s *State) { s.Rwsem[0] = Entry{0, 0} }},
		{"NoSelfWait", cleaned, isAt(worker, "OpsUndoListRtnlLock"), func(s *State) { s.Rtnl = worker }},
		{"NoSelfWait", refused, isAt(0, "SetupNetInit"), func(s *State) { s.Rwsem[1] = s.Rwsem[0] }},
		{"WriterAlone", refused, isAt(1, "OpsUndoListExit"), func(s *State) { s.Threads[0].At = at("SetupNetInit") }},
		{"RegistersWrite", refused, isAt(1, "OpsUndoListExit"), func(s *State) { s.Rwsem[0].Write = 0 }},
		{"FirstComeFirstServed", refused, waiting(1, 0), func(s *State) { s.Threads[s.Rwsem[1].Thread].At = at("SetupNetInit") }},
		{"FirstComeFirstServed", refused, waiting(1, 0), func(s *State) { s.Rwsem[2], s.Threads[worker].At = Entry{worker, 0}, at("SetupNetInit") }},
		{"RegistersWrite", undone, isAt(0, "RegisterInit"), func(s *State) { s.Rwsem[0].Write = 0 }},
		{"SetupsRead", refused, isAt(0, "SetupNetInit"), func(s *State) { s.Rwsem[0].Write = 1 }},
		{"SetupsRead", cleaned, isAt(worker, "OpsUndoListExit"), func(s *State) { s.Rwsem[0].Write = 1 }},
		{"ListedIsWhole", refused, isAt(0, "SetupNetInit"), func(s *State) { s.Balance[0][0] = 0 }}, // a reader is inside
		{"ListedIsWhole", refused, both(waiting(0, 1), isAt(0, "SetupNetInit")), func(s *State) { s.Balance[0][0] = 0 }},
		{"RtnlWhereHeld", cleaned, isAt(worker, "OpsUndoListExitRtnl"), func(s *State) { s.Rtnl = none }},
		{"NetRwsemWhereHeld", allClear, isAt(0, "ListNetsRead"), func(s *State) { s.NetRwsem = 0 }},
		{"NetRwsemWhereHeld", cleaned, isAt(worker, "OpsUndoListExit"), func(s *State) { s.NetRwsem = 1 << worker }},
		{"ListsHaveNoDoubles", allClear, anyState, func(s *State) { s.Nets[1] = 0 }},
		{"SubsysBeforeDevices", allClear, anyState, func(s *State) { s.List[0], s.List[1] = 1, 0 }},
		{"FirstDeviceExact", allClear, anyState, func(s *State) { s.First = 0 }},
		{"FirstDeviceExact", undone, isAt(0, "OpsUndoListExit"), func(s *State) { s.First = 0 }},
		{"QueuedOnce", cleaned, func(s *State) bool { return s.Cleanup[0] != none }, func(s *State) { s.Cleanup[0] = none }},
		{"QueuedOnce", cleaned, isAt(worker, "OpsUndoListExit"), func(s *State) { s.Cleanup[0] = s.Threads[worker].Nets[0] }},
		{"BatchIsDead", cleaned, both(isAt(worker, "CleanupNetLock"), func(s *State) bool { return len(s.Threads[worker].nets()) == 1 }),
			func(s *State) { s.Threads[worker].Nets[1] = s.Threads[worker].Nets[0] }},
		{"OneExitList", cleaned, isAt(worker, "OpsUndoListExit"), func(s *State) {
			s.Threads[0].At, s.Threads[0].Nets[0] = at("SetupNetInit"), s.Threads[worker].Nets[0]
		}},
		{"InitExitBalance", allClear, anyState, func(s *State) { s.Balance[0][0] = 2 }},
		{"InitExitBalance", allClear, anyState, func(s *State) { s.Balance[0][2] = 1 }},
		{"InitExitBalance", allClear, anyState, func(s *State) { s.Phase[1] = clients.Kept }},
		{"InitExitBalance", allClear, anyState, func(s *State) { s.Phase[1] = dead }},
		{"ListedIsWhole", allClear, anyState, func(s *State) { s.Balance[0][1] = 0 }},
		{"HalfUpIsPrivate", allClear, anyState, func(s *State) { s.Phase[1] = clients.Dying }},
		{"HalfUpIsPrivate", refused, isAt(0, "SetupNetInit"), func(s *State) { s.Threads[0].Net = 0 }},
		{"UnlistedIsDown", cleaned, isAt(worker, "CleanupNetUnlock"), func(s *State) { s.Balance[0][s.Threads[worker].Nets[0]] = 1 }},
		{"UndoIsExact", cleaned, isAt(worker, "OpsUndoListPreExit"), func(s *State) { s.Balance[0][s.Threads[worker].Nets[0]] = 0 }},
		{"UndoIsExact", refused, isAt(0, "OpsUndoListGrace"), func(s *State) { s.Balance[1][1] = 1 }},
		{"UndoIsExact", refused, func(s *State) bool {
			return s.Threads[0].is("CopyNetNsUnlock") && s.Threads[0].Err != 0 && s.Threads[0].Nets[0] != none
		},
			func(s *State) { s.Balance[0][1] = 1 }},
		{"UndoIsExact", undone, func(s *State) bool { return s.Threads[0].is("RegisterUnlock") && s.Threads[0].Err != 0 },
			func(s *State) { s.Balance[0][1] = 1 }},
		{"ExitOrderPerNet", cleaned, both(logs(2, logExit), func(s *State) bool { return len(s.Threads[worker].nets()) == 1 }),
			func(s *State) { swap(&s.Threads[worker], logExit) }},
		{"ExitsOpsMajor", cleaned, logs(4, logExit), func(s *State) {
			l := s.Threads[worker].logs()
			i := slices.IndexFunc(l, func(l Logged) bool { return l.What == logExit })
			l[i+1], l[i+2] = l[i+2], l[i+1]
		}},
		{"BatchAfterExits", cleaned, logs(1, logExitBatch), func(s *State) {
			l := s.Threads[worker].logs()
			l[len(l)-1], l[len(l)-2] = l[len(l)-2], l[len(l)-1]
		}},
		{"BatchAfterExits", cleaned, logs(1, logExitBatch), func(s *State) {
			l := s.Threads[worker].logs()
			l[0], l[len(l)-1] = l[len(l)-1], l[0]
		}},
		{"BatchAfterExits", cleaned, both(logs(2, logExit), logs(0, logExitBatch)), func(s *State) { swap(&s.Threads[worker], logExit) }},
		{"ExitRtnlNetMajor", cleaned, both(logs(2, logExitRtnl), logs(0, logExit)), func(s *State) {
			l := s.Threads[worker].logs()
			copy(s.Threads[worker].Log[len(l):], []Logged{{logExitRtnl, 0, l[len(l)-2].Net}})
		}},
		{"NetsInBatchOrder", cleaned, logs(4, logExit), func(s *State) {
			n := &s.Threads[worker].Nets
			n[0], n[1] = n[1], n[0]
		}},
		{"PreExitGraceExit", cleaned, both(logs(1, logExitRtnl), logs(0, logExit)), func(s *State) {
			l := s.Threads[worker].logs()
			l[slices.Index(l, Logged{logGrace, none, none})].What = logPreExit
		}},
		{"PreExitGraceExit", cleaned, logs(1, logExit), func(s *State) {
			l := s.Threads[worker].logs()
			l[0], l[len(l)-1] = l[len(l)-1], l[0]
		}},
		{"WalkIsWhole", cleaned, isAt(worker, "CleanupNetUnlock"), func(s *State) {
			l := s.Threads[worker].logs()
			l[len(l)-1] = Logged{}
		}},
		{"WalkIsWhole", cleaned, isAt(worker, "CleanupNetUnlock"), func(s *State) {
			l := s.Threads[worker].logs()
			s.Threads[worker].Log[len(l)] = l[0]
		}},
		{"UnlistedIsDown", cleaned, isAt(worker, "RcuBarrierEnd"), func(s *State) { s.Balance[0][s.Threads[worker].Nets[0]] = 1 }},
		{"ExitOrderPerNet", refused, isAt(0, "OpsUndoListGrace"), func(s *State) { adds(&s.Threads[0], Logged{logExit, 0, 1}, Logged{logExit, 1, 1}) }},
		{"ExitOrderPerNet", cleaned, logs(1, logExit), func(s *State) {
			adds(&s.Threads[worker], Logged{logExit, 2, s.Threads[worker].Nets[0]})
		}},
		{"ExitsOpsMajor", cleaned, logs(1, logPreExit), func(s *State) {
			n := s.Threads[worker].Nets[0]
			adds(&s.Threads[worker], Logged{logPreExit, 1, n}, Logged{logPreExit, 0, n})
		}},
		{"BatchAfterExits", cleaned, both(logs(2, logExit), both(logs(0, logExitBatch), func(s *State) bool { return s.Threads[worker].Nets[1] == none })), func(s *State) {
			adds(&s.Threads[worker], Logged{logExitBatch, 1, none})
		}},
		{"NetsInBatchOrder", cleaned, logs(4, logExit), func(s *State) {
			l := s.Threads[worker].logs()
			l[slices.IndexFunc(l, func(l Logged) bool { return l.What == logExit })].Net = 0
		}},
		{"PreExitGraceExit", cleaned, logs(1, logExit), func(s *State) {
			adds(&s.Threads[worker], Logged{logExitRtnl, 0, s.Threads[worker].Nets[0]})
		}},
		{"WalkIsWhole", refused, func(s *State) bool {
			return s.Threads[0].is("CopyNetNsUnlock") && s.Threads[0].Err != 0 && len(s.Threads[0].logs()) > 2
		}, func(s *State) {
			l := s.Threads[0].logs()
			l[len(l)-1] = Logged{}
		}},
		{"NoExitUnderReader", cleaned, both(logs(1, logExitRtnl), logs(0, logExit)), func(s *State) {
			s.Threads[0].At, s.Threads[0].Net = at("MaybeGetNet"), s.Threads[worker].Nets[0]
		}},
		{"NoExitUnderReader", cleaned, logs(1, logExit), func(s *State) {
			l := s.Threads[worker].logs()
			for i := range l[:len(l)-1] { // the exit is all that there was
				l[i] = Logged{logGrace, none, none}
			}
			s.Threads[0].At, s.Threads[0].Net = at("MaybeGetNet"), l[len(l)-1].Net
		}},
		{"WaitsForPending", allClear, anyState, func(s *State) { s.Threads[0].Waits = 1 }},
		{"WaitsForPending", allClear, anyState, func(s *State) { s.Deferred, s.Threads[0].Waits = 1, 1 }},
		{"WaitsForPending", cleaned, isAt(worker, "RcuBarrierEnd"), func(s *State) { s.Deferred, s.Threads[worker].Waits = 2, 1 }},
		{"GraceForReaders", allClear, anyState, func(s *State) { s.Threads[0].Readers = 1 }},
		{"GraceForReaders", allClear, anyState, func(s *State) { s.Threads[0].At, s.Threads[worker].Readers = at("MaybeGetNet"), 1 }},
		{"GraceForReaders", cleaned, isAt(worker, "OpsUndoListGraceEnd"), func(s *State) { s.Threads[worker].Readers = 1 }},
		{"UnregisterIsFinal", inUse, anyState, func(s *State) { s.Deferred = 1 }},
		{"UnregisterIsFinal", undone, isAt(0, "RegisterInit"), func(s *State) { s.Deferred = 1 << 4 }}, // of other ops
		{"UnregisterIsFinal", inUse, isAt(worker, "OpsUndoListExit"), func(s *State) { s.Threads[worker].Ops = 0 }},
		{"NoUseAfterFree", allClear, anyState, func(s *State) { s.Deferred = 1 << 2 }},
		{"NoUseAfterFree", allClear, anyState, func(s *State) { s.Cleanup[0] = 2 }},
		{"NoUseAfterFree", allClear, anyState, func(s *State) { s.Threads[0].Other = 2 }},
		{"NoUseAfterFree", allClear, anyState, func(s *State) { s.Threads[0].Net = 2 }},
		{"NoUseAfterFree", allClear, anyState, func(s *State) { s.Threads[0].Nets[0] = 2 }},
		{"NoUseAfterFree", allClear, anyState, func(s *State) { s.Nets[2] = 2 }},
		{"NoUseAfterFree", allClear, anyState, func(s *State) { s.DeferFree = 1 << 2 }},
		{"PassiveFrees", allClear, anyState, func(s *State) { s.Passive[1] = 0 }},
		{"PassiveFrees", allClear, anyState, func(s *State) { s.Passive[1], s.Threads[0].Net = 0, 1 }},
		{"PassiveFrees", allClear, anyState, func(s *State) { s.Passive[1], s.Threads[0].Net, s.Threads[0].At = 0, 0, at("ReleaseNetFree") }},
		{"PassiveFrees", allClear, anyState, func(s *State) { s.Passive[2] = 1 }},
		{"PassiveFrees", allClear, anyState, func(s *State) { s.DeferFree = 2 }},
		{"CountOnlyWhenUp", allClear, anyState, func(s *State) { s.Count[2] = 1 }},
		{"InitNetStays", allClear, anyState, func(s *State) { s.Count[0] = 0 }},
		{"InitNetStays", allClear, anyState, func(s *State) { s.Phase[0] = clients.Dying }},
	} {
		in, g := instances[c.text], graphs[c.text]
		i := slices.IndexFunc(g.States, func(s State) bool { return c.where(&s) })
		if i < 0 {
			t.Errorf("%s: no such state of %s", c.name, c.text)
			continue
		}
		s := g.States[i]
		c.change(&s)
		seen := false
		for _, claim := range Claims {
			seen = seen || claim.Name == c.name && claim.Of(in, &s) != ""
		}
		if !seen || explore.CheckState(in, &s) == nil {
			t.Errorf("%s does not see the change in\n%s", c.name, explore.Describe(in, s))
		}
		failed[c.name] = true
	}
	for _, c := range Claims {
		if !failed[c.Name] {
			t.Errorf("%s was not made to fail", c.Name)
		}
	}

	for name, c := range map[string]struct {
		text   string
		where  func(*State) bool
		change func(from, to *State)
	}{
		"BatchStaysProp":      {cleaned, isAt(worker, "OpsUndoListExit"), func(_, to *State) { to.Threads[worker].Nets[0] = none }},
		"UnlinkIsOneStepProp": {allClear, anyState, func(_, to *State) { to.Nets[1] = none }},
		"UnlinkIsOneStepProp, of a part": {cleaned, both(isAt(worker, "CleanupNetUnlink"), func(s *State) bool { return len(s.Threads[worker].nets()) == 2 }),
			func(from, to *State) { to.unlist(from.Threads[worker].Nets[0]) }},
		"UnlinkIsOneStepProp, of another": {cleaned, both(isAt(worker, "CleanupNetUnlink"), func(s *State) bool { return len(s.Threads[worker].nets()) == 1 }),
			func(_, to *State) { to.unlist(1, 2) }},
		"UnlinkIsOneStepProp, elsewhere": {cleaned, isAt(worker, "CleanupNetLock"), func(from, to *State) { to.unlist(from.Threads[worker].nets()...) }},
		"CountStaysZeroProp":             {cleaned, func(s *State) bool { return s.Phase[1] == clients.Listed && s.Count[1] == 0 }, func(_, to *State) { to.Count[1] = 1 }},
		"WaitsOutlastProp": {inUse, isAt(worker, "RcuBarrierEnd"), func(from, to *State) {
			from.Threads[worker].Waits, to.Threads[worker].Waits, from.Deferred, to.Deferred = 1<<4, 0, 1<<4, 1<<4
		}},
		"WaitsOutlastProp, ended": {inUse, isAt(worker, "RcuBarrierEnd"), func(from, to *State) {
			from.Threads[worker].Waits, from.Deferred, to.Deferred = 1<<4|1<<5, 1<<4|1<<5, 1<<5
			to.Threads[worker].At, to.Threads[worker].Waits = at("NetCompleteFree"), 0
		}},
		"WaitsOutlastProp, readers of one that ended": {inUse, isAt(worker, "OpsUndoListGraceEnd"), func(from, to *State) {
			from.Threads[worker].Readers, to.Threads[0].At = 1, at("MaybeGetNet")
			to.Threads[worker].At = at("OpsUndoListExit")
		}},
		"WaitsOutlastProp, readers": {inUse, isAt(worker, "OpsUndoListGraceEnd"), func(from, to *State) {
			from.Threads[worker].Readers, to.Threads[0].At = 1, at("MaybeGetNet")
		}},
		"KeptIsHeldProp": {inUse, func(s *State) bool { return s.Phase[1] == clients.Kept && s.Passive[1] > 0 }, func(_, to *State) { to.Phase[1] = dead }},
	} {
		in, g := instances[c.text], graphs[c.text]
		i := slices.IndexFunc(g.States, func(s State) bool { return c.where(&s) })
		if i < 0 {
			t.Errorf("%s: no such state of %s", name, c.text)
			continue
		}
		from, to := g.States[i], g.States[i]
		if explore.CheckStep(in, &from, &to) != nil {
			t.Errorf("%s: a step that changes nothing is refused", name)
		}
		c.change(&from, &to)
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

// notHere are the claims of the spec that the explorer does not check: about ids, slots, ids of nets, net_ns_barrier
// and the boot, which its instances leave out; those that the form of a State keeps; and the three that say that all is
// taken (…TakesAllProp), for which the explorer relies on the equality of the graphs.
var notHere = strings.Fields(`TypeOK ReadersShare LocksInOrder KindMatchesList WorkIsQueued CleanupIsSerial
	MalformedStaysOut DeferredIsDead InitNetCounted DeadInNoTable IdsApart IdKeptWhilePending
	SlotInBounds SlotValid NoDanglingSlot DataGoesWithNet ArrayGoesWithPassive NoLinkOnceUpProp
	BatchTakesAllProp BarrierTakesAllProp GraceTakesAllProp`)

// TestClaimsAreThoseOfTheSpec: each claim of the spec's instance is checked here, or is among those that are not.
func TestClaimsAreThoseOfTheSpec(t *testing.T) {
	cfg, err := tlc.ReadCfg("../../../spec", "MCnetns_rwsem.cfg")
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Concat(cfg.Invariants, cfg.Properties)
	here := slices.Clone(notHere)
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
