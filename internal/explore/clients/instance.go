// SPDX-License-Identifier: MIT

// Package clients runs clients of a registry under a scheduler. It defines which calls they
// make and from which start. A discipline adds the names of the steps and the states.
package clients

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/sched"
	"example.com/pernet/internal/tlc"
)

// Bounds of the instances. A state has ops, nets and threads as small numbers, their indices
// in the instance. The worker is the thread after the clients.
const (
	MaxOps     = 4
	MaxNets    = 4
	MaxThreads = 4 // clients and the worker
	MaxLevels  = 2 // of deferred callbacks
	None       = graph.None
)

// An Instance is a finite instance: the constants of a spec's cfg.
type Instance struct {
	Ops, Nets, Threads  []string // Nets[0] is init_net
	Worker              string
	NoInit, NoExit      []string
	Deferring, Failing  []string // ops
	WithId              []string // ops that are slots
	Malformed           []string // of these, slots that no registry takes
	Levels              int      // how often a deferred callback queues the next one; 0 as 1: never
	OnlySubsys          []string
	OnlyDevice          []string
	Registrars, Copiers []string // threads
	Readers, Waiters    []string
	Walkers             []string
	NetNsWaiters        []string
	MaxCount, MaxUse    int
	Positive, Cancel    bool
	Quota               bool

	NoOps, NoNet, Nobody, ListHead string // the names for none

	// Programs, if given, are the calls of each thread, in order. A thread without a program
	// makes any calls, without end. The calls in Before are made first, outside any thread.
	//
	// With programs, the begin of a call that takes a lock is a separate step, which is
	// possible while another thread holds the lock. Without, the call begins by taking the
	// lock, as in the spec. So only programs show what a call does before it has its lock.
	Programs [][]Call
	Before   []Call
}

// ReadInstance reads the constants of a cfg. NetNs must be TRUE, and the constants off FALSE,
// because the discipline does not support the other values.
func ReadInstance(path string, off ...string) (Instance, error) {
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
		MaxCount: f.Number("MaxCount"), MaxUse: f.Number("MaxUse"), Positive: f.Bool("Positive"), Cancel: f.Bool("Cancel"),
		NoOps: f.Word("NoOps"), NoNet: f.Word("NoNet"), Nobody: f.Word("Nobody"), ListHead: f.Word("ListHead"),
	}
	for _, name := range off {
		if f.Bool(name) {
			f.Fail("the explorer needs %s FALSE", name)
		}
	}
	if !f.Bool("NetNs") {
		f.Fail("the explorer needs NetNs TRUE")
	}
	if len(in.Nets) == 0 {
		f.Fail("no value for Slots")
	}
	if len(in.Ops) > MaxOps || len(in.Threads) >= MaxThreads {
		f.Fail("more than %d ops or %d threads", MaxOps, MaxThreads-1)
	}
	return in, f.Err()
}

// Everyone returns the names of the clients and of the worker.
func (in *Instance) Everyone() []string { return append(slices.Clone(in.Threads), in.Worker) }

// HasBoth reports whether an ops has both init and exit. Only then its balance is recorded.
func (in *Instance) HasBoth(o int) bool {
	return !slices.Contains(in.NoInit, in.Ops[o]) && !slices.Contains(in.NoExit, in.Ops[o])
}

// Actor returns the name of a thread of a schedule: "T1" and "W" have names in the instance;
// "D0.1" is the deferred callback of an ops on a net,
// "D0.1.2" the one that queues it.
func (in *Instance) Actor(thread string) string {
	var a, b int
	if n, _ := fmt.Sscanf(thread, "D%d.%d", &a, &b); n == 2 && a < len(in.Ops) && b < len(in.Nets) {
		return DeferredCallback + in.Ops[a] + " on " + in.Nets[b]
	}
	if n, _ := fmt.Sscanf(thread, "T%d", &a); n == 1 && a >= 1 && a <= len(in.Threads) {
		return in.Threads[a-1]
	}
	return in.Worker
}

// DeferredCallback begins the name of a deferred callback; "O_1 on N_2" follows.
const DeferredCallback = "deferred callback of "

// With returns the instance with fixed programs. The calls in before are made first, outside
// any thread; the worker and deferred callbacks that they start run later, as threads. Then
// each client makes the calls of one program, in order. There are as many clients as programs.
func (in Instance) With(before []Call, programs ...[]Call) (Instance, error) {
	if len(programs) == 0 || len(programs) >= MaxThreads {
		return in, fmt.Errorf("%d programs, where 1 to %d clients can run", len(programs), MaxThreads-1)
	}
	for _, p := range append([][]Call{before}, programs...) {
		for _, c := range p {
			if limit := len(in.names(c.about())); c.X < 0 || c.X >= limit {
				return in, fmt.Errorf("call %q: the instance has %d %s, counted from 0", c, limit, c.about())
			}
		}
	}
	if slices.ContainsFunc(before, func(c Call) bool { return c.Op == "barrier" }) {
		return in, errors.New("a barrier before the clients run would block forever: deferred callbacks run only when they are chosen")
	}
	in.Before, in.Programs = before, programs
	threads := slices.Clone(in.Threads[:min(len(in.Threads), len(programs))])
	for i := len(threads); i < len(programs); i++ {
		threads = append(threads, fmt.Sprint("T_", i+1))
	}
	in.Threads = threads
	return in, nil
}

// ReplayLine returns the command that repeats the schedule, for an instance that was read from
// the file cfg.
func (in *Instance) ReplayLine(cfg string, s sched.Schedule) string {
	line := "pernet explore --replay '" + s.String() + "' --cfg " + cfg
	if len(in.Before) > 0 {
		line += " --before " + FormatCalls(in.Before)
	}
	for _, p := range in.Programs {
		line += " --program " + FormatCalls(p)
	}
	return line
}
