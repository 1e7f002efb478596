// SPDX-License-Identifier: MIT

package explore

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strconv"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/sched"
)

// A world is one run of the implementation: a fresh registry, its clients under
// a scheduler, and what a client or a callback would remember.
type world struct {
	in    *Instance
	s     sched.Scheduler
	r     *impl.Registry
	d     hook.Hooks
	ops   []*impl.Ops
	nets  []*impl.Net // the last net listed in each slot
	view  hook.View   // what look saw last
	fresh bool        // nothing has moved since

	netMutex, rtnl uint8 // owners
	balance        [maxOps][maxNets]int8
	deferred       uint16
	waits          [maxThreads]uint16
	kind           [maxThreads]uint8 // of a client's register
	failed         [maxThreads]uint8 // net on which its init failed

	starting bool   // a call begins: its first point is passed
	step     string // the name of the step that is running
	outcome  string // what a callback, or the end of a call, makes of it
	spawn    string // name of the next deferred thread

	calls   []Call // of the client that chooses
	pc      [maxThreads]uint8
	failing []bool // by ops
	both    []bool
	defers  []bool
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError + 1}))

func newWorld(in *Instance) *world {
	w := &world{in: in, netMutex: none, rtnl: none}
	for i, name := range in.Ops {
		w.failing = append(w.failing, in.has(in.Failing, name))
		w.defers = append(w.defers, in.has(in.Deferring, name))
		w.both = append(w.both, !in.has(in.NoInit, name) && !in.has(in.NoExit, name))
		o := &impl.Ops{Name: strconv.Itoa(i)}
		if !in.has(in.NoInit, name) {
			o.Init = func(_ context.Context, n *impl.Net) error { return w.init(uint8(i), digit(n.Name())) }
		}
		if !in.has(in.NoExit, name) {
			o.Exit = func(_ context.Context, n *impl.Net) { w.exit(uint8(i), digit(n.Name()), n) }
		}
		w.ops = append(w.ops, o)
	}
	w.nets = make([]*impl.Net, len(in.Nets))
	w.reset()
	return w
}

// init is the init of ops o on net n. Before the threads run it always goes well.
func (w *world) init(o, n uint8) error {
	if w.in.inside != nil {
		w.in.inside(w)
	}
	if w.failing[o] && w.s.Current() != "" && w.s.Option(2) == 1 {
		w.outcome = "Fail"
		w.failed[w.thread()] = n
		return errFail
	}
	if w.both[o] {
		w.balance[o][n]++
	}
	return nil
}

func (w *world) exit(o, i uint8, n *impl.Net) {
	if w.both[o] {
		w.balance[o][i]--
	}
	pair := uint16(1) << (o*maxNets + i)
	if !w.defers[o] || w.deferred&pair != 0 {
		return
	}
	w.deferred |= pair
	w.spawn = "D" + strconv.Itoa(int(o)) + "." + strconv.Itoa(int(i))
	if err := n.Defer(func() { w.ran(pair) }); err != nil {
		w.outcome = " cannot defer: " + err.Error() // a label that no spec has
		w.deferred &^= pair
	}
}

func (w *world) ran(pair uint16) {
	w.deferred &^= pair
	for t := range w.waits {
		w.waits[t] &^= pair
	}
}

var errFail = errors.New("init fails")

// reset makes a fresh registry with its clients at rest.
func (w *world) reset() {
	if !w.s.AllAtRest(len(w.in.Threads)) || len(w.in.Programs) > 0 {
		w.end()
		w.s = sched.Scheduler{}
	}
	served := w.s.Len() > 0
	w.netMutex, w.rtnl, w.deferred = none, none, 0
	w.balance = [maxOps][maxNets]int8{}
	w.waits, w.kind, w.failed = [maxThreads]uint16{}, [maxThreads]uint8{}, [maxThreads]uint8{}
	clear(w.nets)
	w.d = hook.Hooks{AllocFail: w.allocFail, AllocName: w.allocName, Cleanup: w.cleanup}
	w.d.Go = w.goes
	w.d.Point = func(p hook.Point) {
		switch {
		case w.s.Current() == "": // New
		case w.starting:
			w.starting, w.step = false, p.Name
		default:
			w.s.Point(p)
		}
	}
	r, err := impl.New(hook.With(context.Background(), &w.d), impl.WithInitName("0"), impl.WithLogger(quiet))
	if err != nil {
		panic(err) // no ops, nothing can fail
	}
	w.r = r
	w.fresh = false
	w.look()
	for _, c := range w.in.Before {
		c.make(w, 0)
		w.fresh = false
		w.look()
	}
	w.pc = [maxThreads]uint8{}
	if served {
		return // clients at rest serve one registry as well as another
	}
	for t := range w.in.Threads {
		w.s.Go(w.nameOf(t), func() { w.client(t) })
	}
}

// goes starts a thread of the registry's own.
func (w *world) goes(name string, f func()) {
	if name == "worker" {
		w.s.Go("W", f)
		return
	}
	w.s.Go(w.spawn, f)
}

func digit(name string) uint8 { return name[0] - '0' }

// thread returns the number of the running thread.
func (w *world) thread() int { return w.number(w.s.Current()) }

// number returns the number of the thread of that name; -1 for a deferred callback.
func (w *world) number(name string) int {
	switch name[0] {
	case 'T':
		return int(name[1] - '1')
	case 'W':
		return len(w.in.Threads)
	}
	return -1
}

func (w *world) at(t int) hook.Point { return w.s.At(w.s.Find(w.nameOf(t))) }

func (w *world) nameOf(t int) string {
	if t == len(w.in.Threads) {
		return "W"
	}
	return "T" + strconv.Itoa(t+1)
}

func (w *world) allocFail() bool {
	if w.freeSlot() < 0 || w.s.Current() != "" && w.s.Option(2) == 1 {
		w.outcome = "Fail"
		return true
	}
	return false
}

func (w *world) allocName() string {
	i := w.freeSlot()
	for o := range w.balance {
		w.balance[o][i] = 0
	}
	return strconv.Itoa(i)
}

// freeSlot returns the lowest slot that no net has, or -1.
func (w *world) freeSlot() int {
	used := 0
	for _, n := range w.look().Nets {
		used |= 1 << digit(n.Name)
	}
	for i := range w.in.Nets {
		if used&(1<<i) == 0 {
			return i
		}
	}
	return -1
}

func (w *world) cleanup() func(string, bool) {
	return func(_ string, freed bool) {
		if !freed {
			w.outcome = "InUse"
		}
	}
}

// take lets the thread of that name take its next step, and returns the step's
// label and how many options it had.
func (w *world) take(c sched.Choice) (label string, offers int) {
	i := w.s.Find(c.Thread)
	before := w.s.At(i)
	w.step, w.outcome = before.Name, ""
	offers = w.s.Step(i, c.Option)
	w.own(c.Thread)
	w.fresh = false
	if w.step == "CopyNetNsListAdd" {
		w.look() // from here on the net is what clients mean by its slot
	}
	t := w.number(c.Thread)
	if t < 0 {
		return w.step + w.outcome, offers
	}
	next := sched.AtRest
	if j := w.s.Find(c.Thread); j >= 0 {
		next = w.s.At(j).Name
	}
	switch {
	case w.step == "SetupNetBarrier", w.step == "CleanupNetBarrier", w.step == "RcuBarrier":
		w.waits[t] = w.deferred
	case w.step == "CopyNetNsUnlock" && before.Err != nil:
		w.outcome = "Fail"
	case w.step == "PutNet" && next == "PutNetQueue", w.step == "CopyNetNsPut" && next == "CopyNetNsQueue":
		w.outcome = "Zero"
	}
	return w.step + w.outcome, offers
}
