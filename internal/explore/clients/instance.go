// SPDX-License-Identifier: MIT

// Package clients runs clients of a registry under a scheduler: what they may
// call, from which start, and what was answered, as a history. A discipline
// says what the steps of the code are called, what they touch and what a state is.
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

// What the small numbers of a state can count. They are places in an instance:
// of an ops, a net, a thread. The worker is the thread after the clients.
const (
	MaxOps     = 4
	MaxNets    = 4
	MaxThreads = 4 // clients and the worker
	None       = graph.None
)

// An Instance is a finite instance: the constants of a spec's cfg, with the names
// that the cfg gives them.
type Instance struct {
	Ops, Nets, Threads  []string // Nets[0] is init_net
	Worker              string
	NoInit, NoExit      []string
	Deferring, Failing  []string // ops
	OnlySubsys          []string
	OnlyDevice          []string
	Registrars, Copiers []string // threads
	Readers, Waiters    []string
	MaxCount, MaxUse    int

	NoOps, NoNet, Nobody, ListHead string // the names for none

	// Programs, where given, are what each thread calls, in order; a thread
	// without makes any call, for ever. Before is called first, outside any thread.
	//
	// With programs the begin of a call that takes a lock is a step of its own, which
	// is possible while others hold the lock; else the call begins with the lock, as in
	// the spec. So a call that does something before it has its lock is seen.
	Programs [][]Call
	Before   []Call
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
		NoOps: f.Word("NoOps"), NoNet: f.Word("NoNet"), Nobody: f.Word("Nobody"), ListHead: f.Word("ListHead"),
	}
	if f.Bool("Positive") || f.Bool("Cancel") || f.Bool("Boot") || !f.Bool("NetNs") {
		f.Fail("it can be explored only with Positive, Cancel and Boot FALSE and NetNs TRUE")
	}
	if len(in.Nets) == 0 {
		f.Fail("no value for Slots")
	}
	if len(in.Ops) > MaxOps || len(in.Threads) >= MaxThreads {
		f.Fail("more than %d ops or %d threads", MaxOps, MaxThreads-1)
	}
	return in, f.Err()
}

// Everyone is the names of the clients, and of the worker.
func (in *Instance) Everyone() []string { return append(slices.Clone(in.Threads), in.Worker) }

// HasBoth reports whether an ops has init and exit: then the balance of the two is kept.
func (in *Instance) HasBoth(o int) bool {
	return !slices.Contains(in.NoInit, in.Ops[o]) && !slices.Contains(in.NoExit, in.Ops[o])
}

// Actor returns the name in the instance of a thread of a schedule: of "T1" and
// "W". The deferred callback of an ops and a net, "D0.1", has no name of its own there.
func (in *Instance) Actor(thread string) string {
	var a, b int
	if n, _ := fmt.Sscanf(thread, "D%d.%d", &a, &b); n == 2 && a < len(in.Ops) && b < len(in.Nets) {
		return fmt.Sprintf("deferred callback of %s on %s", in.Ops[a], in.Nets[b])
	}
	if n, _ := fmt.Sscanf(thread, "T%d", &a); n == 1 && a >= 1 && a <= len(in.Threads) {
		return in.Threads[a-1]
	}
	return in.Worker
}

// With returns the instance with fixed programs: before is called first, outside
// any thread and to its end, but for the worker and deferred callbacks, which wait
// to be chosen; then each client makes the calls of one program, in order. There
// are as many clients as programs, whatever the instance had.
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
		return in, errors.New("a barrier before the clients run would block for ever: deferred callbacks run when they are chosen")
	}
	in.Before, in.Programs = before, programs
	threads := slices.Clone(in.Threads[:min(len(in.Threads), len(programs))])
	for i := len(threads); i < len(programs); i++ {
		threads = append(threads, fmt.Sprint("T_", i+1))
	}
	in.Threads = threads
	return in, nil
}

// ReplayLine is the command that takes the schedule again, for an instance that
// was read from the file cfg and given its programs.
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
