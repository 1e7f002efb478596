// SPDX-License-Identifier: MIT

package model

import "testing"

// TestEachInvariantCanBreak: a state that breaks just this claim breaks it.
func TestEachInvariantCanBreak(t *testing.T) {
	initNet := Net{ID: InitNet, Count: 1}
	ok := func() State { return New(false) }
	list := func(first OpsID, es ...Entry) State {
		s := ok()
		s.List, s.FirstDevice = es, first
		return s
	}
	sub, dev := Entry{Ops: 1}, Entry{Ops: 2, Device: true}
	nets := func(listed []NetID, live ...Net) State {
		s := ok()
		s.Nets, s.Live = listed, live
		return s
	}
	dying := func(modern bool) State {
		s := nets([]NetID{1}, initNet, Net{ID: 2, Phase: Dying}, Net{ID: 3, Phase: Dying})
		s.Modern = modern
		return s
	}
	cases := []struct {
		want string
		s    State
		a    Action
		ans  Answer
	}{
		{"TypeOK", list(NoOps, sub, sub), Action{}, Answer{}},
		{"TypeOK", nets([]NetID{1, 1}, initNet), Action{}, Answer{}},
		{"TypeOK", nets([]NetID{1}, Net{ID: 1, Count: -1}), Action{}, Answer{}},
		{"TypeOK", nets([]NetID{1}, Net{ID: 1, Count: 1, Use: -1}), Action{}, Answer{}},
		{"TypeOK", list(NoOps, Entry{Ops: NoOps}), Action{}, Answer{}},
		{"TypeOK", nets([]NetID{NoNet}, Net{ID: NoNet}), Action{}, Answer{}},
		{"TypeOK", nets([]NetID{1}, initNet, initNet), Action{}, Answer{}},
		{"LinkedIfRegistered", State{NoNetNS: true, List: []Entry{sub}, Nets: []NetID{1}, Live: []Net{initNet}}, Action{}, Answer{}},
		{"LinkedIfRegistered", State{Unlinked: []Entry{sub}, Nets: []NetID{1}, Live: []Net{initNet}}, Action{}, Answer{}},
		{"SubsysBeforeDevices", list(2, dev, sub), Action{}, Answer{}},
		{"FirstDeviceExact", list(NoOps, sub, dev), Action{}, Answer{}},
		{"FirstDeviceExact", list(1, sub), Action{}, Answer{}},
		{"ListedIfOnList", nets([]NetID{1}, initNet, Net{ID: 2}), Action{}, Answer{}},
		{"ListedIfOnList", nets([]NetID{1, 2}, initNet), Action{}, Answer{}},
		{"CountedOnlyWhenListed", nets([]NetID{1}, initNet, Net{ID: 2, Count: 1, Phase: Dying}), Action{}, Answer{}},
		{"UsedOnlyWhenThere", nets(nil, Net{ID: 1, Use: 1, Phase: Dead}), Action{}, Answer{}},
		{"InitNetStays", nets([]NetID{1}, Net{ID: 1}), Action{}, Answer{}},
		{"UndoIsExact", ok(), Action{Kind: RegisterSubsys, Ops: 1}, Answer{Err: EIO, Calls: []Callback{in(1, 1), out(1, 1)}}},
		{"UndoIsExact", ok(), Action{Kind: RegisterSubsys, Ops: 1}, Answer{Err: EIO, Calls: []Callback{in(1, 1), in(1, 2), in(1, 3), out(1, 2), out(1, 1)}}},
		{"UndoIsExact", list(2, sub, dev), Action{Kind: Copy, Net: 5}, Answer{Err: EIO, Calls: []Callback{in(1, 5), in(2, 5)}}},
		{"UndoIsExact", ok(), Action{Kind: Get}, Answer{Err: EIO, Calls: []Callback{in(1, 5)}}},
		{"", ok(), Action{Kind: Get}, Answer{Err: EIO, Calls: []Callback{out(1, 1)}}}, // the claim is about failed inits, and none ran
		{"SuccessUndoesNothing", ok(), Action{Kind: RegisterSubsys, Ops: 1}, Answer{Calls: []Callback{in(1, 1), out(1, 1)}}},
		{"SetupRunsAll", list(2, sub, dev), Action{Kind: Copy, Net: 5}, Answer{Calls: []Callback{in(1, 5)}}},
		{"SetupRunsAll", list(2, sub, dev), Action{Kind: Copy, Net: 5}, Answer{Calls: []Callback{in(2, 5), in(1, 5)}}},
		{"UndoIsExact", ok(), Action{Kind: RegisterSubsys, Ops: 1}, Answer{Err: EIO, Calls: []Callback{in(1, 1), in(1, 2)}}},
		{"UndoIsExact", list(2, Entry{Ops: 1, NoInit: true}, dev), Action{Kind: Copy, Net: 5}, Answer{Err: EIO, Calls: []Callback{in(2, 5)}}},
		{"UndoIsExact", list(2, sub, dev), Action{Kind: NetNsInit}, Answer{Err: EIO, Calls: []Callback{in(1, 1), in(2, 1)}}},
		{"RegisterRunsAll", ok(), Action{Kind: RegisterSubsys, Ops: 1}, Answer{}},
		{"RegisterRunsAll", ok(), Action{Kind: RegisterDevice, Ops: 1}, Answer{}},
		{"UnregisterRunsAll", nets([]NetID{1, 2}, initNet, Net{ID: 2, Count: 1}), Action{Kind: UnregisterSubsys, Ops: 2}, Answer{Calls: []Callback{out(2, 2)}}},
		{"UnregisterRunsAll", nets([]NetID{1, 2}, initNet, Net{ID: 2, Count: 1}), Action{Kind: UnregisterDevice, Ops: 2}, Answer{Calls: []Callback{out(2, 1)}}},
		{"SetupRunsAll", list(2, sub, dev), Action{Kind: Copy, Net: 5}, Answer{Calls: []Callback{in(1, 1), in(2, 1)}}},
		{"SetupRunsAll", list(2, sub, dev), Action{Kind: NetNsInit}, Answer{Calls: []Callback{in(1, 1)}}},
		{"CleanupRunsAll", list(2, sub, dev), Action{Kind: Cleanup}, Answer{Nets: []NetID{5}, Calls: []Callback{out(2, 1), out(1, 1)}}},
		{"CleanupRunsAll", list(2, sub, dev), Action{Kind: Cleanup}, Answer{Nets: []NetID{5}, Calls: []Callback{out(1, 5), out(2, 5)}}},
		{"CleanupRunsAll", list(2, sub, dev), Action{Kind: Cleanup}, Answer{Nets: []NetID{5}, Calls: []Callback{out(2, 5), out(1, 5), out(2, 6)}}},
		{"CleanupRunsAll", list(2, sub, dev), Action{Kind: Cleanup}, Answer{Nets: []NetID{5, 6}, Calls: []Callback{out(2, 5), out(1, 5)}}},
		{"CleanupTakesDead", ok(), Action{Kind: Cleanup}, Answer{}},
		{"CleanupTakesDead", ok(), Action{Kind: Cleanup}, Answer{Nets: []NetID{1}}},
		{"CleanupTakesDead", ok(), Action{Kind: Cleanup}, Answer{Nets: []NetID{5}}},
		{"CleanupTakesDead", dying(false), Action{Kind: Cleanup}, Answer{Nets: []NetID{2, 3}}},
		{"CleanupTakesDead", dying(true), Action{Kind: Cleanup}, Answer{}},
		{"", dying(true), Action{Kind: Cleanup}, Answer{Nets: []NetID{2, 3}}},
	}
	seen := map[string]bool{}
	for _, c := range cases {
		seen[c.want] = true
		if got := Broken(c.s, c.a, c.ans); got != c.want {
			t.Errorf("%s %v %v: %q is broken, want %q", c.s, c.a, c.ans, got, c.want)
		}
	}
	for _, inv := range Invariants {
		if !seen[inv.Name] {
			t.Errorf("no case breaks %s", inv.Name)
		}
	}
}

// TestHashAndKeyTellStatesApart: a change of any one component changes the key
// and, but for NoNetNS and Modern, which no registry changes, the hash, and Equal sees it.
func TestHashAndKeyTellStatesApart(t *testing.T) {
	base := New(false)
	do(t, &base, Action{Kind: RegisterSubsys, Ops: 1}, Action{Kind: RegisterDevice, Ops: 2}, Action{Kind: CopyGet, Call: 1, From: InitNet})
	var others []State
	change := func(f func(*State)) {
		s := base
		s.List = append([]Entry{}, s.List...)
		s.Nets = append([]NetID{}, s.Nets...)
		s.Live = append([]Net{}, s.Live...)
		s.Copies = append([]Copying{}, s.Copies...)
		f(&s)
		others = append(others, s)
	}
	change(func(s *State) {})
	change(func(s *State) { s.FirstDevice = NoOps })
	change(func(s *State) { s.List[0].Ops = 3 })
	change(func(s *State) { s.List[0].NoInit = true })
	change(func(s *State) { s.List[0].NoExit = true })
	change(func(s *State) { s.List[1].Device = false })
	change(func(s *State) { s.Nets[0] = 2 })
	change(func(s *State) { s.Nets = nil })
	change(func(s *State) { s.Live[0].Count++ })
	change(func(s *State) { s.Live[0].Use++ })
	change(func(s *State) { s.Live[0].Phase = Dying })
	change(func(s *State) { s.Live[0].ID++ })
	change(func(s *State) { s.Copies[0].Done = true })
	change(func(s *State) { s.Copies[0].From = NoNet })
	change(func(s *State) { s.Copies[0].Call = 2 })
	change(func(s *State) { s.Copies = nil })
	change(func(s *State) { s.Copies[0].Call, s.Copies[0].Done = 2, true })
	change(func(s *State) { s.List[0].NoInit, s.List[0].NoExit = true, true })
	change(func(s *State) { s.Live[0].Count, s.Live[0].Use = 3, 1 })
	change(func(s *State) { s.Live[0].Use, s.Live[0].Phase = 1, Dying })
	change(func(s *State) { s.Unlinked = []Entry{{Ops: 1}} })
	change(func(s *State) { s.Unlinked = []Entry{{Ops: 2}} })
	change(func(s *State) { s.Unlinked = []Entry{{Ops: 1, Device: true}} })
	change(func(s *State) { s.Unlinked = []Entry{{Ops: 1, NoInit: true}} })
	change(func(s *State) { s.Unlinked = []Entry{{Ops: 1, NoExit: true}} })
	change(func(s *State) { s.NoNetNS = true })
	change(func(s *State) { s.Modern = true })
	plain := func(s State) bool { return !s.NoNetNS && !s.Modern }
	for i, a := range others {
		for j, b := range others {
			same := i == j
			if a.Equal(b) != same {
				t.Errorf("%d and %d: Equal is %t", i, j, !same)
			}
			if (string(a.AppendKey(nil)) == string(b.AppendKey(nil))) != same {
				t.Errorf("%d and %d: keys", i, j)
			}
			if (a.Hash() == b.Hash()) != same && plain(a) && plain(b) {
				t.Errorf("%d and %d: hashes", i, j)
			}
		}
	}
	if others[0].Hash() != base.Hash() {
		t.Error("equal states, other hashes")
	}
}
