// SPDX-License-Identifier: MIT

package compare

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/tlc"
	"example.com/pernet/model"
)

// Contract returns the state graph of the model in an instance of spec/registry.tla, in the
// form of TLC's graph. A state is a text, the one that graph.Canonical returns
// for TLC's state. When ctx ends, Contract returns its error.
func Contract(ctx context.Context, cfg string) (*graph.Graph[string], error) {
	c, err := tlc.ReadCfg(filepath.Split(cfg))
	if err != nil {
		return nil, err
	}
	in := c.Contract()
	n := names{ops: c.Set("Ops"), nets: c.Set("Nets"), copies: c.Set("Copies"), noOps: c.Word("NoOps"), noNet: c.Word("NoNet"), listHead: c.Word("ListHead")}
	if c.Err() != nil {
		return nil, c.Err()
	}
	b := builder{in: in, n: n, g: graph.New[string](), cores: map[string]*core{}}
	b.add(b.core(in.Start()), n.noAnswer(), true)
	for i := 0; i < len(b.g.States); i++ {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		b.expand(int32(i))
	}
	return b.g, nil
}

// names are the names in the cfg of an instance. The model has numbers instead.
type names struct {
	ops, nets, copies      []string
	noOps, noNet, listHead string
}

type builder struct {
	in    model.Instance
	n     names
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

func (n names) noAnswer() string { return n.answer("", model.Action{}, model.Answer{}) }

func (n names) opsName(o model.OpsID) string  { return pick(n.ops, int(o), n.noOps) }
func (n names) netName(id model.NetID) string { return pick(n.nets, int(id), n.noNet) }

// pick returns name number i, counted from 1, or none if there is no such name.
func pick(names []string, i int, none string) string {
	if i < 1 || i > len(names) {
		return none
	}
	return names[i-1]
}

// answer is the text of the variable answer.
func (n names) answer(k model.Kind, a model.Action, ans model.Answer) string {
	subject := a.Net
	switch k {
	case model.CopyGet, model.CopyPut, model.Share:
		subject = a.From
	}
	ops := n.opsName(a.Ops)
	if k == model.Snapshot {
		ops = pick(n.ops, int(ans.First), n.listHead)
	}
	var calls, freed []string
	for _, c := range ans.Calls {
		what := `"init"`
		if c.Exit {
			what = `"exit"`
		}
		calls = append(calls, "<<"+what+", "+n.opsName(c.Ops)+", "+n.netName(c.Net)+">>")
	}
	if ans.Freed != model.NoNet {
		freed = []string{n.netName(ans.Freed)}
	}
	return fmt.Sprintf("answer = [calls |-> %s, err |-> %q, freed |-> %s, list |-> %s, net |-> %s, nets |-> %s, op |-> %q, ops |-> %s]",
		tuple(calls), ans.Err.String(), tuple(freed), tuple(each(ans.List, n.opsName)), n.netName(subject),
		tuple(each(ans.Nets, n.netName)), word(k), ops)
}

// word returns the name of an action as spec/registry.tla spells it in an answer: "copy_get" for
// CopyGet.
func word(k model.Kind) string {
	return strings.ToLower(strings.TrimPrefix(capital.ReplaceAllString(string(k), "_$0"), "_"))
}

var capital = regexp.MustCompile(`[A-Z]`)

func tuple(items []string) string { return "<<" + strings.Join(items, ", ") + ">>" }

func each[T any](in []T, name func(T) string) (out []string) {
	for _, x := range in {
		out = append(out, name(x))
	}
	return out
}

// state is the text of the other variables, in the order of their names.
func (n names) state(in model.Instance, s model.State) string {
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
	for i, name := range n.ops {
		k := `"none"`
		if known := kinds[model.OpsID(i+1)]; known != "" {
			k = known
		}
		kind = append(kind, name+" :> "+k)
	}
	for i, name := range n.nets {
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
	for i, name := range n.copies {
		at, from := "idle", n.noNet
		for _, c := range s.Copies {
			if c.Call == model.CallID(i+1) {
				at, from = "got", n.netName(c.From)
				if c.Done {
					at = "done"
				}
			}
		}
		copies = append(copies, fmt.Sprintf("%s :> [at |-> %q, from |-> %s]", name, at, from))
	}
	list := each(s.List, func(e model.Entry) string { return n.opsName(e.Ops) })
	return "copies = " + function(copies) + "\ncount = " + function(count) +
		"\nfirstDevice = " + pick(n.ops, int(s.FirstDevice), n.listHead) + "\nkind = " + function(kind) +
		"\nnetList = " + tuple(each(s.Nets, n.netName)) + "\npernetList = " + tuple(list) +
		"\nphase = " + function(phase) + "\nuseCount = " + function(use)
}

func function(pairs []string) string { return "(" + strings.Join(pairs, " @@ ") + ")" }
