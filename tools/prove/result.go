// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// A Result is what the solver said of a plan.
type Result struct {
	Plan          *Plan
	Solver        string
	Partial       bool // not all was asked
	Verdict       string
	Asked, Proved int
	Refuted, Open int // with an example, and without an answer
	Slowest, Took time.Duration
	mu            sync.Mutex
	Target        Target
	dead          map[string]int // ways that no state takes, by action
}

// ask asks the questions of a batch. Those that are not answered as the proof
// needs are looked at one by one.
func (r *Result) ask(ctx context.Context, s *Solver, b Batch, out io.Writer) error {
	var open []Answer
	err := s.Ask(ctx, b, func(a Answer) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.Asked++
		r.Slowest = max(r.Slowest, a.Took)
		if a.OK() {
			r.Proved++
		} else {
			open = append(open, a)
		}
	})
	for _, a := range open {
		if err != nil {
			break
		}
		settle := r.settle
		if a.Query.Kind == Reach {
			settle = r.settleReach
		}
		var text string
		text, err = settle(ctx, s, b.with(a.Query), a)
		fmt.Fprint(out, text)
	}
	return err
}

// settle looks at a question that was not answered as the proof needs: it tries
// once more, alone and with all that is known, and looks for an example. It returns
// what is to be said.
func (r *Result) settle(ctx context.Context, s *Solver, b Batch, a Answer) (string, error) {
	if a.Says != "sat" || len(b.Rest) > 0 {
		if err := s.Ask(ctx, b.whole(), func(again Answer) { a = again }); err != nil {
			return "", err
		}
		if a.OK() {
			r.count(&r.Proved)
			return "", nil
		}
	}
	for n := 1; n <= largest; n++ {
		e, err := s.Example(ctx, b, n, func(Query) int { return 0 })
		if err != nil {
			return "", err
		}
		if e != nil {
			r.count(&r.Refuted)
			return fmt.Sprintf("\nrefuted: %s\n%s", a.Query.Name(), e.Text(b.Machine)), nil
		}
	}
	r.count(&r.Open)
	return fmt.Sprintf("%s: %s\n", strings.ReplaceAll(a.Says, "sat", "refuted, without a small example"), a.Query.Name()), nil
}

// settleReach looks for a step in a larger universe; else no state may take the
// way, and it must be one of those that are known for that.
func (r *Result) settleReach(ctx context.Context, s *Solver, b Batch, a Answer) (string, error) {
	for n := 2; n <= largest; n++ {
		e, err := s.Example(ctx, b, n, func(Query) int { return 0 })
		if err != nil {
			return "", err
		}
		if e != nil {
			r.count(&r.Proved)
			return "", nil
		}
	}
	says := ""
	if err := s.Ask(ctx, b.with(a.Query.unbounded()), func(b Answer) { says = b.Says }); err != nil {
		return "", err
	}
	action, _, _ := strings.Cut(a.Query.Action, "/")
	r.mu.Lock()
	r.dead[action]++
	known := says == "unsat" && r.dead[action] <= r.Target.Dead[action]
	r.mu.Unlock()
	if known {
		r.count(&r.Proved)
		return "", nil
	}
	r.count(&r.Open)
	return fmt.Sprintf("no state takes this way (%s): %s\n", says, a.Query.Name()), nil
}

func (r *Result) count(n *int) {
	r.mu.Lock()
	*n++
	r.mu.Unlock()
}

// conclude gives the verdict: proved, if each question was asked and answered as
// it must be; refuted, if one has a counterexample; else incomplete.
func (r *Result) conclude() {
	switch {
	case r.Refuted > 0:
		r.Verdict = "refuted"
	case !r.Partial && r.Asked == r.Plan.Queries && r.Proved == r.Plan.Queries && r.Asked > 0:
		r.Verdict = "proved"
	default:
		r.Verdict = "incomplete"
	}
}

func (r *Result) summary() string {
	p := r.Plan
	return fmt.Sprintf("%s: %s: %d claims, %d that follow, %d on steps, %d questions, %s; %d conjuncts, %d actions, %d paths; %d proved, %d refuted, %d open, %d more unchanged; %.0f s, slowest %.1f s",
		r.Target.Name, r.Verdict, p.Claims, p.Implied, p.Steps, r.Asked, r.Solver, p.Parts, p.Actions, p.Paths, r.Proved, r.Refuted, r.Open, p.Unchanged, r.Took.Seconds(), r.Slowest.Seconds())
}
