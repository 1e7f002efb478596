// SPDX-License-Identifier: MIT

// Package rwsem is the discipline of spec/netns_rwsem.tla: set-ups and cleanups read
// pernet_ops_rwsem, registers write it, and dead nets go in rounds. It has the states of the
// spec, and the calls that its instances allow.
package rwsem

import (
	"path/filepath"
	"slices"

	"example.com/pernet/impl"
	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/tlc"
)

// An Instance is a finite instance of spec/netns_rwsem.tla.
type Instance struct {
	clients.Instance
	Unregistrars, Putters                    []string // threads
	WithPreExit, WithExitRtnl, WithExitBatch []string // ops
	AnyOldNet, Misuse                        bool
}

// ReadInstance reads the constants of a spec/MCnetns_rwsem*.cfg. What the explorer does not
// support must be off: cancelled and refused copies, walks under RCU and rtnl, ids of ops and of
// nets, chains of deferred callbacks, and callbacks that call the registry.
func ReadInstance(path string) (*Instance, error) {
	base, err := clients.ReadInstance(path)
	if err != nil {
		return nil, err
	}
	f, err := tlc.ReadCfg(filepath.Split(path))
	if err != nil {
		return nil, err
	}
	in := &Instance{
		Instance: base, Unregistrars: f.Set("Unregistrars"), Putters: f.Set("Putters"),
		WithPreExit: f.Set("WithPreExit"), WithExitRtnl: f.Set("WithExitRtnl"), WithExitBatch: f.Set("WithExitBatch"),
		AnyOldNet: f.Word("OldNets") != `"init"`, Misuse: f.Bool("Misuse"),
	}
	for _, empty := range []string{"Walkers", "RtnlReaders", "WithId", "Nesting"} {
		if len(f.Set(empty)) > 0 {
			f.Fail("the explorer needs %s = {}", empty)
		}
	}
	if f.Bool("Quota") || f.Bool("NsIds") || f.Number("Levels") != 1 {
		f.Fail("the explorer needs Quota and NsIds FALSE and Levels 1")
	}
	return in, f.Err()
}

// With returns the instance with fixed programs, as clients.Instance.With does.
func (in *Instance) With(before []clients.Call, programs ...[]clients.Call) (*Instance, error) {
	with, err := in.Instance.With(before, programs...)
	out := *in
	out.Instance = with
	return &out, err
}

// NewRun returns a run of the instance; its Reset has not been called.
func (in *Instance) NewRun() explore.Run[State] {
	r := &Run{in: in}
	r.Discipline, r.May = impl.RWSem, r.may
	r.Init(&in.Instance, func(string) func() bool { return nil }) // no call begins with a wait
	for i, o := range r.Ops {
		r.logs(in, uint8(i), o)
	}
	return r
}

// may is MCMayCall of spec/MCnetns_rwsem.tla, as far as the table of calls does not say it.
func (r *Run) may(t int, c clients.Call) bool {
	in, me, s := r.in, r.in.Threads[t], r.State()
	canGet := s.Phase[c.X%clients.MaxNets] >= listed && s.Phase[c.X%clients.MaxNets] <= kept && s.Count[c.X%clients.MaxNets] > 0
	switch c.Op {
	case "register_subsys", "register_device":
		return in.Misuse || s.Kind[c.X] == 0
	case "unregister_subsys", "unregister_device":
		want := uint8(subsys)
		if c.Op == "unregister_device" {
			want = device
		}
		return slices.Contains(in.Unregistrars, me) && (in.Misuse || s.Kind[c.X] == want)
	case "copy":
		return (in.Misuse || canGet) && (in.AnyOldNet || c.X == 0)
	case "get", "share":
		return in.Misuse || canGet
	case "put":
		inUse := uint8(0)
		for _, other := range s.Threads[:len(in.Threads)] {
			if other.Other == uint8(c.X) {
				inUse++
			}
		}
		return slices.Contains(in.Putters, me) && (in.Misuse || c.X != 0 && s.Count[c.X] > inUse)
	case "hold":
		return in.MaxUse > 0 && s.Passive[c.X] <= uint8(in.MaxUse) && (in.Misuse || canGet)
	case "release":
		return in.MaxUse > 0 && (in.Misuse || known(s.Phase[c.X]) && held(&s, c.X))
	}
	return true
}

func known(phase uint8) bool { return phase == listed || phase == dying || phase == kept }

func held(s *State, n int) bool {
	if s.Phase[n] == kept {
		return s.Passive[n] > 0
	}
	return s.Passive[n] > 1
}
