// SPDX-License-Identifier: MIT

package pernet_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"example.com/pernet/impl"
	"example.com/pernet/internal/lin"
	"example.com/pernet/internal/race"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A crowd is clients that call impl at random, all at once.
type crowd struct {
	clients, calls int
	ops            int  // how many they share
	looks          int  // in percent: list and state
	copies         int  // in percent
	refs           int  // in percent: get, put, hold, release, share
	registered     bool // all ops are, before the others begin
}

// record lets the crowd loose and returns what it recorded.
func (cr crowd) record(t *testing.T, d impl.Discipline, seed uint64) []wire.Line {
	t.Helper()
	rec := NewRecorder()
	reg := recorded(t, rec, impl.WithDiscipline(d))
	ops := make([]*impl.Ops, cr.ops)
	for i := range ops {
		ops[i] = rec.NewOps(fmt.Sprint("ops", i), i%5 != 4, i%7 != 6)
		if d == impl.RWSem && i%2 == 0 {
			rec.Staged(ops[i])
		}
	}
	var mu sync.Mutex
	errs := []model.Err{model.ENOMEM, model.EEXIST, model.ENOENT, model.EINTR, 1}
	nets := []*impl.Net{reg.InitNet()}
	made := 0
	if first := rec.NewClient(reg); cr.registered {
		for i, o := range ops {
			first.Register(t.Context(), o, i%2 == 1)
		}
	}
	start := make(chan struct{})
	var wg sync.WaitGroup
	for id := range cr.clients {
		c, r := rec.NewClient(reg), rand.New(rand.NewPCG(seed, uint64(id)))
		wg.Go(func() {
			ctx := t.Context()
			<-start
			var mine []*impl.Net
			for i := range cr.calls {
				mu.Lock()
				some := nets[r.IntN(len(nets))]
				mu.Unlock()
				if r.IntN(3) == 0 {
					c.Fail(1+r.IntN(3), errs[r.IntN(len(errs))])
				}
				k := r.IntN(100)
				switch {
				case k < cr.looks/2:
					c.List(ctx)
				case k < cr.looks:
					c.State(ctx)
				case k < cr.looks+cr.copies:
					n, err := c.Copy(ctx, some, fmt.Sprintf("n%d.%d", id, i))
					if err == nil {
						mine = append(mine, n)
						mu.Lock()
						made++
						nets = append(nets, n)
						if len(nets) > 40 {
							nets = slices.Delete(nets, 1, 2)
						}
						mu.Unlock()
					}
				case k < cr.looks+cr.copies+cr.refs:
					switch r.IntN(6) {
					case 0:
						if c.Net(ctx, wire.Get, some) == nil {
							mine = append(mine, some)
						}
					case 1:
						if c.Net(ctx, wire.Hold, some) == nil {
							c.Net(ctx, wire.Release, some)
						}
					case 2:
						if c.Share(ctx, some) == nil {
							mine = append(mine, some)
						}
					default:
						if len(mine) > 0 {
							j := r.IntN(len(mine))
							c.Net(ctx, wire.Put, mine[j])
							mine = slices.Delete(mine, j, j+1)
						}
					}
				default:
					i := r.IntN(len(ops))
					if r.IntN(2) == 0 {
						c.Register(ctx, ops[i], i%2 == 1)
					} else {
						c.Unregister(ctx, ops[i], (i%2 == 1) != (r.IntN(10) == 0))
					}
				}
			}
			for _, n := range mine {
				c.Net(ctx, wire.Put, n)
			}
		})
	}
	close(start)
	wg.Wait()
	for cleaned, changed := rec.Cleaned(); cleaned < made; cleaned, changed = rec.Cleaned() {
		<-changed
	}
	out := rec.Take()
	last := rec.NewClient(reg) // its calls are not part of the history
	for i, o := range ops {
		last.Unregister(t.Context(), o, i%2 == 1)
	}
	return out
}

// TestCrowdsAreNotRefused judges what 32 clients saw of impl in 100 calls each. How long that takes
// depends on what is recorded, and so on the machine: seconds; minutes are allowed, for a busy machine.
// TestBusyCrowdsTakeFewConfigurations of internal/lin holds a bound that depends on no clock.
func TestCrowdsAreNotRefused(t *testing.T) {
	for name, cr := range map[string]crowd{
		"few ops, no list": {clients: 32, calls: 100, ops: 12},
		"many ops":         {clients: 32, calls: 100, ops: 200, looks: 1},
		"lists and states": {clients: 32, calls: 100, ops: 60, looks: 10},
		"nets alone":       {clients: 32, calls: 100, ops: 12, copies: 50, refs: 50, registered: true},
		"every call":       {clients: 32, calls: 100, ops: 12, looks: 4, copies: 20, refs: 36},
	} {
		if race.Enabled { // judging takes ten times as long then
			cr.clients = 8
		}
		for _, d := range disciplines {
			t.Run(name+", "+d.name, func(t *testing.T) {
				ops := cr.record(t, d.is, 1)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				start := time.Now()
				r, err := lin.Check(ctx, d.model, ops)
				if err != nil || r.Verdict != lin.Linearizable {
					t.Fatalf("judged %s %s, %v\n%v", r.Verdict, r.Reason, err, r.Failure)
				}
				if r.Met.Overlap() < 1 {
					t.Errorf("a call meets %.1f others: that is no crowd", r.Met.Overlap())
				}
				t.Logf("%d operations, a call meets %.1f others: %d steps, at most %d configurations, %.2f s",
					r.Operations, r.Met.Overlap(), r.Steps, r.Peak, time.Since(start).Seconds())
			})
		}
	}
}
