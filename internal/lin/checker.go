// SPDX-License-Identifier: MIT

package lin

import (
	"context"
	"errors"
	"math"
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A Verdict is what a check ends in.
type Verdict string

const (
	Linearizable Verdict = "linearizable"
	Not          Verdict = "not"
	Undecided    Verdict = "undecided" // out of time, interrupted, or at a bound
)

// A Result is the outcome of a check.
type Result struct {
	Verdict    Verdict
	Operations int
	Clients    int
	Met        Met
	Reason     string   // of Undecided
	Failure    *Failure // of Not

	Steps int // moments that were tried
	Peak  int // the most configurations at a return
}

// DefaultLimit is how many configurations a check may hold at once. Each takes
// about a kilobyte.
const DefaultLimit = 200_000

// A Checker judges a history that it is given window by window, in order of time.
type Checker struct {
	discipline model.Discipline

	names   *names
	order   *order
	search  *search
	meter   meter
	clients map[int64]bool
	result  Result
	passed  int // operations that returned, in windows that fit
	nulls   []*call
	pin     pin
	times   times
	stages  stages
	narrow  int // how many configurations at a time are enough for most histories
	dropped dropped
	parked  map[model.NetID]model.Net // kept nets that no configuration carries
	kept    int                       // names that the last forget kept

	took    map[int]string // the net that a cleanup which names none is taken to have taken, by line
	unnamed unnamed
	buffer  []*call // read, not judged yet
	looked  int     // how many of them were looked at for disorder
	left    int     // how many were left when the buffer was judged last
	over    int64   // when what is judged was over
}

// NewChecker returns a checker at the start of a history of that discipline. A limit of 0 is
// DefaultLimit. When ctx ends the verdict is Undecided.
func NewChecker(ctx context.Context, d model.Discipline, file string, limit int) *Checker {
	if limit == 0 {
		limit = DefaultLimit
	}
	c := &Checker{
		discipline: d, names: newNames(), order: newOrder(file), clients: map[int64]bool{}, parked: map[model.NetID]model.Net{}, narrow: 64,
		unnamed: unnamed{nets: map[string]int{}}, over: math.MinInt64, meter: newMeter(),
		stages: stages{},
		times:  times{up: map[model.Callback]*call{}, odd: map[model.OpsID]bool{}},
		search: &search{ctx: ctx, limit: limit, beam: limit, where: map[int64]int{}},
		result: Result{Verdict: Linearizable},
	}
	c.search.set.add(config{state: d.New()})
	return c
}

// Result returns the verdict on what the checker was given so far.
func (c *Checker) Result() Result {
	r := c.result
	r.Clients = len(c.clients)
	r.Met = c.meter.Met
	return r
}

// Window takes the next window: operations that all begin after those of the
// earlier windows have returned, in any order. An error says how they break the
// format; lines are counted over all windows.
func (c *Checker) Window(ops []wire.Line) error {
	for i := range ops {
		c.read(ops[i], c.result.Operations+i+1)
	}
	calls := c.buffer
	c.buffer = nil
	sortCalls(calls)
	if err := c.window(calls); err != nil {
		return err
	}
	c.forget()
	return nil
}

// read takes the operation of that line in.
func (c *Checker) read(o wire.Line, line int) {
	if net, ok := c.took[line]; ok {
		o.Nets = []string{net}
	}
	c.unnamed.see(&o, line)
	c.buffer = append(c.buffer, c.names.number(&o, line, c.discipline))
}

// window takes the next window, sorted. Once the verdict has fallen it only
// checks the format and counts.
func (c *Checker) window(calls []*call) error {
	if err := c.order.check(calls); err != nil {
		return err
	}
	w := &window{calls: calls, returns: returnsOf(calls)}
	for _, x := range calls {
		c.clients[x.Client] = true
		if x.Never {
			c.nulls = append(c.nulls, x)
		}
	}
	c.result.Operations += len(calls)
	c.meter.add(w)
	if c.result.Verdict == Linearizable {
		c.judge(w)
	}
	c.order.cut()
	return nil
}

// judge runs the search over the window.
func (c *Checker) judge(w *window) {
	c.unpark(w.calls)
	start, fit, err := c.widen(c.search.clone(), c.narrow, w)
	if err == nil && fit < len(w.returns) && c.dropped.from != nil {
		start, fit, err = c.widen(c.dropped.from, 2*c.narrow, append(slices.Clone(c.dropped.since), w)...)
	}
	if err != nil || fit < len(w.returns) || c.pin.window == nil {
		c.pin = pin{start, w, fit}
	}
	if batch := w.batch(); batch != nil {
		c.result.Verdict = Not
		c.result.Failure = &Failure{Prefix: c.passed + w.before(batch.Call), AtLeast: true}
		if err == nil && fit < len(w.returns) && !c.search.cut {
			c.result.Failure = c.explain(w, start, fit)
		}
		// The answer alone is at fault, whatever the state.
		f := c.result.Failure
		c.result.Failure = &Failure{Prefix: f.Prefix, AtLeast: f.AtLeast, Op: batch.Line, Line: batch.Number, Differences: []string{wrongNets(batch, c.discipline)}}
		return
	}
	refused := err == nil && fit < len(w.returns) && !c.search.cut
	f := c.times.check(w, c.discipline)
	if f == nil {
		f = c.stages.check(w, c.discipline)
	}
	if f != nil && !refused { // the search does not know what is at fault
		f.Prefix = c.passed + w.before(f.Op.Call)
		c.pin = pin{start, w, f.Prefix - c.passed}
		c.result.Verdict, c.result.Failure = Not, f
		return
	}
	switch {
	case err != nil:
		c.result.Verdict, c.result.Reason = Undecided, reason(err)
	case refused:
		c.result.Verdict = Not
		c.result.Failure = c.explain(w, start, fit)
	case fit < len(w.returns):
		c.result.Verdict, c.result.Reason = Undecided, "too many ways to have gone so far; not all were tried"
	default:
		c.passed += len(w.returns)
		c.dropped.add(w, start, c.search)
		if c.dropped.from == nil {
			c.park()
		}
	}
}

// run runs the search over the window, from start, with so many configurations at a time.
func (c *Checker) run(start *search, w *window, beam int) (fit int, err error) {
	s := start.clone()
	s.beam = min(beam, s.limit)
	fit, err = s.run(w, len(w.returns))
	c.result.Steps += s.steps
	c.result.Peak = max(c.result.Peak, s.peak)
	c.search = s
	return fit, err
}

func reason(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "out of time"
	case errors.Is(err, context.Canceled):
		return "interrupted"
	}
	return err.Error()
}

// forget drops the names that neither a state nor an operation that is still
// at hand knows. It looks only when there are twice as many as it kept last.
func (c *Checker) forget() {
	n := len(c.names.nets.back) + len(c.names.ops.back)
	if n < max(4096, 2*c.kept) {
		return
	}
	use := usage{nets: map[int32]bool{int32(model.InitNet): true}, ops: map[int32]bool{}}
	use.search(c.search)
	use.search(c.dropped.from)
	use.search(c.pin.start)
	for id := range c.parked {
		use.nets[int32(id)] = true
	}
	for _, list := range [][]*call{c.nulls, c.buffer, c.pin.calls(), c.dropped.calls()} {
		for _, x := range list {
			use.call(x)
		}
	}
	c.names.nets.keep(use.nets)
	c.names.ops.keep(use.ops)
	c.kept = len(use.nets) + len(use.ops)
}

// Check judges a whole history that is in memory.
func Check(ctx context.Context, d model.Discipline, ops []wire.Line) (Result, error) {
	c, err := checkAs(ctx, d, ops, nil)
	return c.Result(), err
}

// checkAs is Check for cleanups that took these nets, by line.
func checkAs(ctx context.Context, d model.Discipline, ops []wire.Line, took map[int]string) (*Checker, error) {
	c := NewChecker(ctx, d, "history", 0)
	c.took = took
	for i := range ops {
		c.read(ops[i], i+1)
	}
	return c, c.rest()
}

// rest judges what was read and not judged yet, in any order.
func (c *Checker) rest() error {
	sortCalls(c.buffer)
	begin := 0
	for _, end := range append(cuts(c.buffer), len(c.buffer)) {
		if err := c.window(c.buffer[begin:end]); err != nil {
			return err
		}
		begin = end
	}
	return nil
}
