// SPDX-License-Identifier: MIT

package clients

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.com/pernet/impl"
	"example.com/pernet/internal/errno"
	"example.com/pernet/model"
)

// A Call is a call that a client makes: its name, and the number of its ops or net.
type Call struct {
	Op string
	X  int
}

// A subject is what a call is about.
type subject string

const (
	anOps   subject = "ops"
	aNet    subject = "nets"
	nothing subject = "things"
)

// names returns the names of the subjects.
func (in *Instance) names(about subject) []string {
	switch about {
	case anOps:
		return in.Ops
	case aNet:
		return in.Nets
	}
	return []string{""}
}

// A kind is a kind of call.
type kind struct {
	op    string
	about subject
	step  string                                    // the first step of a call on a net
	who   func(in *Instance) []string               // the clients that may make it; nil means all
	not   func(in *Instance) []string               // the ops or nets that it never has; nil means none
	bound func(in *Instance, count, use int64) bool // whether a call on a net may be made now; nil means always
	make  func(w *World, t, x int) error
}

func registrars(in *Instance) []string { return in.Registrars }
func copiers(in *Instance) []string    { return in.Copiers }
func readers(in *Instance) []string    { return in.Readers }
func waiters(in *Instance) []string    { return in.Waiters }
func walkers(in *Instance) []string    { return in.Walkers }

func netNsWaiters(in *Instance) []string { return in.NetNsWaiters }

func onlyDevice(in *Instance) []string { return in.OnlyDevice }
func onlySubsys(in *Instance) []string { return in.OnlySubsys }
func initNet(in *Instance) []string    { return in.Nets[:1] }

func countable(in *Instance, count, _ int64) bool { return count < int64(in.MaxCount) }
func usable(in *Instance, _, use int64) bool      { return use < int64(in.MaxUse) }

func onNet(f func(n *impl.Net) error) func(w *World, t, x int) error {
	return func(w *World, _, x int) error { return f(w.Nets[x]) }
}

var background = context.Background()

// kinds are the calls, in the order of the options.
var kinds = []kind{
	{"register_subsys", anOps, "", registrars, onlyDevice, nil,
		func(w *World, t, x int) error {
			w.Kind[t] = Subsys
			return w.Registry.RegisterSubsys(background, w.Ops[x])
		}},
	{"register_device", anOps, "", registrars, onlySubsys, nil,
		func(w *World, t, x int) error {
			w.Kind[t] = Device
			return w.Registry.RegisterDevice(background, w.Ops[x])
		}},
	{"unregister_subsys", anOps, "", registrars, nil, nil,
		func(w *World, _, x int) error { return w.Registry.UnregisterSubsys(background, w.Ops[x]) }},
	{"unregister_device", anOps, "", registrars, nil, nil,
		func(w *World, _, x int) error { return w.Registry.UnregisterDevice(background, w.Ops[x]) }},
	{"copy", aNet, copyBegins, copiers, nil, nil, (*World).copy},
	{"share", aNet, "CopyNetNsShare", nil, initNet, countable,
		func(w *World, _, x int) error { _, err := w.Registry.Share(w.Nets[x]); return err }},
	{"get", aNet, "GetNet", nil, initNet, countable, onNet((*impl.Net).Get)},
	{"put", aNet, "PutNet", nil, nil, nil, onNet((*impl.Net).Put)},
	{"hold", aNet, "HoldNet", nil, initNet, usable, onNet((*impl.Net).Hold)},
	{"release", aNet, "ReleaseNet", nil, nil, nil, onNet((*impl.Net).Release)},
	{"lookup", aNet, "RcuWalk", walkers, initNet, countable,
		func(w *World, t, x int) error {
			n, err := w.Registry.Lookup(w.Nets[x].Name())
			if err == nil {
				w.Observer.Found(t, n)
			}
			return err
		}},
	{"list", nothing, "", readers, nil, nil, (*World).list},
	{"barrier", nothing, "", waiters, nil, nil, func(w *World, _, _ int) error { return w.Registry.Barrier(background) }},
	{"net_ns_barrier", nothing, "", netNsWaiters, nil, nil,
		func(w *World, _, _ int) error { return w.Registry.NetNsBarrier(background) }},
}

func kindOf(op string) int { return slices.IndexFunc(kinds, func(k kind) bool { return k.op == op }) }

func (c Call) about() subject { return kinds[kindOf(c.Op)].about }

// String is the call in a word, "get1"; ParseCall reads it.
func (c Call) String() string {
	if c.about() == nothing {
		return c.Op
	}
	return c.Op + strconv.Itoa(c.X)
}

// ParseCall reads "register_subsys0", "copy1", "list".
func ParseCall(text string) (Call, error) {
	i := strings.IndexAny(text, "0123456789")
	if i < 0 {
		i = len(text)
	}
	c := Call{Op: text[:i]}
	if k := kindOf(c.Op); k < 0 || (kinds[k].about == nothing) != (i == len(text)) {
		var ops []string
		for _, k := range kinds {
			ops = append(ops, k.op)
		}
		return c, fmt.Errorf("call %q: want one of %s, followed by a number if it is about an ops or a net", text, strings.Join(ops, ", "))
	}
	if i < len(text) {
		var err error
		if c.X, err = strconv.Atoi(text[i:]); err != nil {
			return c, fmt.Errorf("call %q: %v", text, err)
		}
	}
	return c, nil
}

// ParseCalls reads calls with commas between them, as FormatCalls prints them.
func ParseCalls(text string) (calls []Call, err error) {
	if text == "" {
		return nil, nil
	}
	for word := range strings.SplitSeq(text, ",") {
		c, err := ParseCall(word)
		if err != nil {
			return nil, err
		}
		calls = append(calls, c)
	}
	return calls, nil
}

// ParsePrograms reads the calls that come before and those of each client: "before | T1 | T2".
func ParsePrograms(text string) (before []Call, programs [][]Call, err error) {
	for i, part := range strings.Split(text, "|") {
		calls, err := ParseCalls(strings.TrimSpace(part))
		switch {
		case err != nil:
			return nil, nil, err
		case i == 0:
			before = calls
		default:
			programs = append(programs, calls)
		}
	}
	return before, programs, nil
}

// FormatCalls prints calls with commas between them.
func FormatCalls(calls []Call) string {
	words := make([]string, len(calls))
	for i, c := range calls {
		words[i] = c.String()
	}
	return strings.Join(words, ",")
}

// A candidate is a call that a client may make when counts and locks allow it.
type candidate struct {
	Call
	kind int
}

// candidates lists the calls of a client, in the order of the options.
func (in *Instance) candidates(me string) (out []candidate) {
	for _, about := range []subject{anOps, aNet, nothing} {
		for x, name := range in.names(about) {
			for i, k := range kinds {
				may := k.who == nil || slices.Contains(k.who(in), me)
				if may && k.about == about && (k.not == nil || !slices.Contains(k.not(in), name)) {
					out = append(out, candidate{Call{k.op, x}, i})
				}
			}
		}
	}
	return out
}

// offer lists the calls that client t can begin now.
func (w *World) offer(t int) {
	var count, use [MaxNets]int64
	for _, n := range w.Look().Nets {
		count[Slot(n.Name)], use[Slot(n.Name)] = n.Count, n.Use
	}
	w.calls = w.calls[:0]
	for _, c := range w.candidates[t] {
		bound, gate := kinds[c.kind].bound, w.gates[c.kind]
		switch {
		case w.Ways != nil:
			w.calls = append(w.calls, slices.Repeat([]Call{c.Call}, w.Ways(t, c.Call))...)
		case (bound == nil || bound(w.In, count[c.X], use[c.X])) && (gate == nil || gate()):
			w.calls = append(w.calls, c.Call)
		}
	}
}

// call makes a call of client t, and sets the outcome of its last step. The call does not
// stop at its first point, so that its begin and its first step are one step, unless the begin
// is a separate step (see Instance.Programs).
func (w *World) call(t int, c Call) {
	i := kindOf(c.Op)
	k := &kinds[i]
	w.starting = w.S.Current() != "" && (w.gates[i] == nil || len(w.In.Programs) == 0)
	if t < MaxThreads {
		w.Begun[t] = c
	}
	w.Observer.Begin(t, c)
	var err error
	if k.about == aNet && w.Nets[c.X] == nil { // no net was listed in this slot yet
		w.Step, err = k.step, impl.ErrNotFound
	} else {
		err = k.make(w, t, c.X)
	}
	w.starting = false
	w.Observer.End(t, c, err)
	switch {
	case err == nil || w.Outcome != "" || k.op == "copy" && w.Step != k.step && w.S.Current() != "":
	case errors.As(err, new(*impl.InitError)):
		w.Outcome = "Fail"
	default:
		w.Outcome = strings.ToUpper(ErrWords[ErrCode(err)])
	}
}

// list lists the nets. The read is its last step, so the list that it got must be the current
// one.
func (w *World) list(t, _ int) error {
	names, nets := []string{}, []*impl.Net{}
	for n := range w.Registry.Nets() {
		names, nets = append(names, n.Name()), append(nets, n)
	}
	w.Observer.Listed(t, nets)
	w.fresh = false
	if list := w.Look().NetList; !slices.Equal(names, list) {
		w.Outcome = fmt.Sprintf(" reads %v, not %v", names, list) // no spec has this label
	}
	return nil
}

const copyBegins = "CopyNetNsGet"

// copy makes a copy. An error of its last step must be the one that was decided before.
func (w *World) copy(t, x int) error {
	ctx := background
	if w.In.Cancel {
		ctx, w.Kill[t] = context.WithCancel(ctx)
	}
	_, err := w.Registry.Copy(ctx, w.Nets[x], "")
	if w.S.Current() == "" || w.Step == copyBegins {
		return err
	}
	if decided := w.At(t).Err; (decided == nil) != (err == nil) || decided != nil && !errors.Is(err, decided) {
		w.Outcome = fmt.Sprintf(" answers %v, not %v", err, decided) // no spec has this label
	}
	return err
}

// errFail is what a failing init returns.
var errFail = errno.Error(model.ENOMEM)

// ErrWords are the errnos, by their codes.
var ErrWords = []string{"", "ENOMEM", "EEXIST", "ENOENT", "EINVAL", "EINTR", "1", "ENOSPC"}

// ErrCode returns the code of what a call returned.
func ErrCode(err error) uint8 {
	e, ok := errno.Of(err)
	if code := slices.Index(ErrWords, e.String()); ok && code >= 0 {
		return uint8(code)
	}
	panic("explore: no step returns this error: " + err.Error())
}
