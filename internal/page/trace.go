// SPDX-License-Identifier: MIT

// Package page makes pictures: of one schedule, or of one counterexample of
// TLC's, a page that steps through it, one file that needs no network; of the
// state graph of a small instance a text in the language of Graphviz.
package page

import (
	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/sched"
)

// A Trace is what a page shows: states, each but the first with the step that
// led to it. FromSchedule and FromTLC make one.
type Trace struct {
	Title    string
	About    []string // lines under the title
	Schedule string   // empty if it is none of the code's
	Command  string   // makes this page again, or replays the schedule
	Problem  string   // what is wrong at its end, in one line: "The invariant SubsysBeforeDevices is violated."; empty if nothing is
	Unit     string   // what the numbers count: "Step" or "State"
	First    int      // number of the initial state
	Steps    []Step   // the first is the initial state

	Loops      bool // the last step leads back to step Back, for ever
	Back       int
	BackAction string // the action that leads back
	Stutters   bool   // after the last step nothing happens any more, for ever
}

// Number returns the number of a step, as the page counts.
func (t Trace) Number(i int) int { return t.First + i }

// A Step is a step and the state after it.
type Step struct {
	Actor  string // who took it; "" where the states do not show it, and in the initial state
	Action string // of the spec
	Note   string // what else there is to say of the action
	Row    string // id of the row of the correspondence table; "" if it has none
	Words  string // the step in words
	Spec   string // the action, as the table has it
	Code   string // the Go function, as the table has it

	State   State
	Threads []Place
	Changes []Change
}

// A State is a state as far as it can be drawn, and the rest as text.
type State struct {
	View
	Drawn     bool // the lists, kinds and nets are there
	Algorithm bool // locks, threads, work queue, deferred callbacks and balance too
	Vars      []Var
}

// A Var is a variable that is shown as it is printed.
type Var struct{ Name, Value string }

// A Place is the step that a thread takes next.
type Place struct {
	Name, At        string
	Row, C, Spec    string
	Code            string
	Locals          []Var
	Holds, WaitsFor []string
}

// FromSchedule makes the trace of a schedule from what explore.Trace returned
// for it. The command is the one that replays it.
func FromSchedule[S comparable](in Instance[S], schedule sched.Schedule, start S, steps []explore.TraceStep[S], command string) Trace {
	t := Trace{
		Title:    "A schedule, step by step",
		Unit:     "Step",
		Schedule: schedule.String(),
		Command:  command,
		Steps:    []Step{{State: drawn(in, start)}},
	}
	for _, s := range steps {
		t.Steps = append(t.Steps, Step{Actor: in.Actor(s.Choice.Thread), Action: s.Label, State: drawn(in, s.State)})
	}
	t.finish(in.Actor(worker))
	return t
}

// worker is the worker in a schedule.
const worker = "W"

// finish fills in what follows from actors, actions and states.
func (t *Trace) finish(worker string) {
	for i := range t.Steps {
		s := &t.Steps[i]
		s.Threads = places(s.State, worker)
		if i == 0 {
			s.Words = "The initial state."
			continue
		}
		before := &t.Steps[i-1].State
		s.Changes = changes(before, &s.State)
		s.explain(before)
	}
}
