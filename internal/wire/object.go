// SPDX-License-Identifier: MIT

package wire

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxName is how many bytes the name of an ops or a net may have.
const MaxName = 64

// An Object is one line. Each accessor marks its field as read and, if the
// field is missing or of another type, remembers that as the object's error.
// Only the first error is kept; Done returns it. Accessors return the zero
// value, or the default, after an error.
type Object struct {
	r      *Reader
	fields []field
	names  map[string]struct{} // of fields, once they are many
	err    *Error
}

type field struct {
	name  string
	value jsontext.Value
	read  bool
}

// Line returns the number of the object's line, from 1.
func (o *Object) Line() int { return o.r.line }

// Fail makes the message the object's error, unless it has one.
func (o *Object) Fail(format string, args ...any) {
	if o.err == nil {
		o.err = o.r.errorf(format, args...)
	}
}

// Err returns the object's error so far.
func (o *Object) Err() error {
	if o.err == nil {
		return nil
	}
	return o.err
}

// Done returns the object's error: what an accessor found, or else the first
// field that none has read.
func (o *Object) Done() error {
	for i := range o.fields {
		if f := &o.fields[i]; !f.read {
			o.Fail("unknown field %q", f.name)
		}
	}
	return o.Err()
}

// Has reports whether there is such a field. It does not count as reading it.
func (o *Object) Has(name string) bool { return o.has(name) }

func (o *Object) has(name string) bool {
	if len(o.fields) < 16 {
		for i := range o.fields {
			if o.fields[i].name == name {
				return true
			}
		}
		return false
	}
	if o.names == nil { // a line may be a megabyte of fields
		o.names = make(map[string]struct{}, 2*len(o.fields))
	}
	for _, f := range o.fields[len(o.names):] {
		o.names[f.name] = struct{}{}
	}
	_, ok := o.names[name]
	return ok
}

// take returns the field's value and marks it as read.
func (o *Object) take(name string) (jsontext.Value, bool) {
	for i := range o.fields {
		if f := &o.fields[i]; f.name == name {
			f.read = true
			return f.value, true
		}
	}
	return nil, false
}

// need is take for a field that must be there.
func (o *Object) need(name string) (jsontext.Value, bool) {
	v, ok := o.take(name)
	if !ok {
		o.Fail("field %q is missing", name)
	}
	return v, ok
}

// Raw returns the JSON of an optional field, valid until the next line.
func (o *Object) Raw(name string) (jsontext.Value, bool) { return o.take(name) }

// String returns a required string.
func (o *Object) String(name string) string {
	if v, ok := o.need(name); ok {
		return o.str(name, v)
	}
	return ""
}

func (o *Object) str(name string, v jsontext.Value) string {
	if v.Kind() != '"' {
		o.Fail("field %q must be a string", name)
		return ""
	}
	return unquote(v)
}

// Name returns a required name of an ops or a net: 1 to 64 bytes.
func (o *Object) Name(name string) string { return o.checkName(name, o.String(name)) }

// OptName returns an optional name of an ops or a net.
func (o *Object) OptName(name, absent string) string {
	if v, ok := o.take(name); ok {
		return o.checkName(name, o.str(name, v))
	}
	return absent
}

func (o *Object) checkName(name, s string) string {
	if s == "" || len(s) > MaxName {
		o.Fail("field %q must be a name of 1 to %d bytes", name, MaxName)
	}
	return s
}

// Names returns a required array of names; never nil.
func (o *Object) Names(name string) []string {
	list := o.Strings(name)
	o.checkNames(name, list)
	return list
}

func (o *Object) checkNames(name string, list []string) {
	for _, s := range list {
		if s == "" || len(s) > MaxName {
			o.Fail("field %q must hold names of 1 to %d bytes", name, MaxName)
		}
	}
}

// OptBool returns an optional boolean.
func (o *Object) OptBool(name string, absent bool) bool {
	v, ok := o.take(name)
	if !ok {
		return absent
	}
	if k := v.Kind(); k != 't' && k != 'f' {
		o.Fail("field %q must be true or false", name)
		return absent
	}
	return v.Kind() == 't'
}

// Int returns a required integer.
func (o *Object) Int(name string) int64 {
	if v, ok := o.need(name); ok {
		return o.int(name, v)
	}
	return 0
}

// NullInt returns a required field that is an integer or null.
func (o *Object) NullInt(name string) (value int64, null bool) {
	v, ok := o.need(name)
	if !ok {
		return 0, false
	}
	if v.Kind() == 'n' {
		return 0, true
	}
	if v.Kind() != '0' {
		o.Fail("field %q must be an integer or null", name)
		return 0, false
	}
	return o.int(name, v), false
}

func (o *Object) int(name string, v jsontext.Value) int64 {
	i, err := parseInt(v)
	if err != nil {
		o.Fail("field %q %v", name, err)
	}
	return i
}

// OptInt returns an optional integer, and whether it is there.
func (o *Object) OptInt(name string) (int64, bool) {
	v, ok := o.take(name)
	if !ok {
		return 0, false
	}
	return o.int(name, v), true
}

// Strings returns a required array of strings; never nil.
func (o *Object) Strings(name string) []string {
	v, ok := o.need(name)
	if !ok {
		return []string{}
	}
	return o.strings(name, v)
}

func (o *Object) strings(name string, v jsontext.Value) []string {
	out := []string{}
	if !o.each(v, func(e jsontext.Value) bool {
		if e.Kind() != '"' {
			return false
		}
		out = append(out, unquote(e))
		return true
	}) {
		o.Fail("field %q must be an array of strings", name)
	}
	return out
}

// OptTriples returns an optional array of arrays of three strings; nil if absent.
func (o *Object) OptTriples(name string) [][3]string {
	v, ok := o.take(name)
	if !ok {
		return nil
	}
	out := [][3]string{}
	n := 0
	if !o.triples(v, func(e string) {
		if n%3 == 0 {
			out = append(out, [3]string{})
		}
		out[n/3][n%3] = e
		n++
	}) {
		o.Fail("field %q must be an array of arrays of three strings", name)
	}
	return out
}

// triples calls yield for each string of an array of arrays of three strings,
// and returns false where v is something else.
func (o *Object) triples(v jsontext.Value, yield func(string)) bool {
	if v.Kind() != '[' {
		return false
	}
	d := o.r.sub
	d.Reset(bytes.NewBuffer(v), options...)
	d.ReadToken() // its syntax has been checked with the line's
	for d.PeekKind() == '[' {
		d.ReadToken()
		for range 3 {
			if d.PeekKind() != '"' {
				return false
			}
			e, _ := d.ReadValue()
			yield(unquote(e))
		}
		if d.PeekKind() != ']' {
			return false
		}
		d.ReadToken()
	}
	return d.PeekKind() == ']'
}

// each calls yield for each element of an array until it returns false, and
// returns false then or where v is no array.
func (o *Object) each(v jsontext.Value, yield func(jsontext.Value) bool) bool {
	if v.Kind() != '[' {
		return false
	}
	d := o.r.sub
	d.Reset(bytes.NewBuffer(v), options...)
	d.ReadToken() // its syntax has been checked with the line's
	for d.PeekKind() != ']' {
		e, _ := d.ReadValue()
		if !yield(e) {
			return false
		}
	}
	return true
}
