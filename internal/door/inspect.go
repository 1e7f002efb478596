// SPDX-License-Identifier: MIT

package door

// A View is what a registry's shared variables hold between two steps. Who
// looks, or restores, must be the only one running. Which locks are held is asked of Door.Held.
type View struct {
	PernetList  []ViewOps
	FirstDevice string // name; "" is the list head
	First       any    // its *impl.Ops; nil is the list head
	NetList     []string
	WorkQueue   []string
	Nets        []ViewNet   // those that are not freed and have a name, in no order
	Batches     []ViewBatch // deferred callbacks that have not returned, oldest first
	Working     bool        // somebody runs cleanups, or is about to
	Freed       []any       // for Restore: each *impl.Net that is freed and that a parked thread, or a list, still has
}

// A ViewOps is an ops on pernet_list.
type ViewOps struct {
	Ops    any // the *impl.Ops
	Name   string
	Device bool
}

// A ViewNet is a net that is not freed.
type ViewNet struct {
	Net        any // the *impl.Net; nil: Restore makes one, and puts it here
	Name       string
	Count, Use int64
	Listed     bool
	Sealed     bool // its last barrier has begun
	Kept       bool
}

// A ViewBatch is deferred callbacks that a barrier waits for together.
type ViewBatch struct {
	Batch any // names it; nil: Restore makes one, and puts it here
	Left  int // how many have not returned. With none left, Restore tells those who wait, and View does not show it
}
