// SPDX-License-Identifier: MIT

package clients

import (
	"slices"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/hook"
)

// Kinds are the kinds of ops, by their codes.
var Kinds = []string{"none", "subsys", "device"}

// The codes of kinds.
const (
	Subsys = 1
	Device = 2
)

// Phases are the phases of a net, by their codes. A discipline may have more.
var Phases = []string{"free", "new", "listed", "dying", "kept"}

// The codes of phases.
const (
	Free = iota
	Fresh
	Listed
	Dying
	Kept
)

// Phase returns the phase of a net that is not free.
func (w *World) Phase(n hook.ViewNet) uint8 {
	switch {
	case n.Kept:
		return Kept
	case n.Listed:
		return Listed
	case n.Net == any(w.Nets[Slot(n.Name)]): // it was listed
		return Dying
	}
	return Fresh
}

// ReadOps stores pernet_list, and the kinds of the ops on it.
func (w *World) ReadOps(list, kind *[MaxOps]uint8) {
	for i, o := range w.Look().PernetList {
		list[i] = Slot(o.Name)
		kind[list[i]] = Subsys
		if o.Device {
			kind[list[i]] = Device
		}
	}
}

// Slots returns the numbers of the ops or nets of these names.
func Slots(names []string) (list []uint8) {
	for _, n := range names {
		list = append(list, Slot(n))
	}
	return list
}

// Domains returns the names of the ops, the nets and the threads in the states.
func (in *Instance) Domains() (ops, net, thread graph.Domain) {
	return graph.Domain{Names: in.Ops, None: in.NoOps}, graph.Domain{Names: in.Nets, None: in.NoNet},
		graph.Domain{Names: in.Everyone(), None: in.Nobody}
}

// Filled returns a list without its padding.
func Filled(list []uint8) []uint8 {
	if i := slices.Index(list, None); i >= 0 {
		return list[:i]
	}
	return list
}

// NoDoubles reports whether nothing is twice in one of the lists.
func NoDoubles(lists ...[]uint8) bool {
	for _, list := range lists {
		for i, x := range list {
			if slices.Contains(list[:i], x) {
				return false
			}
		}
	}
	return true
}

// SubsysFirst reports whether no device comes before a subsystem in a list of ops of these kinds.
func SubsysFirst(list, kinds []uint8) bool {
	return slices.IsSortedFunc(list, func(a, b uint8) int { return int(kinds[a]) - int(kinds[b]) })
}

// FirstDevice returns the first device of a list of ops of these kinds, or None.
func FirstDevice(list, kinds []uint8) uint8 {
	if i := slices.IndexFunc(list, func(o uint8) bool { return kinds[o] == Device }); i >= 0 {
		return list[i]
	}
	return None
}
