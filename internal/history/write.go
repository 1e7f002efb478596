// SPDX-License-Identifier: MIT

package history

import (
	"strconv"
	"strings"
)

// String returns the operation as one line of the format, without the newline.
func (o *Op) String() string { return strings.TrimSuffix(string(o.Append(nil)), "\n") }

// Append appends the operation's line to b.
func (o *Op) Append(b []byte) []byte {
	w := line{append(b, '{')}
	w.integer("client", o.Client)
	w.integer("call", o.Call)
	if o.Never {
		w.raw("return", "null")
	} else {
		w.integer("return", o.Return)
	}
	w.str("op", string(o.Verb))
	w.fields(o)
	if !o.Never {
		w.results(o)
	}
	return append(w.b, '}', '\n')
}

// A line builds one line.
type line struct{ b []byte }

func (w *line) fields(o *Op) {
	if o.Ops != "" {
		w.str("ops", o.Ops)
	}
	if o.NoInit {
		w.raw("init", "false")
	}
	if o.NoExit {
		w.raw("exit", "false")
	}
	if o.Share {
		w.raw("newnet", "false")
	}
	if o.Net != "" {
		w.str("net", o.Net)
	}
	if o.From != "" && o.From != InitNet {
		w.str("from", o.From)
	}
	if o.Verb == Cleanup {
		w.list("nets", o.Nets)
	}
}

func (w *line) results(o *Op) {
	switch {
	case o.Verb == Cleanup || o.Verb == List || o.Verb == State:
	case o.Err > 0:
		w.integer("err", int64(o.Err))
	case o.Err == otherErr:
		w.str("err", o.Errno)
	default:
		w.str("err", o.Err.String())
	}
	if o.Unknown {
		w.raw("calls", "null")
	} else {
		w.calls(o.Calls)
	}
	switch o.Verb {
	case Cleanup:
		w.list("freed", o.Freed)
	case List:
		w.list("nets", o.Nets)
	case State:
		w.list("pernet_list", o.PernetList)
		if o.FirstDevice == "" {
			w.raw("first_device", "null")
		} else {
			w.str("first_device", o.FirstDevice)
		}
		w.list("nets", o.Nets)
	}
}

func (w *line) field(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(append(append(w.b, '"'), name...), '"', ':')
}

func (w *line) raw(name, value string)        { w.field(name); w.b = append(w.b, value...) }
func (w *line) integer(name string, i int64)  { w.field(name); w.b = strconv.AppendInt(w.b, i, 10) }
func (w *line) str(name, s string)            { w.field(name); w.quote(s) }
func (w *line) list(name string, of []string) { w.field(name); w.strings(of...) }
func (w *line) comma(i int) {
	if i > 0 {
		w.b = append(w.b, ',')
	}
}

func (w *line) strings(of ...string) {
	w.b = append(w.b, '[')
	for i, s := range of {
		w.comma(i)
		w.quote(s)
	}
	w.b = append(w.b, ']')
}

func (w *line) calls(calls []Callback) {
	if len(calls) == 0 {
		return
	}
	w.field("calls")
	w.b = append(w.b, '[')
	for i, c := range calls {
		w.comma(i)
		w.strings(c.word(), c.Ops, c.Net)
	}
	w.b = append(w.b, ']')
}

func (c Callback) word() string {
	if c.Exit {
		return "exit"
	}
	return "init"
}

// quote appends s as a JSON string. Names are valid UTF-8, so only quotes,
// backslashes and control characters need care.
func (w *line) quote(s string) {
	w.b = append(w.b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			w.b = append(w.b, '\\', c)
		case c < 0x20:
			const hex = "0123456789abcdef"
			w.b = append(w.b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			w.b = append(w.b, c)
		}
	}
	w.b = append(w.b, '"')
}
