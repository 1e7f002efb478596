// SPDX-License-Identifier: MIT

package wire

import (
	"bytes"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxName is how many bytes the name of an ops or a net may have.
const MaxName = 64

// An Object is one line. An accessor returns the value of a field that the line must have, and
// marks the field as read. If the field is missing or of another type, that is the object's
// error, unless it has one, and the value means nothing. Done returns the error.
type Object struct {
	r      *Reader
	fields []field
	index  map[string]struct{} // the names of fields, once they are many
	err    error
}

type field struct {
	name  string
	value jsontext.Value
	read  bool
}

// Op returns the op.
func (o *Object) Op() string { return o.text("op") }

// Line returns the number of the object's line, from 1.
func (o *Object) Line() int { return o.r.line }

// Fail makes the message the object's error, unless it has one.
func (o *Object) Fail(format string, args ...any) {
	if o.err == nil {
		o.err = o.r.errorf(format, args...)
	}
}

// Err returns the object's error so far, an *Error or nil.
func (o *Object) Err() error { return o.err }

// Done returns the object's error: what an accessor found, or else the first
// field that none has read.
func (o *Object) Done() error {
	for i := range o.fields {
		if f := &o.fields[i]; !f.read {
			o.Fail("unknown field %q", f.name)
		}
	}
	return o.err
}

// Has reports whether there is such a field. It does not count as reading it.
func (o *Object) Has(name string) bool {
	if len(o.fields) < 16 {
		for i := range o.fields {
			if o.fields[i].name == name {
				return true
			}
		}
		return false
	}
	if o.index == nil { // a line may be a megabyte of fields
		o.index = make(map[string]struct{}, 2*len(o.fields))
	}
	for _, f := range o.fields[len(o.index):] {
		o.index[f.name] = struct{}{}
	}
	_, ok := o.index[name]
	return ok
}

// value returns the JSON of a field, valid until the next line; nil, which is of no kind, if
// there is no such field.
func (o *Object) value(name string) jsontext.Value {
	for i := range o.fields {
		if f := &o.fields[i]; f.name == name {
			f.read = true
			return f.value
		}
	}
	o.Fail("field %q is missing", name)
	return nil
}

func (o *Object) text(name string) string {
	v := o.value(name)
	if v.Kind() != '"' {
		o.Fail("field %q must be a string", name)
		return ""
	}
	return unquote(v)
}

// name returns a name of an ops or a net: 1 to 64 bytes.
func (o *Object) name(name string) string {
	s := o.text(name)
	if s == "" || len(s) > MaxName {
		o.Fail("field %q must be a name of 1 to %d bytes", name, MaxName)
	}
	return s
}

func (o *Object) boolean(name string) bool {
	v := o.value(name)
	if k := v.Kind(); k != 't' && k != 'f' {
		o.Fail("field %q must be true or false", name)
	}
	return v.Kind() == 't'
}

// integer refuses what ordinary JSON libraries lose digits of, or read as a float.
func (o *Object) integer(name string) int64 {
	v := o.value(name)
	i, err := strconv.ParseInt(string(v), 10, 64)
	switch {
	case v.Kind() != '0':
		o.Fail("field %q must be an integer", name)
	case bytes.ContainsAny(v, ".eE"):
		o.Fail("field %q must be an integer, written without fraction or exponent", name)
	case err != nil:
		o.Fail("field %q must be a signed 64-bit integer, from -2^63 to 2^63-1", name)
	}
	return i
}

// texts returns an array of strings; never nil.
func (o *Object) texts(name string) []string {
	list, ok := o.r.list(o.value(name))
	if !ok {
		o.Fail("field %q must be an array of strings", name)
	}
	return list
}

// names returns an array of names; never nil.
func (o *Object) names(name string) []string {
	list := o.texts(name)
	o.checkNames(name, list...)
	return list
}

func (o *Object) checkNames(name string, list ...string) {
	for _, s := range list {
		if s == "" || len(s) > MaxName {
			o.Fail("field %q must hold names of 1 to %d bytes", name, MaxName)
		}
	}
}

// callbacks returns an array of arrays: the word, the ops and the net of each callback. Those of a
// history may be timed: when each began and ended. They may also be stages, whose exit_batch has an
// array of nets. Those of a result may be deferred.
func (o *Object) callbacks(name string, history bool) (list []Callback, stages []Stage) {
	d, ok, bad := o.r.sub, true, ""
	d.Reset(bytes.NewBuffer(o.value(name)), options...)
	next := func(kind jsontext.Kind) string {
		token, err := d.ReadToken()
		ok = ok && err == nil && token.Kind() == kind
		return token.String()
	}
	time := func() int64 {
		t, err := strconv.ParseInt(next('0'), 10, 64)
		ok = ok && err == nil
		return t
	}
	for next('['); ok && d.PeekKind() == '['; next(']') {
		next('[')
		word := next('"')
		if history && isStage(word) {
			s := Stage{Word: word, Ops: next('"'), After: len(list)}
			if word != ExitBatch {
				s.Nets = []string{next('"')}
			} else {
				for next('['); ok && d.PeekKind() == '"'; {
					s.Nets = append(s.Nets, next('"'))
				}
				next(']')
				ok = ok && len(s.Nets) > 0
			}
			if s.Timed = d.PeekKind() == '0'; s.Timed {
				s.Begin, s.End = time(), time()
			}
			stages = append(stages, s)
			continue
		}
		c := Callback{Exit: word == "exit", Deferred: word == "deferred" && !history, Ops: next('"'), Net: next('"')}
		if word != c.Word() && bad == "" {
			bad = word
		}
		if c.Timed = history && d.PeekKind() == '0'; c.Timed {
			c.Begin, c.End = time(), time()
		}
		list = append(list, c)
	}
	switch next(']'); {
	case !ok && history:
		o.Fail("field %q must be an array of arrays of three strings, or of three strings and two integers; an exit_batch has an array of nets", name)
	case !ok:
		o.Fail("field %q must be an array of arrays of three strings", name)
	case bad != "" && history:
		o.Fail(`field %q must hold "init", "exit", "pre_exit", "exit_rtnl" and "exit_batch", not %q`, name, bad)
	case bad != "":
		o.Fail(`field %q must hold "init", "exit" and "deferred", not %q`, name, bad)
	}
	ends := func(begin, end int64) {
		if end < begin {
			o.Fail("field %q has a callback that ends at %d, before it begins at %d", name, end, begin)
		}
	}
	for _, c := range list {
		o.checkNames(name, c.Ops, c.Net)
		ends(c.Begin, c.End)
	}
	for _, s := range stages {
		o.checkNames(name, s.Ops)
		o.checkNames(name, s.Nets...)
		ends(s.Begin, s.End)
	}
	return list, stages
}
