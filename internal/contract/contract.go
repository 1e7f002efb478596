// SPDX-License-Identifier: MIT

// Package contract builds the state graph of the model in the form of TLC's graph of
// spec/registry.tla, so that the two can be compared edge by edge.
package contract

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/tlc"
	"example.com/pernet/model"
)

// Names are the names in the cfg of an instance. The model has numbers instead.
type Names struct {
	Ops, Nets, Copies      []string
	NoOps, NoNet, ListHead string
}

// ReadInstance reads the constants of a cfg of spec/registry.tla.
func ReadInstance(path string) (model.Instance, Names, error) {
	f, err := tlc.ReadCfg(filepath.Split(path))
	if err != nil {
		return model.Instance{}, Names{}, err
	}
	n := Names{
		Ops: f.Set("Ops"), Nets: f.Set("Nets"), Copies: f.Set("Copies"),
		NoOps: f.Word("NoOps"), NoNet: f.Word("NoNet"), ListHead: f.Word("ListHead"),
	}
	ids := func(name string) (out []model.OpsID) {
		for _, o := range f.Set(name) {
			out = append(out, model.OpsID(slices.Index(n.Ops, o)+1))
		}
		return out
	}
	in := model.Instance{
		Ops: len(n.Ops), Nets: len(n.Nets), Copies: len(n.Copies),
		NoInit: ids("NoInit"), NoExit: ids("NoExit"),
		Positive: f.Bool("Positive"), Cancel: f.Bool("Cancel"),
		Quota: f.Bool("Quota"), Modern: f.Bool("Modern"), NoNetNS: !f.Bool("NetNs"), Boot: f.Bool("Boot"),
		MaxCount: int32(f.Number("MaxCount")), MaxUse: int32(f.Number("MaxUse")),
	}
	if len(n.Nets) > 0 && f.Word("InitNet") != n.Nets[0] {
		f.Fail("InitNet must be the first of Nets")
	}
	return in, n, f.Err()
}

// Build returns the state graph of the instance. A state is a text, the one that
// graph.Canonical returns for TLC's state. When ctx ends, Build returns its error.
func Build(ctx context.Context, in model.Instance, names Names) (*graph.Graph[string], error) {
	b := builder{in: in, n: names, g: graph.New[string](), cores: map[string]*core{}}
	b.add(b.core(in.Start()), names.noAnswer(), true)
	for i := 0; i < len(b.g.States); i++ {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		b.expand(int32(i))
	}
	return b.g, nil
}

type builder struct {
	in    model.Instance
	n     Names
	g     *graph.Graph[string]
	nodes []node // by state of the graph
	cores map[string]*core
}

// A node is a state of the graph: a state of the model, and whether it has no answer.
type node struct {
	core *core
	bare bool
}

// A core is a state of the model. Its edges do not depend on the answer that led to it, so
// they are computed once.
type core struct {
	state    model.State
	text     string
	edges    []graph.Edge
	expanded bool
}

func (b *builder) core(s model.State) *core {
	key := string(s.AppendKey(nil))
	if b.cores[key] == nil {
		b.cores[key] = &core{state: s, text: b.n.state(b.in, s)}
	}
	return b.cores[key]
}

func (b *builder) add(c *core, answer string, bare bool) int32 {
	id, fresh := b.g.Add(answer + "\n" + c.text)
	if fresh {
		b.nodes = append(b.nodes, node{c, bare})
	}
	return id
}

func (b *builder) expand(id int32) {
	n := b.nodes[id]
	out := b.edges(n.core)
	if !n.bare {
		out = append(out, graph.Edge{Label: "Forget", To: b.add(n.core, b.n.noAnswer(), true)})
	} else if s := n.core.state; len(s.Live) > 0 && s.Live[0].Phase == model.Dead {
		out = append(out, graph.Edge{Label: "Panicked", To: id})
	}
	b.g.Out[id] = out
}

func (b *builder) edges(c *core) []graph.Edge {
	if !c.expanded {
		c.expanded = true
		b.in.Each(c.state, func(a model.Action) {
			if next, ans, ok := c.state.Step(a); ok {
				to := b.add(b.core(next), b.n.answer(a.Kind, a, ans), false)
				c.edges = append(c.edges, graph.Edge{Label: string(a.Kind), To: to})
			}
		})
		c.edges = slices.Clip(c.edges)
	}
	return c.edges
}

func (n Names) noAnswer() string { return n.answer("", model.Action{}, model.Answer{}) }

func (n Names) ops(o model.OpsID) string  { return pick(n.Ops, int(o), n.NoOps) }
func (n Names) net(id model.NetID) string { return pick(n.Nets, int(id), n.NoNet) }

// pick returns name number i, counted from 1, or none if there is no such name.
func pick(names []string, i int, none string) string {
	if i < 1 || i > len(names) {
		return none
	}
	return names[i-1]
}

// answer is the text of the variable answer.
func (n Names) answer(k model.Kind, a model.Action, ans model.Answer) string {
	subject := a.Net
	switch k {
	case model.CopyGet, model.CopyPut, model.Share:
		subject = a.From
	}
	ops := n.ops(a.Ops)
	if k == model.Snapshot {
		ops = pick(n.Ops, int(ans.First), n.ListHead)
	}
	var calls, freed []string
	for _, c := range ans.Calls {
		what := `"init"`
		if c.Exit {
			what = `"exit"`
		}
		calls = append(calls, "<<"+what+", "+n.ops(c.Ops)+", "+n.net(c.Net)+">>")
	}
	if ans.Freed != model.NoNet {
		freed = []string{n.net(ans.Freed)}
	}
	return fmt.Sprintf("answer = [calls |-> %s, err |-> %q, freed |-> %s, list |-> %s, net |-> %s, nets |-> %s, op |-> %q, ops |-> %s]",
		tuple(calls), ans.Err.String(), tuple(freed), tuple(each(ans.List, n.ops)), n.net(subject),
		tuple(each(ans.Nets, n.net)), k.Word(), ops)
}

func tuple(items []string) string { return "<<" + strings.Join(items, ", ") + ">>" }

func each[T any](in []T, name func(T) string) (out []string) {
	for _, x := range in {
		out = append(out, name(x))
	}
	return out
}

// state is the text of the other variables, in the order of their names.
func (n Names) state(in model.Instance, s model.State) string {
	kinds := map[model.OpsID]string{}
	for _, list := range [][]model.Entry{s.List, s.Unlinked} {
		for _, e := range list {
			kinds[e.Ops] = `"subsys"`
			if e.Device {
				kinds[e.Ops] = `"device"`
			}
		}
	}
	var kind, phase, count, use, copies []string
	for i, name := range n.Ops {
		k := `"none"`
		if known := kinds[model.OpsID(i+1)]; known != "" {
			k = known
		}
		kind = append(kind, name+" :> "+k)
	}
	for i, name := range n.Nets {
		p, net := "free", model.Net{}
		for _, l := range s.Live {
			if l.ID == model.NetID(i+1) {
				p, net = l.Phase.String(), l
			}
		}
		phase = append(phase, fmt.Sprintf("%s :> %q", name, p))
		count = append(count, fmt.Sprintf("%s :> %d", name, net.Count))
		use = append(use, fmt.Sprintf("%s :> %d", name, net.Use))
	}
	for i, name := range n.Copies {
		at, from := "idle", n.NoNet
		for _, c := range s.Copies {
			if c.Call == model.CallID(i+1) {
				at, from = "got", n.net(c.From)
				if c.Done {
					at = "done"
				}
			}
		}
		copies = append(copies, fmt.Sprintf("%s :> [at |-> %q, from |-> %s]", name, at, from))
	}
	list := each(s.List, func(e model.Entry) string { return n.ops(e.Ops) })
	return "copies = " + function(copies) + "\ncount = " + function(count) +
		"\nfirstDevice = " + pick(n.Ops, int(s.FirstDevice), n.ListHead) + "\nkind = " + function(kind) +
		"\nnetList = " + tuple(each(s.Nets, n.net)) + "\npernetList = " + tuple(list) +
		"\nphase = " + function(phase) + "\nuseCount = " + function(use)
}

func function(pairs []string) string { return "(" + strings.Join(pairs, " @@ ") + ")" }
