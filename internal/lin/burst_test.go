// SPDX-License-Identifier: MIT

package lin

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

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
	r, err := Check(t.Context(), model.Mutex, ops)
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
		ops := burst(model.Mutex, r, seed, 3+r.IntN(3), 7)
		if _, err := Check(t.Context(), model.Mutex, ops); err != nil {
			continue // copies of one name overlap
		}
		agree(t, model.Mutex, seed, forget(r, ops, 30*r.IntN(2)))
		agree(t, model.Mutex, seed, forget(r, mutate(r, ops), 30*r.IntN(2)))
	}
}
