// SPDX-License-Identifier: MIT

package scenario

import (
	"math"
	"strconv"

	"example.com/pernet/internal/jsonl"
	"example.com/pernet/model"
)

// The ops of a scenario, as they are spelled in it.
const (
	Hello            = "hello"
	Reset            = "reset"
	RegisterSubsys   = "register_subsys"
	RegisterDevice   = "register_device"
	UnregisterSubsys = "unregister_subsys"
	UnregisterDevice = "unregister_device"
	Copy             = "copy"
	Get              = "get"
	Put              = "put"
	Hold             = "hold"
	Release          = "release"
	Work             = "work"
	List             = "list"
	Fail             = "fail"
	FailAlloc        = "fail_alloc"
)

// Version is the version of the formats.
const Version = 1

// InitNet is the name of the first net.
const InitNet = "init_net"

// All is the Max of a work that runs every queued cleanup.
const All = math.MaxInt

// A Line is one line of a scenario. Only the fields of its op are set.
type Line struct {
	Op      string
	ID      string // an integer; "" if there is none
	Version int64  // hello

	Ops            string // register, unregister, fail
	NoInit, NoExit bool   // register: the ops lacks that callback

	Net   string // copy: the name for the new net; get, put, hold, release, fail
	From  string // copy
	Share bool   // copy: without CLONE_NEWNET

	Max int       // work; All if the line does not say
	Err model.Err // fail: what the init returns
}

// Decode returns the line that o holds. An error is a *jsonl.Error.
func Decode(o *jsonl.Object) (Line, error) {
	l := Line{Op: o.String("op"), ID: decodeID(o)}
	switch l.Op {
	case Hello:
		l.Version = o.Int("version")
	case Reset, List, FailAlloc:
	case RegisterSubsys, RegisterDevice:
		l.Ops = o.Name("ops")
		l.NoInit = !o.OptBool("init", true)
		l.NoExit = !o.OptBool("exit", true)
	case UnregisterSubsys, UnregisterDevice:
		l.Ops = o.Name("ops")
	case Copy:
		l.decodeCopy(o)
	case Get, Put, Hold, Release:
		l.Net = o.Name("net")
	case Work:
		l.decodeWork(o)
	case Fail:
		l.Ops, l.Net = o.Name("ops"), o.Name("net")
		l.Err = decodeErr(o)
	default:
		o.Fail("unknown op %q", l.Op)
	}
	return l, o.Done()
}

// decodeID returns the integer that a result repeats; "" if there is none.
func decodeID(o *jsonl.Object) string {
	if id, ok := o.OptInt("id"); ok {
		return strconv.FormatInt(id, 10)
	}
	return ""
}

func (l *Line) decodeCopy(o *jsonl.Object) {
	l.Share = !o.OptBool("newnet", true)
	l.From = o.OptName("from", InitNet)
	if !l.Share {
		l.Net = o.Name("net")
	} else if o.Has("net") {
		o.Fail("field %q makes no sense with newnet false", "net")
	}
}

func (l *Line) decodeWork(o *jsonl.Object) {
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

// initErrs are the errnos that an init may return.
var initErrs = map[string]model.Err{
	"ENOMEM": model.ENOMEM, "EBUSY": model.EBUSY, "EIO": model.EIO, "ENOSPC": model.ENOSPC, "EPERM": model.EPERM,
	"EAGAIN": model.EAGAIN, "EEXIST": model.EEXIST, "ENOENT": model.ENOENT, "EINVAL": model.EINVAL,
}

// decodeErr reads what an init is to return: an errno's name, or a positive number.
func decodeErr(o *jsonl.Object) model.Err {
	raw, ok := o.Raw("err")
	switch {
	case !ok:
		return model.ENOMEM
	case raw.Kind() == '0':
		if n := o.Int("err"); n >= 1 {
			return model.Err(n)
		}
	case raw.Kind() == '"':
		if e, ok := initErrs[o.String("err")]; ok {
			return e
		}
	}
	o.Fail("field %q must be one of the errno names an init may return, or a positive integer of at most 64 bits", "err")
	return 0
}
