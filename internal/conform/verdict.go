// SPDX-License-Identifier: MIT

package conform

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/pernet/internal/lin"
	"example.com/pernet/internal/vectors"
	"example.com/pernet/model"
)

// A Verdict is what a case ends in.
type Verdict string

const (
	Passed      Verdict = "passed"
	Skipped     Verdict = "skipped"     // it was not run: this is not passed
	Wrong       Verdict = "wrong"       // an answer is not the one that is due
	Unsupported Verdict = "unsupported" // ENOTSUP, though the adapter claims what the line needs
	Protocol    Verdict = "protocol"    // a line breaks the format
	Crashed     Verdict = "crashed"
	Hung        Verdict = "hung"
	Undecided   Verdict = "undecided"
)

// failures are the verdicts against the adapter.
var failures = []Verdict{Wrong, Unsupported, Protocol, Crashed, Hung}

// Failed reports whether the verdict is one against the adapter.
func (v Verdict) Failed() bool { return slices.Contains(failures, v) }

// A Case is one vector or one program, with its verdict.
type Case struct {
	ID       string        `json:"id"`
	Why      string        `json:"why"`
	Rows     []string      `json:"rows,omitempty"`
	Tags     []string      `json:"tags,omitempty"`
	Needs    []string      `json:"needs,omitempty"`
	Verdict  Verdict       `json:"verdict"`
	Reason   string        `json:"reason,omitempty"`   // why it was skipped or is undecided
	Details  string        `json:"details,omitempty"`  // what was sent, what came, what was due
	Scenario []string      `json:"scenario,omitempty"` // the lines that show the failure
	Shows    string        `json:"shows,omitempty"`    // what History is
	History  []string      `json:"history,omitempty"`
	Again    []string      `json:"again,omitempty"` // the commands that repeat it
	Picture  string        `json:"-"`               // of the history: an HTML page
	Replay   *vectors.Set  `json:"-"`               // what replays a failure by itself
	Refused  bool          `json:"-"`               // by pernet lin: the history
	Time     time.Duration `json:"-"`
}

// Hazards are the tags with their titles and pages.
func (c *Case) Hazards() (all []string) {
	for _, tag := range c.Tags {
		page := "docs/bugs.md"
		if strings.HasPrefix(tag, "H") {
			page = "docs/divergences.md"
		}
		all = append(all, fmt.Sprintf("%s (%s)", lin.Hazard(tag), page))
	}
	return all
}

// replay keeps a vector that replays the failed case by itself. A program that was made for the run is
// named by its seed too, so that it is not taken for one of another run.
func (c *Case) replay(d model.Discipline, seed uint64, v vectors.Vector) {
	v.ID, v.Why, v.Tags = c.ID, c.Why, c.Tags
	if rest, made := strings.CutPrefix(c.ID, Concurrent+"/"); made {
		v.ID = fmt.Sprintf("%s-%d/%s", Concurrent, seed, rest)
	}
	set, _, _ := strings.Cut(v.ID, "/")
	c.Replay = &vectors.Set{Head: vectors.Head{Version: vectors.Version, ID: set, Discipline: d}, Vectors: []vectors.Vector{v}}
}

// A Group is the cases of one set of vectors, or of one level.
type Group struct {
	Name  string  `json:"name"`
	Level string  `json:"level"`
	Cases []*Case `json:"cases"`
}

// Count returns how many cases have the verdict.
func (g *Group) Count(v Verdict) (n int) {
	for _, c := range g.Cases {
		if c.Verdict == v {
			n++
		}
	}
	return n
}

// hung returns how many cases hung.
func (r *Report) hung() (n int) {
	for _, g := range r.Groups {
		n += g.Count(Hung)
	}
	return n
}

// Failed returns how many cases have failed.
func (g *Group) Failed() (n int) {
	for _, v := range failures {
		n += g.Count(v)
	}
	return n
}
