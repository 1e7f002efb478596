// SPDX-License-Identifier: MIT

package model

// A Call describes one call of the registry, or one run of its worker. The formats, both
// runners of scenarios, the recorder, the checker of histories, the explorer and the documents
// use this description, and a test of each compares it with the table Calls.
type Call struct {
	Op      string   // its word in every format
	Moments []Kind   // its actions, in order; those of a copy with newnet false are Share alone
	Asks    []string // the fields of a line that hold its arguments, as the formats spell them
	Tells   []string // the fields that hold its result, beyond err and calls
	Errs    []Err    // the errnos that it may return by itself, in the order in which they are checked
	Inits   bool     // it may run inits, and may return what one of them returned
	Exits   bool     // it may run exits
}

// Fails reports whether the call can return an error.
func (c *Call) Fails() bool { return len(c.Errs) > 0 || c.Inits }

// Calls are all calls, in the order in which the documents name them.
var Calls = []Call{
	{Op: "register_subsys", Moments: []Kind{RegisterSubsys}, Asks: []string{"ops", "init", "exit"},
		Errs: []Err{EINTR, EEXIST}, Inits: true, Exits: true},
	{Op: "register_device", Moments: []Kind{RegisterDevice}, Asks: []string{"ops", "init", "exit"},
		Errs: []Err{EINTR, EEXIST}, Inits: true, Exits: true},
	{Op: "unregister_subsys", Moments: []Kind{UnregisterSubsys}, Asks: []string{"ops"},
		Errs: []Err{EINTR, ENOENT, EINVAL}, Exits: true},
	{Op: "unregister_device", Moments: []Kind{UnregisterDevice}, Asks: []string{"ops"},
		Errs: []Err{EINTR, ENOENT, EINVAL}, Exits: true},
	{Op: "copy", Moments: []Kind{CopyGet, Copy, CopyPut}, Asks: []string{"newnet", "net", "from"},
		Errs: []Err{ENOENT, EEXIST, ENOSPC, ENOMEM, EINTR}, Inits: true, Exits: true},
	{Op: "get", Moments: []Kind{Get}, Asks: []string{"net"}, Errs: []Err{ENOENT}},
	{Op: "put", Moments: []Kind{Put}, Asks: []string{"net"}, Errs: []Err{ENOENT, EINVAL}},
	{Op: "hold", Moments: []Kind{Hold}, Asks: []string{"net"}, Errs: []Err{ENOENT}},
	{Op: "release", Moments: []Kind{Release}, Asks: []string{"net"}, Errs: []Err{ENOENT, EINVAL}},
	{Op: "cleanup", Moments: []Kind{Cleanup, Free}, Asks: []string{"nets"}, Tells: []string{"freed"}, Exits: true},
	{Op: "list", Moments: []Kind{List}, Tells: []string{"nets"}},
	{Op: "state", Moments: []Kind{Snapshot}, Tells: []string{"pernet_list", "first_device", "nets"}},
}

// CallOf returns the call of that word, or nil.
func CallOf(op string) *Call {
	for i := range Calls {
		if Calls[i].Op == op {
			return &Calls[i]
		}
	}
	return nil
}
