// SPDX-License-Identifier: MIT

package pernet_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"example.com/pernet/impl"
	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// An explorationRecorder records a run as a history: the calls of the clients with their results and
// callbacks, the calls in Before as those of one more client, and the cleanups as the
// worker's. The clock is the number of the step, so intervals are as short as possible.
type explorationRecorder struct {
	w       *clients.World
	now     int64 // number of the step
	names   []netName
	threads [clients.MaxThreads]underWay // the clients, then the one that makes the calls before
	cleanup *wire.Line                   // the current cleanup of the worker, or nil
	ops     []wire.Line                  // completed calls
	begun   int                          // calls
}

type netName struct {
	net  any // the *impl.Net
	name string
}

// underWay is the current call of a client.
type underWay struct {
	op    wire.Line
	calls int // it has made
	made  string
}

// recordedRun returns a run of the instance, which must have programs, and its recorder.
func recordedRun[S comparable](in explore.Discipline[S]) (explore.Run[S], *explorationRecorder) {
	run, r := in.NewRun(), new(explorationRecorder)
	run.(interface{ Observe(clients.Observer) }).Observe(r)
	return run, r
}

func (r *explorationRecorder) Reset(w *clients.World) {
	*r = explorationRecorder{w: w, names: append(r.names[:0], netName{w.Registry.InitNet(), wire.InitNet})}
}

// Begin records that client t begins a call.
func (r *explorationRecorder) Begin(t int, c clients.Call) {
	me := &r.threads[t]
	op := wire.Line{Client: int64(t), Call: r.now, Op: c.Op}
	if op.Share = c.Op == "share"; op.Share {
		op.Op = wire.Copy
	}
	if isBarrier(c.Op) {
		return
	}
	if c.Op == "lookup" { // it answers as a get of the net of that name
		op.Op = wire.Get
	}
	r.begun++
	me.made = "t" + strconv.Itoa(t) + "." + strconv.Itoa(me.calls)
	me.calls++
	switch asks := model.CallOf(op.Op).Asks; {
	case slices.Contains(asks, "ops"):
		o := r.w.Ops[c.X]
		op.Ops, op.NoInit, op.NoExit = opsName(o), o.Init == nil, o.Exit == nil
	case op.Share:
		op.From = r.nameOf(c.X)
	case op.Op == wire.Copy:
		op.From, op.Net = r.nameOf(c.X), me.made
	case slices.Contains(asks, "net"):
		op.Net = r.nameOf(c.X)
	}
	me.op = op
}

func (r *explorationRecorder) End(t int, c clients.Call, err error) {
	if isBarrier(c.Op) {
		return
	}
	op := &r.threads[t].op
	op.Return = r.now
	if err != nil {
		op.Err, _ = model.ParseErr(clients.ErrWords[clients.ErrCode(err)])
	}
	r.ops = append(r.ops, *op)
}

func (r *explorationRecorder) Listed(t int, nets []*impl.Net) {
	r.threads[t].op.Nets = []string{}
	for _, n := range nets {
		r.threads[t].op.Nets = append(r.threads[t].op.Nets, r.called(n))
	}
}

// Found records which net had the name of a lookup: the one that had it at the begin may be gone.
func (r *explorationRecorder) Found(t int, n *impl.Net) { r.threads[t].op.Net = r.called(n) }

// Moved records that a thread has taken a step; "" means that a call in Before was made.
func (r *explorationRecorder) Moved(thread string) {
	for _, n := range r.w.Look().Nets {
		r.meet(n.Net, thread)
	}
	r.now++
}

// Takes records that the worker begins a cleanup.
func (r *explorationRecorder) Takes() {
	r.cleanup = &wire.Line{Client: wire.Worker, Call: r.now, Op: wire.Cleanup, Freed: []string{}}
	r.begun++
}

// Cleaned records a net of the cleanup.
func (r *explorationRecorder) Cleaned(n *impl.Net, freed bool) {
	r.cleanup.Nets = append(r.cleanup.Nets, r.called(n))
	if freed {
		r.cleanup.Freed = append(r.cleanup.Freed, r.called(n))
	}
}

// Round records the end of the cleanup.
func (r *explorationRecorder) Round() {
	r.cleanup.Return = r.now
	r.ops = append(r.ops, *r.cleanup)
	r.cleanup = nil
}

// threadOf returns the number of a thread, or of the client of the calls in Before for "".
func (r *explorationRecorder) threadOf(thread string) int {
	if thread == "" {
		return len(r.w.In.Threads)
	}
	return r.w.Number(thread)
}

// called returns the name of a net in the history. Slots are reused, so a net is named after
// the copy that made it.
func (r *explorationRecorder) called(net any) string {
	for _, n := range r.names {
		if n.net == net {
			return n.name
		}
	}
	return "unknown net" // the checker knows no such net
}

// nameOf returns the name of the net that was last listed in a slot.
func (r *explorationRecorder) nameOf(slot int) string {
	if n := r.w.Nets[slot]; n != nil {
		return r.called(n)
	}
	return "slot " + strconv.Itoa(slot) + ", never listed"
}

// meet names a new net, which that thread is making.
func (r *explorationRecorder) meet(net any, thread string) {
	if !slices.ContainsFunc(r.names, func(n netName) bool { return n.net == net }) {
		r.names = append(r.names, netName{net, r.threads[r.threadOf(thread)].made})
	}
}

// Callback records a callback of the running thread.
func (r *explorationRecorder) Callback(exit bool, o *impl.Ops, n *impl.Net) {
	thread := r.w.S.Current()
	op := r.cleanup
	switch {
	case thread == "W" && op == nil, thread != "" && thread != "W" && r.threadOf(thread) < 0:
		panic("explore: a callback of " + o.Name + " runs in " + thread + ", outside any call and cleanup")
	case thread != "W":
		r.meet(n, thread)
		op = &r.threads[r.threadOf(thread)].op
	}
	op.Calls = append(op.Calls, wire.Callback{Exit: exit, Ops: opsName(o), Net: r.called(n)})
}

func opsName(o *impl.Ops) string { return "o" + o.Name }

// history returns the history of a run that has ended. Its last call reads the lists. It may be
// called once for each run.
func (r *explorationRecorder) history() []wire.Line {
	r.now++
	last := wire.Line{Client: int64(len(r.w.In.Threads) + 1), Call: r.now, Return: r.now, Op: wire.State, Nets: []string{}, PernetList: []string{}}
	s, err := r.w.Registry.Snapshot(context.Background())
	if err != nil {
		panic(fmt.Sprint("Snapshot failed at the end of a run: ", err))
	}
	for _, n := range s.Nets {
		last.Nets = append(last.Nets, r.called(n))
	}
	for _, o := range s.PernetList {
		last.PernetList = append(last.PernetList, opsName(o))
	}
	if s.FirstDevice != nil {
		last.FirstDevice = opsName(s.FirstDevice)
	}
	return append(r.ops, last)
}
