// SPDX-License-Identifier: MIT

package scenario

import (
	"slices"
	"strconv"

	"example.com/pernet/internal/jsonl"
)

// An answer is one line of results: what of it is compared, in the order in
// which it is written, each value in the one spelling that we use.
type answer []struct{ name, value string }

func (a *answer) add(name string, value []byte) {
	*a = append(*a, struct{ name, value string }{name, string(value)})
}

// value returns a field's value, "absent" if it is not there.
func (a answer) value(name string) string {
	for _, f := range a {
		if f.name == name {
			return f.value
		}
	}
	return "absent"
}

// answer returns r as what is compared.
func (r *Result) answer() answer { return r.answerWith(appendErr(nil, r.Err)) }

// answerWith is answer with another err: that of a port may be one that the model does not know.
func (r *Result) answerWith(err []byte) answer {
	a := head(r.Op, r.ID)
	a.add("err", err)
	a.add("calls", appendCalls(nil, r.Calls))
	a.add("freed", appendNames(nil, r.Freed))
	if len(r.Kept) > 0 {
		a.add("kept", appendNames(nil, r.Kept))
	}
	a.add("pernet_list", appendNames(nil, r.PernetList))
	a.add("first_device", appendFirstDevice(nil, r.FirstDevice))
	a.add("nets", appendNames(nil, r.Nets))
	return a
}

func head(op, id string) (a answer) {
	a.add("op", appendString(nil, op))
	if id != "" {
		a.add("id", []byte(id))
	}
	return a
}

// helloAnswer is what is compared of the answer to a hello: who answers is free,
// and so is which features there are.
func helloAnswer(id string) answer {
	a := head(Hello, id)
	a.add("version", []byte("1"))
	return a
}

// decodeAnswer returns the answer that o holds and, of one to hello, the
// features. An error is a *jsonl.Error.
func decodeAnswer(o *jsonl.Object) (a answer, features []string, err error) {
	r := Result{Op: o.String("op"), ID: decodeID(o)}
	switch {
	case r.Op == Hello:
		a, features = decodeHello(o, r.ID)
	case slices.Contains(answered, r.Op):
		err := decodeErrno(o)
		decodeResult(o, &r)
		a = r.answerWith(err)
	default:
		o.Fail("unknown op %q", r.Op)
	}
	return a, features, o.Done()
}

// answered are the ops whose results say what the registry is like after them.
var answered = []string{
	Reset, RegisterSubsys, RegisterDevice, UnregisterSubsys, UnregisterDevice, Copy, Get, Put, Hold, Release, Work, List, Fail, FailAlloc,
}

func decodeHello(o *jsonl.Object, id string) (a answer, features []string) {
	a = head(Hello, id)
	if o.Has("err") && o.Has("version") {
		o.Fail("field \"err\" is only in the refusal of a hello, without \"version\"")
	}
	if o.Has("err") {
		a.add("err", decodeErrno(o))
		return a, nil
	}
	a.add("version", strconv.AppendInt(nil, o.Int("version"), 10))
	o.String("name")
	o.String("language")
	for _, f := range o.Strings("features") {
		switch {
		case !slices.Contains(Features, f):
			o.Fail("unknown feature %q", f)
		case slices.Contains(features, f):
			o.Fail("feature %q stands twice", f)
		}
		features = append(features, f)
	}
	return a, features
}

func decodeResult(o *jsonl.Object, r *Result) {
	if !o.Has("calls") {
		o.Fail("field %q is missing", "calls")
	}
	for _, c := range o.OptTriples("calls") {
		if c[0] != "init" && c[0] != "exit" {
			o.Fail(`field "calls" must hold "init" and "exit", not %q`, c[0])
		}
		r.Calls = append(r.Calls, Call{Exit: c[0] == "exit", Ops: c[1], Net: c[2]})
	}
	r.Freed = o.Strings("freed")
	if o.Has("kept") {
		if r.Kept = o.Strings("kept"); len(r.Kept) == 0 {
			o.Fail("field %q must be absent when it is empty", "kept")
		}
	}
	r.PernetList = o.Strings("pernet_list")
	if v, ok := o.Raw("first_device"); !ok {
		o.Fail("field %q is missing", "first_device")
	} else if v.Kind() != 'n' {
		r.FirstDevice = o.Name("first_device")
	}
	r.Nets = o.Strings("nets")
}

// decodeErrno returns the field "err" in the one spelling that we use.
func decodeErrno(o *jsonl.Object) []byte {
	name, number := o.Errno()
	if number > 0 {
		return strconv.AppendInt(nil, number, 10)
	}
	return appendString(nil, name)
}
