// SPDX-License-Identifier: MIT

package history

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/model"
)

// TestLikelyHazardIsNamed gives each hazard a history that shows it.
func TestLikelyHazardIsNamed(t *testing.T) {
	cb := func(words ...string) []Callback {
		var out []Callback
		for _, w := range words {
			f := strings.Fields(w)
			out = append(out, Callback{Exit: f[0] == "exit", Ops: f[1], Net: f[2]})
		}
		return out
	}
	register := func(o string, calls ...string) Op { return Op{Verb: RegisterSubsys, Ops: o, Calls: cb(calls...)} }
	bare := func(o string) Op { return Op{Verb: RegisterSubsys, Ops: o, NoInit: true} }
	copyOf := func(n, from string, e model.Err, calls ...string) Op {
		return Op{Verb: Copy, Net: n, From: from, Err: e, Calls: cb(calls...)}
	}
	net := func(v Verb, n string, e model.Err) Op { return Op{Verb: v, Net: n, Err: e} }
	cleanup := func(n string, freed bool, calls ...string) Op {
		o := Op{Client: Worker, Verb: Cleanup, Nets: []string{n}, Calls: cb(calls...)}
		if freed {
			o.Freed = o.Nets
		}
		return o
	}
	long := copyOf("n2", "n1", 0) // under way to the end
	long.Client, long.Return = 9, 1000
	dying := []Op{copyOf("n1", InitNet, 0), net(Put, "n1", 0)}
	kept := append(slices.Clone(dying), net(Hold, "n1", 0), cleanup("n1", false))
	open := cleanup("n1", true) // it has unlinked its net and has not returned
	open.Return = 1000
	for _, c := range []struct {
		name, want string
		ops        []Op
	}{
		{"exit after a positive init", hazardH1, []Op{register("a", "init a init_net"), copyOf("n1", InitNet, 1, "init a n1", "exit a n1")}},
		{"register passes over a dying net", hazardH2, append(slices.Clone(dying), register("a", "init a init_net"))},
		{"cleanup without the exit of a new ops", hazardH2, append(slices.Clone(dying), register("a", "init a init_net", "init a n1"), cleanup("n1", true))},
		{"register on an unlinked net", hazardH2, append(slices.Clone(dying), open,
			Op{Verb: List, Nets: []string{InitNet}}, register("a", "init a init_net", "init a n1"))},
		{"first device", hazardH3, []Op{{Verb: RegisterDevice, Ops: "d", NoInit: true}, {Verb: State, PernetList: []string{"d"}, Nets: []string{InitNet}}}},
		{"subsystem behind a device", hazardH3c, []Op{{Verb: RegisterDevice, Ops: "d", NoInit: true}, bare("a"),
			{Verb: State, PernetList: []string{"d", "a"}, FirstDevice: "d", Nets: []string{InitNet}}}},
		{"undo of a copy", hazardH5, []Op{register("a", "init a init_net"), copyOf("n1", InitNet, -12, "init a n1", "exit a n1")}},
		{"undo of a register", hazardH6, []Op{{Verb: RegisterSubsys, Ops: "a", Err: -12, Calls: cb("init a init_net", "exit a init_net")}}},
		{"registered twice", hazardH8, []Op{bare("a"), bare("a")}},
		{"unregistered as the other kind", hazardH8, []Op{bare("a"), {Verb: UnregisterDevice, Ops: "a", Calls: cb("exit a init_net")}}},
		{"unregister without the exit of an ops without init", hazardH9, []Op{bare("a"), {Verb: UnregisterSubsys, Ops: "a"}}},
		{"cleanup without that exit", hazardH9, append([]Op{bare("a")}, append(slices.Clone(dying), cleanup("n1", true))...)},
		{"undo without that exit", hazardH9, []Op{bare("a"), register("b", "init b init_net"), copyOf("n1", InitNet, -12, "init b n1")}},
		{"freed in use", hazardH10, append(slices.Clone(dying), net(Hold, "n1", 0), cleanup("n1", true))},
		{"freed later", hazardH10, append(slices.Clone(kept), net(Release, "n1", 0), copyOf("n1", InitNet, 0))},
		{"put during a copy is not the last", hazardH12, []Op{copyOf("n1", InitNet, 0), long, net(Put, "n1", 0), net(Get, "n1", -2),
			{Verb: List, Nets: []string{InitNet, "n1"}}}},
		{"cleanup during a copy", hazardH12, []Op{copyOf("n1", InitNet, 0), long, net(Put, "n1", 0), cleanup("n1", true),
			{Verb: List, Nets: []string{InitNet}}}},
		{"get after zero", hazardK5, append(slices.Clone(dying), net(Get, "n1", 0))},
		{"share after zero", hazardK5, append(slices.Clone(dying), Op{Verb: Copy, Share: true, From: "n1"})},
		{"copy after zero", hazardK5, append(slices.Clone(dying), copyOf("n2", "n1", 0))},
		{"put below zero", hazardP1, append(slices.Clone(dying), net(Put, "n1", 0))},
		{"put of init_net", hazardP2, []Op{net(Put, InitNet, 0)}},
		{"cleanup of a net that has references", "", []Op{copyOf("n1", InitNet, 0), cleanup("n1", true)}},
		{"error out of nowhere", "", []Op{register("a", "init a init_net"), copyOf("n1", InitNet, -16)}},
		{"refused for no reason", "", []Op{{Verb: RegisterSubsys, Ops: "a", Err: -17}}},
		{"an init more", "", []Op{register("a", "init a init_net", "init a n7")}},
		{"unrecorded", "", []Op{bare("a"), {Verb: Copy, Net: "n", From: InitNet, Err: -5, Unknown: true}}},
		{"two nets", "", []Op{{Client: Worker, Verb: Cleanup, Nets: []string{"n1", "n2"}}}},
		{"list", "", []Op{{Verb: List}}},
		{"one ops less", "", []Op{bare("a"), {Verb: State, Nets: []string{InitNet}}}},
		{"freed another", "", append(slices.Clone(dying), Op{Client: Worker, Verb: Cleanup, Nets: []string{"n1"}, Freed: []string{"n7"}})},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i := range c.ops {
				o := &c.ops[i]
				o.Call = int64(10 * i)
				o.Return = max(o.Return, o.Call+5)
			}
			r, err := Check(t.Context(), c.ops)
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
	var ops []Op
	nets := []string{InitNet}
	add := func(o Op) {
		o.Call = int64(10 * len(ops))
		o.Return = o.Call + 5
		ops = append(ops, o)
	}
	for i := range 20 { // kept
		n := fmt.Sprint("k", i)
		add(Op{Verb: Copy, Net: n, From: InitNet})
		add(Op{Verb: Hold, Net: n})
		add(Op{Verb: Put, Net: n})
		add(Op{Client: Worker, Verb: Cleanup, Nets: []string{n}})
	}
	for i := range 30 {
		nets = append(nets, fmt.Sprint("n", i))
		add(Op{Verb: Copy, Net: nets[i+1], From: InitNet})
	}
	swapped := slices.Clone(nets)
	swapped[17], swapped[18] = swapped[18], swapped[17]
	var calls []Callback
	for _, n := range swapped {
		calls = append(calls, Callback{Ops: "a", Net: n})
	}
	for name, c := range map[string]struct {
		op                Op
		difference, state string
	}{
		"get": {Op{Verb: Get, Net: "k3"}, `err: answered "", the model answers "ENOENT"`, "net k3 is kept, count 0, use 1"},
		"list": {Op{Verb: List, Nets: swapped}, `nets: answered […,"n14","n15","n17","n16","n18","n19",…], the model answers […,"n14","n15","n16","n17","n18","n19",…]`,
			"nets [ … n14 n15 n16 n17 n18 n19 … ]"},
		"register": {Op{Verb: RegisterSubsys, Ops: "a", Calls: calls},
			`calls: answered […,["init","a","n14"],["init","a","n15"],["init","a","n17"],["init","a","n16"],["init","a","n18"],["init","a","n19"],…], the model answers ` +
				`[…,["init","a","n14"],["init","a","n15"],["init","a","n16"],["init","a","n17"],["init","a","n18"],["init","a","n19"],…]`,
			"ops a is not registered, nets [ … n14 n15 n16 n17 n18 n19 … ]"},
		"copy": {Op{Verb: Copy, Net: "k4", From: InitNet}, `err: answered "", the model answers "EEXIST"`, "net k4 is kept, count 0, use 1, pernet_list [ ]"},
	} {
		whole := ops
		add(c.op)
		r, err := Check(t.Context(), ops)
		ops = whole
		if err != nil || r.Verdict != Not {
			t.Fatalf("%s: judged %s; %v", name, r.Verdict, err)
		}
		if f := r.Failure; !slices.Equal(f.Differences, []string{c.difference}) || f.State != c.state || f.More != 0 {
			t.Errorf("%s:\n%s", name, f)
		}
	}
	for i := range 14 { // a long pernet_list is cut off
		add(Op{Verb: []Verb{RegisterSubsys, RegisterDevice}[i/9], Ops: fmt.Sprint("o", i), NoInit: true})
	}
	add(Op{Verb: Copy, Net: "m", From: InitNet, Calls: []Callback{{Ops: "o3", Net: "m"}}})
	r, err := Check(t.Context(), ops)
	if want := "pernet_list [ o0 o1 o2 o3 o4 o5 o6 o7 o8 | o9 o10 o11 … ]"; err != nil || r.Failure.State != want {
		t.Errorf("%v\n%v", err, r.Failure)
	}
}
