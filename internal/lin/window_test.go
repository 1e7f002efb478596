// SPDX-License-Identifier: MIT

package lin

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/race"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// TestSmallestWindows gives the checker each history in windows as small as
// the format allows, as a recorder does, and wants the same verdict, prefix and
// line as from the whole.
func TestSmallestWindows(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	windows, nulls := 0, 0
	same := func(t *testing.T, d model.Discipline, ops []wire.Line) {
		t.Helper()
		ops = inOrder(ops)
		whole, err := Check(t.Context(), d, ops)
		if err != nil {
			t.Fatal(err)
		}
		c := NewChecker(t.Context(), d, "f", 0)
		begin := 0
		for _, end := range append(quiet(ops), len(ops)) {
			if err := c.Window(ops[begin:end]); err != nil {
				t.Fatal(err)
			}
			begin = end
			windows++
			nulls += len(c.nulls)
		}
		r := c.Result()
		if r.Verdict != whole.Verdict || r.Operations != whole.Operations || r.Clients != whole.Clients {
			t.Fatalf("window by window: %s of %d operations; whole: %s of %d\n%s", r.Verdict, r.Operations, whole.Verdict, whole.Operations, text(ops))
		}
		if r.Verdict == Not && (r.Failure.Prefix != whole.Failure.Prefix || r.Failure.Line != whole.Failure.Line) {
			t.Fatalf("window by window:\n%swhole:\n%s%s", r.Failure, whole.Failure, text(ops))
		}
	}
	for _, file := range globbed(t, histories+"*/*.jsonl", 90) {
		d := model.Mutex
		if strings.Contains(file, "/rwsem-") {
			d = model.RWSem
		}
		same(t, d, readAll(t, file))
	}
	for seed := range uint64(2000) {
		r, d := rand.New(rand.NewPCG(seed, 4)), disciplines[seed%2]
		ops := simulate(d, seed, 2+r.IntN(2), 20+r.IntN(20), r.IntN(2) == 0)
		same(t, d, ops)
		same(t, d, mutate(r, ops))
	}
	if windows < 10_000 || nulls < 1000 {
		t.Errorf("%d windows with %d operations of earlier ones that never returned: they prove little", windows, nulls)
	}
}

// inOrder sorts operations as a checker does.
func inOrder(ops []wire.Line) []wire.Line {
	n := newNames()
	calls := make([]*call, len(ops))
	for i := range ops {
		calls[i] = n.number(&ops[i], i, model.Mutex)
	}
	sortCalls(calls)
	out := make([]wire.Line, len(ops))
	for i, c := range calls {
		out[i] = ops[c.Number]
	}
	return out
}

// quiet returns where nothing is pending but what never returns.
func quiet(ops []wire.Line) []int {
	var ends []int
	var latest int64
	for i, o := range ops {
		if i > 0 && o.Call > latest {
			ends = append(ends, i)
		}
		if !o.Never {
			latest = max(latest, o.Return)
		}
	}
	return ends
}

func TestWindowRefusesWhatTheFormatForbids(t *testing.T) {
	c := NewChecker(t.Context(), model.Mutex, "f", 0)
	first := wire.Line{Call: 0, Return: 5, Op: wire.Get, Net: wire.InitNet}
	if err := c.Window([]wire.Line{first}); err != nil {
		t.Fatal(err)
	}
	late := wire.Line{Call: 4, Return: 6, Op: wire.Get, Net: wire.InitNet}
	err := c.Window(slices.Concat([]wire.Line{{Client: 1, Call: 6, Return: 6, Op: wire.Get, Net: wire.InitNet}}, []wire.Line{late}))
	if want := "f:3: client 0 calls at 4, before its call of line 1 returned at 5"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	// A copy that never returned makes its name another's in no later window.
	for _, w := range []wire.Line{
		{Client: 2, Call: 10, Never: true, Op: wire.Copy, Net: "n", From: wire.InitNet},
		{Client: 3, Call: 20, Return: 21, Op: wire.List},
		{Client: 3, Call: 30, Return: 31, Op: wire.Copy, Net: "n", From: wire.InitNet},
	} {
		err = c.Window([]wire.Line{w})
	}
	if want := `f:4: copies of "n" overlap: this one and that of line 2`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
