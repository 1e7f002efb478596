// SPDX-License-Identifier: MIT

package explore

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// The points of spec/netns.tla, in the order of their codes.
var points = []string{
	"Idle", "RegisterLink", "RegisterInit", "RegisterUnlink", "RegisterUndo", "RegisterUnlock",
	"UnregisterUnlink", "UnregisterExit", "UnregisterUnlock",
	"CopyNetNsAlloc", "CopyNetNsLock", "SetupNetInit", "SetupNetUndo", "SetupNetBarrier", "SetupNetBarrierEnd",
	"CopyNetNsUnlockFail", "CopyNetNsRtnlLock", "CopyNetNsListAdd", "CopyNetNsUnlock", "CopyNetNsPut",
	"CopyNetNsQueue", "CopyNetNsFree", "PutNetQueue", "ListNetsRead",
	"CleanupNetRtnlLock", "CleanupNetUnlink", "CleanupNetExit", "CleanupNetUnlock",
	"CleanupNetBarrier", "CleanupNetBarrierEnd", "CleanupNetFree",
	"RegisterLock", "UnregisterLock", "ListNetsLock", // of an instance with Arrive alone
	"RcuBarrierEnd",
}

var (
	phases = []string{"free", "new", "listed", "dying", "kept"}
	kinds  = []string{"none", "subsys", "device"}
	errs   = []string{"", "ENOMEM", "EEXIST", "ENOENT", "EINVAL", "EINTR", "1"}
)

var pointCode = codes(points)

func codes(names []string) map[string]uint8 {
	m := make(map[string]uint8, len(names))
	for i, n := range names {
		m[n] = uint8(i)
	}
	return m
}

const (
	maxOps     = 4
	maxNets    = 4
	maxThreads = 4 // clients and the worker
	none       = 15
)

// A State is a state of spec/netns.tla in small numbers: ops, nets and threads
// by their place in the instance, none (15) for none. The worker is the
// thread after the clients. It is comparable, and equal exactly when the
// states are.
type State struct {
	List     [maxOps]uint8 // filled up with none
	First    uint8
	Kind     [maxOps]uint8
	NetMutex uint8
	Rtnl     uint8
	Nets     [maxNets]uint8 // netList
	Phase    [maxNets]uint8
	Count    [maxNets]uint8
	Use      [maxNets]uint8
	Queue    [maxNets]uint8
	Deferred uint16 // bit ops*maxNets+net
	Balance  [maxOps][maxNets]int8
	Threads  [maxThreads]Thread
	PC       [maxThreads]uint8 // calls begun, of threads with a program
}

// A Thread is where a thread stands, and its live locals.
type Thread struct {
	At, Kind, Ops, Net, Other, Err uint8
	Waits                          uint16
}

var idle = Thread{Ops: none, Net: none, Other: none}

// Encode appends an exact encoding of the state.
func Encode(b []byte, s State) []byte {
	b = append(b, s.List[:]...)
	b = append(b, s.First, s.NetMutex, s.Rtnl)
	for _, part := range [][]uint8{s.Kind[:], s.Nets[:], s.Phase[:], s.Count[:], s.Use[:], s.Queue[:]} {
		b = append(b, part...)
	}
	b = append(b, s.PC[:]...)
	b = binary.LittleEndian.AppendUint16(b, s.Deferred)
	for _, row := range s.Balance {
		for _, v := range row {
			b = append(b, uint8(v))
		}
	}
	for _, t := range s.Threads {
		b = append(b, t.At, t.Kind, t.Ops, t.Net, t.Other, t.Err)
		b = binary.LittleEndian.AppendUint16(b, t.Waits)
	}
	return b
}

// Describe prints the state in the spec's terms, one variable a line.
func (in *Instance) Describe(s State) string {
	var b strings.Builder
	line := func(name, value string) { fmt.Fprintf(&b, "%s = %s\n", name, value) }
	name := func(names []string, i uint8, otherwise string) string {
		if int(i) < len(names) {
			return names[i]
		}
		return otherwise
	}
	seq := func(names []string, s []uint8) string {
		var out []string
		for _, i := range s {
			if i != none {
				out = append(out, name(names, i, "?"))
			}
		}
		return "<<" + strings.Join(out, ", ") + ">>"
	}
	pairs := func(bits uint16) string {
		var out []string
		for o := range in.Ops {
			for n := range in.Nets {
				if bits&(1<<(o*maxNets+n)) != 0 {
					out = append(out, "<<"+in.Ops[o]+", "+in.Nets[n]+">>")
				}
			}
		}
		return "{" + strings.Join(out, ", ") + "}"
	}
	threads := append(append([]string{}, in.Threads...), "Worker")
	line("pernetList", seq(in.Ops, s.List[:]))
	line("firstDevice", name(in.Ops, s.First, "the list head"))
	for i, o := range in.Ops {
		line("kind["+o+"]", kinds[s.Kind[i]])
	}
	line("netMutex", name(threads, s.NetMutex, "nobody"))
	line("rtnl", name(threads, s.Rtnl, "nobody"))
	line("netList", seq(in.Nets, s.Nets[:]))
	for i, n := range in.Nets {
		line(n, fmt.Sprintf("%s, count %d, use %d", phases[s.Phase[i]], s.Count[i], s.Use[i]))
	}
	line("workQueue", seq(in.Nets, s.Queue[:]))
	line("deferred", pairs(s.Deferred))
	for i, o := range in.Ops {
		line("balance["+o+"]", fmt.Sprint(s.Balance[i][:len(in.Nets)]))
	}
	for i, t := range threads {
		r := s.Threads[i]
		text := points[r.At]
		if r.Kind != 0 {
			text += " kind " + kinds[r.Kind]
		}
		if r.Ops != none {
			text += " ops " + name(in.Ops, r.Ops, "?")
		}
		if r.Net != none {
			text += " net " + name(in.Nets, r.Net, "?")
		}
		if r.Other != none {
			text += " other " + name(in.Nets, r.Other, "?")
		}
		if r.Err != 0 {
			text += " err " + errs[r.Err]
		}
		if r.Waits != 0 {
			text += " waits " + pairs(r.Waits)
		}
		line(t, text)
	}
	return b.String()
}
