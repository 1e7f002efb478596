// SPDX-License-Identifier: MIT

package vectors

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/pernet/internal/replay"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// Schedules makes the set of the scheduled programs. Together its vectors take every edge of the
// graph of each program, which is that of impl, and try each step that has to wait.
func Schedules(ctx context.Context, d model.Discipline, name string) (*Set, error) {
	s := &Set{Name: name, Head: Head{Version: Version, ID: "schedules", Discipline: d}}
	if d == model.RWSem {
		s.ID = "rwsem-schedules"
	}
	var graphs []*moments
	for _, from := range scheduledPrograms {
		g, err := newMoments(ctx, d, from.program())
		if err != nil {
			return nil, fmt.Errorf("program %s: %w", from.name, err)
		}
		graphs = append(graphs, g)
		add := func(n int, why string, schedule []wire.Turn) error {
			p := from.program()
			p.Schedule = schedule
			due, err := due(ctx, d, p)
			v := OfProgram(p)
			v.ID, v.Why, v.Tags, v.Due = fmt.Sprintf("%s/%s/%d", s.ID, from.name, n), why, from.tags, due
			s.Vectors = append(s.Vectors, v)
			return err
		}
		tours := g.tours()
		for n, tour := range tours {
			err = cmp.Or(err, add(n+1, from.why, tour))
		}
		for n, w := range g.waits() {
			err = cmp.Or(err, add(len(tours)+n+1, w.why(g), append(g.way(w.state), w.Turn)))
		}
		if err != nil {
			return nil, err
		}
	}
	s.States, s.Edges, s.Graph = sum(graphs)
	return s, nil
}

// Scheduled reports whether vectors of the set are programs with schedules.
func (s *Set) Scheduled() bool {
	return slices.ContainsFunc(s.Vectors, func(v Vector) bool { return v.Program != nil && v.Program.Schedule != nil })
}

// schedules checks the programs of the set: what they answer, and which edges their schedules take.
func (r *Report) schedules(ctx context.Context, s *Set) error {
	var graphs []*moments
	at := map[string]int{}
	for i := range s.Vectors {
		v := &s.Vectors[i]
		if v.Program == nil || v.Program.Schedule == nil {
			r.problem("%s: not a program with a schedule, in a set of them", v.ID)
			continue
		}
		r.Lines++
		due, err := due(ctx, s.Discipline, v.Program)
		if err != nil {
			return err
		}
		if text := Untold(v.Due, due); text != "" {
			r.problem("%s: another answer than pernet's%s", v.ID, text)
		}
		if rows := taken(v.Program.Schedule); !slices.Equal(rows, v.Rows) {
			r.problem("%s: takes the steps %q, the set says %q", v.ID, rows, v.Rows)
		}
		r.needs(v, uses(v.Program))
		p := *v.Program
		p.ID, p.Schedule = "", nil
		text := string(p.Append(nil))
		n, known := at[text]
		if !known {
			g, err := newMoments(ctx, s.Discipline, &p)
			if err != nil {
				return fmt.Errorf("%s: %w", v.ID, err)
			}
			n, graphs = len(graphs), append(graphs, g)
			at[text] = n
		}
		graphs[n].follow(v.Program.Schedule)
	}
	if s.Graph == "" { // single schedules, as a failure file has one
		return nil
	}
	for _, g := range graphs {
		r.Covered += len(g.taken)
		g.missing(r.problem)
	}
	want := s.Head
	want.States, want.Edges, want.Graph = sum(graphs)
	r.stale(&s.Head, want)
	return nil
}

// sum counts the states and the edges of all graphs, and returns the digest of their edges.
func sum(graphs []*moments) (states, edges int, digest string) {
	all := sha256.New()
	for _, g := range graphs {
		all.Write(g.program.Append(nil))
		for from, out := range g.Out {
			for _, e := range out {
				fmt.Fprintln(all, from, e.Choice.Thread, e.Label, e.To)
			}
		}
		states += len(g.States)
		edges += g.Edges()
	}
	return states, edges, hex.EncodeToString(all.Sum(nil))
}

// taken returns the steps of the schedule, each once.
func taken(schedule []wire.Turn) (rows []string) {
	for _, t := range schedule {
		if !slices.Contains(rows, t.Step) {
			rows = append(rows, t.Step)
		}
	}
	return rows
}

// OfProgram returns a vector of the program, without what is due.
func OfProgram(p *wire.Program) Vector {
	program := *p
	program.ID = ""
	return Vector{Rows: taken(p.Schedule), Needs: uses(p), Lines: []jsontext.Value{value(program.Append(nil))}, Program: &program}
}

// uses returns the features that the program needs by its lines.
func uses(p *wire.Program) []string {
	var needs []string
	for _, steps := range append(slices.Clone(p.Clients), p.Setup) {
		for i := range steps {
			needs = append(needs, replay.Needs(&steps[i].Line, &wire.Line{}, nil)...)
		}
	}
	if p.Schedule == nil {
		return append(ordered(needs), replay.FeatureRun)
	}
	return append(ordered(needs), replay.FeatureSteps)
}

// due returns what a scheduled program answers.
func due(ctx context.Context, d model.Discipline, p *wire.Program) ([]jsontext.Value, error) {
	history, end, err := replay.Scheduled(ctx, d, p)
	return Told(history, end), err
}

// Told returns what is compared of the answer to a scheduled program: the calls in the order of
// clients, without times, and the end. A cleanup of several nets is one of each. If the schedule did
// not fit, it is the end alone.
func Told(history []wire.Line, end *wire.End) (told []jsontext.Value) {
	if end.At != nil {
		history = nil
	}
	history = slices.Clone(history)
	slices.SortStableFunc(history, func(a, b wire.Line) int {
		return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(a.Call, b.Call))
	})
	for i := range history {
		for _, l := range apart(&history[i]) {
			told = append(told, value(l.AppendUntimed(nil)))
		}
	}
	last := wire.End{Operations: wire.Uncounted, Err: end.Err, At: end.At}
	return append(told, value(last.Append(nil)))
}

// apart returns a cleanup of several nets as one of each; any other line as it is.
func apart(l *wire.Line) (lines []wire.Line) {
	if l.Op != wire.Cleanup || len(l.Nets) < 2 {
		return []wire.Line{*l}
	}
	for i, net := range l.Nets {
		// What it did on none of its nets is the first one's.
		other := func(n string) bool { return n != net && (i > 0 || slices.Contains(l.Nets, n)) }
		one := *l
		one.Nets, one.Freed = []string{net}, slices.DeleteFunc(slices.Clone(l.Freed), other)
		one.Calls = slices.DeleteFunc(slices.Clone(l.Calls), func(c wire.Callback) bool { return other(c.Net) })
		lines = append(lines, one)
	}
	return lines
}

// Untold shows where two answers differ, line by line; "" if they do not.
func Untold(came, want []jsontext.Value) string {
	read, due := canonical(came), canonical(want)
	for len(read) > 0 && len(due) > 0 && read[len(read)-1] == due[len(due)-1] {
		read, due = read[:len(read)-1], due[:len(due)-1]
	}
	var b strings.Builder
	for i := range max(len(read), len(due)) {
		same := i < len(read) && i < len(due) && read[i] == due[i]
		if i < len(read) && !same {
			fmt.Fprintf(&b, "\n    read:   %s", came[i])
		}
		if i < len(due) && !same {
			fmt.Fprintf(&b, "\n    due:    %s", want[i])
		}
	}
	return b.String()
}

// canonical returns each of the values in one spelling.
func canonical(values []jsontext.Value) (texts []string) {
	for _, v := range values {
		v = v.Clone()
		_ = v.Canonicalize() // it is valid
		texts = append(texts, string(v))
	}
	return texts
}
