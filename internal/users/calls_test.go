// SPDX-License-Identifier: MIT

package users

import (
	"context"
	"errors"
	"testing"
	"time"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
)

// patience is how long the freeing of a net without references may take.
const patience = 10 * time.Second

func newRig(t failer, d impl.Discipline) *rig {
	t.Helper()
	g := &rig{is: d}
	g.start(t, hook.Hooks{Stepped: true})
	return g
}

// end closes the registry. It fails the test if a reference is left.
func (g *rig) end(t failer) {
	t.Helper()
	if err := g.r.Close(bg); err != nil {
		t.Error(err)
	}
}

func isNotFound(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, impl.ErrNotFound) {
		t.Errorf("%s: %v, want %v", what, err, impl.ErrNotFound)
	}
}

// TestTableGivesIDs tests that each net has one id of its own.
func TestTableGivesIDs(t *testing.T) { both(t, tableGivesIDs) }

func tableGivesIDs(t *testing.T, d impl.Discipline) {
	g := newRig(t, d)
	a, b := g.make(t, "a"), g.make(t, "b")
	for want, n := range []*impl.Net{a, b, a} {
		if id, err := g.table.Enter(n); err != nil || id != ID(want%2+1) {
			t.Errorf("Enter %s: %d, %v", n, id, err)
		}
	}
	if n, err := g.table.Find(2); err != nil || n != b || n.Put() != nil {
		t.Errorf("Find 2: %v, %v", n, err)
	}
	if err := a.Put(); err != nil {
		t.Error(err)
	}
	g.d.Work(-1)
	if id, err := g.table.Enter(g.make(t, "c")); err != nil || id != 3 {
		t.Errorf("the id of a new net is %d, %v", id, err)
	}
	if err := errors.Join(b.Put(), g.nets["c"].Put()); err != nil {
		t.Error(err)
	}
	g.end(t)
}

// TestTableRefusesWhatGoes tests that a net whose count is zero cannot be entered or found,
// before its cleanup and after it, and that the cleanup removes it.
func TestTableRefusesWhatGoes(t *testing.T) { both(t, tableRefusesWhatGoes) }

func tableRefusesWhatGoes(t *testing.T, d impl.Discipline) {
	g := newRig(t, d)
	a := g.make(t, "a")
	id, err := g.table.Enter(a)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Put(); err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"before its cleanup", "after it"} {
		_, err := g.table.Enter(a)
		isNotFound(t, "Enter "+when, err)
		_, err = g.table.Find(id)
		isNotFound(t, "Find "+when, err)
		g.d.Work(-1)
	}
	if problem := g.wrong(); problem != "" || len(g.table.ids) > 0 {
		t.Errorf("the table holds %v: %s", g.table.ids, problem)
	}
	g.end(t)
}

// TestKeeperKeeps tests that a net is not freed before the callback has returned.
func TestKeeperKeeps(t *testing.T) { both(t, keeperKeeps) }

func keeperKeeps(t *testing.T, d impl.Discipline) {
	g := &rig{is: d}
	g.start(t, hook.Hooks{})
	a := g.make(t, "a")
	begin, used := make(chan struct{}), make(chan string)
	if err := g.keeper.Keep(a, func(n *impl.Net) { <-begin; used <- g.unusable(n) }); err != nil {
		t.Fatal(err)
	}
	if err := a.Put(); err != nil {
		t.Fatal(err)
	}
	if err := refer(a); err != nil {
		t.Errorf("a is kept, and has no reference: %v", err)
	}
	close(begin)
	if problem := <-used; problem != "" {
		t.Error(problem)
	}
	ctx, cancel := context.WithTimeout(bg, patience)
	defer cancel()
	if err := a.Wait(ctx); err != nil {
		t.Errorf("a is put by all: %v", err)
	}
	isNotFound(t, "Keep", g.keeper.Keep(a, func(*impl.Net) { t.Error("it runs all the same") }))
	g.end(t)
}

// TestKeeperWithoutHome tests that no reference is kept if the callback cannot be deferred.
func TestKeeperWithoutHome(t *testing.T) { both(t, keeperWithoutHome) }

func keeperWithoutHome(t *testing.T, d impl.Discipline) {
	g := newRig(t, d)
	home, a := g.make(t, "home"), g.make(t, "a")
	if err := home.Put(); err != nil {
		t.Fatal(err)
	}
	g.d.Work(-1)
	isNotFound(t, "Keep", NewKeeper(home).Keep(a, func(*impl.Net) { t.Error("it runs all the same") }))
	if err := a.Put(); err != nil {
		t.Error(err)
	}
	g.d.Work(-1)
	if !g.freed(a) {
		t.Error("a is not freed")
	}
	g.end(t)
}
