// SPDX-License-Identifier: MIT

package history

import (
	"math"

	"example.com/pernet/model"
)

// A Verb is the word of the format for one kind of operation.
type Verb string

// The operations of a history.
const (
	RegisterSubsys   Verb = "register_subsys"
	RegisterDevice   Verb = "register_device"
	UnregisterSubsys Verb = "unregister_subsys"
	UnregisterDevice Verb = "unregister_device"
	Copy             Verb = "copy"
	Get              Verb = "get"
	Put              Verb = "put"
	Hold             Verb = "hold"
	Release          Verb = "release"
	Cleanup          Verb = "cleanup"
	List             Verb = "list"
	State            Verb = "state"
)

// InitNet is the name of the first net.
const InitNet = "init_net"

// Worker is the client whose operations are the worker's.
const Worker = -1

// An Op is one operation: one line of the format.
type Op struct {
	Client int64
	Call   int64
	Return int64
	Never  bool // it never returned: Return, Err and all results are void

	Verb           Verb
	Ops            string // register, unregister
	NoInit, NoExit bool   // register: the ops lacks that callback
	Net            string // copy: the new net; get, put, hold, release
	From           string // copy
	Share          bool   // copy with newnet:false

	Err     model.Err
	Errno   string // the name of an errno that the model does not know; Err is otherErr then
	Calls   []Callback
	Unknown bool // which callbacks ran was not recorded; Calls is void

	Nets        []string // cleanup, list, state
	Freed       []string // cleanup
	PernetList  []string // state
	FirstDevice string   // state; "" is null
}

// otherErr is every errno that the model does not know. No step answers it but
// one in which an init ran, for an init may return any errno.
const otherErr model.Err = math.MinInt32

// A Callback is one init or exit that ran.
type Callback struct {
	Exit bool
	Ops  string
	Net  string
}
