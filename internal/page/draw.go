// SPDX-License-Identifier: MIT

package page

import (
	"fmt"
	"slices"
	"strings"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/explore/rwsem"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/wire"
)

// The variables that all disciplines share, and that the page draws: those of registry.tla, and
// those of the algorithms. A sketch has the others. Any other variable is shown as text.
var (
	contractVars  = []string{"pernetList", "firstDevice", "kind", "netList", "phase", "count"}
	algorithmVars = []string{"deferred", "balance", "thread"}
)

// The disciplines. The first one has the names of registry.tla.
var sketches = []*explore.Sketch{&mutex.Sketch, &rwsem.Sketch}

// drawnBy returns the variables that a sketch draws, of the contract and of the algorithm.
func drawnBy(k *explore.Sketch) (contract, algorithm []string) {
	contract, algorithm = append(slices.Clone(contractVars), k.Use.Variable), slices.Clone(algorithmVars)
	for _, l := range k.Locks {
		algorithm = append(algorithm, l.Variable)
	}
	for _, l := range k.Lists {
		algorithm = append(algorithm, l.Variable)
	}
	if k.Log != "" {
		algorithm = append(algorithm, k.Log)
	}
	return contract, algorithm
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
	out.sketch = d.sketch()
	contract, algorithm := drawnBy(out.sketch)
	out.Drawn = d.hasAll(contract)
	out.Algorithm = out.Drawn && d.hasAll(algorithm)
	for _, v := range printed {
		if !(out.Drawn && slices.Contains(contract, v.Name)) && !(out.Algorithm && slices.Contains(algorithm, v.Name)) {
			out.Vars = append(out.Vars, v)
		}
	}
	if out.Drawn {
		d.contract(&out.View, out.sketch)
	}
	if out.Algorithm {
		d.algorithm(&out.View, out.sketch)
	}
	return out
}

// sketch returns the sketch of the discipline all of whose variables are there, or else the first.
func (d *drawer) sketch() *explore.Sketch {
	for _, k := range sketches {
		if contract, algorithm := drawnBy(k); d.hasAll(contract) && d.hasAll(algorithm) {
			return k
		}
	}
	return sketches[0]
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

// list returns the elements of a sequence or a set, which must be known names.
func (d *drawer) list(name string, known []string) (out []string) {
	if kind := d.vars[name].Kind; kind != graph.Seq && kind != graph.Set {
		d.fail(name, "not a sequence or a set")
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

// contract reads the variables that the contract and the algorithms have in common.
func (d *drawer) contract(v *View, k *explore.Sketch) {
	d.ops, d.nets = d.order("kind", d.names.Ops), d.order("phase", d.names.Nets)
	v.List, v.NetList = d.list("pernetList", d.ops), d.list("netList", d.nets)
	v.First, v.Use = d.word("firstDevice", d.ops), k.Use.Name
	for _, o := range d.ops {
		kind, _ := d.vars["kind"].At(o)
		v.Ops = append(v.Ops, OpsView{Name: o, Kind: kind.Text})
	}
	for _, n := range d.nets {
		phase, _ := d.vars["phase"].At(n)
		v.Nets = append(v.Nets, NetView{Name: n, Phase: phase.Text,
			Count: d.number("count", d.vars["count"], n), Use: d.number(k.Use.Variable, d.vars[k.Use.Variable], n)})
	}
}

// algorithm reads the variables that the algorithm alone has.
func (d *drawer) algorithm(v *View, k *explore.Sketch) {
	for _, l := range k.Lists {
		v.Lists = append(v.Lists, List{l.Variable, l.Name, d.list(l.Variable, d.nets)})
	}
	v.Deferred = callbacks(d.vars["deferred"])
	for i, o := range d.ops {
		row, _ := d.vars["balance"].At(o)
		for _, n := range d.nets {
			v.Ops[i].Balance = append(v.Ops[i].Balance, d.number("balance", row, n))
		}
	}
	threads := d.order("thread", nil)
	for i, name := range threads {
		v.Threads = append(v.Threads, d.thread(name, d.vars["thread"].Items[i], k))
	}
	for _, l := range k.Locks {
		v.Locks = append(v.Locks, d.lock(l, threads, v, k))
	}
}

// lock reads the threads that hold a lock, and those that wait for it.
func (d *drawer) lock(l explore.Lock, threads []string, v *View, k *explore.Sketch) Lock {
	out, value := Lock{Variable: l.Variable, Name: l.Name}, d.vars[l.Variable]
	switch value.Kind {
	case graph.Seq:
		out.Queue = true
		d.queue(&out, value.Items, threads)
		return out
	case graph.Set:
		out.Mode = "to read"
		for _, t := range value.Items {
			out.Holders = append(out.Holders, t.Text)
		}
	default:
		if owner := d.word(l.Variable, threads); owner != "" {
			out.Holders = []string{owner}
		}
	}
	for _, t := range v.Threads {
		at := t.At
		if at == idle && t.Name == d.worker && len(v.Lists[0].Items) > 0 {
			at = k.Works
		}
		if len(out.Holders) > 0 && slices.Contains(l.Takes, at) {
			out.Waiting = append(out.Waiting, Waiter{Thread: t.Name})
		}
	}
	return out
}

// queue reads a queue of <<thread, mode>>: the readers at its head hold the lock, or the writer that
// is its head.
func (d *drawer) queue(l *Lock, entries []graph.Value, threads []string) {
	modes := map[string]string{"R": "to read", "W": "to write"}
	for i, e := range entries {
		if len(e.Items) != 2 || !slices.Contains(threads, e.Items[0].Text) || modes[e.Items[1].Text] == "" {
			d.fail(l.Variable, "%s is not a thread with \"R\" or \"W\"", e)
		}
		w := Waiter{e.Items[0].Text, modes[e.Items[1].Text]}
		if i == 0 || len(l.Waiting) == 0 && l.Mode == "to read" && w.Mode == l.Mode {
			l.Holders, l.Mode = append(l.Holders, w.Thread), w.Mode
		} else {
			l.Waiting = append(l.Waiting, w)
		}
	}
}

// thread reads the record of a thread. It leaves out ops and nets outside the instance.
func (d *drawer) thread(name string, r graph.Value, k *explore.Sketch) ThreadView {
	field := func(f string) string {
		v, ok := r.At(f)
		if !ok {
			d.fail("thread", "%s has no field %s", name, f)
		}
		return v.Text
	}
	waits, _ := r.At("waits")
	readers, _ := r.At("readers")
	t := ThreadView{
		Name: name, At: field("at"), Kind: field("kind"), Ops: among(field("ops"), d.ops), Net: among(field("net"), d.nets),
		Other: among(field("other"), d.nets), Err: field("err"), Waits: callbacks(waits), Readers: words(readers),
	}
	if t.Kind == "none" {
		t.Kind = ""
	}
	t.Locals = []Var{{"kind", t.Kind}, {"ops", t.Ops}, {"net", t.Net}, {"other", t.Other}, {"err", t.Err}}
	for _, list := range []string{"undo", "nets"} { // only some disciplines have these
		v, _ := r.At(list)
		t.Locals = append(t.Locals, Var{list, strings.Join(words(v), ", ")})
	}
	t.Locals = slices.DeleteFunc(t.Locals, func(v Var) bool { return v.Value == "" })
	if log, ok := d.vars[k.Log].At(name); ok {
		t.Ran = each(log.Items, func(v graph.Value) string { return ran(v, slices.Concat(d.ops, d.nets)) })
	}
	return t
}

func each[A, B any](list []A, of func(A) B) (out []B) {
	for _, x := range list {
		out = append(out, of(x))
	}
	return out
}

func words(v graph.Value) []string {
	return each(v.Items, func(x graph.Value) string { return x.Text })
}

// ran writes an entry of a log, <<what, ops, net>>, without an ops or a net that is none.
func ran(v graph.Value, known []string) string {
	if len(v.Items) == 0 {
		return v.String()
	}
	text := v.Items[0].Text
	for _, x := range v.Items[1:] {
		if slices.Contains(known, x.Text) {
			text += " " + x.Text
		}
	}
	return text
}

// callbacks writes a set of deferred callbacks, <<ops, net>> or <<ops, net, level>>.
func callbacks(set graph.Value) []string {
	return each(set.Items, func(p graph.Value) string {
		if len(p.Items) < 2 {
			return p.String()
		}
		text := p.Items[0].Text + " on " + p.Items[1].Text
		if len(p.Items) > 2 && p.Items[2].Text != "1" {
			text += ", level " + p.Items[2].Text
		}
		return text
	})
}
