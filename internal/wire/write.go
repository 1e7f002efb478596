// SPDX-License-Identifier: MIT

package wire

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/pernet/model"
)

// resultFields are the fields of a result, in the order in which they are written.
var resultFields = []string{"op", "id", "err", "calls", "freed", "kept", "pernet_list", "first_device", "nets"}

// helloFields are those of the answer to a hello that do not depend on who answers.
var helloFields = []string{"op", "id", "version", "discipline"}

// AppendResult appends l as the result of a line of a scenario, newline included.
func (l *Line) AppendResult(b []byte) []byte {
	return append(l.appendFields(append(b, '{'), resultFields), "}\n"...)
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
		if l.has(name) {
			fields = append(fields, Field{name, string(l.AppendValue(nil, name))})
		}
	}
	return fields
}

// AppendHello appends the answer to a hello: what pernet is and which features it has, with the
// discipline of l. If l asks for another version or features is nil, the answer is EINVAL.
func (l *Line) AppendHello(b []byte, features []string) []byte {
	b = l.appendFields(append(b, '{'), []string{"op", "id"})
	if l.Version != Version || features == nil {
		return append(b, `,"err":"EINVAL"}`+"\n"...)
	}
	b = append(b, `,"version":1`...)
	b = l.appendFields(b, []string{"discipline"})
	b = append(b, `,"name":"pernet","language":"go","features":`...)
	return append(AppendStrings(b, features), "}\n"...)
}

// AppendScenario appends l as a line of a scenario, newline included.
func (l *Line) AppendScenario(b []byte) []byte {
	b = l.appendFields(append(b, '{'), []string{"op", "id"})
	switch l.Op {
	case Hello:
		b = l.appendFields(b, []string{"version", "discipline"})
	case Fail:
		b = l.appendFields(b, []string{"ops", "net", "err"})
	case FailAlloc:
		if l.Err != 0 {
			b = l.appendFields(b, []string{"err"})
		}
	case Work:
		if l.Max != All {
			b = strconv.AppendInt(append(b, `,"max":`...), int64(l.Max), 10)
		}
	default:
		if call := model.CallOf(l.Op); call != nil { // else it asks nothing
			b = l.appendFields(b, call.Asks)
		}
		if l.Defers {
			b = append(b, `,"defer":true`...)
		}
	}
	return append(b, "}\n"...)
}

// AppendOperation appends l as an operation of a history, newline included.
func (l *Line) AppendOperation(b []byte) []byte {
	return l.appendOperation(b, "client", "call", "return", "op")
}

// AppendUntimed is AppendOperation without any time of a clock.
func (l *Line) AppendUntimed(b []byte) []byte {
	untimed := *l
	untimed.Calls = slices.Clone(l.Calls)
	for i := range untimed.Calls {
		untimed.Calls[i].Timed = false
	}
	untimed.Stages = slices.Clone(l.Stages)
	for i := range untimed.Stages {
		untimed.Stages[i].Timed = false
	}
	return untimed.appendOperation(b, "client", "op")
}

func (l *Line) appendOperation(b []byte, head ...string) []byte {
	call := model.CallOf(l.Op)
	b = l.appendFields(append(b, '{'), head)
	b = l.appendFields(b, call.Asks)
	if !l.Never {
		if call.Fails() {
			b = l.appendFields(b, []string{"err"})
		}
		if len(l.Calls) > 0 || len(l.Stages) > 0 || l.Unknown {
			b = l.appendFields(b, []string{"calls"})
		}
		b = l.appendFields(b, call.Tells)
	}
	return append(b, "}\n"...)
}

// String returns l as an operation of a history, without the newline.
func (l *Line) String() string { return strings.TrimSuffix(string(l.AppendOperation(nil)), "\n") }

// appendFields appends the fields of those names that l has.
func (l *Line) appendFields(b []byte, names []string) []byte {
	for _, name := range names {
		if !l.has(name) {
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
	case "from":
		return l.From != "" && l.From != InitNet
	case "net":
		return l.Net != ""
	case "kept":
		return len(l.Kept) > 0
	case "discipline": // an answer without it is of 2009
		return l.Discipline == string(model.RWSem)
	}
	denied, ok := l.at(name).(*bool)
	return !ok || *denied
}

// AppendValue appends the value of the field of that name, which l must have, as JSON.
func (l *Line) AppendValue(b []byte, name string) []byte {
	switch {
	case name == "return" && l.Never, name == "calls" && l.Unknown, name == "first_device" && l.FirstDevice == "":
		return append(b, "null"...)
	case name == "id":
		return append(b, l.ID...)
	case name == "err":
		return l.appendErr(b)
	case name == "calls":
		return l.appendCalls(b)
	}
	switch value := l.at(name).(type) {
	case *string:
		return AppendString(b, *value)
	case *int64:
		return strconv.AppendInt(b, *value, 10)
	case *bool:
		return append(b, "false"...)
	case *[]string:
		return AppendStrings(b, *value)
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
	b = append(b, '[')
	stages := l.Stages
	for i := 0; i < len(l.Calls) || len(stages) > 0; {
		if b[len(b)-1] != '[' {
			b = append(b, ',')
		}
		if len(stages) > 0 && stages[0].After <= i {
			s := &stages[0]
			b = append(append(append(b, `["`...), s.Word...), `",`...)
			b = append(AppendString(b, s.Ops), ',')
			if s.Word == ExitBatch {
				b = AppendStrings(b, s.Nets)
			} else {
				b = AppendString(b, s.Nets[0])
			}
			b = appendTimes(b, s.Timed, s.Begin, s.End)
			stages = stages[1:]
			continue
		}
		c := &l.Calls[i]
		b = append(append(append(b, `["`...), c.Word()...), `",`...)
		b = append(AppendString(b, c.Ops), ',')
		b = AppendString(b, c.Net)
		b = appendTimes(b, c.Timed, c.Begin, c.End)
		i++
	}
	return append(b, ']')
}

// appendTimes ends a callback, with its times if it has them.
func appendTimes(b []byte, timed bool, begin, end int64) []byte {
	if timed {
		b = strconv.AppendInt(append(b, ','), begin, 10)
		b = strconv.AppendInt(append(b, ','), end, 10)
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
