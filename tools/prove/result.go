// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/pernet/internal/tlc"
	"example.com/pernet/tools/prove/sany"
	"example.com/pernet/tools/prove/tla"
	"example.com/pernet/tools/tlcrun"
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
	files         map[string]string
	dead          map[string]int // ways that no state takes, by action
}

func (r *Result) add(a Answer) {
	r.Asked++
	r.Slowest = max(r.Slowest, a.Took)
	if a.OK() {
		r.Proved++
	}
}

func (r *Result) settled(_ Answer, ok, refuted bool) {
	switch {
	case ok:
		r.Proved++
	case refuted:
		r.Refuted++
	default:
		r.Open++
	}
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
	return fmt.Sprintf("%s: %d conjuncts of %d claims, %d that follow, %d on steps; %d actions, %d paths; %d questions (%d more unchanged), %d proved, %d refuted, %d open; %.0f s, slowest %.1f s, %s",
		r.Verdict, p.Parts, p.Claims, p.Implied, p.Steps, p.Actions, p.Paths, r.Asked, p.Unchanged, r.Proved, r.Refuted, r.Open, r.Took.Seconds(), r.Slowest.Seconds(), r.Solver)
}

const recordFile = "proof.tsv"

const recordHead = "module\tverdict\tclaims\tparts\timplied\tsteps\tactions\tpaths\tqueries\tunchanged\tseconds\tsolver\tfiles"

// digests are those of the files that the proof is of.
func digests(dir string) (map[string]string, error) {
	out := map[string]string{}
	for _, f := range []string{"netns.tla", netns.Strengthening + ".tla"} {
		sum, err := tlcrun.Digest(dir, f)
		if err != nil {
			return nil, err
		}
		out[f] = sum
	}
	return out, nil
}

func (r *Result) write(dir string) error {
	p := r.Plan
	var files []string
	for f, sum := range r.files {
		files = append(files, f+"="+sum)
	}
	slices.Sort(files)
	cells := []string{"netns", r.Verdict}
	for _, n := range []int{p.Claims, p.Parts, p.Implied, p.Steps, p.Actions, p.Paths, r.Asked, p.Unchanged} {
		cells = append(cells, strconv.Itoa(n))
	}
	cells = append(cells, fmt.Sprintf("%.0f", r.Took.Seconds()), r.Solver, strings.Join(files, " "))
	text := "# SPDX-License-Identifier: MIT\n# What `make prove` proved, and the digests of the files that it was proved of. Written by `make prove UPDATE=1`.\n" +
		recordHead + "\n" + strings.Join(cells, "\t") + "\n"
	return os.WriteFile(filepath.Join(dir, recordFile), []byte(text), 0o644)
}

// serve gives the record's verdict, if it is about the files as they are.
func serve(dir string, out io.Writer) error {
	text, err := os.ReadFile(filepath.Join(dir, recordFile))
	if err != nil {
		return err
	}
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' || line == recordHead {
			continue
		}
		cells := strings.Split(line, "\t")
		if len(cells) != strings.Count(recordHead, "\t")+1 {
			return fmt.Errorf("%s:%d: %d columns where %d are expected", recordFile, i+1, len(cells), strings.Count(recordHead, "\t")+1)
		}
		now, err := digests(dir)
		if err != nil {
			return err
		}
		for _, f := range strings.Fields(cells[len(cells)-1]) {
			name, sum, _ := strings.Cut(f, "=")
			if now[name] != sum {
				return fmt.Errorf("%s has changed since it was proved, and there is no solver", name)
			}
			delete(now, name)
		}
		if len(now) > 0 || cells[1] != "proved" {
			return fmt.Errorf("%s:%d: the record is not that of a proof of these files", recordFile, i+1)
		}
		fmt.Fprintf(out, "proved, by the record: %s claims, %s that follow, %s on steps, %s questions, %s\n", cells[2], cells[4], cells[5], cells[8], cells[11])
		return nil
	}
	return fmt.Errorf("%s has no row", recordFile)
}

// alone is the batch of one question.
func (p *Plan) alone(q Query) Batch {
	for _, b := range p.Batches {
		for _, other := range b.Queries {
			if other.Name() == q.Name() {
				return Batch{[]Query{q}, b.Axioms, b.Machine}
			}
		}
	}
	panic("prove: no such question: " + q.Name())
}

// Example looks for an example of what the question asks for, in a small
// universe, and writes it as states of the specification.
func (s *Solver) Example(ctx context.Context, p *Plan, q Query, n int) (bool, string, error) {
	return s.example(ctx, p.alone(q), q, n)
}

func (s *Solver) example(ctx context.Context, b Batch, q Query, n int) (bool, string, error) {
	all := append(slices.Concat(b.Axioms, q.Given), q.Goal)
	m := b.Machine
	u := m.NewUniverse(n, all)
	ground := u.Ground(all)
	states := [][]tla.Value{q.Now, constants(m)}
	if q.Next != nil {
		states = append(states, q.Next)
	}
	example := u.Ask(states...)
	says, text, err := s.once(ctx, tla.Script{Comment: q.Name(), Asserts: ground, Goals: []*tla.Term{tla.And()}, Values: example.Terms()})
	if err != nil || says != "sat" {
		return false, "", err
	}
	if q.Kind == Reach {
		return true, "", nil
	}
	if err := example.Read(text); err != nil {
		return false, "", err
	}
	var out strings.Builder
	for i, v := range m.Constants {
		if v != nil {
			fmt.Fprintf(&out, "  %s = %s\n", m.Spec.Constants[i].Name, tla.Text(example.State([]tla.Value{v})[0]))
		}
	}
	now := example.State(q.Now)
	for i, v := range m.Spec.Variables {
		fmt.Fprintf(&out, "  /\\ %s = %s\n", v.Name, tla.Text(now[i]))
	}
	if q.Next != nil {
		fmt.Fprintf(&out, "%s\n", q.Action)
		for i, v := range example.State(q.Next) {
			if tla.Text(v) != tla.Text(now[i]) {
				fmt.Fprintf(&out, "  /\\ %s' = %s\n", m.Spec.Variables[i].Name, tla.Text(v))
			}
		}
	}
	return true, out.String(), nil
}

func constants(m *tla.Machine) []tla.Value {
	return slices.DeleteFunc(slices.Clone(m.Constants), func(v tla.Value) bool { return v == nil })
}

// refuseAll proves that no safety fault of netns.tla can be proved.
func refuseAll(ctx context.Context, o options, spec *sany.Spec, solver *Solver, out io.Writer) error {
	names, err := tlc.ListCfgs(o.spec)
	if err != nil {
		return err
	}
	accepted, refused := 0, 0
	for _, name := range names {
		fault, isFault := strings.CutSuffix(name, ".cfg")
		if !strings.HasPrefix(name, "MCnetnsBug") || !isFault {
			continue
		}
		start := time.Now()
		verdict, err := refuse(ctx, o, spec, solver, fault)
		if err != nil {
			return fmt.Errorf("%s: %w", fault, err)
		}
		if verdict == "" {
			continue // about liveness
		}
		if strings.HasPrefix(verdict, "ACCEPTED") {
			accepted++
		} else {
			refused++
		}
		fmt.Fprintf(out, "%-40s %6.1f s  %s\n", fault, time.Since(start).Seconds(), verdict)
	}
	fmt.Fprintf(out, "%d refused, %d accepted\n", refused, accepted)
	if accepted > 0 || refused == 0 {
		return fmt.Errorf("%d faults are not refused", accepted)
	}
	return nil
}

// refuse looks for the first question that has a counterexample with the fault.
func refuse(ctx context.Context, o options, spec *sany.Spec, solver *Solver, fault string) (string, error) {
	cfg, err := tlc.ReadCfg(o.spec, fault+".cfg")
	if err != nil {
		return "", err
	}
	if strings.Contains(cfg.Text(), "Fairness") || strings.Contains(cfg.Text(), "FairSpec") {
		return "", nil
	}
	m, err := machine(o, spec, fault)
	if err != nil {
		return "", err
	}
	touched := m.Touched()
	p, err := NewPlan(m, netns, "")
	if err != nil {
		return "refused: " + err.Error(), nil
	}
	p.Close(m)
	for _, kind := range []Kind{Initiation, Consecution, Obligation} {
		for _, b := range p.Batches {
			b.Queries = slices.DeleteFunc(slices.Clone(b.Queries), func(q Query) bool {
				return q.Kind != kind || kind == Consecution && !touched[strings.Split(q.Action, "/")[0]]
			})
			if len(b.Queries) == 0 {
				continue
			}
			all := b.Queries[0]
			for _, q := range b.Queries[1:] {
				all.Goal = tla.Not(tla.And(tla.Not(all.Goal), tla.Not(q.Goal)))
			}
			if ok, _, err := solver.example(ctx, b, all, small); err != nil {
				return "", err
			} else if !ok {
				continue
			}
			for _, q := range b.Queries {
				ok, text, err := solver.example(ctx, b, q, small)
				if err != nil || ok {
					return "refused: " + q.Name() + "\n" + text, err
				}
			}
		}
	}
	return "ACCEPTED within small universes", nil
}
