// SPDX-License-Identifier: MIT

package clients

import (
	"iter"
	"log/slog"
	"slices"
	"strconv"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/sched"
)

// A World is one run of the implementation: a new registry, its clients under a scheduler, and
// what clients and callbacks remember. A discipline's Run adds the states to a World.
type World struct {
	In       *Instance
	S        sched.Scheduler
	Registry *impl.Registry
	Ops      []*impl.Ops
	Observer Observer // for tests, as is Inside, which is called in each init
	Inside   func()

	// Set by a discipline, before Reset. Ways says in how many ways a client may make a call
	// now; nil means in one way, if the table of calls allows it and its gate. Stop is what a thread
	// does at a yield point; nil means S.Point.
	Discipline impl.Discipline
	Equip      func(i int, o *impl.Ops) // gives an ops more callbacks
	Settled    func()                   // is called after each call of Before
	Ways       func(t int, c Call) int
	Stop       func(p hook.Point)

	tools hook.Hooks // functions of the World alone
	hooks hook.Hooks // with those of the registry
	view  hook.View  // the result of the last Look
	fresh bool       // no step was taken since

	// Parts of a state that Look does not show.
	Nets     []*impl.Net // the last net listed in each slot
	Owner    []uint8     // of each lock, in the order of hook.Hooks.Locks
	Balance  [MaxOps][MaxNets]int8
	Deferred uint32             // pending callbacks, see Pair
	Waits    [MaxThreads]uint32 // pending callbacks that the thread's barrier waits for
	Kind     [MaxThreads]uint8  // of a client's register: Subsys or Device
	Failed   [MaxThreads]uint8  // net on which its init failed
	PC       [MaxThreads]uint8  // calls begun, of threads with a program
	Begun    [MaxThreads]Call   // the last call of a client
	Kill     [MaxThreads]func() // ends the context of its last copy, if the instance cancels copies

	starting bool   // a call begins and does not stop at its first point
	Step     string // the name of the step that is running
	Outcome  string // the outcome, set by a callback or the end of a call
	spawn    string // name of the next deferred thread

	candidates    [][]candidate // by client
	gates         []func() bool // by kind of call
	calls         []Call        // the options of the client that chooses
	failing, both []bool        // by ops
	defers        []bool
}

// An Observer gets the events of a run. The client after the last one makes the calls in
// Before.
type Observer interface {
	Reset(w *World) // a run begins
	Begin(t int, c Call)
	End(t int, c Call, err error)
	Listed(t int, nets []*impl.Net)
	Found(t int, n *impl.Net) // by a lookup
	Callback(exit bool, o *impl.Ops, n *impl.Net)
	Moved(thread string)             // after a step; "": after a call in Before
	Takes()                          // the worker is about to take nets
	Cleaned(n *impl.Net, freed bool) // one of them is done
	Round()                          // all of them are
}

// noObserver is the Observer of a run that has no other.
type noObserver struct{}

func (noObserver) Reset(*World)                        {}
func (noObserver) Begin(int, Call)                     {}
func (noObserver) End(int, Call, error)                {}
func (noObserver) Listed(int, []*impl.Net)             {}
func (noObserver) Found(int, *impl.Net)                {}
func (noObserver) Callback(bool, *impl.Ops, *impl.Net) {}
func (noObserver) Moved(string)                        {}
func (noObserver) Takes()                              {}
func (noObserver) Cleaned(*impl.Net, bool)             {}
func (noObserver) Round()                              {}

var quiet = slog.New(slog.DiscardHandler)

// Init prepares a World of the instance; Reset begins a run. For a call whose first step takes a
// lock, gate returns a function that reports whether that step is possible, else nil.
func (w *World) Init(in *Instance, gate func(op string) func() bool) {
	w.In, w.Observer = in, noObserver{}
	w.tools = hook.Hooks{Point: w.point, Go: w.goes, AllocFail: w.allocFail, AssignFail: w.assignFail, AllocName: w.allocName, Cleanup: w.cleanup, Round: w.round}
	for _, me := range in.Threads {
		w.candidates = append(w.candidates, in.candidates(me))
	}
	for _, k := range kinds {
		w.gates = append(w.gates, gate(k.op))
	}
	for i, name := range in.Ops {
		w.failing = append(w.failing, slices.Contains(in.Failing, name))
		w.defers = append(w.defers, slices.Contains(in.Deferring, name))
		w.both = append(w.both, in.HasBoth(i))
	}
	w.makeOps()
}

// Reset makes a new registry with idle clients. All calls of the previous run must have returned.
func (w *World) Reset() {
	serves := w.S.AllAtRest(len(w.In.Threads)) && len(w.In.Programs) == 0
	if !serves && w.S.Len() > 0 { // where all threads have ended, their coroutines serve again
		w.S.Close()
		w.S = sched.Scheduler{}
	}
	w.Deferred, w.Balance, w.Waits = 0, [MaxOps][MaxNets]int8{}, [MaxThreads]uint32{}
	w.Kind, w.Failed = [MaxThreads]uint8{}, [MaxThreads]uint8{}
	w.Nets = append(w.Nets[:0], make([]*impl.Net, len(w.In.Nets))...)
	w.hooks = w.tools
	r, err := impl.New(hook.With(background, &w.hooks), impl.WithDiscipline(w.Discipline), impl.WithInitName("0"), impl.WithLogger(quiet))
	if err != nil {
		panic(err) // New cannot fail without ops
	}
	w.Registry = r
	if len(w.In.WithId) > 0 { // a slot is of one registry
		w.makeOps()
	}
	w.Owner = w.Owner[:0]
	for range w.hooks.Locks {
		w.Owner = append(w.Owner, None)
	}
	w.Observer.Reset(w)
	w.fresh = false
	w.Look()
	for _, c := range w.In.Before {
		w.call(len(w.In.Threads), c)
		w.moved("")
		w.Look()
		if w.Settled != nil {
			w.Settled()
		}
	}
	w.PC = [MaxThreads]uint8{}
	if serves && w.S.Len() > 0 {
		return // idle clients can use the new registry
	}
	for t := range w.In.Threads {
		w.S.Go(w.nameOf(t), func() { w.client(t) })
	}
}

// client is the function of a client thread. It makes the calls of its program or, without
// one, any calls that the instance allows, without end.
func (w *World) client(t int) {
	if t < len(w.In.Programs) {
		for _, c := range w.In.Programs[t] {
			if !w.S.Rest(hook.Point{Name: Begins}) {
				return
			}
			w.PC[t]++
			w.call(t, c)
		}
		return
	}
	rest := hook.Point{Name: sched.AtRest}
	if w.Ways != nil { // then there may be no call to make
		rest.Ready = func() bool {
			w.offer(t)
			return len(w.calls) > 0
		}
	}
	for w.S.Rest(rest) {
		w.offer(t)
		w.call(t, w.calls[w.S.Option(len(w.calls))])
	}
}

// Begins is the point of a thread with a program between two calls.
const Begins = "begins"

// point is the yield point in the calls of the registry.
func (w *World) point(p hook.Point) {
	switch {
	case w.S.Current() == "": // before the threads run
	case w.starting:
		w.starting, w.Step = false, p.Name
	case w.Stop != nil:
		w.Stop(p)
	default:
		w.S.Point(p)
	}
}

// goes starts a thread of the registry.
func (w *World) goes(name string, f func()) {
	if name == "worker" {
		w.S.Go("W", f)
		return
	}
	w.S.Go(w.spawn, f)
}

// Slot returns the number of the ops or net of that name; None for "".
func Slot(name string) uint8 {
	if name == "" {
		return None
	}
	return name[0] - '0'
}

// Number returns the number of the thread of that name; -1 for a deferred callback.
func (w *World) Number(name string) int {
	switch name[0] {
	case 'T':
		return int(name[1] - '1')
	case 'W':
		return len(w.In.Threads)
	}
	return -1
}

func (w *World) nameOf(t int) string { return "T" + strconv.Itoa(t+1) }

// At returns where client t is.
func (w *World) At(t int) hook.Point { return w.S.At(w.S.Find(w.nameOf(t))) }

// Threads yields the clients and the worker that have not ended, and where they are.
func (w *World) Threads() iter.Seq2[int, hook.Point] {
	return func(yield func(int, hook.Point) bool) {
		for i := range w.S.Len() {
			if t := w.Number(w.S.Name(i)); t >= 0 && !yield(t, w.S.At(i)) {
				return
			}
		}
	}
}

// Locks returns the locks of the registry; Owner has their owners.
func (w *World) Locks() []hook.Lock { return w.hooks.Locks }

// Observe gives the run an observer, for tests.
func (w *World) Observe(o Observer) { w.Observer = o }

// Scheduler returns the scheduler of the run.
func (w *World) Scheduler() *sched.Scheduler { return &w.S }

// allocFail chooses how an allocation of a net ends.
func (w *World) allocFail() error {
	ends := []error{nil, impl.ErrNoMemory, impl.ErrQuota}
	if !w.In.Quota {
		ends = ends[:2]
	}
	if w.freeSlot() < 0 {
		ends = ends[1:]
	}
	err := ends[0]
	if w.S.Current() != "" && len(ends) > 1 {
		err = ends[w.S.Option(len(ends))]
	}
	switch err {
	case impl.ErrNoMemory:
		w.Outcome = "Fail"
	case impl.ErrQuota:
		w.Step, w.Outcome = "CopyNetNs", "ENOSPC"
	}
	return err
}

func (w *World) allocName() string {
	i := w.freeSlot()
	for o := range w.Balance {
		w.Balance[o][i] = 0
	}
	return strconv.Itoa(i)
}

// freeSlot returns the lowest free slot, or -1.
func (w *World) freeSlot() int {
	used := 0
	v := w.Look()
	for _, n := range v.Nets {
		used |= 1 << Slot(n.Name)
	}
	for _, n := range slices.Concat(v.DeferFree, v.Freeing) {
		used |= 1 << Slot(n)
	}
	for i := range w.In.Nets {
		if used&(1<<i) == 0 {
			return i
		}
	}
	return -1
}

func (w *World) round() { w.Observer.Round() }

func (w *World) cleanup() func(string, bool) {
	w.Observer.Takes()
	return func(net string, freed bool) {
		if !freed && w.Discipline == impl.Mutex {
			w.Outcome = "InUse"
		}
		w.Observer.Cleaned(w.Nets[Slot(net)], freed)
	}
}

// Take takes the next step of a thread, and returns the point before it and the number of its
// options. Step and Outcome describe the step.
func (w *World) Take(c sched.Choice) (from hook.Point, offers int) {
	i := w.S.Find(c.Thread)
	from = w.S.At(i)
	w.Step, w.Outcome = from.Name, ""
	offers = w.S.Step(i, c.Option)
	w.moved(c.Thread)
	switch t := w.Number(c.Thread); w.Step {
	case "CopyNetNsListAdd", "SetupNetListAdd":
		w.Look() // clients now use this net for its slot
	case "SetupNetBarrier", "CleanupNetBarrier", "RcuBarrier":
		w.Waits[t] = w.Deferred
	case "CopyNetNsUnlock":
		if from.Err != nil {
			w.Outcome = "Fail"
		}
	default:
		if next, ok := lastPut[w.Step]; ok && w.Next(c.Thread) == next {
			w.Outcome = "Zero"
		}
	}
	return from, offers
}

// lastPut has the steps that give a reference back, each with the step after it if that was the
// last reference.
var lastPut = map[string]string{"PutNet": "PutNetQueue", "CopyNetNsPut": "CopyNetNsQueue", "ReleaseNet": "ReleaseNetFree"}

// Next returns the name of the point at which a thread is; one that has ended is at rest.
func (w *World) Next(thread string) string {
	if i := w.S.Find(thread); i >= 0 {
		return w.S.At(i).Name
	}
	return sched.AtRest
}

// moved records the new owners of the locks after a step.
func (w *World) moved(thread string) {
	w.fresh = false
	for i, l := range w.hooks.Locks {
		switch {
		case !l.Held():
			w.Owner[i] = None
		case w.Owner[i] == None:
			w.Owner[i] = uint8(w.Number(thread))
		}
	}
	w.Observer.Moved(thread)
}

// Look reads the registry, unless no step was taken since the last call. It is called only when
// its result is needed, because it costs as much as a step.
func (w *World) Look() *hook.View {
	if w.fresh {
		return &w.view
	}
	w.fresh = true
	w.hooks.View(&w.view)
	for _, n := range w.view.Nets {
		if n.Listed {
			w.Nets[Slot(n.Name)] = n.Net.(*impl.Net)
		}
	}
	return &w.view
}
