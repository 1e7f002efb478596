// SPDX-License-Identifier: MIT

package scenario

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/pernet/model"
)

// A Call is one callback that ran.
type Call struct {
	Exit bool
	Ops  string
	Net  string
}

// A Result is the answer to one line, and the registry's lists after it.
type Result struct {
	Op    string
	ID    string    // as the line had it; "" if it had none
	Err   model.Err // above zero: the number that an init returned and the call passes on
	Calls []Call    // every callback that ran, in order
	Freed []string  // the nets freed, in order
	Kept  []string  // the nets that a work was refused to free

	PernetList  []string // names of the ops, in list order
	FirstDevice string   // "" is the list head
	Nets        []string // names of the listed nets, in order; the answer of a list too

	// CountZero says why a reference was refused: the net is there, its count is zero. The model fills it in.
	CountZero bool
}

// Append appends the result as one line, newline included.
func (r *Result) Append(b []byte) []byte {
	b = appendHead(b, r.Op, r.ID)
	b = append(b, `,"err":`...)
	b = appendErr(b, r.Err)
	b = append(b, `,"calls":`...)
	b = appendCalls(b, r.Calls)
	b = append(b, `,"freed":`...)
	b = appendNames(b, r.Freed)
	if len(r.Kept) > 0 {
		b = append(b, `,"kept":`...)
		b = appendNames(b, r.Kept)
	}
	b = append(b, `,"pernet_list":`...)
	b = appendNames(b, r.PernetList)
	b = append(b, `,"first_device":`...)
	b = appendFirstDevice(b, r.FirstDevice)
	b = append(b, `,"nets":`...)
	b = appendNames(b, r.Nets)
	return append(b, "}\n"...)
}

// appendHello appends the answer to a hello: to version 1 who we are, to another EINVAL.
func appendHello(b []byte, l *Line) []byte {
	b = appendHead(b, l.Op, l.ID)
	if l.Version != Version {
		return append(b, `,"err":"EINVAL"}`+"\n"...)
	}
	b = append(b, `,"version":1,"name":"pernet","language":"go","features":`...)
	b = appendNames(b, Features)
	return append(b, "}\n"...)
}

func appendHead(b []byte, op, id string) []byte {
	b = append(b, `{"op":`...)
	b = appendString(b, op)
	if id != "" {
		b = append(b, `,"id":`...)
		b = append(b, id...)
	}
	return b
}

func appendErr(b []byte, e model.Err) []byte {
	if e > 0 {
		return strconv.AppendInt(b, int64(e), 10)
	}
	return appendString(b, e.String())
}

func appendFirstDevice(b []byte, name string) []byte {
	if name == "" {
		return append(b, "null"...)
	}
	return appendString(b, name)
}

func appendCalls(b []byte, calls []Call) []byte {
	b = append(b, '[')
	for i, c := range calls {
		b = appendComma(b, i)
		b = appendCall(b, c)
	}
	return append(b, ']')
}

func appendCall(b []byte, c Call) []byte {
	if c.Exit {
		b = append(b, `["exit",`...)
	} else {
		b = append(b, `["init",`...)
	}
	b = appendString(b, c.Ops)
	b = append(b, ',')
	b = appendString(b, c.Net)
	return append(b, ']')
}

func appendNames(b []byte, names []string) []byte {
	b = append(b, '[')
	for i, n := range names {
		b = appendComma(b, i)
		b = appendString(b, n)
	}
	return append(b, ']')
}

func appendComma(b []byte, i int) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return b
}

// appendString appends s as JSON with no more escapes than JSON asks for. It is valid UTF-8, as its line was.
func appendString(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}
