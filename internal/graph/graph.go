// SPDX-License-Identifier: MIT

// Package graph holds state graphs, reads those that TLC dumps, compares two of
// them to the last edge, and makes one digest of all of it.
package graph

import "example.com/pernet/internal/sched"

// A Graph is a state graph: the states, the initial one first, and from each its
// labelled edges. Two states are one exactly when they are equal as S.
type Graph[S comparable] struct {
	States []S
	Out    [][]Edge // by state
	ids    map[S]int32
}

// An Edge is one step. Two steps of one label between the same states are two edges.
type Edge struct {
	Label  string
	To     int32
	Choice sched.Choice // how the code takes it; empty in a graph that TLC or the model made
}

// New returns an empty graph.
func New[S comparable]() *Graph[S] { return &Graph[S]{ids: map[S]int32{}} }

// Add returns the number of the state, and whether it is new.
func (g *Graph[S]) Add(s S) (id int32, fresh bool) {
	if id, ok := g.ids[s]; ok {
		return id, false
	}
	id = int32(len(g.States))
	g.ids[s] = id
	g.States = append(g.States, s)
	g.Out = append(g.Out, nil)
	return id, true
}

// Has reports whether the state is in the graph.
func (g *Graph[S]) Has(s S) bool { _, ok := g.ids[s]; return ok }

// Edges returns how many edges there are.
func (g *Graph[S]) Edges() (n int) {
	for _, out := range g.Out {
		n += len(out)
	}
	return n
}
