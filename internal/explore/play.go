// SPDX-License-Identifier: MIT

package explore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/sched"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A Play runs the programs of an instance, one run after the other, and records
// each as a history: the calls of the clients with their answers and callbacks,
// those that led to the start as an earlier client's, the cleanups as the
// worker's. The clock is the number of the step, so intervals are as short as
// they can be. Steps and choices are those of Trace: a schedule means the same in both.
type Play struct {
	in   *Instance
	boot Instance // the instance before it has clients
	w    *world

	now     int64 // number of the step
	names   []netName
	threads [maxThreads]playThread // the clients, and then who makes the calls before
	cleanup *wire.Line             // of the worker, under way
	ops     []wire.Line            // that returned
	done    sched.Schedule
	labels  []string // of what was done
	choices []sched.Choice
}

type netName struct {
	net  any // the *impl.Net
	name string
}

// A playThread is what a client has under way.
type playThread struct {
	op    wire.Line
	calls int // it has made
	made  string
}

// NewPlay returns a Play before its first run.
func NewPlay(in *Instance) *Play {
	p := &Play{in: in, boot: *in}
	p.boot.Before, p.boot.Programs, p.boot.Threads = nil, nil, nil
	p.w = newWorld(&p.boot)
	for _, o := range p.w.ops {
		if init := o.Init; init != nil {
			o.Init = func(ctx context.Context, n *impl.Net) error {
				err := init(ctx, n)
				p.callback(false, o, n)
				return err
			}
		}
		if exit := o.Exit; exit != nil {
			o.Exit = func(ctx context.Context, n *impl.Net) {
				exit(ctx, n)
				p.callback(true, o, n)
			}
		}
	}
	return p
}

func opName(o *impl.Ops) string { return "o" + o.Name }

// Start begins a run: the calls before are made, and the clients stand before their first.
func (p *Play) Start() {
	w := p.w
	w.in = &p.boot
	w.reset()
	w.in = p.in
	p.now, p.names, p.cleanup, p.ops = 0, p.names[:0], nil, nil
	p.done, p.labels = p.done[:0], p.labels[:0]
	p.names = append(p.names, netName{w.r.InitNet(), wire.InitNet})
	clear(p.threads[:])
	for _, c := range p.in.Before {
		p.call(p.before(), c)
		p.after("", hook.Point{}, "")
	}
	for t, program := range p.in.Programs {
		w.s.Go(w.nameOf(t), func() {
			for _, c := range program {
				if !w.s.Rest(hook.Point{Name: begins, Ready: func() bool { return w.canBegin(c) }}) {
					return
				}
				w.pc[t]++
				p.call(t, c)
			}
		})
	}
}

// before is the client who makes the calls before.
func (p *Play) before() int { return len(p.in.Programs) }

// Choices returns the threads that can move, each with the first option of its step.
func (p *Play) Choices() []sched.Choice {
	p.choices = appendChoices(p.choices[:0], p.w)
	return p.choices
}

// Take lets a thread that can move take its step, and returns the step's name in
// spec/netns.tla and how many options it had. An option that it does not have is the first.
func (p *Play) Take(c sched.Choice) (label string, offers int) {
	stood := p.w.s.At(p.w.s.Find(c.Thread))
	p.done = append(p.done, c)
	label, offers = p.w.take(c)
	if c.Option >= offers {
		p.done[len(p.done)-1].Option = 0
	}
	p.labels = append(p.labels, label)
	p.after(c.Thread, stood, label)
	return label, offers
}

// after looks at what a step of that thread, which stood there, has done.
func (p *Play) after(thread string, stood hook.Point, label string) {
	w := p.w
	w.fresh = w.fresh && thread != ""
	for _, n := range w.look().Nets {
		p.meet(n.Net, thread)
	}
	if thread == "W" && stood.Name == "CleanupNetFree" {
		p.cleanup.Return = p.now
		p.cleanup.Nets = []string{p.nameOf(w.nets[digit(stood.Net)])}
		if label == "CleanupNetFree" {
			p.cleanup.Freed = p.cleanup.Nets
		}
		p.ops = append(p.ops, *p.cleanup)
		p.cleanup = nil
	}
	if p.cleanup == nil && w.s.Find("W") >= 0 {
		p.cleanup = &wire.Line{Client: wire.Worker, Call: p.now, Op: wire.Cleanup, Freed: []string{}}
	}
	p.now++
}

// threadOf returns whose step it was; the calls before are made outside any thread.
func (p *Play) threadOf(thread string) int {
	if thread == "" {
		return p.before()
	}
	return p.w.number(thread)
}

func (p *Play) find(net any) int {
	return slices.IndexFunc(p.names, func(n netName) bool { return n.net == net })
}

// nameOf returns the name of a net in the history. Slots are used again and
// again, so a net is named after the copy that made it.
func (p *Play) nameOf(n *impl.Net) string {
	if i := p.find(n); i >= 0 {
		return p.names[i].name
	}
	return "net unknown to anybody" // the checker knows none of that name
}

// meet gives a net that is seen for the first time its name: that thread is making it.
func (p *Play) meet(net any, thread string) {
	if p.find(net) < 0 {
		p.names = append(p.names, netName{net, p.threads[p.threadOf(thread)].made})
	}
}

// callback notes a callback of the thread that is running.
func (p *Play) callback(exit bool, o *impl.Ops, n *impl.Net) {
	thread := p.w.s.Current()
	op := p.cleanup
	switch {
	case thread == "W" && op == nil, thread != "" && thread != "W" && p.threadOf(thread) < 0:
		panic("explore: a callback of " + o.Name + " runs in " + thread + ", outside any call and cleanup")
	case thread != "W":
		p.meet(n, thread)
		op = &p.threads[p.threadOf(thread)].op
	}
	op.Calls = append(op.Calls, wire.Callback{Exit: exit, Ops: opName(o), Net: p.nameOf(n)})
}

var verbOf = map[string]string{
	"register_subsys": wire.RegisterSubsys, "register_device": wire.RegisterDevice,
	"unregister_subsys": wire.UnregisterSubsys, "unregister_device": wire.UnregisterDevice,
	"copy": wire.Copy, "share": wire.Copy, "get": wire.Get, "put": wire.Put,
	"hold": wire.Hold, "release": wire.Release, "list": wire.List,
}

// call makes one call of client t and records it, unless it is a barrier: a history has no such op.
func (p *Play) call(t int, c Call) {
	if c.Op == "barrier" {
		p.w.begin(t, c)
		return
	}
	w, me := p.w, &p.threads[t]
	me.op = wire.Line{Client: int64(t), Call: p.now, Op: verbOf[c.Op], Share: c.Op == "share"}
	me.made = "t" + strconv.Itoa(t) + "." + strconv.Itoa(me.calls)
	me.calls++
	op := &me.op
	w.starting = w.s.Current() != "" && !w.arrives(c) // before the clients run nobody stops at a point
	err := p.make(t, c, op)
	w.starting = false
	op.Return, op.Err = p.now, errOf(err)
	p.ops = append(p.ops, *op)
}

// make makes the call, and writes into op what it is about.
func (p *Play) make(t int, c Call, op *wire.Line) error {
	r, w := p.w.r, p.w
	switch c.Op {
	case "list":
		op.Nets = []string{}
		for n := range r.Nets() {
			op.Nets = append(op.Nets, p.nameOf(n))
		}
		return nil
	case "register_subsys", "register_device", "unregister_subsys", "unregister_device":
		o := w.ops[c.X]
		op.Ops = opName(o)
		op.NoInit, op.NoExit = o.Init == nil, o.Exit == nil
		switch c.Op {
		case "register_subsys":
			w.kind[t] = 1
			return r.RegisterSubsys(background, o)
		case "register_device":
			w.kind[t] = 2
			return r.RegisterDevice(background, o)
		case "unregister_subsys":
			return r.UnregisterSubsys(background, o)
		}
		return r.UnregisterDevice(background, o)
	}
	n := w.nets[c.X]
	name := &op.Net
	if op.Op == wire.Copy {
		name = &op.From
		if !op.Share {
			op.Net = p.threads[t].made
		}
	}
	if n == nil { // nobody has a pointer to a net that was never listed
		*name = "slot " + strconv.Itoa(c.X) + ", never listed"
		return impl.ErrNotFound
	}
	*name = p.nameOf(n)
	switch c.Op {
	case "copy":
		_, err := r.Copy(background, n, "")
		return err
	case "share":
		_, err := r.Share(n)
		return err
	case "get":
		return n.Get()
	case "put":
		return n.Put()
	case "hold":
		return n.Hold()
	case "release":
		return n.Release()
	}
	panic("explore: no call " + c.Op)
}

func errOf(err error) model.Err {
	if err == nil {
		return 0
	}
	e, _ := model.ParseErr(errs[errCode(err)])
	return e
}

// State returns the state after the last step.
func (p *Play) State() State { return p.w.state() }

// Schedule returns the choices taken since Start.
func (p *Play) Schedule() sched.Schedule { return slices.Clone(p.done) }

// Labels returns the names of the steps taken since Start.
func (p *Play) Labels() []string { return slices.Clone(p.labels) }

// End ends the run: calls that are under way go on until all have returned, in
// some order. It fails if one never returns; such a run keeps its memory.
func (p *Play) End() error {
	for {
		c, ok := p.w.drain()
		if !ok {
			break
		}
		p.Take(c)
	}
	if p.w.s.Len() > 0 {
		return fmt.Errorf("%w:\n%s", sched.ErrDeadlock, p.w.s.Waiting())
	}
	return nil
}

// History returns the history of a run that has ended, with what a last client
// saw of the lists. It can be asked for once.
func (p *Play) History() []wire.Line {
	p.now++
	last := wire.Line{Client: int64(p.before() + 1), Call: p.now, Return: p.now, Op: wire.State, Nets: []string{}, PernetList: []string{}}
	s, err := p.w.r.Snapshot(background)
	if err != nil {
		panic(errors.Join(errors.New("explore: nobody holds the lock, and yet"), err))
	}
	for _, n := range s.Nets {
		last.Nets = append(last.Nets, p.nameOf(n))
	}
	for _, o := range s.PernetList {
		last.PernetList = append(last.PernetList, opName(o))
	}
	if s.FirstDevice != nil {
		last.FirstDevice = opName(s.FirstDevice)
	}
	return append(p.ops, last)
}

// Answers tells what every client was answered, and nothing of when.
func Answers(ops []wire.Line) string {
	var lines []string
	for i, o := range ops {
		o.Call, o.Return = 0, 0
		lines = append(lines, fmt.Sprintf("%3d %4d %s", o.Client, nth(ops, i), o.String()))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// nth returns how many operations of its client stand before operation i.
func nth(ops []wire.Line, i int) (n int) {
	for _, o := range ops[:i] {
		if o.Client == ops[i].Client {
			n++
		}
	}
	return n
}
