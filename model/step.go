// SPDX-License-Identifier: MIT

package model

import "slices"

// Step takes one action and returns the new state and the answer. It returns false if the action
// is not possible in s: the steps of a copy out of order, a cleanup of a net that is not listed
// or still has references, of several nets in 2009, a free of a net that is not dying or, since
// 4.17, is in use. Misuse by a caller is possible; it
// returns an errno and leaves the state unchanged. Step is pure. It panics for an unknown kind.
func (s State) Step(a Action) (State, Answer, bool) {
	if n, ok := s.net(InitNet); ok && n.Phase == Dead {
		return s, Answer{}, false
	}
	switch a.Kind {
	case RegisterSubsys:
		return s.register(&a, false)
	case RegisterDevice:
		return s.register(&a, true)
	case UnregisterSubsys:
		return s.unregister(&a, false)
	case UnregisterDevice:
		return s.unregister(&a, true)
	case CopyGet:
		return s.copyGet(&a)
	case Copy:
		return s.copy(&a)
	case CopyPut:
		return s.copyPut(&a)
	case Share:
		return s.share(&a)
	case Get, Put, Hold, Release:
		return s.refer(&a)
	case Cleanup:
		return s.cleanup(&a)
	case Free:
		return s.free(&a)
	case List: // [R70]
		return s, Answer{Nets: s.Nets}, true
	case Snapshot:
		list := make([]OpsID, len(s.List))
		for i, e := range s.List {
			list[i] = e.Ops
		}
		return s, Answer{Nets: s.Nets, List: list, First: s.FirstDevice}, true
	case NetNsInit:
		return s.netNsInit(&a)
	}
	panic("model: no such action: " + string(a.Kind))
}

// refuse returns an error and the unchanged state.
func (s State) refuse(e Err) (State, Answer, bool) { return s, Answer{Err: e}, true }

// register is register_pernet_subsys and register_pernet_device [R10]-[R17].
func (s State) register(a *Action, device bool) (State, Answer, bool) {
	if a.Cancel {
		return s.refuse(EINTR)
	}
	if _, ok := s.registered(a.Ops); ok {
		return s.refuse(EEXIST)
	}
	var ans Answer
	if !a.NoInit {
		for i, n := range s.Nets {
			ans.Calls = append(ans.Calls, Callback{Ops: a.Ops, Net: n})
			if ans.Err = a.initOf(a.Ops, n); ans.Err != 0 { // any result but 0 fails here (hazard H1)
				if !a.NoExit {
					ans.Calls = appendExits(ans.Calls, a.Ops, s.Nets[:i])
				}
				return s, ans, true
			}
		}
	}
	e := Entry{Ops: a.Ops, Device: device, NoInit: a.NoInit, NoExit: a.NoExit}
	if s.NoNetNS {
		i, _ := slices.BinarySearchFunc(s.Unlinked, a.Ops, func(e Entry, o OpsID) int { return int(e.Ops) - int(o) })
		s.Unlinked = insert(s.Unlinked, i, e)
		return s, ans, true
	}
	at := len(s.List)
	if !device && s.FirstDevice != NoOps {
		at = s.position(s.FirstDevice)
	}
	s.List = insert(s.List, at, e)
	if device && s.FirstDevice == NoOps {
		s.FirstDevice = a.Ops
	}
	return s, ans, true
}

func (s *State) position(o OpsID) int {
	return slices.IndexFunc(s.List, func(e Entry) bool { return e.Ops == o })
}

func appendExits(calls []Callback, o OpsID, nets []NetID) []Callback {
	for _, n := range nets {
		calls = append(calls, Callback{Exit: true, Ops: o, Net: n})
	}
	return calls
}

// unregister is unregister_pernet_subsys and unregister_pernet_device [R20]-[R24].
func (s State) unregister(a *Action, device bool) (State, Answer, bool) {
	if a.Cancel {
		return s.refuse(EINTR)
	}
	e, ok := s.registered(a.Ops)
	if !ok {
		return s.refuse(ENOENT)
	}
	if e.Device != device {
		return s.refuse(EINVAL)
	}
	var ans Answer
	if !e.NoExit {
		ans.Calls = appendExits(nil, a.Ops, s.Nets)
	}
	if s.NoNetNS {
		i := slices.Index(s.Unlinked, e)
		s.Unlinked = remove(s.Unlinked, i)
		return s, ans, true
	}
	i := s.position(a.Ops)
	if s.FirstDevice == a.Ops {
		s.FirstDevice = NoOps
		if i+1 < len(s.List) {
			s.FirstDevice = s.List[i+1].Ops
		}
	}
	s.List = remove(s.List, i)
	return s, ans, true
}

// copyGet is the first step of copy_net_ns [R30].
func (s State) copyGet(a *Action) (State, Answer, bool) {
	i, busy := s.findCopy(a.Call)
	if busy {
		return s, Answer{}, false
	}
	if s.NoNetNS {
		return s.refuse(EINVAL)
	}
	n, _ := s.net(a.From)
	if n.Count == 0 {
		return s.refuse(ENOENT)
	}
	n.Count++
	s.setNet(n)
	s.Copies = insert(s.Copies, i, Copying{Call: a.Call, From: a.From})
	return s, Answer{}, true
}

// copy is the second step of copy_net_ns [R32]-[R40]. If it fails, it frees its net before the
// call returns [R46].
func (s State) copy(a *Action) (State, Answer, bool) {
	i, ok := s.findCopy(a.Call)
	if !ok || s.Copies[i].Done {
		return s, Answer{}, false
	}
	s.Copies = slices.Clone(s.Copies)
	s.Copies[i].Done = true
	if _, ok := s.find(a.Net); ok {
		return s.refuse(EEXIST)
	}
	if a.Quota {
		return s.refuse(ENOSPC)
	}
	if a.AllocFail {
		return s.refuse(ENOMEM)
	}
	if a.Cancel {
		return s, Answer{Err: EINTR, Freed: a.Net}, true
	}
	ans := s.setup(a, a.Net)
	if s.Modern && ans.Err > 0 {
		ans.Err = 0 // the net is listed
	}
	if ans.Err != 0 {
		ans.Freed = a.Net
		return s, ans, true
	}
	s.Nets = insert(s.Nets, len(s.Nets), a.Net)
	s.setNet(Net{ID: a.Net, Count: 1})
	return s, ans, true
}

// setup is setup_net [R34]-[R36]: it runs the inits in list order and, after a negative result,
// the exits backwards from the ops before the one that failed (hazard H5). It returns the result of
// the last init, even if that is positive (hazard H1); since 4.17 that of the last ops, which is 0
// without an init.
func (s *State) setup(a *Action, n NetID) Answer {
	var ans Answer
	for i, e := range s.List {
		if e.NoInit {
			if s.Modern {
				ans.Err = 0
			}
			continue
		}
		ans.Calls = append(ans.Calls, Callback{Ops: e.Ops, Net: n})
		if ans.Err = a.initOf(e.Ops, n); ans.Err < 0 {
			ans.Calls = appendExitsBack(ans.Calls, s.List[:i], n)
			return ans
		}
	}
	return ans
}

func appendExitsBack(calls []Callback, list []Entry, n NetID) []Callback {
	for _, e := range slices.Backward(list) {
		if !e.NoExit {
			calls = append(calls, Callback{Exit: true, Ops: e.Ops, Net: n})
		}
	}
	return calls
}

// copyPut is the third step of copy_net_ns [R44]. It puts nothing if a client has put the copy's
// reference.
func (s State) copyPut(a *Action) (State, Answer, bool) {
	i, ok := s.findCopy(a.Call)
	if !ok || !s.Copies[i].Done {
		return s, Answer{}, false
	}
	if n, ok := s.net(s.Copies[i].From); ok && n.Count > last(n.ID) {
		n.Count--
		s.setNet(n)
	}
	s.Copies = remove(s.Copies, i)
	return s, Answer{}, true
}

// last is the lowest count that a put can leave: init_net keeps its own reference.
func last(n NetID) int32 {
	if n == InitNet {
		return 1
	}
	return 0
}

// share is copy_net_ns without CLONE_NEWNET [R31].
func (s State) share(a *Action) (State, Answer, bool) {
	if _, ok := s.find(a.From); s.NoNetNS && ok {
		return s, Answer{}, true
	}
	return s.refer(&Action{Kind: Get, Net: a.From})
}

// refer is get_net, put_net, hold_net and release_net [R50]-[R53].
func (s State) refer(a *Action) (State, Answer, bool) {
	n, ok := s.net(a.Net)
	if !ok {
		return s.refuse(ENOENT)
	}
	switch a.Kind {
	case Get:
		if n.Count == 0 {
			return s.refuse(ENOENT) // a count that reached zero never rises again
		}
		n.Count++
	case Put:
		if n.Count <= last(n.ID) {
			return s.refuse(EINVAL)
		}
		n.Count--
	case Hold:
		if s.Modern && n.Count == 0 {
			return s.refuse(ENOENT)
		}
		n.Use++
	case Release:
		if n.Use == 0 {
			return s.refuse(EINVAL)
		}
		n.Use--
	}
	s.setNet(n)
	return s, Answer{}, true
}

// cleanup is the first step of cleanup_net [R62], [R63].
func (s State) cleanup(a *Action) (State, Answer, bool) {
	var ans Answer
	t := s
	t.Nets = make([]NetID, 0, len(s.Nets))
	for _, id := range s.Nets {
		if !slices.Contains(a.Nets, id) {
			t.Nets = append(t.Nets, id)
			continue
		}
		n, _ := s.net(id)
		if n.Count != 0 {
			return s, Answer{}, false
		}
		ans.Nets = append(ans.Nets, id)
		ans.Calls = appendExitsBack(ans.Calls, s.List, id)
		n.Phase = Dying
		t.setNet(n)
	}
	if len(ans.Nets) == 0 || len(ans.Nets) != len(a.Nets) || len(ans.Nets) > 1 && !s.Modern {
		return s, Answer{}, false
	}
	return t, ans, true
}

// free is the second step of cleanup_net, net_free [R66].
func (s State) free(a *Action) (State, Answer, bool) {
	n, ok := s.net(a.Net)
	if !ok || n.Phase != Dying {
		return s, Answer{}, false
	}
	if n.Use != 0 && s.Modern { // the last release comes first
		return s, Answer{}, false
	}
	if n.Use != 0 { // it leaks rather than dangling (hazard H10)
		n.Phase = Kept
		s.setNet(n)
		return s, Answer{Kept: a.Net}, true
	}
	i, _ := s.find(a.Net)
	s.Live = remove(s.Live, i)
	for i, c := range s.Copies { // a reused name is another net
		if c.From == a.Net {
			s.Copies = slices.Clone(s.Copies)
			s.Copies[i].From = NoNet
		}
	}
	return s, Answer{Freed: a.Net}, true
}

// netNsInit is net_ns_init [R90]. Any result but 0 is a panic.
func (s State) netNsInit(a *Action) (State, Answer, bool) {
	if _, ok := s.find(InitNet); ok {
		return s, Answer{}, false
	}
	ans := s.setup(a, InitNet)
	if ans.Err != 0 {
		s.setNet(Net{ID: InitNet, Phase: Dead})
		return s, ans, true
	}
	s.Nets = insert(s.Nets, 0, InitNet)
	s.setNet(Net{ID: InitNet, Count: 1})
	return s, ans, true
}
