// SPDX-License-Identifier: MIT

package clients

import (
	"errors"
	"slices"
	"strconv"

	"example.com/pernet/impl"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A recorder records a run as a history: the calls of the clients with their results and
// callbacks, the calls in Before as those of one more client, and the cleanups as the
// worker's. The clock is the number of the step, so intervals are as short as possible. A nil
// recorder records nothing.
type recorder struct {
	w       *World
	now     int64 // number of the step
	names   []netName
	threads [MaxThreads]underWay // the clients, then the one that makes the calls before
	cleanup *wire.Line           // the current cleanup of the worker, or nil
	ops     []wire.Line          // completed calls
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

// Record makes the World record a history of each run, from the next Reset on. Its instance
// must have programs.
func (w *World) Record() { w.rec = &recorder{} }

func (r *recorder) start(w *World) {
	if r != nil {
		*r = recorder{w: w, names: append(r.names[:0], netName{w.r.InitNet(), wire.InitNet})}
	}
}

// begin records that client t begins a call. Histories do not have the barrier.
func (r *recorder) begin(t int, k *kind, x int) {
	if r == nil || k.verb == "" {
		return
	}
	me := &r.threads[t]
	op := wire.Line{Client: int64(t), Call: r.now, Op: k.verb, Share: k.op == "share"}
	me.made = "t" + strconv.Itoa(t) + "." + strconv.Itoa(me.calls)
	me.calls++
	switch {
	case k.about == anOps:
		o := r.w.ops[x]
		op.Ops, op.NoInit, op.NoExit = opsName(o), o.Init == nil, o.Exit == nil
	case k.verb == wire.Copy:
		if op.From = r.nameOf(x); !op.Share {
			op.Net = me.made
		}
	case k.about == aNet:
		op.Net = r.nameOf(x)
	}
	me.op = op
}

func (r *recorder) end(t int, k *kind, err error) {
	if r == nil || k.verb == "" {
		return
	}
	op := &r.threads[t].op
	op.Return = r.now
	if err != nil {
		op.Err, _ = model.ParseErr(ErrWords[ErrCode(err)])
	}
	r.ops = append(r.ops, *op)
}

func (r *recorder) listed(t int, nets []*impl.Net) {
	if r != nil {
		r.threads[t].op.Nets = []string{}
		for _, n := range nets {
			r.threads[t].op.Nets = append(r.threads[t].op.Nets, r.called(n))
		}
	}
}

// moved records that a thread has taken a step; "" means that a call in Before was made.
func (r *recorder) moved(thread string) {
	if r == nil {
		return
	}
	for _, n := range r.w.Look().Nets {
		r.meet(n.Net, thread)
	}
	if r.cleanup == nil && r.w.S.Find("W") >= 0 {
		r.cleanup = &wire.Line{Client: wire.Worker, Call: r.now, Op: wire.Cleanup, Freed: []string{}}
	}
	r.now++
}

// cleaned records the end of a cleanup.
func (r *recorder) cleaned(n *impl.Net, freed bool) {
	if r == nil {
		return
	}
	r.cleanup.Return = r.now
	r.cleanup.Nets = []string{r.called(n)}
	if freed {
		r.cleanup.Freed = r.cleanup.Nets
	}
	r.ops = append(r.ops, *r.cleanup)
	r.cleanup = nil
}

// threadOf returns the number of a thread, or of the client of the calls in Before for "".
func (r *recorder) threadOf(thread string) int {
	if thread == "" {
		return len(r.w.In.Threads)
	}
	return r.w.Number(thread)
}

// called returns the name of a net in the history. Slots are reused, so a net is named after
// the copy that made it.
func (r *recorder) called(net any) string {
	for _, n := range r.names {
		if n.net == net {
			return n.name
		}
	}
	return "unknown net" // the checker knows no such net
}

// nameOf returns the name of the net that was last listed in a slot.
func (r *recorder) nameOf(slot int) string {
	if n := r.w.Nets[slot]; n != nil {
		return r.called(n)
	}
	return "slot " + strconv.Itoa(slot) + ", never listed"
}

// meet names a new net, which that thread is making.
func (r *recorder) meet(net any, thread string) {
	if !slices.ContainsFunc(r.names, func(n netName) bool { return n.net == net }) {
		r.names = append(r.names, netName{net, r.threads[r.threadOf(thread)].made})
	}
}

// callback records a callback of the running thread.
func (r *recorder) callback(exit bool, o *impl.Ops, n *impl.Net) {
	if r == nil {
		return
	}
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

// History returns the history of a run that has ended. Its last call reads the lists. History
// may be called once for each run.
func (w *World) History() []wire.Line {
	r := w.rec
	r.now++
	last := wire.Line{Client: int64(len(w.In.Threads) + 1), Call: r.now, Return: r.now, Op: wire.State, Nets: []string{}, PernetList: []string{}}
	s, err := w.r.Snapshot(background)
	if err != nil {
		panic(errors.Join(errors.New("explore: Snapshot failed at the end of a run"), err))
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
