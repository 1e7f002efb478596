// SPDX-License-Identifier: MIT

package wire

import (
	"math"

	"example.com/pernet/model"
)

// The ops, as the formats spell them. Those of calls are in model.Calls; Hello to
// RunDeferred are lines of a scenario that are no calls.
const (
	RegisterSubsys   = "register_subsys"
	RegisterDevice   = "register_device"
	UnregisterSubsys = "unregister_subsys"
	UnregisterDevice = "unregister_device"
	Copy             = "copy"
	Get              = "get"
	Put              = "put"
	Hold             = "hold"
	Release          = "release"
	Cleanup          = "cleanup" // of histories
	List             = "list"
	State            = "state" // of histories

	Hello     = "hello"
	Reset     = "reset"
	Work      = "work"
	Fail      = "fail"
	FailAlloc = "fail_alloc"

	Barrier     = "barrier"
	RunDeferred = "run_deferred"
)

// Version is the version of the formats.
const Version = 1

// InitNet is the name of the first net.
const InitNet = "init_net"

// Worker is the client whose operations are the worker's.
const Worker = -1

// All is the Max of a work that runs every queued cleanup.
const All = math.MaxInt

// OtherErr is every errno that the model does not know. No step answers it but
// one in which an init ran, for an init may return any errno.
const OtherErr model.Err = math.MinInt32

// A Line is one line of a format. Only the fields of its op are set.
type Line struct {
	Op string
	ID string // an integer; "" if there is none

	Number int // of the line of a history, as it was read, from 1; 0: it was not read

	// Of a history: who, and from when to when on one clock.
	Client, Call, Return int64
	Never                bool // it never returned: Return and what was answered are void

	// What was asked.
	Ops            string // register, unregister, fail
	NoInit, NoExit bool   // register: the ops lacks that callback
	Defers         bool   // register, of scenarios: each exit of the ops defers a callback on its net
	Net            string // copy: the name of the new net; get, put, hold, release, fail
	From           string // copy
	Share          bool   // copy with newnet false
	Version        int64  // hello
	Discipline     string // hello, and the answer to it; "" if it does not say
	Max            int    // work; All if the line does not say

	// What was answered. Of a fail, Err is what the init is to return.
	Err         model.Err // above zero: the number that an init returned and the call passes on
	Errno       string    // the name of an errno that the model does not know; Err is OtherErr then
	Calls       []Callback
	Stages      []Stage  // of a history: those of an undo that are neither init nor exit
	Unknown     bool     // which callbacks ran was not recorded; Calls and Stages are void
	Nets        []string // the listed nets, in order; of a cleanup, the nets that it took
	Freed       []string // in order
	Kept        []string // the nets that a work was refused to free
	PernetList  []string // names of the ops, in list order
	FirstDevice string   // "" is null: the list head
}

// at returns where l has the field of that name: a pointer, to the denial of a boolean. It
// returns nil for id, err and calls, which are not stored as they are written.
func (l *Line) at(name string) any {
	switch name {
	case "op":
		return &l.Op
	case "client":
		return &l.Client
	case "call":
		return &l.Call
	case "return":
		return &l.Return
	case "ops":
		return &l.Ops
	case "init":
		return &l.NoInit
	case "exit":
		return &l.NoExit
	case "net":
		return &l.Net
	case "from":
		return &l.From
	case "newnet":
		return &l.Share
	case "version":
		return &l.Version
	case "discipline":
		return &l.Discipline
	case "nets":
		return &l.Nets
	case "freed":
		return &l.Freed
	case "kept":
		return &l.Kept
	case "pernet_list":
		return &l.PernetList
	case "first_device":
		return &l.FirstDevice
	}
	return nil
}

// A Callback is one init or exit that ran or, in a result, a deferred one.
type Callback struct {
	Exit     bool
	Deferred bool // by the exit of Ops on Net; neither init nor exit
	Ops      string
	Net      string

	Timed      bool  // of a history: it is known when it ran
	Begin, End int64 // on the clock of Call and Return
}

// Word returns "init", "exit" or "deferred".
func (c Callback) Word() string {
	switch {
	case c.Exit:
		return "exit"
	case c.Deferred:
		return "deferred"
	}
	return "init"
}
