// SPDX-License-Identifier: MIT

package model

import (
	"fmt"
	"reflect"
	"testing"
)

// do takes actions that must all be possible, and returns the last answer.
func do(t *testing.T, s *State, actions ...Action) Answer {
	t.Helper()
	var ans Answer
	for _, a := range actions {
		next, got, ok := s.Step(a)
		if !ok {
			t.Fatalf("%+v is not possible in %s", a, s)
		}
		*s, ans = next, got
	}
	return ans
}

func copyOf(from, net NetID) []Action {
	return []Action{{Kind: CopyGet, Call: 1, From: from}, {Kind: Copy, Call: 1, Net: net}, {Kind: CopyPut, Call: 1}}
}

func in(o OpsID, n NetID) Callback  { return Callback{Ops: o, Net: n} }
func out(o OpsID, n NetID) Callback { return Callback{Exit: true, Ops: o, Net: n} }

// TestSubsysGoesBeforeDevices: hazard H3, in lists.
func TestSubsysGoesBeforeDevices(t *testing.T) {
	s := New(false)
	do(t, &s, Action{Kind: RegisterDevice, Ops: 1, Fails: []Fail{{1, InitNet, EIO}}})
	if s.FirstDevice != NoOps || len(s.List) != 0 {
		t.Fatalf("a device that failed is left behind: %s", s)
	}
	do(t, &s, Action{Kind: RegisterDevice, Ops: 2}, Action{Kind: RegisterSubsys, Ops: 3},
		Action{Kind: RegisterDevice, Ops: 4}, Action{Kind: RegisterSubsys, Ops: 5})
	if got := fmt.Sprint(do(t, &s, Action{Kind: Snapshot}).List); got != "[3 5 2 4]" || s.FirstDevice != 2 {
		t.Fatalf("%s first_device %d", got, s.FirstDevice)
	}
	do(t, &s, Action{Kind: UnregisterDevice, Ops: 2})
	if s.FirstDevice != 4 {
		t.Errorf("first_device did not move on: %s", s)
	}
	do(t, &s, Action{Kind: UnregisterDevice, Ops: 4})
	if s.FirstDevice != NoOps {
		t.Errorf("first_device is not the list head again: %s", s)
	}
}

// TestEachCallReturnsWhatItsRowSays: the result and the callbacks of each call, one row a rule.
func TestEachCallReturnsWhatItsRowSays(t *testing.T) {
	base := New(false)
	do(t, &base, Action{Kind: RegisterSubsys, Ops: 1}, Action{Kind: RegisterSubsys, Ops: 2, NoInit: true},
		Action{Kind: RegisterDevice, Ops: 3, NoExit: true}, Action{Kind: RegisterDevice, Ops: 4})
	do(t, &base, copyOf(InitNet, 2)...)
	zero := base
	do(t, &zero, Action{Kind: Put, Net: 2})
	dying := zero
	do(t, &dying, Action{Kind: Hold, Net: 2}, Action{Kind: Cleanup, Nets: []NetID{2}})
	kept := dying
	do(t, &kept, Action{Kind: Free, Net: 2})
	got := base
	do(t, &got, Action{Kind: CopyGet, Call: 7, From: 2})
	plain := New(true)
	zeros := base
	zeros.Modern = true
	do(t, &zeros, copyOf(InitNet, 3)...)
	do(t, &zeros, Action{Kind: Put, Net: 2}, Action{Kind: Put, Net: 3}, Action{Kind: CopyGet, Call: 8, From: InitNet})

	all := []Callback{in(1, 9), in(3, 9), in(4, 9)}
	for _, c := range []struct {
		name string
		s    State
		a    Action
		want Answer
	}{
		{"register runs the init on every net", base, Action{Kind: RegisterSubsys, Ops: 9}, Answer{Calls: []Callback{in(9, 1), in(9, 2)}}},
		{"a failed register undoes the nets before", base, Action{Kind: RegisterDevice, Ops: 9, Fails: []Fail{{9, 2, EBUSY}}}, Answer{Err: EBUSY, Calls: []Callback{in(9, 1), in(9, 2), out(9, 1)}}},
		{"a failed register with no exit undoes nothing", base, Action{Kind: RegisterDevice, Ops: 9, NoExit: true, Fails: []Fail{{9, 2, EBUSY}}}, Answer{Err: EBUSY, Calls: []Callback{in(9, 1), in(9, 2)}}},
		{"a positive init fails a register", base, Action{Kind: RegisterSubsys, Ops: 9, Fails: []Fail{{9, 1, 5}}}, Answer{Err: 5, Calls: []Callback{in(9, 1)}}},
		{"register twice", base, Action{Kind: RegisterSubsys, Ops: 3}, Answer{Err: EEXIST}},
		{"register cancelled", base, Action{Kind: RegisterSubsys, Ops: 3, Cancel: true}, Answer{Err: EINTR}},
		{"unregister runs the exit on every net", base, Action{Kind: UnregisterSubsys, Ops: 2}, Answer{Calls: []Callback{out(2, 1), out(2, 2)}}},
		{"unregister with no exit", base, Action{Kind: UnregisterDevice, Ops: 3}, Answer{}},
		{"unregister what is not there", base, Action{Kind: UnregisterSubsys, Ops: 9}, Answer{Err: ENOENT}},
		{"unregister as the other kind", base, Action{Kind: UnregisterSubsys, Ops: 4}, Answer{Err: EINVAL}},
		{"unregister cancelled", base, Action{Kind: UnregisterSubsys, Ops: 1, Cancel: true}, Answer{Err: EINTR}},
		{"unregister reaches a net that waits for its cleanup", zero, Action{Kind: UnregisterSubsys, Ops: 1}, Answer{Calls: []Callback{out(1, 1), out(1, 2)}}},
		{"copy from a net that does not exist", base, Action{Kind: CopyGet, Call: 7, From: 5}, Answer{Err: ENOENT}},
		{"copy from a net whose count is zero", zero, Action{Kind: CopyGet, Call: 7, From: 2}, Answer{Err: ENOENT}},
		{"copy runs every init", got, Action{Kind: Copy, Call: 7, Net: 9}, Answer{Calls: all}},
		{"copy to a name in use", got, Action{Kind: Copy, Call: 7, Net: 2, AllocFail: true}, Answer{Err: EEXIST}},
		{"copy refused by the quota, which comes first", got, Action{Kind: Copy, Call: 7, Net: 9, Quota: true, AllocFail: true}, Answer{Err: ENOSPC}},
		{"copy with no memory", got, Action{Kind: Copy, Call: 7, Net: 9, AllocFail: true}, Answer{Err: ENOMEM}},
		{"copy cancelled", got, Action{Kind: Copy, Call: 7, Net: 9, Cancel: true}, Answer{Err: EINTR, Freed: 9}},
		{"a failed set-up undoes backwards, the failed one not", got, Action{Kind: Copy, Call: 7, Net: 9, Fails: []Fail{{4, 9, ENOSPC}}}, Answer{Err: ENOSPC, Freed: 9, Calls: append(append([]Callback{}, all...), out(2, 9), out(1, 9))}},
		{"a positive init that is not the last changes nothing", got, Action{Kind: Copy, Call: 7, Net: 9, Fails: []Fail{{3, 9, 2}}}, Answer{Calls: all}},
		{"a positive last init fails the copy with no exit run", got, Action{Kind: Copy, Call: 7, Net: 9, Fails: []Fail{{4, 9, 2}}}, Answer{Err: 2, Freed: 9, Calls: all}},
		{"share", base, Action{Kind: Share, From: 2}, Answer{}},
		{"share of a net whose count is zero", zero, Action{Kind: Share, From: 2}, Answer{Err: ENOENT}},
		{"get after zero", zero, Action{Kind: Get, Net: 2}, Answer{Err: ENOENT}},
		{"get of nothing", base, Action{Kind: Get, Net: 5}, Answer{Err: ENOENT}},
		{"put below zero", zero, Action{Kind: Put, Net: 2}, Answer{Err: EINVAL}},
		{"put of init_net's own reference", base, Action{Kind: Put, Net: InitNet}, Answer{Err: EINVAL}},
		{"release below zero", base, Action{Kind: Release, Net: 2}, Answer{Err: EINVAL}},
		{"release of a kept net", kept, Action{Kind: Release, Net: 2}, Answer{}},
		{"cleanup runs the exits backwards", zero, Action{Kind: Cleanup, Nets: []NetID{2}}, Answer{Calls: []Callback{out(4, 2), out(2, 2), out(1, 2)}, Nets: []NetID{2}}},
		{"since 4.17 a cleanup takes several nets, and answers in list order", zeros, Action{Kind: Cleanup, Nets: []NetID{3, 2}}, Answer{Calls: []Callback{out(4, 2), out(2, 2), out(1, 2), out(4, 3), out(2, 3), out(1, 3)}, Nets: []NetID{2, 3}}},
		{"since 4.17 a positive last init changes nothing", zeros, Action{Kind: Copy, Call: 8, Net: 9, Fails: []Fail{{4, 9, 2}}}, Answer{Calls: all}},
		{"since 4.17 a use takes a reference", zeros, Action{Kind: Hold, Net: 2}, Answer{Err: ENOENT}},
		{"a free is refused while in use", dying, Action{Kind: Free, Net: 2}, Answer{Kept: 2}},
		{"list", base, Action{Kind: List}, Answer{Nets: []NetID{1, 2}}},
		{"state", base, Action{Kind: Snapshot}, Answer{Nets: []NetID{1, 2}, List: []OpsID{1, 2, 3, 4}, First: 3}},
		{"without namespaces there is no new net", plain, Action{Kind: CopyGet, Call: 7, From: 1}, Answer{Err: EINVAL}},
		{"without namespaces a register runs one init", plain, Action{Kind: RegisterDevice, Ops: 1}, Answer{Calls: []Callback{in(1, 1)}}},
		{"without namespaces a share takes no reference", plain, Action{Kind: Share, From: 1}, Answer{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := fmt.Sprintf("%#v", c.s)
			next, ans, ok := c.s.Step(c.a)
			if !ok || !reflect.DeepEqual(ans, c.want) {
				t.Errorf("%+v, %t; want %+v", ans, ok, c.want)
			}
			if fmt.Sprintf("%#v", c.s) != before {
				t.Error("Step wrote into the state that it was given")
			}
			if ans.Err != 0 && c.a.Kind != Copy && !next.Equal(c.s) {
				t.Errorf("an error changed the state to %s", next)
			}
			if b := Broken(next, c.a, ans); b != "" && ans.Err != 2 {
				t.Errorf("%s does not hold", b)
			}
		})
	}
}

// TestStepReturnsFalseForImpossibleActions: what no caller could do is refused, not answered.
func TestStepReturnsFalseForImpossibleActions(t *testing.T) {
	s := New(false)
	do(t, &s, Action{Kind: CopyGet, Call: 1, From: InitNet})
	zeros := New(false)
	do(t, &zeros, copyOf(InitNet, 2)...)
	do(t, &zeros, copyOf(InitNet, 3)...)
	do(t, &zeros, Action{Kind: Hold, Net: 3}, Action{Kind: Put, Net: 2}, Action{Kind: Put, Net: 3})
	modern := zeros
	modern.Modern = true
	held := modern
	do(t, &held, Action{Kind: Cleanup, Nets: []NetID{2, 3}}, Action{Kind: Free, Net: 2})
	dead := Unbooted()
	do(t, &dead, Action{Kind: RegisterSubsys, Ops: 1}, Action{Kind: NetNsInit, Fails: []Fail{{1, InitNet, EIO}}})
	for _, c := range []struct {
		s State
		a Action
	}{
		{s, Action{Kind: CopyGet, Call: 1, From: InitNet}},
		{s, Action{Kind: Copy, Call: 2, Net: 2}},
		{s, Action{Kind: CopyPut, Call: 1}},
		{s, Action{Kind: Cleanup, Nets: []NetID{InitNet}}},
		{s, Action{Kind: Cleanup, Nets: []NetID{5}}},
		{s, Action{Kind: Cleanup}},
		{zeros, Action{Kind: Cleanup, Nets: []NetID{2, 3}}},
		{zeros, Action{Kind: Cleanup, Nets: []NetID{2, 2}}},
		{modern, Action{Kind: Cleanup, Nets: []NetID{2, InitNet}}},
		{modern, Action{Kind: Cleanup, Nets: []NetID{2, 5}}},
		{s, Action{Kind: Free, Net: InitNet}},
		{held, Action{Kind: Free, Net: 3}},
		{s, Action{Kind: NetNsInit}},
		{dead, Action{Kind: List}},
	} {
		if next, _, ok := c.s.Step(c.a); ok || !next.Equal(c.s) {
			t.Errorf("%+v was possible in %s", c.a, c.s)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("an action that does not exist was taken")
		}
	}()
	s.Step(Action{Kind: "Nonsense"})
}

// TestNetNsInitSetsInitNetUp: net_ns_init sets init_net up over what is registered by then.
func TestNetNsInitSetsInitNetUp(t *testing.T) {
	s := Unbooted()
	if ans := do(t, &s, Action{Kind: RegisterSubsys, Ops: 1}); len(ans.Calls) != 0 {
		t.Errorf("an init ran before there was a net: %v", ans.Calls)
	}
	if ans := do(t, &s, Action{Kind: NetNsInit}); !reflect.DeepEqual(ans.Calls, []Callback{in(1, 1)}) {
		t.Errorf("%v", ans.Calls)
	}
	want := New(false)
	do(t, &want, Action{Kind: RegisterSubsys, Ops: 1})
	if !s.Equal(want) {
		t.Errorf("%s, want %s", s, want)
	}
}

// TestPositiveLastInitOfTheFirstNetIsAPanic: in both disciplines (hazard H1). The last is in 2009 the
// last init that ran, since 4.17 that of the last ops.
func TestPositiveLastInitOfTheFirstNetIsAPanic(t *testing.T) {
	for _, c := range []struct {
		modern, below bool // below: an ops without an init comes last
		want          Err
	}{{false, false, 2}, {true, false, 2}, {false, true, 2}, {true, true, 0}} {
		s := Unbooted()
		s.Modern = c.modern
		do(t, &s, Action{Kind: RegisterDevice, Ops: 4})
		if c.below {
			do(t, &s, Action{Kind: RegisterDevice, Ops: 5, NoInit: true})
		}
		s, ans, _ := s.Step(Action{Kind: NetNsInit, Net: InitNet, Fails: []Fail{{4, 1, 2}}})
		if want := (Answer{Err: c.want, Calls: []Callback{in(4, 1)}}); !reflect.DeepEqual(ans, want) {
			t.Errorf("%+v: %+v, want %+v", c, ans, want)
		}
		if n, _ := s.net(InitNet); (n.Phase == Dead) != (c.want != 0) {
			t.Errorf("%+v: %s", c, s)
		}
	}
}

// TestCopyPutLeavesANewNetOfThatName: a reference that a client took away under a copy is
// not given back to another net of that name.
func TestCopyPutLeavesANewNetOfThatName(t *testing.T) {
	s := New(false)
	do(t, &s, copyOf(InitNet, 2)...)
	do(t, &s, Action{Kind: CopyGet, Call: 7, From: 2}, Action{Kind: Put, Net: 2}, Action{Kind: Put, Net: 2},
		Action{Kind: Cleanup, Nets: []NetID{2}}, Action{Kind: Free, Net: 2})
	do(t, &s, copyOf(InitNet, 2)...)
	do(t, &s, Action{Kind: Copy, Call: 7, Net: 3}, Action{Kind: CopyPut, Call: 7})
	if n, _ := s.net(2); n.Count != 1 {
		t.Errorf("the new net lost a reference: %s", s)
	}
}

// TestUnregisterWithoutNamespacesRejectsMisuse: the contract keeps the kinds of ops there, too.
func TestUnregisterWithoutNamespacesRejectsMisuse(t *testing.T) {
	s := New(true)
	do(t, &s, Action{Kind: RegisterDevice, Ops: 2}, Action{Kind: RegisterSubsys, Ops: 1})
	if s.FirstDevice != NoOps || len(s.List) != 0 {
		t.Errorf("linked: %s", s)
	}
	if ans := do(t, &s, Action{Kind: UnregisterSubsys, Ops: 2}); ans.Err != EINVAL {
		t.Errorf("%v", ans.Err)
	}
	if ans := do(t, &s, Action{Kind: UnregisterDevice, Ops: 2}); ans.Err != 0 || !reflect.DeepEqual(ans.Calls, []Callback{out(2, 1)}) {
		t.Errorf("%v", ans)
	}
	if s.Hash() == New(true).Hash() || s.Equal(New(true)) {
		t.Error("what is registered is not part of the state")
	}
}

func TestErrnosHaveTheNamesAndNumbersOfLinux(t *testing.T) {
	for e, name := range errNames {
		if got, ok := ParseErr(name); !ok || got != e || e.String() != name {
			t.Errorf("%s: %v %v", name, got, e)
		}
	}
	for e, number := range map[Err]int{
		EPERM: 1, ENOENT: 2, EINTR: 4, EIO: 5, EAGAIN: 11, ENOMEM: 12, EBUSY: 16, EEXIST: 17, EINVAL: 22, ENOSPC: 28, ENOTSUP: 95,
	} {
		if int(e) != -number {
			t.Errorf("%s is %d, in Linux it is %d", e, int(e), -number)
		}
	}
	if Err(0).String() != "" || Err(7).String() != "7" {
		t.Error("0 and positive numbers")
	}
	if _, ok := ParseErr("7"); ok {
		t.Error("7 is no errno's name")
	}
}

func TestDisciplineIsThatOfItsState(t *testing.T) {
	if Mutex.New().Modern || Discipline("").New().Modern || !RWSem.New().Modern || len(RWSem.New().Live) != 1 {
		t.Error(Mutex.New(), RWSem.New())
	}
}
