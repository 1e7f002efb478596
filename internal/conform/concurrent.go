// SPDX-License-Identifier: MIT

package conform

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/pernet/internal/coverage"
	"example.com/pernet/internal/lin"
	"example.com/pernet/internal/replay"
	"example.com/pernet/internal/vectors"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// concurrent gives the adapter programs and judges their histories: those of each set, each many times,
// and those that are made for the run.
func (r *run) concurrent() error {
	err := r.vectors(Concurrent, func(_ *vectors.Set, v *vectors.Vector) func(c *Case) error {
		if v.Program == nil || v.Program.Schedule != nil {
			return nil
		}
		return func(c *Case) error { return r.many(v.Program, c) }
	})
	if err != nil {
		return err
	}
	g := &Group{Name: Concurrent, Level: Concurrent}
	for n := range r.Runs {
		id := programID(n)
		if !r.wants(id) {
			continue
		}
		failed := g.Failed()
		c := &Case{ID: id, Why: "Some order of the calls explains all that they returned."}
		if g.Cases = append(g.Cases, c); len(g.Cases) == 1 {
			r.report.Groups = append(r.report.Groups, g)
		}
		if failed >= 1 {
			c.skip("a program of this seed has failed")
			continue
		}
		if r.Level == "" && r.lacks(replay.FeatureRun) != "" {
			c.skip("needs " + replay.FeatureRun)
			continue
		}
		p := newProgram(r.Seed, uint64(n+1), func(f string) bool { return r.lacks(f) == "" })
		holding := r.isHolding(uint64(n + 1))
		if holding {
			p = holdingProgram(r.Seed, uint64(n+1))
		}
		o, err := r.program(p, c)
		if err = cmp.Or(err, context.Cause(r.ctx)); err != nil {
			return err
		}
		r.show(c)
		if holding { // without callbacks few calls overlap
			o.result.Met.Calls, o.result.Met.Meetings = 0, 0
		}
		r.count(o)
	}
	r.report.Overlap = r.met.Overlap()
	if r.ranAll(g) {
		if c := r.report.overlaps(g); c != nil {
			r.show(c)
		}
	}
	return nil
}

// many runs a program until it does not pass, or as often as programs are made.
func (r *run) many(p *wire.Program, c *Case) error {
	began := time.Now()
	defer func() { c.Time = time.Since(began) }()
	for range r.Runs {
		again := *p
		o, err := r.program(&again, c)
		if err != nil {
			return err
		}
		if r.count(o); c.Verdict != Passed {
			break
		}
	}
	return nil
}

// count adds what the history has met.
func (r *run) count(o *outcome) {
	r.report.Operations += o.result.Operations
	r.met.Add(o.result.Met)
}

// ranAll reports whether all programs ran and none failed. A few of them may hardly overlap.
func (r *run) ranAll(g *Group) bool {
	return len(g.Cases) == r.Runs && g.Count(Skipped) == 0 && g.Failed() == 0
}

// programID returns the id of a program, counted from 0.
func programID(n int) string { return fmt.Sprintf("%s/%d", Concurrent, n+1) }

// overlaps adds a case that is undecided if the calls of the programs have not overlapped, and
// returns it; nil if they have.
func (r *Report) overlaps(g *Group) *Case {
	if r.Overlap >= coverage.LeastOverlap {
		return nil
	}
	c := &Case{ID: Concurrent + "/overlap", Why: "The calls of a program overlap.", Verdict: Undecided,
		Reason: fmt.Sprintf("a call met %.2f calls of others: less than %d shows nothing; do callbacks pause as the run asks?", r.Overlap, coverage.LeastOverlap)}
	g.Cases = append(g.Cases, c)
	return c
}

// An outcome is what came of one execution of a program.
type outcome struct {
	verdict Verdict
	text    string // what is wrong, or why it is undecided
	history []wire.Line
	result  lin.Result
	checker *lin.Checker
	part    []wire.Line // of the history: what shows the failure; nil if lin.Shrink is to find it
	reset   bool        // it failed before the program was sent
}

// program runs a program. If it fails, a smaller one that fails too is sought.
func (r *run) program(p *wire.Program, c *Case) (o *outcome, err error) {
	began := time.Now()
	o, err = r.execute(p)
	if c.Time = time.Since(began); err != nil {
		return nil, err
	}
	c.Verdict = o.verdict
	switch {
	case o.verdict == Undecided:
		c.Reason = o.text
		return o, nil
	case !o.verdict.Failed():
		return o, nil
	}
	first := o
	if o.verdict == Wrong {
		if p, o, err = r.smallerProgram(p, o); err != nil {
			return nil, err
		}
	}
	c.replay(r.Discipline, r.Seed, vectors.OfProgram(p))
	c.Details = o.text
	if c.Scenario = texts(&c.Replay.Vectors[0]); o.reset {
		c.Scenario = []string{resetLine}
	}
	switch {
	case o.checker == nil && o.reset:
		c.Details += "\nthe line:"
	case o.checker == nil:
		c.Details += "\nthe program:"
	default:
		part, shows := o.part, "the calls of its history that name the net"
		if part == nil {
			part, _ = lin.Shrink(r.ctx, r.Discipline, o.history)
			c.Refused = true
			if again, err := lin.Check(r.ctx, r.Discipline, part); err == nil && again.Failure != nil { // the line is counted in the part
				c.Details = "not linearizable: " + again.Failure.String()
			}
			shows = "the smallest part of its history that no order explains, with the lines that are numbered above"
		}
		for i := range part {
			c.History = append(c.History, part[i].String())
		}
		var page bytes.Buffer
		if o.checker.Picture(r.ctx, &page, 5*time.Second) == nil {
			c.Picture = page.String()
		}
		c.Shows = shows
		c.Details += "the program, as small as it still failed:"
	}
	return first, nil
}

// answered has the adapter run a program once. Trouble is the failure.
func (r *run) answered(p *wire.Program) (history []wire.Line, end *wire.End, f *failure, err error) {
	if r.ctx.Err() != nil {
		return nil, nil, nil, context.Cause(r.ctx)
	}
	if err := r.ready(); err != nil {
		f, err := troubled(err)
		return nil, nil, f, err
	}
	t := r.session.reset()
	if t == nil {
		history, end, t = r.session.run(p)
	}
	if t == nil && end.Err != "" && (p.Schedule == nil || end.At == nil) {
		t = r.session.trouble(Hung, fmt.Sprintf("the run ended with %s%s", end.Err, unreturned(history)))
	}
	if never := unreturned(history); t == nil && end.Err == "" && never != "" { // lin would let it answer anything
		t = r.session.trouble(Protocol, "the run ended without an error"+never)
	}
	if t == nil && p.Schedule == nil {
		t = r.session.whole(p, history)
	}
	if t != nil {
		r.drop()
		t.Sent = ""
		f = &failure{verdict: t.Verdict, trouble: t}
	}
	return history, end, f, nil
}

// execute has the adapter run a program once, and judges it.
func (r *run) execute(p *wire.Program) (*outcome, error) {
	history, _, f, err := r.answered(p)
	if err != nil {
		return nil, err
	}
	if f != nil {
		return &outcome{verdict: f.verdict, text: f.trouble.Error(), reset: f.trouble.Reset}, nil
	}
	o := &outcome{verdict: Passed, history: history}
	ctx, cancel := context.WithTimeout(r.ctx, 10*time.Second)
	defer cancel()
	o.checker = lin.NewChecker(ctx, r.Discipline, "history", 0)
	if err := o.checker.Window(history); err != nil {
		return &outcome{verdict: Protocol, text: err.Error()}, nil
	}
	o.result = o.checker.Result()
	switch o.result.Verdict {
	case lin.Not:
		o.verdict, o.text = Wrong, "not linearizable: "+o.result.Failure.String()
		if slices.ContainsFunc(history, func(l wire.Line) bool { return l.Err == model.ENOTSUP }) {
			o.verdict = Unsupported
		}
	case lin.Undecided:
		o.verdict, o.text = Undecided, o.result.Reason
	case lin.Linearizable:
		waiting := o.checker.Waiting()
		switch l := early(history); {
		case l != nil:
			o.verdict, o.text = Protocol, "a client calls before the set-up has returned: "+l.String()
		case len(waiting) > 0:
			o.verdict, o.part = Wrong, naming(waiting[0], history)
			o.text = fmt.Sprintf("the run ended without an error, so the worker had nothing left to do; but net %s is dead, and no cleanup has it\n", waiting[0])
		case slices.ContainsFunc(history, func(l wire.Line) bool { return l.Unknown }):
			o.verdict, o.text = Undecided, `"calls" is null, so the history shows nothing of the callbacks; record them`
		}
	}
	return o, nil
}

// run sends a program, and returns the history and the end of its answer.
func (s *session) run(p *wire.Program) (history []wire.Line, end *wire.End, t *Trouble) {
	s.sent++
	p.ID = strconv.Itoa(s.sent)
	line := p.Append(nil)
	sent := strings.TrimSuffix(string(line), "\n")
	if t := s.send(line); t != nil {
		return nil, nil, t
	}
	patience := s.timeout + time.Duration(p.Deadline)*time.Millisecond
	for end == nil {
		o, came, t := s.line(sent, fmt.Sprintf("the run with id %s, after %d lines of its history", p.ID, len(history)), patience)
		if t != nil {
			return nil, nil, t
		}
		l, last, err := wire.RunAnswer(o)
		if err != nil {
			return nil, nil, s.broken(sent, came, err)
		}
		if end = last; end == nil {
			l.Number = len(history) + 1
			history = append(history, l)
		}
		patience = s.timeout // the history comes at the end
	}
	switch {
	case end.ID != p.ID:
		return nil, nil, s.trouble(Protocol, fmt.Sprintf("the end of the run must repeat its id %s", p.ID))
	case end.Operations != int64(len(history)):
		return nil, nil, s.trouble(Protocol, fmt.Sprintf("the end of the run counts %d operations; there were %d", end.Operations, len(history)))
	}
	return history, end, nil
}
