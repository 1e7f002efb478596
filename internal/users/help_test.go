// SPDX-License-Identifier: MIT

package users

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
)

var bg = context.Background()

// A rig is a registry with a table and a keeper whose home is the first net.
type rig struct {
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
	r, err := impl.New(hook.With(bg, &g.d), impl.WithSubsys(g.table.Ops()), impl.WithLogger(slog.New(slog.DiscardHandler)))
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

func (g *rig) freed(n *impl.Net) bool {
	return errors.Is(g.probe(func() error { return hold(n) }), impl.ErrNotFound)
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

// hold and refer take and put a reference. They fail for a freed net and for a net whose count
// is zero.
func hold(n *impl.Net) error {
	if err := n.Hold(); err != nil {
		return err
	}
	return n.Release()
}

func refer(n *impl.Net) error {
	if err := n.Get(); err != nil {
		return err
	}
	return n.Put()
}
