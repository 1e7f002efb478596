// SPDX-License-Identifier: MIT

package wire

import (
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"example.com/pernet/model"
)

// Run is the op of a program.
const Run = "run"

// Setup is the client of a program's set-up.
const Setup = -2

// A Program is a line run: calls that clients make at the same time.
type Program struct {
	ID       string   // an integer; "" if there is none
	Setup    []Step   // made first, one after the other
	Clients  [][]Step // the calls of each client, in their order
	Pause    int64    // of each callback in microseconds; 1: it yields
	Deadline int64    // in milliseconds
	Schedule []Turn   // nil: the clients run as they like
}

// A Turn is one entry of a schedule: the client goes from the point before that step to its next
// point. The client is Worker for the worker.
type Turn struct {
	Client int64
	Step   string // of docs/correspondence.md
}

// A Step is a call of a program, or in the set-up a fail or fail_alloc.
type Step struct {
	Line
	If int // the earlier step of the client that must have succeeded; -1: none
}

// An End is the last line of the answer to a program.
type End struct {
	ID         string
	Operations int64   // lines before this one; or Uncounted
	Err        string  // "", or the name of an errno: ETIMEDOUT if calls had not returned at the deadline
	At         *Misfit // if Err is NoStep
}

// Uncounted are the Operations of an end that does not count them.
const Uncounted = -1

// A Misfit is the entry of a schedule that does not fit.
type Misfit struct {
	Index int64 // of the entry, from 0
	Turn
	Found string // the step that the client is before; "": it has none. If it is Turn.Step, the client waits there
}

// RunProgram returns the program that o holds. An error is an *Error.
func RunProgram(o *Object) (Program, error) {
	p := Program{ID: readID(o), Deadline: 10_000}
	if op := o.Op(); op != Run {
		o.Fail("op %q is not run", op)
	}
	p.Setup = steps(o, "setup", o.array("setup"), true)
	for _, client := range o.array("clients") {
		if client.Kind() != '[' {
			o.Fail("field %q must be an array of arrays", "clients")
		}
		p.Clients = append(p.Clients, steps(o, "clients", array(client), false))
	}
	for name, to := range map[string]*int64{"pause": &p.Pause, "deadline": &p.Deadline} {
		if o.Has(name) {
			if *to = o.integer(name); *to < 0 {
				o.Fail("field %q must not be negative", name)
			}
		}
	}
	if o.Has("schedule") && o.value("schedule").Kind() != 'n' {
		p.readSchedule(o)
	}
	return p, o.Done()
}

func (p *Program) readSchedule(o *Object) {
	p.Schedule = []Turn{}
	for i, v := range o.array("schedule") {
		var t Turn
		entry := array(v)
		good := len(entry) == 2 && entry[0].Kind() == '0' && entry[1].Kind() == '"'
		if good {
			n, err := strconv.Atoi(string(entry[0]))
			good = err == nil && n >= Worker && n < len(p.Clients)
			t = Turn{int64(n), unquote(entry[1])}
		}
		if !good {
			o.Fail(`field "schedule", entry %d: must be the number of a client, -1 for the worker, and the name of a step`, i)
		}
		p.Schedule = append(p.Schedule, t)
	}
	for _, client := range p.Clients {
		for n := range client {
			if client[n].Op == State {
				o.Fail(`field "clients", step %d: a state has no steps, so a run with a schedule has none`, n)
			}
		}
	}
}

// array returns the elements of a field; none if it is absent or no array.
func (o *Object) array(name string) []jsontext.Value {
	if !o.Has(name) && name == "setup" {
		return nil
	}
	v := o.value(name)
	if v.Kind() != '[' {
		o.Fail("field %q must be an array", name)
	}
	return array(v)
}

func array(v jsontext.Value) (list []jsontext.Value) {
	json.Unmarshal(v, &list) // it is valid; what is no array has no elements
	return list
}

// steps reads the steps of a field.
func steps(o *Object, field string, list []jsontext.Value, setup bool) (all []Step) {
	in := NewReader(nil, o.r.name)
	for i, v := range list {
		inner, err := in.Parse(v)
		s := Step{If: -1}
		if err == nil {
			s, err = readStep(inner, setup, i)
		}
		if err != nil {
			o.Fail("field %q, step %d: %s", field, i, err.(*Error).Msg)
		}
		all = append(all, s)
	}
	return all
}

// readStep reads step i of a client, or of the set-up.
func readStep(o *Object, setup bool, i int) (s Step, err error) {
	s.If = -1
	if o.Has("if") {
		if s.If = int(o.integer("if")); s.If < 0 || s.If >= i {
			o.Fail(`field "if" must be the index of an earlier step`)
		}
	}
	op := o.Op()
	switch call := model.CallOf(op); {
	case op == State:
		s.Line = Line{Op: State, ID: readID(o)}
		return s, o.Done()
	case setup && (op == Fail || op == FailAlloc):
	case call == nil:
		o.Fail("op %q is no call", op)
	}
	if s.Line, err = Scenario(o); s.Defers {
		o.Fail(`"defer" is of scenarios: a program has no deferred callbacks`)
		err = o.Err()
	}
	return s, err
}

// Append appends the program as a line, newline included.
func (p *Program) Append(b []byte) []byte {
	b = appendRun(b, p.ID)
	b = appendSteps(append(b, `,"setup":`...), p.Setup)
	b = append(b, `,"clients":[`...)
	for i, client := range p.Clients {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendSteps(b, client)
	}
	b = strconv.AppendInt(append(b, `],"pause":`...), p.Pause, 10)
	b = strconv.AppendInt(append(b, `,"deadline":`...), p.Deadline, 10)
	if p.Schedule != nil {
		b = append(b, `,"schedule":[`...)
		for i, t := range p.Schedule {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(AppendString(append(strconv.AppendInt(append(b, '['), t.Client, 10), ','), t.Step), ']')
		}
		b = append(b, ']')
	}
	return append(b, "}\n"...)
}

func appendSteps(b []byte, steps []Step) []byte {
	b = append(b, '[')
	for i := range steps {
		if i > 0 {
			b = append(b, ',')
		}
		b = steps[i].AppendScenario(b)
		b = b[:len(b)-len("}\n")]
		if steps[i].If >= 0 {
			b = strconv.AppendInt(append(b, `,"if":`...), int64(steps[i].If), 10)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

// RunAnswer returns what a line of the answer to a program holds: an operation, or else the end.
// An error is an *Error.
func RunAnswer(o *Object) (Line, *End, error) {
	if o.Has("client") || o.Has("call") {
		l, err := Operation(o)
		return l, nil, err
	}
	e := &End{ID: readID(o)}
	if op := o.Op(); op != Run {
		o.Fail("an operation of a history with its client, or the end of the run, must follow; op is %q", op)
	}
	e.Operations, e.Err = o.integer("operations"), o.text("err")
	if e.Err != "" && !errnoName.MatchString(e.Err) {
		o.Fail(`field "err" must be "", or the name of an errno such as "ETIMEDOUT"`)
	}
	if e.Err == NoStep {
		e.At = readMisfit(o)
	}
	return Line{}, e, o.Done()
}

// NoStep is the Err of a run whose schedule does not fit.
const NoStep = "ENOSTEP"

func readMisfit(o *Object) *Misfit {
	m := new(Misfit)
	at, err := NewReader(nil, o.r.name).Parse(o.value("at"))
	if err == nil {
		m.Index, m.Client, m.Step = at.integer("index"), at.integer("client"), at.text("wanted")
		if at.value("found").Kind() != 'n' {
			m.Found = at.text("found")
		}
		err = at.Done()
	}
	if err != nil {
		o.Fail("field %q: %s", "at", err.(*Error).Msg)
	}
	return m
}

// Append appends the end as a line, newline included.
func (e *End) Append(b []byte) []byte {
	if b = appendRun(b, e.ID); e.Operations != Uncounted {
		b = strconv.AppendInt(append(b, `,"operations":`...), e.Operations, 10)
	}
	b = AppendString(append(b, `,"err":`...), e.Err)
	if e.At != nil {
		b = e.At.append(append(b, `,"at":`...))
	}
	return append(b, "}\n"...)
}

func (m *Misfit) append(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"index":`...), m.Index, 10)
	b = strconv.AppendInt(append(b, `,"client":`...), m.Client, 10)
	b = AppendString(append(b, `,"wanted":`...), m.Step)
	if b = append(b, `,"found":`...); m.Found == "" {
		return append(b, "null}"...)
	}
	return append(AppendString(b, m.Found), '}')
}

func appendRun(b []byte, id string) []byte {
	l := Line{Op: Run, ID: id}
	return l.appendFields(append(b, '{'), []string{"op", "id"})
}
