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
// support must be off: walks under rtnl, ids of nets, and callbacks that call the registry.
func ReadInstance(path string) (*Instance, error) {
	base, err := clients.ReadInstance(path, "Boot", "NsIds")
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
	in.Walkers, in.NetNsWaiters, in.Quota = f.Set("Walkers"), f.Set("Waiters"), f.Bool("Quota")
	in.WithId, in.Malformed, in.Levels = f.Set("WithId"), f.Set("Malformed"), f.Number("Levels")
	for _, empty := range []string{"RtnlReaders", "Nesting"} {
		if len(f.Set(empty)) > 0 {
			f.Fail("the explorer needs %s = {}", empty)
		}
	}
	if in.Levels > clients.MaxLevels {
		f.Fail("more than %d levels", clients.MaxLevels)
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
	r.Discipline, r.Ways = impl.RWSem, r.ways
	if in.Cancel {
		r.Stop = r.killable
	}
	r.Equip = func(i int, o *impl.Ops) { r.logs(in, uint8(i), o) }
	r.Init(&in.Instance, func(string) func() bool { return nil }) // no call begins with a wait
	return r
}

// ways is MCMayCall of spec/MCnetns_rwsem.tla, as far as the table of calls does not say it. TLC takes
// the step once for each disjunct that holds, so that the dump has as many equal edges.
func (r *Run) ways(t int, c clients.Call) int {
	in, me, s, x := r.in, r.in.Threads[t], r.State(), c.X
	misuse := holds(in.Misuse)
	canGet := func() int { return holds(known(s.Phase[x]) && s.Count[x] > 0) }
	mayRaise := func() int { return holds(s.Count[x] < uint8(in.MaxCount)) }
	switch c.Op {
	case "register_subsys", "register_device":
		return misuse + holds(s.Kind[x] == 0)
	case "unregister_subsys", "unregister_device":
		return holds(slices.Contains(in.Unregistrars, me)) * (misuse + holds(s.Kind[x] == kindOf(c.Op)))
	case "copy":
		return (misuse + canGet()) * (holds(in.AnyOldNet) + holds(x == 0))
	case "lookup":
		return mayRaise() * holds(slices.Contains(s.Nets[:], uint8(x))) * (misuse + canGet() + 1)
	case "get", "share":
		return mayRaise() * (misuse + canGet())
	case "put":
		inUse := uint8(0)
		for _, other := range s.Threads[:len(in.Threads)] {
			inUse += uint8(holds(other.Other == uint8(x)))
		}
		return holds(slices.Contains(in.Putters, me)) * (misuse + holds(x != 0 && s.Count[x] > inUse))
	case "hold":
		return holds(in.MaxUse > 0 && s.Passive[x] <= uint8(in.MaxUse)) * (misuse + canGet())
	case "release":
		return holds(in.MaxUse > 0) * (misuse + holds(known(s.Phase[x]) && held(&s, x)))
	}
	return 1
}

// holds is 1 for true.
func holds(b bool) int {
	if b {
		return 1
	}
	return 0
}

func known(phase uint8) bool {
	return phase == clients.Listed || phase == clients.Dying || phase == clients.Kept
}

func held(s *State, n int) bool {
	if s.Phase[n] == clients.Kept {
		return s.Passive[n] > 0
	}
	return s.Passive[n] > 1
}
