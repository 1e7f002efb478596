// SPDX-License-Identifier: MIT

// Under the scheduler one thread runs at a time, so there are no races to detect.

//go:build !race

package users

import (
	"fmt"
	"strings"
	"testing"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/sched"
)

// A world is one run under the scheduler: a registry, a table and a keeper, with
// a thread for each client, for the worker and for each deferred callback.
type world struct {
	rig
	s       sched.Scheduler
	seen    *seen
	spawned int
	problem string
}

// seen counts refused calls and uses of nets in all runs.
type seen struct{ enter, find, keep, use int }

// A program is the calls before the start and those of each client, as words:
// "enter a", "find a", "keep a", "put a" of the nets a and b.
type program struct {
	before  string
	clients []string
}

func newWorld(t *testing.T, d impl.Discipline, p program, met *seen) *world {
	w := &world{rig: rig{is: d}, seen: met}
	w.start(t, hook.Hooks{
		Go: func(name string, f func()) {
			w.spawned++
			w.s.Go(fmt.Sprint(name, w.spawned), f)
		},
		Point: w.point,
	})
	w.table.watch, w.keeper.watch = w.point, w.point
	w.make(t, "a")
	w.make(t, "b")
	w.calls(p.before)
	for i, calls := range p.clients {
		w.s.Go(fmt.Sprint("T", i+1), func() { w.calls(calls) })
	}
	return w
}

// point is a yield point. The invariants of the table are checked there.
func (w *world) point(p hook.Point) {
	if w.s.Current() == "" || w.probing { // before the run, or a call of the test itself
		return
	}
	w.look()
	w.s.Point(p)
	w.look()
}

func (w *world) fail(format string, args ...any) {
	if w.problem == "" {
		w.problem = fmt.Sprintf(format, args...)
	}
}

func (w *world) look() {
	if problem := w.wrong(); problem != "" {
		w.fail("%s", problem)
	}
}

// calls makes the calls of a client, one after the other.
func (w *world) calls(text string) {
	for call := range strings.SplitSeq(text, ", ") {
		verb, name, _ := strings.Cut(call, " ")
		n := w.nets[name]
		switch verb {
		case "enter":
			if _, err := w.table.Enter(n); err != nil { // too late
				w.seen.enter++
			}
		case "find":
			w.find(name)
		case "keep":
			if err := w.keeper.Keep(n, w.use); err != nil {
				w.seen.keep++
			}
		case "put":
			if err := n.Put(); err != nil {
				w.fail("put %s: %v", name, err)
			}
			w.put[name] = true
		}
	}
}

// find looks the net up by the first id that it got, and uses it.
func (w *world) find(name string) {
	n, err := w.table.Find(ID(name[0] - 'a' + 1))
	if err != nil {
		w.seen.find++
		return
	}
	w.use(n)
	w.point(hook.Point{Name: "Use"})
	w.use(n)
	if err := n.Put(); err != nil {
		w.fail("%s was found and used; put: %v", name, err)
	}
}

// use checks a net that is kept: KeptIsAlive of the spec.
func (w *world) use(n *impl.Net) {
	w.seen.use++
	if w.freed(n) {
		w.fail("%s is used, and it is freed", n)
	}
}

// TestInterleavings takes every schedule of small programs.
func TestInterleavings(t *testing.T) { both(t, interleavings) }

func interleavings(t *testing.T, d impl.Discipline) {
	var met seen
	for _, p := range []program{
		{"", []string{"enter a", "put a"}},
		{"enter a", []string{"find a", "put a"}},
		{"", []string{"keep a", "put a"}},
		{"keep a", []string{"keep a", "put a"}},
		{"enter a", []string{"enter a, find a", "put a"}},
		{"enter a, put a", []string{"find a", "enter a"}},
		{"enter a, put a", []string{"keep a", "enter a"}},
		{"put a", []string{"keep a", "keep b"}},
		{"enter a, put a", []string{"enter b, find b"}},
		{"enter a, enter b, put a", []string{"put b, find b"}}, // since 4.17 one round may take both
		{"", []string{"enter a", "enter a, find a"}},
		{"", []string{"enter a", "enter b", "enter b"}},
		{"", []string{"enter a", "enter b", "enter a, find b"}},
	} {
		everySchedule(t, d, p, &met)
	}
	if t.Logf("%+v", met); met.enter == 0 || met.find == 0 || met.keep == 0 || met.use == 0 {
		t.Error("not all calls were refused in some run, and nets used in some")
	}
}

func everySchedule(t *testing.T, d impl.Discipline, p program, met *seen) {
	t.Helper()
	schedules := 0
	for decide := range sched.Every() {
		schedules++
		w := newWorld(t, d, p, met)
		done, err := w.s.Run(decide, 1000)
		if err != nil {
			t.Fatalf("%q: after %s: %v", p, done, err)
		}
		if w.ended(); w.problem != "" {
			t.Fatalf("%q: after %s: %s", p, done, w.problem)
		}
	}
	t.Logf("%q: %d schedules", p, schedules)
}

// ended checks a world in which every thread has ended or is blocked.
func (w *world) ended() {
	w.look()
	for name, n := range w.nets {
		if w.freed(n) != w.put[name] {
			w.fail("all is over; %s is put: %v, freed: %v", name, w.put[name], w.freed(n))
		}
	}
}
