// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/pernet/bench"
)

func TestTable(t *testing.T) {
	pair := func(call string, nets, ops int, atMost float64) bench.Pair {
		return bench.Pair{Call: call, Nets: nets, Ops: ops, Over: "impl", Under: "hand", AtMost: atMost}
	}
	pairs := []bench.Pair{
		pair("copy", 1, 1, 1.3), pair("copy", 1, 10, 1.3), pair("copy", 10, 1, 1.3),
		pair("scope", 1, 10, 1.3), pair("lock", 0, 0, 0),
	}
	of := map[string][]figures{
		"copy":  {{[]float64{1, 1.25, 9}, 50, 40}, {[]float64{1, 1.304, 9}, 60, 40}, {[]float64{1, 1.1, 9}, 1234, 40}},
		"scope": {{[]float64{0.5}, 70, 140}},
		"lock":  {{[]float64{2, 3}, 5, 2}},
	}
	var text strings.Builder
	out := printer{w: &text, texts: map[string]string{}}
	sizes := sizesOf(pairs)
	out.head(pairs[0], sizes)
	for _, row := range chunks(pairs, func(p bench.Pair) string { return p.Call }) {
		out.row(row, of[row[0].Call], sizes)
	}
	out.goals()
	const want = `
impl / hand: the median ratio (the time of impl, in ns). Bold: goal missed.

| call | 1 net, 1 ops | 10 nets | 10 ops |
|---|--:|--:|--:|
| copy | 1.25 (50.0) | 1.10 (1234) | **1.30** (60.0) |
| scope |  |  | 0.50 (70.0) |
| lock | 2.50 (5.00) |  |  |

3 of 4 goals met.

- missed: impl/copy/nets=1/ops=10 <= 1.3 (1.304)
`
	if got := text.String(); got != want || out.err != nil {
		t.Errorf("%v: got%s", out.err, got)
	}
}

func TestTableWithoutAWriter(t *testing.T) {
	out := printer{w: fullDisk{}}
	out.goals()
	if out.err == nil {
		t.Error("an error of the writer is lost")
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestLoadTable(t *testing.T) {
	side := func(atMost time.Duration) bench.Side { return bench.Side{Name: "Mutex", AtMost: atMost} }
	l := bench.Load{Table: "dead nets", Row: "4000",
		Sides:  []bench.Side{side(0), side(time.Millisecond), side(time.Second)},
		Ratios: []bench.Ratio{{Over: 0, Under: 1, AtLeast: 100}, {Over: 1, Under: 2, AtMost: 1.3}, {Over: 0, Under: 2}}}
	l.Sides[1].Name, l.Sides[2].Name = "RWSem", "hand"
	out := printer{w: io.Discard, texts: map[string]string{}}
	out.loadHead(l)
	out.load(l, loadFigures{[][]float64{{1e8, 3e8, 2e8}, {4e6, 4e6, 4e6}, {8e3, 8e3, 8e3}}, []int64{4000, 1, 0}})
	out.goals()
	out.end(l.Table)
	file := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(file, []byte("a\n<!-- ratios: dead nets -->\nold\n<!-- end -->\nb\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := rewrite(file, out.texts); err != nil {
		t.Fatal(err)
	}
	const want = `a
<!-- ratios: dead nets -->

Dead nets: medians. Bold: goal missed.

| | Mutex | RWSem | hand | Mutex / RWSem | RWSem / hand | Mutex / hand |
|---|--:|--:|--:|--:|--:|--:|
| 4000 | 200 ms (4000) | **4.00 ms** (1) | 8.00 µs | **50.0** | **500** | 25000 |

1 of 4 goals met.

- missed: dead nets/4000, RWSem <= 1ms (4.00 ms)
- missed: dead nets/4000, Mutex / RWSem >= 100 (50.0)
- missed: dead nets/4000, RWSem / hand <= 1.3 (500)

<!-- end -->
b
`
	if got, err := os.ReadFile(file); string(got) != want || err != nil {
		t.Errorf("%v: got %s", err, got)
	}
	if err := rewrite(file, map[string]string{"creations": ""}); err == nil || !strings.Contains(err.Error(), `no place for the table "creations"`) {
		t.Errorf("a table without a place: %v", err)
	}
}

// TestPageHasAPlaceForEachTable tests that -write of all tables does not fail at its end.
func TestPageHasAPlaceForEachTable(t *testing.T) {
	page, err := os.ReadFile("../../docs/benchmarks.md")
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string]bool{"machine": true}
	for _, p := range bench.Pairs() {
		tables[p.Over+" / "+p.Under] = true
	}
	for _, l := range bench.Loads() {
		tables[l.Table] = true
	}
	for table := range tables {
		if !strings.Contains(string(page), "<!-- ratios: "+table+" -->\n") {
			t.Errorf("docs/benchmarks.md has no place for the table %q", table)
		}
	}
}
