// SPDX-License-Identifier: MIT

package pernet_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/clients"
	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/graph"
)

// A footprint is the set of things that a step reads and the set that it writes.
//
// Two steps that are possible in the same state are independent if neither disables the
// other, and both orders lead to the same state, with the same labels and options. Steps are
// independent if neither writes anything that the other reads or writes.
//
// The end of a call and the begin of another do not commute either, because histories record
// their order. So all schedules of a class have the same history, except for the numbers of
// the steps. The order of two ends, or of two begins, does not matter.
type footprint struct {
	reads, writes uint64
	begins, ends  bool // may begin, may end a call or a cleanup
}

// commutes reports whether two steps are independent.
func (a footprint) commutes(b footprint) bool {
	return a.writes&(b.reads|b.writes) == 0 && b.writes&a.reads == 0 &&
		!(a.begins && b.ends) && !(a.ends && b.begins)
}

// A touch is a footprint for any ops and nets.
type touch footprint

// The things that a step can read and write.
//
//   - Only the holder of net_mutex touches what it guards (pernet_list, first_device, the
//     balance of inits and exits). So a step under net_mutex that touches nothing else
//     commutes with all steps that other threads can take meanwhile.
//   - net_namespace_list is written under both locks and read under either: the two
//     writes (CopyNetNsListAdd, CleanupNetUnlink) do not commute with a reader
//     under rtnl.
//   - Any thread writes counts and use counts, which are separate for each net. Freeing a net
//     counts as a write of its use count; a put that finds zero and a copy (Gone) read it.
//   - An exit may defer a callback. The exit, the callback, and the begin of a barrier, which
//     reads the pending callbacks, do not commute. The end of a barrier touches nothing.
//   - An allocation takes the lowest free slot, and a free returns it.
//   - The work queue is first in, first out. A thread that queues a net checks whether the
//     worker runs, and the worker checks the queue after each net.
//   - A client uses the net that was last listed in a slot.
//
// TestIndependentStepsCommute takes every pair of independent steps in both orders.
const (
	theNetMutex = 1 << iota
	theRtnl
	guarded // by net_mutex
	netList
	slots
	queue

	// For the ops and nets of the step; footprint replaces them by bits for each ops and net.
	slot       // the net that was last listed in the slot
	count      // of the net
	use        // of the net
	otherCount // of the other net
	otherUse   // of the other net
	deferral   // of the ops and the net, if the ops defers callbacks

	net      = count | use
	symbols  = slot | net | otherCount | otherUse | deferral
	ofNet    = 16 // the first bit of slots, counts and use counts
	ofPair   = 32 // the first bit of the pairs
	allPairs = 0xffff << ofPair
)

// touches has what the steps at the points of internal/explore/mutex touch, and the begins of
// calls.
var touches = map[string]touch{
	"RegisterLink":         {reads: netList, writes: guarded},
	"RegisterInit":         {reads: netList, writes: guarded},
	"RegisterUnlink":       {reads: netList, writes: guarded},
	"RegisterUndo":         {reads: netList, writes: guarded | deferral},
	"RegisterUnlock":       {writes: theNetMutex | guarded, ends: true},
	"UnregisterUnlink":     {reads: netList, writes: guarded},
	"UnregisterExit":       {reads: netList, writes: guarded | deferral},
	"UnregisterUnlock":     {writes: theNetMutex | guarded, ends: true},
	"CopyNetNsAlloc":       {writes: slots},
	"CopyNetNsLock":        {reads: guarded, writes: theNetMutex | net},
	"SetupNetInit":         {writes: guarded},
	"SetupNetUndo":         {reads: netList, writes: guarded | deferral},
	"SetupNetBarrier":      {reads: allPairs},
	"SetupNetBarrierEnd":   {},
	"CopyNetNsUnlockFail":  {writes: theNetMutex},
	"CopyNetNsRtnlLock":    {writes: theRtnl},
	"CopyNetNsListAdd":     {reads: guarded, writes: theRtnl | netList | slot},
	"CopyNetNsUnlock":      {writes: theNetMutex},
	"CopyNetNsPut":         {reads: otherCount | otherUse, writes: otherCount, ends: true},
	"CopyNetNsQueue":       {writes: queue, begins: true, ends: true},
	"CopyNetNsFree":        {writes: slots | net, ends: true},
	"PutNetQueue":          {writes: queue, begins: true, ends: true},
	"ListNetsRead":         {reads: netList, writes: theRtnl, ends: true},
	"CleanupNetRtnlLock":   {writes: theRtnl},
	"CleanupNetUnlink":     {reads: guarded, writes: theRtnl | netList},
	"CleanupNetExit":       {reads: netList, writes: guarded | deferral},
	"CleanupNetUnlock":     {writes: theNetMutex},
	"CleanupNetBarrier":    {reads: allPairs},
	"CleanupNetBarrierEnd": {},
	"CleanupNetFree":       {writes: slots | queue | net, begins: true, ends: true},
	"RegisterLock":         {reads: guarded, writes: theNetMutex},
	"UnregisterLock":       {reads: guarded, writes: theNetMutex},
	"ListNetsLock":         {writes: theRtnl},
	"RcuBarrierEnd":        {},
	"CleanupNetLock":       {reads: guarded | netList, writes: theNetMutex | queue},
	"DeferredRun":          {writes: deferral},
	"register_subsys":      {begins: true},
	"register_device":      {begins: true},
	"unregister_subsys":    {begins: true},
	"unregister_device":    {begins: true},
	"copy":                 {reads: slot, writes: count, begins: true, ends: true},
	"share":                {reads: slot, writes: count, begins: true, ends: true},
	"get":                  {reads: slot, writes: count, begins: true, ends: true},
	"put":                  {reads: slot | use, writes: count, begins: true, ends: true},
	"hold":                 {reads: slot, writes: use, begins: true, ends: true},
	"release":              {reads: slot, writes: use, begins: true, ends: true},
	"list":                 {begins: true},
	"barrier":              {reads: allPairs},
}

func touchAt(point string) touch {
	t, ok := touches[point]
	if !ok {
		panic("the table of touches has no " + point)
	}
	return t
}

const none = clients.None

// footprintOf returns what the next step of a thread may touch with any option.
func footprintOf(r *mutex.Run, thread string) footprint {
	at := r.S.At(r.S.Find(thread))
	if at.Name == clients.Begins {
		t := r.Number(thread)
		c := r.In.Programs[t][r.PC[t]]
		return touchAt(c.Op).footprint(r, none, uint8(c.X), none)
	}
	if o, n, ok := strings.Cut(thread, "."); ok { // a deferred callback, D0.1
		at.Ops, at.Net = o[1:], n
	}
	return touchAt(at.Name).footprint(r, clients.Slot(at.Ops), clients.Slot(at.Net), clients.Slot(at.Other))
}

// footprint returns the footprint with these ops and nets.
func (t touch) footprint(r *mutex.Run, ops, net, other uint8) footprint {
	bits := func(set uint64) uint64 {
		out := set &^ symbols
		add := func(symbol uint64, known bool, bit uint8) {
			if set&symbol != 0 && known {
				out |= 1 << bit
			}
		}
		add(slot, net != none, ofNet+net)
		add(count, net != none, ofNet+clients.MaxNets+net)
		add(use, net != none, ofNet+2*clients.MaxNets+net)
		add(otherCount, other != none, ofNet+clients.MaxNets+other)
		add(otherUse, other != none, ofNet+2*clients.MaxNets+other)
		add(deferral, ops != none && slices.Contains(r.In.Deferring, r.In.Ops[ops]), ofPair+ops*clients.MaxNets+net)
		return out
	}
	return footprint{bits(t.reads), bits(t.writes), t.begins, t.ends}
}

// TestIndependentStepsCommute: in every state of these programs both orders of two independent
// steps are possible, with the same labels and options, and lead to the same state.
func TestIndependentStepsCommute(t *testing.T) {
	pairs, dependent, apart := 0, 0, 0
	for _, text := range []string{
		"|register_subsys0,unregister_subsys0|copy0,put1",
		"|copy0|get1|hold1",
		"register_device1,copy0|put1|copy1|list",
		"register_device1,copy0|unregister_device1|put1|copy0",
		"register_subsys0,copy0,hold1|put1|release1|share1",
		"register_device1,copy0,unregister_device1,put1|register_device1|get1|list",
		"register_subsys0,register_device1,copy0|put1,list|unregister_device1,list",
		"copy0,copy0|put1|put2|copy1",
		"register_device1,copy0|unregister_device1,barrier|put1|barrier",
	} {
		in := programmed(t, text)
		g := explore.Explore(t.Context(), in, explore.Options{}).Graph
		run := in.NewRun().(*mutex.Run)
		p := explore.NewPlayer(run)
		for s := range g.States {
			p.Start()
			way, _ := g.Walk(func(at int32) bool { return at != int32(s) })
			for _, c := range graph.ScheduleOf(way) {
				p.Take(c)
			}
			for i, a := range g.Out[s] {
				for _, b := range g.Out[s][i+1:] {
					if a.Choice.Thread == b.Choice.Thread {
						continue
					}
					problem := commute(g, s, a, b)
					switch independent := footprintOf(run, a.Choice.Thread).commutes(footprintOf(run, b.Choice.Thread)); {
					case independent && problem != "":
						t.Errorf("%s: %s and %s are called independent in\n%sbut %s", text, a.Label, b.Label, explore.Describe(in, g.States[s]), problem)
					case independent:
						pairs++
					default:
						dependent++
						if problem != "" {
							apart++
						}
					}
				}
			}
			if err := p.End(); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d pairs of independent steps; of %d that are called dependent, %d do not commute", pairs, dependent, apart)
	if pairs < 1000 || apart < 100 {
		t.Error("too few to show anything")
	}
}

// commute says why two edges from a state do not, or "".
func commute(g *graph.Graph[mutex.State], s int, a, b graph.Edge) string {
	if optionsOf(g, int32(s), b) != optionsOf(g, a.To, b) || optionsOf(g, int32(s), a) != optionsOf(g, b.To, a) {
		return "one changes how many options the other has"
	}
	ab, ba := follow(g, a.To, b), follow(g, b.To, a)
	if ab < 0 || ba < 0 || ab != ba {
		return "the two orders differ"
	}
	return ""
}

func optionsOf(g *graph.Graph[mutex.State], at int32, e graph.Edge) (n int) {
	for _, out := range g.Out[at] {
		if out.Choice.Thread == e.Choice.Thread {
			n++
		}
	}
	return n
}

// follow takes the same choice from another state, if it is the same step there.
func follow(g *graph.Graph[mutex.State], at int32, e graph.Edge) int32 {
	for _, out := range g.Out[at] {
		if out.Choice == e.Choice && out.Label == e.Label {
			return out.To
		}
	}
	return -1
}
