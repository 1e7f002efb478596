// SPDX-License-Identifier: MIT

package page

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/tlc"
	"example.com/pernet/internal/wire"
)

// The variables that the page draws: those that registry.tla and netns.tla share, and
// those of netns.tla alone. Other variables are shown as text.
var (
	contractVars  = []string{"pernetList", "firstDevice", "kind", "netList", "phase", "count", "useCount"}
	algorithmVars = []string{"netMutex", "rtnl", "workQueue", "deferred", "balance", "thread"}
)

// Names are the names in a counterexample that only its cfg gives.
type Names struct {
	Cfg        string   // its file, for the page
	About      []string // its comment
	Properties []string // TLC does not say which of them was violated
	Ops, Nets  []string // in order; empty: in the order of the first state
	Worker     string   // empty: T_worker
}

// FromTLC makes the trace of a counterexample. It draws the states of netns.tla, of modules
// that extend it, and of registry.tla; it shows those of any other module as text. An error
// is a *wire.Error with the line of the wrong value.
func FromTLC(c Counterexample, names Names, command string) (Trace, error) {
	t := Trace{Title: "A counterexample of TLC's, step by step", Unit: "State", First: 1, About: names.About, Command: command, Problem: problemOf(c, names)}
	d := drawer{file: c.File, names: names, worker: cmp.Or(names.Worker, "T_worker")}
	for i, s := range c.States {
		state, err := d.state(s)
		if err != nil {
			return t, err
		}
		step := Step{State: state}
		if i > 0 {
			step.Action = s.Action
			step.Actor = actor(s.Action, &t.Steps[i-1].State, &state, d.worker)
		}
		t.Steps = append(t.Steps, step)
	}
	if c.Back > 0 {
		t.Loops, t.Back, t.BackAction = true, c.Back-1, c.BackAction
	}
	t.Stutters = c.Stutters
	if !c.Ended {
		t.About = append(slices.Clone(t.About), "TLC's output ends right after the last state; it may have been cut off.")
	}
	t.finish(d.worker)
	return t, nil
}

func problemOf(c Counterexample, names Names) string {
	what := cmp.Or(strings.TrimSuffix(c.Problem, initially), "TLC printed these states, and no violation before them.")
	for _, kind := range []string{"Invariant ", "Action property ", "Property "} {
		if rest, ok := strings.CutPrefix(what, kind); ok {
			what = "The " + strings.ToLower(kind) + rest
		}
	}
	if strings.HasPrefix(what, "Temporal") && len(names.Properties) == 1 {
		what = "The property " + names.Properties[0] + " is violated."
	} else if strings.HasPrefix(what, "Temporal") && len(names.Properties) > 1 {
		what += " It is one of " + strings.Join(names.Properties, ", ") + "; TLC does not say which."
	}
	if !strings.HasSuffix(what, ".") {
		what += "."
	}
	return what
}

// A drawer makes states from variables.
type drawer struct {
	file   string // that TLC's output is in
	names  Names
	worker string
	vars   map[string]graph.Value
	lines  map[string]int

	ops, nets []string
}

// state draws a state until the first wrong value, which is a *wire.Error.
func (d *drawer) state(s TLCState) (out State, err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case *wire.Error:
			err = v
		default:
			panic(v)
		}
	}()
	d.vars, d.lines = map[string]graph.Value{}, map[string]int{}
	for i, v := range s.Vars {
		d.lines[v.Name] = s.lines[i]
		parsed, err := graph.ParseValue(v.Value)
		if err != nil {
			d.fail(v.Name, "%v", err)
		}
		d.vars[v.Name] = parsed
	}
	return d.draw(s.Vars), nil
}

// draw makes a state of d.vars; printed are the variables as TLC printed them.
func (d *drawer) draw(printed []Var) (out State) {
	out.Drawn = d.hasAll(contractVars)
	out.Algorithm = out.Drawn && d.hasAll(algorithmVars)
	for _, v := range printed {
		if !out.Drawn || !slices.Contains(contractVars, v.Name) && !(out.Algorithm && slices.Contains(algorithmVars, v.Name)) {
			out.Vars = append(out.Vars, v)
		}
	}
	if out.Drawn {
		d.contract(&out.View)
	}
	if out.Algorithm {
		d.algorithm(&out.View)
	}
	return out
}

func (d *drawer) hasAll(names []string) bool {
	return !slices.ContainsFunc(names, func(n string) bool { _, ok := d.vars[n]; return !ok })
}

// fail stops the drawing of a state: the value of the variable is wrong.
func (d *drawer) fail(name, format string, args ...any) {
	panic(&wire.Error{File: d.file, Line: d.lines[name], Msg: name + ": " + fmt.Sprintf(format, args...)})
}

// order returns the arguments of a function, in the order of the cfg if it names them.
func (d *drawer) order(name string, known []string) []string {
	keys := d.vars[name].Keys
	if !d.vars[name].IsFunction() {
		d.fail(name, "not a function")
	}
	if len(known) == 0 {
		return keys
	}
	if !slices.Equal(slices.Sorted(slices.Values(keys)), slices.Sorted(slices.Values(known))) {
		d.fail(name, "its arguments are %s, but %s has %s: is it the cfg of this run?", strings.Join(keys, ", "), d.names.Cfg, strings.Join(known, ", "))
	}
	return known
}

// list returns the elements of a sequence, which must be known names.
func (d *drawer) list(name string, known []string) (out []string) {
	if d.vars[name].Kind != graph.Seq {
		d.fail(name, "not a sequence")
	}
	for _, x := range d.vars[name].Items {
		if !slices.Contains(known, x.Text) {
			d.fail(name, "it contains %q, which is none of %s", x.Text, strings.Join(known, ", "))
		}
		out = append(out, x.Text)
	}
	return out
}

// number returns the value of the function f at an argument, which must be a number.
func (d *drawer) number(name string, f graph.Value, arg string) int {
	v, _ := f.At(arg)
	n, ok := v.Number()
	if !ok {
		d.fail(name, "no number for %s", arg)
	}
	return n
}

// word returns the value of a variable if it is one of the known names, else "".
func (d *drawer) word(name string, known []string) string { return among(d.vars[name].Text, known) }

func among(s string, known []string) string {
	if slices.Contains(known, s) {
		return s
	}
	return ""
}

// contract reads the variables that the contract and the algorithm have in common.
func (d *drawer) contract(v *View) {
	d.ops, d.nets = d.order("kind", d.names.Ops), d.order("phase", d.names.Nets)
	v.List, v.NetList = d.list("pernetList", d.ops), d.list("netList", d.nets)
	v.First = d.word("firstDevice", d.ops)
	for _, o := range d.ops {
		kind, _ := d.vars["kind"].At(o)
		v.Ops = append(v.Ops, OpsView{Name: o, Kind: kind.Text})
	}
	for _, n := range d.nets {
		phase, _ := d.vars["phase"].At(n)
		v.Nets = append(v.Nets, NetView{Name: n, Phase: phase.Text,
			Count: d.number("count", d.vars["count"], n), Use: d.number("useCount", d.vars["useCount"], n)})
	}
}

// algorithm reads the variables that the algorithm alone has.
func (d *drawer) algorithm(v *View) {
	v.Queue = d.list("workQueue", d.nets)
	v.Deferred = pairsOf(d.vars["deferred"])
	for i, o := range d.ops {
		row, _ := d.vars["balance"].At(o)
		for _, n := range d.nets {
			v.Ops[i].Balance = append(v.Ops[i].Balance, d.number("balance", row, n))
		}
	}
	threads := d.order("thread", nil)
	for i, name := range threads {
		v.Threads = append(v.Threads, d.thread(name, d.vars["thread"].Items[i]))
	}
	for _, l := range mutex.Locks {
		v.Locks = append(v.Locks, Lock{l.Name, l.Variable, d.word(l.Variable, threads)})
	}
}

// thread reads the record of a thread. It leaves out ops and nets outside the instance.
func (d *drawer) thread(name string, r graph.Value) ThreadView {
	field := func(f string) string {
		v, ok := r.At(f)
		if !ok {
			d.fail("thread", "%s has no field %s", name, f)
		}
		return v.Text
	}
	waits, _ := r.At("waits")
	return ThreadView{
		Name: name, At: field("at"), Kind: field("kind"), Ops: among(field("ops"), d.ops), Net: among(field("net"), d.nets),
		Other: among(field("other"), d.nets), Err: field("err"), Waits: pairsOf(waits),
	}
}

func pairsOf(set graph.Value) (out []Pair) {
	for _, p := range set.Items {
		if len(p.Items) == 2 {
			out = append(out, Pair{Ops: p.Items[0].Text, Net: p.Items[1].Text})
		}
	}
	return out
}

// ReadNames reads from a cfg the names that its counterexamples use.
func ReadNames(path string) (Names, error) {
	c, err := tlc.ReadCfg(filepath.Split(path))
	if err != nil {
		return Names{}, err
	}
	n := Names{Cfg: path, Properties: c.Properties, About: []string{c.Name + ". " + c.About}, Ops: c.Set("Ops")}
	if n.Nets = c.Slots(); n.Nets == nil && c.Has("Nets") {
		n.Nets = c.Set("Nets")
	}
	if c.Has("Worker") {
		n.Worker = c.Word("Worker")
	}
	if len(n.Ops) == 0 {
		return n, fmt.Errorf("%s: no value for Ops: is it a cfg of spec/?", path)
	}
	return n, c.Err()
}
