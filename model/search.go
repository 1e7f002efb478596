// SPDX-License-Identifier: MIT

package model

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
)

// An Instance is a finite instance of the contract: the constants of a
// spec/MCregistry*.cfg.
type Instance struct {
	Ops, Nets, Copies int
	NoInit, NoExit    []OpsID
	Positive, Cancel  bool
	NoNetNS, Boot     bool
	MaxCount, MaxUse  int32 // clients raise no count above these
}

// A Verdict is how a search ended. Only Pass is success.
type Verdict string

const (
	Pass       Verdict = "pass"
	Failed     Verdict = "fail"
	Incomplete Verdict = "incomplete"
)

// A Result is what a search found. Counts are TLC's: distinct and generated
// states, and the depth in states.
type Result struct {
	Verdict                    Verdict
	Distinct, Generated, Depth int
	Broken                     string   // Fail: the invariant
	Path                       []Action // Fail: the actions that lead there from the start
}

// Search visits every state of the instance breadth-first and checks every
// invariant. It is Incomplete when ctx ends or after maxStates (0: no bound).
// A state of the search is a State with the answer that led to it, as in the
// spec; what comes next depends on the State alone, so that is computed once
// for each State and not for each pair.
func (in Instance) Search(ctx context.Context, maxStates int) Result {
	g := graph{in: in, ids: map[string]int{}, coreIDs: map[string]int{}}
	start := in.Start()
	g.res.Generated, g.res.Verdict = 1, Pass
	g.reach(g.add(g.core(start), "", Answer{}, -1, Action{}), 1)
	for i := 0; i < len(g.nodes) && g.res.Verdict == Pass; i++ {
		if i%4096 == 0 && ctx.Err() != nil || maxStates > 0 && len(g.nodes) > maxStates {
			g.res.Verdict = Incomplete
			break
		}
		g.expand(i)
	}
	g.res.Distinct = len(g.nodes)
	return g.res
}

type node struct {
	core   int
	bare   bool // no answer stands
	depth  int  // in states, as TLC counts: the start has 1
	parent int
	by     Action
}

type core struct {
	state State
	edges []int // the nodes that they lead to; nil until expanded
}

type graph struct {
	in      Instance
	cores   []core
	nodes   []node
	ids     map[string]int // state and answer -> node
	coreIDs map[string]int
	buf     []byte
	res     Result
}

func (g *graph) core(s State) int {
	g.buf = s.AppendKey(g.buf[:0])
	if id, ok := g.coreIDs[string(g.buf)]; ok {
		return id
	}
	id := len(g.cores)
	g.coreIDs[string(g.buf)] = id
	g.cores = append(g.cores, core{state: s})
	return id
}

// add returns the node of that state and answer; a new one is checked.
func (g *graph) add(c int, k Kind, ans Answer, parent int, by Action) int {
	g.buf = appendAnswer(binary.AppendUvarint(g.buf[:0], uint64(c)), k, by, ans)
	if id, ok := g.ids[string(g.buf)]; ok {
		return id
	}
	id := len(g.nodes)
	g.ids[string(g.buf)] = id
	g.nodes = append(g.nodes, node{core: c, bare: k == "", parent: parent, by: by})
	if g.res.Verdict == Pass {
		if g.res.Broken = Broken(g.cores[c].state, by, ans); g.res.Broken != "" {
			g.res.Verdict, g.res.Path = Failed, g.path(id)
		}
	}
	return id
}

// expand counts the edges of node i and gives new nodes their depth.
func (g *graph) expand(i int) {
	n := g.nodes[i]
	if g.cores[n.core].edges == nil {
		g.expandCore(n.core, i)
	}
	edges := g.cores[n.core].edges
	for _, to := range edges {
		g.reach(to, n.depth+1)
	}
	g.res.Generated += len(edges)
	if !n.bare { // Forget
		g.reach(g.add(n.core, "", Answer{}, i, Action{Kind: "Forget"}), n.depth+1)
		g.res.Generated++
	} else if g.dead(n.core) { // Panicked
		g.res.Generated++
	}
	g.res.Depth = max(g.res.Depth, n.depth)
}

// reach gives a node its depth at the first edge that leads to it.
func (g *graph) reach(id, depth int) {
	if g.nodes[id].depth == 0 {
		g.nodes[id].depth = depth
	}
}

func (g *graph) dead(c int) bool {
	n, ok := g.cores[c].state.net(InitNet)
	return ok && n.Phase == Dead
}

func (g *graph) expandCore(c, from int) {
	edges := []int{}
	s := g.cores[c].state
	g.in.Each(s, func(a Action) {
		if next, ans, ok := s.Step(a); ok {
			edges = append(edges, g.add(g.core(next), a.Kind, ans, from, a))
		}
	})
	g.cores[c].edges = edges
}

func (g *graph) path(id int) []Action {
	var p []Action
	for ; id > 0; id = g.nodes[id].parent {
		p = append([]Action{g.nodes[id].by}, p...)
	}
	return p
}

// String says it in one line, and for a Fail how to get there.
func (r Result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d states, %d generated, depth %d", r.Verdict, r.Distinct, r.Generated, r.Depth)
	if r.Broken != "" {
		fmt.Fprintf(&b, "; %s does not hold after %v", r.Broken, r.Path)
	}
	return b.String()
}
