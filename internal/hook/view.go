// SPDX-License-Identifier: MIT

package hook

// A View is a copy of a registry's shared variables between two steps. No other goroutine may
// use the registry during Hooks.View. The locks are in Hooks.Locks.
type View struct {
	PernetList  []ViewOps
	FirstDevice string // name; "" is the list head
	NetList     []string
	WorkQueue   []string
	Nets        []ViewNet // those that are not freed and have a name, in no order
}

// A ViewOps is an ops on pernet_list.
type ViewOps struct {
	Name   string
	Device bool
}

// A ViewNet is a net that is not freed.
type ViewNet struct {
	Net        any // the *impl.Net
	Name       string
	Count, Use int64
	Listed     bool
	Kept       bool
}
