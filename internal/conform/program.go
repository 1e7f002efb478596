// SPDX-License-Identifier: MIT

package conform

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// newProgram writes the nth program of a seed for an adapter with those features. Programs are well
// formed: names of nets are unique; a client names only nets of the set-up, which it may get or
// copy even when they are gone, and its own; it puts and releases only what it has taken; without
// the feature misuse each ops is one client's, and a client holds only what it has. In about half of the programs fails are
// armed.
func newProgram(seed, n uint64, has func(feature string) bool) *wire.Program {
	r := rand.New(rand.NewPCG(seed, n))
	w := &writer{r: r, has: has, style: r.IntN(3), failing: r.IntN(2) == 0}
	p := &wire.Program{Pause: []int64{1, 1, 20, 100}[r.IntN(4)], Deadline: 10_000}
	for _, l := range []wire.Line{
		{Op: wire.RegisterSubsys, Ops: "s"}, {Op: wire.Copy, Net: "n1"}, {Op: wire.Copy, Net: "n2"}, {Op: wire.Get, Net: "n2"},
	} {
		p.Setup = append(p.Setup, wire.Step{Line: l, If: -1})
	}
	owned := [][]ref{{{"n1", -1}, {"n2", -1}}, {{"n2", -1}}}
	for i, calls := range make([]int, 2+r.IntN(3)) {
		c := client{writer: w, number: i, up: map[string]int{}}
		if i < len(owned) {
			c.refs = owned[i]
		}
		if i == 0 {
			c.up["s"] = -1
		}
		for calls = 5 + r.IntN(11); len(c.steps) < calls; {
			c.step()
		}
		p.Clients = append(p.Clients, c.steps)
	}
	if w.failing {
		p.Setup = append(p.Setup, w.failures(p)...)
	}
	return p
}

// A writer is what the clients of one program share.
type writer struct {
	r       *rand.Rand
	has     func(feature string) bool
	style   int // 0: registers and copies alone
	failing bool
}

// failures arm some inits to fail.
func (w *writer) failures(p *wire.Program) (fails []wire.Step) {
	nets, ops := []string{wire.InitNet, "n1", "n2"}, []string{"s"}
	for _, client := range p.Clients {
		for _, s := range client {
			if s.Op == wire.Copy && !s.Share {
				nets = append(nets, s.Net)
			}
			if s.Ops != "" && !slices.Contains(ops, s.Ops) {
				ops = append(ops, s.Ops)
			}
		}
	}
	for _, net := range nets {
		if w.r.IntN(2) == 0 {
			l := wire.Line{Op: wire.Fail, Ops: ops[w.r.IntN(len(ops))], Net: net, Err: []model.Err{model.ENOMEM, model.EIO, model.EBUSY}[w.r.IntN(3)]}
			if w.has("positive-init") && w.r.IntN(4) == 0 {
				l.Err = 1
			}
			fails = append(fails, wire.Step{Line: l, If: -1})
		}
	}
	return fails
}

// A ref is a reference or a use of a net, and the step that took it; -1: the set-up did.
type ref struct {
	net string
	by  int
}

// A client is one that is being written.
type client struct {
	*writer
	number     int
	steps      []wire.Step
	up         map[string]int // the ops that may be registered, and the steps that register them
	refs, uses []ref
}

func (c *client) add(l wire.Line, after int) int {
	c.steps = append(c.steps, wire.Step{Line: l, If: after})
	return len(c.steps) - 1
}

// step adds a step.
func (c *client) step() {
	kinds := 16
	if c.style == 0 {
		kinds = 7
	}
	switch k := c.r.IntN(kinds); {
	case k < 4:
		c.register()
	case k < 7:
		c.copy()
	case k < 9:
		net := c.net()
		c.refs = append(c.refs, ref{net, c.add(wire.Line{Op: wire.Get, Net: net}, -1)})
	case k < 12 && len(c.refs) > 0:
		at := c.r.IntN(len(c.refs))
		x := c.refs[at]
		c.refs = slices.Delete(slices.Clone(c.refs), at, at+1)
		c.add(wire.Line{Op: wire.Put, Net: x.net}, x.by)
	case k == 12 && c.has("use-count") && (len(c.refs) > 0 || c.has("misuse")):
		x := ref{c.net(), -1}
		if !c.has("misuse") || len(c.refs) > 0 && c.r.IntN(2) == 0 {
			x = c.refs[c.r.IntN(len(c.refs))]
		}
		c.uses = append(c.uses, ref{x.net, c.add(wire.Line{Op: wire.Hold, Net: x.net}, x.by)})
	case k == 13 && len(c.uses) > 0:
		x := c.uses[len(c.uses)-1]
		c.uses = c.uses[:len(c.uses)-1]
		c.add(wire.Line{Op: wire.Release, Net: x.net}, x.by)
	case k == 14:
		c.add(wire.Line{Op: wire.State}, -1)
	default:
		c.add(wire.Line{Op: wire.List}, -1)
	}
}

// net returns a net of the set-up.
func (c *client) net() string { return []string{wire.InitNet, "n1", "n2"}[c.r.IntN(3)] }

// register registers an ops or, if it may be registered, unregisters it.
func (c *client) register() {
	ops := []string{fmt.Sprintf("s%d", c.number), fmt.Sprintf("d%d", c.number)}
	if c.number == 0 {
		ops = append(ops, "s")
	}
	name := ops[c.r.IntN(len(ops))]
	word := "subsys"
	if name[0] == 'd' {
		word = "device"
	}
	if c.has("misuse") && c.r.IntN(2) == 0 { // what other clients register, too, and as either kind
		name, word = []string{"x", "y"}[c.r.IntN(2)], []string{"subsys", "subsys", "device"}[c.r.IntN(3)]
		c.add(wire.Line{Op: []string{"register_", "unregister_"}[c.r.IntN(2)] + word, Ops: name}, -1)
		return
	}
	if by, up := c.up[name]; up {
		delete(c.up, name)
		c.add(wire.Line{Op: "unregister_" + word, Ops: name}, by)
		return
	}
	l := wire.Line{Op: "register_" + word, Ops: name}
	if c.has("no-callback") && c.r.IntN(6) == 0 {
		l.NoInit, l.NoExit = c.r.IntN(2) == 0, c.r.IntN(2) == 0
	}
	c.up[name] = c.add(l, -1)
}

// copy makes a net from one of the set-up, or from one of the client's own.
func (c *client) copy() {
	l, after := wire.Line{Op: wire.Copy, From: c.net()}, -1
	if len(c.refs) > 0 && c.r.IntN(3) == 0 {
		x := c.refs[c.r.IntN(len(c.refs))]
		l.From, after = x.net, x.by
	}
	if l.Share = c.has("newnet") && c.r.IntN(6) == 0; !l.Share {
		l.Net = fmt.Sprintf("c%d_%d", c.number, len(c.steps))
	}
	by := c.add(l, after)
	if l.Share {
		l.Net = l.From
	}
	c.refs = append(c.refs, ref{l.Net, by})
}
