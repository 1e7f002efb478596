// SPDX-License-Identifier: MIT

package vectors

import "slices"

// MaxSteps is how many calls a vector has at most.
const MaxSteps = 100

// A step is an edge: the state that it leaves, and its number there.
type step struct{ from, edge int32 }

// A tree is the shortest ways from the first state over edges of at most a level.
type tree struct {
	order []int32 // the states that they reach, nearest first
	via   []step  // by state: the last step
	depth []int   // by state
}

func (g *Graph) tree(level int) *tree {
	t := &tree{order: []int32{0}, via: make([]step, len(g.states)), depth: make([]int, len(g.states))}
	for i := 0; i < len(t.order); i++ {
		from := t.order[i]
		for n, e := range g.states[from].edges {
			if e.to != 0 && t.depth[e.to] == 0 && e.level <= level {
				t.via[e.to], t.depth[e.to] = step{from, int32(n)}, t.depth[from]+1
				t.order = append(t.order, e.to)
			}
		}
	}
	return t
}

// way returns the shortest way to a state.
func (t *tree) way(to int32) []step {
	way := make([]step, t.depth[to])
	for i := range way {
		s := t.via[to]
		way[len(way)-1-i], to = s, s.from
	}
	return way
}

// A tourist makes tours that cover the edges of one level after the other.
type tourist struct {
	*Graph
	level   int
	ways    *tree   // at this level
	nearest int     // no state of ways.order before this one has an uncovered edge
	visited []bool  // by state and edge, from first
	first   []int   // by state
	left    []int   // by state: uncovered edges of the level
	search  int     // the number of the last search
	met     []int   // by state: the search that met it last
	via     []step  // by state: how that search came to it
	queue   []int32 // of that search
}

// tours returns walks from the first state, of at most MaxSteps, that cover every edge.
func (g *Graph) tours() (all [][]step) {
	n := len(g.states)
	t := &tourist{Graph: g, visited: make([]bool, g.edges), first: make([]int, n), left: make([]int, n), met: make([]int, n), via: make([]step, n)}
	for i := range n - 1 {
		t.first[i+1] = t.first[i] + len(g.states[i].edges)
	}
	for ; t.level <= len(g.bounds.Features); t.level++ {
		t.ways, t.nearest = g.tree(t.level), 0
		for _, at := range t.ways.order {
			t.left[at] = 0
			for n, e := range g.states[at].edges {
				if e.level <= t.level && !t.visited[t.first[at]+n] {
					t.left[at]++
				}
			}
		}
		for t.advance() {
			all = append(all, t.tour())
		}
	}
	return all
}

// advance finds the nearest state with an uncovered edge.
func (t *tourist) advance() bool {
	for t.nearest < len(t.ways.order) && t.left[t.ways.order[t.nearest]] == 0 {
		t.nearest++
	}
	return t.nearest < len(t.ways.order)
}

// tour walks to the nearest state with an uncovered edge, and on to others as long as a new tour
// would not reach one in fewer steps.
func (t *tourist) tour() []step {
	out := t.ways.way(t.ways.order[t.nearest])
	for _, s := range out {
		t.cover(s)
	}
	for len(out) < MaxSteps && t.advance() {
		at := int32(0)
		if len(out) > 0 {
			last := out[len(out)-1]
			at = t.states[last.from].edges[last.edge].to
		}
		way := t.toUncovered(at, min(MaxSteps-len(out), t.ways.depth[t.ways.order[t.nearest]]+1))
		if way == nil {
			break
		}
		for _, s := range way {
			t.cover(s)
		}
		out = append(out, way...)
	}
	return out
}

func (t *tourist) cover(s step) {
	if at := t.first[s.from] + int(s.edge); !t.visited[at] {
		t.visited[at] = true
		t.left[s.from]--
	}
}

// widest bounds a search for the next uncovered edge.
const widest = 2000

// toUncovered returns a shortest walk of at most so many steps whose last one is not covered; nil
// if the search finds none.
func (t *tourist) toUncovered(from int32, most int) []step {
	if n := t.loop(from); n >= 0 {
		return []step{{from, n}}
	}
	t.search++
	t.queue = append(t.queue[:0], from)
	t.met[from] = t.search
	depth, level := 1, 1 // of the edges looked at; how many of the queue have that depth
	for i := 0; i < len(t.queue) && i < widest; i++ {
		if i == level {
			depth, level = depth+1, len(t.queue)
			if depth > most {
				break
			}
		}
		at := t.queue[i]
		for n, e := range t.states[at].edges {
			if e.level > t.level {
				continue
			}
			s := step{at, int32(n)}
			if t.left[at] > 0 && !t.visited[t.first[at]+n] {
				return t.walk(from, s)
			}
			if t.met[e.to] != t.search {
				t.met[e.to], t.via[e.to] = t.search, s
				t.queue = append(t.queue, e.to)
			}
		}
	}
	return nil
}

// loop returns an uncovered edge from the state to itself, or -1. Loops come first: many alike
// lines in a row need little space.
func (t *tourist) loop(at int32) int32 {
	for n, e := range t.states[at].edges {
		if e.to == at && e.level <= t.level && !t.visited[t.first[at]+n] {
			return int32(n)
		}
	}
	return -1
}

// walk returns the steps by which the last search came to s.
func (t *tourist) walk(from int32, s step) []step {
	way := []step{s}
	for at := s.from; at != from; at = t.via[at].from {
		way = append(way, t.via[at])
	}
	slices.Reverse(way)
	return way
}
