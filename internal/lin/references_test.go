// SPDX-License-Identifier: MIT

package lin

import (
	"strings"
	"testing"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// TestPendingGetsOfReusedNames: a get that is pending is not taken before the net was
// freed, if it is a later net of that name that it got; nor is one of init_net, if a put
// was refused meanwhile.
func TestPendingGetsOfReusedNames(t *testing.T) {
	first := []wire.Line{
		{Client: 1, Call: 0, Return: 1, Op: wire.Copy, Net: "n", From: wire.InitNet},
		{Client: 2, Call: 2, Return: 100, Op: wire.Get, Net: "n"},
		{Client: 1, Call: 3, Return: 4, Op: wire.Put, Net: "n"},
		{Client: wire.Worker, Call: 5, Return: 6, Op: wire.Cleanup, Nets: []string{"n"}, Freed: []string{"n"}},
	}
	again := wire.Line{Client: 1, Call: 7, Return: 8, Op: wire.Copy, Net: "n", From: wire.InitNet}
	early := again
	early.Client, early.Call = 3, 2
	late := again
	late.Call, late.Return = 101, 102
	gone := wire.Line{Client: 4, Call: 3, Return: 50, Op: wire.Release, Net: "n", Err: model.EINVAL}
	for name, c := range map[string]struct {
		want Verdict
		ops  []wire.Line
	}{
		"made anew":            {Linearizable, append(first[:4:4], again)},
		"pending":              {Linearizable, append(first[:4:4], early)},
		"too late":             {Not, append(first[:4:4], late)},
		"never":                {Not, first},
		"a release is refused": {Linearizable, append(first[:4:4], again, gone)},
		"a client puts the copy's reference": {Linearizable, []wire.Line{
			first[0],
			{Client: 2, Call: 10, Return: 100, Op: wire.Copy, Net: "m", From: "n"},
			{Client: 3, Call: 20, Return: 30, Op: wire.Put, Net: "n"},
			{Client: 4, Call: 40, Return: 200, Op: wire.Put, Net: "n"},
		}},
		"init_net": {Linearizable, []wire.Line{
			{Client: 1, Call: 0, Return: 100, Op: wire.Get, Net: wire.InitNet},
			{Client: 2, Call: 1, Return: 2, Op: wire.Put, Net: wire.InitNet, Err: model.EINVAL},
		}},
	} {
		judgedPlainly(t, name, c.want, c.ops)
	}
}

// TestWalksThatBrokeOffShowOnlyWhatTheyMet: a copy fails in the ops m while r is being
// registered; a state tells later where r is.
func TestWalksThatBrokeOffShowOnlyWhatTheyMet(t *testing.T) {
	for name, c := range map[string]struct {
		want   Verdict
		r      wire.Line
		list   []string
		device string
	}{
		"behind":                   {Linearizable, wire.Line{Op: wire.RegisterSubsys, Calls: onNet("r")}, []string{"m", "r"}, ""},
		"in front":                 {Not, wire.Line{Op: wire.RegisterSubsys, Calls: onNet("r")}, []string{"r", "m"}, ""},
		"in front, with exit":      {Not, wire.Line{Op: wire.RegisterSubsys, NoInit: true}, []string{"r", "m"}, ""},
		"in front, no callbacks":   {Linearizable, wire.Line{Op: wire.RegisterSubsys, NoInit: true, NoExit: true}, []string{"r", "m"}, ""},
		"before a device":          {Linearizable, wire.Line{Op: wire.RegisterSubsys, Calls: onNet("r")}, []string{"r", "m"}, "m"},
		"another device, behind":   {Linearizable, wire.Line{Op: wire.RegisterDevice, Calls: onNet("r")}, []string{"m", "r"}, "m"},
		"another device, in front": {Not, wire.Line{Op: wire.RegisterDevice, Calls: onNet("r")}, []string{"r", "m"}, "r"},
		"a device":                 {Linearizable, wire.Line{Op: wire.RegisterDevice, Calls: onNet("r")}, []string{"m", "r"}, "r"},
	} {
		m := wire.Line{Client: 1, Call: 0, Return: 100, Op: wire.RegisterSubsys, Ops: "m", Calls: onNet("m")}
		if c.device == "m" || c.device == "r" && c.list[0] == "r" {
			m.Op = wire.RegisterDevice
		}
		r := c.r
		r.Client, r.Call, r.Return, r.Ops = 2, 0, 200, "r"
		ops := []wire.Line{m, r,
			{Client: 3, Call: 0, Return: 150, Op: wire.Copy, Net: "n", From: wire.InitNet, Err: model.ENOMEM, Calls: []wire.Callback{{Ops: "m", Net: "n"}}},
			{Client: 4, Call: 300, Return: 300, Op: wire.State, Nets: []string{wire.InitNet}, PernetList: c.list, FirstDevice: c.device},
		}
		judgedPlainly(t, name, c.want, ops)
	}
}

// TestBrokenOffWalksOrderWhatCameBefore: x came before y, in which a copy failed while z was
// being registered, so z comes after both; likewise nets and a register that failed on one.
func TestBrokenOffWalksOrderWhatCameBefore(t *testing.T) {
	failed := wire.Line{Client: 4, Call: 0, Return: 40, Op: wire.Copy, Net: "n", From: wire.InitNet, Err: model.ENOMEM, Calls: []wire.Callback{{Ops: "y", Net: "n"}}}
	register := func(o string, from, to int64, noInit bool) wire.Line {
		l := wire.Line{Client: int64(o[0]), Call: from, Return: to, Op: wire.RegisterSubsys, Ops: o, NoInit: noInit, NoExit: noInit}
		if !noInit {
			l.Calls = onNet(o)
		}
		return l
	}
	onNets := wire.Line{Client: 4, Call: 0, Return: 40, Op: wire.RegisterSubsys, Ops: "a", NoExit: true, Err: model.ENOMEM, Calls: append(onNet("a"), wire.Callback{Ops: "a", Net: "y"})}
	copyOf := func(n string, to int64) wire.Line {
		return wire.Line{Client: int64(n[0]), Call: 0, Return: to, Op: wire.Copy, Net: n, From: wire.InitNet}
	}
	for order, want := range map[string]Verdict{"x y z": Linearizable, "x z y": Not, "z x y": Not} {
		list := strings.Fields(order)
		judgedPlainly(t, order, want, []wire.Line{register("x", 0, 10, true), register("y", 20, 60, false), register("z", 0, 1000, false), failed,
			{Call: 2000, Return: 2000, Op: wire.State, Nets: []string{wire.InitNet}, PernetList: list}})
	}
	for order, want := range map[string]Verdict{"y z": Linearizable, "z y": Not} {
		nets := append([]string{wire.InitNet}, strings.Fields(order)...)
		judgedPlainly(t, order, want, []wire.Line{copyOf("y", 60), copyOf("z", 1000), onNets, {Call: 2000, Return: 2000, Op: wire.List, Nets: nets}})
	}
}

// judgedPlainly asks the checker and the plain enumeration.
func judgedPlainly(t *testing.T, name string, want Verdict, ops []wire.Line) {
	t.Helper()
	if r, err := Check(t.Context(), model.Mutex, ops); err != nil || r.Verdict != want || plainVerdict(model.Mutex, ops) != want {
		t.Errorf("%s: judged %s, %v; by plain enumeration %s, want %s\n%v", name, r.Verdict, err, plainVerdict(model.Mutex, ops), want, r.Failure)
	}
}

func onNet(ops string) []wire.Callback { return []wire.Callback{{Ops: ops, Net: wire.InitNet}} }
