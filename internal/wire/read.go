// SPDX-License-Identifier: MIT

package wire

import (
	"slices"
	"strconv"

	"example.com/pernet/model"
)

// Scenario returns the line of a scenario that o holds. An error is an *Error.
func Scenario(o *Object) (Line, error) {
	l := Line{Op: o.String("op"), ID: readID(o)}
	switch l.Op {
	case Hello:
		l.Version = o.Int("version")
	case Reset, List, FailAlloc:
	case Work:
		l.readMax(o)
	case Fail:
		l.Ops, l.Net = o.Name("ops"), o.Name("net")
		l.Err = readInitErr(o)
	case Cleanup, State:
		o.Fail("unknown op %q", l.Op) // of histories
	default:
		l.readAsked(o)
	}
	if o.Has("client") && o.Has("call") {
		o.Fail(`unknown field "client"; a history is for pernet lin`)
	}
	return l, o.Done()
}

// Operation returns the operation of a history that o holds. An error is an *Error.
func Operation(o *Object) (Line, error) {
	l := Line{Op: o.String("op")}
	if !o.Has("client") && !o.Has("call") {
		o.Fail(`field "client" is missing; a scenario or its results are for pernet replay`)
	}
	if l.Client = o.Int("client"); l.Client < Worker {
		o.Fail(`field "client" must not be below %d, which is the worker`, Worker)
	}
	l.Call = o.Int("call")
	l.Return, l.Never = o.NullInt("return")
	l.ID = readID(o)
	if o.Err() == nil && !l.Never && l.Return < l.Call {
		o.Fail("return %d lies before call %d", l.Return, l.Call)
	}
	call := l.readAsked(o)
	switch {
	case call == nil:
	case l.Never:
		for _, name := range []string{"err", "calls", "freed", "pernet_list", "first_device"} {
			if o.Has(name) {
				o.Fail("an operation that never returned has no field %q", name)
			}
		}
	default:
		l.readAnswer(o, call)
	}
	return l, o.Done()
}

// readAsked reads what a call was asked, and returns the call.
func (l *Line) readAsked(o *Object) *model.Call {
	call := model.CallOf(l.Op)
	if call == nil {
		o.Fail("unknown op %q", l.Op)
		return nil
	}
	for _, name := range call.Asks {
		switch name {
		case "ops":
			l.Ops = o.Name(name)
		case "init":
			l.NoInit = !o.OptBool(name, true)
		case "exit":
			l.NoExit = !o.OptBool(name, true)
		case "newnet":
			l.Share = !o.OptBool(name, true)
		case "from":
			l.From = o.OptName(name, InitNet)
		case "net":
			if !l.Share {
				l.Net = o.Name(name)
			} else if o.Has(name) {
				o.Fail(`a copy with "newnet":false has no field "net"`)
			}
		case "nets":
			if !l.Never || o.Has(name) { // absent and empty are the same: it is not known which net the cleanup took
				l.Nets = o.Names(name)
			}
		}
	}
	return call
}

// readAnswer reads what the operation of a history answered.
func (l *Line) readAnswer(o *Object, call *model.Call) {
	if v, ok := o.Raw("calls"); ok && v.Kind() == 'n' {
		l.Unknown = true
	} else {
		l.readCalls(o)
	}
	if call.Fails() {
		l.readErr(o)
	} else if raw, ok := o.Raw("err"); ok && string(raw) != `""` {
		o.Fail(`%s does not fail: field "err" must be "" or absent`, l.Op)
	}
	for _, name := range call.Tells {
		if name == "freed" && !o.Has(name) {
			o.Fail(`field "freed" is missing: a cleanup that returned has the net that it freed, or [] if the net was kept`)
		}
		l.readTold(o, name)
	}
}

// readTold reads one of the fields that say what was answered.
func (l *Line) readTold(o *Object, name string) {
	switch name {
	case "nets":
		l.Nets = o.Names(name)
	case "freed":
		l.Freed = o.Names(name)
	case "pernet_list":
		l.PernetList = o.Names(name)
	case "first_device":
		if v, ok := o.Raw(name); !ok {
			o.Fail("field %q is missing", name)
		} else if v.Kind() != 'n' {
			l.FirstDevice = o.Name(name)
		}
	}
}

// readErr reads err: "", the name of an errno, or the positive number that an init returned.
func (l *Line) readErr(o *Object) {
	name, number := o.Errno()
	if e, known := model.ParseErr(name); known || name == "" {
		l.Err = e + model.Err(number)
		return
	}
	l.Err, l.Errno = OtherErr, name
}

func (l *Line) readCalls(o *Object) {
	for _, t := range o.OptTriples("calls") {
		if t[0] != "init" && t[0] != "exit" {
			o.Fail(`field "calls" must hold "init" and "exit", not %q`, t[0])
		}
		o.checkNames("calls", t[1:])
		l.Calls = append(l.Calls, Callback{Exit: t[0] == "exit", Ops: t[1], Net: t[2]})
	}
}

// An Answer is a result, or the answer to a hello.
type Answer struct {
	Line
	Features []string // of a hello
	Refused  bool     // a hello that another version was asked of
}

// Fields returns the fields of the answer that are compared.
func (a *Answer) Fields() []Field {
	if !a.Refused {
		return a.ResultFields()
	}
	return a.fields([]string{"op", "id", "err"})
}

// Result returns the result that o holds. An error is an *Error.
func Result(o *Object, features []string) (Answer, error) {
	a := Answer{Line: Line{Op: o.String("op"), ID: readID(o)}}
	switch {
	case a.Op == Hello:
		a.readHello(o, features)
	case a.Op == Cleanup || a.Op == State || model.CallOf(a.Op) == nil && !slices.Contains([]string{Reset, Work, Fail, FailAlloc}, a.Op):
		o.Fail("unknown op %q", a.Op)
	default:
		a.readErr(o)
		if !o.Has("calls") {
			o.Fail("field %q is missing", "calls")
		}
		a.readCalls(o)
		for _, name := range []string{"freed", "pernet_list", "first_device", "nets"} {
			a.readTold(o, name)
		}
		if o.Has("kept") {
			if a.Kept = o.Names("kept"); len(a.Kept) == 0 {
				o.Fail("field %q must be absent when it is empty", "kept")
			}
		}
	}
	return a, o.Done()
}

func (a *Answer) readHello(o *Object, features []string) {
	if a.Refused = o.Has("err"); a.Refused {
		if o.Has("version") {
			o.Fail("field \"err\" is only in the refusal of a hello, without \"version\"")
		}
		a.readErr(o)
		return
	}
	a.Version = o.Int("version")
	o.String("name")
	o.String("language")
	for _, f := range o.Strings("features") {
		switch {
		case !slices.Contains(features, f):
			o.Fail("unknown feature %q", f)
		case slices.Contains(a.Features, f):
			o.Fail("feature %q stands twice", f)
		}
		a.Features = append(a.Features, f)
	}
}

// readID returns the integer that a result repeats; "" if there is none.
func readID(o *Object) string {
	if id, ok := o.OptInt("id"); ok {
		return strconv.FormatInt(id, 10)
	}
	return ""
}

func (l *Line) readMax(o *Object) {
	l.Max = All
	n, ok := o.OptInt("max")
	if !ok {
		return
	}
	if n < 1 {
		o.Fail("field %q must be a positive integer", "max")
	}
	l.Max = int(min(n, All))
}

// initErrs are the errnos that an init of a scenario may return.
var initErrs = []model.Err{
	model.ENOMEM, model.EBUSY, model.EIO, model.ENOSPC, model.EPERM, model.EAGAIN, model.EEXIST, model.ENOENT, model.EINVAL,
}

// readInitErr reads what an init is to return: an errno's name, or a positive number.
func readInitErr(o *Object) model.Err {
	raw, ok := o.Raw("err")
	switch {
	case !ok:
		return model.ENOMEM
	case raw.Kind() == '0':
		if n := o.Int("err"); n >= 1 {
			return model.Err(n)
		}
	case raw.Kind() == '"':
		if e, ok := model.ParseErr(o.String("err")); ok && slices.Contains(initErrs, e) {
			return e
		}
	}
	o.Fail("field %q must be one of the errno names an init may return, or a positive integer below 2^63", "err")
	return 0
}
