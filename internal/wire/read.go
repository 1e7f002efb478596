// SPDX-License-Identifier: MIT

package wire

import (
	"regexp"
	"slices"
	"strconv"

	"example.com/pernet/model"
)

// Scenario returns the line of a scenario that o holds. An error is an *Error.
func Scenario(o *Object) (Line, error) {
	l := Line{Op: o.text("op"), ID: readID(o)}
	switch l.Op {
	case Hello:
		l.Version = o.integer("version")
		l.readDiscipline(o)
	case Reset, List, Barrier, RunDeferred:
	case FailAlloc:
		l.readAllocErr(o)
	case Work:
		l.readMax(o)
	case Fail:
		l.Ops, l.Net = o.name("ops"), o.name("net")
		l.Err = readInitErr(o)
	case Cleanup, State:
		o.Fail("unknown op %q", l.Op) // of histories
	default:
		l.readAsked(o)
		l.readDefer(o)
	}
	if o.Has("client") && o.Has("call") {
		o.Fail(`unknown field "client"; a history is for pernet lin`)
	}
	return l, o.Done()
}

// Operation returns the operation of a history that o holds. An error is an *Error.
func Operation(o *Object) (Line, error) {
	l := Line{Op: o.text("op")}
	if !o.Has("client") && !o.Has("call") {
		o.Fail(`field "client" is missing; a scenario or its results are for pernet replay`)
	}
	if l.Client = o.integer("client"); l.Client < Setup {
		o.Fail(`field "client" must not be below %d, which is the set-up of a program`, Setup)
	}
	l.Call = o.integer("call")
	l.readReturn(o)
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
				o.Fail("an operation that never returned must not have the field %q", name)
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
		switch {
		case name == "from" && !o.Has(name):
			l.From = InitNet
		case name == "nets" && l.Never && !o.Has(name): // as if empty: it is not known which net the cleanup took
		case name == "net" && l.Share:
			if o.Has(name) {
				o.Fail(`a copy with "newnet":false has no field "net"`)
			}
		default:
			l.read(o, name)
		}
	}
	return call
}

// read reads a field. Only booleans may be absent: true is what they deny.
func (l *Line) read(o *Object, name string) {
	switch value := l.at(name).(type) {
	case *string:
		*value = o.name(name)
	case *bool:
		*value = o.Has(name) && !o.boolean(name)
	case *[]string:
		*value = o.names(name)
	}
}

func (l *Line) readReturn(o *Object) {
	switch v := o.value("return"); v.Kind() {
	case 'n':
		l.Never = true
	case '0':
		l.Return = o.integer("return")
	default:
		o.Fail("field %q must be an integer or null", "return")
	}
}

// readAnswer reads what the operation of a history answered.
func (l *Line) readAnswer(o *Object, call *model.Call) {
	if l.Unknown = o.Has("calls") && o.value("calls").Kind() == 'n'; !l.Unknown && o.Has("calls") {
		l.Calls, l.Stages = o.callbacks("calls", true)
	}
	if call.Fails() {
		l.readErr(o)
	} else if o.Has("err") && string(o.value("err")) != `""` {
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
	if name != "first_device" || o.value(name).Kind() != 'n' {
		l.read(o, name)
	}
}

// readErr reads err: "", the name of an errno, or the positive number that an init returned. A
// port may know errnos that we do not, so any E followed by capitals and digits is a name.
func (l *Line) readErr(o *Object) {
	switch v := o.value("err"); v.Kind() {
	case '0':
		if l.Err = model.Err(o.integer("err")); l.Err >= 1 {
			return
		}
	case '"':
		name := unquote(v)
		if name == "" {
			return
		}
		if e, known := model.ParseErr(name); known {
			l.Err = e
			return
		}
		if l.Err, l.Errno = OtherErr, name; errnoName.MatchString(name) {
			return
		}
	}
	o.Fail(`field "err" must be "", the name of an errno such as "ENOMEM", or a positive integer`)
}

var errnoName = regexp.MustCompile(`^E[A-Z0-9]+$`)

// An Answer is a result, or the answer to a hello.
type Answer struct {
	Line
	Features []string // of a hello
	Name     string   // of a hello: of the port
	Language string   // of a hello: in which it is written
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
	a := Answer{Line: Line{Op: o.text("op"), ID: readID(o)}}
	switch {
	case a.Op == Hello:
		a.readHello(o, features)
	case a.Op == Cleanup || a.Op == State || model.CallOf(a.Op) == nil && !slices.Contains([]string{Reset, Work, Fail, FailAlloc, Barrier, RunDeferred}, a.Op):
		o.Fail("unknown op %q", a.Op)
	default:
		a.readErr(o)
		a.Calls, _ = o.callbacks("calls", false)
		for _, name := range []string{"freed", "pernet_list", "first_device", "nets"} {
			a.readTold(o, name)
		}
		if o.Has("kept") {
			if a.Kept = o.names("kept"); len(a.Kept) == 0 {
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
	a.Version = o.integer("version")
	a.readDiscipline(o)
	a.Name, a.Language = o.text("name"), o.text("language")
	for _, f := range o.texts("features") {
		switch {
		case !slices.Contains(features, f):
			o.Fail("unknown feature %q", f)
		case slices.Contains(a.Features, f):
			o.Fail("feature %q occurs twice", f)
		}
		a.Features = append(a.Features, f)
	}
}

func (l *Line) readDiscipline(o *Object) {
	if !o.Has("discipline") {
		return
	}
	if l.Discipline = o.text("discipline"); l.Discipline != string(model.Mutex) && l.Discipline != string(model.RWSem) {
		o.Fail(`field "discipline" must be "mutex" or "rwsem"`)
	}
}

// readID returns the integer that a result repeats; "" if there is none.
func readID(o *Object) string {
	if !o.Has("id") {
		return ""
	}
	return strconv.FormatInt(o.integer("id"), 10)
}

// readDefer reads whether the exits of an ops defer.
func (l *Line) readDefer(o *Object) {
	if l.Op != RegisterSubsys && l.Op != RegisterDevice || !o.Has("defer") {
		return
	}
	if l.Defers = o.boolean("defer"); l.Defers && l.NoExit {
		o.Fail(`an ops with "exit":false has no exit that could defer`)
	}
}

func (l *Line) readMax(o *Object) {
	if l.Max = All; !o.Has("max") {
		return
	}
	n := o.integer("max")
	if n < 1 {
		o.Fail("field %q must be a positive integer", "max")
	}
	l.Max = int(min(n, All))
}

// readAllocErr reads how an allocation is to fail; Err is 0 for ENOMEM.
func (l *Line) readAllocErr(o *Object) {
	if !o.Has("err") {
		return
	}
	switch e, _ := model.ParseErr(o.text("err")); e {
	case model.ENOMEM:
	case model.ENOSPC:
		l.Err = e
	default:
		o.Fail(`field "err" must be "ENOMEM" or "ENOSPC"`)
	}
}

// initErrs are the errnos that an init of a scenario may return.
var initErrs = []model.Err{
	model.ENOMEM, model.EBUSY, model.EIO, model.ENOSPC, model.EPERM, model.EAGAIN, model.EEXIST, model.ENOENT, model.EINVAL,
}

// readInitErr reads what an init is to return: an errno's name, or a positive number.
func readInitErr(o *Object) model.Err {
	if !o.Has("err") {
		return model.ENOMEM
	}
	switch v := o.value("err"); v.Kind() {
	case '0':
		if n := o.integer("err"); n >= 1 {
			return model.Err(n)
		}
	case '"':
		if e, ok := model.ParseErr(unquote(v)); ok && slices.Contains(initErrs, e) {
			return e
		}
	}
	o.Fail("field %q must be one of the errno names an init may return, or a positive integer below 2^63", "err")
	return 0
}
