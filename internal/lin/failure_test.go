// SPDX-License-Identifier: MIT

package lin

import (
	"slices"
	"testing"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// TestStateIsShown: the line that a failure shows of a state says everything, a
// bar before the first device too.
func TestStateIsShown(t *testing.T) {
	s := model.New(false)
	for _, a := range []model.Action{
		{Kind: model.RegisterSubsys, Ops: 1}, {Kind: model.RegisterDevice, Ops: 2}, {Kind: model.RegisterDevice, Ops: 3},
		{Kind: model.CopyGet, Call: 7, From: model.InitNet}, {Kind: model.Copy, Call: 7, Net: 2}, {Kind: model.Hold, Net: 2},
	} {
		next, ans, ok := s.Step(a)
		if !ok || ans.Err != 0 {
			t.Fatalf("%+v: %v, %t", a, ans.Err, ok)
		}
		s = next
	}
	const want = "pernet_list 1 | 2 3; nets 1 2; net 1 listed count 2 use 0; net 2 listed count 1 use 1; copy 7 from 1 done true"
	if s.String() != want {
		t.Errorf("%s\nwant\n%s", s, want)
	}
}

// TestCopyFromAFreedNet: who puts more references than it has takes those of a
// copy that is under way.
func TestCopyFromAFreedNet(t *testing.T) {
	ops := []wire.Line{
		{Client: 0, Call: 0, Return: 1, Op: wire.Copy, Net: "n1", From: wire.InitNet},
		{Client: 1, Call: 2, Return: 90, Op: wire.Copy, Net: "n2", From: "n1"},
		{Client: 0, Call: 3, Return: 4, Op: wire.Put, Net: "n1"},
		{Client: 0, Call: 5, Return: 6, Op: wire.Put, Net: "n1"},
		{Client: wire.Worker, Call: 7, Return: 8, Op: wire.Cleanup, Nets: []string{"n1"}, Freed: []string{"n1"}},
		{Client: 0, Call: 9, Return: 10, Op: wire.Get, Net: "n1"},
	}
	r, err := Check(t.Context(), model.Mutex, ops)
	if err != nil || r.Verdict != Not || r.Failure.Prefix != 4 {
		t.Fatalf("%+v, %v", r, err)
	}
	if want := "there is no net n1"; r.Failure.State != want {
		t.Errorf("the state is %q, not %q", r.Failure.State, want)
	}
}

// TestCopyOfAnEarlierWindow: of a copy that never returned, in a window that is
// over, nothing says when it listed its net; so both orders are possible until
// a list shows one.
func TestCopyOfAnEarlierWindow(t *testing.T) {
	first := []wire.Line{{Client: 0, Call: 0, Never: true, Op: wire.Copy, Net: "n1", From: wire.InitNet}, {Client: 1, Call: 0, Return: 1, Op: wire.Hold, Net: wire.InitNet}}
	second := []wire.Line{
		{Client: 1, Call: 10, Return: 15, Op: wire.Copy, Net: "n2", From: wire.InitNet},
		{Client: 2, Call: 10, Return: 15, Op: wire.Copy, Net: "n3", From: wire.InitNet},
	}
	look := func(at int64, nets ...string) []wire.Line {
		return []wire.Line{{Client: 1, Call: at, Return: at, Op: wire.List, Nets: append([]string{wire.InitNet}, nets...)}}
	}
	for _, nets := range [][]string{
		{"n1", "n2", "n3"}, {"n2", "n1", "n3"}, {"n2", "n3", "n1"},
		{"n1", "n3", "n2"}, {"n3", "n1", "n2"}, {"n3", "n2", "n1"},
		{"n2", "n3"}, {"n3", "n2"},
	} {
		judged(t, Linearizable, first, second, look(20, nets...), look(30, nets...))
		judged(t, Not, first, second, look(20, nets...), look(30, nets[1], nets[0]))
	}
}

// TestCallbacksThatWereNotRecordedAreNotBlamed: of such an operation only the rest of the answer differs.
func TestCallbacksThatWereNotRecordedAreNotBlamed(t *testing.T) {
	r, err := Check(t.Context(), model.Mutex, []wire.Line{
		{Call: 0, Return: 5, Op: wire.RegisterSubsys, Ops: "a", Unknown: true},
		{Call: 10, Return: 15, Op: wire.Copy, Net: "n", From: wire.InitNet, Err: model.EEXIST, Unknown: true},
		{Call: 20, Return: 25, Op: wire.UnregisterSubsys, Ops: "a", Err: model.ENOENT, Unknown: true},
	})
	const want = `err: answered "ENOENT", the model answers ""`
	if err != nil || r.Verdict != Not || !slices.Equal(r.Failure.Differences, []string{want}) {
		t.Errorf("%v\n%v", err, r.Failure)
	}
}

// TestBothLinesOfAPairAreNamed: where the first operation that does not fit would do so
// without the answer of an earlier one, that is named too.
func TestBothLinesOfAPairAreNamed(t *testing.T) {
	for file, want := range map[string][2]int{
		"register_and_copy_missed_each_other":   {2, 1},
		"unregister_of_ops_that_a_copy_missed":  {3, 1},
		"burst_shown_in_two_orders":             {8, 7},
		"half_made_net_listed":                  {3, 2},
		"list_order_changes":                    {4, 3},
		"never_returned_cleanup_unlinks":        {5, 4},
		"get_after_zero":                        {3, 0}, // it came after the put, and contradicts what the put did
		"callbacks_not_recorded_register_twice": {2, 0},
	} {
		f := checkFile(t, model.Mutex, histories+"wrong/"+file+".jsonl").Failure
		if got := [2]int{f.Line, f.WithLine}; got != want {
			t.Errorf("%s: lines %d, want %d\n%v", file, got, want, f)
		}
	}
	// The client of the copy goes on while the register is under way.
	ops := readAll(t, histories+"wrong/register_and_copy_missed_each_other.jsonl")
	ops[0].Return = 100
	ops = append(ops, wire.Line{Client: ops[1].Client, Call: 20, Return: 30, Op: wire.List, Nets: []string{wire.InitNet, "n"}})
	r, err := Check(t.Context(), model.Mutex, ops)
	if err != nil || r.Verdict != Not || r.Failure.Line != 1 || r.Failure.WithLine != 2 {
		t.Errorf("%+v, %v", r, err)
	}
}
