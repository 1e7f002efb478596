// SPDX-License-Identifier: MIT

package vectors

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// Generate makes the set that covers every edge of the graph within the bounds. Equal bounds make
// equal sets.
func Generate(d model.Discipline, b Bounds, name string) (*Set, error) {
	g, err := NewGraph(d, b)
	if err != nil {
		return nil, err
	}
	s := &Set{Name: name, Head: g.Head()}
	seen := map[step]bool{}
	for i, tour := range g.tours() {
		v := g.vector(tour)
		fresh := 0
		for _, at := range tour {
			if !seen[at] {
				seen[at] = true
				fresh++
			}
		}
		v.ID = fmt.Sprintf("%s/%d", s.ID, i+1)
		v.Why = fmt.Sprintf("Takes %s of the contract's graph, %d of them first.", plural.N(len(tour), "edge"), fresh)
		s.Vectors = append(s.Vectors, v)
	}
	return s, nil
}

// Head describes the set that covers the graph.
func (g *Graph) Head() Head {
	return Head{
		Version: Version, ID: g.bounds.id(g.discipline), Discipline: g.discipline,
		Bounds: &g.bounds, States: len(g.states), Edges: g.edges, Graph: g.digest,
	}
}

// vector returns the lines and the answers of a walk from the first state.
func (g *Graph) vector(steps []step) (v Vector) {
	for _, at := range steps {
		from := g.states[at.from]
		a := from.edges[at.edge].action
		_, results := from.results(a)
		v.Asked, v.Answer = append(v.Asked, a.lines()...), append(v.Answer, results...)
	}
	v.Needs, v.Rows = v.features(), v.steps()
	for i := range v.Asked {
		v.Lines = append(v.Lines, value(v.Asked[i].AppendScenario(nil)))
		v.Due = append(v.Due, value(v.Answer[i].AppendResult(nil)))
	}
	return v
}

// value returns a line as a JSON value.
func value(line []byte) jsontext.Value { return jsontext.Value(line[:len(line)-1]) }

// rows are the steps that show in an answer, in the order of docs/correspondence.md.
var rows = []string{
	"RegisterLink", "RegisterInit", "RegisterUnlink", "RegisterUndo", "UnregisterUnlink", "UnregisterExit",
	"CopyNetNsGet", "CopyNetNsShare", "CopyNetNsAlloc", "SetupNetInit", "SetupNetUndo", "CopyNetNsListAdd", "CopyNetNsFree",
	"GetNet", "PutNet", "HoldNet", "ReleaseNet", "CleanupNetUnlink", "CleanupNetExit", "CleanupNetFree", "ListNetsRead", "RcuBarrier", "DeferredRun",
}

// inOrder returns the rows without doubles, in their order.
func inOrder(list []string) []string {
	return slices.DeleteFunc(slices.Clone(rows), func(r string) bool { return !slices.Contains(list, r) })
}

// rowsOf returns the steps that l took, by its answer.
func rowsOf(l, r *wire.Line) (taken []string) {
	add := func(row string, took bool) {
		if took {
			taken = append(taken, row)
		}
	}
	has := func(word string) bool {
		return slices.ContainsFunc(r.Calls, func(c wire.Callback) bool { return c.Word() == word })
	}
	inits, exits := has("init"), has("exit")
	done, ran := r.Err == 0, len(r.Calls) > 0
	switch l.Op {
	case wire.RegisterSubsys, wire.RegisterDevice:
		add("RegisterLink", done || ran)
		add("RegisterInit", inits)
		add("RegisterUnlink", !done && ran)
		add("RegisterUndo", !done && exits)
	case wire.UnregisterSubsys, wire.UnregisterDevice:
		add("UnregisterUnlink", done)
		add("UnregisterExit", exits)
	case wire.Copy:
		add("CopyNetNsShare", l.Share)
		add("CopyNetNsGet", !l.Share)
		add("CopyNetNsAlloc", done && !l.Share || len(r.Freed) > 0)
		add("SetupNetInit", inits)
		add("SetupNetUndo", exits)
		add("CopyNetNsListAdd", done && !l.Share)
		add("CopyNetNsFree", len(r.Freed) > 0)
	case wire.Work:
		cleaned := len(r.Freed)+len(r.Kept) > 0
		add("CleanupNetUnlink", cleaned)
		add("CleanupNetExit", exits)
		add("CleanupNetFree", cleaned)
	default:
		add(map[string]string{wire.Get: "GetNet", wire.Put: "PutNet", wire.Hold: "HoldNet", wire.Release: "ReleaseNet", wire.List: "ListNetsRead", wire.Barrier: "RcuBarrier"}[l.Op], true)
	}
	add("DeferredRun", has("deferred"))
	return taken
}
