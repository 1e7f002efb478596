// SPDX-License-Identifier: MIT

package lin

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"example.com/pernet/internal/race"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// windowsOf splits a history wherever nothing is pending.
func windowsOf(ops []wire.Line) (windows [][]wire.Line) {
	n := newNames()
	calls := make([]*call, len(ops))
	for i := range ops {
		calls[i] = n.number(&ops[i], i+1, model.Mutex)
	}
	sortCalls(calls)
	latest := int64(-1)
	for _, c := range calls {
		if c.Call > latest {
			windows = append(windows, nil)
		}
		last := &windows[len(windows)-1]
		*last = append(*last, ops[c.Number-1])
		latest = max(latest, c.Return)
	}
	return windows
}

// TestDroppedWaysAreGoneThroughAgain judges histories of many short windows with one
// configuration at a time: a way that is dropped in one window is needed in a later one.
func TestDroppedWaysAreGoneThroughAgain(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	verdicts, dropped := map[Verdict]int{}, 0
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 9))
		ops := forget(r, simulate(model.Mutex, seed, 3+r.IntN(6), 60, false), 60+r.IntN(41))
		if seed%2 == 1 {
			ops = forget(r, mutate(r, ops), 60)
		}
		want, err := Check(t.Context(), model.Mutex, ops)
		if err != nil {
			continue // a mutation broke the format
		}
		c := NewChecker(t.Context(), model.Mutex, "history", 0)
		c.narrow = 1
		for _, w := range windowsOf(ops) {
			if err := c.Window(w); err != nil {
				t.Fatal(err)
			}
			for i := 0; seed%100 == 0 && i < 4096; i++ { // so many names that some are forgotten
				c.names.net(fmt.Sprint("other", i))
			}
			if c.dropped.from != nil {
				dropped++
			}
		}
		if got := c.Result(); got.Verdict != want.Verdict {
			t.Fatalf("seed %d: %s %s, not %s\n%s", seed, got.Verdict, got.Reason, want.Verdict, text(ops))
		}
		verdicts[want.Verdict]++
	}
	t.Log(verdicts, "windows after a way was dropped:", dropped)
	if dropped == 0 {
		t.Error("no way was dropped")
	}
}

// After very many windows what was dropped is forgotten, so that memory is bounded; the verdict is still no wrong one.
func TestWhatWasDroppedIsForgotten(t *testing.T) {
	var d dropped
	whole, cut := &search{}, &search{cut: true}
	w := &window{calls: []*call{{}}}
	d.add(w, whole, cut)
	for range mostSince - 1 {
		d.add(w, cut, cut)
	}
	if d.from != whole || len(d.calls()) != mostSince {
		t.Error(d.from, len(d.calls()))
	}
	if d.add(w, cut, cut); d.from != nil || d.since != nil {
		t.Error("kept", len(d.since))
	}
	if d.add(w, cut, cut); d.from != nil {
		t.Error("begun where ways had been dropped already")
	}
	d.add(w, whole, cut)
	if d.add(w, cut, whole); d.from != nil {
		t.Error("kept, though nothing is dropped any more")
	}
}

// A window that fits no more says that the last one does not.
func TestNothingFitsAfterAWindowThatDoesNot(t *testing.T) {
	c := NewChecker(t.Context(), model.Mutex, "history", 0)
	windowOf := func(o wire.Line) *window {
		calls := []*call{c.names.number(&o, 1, model.Mutex)}
		return &window{calls: calls, returns: returnsOf(calls)}
	}
	c.dropped = dropped{c.search.clone(), []*window{windowOf(wire.Line{Op: wire.Get, Net: "no such net", Return: 1})}}
	w := windowOf(wire.Line{Op: wire.Get, Net: wire.InitNet, Call: 2, Return: 3})
	if _, fit, err := c.widen(c.dropped.from, 1, c.dropped.since[0], w); fit != 0 || err != nil {
		t.Error(fit, err)
	}
}

// TestKeptNetComesBackToDroppedWays: a net that was put aside is named again while windows
// may have to be gone through again, so those begin with it too.
func TestKeptNetComesBackToDroppedWays(t *testing.T) {
	c := NewChecker(t.Context(), model.Mutex, "history", 0)
	c.parked[2] = model.Net{ID: 2, Use: 1, Phase: model.Kept}
	c.dropped.from = c.search.clone()
	c.unpark([]*call{{net: 2}})
	for _, s := range []*search{c.search, c.dropped.from} {
		if !isLive(&s.set.items[0].state, 2) {
			t.Error("the net is missing")
		}
	}
}
