// SPDX-License-Identifier: MIT

package lin

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// TestLikelyHazardIsNamed gives each hazard a history that shows it.
func TestLikelyHazardIsNamed(t *testing.T) {
	cb := func(words ...string) []wire.Callback {
		var out []wire.Callback
		for _, w := range words {
			f := strings.Fields(w)
			out = append(out, wire.Callback{Exit: f[0] == "exit", Ops: f[1], Net: f[2]})
		}
		return out
	}
	register := func(o string, calls ...string) wire.Line {
		return wire.Line{Op: wire.RegisterSubsys, Ops: o, Calls: cb(calls...)}
	}
	bare := func(o string) wire.Line { return wire.Line{Op: wire.RegisterSubsys, Ops: o, NoInit: true} }
	copyOf := func(n, from string, e model.Err, calls ...string) wire.Line {
		return wire.Line{Op: wire.Copy, Net: n, From: from, Err: e, Calls: cb(calls...)}
	}
	net := func(v string, n string, e model.Err) wire.Line { return wire.Line{Op: v, Net: n, Err: e} }
	cleanup := func(n string, freed bool, calls ...string) wire.Line {
		o := wire.Line{Client: wire.Worker, Op: wire.Cleanup, Nets: []string{n}, Calls: cb(calls...)}
		if freed {
			o.Freed = o.Nets
		}
		return o
	}
	long := copyOf("n2", "n1", 0) // under way to the end
	long.Client, long.Return = 9, 1000
	stray := long
	stray.Calls = cb("init a n2")
	dying := []wire.Line{copyOf("n1", wire.InitNet, 0), net(wire.Put, "n1", 0)}
	kept := append(slices.Clone(dying), net(wire.Hold, "n1", 0), cleanup("n1", false))
	open := cleanup("n1", true) // it has unlinked its net and has not returned
	open.Return = 1000
	for _, c := range []struct {
		name, want string
		ops        []wire.Line
	}{
		{"exit after a positive init", hazardH1, []wire.Line{register("a", "init a init_net"), copyOf("n1", wire.InitNet, 1, "init a n1", "exit a n1")}},
		{"register passes over a dying net", hazardH2, append(slices.Clone(dying), register("a", "init a init_net"))},
		{"cleanup without the exit of a new ops", hazardH2, append(slices.Clone(dying), register("a", "init a init_net", "init a n1"), cleanup("n1", true))},
		{"register on an unlinked net", hazardH2, append(slices.Clone(dying), open,
			wire.Line{Op: wire.List, Nets: []string{wire.InitNet}}, register("a", "init a init_net", "init a n1"))},
		{"first device", hazardH3, []wire.Line{{Op: wire.RegisterDevice, Ops: "d", NoInit: true}, {Op: wire.State, PernetList: []string{"d"}, Nets: []string{wire.InitNet}}}},
		{"subsystem behind a device", hazardH3c, []wire.Line{{Op: wire.RegisterDevice, Ops: "d", NoInit: true}, bare("a"),
			{Op: wire.State, PernetList: []string{"d", "a"}, FirstDevice: "d", Nets: []string{wire.InitNet}}}},
		{"undo of a copy", hazardH5, []wire.Line{register("a", "init a init_net"), copyOf("n1", wire.InitNet, -12, "init a n1", "exit a n1")}},
		{"undo of a register", hazardH6, []wire.Line{{Op: wire.RegisterSubsys, Ops: "a", Err: -12, Calls: cb("init a init_net", "exit a init_net")}}},
		{"registered twice", hazardH8, []wire.Line{bare("a"), bare("a")}},
		{"unregistered as the other kind", hazardH8, []wire.Line{bare("a"), {Op: wire.UnregisterDevice, Ops: "a", Calls: cb("exit a init_net")}}},
		{"unregister without the exit of an ops without init", hazardH9, []wire.Line{bare("a"), {Op: wire.UnregisterSubsys, Ops: "a"}}},
		{"cleanup without that exit", hazardH9, append([]wire.Line{bare("a")}, append(slices.Clone(dying), cleanup("n1", true))...)},
		{"undo without that exit", hazardH9, []wire.Line{bare("a"), register("b", "init b init_net"), copyOf("n1", wire.InitNet, -12, "init b n1")}},
		{"freed in use", hazardH10, append(slices.Clone(dying), net(wire.Hold, "n1", 0), cleanup("n1", true))},
		{"freed later", hazardH10, append(slices.Clone(kept), net(wire.Release, "n1", 0), copyOf("n1", wire.InitNet, 0))},
		{"put during a copy is not the last", hazardH12, []wire.Line{copyOf("n1", wire.InitNet, 0), long, net(wire.Put, "n1", 0), net(wire.Get, "n1", -2),
			{Op: wire.List, Nets: []string{wire.InitNet, "n1"}}}},
		{"cleanup during a copy", hazardH12, []wire.Line{copyOf("n1", wire.InitNet, 0), long, net(wire.Put, "n1", 0), cleanup("n1", true),
			{Op: wire.List, Nets: []string{wire.InitNet}}}},
		{"get after zero", hazardK5, append(slices.Clone(dying), net(wire.Get, "n1", 0))},
		{"share after zero", hazardK5, append(slices.Clone(dying), wire.Line{Op: wire.Copy, Share: true, From: "n1"})},
		{"copy after zero", hazardK5, append(slices.Clone(dying), copyOf("n2", "n1", 0))},
		{"put below zero", hazardP1, append(slices.Clone(dying), net(wire.Put, "n1", 0))},
		{"put of init_net", hazardP2, []wire.Line{net(wire.Put, wire.InitNet, 0)}},
		{"cleanup of a net that has references", "", []wire.Line{copyOf("n1", wire.InitNet, 0), cleanup("n1", true)}},
		{"error out of nowhere", "", []wire.Line{register("a", "init a init_net"), copyOf("n1", wire.InitNet, -16)}},
		{"refused for no reason", "", []wire.Line{{Op: wire.RegisterSubsys, Ops: "a", Err: -17}}},
		{"an init more", "", []wire.Line{register("a", "init a init_net", "init a n7")}},
		{"unrecorded", "", []wire.Line{bare("a"), {Op: wire.Copy, Net: "n", From: wire.InitNet, Err: -5, Unknown: true}}},
		{"two nets", "", []wire.Line{{Client: wire.Worker, Op: wire.Cleanup, Nets: []string{"n1", "n2"}}}},
		{"list", "", []wire.Line{{Op: wire.List}}},
		{"one ops less", "", []wire.Line{bare("a"), {Op: wire.State, Nets: []string{wire.InitNet}}}},
		{"freed another", "", append(slices.Clone(dying), wire.Line{Client: wire.Worker, Op: wire.Cleanup, Nets: []string{"n1"}, Freed: []string{"n7"}})},

		// These resemble a hazard, and something else is wrong with them.
		{"put during a copy that runs a stray init", "", []wire.Line{copyOf("n1", wire.InitNet, 0), stray, net(wire.Put, "n1", 0), net(wire.Get, "n1", -2)}},
		{"cleanup during a copy that runs a stray init", "", []wire.Line{copyOf("n1", wire.InitNet, 0), stray, net(wire.Put, "n1", 0), cleanup("n1", true)}},
		{"get with callbacks", "", []wire.Line{copyOf("n1", wire.InitNet, 0), {Op: wire.Get, Net: "n1", Calls: cb("init a n1")}}},
		{"put of init_net with callbacks", "", []wire.Line{net(wire.Get, wire.InitNet, 0), {Op: wire.Put, Net: wire.InitNet, Calls: cb("exit a init_net")}}},
		{"put with callbacks", "", []wire.Line{copyOf("n1", wire.InitNet, 0), {Op: wire.Put, Net: "n1", Calls: cb("exit a n1")}}},
		{"cancelled copy with callbacks of a dying net", "", append(slices.Clone(dying), copyOf("n2", "n1", model.EINTR, "init a n2"))},
		{"cancelled copy of a dying net", "", append(slices.Clone(dying), copyOf("n2", "n1", model.EINTR))},
		{"get refused during a copy though others hold the net", "", []wire.Line{copyOf("n1", wire.InitNet, 0), net(wire.Get, "n1", 0), long, net(wire.Get, "n1", model.ENOENT)}},
		{"get answers another errno during a copy", "", []wire.Line{copyOf("n1", wire.InitNet, 0), long, net(wire.Put, "n1", 0), net(wire.Get, "n1", model.EBUSY)}},
		{"cleanup without any exit", "", []wire.Line{register("a", "init a init_net"), copyOf("n1", wire.InitNet, 0, "init a n1"), net(wire.Put, "n1", 0), cleanup("n1", true)}},
		{"cleanup with a stray exit", "", append(slices.Clone(dying), cleanup("n1", true, "exit a n1"))},
		{"cleanup with an init", "", append(slices.Clone(dying), register("a", "init a init_net", "init a n1"), cleanup("n1", true, "init a n7"))},
		{"freed another in use", "", append(slices.Clone(dying), net(wire.Hold, "n1", 0), wire.Line{Client: wire.Worker, Op: wire.Cleanup, Nets: []string{"n1"}, Freed: []string{"n7"}})},
		{"name of a net in use taken again", "", append(slices.Clone(kept), copyOf("n1", wire.InitNet, 0))},
		{"positive copy with the exit of another net", "", []wire.Line{register("a", "init a init_net"), copyOf("n1", wire.InitNet, 1, "init a n1", "exit a n2")}},
		{"failed copy with the exit of another net", "", []wire.Line{register("a", "init a init_net"), copyOf("n1", wire.InitNet, -12, "init a n1", "exit a n2")}},
		{"failed copy with the exit of a stranger", "", []wire.Line{register("a", "init a init_net"), copyOf("n1", wire.InitNet, -12, "init a n1", "exit b n1")}},
		{"failed copy with an exit first", "", []wire.Line{register("a", "init a init_net"), copyOf("n1", wire.InitNet, -12, "exit a n1", "init a n1")}},
		{"failed register with the exit of a stranger", "", []wire.Line{{Op: wire.RegisterSubsys, Ops: "a", Err: -12, Calls: cb("init a init_net", "exit b init_net")}}},
		{"register passes over every net", "", append(slices.Clone(dying), register("a"))},
		{"register with the init of a stranger", "", append(slices.Clone(dying), register("a", "init a init_net", "init b n1"))},
		{"state with callbacks", "", []wire.Line{{Op: wire.RegisterDevice, Ops: "d", NoInit: true}, {Op: wire.State, PernetList: []string{"d"}, Nets: []string{wire.InitNet}, Calls: cb("init d init_net")}}},
		{"one ops less", "", []wire.Line{bare("a"), {Op: wire.State, Nets: []string{wire.InitNet}}}},
		{"freed another", "", append(slices.Clone(dying), wire.Line{Client: wire.Worker, Op: wire.Cleanup, Nets: []string{"n1"}, Freed: []string{"n7"}})},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i := range c.ops {
				o := &c.ops[i]
				o.Call = int64(10 * i)
				o.Return = max(o.Return, o.Call+5)
			}
			r, err := Check(t.Context(), model.Mutex, c.ops)
			if err != nil || r.Verdict != Not {
				t.Fatalf("judged %s; %v", r.Verdict, err)
			}
			if r.Failure.Hazard != c.want {
				t.Errorf("hazard %q, want %q\n%v", r.Failure.Hazard, c.want, r.Failure)
			}
		})
	}
}

// TestOnlyWhatMattersIsShown: neither the kept nets nor the whole of long lists.
func TestOnlyWhatMattersIsShown(t *testing.T) {
	var ops []wire.Line
	nets := []string{wire.InitNet}
	add := func(o wire.Line) {
		o.Call = int64(10 * len(ops))
		o.Return = o.Call + 5
		ops = append(ops, o)
	}
	for i := range 20 { // kept
		n := fmt.Sprint("k", i)
		add(wire.Line{Op: wire.Copy, Net: n, From: wire.InitNet})
		add(wire.Line{Op: wire.Hold, Net: n})
		add(wire.Line{Op: wire.Put, Net: n})
		add(wire.Line{Client: wire.Worker, Op: wire.Cleanup, Nets: []string{n}})
	}
	for i := range 30 {
		nets = append(nets, fmt.Sprint("n", i))
		add(wire.Line{Op: wire.Copy, Net: nets[i+1], From: wire.InitNet})
	}
	swapped := slices.Clone(nets)
	swapped[17], swapped[18] = swapped[18], swapped[17]
	var calls []wire.Callback
	for _, n := range swapped {
		calls = append(calls, wire.Callback{Ops: "a", Net: n})
	}
	for name, c := range map[string]struct {
		op                wire.Line
		difference, state string
	}{
		"get": {wire.Line{Op: wire.Get, Net: "k3"}, `err: answered "", the model answers "ENOENT"`, "net k3 is kept, count 0, use 1"},
		"list": {wire.Line{Op: wire.List, Nets: swapped}, `nets: answered […,"n14","n15","n17","n16","n18","n19",…], the model answers […,"n14","n15","n16","n17","n18","n19",…]`,
			"nets [ … n14 n15 n16 n17 n18 n19 … ]"},
		"register": {wire.Line{Op: wire.RegisterSubsys, Ops: "a", Calls: calls},
			`calls: answered […,["init","a","n14"],["init","a","n15"],["init","a","n17"],["init","a","n16"],["init","a","n18"],["init","a","n19"],…], the model answers ` +
				`[…,["init","a","n14"],["init","a","n15"],["init","a","n16"],["init","a","n17"],["init","a","n18"],["init","a","n19"],…]`,
			"ops a is not registered, nets [ … n14 n15 n16 n17 n18 n19 … ]"},
		"copy": {wire.Line{Op: wire.Copy, Net: "k4", From: wire.InitNet}, `err: answered "", the model answers "EEXIST"`, "net k4 is kept, count 0, use 1, pernet_list [ ]"},
	} {
		whole := ops
		add(c.op)
		r, err := Check(t.Context(), model.Mutex, ops)
		ops = whole
		if err != nil || r.Verdict != Not {
			t.Fatalf("%s: judged %s; %v", name, r.Verdict, err)
		}
		if f := r.Failure; !slices.Equal(f.Differences, []string{c.difference}) || f.State != c.state || f.More != 0 {
			t.Errorf("%s:\n%s", name, f)
		}
	}
	for i := range 14 { // a long pernet_list is cut off
		add(wire.Line{Op: []string{wire.RegisterSubsys, wire.RegisterDevice}[i/9], Ops: fmt.Sprint("o", i), NoInit: true})
	}
	add(wire.Line{Op: wire.Copy, Net: "m", From: wire.InitNet, Calls: []wire.Callback{{Ops: "o3", Net: "m"}}})
	r, err := Check(t.Context(), model.Mutex, ops)
	if want := "pernet_list [ o0 o1 o2 o3 o4 o5 o6 o7 o8 | o9 o10 o11 … ]"; err != nil || r.Failure.State != want {
		t.Errorf("%v\n%v", err, r.Failure)
	}
}

// TestHazardHasItsTitle: an id that no title begins with stays as it is, also if it begins one.
func TestHazardHasItsTitle(t *testing.T) {
	for id, want := range map[string]string{"K5": hazardK5, "H1": hazardH1, "H12": hazardH12, "H3": hazardH3, "H": "H", "X9": "X9"} {
		if got := Hazard(id); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}
