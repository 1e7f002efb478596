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
)

// A Call is what a client asks for: an op of a scenario, and the number of the
// ops or net that it is about.
type Call struct {
	Op string
	X  int
}

// String is the call in a word, "get1"; ParseCall reads it.
func (c Call) String() string {
	if c.isBare() {
		return c.Op
	}
	return c.Op + strconv.Itoa(c.X)
}

// isBare reports whether the call is about no ops and no net.
func (c Call) isBare() bool { return c.Op == "list" || c.Op == "barrier" }

// ParseCall reads "register_subsys0", "copy1", "list".
func ParseCall(text string) (Call, error) {
	i := strings.IndexAny(text, "0123456789")
	if i < 0 {
		i = len(text)
	}
	c := Call{Op: text[:i]}
	if !slices.Contains(callOps, c.Op) || c.isBare() != (i == len(text)) {
		return c, fmt.Errorf("call %q: it is none of %s, with a number after all but list and barrier", text, strings.Join(callOps, ", "))
	}
	if i < len(text) {
		var err error
		if c.X, err = strconv.Atoi(text[i:]); err != nil {
			return c, fmt.Errorf("call %q: %v", text, err)
		}
	}
	return c, nil
}

var callOps = []string{
	"register_subsys", "register_device", "unregister_subsys", "unregister_device",
	"copy", "share", "get", "put", "hold", "release", "list", "barrier",
}

// begins is the point of a thread with a program between two calls.
const begins = "begins"

// client is a thread: it makes the calls of its program, or any call that the
// instance allows, for ever.
func (w *world) client(t int) {
	if t < len(w.in.Programs) {
		for _, c := range w.in.Programs[t] {
			if !w.s.Rest(hook.Point{Name: begins, Ready: func() bool { return w.canBegin(c) }}) {
				return
			}
			w.pc[t]++
			w.begin(t, c)
		}
		return
	}
	for w.s.Rest(hook.Point{Name: sched.AtRest}) {
		w.offer(t)
		w.begin(t, w.calls[w.s.Option(len(w.calls))])
	}
}

// begin makes a call; its first point is passed, for a call and its first step are one.
func (w *world) begin(t int, c Call) {
	w.starting = !w.arrives(c)
	c.make(w, t)
	w.starting = false
}

// canBegin reports whether the first step of a call is possible: one that takes
// a lock needs it free.
func (w *world) canBegin(c Call) bool {
	switch c.Op {
	case "register_subsys", "register_device", "unregister_subsys", "unregister_device":
		return w.in.Arrive || w.netMutex == none
	case "list":
		return w.in.Arrive || w.rtnl == none
	}
	return true
}

// offer lists the calls that client t can begin now.
func (w *world) offer(t int) {
	in, me := w.in, w.in.Threads[t]
	w.calls = w.calls[:0]
	add := func(op string, x int, ok bool) {
		if c := (Call{op, x}); ok && w.canBegin(c) {
			w.calls = append(w.calls, c)
		}
	}
	for o, name := range in.Ops {
		registers := in.has(in.Registrars, me)
		add("register_subsys", o, registers && !in.has(in.OnlyDevice, name))
		add("register_device", o, registers && !in.has(in.OnlySubsys, name))
		add("unregister_subsys", o, registers)
		add("unregister_device", o, registers)
	}
	for n := range in.Nets {
		count, use := w.counts(n)
		add("copy", n, in.has(in.Copiers, me))
		add("share", n, n != 0 && count < int64(in.MaxCount))
		add("get", n, n != 0 && count < int64(in.MaxCount))
		add("put", n, true)
		add("hold", n, n != 0 && use < int64(in.MaxUse))
		add("release", n, true)
	}
	add("list", 0, in.has(in.Readers, me))
	add("barrier", 0, in.has(in.Waiters, me))
}

func (w *world) counts(n int) (count, use int64) {
	for _, v := range w.look().Nets {
		if int(digit(v.Name)) == n {
			return v.Count, v.Use
		}
	}
	return 0, 0
}

var background = context.Background()

// make makes the call and says what its last step comes to.
func (c Call) make(w *world, t int) {
	r, x := w.r, c.X
	switch c.Op {
	case "register_subsys":
		w.kind[t] = 1
		w.answer(r.RegisterSubsys(background, w.ops[x]))
	case "register_device":
		w.kind[t] = 2
		w.answer(r.RegisterDevice(background, w.ops[x]))
	case "unregister_subsys":
		w.answer(r.UnregisterSubsys(background, w.ops[x]))
	case "unregister_device":
		w.answer(r.UnregisterDevice(background, w.ops[x]))
	case "copy":
		w.on(x, "CopyNetNsGet", func(from *impl.Net) error { return w.copy(t, from) })
	case "share":
		w.on(x, "CopyNetNsShare", func(from *impl.Net) error { _, err := r.Share(from); return err })
	case "get":
		w.on(x, "GetNet", (*impl.Net).Get)
	case "put":
		w.on(x, "PutNet", (*impl.Net).Put)
	case "hold":
		w.on(x, "HoldNet", (*impl.Net).Hold)
	case "release":
		w.on(x, "ReleaseNet", (*impl.Net).Release)
	case "list":
		w.list()
	case "barrier":
		w.answer(r.Barrier(background))
	}
}

// list goes over the nets. Its last step is the read, so nothing has moved since:
// what it was given is the list as it stands.
func (w *world) list() {
	var names []string
	for n := range w.r.Nets() {
		names = append(names, n.Name())
	}
	w.fresh = false
	if list := w.look().NetList; !slices.Equal(names, list) {
		w.outcome = fmt.Sprintf(" reads %v, not %v", names, list) // a label that no spec has
	}
}

// on makes a call on the net of slot n, as far as a client can know it. Nobody
// has a pointer to a net that was never listed: the caller answers for it.
func (w *world) on(n int, step string, f func(*impl.Net) error) {
	if net := w.nets[n]; net != nil {
		w.answer(f(net))
		return
	}
	w.step = step
	w.answer(impl.ErrNotFound)
}

// copy answers at its first step, or by its last what was decided before.
func (w *world) copy(t int, from *impl.Net) error {
	_, err := w.r.Copy(background, from, "")
	if w.step == "CopyNetNsGet" || w.s.Current() == "" {
		return err
	}
	if decided := w.at(t).Err; (decided == nil) != (err == nil) || decided != nil && !errors.Is(err, decided) {
		w.outcome = fmt.Sprintf(" answers %v, not %v", err, decided) // a label that no spec has
	}
	return nil
}
