// SPDX-License-Identifier: MIT

// Package explore builds the state graph of the implementation: it runs the
// real code of impl under a scheduler that takes every choice from every state
// that it reaches, and gives the states and the steps the form that TLC gives
// those of spec/netns.tla, so that the two graphs can be compared.
package explore

import (
	"path/filepath"
	"slices"

	"example.com/pernet/internal/tlc"
)

// An Instance is a finite instance of the algorithm: the constants of a
// spec/MCnetns*.cfg, with the names that the cfg gives them.
type Instance struct {
	Ops, Nets, Threads  []string // Nets[0] is init_net
	Worker              string
	Nones               []string // the names for no ops, no net, nobody and the list head
	NoInit, NoExit      []string
	Deferring, Failing  []string // ops
	OnlySubsys          []string
	OnlyDevice          []string
	Registrars, Copiers []string // threads
	Readers, Waiters    []string
	MaxCount, MaxUse    int

	// Programs, where given, are what each thread calls, in order; a thread
	// without makes any call, for ever. Before is called first, by nobody.
	Programs [][]Call

	// Arrive makes the begin of a call that takes a lock a step of its own, which
	// is possible while others hold the lock; else the call begins with the lock, as in
	// the spec. So a call that does something before it has its lock is seen.
	Arrive bool

	Before []Call

	// What tests change.
	blind  func(*State) // takes away from each state what must not be missed
	inside func(*world) // is called in each init
}

// ReadInstance reads the constants of a cfg. Those that the implementation
// cannot follow here (Positive, Cancel, Boot, no namespaces) must be off.
func ReadInstance(path string) (Instance, error) {
	f, err := tlc.ReadCfg(filepath.Split(path))
	if err != nil {
		return Instance{}, err
	}
	in := Instance{
		Ops: f.Set("Ops"), Nets: f.Slots(), Threads: f.Set("Threads"), Worker: f.Word("Worker"),
		NoInit: f.Set("NoInit"), NoExit: f.Set("NoExit"),
		Deferring: f.Set("Deferring"), Failing: f.Set("Failing"),
		OnlySubsys: f.Set("OnlySubsys"), OnlyDevice: f.Set("OnlyDevice"),
		Registrars: f.Set("Registrars"), Copiers: f.Set("Copiers"), Readers: f.Set("Readers"), Waiters: f.Set("Waiters"),
		MaxCount: f.Number("MaxCount"), MaxUse: f.Number("MaxUse"),
		Nones: []string{f.Word("NoOps"), f.Word("NoNet"), f.Word("Nobody"), f.Word("ListHead")},
	}
	if f.Bool("Positive") || f.Bool("Cancel") || f.Bool("Boot") || !f.Bool("NetNs") {
		f.Fail("it can be explored only with Positive, Cancel and Boot FALSE and NetNs TRUE")
	}
	if len(in.Nets) == 0 {
		f.Fail("no value for Slots")
	}
	if len(in.Ops) > maxOps || len(in.Threads) >= maxThreads {
		f.Fail("more than %d ops or %d threads", maxOps, maxThreads-1)
	}
	return in, f.Err()
}

func (in *Instance) has(set []string, x string) bool { return slices.Contains(set, x) }
