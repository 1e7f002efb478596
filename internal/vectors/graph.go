// SPDX-License-Identifier: MIT

package vectors

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"

	"example.com/pernet/model"
)

// A Graph is the graph of the contract within bounds.
type Graph struct {
	discipline model.Discipline

	bounds Bounds
	states []vertex // the first is a fresh registry
	index  map[string]int32
	edges  int
	digest string // of the edges, with their lines and answers
}

type vertex struct {
	state
	edges []edge
}

type edge struct {
	action
	to    int32
	level int // how many of the bounds' features, in their order, the action needs
}

// maxEdges bounds the graph: a set for more would be of no use.
const maxEdges = 3_000_000

// NewGraph builds the graph.
func NewGraph(d model.Discipline, b Bounds) (*Graph, error) { return newGraph(d, b, maxEdges) }

func newGraph(d model.Discipline, b Bounds, most int) (*Graph, error) {
	if err := b.Err(); err != nil {
		return nil, err
	}
	b.Features = ordered(b.Features)
	g := &Graph{discipline: d, bounds: b, index: map[string]int32{}}
	g.add(start(d))
	digest := sha256.New()
	var text []byte
	for at := 0; at < len(g.states); at++ {
		from := g.states[at]
		b.each(from.state, func(a action) {
			next, results := from.results(a)
			e := edge{action: a, level: b.level(from.needs(a))}
			e.to = g.add(next)
			from.edges = append(from.edges, e)
			text = text[:0]
			for i, l := range a.lines() {
				text = results[i].AppendResult(l.AppendScenario(text))
			}
			digest.Write(binary.BigEndian.AppendUint32(text, uint32(e.to)))
		})
		g.states[at].edges = from.edges
		if g.edges += len(from.edges); g.edges > most {
			return nil, fmt.Errorf("more than %d edges; choose smaller bounds", most)
		}
	}
	g.digest = hex.EncodeToString(digest.Sum(nil))
	return g, nil
}

// add returns the number of a state, which may be new.
func (g *Graph) add(s state) int32 {
	key := s.key()
	if at, ok := g.index[key]; ok {
		return at
	}
	g.states = append(g.states, vertex{state: s})
	g.index[key] = int32(len(g.states) - 1)
	return int32(len(g.states) - 1)
}

// level returns how many of the features must be there so that all of these are.
func (b Bounds) level(needs []string) int {
	level := 0
	for _, f := range needs {
		level = max(level, slices.Index(b.Features, f)+1)
	}
	return level
}
