// SPDX-License-Identifier: MIT

package users

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
)

// A crowd is a set of free-running clients that pass nets to each other.
type crowd struct {
	rig
	t             *testing.T
	ctx           context.Context // of waits
	cells         [3]atomic.Pointer[impl.Net]
	used, refused atomic.Int64
}

// TestTogether runs goroutines that enter, find and keep nets while others put them.
func TestTogether(t *testing.T) { both(t, together) }

func together(t *testing.T, d impl.Discipline) {
	const clients, rounds = 4, 1500
	ctx, cancel := context.WithTimeout(bg, patience)
	defer cancel()
	g := &crowd{rig: rig{is: d}, t: t, ctx: ctx}
	g.start(t, hook.Hooks{Point: pause})
	g.table.watch, g.keeper.watch = pause, pause
	var made [clients][]*impl.Net
	var running sync.WaitGroup
	for c := range clients {
		running.Go(func() { made[c] = g.client(c, rounds) })
	}
	running.Wait()
	for i := range g.cells {
		g.leave(i, nil)
	}
	for _, nets := range made {
		for _, n := range nets {
			if err := n.Wait(ctx); err != nil {
				t.Fatalf("%s is put by all: %v", n, err)
			}
		}
	}
	if problem := g.wrong(); problem != "" || len(g.table.ids) > 0 {
		t.Errorf("all nets are freed, and the table holds %v: %s", g.table.ids, problem)
	}
	g.end(t)
	if t.Logf("%d uses, %d calls refused", g.used.Load(), g.refused.Load()); g.used.Load() == 0 || g.refused.Load() == 0 {
		t.Error("no net was used, or no call came too late: this shows nothing")
	}
}

// pause is called before every step. It may yield to other goroutines.
func pause(hook.Point) {
	if rand.IntN(4) == 0 {
		runtime.Gosched()
	}
}

// client makes a net in every other round, and calls on nets of all clients. It
// looks for the net of its calls a round before: by then it may be gone.
func (g *crowd) client(c, rounds int) (made []*impl.Net) {
	var late *impl.Net
	for i := range rounds {
		if i%2 == 0 {
			n, err := g.r.Copy(bg, g.r.InitNet(), fmt.Sprint(c, "-", i))
			if err != nil {
				g.t.Error(err)
				return made
			}
			made = append(made, n)
			old := g.leave(rand.IntN(len(g.cells)), n)
			if old != nil && i%8 == 0 { // else the worker is too far behind
				if err := old.Wait(g.ctx); err != nil {
					g.t.Errorf("%s is put: %v", old, err)
				}
			}
		}
		if late != nil {
			g.calls(late)
		}
		late = g.cells[rand.IntN(len(g.cells))].Load()
	}
	return made
}

// leave stores a net in a cell, and puts the net that was there.
func (g *crowd) leave(cell int, n *impl.Net) (old *impl.Net) {
	if old = g.cells[cell].Swap(n); old != nil {
		if err := old.Put(); err != nil {
			g.t.Errorf("put %s: %v", old, err)
		}
	}
	return old
}

// calls enters a net, finds it, keeps it while it is found and after.
func (g *crowd) calls(n *impl.Net) {
	id, err := g.table.Enter(n)
	if g.count(err) {
		return
	}
	found, err := g.table.Find(id)
	if g.count(err) {
		return
	}
	if found != n {
		g.t.Errorf("%s was entered as %d, which finds %s", n, id, found)
	}
	g.use(found)
	if err := g.keeper.Keep(found, g.use); err != nil {
		g.t.Errorf("keep %s, which is found: %v", found, err)
	}
	if err := found.Put(); err != nil {
		g.t.Errorf("put %s, which was found: %v", found, err)
	}
	g.count(g.keeper.Keep(found, g.use))
}

// count counts calls that came too late.
func (g *crowd) count(err error) (refused bool) {
	if err == nil {
		return false
	}
	g.refused.Add(1)
	if !errors.Is(err, impl.ErrNotFound) {
		g.t.Error(err)
	}
	return true
}

// use checks a net that is kept.
func (g *crowd) use(n *impl.Net) {
	g.used.Add(1)
	if errors.Is(n.Release(), impl.ErrNotFound) {
		g.t.Errorf("%s is used, and it is freed", n)
	} else if err := refer(n); err != nil {
		g.t.Errorf("%s is used: %v", n, err)
	}
}
