// SPDX-License-Identifier: MIT

// Package page draws. For a schedule or a counterexample of TLC it makes a page that steps
// through it: one HTML file that loads nothing else. For the state graph of a small
// instance it writes a Graphviz file.
package page

import (
	_ "embed"
	"html/template"
	"io"
	"strings"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/sched"
)

// A Trace is what a page shows: states, each except the first with the step that led to it.
type Trace struct {
	Title    string
	About    []string // lines under the title
	Schedule string   // empty for a counterexample of TLC
	Command  string   // the command that makes this page, or replays the schedule
	Problem  string   // what is wrong at the end, in one line: "The invariant SubsysBeforeDevices is violated."; else empty
	Unit     string   // what the numbers count: "Step" or "State"
	First    int      // number of the initial state
	Steps    []Step   // the first is the initial state

	Loops      bool // the last step leads back to step Back, forever
	Back       int
	BackAction string // the action that leads back
	Stutters   bool   // nothing happens after the last step
}

// Number returns the number of a step on the page.
func (t Trace) Number(i int) int { return t.First + i }

// A Step is a step and the state after it.
type Step struct {
	Actor  string // the thread that took it; "" if the states do not show it, and for the initial state
	Action string // of the spec
	Note   string // a remark on the action
	Row    string // id of the row of the correspondence table; "" if it has none
	Words  string // the step in words
	Spec   string // the action, as the table has it
	Code   string // the Go function, as the table has it

	State   State
	Threads []Place
	Changes []Change
}

// A State is a state: the part that can be drawn, and the rest as text.
type State struct {
	View
	Drawn     bool // it has the lists, kinds and nets
	Algorithm bool // and the locks, threads, lists for the worker, deferred callbacks and balance
	Vars      []Var

	sketch *explore.Sketch
}

// A Var is a variable that is shown as text.
type Var struct{ Name, Value string }

// A Place is the step that a thread takes next.
type Place struct {
	Name, At        string
	Row, C, Spec    string
	Code            string
	Locals          []Var
	Ran             []string
	Holds, WaitsFor []string
}

// FromSchedule makes the trace of a schedule from the results of explore.Trace. The
// command is the one that replays the schedule.
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
	t.finish()
	return t
}

// worker is the name of the worker in schedules.
const worker = "W"

// finish fills in the fields that follow from actors, actions and states.
func (t *Trace) finish() {
	for i := range t.Steps {
		s := &t.Steps[i]
		s.Threads = places(s.State)
		if i == 0 {
			s.Words = "The initial state."
			continue
		}
		before := &t.Steps[i-1].State
		s.Changes = changes(before, &s.State)
		s.explain(before)
	}
}

// A View is a state as a page draws it, with the names of its instance; "" means none.
type View struct {
	Ops      []OpsView
	List     []string // pernet_list
	First    string   // first_device; "" is the list head
	Locks    []Lock
	Nets     []NetView
	Use      string       // what a NetView's Use is called
	NetList  []string     // net_namespace_list
	Lists    []List       // of nets, for the worker
	Deferred []string     // "O_1 on N_2"
	Threads  []ThreadView // the clients, then the worker
}

// An OpsView is an ops: its kind, and for each net the number of inits minus exits.
type OpsView struct {
	Name, Kind string
	Balance    []int
}

// A Lock is a lock: its name in C, the variable of the spec, the threads that hold it, and those
// that wait for it, in their order if it is a queue.
type Lock struct {
	Name, Variable string
	Holders        []string
	Mode           string // how they hold it: "to read", "to write" or ""
	Waiting        []Waiter
	Queue          bool
}

// A Waiter is a thread that waits for a lock, and how it will hold a lock with modes.
type Waiter struct{ Thread, Mode string }

func (w Waiter) String() string {
	if w.Mode == "" {
		return w.Thread
	}
	return w.Thread + " (" + w.Mode + ")"
}

// A List is a list of nets, with the variable of the spec.
type List struct {
	Variable, Name string
	Items          []string
}

// A NetView is the slot of a net.
type NetView struct {
	Name, Phase string
	Count, Use  int
}

// A ThreadView is the point of a thread, its live locals, the callbacks that its call has run, and
// the deferred callbacks and the readers that it waits for.
type ThreadView struct {
	Name, At, Kind, Ops, Net, Other, Err string
	Locals                               []Var
	Ran, Waits, Readers                  []string
}

// An Instance is a discipline that names the threads of its schedules.
type Instance[S comparable] interface {
	explore.Discipline[S]
	Actor(thread string) string
}

// drawn draws a state of the code.
func drawn[S comparable](in Instance[S], s S) State {
	d := drawer{vars: map[string]graph.Value{}, worker: in.Actor(worker)}
	var texts []Var
	for _, v := range in.Variables(&s) {
		d.vars[v.Name] = v.Value()
		texts = append(texts, Var{Name: v.Name, Value: v.Value().String()})
	}
	return d.draw(texts)
}

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string
)

var tmpl = template.Must(template.New("page").Funcs(template.FuncMap{
	"css":   func() template.CSS { return template.CSS(pageCSS) },
	"js":    func() template.JS { return template.JS(pageJS) },
	"code":  code,
	"lower": strings.ToLower,
	"last":  func(t Trace, i int) bool { return i == len(t.Steps)-1 },
}).Parse(pageHTML))

// Write writes the page of a trace: one HTML file that loads nothing else.
// Without JavaScript it is the list of the steps in words.
func Write(w io.Writer, t Trace) error { return tmpl.Execute(w, t) }

// A span is a part of a text in the table's manner, where `names` are ticked.
type span struct {
	Text string
	Code bool
}

func code(text string) (out []span) {
	for i, part := range strings.Split(text, "`") {
		if part != "" {
			out = append(out, span{part, i%2 == 1})
		}
	}
	return out
}
