// SPDX-License-Identifier: MIT

package conform

import (
	"fmt"
	"math/rand/v2"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// isHolding reports whether the nth program is a holding one: nets die while another client holds them and lets them
// go. Only there a free shows that tests the use count in one step and frees in another. With rwsem no net that is
// dying can be held.
func (r *run) isHolding(n uint64) bool {
	return n%4 == 0 && r.Discipline == model.Mutex && r.lacks("use-count", "misuse") == ""
}

// holdingProgram writes the nth program of a seed as a holding one: one client puts four nets, the other one holds
// and releases them.
func holdingProgram(seed, n uint64) *wire.Program {
	const nets, holds = 4, 96
	r := rand.New(rand.NewPCG(seed, n))
	p := &wire.Program{Deadline: 10_000, Clients: make([][]wire.Step, 2)}
	add := func(steps *[]wire.Step, l wire.Line, after int) {
		*steps = append(*steps, wire.Step{Line: l, If: after})
	}
	name := func(i int) string { return fmt.Sprintf("n%d", i+1) }
	for i := range nets {
		add(&p.Setup, wire.Line{Op: wire.Copy, Net: name(i), From: wire.InitNet}, -1)
		for range r.IntN(8) { // some time passes
			add(&p.Clients[0], wire.Line{Op: wire.List}, -1)
		}
		add(&p.Clients[0], wire.Line{Op: wire.Put, Net: name(i)}, -1)
	}
	for range holds {
		net, hold := name(r.IntN(nets)), len(p.Clients[1])
		add(&p.Clients[1], wire.Line{Op: wire.Hold, Net: net}, -1)
		add(&p.Clients[1], wire.Line{Op: wire.Release, Net: net}, hold)
	}
	return p
}
