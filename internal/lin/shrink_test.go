// SPDX-License-Identifier: MIT

package lin

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// TestShrinkLeavesNothingToTakeAway: what is left is refused as the whole is, and without any
// single one of its operations it is not.
func TestShrinkLeavesNothingToTakeAway(t *testing.T) {
	wrong, before, after := 0, 0, 0
	for seed := uint64(0); wrong < 200; seed++ {
		r := rand.New(rand.NewPCG(seed, 11))
		ops := mutate(r, simulate(model.Mutex, seed, 2+r.IntN(4), 10+r.IntN(30), r.IntN(4) == 0))
		f := refusalOf(t, ops)
		if f == nil {
			continue
		}
		wrong++
		part, smallest := Shrink(t.Context(), model.Mutex, ops)
		if g := refusalOf(t, part); !smallest || !sameRefusal(f, g) {
			t.Fatalf("seed %d: what is left is refused as\n%v\nwhere the whole is as\n%v", seed, g, f)
		}
		for i := range part {
			if less := slices.Delete(slices.Clone(part), i, i+1); sameRefusal(f, refusalOf(t, less)) {
				t.Fatalf("seed %d: it is refused without line %d, too\n%s", seed, i+1, text(part))
			}
		}
		before, after = before+len(ops), after+len(part)
	}
	t.Logf("%d wrong histories, %d operations before, %d after", wrong, before, after)
}

// refusalOf returns why the history is refused, or nil.
func refusalOf(t *testing.T, ops []wire.Line) *Failure {
	t.Helper()
	r, err := Check(t.Context(), model.Mutex, ops)
	if err != nil || r.Verdict != Not {
		return nil
	}
	return r.Failure
}

func sameRefusal(f, g *Failure) bool {
	return f != nil && g != nil && f.Op.String() == g.Op.String() && f.Hazard == g.Hazard && f.Differences[0] == g.Differences[0] &&
		(f.WithLine == 0 || g.WithLine != 0 && f.With.String() == g.With.String())
}

// TestShrinkKeepsTheOtherOperation: a get raises the count of a net that its last put has let go. Without the
// put and the get the cleanup is refused with the same difference, but the part would show nothing.
func TestShrinkKeepsTheOtherOperation(t *testing.T) {
	ops := []wire.Line{
		{Client: 0, Call: 0, Return: 1, Op: wire.RegisterSubsys, Ops: "s", Calls: []wire.Callback{{Ops: "s", Net: wire.InitNet}}},
		{Client: 0, Call: 2, Return: 3, Op: wire.Copy, Net: "n", From: wire.InitNet, Calls: []wire.Callback{{Ops: "s", Net: "n"}}},
		{Client: 0, Call: 26, Return: 27, Op: wire.Put, Net: "n"},
		{Client: 1, Call: 20, Return: 40, Op: wire.Get, Net: "n"},
		{Client: wire.Worker, Call: 30, Return: 120, Op: wire.Cleanup, Nets: []string{"n"}, Freed: []string{"n"}, Calls: []wire.Callback{{Exit: true, Ops: "s", Net: "n"}}},
	}
	part, _ := Shrink(t.Context(), model.Mutex, ops)
	for _, op := range []string{wire.Put, wire.Get} {
		if !slices.ContainsFunc(part, func(l wire.Line) bool { return l.Op == op }) {
			t.Errorf("the %s is missing in\n%s", op, text(part))
		}
	}
}

// TestShrinkKeepsTheFault: the parts that explain the answer stay. Without the copy and the puts, a get of a
// net that is gone would be one of a net that was never there, which shows no hazard.
func TestShrinkKeepsTheFault(t *testing.T) {
	for file, hazard := range map[string]string{
		"get_after_zero": hazardK5, "put_below_zero": hazardP1,
		// Parts of these are refused with the same difference, and without the hazard.
		"equal_times_of_one_client": hazardK5, "kept_name_used_again": hazardH10,
	} {
		part, smallest := Shrink(t.Context(), model.Mutex, readAll(t, histories+"wrong/"+file+".jsonl"))
		if f := refusalOf(t, part); !smallest || f == nil || f.Hazard != hazard || len(part) < 3 {
			t.Errorf("%s: %v\n%s", file, f, text(part))
		}
	}
}

// TestShrinkStopsInTime returns what it has when time runs out.
func TestShrinkStopsInTime(t *testing.T) {
	ops := append(long(50), wire.Line{Client: 5, Call: 1_000_000, Return: 1_000_001, Op: wire.Get, Net: "gone"})
	enough := &budget{t.Context(), math.MaxInt}
	if part, smallest := Shrink(enough, model.Mutex, ops); !smallest || len(part) != 1 {
		t.Errorf("%d operations are left, smallest %t", len(part), smallest)
	}
	late := &budget{t.Context(), math.MaxInt - enough.left - 1} // it ends when it is asked for the last time
	if part, smallest := Shrink(late, model.Mutex, ops); smallest || len(part) != 1 {
		t.Errorf("when time runs out at the last, %d operations are left, smallest %t", len(part), smallest)
	}
	if part, smallest := Shrink(t.Context(), model.Mutex, readAll(t, histories+"wrong/cleanup_of_several_never_returned.jsonl")); !smallest || len(part) != 1 {
		t.Errorf("of a batch that never returned %d operations are left", len(part))
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if part, smallest := Shrink(gone, model.Mutex, ops); smallest || len(part) != len(ops) {
		t.Errorf("out of time, %d operations are left, smallest %t", len(part), smallest)
	}
}

// TestBatchIsBlamedWhateverElseIsOpen: a cleanup of several nets fits nowhere, so
// it is named, and not the operation that saw what it did.
func TestBatchIsBlamedWhateverElseIsOpen(t *testing.T) {
	for file, line := range map[string]int{
		"cleanup_two_nets": 5, "cleanup_of_several_never_returned": 3, "cleanup_of_several_still_open": 6,
	} {
		f := checkFile(t, model.Mutex, histories+"wrong/"+file+".jsonl").Failure
		const why = "nets: a run of the worker takes exactly one net, this one took 2; write one cleanup for each net, or judge it by the discipline rwsem"
		if f.Line != line || f.Op.Op != wire.Cleanup || !slices.Equal(f.Differences, []string{why}) || f.WithLine != 0 {
			t.Errorf("%s: %v", file, f)
		}
	}
	// It is named even where nothing else could be decided.
	ops := append(round(), wire.Line{Client: wire.Worker, Call: 200, Return: 300, Op: wire.Cleanup, Nets: []string{}, Freed: []string{}})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := Check(gone, model.Mutex, ops)
	if err != nil || r.Verdict != Not || r.Failure.Line != len(ops) || !r.Failure.AtLeast {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestOperationThatLeavesNoPlaceIsNamedToo: the get fits as long as the copy's
// answer is not counted, and each is named with its own line.
func TestOperationThatLeavesNoPlaceIsNamedToo(t *testing.T) {
	ops := []wire.Line{
		{Client: 1, Call: 0, Return: 100, Op: wire.Copy, Net: "n", From: wire.InitNet, Err: -12},
		{Client: 0, Call: 0, Return: 10, Op: wire.Get, Net: "n"},
	}
	r, err := Check(t.Context(), model.Mutex, ops)
	if err != nil || r.Verdict != Not {
		t.Fatalf("%+v, %v", r, err)
	}
	want := "line 2: no order explains this operation\n    " + ops[1].String() + "\n" +
		"    err: answered \"\", the model answers \"ENOENT\"\n" +
		"nearest state: there is no net n\n" +
		"line 1: the operation above fits as long as the answer of this one is not counted\n    " + ops[0].String() + "\n" +
		"prefix: 1 operation, in order of return, fits when every later return is taken as null\n"
	if got := r.Failure.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestPrefixThatIsNotKnown: with the answers open there are more ways than the
// limit allows, so the prefix is known only in part.
func TestPrefixThatIsNotKnown(t *testing.T) {
	ops := []wire.Line{
		{Client: 20, Call: 0, Return: 10, Op: wire.Get, Net: "n"},
		{Client: 21, Call: 0, Return: 500, Op: wire.Copy, Net: "n", From: wire.InitNet, Err: -12},
	}
	for i := range int64(3) {
		ops = append(ops, wire.Line{Client: i, Call: 20, Return: 50 + i, Op: wire.Copy, Net: fmt.Sprint("m", i), From: "n", Err: -2})
		ops = append(ops, wire.Line{Client: 30 + i, Call: 20, Return: 90 + i, Op: wire.Put, Net: "n", Err: -2})
	}
	known := false
	for limit := 1; !known; limit++ {
		c, err := (&File{Name: "f", In: strings.NewReader(text(ops)), Limit: limit}).Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f := c.Result().Failure
		if f == nil {
			continue
		}
		if limit == 1 && !f.AtLeast {
			t.Errorf("limit 1: %v", f)
		}
		if f.AtLeast && !strings.Contains(f.String(), "prefix: at least ") {
			t.Errorf("limit %d: %v", limit, f)
		}
		known = !f.AtLeast
	}
}

// TestFailureSaysAll: the hazard, and how many differences there are besides.
func TestFailureSaysAll(t *testing.T) {
	f := Failure{Line: 3, Op: wire.Line{Op: wire.Get, Net: "n"}, Differences: []string{"d"}, State: "s", More: 1, Hazard: "H1: h", Prefix: 2}
	want := "line 3: no order explains this operation\n    " + f.Op.String() + "\n    d\nnearest state: s\n" +
		"1 difference in another state is not shown\nlikely hazard: H1: h\n" +
		"prefix: 2 operations, in order of return, fit when every later return is taken as null\n"
	if f.String() != want {
		t.Errorf("got\n%s\nwant\n%s", f.String(), want)
	}
}

// TestWhatWasNotTriedIsNotRefused: once a window went on with some of its
// configurations, that a later one fits none of them says nothing.
func TestWhatWasNotTriedIsNotRefused(t *testing.T) {
	c := NewChecker(t.Context(), model.Mutex, "f", 0)
	c.search.cut = true
	if err := c.Window([]wire.Line{{Op: wire.Get, Net: "n"}}); err != nil {
		t.Fatal(err)
	}
	if r := c.Result(); r.Verdict != Undecided || r.Reason == "" || r.Failure != nil {
		t.Errorf("%+v", r)
	}
}
