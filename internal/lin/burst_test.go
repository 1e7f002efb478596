// SPDX-License-Identifier: MIT

package lin

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"example.com/pernet/impl"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A crowd is clients that call impl at random, all at once.
type crowd struct {
	clients, calls int
	ops            int // how many they share
	looks          int // in percent: list and state
	copies         int // in percent
	refs           int // in percent: get, put, hold, release, share
}

// record lets the crowd loose and returns what it recorded.
func (cr crowd) record(t *testing.T, seed uint64) []wire.Line {
	t.Helper()
	rec := NewRecorder()
	reg := recorded(t, rec)
	ops := make([]*impl.Ops, cr.ops)
	for i := range ops {
		ops[i] = rec.NewOps(fmt.Sprint("ops", i), i%5 != 4, i%7 != 6)
	}
	var mu sync.Mutex
	nets := []*impl.Net{reg.InitNet()}
	made := 0
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
					c.Fail(1+r.IntN(3), pick(r, []model.Err{model.ENOMEM, model.EEXIST, model.ENOENT, model.EINTR, 1}))
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
	last := rec.NewClient(reg) // what is left is not part of the history
	for i, o := range ops {
		last.Unregister(t.Context(), o, i%2 == 1)
	}
	return out
}

// TestCrowdsAreDecided judges what 32 clients saw of impl in 100 calls each. What is
// recorded depends on the machine, so a recording that is not decided in time is logged;
// TestBusyCrowdsTakeFewConfigurations holds the bound.
func TestCrowdsAreDecided(t *testing.T) {
	for name, cr := range map[string]crowd{
		"few ops, nobody looks": {clients: 32, calls: 100, ops: 12},
		"many ops":              {clients: 32, calls: 100, ops: 200, looks: 1},
		"lists and states":      {clients: 32, calls: 100, ops: 60, looks: 10},
		"nets alone":            {clients: 32, calls: 100, ops: 12, copies: 50, refs: 50},
		"every call":            {clients: 32, calls: 100, ops: 12, looks: 4, copies: 20, refs: 36},
	} {
		t.Run(name, func(t *testing.T) {
			ops := cr.record(t, 1)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			start := time.Now()
			r, err := Check(ctx, ops)
			if err != nil || r.Verdict == Not {
				t.Fatalf("judged %s, %v\n%v", r.Verdict, err, r.Failure)
			}
			t.Logf("%s %s: %d operations, a call meets %.1f others: %d steps, at most %d configurations, %.2f s",
				r.Verdict, r.Reason, r.Operations, r.Overlap, r.Steps, r.Peak, time.Since(start).Seconds())
		})
	}
}

// overlapping returns n registers or unregisters that all overlap, of ops o0, o1, …
func overlapping(n int, op func(i int) wire.Line) []wire.Line {
	var out []wire.Line
	for i := range n {
		o := op(i)
		o.Client, o.Call, o.Return, o.Ops = int64(i), 0, 100+int64(i), fmt.Sprint("o", i)
		out = append(out, o)
	}
	return out
}

func opsNames(order []int) []string {
	var out []string
	for _, i := range order {
		out = append(out, fmt.Sprint("o", i))
	}
	return out
}

func onInitNet(exit bool, o int) []wire.Callback {
	return []wire.Callback{{Exit: exit, Ops: fmt.Sprint("o", o), Net: wire.InitNet}}
}

// TestBurstsTakeFewConfigurations overlaps twelve registers, whose order only a
// later answer shows, or none does. Every order is right; a second state that shows
// another order is wrong. What it takes is counted, not timed.
func TestBurstsTakeFewConfigurations(t *testing.T) {
	const n = 12
	look := func(at int64, nets []string, list ...string) wire.Line {
		return wire.Line{Client: 99, Call: at, Return: at, Op: wire.State, Nets: nets, PernetList: list}
	}
	for name, register := range map[string]func(i int) wire.Line{
		"with callbacks": func(i int) wire.Line { return wire.Line{Op: wire.RegisterSubsys, Calls: onInitNet(false, i)} },
		"without init":   func(i int) wire.Line { return wire.Line{Op: wire.RegisterSubsys, NoInit: true} },
		"unrecorded":     func(i int) wire.Line { return wire.Line{Op: wire.RegisterSubsys, Unknown: true} },
	} {
		for seed := range uint64(5) {
			order := rand.New(rand.NewPCG(seed, 1)).Perm(n)
			names, swapped := opsNames(order), opsNames(order)
			swapped[3], swapped[4] = swapped[4], swapped[3]
			right := append(overlapping(n, register), look(200, []string{wire.InitNet}, names...))
			few(t, name, Linearizable, overlapping(n, register)) // nothing shows the order
			few(t, name, Linearizable, right)
			few(t, name, Not, append(right[:len(right):len(right)], look(300, []string{wire.InitNet}, swapped...)))
			for i := range int64(2 * minWindow) { // the order is seen in a later window
				right = append(right, wire.Line{Client: 50, Call: 150 + i, Return: 150 + i, Op: wire.Hold, Net: wire.InitNet})
			}
			right[n].Call, right[n].Return = 9000, 9000
			few(t, name+", later", Linearizable, right)
			right = append(right, look(9001, []string{wire.InitNet}, swapped...))
			few(t, name+", later", Not, right)
		}
	}
}

// TestMixedBursts overlaps registers of both kinds, some of which fail, with
// unregisters, and shows the order by a copy.
func TestMixedBursts(t *testing.T) {
	const n = 12
	burst := overlapping(n, func(i int) wire.Line {
		o := wire.Line{Op: []string{wire.RegisterSubsys, wire.RegisterDevice}[i%2], Calls: onInitNet(false, i)}
		if i >= 8 {
			o.Err = model.ENOMEM
		}
		return o
	})
	walk := func(order ...int) []wire.Callback {
		var out []wire.Callback
		for _, o := range order {
			out = append(out, wire.Callback{Ops: fmt.Sprint("o", o), Net: "n"})
		}
		return out
	}
	order := []int{6, 0, 4, 2, 5, 1, 7, 3}
	burst = append(burst, wire.Line{Client: 20, Call: 200, Return: 210, Op: wire.Copy, Net: "n", From: wire.InitNet, Calls: walk(order...)})
	for i := range 8 {
		burst = append(burst, wire.Line{Client: int64(i), Call: 300, Return: 400 + int64(i), Op: []string{wire.UnregisterSubsys, wire.UnregisterDevice}[i%2],
			Ops: fmt.Sprint("o", i), Calls: []wire.Callback{{Exit: true, Ops: fmt.Sprint("o", i), Net: wire.InitNet}, {Exit: true, Ops: fmt.Sprint("o", i), Net: "n"}}})
	}
	few(t, "right", Linearizable, burst)
	end := wire.Line{Client: 30, Call: 350, Return: 500, Op: wire.State, Nets: []string{wire.InitNet, "n"}, PernetList: []string{"o6", "o2", "o5", "o3"}, FirstDevice: "o5"}
	few(t, "half-way", Linearizable, append(burst[:len(burst):len(burst)], end))
	end.PernetList = []string{"o2", "o6", "o5", "o3"}
	few(t, "half-way in another order", Not, append(burst[:len(burst):len(burst)], end))
	end.PernetList, end.FirstDevice = []string{"o6", "o2", "o5", "o3"}, "o3"
	few(t, "first device", Not, append(burst[:len(burst):len(burst)], end))
}

// few checks a verdict and that the search for it stayed small; porcupine is asked about what it can finish.
func few(t *testing.T, name string, want Verdict, ops []wire.Line) {
	t.Helper()
	r, err := Check(t.Context(), ops)
	if err != nil || r.Verdict != want {
		t.Fatalf("%s: judged %s %s, not %s; %v\n%v", name, r.Verdict, r.Reason, want, err, r.Failure)
	}
	if most := 50 * len(ops); r.Steps > most || r.Peak > 40 {
		t.Errorf("%s: %d steps for %d operations, at most %d configurations", name, r.Steps, len(ops), r.Peak)
	}
}

// TestPorcupineAgreesOnBursts: up to seven calls at once it comes to an end.
func TestPorcupineAgreesOnBursts(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 5))
		ops := burst(r, seed, 3+r.IntN(3), 7)
		if _, err := Check(t.Context(), ops); err != nil {
			continue // copies of one name overlap
		}
		agree(t, seed, forget(r, ops, 30*r.IntN(2)))
		agree(t, seed, forget(r, mutate(r, ops), 30*r.IntN(2)))
	}
}
