// SPDX-License-Identifier: MIT

package users

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
)

var bg = context.Background()

// both runs a test under each discipline. What spec/users.tla says of the worker, that it cleans up one
// net after the other (CleanupExit), RWSem does not promise: a round removes all nets that wait, and has
// one barrier for them. No claim of the spec is about that, and the tests have them all.
func both(t *testing.T, test func(t *testing.T, d impl.Discipline)) {
	t.Helper()
	t.Run("mutex", func(t *testing.T) { test(t, impl.Mutex) })
	t.Run("rwsem", func(t *testing.T) { test(t, impl.RWSem) })
}

// A rig is a registry with a table and a keeper whose home is the first net.
type rig struct {
	is      impl.Discipline
	left    func(n *impl.Net) // nil, or is called after the exit of the table
	d       hook.Hooks
	r       *impl.Registry
	table   *Table
	keeper  *Keeper
	nets    map[string]*impl.Net
	put     map[string]bool // put by their owners
	probing bool            // the test, not a client, makes calls
}

// A failer is a *testing.T or a *rapid.T.
type failer interface {
	Helper()
	Error(args ...any)
	Fatal(args ...any)
}

func (g *rig) start(t failer, d hook.Hooks) {
	t.Helper()
	g.d = d
	g.table = NewTable("ids")
	if exit := g.table.ops.Exit; g.left != nil {
		g.table.ops.Exit = func(ctx context.Context, n *impl.Net) {
			exit(ctx, n)
			g.left(n)
		}
	}
	r, err := impl.New(hook.With(bg, &g.d), impl.WithDiscipline(g.is), impl.WithSubsys(g.table.Ops()), impl.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	g.r, g.keeper = r, NewKeeper(r.InitNet())
	g.nets, g.put = map[string]*impl.Net{}, map[string]bool{}
}

func (g *rig) make(t failer, name string) *impl.Net {
	t.Helper()
	n, err := g.r.Copy(bg, g.r.InitNet(), name)
	if err != nil {
		t.Fatal(err)
	}
	g.nets[name] = n
	return n
}

// probe calls f without a stop at the yield points of the registry.
func (g *rig) probe(f func() error) error {
	g.probing = true
	defer func() { g.probing = false }()
	return f()
}

// freed reports whether a net that nobody holds is freed. A release of such a net changes nothing, and
// says which it is also where the count is zero, as a hold does not under RWSem.
func (g *rig) freed(n *impl.Net) bool {
	return errors.Is(g.probe(n.Release), impl.ErrNotFound)
}

// unusable returns what is wrong with a net that a client keeps, or "".
func (g *rig) unusable(n *impl.Net) string {
	switch {
	case g.freed(n):
		return fmt.Sprintf("%s is used, and it is freed", n)
	case g.probe(func() error { return refer(n) }) != nil:
		return fmt.Sprintf("%s is used, and its count is zero", n)
	}
	return ""
}

// wrong returns what is wrong with the table, or "". No other goroutine may use the table.
func (g *rig) wrong() string {
	for id, n := range g.table.nets {
		switch {
		case g.freed(n):
			return fmt.Sprintf("%s is freed, and is in the table", n)
		case g.table.ids[n] != id:
			return fmt.Sprintf("%s has the ids %d and %d", n, id, g.table.ids[n])
		}
	}
	for n, id := range g.table.ids {
		if g.table.nets[id] != n {
			return fmt.Sprintf("%s has the id %d, which names %v", n, id, g.table.nets[id])
		}
	}
	return ""
}

// refer takes and puts a reference. It fails for a freed net and for a net whose count is zero.
func refer(n *impl.Net) error {
	if err := n.Get(); err != nil {
		return err
	}
	return n.Put()
}
