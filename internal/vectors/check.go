// SPDX-License-Identifier: MIT

package vectors

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/replay"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A Report says what Check found.
type Report struct {
	Lines    int
	Covered  int      // edges, of a set with bounds
	Problems []string // none for a good set; the first few
	More     int      // problems that are not in the list
}

// mostProblems bounds the list.
const mostProblems = 20

func (r *Report) problem(format string, args ...any) {
	if len(r.Problems) < mostProblems {
		r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
		return
	}
	r.More++
}

// Check does the lines of the set anew on impl and model, and compares the answers. If the set has
// bounds, it builds their graph anew, and counts the edges that the vectors take. An error is one
// of pernet, of the bounds or of ctx; what is wrong with the set is in the report.
func Check(ctx context.Context, s *Set) (r Report, err error) {
	run, err := replay.NewRunner(ctx, s.Discipline)
	if err != nil {
		return r, err
	}
	for i := range s.Vectors {
		v := &s.Vectors[i]
		if err := ctx.Err(); err != nil {
			return r, context.Cause(ctx)
		}
		if v.Program != nil {
			if v.Program.Schedule == nil {
				r.Lines++
				r.needs(v, uses(v.Program))
			}
			continue
		}
		if _, err := run.Do(&wire.Line{Op: wire.Reset}); err != nil {
			return r, err
		}
		for n := range v.Asked {
			got, err := run.Do(&v.Asked[n])
			if err != nil {
				return r, fmt.Errorf("%s: %w", v.ID, err)
			}
			if due := v.Answer[n].AppendResult(nil); string(got) != string(due) {
				r.problem("%s: line %d: %s\n  in the set: %s  pernet:     %s", v.ID, n+1, v.Lines[n], due, strings.TrimSuffix(string(got), "\n"))
				break
			}
		}
		r.Lines += len(v.Asked)
		r.needs(v, v.features())
		if rows := v.steps(); !slices.Equal(rows, v.Rows) {
			r.problem("%s: takes the steps %q, the set says %q", v.ID, rows, v.Rows)
		}
	}
	if s.Scheduled() {
		return r, r.schedules(ctx, s)
	}
	if s.Bounds == nil {
		return r, nil
	}
	g, err := NewGraph(s.Discipline, *s.Bounds)
	if err != nil {
		return r, fmt.Errorf("%s: bounds: %w", s.Name, err)
	}
	g.count(s, &r)
	return r, nil
}

// needs compares what the vector needs with what the set says.
func (r *Report) needs(v *Vector, needs []string) {
	if !slices.Equal(needs, v.Needs) {
		r.problem("%s: needs %q, the set says %q", v.ID, needs, v.Needs)
	}
}

// Due returns a vector of the lines, with the answers that are due.
func Due(ctx context.Context, d model.Discipline, lines []wire.Line) (v Vector, err error) {
	run, err := replay.NewRunner(ctx, d)
	if err != nil {
		return v, err
	}
	for i := range lines {
		text, err := run.Do(&lines[i])
		if err != nil {
			return v, err
		}
		v.Asked = append(v.Asked, lines[i])
		v.Lines = append(v.Lines, value(lines[i].AppendScenario(nil)))
		v.Due = append(v.Due, value(slices.Clone(text)))
	}
	if len(lines) == 0 {
		return v, nil
	}
	if v.Answer, err = parseLines(wire.NewReader(nil, ""), v.Due, "due", result); err != nil {
		return v, err
	}
	v.Needs, v.Rows = v.features(), v.steps()
	return v, nil
}

// Shortest returns a shortest vector that ends in the same edge as the lines, which must not leave
// the bounds; false if they do.
func (g *Graph) Shortest(lines []wire.Line) (v Vector, ok bool) {
	way, err := g.follow(lines, map[action]string{})
	if err != nil || len(way) == 0 {
		return v, false
	}
	last, level := way[len(way)-1], 0
	for _, at := range way {
		level = max(level, g.states[at.from].edges[at.edge].level)
	}
	return g.vector(append(g.tree(level).way(last.from), last)), true
}

// features returns what the lines need, by their answers.
func (v *Vector) features() (needs []string) {
	var known map[string]bool // the nets that are not freed
	for i := range v.Asked {
		l, r := &v.Asked[i], &v.Answer[i]
		if i == 0 || l.Op == wire.Reset {
			known = map[string]bool{wire.InitNet: true}
		}
		needs = append(needs, replay.Needs(l, r, func(net string) bool { return known[net] })...)
		if l.Op == wire.Copy && !l.Share && r.Err == 0 {
			known[l.Net] = true
		}
		for _, net := range r.Freed {
			delete(known, net)
		}
	}
	return ordered(needs)
}

// steps returns the rows of the lines, by their answers.
func (v *Vector) steps() (taken []string) {
	for i := range v.Asked {
		taken = append(taken, rowsOf(&v.Asked[i], &v.Answer[i])...)
	}
	return inOrder(taken)
}

// stale reports what the head of a set says otherwise than that of the graph.
func (r *Report) stale(h *Head, want Head) {
	for name, pair := range map[string][2]any{"states": {h.States, want.States}, "edges": {h.Edges, want.Edges}, "graph": {h.Graph, want.Graph}, "id": {h.ID, want.ID}} {
		if pair[0] != pair[1] {
			r.problem("%s: %v in the set, %v of the graph: the set is stale", name, pair[0], pair[1])
		}
	}
}

// count counts the edges that the vectors take.
func (g *Graph) count(s *Set, r *Report) {
	r.stale(&s.Head, g.Head())
	taken, texts := map[step]bool{}, map[action]string{}
	for i := range s.Vectors {
		v := &s.Vectors[i]
		way, err := g.follow(v.Asked, texts)
		if err != nil {
			r.problem("%s: %v", v.ID, err)
		}
		if len(way) > MaxSteps {
			r.problem("%s: %d calls; a vector has at most %d", v.ID, len(way), MaxSteps)
		}
		for _, at := range way {
			taken[at] = true
		}
	}
	r.Covered = len(taken)
	for from := range g.states {
		for n, e := range g.states[from].edges {
			if !taken[step{int32(from), int32(n)}] {
				r.problem("no vector takes %s in the state %s", text(e.lines()), g.states[from])
			}
		}
	}
}

// follow returns the edges that the lines take, from a fresh registry on. It keeps the text of each
// action that it meets in texts.
func (g *Graph) follow(lines []wire.Line, texts map[action]string) (way []step, err error) {
	textOf := func(a action) string {
		if _, known := texts[a]; !known {
			texts[a] = text(a.lines())
		}
		return texts[a]
	}
	at := int32(0)
	var armed []wire.Line
	for i := range lines {
		armed = append(armed, lines[i])
		if lines[i].Op == wire.Fail || lines[i].Op == wire.FailAlloc {
			continue
		}
		asked := text(armed)
		n := slices.IndexFunc(g.states[at].edges, func(e edge) bool { return textOf(e.action) == asked })
		if n < 0 {
			return way, fmt.Errorf("line %d: %s is no edge of the graph in the state %s", i+1, asked, g.states[at])
		}
		way = append(way, step{at, int32(n)})
		at, armed = g.states[at].edges[n].to, nil
	}
	return way, nil
}

// text returns the lines in one line.
func text(lines []wire.Line) string {
	var all []string
	for i := range lines {
		all = append(all, strings.TrimSuffix(string(lines[i].AppendScenario(nil)), "\n"))
	}
	return strings.Join(all, " ")
}

// String shows the state with its names.
func (s state) String() string {
	names := func(list []string) string { return "[" + strings.Join(list, " ") + "]" }
	var ops, nets, queue []string
	for _, e := range s.List {
		name := opsName(e.Ops)
		if e.Device {
			name += " (device)"
		}
		ops = append(ops, name)
	}
	for _, n := range s.Live {
		name := fmt.Sprintf("%s count %d", netName(n.ID), n.Count)
		if n.Use > 0 {
			name += fmt.Sprintf(" use %d", n.Use)
		}
		if n.Phase != model.Listed {
			name += " " + n.Phase.String()
		}
		nets = append(nets, name)
	}
	for _, n := range s.Queue {
		queue = append(queue, netName(n))
	}
	out := "ops " + names(ops) + ", nets [" + strings.Join(nets, ", ") + "]"
	if len(queue) > 0 {
		out += ", queued " + names(queue)
	}
	return out
}

// Summary counts what was checked.
func (r Report) Summary(s *Set) string {
	out := fmt.Sprintf("%s: %s, %s", s.ID, plural.N(len(s.Vectors), "vector"), plural.N(r.Lines, "line"))
	if s.Edges > 0 {
		out += fmt.Sprintf(", %d of %d edges, %d states", r.Covered, s.Edges, s.States)
	}
	return out
}
