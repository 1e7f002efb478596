// SPDX-License-Identifier: MIT

package model

import "slices"

// An Instance is a finite instance of the contract: the constants of a cfg of spec/registry.tla.
type Instance struct {
	Ops, Nets, Copies int
	NoInit, NoExit    []OpsID
	Positive, Cancel  bool
	Quota, Modern     bool
	NoNetNS, Boot     bool
	MaxCount, MaxUse  int32 // bounds of the counts
}

// Start returns the state that the instance starts from.
func (in Instance) Start() State {
	s := New(in.NoNetNS)
	if in.Boot {
		s = Unbooted()
	}
	s.Modern = in.Modern
	return s
}

// Each calls f with every action that spec/registry.tla offers in state s: one for each disjunct
// of Next and each choice inside it, so that the counts equal those of TLC. Step returns false
// for the actions that are not possible in s.
func (in Instance) Each(s State, f func(Action)) {
	for o := OpsID(1); o <= OpsID(in.Ops); o++ {
		in.eachRegister(s, o, f)
	}
	for c := CallID(1); c <= CallID(in.Copies); c++ {
		for n := InitNet; n <= NetID(in.Nets); n++ {
			if net, _ := s.net(n); net.Count < in.MaxCount {
				f(Action{Kind: CopyGet, Call: c, From: n})
			}
			if i, ok := s.findCopy(c); ok && !s.Copies[i].Done {
				in.eachCopy(s, c, n, f)
			}
		}
		if i, ok := s.findCopy(c); ok { // only the answer has From
			f(Action{Kind: CopyPut, Call: c, From: s.Copies[i].From})
		}
	}
	for n := InitNet; n <= NetID(in.Nets); n++ {
		in.eachNet(s, n, f)
	}
	for set := range 1 << in.Nets {
		f(Action{Kind: Cleanup, Nets: netsOf(set)})
	}
	for _, c := range Calls {
		if len(c.Asks) == 0 { // always possible, in one way
			f(Action{Kind: c.Moments[0]})
		}
	}
	if in.Boot {
		if _, ok := s.find(InitNet); !ok {
			in.eachSetup(s, Action{Kind: NetNsInit, Net: InitNet}, f)
		}
	}
}

func (in Instance) eachRegister(s State, o OpsID, f func(Action)) {
	for _, k := range []Kind{RegisterSubsys, RegisterDevice} {
		a := Action{Kind: k, Ops: o, NoInit: slices.Contains(in.NoInit, o), NoExit: slices.Contains(in.NoExit, o)}
		f(a)
		if in.Cancel {
			f(Action{Kind: k, Ops: o, Cancel: true})
		}
		if _, ok := s.registered(o); ok || a.NoInit {
			continue
		}
		for _, n := range s.Nets {
			a.Fails = []Fail{{o, n, ENOMEM}}
			f(a)
			if in.Positive {
				a.Fails = []Fail{{o, n, 1}}
				f(a)
			}
		}
	}
	for _, k := range []Kind{UnregisterSubsys, UnregisterDevice} {
		f(Action{Kind: k, Ops: o})
		if in.Cancel {
			f(Action{Kind: k, Ops: o, Cancel: true})
		}
	}
}

func (in Instance) eachCopy(s State, c CallID, n NetID, f func(Action)) {
	a := Action{Kind: Copy, Call: c, Net: n}
	if _, used := s.find(n); used {
		f(a) // EEXIST
		return
	}
	f(Action{Kind: Copy, Call: c, Net: n, AllocFail: true})
	if in.Quota {
		f(Action{Kind: Copy, Call: c, Net: n, Quota: true})
	}
	if in.Cancel {
		f(Action{Kind: Copy, Call: c, Net: n, Cancel: true})
	}
	in.eachSetup(s, a, f)
}

// eachSetup offers a set-up that succeeds, one that fails at each init, and one whose last init
// returns a positive number, where that is the result (hazard H1). Elsewhere it changes nothing.
func (in Instance) eachSetup(s State, a Action, f func(Action)) {
	f(a)
	last := NoOps
	for _, e := range s.List {
		if !e.NoInit {
			last = e.Ops
			a.Fails = []Fail{{e.Ops, a.Net, ENOMEM}}
			f(a)
		}
	}
	if in.Modern && (a.Kind == Copy || len(s.List) > 0 && s.List[len(s.List)-1].NoInit) {
		return
	}
	if in.Positive && last != NoOps {
		a.Fails = []Fail{{last, a.Net, 1}}
		f(a)
	}
}

func (in Instance) eachNet(s State, n NetID, f func(Action)) {
	net, _ := s.net(n)
	if net.Count < in.MaxCount {
		f(Action{Kind: Share, From: n})
		f(Action{Kind: Get, Net: n})
	}
	f(Action{Kind: Put, Net: n})
	if net.Use < in.MaxUse {
		f(Action{Kind: Hold, Net: n})
	}
	f(Action{Kind: Release, Net: n})
	f(Action{Kind: Free, Net: n})
}

// netsOf returns the nets of a set: InitNet is bit 0.
func netsOf(set int) (nets []NetID) {
	for n := InitNet; set != 0; n++ {
		if set&1 != 0 {
			nets = append(nets, n)
		}
		set >>= 1
	}
	return nets
}
