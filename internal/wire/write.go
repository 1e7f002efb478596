// SPDX-License-Identifier: MIT

package wire

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/pernet/model"
)

// resultFields are the fields of a result, in the order in which they are written.
var resultFields = []string{"op", "id", "err", "calls", "freed", "kept", "pernet_list", "first_device", "nets"}

// helloFields are those of the answer to a hello that do not depend on who answers.
var helloFields = []string{"op", "id", "version"}

// AppendResult appends l as the result of a line of a scenario, newline included.
func (l *Line) AppendResult(b []byte) []byte {
	return append(l.appendFields(append(b, '{'), true, resultFields), "}\n"...)
}

// A Field is one field of a line; its value is JSON, in the one spelling that this package writes.
type Field struct{ Name, Value string }

// ResultFields returns the fields of l as a result.
func (l *Line) ResultFields() []Field {
	if l.Op == Hello {
		return l.fields(helloFields)
	}
	return l.fields(resultFields)
}

func (l *Line) fields(names []string) (fields []Field) {
	for _, name := range names {
		if name == "calls" || l.has(name) {
			fields = append(fields, Field{name, string(l.AppendValue(nil, name))})
		}
	}
	return fields
}

// AppendHello appends the answer to a hello: to the version of this package who
// answers, to another EINVAL.
func (l *Line) AppendHello(b []byte, features []string) []byte {
	b = l.appendFields(append(b, '{'), true, []string{"op", "id"})
	if l.Version != Version {
		return append(b, `,"err":"EINVAL"}`+"\n"...)
	}
	b = append(b, `,"version":1,"name":"pernet","language":"go","features":`...)
	return append(AppendStrings(b, features), "}\n"...)
}

// AppendOperation appends l as an operation of a history, newline included.
func (l *Line) AppendOperation(b []byte) []byte {
	call := model.CallOf(l.Op)
	b = l.appendFields(append(b, '{'), false, []string{"client", "call", "return", "op"})
	b = l.appendFields(b, false, call.Asks)
	if !l.Never {
		if call.Fails() {
			b = l.appendFields(b, false, []string{"err"})
		}
		b = l.appendFields(b, false, []string{"calls"})
		b = l.appendFields(b, false, call.Tells)
	}
	return append(b, "}\n"...)
}

// String returns l as an operation of a history, without the newline.
func (l *Line) String() string { return strings.TrimSuffix(string(l.AppendOperation(nil)), "\n") }

// appendFields appends the fields of those names that l has. With empty, calls
// that are empty are written too.
func (l *Line) appendFields(b []byte, empty bool, names []string) []byte {
	for _, name := range names {
		if !l.has(name) && !(empty && name == "calls") {
			continue
		}
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), name...), `":`...)
		b = l.AppendValue(b, name)
	}
	return b
}

// has reports whether l has the field: some are left out when they say nothing.
func (l *Line) has(name string) bool {
	switch name {
	case "id":
		return l.ID != ""
	case "init":
		return l.NoInit
	case "exit":
		return l.NoExit
	case "newnet":
		return l.Share
	case "from":
		return l.From != "" && l.From != InitNet
	case "net":
		return l.Net != ""
	case "calls":
		return len(l.Calls) > 0 || l.Unknown
	case "kept":
		return len(l.Kept) > 0
	}
	return true
}

// AppendValue appends the value of the field of that name, which l must have, as JSON.
func (l *Line) AppendValue(b []byte, name string) []byte {
	switch name {
	case "op":
		return AppendString(b, l.Op)
	case "id":
		return append(b, l.ID...)
	case "version":
		return strconv.AppendInt(b, l.Version, 10)
	case "client":
		return strconv.AppendInt(b, l.Client, 10)
	case "call":
		return strconv.AppendInt(b, l.Call, 10)
	case "return":
		if l.Never {
			return append(b, "null"...)
		}
		return strconv.AppendInt(b, l.Return, 10)
	case "ops":
		return AppendString(b, l.Ops)
	case "net":
		return AppendString(b, l.Net)
	case "from":
		return AppendString(b, l.From)
	case "init", "exit", "newnet":
		return append(b, "false"...)
	case "err":
		return l.appendErr(b)
	case "calls":
		return l.appendCalls(b)
	case "nets":
		return AppendStrings(b, l.Nets)
	case "freed":
		return AppendStrings(b, l.Freed)
	case "kept":
		return AppendStrings(b, l.Kept)
	case "pernet_list":
		return AppendStrings(b, l.PernetList)
	case "first_device":
		if l.FirstDevice == "" {
			return append(b, "null"...)
		}
		return AppendString(b, l.FirstDevice)
	}
	panic("wire: no such field: " + name)
}

func (l *Line) appendErr(b []byte) []byte {
	switch {
	case l.Err > 0:
		return strconv.AppendInt(b, int64(l.Err), 10)
	case l.Err == OtherErr:
		return AppendString(b, l.Errno)
	}
	return AppendString(b, l.Err.String())
}

func (l *Line) appendCalls(b []byte) []byte {
	if l.Unknown {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, c := range l.Calls {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, `["`...), c.Word()...), `",`...)
		b = append(AppendString(b, c.Ops), ',')
		b = append(AppendString(b, c.Net), ']')
	}
	return append(b, ']')
}

// AppendStrings appends a list of names as JSON.
func AppendStrings(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendString(b, s)
	}
	return append(b, ']')
}

// AppendString appends s as JSON, with no more escapes than JSON asks for. It is valid UTF-8, as its line was.
func AppendString(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}
