// SPDX-License-Identifier: MIT

package lin

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"example.com/pernet/internal/race"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// TestBothCheckersAgree puts random histories, right ones and changed ones, to
// the checker and to porcupine.
func TestBothCheckersAgree(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	for i, d := range disciplines {
		t.Run(string(d), func(t *testing.T) { bothAgree(t, d, 5000/uint64(i+1)) })
	}
}

func bothAgree(t *testing.T, d model.Discipline, histories uint64) {
	not := uint64(0)
	for seed := range histories {
		r := rand.New(rand.NewPCG(seed, 2))
		ops := simulate(d, seed, 2+r.IntN(4), 8+r.IntN(25), r.IntN(3) == 0)
		if v := agree(t, d, seed, ops); v != Linearizable {
			t.Fatalf("seed %d: a right history is judged %s\n%s", seed, v, text(ops))
		}
		if agree(t, d, seed, mutate(r, ops)) == Not {
			not++
		}
	}
	if not < histories/3 {
		t.Errorf("only %d of %d changed histories were wrong: the changes prove little", not, histories)
	}
	t.Logf("%d histories, right and changed; %d of the changed are wrong", histories, not)
}

func agree(t *testing.T, d model.Discipline, seed uint64, ops []wire.Line) Verdict {
	t.Helper()
	got, err := Check(t.Context(), d, ops)
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, text(ops))
	}
	switch second := Porcupine(d, ops, time.Second); {
	case second == Undecided && got.Verdict != Undecided:
		t.Logf("seed %d: undecided by porcupine in a second, %d operations", seed, len(ops))
	case second != got.Verdict:
		t.Fatalf("seed %d: the checker says %s, porcupine %s\n%s", seed, got.Verdict, second, text(ops))
	}
	return got.Verdict
}

func text(ops []wire.Line) string {
	var b []byte
	for i := range ops {
		b = ops[i].AppendOperation(b)
	}
	return string(b)
}

// TestPrefixIsWhatItSays compares the prefix with its definition, by plain enumeration:
// every later return taken as null.
func TestPrefixIsWhatItSays(t *testing.T) {
	for _, d := range disciplines {
		t.Run(string(d), func(t *testing.T) { prefixes(t, d) })
	}
}

func prefixes(t *testing.T, d model.Discipline) {
	longer, wrong := 0, 0
	for seed := uint64(0); wrong < 300; seed++ {
		r := rand.New(rand.NewPCG(seed, 3))
		ops := mutate(r, simulate(d, seed, 2+r.IntN(3), 8+r.IntN(10), r.IntN(4) == 0))
		res, err := Check(t.Context(), d, ops)
		if err != nil {
			t.Fatal(err)
		}
		if res.Verdict != Not {
			continue
		}
		wrong++
		want := prefixByDefinition(t, d, ops)
		if f := res.Failure; f.Prefix != want || f.AtLeast {
			t.Fatalf("seed %d: prefix %d, by definition %d\n%s", seed, f.Prefix, want, text(ops))
		}
		if res.Failure.WithLine != 0 {
			longer++
		}
	}
	t.Logf("%d wrong histories; in %d the search ended at another operation than the one after the prefix", wrong, longer)
}

func prefixByDefinition(t *testing.T, d model.Discipline, ops []wire.Line) int {
	n := newNames()
	calls := make([]*call, len(ops))
	for i := range ops {
		calls[i] = n.number(&ops[i], i+1, d)
	}
	sortCalls(calls)
	returns := returnsOf(calls)
	for k := range returns {
		// The first k+1 returns stay. Later ones of one client that follow each
		// other cannot all be null, and only the first can matter, unless it
		// is of the same instant: histories with that are rare, and left to the checker.
		closed := map[int]bool{}
		for _, c := range returns[:k+1] {
			closed[c.Number-1] = true
		}
		cut := []wire.Line{}
		crashed := map[int64]bool{}
		for _, c := range calls {
			o := ops[c.Number-1]
			if !closed[c.Number-1] {
				if crashed[o.Client] {
					continue
				}
				crashed[o.Client] = d != model.RWSem || o.Client != wire.Worker
				o.Never = true
				if d != model.RWSem && o.Op == wire.Cleanup && len(o.Nets) > 1 {
					continue // it takes no net, and may have stopped before
				}
			}
			cut = append(cut, o)
		}
		if plainVerdict(d, cut) == Not {
			return k
		}
	}
	i := slices.IndexFunc(calls, func(c *call) bool { return c.Never && len(c.nets) > 1 })
	if i < 0 {
		t.Fatal("every prefix fits")
	}
	return (&window{returns: returns}).before(calls[i].Call)
}
