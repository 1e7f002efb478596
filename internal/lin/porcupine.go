// SPDX-License-Identifier: MIT

package lin

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A point is one step as porcupine is given it, which is nearly always one moment: an operation
// of its own, with the interval of the whole.
type point struct {
	step  []moment
	id    int32 // from 1
	after int32 // the point that must come first; 0: none that the state does not show
	gates bool  // some point comes after this one
}

// A pstate is the model's state and what it does not show of the order of
// points: gates that are open, as their ids, and points that were taken before
// this history began, as their ids negated.
type pstate struct {
	state  model.State
	tokens []int32 // sorted
}

func (s *pstate) equal(t *pstate) bool {
	return slices.Equal(s.tokens, t.tokens) && s.state.Equal(t.state)
}

func (s *pstate) hash() uint64 {
	h := s.state.Hash()
	for _, t := range s.tokens {
		h = (h ^ uint64(uint32(t))) * 1099511628211
	}
	return h
}

func without(tokens []int32, t int32) []int32 {
	return slices.DeleteFunc(slices.Clone(tokens), func(x int32) bool { return x == t })
}

func with(tokens []int32, t int32) []int32 {
	tokens = append(slices.Clone(tokens), t)
	slices.Sort(tokens)
	return tokens
}

// after returns the states after p: none where it does not fit. A point that
// never returned may also not have been taken.
func (s *pstate) after(p *point) []any {
	taken := slices.Contains(s.tokens, -p.id)
	if p.after != 0 && !slices.Contains(s.tokens, p.after) {
		if p.step[0].open {
			return []any{s}
		}
		return nil
	}
	tokens := without(s.tokens, -p.id)
	if p.after != 0 {
		tokens = without(tokens, p.after)
	}
	if p.gates {
		tokens = with(tokens, p.id)
	}
	if taken {
		return []any{&pstate{s.state, tokens}}
	}
	var out []any
	for option := range p.step[0].options() {
		t, ok := s.state, true
		for i := 0; ok && i < len(p.step); i++ {
			t, ok = p.step[i].step(t, option)
		}
		if ok {
			out = append(out, &pstate{t, tokens})
		}
	}
	if p.step[0].open {
		out = append(out, s)
	}
	return out
}

// A porcupineCheck is a history as porcupine wants it.
type porcupineCheck struct {
	names *names
	start []any // *pstate
	ops   []porcupine.Operation
}

// newPorcupine turns sorted calls into points. start holds the ways in which the
// history may begin, with the calls that are under way then first in calls.
func newPorcupine(n *names, calls []*call, start []any) *porcupineCheck {
	c := &porcupineCheck{names: n, start: start}
	last := int64(math.MinInt64)
	for _, x := range calls {
		last = max(last, latest(&x.Line))
	}
	rows := map[[2]int64]int{}
	lastOf := map[int64]*point{}
	var id int32
	for _, x := range calls {
		to := x.Return
		if x.Never {
			to = last + 1
		}
		var previous *point
		if p := lastOf[x.owner]; p != nil && p.step[0].call.Return == x.Call {
			previous = p // within one instant, times do not say which comes first
		}
		ms := momentsOf(x, x.Never)
		for i := 0; len(ms) > 0; i++ {
			n := 1
			for n < len(ms) && ms[n].with {
				n++
			}
			id++
			p := &point{step: ms[:n], id: id}
			ms = ms[n:]
			if previous != nil {
				previous.gates, p.after = true, previous.id
			}
			row, ok := rows[[2]int64{x.owner, int64(i)}]
			if !ok {
				row = len(rows)
				rows[[2]int64{x.owner, int64(i)}] = row
			}
			c.ops = append(c.ops, porcupine.Operation{ClientId: row, Input: p, Call: x.Call, Return: to})
			previous = p
		}
		lastOf[x.owner] = previous
	}
	return c
}

// model returns the porcupine model: the project's own Step, with Equal and Hash.
func (c *porcupineCheck) model() porcupine.Model {
	model := porcupine.NondeterministicModel{
		Init:              func() []any { return c.start },
		Step:              func(state, input, _ any) []any { return state.(*pstate).after(input.(*point)) },
		Equal:             func(a, b any) bool { return a.(*pstate).equal(b.(*pstate)) },
		Hash:              func(s any) uint64 { return s.(*pstate).hash() },
		DescribeOperation: func(input, _ any) string { return c.describe(input.(*point)) },
		DescribeState:     func(s any) string { return c.names.state(&s.(*pstate).state) },
	}
	return model.ToModel()
}

// describe shows a point in a picture: which moment, and its operation's line.
func (c *porcupineCheck) describe(p *point) string {
	op := p.step[0].call.Line
	text := op.String()
	if _, rest, ok := strings.Cut(text, `"op":`); ok {
		text = strings.TrimSuffix(rest, "}")
	}
	return fmt.Sprintf("client %d %s: %s", op.Client, p.step[0].act.Kind, text)
}

// Porcupine asks porcupine for the verdict on a whole history: the second
// opinion. It shares the moments with [Check], and nothing of the search. It finds out late
// that it has listed two nets in the wrong order, so about one window in a hundred takes minutes.
func Porcupine(d model.Discipline, ops []wire.Line, timeout time.Duration) Verdict {
	n := newNames()
	calls := make([]*call, len(ops))
	for i := range ops {
		calls[i] = n.number(&ops[i], i+1, d)
	}
	sortCalls(calls)
	if (&window{calls: calls}).batch() != nil {
		return Not // it has no moment that porcupine could refuse
	}
	c := newPorcupine(n, calls, []any{&pstate{state: d.New()}})
	return verdictOf(porcupine.CheckOperationsTimeout(c.model(), c.ops, timeout))
}

func verdictOf(r porcupine.CheckResult) Verdict {
	switch r {
	case porcupine.Ok:
		return Linearizable
	case porcupine.Illegal:
		return Not
	}
	return Undecided
}

// picture writes porcupine's visualization.
func (c *porcupineCheck) picture(w io.Writer, timeout time.Duration) error {
	m := c.model()
	_, info := porcupine.CheckOperationsVerbose(m, c.ops, timeout)
	return porcupine.Visualize(m, info, w)
}
