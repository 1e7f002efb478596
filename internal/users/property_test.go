// SPDX-License-Identifier: MIT

package users

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
	"pgregory.net/rapid"
)

// A machine makes the calls of several clients on table and keeper and on a plain
// model beside them. One goroutine drives all: the worker is stepped by hand, deferred
// callbacks run when the test says so, and calls come also between the steps of a cleanup.
type machine struct {
	rig
	t       *rapid.T
	all     []*impl.Net
	owned   map[*impl.Net]bool
	found   []*impl.Net       // by clients that have not put them yet
	pending []callback        // deferred, and not run yet
	count   map[*impl.Net]int // of the model
	ids     map[*impl.Net]ID
	last    ID
	inside  int // a cleanup: how many calls come before its next steps
}

// A callback is one that Keep deferred.
type callback struct {
	net *impl.Net
	run func()
}

// TestProperty compares every answer and the contents of the table with the model.
func TestProperty(t *testing.T) { both(t, property) }

func property(t *testing.T, d impl.Discipline) {
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{rig: rig{is: d}, t: t, owned: map[*impl.Net]bool{}, count: map[*impl.Net]int{}, ids: map[*impl.Net]ID{}}
		m.left = func(n *impl.Net) { delete(m.ids, n) }
		m.start(t, hook.Hooks{Stepped: true, Point: m.point, Go: m.spawn})
		m.copy(t)
		m.copy(t)
		actions := map[string]func(*rapid.T){
			"":            m.check,
			"Copy":        m.copy,
			"DeferredRun": func(*rapid.T) { m.run(1) },
			"Cleanup":     m.cleanup,
		}
		for _, verb := range verbs {
			actions[verb] = func(t *rapid.T) { m.call(t, verb) }
		}
		t.Repeat(actions)
		m.drain()
	})
}

// copy makes a net; a few are enough.
func (m *machine) copy(t *rapid.T) {
	if len(m.owned) == 4 {
		t.Skip("enough nets")
	}
	n := m.make(t, fmt.Sprint("n", len(m.all)))
	m.all, m.owned[n], m.count[n] = append(m.all, n), true, 1
}

// verbs are the calls of clients.
var verbs = []string{"Enter", "Find", "Keep", "Put", "OwnerPut"}

// call makes one call of some client.
func (m *machine) call(t *rapid.T, verb string) {
	n := rapid.SampledFrom(m.all).Draw(t, "net")
	switch verb {
	case "Enter":
		m.enter(n)
	case "Find":
		m.find(ID(rapid.IntRange(0, int(m.last)+1).Draw(t, "id")))
	case "Keep":
		m.keep(n)
	case "Put":
		if len(m.found) > 0 {
			m.give(m.found[0])
			m.found = m.found[1:]
		}
	case "OwnerPut":
		if m.owned[n] {
			delete(m.owned, n)
			m.give(n)
		}
	}
}

// answer compares an error with the one that a call on a net of that count must return.
func (m *machine) answer(call string, err error, count int) {
	if want := count == 0; errors.Is(err, impl.ErrNotFound) != want || !want && err != nil {
		m.t.Fatalf("%s: %v, but the count is %d", call, err, count)
	}
}

func (m *machine) enter(n *impl.Net) {
	id, err := m.table.Enter(n)
	m.answer("Enter "+n.Name(), err, m.count[n])
	if err == nil && m.ids[n] == 0 {
		m.last++
		m.ids[n] = m.last
	}
	if err == nil && id != m.ids[n] {
		m.t.Fatalf("Enter %s: id %d, want %d", n, id, m.ids[n])
	}
}

func (m *machine) find(id ID) {
	var want *impl.Net
	for n, has := range m.ids {
		if has == id {
			want = n
		}
	}
	n, err := m.table.Find(id)
	m.answer(fmt.Sprint("Find ", id), err, m.count[want])
	if err != nil {
		return
	}
	if n != want {
		m.t.Fatalf("Find %d: %s, want %s", id, n, want)
	}
	m.count[n]++
	m.found = append(m.found, n)
}

func (m *machine) keep(n *impl.Net) {
	before := len(m.pending)
	err := m.keeper.Keep(n, func(n *impl.Net) {
		if problem := m.unusable(n); problem != "" {
			m.t.Errorf("in a deferred callback %s", problem)
		}
	})
	m.answer("Keep "+n.Name(), err, m.count[n])
	if err == nil {
		m.count[n]++
		m.pending[before].net = n
	}
}

// spawn records a deferred callback; the worker has no goroutine.
func (m *machine) spawn(_ string, run func()) { m.pending = append(m.pending, callback{run: run}) }

// give puts a reference.
func (m *machine) give(n *impl.Net) {
	if err := n.Put(); err != nil {
		m.t.Fatalf("Put %s, whose count is %d: %v", n, m.count[n], err)
	}
	m.count[n]--
}

// run runs that many of the callbacks that are pending, the oldest first.
func (m *machine) run(many int) {
	for range min(many, len(m.pending)) {
		c := m.pending[0]
		m.pending = m.pending[1:]
		c.run()
		m.count[c.net]--
	}
}

// cleanup ends the net that has waited longest, with calls between the steps.
func (m *machine) cleanup(t *rapid.T) {
	m.inside = rapid.IntRange(0, 6).Draw(t, "calls in the cleanup")
	m.d.Work(1)
	m.inside = 0
}

// point comes before each step of the registry. A barrier waits for what is
// pending by then, and not for what the calls before its end add.
func (m *machine) point(p hook.Point) {
	if m.probing || !ofCleanup(p.Name) {
		return
	}
	owed := len(m.pending)
	if m.inside > 0 && rapid.Bool().Draw(m.t, "a call before "+p.Name) {
		m.inside--
		m.call(m.t, rapid.SampledFrom(verbs).Draw(m.t, "call"))
	}
	if strings.HasSuffix(p.Name, "BarrierEnd") {
		m.run(owed)
	}
}

// ofCleanup reports whether a step is one of the worker, in either discipline.
func ofCleanup(step string) bool {
	return slices.ContainsFunc([]string{"Cleanup", "OpsUndoList", "RcuBarrier", "NetComplete"},
		func(prefix string) bool { return strings.HasPrefix(step, prefix) })
}

// check compares the contents of the table and the list of nets.
func (m *machine) check(t *rapid.T) {
	m.t = t
	if problem := m.wrong(); problem != "" {
		t.Fatal(problem)
	}
	if len(m.table.ids) != len(m.ids) {
		t.Fatalf("the table holds %v, want %v", m.table.ids, m.ids)
	}
	for _, n := range m.all {
		if m.freed(n) && m.count[n] > 0 {
			t.Fatalf("%s is freed, and %d references are left", n, m.count[n])
		}
	}
}

// drain puts all references. Then all nets must be freed, the table empty, and Close must
// report no leak.
func (m *machine) drain() {
	for _, n := range slices.Concat(m.found, slices.DeleteFunc(slices.Clone(m.all), func(n *impl.Net) bool { return !m.owned[n] })) {
		m.give(n)
	}
	m.run(len(m.pending))
	m.d.Work(-1)
	for _, n := range m.all {
		if !m.freed(n) {
			m.t.Errorf("%s is put by all, and not freed", n)
		}
	}
	if len(m.table.ids)+len(m.table.nets) > 0 {
		m.t.Errorf("the table still holds %v", m.table.ids)
	}
	if err := m.r.Close(bg); err != nil {
		m.t.Error(err)
	}
}
