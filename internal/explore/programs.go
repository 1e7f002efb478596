// SPDX-License-Identifier: MIT

package explore

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/sched"
)

// With returns the instance with fixed programs: before is called first, by
// nobody and to its end, but for the worker and deferred callbacks, which wait
// to be chosen; then each client makes the calls of one program, in order. There
// are as many clients as programs, whatever the instance had.
func (in Instance) With(before []Call, programs ...[]Call) (*Instance, error) {
	if len(programs) == 0 || len(programs) >= maxThreads {
		return nil, fmt.Errorf("%d programs, where 1 to %d clients can run", len(programs), maxThreads-1)
	}
	for _, p := range append([][]Call{before}, programs...) {
		for _, c := range p {
			if err := in.knows(c); err != nil {
				return nil, err
			}
		}
	}
	if slices.ContainsFunc(before, func(c Call) bool { return c.Op == "barrier" }) {
		return nil, errors.New("a barrier before the clients run would block for ever: deferred callbacks run when they are chosen")
	}
	in.Before, in.Programs, in.Arrive = before, programs, true
	threads := slices.Clone(in.Threads[:min(len(in.Threads), len(programs))])
	for i := len(threads); i < len(programs); i++ {
		threads = append(threads, fmt.Sprint("T_", i+1))
	}
	in.Threads = threads
	return &in, nil
}

// arrives reports whether the begin of the call is a step of its own.
func (w *world) arrives(c Call) bool {
	return w.in.Arrive && (c.Op == "list" || strings.Contains(c.Op, "register"))
}

// knows reports whether the call is about something that the instance has.
func (in *Instance) knows(c Call) error {
	limit, what := len(in.Nets), "nets"
	if strings.Contains(c.Op, "register") {
		limit, what = len(in.Ops), "ops"
	}
	if c.X < 0 || c.X >= limit {
		return fmt.Errorf("call %q: the instance has %d %s, counted from 0", c, limit, what)
	}
	return nil
}

// ParseCalls reads calls with commas between them, as FormatCalls prints them; "" is none.
func ParseCalls(text string) (calls []Call, err error) {
	if text == "" {
		return nil, nil
	}
	for word := range strings.SplitSeq(text, ",") {
		c, err := ParseCall(word)
		if err != nil {
			return nil, err
		}
		calls = append(calls, c)
	}
	return calls, nil
}

// FormatCalls prints calls with commas between them.
func FormatCalls(calls []Call) string {
	words := make([]string, len(calls))
	for i, c := range calls {
		words[i] = c.String()
	}
	return strings.Join(words, ",")
}

// ReplayLine is the command that takes the schedule again, for an instance that
// was read from the file cfg and given its programs.
func (in *Instance) ReplayLine(cfg string, s sched.Schedule) string {
	line := "pernet explore --replay '" + s.String() + "' --cfg " + cfg
	if len(in.Before) > 0 {
		line += " --before " + FormatCalls(in.Before)
	}
	for _, p := range in.Programs {
		line += " --program " + FormatCalls(p)
	}
	return line
}

// A Start is a state to begin from: its name, and the calls that lead there.
type Start struct {
	Name  string
	Calls string
}

// Starts are states that a registry can be found in, for an instance with a
// subsystem (ops 0), a device (ops 1) whose exit defers a callback, and three
// nets. The cleanup of a net that was put, and the deferred callback of an exit,
// wait to be chosen. So a start with a net put and held leads, among the rest, to every
// schedule that begins with that net kept.
var Starts = []Start{
	{"empty", ""},
	{"a subsystem", "register_subsys0"},
	{"a device", "register_device1"},
	{"a subsystem and a device", "register_subsys0,register_device1"},
	{"a second net", "copy0"},
	{"a device, then a second net", "register_device1,copy0"},
	{"a subsystem, a device and a second net", "register_subsys0,register_device1,copy0"},
	{"three nets, all slots in use", "copy0,copy0"},
	{"a net with two references", "copy0,get1"},
	{"a net in use", "register_subsys0,copy0,hold1"},
	{"a net that is put, its cleanup queued", "register_device1,copy0,put1"},
	{"two nets that are put, both queued", "copy0,copy0,put1,put2"},
	{"a net that is put and in use: it will be kept", "copy0,hold1,put1"},
	{"a deferred callback pending", "register_device1,unregister_device1"},
	{"a deferred callback and a cleanup pending", "register_device1,copy0,unregister_device1,put1"},
	{"a subsystem registered as a device", "register_device0,register_device1"},
}

// SingleCalls are the calls that pairs and triples are made of: each kind of
// call, on init_net and on another net where that differs.
var SingleCalls = []string{
	"register_subsys0", "register_device1", "unregister_subsys0", "unregister_device1",
	"copy0", "copy1", "share1", "get1", "put1", "hold1", "release1", "list", "barrier",
}

// Schedules returns how many schedules the programs of a graph have: the ways
// from its first state to one without an edge. It fails if the graph has a cycle,
// for then they have no end.
func Schedules(g *graph.Graph[State]) (float64, error) {
	ways := make([]float64, len(g.States))
	waiting := make([]int, len(g.States)) // edges into the state that are not counted yet
	for _, out := range g.Out {
		for _, e := range out {
			waiting[e.To]++
		}
	}
	ways[0] = 1
	total, seen := 0.0, 0
	for todo := []int32{0}; len(todo) > 0; {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		seen++
		if len(g.Out[s]) == 0 {
			total += ways[s]
		}
		for _, e := range g.Out[s] {
			ways[e.To] += ways[s]
			if waiting[e.To]--; waiting[e.To] == 0 {
				todo = append(todo, e.To)
			}
		}
	}
	if seen != len(g.States) {
		return 0, fmt.Errorf("the graph has a cycle: %d of %d states are before it", seen, len(g.States))
	}
	return total, nil
}
