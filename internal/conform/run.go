// SPDX-License-Identifier: MIT

package conform

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/pernet/internal/coverage"
	"example.com/pernet/internal/lin"
	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/replay"
	"example.com/pernet/internal/vectors"
	"example.com/pernet/model"
)

// The levels, each with what it proves less than the next.
const (
	Sequential = "sequential"
	Concurrent = "concurrent"
	Scheduled  = "scheduled"
)

// Levels are all levels, in their order.
var Levels = []string{Sequential, Concurrent, Scheduled}

// A Config says what to run.
type Config struct {
	Command    []string
	Discipline model.Discipline
	Sets       []*vectors.Set                 // of that discipline
	Read       func() ([]*vectors.Set, error) // if not nil, reads Sets, once the adapter has answered hello
	Level      string                         // the highest to run; "" is all that the adapter claims
	Only       []string                       // ids, and beginnings of ids that end in a slash; none is all
	Seed       uint64                         // of the programs
	Runs       int                            // how many programs
	Timeout    time.Duration                  // for an answer
	Require    bool                           // that the run meets what a good run meets
	Show       func(*Case)                    // if not nil, is given each case to be shown, as soon as it has its verdict
}

// A Report says what came of it.
type Report struct {
	Name     string   `json:"name"` // of the port, as it calls itself
	Language string   `json:"language"`
	Claims   []string `json:"claims"`    // features
	Works    []string `json:"works"`     // features that it does not claim, and that worked where they were tried
	NotTried []string `json:"not_tried"` // features that it does not claim, and that were not tried
	Groups   []*Group `json:"groups"`
	Overlap  float64  `json:"overlap"` // how many calls of others each call of the programs met

	Operations int `json:"operations"` // of the programs

	Coverage []coverage.Item `json:"coverage,omitempty"` // of the vectors that passed, and of the programs
	NotMet   []string        `json:"not_met,omitempty"`  // what a good run meets, and this one has not
	Good     int             `json:"-"`                  // how many a good run meets

	Trouble string `json:"trouble,omitempty"`
	Verdict string `json:"verdict"` // the last line of the text
	Status  int    `json:"status"`  // the exit status
}

// The exit statuses.
const (
	statusConforms  = 0
	statusNot       = 1
	statusProtocol  = 2
	statusUndecided = 3
	statusDied      = 4
)

// run is a run of the kit.
type run struct {
	Config
	ctx     context.Context
	session *session // nil if the adapter does not run
	graphs  map[*vectors.Set]*vectors.Graph
	met     lin.Met // by the programs
	report  *Report
}

// Run drives the adapter. An error says that it could not be started, or that ctx has ended; then there is a report of
// what was done before, if anything was.
func Run(ctx context.Context, c Config) (*Report, error) {
	r := &run{Config: c, ctx: ctx, graphs: map[*vectors.Set]*vectors.Graph{}, report: &Report{Claims: []string{}, Works: []string{}, NotTried: []string{}}}
	defer r.drop()
	err := r.all()
	if f, other := troubled(err); f != nil { // no hello: nothing can be run
		r.report.Trouble, err = f.trouble.Error(), nil
		c := &Case{ID: "hello", Why: "The adapter answers a hello of version 1.", Verdict: f.verdict, Details: f.trouble.Error()}
		r.report.Groups = append(r.report.Groups, &Group{Name: "hello", Level: Sequential, Cases: []*Case{c}})
		r.show(c)
	} else if err = other; err != nil {
		if ctx.Err() == nil {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		return r.report.interrupted(), context.Cause(ctx)
	}
	r.report.Coverage = coverage.Of(&r.met, c.Discipline)
	r.report.conclude(c)
	return r.report, nil
}

// show shows a case that has its verdict, unless it passed or was skipped.
func (r *run) show(c *Case) {
	if r.Show != nil && c.shown() {
		r.Show(c)
	}
}

func (r *run) all() error {
	if err := r.ready(); err != nil {
		return err
	}
	port := &r.session.port
	r.report.Claims, r.report.Name, r.report.Language = append([]string{}, port.Features...), port.Name, port.Language
	if r.Read != nil {
		sets, err := r.Read()
		if err != nil {
			return err
		}
		r.Sets = sets
	}
	if err := r.sequential(); err != nil {
		return err
	}
	if r.does(Concurrent, replay.FeatureRun) {
		if err := r.concurrent(); err != nil {
			return err
		}
	}
	if r.does(Scheduled, replay.FeatureSteps) {
		if err := r.scheduled(); err != nil {
			return err
		}
	}
	if len(r.Only) == 0 {
		if err := r.unclaimed(); err != nil {
			return err
		}
	}
	return r.end()
}

// does reports whether the level is to be run: it is asked for, or else the adapter claims its feature. Where cases are
// asked for one by one, those that it does not claim are skipped by name.
func (r *run) does(level, feature string) bool {
	if r.Level == "" {
		return len(r.Only) > 0 || r.lacks(feature) == ""
	}
	return slices.Index(Levels, r.Level) >= slices.Index(Levels, level)
}

// endID is the id of the last case.
const endID = "end"

// end sees the adapter end well. Where cases are asked for one by one, it is in the report only if it is one of them or fails.
func (r *run) end() error {
	if err := r.ready(); err != nil {
		return err
	}
	c := &Case{ID: endID, Why: "At the end of its input the adapter ends with status 0, and answers no more.", Verdict: Passed}
	if t := r.session.stop(); t != nil {
		c.Verdict, c.Details = t.Verdict, t.Error()
	}
	if r.session = nil; c.Verdict == Passed && !r.wants(c.ID) {
		return nil
	}
	r.report.Groups = append(r.report.Groups, &Group{Name: "end", Level: Sequential, Cases: []*Case{c}})
	r.show(c)
	return nil
}

// wants reports whether the case of that id is to be run.
func (c *Config) wants(id string) bool { return vectors.Asked(c.Only, id) }

// Known returns an error that names the first entry of Only that is of no case.
func (c *Config) Known() error {
	for _, only := range c.Only {
		known := only == endID || slices.ContainsFunc(c.Sets, func(set *vectors.Set) bool {
			return slices.ContainsFunc(set.Vectors, func(v vectors.Vector) bool { return vectors.Asked([]string{only}, v.ID) })
		})
		for n := 0; n < c.Runs && !known; n++ {
			known = vectors.Asked([]string{only}, programID(n))
		}
		if !known {
			return fmt.Errorf("--only %s: with the discipline %s there is no case of that id; --list lists those of the vectors, and those of the programs are %s to %s; the last case is end", only, c.Discipline, programID(0), programID(c.Runs-1))
		}
	}
	return nil
}

// interrupted leaves out the case that was under way, and says so. It returns nil if no case has ended.
func (r *Report) interrupted() *Report {
	if len(r.Groups) > 0 {
		last := r.Groups[len(r.Groups)-1]
		last.Cases = last.Cases[:len(last.Cases)-1]
	}
	ended := 0
	for _, g := range r.Groups {
		ended += len(g.Cases)
	}
	if r.Operations, r.Verdict = 0, fmt.Sprintf("interrupted after %d cases: this is no verdict", ended); ended == 0 {
		return nil
	}
	return r
}

// conclude sets the verdict and the exit status.
func (r *Report) conclude(c Config) {
	counts, ran, all := map[Verdict]int{}, 0, 0
	failed, decided, levels := map[string]bool{}, map[string]bool{}, []string{}
	for _, g := range r.Groups {
		all += len(g.Cases)
		for _, c := range g.Cases {
			counts[c.Verdict]++
			failed[g.Level] = failed[g.Level] || c.Verdict.Failed()
		}
		if n := len(g.Cases) - g.Count(Skipped); n > 0 && (g.Name != endID || slices.Contains(c.Only, endID)) {
			ran += n
			decided[g.Level] = true
		}
	}
	for _, level := range Levels {
		if decided[level] && !failed[level] {
			levels = append(levels, level)
		}
	}
	var unclaimed []string
	for _, f := range replay.Claims() {
		if r.Trouble == "" && !slices.Contains(r.Claims, f) { // else nothing was claimed, for nothing was read
			unclaimed = append(unclaimed, f)
		}
	}
	switch {
	case counts[Protocol] > 0:
		r.Status = statusProtocol
	case counts[Crashed]+counts[Hung] > 0:
		r.Status = statusDied
	case counts[Wrong]+counts[Unsupported] > 0:
		r.Status = statusNot
	case counts[Undecided] > 0 || ran == 0:
		r.Status = statusUndecided
	}
	switch r.Status {
	case statusConforms:
		r.Verdict = "conforms: " + strings.Join(levels, ", ")
		if len(c.Only) > 0 {
			r.Verdict = fmt.Sprintf("passed: the %s asked for", plural.Of(ran, "case that was", "cases that were"))
			if ran < all {
				r.Verdict = fmt.Sprintf("passed: %d of the %d cases that were asked for, the others skipped", ran, all)
			}
		}
	case statusUndecided:
		r.Verdict = fmt.Sprintf("undecided: %d passed, %d undecided", counts[Passed], counts[Undecided])
		if ran == 0 {
			r.Verdict = fmt.Sprintf("undecided: no case was run, %d skipped", counts[Skipped])
		}
	default:
		r.Verdict = "does not conform: " + plain(counts)
	}
	if r.Operations > 0 { // vectors alone meet few situations
		r.NotMet, r.Good = coverage.Missing(r.Coverage, func(f string) bool { return slices.Contains(r.Claims, f) })
	}
	switch {
	case !c.Require || r.Status != statusConforms:
	case r.Operations == 0:
		r.Status, r.Verdict = statusUndecided, "undecided: --require asks what programs meet, and none has run"
	case len(r.NotMet) > 0:
		r.Status = statusNot
		r.Verdict = "not met, which --require asks for: " + strings.Join(r.NotMet, "; ")
	}
	if len(unclaimed) > 0 {
		r.Verdict += "; not claimed: " + strings.Join(unclaimed, ", ")
	}
}

// plain lists the counts of failures.
func plain(counts map[Verdict]int) string {
	var all []string
	for _, v := range failures {
		if counts[v] > 0 {
			all = append(all, fmt.Sprintf("%d %s", counts[v], v))
		}
	}
	return strings.Join(all, ", ")
}
