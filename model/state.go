// SPDX-License-Identifier: MIT

package model

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// An Entry is a registered ops.
type Entry struct {
	Ops            OpsID
	Device         bool // as what it was registered
	NoInit, NoExit bool
}

// A Phase is the phase of a net's life. A net that is not in State.Live is free: its name is not
// in use.
type Phase uint8

const (
	Listed Phase = iota // on net_namespace_list
	Dying               // unlinked, its exits have run, not freed yet
	Kept                // in use when it was to be freed; never freed
	Dead                // init_net whose set-up failed: a panic; no action is possible
)

// A Net is a net that is not free.
type Net struct {
	ID    NetID
	Count int32 // net->count [R06]
	Use   int32 // net->use_count [R07]
	Phase Phase
}

// A Copying is a copy in progress.
type Copying struct {
	Call CallID
	From NetID // NoNet after that net was freed
	Done bool  // after its second step
}

// A State is the contract's state. It is a value: Step returns a new one, which shares unchanged
// slices, so callers must not write into the slices.
type State struct {
	List        []Entry   // pernet_list, in order [R01]
	FirstDevice OpsID     // first_device; NoOps is the list head [R02]
	Nets        []NetID   // net_namespace_list, in order [R04]
	Live        []Net     // every net that is not free, sorted by ID
	Copies      []Copying // sorted by Call
	NoNetNS     bool      // the build without namespaces
	Unlinked    []Entry   // the registered ops in that build, sorted by Ops
	Modern      bool      // since Linux 4.17; else 2009
}

// New returns a fresh registry: no ops, and init_net with one reference.
func New(noNetNS bool) State {
	return State{
		Nets:    []NetID{InitNet},
		Live:    []Net{{ID: InitNet, Count: 1}},
		NoNetNS: noNetNS,
	}
}

// A Discipline is a way to lock the registry, by its word in the formats. Where two of them
// answer differently, State.Modern decides.
type Discipline string

const (
	Mutex Discipline = "mutex" // one mutex, as in 2009; also the empty word
	RWSem Discipline = "rwsem" // a read-write lock and cleanups of several nets, since Linux 4.17
)

// New returns a fresh registry of that discipline.
func (d Discipline) New() State {
	s := New(false)
	s.Modern = d == RWSem
	return s
}

// Unbooted returns a registry before net_ns_init: no net exists.
func Unbooted() State { return State{} }

// registered returns the entry of o, if o is registered.
func (s *State) registered(o OpsID) (Entry, bool) {
	list := s.List
	if s.NoNetNS {
		list = s.Unlinked
	}
	if i := slices.IndexFunc(list, func(e Entry) bool { return e.Ops == o }); i >= 0 {
		return list[i], true
	}
	return Entry{}, false
}

// net returns the net of that name; false if the name is free.
func (s *State) net(id NetID) (Net, bool) {
	if i, ok := s.find(id); ok {
		return s.Live[i], true
	}
	return Net{}, false
}

func (s *State) find(id NetID) (int, bool) {
	return slices.BinarySearchFunc(s.Live, id, func(n Net, id NetID) int { return int(n.ID) - int(id) })
}

// setNet puts n in the place of the net of its name, or adds it.
func (s *State) setNet(n Net) {
	i, ok := s.find(n.ID)
	if ok {
		s.Live = slices.Clone(s.Live)
		s.Live[i] = n
		return
	}
	s.Live = insert(s.Live, i, n)
}

func (s *State) findCopy(c CallID) (int, bool) {
	return slices.BinarySearchFunc(s.Copies, c, func(x Copying, c CallID) int { return int(x.Call) - int(c) })
}

// insert and remove return new slices: states share the old ones.
func insert[E any](s []E, i int, e E) []E {
	out := make([]E, 0, len(s)+1)
	return append(append(append(out, s[:i]...), e), s[i:]...)
}

func remove[E any](s []E, i int) []E { return slices.Concat(s[:i], s[i+1:]) }

// Equal reports whether both are the same state.
func (s State) Equal(t State) bool {
	return s.FirstDevice == t.FirstDevice && s.NoNetNS == t.NoNetNS && s.Modern == t.Modern &&
		slices.Equal(s.Nets, t.Nets) && slices.Equal(s.List, t.List) &&
		slices.Equal(s.Live, t.Live) && slices.Equal(s.Copies, t.Copies) &&
		slices.Equal(s.Unlinked, t.Unlinked)
}

// Hash returns a hash: equal states have equal hashes.
func (s State) Hash() uint64 {
	h := uint64(14695981039346656037)
	for _, b := range s.AppendKey(make([]byte, 0, 128)) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h ^ h>>29
}

// AppendKey appends an exact encoding of the state: only equal states have equal keys.
func (s State) AppendKey(b []byte) []byte {
	u := binary.AppendUvarint
	b = u(b, uint64(s.FirstDevice)<<2|bit(s.Modern)<<1|bit(s.NoNetNS))
	for _, list := range [][]Entry{s.List, s.Unlinked} {
		b = u(b, uint64(len(list)))
		for _, e := range list {
			b = u(b, uint64(e.Ops)<<3|e.flags())
		}
	}
	b = u(b, uint64(len(s.Nets)))
	for _, n := range s.Nets {
		b = u(b, uint64(n))
	}
	b = u(b, uint64(len(s.Live)))
	for _, n := range s.Live {
		b = u(u(u(b, uint64(n.ID)<<2|uint64(n.Phase)), uint64(n.Count)), uint64(n.Use))
	}
	for _, c := range s.Copies {
		b = u(u(b, uint64(c.Call)), uint64(c.From)<<1|bit(c.Done))
	}
	return b
}

func (e Entry) flags() uint64 {
	return bit(e.Device) | bit(e.NoInit)<<1 | bit(e.NoExit)<<2
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// String shows the state on one line, subsystems | devices first.
func (s State) String() string {
	var b strings.Builder
	b.WriteString("pernet_list")
	for _, e := range s.List {
		if e.Ops == s.FirstDevice {
			b.WriteString(" |")
		}
		fmt.Fprintf(&b, " %d", e.Ops)
	}
	b.WriteString("; nets")
	for _, id := range s.Nets {
		fmt.Fprintf(&b, " %d", id)
	}
	for _, n := range s.Live {
		fmt.Fprintf(&b, "; net %d %s count %d use %d", n.ID, n.Phase, n.Count, n.Use)
	}
	for _, c := range s.Copies {
		fmt.Fprintf(&b, "; copy %d from %d done %t", c.Call, c.From, c.Done)
	}
	return b.String()
}

// String returns the phase's name in spec/registry.tla.
func (p Phase) String() string { return [...]string{"listed", "dying", "kept", "dead"}[p] }
