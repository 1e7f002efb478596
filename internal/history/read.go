// SPDX-License-Identifier: MIT

package history

import (
	"io"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A Reader reads the operations of one file, line by line. It checks each line
// alone; how they follow each other is checked once they are sorted.
type Reader struct{ in *wire.Reader }

// NewReader returns a reader of r; file is its name in messages.
func NewReader(r io.Reader, file string) *Reader { return &Reader{wire.NewReader(r, file)} }

// Next returns the next operation, or io.EOF. A *wire.Error names a bad line.
func (r *Reader) Next() (Op, error) {
	o, err := r.in.Next()
	if err != nil {
		return Op{}, err
	}
	op := Op{Verb: Verb(o.String("op"))}
	if o.Err() == nil && !known(op.Verb) {
		o.Fail("unknown op %q", string(op.Verb))
	}
	op.Client = o.Int("client")
	op.Call = o.Int("call")
	op.Return, op.Never = o.NullInt("return")
	o.OptInt("id")
	if o.Err() == nil && !op.Never && op.Return < op.Call {
		o.Fail("return %d lies before call %d", op.Return, op.Call)
	}
	readFields(o, &op)
	if op.Never {
		for _, name := range []string{"err", "calls", "freed", "pernet_list", "first_device"} {
			if o.Has(name) {
				o.Fail("an operation that never returned has no field %q", name)
			}
		}
	} else {
		readResult(o, &op)
	}
	return op, o.Done()
}

func known(v Verb) bool {
	switch v {
	case RegisterSubsys, RegisterDevice, UnregisterSubsys, UnregisterDevice, Copy,
		Get, Put, Hold, Release, Cleanup, List, State:
		return true
	}
	return false
}

// readFields reads what the operation was asked.
func readFields(o *wire.Object, op *Op) {
	switch op.Verb {
	case RegisterSubsys, RegisterDevice:
		op.Ops = o.Name("ops")
		op.NoInit = !o.OptBool("init", true)
		op.NoExit = !o.OptBool("exit", true)
	case UnregisterSubsys, UnregisterDevice:
		op.Ops = o.Name("ops")
	case Copy:
		op.Share = !o.OptBool("newnet", true)
		op.From = o.OptName("from", InitNet)
		if !op.Share {
			op.Net = o.Name("net")
		} else if o.Has("net") {
			o.Fail(`a copy with "newnet":false has no field "net"`)
		}
	case Get, Put, Hold, Release:
		op.Net = o.Name("net")
	case Cleanup:
		op.Nets = nameList(o, "nets")
	}
}

// readResult reads what the operation answered.
func readResult(o *wire.Object, op *Op) {
	if v, ok := o.Raw("calls"); ok && v.Kind() == 'n' {
		op.Unknown = true
	} else {
		op.Calls = callbacks(o)
	}
	readErr(o, op)
	switch op.Verb {
	case Cleanup:
		op.Freed = nameList(o, "freed")
	case List:
		op.Nets = nameList(o, "nets")
	case State:
		op.Nets = nameList(o, "nets")
		op.PernetList = nameList(o, "pernet_list")
		if v, ok := o.Raw("first_device"); !ok {
			o.Fail(`field "first_device" is missing`)
		} else if v.Kind() != 'n' {
			op.FirstDevice = o.Name("first_device")
		}
	}
}

// readErr reads err: "", the name of an errno, or the positive number that an init returned.
func readErr(o *wire.Object, op *Op) {
	if v := op.Verb; v == Cleanup || v == List || v == State { // they do not fail
		if raw, ok := o.Raw("err"); ok && string(raw) != `""` {
			o.Fail(`%s does not fail: field "err" must be "" or absent`, v)
		}
		return
	}
	name, number := o.Errno()
	if e, known := model.ParseErr(name); known || name == "" {
		op.Err = e + model.Err(number)
		return
	}
	op.Err, op.Errno = otherErr, name
}

func callbacks(o *wire.Object) []Callback {
	triples := o.OptTriples("calls")
	if len(triples) == 0 {
		return nil
	}
	out := make([]Callback, len(triples))
	for i, t := range triples {
		if t[0] != "init" && t[0] != "exit" {
			o.Fail(`field "calls" must hold "init" and "exit", not %q`, t[0])
		}
		checkName(o, "calls", t[1])
		checkName(o, "calls", t[2])
		out[i] = Callback{Exit: t[0] == "exit", Ops: t[1], Net: t[2]}
	}
	return out
}

func nameList(o *wire.Object, field string) []string {
	list := o.Strings(field)
	for _, s := range list {
		checkName(o, field, s)
	}
	return list
}

func checkName(o *wire.Object, field, s string) {
	if s == "" || len(s) > wire.MaxName {
		o.Fail("field %q must hold names of 1 to %d bytes", field, wire.MaxName)
	}
}
