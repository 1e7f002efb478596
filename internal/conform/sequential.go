// SPDX-License-Identifier: MIT

package conform

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/pernet/internal/lin"
	"example.com/pernet/internal/replay"
	"example.com/pernet/internal/vectors"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// most is how many cases of a group may fail: the rest is skipped.
const most = 5

// mostHung is how many cases of a run may hang: after that, a group ends with the first that does. Each takes as
// long as an answer may, or longer.
const mostHung = 2

// sequential gives the adapter the scenarios of each set.
func (r *run) sequential() error {
	return r.vectors(Sequential, func(set *vectors.Set, v *vectors.Vector) func(c *Case) error {
		if v.Program != nil {
			return nil
		}
		return func(c *Case) error { return r.vector(set, v, c) }
	})
}

// vectors runs the vectors for which does returns a function, and adds a group for each set to the report.
func (r *run) vectors(level string, does func(set *vectors.Set, v *vectors.Vector) func(c *Case) error) error {
	for _, set := range r.Sets {
		g := &Group{Name: set.ID, Level: level}
		for i := range set.Vectors {
			v := &set.Vectors[i]
			run := does(set, v)
			if run == nil || !r.wants(v.ID) {
				continue
			}
			failed := g.Failed()
			c := &Case{ID: v.ID, Why: v.Why, Rows: v.Rows, Tags: v.Tags, Needs: v.Needs}
			if g.Cases = append(g.Cases, c); len(g.Cases) == 1 {
				r.report.Groups = append(r.report.Groups, g)
			}
			if hung := r.report.hung(); g.Count(Hung) > 0 && hung >= mostHung {
				c.skip(fmt.Sprintf("the adapter has hung %d times", hung))
				continue
			}
			if failed >= most {
				c.skip(fmt.Sprintf("%d vectors of this set have failed", failed))
				continue
			}
			if lacks := r.lacks(v.Needs...); lacks != "" {
				c.skip("needs " + lacks)
				continue
			}
			if err := cmp.Or(run(c), context.Cause(r.ctx)); err != nil {
				return err
			}
			r.show(c)
		}
	}
	return nil
}

func (c *Case) skip(why string) { c.Verdict, c.Reason = Skipped, why }

// vector gives the adapter one vector. If it fails, the shortest scenario that fails too is sought.
func (r *run) vector(set *vectors.Set, v *vectors.Vector, c *Case) error {
	began := time.Now()
	f, err := r.try(v, set.Bounds == nil)
	if c.Time = time.Since(began); err != nil {
		return err
	}
	if c.Verdict = Passed; f == nil {
		r.saw(v)
		return nil
	}
	c.replay(r.Discipline, r.Seed, *v)
	if f.trouble != nil && f.trouble.Reset {
		c.Verdict, c.Details, c.Scenario = f.verdict, f.trouble.Error()+"\nthe line:", []string{resetLine}
		return nil
	}
	small, g, alone, err := r.smaller(set, v, f)
	if err != nil {
		return err
	}
	if c.Replay.Head = set.Head; small != nil { // as it was run: each line after the answer to the last one
		c.replay(r.Discipline, r.Seed, *small)
	}
	c.Verdict, c.Details, c.Scenario = f.verdict, f.text(v), texts(small)
	switch {
	case alone:
		c.Details = g.text(small) + fmt.Sprintf("\nline %d of the vector failed; a shortest scenario to that call in that state fails alone:", f.line+1)
	case small != nil && f.as(v) == g.as(small):
		c.Details += "\nnone of these lines can be left out:"
	case small != nil: // with fewer lines, another answer is due
		c.Details = g.text(small) + fmt.Sprintf("\nline %d of the vector failed; so do these lines alone, and none can be left out:", f.line+1)
	case f.verdict != Hung:
		c.Details += "\nit did not fail again in this way"
	}
	return nil
}

// saw counts the answers of a vector that passed.
func (r *run) saw(v *vectors.Vector) {
	met := map[lin.Answer]int{}
	for i := range v.Answer {
		if model.CallOf(v.Asked[i].Op) != nil {
			a := lin.AnswerOf(&v.Answer[i])
			a.Share = v.Asked[i].Share
			met[a]++
		}
	}
	r.met.Add(lin.Met{Answers: met})
}

// A failure is the first answer of a vector that is not right.
type failure struct {
	verdict Verdict
	line    int          // of the vector, from 0
	answer  *wire.Answer // nil if there was trouble
	trouble *Trouble
}

// try gives the adapter a vector on a fresh registry. The adapter is started if it does not run.
func (r *run) try(v *vectors.Vector, step bool) (f *failure, err error) {
	if err := r.ready(); err != nil {
		return troubled(err)
	}
	t := r.session.reset()
	at := 0
	if t == nil {
		t = r.session.ask(v.Asked, texts(v), step, func(n int, a wire.Answer) bool {
			if at = n + 1; right(&a, v, n) {
				return true
			}
			f = &failure{verdict: Wrong, line: n, answer: &a}
			if a.Err == model.ENOTSUP {
				f.verdict = Unsupported
			}
			return false
		})
	}
	if t != nil {
		f = &failure{verdict: t.Verdict, line: min(at, len(v.Asked)-1), trouble: t}
	}
	if f != nil && (t != nil || !step) { // answers are still to come
		r.drop()
	}
	return f, nil
}

// troubled turns the trouble of an adapter that did not start into a failure.
func troubled(err error) (*failure, error) {
	if t, ok := errors.AsType[*Trouble](err); ok {
		return &failure{verdict: t.Verdict, trouble: t}, nil
	}
	return nil, err
}

// right reports whether the answer to line n is the one that is due. Its id was compared before.
func right(a *wire.Answer, v *vectors.Vector, n int) bool {
	due := v.Answer[n]
	due.ID = a.ID
	return string(a.AppendResult(nil)) == string(due.AppendResult(nil))
}

// text says what was sent, what came and what was due.
func (f *failure) text(v *vectors.Vector) string {
	if f.trouble != nil {
		return fmt.Sprintf("line %d of the vector: %v", f.line+1, f.trouble)
	}
	due := v.Answer[f.line]
	due.ID = f.answer.ID
	out := fmt.Sprintf("line %d: %s\nthe answer differs from the one that is due in%s", f.line+1, v.Lines[f.line],
		replay.Differences(f.answer.ResultFields(), due.ResultFields(), "due"))
	if f.verdict == Unsupported {
		out += "\nthe answer to hello claims all that the line needs"
	}
	return out
}

// as is the text of the failure without the number of the line.
func (f *failure) as(v *vectors.Vector) string {
	if f.trouble != nil { // the lines have other ids
		return string(f.verdict)
	}
	_, text, _ := strings.Cut(f.text(v), ": ")
	return text
}

// texts returns the lines of the vector; of nil, none.
func texts(v *vectors.Vector) []string {
	if v == nil {
		return nil
	}
	out := make([]string, len(v.Lines))
	for i, line := range v.Lines {
		out[i] = string(line)
	}
	return out
}

// smaller looks for a scenario that fails as the vector did, and is as short as can be. It is the
// shortest one to the state and the call, which then fails alone, or else the vector without all lines
// that can be left out. With it comes its failure.
func (r *run) smaller(set *vectors.Set, v *vectors.Vector, f *failure) (small *vectors.Vector, g *failure, alone bool, err error) {
	if set.Bounds != nil {
		graph, err := r.graph(set)
		if err != nil {
			return nil, nil, false, err
		}
		if short, ok := graph.Shortest(v.Asked[:f.line+1]); ok {
			if g, err := r.try(&short, true); g != nil || err != nil {
				return &short, g, true, err
			}
		}
	}
	if f.verdict == Hung { // each of the tries below would take as long as an answer may
		return nil, nil, false, nil
	}
	first, err := vectors.Due(r.ctx, r.Discipline, v.Asked[:f.line+1])
	if err != nil {
		return nil, nil, false, err
	}
	if g, err = r.try(&first, true); err != nil || g == nil || g.verdict != f.verdict {
		return nil, nil, false, err // it does not fail again, or in another way
	}
	lines := first.Asked
	for size := len(lines) / 2; size > 0; {
		shorter := false
		for begin := 0; begin < len(lines); {
			part := append(append([]wire.Line{}, lines[:begin]...), lines[min(begin+size, len(lines)):]...)
			candidate, err := vectors.Due(r.ctx, r.Discipline, part)
			if err != nil {
				return nil, nil, false, err
			}
			h := (*failure)(nil)
			if r.lacks(candidate.Needs...) == "" && len(part) > 0 {
				if h, err = r.try(&candidate, true); err != nil {
					return nil, nil, false, err
				}
			}
			if h != nil && h.verdict == f.verdict {
				lines, g, shorter = candidate.Asked[:h.line+1], h, true
			} else {
				begin += size
			}
		}
		if size > 1 || !shorter {
			size /= 2
		}
	}
	whole, err := vectors.Due(r.ctx, r.Discipline, lines)
	return &whole, g, false, err
}

// graph returns the graph of the set's bounds.
func (r *run) graph(set *vectors.Set) (*vectors.Graph, error) {
	if g := r.graphs[set]; g != nil {
		return g, nil
	}
	g, err := vectors.NewGraph(set.Discipline, *set.Bounds)
	if err != nil {
		return nil, fmt.Errorf("%s: bounds: %w", set.Name, err)
	}
	r.graphs[set] = g
	return g, nil
}

// ready starts the adapter if it does not run.
func (r *run) ready() error {
	if r.session != nil {
		return nil
	}
	s, err := open(r.ctx, r.Command, r.Discipline, r.Timeout)
	if err == nil {
		r.session = s
	}
	return err
}

// drop kills the adapter.
func (r *run) drop() {
	if r.session != nil {
		r.session.kill()
		r.session = nil
	}
}

// lacks returns the first of the features that the adapter has not claimed, or "".
func (r *run) lacks(needs ...string) string {
	for _, f := range needs {
		if !slices.Contains(r.report.Claims, f) {
			return f
		}
	}
	return ""
}
