// SPDX-License-Identifier: MIT

package model

// OpsID names a struct pernet_operations. NoOps means none, and in State.FirstDevice the list
// head.
type OpsID int32

// NetID names a net. InitNet exists from the start.
type NetID int32

// CallID names a copy in progress, from its CopyGet to its CopyPut.
type CallID int32

const (
	NoOps   OpsID = 0
	NoNet   NetID = 0
	InitNet NetID = 1
)

// Kind is the name of an action, spelled as in spec/registry.tla.
type Kind string

const (
	RegisterSubsys   Kind = "RegisterSubsys"
	RegisterDevice   Kind = "RegisterDevice"
	UnregisterSubsys Kind = "UnregisterSubsys"
	UnregisterDevice Kind = "UnregisterDevice"
	CopyGet          Kind = "CopyGet"
	Copy             Kind = "Copy"
	CopyPut          Kind = "CopyPut"
	Share            Kind = "Share"
	Get              Kind = "Get"
	Put              Kind = "Put"
	Hold             Kind = "Hold"
	Release          Kind = "Release"
	Cleanup          Kind = "Cleanup"
	Free             Kind = "Free"
	List             Kind = "List"
	Snapshot         Kind = "State"
	NetNsInit        Kind = "NetNsInit"
)

// An Action is one step of a call, with everything that callers and callbacks decide about it.
type Action struct {
	Kind Kind
	Call CallID // CopyGet, Copy, CopyPut: which copy
	Ops  OpsID  // register, unregister

	// NoInit and NoExit say that the ops to register lacks that callback.
	NoInit, NoExit bool

	Net  NetID   // Copy: the new net; else the net of the call
	From NetID   // CopyGet, Share: the net to copy from
	Nets []NetID // Cleanup: the nets that it takes, in any order

	AllocFail bool // Copy: the allocation fails
	Quota     bool // Copy: a quota refuses it
	Cancel    bool // register, unregister, Copy: cancelled while it waits for the lock

	// Fails lists the inits that return something other than 0. An init that does not run
	// changes nothing.
	Fails []Fail
}

// A Fail says what the init of Ops on Net returns.
type Fail struct {
	Ops OpsID
	Net NetID
	Err Err
}

// A Callback is one init or exit that ran.
type Callback struct {
	Exit bool
	Ops  OpsID
	Net  NetID
}

// An Answer is the result of one action.
type Answer struct {
	Err   Err
	Calls []Callback // every callback that ran, in order; of Cleanup, the order between two nets means nothing
	Freed NetID      // the net that was freed: by Free, or by a Copy that failed after its allocation
	Kept  NetID      // Free: the net that is never freed, because it is in use
	Nets  []NetID    // List, State: the listed nets; Cleanup: those that it took, in the order of the list
	List  []OpsID    // State: pernet_list
	First OpsID      // State: first_device
}

// initOf returns what the init of that pair returns.
func (a *Action) initOf(o OpsID, n NetID) Err {
	for _, f := range a.Fails {
		if f.Ops == o && f.Net == n {
			return f.Err
		}
	}
	return 0
}
