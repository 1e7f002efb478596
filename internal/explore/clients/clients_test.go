// SPDX-License-Identifier: MIT

package clients

import (
	"slices"
	"strings"
	"testing"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/sched"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

func programsInstance(t *testing.T) Instance {
	t.Helper()
	in, err := ReadInstance("../mutex/testdata/programs.cfg")
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestParseCallsReadsFormatCalls(t *testing.T) {
	for _, text := range []string{"register_subsys0", "register_device1", "unregister_subsys0", "unregister_device1", "copy0", "share1", "get1", "put1",
		"hold1", "release1", "list", "barrier", "net_ns_barrier", "", "copy0,put1,list", "copy0,get1"} {
		calls, err := ParseCalls(text)
		if err != nil || FormatCalls(calls) != text {
			t.Errorf("%q is read as %v, %v", text, calls, err)
		}
	}
	for _, text := range []string{",", "copy", "list1", "barrier0", "copy0,", "leap0", "copy0 put1", "copy-1"} {
		if calls, err := ParseCalls(text); err == nil {
			t.Errorf("%q is read as %v", text, calls)
		}
	}
}

func TestWithRejectsCallsOutsideTheInstance(t *testing.T) {
	in := programsInstance(t)
	one := []Call{{Op: "list"}}
	for _, c := range []struct {
		before   []Call
		programs [][]Call
		want     string
	}{
		{nil, nil, "0 programs"},
		{nil, [][]Call{one, one, one, one}, "4 programs"},
		{nil, [][]Call{{{Op: "copy", X: 3}}}, "3 nets"},
		{[]Call{{Op: "register_subsys", X: 2}}, [][]Call{one}, "2 ops"},
		{nil, [][]Call{one, {{Op: "get", X: -1}}}, "counted from 0"},
		{[]Call{{Op: "barrier"}}, [][]Call{one}, "would block forever"},
	} {
		if with, err := in.With(c.before, c.programs...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, %v; want %q", c.programs, with, err, c.want)
		}
	}
	in.Threads = in.Threads[:1]
	with, err := in.With(nil, one, one)
	if err != nil || !slices.Equal(with.Threads, []string{"T_1", "T_2"}) {
		t.Errorf("an instance of one client, with two programs: %v, %v", with.Threads, err)
	}
}

func TestReplayLineNamesThePrograms(t *testing.T) {
	before, _ := ParseCalls("copy0,hold1")
	first, _ := ParseCalls("put1,list")
	second, _ := ParseCalls("get1")
	in, err := programsInstance(t).With(before, first, second)
	if err != nil {
		t.Fatal(err)
	}
	got := in.ReplayLine("F.cfg", sched.Schedule{{Thread: "T1"}, {Thread: "T2", Option: 1}})
	want := "pernet explore --replay 'T1,T2:1' --cfg F.cfg --before copy0,hold1 --program put1,list --program get1"
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// TestEveryCallHasAClient: what the model can be asked, a client can call; the worker's
// cleanup is no call, and a history ends in a state.
func TestEveryCallHasAClient(t *testing.T) {
	for _, c := range model.Calls {
		i := kindOf(c.Op)
		if called := c.Op != wire.Cleanup && c.Op != wire.State; called != (i >= 0) {
			t.Errorf("%s: clients call it: %v, want %v", c.Op, i >= 0, called)
		}
	}
}

// TestAListMustBeTheCurrentOne: a step that reads other nets than those that are listed, or these in another
// order, gets a label that no spec has.
func TestAListMustBeTheCurrentOne(t *testing.T) {
	in := programsInstance(t)
	in.Programs = nil
	var w World
	w.Init(&in, func(string) func() bool { return nil })
	w.Reset()
	defer w.S.Close()
	if w.call(len(in.Threads), Call{"copy", 0}); w.Outcome != "" {
		t.Fatal(w.Outcome)
	}
	view := w.hooks.View
	for name, now := range map[string]func(list []string) []string{
		"":           func(list []string) []string { return list },
		"turned":     func(list []string) []string { slices.Reverse(list); return list },
		"one less":   func(list []string) []string { return list[:1] },
		"one more":   func(list []string) []string { return append(list, "2") },
		"one, twice": func(list []string) []string { return []string{list[0], list[0]} },
		"another":    func(list []string) []string { return []string{list[0], "3"} },
	} {
		w.hooks.View = func(v *hook.View) {
			view(v)
			v.NetList = now(v.NetList)
		}
		w.Outcome = ""
		if w.call(len(in.Threads), Call{"list", 0}); (w.Outcome == "") != (name == "") {
			t.Errorf("%s: the outcome is %q", name, w.Outcome)
		}
	}
}

// TestTheAnswerOfACopyMustBeTheDecidedOne: a copy whose last step returns another error than was decided before, or
// one where it had none, gets a label that no spec has.
func TestTheAnswerOfACopyMustBeTheDecidedOne(t *testing.T) {
	for fails, answer := range []error{nil, impl.ErrNoMemory} {
		for _, decided := range []error{nil, impl.ErrNoMemory, impl.ErrExist} {
			in, err := programsInstance(t).With(nil, []Call{{"copy", 0}})
			if err != nil {
				t.Fatal(err)
			}
			var w World
			w.Stop = func(p hook.Point) {
				if p.Name == "CopyNetNsPut" {
					p.Err = decided
				}
				w.S.Point(p)
			}
			w.Init(&in, func(string) func() bool { return nil })
			w.Reset()
			for option, steps := 0, 0; w.S.Find("T1") >= 0 && steps < 30; steps++ {
				if option = 0; w.At(0).Name == "CopyNetNsAlloc" {
					option = fails
				}
				w.Take(sched.Choice{Thread: "T1", Option: option})
			}
			if wrong := strings.HasPrefix(w.Outcome, " answers"); wrong != (answer != decided) || w.Step != "CopyNetNsPut" {
				t.Errorf("a copy returns %v, decided was %v: %s has the outcome %q", answer, decided, w.Step, w.Outcome)
			}
		}
	}
}
