// SPDX-License-Identifier: MIT

// Package graph holds state graphs, reads the graphs that TLC dumps, compares two graphs
// edge by edge, and makes digests of graphs.
package graph

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"slices"

	"example.com/pernet/internal/sched"
)

// A Graph is a state graph: the states, the initial one first, and the labelled edges of
// each. Two states are the same exactly if they are equal as S.
type Graph[S comparable] struct {
	States []S
	Out    [][]Edge // by state
	ids    map[S]int32
}

// An Edge is one step. Two steps with the same label between the same states are two edges.
type Edge struct {
	Label  string
	To     int32
	Choice sched.Choice // how the code takes the step; empty in a graph of TLC or the model
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

// Walk visits the reachable states, breadth-first from the initial one, until visit returns
// false. It returns a shortest way to the last visited state, and how many states it met.
func (g *Graph[S]) Walk(visit func(at int32) bool) (way []Edge, met int) {
	type link struct{ from, edge int32 }
	parent := make([]link, len(g.States))
	seen := make([]bool, len(g.States))
	seen[0] = true
	queue := []int32{0}
	last := 0
	for ; last < len(queue) && visit(queue[last]); last++ {
		at := queue[last]
		for i, e := range g.Out[at] {
			if !seen[e.To] {
				seen[e.To] = true
				parent[e.To] = link{at, int32(i)}
				queue = append(queue, e.To)
			}
		}
	}
	for at := queue[min(last, len(queue)-1)]; at != 0; at = parent[at].from {
		way = append(way, g.Out[parent[at].from][parent[at].edge])
	}
	slices.Reverse(way)
	return way, len(queue)
}

// ScheduleOf returns the choices of edges.
func ScheduleOf(way []Edge) (s sched.Schedule) {
	for _, e := range way {
		s = append(s, e.Choice)
	}
	return s
}

// A Digest is one number for a state graph: the sum, modulo 2 to the 256, of the SHA-256 of
// its initial state, of each state and of each edge. The sum does not depend on the order,
// so it can be computed while a dump is read. Any changed, missing or extra state, label or
// edge changes it. It detects accidents, not deliberate collisions.
type Digest struct {
	States, Edges int
	sum           [4]uint64
}

// A Sum is the SHA-256 of one state.
type Sum [sha256.Size]byte

// State adds a state, in an exact encoding. The first one is the initial state.
func (d *Digest) State(encoding []byte) Sum {
	if d.States == 0 {
		d.add("initial", encoding)
	}
	d.States++
	return d.add("state", encoding)
}

// Edge adds an edge between two states.
func (d *Digest) Edge(from Sum, label string, to Sum) {
	d.Edges++
	d.add("edge", from[:], to[:], []byte(label))
}

func (d *Digest) add(kind string, parts ...[]byte) Sum {
	h := sha256.New()
	h.Write([]byte(kind))
	for _, p := range parts {
		h.Write(p)
	}
	var s Sum
	h.Sum(s[:0])
	var carry uint64
	for i := range d.sum {
		d.sum[i], carry = bits.Add64(d.sum[i], binary.LittleEndian.Uint64(s[8*i:]), carry)
	}
	return s
}

// String returns the digest in hexadecimal.
func (d *Digest) String() string {
	var b []byte
	for _, word := range d.sum {
		b = binary.LittleEndian.AppendUint64(b, word)
	}
	return hex.EncodeToString(b)
}

// Digest returns the digest of a graph; encode appends the exact encoding of a state.
func (g *Graph[S]) Digest(encode func([]byte, S) []byte) *Digest {
	var d Digest
	sums := make([]Sum, len(g.States))
	var buf []byte
	for i, s := range g.States {
		buf = encode(buf[:0], s)
		sums[i] = d.State(buf)
	}
	for from, out := range g.Out {
		for _, e := range out {
			d.Edge(sums[from], e.Label, sums[e.To])
		}
	}
	return &d
}
